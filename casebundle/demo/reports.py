"""Section M and the machine-made exhibits beside the call data: experts, telephone extractions, trackers, scans."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from PIL import ImageDraw

from casebundle.demo import pictures, story
from casebundle.demo.forms import Spec, footer
from casebundle.demo.interviews import Deck
from casebundle.demo.layout import FOLDER, Paper
from casebundle.demo.records import AMBER, exhibit_label
from casebundle.demo.story import BATES, DOYLE, HOBBS, KEY_EVENTS, THIRD


def fonts() -> Path:
    """Where this process took its fonts from."""
    return FOLDER["fonts"]


# -- experts ---------------------------------------------------------------------------------------------------
def report(
    title: str,
    who: str,
    quals: str,
    date: str,
    body: Sequence[str],
    tables: dict[int, tuple[Sequence[str], Sequence[Sequence[str]], Sequence[float]]] | None = None,
    drawing: Callable[[Paper], None] | None = None,
) -> Callable[[Path, int], int]:
    """An expert's report in the form of Criminal Procedure Rules, part 19. `tables` stand after the paragraph of their number."""

    def build(path: Path, seed: int) -> int:
        p = Paper(
            path,
            title=title,
            margins=(66, 64, 66, 56),
            text_size=11.5,
            leading=1.7,
            late=footer(f"{title}   {who}"),
        )
        p.text(f"**{title.upper()}**", 15, after=4)
        p.text(f"R v Marcus Bates and Ciaran Doyle   URN {story.URN}", after=2)
        p.text(f"{who} {quals}", after=2)
        p.text(date, after=10)
        p.rule(12)
        n = 1
        for k, text in enumerate(body):
            if text.startswith("# "):
                p.heading(text[2:], 12.5)
                continue
            n = p.numbered([text], n)
            if tables and k in tables:
                head, rows, widths = tables[k]
                p.table(head, rows, widths, size=9.5, pad=4)
        if drawing:
            drawing(p)
        p.heading("Expert's declaration", 12.5)
        n = p.numbered(
            [
                "I understand that my duty is to help the court to achieve the overriding objective by giving independent assistance by way of objective, unbiased opinion on matters within my expertise. That duty overrides any obligation to those who engaged me or who pay me, and I have complied with it.",
                "I have set out what I was asked, what I was given, and who carried out the examinations. I have shown the sources of what I rely on. Where there is a range of opinion I have said so.",
                "I have made known to the prosecution that nothing in my past or present practice, so far as I am aware, might fairly be thought to undermine my evidence. I know of no conflict of interest.",
                "I confirm that the contents of this report are true to the best of my knowledge and belief and that I make this report knowing that, if it is tendered in evidence, I would be liable to prosecution if I have wilfully stated in it anything which I know to be false or that I do not believe to be true.",
            ],
            n,
        )
        p.sign(who, date=date)
        return p.save()

    return build


FOOTWEAR = [
    "# What I was asked",
    "To compare the footwear mark PW/2, from the office floor of Unit 7, with the soles of the trainers IS/1; to compare the cut edge PW/4 and the disc PW/6 with the angle grinder JC/3.",
    "I received the items sealed on 8 December 2025 from Colin Brandreth. The bag numbers agree with his statement. I did all the work myself and it was checked by a second examiner who did not know my result.",
    "# The mark",
    "PW/2 is a mark in dust of the greater part of the right sole of a shoe, 286 millimetres long as far as it can be seen. The pattern is of chevrons that run across the sole, with a ring at the ball of the foot. The edge at the heel is not there.",
    "The pattern is that of a Kestrel Vanta. It is made in sizes 6 to 12. The firm sold about 41,000 pairs in the United Kingdom in 2024 and 2025. The spacing of the chevrons agrees with size 9 and with no other whole size.",
    "# The trainers",
    "IS/1 is a pair of Kestrel Vanta trainers of size 9. The soles have been cleaned with a stiff brush: there are fresh scratches, and bristle was found in the grooves. The right sole is worn at the outer edge of the ring. The mark has the same wear in the same place.",
    "There is a small cut, 4 millimetres long, across the third chevron of the right sole. In the mark there is at that place a gap, but the dust is coarse there and I cannot say that it is the same.",
    "# My opinion on the mark",
    "I have considered two propositions: that PW/2 was made by the right shoe of IS/1, and that it was made by another shoe. The pattern, size and wear are what I should expect if the first were true. In my opinion the findings give **moderately strong support** for the proposition that the shoe made the mark.",
    "The scale that I use runs: no, weak, moderate, moderately strong, strong, very strong, extremely strong support. Had the cut been clear in the mark I should have gone higher. Had the soles not been scrubbed I might have found dust of the panel in them. I found none.",
    "# The grinder and the discs",
    "PW/4 was cut by a thin abrasive disc turning at high speed. PW/6 is a disc of that kind, of 125 millimetres, of a brand called Armet. It is worn down to 97 millimetres. In the pores of it there is galvanised steel like that of PW/4 and the paint of the panel of the secure room.",
    "JC/3 is a grinder that takes such a disc. The spindle was clean. There is grey dust inside the motor housing, which is made of calcium silicate, as is the core of the panel. That core is of a kind which is common in cold stores and strong rooms. In my opinion this is **moderate support** for the proposition that JC/3 cut the panel.",
    "An abrasive disc leaves no marks by which one can tell one grinder from another, and I do not say that JC/3 cut PW/4.",
]
DNA = [
    "# What I was asked",
    "To examine the grey work glove PW/5 for cellular material and to compare any profile with those of Marcus Bates and Ciaran Doyle.",
    "# What I did",
    "I received PW/5 on 8 December 2025 in a sealed paper bag, E4471111. It is a right-hand glove of knitted polyester with a grey latex palm, of size 10. It was dry. I took tapings of the inside of the cuff (1), of the fingers within (2), and of the palm without (3).",
    "I used a system that looks at sixteen places and one for sex. The results were put into software which weighs mixtures.",
    "# What I found",
    "Taping 2 gave a mixture from at least three people. One of them, a man, gave about four-fifths of it. His profile is complete and matches that of Ciaran Doyle. I should expect to see such a match about a **thousand million** times more often if the DNA was from him than if it was from an unknown man who is no relative of his.",
    "Taping 1 gave a mixture from at least four people, which is not fit for comparison. Taping 3 gave too little.",
    "Marcus Bates is excluded as the major contributor to taping 2. As a minor contributor he can be neither included nor excluded.",
    "# What it means",
    "The finding shows that Mr Doyle's DNA is inside the glove. It does not show when or how it came there. The simplest explanation is that he wore it. I cannot exclude that somebody else wore it after him: a person may wear a glove for a short time and leave little. I was told by those who act for Mr Doyle that he left a pair of such gloves in a tool bag. My findings are as likely if that is so as if it is not.",
    "I am asked whether the DNA can be dated. It cannot.",
]
GLASS = [
    "# What I was asked",
    "To compare glass from the hooded jumper IS/3 with the control sample PW/3 from the office door.",
    "# Examination",
    "The jumper had been washed, but had been hung to dry and not tumbled. I noted a small tear in the outer paper of the bag, as Mr Brandreth says. The inner bag was whole and its seal was good. I do not think that glass could have got in.",
    "I shook the jumper over paper and looked at what fell under a microscope. There were eleven pieces of glass, none of them more than half a millimetre across: seven from the hood and the folds of the cuffs and four from the pocket. I measured the refractive index of the seven largest and found what elements were in four of those.",
    "# Opinion",
    "Six of the seven cannot be told apart from PW/3. The seventh is different and is probably from a bottle. PW/3 is a float glass of a kind that makes up about three in a hundred of the panes in my laboratory's records.",
    "In surveys of clothing of people who have nothing to do with breaking glass it is rare to find more than two pieces that match each other. Washing takes away most of what was there. In my opinion the findings give **strong support** for the proposition that the wearer of IS/3 was near PW/3 when it was broken, rather than that he was not.",
    "I have been asked by those who act for Mr Bates about his work. He delivers parcels, and parcels sometimes hold broken glass. That might well account for the seventh piece. It would not, in my opinion, readily account for six from one pane.",
]
VALUE = [
    "# What I was asked",
    "To say what the goods in schedule NF/1 were worth on 7 November 2025, and what a thief might have had for them.",
    "I have been a valuer of watches and jewellery for twenty-six years. I saw the seventeen watches JC/2 and SL/2 on 14 January 2026. The rest I valued from the purchase ledger.",
    f"The total of NF/1 at trade price, {story.LOSS}, is right. At retail the same goods would have been offered for about £812,000.",
    "The three watches SL/2 are worth £4,100 to £5,200 in the trade. £2,350 for the three is about half. I should have asked where they came from.",
    "Goods such as these, sold by a thief, fetch between a tenth and a quarter of the trade price. For all of NF/1 that would be £48,000 to £120,000.",
]
CV = [
    "Dr Mark Tring BEng (Leeds, 1998), PhD in radio propagation (Leeds, 2003), MIET (2005).",
    "2003 to 2009: radio network planner, Orwell Mobile, with the north of England as my area. 2009 to 2016: senior engineer, then head of coverage, at the same company. Since 2016: Tring Radio Consultants, of which I am the only director.",
    "I have prepared 214 reports on cell site evidence: 151 for the prosecution and 63 for the defence. I have given evidence in the Crown Court 47 times and in the Court of Appeal once.",
    "My evidence was criticised on one occasion, in 2021, when I had taken the azimuth of a mast from an old list. I now check every azimuth by eye, and there are photographs in my working papers for all the masts in this case.",
    "I am a member of the working group on the good practice guide for cell site analysis. I have no qualification in the examination of handsets and do not give evidence about it.",
]

# -- telephones ------------------------------------------------------------------------------------------------
CHAT = [
    "U home for tea?",
    "Running late x",
    "Can you get milk",
    "Ok",
    "Darts Thursday?",
    "Cant make it mate",
    "Call me when ur free",
    "Pick up 3.15 not 3",
    "Lol",
    "What time you finish",
    "Dentist sorted for the 12th",
    "Traffic on the ring road is a joke",
    "Haha yes",
    "Did you pay the man",
    "Tenner each for the pool",
    "Happy birthday pal",
    "On my way",
    "5 mins",
    "Nah Im skint till the 28th",
    "Whos on the late?",
    "Swap shift Weds?",
    "Yeh go on then",
    "Mums asking about Sunday",
    "Roast or chicken",
    "Boss is in a mood",
    "Van wont start again",
    "Have you seen my keys",
    "Under the bread bin",
    "Leeds were shocking",
    "Did you watch it",
    "Never a penalty",
    "Love you x",
    "Night x",
    "Little one has a temp",
    "Calpol in top cupboard",
    "Ring the school",
    "Can you do a Yale lock Sat",
    "How much",
    "60 cash",
    "Address?",
    "Let you know",
    "Thanks mate",
    "No worries",
    "Is it bins tomorrow",
    "Green one",
    "Gaz is having a do on the 22nd",
    "Whats his number",
    "Parking is a nightmare use the back street",
    "Chippy?",
    "Cod and a large chips",
    "Scraps",
    "Parcel left next door",
    "Card machine is down",
    "Hes not answering",
    "Try the landline",
    "Back at 6",
    "Got held up at Morley",
    "Need a hand Sat am shifting a wardrobe",
    "My backs gone",
    "Sorry only just seen this",
    "Can I borrow the drill",
    "Its in the shed",
    "Sound",
    "Ta",
    "Will do",
    "Not today",
    "Who is this",
    "Wrong number",
    "New phone who dis",
    "Can you feed the cat",
]
DAZ = [
    ("2025-10-12 22:40:09", THIRD, "You owe 4. I want 4."),
    ("2025-10-12 22:58:31", DOYLE, "I said end of month"),
    ("2025-10-13 08:02:17", THIRD, "End of month you do a job or your sister has a fall"),
    ("2025-10-14 19:20:44", DOYLE, "Leave her out of it"),
    ("2025-10-16 21:11:02", THIRD, "That place with the watches. You said the line is the only thing"),
    ("2025-10-16 21:30:50", DOYLE, "I was talking. I didnt mean it"),
    ("2025-10-19 12:04:26", THIRD, "M is in. He needs it as bad as you"),
    ("2025-10-22 23:15:13", THIRD, "Get a van. White. Clean licence so it has to be you"),
    ("2025-10-27 09:46:38", DOYLE, "After this we are done"),
    ("2025-10-27 09:47:01", THIRD, "After this we are quits"),
    ("2025-10-30 20:52:55", THIRD, "Go and look at it with M again. Then no more looking"),
]
WEB_B = [
    "darts fixtures leeds",
    "how long does glue take to dry",
    "parcel driver wages 2025",
    "cheap trainers size 9",
    "school holidays leeds",
    "valhalla bet log in",
    "bed shops birstall",
    "chicken pox rash",
    "mot near me",
    "gearbox whine 2nd gear",
    "fantasy football tips",
    "fireworks near me",
    "how to get paint off uniform",
    "kestrel vanta review",
    "christmas club",
    "overtime tax",
    "paddling pool patch",
    "leeds united score",
    "takeaway near me",
    "bin day ls11",
]
WEB_D = [
    "euro cylinder 35 45",
    "how to stop grinding teeth at night",
    "locksmith insurance",
    "wellbeck yard",
    "tax return deadline",
    "smart lock fail battery",
    "old dyehouse opening times",
    "leeds tool hire",
    "can you lend someone a phone",
    "what is duress",
    "bus to headingley",
    "125mm cutting disc metal",
    "how to spot if being followed",
    "aoife birthday ideas",
    "ice cream van tunes list",
    "alarm panel manual pdf",
    "cant sleep",
    "money lender threatening",
    "citizens advice leeds",
    "dentist emergency",
]


def extraction(ref: str, device: str, owner: str, account: str, seed_name: str) -> Callable[[Path, int], int]:
    """RD/1 and RD/2: what a laboratory's program prints of a telephone."""

    def build(path: Path, seed: int) -> int:
        rnd = random.Random(f"extraction {seed_name} {seed}")

        def on_page(p: Paper) -> None:
            exhibit_label(p, ref)
            p.put(p.left, p.size[1] - 34, f"Extraction report   {device}   {owner}", "sans-b", 9)
            p.y = p.size[1] - 52

        p = Paper(
            path,
            title=f"Extraction report {device}",
            margins=(44, 54, 44, 44),
            on_page=on_page,
            late=footer(f"{ref}   Extraction report   {device}"),
        )
        p.heading("Extraction report", 18)
        p.form(
            [
                [("Device", device, 2), ("Number", owner, 1.4), ("Owner's account", account, 1.8)],
                [
                    ("Examiner", "Robert Deakin", 1.4),
                    ("Extracted", "27 November 2025, 10:14", 1.6),
                    ("Method", "Full file system", 1.2),
                ],
                [
                    (
                        "Hash of the copy (SHA-256)",
                        "".join(rnd.choice("0123456789abcdef") for _ in range(64)),
                        1,
                    )
                ],
            ],
            size=9,
        )
        p.text(
            "Contents: 1 contacts; 2 calls; 3 messages; 4 messages of note; 5 web history; 6 locations; 7 applications in use. Times are local."
        )
        events = [e for e in story.of(owner, seed) if e.kind != "Data"]
        # the telephone's own numbers, as its owner has saved them
        saved = {n: story.NAMED[n] for n in (HOBBS, BATES, DOYLE, story.AOIFE, story.WHARFE) if n != owner}
        saved[HOBBS] = "Leanne"
        if owner == DOYLE:
            saved |= {story.BURNER: "Boiler", THIRD: "D", BATES: "Marcus darts"}
            saved.pop(HOBBS)
        else:
            saved |= {DOYLE: "Ciaran locks"}
            saved.pop(story.AOIFE)
            saved.pop(story.WHARFE)
        for n in sorted({e.b if e.a == owner else e.a for e in events}):
            saved.setdefault(
                n,
                rnd.choice(
                    [
                        "Mum",
                        "Gaz",
                        "Work",
                        "Nana",
                        "Barber",
                        "Doc",
                        "Sparky Dave",
                        "Chippy",
                        "Uncle Ray",
                        "Jen",
                        "Tone",
                        "School",
                        "Depot",
                        "MOT",
                        "Our kid",
                        "Mick 5s",
                        "Vicky",
                        "Landlord",
                    ]
                )
                + rnd.choice(["", "", " 2", " new", " old"])
                if rnd.random() < 0.6
                else "",
            )
        p.heading("1. Contacts", 14)
        rows = [
            (str(i), name, n)
            for i, (n, name) in enumerate(
                sorted(((n, x) for n, x in saved.items() if x), key=lambda t: t[1].lower()), 1
            )
        ]
        p.table(["No", "Name", "Number"], rows, [30, 240, 200], size=9.5, pad=4)
        p.heading("2. Calls", 14)
        calls = [e for e in events if e.kind == "Voice" and e.at >= datetime(2025, 9, 1)]
        p.table(
            ["No", "Date and time", "Direction", "Number", "Name", "Length"],
            [
                (
                    str(i),
                    f"{e.at:%d/%m/%Y %H:%M:%S}",
                    "Outgoing" if e.a == owner else "Incoming",
                    e.b if e.a == owner else e.a,
                    saved.get(e.b if e.a == owner else e.a, ""),
                    story.hms(e.seconds),
                )
                for i, e in enumerate(calls, 1)
            ],
            [30, 110, 60, 90, 100, 54],
            size=9,
            pad=4.2,
        )
        p.heading("3. Messages", 14)
        deck = Deck(rnd, CHAT)
        texts = [e for e in events if e.kind == "SMS" and e.at >= datetime(2025, 9, 1)]
        special = {
            datetime(2025, 11, 6, 23, 40, 2): "Night x",
            datetime(2025, 11, 10, 11, 49, 36): "Wish you were here [picture]",
            KEY_EVENTS["last"].at: story.TEXTS["last"] + " [DELETED, RECOVERED]",
        }
        p.table(
            ["No", "Date and time", "Direction", "Number", "Name", "Text"],
            [
                (
                    str(i),
                    f"{e.at:%d/%m/%Y %H:%M:%S}",
                    "Sent" if e.a == owner else "Received",
                    e.b if e.a == owner else e.a,
                    saved.get(e.b if e.a == owner else e.a, ""),
                    special.get(e.at) or deck.deal(),
                )
                for i, e in enumerate(texts, 1)
            ],
            [30, 104, 50, 82, 76, 150],
            size=9,
            pad=5,
            tint=lambda i: AMBER if texts[i].at in special else None,
        )
        p.heading("4. Messages of note", 14)
        if owner == DOYLE:
            p.text(
                "Eleven messages in an application, between 'D' and the owner. Set out at the request of those who act for Ciaran Doyle."
            )
            p.table(
                ["Date and time", "From", "Text"],
                [
                    (f"{story.when(t):%d/%m/%Y %H:%M:%S}", "D" if n == THIRD else "Owner", text)
                    for t, n, text in DAZ
                ],
                [110, 50, 320],
                size=10,
                pad=5,
            )
        else:
            p.text("None besides those with a tint in part 3.")
        p.heading("5. Web history", 14)
        web = Deck(rnd, WEB_B if owner == BATES else WEB_D)
        seen: list[tuple[datetime, str]] = []
        day = datetime(2025, 10, 1)
        while day < datetime(2025, 11, 18):
            if owner != BATES or day not in (datetime(2025, 11, 7),):
                for _ in range(rnd.randint(6, 12)):
                    seen.append((day + timedelta(seconds=rnd.randint(8 * 3600, 22 * 3600)), web.deal()))
            day += timedelta(days=1)
        if owner == BATES:
            seen += [
                (datetime(2025, 11, 9, 20, 14, 3), "sell watch for cash no questions"),
                (datetime(2025, 11, 9, 20, 19, 47), "pawn shop north wales"),
                (datetime(2025, 11, 9, 20, 22, 10), "tŷ aur caernarfon opening times"),
            ]
        seen.sort()
        keyed = {
            "sell watch for cash no questions",
            "pawn shop north wales",
            "tŷ aur caernarfon opening times",
        }
        p.table(
            ["No", "Date and time", "Search"],
            [(str(i), f"{t:%d/%m/%Y %H:%M:%S}", q) for i, (t, q) in enumerate(seen, 1)],
            [30, 110, 340],
            size=9,
            pad=4,
            tint=lambda i: AMBER if seen[i][1] in keyed else None,
        )
        p.heading("6. Locations", 14)
        places = (
            [
                ("Beeston, Leeds", "Home"),
                ("Morley depot", "Work"),
                ("Dewsbury Road", ""),
                ("Stourton", ""),
                ("White Rose", ""),
            ]
            if owner == BATES
            else [
                ("Burley, Leeds", "Home"),
                ("Armley", ""),
                ("Headingley", ""),
                ("Kirkstall Road", ""),
                ("City Square", ""),
            ]
        )
        spots = []
        day = datetime(2025, 10, 15)
        while day < datetime(2025, 11, 18):
            for hour in (8, 11, 14, 18, 22):
                where, kind = (
                    ("Caernarfon, the quay", "Photograph")
                    if owner == BATES and day == datetime(2025, 11, 10) and hour == 11
                    else places[0]
                    if hour == 22
                    else rnd.choice(places)
                )
                spots.append(
                    (
                        f"{day + timedelta(hours=hour, minutes=48 if where.startswith('Caer') else rnd.randint(0, 59)):%d/%m/%Y %H:%M}",
                        where,
                        kind,
                        f"{rnd.randint(5, 80)} m",
                    )
                )
            day += timedelta(days=1)
        p.table(["Time", "Place", "Kind", "Within"], spots, [110, 200, 100, 60], size=9, pad=4)
        p.heading("7. Applications in use", 14)
        apps = [
            "Phone",
            "Messages",
            "Camera",
            "Maps",
            "Browser",
            "Radio",
            "Football scores",
            "Bank",
            "Weather",
            "Clock",
            "Photos",
            "Music",
            "Torch",
            "Calculator",
            "Settings",
        ]
        used = []
        day = datetime(2025, 10, 20)
        while day < datetime(2025, 11, 18):
            for _ in range(rnd.randint(22, 38)):
                at = day + timedelta(seconds=rnd.randint(6 * 3600, 23 * 3600 + 1800))
                # on the night neither telephone was touched by hand, save for what the case says of it
                if not datetime(2025, 11, 6, 22, 40) < at < datetime(2025, 11, 7, 7, 12):
                    used.append((at, rnd.choice(apps), rnd.randint(2, 900)))
            day += timedelta(days=1)
        used.sort()
        p.table(
            ["No", "Opened", "Application", "Seconds in front"],
            [(str(i), f"{t:%d/%m/%Y %H:%M:%S}", a, str(n)) for i, (t, a, n) in enumerate(used, 1)],
            [40, 130, 200, 100],
            size=9,
            pad=4.2,
        )
        return p.save()

    return build


def tracker(path: Path, seed: int) -> int:
    """GK/2: positions of the hired van."""
    rnd = random.Random(f"tracker {seed}")

    def on_page(p: Paper) -> None:
        exhibit_label(p, "GK/2")
        p.put(p.left, p.size[1] - 34, f"FleetMinder   Vehicle history   {story.VAN}", "sans-b", 9.5)
        p.y = p.size[1] - 52

    p = Paper(
        path,
        title="",
        margins=(46, 54, 46, 44),
        on_page=on_page,
        late=footer(f"GK/2   FleetMinder   {story.VAN}"),
    )
    p.form(
        [
            [
                ("Vehicle", f"{story.VAN} Ford Transit L3 white", 2),
                ("Unit", "FM-88-20418", 1),
                ("Report", "04/11/2025 to 10/11/2025", 1.4),
            ]
        ],
        size=9.5,
    )
    rows: list[tuple[str, str, str, str, str]] = []

    def trip(start: str, stops: Sequence[str], minutes: int, last: str = "IGNITION OFF") -> None:
        at = story.when(start)
        rows.append((f"{at:%d/%m/%Y}", f"{at:%H:%M:%S}", "IGNITION ON", stops[0], "0"))
        for k in range(0, minutes, 2):
            at += timedelta(minutes=2)
            rows.append(
                (
                    f"{at:%d/%m/%Y}",
                    f"{at:%H:%M:%S}",
                    "POSITION",
                    stops[min(len(stops) - 1, k * len(stops) // max(minutes, 1))],
                    str(rnd.randint(6, 34)),
                )
            )
        rows.append((f"{at:%d/%m/%Y}", f"{at:%H:%M:%S}", last, stops[-1], "0"))

    trip(
        "2025-11-04 10:52:00",
        ["Kirk Van Hire, Holbeck", "Armley Gyratory", "Armley Road", "Wellbeck Yard, Armley"],
        22,
    )
    for day in ("05", "06"):
        for _ in range(3):
            trip(
                f"2025-11-{day} {rnd.randint(8, 18):02d}:{rnd.randint(0, 59):02d}:00",
                rnd.sample(
                    [
                        "Wellbeck Yard, Armley",
                        "Armley Road",
                        "Kirkstall Road",
                        "Burley Road",
                        "Armley Town Street",
                    ],
                    4,
                ),
                rnd.randint(14, 40),
            )
    trip("2025-11-06 22:51:00", ["Wellbeck Yard, Armley"], 10, "UNIT POWER LOST 23:02:14")
    rows.append(("07/11/2025", "04:11:09", "UNIT POWER RESTORED", "Burley Road", "0"))
    for day in ("07", "08", "09"):
        for _ in range(4):
            trip(
                f"2025-11-{day} {rnd.randint(9, 19):02d}:{rnd.randint(0, 59):02d}:00",
                rnd.sample(
                    [
                        "Wellbeck Yard, Armley",
                        "Armley Road",
                        "Kirkstall Road",
                        "Burley Road",
                        "Headingley Lane",
                        "Stanningley Road",
                    ],
                    4,
                ),
                rnd.randint(10, 44),
            )
    trip(
        "2025-11-10 16:21:00",
        ["Wellbeck Yard, Armley", "Armley Gyratory", "Holbeck", "Kirk Van Hire, Holbeck"],
        32,
    )
    rows.sort(key=lambda r: (r[0][6:] + r[0][3:5] + r[0][:2], r[1]))
    p.table(
        ["Date", "Time", "Event", "Place", "mph"],
        rows,
        [70, 60, 150, 190, 34],
        size=9.5,
        pad=4.6,
        tint=lambda i: AMBER if "POWER" in rows[i][2] else None,
    )
    return p.save()


def signals(path: Path, seed: int) -> int:
    """YC/1."""
    rnd = random.Random(f"signals {seed}")
    p = Paper(
        path,
        title="",
        font="mono",
        margins=(50, 54, 50, 46),
        on_page=lambda q: exhibit_label(q, "YC/1"),
        late=footer("YC/1   Northgate Alarm Receiving Centre   Account 40712"),
    )
    p.space(10)
    p.text("NORTHGATE ARC   ACCOUNT 40712   HARLAND & PIKE LTD   SIGNAL HISTORY", size=9, font="mono-b")
    rows = []
    day = datetime(2025, 10, 24)
    while day <= datetime(2025, 11, 7):
        for hour in range(0, 24, 4):
            at = day + timedelta(hours=hour, minutes=3, seconds=rnd.randint(0, 40))
            if at < datetime(2025, 11, 7, 2, 11):
                rows.append((at, "602", "PERIODIC TEST", "PSTN", "OK"))
        if day.weekday() < 5 and day < datetime(2025, 11, 7):
            rows += [
                (day + timedelta(hours=7, minutes=rnd.randint(20, 55)), "401", "OPEN", "PSTN", "OK"),
                (
                    day + timedelta(hours=18, minutes=20 if day.day == 6 else rnd.randint(2, 40)),
                    "402",
                    "CLOSE",
                    "PSTN",
                    "OK",
                ),
            ]
        day += timedelta(days=1)
    n = datetime(2025, 11, 7)
    rows += [
        (n.replace(hour=2, minute=11, second=33), "351", "LINE FAULT", "PSTN", "ALARM"),
        (n.replace(hour=2, minute=13, second=5), "---", "CALL KEYHOLDER 1 (HARLAND)", "VOICE", "NO REPLY"),
        (n.replace(hour=2, minute=16, second=21), "---", "CALL KEYHOLDER 1 (HARLAND)", "VOICE", "NO REPLY"),
        (n.replace(hour=2, minute=31, second=2), "---", "CALL KEYHOLDER 1 (HARLAND)", "VOICE", "NO REPLY"),
        (n.replace(hour=2, minute=33, second=40), "---", "TO DAY LIST. OP 17 CASTLE", "-", "CLOSED"),
    ]
    rows.sort(key=lambda r: r[0])
    p.table(
        ["Date", "Time", "Code", "Event", "Path", "Result"],
        [(f"{a:%d/%m/%Y}", f"{a:%H:%M:%S}", *r) for a, *r in rows],
        [68, 58, 36, 190, 44, 60],
        size=8.4,
        pad=3.4,
        tint=lambda i: AMBER if rows[i][0] > datetime(2025, 11, 7, 2, 5) else None,
    )
    return p.save()


def hire(path: Path, seed: int) -> int:
    """GK/1."""
    p = Paper(
        path,
        title="Hire agreement 20418",
        margins=(50, 56, 50, 46),
        on_page=lambda q: exhibit_label(q, "GK/1"),
        late=footer("Kirk Van Hire, Holbeck, Leeds   0113 496 0583"),
    )
    p.text("KIRK VAN HIRE", 20, "sans-b", after=2, colour=(0.75, 0.2, 0.05))
    p.text(f"Holbeck, Leeds. Telephone {story.VANHIRE}", after=10)
    p.form(
        [
            [
                ("Agreement", "20418", 1),
                ("Date out", "04/11/2025 10:48", 1.2),
                ("Date due", "10/11/2025 17:00", 1.2),
            ],
            [("Hirer", "Mr Ciaran Doyle", 1.4), ("Date of birth", "02/09/1991", 1), ("Telephone", DOYLE, 1)],
            [("Address", story.DOYLE_HOME, 1)],
            [("Driving licence seen", "DOYLE 909021 C99XX (photocard)", 1.4), ("Other drivers", "None", 1)],
            [
                ("Vehicle", "Ford Transit L3H2, white", 1.4),
                ("Registration", story.VAN, 1),
                ("Mileage out / in", "48,211 / 48,406", 1),
            ],
            [
                ("Purpose", "Moving furniture", 1),
                ("Paid", "£318.00 card ending 5518", 1),
                ("Deposit", "£150 held", 1),
            ],
        ],
        height=32,
        size=11,
    )
    p.heading("Condition", 12)
    p.table(
        ["Panel", "Out", "In"],
        [
            ("Nearside door", "Good", "Scratch, about 1 m, fresh"),
            ("Offside", "Good", "Good"),
            ("Rear doors", "Small dent, old", "Small dent, old"),
            ("Load floor", "Clean", "Clean. Grey dust in grooves"),
            ("Plates", "Black screws", "Silver screws, new"),
        ],
        [120, 150, 220],
        size=10.5,
        pad=5,
    )
    p.text(
        "Note by G Kirk on the day: 'Booked by phone 10.12 from 07700 900617, Leeds lad, mate to bring licence. Wanted nothing written on it.'",
        font="sans-i",
    )
    p.sign("Ciaran Doyle", "Hirer", "04/11/2025")
    p.sign("Gordon Kirk", "For Kirk Van Hire", "04/11/2025")
    p.next()
    p.heading("Conditions of hire", 13)
    p.numbered(
        [
            "The vehicle is to be driven only by those named overleaf.",
            "It is to be brought back clean, with as much fuel as it went out with, by the time named overleaf.",
            "The hirer is liable for the first £750 of any damage.",
            "The vehicle has a tracker. It tells us where the vehicle is when the ignition is on. To unplug it is a breach of this agreement and we may come and take the vehicle.",
            "The vehicle is not to be taken out of Great Britain, used for hire or reward, or used for any purpose against the law.",
            "Penalties and tolls are the hirer's, with £35 for our trouble.",
        ]
    )
    return p.save()


def council_stills(path: Path, seed: int) -> int:
    """LB/2: a log and four frames."""
    p = Paper(
        path,
        title="",
        margins=(56, 56, 56, 46),
        on_page=lambda q: exhibit_label(q, "LB/2"),
        late=footer("LB/2   Council CCTV   Camera log"),
    )
    p.heading("Control room: camera log, 6 to 7 November 2025", 14)
    rows = [
        ("23:44:15", "ARM-04", "White Transit, YJ68 KHV, eastbound. One in the front"),
        ("01:47:31", "HUN-02", "White Transit, YJ68 KHV, outbound. Two in the front"),
        ("02:58:44", "HUN-02", "White Transit, YJ68 KHV, inbound. Two in the front"),
        (
            "03:09:24",
            "ARM-04",
            "White Transit, YJ68 KHV, westbound. Passenger: pale object on top of the head. Driver: cap",
        ),
    ]
    p.table(["Time", "Camera", "What is seen"], rows, [60, 60, 340], size=10.5, pad=5)
    for k, (t, camera, what) in enumerate(rows):
        if k % 2 == 0:
            p.next()
        p.picture(pictures.jpeg(pictures.still(1, t, "van", seed + k, fonts()), 60), 450, 300)
        p.text(f"**{camera} {t}.** {what}.", 10, after=14)
    return p.save()


# -- scans: pictures of pages, with no text in them ---------------------------------------------------------------
LOG_WORDS = [
    "all secure",
    "all secure, fox by the skip",
    "U3 light left on, noted",
    "all secure",
    "cold. all secure",
    "U5 back door rattles, told day man",
    "all secure, moon",
    "lorry in layby, ok",
    "gate chain stiff",
    "all secure",
]


def ramsden_log(path: Path, seed: int) -> int:
    rnd = random.Random(f"log {seed}")
    pages = []
    day = datetime(2025, 10, 27)
    while day < datetime(2025, 11, 7):
        if day.weekday() < 5:
            lines: list[tuple[str, float]] = [(f"{day:%a %d/%m/%y}   K. Ramsden   on 21.45", 19), ("", 0)]
            for clock in ("22.10", "23.30", "01.30", "03.30", "05.30"):
                if day.day == 6 and clock in ("03.30", "05.30"):
                    continue
                lines.append((f"{clock}  {rnd.choice(LOG_WORDS)}", 18))
                if day.day == 28 and clock == "22.10":
                    # the entry that moved the sighting from Thursday to Tuesday
                    lines += [
                        ("21.30 (came early) 2 men at back fence, towpath side.", 18),
                        ("1 tall, green bobble hat. 1 short, bag WHARFE on it.", 18),
                        ("'Only looking for the dog, mate'. NO DOG.", 18),
                    ]
                if day.day == 6 and clock == "01.30":
                    lines += [
                        ("          U7 shutter tried - locked", 18),
                        ("~02.10  whistling, ice cream van tune??", 18),
                        ("02.20 m/bike far off", 18),
                        ("", 0),
                        ("05.55  U7 SHUTTER CUT. 999 at 06.02", 19),
                        ("rang Nadia. glove by kerb not touched", 18),
                    ]
            lines += [("", 0), ("KR", 20)]
            pages.append(lines)
        day += timedelta(days=1)
    return pictures.scanned_pdf(path, pictures.scan(pages, fonts(), seed, "log"))


def notebook(path: Path, seed: int) -> int:
    jobs = [
        "Mrs Okoro, Yale, £60",
        "Flat 9 Victoria Terr - 2 keys cut",
        "Kirkstall chippy back door £85",
        "Aoife bday 19th",
        "35/45 cyl x2",
        "VAT??",
        "oil, graphite, blades",
        "ring landlord re damp",
        "Mr Pell snapped key £40",
        "D - 4 by end of month",
        "D again. dont answer",
        "6 pm dentist",
    ]
    rnd = random.Random(f"notebook {seed}")
    pages: list[list[tuple[str, float]]] = []
    for n in range(1, 15):
        if n == 11:
            pages.append(
                [
                    ("", 0),
                    ("Thurs late -", 22),
                    ("", 0),
                    ("grinder, 2 discs,", 22),
                    ("M bring ladders,", 22),
                    ("kill the line first,", 22),
                    ("35 mins in & out", 22),
                    ("", 0),
                    ("plates - J has screws", 19),
                ]
            )
        elif n == 12:
            pages.append([("", 0), ("            yard", 18)])
        else:
            pages.append(
                [("", 0), *[(rnd.choice(jobs), rnd.choice([17, 19, 20])) for _ in range(rnd.randint(5, 12))]]
            )

    def draw(d: ImageDraw.ImageDraw, n: int, k: float) -> None:
        if n != 11:
            return
        pen = 50
        d.line(
            [
                (110 * k, 200 * k),
                (480 * k, 192 * k),
                (486 * k, 420 * k),
                (104 * k, 428 * k),
                (110 * k, 198 * k),
            ],
            fill=pen,
            width=4,
        )
        d.line([(360 * k, 195 * k), (364 * k, 330 * k), (484 * k, 326 * k)], fill=pen, width=4)
        d.line([(390 * k, 230 * k), (450 * k, 290 * k)], fill=pen, width=5)
        d.line([(450 * k, 230 * k), (392 * k, 292 * k)], fill=pen, width=5)
        d.line([(110 * k, 300 * k), (200 * k, 298 * k), (202 * k, 200 * k)], fill=pen, width=4)
        d.line([(250 * k, 424 * k), (310 * k, 424 * k)], fill=235, width=8)

    return pictures.scanned_pdf(
        path, pictures.scan(pages, fonts(), seed, "notebook", drawing=draw, spiral=True)
    )


DELIVERIES = [
    "2023-02-09",
    "2023-02-16",
    "2023-03-02",
    "2023-03-09",
    "2023-03-23",
    "2023-04-06",
    "2023-04-13",
    "2023-04-27",
    "2023-05-04",
    "2023-05-18",
    "2023-05-25",
]


def delivery_notes(path: Path, seed: int) -> int:
    """NF/4, put into the scanner sideways: /Rotate turns each page upright."""
    rnd = random.Random(f"delivery {seed}")
    pages: list[list[tuple[str, float]]] = []
    for n, d in enumerate(DELIVERIES):
        at = datetime.fromisoformat(d)
        pages.append(
            [
                ("AIRE PARCELS LTD", 26),
                ("DELIVERY NOTE", 18),
                ("", 10),
                (f"No. {881204 + n * 613}", 13),
                (f"Date {at:%d/%m/%Y}     Time {rnd.randint(9, 11):02d}:{rnd.randint(0, 59):02d}", 13),
                ("To: Harland & Pike Ltd, Unit 7, Calder Lane, LS10", 13),
                (f"Packages: {rnd.randint(2, 14)}     Weight: {rnd.randint(4, 60)} kg", 13),
                ("Signature of consignee:  N Feroz", 13),
                ("Driver (print):  M BATES", 13),
                ("Vehicle:  AP 27", 13),
            ]
        )

    def draw(d: ImageDraw.ImageDraw, n: int, k: float) -> None:
        r = random.Random(f"sign {n}")
        x, y = 330 * k, 300 * k
        points = [(x, y)]
        for i in range(14):
            points.append((x + (i + 1) * 13 * k / 1.6, y + r.uniform(-14, 10) * k))
        d.line(points, fill=40, width=4, joint="curve")
        d.rectangle((60 * k, 50 * k, 530 * k, 330 * k), outline=60, width=3)

    return pictures.scanned_pdf(
        path,
        pictures.scan(pages, fonts(), seed, "delivery", font="mono", lined=False, drawing=draw),
        rotate=90,
    )


def receipt(path: Path, seed: int) -> int:
    """SL/1."""
    pages = [
        [
            ("TŶ AUR", 34),
            ("gemydd · gwystlwr      jeweller · pawnbroker", 13),
            ("Stryd y Llyn, Caernarfon   01632 960318", 13),
            ("", 12),
            ("DERBYNNEB / RECEIPT   1187", 20),
            ("10 Tachwedd / November 2025    11.25", 15),
            ("", 12),
            ("3 watsh / 3 watches", 15),
            ("Prynwyd gan / bought from:  Mark BATESON", 15),
            ("Talwyd / paid:  £2,350.00  arian parod / cash (£20)", 15),
        ],
        [
            ("LLYFR PRYNU / PURCHASE REGISTER", 18),
            ("", 12),
            ("1184  03/11  modrwy aur, Mrs Prydderch, Bontnewydd  £180", 13),
            ("1185  05/11  cloc taid, tŷ y diweddar W. Ellis, Llŷn  £420", 13),
            ("1186  07/11  2 gadwyn aur, Mr Gŵyl Owen  £265", 13),
            ("1187  10/11  3 watsh, Mark Bateson, Leeds?  £2,350", 13),
            ("1188  12/11  broets, Miss Pari  £95", 13),
        ],
    ]

    def draw(d: ImageDraw.ImageDraw, n: int, k: float) -> None:
        if n == 0:
            r = random.Random("bateson")
            d.line(
                [(150 * k + i * 11 * k, 420 * k + r.uniform(-14, 9) * k) for i in range(16)],
                fill=44,
                width=4,
                joint="curve",
            )
            d.rectangle((56 * k, 52 * k, 540 * k, 470 * k), outline=80, width=2)

    return pictures.scanned_pdf(
        path, pictures.scan(pages, fonts(), seed, "receipt", font="serif", lined=False, drawing=draw)
    )


def original_statement(path: Path, seed: int) -> int:
    """The handwritten first statement of Keith Ramsden."""
    from casebundle.demo.statements import ramsden

    words = " ".join(t for t in ramsden(seed) if not t.startswith("# ")).split()
    pages: list[list[tuple[str, float]]] = []
    lines: list[tuple[str, float]] = [
        ("WITNESS STATEMENT (MG11)   Keith Ramsden", 18),
        ("Taken by PC 5120 Sadiq, 7/11/25, gatehouse", 16),
        ("", 0),
    ]
    line = ""
    for w in words:
        if len(line) + len(w) > 62:
            lines.append((line, 17))
            line = ""
            if len(lines) >= 28:
                pages.append([*lines, ("", 0), ("                               Signed  K Ramsden", 19)])
                lines = [("", 0)]
        line = f"{line} {w}".strip()
    pages.append([*lines, (line, 17), ("", 0), ("                               Signed  K Ramsden", 19)])
    return pictures.scanned_pdf(path, pictures.scan(pages, fonts(), seed, "original"))


def wrap_album(path: Path, seed: int) -> int:
    return pictures.album(fonts)(path, seed)


def wrap_stills(path: Path, seed: int) -> int:
    return pictures.stills(fonts)(path, seed)


PW = Spec(
    "PW_1 Photo Album.pdf", "J", "Album of photographs", "2025-12-15", wrap_album, "PW/1", served_days_ago=88
)
SPECS = [
    PW,
    Spec(
        "AH2 CCTV timeline and stills.pdf",
        "J",
        "CCTV timeline and stills, Unit 7",
        "2025-11-20",
        wrap_stills,
        "AH/2",
        served_days_ago=88,
    ),
    Spec(
        "LB2 LCC camera log.pdf",
        "J",
        "Stills and camera log, council cameras",
        "2025-11-09",
        council_stills,
        "LB/2",
        served_days_ago=88,
    ),
    Spec(
        "RD-1 Samsung SM-A155 extraction.pdf",
        "J",
        "Extraction report, Samsung (Bates)",
        "2026-01-09",
        extraction("RD/1", "Samsung SM-A155", BATES, "Marcus Bates", "b"),
        "RD/1",
        served_days_ago=80,
    ),
    Spec(
        "RD-2 iPhone 13 extraction.pdf",
        "J",
        "Extraction report, iPhone (Doyle)",
        "2026-01-09",
        extraction("RD/2", "iPhone 13", DOYLE, "C Doyle", "d"),
        "RD/2",
        served_days_ago=80,
    ),
    Spec(
        "GK1 Hire agreement 20418.pdf",
        "J",
        "Van hire agreement 20418",
        "2025-11-04",
        hire,
        "GK/1",
        served_days_ago=88,
    ),
    Spec(
        "GK2 FleetMinder YK19VTF 0411-1011.pdf",
        "J",
        "Vehicle tracker report",
        "2025-11-13",
        tracker,
        "GK/2",
        served_days_ago=88,
    ),
    Spec(
        "YC1 ARC history acct 40712.pdf",
        "J",
        "Alarm signal history",
        "2025-11-10",
        signals,
        "YC/1",
        served_days_ago=88,
    ),
    Spec(
        "SCAN0041.pdf",
        "J",
        "Security officer's log (scan)",
        "2025-11-07",
        ramsden_log,
        "KR/1",
        served_days_ago=88,
    ),
    Spec(
        "JC1 red notebook - scan 300dpi.pdf",
        "J",
        "Red spiral notebook (scan)",
        "2025-11-26",
        notebook,
        "JC/1",
        served_days_ago=88,
    ),
    Spec(
        "NF4_delivery_notes_2023.pdf",
        "J",
        "Delivery notes signed M Bates (scan)",
        "2023-05-25",
        delivery_notes,
        "NF/4",
        served_days_ago=80,
    ),
    Spec(
        "SL1 Ty Aur receipt 1187 and register.pdf",
        "J",
        "Receipt 1187 and purchase register, Tŷ Aur (scan)",
        "2025-11-10",
        receipt,
        "SL/1",
        served_days_ago=80,
    ),
    Spec(
        "RAMSDEN original h-written MG11 071125 (scan).pdf",
        "I",
        "Original handwritten statement of Keith Ramsden (scan)",
        "2025-11-07",
        original_statement,
        served_days_ago=60,
    ),
    Spec(
        "VANCE Footwear & toolmark report 12.01.2026.pdf",
        "M",
        "Footwear and toolmark report",
        "2026-01-12",
        report(
            "Footwear and toolmark report", "Dr Alison Vance", "BSc PhD MCSFS", "12 January 2026", FOOTWEAR
        ),
        served_days_ago=70,
    ),
    Spec(
        "Osei_DNA_PW5_report_150126.pdf",
        "M",
        "DNA report, glove PW/5",
        "2026-01-15",
        report(
            "DNA report: glove PW/5",
            "Dr Kwame Osei",
            "BSc PhD",
            "15 January 2026",
            DNA,
            {
                7: (
                    ["Taping", "Where", "Contributors", "Result"],
                    [
                        ("1", "Inside of cuff", "4 or more", "Not fit for comparison"),
                        ("2", "Fingers, within", "3 or more", "Major: Doyle. 1 in 1,000,000,000"),
                        ("3", "Palm, without", "-", "Too little"),
                    ],
                    [40, 120, 90, 200],
                )
            },
        ),
        served_days_ago=70,
    ),
    Spec(
        "HALE J - Glass IS3 v PW3.pdf",
        "M",
        "Glass report",
        "2026-01-16",
        report(
            "Glass report",
            "Judith Hale",
            "BSc MCSFS",
            "16 January 2026",
            GLASS,
            {
                4: (
                    ["Piece", "From", "Refractive index", "Same as PW/3"],
                    [
                        ("1", "Hood", "1.51937", "Yes"),
                        ("2", "Hood", "1.51939", "Yes"),
                        ("3", "Left cuff", "1.51936", "Yes"),
                        ("4", "Left cuff", "1.51938", "Yes"),
                        ("5", "Right cuff", "1.51938", "Yes"),
                        ("6", "Pocket", "1.51937", "Yes"),
                        ("7", "Pocket", "1.52214", "No"),
                        ("PW/3", "Control, 10 readings", "1.51934 to 1.51941", "-"),
                    ],
                    [50, 140, 140, 100],
                )
            },
        ),
        served_days_ago=70,
    ),
    Spec(
        "Moss valuation NF1.pdf",
        "M",
        "Valuation of stock",
        "2026-01-21",
        report("Valuation", "Edwina Moss", "FGA NAJ", "21 January 2026", VALUE),
        served_days_ago=66,
    ),
    Spec(
        "Tring CV.pdf",
        "M",
        "Curriculum vitae of Dr Mark Tring",
        "2026-02-02",
        report("Curriculum vitae", "Dr Mark Tring", "BEng PhD MIET", "2 February 2026", CV),
        served_days_ago=70,
    ),
]
