"""More of section UND2: what third parties sent, item by item of the schedule."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

from casebundle.demo.forms import Spec, footer, police_form
from casebundle.demo.interviews import Deck
from casebundle.demo.layout import Paper
from casebundle.demo.reports import DELIVERIES

FIRMS = [
    "Aldgate Tiles",
    "Bramble Bakery",
    "Copper Kettle Cafe",
    "Dunnock Print",
    "Elland Fasteners",
    "Fulneck Flooring",
    "Gildersome Glass",
    "Howley Park Motors",
    "Ings Upholstery",
    "Jowett Joinery",
    "Kitson Kitchens",
    "Lofthouse Farm Shop",
    "Middleton Pet Supplies",
    "Nepshaw Nurseries",
    "Ossett Optics",
    "Peel Street Pharmacy",
    "Queensway Dental",
    "Rods Mill Yarns",
    "Scatcherd Cycles",
    "Topcliffe Tools",
    "Unity Hall Trust",
    "Valley Mills Outlet",
    "Wide Lane Vets",
    "Zephyr Blinds",
]
AREAS = ["Morley", "Tingley", "Gildersome", "Churwell", "East Ardsley", "Drighlington"]
THURSDAY = 3


def rounds(path: Path, seed: int) -> int:
    """The sheets of van AP 27 from February to May 2023, a sheet a day: the eleven drops at Unit 7 are among them."""
    rnd = random.Random(f"rounds {seed}")

    def on_page(p: Paper) -> None:
        p.put(p.left, p.size[1] - 36, "AIRE PARCELS LTD   ROUND SHEET", "sans-b", 11)
        p.y = p.size[1] - 54

    p = Paper(
        path,
        title="",
        margins=(50, 56, 50, 46),
        on_page=on_page,
        late=footer("Unused item 33   Aire Parcels Ltd: round sheets, van AP 27"),
    )
    day, first = datetime(2023, 2, 6), True
    while day <= datetime(2023, 5, 31):
        if day.weekday() < 5:
            if not first:
                p.next()
            first = False
            iso = f"{day:%Y-%m-%d}"
            cover = day.weekday() == THURSDAY and iso in DELIVERIES
            name = "Morley and Tingley" + (" + Hunslet (cover)" if cover else "")
            p.form(
                [
                    [
                        ("Driver", "M BATES", 1),
                        ("Van", "AP 27", 0.6),
                        ("Date", f"{day:%A %d/%m/%Y}", 1.2),
                        ("Round", name, 1.8),
                    ]
                ]
            )
            at = day + timedelta(hours=7, minutes=rnd.randint(2, 25))
            rows = []
            for n in range(1, rnd.randint(23, 29)):
                at += timedelta(minutes=rnd.randint(6, 19))
                drop = (rnd.choice(FIRMS), rnd.choice(AREAS))
                rows.append(
                    [
                        str(n),
                        f"{at:%H:%M}",
                        *drop,
                        str(rnd.randint(1, 14)),
                        rnd.choice(["Signed", "Signed", "Left safe", "Card left"]),
                    ]
                )
            if cover:
                row = rows[rnd.randint(6, 12)]
                row[2:] = [
                    "Harland & Pike Ltd, Unit 7",
                    "Calder Lane, Hunslet",
                    str(rnd.randint(2, 14)),
                    "Signed",
                ]
            p.table(
                ["Drop", "Time", "Customer", "Place", "Packages", "Result"],
                rows,
                [34, 44, 180, 130, 60, 64],
                size=9.5,
                pad=4.5,
            )
            p.text(
                f"Miles {rnd.randint(31, 58)}   Fuel {rnd.choice(['none', 'none', '£40', '£55'])}   Defects {rnd.choice(['none', 'wiper', 'none', 'nearside bulb'])}",
                size=9.5,
            )
        day += timedelta(days=1)
    return p.save()


def betting(path: Path, seed: int) -> int:
    """Item 13: the account of Marcus Bates with Valhalla Bet, January to November 2025."""
    rnd = random.Random(f"betting {seed}")

    def on_page(p: Paper) -> None:
        p.put(p.left, p.size[1] - 36, "VALHALLA BET   ACCOUNT HISTORY", "sans-b", 11, colour=(0.25, 0.1, 0.4))
        p.y = p.size[1] - 54

    p = Paper(
        path,
        title="",
        margins=(50, 56, 50, 46),
        on_page=on_page,
        late=footer("Unused item 13   Valhalla Bet   customer 7740912"),
    )
    p.form(
        [
            [
                ("Customer", "Marcus Bates", 1.4),
                ("Number", "7740912", 1),
                ("From", "01/01/2025", 1),
                ("To", "18/11/2025", 1),
                ("Net", "-£7,412.00", 1),
            ]
        ]
    )
    sports = [
        "Darts: next leg",
        "Football: both to score",
        "Football: accumulator, 5",
        "Horses: Wetherby 3.15",
        "Horses: Ripon 2.40",
        "Slots: Longship",
        "Slots: Runes",
        "Roulette",
        "Darts: 180 in leg",
        "Football: correct score",
    ]
    stakes: list[tuple[datetime, str, int, int]] = []
    day = datetime(2025, 1, 1)
    while day < datetime(2025, 11, 18):
        # closed from June to July: one of the two times that he shut himself out
        if not datetime(2025, 6, 10) < day < datetime(2025, 7, 24):
            for _ in range(rnd.choice([0, 1, 2, 4, 6, 9])):
                stake = rnd.choice([2, 5, 5, 10, 10, 20, 50])
                back = round(stake * rnd.choice([1.8, 2.2, 3.5, 6])) if rnd.random() < 0.3 else 0
                stakes.append(
                    (day + timedelta(seconds=rnd.randint(9 * 3600, 86399)), rnd.choice(sports), stake, back)
                )
        day += timedelta(days=1)
    stakes.sort()
    short = -7412 - sum(back - stake for _, _, stake, back in stakes)
    stakes.append(
        (datetime(2025, 11, 17, 23, 58, 2), "Adjustment of closed markets", -min(short, 0), max(short, 0))
    )
    rows = [
        (str(n), f"{at:%d/%m/%Y %H:%M:%S}", what, f"£{stake}.00", f"£{back}.00" if back else "-")
        for n, (at, what, stake, back) in enumerate(stakes, 1)
    ]
    p.table(
        ["No", "Date and time", "Bet", "Stake", "Returned"],
        rows,
        [36, 120, 200, 60, 70],
        size=9,
        pad=4,
        right=(3, 4),
    )
    return p.save()


def gate(path: Path, seed: int) -> int:
    """Item 15: every opening of the gate of Wellbeck Yard in November 2025."""
    rnd = random.Random(f"gate {seed}")
    p = Paper(
        path,
        title="",
        font="mono",
        margins=(60, 56, 60, 46),
        late=footer("Unused item 15   Wellbeck Yard: gate record, November 2025"),
    )
    p.text("WELLBECK YARD   GATE RECORD   01/11/2025 TO 30/11/2025", size=10, font="mono-b")
    rows: list[tuple[datetime, str, str]] = []
    day = datetime(2025, 11, 1)
    while day < datetime(2025, 12, 1):
        for _ in range(rnd.randint(14, 30)):
            at = day + timedelta(seconds=rnd.randint(7 * 3600, 20 * 3600))
            unit = rnd.choice(
                [n for n in range(1, 23) if n != 12] + ([12] if day < datetime(2025, 11, 26) else [])
            )
            rows += [
                (at, f"UNIT {unit:02d}", "IN"),
                (at + timedelta(minutes=rnd.randint(3, 90)), "EXIT LOOP", "OUT"),
            ]
        day += timedelta(days=1)
    rows += [
        (datetime(2025, 11, 6, 23, 35, 50), "EXIT LOOP", "OUT"),
        (datetime(2025, 11, 7, 3, 17, 2), "UNIT 12", "IN"),
        (datetime(2025, 11, 7, 3, 49, 31), "EXIT LOOP", "OUT"),
    ]
    rows.sort()
    night = (datetime(2025, 11, 6, 23), datetime(2025, 11, 7, 5))
    p.table(
        ["Seq", "Date", "Time", "Code", "Way"],
        [
            (str(n), f"{a:%d/%m/%Y}", f"{a:%H:%M:%S}", code, way)
            for n, (a, code, way) in enumerate(rows, 30411)
        ],
        [60, 90, 80, 110, 60],
        size=9,
        pad=4,
        tint=lambda i: (1.0, 0.95, 0.78) if night[0] < rows[i][0] < night[1] else None,
    )
    return p.save()


MAILS = [
    (
        "2025-08-12",
        "Lomax",
        "Feroz",
        "Radio unit, Unit 7",
        "Our engineer reports that the radio unit is not registering. The wire is working. A part is needed and I have asked for it. I would put it at three weeks.",
    ),
    (
        "2025-08-12",
        "Feroz",
        "Lomax",
        "Re: Radio unit, Unit 7",
        "Thank you. Does that mean that if somebody cut the wire nobody would know? I ask because one of your people once said as much to me.",
    ),
    (
        "2025-08-13",
        "Lomax",
        "Feroz",
        "Re: Re: Radio unit, Unit 7",
        "In theory, yes. Northgate would see a line fault and ring your keyholder. Is the keyholder list up to date?",
    ),
    ("2025-08-13", "Feroz", "Lomax", "Keyholders", "I think so. Mr Pike deals with it."),
    ("2025-08-29", "Feroz", "Lomax", "Radio unit", "It is three weeks. Have you a date?"),
    ("2025-09-02", "Lomax", "Feroz", "Re: Radio unit", "The part is on back order from Denmark. I am sorry."),
    (
        "2025-09-03",
        "Feroz",
        "Pike",
        "Alarm",
        "Graham, Wharfe still have no part. Should we tell the insurers?",
    ),
    (
        "2025-09-03",
        "Pike",
        "Feroz",
        "Re: Alarm",
        "Let us give them to the end of the month. I do not want to give the insurers a reason.",
    ),
    ("2025-09-30", "Feroz", "Pike", "Re: Re: Alarm", "It is the end of the month."),
    (
        "2025-10-01",
        "Pike",
        "Feroz",
        "Re: Re: Re: Alarm",
        "I have looked at the quote for the part. £412 plus VAT. They want it up front because of the business last year. I shall speak to Peter.",
    ),
    (
        "2025-10-06",
        "Lomax",
        "Pike",
        "Account",
        "We can fit it the week after you settle invoice 7714 (£1,163). I would rather not have to write this.",
    ),
    ("2025-10-07", "Pike", "Lomax", "Re: Account", "That invoice is disputed and you know why."),
    (
        "2025-10-20",
        "Feroz",
        "Pike",
        "Friday collections",
        "From next week the trays for Friday go on the second shelf on the Thursday, not in the safe: the safe hinge is being seen to. Only the six of us need to know.",
    ),
    (
        "2025-10-29",
        "Feroz",
        "Pike",
        "Men at the fence",
        "Keith told me this morning that two men were looking through the back fence last night. He has put it in his log. Shall I ring the police?",
    ),
    ("2025-10-29", "Pike", "Feroz", "Re: Men at the fence", "Ask him to keep an eye open."),
    ("2025-11-05", "Pike", "Lomax", "Invoice 7714", "I have paid it this morning. Please fit the part."),
    (
        "2025-11-05",
        "Lomax",
        "Pike",
        "Re: Invoice 7714",
        "Received with thanks. The engineer is booked for Monday 10 November at nine.",
    ),
]
ADDRESS = {
    "Lomax": "p.lomax@wharfealarms.example",
    "Feroz": "nadia@harlandpike.example",
    "Pike": "g.pike@harlandpike.example",
}


def emails(path: Path, seed: int) -> int:
    """Item 10: an e-mail a page, as they were printed."""
    rnd = random.Random(f"mail {seed}")
    p = Paper(
        path,
        title="",
        margins=(60, 60, 60, 50),
        text_size=11,
        leading=1.5,
        late=footer("Unused item 10   E-mails, Wharfe and Harland & Pike"),
    )
    for n, (date, sender, to, subject, body) in enumerate(MAILS):
        if n:
            p.next()
        at = datetime.fromisoformat(date) + timedelta(hours=8 + n % 9, minutes=rnd.randint(0, 59))
        for label, value in (
            ("From", ADDRESS[sender]),
            ("To", ADDRESS[to]),
            ("Sent", f"{at:%d %B %Y %H:%M}"),
            ("Subject", subject),
        ):
            p.put(p.left, p.y - 11, f"{label}:", "sans-b", 10.5)
            p.text(value, indent=64, after=2, size=10.5)
        p.space(4)
        p.rule(14)
        p.text(
            {"Lomax": "Dear", "Feroz": "Hello", "Pike": ""}[sender] + (" " + to if sender == "Lomax" else ""),
            after=8,
        )
        p.text(body, after=14)
        p.text(
            {
                "Lomax": "Peter Lomax\nService manager, Wharfe Alarm Services Ltd\n0113 496 0344",
                "Feroz": "Nadia\nHarland & Pike Ltd\n0113 496 0170",
                "Pike": "GP",
            }[sender],
            size=10,
        )
    return p.save()


def appeal(path: Path, seed: int) -> int:
    """Item 25: the calls to the appeal, a form to each; two name a 'Darren'."""
    rnd = random.Random(f"appeal {seed}")
    p = police_form(path, "MIR 6", "CALLS TO THE APPEAL OF 12 NOVEMBER 2025", text_size=11, leading=1.6)
    deck = Deck(
        rnd,
        [
            "Saw a white van near the bridge. Cannot say what night.",
            "Has been offered watches in a pub. On looking into it: a market trader with a licence.",
            "Says that it was his brother-in-law. They are in a dispute about a shed.",
            "Wants to know whether there is a reward.",
            "Heard that it was a gang from Manchester. Heard it from a man on a bus.",
            "Found a blue holdall in the canal at Shipley. Recovered: fishing tackle.",
            "Saw two men changing a number plate in a side street in Armley on a Thursday evening, about half past ten. White van. Dark. Did not think anything of it. Will make a statement if needed.",
            "Bought a watch on the internet, now worried. Serial number checked: not ours.",
            "Rang to say that the police should do more about bicycles.",
            "Says that a lad at the darts was bragging that he could 'open anything in Leeds'. No name.",
            "Works at a valeting bay. A white hire van was done inside and out on 10 November, paid in cash, with a lot of grey dust. Receipt kept.",
            "No message. Sound of breathing.",
            "Saw the photograph of the hat in the paper. Her nephew has one. He is eleven.",
        ],
    )
    for n in range(1, 32):
        if n > 1:
            p.next()
            p.space(4)
        at = datetime(2025, 11, 12, 18) + timedelta(minutes=n * rnd.randint(40, 120))
        p.form(
            [
                [
                    ("Call", str(n), 0.5),
                    ("Date and time", f"{at:%d/%m/%Y %H:%M}", 1.2),
                    ("Taken by", rnd.choice(["A Lister", "C Womack", "J Sands"]), 1),
                    ("Caller's number", f"07700 900{rnd.randint(500, 599)}", 1),
                ]
            ]
        )
        p.text("**What the caller said**", after=2)
        if n == 9:
            words = "Name to look at is Darren, lends money in the Old Dyehouse, has a swallow on his neck. Would not give a surname. 'He'll know who rang.' Rang off."
        elif n == 23:
            words = "It was Darren's job, he gets other people to do them. One does locks and one does parcels. Would not give a name. A woman, local."
        else:
            words = deck.deal()
        p.text(words, after=14)
        p.text("**What was done**", after=2)
        p.text(
            "Passed to DC 2986 Nkemelu. Intelligence unit asked."
            if n in (9, 23)
            else rnd.choice(
                [
                    "No further action.",
                    "Read by DC Arkwright. No further action.",
                    "Caller rung back. Nothing to add.",
                    "Visited. Nothing to add.",
                ]
            ),
            after=10,
        )
    return p.save()


def patrols(path: Path, seed: int) -> int:
    """The tags that the security officer touches on his rounds: they bear out the log, and that one round was not made."""
    rnd = random.Random(f"patrols {seed}")
    p = Paper(
        path,
        title="",
        font="mono",
        margins=(60, 56, 60, 46),
        late=footer("Unused item 34   Aire Guarding Ltd: patrol tags, Calder Lane"),
    )
    p.text("AIRE GUARDING LTD   TAG READER 2207   CALDER LANE TRADE PARK", size=10, font="mono-b")
    p.text(
        "A tag is on the wall beside the rear door of each unit. The reader writes the time at which it is touched.",
        size=8.5,
    )
    rows: list[tuple[datetime, str, str]] = []
    day = datetime(2025, 9, 1)
    while day < datetime(2025, 11, 7):
        if day.weekday() < FRIDAY_NIGHT:
            clocks = [(22, 10), (23, 30), (25, 30), (27, 30), (29, 30)]
            if day == datetime(2025, 11, 6):
                # he did not make the round of half past three that night
                clocks = clocks[:3]
            for hour, minute in clocks:
                at = day + timedelta(hours=hour, minutes=minute - 22, seconds=rnd.randint(0, 59))
                for unit in range(1, 10):
                    at += timedelta(seconds=rnd.randint(95, 160))
                    if unit == UNIT_OF_CASE and (day, hour) == (datetime(2025, 11, 6), 25):
                        # seen on camera 2 at that minute
                        at = datetime(2025, 11, 7, 1, 24, 12)
                    rows.append((at, f"UNIT {unit}", "K RAMSDEN"))
        day += timedelta(days=1)
    rows.append((datetime(2025, 10, 28, 21, 31, 7), "UNIT 6", "K RAMSDEN"))
    rows.append((datetime(2025, 11, 7, 5, 55, 3), "UNIT 7", "K RAMSDEN"))
    rows.sort()
    marked = {datetime(2025, 10, 28, 21, 31, 7), datetime(2025, 11, 7, 5, 55, 3)}
    p.table(
        ["Seq", "Date", "Time", "Tag", "Officer"],
        [(str(n), f"{a:%d/%m/%Y}", f"{a:%H:%M:%S}", tag, who) for n, (a, tag, who) in enumerate(rows, 88102)],
        [60, 90, 80, 100, 110],
        size=9,
        pad=4.4,
        tint=lambda i: (1.0, 0.95, 0.78) if rows[i][0] in marked else None,
    )
    return p.save()


FRIDAY_NIGHT = 5
UNIT_OF_CASE = 7

SPECS = [
    Spec(
        "Unused 10 - Emails Wharfe H&P Aug-Nov 2025.pdf",
        "UND2",
        "E-mails, Wharfe and Harland & Pike",
        "2025-11-05",
        emails,
        served_days_ago=70,
    ),
    Spec(
        "Unused 13 - Valhalla Bet acct 7740912.pdf",
        "UND2",
        "Valhalla Bet account, Marcus Bates",
        "2025-11-18",
        betting,
        visible_to=("prosecution", "bates"),
        served_days_ago=70,
    ),
    Spec(
        "Unused 15 - Gate record Wellbeck Yard Nov25.pdf",
        "UND2",
        "Gate record, Wellbeck Yard",
        "2025-11-30",
        gate,
        served_days_ago=70,
    ),
    Spec(
        "Unused 25 - Calls to appeal.pdf",
        "UND2",
        "Calls to the appeal",
        "2025-11-15",
        appeal,
        served_days_ago=70,
    ),
    Spec(
        "Unused 33 - Aire Parcels round sheets AP27 Feb-May 2023.pdf",
        "UND2",
        "Aire Parcels round sheets, 2023",
        "2023-05-31",
        rounds,
        served_days_ago=44,
    ),
    Spec(
        "Unused 34 - Aire Guarding patrol tags.pdf",
        "UND2",
        "Patrol tags, Calder Lane",
        "2025-11-07",
        patrols,
        served_days_ago=44,
    ),
]
