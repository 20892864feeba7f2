"""A small page layout on top of reportlab: wrapped text, tables, forms and signatures on numbered pages.

Platypus would do the same at a third of the speed; the demo bundle has some 1,200 pages and has to be made
while somebody waits, so text is measured with cached word widths and drawn line by line.

All lengths are points (1/72 inch), the origin is the bottom left of the page as in PDF.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from reportlab import rl_config
from reportlab.lib.pagesizes import A3, A4, landscape
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

# JPEGs go into the file as they are: ASCII85 would make every photograph a quarter larger.
rl_config.useA85 = 0

A4L = landscape(A4)
A3L = landscape(A3)
INK = (0.10, 0.13, 0.42)

Colour = tuple[float, float, float]
Draw = Callable[[Any, int, int], None]

FACES: dict[str, tuple[str, str]] = {
    # our name: (file among the Google fonts of package.json, file among the DejaVu fonts)
    "sans": ("arimo/400Regular/Arimo_400Regular.ttf", "DejaVuSansCondensed.ttf"),
    "sans-b": ("arimo/700Bold/Arimo_700Bold.ttf", "DejaVuSansCondensed-Bold.ttf"),
    "sans-i": ("arimo/400Regular_Italic/Arimo_400Regular_Italic.ttf", "DejaVuSansCondensed-Oblique.ttf"),
    "serif": ("tinos/400Regular/Tinos_400Regular.ttf", "DejaVuSerifCondensed.ttf"),
    "serif-b": ("tinos/700Bold/Tinos_700Bold.ttf", "DejaVuSerifCondensed-Bold.ttf"),
    "serif-i": ("tinos/400Regular_Italic/Tinos_400Regular_Italic.ttf", "DejaVuSerifCondensed-Italic.ttf"),
    "mono": ("", "DejaVuSansMono.ttf"),
    "mono-b": ("", "DejaVuSansMono-Bold.ttf"),
    "hand": ("caveat/500Medium/Caveat_500Medium.ttf", "DejaVuSerifCondensed-Italic.ttf"),
}


def font_file(name: str, folder: Path) -> Path:
    """The TTF file of one of our faces; `folder` is dejavu-fonts-ttf/ttf.

    The faces with the metrics of Arial and Times are taken where they are installed beside it, else DejaVu:
    both carry ŵ and ŷ. Raises FileNotFoundError with the way to get them.
    """
    near, fallback = FACES[name]
    google = folder.parent.parent / "@expo-google-fonts" / near
    if near and google.is_file():
        return google
    path = folder / fallback
    if not path.is_file():
        raise FileNotFoundError(
            f"The font {path} is not there: run 'npm ci' first, or say where the fonts are."
        )
    return path


FOLDER: dict[str, Path] = {}
"""`fonts`: the folder that this process registered its faces from; pictures with words in them need the files."""


def register_fonts(folder: Path) -> None:
    """Make our faces known to reportlab (once per process and folder)."""
    if FOLDER.get("fonts") == folder:
        return
    for name in FACES:
        pdfmetrics.registerFont(TTFont(name, str(font_file(name, folder))))
    FOLDER["fonts"] = folder
    # widths measured with other faces are no longer true
    width_of.cache_clear()
    wrap.cache_clear()


@lru_cache(maxsize=200_000)
def width_of(word: str, font: str) -> float:
    """Width of `word` in points at size 1."""
    return float(pdfmetrics.stringWidth(word, font, 1000)) / 1000


@lru_cache(maxsize=40_000)
def wrap(text: str, font: str, size: float, width: float) -> tuple[str, ...]:
    """Break plain text into lines of at most `width` points; a word too long for a line is cut."""
    lines: list[str] = []
    space = width_of(" ", font)
    limit = width / size
    for block in text.split("\n"):
        line: list[str] = []
        used = 0.0
        for word in block.split():
            w = width_of(word, font)
            while w > limit and len(word) > 1:
                cut = max(1, int(len(word) * limit / w) - 1)
                if line:
                    lines.append(" ".join(line))
                    line, used = [], 0.0
                lines.append(word[:cut])
                word = word[cut:]
                w = width_of(word, font)
            if line and used + space + w > limit:
                lines.append(" ".join(line))
                line, used = [word], w
            else:
                used += w + (space if line else 0)
                line.append(word)
        lines.append(" ".join(line))
    return tuple(lines)


class NumberedCanvas(Canvas):  # type: ignore[misc]
    """A canvas that keeps its pages until the end, so that a page can say how many there are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept: list[dict[str, Any]] = []
        self.late: dict[int, list[Draw]] = {}

    def showPage(self) -> None:
        self.kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        late, total = self.late, len(self.kept)
        for i, state in enumerate(self.kept):
            self.__dict__.update(state)
            for draw in late.get(i, ()):
                draw(self, i, total)
            Canvas.showPage(self)
        Canvas.save(self)


class Paper:
    """One PDF being written: a cursor that runs down the page, and things to put there."""

    def __init__(
        self,
        path: Path,
        title: str = "",
        author: str = "",
        size: tuple[float, float] = A4,
        margins: tuple[float, float, float, float] = (56, 56, 56, 56),
        font: str = "sans",
        text_size: float = 10.5,
        leading: float = 1.32,
        on_page: Callable[[Paper], None] | None = None,
        late: Draw | None = None,
        rotate: int = 0,
    ) -> None:
        """`margins` are left, top, right, bottom; `on_page` is called on every new page, `late` at the end
        with (canvas, page index, number of pages); `rotate` (0 or 90) is /Rotate, on which text still reads upright."""
        self.c = NumberedCanvas(str(path), pagesize=size, invariant=1, pageCompression=1)
        if title:
            self.c.setTitle(title)
        self.c.setAuthor(author)
        self.c.setCreator("")
        self.c.setSubject("")
        self.size = size
        self.margins = margins
        self.font, self.text_size, self.leading = font, text_size, leading
        self.on_page, self.late = on_page, late
        self.page = 0
        self.y = 0.0
        self.rotate = rotate
        self.start()

    # -- pages ---------------------------------------------------------------------------------------------
    @property
    def left(self) -> float:
        return self.margins[0]

    @property
    def right(self) -> float:
        return self.size[0] - self.margins[2]

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def bottom(self) -> float:
        return self.margins[3]

    def start(self) -> None:
        """Begin the page whose number is `self.page`."""
        self.c.setPageSize(self.size)
        self.c.setPageRotation(self.rotate)
        if self.rotate == 90:
            # such a page is a landscape sheet that viewers turn: draw sideways, so that it is seen upright
            # (reportlab swaps the sides of the MediaBox by itself)
            self.c.translate(self.size[1], 0)
            self.c.rotate(90)
        self.y = self.size[1] - self.margins[1]
        if self.late:
            self.c.late.setdefault(self.page, []).append(self.late)
        if self.on_page:
            self.on_page(self)

    def next(self, size: tuple[float, float] | None = None, rotate: int | None = None) -> None:
        """End this page and begin another, of another size or /Rotate if given."""
        self.c.showPage()
        self.page += 1
        self.size = size or self.size
        if rotate is not None:
            self.rotate = rotate
        self.start()

    def need(self, height: float) -> None:
        """Go to a new page unless `height` points are left on this one."""
        if self.y - height < self.bottom:
            self.next()

    def save(self) -> int:
        """Write the file; returns the number of pages."""
        self.c.showPage()
        self.c.save()
        return self.page + 1

    # -- text ----------------------------------------------------------------------------------------------
    def put(
        self,
        x: float,
        y: float,
        text: str,
        font: str = "",
        size: float = 0,
        align: str = "left",
        colour: Colour = (0, 0, 0),
    ) -> None:
        """One line at a place."""
        font, size = font or self.font, size or self.text_size
        self.c.setFont(font, size)
        self.c.setFillColorRGB(*colour)
        if align == "right":
            self.c.drawRightString(x, y, text)
        elif align == "centre":
            self.c.drawCentredString(x, y, text)
        else:
            self.c.drawString(x, y, text)

    def text(
        self,
        text: str,
        size: float = 0,
        font: str = "",
        indent: float = 0,
        after: float = 6,
        align: str = "left",
        leading: float = 0,
        colour: Colour = (0, 0, 0),
        lead: str = "",
        keep: bool = False,
    ) -> None:
        """A paragraph. **Bold** words are marked so; `lead` hangs in the indent ("1.", "(a)")."""
        font, size = font or self.font, size or self.text_size
        step = size * (leading or self.leading)
        width = self.width - indent
        runs = "**" in text
        lines = (
            self.rich(text, font, size, width)
            if runs
            else [((t, font),) for t in wrap(text, font, size, width)]
        )
        if keep:
            self.need(step * len(lines))
        elif len(lines) > 1:
            self.need(step * 2)
        first = True
        for line in lines:
            self.need(step)
            self.y -= step
            base = self.y + step - size
            if first and lead:
                self.put(
                    self.left + max(0, indent - 30 if indent > 40 else 0),
                    base,
                    lead,
                    font,
                    size,
                    colour=colour,
                )
            first = False
            if align == "centre":
                self.put(self.left + indent + width / 2, base, line[0][0], line[0][1], size, "centre", colour)
            elif align == "right":
                self.put(self.right, base, line[0][0], line[0][1], size, "right", colour)
            else:
                x = self.left + indent
                for part, face in line:
                    self.put(x, base, part, face, size, colour=colour)
                    x += width_of(part, face) * size
        self.y -= after

    def rich(self, text: str, font: str, size: float, width: float) -> list[tuple[tuple[str, str], ...]]:
        """Lines of runs (text, face) for a text with **bold** in it."""
        bold = font.split("-", maxsplit=1)[0] + "-b"
        words: list[tuple[str, str]] = []
        for n, piece in enumerate(text.split("**")):
            face = bold if n % 2 else font
            if words and piece[:1] == " ":
                # the space between two runs belongs to the first: without it words run together
                words[-1] = (words[-1][0].rstrip() + " ", words[-1][1])
            words += [(w, face) for w in re.findall(r"\n|\S+\s*", piece)]
        lines: list[list[tuple[str, str]]] = [[]]
        used = 0.0
        for word, face in words:
            if word == "\n":
                lines.append([])
                used = 0.0
                continue
            w = width_of(word.rstrip(), face) * size
            if used and used + w > width:
                lines.append([])
                used = 0.0
            last = lines[-1]
            if last and last[-1][1] == face:
                last[-1] = (last[-1][0] + word, face)
            else:
                last.append((word, face))
            used += width_of(word, face) * size
        return [tuple((t, f) for t, f in line) or (("", font),) for line in lines]

    def heading(
        self, text: str, size: float = 13, after: float = 6, align: str = "left", before: float = 4
    ) -> None:
        """A bold line that stays with what follows."""
        # room for the heading and three lines of what it heads
        self.need(size * 2.2 + 3 * self.text_size * self.leading)
        self.y -= before
        self.text(text, size=size, font=self.font.split("-")[0] + "-b", after=after, align=align)

    def numbered(
        self, paragraphs: Sequence[str], start: int = 1, indent: float = 28, after: float = 7
    ) -> int:
        """Paragraphs 1., 2., 3.; a line that begins with '# ' is a heading. Returns the next number."""
        n = start
        for p in paragraphs:
            if p.startswith("# "):
                self.heading(p[2:], 11.5)
            elif p.startswith("- "):
                self.bullet(p[2:], indent)
            else:
                self.text(p, indent=indent, lead=f"{n}.", after=after)
                n += 1
        return n

    def bullet(self, text: str, indent: float = 14, after: float = 3) -> None:
        """One point of a list."""
        step = self.text_size * self.leading
        self.need(step)
        self.put(self.left + indent, self.y - self.text_size, "•")
        self.text(text, indent=indent + 14, after=after)

    def space(self, points: float) -> None:
        self.y -= points

    def rule(self, after: float = 8, weight: float = 0.6, grey: float = 0.0) -> None:
        """A line across the text."""
        self.c.setLineWidth(weight)
        self.c.setStrokeColorRGB(grey, grey, grey)
        self.c.line(self.left, self.y, self.right, self.y)
        self.y -= after

    # -- tables and forms ------------------------------------------------------------------------------------
    def table(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        size: float = 8.5,
        font: str = "",
        right: Sequence[int] = (),
        shade: bool = True,
        grid: bool = True,
        pad: float = 3,
        bold: Callable[[int], bool] | None = None,
        tint: Callable[[int], Colour | None] | None = None,
    ) -> None:
        """A ruled table over as many pages as it takes, its head on each.

        `widths` are shares of the text width; `right` are columns aligned right; `bold(i)`, `tint(i)` mark rows.
        """
        font = font or self.font
        face_b = font.split("-")[0] + "-b"
        total = sum(widths)
        cols = [w * self.width / total for w in widths]
        xs = [self.left]
        for w in cols:
            xs.append(xs[-1] + w)
        step = size * 1.22
        c = self.c

        def draw(cells: Sequence[str], face: str, fill: Colour | None) -> None:
            lines = [wrap(cell, face, size, cols[k] - 2 * pad) for k, cell in enumerate(cells)]
            height = max(len(x) for x in lines) * step + 2 * pad - 1
            top = self.y
            if fill:
                c.setFillColorRGB(*fill)
                c.rect(self.left, top - height, self.width, height, stroke=0, fill=1)
            c.setFillColorRGB(0, 0, 0)
            c.setFont(face, size)
            for k, cell_lines in enumerate(lines):
                base = top - pad - size + 1
                for t in cell_lines:
                    if t:
                        if k in right:
                            c.drawRightString(xs[k + 1] - pad, base, t)
                        else:
                            c.drawString(xs[k] + pad, base, t)
                    base -= step
            c.setLineWidth(0.4)
            c.setStrokeColorRGB(0.45, 0.45, 0.45)
            if grid:
                c.rect(self.left, top - height, self.width, height, stroke=1, fill=0)
                for x in xs[1:-1]:
                    c.line(x, top, x, top - height)
            else:
                c.line(self.left, top - height, self.right, top - height)
            self.y = top - height

        def header() -> None:
            if head:
                draw(head, face_b, (0.85, 0.87, 0.90) if shade else None)

        def height_of(cells: Sequence[str], face: str) -> float:
            return (
                max(len(wrap(cell, face, size, cols[k] - 2 * pad)) for k, cell in enumerate(cells)) * step
                + 2 * pad
                - 1
            )

        self.need(60)
        header()
        for i, row in enumerate(rows):
            face = face_b if bold and bold(i) else font
            if self.y - height_of(row, face) < self.bottom:
                self.next()
                header()
            draw(row, face, tint(i) if tint else None)
        self.y -= 8

    def form(
        self, rows: Sequence[Sequence[tuple[str, str, float]]], height: float = 30, size: float = 9.5
    ) -> None:
        """Boxes with a small label above what was filled in: rows of (label, value, share of the width)."""
        for row in rows:
            total = sum(w for _, _, w in row)
            lines = max(len(wrap(v, self.font, size, w * self.width / total - 8)) for _, v, w in row)
            h = max(height, 16 + lines * size * 1.25)
            self.need(h)
            x = self.left
            for label, value, share in row:
                w = share * self.width / total
                self.c.setLineWidth(0.6)
                self.c.setStrokeColorRGB(0, 0, 0)
                self.c.rect(x, self.y - h, w, h)
                self.put(x + 4, self.y - 9, label, size=6.8, colour=(0.3, 0.3, 0.3))
                base = self.y - 11 - size
                for t in wrap(value, self.font, size, w - 8):
                    self.put(x + 4, base, t, size=size)
                    base -= size * 1.25
                x += w
            self.y -= h
        self.y -= 8

    def tick(self, text: str, on: bool, indent: float = 0) -> None:
        """A box to tick and its words."""
        self.need(18)
        y = self.y - 11
        x = self.left + indent
        self.c.setLineWidth(0.8)
        self.c.setStrokeColorRGB(0, 0, 0)
        self.c.rect(x, y, 9, 9)
        if on:
            self.c.line(x + 1.5, y + 1.5, x + 7.5, y + 7.5)
            self.c.line(x + 1.5, y + 7.5, x + 7.5, y + 1.5)
        self.text(text, indent=indent + 16, after=4)

    def sign(self, name: str, label: str = "Signature", date: str = "", witness: str = "") -> None:
        """A signature on a dotted line, with a date and the name of a witness to it."""
        self.need(52)
        self.y -= 34
        self.put(self.left, self.y, f"{label}:", size=9.5)
        x0 = self.left + width_of(f"{label}: ", self.font) * 9.5 + 4
        self.c.setDash(1, 2)
        self.c.setLineWidth(0.6)
        self.c.line(x0, self.y - 2, x0 + 170, self.y - 2)
        self.c.setDash()
        scribble(self.c, name, x0 + 12, self.y)
        if date:
            self.put(x0 + 185, self.y, f"Date: {date}", size=9.5)
        if witness:
            self.y -= 30
            self.put(self.left, self.y, "Signature witnessed by:", size=9.5)
            scribble(self.c, witness, self.left + 125, self.y)
            self.put(self.left + 262, self.y, witness, size=9.5)
        self.y -= 14

    def picture(self, jpeg: bytes, width: float, height: float, x: float | None = None) -> None:
        """A JPEG at the cursor, framed by a thin line."""
        self.need(height)
        x = self.left + (self.width - width) / 2 if x is None else x
        self.c.drawImage(ImageReader(BytesIO(jpeg)), x, self.y - height, width, height)
        self.c.setLineWidth(0.5)
        self.c.setStrokeColorRGB(0.2, 0.2, 0.2)
        self.c.rect(x, self.y - height, width, height)
        self.y -= height + 8


def scribble(c: Any, name: str, x: float, y: float, scale: float = 1.0, colour: Colour = INK) -> None:
    """A signature as a pen would draw it: the same person always signs alike, never twice the same."""
    rnd = random.Random(f"sig {name}")
    c.saveState()
    c.setStrokeColorRGB(*colour)
    c.setLineWidth(0.9 * scale)
    c.setLineCap(1)
    path = c.beginPath()
    letters = [p for p in name.split() if p[:1].isalpha()][-2:]
    px, py = x, y
    path.moveTo(px, py)
    for part in letters:
        tall = 15 + rnd.random() * 6
        path.curveTo(
            px - 3 * scale,
            py + tall * scale,
            px + 9 * scale,
            py + (tall + 4) * scale,
            px + 7 * scale,
            py - 2 * scale,
        )
        px += 8 * scale
        for _ in range(min(len(part), 6)):
            step, rise = 4 + rnd.random() * 4, 3 + rnd.random() * 5
            dip = rnd.random() * 3 - 1.5
            path.curveTo(
                px + step * 0.2 * scale,
                py + rise * scale,
                px + step * 0.9 * scale,
                py + rise * scale * rnd.uniform(0.3, 1.2),
                px + step * scale,
                py + dip * scale,
            )
            px += step * scale
        path.curveTo(px + 4 * scale, py + 6 * scale, px + 6 * scale, py - 6 * scale, px + 8 * scale, py)
        px += 6 * scale
    # the flourish under it
    path.curveTo(
        px + 14 * scale,
        py + 8 * scale,
        px - 30 * scale,
        py - 9 * scale,
        x + 2,
        py - 5 * scale + math.sin(len(name)) * 2,
    )
    c.drawPath(path, stroke=1, fill=0)
    c.restoreState()
