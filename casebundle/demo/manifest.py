"""What the demo case consists of, as `case.json` says it: the seam between the generator and what loads it.

Dates are ISO 8601. Tokens of an audience are `everybody`, a party's slug, or `judge`. Page indexes count from 0.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class PartyRow:
    slug: str
    name: str
    kind: str
    """prosecution, defendant or court"""


@dataclass
class PersonRow:
    email: str
    name: str
    role: str
    """prosecution, defence, judge or clerk"""
    parties: list[str]
    language: str = "en"


@dataclass
class SectionRow:
    letter: str
    title: str
    audience: str | list[str] = "everybody"
    """'everybody' or a list of tokens"""


@dataclass
class DocumentRow:
    file: str
    section: str
    title: str
    date: str
    exhibit: str
    served_by: str
    visible_to: list[str] | None
    """None: whoever may see the section; else slugs of parties"""
    served_days_ago: int
    pages: int = 0
    language: str = "en"


@dataclass
class ReplyRow:
    by: str
    body: str


@dataclass
class HighlightRow:
    by: str
    document: str
    page: int
    quote: str
    """exact words on that page (a line break may stand where a space is)"""
    kind: str
    """highlight or note"""
    body: str
    audience: str
    """private, party, parties or everybody"""
    parties: list[str] = field(default_factory=list)
    replies: list[ReplyRow] = field(default_factory=list)


@dataclass
class TurnRow:
    document: str
    page: int
    minutes: float
    """from the start of the hearing"""
    presenter: str


@dataclass
class HearingRow:
    title: str
    date: str
    """with a time, e.g. 2026-05-18T10:30:00"""
    present: list[str]
    turns: list[TurnRow]


@dataclass
class Manifest:
    """A whole case. `root` is the folder that `file` names are relative to (not written)."""

    reference: str
    title: str
    court: str
    parties: list[PartyRow]
    people: list[PersonRow]
    sections: list[SectionRow]
    documents: list[DocumentRow]
    highlights: list[HighlightRow] = field(default_factory=list)
    hearing: HearingRow | None = None
    other_case: Manifest | None = None

    @property
    def pages(self) -> int:
        return sum(d.pages for d in self.documents)

    def document(self, file: str) -> DocumentRow:
        """The row of a file; KeyError if there is none."""
        for row in self.documents:
            if row.file == file:
                return row
        raise KeyError(file)

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read what `write` wrote; raises OSError, ValueError or TypeError if it is not that."""
        return cls.of(json.loads(path.read_text(encoding="utf-8")))

    @classmethod
    def of(cls, data: dict[str, Any]) -> Manifest:
        hearing = data.get("hearing")
        other = data.get("other_case")
        return cls(
            reference=data["reference"],
            title=data["title"],
            court=data["court"],
            parties=[PartyRow(**p) for p in data["parties"]],
            people=[PersonRow(**p) for p in data["people"]],
            sections=[SectionRow(**s) for s in data["sections"]],
            documents=[DocumentRow(**d) for d in data["documents"]],
            highlights=[
                HighlightRow(**{**h, "replies": [ReplyRow(**r) for r in h["replies"]]})
                for h in data["highlights"]
            ],
            hearing=HearingRow(**{**hearing, "turns": [TurnRow(**t) for t in hearing["turns"]]})
            if hearing
            else None,
            other_case=cls.of(other) if other else None,
        )
