"""Odd PDFs, made here: what courts are sent, what breaks readers, what attacks them.

`corpus(folder)` writes them all and says what must become of each: "ready" (as it is or repaired), or the
codes it may be refused with. The pipeline's tests use it too.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from reportlab.lib.pagesizes import A3, A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

READY = "ready"
FONT = next(
    path
    for path in (
        *Path(__file__).resolve().parents[2].glob("node_modules/dejavu-fonts-ttf/ttf/DejaVuSans.ttf"),
        Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
        Path("missing: npm ci brings DejaVu Sans"),
    )
    if path.exists() or path.name.startswith("missing")
)
LONG_TITLE = ("Statement of a witness with a very long name indeed, " * 6)[:300]


class Case(NamedTuple):
    name: str
    path: Path
    expected: str | set[str]  # READY, or the codes one of which it is refused with


_makers: list[tuple[str, str | set[str], Callable[[Path], None]]] = []


def maker(
    name: str, expected: str | set[str] = READY
) -> Callable[[Callable[[Path], None]], Callable[[Path], None]]:
    def keep(function: Callable[[Path], None]) -> Callable[[Path], None]:
        _makers.append((name, expected, function))
        return function

    return keep


def corpus(folder: Path) -> list[Case]:
    """Writes every odd file into `folder` and says what is expected of each."""
    folder.mkdir(parents=True, exist_ok=True)
    return list(_write(folder))


def _write(folder: Path) -> Iterator[Case]:
    for name, expected, make in _makers:
        path = folder / f"{name}.pdf"
        if not path.exists():
            make(path)
        yield Case(name, path, expected)
    for name, data, _ in NOT_PDFS:
        path = folder / f"not-a-pdf-{name}"
        path.write_bytes(data)
        yield Case(path.stem, path, {"not_pdf"})


# Helpers


def text_pdf(
    lines: list[str], size: tuple[float, float] = A4, pages: int = 1, font: str = "Helvetica"
) -> bytes:
    """A plain document of the same lines on each page."""
    if font == "DejaVu" and "DejaVu" not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont("DejaVu", str(FONT)))
    out = io.BytesIO()
    pen = canvas.Canvas(out, pagesize=size, pageCompression=1, invariant=1)
    for _ in range(pages):
        pen.setFont(font, 12)
        for number, line in enumerate(lines):
            pen.drawString(72, size[1] - 72 - 18 * number, line)
        pen.showPage()
    pen.save()
    return out.getvalue()


def placed_pdf(
    words: list[tuple[float, float, str]], box: tuple[float, ...], crop: tuple[float, ...] | None, turn: int
) -> bytes:
    """Words at given places of a page with a given MediaBox, CropBox and /Rotate."""
    content = "BT /F1 14 Tf " + " ".join(f"1 0 0 1 {x} {y} Tm ({w}) Tj" for x, y, w in words) + " ET"
    pdf = Pdf.new()
    page = one_page(pdf, content.encode(), box)
    if crop:
        page.CropBox = Array(list(crop))
    if turn:
        page.Rotate = turn
    return saved(pdf)


def one_page(pdf: Pdf, content: bytes, box: tuple[float, ...] = (0, 0, 595, 842)) -> Dictionary:
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    page = Dictionary(
        Type=Name.Page,
        MediaBox=Array(list(box)),
        Resources=Dictionary(Font=Dictionary(F1=font)),
        Contents=Stream(pdf, content),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    return pdf.pages[-1].obj


def saved(pdf: Pdf, **options: object) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


HELLO = b"BT /F1 14 Tf 72 700 Td (Hello from the witness) Tj ET"


def raw_pdf(objects: list[bytes], root: int = 1, trailer: bytes = b"") -> bytes:
    """A file of these objects (numbered from 1) with a correct cross-reference table."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d /Root %d 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        root,
        trailer,
        start,
    )
    return bytes(out)


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d %s>>\nstream\n%s\nendstream" % (len(data), entries, data)


FONT_OBJECT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def raw_page(page: bytes, content: bytes, *more: bytes) -> bytes:
    """Catalogue 1, pages 2, page 3 (`page` is in its dictionary), contents 4, Helvetica 5, then `more`."""
    return raw_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/Contents 4 0 R " + page + b">>",
            content,
            FONT_OBJECT,
            *more,
        ]
    )


A4_BOX = b"/MediaBox[0 0 595 842]"
F1 = b"/Resources<</Font<</F1 5 0 R>>>>"


# What courts are sent


@maker("plain")
def _plain(path: Path) -> None:
    path.write_bytes(
        text_pdf(["WITNESS STATEMENT", "Statement of: John SMITH", "I am a shop worker."], pages=3)
    )


for _turn in (0, 90, 180, 270):

    @maker(f"rotated-{_turn}")
    def _rotated(path: Path, turn: int = _turn) -> None:
        path.write_bytes(placed_pdf([(100, 700, "Upper"), (300, 120, "Lower")], (0, 0, 595, 842), None, turn))

    @maker(f"cropped-{_turn}")
    def _cropped(path: Path, turn: int = _turn) -> None:
        words = [(100, 700, "Inside"), (20, 820, "Outside")]
        path.write_bytes(placed_pdf(words, (0, 0, 595, 842), (60, 100, 500, 780), turn))


@maker("media-box-off-origin")
def _off_origin(path: Path) -> None:
    path.write_bytes(placed_pdf([(-100, 300, "Left"), (250, 500, "Right")], (-200, 100, 395, 942), None, 90))


@maker("crop-box-outside-media-box")
def _crop_outside(path: Path) -> None:
    path.write_bytes(placed_pdf([(100, 700, "Hello")], (0, 0, 595, 842), (-100, -100, 900, 1200), 0))


@maker("crop-box-beside-media-box")
def _crop_beside(path: Path) -> None:
    path.write_bytes(placed_pdf([(100, 700, "Hello")], (0, 0, 595, 842), (2000, 2000, 2500, 2500), 0))


@maker("boxes-upside-down")
def _upside_down(path: Path) -> None:
    path.write_bytes(placed_pdf([(100, 700, "Hello")], (595, 842, 0, 0), (580, 830, 10, 10), 0))


@maker("rotate-45")
def _rotate_45(path: Path) -> None:
    path.write_bytes(placed_pdf([(100, 700, "Hello")], (0, 0, 595, 842), None, 45))


@maker("rotate-minus-90")
def _rotate_minus(path: Path) -> None:
    path.write_bytes(placed_pdf([(100, 700, "Hello")], (0, 0, 595, 842), None, -90))


@maker("a3-landscape")
def _a3(path: Path) -> None:
    path.write_bytes(text_pdf(["A plan of the scene"], size=landscape(A3)))


@maker("user-unit")
def _user_unit(path: Path) -> None:
    path.write_bytes(raw_page(A4_BOX + F1 + b"/UserUnit 10", stream(HELLO)))


@maker("mixed-sizes")
def _mixed(path: Path) -> None:
    pdf = Pdf.new()
    for box in ((0, 0, 595, 842), (0, 0, 1191, 842), (0, 0, 300, 100)):
        one_page(pdf, b"BT /F1 14 Tf 20 50 Td (Hello) Tj ET", box)
    path.write_bytes(saved(pdf))


@maker("no-fonts")
def _no_fonts(path: Path) -> None:
    path.write_bytes(raw_page(A4_BOX + b"/Resources<<>>", stream(HELLO)))


@maker("no-contents")
def _no_contents(path: Path) -> None:
    path.write_bytes(
        raw_pdf(
            [
                b"<</Type/Catalog/Pages 2 0 R>>",
                b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
            ]
        )
    )


@maker("no-media-box")
def _no_media_box(path: Path) -> None:
    path.write_bytes(raw_page(F1, stream(HELLO)))


@maker("white-marks-only")
def _white(path: Path) -> None:
    path.write_bytes(raw_page(A4_BOX, stream(b"1 1 1 rg 0 0 595 842 re f")))


@maker("lines-only")
def _lines(path: Path) -> None:
    path.write_bytes(raw_page(A4_BOX, stream(b"5 w 100 100 m 400 700 l S")))


@maker("scan")
def _scan(path: Path) -> None:
    _image_page(path, b"q 595 0 0 842 0 0 cm /Im Do Q")


@maker("stamped-scan")
def _stamped(path: Path) -> None:
    _image_page(path, b"q 595 0 0 842 0 0 cm /Im Do Q BT /F1 12 Tf 500 20 Td (B12) Tj ET")


def _image_page(path: Path, content: bytes) -> None:
    pixels = bytes((x * y) % 251 for y in range(120) for x in range(80))
    image = b"/Type/XObject/Subtype/Image/Width 80/Height 120/ColorSpace/DeviceGray/BitsPerComponent 8"
    path.write_bytes(
        raw_page(
            A4_BOX + b"/Resources<</Font<</F1 5 0 R>>/XObject<</Im 6 0 R>>>>",
            stream(content),
            stream(zlib.compress(pixels), image + b"/Filter/FlateDecode"),
        )
    )


@maker("form")
def _form(path: Path) -> None:
    out = io.BytesIO()
    pen = canvas.Canvas(out, pagesize=A4)
    pen.drawString(72, 760, "Surname of the witness")
    pen.acroForm.textfield(name="surname", value="Hargreaves", x=72, y=700, width=200, height=24)
    pen.acroForm.checkbox(name="over18", checked=True, x=72, y=650)
    pen.save()
    path.write_bytes(out.getvalue())


@maker("form-without-appearances")
def _form_no_appearances(path: Path) -> None:
    field = (
        b"<</Type/Annot/Subtype/Widget/FT/Tx/T(surname)/V(Hargreaves)/DA(/Helv 12 Tf 0 g)"
        b"/Rect[72 600 272 624]/F 4/P 3 0 R>>"
    )
    form = b"/AcroForm<</Fields[6 0 R]/NeedAppearances true/DR<</Font<</Helv 5 0 R>>>>>>"
    data = raw_page(A4_BOX + F1 + b"/Annots[6 0 R]", stream(HELLO), field)
    path.write_bytes(data.replace(b"/Type/Catalog", b"/Type/Catalog" + form))


@maker("comment-on-the-page")
def _free_text(path: Path) -> None:
    look = stream(
        b"BT /F1 14 Tf 2 6 Td (Redirected) Tj ET",
        b"/Type/XObject/Subtype/Form/BBox[0 0 200 24]/Resources<</Font<</F1 5 0 R>>>>",
    )
    note = (
        b"<</Type/Annot/Subtype/FreeText/Contents(Redirected)/DA(/F1 14 Tf 0 g)/Rect[72 600 272 624]/F 4"
        b"/AP<</N 7 0 R>>>>"
    )
    path.write_bytes(raw_page(A4_BOX + F1 + b"/Annots[6 0 R]", stream(HELLO), note, look))


@maker("type3-font")
def _type3(path: Path) -> None:
    glyph = stream(b"600 0 0 0 500 700 d1 0 0 500 700 re f")
    font = (
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 600 700]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 65"
        b"/LastChar 66/Widths[600 600]/Encoding<</Type/Encoding/Differences[65/a/b]>>/CharProcs<</a 6 0 R/b 6 0 R>>"
        b"/ToUnicode 8 0 R/Resources<<>>>>"
    )
    cmap = stream(
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <00><ff> "
        b"endcodespacerange 2 beginbfchar <41><0041> <42><0042> endbfchar endcmap end end"
    )
    content = stream(b"BT /T3 30 Tf 100 600 Td (ABBA) Tj ET")
    page = A4_BOX + b"/Resources<</Font<</T3 7 0 R>>>>"
    path.write_bytes(raw_page(page, content, glyph, font, cmap))


@maker("ligatures")
def _ligatures(path: Path) -> None:
    path.write_bytes(
        text_pdf(["The of\ufb01ce of the \ufb02oor manager a\ufb00ects e\ufb03cient staff"], font="DejaVu")
    )


@maker("right-to-left")
def _rtl(path: Path) -> None:
    # Hebrew "peace to all" as a printer draws it: glyphs from left to right in the order they are seen.
    path.write_bytes(text_pdf(["\u05dc\u05db\u05dc \u05e9\u05dc\u05d5\u05dd"[::-1]], font="DejaVu"))


@maker("welsh")
def _welsh(path: Path) -> None:
    path.write_bytes(text_pdf(["DATGANIAD TYST", "Tŷ Ŵyn, dŵr, ŷd, Ŷnys, gêm, tân, môr"], font="DejaVu"))


@maker("hyphens")
def _hyphens(path: Path) -> None:
    path.write_bytes(text_pdf(["I gave my state-", "ment to the officer"]))


@maker("turned-text")
def _turned_text(path: Path) -> None:
    content = (
        b"BT /F1 14 Tf 0 1 -1 0 300 200 Tm (Upward words) Tj .866 .5 -.5 .866 100 500 Tm (Askew words) Tj ET"
    )
    path.write_bytes(raw_page(A4_BOX + F1, stream(content)))


@maker("invisible-text-layer")
def _invisible(path: Path) -> None:
    path.write_bytes(raw_page(A4_BOX + F1, stream(b"BT 3 Tr /F1 14 Tf 72 700 Td (Recognised words) Tj ET")))


@maker("hidden-characters")
def _hidden(path: Path) -> None:
    cmap = stream(
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <00><ff> "
        b"endcodespacerange 6 beginbfchar <41><0000> <42><D800> <43><202E> <44><FFFE> <45><0007> <46><200B> "
        b"endbfchar endcmap end end"
    )
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>"
    content = stream(b"BT /F1 14 Tf 72 700 Td (saAfBe CDE wFord plain) Tj ET")
    path.write_bytes(raw_page(A4_BOX + b"/Resources<</Font<</F1 7 0 R>>>>", content, cmap, font))


@maker("beyond-the-basic-plane")
def _astral(path: Path) -> None:
    cmap = stream(
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <00><ff> "
        b"endcodespacerange 1 beginbfchar <41><D835DD38> endbfchar endcmap end end"
    )
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>"
    content = stream(b"BT /F1 14 Tf 72 700 Td (A first AxA second third) Tj ET")
    path.write_bytes(raw_page(A4_BOX + b"/Resources<</Font<</F1 7 0 R>>>>", content, cmap, font))


@maker("long-title")
def _long_title(path: Path) -> None:
    pdf = Pdf.new()
    one_page(pdf, HELLO)
    pdf.docinfo["/Title"] = LONG_TITLE + "\u202e\x07"
    path.write_bytes(saved(pdf))


@maker("javascript")
def _javascript(path: Path) -> None:
    pdf = Pdf.new()
    one_page(pdf, HELLO)
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="app.alert('hello')")
    pdf.Root.Names = Dictionary(
        JavaScript=Dictionary(Names=Array(["x", Dictionary(S=Name.JavaScript, JS="while(1);")]))
    )
    path.write_bytes(saved(pdf))


@maker("launch")
def _launch(path: Path) -> None:
    pdf = Pdf.new()
    one_page(pdf, HELLO)
    pdf.Root.OpenAction = Dictionary(S=Name.Launch, F="cmd.exe")
    path.write_bytes(saved(pdf))


@maker("attachments")
def _attachments(path: Path) -> None:
    pdf = Pdf.new()
    one_page(pdf, HELLO)
    pdf.attachments["evil.exe"] = b"MZ not really"
    path.write_bytes(saved(pdf))


@maker("encrypted-without-user-password")
def _owner_password(path: Path) -> None:
    pdf = Pdf.new()
    one_page(pdf, HELLO)
    path.write_bytes(saved(pdf, encryption=pikepdf.Encryption(owner="owner", user="", R=6)))


@maker("encrypted-old-without-user-password")
def _owner_password_rc4(path: Path) -> None:
    pdf = Pdf.new()
    one_page(pdf, HELLO)
    path.write_bytes(
        saved(pdf, encryption=pikepdf.Encryption(owner="owner", user="", R=3, aes=False, metadata=False))
    )


# What is broken but can be read


@maker("wrong-xref")
def _wrong_xref(path: Path) -> None:
    data = raw_page(A4_BOX + F1, stream(HELLO))
    path.write_bytes(data.replace(b"startxref\n", b"startxref\n9"))


@maker("wrong-xref-offsets")
def _wrong_offsets(path: Path) -> None:
    data = raw_page(A4_BOX + F1, stream(HELLO))
    at = data.index(b"xref\n")
    path.write_bytes(data[:at] + data[at:].replace(b"00000 n", b"00000 n").replace(b"\n00000", b"\n00007"))


@maker("truncated")
def _truncated(path: Path) -> None:
    data = text_pdf(["A statement that was cut short on its way"], pages=8)
    path.write_bytes(data[: int(len(data) * 0.97)])


@maker("truncated-object-streams")
def _truncated_streams(path: Path) -> None:
    pdf = Pdf.open(io.BytesIO(text_pdf(["A statement that was cut short"], pages=8)))
    data = saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    path.write_bytes(data[: int(len(data) * 0.6)])


@maker("junk-before-header")
def _junk(path: Path) -> None:
    path.write_bytes(b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n" + text_pdf(["Hello"]))


@maker("much-junk-before-header")
def _much_junk(path: Path) -> None:
    path.write_bytes(b"\x1b%-12345X@PJL COMMENT\r\n" * 400 + text_pdf(["Hello"]))


@maker("junk-after-end")
def _junk_after(path: Path) -> None:
    path.write_bytes(text_pdf(["Hello"]) + b"\0" * 5000)


@maker("wrong-count")
def _wrong_count(path: Path) -> None:
    path.write_bytes(raw_page(A4_BOX + F1, stream(HELLO)).replace(b"/Count 1", b"/Count 7"))


@maker("count-too-small")
def _count_small(path: Path) -> None:
    pages = [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"] * 4
    path.write_bytes(
        raw_pdf(
            [
                b"<</Type/Catalog/Pages 2 0 R>>",
                b"<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R 6 0 R]/Count 1>>",
                *pages,
            ]
        )
    )


@maker("cyclic-resources")
def _cyclic_resources(path: Path) -> None:
    form = stream(b"/Me Do", b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources 7 0 R")
    page = A4_BOX + b"/Resources 7 0 R"
    path.write_bytes(
        raw_page(
            page, stream(b"/Me Do " + HELLO), form, b"<</XObject<</Me 6 0 R>>/Font<</F1 5 0 R>>/Loop 7 0 R>>"
        )
    )


@maker("deep-content")
def _deep_content(path: Path) -> None:
    path.write_bytes(raw_page(A4_BOX + F1, stream(b"q " * 60_000 + HELLO + b" Q" * 60_000)))


@maker("deep-arrays")
def _deep_arrays(path: Path) -> None:
    path.write_bytes(raw_page(A4_BOX + F1 + b"/Deep " + b"[" * 30_000 + b"]" * 30_000, stream(HELLO)))


@maker("many-words")
def _many_words(path: Path) -> None:
    lines = [
        b"BT /F1 1 Tf 1 0 0 1 5 %.1f Tm (%s) Tj ET" % (835 - n * 1.4, b"word " * 200) for n in range(590)
    ]
    path.write_bytes(raw_page(A4_BOX + F1, stream(zlib.compress(b"\n".join(lines)), b"/Filter/FlateDecode")))


@maker("one-point-page")
def _tiny(path: Path) -> None:
    path.write_bytes(raw_page(b"/MediaBox[0 0 1 1]" + F1, stream(HELLO)))


@maker("14400-point-page")
def _huge_page(path: Path) -> None:
    path.write_bytes(raw_page(b"/MediaBox[0 0 14400 14400]" + F1, stream(HELLO)))


@maker("long-thin-page")
def _thin(path: Path) -> None:
    path.write_bytes(raw_page(b"/MediaBox[0 0 1 14400]" + F1, stream(b"0 0 1 14400 re f")))


@maker("absurd-page-size")
def _absurd(path: Path) -> None:
    path.write_bytes(raw_page(b"/MediaBox[0 0 1e30 1e30]" + F1, stream(HELLO)))


@maker("zero-size-page")
def _zero_size(path: Path) -> None:
    path.write_bytes(raw_page(b"/MediaBox[0 0 0 0]" + F1, stream(HELLO)))


# What must be refused


@maker("encrypted-with-user-password", {"encrypted"})
def _user_password(path: Path) -> None:
    pdf = Pdf.new()
    one_page(pdf, HELLO)
    path.write_bytes(saved(pdf, encryption=pikepdf.Encryption(owner="owner", user="secret", R=6)))


@maker("unknown-encryption", {"encrypted", "broken"})
def _unknown_encryption(path: Path) -> None:
    data = raw_page(A4_BOX + F1, stream(HELLO))
    path.write_bytes(
        data.replace(b"/Root 1 0 R ", b"/Root 1 0 R /Encrypt<</Filter/Strange/V 9>>/ID[(a)(b)] ")
    )


@maker("empty", {"empty"})
def _empty(path: Path) -> None:
    path.write_bytes(b"")


@maker("header-only", {"broken", "no_pages"})
def _header_only(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7\n")


@maker("noise", {"broken", "no_pages"})
def _noise(path: Path) -> None:
    path.write_bytes(b"%PDF-1.4\n" + bytes((i * i * 7 + i // 3) % 256 for i in range(50_000)))


@maker("no-pages", {"no_pages"})
def _no_pages(path: Path) -> None:
    path.write_bytes(raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]))


@maker("page-tree-contains-itself", {"broken", "no_pages"})
def _cyclic_pages(path: Path) -> None:
    path.write_bytes(
        raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2/Parent 2 0 R>>"])
    )


@maker("20000-pages", {"too_many_pages"})
def _many_pages(path: Path) -> None:
    count = 20_000
    kids = b" ".join(b"%d 0 R" % (4 + n) for n in range(count))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R>>"
    pages = b"<</Type/Pages/Kids[" + kids + b"]/Count %d>>" % count
    path.write_bytes(raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", pages, stream(HELLO), *[page] * count]))


@maker("a-million-pages-by-sharing", {"too_many_pages", "broken", "no_pages"})
def _shared_pages(path: Path) -> None:
    # Ten levels of ten references to the same node: a small file that says it has ten thousand million pages.
    levels = [
        b"<</Type/Pages/Kids[" + b"%d 0 R " % (n + 3) * 10 + b"]/Count %d>>" % 10 ** (10 - n)
        for n in range(10)
    ]
    leaf = b"<</Type/Page/MediaBox[0 0 595 842]>>"
    path.write_bytes(raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", *levels, leaf]))


@maker("content-bomb", {"memory", "timeout", "broken"})
def _content_bomb(path: Path) -> None:
    path.write_bytes(
        raw_page(
            A4_BOX + F1, stream(_squeezed(b"0 0 m 9 9 l S\n", 3000), b"/Filter[/FlateDecode/FlateDecode]")
        )
    )


@maker("image-bomb")
def _image_bomb(path: Path) -> None:
    _bomb_image(path, 60_000, 60_000)


def _bomb_image(path: Path, width: int, height: int) -> None:
    image = b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8" % (
        width,
        height,
    )
    data = _squeezed(b"\xff\0\0", 3600)
    page = A4_BOX + b"/Resources<</XObject<</Im 6 0 R>>>>"
    content = stream(b"q 595 0 0 842 0 0 cm /Im Do Q")
    path.write_bytes(raw_page(page, content, stream(data, image + b"/Filter[/FlateDecode/FlateDecode]")))


def _squeezed(unit: bytes, mebibytes: int) -> bytes:
    """`unit` over and over to about so many MiB, deflated twice: a few kilobytes."""
    packer = zlib.compressobj(9)
    start = packer.compress(b" ") + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush a block stands by itself, so one compressed block can be repeated as it is.
    block = packer.compress(unit * (1024 * 1024 // len(unit))) + packer.flush(zlib.Z_FULL_FLUSH)
    return zlib.compress(start + block * mebibytes + packer.flush(), 9)


@maker("slow-drawing", {"timeout", "memory", "broken"})
def _slow(path: Path) -> None:
    # Forms that call forms: 12 levels of 12, far more than anybody waits for.
    forms = [
        stream(
            b"/N Do " * 12,
            b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]"
            b"/Resources<</Font<</F1 5 0 R>>/XObject<</N %d 0 R>>>>" % (7 + n),
        )
        for n in range(12)
    ]
    last = stream(HELLO, b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>")
    page = A4_BOX + b"/Resources<</XObject<</N 6 0 R>>>>"
    path.write_bytes(raw_page(page, stream(b"/N Do"), *forms, last))


NOT_PDFS: list[tuple[str, bytes, str]] = [
    ("word.pdf", b"PK\x03\x04" + b"\0" * 26 + b"word/document.xml", "a Word document"),
    ("excel.pdf", b"PK\x03\x04" + b"\0" * 26 + b"xl/workbook.xml", "an Excel spreadsheet"),
    ("zip.pdf", b"PK\x03\x04" + b"\0" * 26 + b"a.pdf%PDF-1.7\n", "a ZIP archive"),
    ("jpeg.pdf", b"\xff\xd8\xff\xe0" + b"\0" * 40, "a JPEG picture"),
    ("png.pdf", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "a PNG picture"),
    ("heic.pdf", b"\0\0\0\x18ftypheic" + b"\0" * 40, "a HEIC picture"),
    ("old.pdf", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "a Word document"),
    ("page.pdf", b"<!DOCTYPE html><p>Log in first", "a web page"),
    ("mail.pdf", b"Received: from x by y\r\n\r\nHello", "an e-mail"),
    ("text.pdf", "I saw him at the tŷ".encode(), "plain text"),
    ("program.pdf", b"MZ\x90\0" + b"\0" * 40, "a Windows program"),
    ("unknown.pdf", bytes(range(128, 256)) * 4, ""),
]
