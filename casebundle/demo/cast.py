"""Who is in the demo case, its sections, its notes and its past hearing: everything of the manifest but the papers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from casebundle.demo import records, statements
from casebundle.demo.forms import Spec
from casebundle.demo.manifest import PartyRow, PersonRow, SectionRow

SHAH, OKAFOR, LLWYD = "priya.shah@cps.example", "daniel.okafor@chambers.example", "mari.llwyd@siambrau.example"
ADLER, PRICE, WEIR = "ruth.adler@judiciary.example", "tom.price@court.example", "sam.weir@solicitors.example"

PARTIES = [
    PartyRow("prosecution", "The prosecution", "prosecution"),
    PartyRow("bates", "Marcus Bates", "defendant"),
    PartyRow("doyle", "Ciaran Doyle", "defendant"),
    PartyRow("court", "The court", "court"),
]
CAST = [
    PersonRow(SHAH, "Priya Shah", "prosecution", ["prosecution"]),
    PersonRow(OKAFOR, "Daniel Okafor", "defence", ["bates"]),
    PersonRow(LLWYD, "Mari Llwyd", "defence", ["doyle"], "cy"),
    PersonRow(ADLER, "HHJ Ruth Adler", "judge", ["court"]),
    PersonRow(PRICE, "Tom Price", "clerk", ["court"]),
]
BOTH_SIDES = ["prosecution", "bates", "doyle"]
SECTIONS = [
    SectionRow("A", "Indictment"),
    SectionRow("B", "Case summary and opening"),
    SectionRow("C", "Basis of plea"),
    SectionRow("D", "Defence statements"),
    SectionRow("E", "Case management"),
    SectionRow("F", "Jury bundle"),
    SectionRow("I", "Witness statements"),
    SectionRow("J", "Exhibits"),
    SectionRow("K", "Transcripts"),
    SectionRow("L", "Custody and search records"),
    SectionRow("M", "Expert evidence"),
    SectionRow("N", "Previous convictions"),
    SectionRow("Q", "Applications"),
    SectionRow("R", "Correspondence"),
    SectionRow("T", "Sentence"),
    SectionRow("U", "Representation"),
    SectionRow("V", "Bail"),
    SectionRow("PDB", "Private: defence of Bates", ["bates"]),
    SectionRow("PDD", "Private: defence of Doyle", ["doyle"]),
    SectionRow("UND1", "Schedules of unused material", [*BOTH_SIDES, "court"]),
    SectionRow("UND2", "Disclosed unused material", BOTH_SIDES),
    SectionRow("CACD2", "Judges only", ["judge"]),
]

OTHER_REFERENCE, OTHER_TITLE = "T20267002", "R v Lockwood"
OTHER_PARTIES = [
    PartyRow("prosecution", "The prosecution", "prosecution"),
    PartyRow("lockwood", "Jade Lockwood", "defendant"),
    PartyRow("court", "The court", "court"),
]
OTHER_CAST = [
    PersonRow("hannah.brook@cps.example", "Hannah Brook", "prosecution", ["prosecution"]),
    PersonRow(WEIR, "Sam Weir", "defence", ["lockwood"]),
]
OTHER_SECTIONS = [SectionRow("A", "Indictment"), SectionRow("B", "Case summary"), SectionRow("I", "Witness statements")]


@dataclass(frozen=True)
class NoteSeed:
    by: str
    file: str
    quote: str
    kind: str
    body: str
    audience: str
    parties: tuple[str, ...] = ()
    replies: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class TurnSeed:
    """`quote` finds the page; none means the first."""

    file: str
    quote: str
    minutes: float
    presenter: str


HOBBS_1 = "MG11 HOBBS Leanne 20.11.2025.pdf"
RAMSDEN_1 = "mg11_ramsden_k_071125.pdf"
RAMSDEN_2 = "mg11_ramsden_k_2nd_021225.pdf"
NOTES = [
    NoteSeed(SHAH, HOBBS_1, "He smelt of burnt metal", "highlight", "Put beside the interview: 'asleep by eleven'.", "party"),
    NoteSeed(OKAFOR, RAMSDEN_2, "I was wrong about the day.", "note", "Cross-examine: how sure was he of Thursday in November?", "private"),
]
TURNS = [TurnSeed(RAMSDEN_1, "green bobble hat", 12, SHAH)]
HEARING = ("Pre-trial review", "2026-05-18T10:30:00")
PRESENT = [SHAH, OKAFOR, LLWYD, ADLER, PRICE]

# Seconds each takes, roughly, for those that take more than one: the longest are started first.
WEIGHTS: dict[str, float] = {}


@lru_cache(maxsize=1)
def all_specs() -> tuple[Spec, ...]:
    """Every document, in the order of the bundle's sections and within one in the order they are listed."""
    found: list[Spec] = [*statements.SPECS, *records.SPECS]
    order = {s.letter: n for n, s in enumerate(SECTIONS)}
    return tuple(sorted(found, key=lambda s: order.get(s.section, 99)))
