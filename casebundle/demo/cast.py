"""Who is in the demo case, its sections, its notes and its past hearing: everything of the manifest but the papers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from casebundle.demo import interviews, papers, plans, records, reports, statements, unused
from casebundle.demo.forms import Spec
from casebundle.demo.manifest import PartyRow, PersonRow, SectionRow

SHAH, OKAFOR, LLWYD = (
    "priya.shah@cps.example",
    "daniel.okafor@chambers.example",
    "mari.llwyd@siambrau.example",
)
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
OTHER_SECTIONS = [
    SectionRow("A", "Indictment"),
    SectionRow("B", "Case summary"),
    SectionRow("I", "Witness statements"),
]


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
HOBBS_2 = "MG11 HOBBS Leanne further 15.01.2026.pdf"
RAMSDEN_1 = "mg11_ramsden_k_071125.pdf"
RAMSDEN_2 = "mg11_ramsden_k_2nd_021225.pdf"
FEROZ_1 = "MG11 FEROZ Nadia 07.11.2025.pdf"
CUTLER = "MG11 PC 3307 CUTLER 26.11.2025.pdf"
LLYR_CY = "MG11C LLYR Sian 11.12.2025 Cymraeg.pdf"
ROTI_B, ROTI_D = interviews.BATES_FILE, interviews.DOYLE_FILE
SCHEDULE = "HM1 Schedule of telephone contact v3 FINAL.pdf"
DELIVERIES = "NF4_delivery_notes_2023.pdf"
CELLS = "MT-1 Cell Site Report Dr Tring 02.02.2026 v2.pdf"
GLASS = "HALE J - Glass IS3 v PW3.pdf"
EXTRACT_D = "RD-2 iPhone 13 extraction.pdf"
JURY = "Jury Bundle DRAFT 4.pdf"
INDICTMENT = "INDICTMENT - BATES & DOYLE (signed).pdf"

# The words of every note are on a page of its document: the generator looks them up and says so if they are not.
NOTES = [
    NoteSeed(
        SHAH,
        HOBBS_1,
        "He smelt of burnt metal",
        "highlight",
        "Put beside the interview: 'I was asleep by eleven.'",
        "party",
    ),
    NoteSeed(
        SHAH,
        ROTI_B,
        "I've never set foot on Calder Lane in my life.",
        "highlight",
        "NF/4: eleven delivery notes in his own hand. Read both to the jury.",
        "everybody",
        replies=(
            (
                OKAFOR,
                "He accepts the deliveries in his defence statement: he had forgotten. 140 drops a day.",
            ),
            (SHAH, "And the cup of tea?"),
        ),
    ),
    NoteSeed(
        OKAFOR,
        RAMSDEN_2,
        "I was wrong about the day.",
        "note",
        "Cross-examine gently: how sure was he of the Thursday in November?",
        "private",
    ),
    NoteSeed(
        OKAFOR,
        RAMSDEN_1,
        "I had them in view for about half a minute",
        "note",
        "Turnbull: fifteen metres, a torch, a lamp, half a minute. Compare the log KR/1.",
        "party",
    ),
    NoteSeed(
        OKAFOR,
        GLASS,
        "Six of the seven cannot be told apart from PW/3.",
        "highlight",
        "Parcels. Ask about the seventh first.",
        "private",
    ),
    NoteSeed(
        LLWYD,
        LLYR_CY,
        "fod ei daid yn ŵr o chwaeth",
        "note",
        "Cyfieithiad cywir? 'a man of taste'. Gofyn i Rhian Pryce.",
        "private",
    ),
    NoteSeed(
        LLWYD,
        EXTRACT_D,
        "End of month you do a job or your sister has a fall",
        "highlight",
        "Gorfodaeth: dyma'r bygythiad. / Duress: this is the threat.",
        "parties",
        parties=("doyle", "prosecution"),
        replies=((SHAH, "Agreed that it was received. Not agreed that it was believed."),),
    ),
    NoteSeed(
        LLWYD, CUTLER, "kill the line first, 35 mins in & out", "note", "Pwy yw M? Gweler PDD.", "party"
    ),
    NoteSeed(
        ADLER,
        SCHEDULE,
        "02:14:27",
        "note",
        "The eight-second call. Direct the jury: nobody knows what was said.",
        "private",
    ),
    NoteSeed(PRICE, JURY, "Tab 4. Sequence of events", "note", "Twelve paper copies and two spare.", "party"),
    NoteSeed(
        SHAH,
        ROTI_D,
        "I was moving my sister's furniture.",
        "highlight",
        "Aoife Doyle: 'I never moved any furniture in November.'",
        "everybody",
        replies=((LLWYD, "Conceded in the defence statement."),),
    ),
    NoteSeed(
        SHAH,
        FEROZ_1,
        "the rest is just a noise in an empty room",
        "highlight",
        "Ties to the notebook JC/1.",
        "parties",
        parties=("prosecution", "court"),
    ),
]

# What was shown at the pre-trial review, and by whom.
TURNS = [
    TurnSeed(INDICTMENT, "COUNT 1", 2, PRICE),
    TurnSeed(RAMSDEN_1, "the one in the green bobble hat again", 9, OKAFOR),
    TurnSeed(RAMSDEN_2, "I was wrong about the day.", 11.5, OKAFOR),
    TurnSeed(HOBBS_2, "I would like to give my evidence from behind a screen.", 18, SHAH),
    TurnSeed(SCHEDULE, "02:14:27", 26, SHAH),
    TurnSeed(CELLS, "Map 5. Friday 7 November 2025", 28, SHAH),
    TurnSeed(EXTRACT_D, "Leave her out of it", 37, LLWYD),
    TurnSeed(JURY, "Tab 4. Sequence of events", 48, SHAH),
    TurnSeed(JURY, "Tab 3. Map of the places", 51, ADLER),
]
HEARING = ("Pre-trial review", "2026-05-18T10:30:00")
PRESENT = [SHAH, OKAFOR, LLWYD, ADLER, PRICE]

# Seconds each takes, roughly, for those that take more than one: the longest are started first.
WEIGHTS: dict[str, float] = {
    "PW_1 Photo Album.pdf": 9,
    "AH2 CCTV timeline and stills.pdf": 7,
    "JC1 red notebook - scan 300dpi.pdf": 4,
    DELIVERIES: 3,
    "RAMSDEN original h-written MG11 071125 (scan).pdf": 2,
    "SCAN0041.pdf": 3,
    "HM-2_CDR_07700900142_Aug-Nov25.pdf": 3,
    "HM-4_CDR_07700900388_Aug-Nov25.pdf": 3,
    "RD-1 Samsung SM-A155 extraction.pdf": 2,
    EXTRACT_D: 2,
    "LB2 LCC camera log.pdf": 2,
    ROTI_B: 2,
}


@lru_cache(maxsize=1)
def all_specs() -> tuple[Spec, ...]:
    """Every document, in the order of the bundle's sections and within one in the order they are listed."""
    found: list[Spec] = [
        *papers.SPECS,
        *unused.SPECS,
        *statements.SPECS,
        *records.SPECS,
        *plans.SPECS,
        *interviews.SPECS,
        *reports.SPECS,
    ]
    order = {s.letter: n for n, s in enumerate(SECTIONS)}
    return tuple(sorted(found, key=lambda s: order.get(s.section, 99)))
