"""Tables that machines wrote: call data, number plate readings, bank statements, panel logs, trackers, extractions."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from reportlab.lib.pagesizes import A4

from casebundle.demo import story
from casebundle.demo.forms import Spec, footer, police_form
from casebundle.demo.layout import A4L, Paper
from casebundle.demo.story import BATES, BURNER, DOYLE, HOBBS, THIRD

AMBER = (1.0, 0.95, 0.78)


def exhibit_label(p: Paper, ref: str) -> None:
    """The exhibit's reference in a box in the top right corner."""
    w, h = p.size
    p.c.setLineWidth(0.8)
    p.c.setStrokeColorRGB(0, 0, 0)
    p.c.rect(w - p.margins[2] - 92, h - 40, 92, 20)
    p.put(w - p.margins[2] - 46, h - 34, f"Exhibit {ref}", "sans-b", 9.5, "centre")


def call_data(number: str, ref: str, network: str) -> Callable[[Path, int], int]:
    """The record of one telephone: date, time, caller, called, duration, cell."""

    def build(path: Path, seed: int) -> int:
        events = story.of(number, seed)

        def on_page(p: Paper) -> None:
            exhibit_label(p, ref)
            p.put(p.left, p.size[1] - 33, f"{network}   Call data record   {number}", "sans-b", 9.5)
            p.y = p.size[1] - 50

        p = Paper(
            path,
            title=f"Call data {number}",
            size=A4,
            margins=(40, 50, 40, 42),
            on_page=on_page,
            late=footer(f"{story.URN}   {ref}   Call data {number}"),
        )
        p.form(
            [
                [
                    ("Number", number, 2),
                    ("From", f"{events[0].at:%d/%m/%Y}", 1),
                    ("To", f"{events[-1].at:%d/%m/%Y}", 1),
                    ("Records", f"{len(events):,}", 1),
                ],
                [
                    (
                        "Subscriber",
                        {
                            BATES: f"Mr M Bates, {story.BATES_HOME}",
                            DOYLE: f"Mr C Doyle, {story.DOYLE_HOME}",
                            HOBBS: f"Ms L Hobbs, {story.BATES_HOME}",
                        }.get(number, "Pay as you go: not registered"),
                        3,
                    ),
                    ("Authority", "Investigatory Powers Act 2016, Part 3", 2),
                ],
            ],
            height=27,
            size=9,
        )
        p.text(
            "Times are local time in Leeds. A data session and a text have no called party's cell. Cell: where the telephone to which this record belongs was when the event began.",
            size=8.5,
        )
        rows = []
        for e in events:
            cell = e.cell if e.a == number else e.cell_b
            rows.append(
                (
                    f"{e.at:%d/%m/%Y}",
                    f"{e.at:%H:%M:%S}",
                    e.kind,
                    e.a,
                    e.b,
                    story.hms(e.seconds) if e.kind != "SMS" else "-",
                    cell or "-",
                    story.CELLS[cell].site if cell else "",
                )
            )
        p.table(
            ["Date", "Time", "Type", "Calling", "Called", "Duration", "Cell", "Site"],
            rows,
            [58, 50, 34, 78, 78, 50, 66, 92],
            size=8.4,
            pad=4,
        )
        p.text("End of record.", size=8.5)
        return p.save()

    return build


def contact_schedule(path: Path, seed: int) -> int:
    """HM/1."""
    p = police_form(
        path, "HM/1", "SCHEDULE OF TELEPHONE CONTACT, 1 OCTOBER TO 10 NOVEMBER 2025", size=A4L, text_size=9.5
    )
    p.text(
        f"Compiled by Helen Marchbank from HM/2 to HM/6. '617' is {BURNER}; 'Doyle' is {DOYLE}; 'D' is {THIRD}. "
        "Rows with a tint are those set out in her statement of 16 December 2025.",
        after=8,
    )
    keys = set(story.KEY_EVENTS.values())
    events = story.contacts(seed)
    rows = []
    for n, e in enumerate(events, 1):
        site_a = f"{e.cell} {story.CELLS[e.cell].site}" if e.cell else "-"
        site_b = f"{e.cell_b} {story.CELLS[e.cell_b].site}" if e.cell_b else "-"
        source = "HM/3" if BURNER in (e.a, e.b) else "HM/2" if BATES in (e.a, e.b) else "HM/4"
        rows.append(
            (
                str(n),
                f"{e.at:%a %d/%m/%Y}",
                f"{e.at:%H:%M:%S}",
                e.kind,
                f"{e.a} {story.NAMED.get(e.a, '')}",
                f"{e.b} {story.NAMED.get(e.b, '')}",
                story.hms(e.seconds) if e.kind == "Voice" else "-",
                site_a,
                site_b,
                source,
            )
        )
    p.table(
        [
            "Row",
            "Date",
            "Time",
            "Type",
            "From",
            "To",
            "Duration",
            "Cell of caller",
            "Cell of called",
            "Source",
        ],
        rows,
        [24, 66, 46, 34, 112, 112, 48, 106, 106, 38],
        size=8,
        tint=lambda i: AMBER if events[i] in keys else None,
    )
    return p.save()


def row_number(name: str, seed: int) -> int:
    """The row of HM/1 of a key call, from 1."""
    return story.contacts(seed).index(story.KEY_EVENTS[name]) + 1


def anpr(path: Path, seed: int) -> int:
    """DS/1."""

    def on_page(p: Paper) -> None:
        exhibit_label(p, "DS/1")
        p.put(p.left, p.size[1] - 33, "AUTOMATIC NUMBER PLATE RECOGNITION   Search result", "mono-b", 9)
        p.y = p.size[1] - 52

    p = Paper(
        path,
        title="",
        margins=(44, 52, 44, 42),
        font="mono",
        on_page=on_page,
        late=footer("DS/1   RESTRICTED (when complete)"),
    )
    p.text(
        f"Search by: D STOTT   Run: 05/12/2025 08:52   Vehicles: {story.PLATE}, {story.VAN}, {story.GOLF}, {story.AUDI}",
        size=8.5,
    )
    p.text(
        "Period: 01/10/2025 00:00 to 25/11/2025 23:59   Force area: all   Confidence: 90 and over", size=8.5
    )
    rnd = random.Random(f"anpr log {seed}")
    keys = set(story.KEY_READS)
    reads = story.reads(seed)
    rows = [
        (
            str(n),
            f"{r.at:%d/%m/%Y}",
            f"{r.at:%H:%M:%S}",
            r.plate,
            r.camera,
            story.CAMERAS[r.camera].rsplit(", ", 1)[0],
            r.direction,
            str(rnd.randint(91, 99)),
        )
        for n, r in enumerate(reads, 1)
    ]
    p.table(
        ["No", "Date", "Time", "VRM", "Cam", "Site", "Direction", "Conf"],
        rows,
        [26, 62, 52, 56, 40, 150, 74, 30],
        size=7.6,
        pad=4.4,
        tint=lambda i: AMBER if reads[i] in keys else None,
    )
    return p.save()


ACCOUNTS = {
    "bates": (
        "MR MARCUS BATES",
        story.BATES_HOME,
        "Pennine & Humber Bank",
        "20-99-14",
        "41107623",
        (0.05, 0.30, 0.28),
    ),
    "doyle": (
        "MR CIARAN DOYLE",
        story.DOYLE_HOME,
        "Northern Mutual",
        "60-98-21",
        "70335518",
        (0.42, 0.10, 0.22),
    ),
}


def bank(who: str, ref: str) -> Callable[[Path, int], int]:
    """A bank's statements, a month to a statement."""
    name, address, bank_name, sort, account, colour = ACCOUNTS[who]

    def build(path: Path, seed: int) -> int:
        entries = story.bank(who, seed)

        def on_page(p: Paper) -> None:
            w, h = p.size
            p.c.setFillColorRGB(*colour)
            p.c.rect(0, h - 22, w, 22, stroke=0, fill=1)
            p.put(p.left, h - 46, bank_name, "serif-b", 17, colour=colour)
            exhibit_label(p, ref)
            p.put(p.left, h - 62, f"{name}   Sort code {sort}   Account {account}", size=9)
            p.y = h - 76

        p = Paper(
            path,
            title=f"Statement of account {account}",
            margins=(52, 80, 52, 50),
            on_page=on_page,
            late=footer(f"{bank_name}. Statement of account"),
        )
        months = sorted({(e.at.year, e.at.month) for e in entries})
        for k, (year, month) in enumerate(months):
            mine = [e for e in entries if (e.at.year, e.at.month) == (year, month)]
            if k:
                p.next()
            p.text(f"**Your current account statement: {mine[0].at:%B %Y}**", size=12, after=4)
            for line in (name, *address.split(", ")):
                p.text(line, size=9, after=0)
            p.space(8)
            paid_in = sum(e.amount for e in mine if e.amount > 0)
            out = -sum(e.amount for e in mine if e.amount < 0)
            opening = mine[0].balance - mine[0].amount
            p.form(
                [
                    [
                        ("Balance brought forward", story.pounds(opening), 1),
                        ("Paid in", story.pounds(paid_in), 1),
                        ("Paid out", story.pounds(out), 1),
                        ("Balance carried forward", story.pounds(mine[-1].balance), 1),
                    ]
                ],
                height=28,
            )
            rows = [
                (
                    f"{e.at:%d %b}",
                    e.what,
                    story.pounds(-e.amount) if e.amount < 0 else "",
                    story.pounds(e.amount) if e.amount > 0 else "",
                    story.pounds(e.balance),
                )
                for e in mine
            ]
            keyed = {(w, a) for _, w, a in story.KEY_ENTRIES[who]}
            p.table(
                ["Date", "Details", "Paid out", "Paid in", "Balance"],
                rows,
                [44, 236, 66, 66, 72],
                size=8.6,
                right=(2, 3, 4),
                grid=False,
                tint=lambda i, mine=mine, keyed=keyed: (
                    AMBER if (mine[i].what, mine[i].amount) in keyed else None
                ),
            )  # type: ignore[misc]
        p.text("Rows with a tint were marked by Meera Patel, financial investigator.", size=8)
        return p.save()

    return build


def stock(path: Path, seed: int) -> int:
    """NF/1."""

    def on_page(p: Paper) -> None:
        exhibit_label(p, "NF/1")
        p.put(p.left, p.size[1] - 36, "HARLAND & PIKE LTD", "serif-b", 13)
        p.y = p.size[1] - 56

    p = Paper(
        path,
        title="Stock missing",
        margins=(50, 56, 50, 46),
        on_page=on_page,
        late=footer("NF/1   Harland & Pike Ltd   Stock missing after 7 November 2025"),
    )
    p.heading("Schedule of stock missing after the burglary of 7 November 2025", 12.5)
    p.text(
        "Prepared by Nadia Feroz, operations manager, from the purchase ledger and the count of 6 November 2025. Trade prices without VAT. The last column was added on 3 December 2025.",
        size=9.5,
    )
    items = story.stock(seed)
    p.table(
        ["Line", "Stock no", "Description", "Serial no", "Trade price", "Found"],
        [(str(i.line), i.stock, i.what, i.serial, f"£{i.value:,}.00", i.found) for i in items],
        [30, 62, 232, 62, 66, 40],
        size=8.6,
        right=(4,),
        tint=lambda k: AMBER if items[k].found else None,
    )
    p.text(
        f"**{story.WATCHES_TAKEN} watches and 38 trays. Total: £{sum(i.value for i in items):,}.00**", size=11
    )
    p.sign("Nadia Feroz", date="7 November 2025")
    return p.save()


def panel_log(path: Path, seed: int) -> int:
    """NF/3: doors, motion sensors and codes of the alarm panel, a week."""
    rnd = random.Random(f"panel {seed}")
    users = {
        "01": "G PIKE",
        "02": "SPARE",
        "03": "N FEROZ",
        "04": "T ALDERSON",
        "05": "M KHALIQ",
        "06": "J SUTTON",
        "07": "D FERNS",
        "11": "CLEANER",
    }
    rows: list[tuple[datetime, str, str, str]] = []
    day = datetime(2025, 10, 31)
    while day < datetime(2025, 11, 7):
        if day.weekday() < 5:
            rows.append(
                (
                    day + timedelta(hours=7, minutes=rnd.randint(20, 55), seconds=rnd.randint(0, 59)),
                    "UNSET",
                    "FULL",
                    rnd.choice(["04", "06", "07"]),
                )
            )
            for _ in range(rnd.randint(150, 190)):
                at = day + timedelta(seconds=rnd.randint(8 * 3600, 17 * 3600 + 2400))
                what, where = rnd.choice(
                    [
                        ("DOOR OPEN", "D1 FRONT"),
                        ("DOOR CLOSE", "D1 FRONT"),
                        ("DOOR OPEN", "D2 OFFICE"),
                        ("DOOR CLOSE", "D2 OFFICE"),
                        ("CARD OK", "D3 SECURE RM"),
                        ("DOOR CLOSE", "D3 SECURE RM"),
                        ("SHUTTER UP", "S1 LOADING"),
                        ("SHUTTER DOWN", "S1 LOADING"),
                        ("CARD OK", "D1 FRONT"),
                        ("CARD REFUSED", "D3 SECURE RM"),
                    ]
                )
                rows.append((at, what, where, rnd.choice(list(users)) if "CARD" in what else ""))
            rows.append(
                (
                    day
                    + timedelta(
                        hours=18,
                        minutes=20 if day.day == 6 else rnd.randint(2, 40),
                        seconds=rnd.randint(5, 50),
                    ),
                    "SET",
                    "FULL",
                    "03" if day.day == 6 else rnd.choice(["03", "04"]),
                )
            )
        for _ in range(rnd.randint(20, 30)):
            at = day + timedelta(seconds=rnd.randint(18 * 3600 + 3600, 86399))
            rows.append((at, "SELF TEST OK", rnd.choice(["LINE", "BATTERY", "ZONE BUS"]), ""))
        rows.append(
            (day + timedelta(hours=3, seconds=rnd.randint(0, 900)), "RADIO PATH FAIL", "PSTN ONLY", "")
        )
        day += timedelta(days=1)
    night = datetime(2025, 11, 7)
    for clock, what, where in [
        ("02:11:33", "LINE FAULT", "PSTN"),
        ("02:11:40", "NO PATH", "RADIO + PSTN"),
        ("02:24:51", "MOTION", "Z4 LOADING"),
        ("02:25:40", "MOTION", "Z4 LOADING"),
        ("02:27:10", "BREAK GLASS", "Z2 OFFICE"),
        ("02:27:31", "MOTION", "Z2 OFFICE"),
        ("02:31:58", "VIBRATION", "Z6 SECURE RM"),
        ("02:39:12", "TAMPER", "Z6 SECURE RM"),
        ("02:40:05", "MOTION", "Z6 SECURE RM"),
        ("02:52:44", "MOTION", "Z4 LOADING"),
        ("06:24:10", "MOTION", "Z4 LOADING"),
        ("06:30:52", "MOTION", "Z4 LOADING"),
        ("06:55:18", "UNSET", "FULL"),
    ]:
        rows.append(
            (
                night + timedelta(hours=int(clock[:2]), minutes=int(clock[3:5]), seconds=int(clock[6:])),
                what,
                where,
                "03" if what == "UNSET" else "",
            )
        )
    rows.sort()

    def on_page(p: Paper) -> None:
        exhibit_label(p, "NF/3")
        p.put(p.left, p.size[1] - 34, "PANEL 40712 EVENT LOG", "mono-b", 9.5)
        p.y = p.size[1] - 50

    p = Paper(
        path,
        title="",
        font="mono",
        margins=(48, 52, 48, 42),
        on_page=on_page,
        late=footer("NF/3   Printed by user 03 on 07/11/2025 11:20"),
    )
    p.text("SITE: HARLAND & PIKE UNIT 7    FIRMWARE 4.12    CLOCK: AUTO", size=8.5)
    p.table(
        ["No", "Date", "Time", "Event", "Zone / device", "User"],
        [
            (f"{n:05d}", f"{a:%d/%m/%Y}", f"{a:%H:%M:%S}", what, where, f"{u} {users[u]}" if u else "")
            for n, (a, what, where, u) in enumerate(rows, 18240)
        ],
        [44, 66, 56, 110, 110, 90],
        size=7.8,
        pad=4,
        tint=lambda i: AMBER if rows[i][0] > datetime(2025, 11, 7, 2, 5) else None,
    )
    return p.save()


SPECS = [
    Spec(
        "HM1 Schedule of telephone contact v3 FINAL.pdf",
        "J",
        "Schedule of telephone contact",
        "2025-12-16",
        contact_schedule,
        "HM/1",
        served_days_ago=88,
    ),
    Spec(
        "HM-2_CDR_07700900142_Aug-Nov25.pdf",
        "J",
        f"Call data {BATES} (Bates)",
        "2025-12-16",
        call_data(BATES, "HM/2", "Orwell Mobile"),
        "HM/2",
        served_days_ago=88,
    ),
    Spec(
        "HM-3_CDR_07700900617.pdf",
        "J",
        f"Call data {BURNER} (unregistered)",
        "2025-12-16",
        call_data(BURNER, "HM/3", "Tern Telecom"),
        "HM/3",
        served_days_ago=88,
    ),
    Spec(
        "HM-4_CDR_07700900388_Aug-Nov25.pdf",
        "J",
        f"Call data {DOYLE} (Doyle)",
        "2025-12-16",
        call_data(DOYLE, "HM/4", "Orwell Mobile"),
        "HM/4",
        served_days_ago=88,
    ),
    Spec(
        "HM-5_CDR_07700900905.pdf",
        "J",
        f"Call data {THIRD} (unregistered)",
        "2025-12-16",
        call_data(THIRD, "HM/5", "Tern Telecom"),
        "HM/5",
        served_days_ago=88,
    ),
    Spec(
        "HM-6_CDR_07700900233_Oct-Nov25.pdf",
        "J",
        f"Call data {HOBBS} (Hobbs)",
        "2025-12-16",
        call_data(HOBBS, "HM/6", "Orwell Mobile"),
        "HM/6",
        served_days_ago=88,
    ),
    Spec(
        "DS1 ANPR search results 01.10-25.11.2025.pdf",
        "J",
        "ANPR log",
        "2025-12-05",
        anpr,
        "DS/1",
        served_days_ago=88,
    ),
    Spec(
        "MP1 Bates M - P&H Bank statements Jun-Nov 2025.pdf",
        "J",
        "Bank statements, Marcus Bates",
        "2025-12-18",
        bank("bates", "MP/1"),
        "MP/1",
        served_days_ago=88,
    ),
    Spec(
        "MP2 Doyle C - Northern Mutual stmts.pdf",
        "J",
        "Bank statements, Ciaran Doyle",
        "2025-12-18",
        bank("doyle", "MP/2"),
        "MP/2",
        served_days_ago=88,
    ),
    Spec(
        "NF_1 Stock loss schedule.pdf",
        "J",
        "Schedule of stock missing",
        "2025-11-07",
        stock,
        "NF/1",
        served_days_ago=96,
    ),
    Spec(
        "NF_3 Panel event log 31-10 to 07-11.pdf",
        "J",
        "Access control and alarm log",
        "2025-11-07",
        panel_log,
        "NF/3",
        served_days_ago=96,
    ),
]
