"""What the reader shows and reads of a page, held against poppler's pdftoppm and pdftotext.

Two renderers never agree to the pixel: other fonts stand in for those that are not embedded, and edges are smoothed
otherwise. So both pictures are blurred and made small, and what counts is how far apart they are in tone. Words are
compared as a bag, without punctuation: the order of columns is a matter of opinion.
"""

from __future__ import annotations

import io
import re
import subprocess
import tempfile
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter, ImageStat

from casebundle.pdf import PageText, Sandbox

WIDTH = 600  # px at which both draw
SMALL = 100  # px across, at which they are compared
SECONDS = 30
MOST_TONE = 0.03
LEAST_LETTERS = 0.9
# Files on which renderers differ with reason, by their place in scripts/odd_files.py.
UNLIKE = {
    "pikepdf-10.17.0/tests/resources/ctm_cm.pdf": "an operator lacks five of its six numbers, on purpose",
    "pikepdf-10.17.0/tests/resources/1biticc.pdf": "the image has too few bytes: the rest is black here, white there",
    **{f"cropped-{turn}.pdf": "poppler reads what lies outside the crop box" for turn in (0, 90, 180, 270)},
    "no-fonts.pdf": "its font is nowhere: poppler reads nothing, and a person could",
    "many-words.pdf": "poppler leaves out nine in ten of half a million letters one point high",
}


@dataclass(frozen=True)
class Likeness:
    """`tone`: mean difference of the small pictures, 0 (same) to 1 (black and white). `worst`: of the worst hundredth
    of it. `words`, `letters`: share 0..1 that both have; None where neither has any. Where letters agree and words do
    not, the two put the spaces elsewhere."""

    tone: float
    worst: float
    words: float | None
    letters: float | None

    @property
    def alike(self) -> bool:
        return self.tone < MOST_TONE and (self.letters is None or self.letters > LEAST_LETTERS)


def theirs_drawn(path: Path, index: int, size: tuple[int, int]) -> Image.Image | None:
    """Page `index` (from 0) by pdftoppm, as wide as `size`; None where it cannot."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["pdftoppm", "-cropbox", "-png", "-singlefile", "-f", str(index + 1), "-l", str(index + 1)]
        command += ["-scale-to-x", str(size[0]), "-scale-to-y", "-1", str(path), f"{folder}/page"]
        try:
            subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return None
        made = Path(folder) / "page.png"
        try:
            return Image.open(io.BytesIO(made.read_bytes())).convert("RGB")
        except (FileNotFoundError, Image.UnidentifiedImageError):
            return None  # it made none, or ended before the first line of it


def theirs_read(path: Path, index: int) -> str | None:
    """The text of page `index` (from 0) by pdftotext; None where it cannot."""
    command = ["pdftotext", "-cropbox", "-enc", "UTF-8", "-f", str(index + 1), "-l", str(index + 1)]
    try:
        done = subprocess.run([*command, str(path), "-"], capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def bag(text: str) -> Counter[str]:
    """The words of a text: letters and digits alone, a word broken at the end of a line put together."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub(r"(?<=\w)[-\u00ad\u2010]\s*\n\s*(?=\w)", "", text)
    return Counter(re.findall(r"[^\W_]+", text))


def shared(a: Counter[str], b: Counter[str]) -> float | None:
    whole = a.total() + b.total()
    return 2 * (a & b).total() / whole if whole else None


def small(image: Image.Image) -> Image.Image:
    soft = image.convert("L").filter(ImageFilter.GaussianBlur(3))
    return soft.resize((SMALL, max(1, round(SMALL * image.height / image.width))), Image.Resampling.BOX)


def compare(box: Sandbox, path: Path, page: PageText) -> Likeness | str:
    """How alike a page is; or why poppler gives no opinion."""
    ours = Image.open(io.BytesIO(box.render(path, page.index, WIDTH))).convert("RGB")
    theirs = theirs_drawn(path, page.index, ours.size)
    said = theirs_read(path, page.index)
    if theirs is None or said is None:
        return "poppler cannot"
    if theirs.size != ours.size:
        theirs = theirs.resize(ours.size)
    apart = ImageChops.difference(small(ours), small(theirs))
    histogram = apart.histogram()
    left = max(1, sum(histogram) // 100)
    worst = 0
    for value in range(255, -1, -1):
        left -= histogram[value]
        if left <= 0:
            worst = value
            break
    a, b = bag(page.text), bag(said)
    letters = shared(Counter("".join(a.elements())), Counter("".join(b.elements())))
    return Likeness(ImageStat.Stat(apart).mean[0] / 255, worst / 255, shared(a, b), letters)
