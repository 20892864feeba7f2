"""The frames that papers of the Crown Court come in: statements, court headings, police forms, letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reportlab.lib.pagesizes import A4

from casebundle.demo import story
from casebundle.demo.layout import Colour, Paper, scribble, wrap

Build = Callable[[Path, int], int]
"""Writes a PDF to a path from a seed and returns its number of pages."""


@dataclass(frozen=True)
class Spec:
    """A document of the bundle: where it goes, who served it, who may see it, and what writes it."""

    file: str
    section: str
    title: str
    date: str
    build: Build
    exhibit: str = ""
    served_by: str = "prosecution"
    visible_to: tuple[str, ...] | None = None
    served_days_ago: int = 40
    extra: dict[str, Any] = field(default_factory=dict)


def footer(
    text: str, size: float = 7.5, right: str = "Page {n} of {total}"
) -> Callable[[Any, int, int], None]:
    """A line at the foot: `text` on the left, the page number on the right."""

    def draw(c: Any, index: int, total: int) -> None:
        w = c._pagesize[0]
        c.setFillColorRGB(0.25, 0.25, 0.25)
        c.setFont("sans", size)
        c.drawString(48, 26, text)
        c.drawRightString(w - 48, 26, right.format(n=index + 1, total=total))

    return draw


def court(
    path: Path, title: str, author: str = "", size: float = 12, names: str = "both", **kwargs: Any
) -> Paper:
    """A paper headed 'In the Crown Court at Leeds', in Times at 12 point."""
    paper = Paper(
        path,
        title=title,
        author=author,
        font="serif",
        text_size=size,
        leading=1.38,
        margins=(68, 64, 68, 62),
        late=footer(f"{story.REFERENCE}  {title}"),
        **kwargs,
    )
    w = paper.size[0]
    paper.put(paper.left, paper.y - 12, "IN THE CROWN COURT AT LEEDS", "serif-b", 12)
    paper.put(paper.right, paper.y - 12, f"Case No. {story.REFERENCE}", "serif", 11, "right")
    paper.put(paper.right, paper.y - 27, f"URN {story.URN}", "serif", 11, "right")
    y = paper.y - 58
    paper.put(w / 2, y, "REX", "serif-b", 12, "centre")
    paper.put(w / 2, y - 18, "-v-", "serif", 12, "centre")
    who = {
        "both": ["MARCUS BATES", "and", "CIARAN DOYLE"],
        "bates": ["MARCUS BATES"],
        "doyle": ["CIARAN DOYLE"],
    }[names]
    y -= 36
    for name in who:
        paper.put(w / 2, y, name, "serif-b" if name != "and" else "serif", 12, "centre")
        y -= 17
    y -= 4
    paper.c.setLineWidth(0.8)
    paper.c.line(paper.left + 40, y, paper.right - 40, y)
    for line in wrap(title.upper(), "serif-b", 12.5, paper.width - 90):
        paper.put(w / 2, y - 19, line, "serif-b", 12.5, "centre")
        y -= 16
    y += 16
    paper.c.line(paper.left + 40, y - 28, paper.right - 40, y - 28)
    paper.y = y - 48
    return paper


def statement(
    path: Path,
    who: story.Person,
    date: str,
    paragraphs: Sequence[str],
    number: str = "",
    age: str = "Over 18",
    welsh: bool = False,
    translation: bool = False,
    first_line: str = "",
) -> int:
    """A witness statement on form MG11, each page signed at its foot. A paragraph that begins '# ' is a heading,
    one that begins '- ' a point of a list."""
    name = who.formal
    words = {
        "title": "DATGANIAD TYST" if welsh else "WITNESS STATEMENT",
        "law": "(Rheolau Trefniadaeth Droseddol, r. 16.2; Deddf Cyfiawnder Troseddol 1967, a. 9)"
        if welsh
        else "(Criminal Procedure Rules, r. 16.2; Criminal Justice Act 1967, s. 9)",
        "marking": "CYFYNGEDIG (wedi'i gwblhau)" if welsh else "RESTRICTED (when complete)",
        "of": "Datganiad" if welsh else "Statement of",
        "age": "Oed os o dan 18" if welsh else "Age if under 18",
        "job": "Galwedigaeth" if welsh else "Occupation",
        "sig": "Llofnod" if welsh else "Signature",
        "date": "Dyddiad" if welsh else "Date",
    }
    over = "Dros 18" if welsh else age
    job = who.job
    if "(" in job:
        local, english = job[:-1].split(" (")
        job = local if welsh else english[0].upper() + english[1:]

    def late(c: Any, index: int, total: int) -> None:
        w = A4[0]
        c.setFillColorRGB(0, 0, 0)
        if index == 0:
            c.setFont("sans", 9.5)
            text = (
                f"Mae'r datganiad hwn (sy'n cynnwys {total} o dudalennau, pob un wedi'i llofnodi gennyf i) yn wir hyd eithaf"
                if welsh
                else f"This statement (consisting of {total} page{'s' if total > 1 else ''} each signed by me) is true to the best of my knowledge and"
            )
            c.drawString(50, A4[1] - 212, text)
        c.setFont("sans", 8.5)
        c.drawString(50, 48, f"{words['sig']}:")
        c.drawString(310, 48, "Tystiwyd gan:" if welsh else "Signature witnessed by:")
        if not translation:
            scribble(c, who.name, 100, 50, 0.8)
            if index == 0:
                scribble(c, "Rachel Nkemelu", 430, 50, 0.8)
        else:
            scribble(c, "Rhian Pryce", 100, 50, 0.8)
        c.setFont("sans", 7)
        c.setFillColorRGB(0.3, 0.3, 0.3)
        c.drawString(50, 30, "2024/25   MG11 " + ("(C)" if welsh else "(T)"))
        c.drawCentredString(w / 2, 30, words["marking"])
        c.drawRightString(
            w - 50, 30, f"Tudalen {index + 1} o {total}" if welsh else f"Page {index + 1} of {total}"
        )

    def on_page(p: Paper) -> None:
        p.put(A4[0] / 2, A4[1] - 30, words["marking"], "sans-b", 9, "centre")
        p.put(A4[0] - 50, A4[1] - 30, "MG11" + ("C" if welsh else ""), "sans-b", 13, "right")
        if p.page:
            p.put(
                50,
                A4[1] - 50,
                ("Parhad o ddatganiad: " if welsh else "Continuation of statement of: ") + name,
                "sans-b",
                9.5,
            )
            p.put(A4[0] - 50, A4[1] - 50, f"URN {story.URN}", "sans", 9, "right")
            p.c.setLineWidth(0.7)
            p.c.line(50, A4[1] - 56, A4[0] - 50, A4[1] - 56)

    p = Paper(
        path,
        title=f"{'Datganiad tyst' if welsh else 'Witness statement'} {name}",
        author="",
        margins=(58, 68, 58, 78),
        text_size=12.5,
        leading=2.0,
        on_page=on_page,
        late=late,
    )
    mid = A4[0] / 2
    p.put(mid, A4[1] - 56, words["title"], "sans-b", 14, "centre")
    p.put(mid, A4[1] - 70, words["law"], "sans", 8.5, "centre")
    # the URN, a box a character group, as on the form
    x = A4[0] - 50 - 4 * 52
    p.put(x - 30, A4[1] - 93, "URN", "sans-b", 9)
    for part in (story.URN[:2], story.URN[2:4], story.URN[4:9], story.URN[9:]):
        p.c.setLineWidth(0.7)
        p.c.rect(x, A4[1] - 98, 50, 16)
        p.put(x + 25, A4[1] - 94, part, "mono", 9.5, "centre")
        x += 52
    p.y = A4[1] - 106
    p.form(
        [[(words["of"], name, 3)], [(words["age"], over, 1), (words["job"], job, 2)]], height=28, size=10.5
    )
    p.put(
        50,
        A4[1] - 182,
        f"{'Rhif yr arddangosyn / tyst' if welsh else 'Witness number'}: {number}",
        size=8.5,
        colour=(0.3, 0.3, 0.3),
    )
    rest = (
        "fy ngwybodaeth a'm cred ac rwy'n ei wneud gan wybod, os caiff ei gyflwyno fel tystiolaeth, y byddaf yn agored i gael fy erlyn os\n"
        "wyf yn fwriadol wedi datgan ynddo unrhyw beth y gwn ei fod yn anwir, neu nad wyf yn credu ei fod yn wir."
        if welsh
        else "belief and I make it knowing that, if it is tendered in evidence, I shall be liable to prosecution if I have wilfully\n"
        "stated in it anything which I know to be false, or do not believe to be true."
    )
    y = A4[1] - 225
    for line in rest.split("\n"):
        p.put(50, y, line, size=9.5 if not welsh else 8.9)
        y -= 13
    p.put(50, y - 8, f"{words['sig']}: ", size=9.5)
    scribble(p.c, who.name if not translation else "Rhian Pryce", 104, y - 8)
    p.put(310, y - 8, f"{words['date']}: {date}", size=9.5)
    p.c.setLineWidth(0.7)
    p.c.line(50, y - 18, A4[0] - 50, y - 18)
    p.y = y - 28
    for text in paragraphs:
        if text.startswith("# "):
            p.heading(text[2:], 11, after=4)
        elif text.startswith("- "):
            p.bullet(text[2:])
        else:
            p.text(text, after=8)
    return p.save()


def police_form(
    path: Path,
    code: str,
    title: str,
    marking: str = "RESTRICTED (when complete)",
    size: tuple[float, float] = A4,
    text_size: float = 10,
    name: str = "",
    **kwargs: Any,
) -> Paper:
    """A police form: its code in the corner, its marking, its title in a grey bar."""

    def on_page(p: Paper) -> None:
        w, h = p.size
        p.put(w / 2, h - 28, marking, "sans-b", 8.5, "centre")
        p.put(w - p.margins[2], h - 30, code, "sans-b", 12, "right")
        p.put(p.left, h - 30, f"URN {story.URN}", "sans", 8.5)
        if p.page == 0:
            p.c.setFillColorRGB(0.86, 0.88, 0.91)
            p.c.rect(p.left, h - 62, p.width, 22, stroke=0, fill=1)
            p.put(p.left + 6, h - 55, title, "sans-b", 12)
            p.y = h - 72
        else:
            p.c.setLineWidth(0.5)
            p.c.setStrokeColorRGB(0.4, 0.4, 0.4)
            p.c.line(p.left, h - 38, p.right, h - 38)
            p.y = h - 48

    return Paper(
        path,
        title=name if name else title,
        size=size,
        margins=kwargs.pop("margins", (46, 66, 46, 46)),
        text_size=text_size,
        on_page=on_page,
        late=footer(f"{code}   {marking}"),
        **kwargs,
    )


def letter(
    path: Path,
    sender: Sequence[str],
    to: Sequence[str],
    date: str,
    ref: str,
    subject: str,
    body: Sequence[str],
    signed: str,
    job: str,
    colour: Colour = (0.1, 0.2, 0.35),
    closing: str = "Yours faithfully",
    greeting: str = "Dear Sirs",
) -> int:
    """A letter on the paper of its sender, whose first line is the name in the head."""
    p = Paper(path, title="", text_size=11, leading=1.4, margins=(72, 60, 72, 60))
    p.put(p.left, p.y - 14, sender[0], "sans-b", 16, colour=colour)
    for i, line in enumerate(sender[1:]):
        p.put(p.right, p.y - 10 - 12 * i, line, size=8.5, align="right", colour=(0.3, 0.3, 0.3))
    p.y -= max(30, 12 * len(sender))
    p.c.setStrokeColorRGB(*colour)
    p.c.setLineWidth(1.6)
    p.c.line(p.left, p.y, p.right, p.y)
    p.y -= 22
    for line in to:
        p.text(line, after=0)
    p.space(12)
    p.text(date, after=2)
    p.text(ref, after=12)
    p.text(greeting, after=8)
    p.text(f"**{subject}**", after=8)
    for text in body:
        if text.startswith("- "):
            p.bullet(text[2:])
        else:
            p.text(text, after=9)
    p.text(closing, after=0)
    p.need(70)
    p.space(36)
    scribble(p.c, signed, p.left + 4, p.y + 6)
    p.space(6)
    p.text(f"**{signed}**", after=0)
    p.text(job)
    return p.save()
