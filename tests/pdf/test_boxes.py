"""Word boxes and images are of the page as displayed: held against the ink itself."""

from __future__ import annotations

import io
import itertools
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from casebundle.pdf import PageText, Sandbox
from tests.pdf.corpus import A4_BOX, F1, HELLO, corpus, placed_pdf, raw_page, stream

BOXES = [
    ((0, 0, 595, 842), None),
    ((0, 0, 595, 842), (60, 100, 500, 780)),
    ((-200, 100, 395, 942), None),
    ((-200, 100, 395, 942), (-150, 150, 300, 800)),
    ((0, 0, 1191, 842), (90, 50, 1100, 800)),
    ((595, 842, 0, 0), (500, 780, 60, 100)),
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


def image_of(sandbox: Sandbox, path: Path, width: int = 900, page: int = 0) -> Image.Image:
    return Image.open(io.BytesIO(sandbox.render(path, page, width))).convert("L")


def ink_outside(image: Image.Image, page: PageText, slack: float = 3) -> int:
    """Dark pixels that no word's box covers."""
    left = image.copy()
    wide, high = image.size
    for x0, y0, x1, y1, _ in page.words:
        box = (int(x0 * wide - slack), int(y0 * high - slack), int(x1 * wide + slack), int(y1 * high + slack))
        left.paste(255, box)
    return sum(left.histogram()[:100])


def ink_inside(image: Image.Image, box: tuple[float, float, float, float]) -> int:
    wide, high = image.size
    part = image.crop(
        (int(box[0] * wide), int(box[1] * high), int(box[2] * wide) + 1, int(box[3] * high) + 1)
    )
    return sum(part.histogram()[:100])


@pytest.mark.parametrize(("boxes", "turn"), list(itertools.product(BOXES, (0, 90, 180, 270))))
def test_boxes_cover_the_ink_whatever_the_crop_and_rotation(sandbox, tmp_path, boxes, turn):
    media, crop = boxes
    shown = [(x, y) for x, y in itertools.product((20, 110, 230), (160, 400, 700))]
    words = [(x, y, f"word{n}") for n, (x, y) in enumerate(shown)]
    path = tmp_path / "x.pdf"
    path.write_bytes(placed_pdf(words, media, crop, turn))
    [page] = sandbox.read(path)
    image = image_of(sandbox, path)

    left, bottom, right, top = crop or media
    wide, high = abs(right - left), abs(top - bottom)
    assert (page.width, page.height) == pytest.approx((high, wide) if turn % 180 else (wide, high), abs=0.01)
    size = sandbox.inspect(path).pages[0]
    assert (size.width, size.height, size.rotation) == (page.width, page.height, turn)
    assert image.size == (900, pytest.approx(900 * page.height / page.width, abs=1))
    assert len(page.words) >= 6
    assert page.text.split() == [word for *_, word in page.words]
    assert ink_outside(image, page) == 0
    for *box, word in page.words:
        assert ink_inside(image, tuple(box)) > 20, word
        assert all(0 <= edge <= 1 for edge in box)
        assert (box[2] - box[0]) * (box[3] - box[1]) < 0.02, "a box is about its word, not half the page"


def test_words_beyond_the_crop_box_are_neither_shown_nor_read(sandbox, tmp_path):
    path = tmp_path / "x.pdf"
    path.write_bytes(
        placed_pdf([(100, 400, "Seen"), (20, 820, "Hidden")], (0, 0, 595, 842), (60, 100, 500, 780), 0)
    )
    [page] = sandbox.read(path)
    assert page.text == "Seen"


def test_text_that_runs_up_the_page_or_askew(sandbox, tmp_path):
    content = (
        b"BT /F1 14 Tf 0 1 -1 0 300 200 Tm (Upward words) Tj .866 .5 -.5 .866 100 500 Tm (Askew words) Tj ET"
    )
    path = tmp_path / "x.pdf"
    path.write_bytes(raw_page(A4_BOX + F1, stream(content)))
    [page] = sandbox.read(path)
    assert [w[4] for w in page.words] == ["Upward", "words", "Askew", "words"]
    assert ink_outside(image_of(sandbox, path), page) == 0
    x0, y0, x1, y1, _ = page.words[0]
    assert (y1 - y0) * 842 > 2 * (x1 - x0) * 595


def test_words_of_a_line_have_one_height(sandbox, tmp_path):
    path = tmp_path / "x.pdf"
    path.write_bytes(placed_pdf([(100, 400, "are gypsum - X")], (0, 0, 595, 842), None, 0))
    [page] = sandbox.read(path)
    assert len({(w[1], w[3]) for w in page.words}) == 1


def test_characters_beyond_the_basic_plane_do_not_shift_the_boxes(sandbox, tmp_path):
    for case in corpus(tmp_path):
        if case.name == "beyond-the-basic-plane":
            [page] = sandbox.read(case.path)
            image = image_of(sandbox, case.path)
            for *box, word in page.words:
                assert ink_inside(image, tuple(box)) > 20, word
            for before, after in itertools.pairwise(page.words):
                assert (after[0] - before[2]) * 595 == pytest.approx(3.9, abs=0.9), "one space between"


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
@pytest.mark.parametrize(
    "size", [b"0 0 1 1", b"0 0 1 14400", b"0 0 14400 1", b"0 0 14400 14400", b"0 0 595 842"]
)
def test_images_are_bounded(sandbox, tmp_path, size, kind):
    path = tmp_path / "x.pdf"
    path.write_bytes(raw_page(b"/MediaBox[" + size + b"]" + F1, stream(HELLO)))
    image = Image.open(io.BytesIO(sandbox.render(path, 0, 9000, kind)))
    assert image.format == kind.upper()
    assert image.width * image.height <= 40_100_000
    assert max(image.size) <= 16_000
    if size == b"0 0 595 842":
        assert image.width > 5000, "smaller than asked only as far as must be"


def test_a_page_that_is_not_there_is_an_index_error(sandbox, tmp_path):
    path = tmp_path / "x.pdf"
    path.write_bytes(raw_page(A4_BOX + F1, stream(HELLO)))
    for index in (1, -1):
        with pytest.raises(IndexError, match="no page"):
            sandbox.render(path, index, 100)
    with pytest.raises(ValueError, match="jpeg or webp"):
        sandbox.render(path, 0, 100, "gif")


def test_what_was_filled_into_a_form_is_read_and_shown(sandbox, tmp_path):
    field = (
        b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(Hargreaves)/DA(/Helv 12 Tf 0 g)"
        b"/Rect[72 600 272 624]/F 4/P 3 0 R>>"
    )
    form = b"/AcroForm<</Fields[6 0 R]/NeedAppearances true/DR<</Font<</Helv 5 0 R>>>>>>"
    path = tmp_path / "x.pdf"
    data = raw_page(A4_BOX + F1 + b"/Annots[6 0 R]", stream(HELLO), field)
    path.write_bytes(data.replace(b"/Type/Catalog", b"/Type/Catalog" + form))
    for _ in range(2):  # the second time from the document kept open
        [page] = sandbox.read(path)
        assert page.text == "Hello from the witness\nHargreaves"
    assert ink_inside(image_of(sandbox, path), page.words[-1][:4]) > 20


def test_a_page_with_very_many_characters_is_cut(tmp_path):
    from casebundle.pdf import Limits

    path = tmp_path / "x.pdf"
    lines = b"".join(b"1 0 0 1 5 %d Tm (%s) Tj " % (y, b"word " * 20) for y in range(10, 800, 10))
    data = zlib.compress(b"BT /F1 5 Tf " + lines + b"ET")
    path.write_bytes(raw_page(A4_BOX + F1, stream(data, b"/Filter/FlateDecode")))
    with Sandbox(Limits(characters=500)) as small:
        [page] = small.read(path)
    assert page.cut
    assert 80 < len(page.words) <= 100
