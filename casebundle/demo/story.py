"""What happened in R v Bates and Doyle: the facts that every document of the demo bundle is written from.

Nobody here exists. Telephone numbers are from the ranges Ofcom keeps for drama; postcodes end in letters that
the Royal Mail does not use; the registrations were made up.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

SEED = 2026

REFERENCE = "T20267001"
URN = "13DD0123426"
COURT = "Crown Court at Leeds"
TITLE = "R v Bates and Doyle"

# -- telephones ---------------------------------------------------------------------------------------------
BATES = "07700 900142"
BURNER = "07700 900617"
DOYLE = "07700 900388"
THIRD = "07700 900905"
HOBBS = "07700 900233"
AOIFE = "07700 900451"
RAMSDEN = "07700 900776"
FEROZ = "07700 900268"
OFFICE = "0113 496 0170"
ARC = "0113 496 0412"
VANHIRE = "0113 496 0583"
WHARFE = "0113 496 0344"
PAWN = "01632 960318"
HOBBS_WORK = "0113 496 0722"
KEBAB = "0113 496 0857"

NAMED = {
    BATES: "Bates (contract)",
    BURNER: "the 617 phone",
    DOYLE: "Doyle",
    THIRD: "'Daz' (unidentified)",
    HOBBS: "Leanne Hobbs",
    AOIFE: "Aoife Doyle",
    RAMSDEN: "Keith Ramsden",
    FEROZ: "Nadia Feroz",
    OFFICE: "Harland & Pike Ltd",
    ARC: "Northgate Alarm Receiving Centre",
    VANHIRE: "Kirk Van Hire",
    WHARFE: "Wharfe Alarm Services Ltd",
    PAWN: "Tŷ Aur, Caernarfon",
    HOBBS_WORK: "Beeston Dental Practice",
    KEBAB: "Burley Road Kebab House",
}

# -- vehicles -----------------------------------------------------------------------------------------------
PLATE = "YJ68 KHV"  # on the van that night; belongs to Alan Thackray's van
VAN = "YK19 VTF"  # what the van is, hired by Doyle
GOLF = "YD17 XNB"  # Bates
AUDI = "MX20 LWE"  # Doyle

UNIT = "Unit 7, Calder Lane Trade Park, Leeds LS10 3CK"
LOCKUP = "Unit 12, Wellbeck Yard, Armley, Leeds LS12 2MV"
BATES_HOME = "14 Cragside Terrace, Beeston, Leeds LS11 7CK"
DOYLE_HOME = "5 Fenton Row, Burley, Leeds LS4 2KM"
LOSS = "£486,350"
WATCHES_TAKEN = 214


@dataclass(frozen=True)
class Person:
    """Somebody in the case. `rank` is a police rank and number; `job` is what a statement's box says."""

    key: str
    name: str
    job: str
    rank: str = ""

    @property
    def formal(self) -> str:
        return f"{self.rank} {self.name}".strip()

    @property
    def surname(self) -> str:
        return self.name.split()[-1]


PEOPLE = {
    p.key: p
    for p in [
        Person("feroz", "Nadia Feroz", "Operations manager"),
        Person("ramsden", "Keith Ramsden", "Security officer"),
        Person("pike", "Graham Pike", "Company director"),
        Person("hobbs", "Leanne Hobbs", "Dental receptionist"),
        Person("aoife", "Aoife Doyle", "Teaching assistant"),
        Person("thackray", "Alan Thackray", "Plumber"),
        Person("kirk", "Gordon Kirk", "Proprietor, van hire"),
        Person("arc", "Yvonne Castle", "Alarm centre operator"),
        Person("wharfe", "Peter Lomax", "Service manager, alarm company"),
        Person("llyr", "Siân Llŷr", "Gemydd a gwystlwr (jeweller and pawnbroker)"),
        Person("rowlands", "Eifion Rowlands", "Gyrrwr lori (lorry driver)"),
        Person("yard", "Derek Oldroyd", "Yard manager"),
        Person("council", "Louise Bramall", "CCTV operations officer"),
        Person("holroyd", "Amy Holroyd", "Police officer", "PC 4471"),
        Person("sadiq", "Imran Sadiq", "Police officer", "PC 5120"),
        Person("cutler", "Joanne Cutler", "Police officer", "PC 3307"),
        Person("nkemelu", "Rachel Nkemelu", "Police officer", "DC 2986"),
        Person("arkwright", "Stephen Arkwright", "Police officer", "DC 1745"),
        Person("whitworth", "Paul Whitworth", "Crime scene investigator", "CSI 8112"),
        Person("marchbank", "Helen Marchbank", "Communications data analyst"),
        Person("stott", "Deborah Stott", "ANPR researcher"),
        Person("patel", "Meera Patel", "Financial investigator"),
        Person("brandreth", "Colin Brandreth", "Exhibits officer"),
        Person("vance", "Dr Alison Vance", "Forensic scientist (footwear and toolmarks)"),
        Person("osei", "Dr Kwame Osei", "Forensic scientist (DNA)"),
        Person("hale", "Judith Hale", "Forensic scientist (glass)"),
        Person("tring", "Dr Mark Tring", "Cell site expert"),
        Person("moss", "Edwina Moss", "Watch and jewellery valuer"),
        Person("deakin", "Robert Deakin", "Digital forensic examiner"),
        Person("pryce", "Rhian Pryce", "Translator"),
    ]
}


@dataclass(frozen=True)
class Exhibit:
    """`by` is a key of PEOPLE: who produces it."""

    ref: str
    what: str
    by: str
    found: str = ""


EXHIBITS = {
    e.ref: e
    for e in [
        Exhibit("NF/1", "Schedule of stock missing after the burglary", "feroz"),
        Exhibit("NF/2", "Floor plan of Unit 7", "feroz"),
        Exhibit("NF/3", "Access control and alarm log, Unit 7, 31 October to 7 November 2025", "feroz"),
        Exhibit("NF/4", "Eleven delivery notes signed 'M Bates', February to May 2023", "feroz"),
        Exhibit("KR/1", "Security officer's log, 6 to 7 November 2025", "ramsden"),
        Exhibit("AH/1", "CCTV, Unit 7, cameras 1 to 6", "holroyd"),
        Exhibit("AH/2", "CCTV timeline and stills from AH/1", "holroyd"),
        Exhibit("LB/1", "CCTV, Hunslet Road and Armley Gyratory, council cameras", "council"),
        Exhibit("LB/2", "Stills and camera log from LB/1", "council"),
        Exhibit("YC/1", "Alarm signal history, account 40712", "arc"),
        Exhibit("GK/1", "Van hire agreement 20418", "kirk"),
        Exhibit("GK/2", "Vehicle tracker report, YK19 VTF", "kirk"),
        Exhibit("SL/1", "Purchase register and receipt 1187, Tŷ Aur, 10 November 2025", "llyr"),
        Exhibit("SL/2", "Three watches bought on 10 November 2025", "llyr"),
        Exhibit("PW/1", "Album of photographs", "whitworth", UNIT),
        Exhibit("PW/2", "Gelatine lift of footwear mark, office floor", "whitworth", UNIT),
        Exhibit("PW/3", "Control sample of glass, office door", "whitworth", UNIT),
        Exhibit("PW/4", "Cut edge of roller door slat", "whitworth", UNIT),
        Exhibit("PW/5", "Grey work glove, right hand", "whitworth", UNIT),
        Exhibit("PW/6", "Cutting disc, worn, 125 mm", "whitworth", UNIT),
        Exhibit("IS/1", "Pair of Kestrel Vanta trainers, size 9", "sadiq", BATES_HOME),
        Exhibit("IS/2", "Top-up receipt, £10, 1 October 2025", "sadiq", BATES_HOME),
        Exhibit("IS/3", "Navy hooded jumper", "sadiq", BATES_HOME),
        Exhibit("IS/4", "Cash, £2,140", "sadiq", BATES_HOME),
        Exhibit("RN/1", "Samsung mobile telephone", "nkemelu", BATES_HOME),
        Exhibit("RN/2", "Record of interview, Marcus Bates, 18 November 2025", "nkemelu"),
        Exhibit("RN/3", "Record of interview, Ciaran Doyle, 26 November 2025", "nkemelu"),
        Exhibit("RN/4", "Record of further interview, Marcus Bates, 9 January 2026", "nkemelu"),
        Exhibit("JC/1", "Red spiral notebook", "cutler", LOCKUP),
        Exhibit("JC/2", "Fourteen wrist watches in a holdall", "cutler", LOCKUP),
        Exhibit("JC/3", "Angle grinder, 125 mm", "cutler", LOCKUP),
        Exhibit("JC/4", "Cash, £11,200, in a biscuit tin", "cutler", LOCKUP),
        Exhibit("JC/5", "Pair of number plates, YJ68 KHV", "cutler", LOCKUP),
        Exhibit("JC/6", "iPhone", "cutler", DOYLE_HOME),
        Exhibit("HM/1", "Schedule of telephone contact", "marchbank"),
        Exhibit("HM/2", f"Call data, {BATES}", "marchbank"),
        Exhibit("HM/3", f"Call data, {BURNER}", "marchbank"),
        Exhibit("HM/4", f"Call data, {DOYLE}", "marchbank"),
        Exhibit("HM/5", f"Call data, {THIRD}", "marchbank"),
        Exhibit("HM/6", f"Call data, {HOBBS}", "marchbank"),
        Exhibit("DS/1", "ANPR log", "stott"),
        Exhibit("MP/1", "Bank statements, Marcus Bates", "patel"),
        Exhibit("MP/2", "Bank statements, Ciaran Doyle", "patel"),
        Exhibit("RD/1", "Extraction report, Samsung telephone RN/1", "deakin"),
        Exhibit("RD/2", "Extraction report, iPhone JC/6", "deakin"),
        Exhibit("MT/1", "Cell site report and maps", "tring"),
    ]
}

# -- places: kilometres east and north of City Square, on a map of our own -------------------------------------
PLACES: dict[str, tuple[float, float]] = {
    "Unit 7, Calder Lane": (1.75, -2.55),
    "14 Cragside Terrace": (-1.15, -2.75),
    "5 Fenton Row": (-2.55, 1.55),
    "Unit 12, Wellbeck Yard": (-2.35, 0.10),
    "Kirk Van Hire": (-0.65, -1.05),
}


@dataclass(frozen=True)
class Cell:
    """A mast sector: `azimuth` in degrees from north, `reach` in km."""

    code: str
    site: str
    x: float
    y: float
    azimuth: int
    reach: float = 1.1


CELLS = {
    c.code: c
    for c in [
        Cell("LDS-0417-2", "Kirkstall Road", -1.90, 0.85, 300),
        Cell("LDS-0417-3", "Kirkstall Road", -1.90, 0.85, 60),
        Cell("LDS-0422-1", "Burley Lodge", -2.30, 1.35, 320, 0.9),
        Cell("LDS-0422-2", "Burley Lodge", -2.30, 1.35, 80, 0.9),
        Cell("LDS-0431-1", "Armley Mills", -2.20, 0.40, 215, 0.9),
        Cell("LDS-0431-3", "Armley Mills", -2.20, 0.40, 95, 0.9),
        Cell("LDS-0508-1", "Calder Lane", 1.40, -2.20, 135, 0.9),
        Cell("LDS-0508-3", "Calder Lane", 1.40, -2.20, 15, 0.9),
        Cell("LDS-0511-2", "Hunslet Green", 0.95, -1.85, 150),
        Cell("LDS-0511-1", "Hunslet Green", 0.95, -1.85, 350),
        Cell("LDS-0602-2", "Beeston Hill", -0.85, -2.35, 220, 0.9),
        Cell("LDS-0602-1", "Beeston Hill", -0.85, -2.35, 30, 0.9),
        Cell("LDS-0610-3", "Cross Flatts", -1.40, -3.20, 40, 0.9),
        Cell("LDS-0105-1", "City Square", 0.00, 0.00, 0, 0.7),
        Cell("LDS-0105-2", "City Square", 0.00, 0.00, 120, 0.7),
        Cell("LDS-0112-1", "Briggate", 0.45, 0.25, 60, 0.6),
        Cell("LDS-0207-2", "Holbeck", -0.45, -0.80, 190, 0.8),
        Cell("LDS-0207-3", "Holbeck", -0.45, -0.80, 310, 0.8),
        Cell("LDS-0315-1", "Quarry Hill", 0.95, 0.45, 90, 0.8),
        Cell("LDS-0720-2", "Stourton", 2.55, -3.10, 330),
        Cell("GWY-0044-1", "Caernarfon Maes", 0, 0, 200),
        Cell("GWY-0044-2", "Caernarfon Maes", 0, 0, 320),
        Cell("CNY-0190-3", "Llandudno Junction", 0, 0, 90),
        Cell("MAN-2204-1", "Milnrow M62", 0, 0, 250),
        Cell("WYK-0877-2", "Morley M62", -3.5, -5.0, 120),
    ]
}


@dataclass(frozen=True)
class Event:
    """One call, text or data session as the network recorded it: `cell` is where `a` was, `cell_b` where `b` was
    (empty where `b` is not a mobile whose record was asked for)."""

    at: datetime
    kind: str
    a: str
    b: str
    seconds: int
    cell: str
    cell_b: str = ""


def when(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")


K1, K2 = "LDS-0417-2", "LDS-0431-1"
CAL, HUN, BEE, BUR = "LDS-0508-1", "LDS-0511-2", "LDS-0602-2", "LDS-0422-1"

# The calls that the case is about. Everything that speaks of one takes it from here.
KEY_EVENTS = {
    "first": Event(when("2025-10-01 16:42:10"), "Voice", BURNER, DOYLE, 96, BEE, BUR),
    "oven": Event(when("2025-10-19 18:05:22"), "Voice", BURNER, HOBBS, 34, K1, BEE),
    "recce": Event(when("2025-10-28 21:17:40"), "Voice", BURNER, DOYLE, 141, CAL, HUN),
    "van": Event(when("2025-11-04 10:12:33"), "Voice", BURNER, VANHIRE, 187, "LDS-0207-2"),
    "eve1": Event(when("2025-11-06 22:46:05"), "Voice", DOYLE, BURNER, 42, BUR, BEE),
    "eve2": Event(when("2025-11-06 23:31:18"), "Voice", BURNER, THIRD, 73, K2, "LDS-0315-1"),
    "near": Event(when("2025-11-07 01:52:09"), "Voice", DOYLE, BURNER, 19, HUN, CAL),
    "eight": Event(when("2025-11-07 02:14:27"), "Voice", BURNER, DOYLE, 8, CAL, CAL),
    "out": Event(when("2025-11-07 02:48:51"), "Voice", DOYLE, BURNER, 11, CAL, CAL),
    "after": Event(when("2025-11-07 03:26:14"), "Voice", BURNER, THIRD, 124, K2, "LDS-0315-1"),
    "last": Event(when("2025-11-07 04:02:30"), "SMS", DOYLE, BURNER, 0, BUR, BEE),
    "pawn": Event(when("2025-11-10 10:58:47"), "Voice", BATES, PAWN, 52, "GWY-0044-1"),
    "end": Event(when("2025-11-08 09:15:02"), "Voice", BURNER, DOYLE, 27, BEE, BUR),
}
# What the texts said: from the extraction of Doyle's iPhone (RD/2).
TEXTS = {
    "last": "All in. Tin is in the yard. Bin yours",
}

# Other contact between the 617 telephone and the two it speaks to: (minutes, who starts, seconds) by day
MINOR = [
    ("2025-10-03 12:20:11", BURNER, DOYLE, 58),
    ("2025-10-06 19:02:40", DOYLE, BURNER, 33),
    ("2025-10-08 20:45:09", BURNER, THIRD, 75),
    ("2025-10-10 17:31:55", DOYLE, BURNER, 12),
    ("2025-10-13 13:08:27", BURNER, DOYLE, 201),
    ("2025-10-15 21:50:03", THIRD, BURNER, 47),
    ("2025-10-17 11:11:36", BURNER, DOYLE, 29),
    ("2025-10-21 22:14:50", DOYLE, BURNER, 88),
    ("2025-10-22 18:37:12", BURNER, THIRD, 41),
    ("2025-10-24 16:05:44", BURNER, DOYLE, 66),
    ("2025-10-26 20:29:31", DOYLE, BURNER, 115),
    ("2025-10-28 20:41:02", BURNER, THIRD, 52),
    ("2025-10-29 09:57:19", DOYLE, BURNER, 24),
    ("2025-10-31 23:03:48", BURNER, DOYLE, 38),
    ("2025-11-02 15:46:20", BURNER, DOYLE, 172),
    ("2025-11-03 19:18:06", DOYLE, BURNER, 90),
    ("2025-11-04 10:21:15", BURNER, DOYLE, 49),
    ("2025-11-04 17:40:57", DOYLE, BURNER, 31),
    ("2025-11-05 21:33:29", BURNER, THIRD, 83),
    ("2025-11-06 13:12:44", BURNER, DOYLE, 57),
    ("2025-11-06 19:58:02", DOYLE, BURNER, 26),
    ("2025-11-07 11:40:33", THIRD, BURNER, 64),
]


def phone_text(number: str) -> str:
    """A number with what the case calls it."""
    return f"{number} ({NAMED[number]})" if number in NAMED else number


# -- ANPR: the readings that the case is about ------------------------------------------------------------------
@dataclass(frozen=True)
class Read:
    at: datetime
    plate: str
    camera: str
    direction: str


CAMERAS = {
    "HUN1": "Hunslet Road, inbound",
    "HUN2": "Hunslet Road, outbound",
    "ARM1": "Armley Gyratory, westbound",
    "ARM2": "Armley Gyratory, eastbound",
    "KIR1": "Kirkstall Road, outbound",
    "KIR2": "Kirkstall Road, inbound",
    "BEE1": "Dewsbury Road, inbound",
    "BEE2": "Dewsbury Road, outbound",
    "M621A": "M621 J2, clockwise",
    "M621B": "M621 J2, anticlockwise",
    "M62W": "M62 J26, westbound",
    "M62E": "M62 J26, eastbound",
    "A55W": "A55 J19 Llandudno Junction, westbound",
    "A55E": "A55 J19 Llandudno Junction, eastbound",
    "A487": "A487 Caernarfon, southbound",
    "A487N": "A487 Caernarfon, northbound",
}
KEY_READS = [
    Read(when("2025-10-28 20:58:13"), GOLF, "HUN2", "outbound"),
    Read(when("2025-10-28 21:44:50"), GOLF, "HUN1", "inbound"),
    Read(when("2025-11-04 11:06:31"), VAN, "ARM1", "westbound"),
    Read(when("2025-11-06 23:44:08"), PLATE, "ARM2", "eastbound"),
    Read(when("2025-11-07 01:47:26"), PLATE, "HUN2", "outbound"),
    Read(when("2025-11-07 02:58:39"), PLATE, "HUN1", "inbound"),
    Read(when("2025-11-07 03:09:17"), PLATE, "ARM1", "westbound"),
    Read(when("2025-11-10 08:14:22"), GOLF, "M62W", "westbound"),
    Read(when("2025-11-10 10:21:05"), GOLF, "A55W", "westbound"),
    Read(when("2025-11-10 10:52:40"), GOLF, "A487", "southbound"),
    Read(when("2025-11-10 12:11:57"), GOLF, "A487N", "northbound"),
    Read(when("2025-11-10 12:44:31"), GOLF, "A55E", "eastbound"),
    Read(when("2025-11-10 15:02:18"), GOLF, "M62E", "eastbound"),
    Read(when("2025-11-10 16:35:09"), VAN, "ARM2", "eastbound"),
]

# -- the night, minute by minute (CCTV clock of Unit 7 is correct; checked by PC Holroyd) -----------------------
TIMELINE = [
    ("22:46:05", "Call from Doyle 07700 900388 to 07700 900617, 42 seconds", "HM/1"),
    ("23:31:18", "Call from 07700 900617 to 07700 900905, 73 seconds; cell Armley Mills", "HM/1"),
    ("23:40:02", "Last use of Bates's contract telephone 07700 900142 that night; cell Beeston Hill", "HM/2"),
    ("23:44:08", "Van displaying YJ68 KHV, Armley Gyratory, eastbound", "DS/1"),
    ("01:30:00", "Keith Ramsden completes patrol of Units 1 to 9; all secure", "KR/1"),
    ("01:47:26", "Van displaying YJ68 KHV, Hunslet Road, outbound", "DS/1"),
    (
        "01:52:09",
        "Call from 07700 900388 to 07700 900617, 19 seconds; cells Hunslet Green and Calder Lane",
        "HM/1",
    ),
    ("02:06:40", "Camera 2: two people on foot cross the yard; one wears a hat with a pompom", "AH/2"),
    ("02:11:33", "Alarm line of Unit 7 fails; line fault received by Northgate", "YC/1"),
    ("02:14:27", "Call from 07700 900617 to 07700 900388, 8 seconds; both on cell Calder Lane", "HM/1"),
    ("02:17:05", "Camera 3: sparks at the roller door", "AH/2"),
    ("02:24:48", "Camera 3: lower three slats out; a person enters on hands and knees", "AH/2"),
    ("02:27:10", "Office door glass broken", "NF/3"),
    ("02:31:52", "Camera 5: cutting at the wall of the secure room", "AH/2"),
    ("02:44:16", "Camera 4: first of eleven holdalls carried out", "AH/2"),
    ("02:48:51", "Call from 07700 900388 to 07700 900617, 11 seconds; both on cell Calder Lane", "HM/1"),
    ("02:53:20", "Camera 1: white Ford Transit leaves by the south gate, no lights", "AH/2"),
    ("02:58:39", "Van displaying YJ68 KHV, Hunslet Road, inbound", "DS/1"),
    ("03:09:17", "Van displaying YJ68 KHV, Armley Gyratory, westbound", "DS/1"),
    ("03:26:14", "Call from 07700 900617 to 07700 900905, 124 seconds; cell Armley Mills", "HM/1"),
    ("04:02:30", "Text from 07700 900388 to 07700 900617: 'All in. Tin is in the yard. Bin yours'", "RD/2"),
    ("05:55:00", "Keith Ramsden finds the roller door of Unit 7 cut", "KR/1"),
    ("06:02:41", "999 call by Keith Ramsden", "KR/1"),
]

MAKERS = [
    "Aldous & Rhee",
    "Corvane",
    "Helmsley",
    "Marchetti Vela",
    "Oriel",
    "Pennard",
    "Strand",
    "Tavistock Marine",
    "Vireo",
]
MODELS = [
    "Classic 36",
    "Chronograph",
    "Diver 300",
    "Dress",
    "GMT",
    "Moonphase",
    "Pilot",
    "Regatta",
    "Small Seconds",
    "Tonneau",
]


@dataclass(frozen=True)
class Item:
    """A piece of stock: pounds at trade price."""

    line: int
    stock: str
    what: str
    serial: str
    value: int
    found: str = ""


FOUND_LLYR = (17, 58, 133)
FOUND_LOCKUP = (4, 9, 23, 31, 46, 77, 85, 102, 118, 126, 151, 168, 190, 207)


@lru_cache(maxsize=2)
def stock(seed: int) -> tuple[Item, ...]:
    """The 214 watches and 38 trays; their values add up to LOSS."""
    rnd = random.Random(f"stock {seed}")
    items = []
    for n in range(1, WATCHES_TAKEN + 1):
        found = "SL/2" if n in FOUND_LLYR else "JC/2" if n in FOUND_LOCKUP else ""
        what = f"{rnd.choice(MAKERS)} {rnd.choice(MODELS)}, {rnd.choice(['steel', 'steel and gold', '18 ct gold', 'titanium', 'rose gold'])}"
        serial = f"{rnd.choice('ABCDEHKMPRTVX')}{rnd.randint(100000, 999999)}"
        items.append(Item(n, f"HP-{20000 + n * 7}", what, serial, rnd.randrange(640, 2600, 5), found))
    for n in range(1, 39):
        what = rnd.choice(
            [
                "Tray of 18 ct gold rings (24)",
                "Tray of diamond studs (36 pairs)",
                "Tray of silver bangles (30)",
                "Tray of gold chains (20)",
                "Tray of pendants, mixed stones (28)",
                "Tray of wedding bands (40)",
            ]
        )
        items.append(Item(WATCHES_TAKEN + n, f"HP-T{300 + n}", what, "-", rnd.randrange(1800, 5200, 10)))
    short = 486_350 - sum(i.value for i in items)
    step, rest = divmod(abs(short), len(items))
    sign = 1 if short >= 0 else -1
    return tuple(
        Item(i.line, i.stock, i.what, i.serial, i.value + sign * (step + (1 if k < rest else 0)), i.found)
        for k, i in enumerate(items)
    )


CELL_HABITS = {
    BATES: ["LDS-0602-2", "LDS-0602-1", "LDS-0610-3", "LDS-0105-2", "LDS-0207-2", "LDS-0511-1", "LDS-0720-2"],
    DOYLE: [
        "LDS-0422-1",
        "LDS-0422-2",
        "LDS-0417-2",
        "LDS-0417-3",
        "LDS-0431-3",
        "LDS-0105-1",
        "LDS-0112-1",
        "LDS-0315-1",
    ],
    HOBBS: ["LDS-0602-2", "LDS-0602-1", "LDS-0610-3", "LDS-0105-1", "LDS-0112-1"],
    BURNER: ["LDS-0602-2", "LDS-0602-1", "LDS-0431-1"],
    THIRD: ["LDS-0315-1", "LDS-0112-1", "LDS-0511-1"],
}


def _number(rnd: random.Random) -> str:
    kind = rnd.random()
    if kind < 0.62:
        n = rnd.randint(0, 999)
        number = f"07700 900{n:03d}"
        return number if number not in NAMED else "07700 900999"
    if kind < 0.84:
        number = f"0113 496 0{rnd.randint(100, 999)}"
        return number if number not in NAMED else "0113 496 0999"
    if kind < 0.93:
        return f"020 7946 0{rnd.randint(100, 999)}"
    return f"03069 990{rnd.randint(100, 999)}"


@lru_cache(maxsize=2)
def events(seed: int) -> tuple[Event, ...]:
    """Every call, text and data session of the five telephones, in order of time.

    The ordinary traffic is random; the contract telephone of Bates lies still on the night, as the case has it.
    """
    rnd = random.Random(f"events {seed}")
    out: list[Event] = list(KEY_EVENTS.values())
    for at, a, b, seconds in MINOR:
        out.append(
            Event(
                when(at),
                "Voice",
                a,
                b,
                seconds,
                rnd.choice(CELL_HABITS[a][:3]),
                rnd.choice(CELL_HABITS[b][:3]),
            )
        )
    quiet_from, quiet_to = when("2025-11-06 23:40:02"), when("2025-11-07 07:12:48")
    friends = {n: [_number(rnd) for _ in range(26)] for n in (BATES, DOYLE, HOBBS)}
    spans = {
        BATES: ("2025-08-04", "2025-11-18", 33),
        DOYLE: ("2025-08-04", "2025-11-25", 31),
        HOBBS: ("2025-10-01", "2025-11-18", 24),
    }
    mutual = {BATES: [HOBBS, HOBBS, DOYLE], DOYLE: [AOIFE, WHARFE, BATES], HOBBS: [BATES, HOBBS_WORK, BATES]}
    for owner, (begin, end, rate) in spans.items():
        day, last = datetime.fromisoformat(begin), datetime.fromisoformat(end)
        while day < last:
            cell = rnd.choice(CELL_HABITS[owner])
            for _ in range(max(6, int(rnd.gauss(rate, 6)))):
                hour = min(23, max(0, int(rnd.triangular(6, 24, 17))))
                at = day + timedelta(hours=hour, minutes=rnd.randint(0, 59), seconds=rnd.randint(0, 59))
                if owner in (BATES, HOBBS) and quiet_from <= at <= quiet_to:
                    continue
                if owner == DOYLE and when("2025-11-06 23:00:00") <= at <= when("2025-11-07 09:00:00"):
                    continue
                if owner == BATES and when("2025-11-10 07:30:00") <= at <= when("2025-11-10 16:00:00"):
                    continue
                if rnd.random() < 0.45:
                    cell = rnd.choice(CELL_HABITS[owner])
                roll = rnd.random()
                if roll < 0.40:
                    out.append(Event(at, "Data", owner, "internet", rnd.randint(20, 3600), cell))
                    continue
                other = rnd.choice(mutual[owner]) if rnd.random() < 0.16 else rnd.choice(friends[owner])
                if {owner, other} == {BATES, DOYLE} and at > datetime(2025, 10, 1, 16):
                    # the two stop speaking on their own telephones once the 617 telephone is in use
                    continue
                kind = "SMS" if roll < 0.66 else "Voice"
                seconds = 0 if kind == "SMS" else max(3, int(rnd.expovariate(1 / 110)))
                there = rnd.choice(CELL_HABITS[other]) if other in CELL_HABITS else ""
                if rnd.random() < 0.52 or other not in CELL_HABITS and rnd.random() < 0.2:
                    out.append(Event(at, kind, owner, other, seconds, cell, there))
                else:
                    out.append(Event(at, kind, other, owner, seconds, there, cell))
            # a telephone left on speaks to the network by itself at night; not on the night of the case
            if not (owner in (BATES, DOYLE) and day == datetime(2025, 11, 7)):
                home = CELL_HABITS[owner][0]
                for hour in (1, 3, 5):
                    at = day + timedelta(hours=hour, minutes=rnd.randint(0, 59), seconds=rnd.randint(0, 59))
                    out.append(Event(at, "Data", owner, "internet", rnd.randint(4, 90), home))
            day += timedelta(days=1)
    out += [
        Event(when("2025-11-06 20:15:36"), "Voice", DOYLE, KEBAB, 71, BUR),
        Event(when("2025-11-06 23:40:02"), "SMS", BATES, HOBBS, 0, BEE, BEE),
        Event(when("2025-11-07 07:12:48"), "Voice", HOBBS, BATES, 64, BEE, BEE),
        Event(when("2025-11-10 08:20:41"), "Data", BATES, "internet", 1240, "MAN-2204-1"),
        Event(when("2025-11-10 10:22:10"), "Data", BATES, "internet", 410, "CNY-0190-3"),
        Event(when("2025-11-10 11:49:36"), "SMS", BATES, HOBBS, 0, "GWY-0044-2", BEE),
        Event(when("2025-11-10 12:03:15"), "Voice", HOBBS, BATES, 118, BEE, "GWY-0044-1"),
        Event(when("2025-11-10 14:58:20"), "Data", BATES, "internet", 300, "WYK-0877-2"),
        # calls that missed, from the phone that had been binned
        Event(when("2025-11-08 18:30:12"), "Voice", THIRD, DOYLE, 44, "LDS-0315-1", BUR),
    ]
    out.sort(key=lambda e: (e.at, e.a, e.b))
    return tuple(out)


def of(number: str, seed: int) -> list[Event]:
    """The record of one telephone."""
    return [e for e in events(seed) if number in (e.a, e.b)]


@lru_cache(maxsize=2)
def contacts(seed: int) -> tuple[Event, ...]:
    """HM/1: contact among the 617 phone, Doyle, 'Daz', and what attributes it."""
    group = {BURNER, DOYLE, THIRD}
    keep = [
        e
        for e in events(seed)
        if e.a in group and e.b in group or BURNER in (e.a, e.b) or e == KEY_EVENTS["pawn"]
    ]
    return tuple(keep)


@lru_cache(maxsize=2)
def reads(seed: int) -> tuple[Read, ...]:
    """Every ANPR reading of the four plates, October and November 2025."""
    rnd = random.Random(f"anpr {seed}")
    out = list(KEY_READS)
    habits = {
        GOLF: ["BEE1", "BEE2", "M621A", "M621B", "BEE1", "BEE2"],
        AUDI: ["KIR1", "KIR2", "ARM1", "ARM2"],
        PLATE: [],
    }
    for plate, cameras in habits.items():
        day = datetime(2025, 10, 1)
        while cameras and day < datetime(2025, 11, 25):
            away = plate == GOLF and (day == datetime(2025, 11, 10) or day >= datetime(2025, 11, 18))
            for _ in range(0 if away else rnd.randint(3, 12)):
                at = day + timedelta(seconds=rnd.randint(6 * 3600, 20 * 3600 + 1800))
                if plate == AUDI and datetime(2025, 11, 6, 22) < at < datetime(2025, 11, 7, 9):
                    continue
                camera = rnd.choice(cameras)
                out.append(Read(at, plate, camera, CAMERAS[camera].rsplit(", ", 1)[1]))
            day += timedelta(days=1)
    # the true YJ68 KHV, a plumber's van in Harrogate
    for _ in range(38):
        day = datetime(2025, 10, 1) + timedelta(days=rnd.randint(0, 50))
        at = day + timedelta(seconds=rnd.randint(7 * 3600, 17 * 3600))
        out.append(Read(at, PLATE, "HGT1", "southbound"))
    out.sort(key=lambda r: (r.at, r.plate))
    return tuple(out)


CAMERAS["HGT1"] = "A61 Ripon Road, Harrogate, southbound"


@dataclass(frozen=True)
class Entry:
    """A line of a bank statement: pence."""

    at: datetime
    what: str
    amount: int
    balance: int


KEY_ENTRIES = {
    "bates": [
        ("2025-10-01", "CARD PAYMENT HUNSLET NEWS & BOOZE", -1000),
        ("2025-10-09", "CARD PAYMENT GAMING VALHALLA BET", -45000),
        ("2025-11-10", "CASH PAID IN COUNTER BEESTON", 185000),
        ("2025-11-12", "TRANSFER VALHALLA BET", -120000),
    ],
    "doyle": [
        ("2025-11-04", "CARD PAYMENT KIRK VAN HIRE LEEDS", -31800),
        ("2025-11-05", "CARD PAYMENT ARMLEY TOOL CENTRE", -2798),
        ("2025-11-11", "CASH PAID IN KIRKSTALL RD", 94000),
        ("2025-11-14", "CASH PAID IN KIRKSTALL RD", 96000),
        ("2025-11-18", "CASH PAID IN HEADINGLEY", 98500),
        ("2025-11-21", "WELLBECK YARD RENT UNIT 12", -16500),
    ],
}


@lru_cache(maxsize=4)
def bank(who: str, seed: int) -> tuple[Entry, ...]:
    """Six months of a current account, June to November 2025, that adds up."""
    rnd = random.Random(f"bank {who} {seed}")
    shops = [
        "ALBION STORES LEEDS",
        "TOP OF THE HILL FISH BAR",
        "PARKSIDE FUEL",
        "MORLEY MARKET",
        "CROSS FLATTS NEWS",
        "AIRE TAXIS",
        "THE OLD DYEHOUSE",
        "BEESTON BAKERY",
        "CITY BUS TRAVEL",
        "WEST YORKS GYM",
        "COPPERFIELD CAFE",
        "RIVERSIDE TOOLS",
        "VALHALLA BET",
        "TRINITY PARKING",
        "SUNDAY PAPERS LTD",
        "KIRKSTALL FORGE DINER",
        "PHONE TOP UP",
        "ARMLEY MOT CENTRE",
    ]
    wages = {"bates": ("AIRE PARCELS LTD WAGES", 164200), "doyle": ("C DOYLE INVOICE PAID LOCKS", 71000)}[who]
    rent = {
        "bates": ("STANDING ORDER HOBBS L RENT", -42500),
        "doyle": ("STANDING ORDER FENTON LETTINGS", -58000),
    }[who]
    raw: list[tuple[datetime, str, int]] = []
    day = datetime(2025, 6, 2)
    while day < datetime(2025, 11, 29):
        if day.day == 28:
            raw.append((day, wages[0], wages[1] + rnd.randint(-900, 900) * 10))
        if who == "doyle" and day.day in (9, 19):
            raw.append((day, wages[0], wages[1] + rnd.randint(-3000, 3000) * 10))
        if day.day == 1:
            raw.append((day, rent[0], rent[1]))
            raw.append((day, "DIRECT DEBIT NORTHERN POWER", -rnd.randint(6200, 9900)))
        for _ in range(rnd.choice([1, 2, 3, 3, 4, 5])):
            raw.append(
                (
                    day,
                    f"CARD PAYMENT {rnd.choice(shops)}",
                    -rnd.choice([rnd.randint(180, 1500), rnd.randint(900, 4800)]),
                )
            )
        day += timedelta(days=1)
    raw += [(datetime.fromisoformat(d), what, amount) for d, what, amount in KEY_ENTRIES[who]]
    if who == "doyle":
        for month in (7, 8, 9, 10):
            raw.append((datetime(2025, month, 21), "WELLBECK YARD RENT UNIT 12", -16500))
    raw.sort(key=lambda r: r[0])
    balance = 61240 if who == "bates" else 118855
    out = []
    for at, what, amount in raw:
        # an account that runs dry is topped up, as such accounts are
        if balance + amount < -50000:
            balance += 60000
            out.append(Entry(at, "TRANSFER FROM SAVINGS POT", 60000, balance))
        balance += amount
        out.append(Entry(at, what, amount, balance))
    return tuple(out)


def pounds(pence: int) -> str:
    return f"{'-' if pence < 0 else ''}£{abs(pence) / 100:,.2f}"


def long_date(at: datetime) -> str:
    """6 November 2025"""
    return f"{at.day} {at:%B %Y}"


def spoken(seconds: int) -> str:
    """42 seconds; 2 minutes 4 seconds"""
    if seconds < 100:
        return f"{seconds} seconds"
    return f"{seconds // 60} minute{'s' if seconds >= 120 else ''} {seconds % 60} seconds"


def hms(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def distance(a: str, b: str) -> float:
    """Kilometres between two places of PLACES."""
    (ax, ay), (bx, by) = PLACES[a], PLACES[b]
    return math.hypot(ax - bx, ay - by)
