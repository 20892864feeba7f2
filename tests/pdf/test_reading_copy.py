"""The reading copy shows the same as the file that it was made from: every odd file, each picture and each word."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageChops

from casebundle.pdf import content
from casebundle.pdf.sandbox import Limits, Refused, Sandbox
from tests.pdf import corpus

# What takes long to draw, by intention: seconds, and nothing is learnt from them here.
SLOW = {"content-bomb", "slow-drawing", "image-bomb", "20000-pages", "a-million-pages-by-sharing"}
NAMES = [
    name
    for name, expected, _make in corpus._makers
    if name not in SLOW and (expected == corpus.READY or corpus.READY in expected)
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Limits()) as made:
        yield made


@pytest.mark.parametrize("name", NAMES)
def test_it_shows_the_same(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    path, copy = tmp_path / "odd.pdf", tmp_path / "copy.pdf"
    next(make for one, _expected, make in corpus._makers if one == name)(path)
    found = sandbox.prepare(path, tmp_path / "repaired.pdf")
    source = tmp_path / "repaired.pdf" if found.repaired else path
    sandbox.rebuild(source, copy, 60)
    assert [(page.width, page.height) for page in sandbox.inspect(copy).pages] == [
        (pytest.approx(page.width, abs=0.1), pytest.approx(page.height, abs=0.1)) for page in found.pages
    ]
    last = 19
    assert [page.text for page in sandbox.read(copy, 0, last)] == [
        page.text for page in sandbox.read(source, 0, last)
    ]
    for index in range(min(4, len(found.pages))):
        drawn = []
        for one in (source, copy):
            try:
                drawn.append(Image.open(io.BytesIO(sandbox.render(one, index, 500, "jpeg", 95))))
            except Refused as why:
                drawn.append(why.code)
        if isinstance(drawn[0], str):
            continue
        assert drawn[0].size == drawn[1].size
        assert max(most for _least, most in ImageChops.difference(*drawn).getextrema()) < 60, index


def test_the_same_bytes_come_out_each_time(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(corpus.text_pdf(["The same each time."], pages=3))
    copies = []
    for name in ("one", "two"):
        sandbox.rebuild(path, tmp_path / name, 60)
        copies.append((tmp_path / name).read_bytes())
    assert copies[0] == copies[1]


def test_a_file_of_which_there_can_be_no_copy_leaves_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7\nnothing\n%%EOF\n")
    with pytest.raises(Refused):
        sandbox.rebuild(path, tmp_path / "copy", 60)
    assert not (tmp_path / "copy").exists()


def test_it_grows_with_the_file_and_not_with_its_square(tmp_path: Path) -> None:
    """One dictionary of everything for all pages is taken over for each page as far as that page uses it."""
    pdf = pikepdf.new()
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    shared = pdf.make_indirect(
        pikepdf.Dictionary(Font=pikepdf.Dictionary({f"/F{n}": pdf.make_indirect(font) for n in range(300)}))
    )
    for n in range(300):
        page = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Page,
                MediaBox=[0, 0, 200, 200],
                Resources=shared,
                Contents=pikepdf.Stream(pdf, b"BT /F%d 9 Tf 9 9 Td (page) Tj ET" % n),
            )
        )
        pdf.pages.append(pikepdf.Page(page))
    pdf.save(tmp_path / "a.pdf")
    with Sandbox(Limits()) as sandbox:
        sandbox.rebuild(tmp_path / "a.pdf", tmp_path / "copy.pdf", 60)
    with pikepdf.open(tmp_path / "copy.pdf") as copied:
        assert {len(page.Resources.Font) for page in copied.pages} == {1}
    assert (tmp_path / "copy.pdf").stat().st_size < 2 * (tmp_path / "a.pdf").stat().st_size


@pytest.mark.parametrize(
    ("given", "left"),
    [
        (b"q Q", b"q\nQ"),
        (b"q q (a(b)c) Tj", b"q\nq\n(a(b)c) Tj\nQ\nQ"),
        (b"Q Q 1 0 0 1 0 0 cm % gone", b"1 0 0 1 0 0 cm"),
        (b"/Span <</ActualText (x)>> BDC (a) Tj EMC", b"(a) Tj"),
        (b"/OC /Off BDC 0 0 9 9 re W f EMC 1 1 m S", b"0 0 9 9 re\nW\nn\n1 1 m\nS"),
        (b"/OC /Off BDC /OC /On BDC (a) Tj EMC EMC (b) Tj", b"(b) Tj"),
        (b"/OC /On BDC (a) Tj EMC", b"(a) Tj"),
        (b"/OC /O#66f BDC /Im Do EMC /Im Do", b"/Im Do"),
        (b"BI /W 2 /H 1 /CS /G /BPC 8 /Zq (x) ID \x00EI EI (b) Tj", b""),
    ],
)
def test_content_is_left_with_what_draws(given: bytes, left: bytes) -> None:
    cleaned = content.cleaned(given, {"Off"}.__contains__, lambda _font, _data: ([], 0))
    if given.startswith(b"BI"):
        # Its data are two bytes by its own size, whatever they look like.
        assert cleaned.endswith(b"(b) Tj")
        assert b"/Zq" not in cleaned
    else:
        assert cleaned == left
