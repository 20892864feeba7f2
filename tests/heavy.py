"""Small files that keep a reader of PDFs busy for minutes: found by trying what pdfium takes long for."""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Sequence


def whole(objects: Sequence[bytes]) -> bytes:
    """A PDF of these objects, the first of them its catalogue."""
    out = b"%PDF-1.7\n"
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(out))
    return out + table + end


def stream(data: bytes, more: bytes = b"") -> bytes:
    packed = zlib.compress(data, 9)
    return b"<</Filter/FlateDecode%s/Length %d>>stream\n%s\nendstream" % (more, len(packed), packed)


SHADING = b"<</ShadingType 1/ColorSpace/DeviceRGB/Domain[0 1 0 1]/Matrix[595 0 0 842 0 0]/Function 5 0 R>>"
# A little program that is run for each pixel.
EACH_PIXEL = b"/FunctionType 4/Domain[0 1 0 1]/Range[0 1 0 1 0 1]"


def shaded(*pages: int | str) -> bytes:
    """Pages that are shaded so many times over (0.15 s each at 1,240 pixels), or bear a text; no two files the same.

    pdfium takes some seconds for 60 of them at 1,240 pixels, and a fraction of one to read its words.
    """
    contents = [
        b"/S sh " * page if isinstance(page, int) else b"BT /F 12 Tf 72 760 Td (%s) Tj ET" % page.encode()
        for page in pages
    ]
    kids = b" ".join(b"%d 0 R" % (7 + 2 * n) for n in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d/MediaBox[0 0 595 842]/Resources 3 0 R>>" % (kids, len(pages)),
        b"<</Shading<</S 4 0 R>>/Font<</F 6 0 R>>/Name/%s>>" % uuid.uuid4().hex.encode(),
        SHADING,
        stream(b"{2 copy mul sin exch cos pop pop 0.5 0.5 0.5}", EACH_PIXEL),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for n, content in enumerate(contents):
        objects += [b"<</Type/Page/Parent 2 0 R/Contents %d 0 R>>" % (8 + 2 * n), stream(content)]
    return whole(objects)


def nested(depth: int = 5, times: int = 10) -> bytes:
    """A page with a form that shows another one ten times, which shows another one ten times …, and an empty page.

    A hundred thousand of them want more than a gigabyte, in 1,400 bytes.
    """
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]%s>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>",
        page % b"/Contents 5 0 R/Resources<</XObject<</F 6 0 R>>>>",
        page % b"",
        stream(b"/F Do " * times + b"%" + uuid.uuid4().hex.encode()),
    ]
    objects += [
        stream(b"/F Do " * times, form + b"/Resources<</XObject<</F %d 0 R>>>>" % (7 + n))
        for n in range(depth)
    ]
    return whole([*objects, stream(b"0 0 500 700 re f", form)])
