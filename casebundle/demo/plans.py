"""Vector drawing: the map of the city that the case happens in, the plan of Unit 7, the cell site report."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from pathlib import Path

from reportlab.lib.pagesizes import A4

from casebundle.demo import records, story
from casebundle.demo.forms import Spec, footer
from casebundle.demo.layout import A3L, A4L, Paper, width_of
from casebundle.demo.story import CELLS, KEY_EVENTS, KEY_READS, PLACES

Point = tuple[float, float]
RED, BLUE, GREEN, ORANGE = (0.80, 0.10, 0.12), (0.08, 0.28, 0.65), (0.10, 0.48, 0.22), (0.86, 0.45, 0.05)

RIVER: list[Point] = [
    (-7, 4.6),
    (-3.6, 2.2),
    (-2.9, 1.1),
    (-2.0, 0.55),
    (-1.0, 0.05),
    (0.1, -0.45),
    (0.9, -1.2),
    (1.5, -1.75),
    (2.3, -2.3),
    (3.4, -3.2),
    (7, -5.2),
]
ROADS: dict[str, tuple[float, list[Point]]] = {
    "M621": (4.5, [(-4.8, -4.6), (-2.6, -2.9), (-1.3, -1.7), (0.0, -1.45), (1.0, -2.9), (2.3, -4.4)]),
    "Kirkstall Road": (2.6, [(-4.6, 3.0), (-3.0, 1.6), (-1.9, 0.8), (-0.7, 0.3), (0, 0.1)]),
    "Hunslet Road": (2.6, [(0.1, -0.4), (0.6, -1.2), (1.2, -2.0), (2.0, -2.9), (3.2, -4.2)]),
    "Dewsbury Road": (2.2, [(0, -0.7), (-0.2, -1.9), (-0.6, -3.0), (-0.9, -4.4)]),
    "Armley Gyratory": (2.6, [(-2.9, -0.8), (-1.6, -0.5), (-1.0, -0.35), (0, -0.5)]),
    "Armley Road": (2.2, [(-4.2, 0.0), (-2.8, -0.1), (-1.6, -0.5)]),
    "Beeston Hill": (1.8, [(-2.2, -3.6), (-1.3, -2.7), (-0.8, -2.1), (-0.2, -1.4)]),
    "Burley Road": (1.8, [(-3.4, 2.4), (-2.5, 1.5), (-1.4, 0.9), (-0.3, 0.4)]),
    "York Road": (2.2, [(0.3, 0.1), (1.6, 0.3), (3.4, 0.6)]),
    "Calder Lane": (1.8, [(1.25, -2.1), (1.6, -2.45), (1.95, -2.75), (2.2, -2.9)]),
}


class CityMap:
    """A map in a box on a page: kilometres become points."""

    def __init__(self, p: Paper, box: tuple[float, float, float, float], centre: Point, span: float) -> None:
        """`box` is x, y, width, height in points; `span` the kilometres across it."""
        self.p, self.c, self.box, self.centre = p, p.c, box, centre
        self.k = box[2] / span

    def at(self, x: float, y: float) -> Point:
        bx, by, bw, bh = self.box
        return bx + bw / 2 + (x - self.centre[0]) * self.k, by + bh / 2 + (y - self.centre[1]) * self.k

    def base(self, seed: int) -> None:
        """Streets, river, railway, names, scale and north."""
        c, (bx, by, bw, bh) = self.c, self.box
        c.saveState()
        clip = c.beginPath()
        clip.rect(bx, by, bw, bh)
        c.clipPath(clip, stroke=0, fill=0)
        c.setFillColorRGB(0.96, 0.955, 0.935)
        c.rect(bx, by, bw, bh, stroke=0, fill=1)
        rnd = random.Random(f"map {seed}")
        for _ in range(32):
            x, y = rnd.uniform(-6.5, 5.5), rnd.uniform(-5, 4)
            px, py = self.at(x, y)
            c.setFillColorRGB(0.86, 0.92, 0.82)
            c.ellipse(
                px,
                py,
                px + rnd.uniform(0.2, 0.7) * self.k,
                py + rnd.uniform(0.2, 0.5) * self.k,
                stroke=0,
                fill=1,
            )
        c.setStrokeColorRGB(1, 1, 1)
        c.setLineWidth(max(0.6, self.k * 0.012))
        for _ in range(560):
            x, y, a = rnd.uniform(-7, 6), rnd.uniform(-5, 4), rnd.choice([0.35, 0.35 + math.pi / 2, 0.1, 1.7])
            length = rnd.uniform(0.2, 0.9)
            c.line(*self.at(x, y), *self.at(x + length * math.cos(a), y + length * math.sin(a)))
        self.line(RIVER, (0.66, 0.80, 0.92), 0.10)
        self.line(
            [(-7, -1.2), (-2, -0.35), (-0.4, -0.15), (0.6, 0.0), (2.2, -0.1), (7, 0.5)],
            (0.45, 0.45, 0.45),
            0.018,
            dash=True,
        )
        for weight, points in ROADS.values():
            self.line(points, (0.72, 0.66, 0.52), 0.016 * weight + 0.012)
            self.line(points, (1.0, 0.93, 0.72) if weight < 4 else (0.78, 0.86, 0.96), 0.016 * weight)
        for name, (_, points) in ROADS.items():
            (x0, y0), (x1, y1) = points[len(points) // 2 - 1], points[len(points) // 2]
            c.saveState()
            c.translate(*self.at((x0 + x1) / 2, (y0 + y1) / 2))
            angle = math.degrees(math.atan2(y1 - y0, x1 - x0))
            c.rotate(angle if -90 <= angle <= 90 else angle + 180)
            c.setFillColorRGB(0.35, 0.30, 0.20)
            c.setFont("sans", 6.5)
            c.drawCentredString(0, 4, name)
            c.restoreState()
        for name, x, y in (
            ("LEEDS", 0.1, 0.35),
            ("HUNSLET", 0.75, -1.62),
            ("BEESTON", -1.55, -2.35),
            ("ARMLEY", -2.95, -0.35),
            ("BURLEY", -2.05, 1.95),
            ("HOLBECK", -0.75, -0.75),
        ):
            self.p.put(*self.at(x, y), name, "sans-b", 8, "centre", (0.45, 0.45, 0.50))
        self.p.put(*self.at(-1.5, 0.34), "River Aire", "sans-i", 6.5, "centre", (0.25, 0.45, 0.65))
        c.restoreState()
        c.setLineWidth(1)
        c.setStrokeColorRGB(0.2, 0.2, 0.2)
        c.rect(bx, by, bw, bh)
        # scale and north
        km = self.k
        c.setFillColorRGB(1, 1, 1)
        c.rect(bx + 8, by + 8, km + 16, 24, stroke=1, fill=1)
        c.setFillColorRGB(0, 0, 0)
        c.rect(bx + 16, by + 14, km / 2, 4, fill=1)
        c.rect(bx + 16 + km / 2, by + 14, km / 2, 4, fill=0)
        self.p.put(bx + 16 + km / 2, by + 22, "1 km", size=7, align="centre")
        nx, ny = bx + bw - 26, by + bh - 46
        c.line(nx, ny, nx, ny + 28)
        c.line(nx, ny + 28, nx - 5, ny + 18)
        c.line(nx, ny + 28, nx + 5, ny + 18)
        self.p.put(nx, ny + 31, "N", "sans-b", 9, "centre")

    def line(self, points: Sequence[Point], colour: Sequence[float], km: float, dash: bool = False) -> None:
        c = self.c
        c.setStrokeColorRGB(*colour)
        c.setLineWidth(km * self.k)
        c.setLineJoin(1)
        c.setLineCap(0 if dash else 1)
        if dash:
            c.setDash(6, 3)
        path = c.beginPath()
        path.moveTo(*self.at(*points[0]))
        for x, y in points[1:]:
            path.lineTo(*self.at(x, y))
        c.drawPath(path)
        c.setDash()
        c.setLineCap(0)

    def label(
        self,
        x: float,
        y: float,
        text: str,
        colour: Sequence[float],
        dx: float = 8,
        dy: float = 6,
        size: float = 8,
    ) -> None:
        """Words in a white box beside a place."""
        px, py = self.at(x, y)
        if not self.inside(px, py):
            return
        w = width_of(text, "sans-b") * size
        x0 = px + dx if dx >= 0 else px + dx - w
        x0 = min(x0, self.box[0] + self.box[2] - w - 6)
        self.c.setFillColorRGB(1, 1, 1)
        self.c.setStrokeColorRGB(*colour)
        self.c.setLineWidth(0.6)
        self.c.rect(x0 - 3, py + dy - 3, w + 6, size + 4, fill=1)
        self.p.put(x0, py + dy, text, "sans-b", size, colour=tuple(colour))  # type: ignore[arg-type]

    def inside(self, px: float, py: float) -> bool:
        bx, by, bw, bh = self.box
        return bx + 4 < px < bx + bw - 4 and by + 4 < py < by + bh - 4

    def dot(self, x: float, y: float, colour: Sequence[float], r: float = 4.5) -> None:
        if not self.inside(*self.at(x, y)):
            return
        self.c.setFillColorRGB(*colour)
        self.c.setStrokeColorRGB(1, 1, 1)
        self.c.setLineWidth(1)
        self.c.circle(*self.at(x, y), r, fill=1)

    def wedge(self, cell: story.Cell, colour: Sequence[float], alpha: float = 0.25) -> None:
        """The sector of a mast."""
        c = self.c
        bx, by, bw, bh = self.box
        c.saveState()
        clip = c.beginPath()
        clip.rect(bx, by, bw, bh)
        c.clipPath(clip, stroke=0, fill=0)
        x, y = self.at(cell.x, cell.y)
        r = cell.reach * self.k
        c.setFillColorRGB(*colour)
        c.setFillAlpha(alpha)
        c.setStrokeColorRGB(*colour)
        c.setLineWidth(1)
        c.wedge(x - r, y - r, x + r, y + r, 90 - cell.azimuth - 60, 120, fill=1)
        c.setFillAlpha(1)
        c.rect(x - 3, y - 3, 6, 6, fill=1)
        c.restoreState()


SHORT = {
    "Unit 7, Calder Lane": "Unit 7, Calder Lane Trade Park",
    "14 Cragside Terrace": "14 Cragside Terrace (Bates)",
    "5 Fenton Row": "5 Fenton Row (Doyle)",
    "Unit 12, Wellbeck Yard": "Unit 12, Wellbeck Yard",
    "Kirk Van Hire": "Kirk Van Hire",
}


def places(m: CityMap, names: Sequence[str] = tuple(PLACES)) -> None:
    for n in names:
        m.dot(*PLACES[n], RED)
        m.label(
            *PLACES[n], SHORT[n], RED, dx=-8 if n in ("5 Fenton Row", "Unit 12, Wellbeck Yard") else 8, dy=8
        )


def cell_page(
    p: Paper, seed: int, title: str, names: Sequence[str], centre: Point, span: float, text: str
) -> None:
    """A landscape page: a map with the cells of some calls, and the calls under it."""
    p.next(size=A4L)
    p.heading(title, 13)
    p.text(text, size=9.5)
    box = (p.left, 122, p.width, p.y - 128)
    m = CityMap(p, box, centre, span)
    m.base(seed)
    shown: dict[str, list[str]] = {}
    for n in names:
        e = KEY_EVENTS[n]
        for number, code in ((e.a, e.cell), (e.b, e.cell_b)):
            if code and number in (story.BURNER, story.DOYLE, story.BATES):
                shown.setdefault(code, []).append(f"{number[-3:]} {e.at:%H:%M:%S}")
    colours = (BLUE, ORANGE, GREEN, (0.45, 0.15, 0.6))
    for k, code in enumerate(shown):
        m.wedge(CELLS[code], colours[k % 4])
    places(m)
    taken: list[float] = []
    for k, (code, who) in enumerate(shown.items()):
        # below and to the right of its mast, clear of the names of the places; a thin line joins the two
        cell = CELLS[code]
        x, y = m.at(cell.x, cell.y)
        low = max(y - 58, box[1] + 12)
        while any(abs(low - other) < 14 for other in taken):
            low -= 14 if low - 14 > box[1] + 6 else -56
        taken.append(low)
        drop = low - y
        p.c.setStrokeColorRGB(*colours[k % 4])
        p.c.setLineWidth(0.7)
        p.c.line(x, y, x + 34, y + drop + 8)
        m.label(
            cell.x, cell.y, f"{code}: {'; '.join(sorted(set(who)))}", colours[k % 4], dx=34, dy=drop, size=7
        )
    p.y = 114
    p.table(
        ["Row of HM/1", "Date", "Time", "From", "To", "Seconds", "Cell of caller", "Cell of called"],
        [
            (
                str(records.row_number(n, seed)),
                f"{KEY_EVENTS[n].at:%d/%m/%Y}",
                f"{KEY_EVENTS[n].at:%H:%M:%S}",
                KEY_EVENTS[n].a,
                KEY_EVENTS[n].b,
                str(KEY_EVENTS[n].seconds),
                KEY_EVENTS[n].cell or "-",
                KEY_EVENTS[n].cell_b or "-",
            )
            for n in names
        ],
        [54, 60, 50, 84, 84, 46, 80, 80],
        size=7.6,
        pad=2,
    )


def cell_site(path: Path, seed: int) -> int:
    """MT/1."""
    p = Paper(
        path,
        title="Cell site report",
        size=A4,
        margins=(60, 60, 60, 50),
        text_size=11,
        leading=1.5,
        late=footer("MT/1   Cell site analysis   Dr Mark Tring   R v Bates and Doyle"),
    )
    p.space(150)
    p.text("CELL SITE ANALYSIS", 24, "sans-b", align="centre", after=14)
    p.text("R v Marcus Bates and Ciaran Doyle", 15, align="centre")
    p.text("Exhibit MT/1", 13, align="centre", after=40)
    p.text("Dr Mark Tring BEng PhD MIET", 12, align="centre")
    p.text("2 February 2026", 12, align="centre", after=60)
    p.text(
        "Instructed by the prosecution. My duty is to the court and overrides any duty to those who instruct or pay me.",
        align="centre",
    )
    p.next()
    p.heading("1. Summary", 14)
    paras = [
        f"I have considered the call data HM/2 to HM/6 and I have surveyed the service of the cells with a test telephone on six days and two nights in January 2026. In my opinion the use of {story.BURNER} and of {story.DOYLE} between 01:52 and 02:49 on 7 November 2025 is what I should expect if both were at or very near Unit 7, Calder Lane Trade Park.",
        f"The cell LDS-0508-1 (Calder Lane, 135°) is the serving cell over the whole of the trade park. It does not serve any part of Beeston, Burley or Armley. The least distance from its edge to {story.BATES_HOME} is 2.6 kilometres.",
        "The data cannot tell where in the trade park a telephone was, nor who was holding it.",
        "The two telephones were on the same cell at 02:14:27 and again at 02:48:51. The call of eight seconds at 02:14:27 has both its ends on the same sector. In my experience a call between two telephones that are within sight of each other is unusual, and is usually short.",
        f"When it was used late in the evening and early in the morning, {story.BURNER} was on LDS-0602-2 (Beeston Hill, 220°), which is the best server at {story.BATES_HOME}. So was {story.BATES}. That is support for the proposition that one person had both; it is not proof of it, because that cell serves about five thousand households.",
    ]
    p.numbered(paras)
    p.heading("2. How a mobile telephone uses the network", 14)
    p.numbered(
        [
            "A mobile telephone speaks to the network by radio, through a cell. A mast as a rule has three cells, each facing a different way. The direction in which a cell faces is its azimuth, in degrees from north.",
            "A telephone takes the cell that it receives best, which is not always the nearest. Buildings, hills and the load of the network matter. For that reason a circle or a wedge on a map is only an aid to the eye: what counts is the survey.",
            "When a call begins the network writes down the cell. If the telephone moves in the course of the call, the cell at the end may be another. In these records only the cell at the beginning is kept.",
            "A telephone that is switched on and does nothing is not recorded. A modern telephone with data does something every few minutes; so if there is no data at all for seven hours it was off, had no service, or its data had been turned off. The contract telephone of Mr Bates answered at 07:12:48 at once, with no sign of having been off.",
        ],
        start=6,
    )
    p.heading("3. The survey", 14)
    rnd = random.Random(f"survey {seed}")
    for place, (x, y) in PLACES.items():
        p.need(190)
        p.text(f"**{SHORT[place]}** ({len(CELLS)} cells listened for; the five strongest)", after=4)
        near = sorted(
            (c for c in CELLS.values() if c.code.startswith("LDS")),
            key=lambda c: (
                math.hypot(c.x - x, c.y - y)
                + 0.004 * abs((math.degrees(math.atan2(x - c.x, y - c.y)) - c.azimuth + 180) % 360 - 180)
            ),
        )[:5]
        level = -58 - rnd.random() * 6
        rows = []
        for c in near:
            rows.append(
                (
                    c.code,
                    c.site,
                    f"{c.azimuth}°",
                    f"{math.hypot(c.x - x, c.y - y):.2f} km",
                    f"{level:.0f} dBm",
                    str(rnd.randint(18, 40)),
                )
            )
            level -= rnd.uniform(5, 12)
        p.table(
            ["Cell", "Site", "Azimuth", "Distance", "Mean level", "Samples"],
            rows,
            [80, 110, 50, 60, 66, 50],
            size=9,
        )
    p.next()
    p.heading("4. Cells", 14)
    p.table(
        ["Cell", "Site", "Azimuth", "East of City Square (km)", "North of City Square (km)"],
        [
            (
                c.code,
                c.site,
                f"{c.azimuth}°",
                f"{c.x:.2f}" if c.code.startswith("LDS") else "outside the map",
                f"{c.y:.2f}" if c.code.startswith("LDS") else "",
            )
            for c in CELLS.values()
        ],
        [80, 120, 60, 120, 120],
        size=9,
    )
    p.heading("5. Maps", 14)
    p.text(
        "The maps follow. A wedge is drawn from the mast in the direction of the cell and shows about where the survey found it to be the best server. A number and time beside it is the last three figures of a telephone and the time of its call."
    )
    cell_page(
        p,
        seed,
        "Map 1. The first call, 1 October 2025",
        ["first"],
        (-0.5, -0.7),
        12.2,
        "The 617 telephone is topped up at Hunslet News & Booze at 15:58 (IS/2). At 16:42:10 it rings Doyle for 96 seconds.",
    )
    cell_page(
        p,
        seed,
        "Map 2. Sunday 19 October 2025",
        ["oven"],
        (-0.5, -0.7),
        12.2,
        "At 18:05:22 the 617 telephone rings Leanne Hobbs for 34 seconds, from Kirkstall Road.",
    )
    cell_page(
        p,
        seed,
        "Map 3. Tuesday 28 October 2025",
        ["recce"],
        (-0.5, -0.7),
        12.2,
        "Between the two readings of the Golf on Hunslet Road (20:58:13 and 21:44:50) the 617 telephone rings Doyle from the cell at Calder Lane.",
    )
    cell_page(
        p,
        seed,
        "Map 4. Thursday 6 November 2025, evening",
        ["eve1", "eve2"],
        (-0.5, -0.7),
        12.2,
        "The 617 telephone goes from Beeston to Armley.",
    )
    cell_page(
        p,
        seed,
        "Map 5. Friday 7 November 2025, 01:52 to 02:49",
        ["near", "eight", "out"],
        (0.6, -2.3),
        6.4,
        "Both telephones are at Calder Lane.",
    )
    cell_page(
        p,
        seed,
        "Map 6. Friday 7 November 2025, after three",
        ["after", "last"],
        (-0.5, -0.7),
        12.2,
        "The 617 telephone is in Armley at 03:26:14 and in Beeston at 04:02:30, when Doyle's is in Burley.",
    )
    cell_page(
        p,
        seed,
        "Map 7. Saturday 8 November 2025, last use",
        ["end"],
        (-0.5, -0.7),
        12.2,
        "The last call of the 617 telephone.",
    )
    # each site on its own, from the survey
    for site in (
        "Calder Lane",
        "Hunslet Green",
        "Beeston Hill",
        "Armley Mills",
        "Kirkstall Road",
        "Burley Lodge",
    ):
        cells = [c for c in CELLS.values() if c.site == site]
        p.next(size=A4)
        p.heading(f"Survey of {site}", 13)
        p.text(
            f"{site} has {len(cells)} cells of interest: {', '.join(f'{c.code} ({c.azimuth}°)' for c in cells)}. A dot is a place at which the test telephone was served by it."
        )
        m = CityMap(p, (p.left, 250, p.width, p.y - 262), (cells[0].x, cells[0].y), 3.4)
        m.base(seed)
        for k, c in enumerate(cells):
            m.wedge(c, (BLUE, ORANGE)[k % 2], 0.15)
            for _ in range(60):
                a, r = math.radians(c.azimuth + rnd.gauss(0, 30)), c.reach * math.sqrt(rnd.random())
                x, y = c.x + r * math.sin(a), c.y + r * math.cos(a)
                if abs(x - cells[0].x) < 1.65:
                    m.dot(x, y, (BLUE, ORANGE)[k % 2], 1.7)
        p.y = 238
        p.table(
            ["Run", "Date", "Cell", "Samples as server", "Mean level", "Next best"],
            [
                (
                    str(k + 1),
                    f"{rnd.randint(12, 29)}/01/2026",
                    c.code,
                    str(rnd.randint(60, 320)),
                    f"-{rnd.randint(58, 84)} dBm",
                    rnd.choice([x for x in CELLS if x.startswith("LDS") and x != c.code]),
                )
                for k, c in enumerate([*cells, *cells, *cells])
            ],
            [30, 64, 80, 90, 70, 80],
            size=8.5,
        )
    p.next(size=A4)
    p.heading("6. Limits of this report", 14)
    p.numbered(
        [
            "I was asked whether the data would be as well explained if Mr Doyle's telephone had been lent to another. It would: the data is of a telephone and not of a person.",
            "I was asked by those who act for Mr Bates whether the cell at Beeston Hill could serve the 617 telephone if it were in a car on Dewsbury Road. It could, between Cross Flatts and Tunstall Road, a stretch of about 900 metres.",
            "I have not been given data of the mast at Stourton for the night. If it were to show either telephone in use between 01:52 and 02:49, I should have to think again.",
        ],
        start=10,
    )
    p.heading("7. Statement of truth", 14)
    p.text(
        "I confirm that the contents of this report are true to the best of my knowledge and belief and that I make this report knowing that, if it is tendered in evidence, I would be liable to prosecution if I have wilfully stated anything which I know to be false or that I do not believe to be true."
    )
    p.sign("Mark Tring", date="2 February 2026")
    return p.save()


def floor(path: Path, seed: int) -> int:
    """NF/2: the plan of Unit 7, A3 landscape."""
    p = Paper(path, title="", size=A3L, margins=(60, 60, 60, 60))
    floor_plan(p, "NF/2")
    return p.save()


def floor_plan(p: Paper, ref: str, jury: bool = False) -> None:
    """Draw the unit, 42 by 24 metres, at 1:50 or so."""
    c, (w, h) = p.c, p.size
    k = min((w - 160) / 44, (h - 230) / 26)
    ox, oy = 80.0, 130.0

    def box(
        x: float, y: float, bw: float, bh: float, weight: float = 3, fill: Sequence[float] | None = None
    ) -> None:
        c.setLineWidth(weight)
        c.setStrokeColorRGB(0.1, 0.1, 0.1)
        if fill:
            c.setFillColorRGB(*fill)
        c.rect(ox + x * k, oy + y * k, bw * k, bh * k, fill=1 if fill else 0)

    def words(
        x: float,
        y: float,
        text: str,
        size: float = 11,
        font: str = "sans",
        colour: tuple[float, float, float] = (0, 0, 0),
    ) -> None:
        p.put(ox + x * k, oy + y * k, text, font, size, "centre", colour)

    box(0, 0, 42, 24, 5, (0.985, 0.985, 0.975))
    box(30, 8, 12, 16, 4, (0.93, 0.94, 0.97))
    box(0, 15, 11, 9, 3, (0.97, 0.95, 0.90))
    box(0, 9, 6, 6, 2, (0.95, 0.97, 0.95))
    for row in range(3):
        for col in range(3):
            box(9 + col * 6.5, 2.4 + row * 4.1, 5, 1.2, 1, (0.84, 0.84, 0.82))
    for row in range(5):
        box(32, 10 + row * 2.7, 8.5, 0.9, 1, (0.80, 0.83, 0.90))
    words(36, 22.6, "SECURE ROOM", 13, "sans-b")
    words(5.5, 20, "OFFICE", 13, "sans-b")
    words(5.5, 18.6, "alarm panel 40712", 9)
    words(3, 12, "RECEPTION", 11, "sans-b")
    words(18, 14.6, "WAREHOUSE", 15, "sans-b")
    words(17, 1.0, "racking", 9)
    # openings: white over the wall
    for x, y, dx, dy in ((0, 10.5, 0, 2.2), (11, 17, 0, 1.6), (30, 18.5, 0, 1.6), (16, 0, 6, 0)):
        c.setStrokeColorRGB(1, 1, 1)
        c.setLineWidth(7)
        c.line(ox + x * k, oy + y * k, ox + (x + dx) * k, oy + (y + dy) * k)
    c.setStrokeColorRGB(*BLUE)
    c.setLineWidth(2)
    c.setDash(4, 2)
    c.line(ox + 16 * k, oy, ox + 22 * k, oy)
    c.setDash()
    words(19, -1.4, "LOADING DOOR (roller shutter), 6 m", 10, "sans-b", BLUE)
    words(19, -2.6, "REAR YARD", 12)
    p.put(ox - 12, oy + 11.6 * k, "FRONT DOOR", "sans-b", 9, "right")
    # D1 to D3 and Z sensors
    for x, y, name in (
        (1.2, 11.4, "D1"),
        (12.1, 17.6, "D2"),
        (28.8, 19.2, "D3"),
        (19, 3.2 - 1.9, "S1"),
        (9.6, 22.8, "Z2"),
        (23.6, 1.2, "Z4"),
        (31.3, 9.2, "Z6"),
    ):
        c.setFillColorRGB(1, 1, 0.85)
        c.setStrokeColorRGB(0.3, 0.3, 0.3)
        c.setLineWidth(0.8)
        c.circle(ox + x * k, oy + y * k, 10, fill=1)
        p.put(ox + x * k, oy + y * k - 3, name, "sans-b", 8, "centre")
    if jury:
        for x, y, text, dx, dy in (
            (18, 0.2, "1  Door cut, 02:17 to 02:24", 2.4, 4.6),
            (11, 17.8, "2  Glass broken, 02:27", 3.6, 1.2),
            (30, 12.5, "3  Hole in wall, 02:31", -8.5, 4.0),
            (13.5, -0.6, "4  Line cut, 02:11", -9.5, -2.2),
            (24.5, -1.2, "5  Glove PW/5", 4, -2.0),
            (12.6, 16.6, "6  Shoe mark PW/2", 3.4, -3.6),
        ):
            c.setStrokeColorRGB(*RED)
            c.setLineWidth(1.4)
            c.line(ox + x * k, oy + y * k, ox + (x + dx) * k, oy + (y + dy) * k)
            c.setFillColorRGB(*RED)
            c.circle(ox + x * k, oy + y * k, 4, fill=1, stroke=0)
            tw = width_of(text, "sans-b") * 11
            c.setFillColorRGB(1, 1, 1)
            tx = ox + (x + dx) * k
            c.rect(tx - 4 if dx > 0 else tx - tw - 4, oy + (y + dy) * k - 5, tw + 8, 18, fill=1)
            p.put(tx if dx > 0 else tx - tw, oy + (y + dy) * k, text, "sans-b", 11, colour=RED)
    for m in range(11):
        c.setFillColorRGB(0, 0, 0) if m % 2 == 0 else c.setFillColorRGB(1, 1, 1)
        c.setStrokeColorRGB(0, 0, 0)
        c.setLineWidth(0.5)
        if m < 10:
            c.rect(ox + m * k, 46, k, 7, fill=1)
    p.put(ox, 34, "0", size=8, align="centre")
    p.put(ox + 10 * k, 34, "10 metres", size=8, align="centre")
    c.setLineWidth(1.2)
    c.rect(w - 330, 30, 270, 62)
    p.put(w - 322, 76, "HARLAND & PIKE LTD   UNIT 7, CALDER LANE", "sans-b", 10)
    p.put(w - 322, 60, "Ground floor plan.  Drawn 14 May 2024.  Sheet 1 of 1", size=9)
    p.put(
        w - 322, 44, f"Exhibit {ref}" + ("   Marked for the jury by agreement" if jury else ""), "sans-b", 9
    )


def job(who: story.Person) -> str:
    """An occupation in English, with a capital."""
    english = (
        who.job.split(" (")[-1].rstrip(")") if "(" in who.job and who.key in ("llyr", "rowlands") else who.job
    )
    return english[0].upper() + english[1:]


def jury_bundle(path: Path, seed: int) -> int:
    """Section F: index, plan, map and sequence of events for the jury."""
    p = Paper(
        path,
        title="Jury bundle",
        size=A4,
        margins=(70, 64, 70, 56),
        font="serif",
        text_size=12.5,
        leading=1.5,
        late=footer("R v Bates and Doyle   JURY BUNDLE"),
    )
    p.space(170)
    p.text("JURY BUNDLE", 30, "serif-b", align="centre", after=16)
    p.text("R v Marcus Bates and Ciaran Doyle", 16, align="centre", after=30)
    p.text(
        "Please write your name on this page and on nothing else until you are told that you may. The bundle is evidence. It does not leave the court building.",
        align="centre",
    )
    p.next()
    p.heading("Contents", 16)
    p.table(
        ["Tab", "What", "Exhibit"],
        [
            ("1", "Indictment", "-"),
            ("2", "Plan of Unit 7", "NF/2"),
            ("3", "Map of the places", "MT/1"),
            ("4", "Sequence of events, 6 and 7 November 2025", "HM/1, AH/2, DS/1"),
            ("5", "Who is who", "-"),
        ],
        [30, 300, 120],
        size=11,
    )
    p.next(size=A3L)
    floor_plan(p, "NF/2", jury=True)
    p.next(size=A3L)
    p.heading("Tab 3. Map of the places", 18)
    m = CityMap(p, (p.left, 70, p.width, p.y - 80), (-0.4, -0.9), 9.6)
    m.base(seed)
    route: list[Point] = [
        PLACES["Unit 12, Wellbeck Yard"],
        (-2.3, -0.25),
        (-1.6, -0.5),
        (-1.0, -0.35),
        (0, -0.5),
        (0.6, -1.2),
        (1.2, -2.0),
        (1.6, -2.45),
        PLACES["Unit 7, Calder Lane"],
    ]
    m.line(route, RED, 0.03, dash=True)
    places(m)
    for r, (x, y) in zip(
        [r for r in KEY_READS if r.plate == story.PLATE],
        [(-1.3, -0.42), (0.75, -1.4), (0.95, -1.7), (-1.7, -0.52)],
        strict=True,
    ):
        m.dot(x, y, BLUE, 5)
        m.label(
            x,
            y,
            f"{r.at:%H:%M:%S} {r.direction}",
            BLUE,
            dx=10 if x > 0 else -10,
            dy=-16 if r.at.minute in (9, 58) else 12,
        )
    p.next(size=A4)
    p.heading("Tab 4. Sequence of events", 16)
    p.text(
        "Thursday 6 November 2025 to Friday 7 November 2025. Times are hours, minutes and seconds.", after=8
    )
    p.table(
        ["Time", "What happened", "From"],
        story.TIMELINE,
        [56, 330, 50],
        size=10.5,
        pad=4,
        tint=lambda i: (0.97, 0.97, 0.99) if i % 2 else None,
    )
    p.heading("Tab 5. Who is who", 16)
    p.table(
        ["Name", "Who"],
        [(x.formal, job(x)) for x in sorted(story.PEOPLE.values(), key=lambda y: y.surname)],
        [180, 270],
        size=10.5,
        pad=3.5,
    )
    return p.save()


SPECS = [
    Spec(
        "MT-1 Cell Site Report Dr Tring 02.02.2026 v2.pdf",
        "M",
        "Cell site report and maps",
        "2026-02-02",
        cell_site,
        "MT/1",
        served_days_ago=70,
    ),
    Spec(
        "NF_2_Unit7_floorplan_A3.pdf",
        "J",
        "Floor plan of Unit 7",
        "2024-05-14",
        floor,
        "NF/2",
        served_days_ago=96,
    ),
    Spec("Jury Bundle DRAFT 4.pdf", "F", "Jury bundle", "2026-05-11", jury_bundle, served_days_ago=12),
]
