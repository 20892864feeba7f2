"""The index of a bundle: sections with their documents, as one person may see them, in a constant number of queries."""

from __future__ import annotations

import datetime
import unicodedata
from dataclasses import dataclass, field
from uuid import UUID

from casebundle.cases.access import Viewer
from casebundle.cases.words import for_whom
from casebundle.journal.audience import PUBLIC

from .labels import Labels
from .models import Bundle, Document, Opened, Section
from .services import may_edit

NEW, UNREAD = "new", "unread"


@dataclass
class Row:
    """A document in the index."""

    document: Document
    first: str | None
    last: str | None
    pages: int
    new: bool
    unread: bool
    restricted: str  # "For Bates’s defence and the court", or ""
    frozen: bool
    own: bool  # may be named, restricted and withdrawn by this person
    moves: bool  # may be put in another place by this person

    @property
    def text(self) -> str:
        """What the filter looks into."""
        document = self.document
        by = document.served_by.user.name if document.served_by else ""
        return fold(
            f"{self.first or ''} {self.last or ''} {document.title} {document.exhibit} {document.date or ''} {by}"
        )


@dataclass
class Part:
    """A section in the index, with the rows that are shown."""

    section: Section
    restricted: str
    rows: list[Row] = field(default_factory=list)
    documents: int = 0
    pages: int = 0


@dataclass
class Index:
    """`every` section in order; `parts` are those that have something to show, `bare` those with nothing in them."""

    every: list[Part]
    parts: list[Part]
    bare: list[Part]
    documents: int = 0
    pages: int = 0
    new: int = 0
    unread: int = 0
    shown: int = 0
    any_frozen: bool = False
    all_frozen: bool = False


def fold(text: str) -> str:
    """Small letters without accents, so that "wyl" finds "Ŵyl"."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return plain.lower()


def index_of(
    viewer: Viewer,
    bundle: Bundle,
    *,
    within: Viewer | None = None,
    since: datetime.datetime | None = None,
    q: str = "",
    show: str = "",
) -> Index:
    """What `viewer` sees of a bundle. `within`: and this person sees too; `since`: when their last visit was;
    `q`: words that a row must have; `show`: only what is new, or only what is unread."""
    within = within or viewer
    parties = list(viewer.case.parties.all())
    said: dict[str, str] = {PUBLIC: ""}

    def restriction(stored: str) -> str:
        if stored not in said:
            said[stored] = for_whom(parties, stored)
        return said[stored]

    parts = {
        section.pk: Part(section, restriction(section.audience))
        for section in Section.objects.visible_to(viewer).visible_to(within).filter(bundle=bundle)
    }
    labels = Labels.of_bundle(bundle)
    seen: set[UUID] = set()
    if viewer.participant is not None:
        opened = Opened.objects.filter(participant=viewer.participant, document__section__bundle=bundle)
        seen = set(opened.values_list("version_id", flat=True))
    documents = (
        Document.objects.visible_to(viewer)
        .visible_to(within)
        .served()
        .filter(section__bundle=bundle)
        .select_related("current", "served_by__user")
        .defer("current__sizes", "current__warnings")
        .in_order()
    )
    words = fold(q).split()
    index = Index(list(parts.values()), [], [])
    numbers = viewer.may("number") if viewer.participant is not None else False
    index.all_frozen = True
    for document in documents:
        part = parts.get(document.section_id)
        if part is None:
            continue
        runs = labels.runs.get(str(document.pk), ())
        mine = viewer.participant is None or document.served_by_id == viewer.participant.pk
        own = viewer.participant is not None and may_edit(viewer, document)
        first, last = labels.span(document)
        row = Row(
            document=document,
            first=first,
            last=last,
            pages=document.current.pages if document.current else 0,
            new=bool(not mine and since and document.served_at and document.served_at > since),
            unread=not mine and document.current_id not in seen,
            restricted=restriction(document.audience) if document.visible_to != PUBLIC else "",
            frozen=any(run.frozen for run in runs),
            own=own,
            moves=own or numbers,
        )
        part.documents += 1
        part.pages += row.pages
        index.documents += 1
        index.pages += row.pages
        index.new += row.new
        index.unread += row.unread
        index.any_frozen |= row.frozen
        index.all_frozen &= bool(runs) and all(run.frozen for run in runs)
        wanted = (show != NEW or row.new) and (show != UNREAD or row.unread)
        if wanted and (not words or all(word in row.text for word in words)):
            part.rows.append(row)
            index.shown += 1
    index.all_frozen &= index.documents > 0
    index.parts = [part for part in parts.values() if part.rows]
    index.bare = [part for part in parts.values() if not part.documents]
    return index
