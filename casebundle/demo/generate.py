"""Makes the demo case, R v Bates and Doyle: some 1,200 pages of PDF and the manifest that says what they are.

    python -m casebundle.demo.generate OUTDIR [--seed N]

Everything is drawn from one story (`story.py`), so that documents agree with each other; the same seed gives the
same bytes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pypdfium2

from casebundle.demo import cast, story
from casebundle.demo.forms import Spec
from casebundle.demo.layout import register_fonts
from casebundle.demo.manifest import DocumentRow, HearingRow, HighlightRow, Manifest, ReplyRow, TurnRow

FONTS = Path(__file__).resolve().parents[2] / "node_modules" / "dejavu-fonts-ttf" / "ttf"

Progress = Callable[[int, int, str], None]
"""Called with documents done, documents in all, and the name of the file just written."""


def _make(job: tuple[int, str, int, str]) -> tuple[int, int]:
    index, folder, seed, fonts = job
    register_fonts(Path(fonts))
    spec = cast.all_specs()[index]
    return index, spec.build(Path(folder) / spec.file, seed)


def row(spec: Spec, pages: int) -> DocumentRow:
    """What the manifest says of a document."""
    return DocumentRow(
        file=spec.file,
        section=spec.section,
        title=spec.title,
        date=spec.date,
        exhibit=spec.exhibit,
        served_by=spec.served_by,
        visible_to=list(spec.visible_to) if spec.visible_to is not None else None,
        served_days_ago=spec.served_days_ago,
        pages=pages,
        language=spec.extra.get("language", "en"),
    )


def plain(text: str) -> str:
    """Text with every run of white space as one space: how a quote is compared with a page."""
    return re.sub(r"\s+", " ", text).strip()


def page_texts(path: Path) -> list[str]:
    """The text of every page of a PDF, white space made plain."""
    pdf = pypdfium2.PdfDocument(path)
    try:
        texts = []
        for page in pdf:
            text_page = page.get_textpage()
            texts.append(plain(text_page.get_text_bounded()))
            text_page.close()
            page.close()
        return texts
    finally:
        pdf.close()


def generate(
    outdir: Path,
    progress: Progress | None = None,
    seed: int = story.SEED,
    fonts: Path = FONTS,
    only: Iterable[str] | None = None,
    workers: int | None = None,
) -> Manifest:
    """Write the PDFs and case.json of the demo case into `outdir` (made if it is not there) and return the manifest.

    `only` names the files to make (for tests); notes and hearing turns on documents that were not made are left out.
    Raises FileNotFoundError if the fonts are not installed, OSError if the folder cannot be written, and ValueError if a
    note's words are not on any page of its document.
    """
    outdir.mkdir(parents=True, exist_ok=True)
    register_fonts(fonts)
    specs = cast.all_specs()
    wanted = set(only) if only is not None else None
    chosen = [i for i, s in enumerate(specs) if wanted is None or s.file in wanted]
    # the slowest first, so that the last worker is not left with one of them
    chosen.sort(key=lambda i: -cast.WEIGHTS.get(specs[i].file, 1))
    jobs = [(i, str(outdir), seed, str(fonts)) for i in chosen]
    count = workers if workers is not None else min(4, os.cpu_count() or 1)
    pages: dict[int, int] = {}

    def note(index: int, n: int) -> None:
        pages[index] = n
        if progress:
            progress(len(pages), len(jobs), specs[index].file)

    # a daemon may not have children (a task worker may be one)
    if count > 1 and len(jobs) > 4 and not multiprocessing.current_process().daemon:
        # spawn: a fork would share the database connections of whoever calls us
        with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn")) as pool:
            for index, n in pool.map(_make, jobs, chunksize=1):
                note(index, n)
    else:
        for job in jobs:
            note(*_make(job))

    made = {specs[i].file for i in chosen}
    texts: dict[str, list[str]] = {}

    def find(file: str, quote: str) -> int:
        if file not in texts:
            texts[file] = page_texts(outdir / file)
        for n, text in enumerate(texts[file]):
            if plain(quote) in text:
                return n
        raise ValueError(f"'{quote}' is on no page of {file}")

    highlights = [
        HighlightRow(
            n.by,
            n.file,
            find(n.file, n.quote),
            n.quote,
            n.kind,
            n.body,
            n.audience,
            list(n.parties),
            [ReplyRow(*r) for r in n.replies],
        )
        for n in cast.NOTES
        if n.file in made
    ]
    turns = [
        TurnRow(t.file, find(t.file, t.quote) if t.quote else 0, t.minutes, t.presenter)
        for t in cast.TURNS
        if t.file in made
    ]
    main = [i for i, s in enumerate(specs) if s.extra.get("case") != cast.OTHER_REFERENCE]
    manifest = Manifest(
        story.REFERENCE,
        story.TITLE,
        story.COURT,
        cast.PARTIES,
        cast.CAST,
        cast.SECTIONS,
        [row(specs[i], pages[i]) for i in main if i in pages],
        highlights,
        HearingRow(cast.HEARING[0], cast.HEARING[1], cast.PRESENT, turns),
    )
    others = [i for i, s in enumerate(specs) if s.extra.get("case") == cast.OTHER_REFERENCE and i in pages]
    manifest.other_case = Manifest(
        cast.OTHER_REFERENCE,
        cast.OTHER_TITLE,
        story.COURT,
        cast.OTHER_PARTIES,
        cast.OTHER_CAST,
        cast.OTHER_SECTIONS,
        [row(specs[i], pages[i]) for i in others],
    )
    manifest.write(outdir / "case.json")
    return manifest


def main(argv: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m casebundle.demo.generate",
        description="Make the PDFs and the manifest of the demo case.",
    )
    parser.add_argument("outdir", type=Path, metavar="OUTDIR")
    parser.add_argument(
        "--seed",
        type=int,
        default=story.SEED,
        help="another seed gives other ordinary traffic; the story stays (%(default)s)",
    )
    parser.add_argument(
        "--fonts", type=Path, default=FONTS, help="the folder of DejaVu TTF fonts (%(default)s)"
    )
    options = parser.parse_args(argv)
    begin = time.monotonic()

    def progress(done: int, total: int, file: str) -> None:
        print(f"{done:3d}/{total}  {file}", file=sys.stderr)

    try:
        manifest = generate(options.outdir, progress, options.seed, options.fonts)
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"{len(manifest.documents)} documents, {manifest.pages:,} pages in {time.monotonic() - begin:.0f} s: {options.outdir / 'case.json'}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
