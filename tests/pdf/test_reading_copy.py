"""The reading copy shows the same as the file that it was made from: every odd file, each picture and each word."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image, ImageChops

from casebundle.pdf import content, reading
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


# --- what is drawn with the resources of what is around ---------------------------------------------
def borrowing(pdf: Pdf, content: bytes, own: bool, **held: Any) -> Any:
    """A page whose form draws with these things of the page's, and has none of its own, or no resources at all."""
    form = pdf.make_indirect(
        Stream(pdf, content, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 300, 100]))
    )
    if own:
        form.Resources = Dictionary(ProcSet=Array([Name.PDF]))
    resources = Dictionary(XObject=Dictionary(Fm=form))
    for kind, things in held.items():
        if f"/{kind}" not in resources:
            resources[f"/{kind}"] = Dictionary()
        for key in things.keys():  # noqa: SIM118 - not a dict
            resources[f"/{kind}"][key] = things[key]
    page = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, 300, 200]),
        Resources=resources,
        Contents=Stream(pdf, b"q 1 0 0 1 10 50 cm /Fm Do Q"),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    return pdf.pages[-1].obj


def a_font(name: str) -> Any:
    return Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(f"/{name}"))


def two_colours(pdf: Pdf, space: Any) -> Any:
    said: dict[str, Any] = {"Width": 20, "Height": 20, "BitsPerComponent": 8, "ColorSpace": space}
    return pdf.make_indirect(Stream(pdf, bytes([0, 1] * 200), Type=Name.XObject, Subtype=Name.Image, **said))


RED_AND_BLUE = Array([Name.Indexed, Name.DeviceRGB, 1, String(bytes([255, 0, 0, 0, 0, 255]))])
CAL = Array([Name.CalRGB, Dictionary(WhitePoint=Array([0.95, 1, 1.09]))])
TO_BLUE = Dictionary(FunctionType=2, Domain=Array([0, 1]), C0=Array([1, 0, 0]), C1=Array([0, 0, 1]), N=1)
SHADE = Dictionary(ShadingType=2, ColorSpace=Name.DeviceRGB, Coords=Array([0, 0, 200, 0]), Function=TO_BLUE)
BORROWED: dict[str, Callable[[Pdf], tuple[bytes, dict[str, Any]]]] = {
    "font": lambda pdf: (
        b"BT /F9 40 Tf 10 20 Td (words) Tj ET",
        {"Font": Dictionary(F9=a_font("Times-BoldItalic"))},
    ),
    "picture": lambda pdf: (
        b"q 200 0 0 80 0 0 cm /Im Do Q",
        {"XObject": Dictionary(Im=two_colours(pdf, RED_AND_BLUE))},
    ),
    "colours of a picture": lambda pdf: (
        b"q 200 0 0 80 0 0 cm /Im Do Q",
        {"XObject": Dictionary(Im=two_colours(pdf, Name.C0)), "ColorSpace": Dictionary(C0=RED_AND_BLUE)},
    ),
    "state": lambda pdf: (b"/G gs 0 0 200 80 re f", {"ExtGState": Dictionary(G=Dictionary(ca=0.1))}),
    "colours": lambda pdf: (b"/C0 cs 1 0 0 sc 0 0 200 80 re f", {"ColorSpace": Dictionary(C0=CAL)}),
    "shading": lambda pdf: (b"0 0 200 80 re W n /S0 sh", {"Shading": Dictionary(S0=SHADE)}),
    "pattern": lambda pdf: (
        b"/Pattern cs /P0 scn 0 0 200 80 re f",
        {"Pattern": Dictionary(P0=Dictionary(Type=Name.Pattern, PatternType=2, Shading=SHADE))},
    ),
    "picture within content": lambda pdf: (
        b"q 200 0 0 80 0 0 cm BI /W 20 /H 20 /BPC 8 /CS /C0 ID "
        + bytes([200, 10, 10] * 200 + [10, 10, 200] * 200)
        + b"\nEI Q 0 0 40 40 re f",
        {"ColorSpace": Dictionary(C0=CAL)},
    ),
}


def drawn(sandbox: Sandbox, path: Path, index: int) -> Image.Image:
    return Image.open(io.BytesIO(sandbox.render(path, index, 300, "jpeg", 95))).convert("RGB")


def same(sandbox: Sandbox, pdf: Pdf, folder: Path) -> list[Image.Image]:
    """The pages, of which a copy was made that shows the same."""
    pdf.save(folder / "a.pdf")
    sandbox.rebuild(folder / "a.pdf", folder / "copy.pdf", 60)
    pages = [drawn(sandbox, folder / "a.pdf", index) for index in range(len(pdf.pages))]
    for index, page in enumerate(pages):
        difference = ImageChops.difference(page, drawn(sandbox, folder / "copy.pdf", index))
        assert max(most for _least, most in difference.getextrema()) < 60, index
        assert min(least for least, _most in page.getextrema()) < 250  # something is drawn
    return pages


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("kind", BORROWED)
@pytest.mark.parametrize("stamped", [False, True])
def test_a_form_draws_with_what_is_around_it(
    sandbox: Sandbox, tmp_path: Path, kind: str, own: bool, stamped: bool
) -> None:
    pdf = Pdf.new()
    content, held = BORROWED[kind](pdf)
    page = borrowing(pdf, content, own, **held)
    if stamped:
        page.Contents = Stream(pdf, b"")
        looks = Dictionary(N=page.Resources.XObject.Fm)
        stamp = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=Array([0, 50, 300, 150]), F=4, AP=looks)
        page.Annots = Array([pdf.make_indirect(stamp)])
    same(sandbox, pdf, tmp_path)


def test_a_form_on_two_pages_draws_with_what_each_of_them_has(sandbox: Sandbox, tmp_path: Path) -> None:
    pdf = Pdf.new()
    words = b"BT /F1 60 Tf 10 20 Td (abc) Tj ET"
    first = borrowing(pdf, words, own=False, Font=Dictionary(F1=a_font("Times-BoldItalic")))
    second = borrowing(pdf, words, own=False, Font=Dictionary(F1=a_font("Courier")))
    second.Resources.XObject.Fm = first.Resources.XObject.Fm
    one, other = same(sandbox, pdf, tmp_path)
    assert one.tobytes() != other.tobytes()


def test_one_stream_is_content_and_a_form(sandbox: Sandbox, tmp_path: Path) -> None:
    pdf = Pdf.new()
    page = borrowing(pdf, b"0 0 60 60 re f", own=True)
    page.Contents = Array(
        [page.Resources.XObject.Fm, pdf.make_indirect(Stream(pdf, b"q 1 0 0 1 90 90 cm /Fm Do Q"))]
    )
    same(sandbox, pdf, tmp_path)


def test_pages_that_look_otherwise_are_told_apart() -> None:
    page = Image.new("L", (89, 126), 255)
    assert not reading.differ(page, page.copy())
    other = page.copy()
    other.putpixel((40, 40), 255 - reading.NOTICED)
    assert reading.differ(page, other)
    other.putpixel((40, 40), 250)  # rounding
    assert not reading.differ(page, other)


def test_pictures_within_content_unpack_to_so_much_and_no_more() -> None:
    packed = zlib.compress(bytes(60 * 1024 * 1024), 9)
    bomb = (b"BI /W 4 /H 4 /BPC 8 /CS /G /F /Fl ID " + packed + b"\nEI\n") * 2
    with pytest.raises(ValueError, match="too much"):
        content.cleaned(bomb, lambda _name: False, lambda _font, _data: ([], 0))


def test_a_picture_within_content_whose_end_nobody_can_tell_is_not_cut() -> None:
    given = b"BI /W 2 /H 1 /CS /Strange /BPC 8 ID \x00EI EI (b) Tj"
    with pytest.raises(ValueError, match="size"):
        content.cleaned(given, lambda _name: False, lambda _font, _data: ([], 0))
