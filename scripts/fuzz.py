"""Broken on purpose: mutated PDFs through intake and worker, each held against the law of scripts/odd_law.py.

    python scripts/fuzz.py [--count 2000] [--seed 1] [--only SEED-NUMBER] [--keep FOLDER] [--jobs 2]

Each file has a number; `--only 1-734` makes that one again (encrypted ones with other keys), tells what becomes of it,
and with --keep keeps it. Files are made from the test files of PDF libraries (scripts/odd_files.py).
Prints how many ended how, by kind of mutation, and whatever broke the law with its number. Ends 1 if anything did.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import odd_files
from scripts.odd_law import MIB, Outcome, Second, Trial, new_case, stand_alone, worker_memory

LARGEST = 400 * 1024  # bytes of a file that others are made from: of large ones there are enough
# Shorter than in life, so that two thousand files take minutes; the law is the same.
LIMITS = {"seconds": 6.0, "draw_seconds": 4.0, "first_seconds": 12.0, "page_seconds": 0.5}

Mutator = Callable[[random.Random, bytes], bytes]
MUTATORS: dict[str, Mutator] = {}


def mutator(function: Mutator) -> Mutator:
    MUTATORS[function.__name__.replace("_", " ")] = function
    return function


@cache
def bases() -> list[Path]:
    """Files that others are made from, in a fixed order."""
    found = [path for sdist in odd_files.SDISTS for path in odd_files.files(sdist)]
    small = [path for path in found if path.stat().st_size <= LARGEST]
    if not small:
        raise SystemExit("The files that others are made from are not here: make test-setup brings them.")
    return small


def another(rng: random.Random) -> bytes:
    return rng.choice(bases()).read_bytes()


# --- bytes -------------------------------------------------------------------------------------


@mutator
def bytes_flipped(rng: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 3, 10, 100, 1000))):
        out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


@mutator
def cut_short(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(1, len(data))]


@mutator
def end_lost(rng: random.Random, data: bytes) -> bytes:
    return data[: -rng.randrange(1, min(len(data), 2000))]


@mutator
def middle_lost(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.randrange(1, max(2, len(data) // 4)) :]


@mutator
def zeros_in_the_middle(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(len(data))
    size = rng.randrange(1, max(2, len(data) // 4))
    return data[:start] + bytes(size) + data[start + size :]


@mutator
def part_twice(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(len(data))
    part = data[start : start + rng.randrange(1, max(2, len(data) // 2))]
    return data[:start] + part * rng.choice((2, 2, 3, 20)) + data[start:]


@mutator
def as_text_by_mail(rng: random.Random, data: bytes) -> bytes:
    """What a careless mailer does: line ends changed, or everything above 127 lost."""
    if rng.random() < 0.5:
        return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return data.decode("ascii", "replace").encode()


@mutator
def junk_around(rng: random.Random, data: bytes) -> bytes:
    before = rng.randbytes(rng.choice((0, 10, 1000, 5000)))
    return before + data + rng.randbytes(rng.choice((0, 10, 100_000)))


@mutator
def two_files_in_one(rng: random.Random, data: bytes) -> bytes:
    return data + rng.choice((b"", b"\n", b"\x00" * 100)) + another(rng)


# --- syntax ------------------------------------------------------------------------------------

OBJECT = re.compile(rb"\b(\d{1,7}) 0 obj\b(.*?)\bendobj", re.S)
NUMBER = re.compile(rb"(?<=[\s\[/<])-?\d+(?:\.\d+)?(?=[\s\]/>])")
NAME = re.compile(rb"/[A-Za-z0-9]+")
HOSTILE = (
    b"0 -1 1 2147483647 2147483648 -2147483648 4294967296 9223372036854775807 99999999999999999999999 1e38"
)
HOSTILE_NUMBERS = [
    *HOSTILE.split(),
    b"-99999",
    b"0.0000001",
    b"100000",
    b"16777216",
    b"65536",
    b"--5",
    b"3.4.5",
]
HOSTILE_NAMES = [
    b"/" + name for name in b"Page Pages Kids Parent Catalog Length Filter Contents Font".split()
]


def objects(data: bytes) -> list[tuple[int, int, int]]:
    """Number, start and end of the body of each plain object."""
    return [(int(m[1]), m.start(2), m.end(2)) for m in OBJECT.finditer(data)]


@mutator
def objects_swapped(rng: random.Random, data: bytes) -> bytes:
    found = objects(data)
    if len(found) < 2:
        return bytes_flipped(rng, data)
    for _ in range(rng.choice((1, 1, 3))):
        (_, a, b), (_, c, d) = sorted(rng.sample(objects(data) or found, 2), key=lambda o: o[1])
        data = data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]
        if len(objects(data)) < 2:
            break
    return data


@mutator
def objects_of_another(rng: random.Random, data: bytes) -> bytes:
    other = another(rng)
    ours, theirs = objects(data), objects(other)
    if not ours or not theirs:
        return bytes_flipped(rng, data)
    for _ in range(rng.choice((1, 2, 5))):
        _, c, d = rng.choice(theirs)
        ours = objects(data)
        if not ours:
            break
        _, a, b = rng.choice(ours)
        data = data[:a] + other[c:d] + data[b:]
    return data


@mutator
def objects_lost(rng: random.Random, data: bytes) -> bytes:
    for _ in range(rng.choice((1, 1, 2, 5))):
        found = objects(data)
        if not found:
            break
        _, a, b = rng.choice(found)
        data = data[:a] + b" null " + data[b:]
    return data


def replaced(rng: random.Random, data: bytes, what: re.Pattern[bytes], by: list[bytes], times: int) -> bytes:
    found = list(what.finditer(data))
    for match in sorted(rng.sample(found, min(times, len(found))), key=lambda m: -m.start()):
        data = data[: match.start()] + rng.choice(by) + data[match.end() :]
    return data


@mutator
def numbers_changed(rng: random.Random, data: bytes) -> bytes:
    return replaced(rng, data, NUMBER, HOSTILE_NUMBERS, rng.choice((1, 2, 5, 20)))


@mutator
def names_changed(rng: random.Random, data: bytes) -> bytes:
    names = list({m[0] for m in NAME.finditer(data)}) + HOSTILE_NAMES
    return replaced(rng, data, NAME, names, rng.choice((1, 2, 5)))


@mutator
def references_changed(rng: random.Random, data: bytes) -> bytes:
    numbers = [number for number, _, _ in objects(data)] or [1]
    by = [b"%d 0 R" % rng.choice(numbers) for _ in range(20)] + [b"99999 0 R", b"0 0 R"]
    return replaced(rng, data, re.compile(rb"\b\d{1,7} 0 R\b"), by, rng.choice((1, 2, 5)))


@mutator
def lengths_lie(rng: random.Random, data: bytes) -> bytes:
    pattern = re.compile(rb"/Length \d+(?: 0 R)?")
    return replaced(rng, data, pattern, [b"/Length " + n for n in HOSTILE_NUMBERS], rng.choice((1, 3, 50)))


@mutator
def xref_loops(rng: random.Random, data: bytes) -> bytes:
    at = [int(n) for n in re.findall(rb"startxref\s+(\d{1,9})", data)] or [0]
    target = rng.choice([*at, 0, len(data) - 10, 1 << 40])
    data = re.sub(rb"/Prev \d+", b"/Prev %d" % target, data)
    return data.replace(b"trailer", b"trailer", 1).replace(
        b"/Root ", b"/Prev %d /XRefStm %d /Root " % (target, target)
    )


@mutator
def xref_lies(rng: random.Random, data: bytes) -> bytes:
    return (
        replaced(
            rng, data, re.compile(rb"\b\d{10} \d{5} [nf]"), [b"%010d 00000 n" % rng.randrange(len(data))], 10
        )
        if rng.random() < 0.5
        else re.sub(rb"startxref\s+\d+", b"startxref\n%d" % rng.randrange(len(data)), data)
    )


# --- made whole, hostile by meaning ------------------------------------------------------------


def plain(
    *more: bytes, page: bytes = b"", content: bytes | None = None, catalog: bytes = b"", pages: bytes = b""
) -> bytes:
    """A correct file of one page but for what is given; further objects are numbered from 6."""
    content = b"BT /F1 14 Tf 72 700 Td (Statement of a witness) Tj ET" if content is None else content
    body = [
        b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        pages or b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R"
        + (page or b"/MediaBox[0 0 595 842]")
        + (b"" if b"/Resources" in page else b"/Resources<</Font<</F1 5 0 R>>>>")
        + b">>",
        content
        if b"stream\n" in content
        else b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *more,
    ]
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, thing in enumerate(body, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, thing)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(body) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return bytes(out + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(body) + 1, start))


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(data), data)


@cache
def inflated(unit: bytes, mebibytes: int, layers: int = 1) -> bytes:
    squeeze = zlib.compressobj(9)
    out = [squeeze.compress(unit * (MIB // len(unit))) for _ in range(mebibytes)]
    data = b"".join([*out, squeeze.flush()])
    for _ in range(layers - 1):
        data = zlib.compress(data, 9)
    return data


@mutator
def streams_inflated(rng: random.Random, data: bytes) -> bytes:
    unit = rng.choice(
        (b"\0", b"0 0 m 9 9 l S\n", b"q ", b"[[[[", b"(a) Tj T* ", b"BT /F1 9 Tf (word ) Tj ET\n", b"/F1 ")
    )
    layers = rng.choice((1, 1, 2))
    bomb = inflated(unit, rng.choice((30, 100, 300)), layers)
    filters = b"/Filter[" + b"/FlateDecode " * layers + b"]"
    match rng.randrange(4):
        case 0:
            return plain(content=stream(bomb, filters))
        case 1:
            image = b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8"
            side = rng.choice((1000, 10_000, 40_000, 1_000_000))
            page = b"/MediaBox[0 0 595 842]/Resources<</XObject<</I 6 0 R>>>>"
            return plain(
                stream(bomb, filters + image % (side, side)), page=page, content=b"500 0 0 500 0 0 cm /I Do"
            )
        case 2:
            kind = rng.choice(
                (b"/Type/ObjStm/N 100000/First 600000", b"/Type/XRef/Size 99999999/W[1 8 8]/Root 1 0 R")
            )
            return plain(stream(bomb, filters + kind), catalog=b"/Extends 6 0 R/AcroForm 6 0 R")
        case _:
            font = b"<</Type/Font/Subtype/Type0/Encoding/Identity-H/BaseFont/X/ToUnicode 7 0 R/DescendantFonts[5 0 R]>>"
            page = b"/MediaBox[0 0 595 842]/Resources<</Font<</F1 6 0 R>>>>"
            return plain(font, stream(bomb, filters), page=page)


@mutator
def page_tree_loops(rng: random.Random, data: bytes) -> bytes:
    match rng.randrange(5):
        case 0:
            return plain(pages=b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count %d>>" % rng.choice((1, 2, 5, 100_000)))
        case 1:
            return plain(
                b"<</Type/Pages/Kids[2 0 R]/Count 3/Parent 2 0 R>>",
                pages=b"<</Type/Pages/Kids[6 0 R 3 0 R]/Count 4>>",
            )
        case 2:  # each level has the one below it several times
            deep = rng.choice((5, 12, 24))
            levels = [
                b"<</Type/Pages/Parent 2 0 R/Kids[%s]/Count %d>>"
                % (b"%d 0 R " % (7 + n) * 8, 8 ** (deep - n))
                for n in range(deep)
            ]
            return plain(
                *levels,
                b"<</Type/Page/MediaBox[0 0 9 9]>>",
                pages=b"<</Type/Pages/Kids[6 0 R 3 0 R]/Count 99>>",
            )
        case 3:  # a chain of very many
            deep = rng.choice((100, 3000, 50_000))
            levels = [b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (7 + n) for n in range(deep)]
            return plain(
                *levels, b"<</Type/Page/MediaBox[0 0 9 9]>>", pages=b"<</Type/Pages/Kids[6 0 R]/Count 1>>"
            )
        case _:
            return plain(
                page=b"/MediaBox 3 0 R/Resources 2 0 R/Parent 3 0 R",
                pages=b"<</Type/Page/Kids 2 0 R/Count 2 0 R/Parent 2 0 R>>",
            )


@mutator
def page_counts_lie(rng: random.Random, data: bytes) -> bytes:
    count = rng.choice((0, -1, 2, 7, 9_999, 20_000, 2_000_000, 1 << 31, 1 << 40))
    if rng.random() < 0.5 and b"/Count" in data:
        return re.sub(rb"/Count -?\d+", b"/Count %d" % count, data)
    kids = b"3 0 R " * rng.choice((1, 2, 300, 12_000))
    return plain(pages=b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count))


@mutator
def boxes_absurd(rng: random.Random, data: bytes) -> bytes:
    sides = (
        b"0",
        b"595",
        b"842",
        b"-842",
        b"1e9",
        b"1e-9",
        b"14400",
        b"2147483648",
        b"-1e38",
        b"99999999",
        b"(a)",
        b"null",
    )
    box = b" ".join(rng.choice(sides) for _ in range(rng.choice((4, 4, 4, 3, 6))))
    crop = b"/CropBox[" + b" ".join(rng.choice(sides) for _ in range(4)) + b"]" if rng.random() < 0.5 else b""
    turn = b"/Rotate %d" % rng.choice((0, 90, 91, -90, 1 << 31)) + b"/UserUnit %s" % rng.choice(
        (b"1", b"0", b"-3", b"1e30")
    )
    if rng.random() < 0.4 and b"/MediaBox" in data:
        return re.sub(rb"/MediaBox\s*\[[^\]]*\]", b"/MediaBox[" + box + b"]" + crop, data)
    return plain(page=b"/MediaBox[" + box + b"]" + crop + turn)


@mutator
def forms_nested(rng: random.Random, data: bytes) -> bytes:
    head = b"/Type/XObject/Subtype/Form/BBox[0 0 500 500]/Resources<</XObject<</X %d 0 R/Y %d 0 R>>/Font<</F1 5 0 R>>>>"
    if rng.random() < 0.4:  # inside itself
        forms = [stream(b"/X Do /Y Do BT /F1 9 Tf (deep) Tj ET", head % (6, 6))]
    else:
        deep, fan = rng.choice(((30, 1), (400, 1), (5000, 1), (14, 2), (26, 2)))
        forms = [
            stream(b"/X Do " * fan + (b"/Y Do" if fan > 2 else b""), head % (7 + n, 7 + n))
            for n in range(deep)
        ]
        forms.append(stream(b"BT /F1 9 Tf (deep) Tj ET 0 0 9 9 re f", head % (5, 5)))
    return plain(
        *forms,
        page=b"/MediaBox[0 0 595 842]/Resources<</XObject<</X 6 0 R>>/Font<</F1 5 0 R>>>>",
        content=b"/X Do",
    )


@mutator
def nesting_deep(rng: random.Random, data: bytes) -> bytes:
    deep = rng.choice((100, 600, 20_000, 1_000_000))
    unit, end = rng.choice(((b"[", b"]"), (b"<</A", b">>"), (b"[", b""), (b"<</A[", b"")))
    match rng.randrange(3):
        case 0:
            return plain(page=b"/MediaBox[0 0 595 842]/X" + unit * deep + b" 1 " + end * deep)
        case 1:
            return plain(content=unit * deep + end * deep + b" TJ")
        case _:
            return plain(content=b"q " * deep + b"BT /F1 9 Tf (x) Tj ET" + b" Q" * deep)


@mutator
def contents_shuffled(rng: random.Random, data: bytes) -> bytes:
    words = (
        b"q Q BT ET Tj TJ cm re f S W n Do gs sh BI ID EI Td Tm Tf scn SCN /F1 /X (text) [(a)-9999(b)] <41 true null"
    ).split() + HOSTILE_NUMBERS
    return plain(content=b" ".join(rng.choices(words, k=rng.choice((20, 500, 20_000)))))


@mutator
def patterns_slow(rng: random.Random, data: bytes) -> bytes:
    step = rng.choice((b"0.001", b"0.1", b"1", b"0", b"-1", b"1e-9"))
    tile = b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 %s %s]/XStep %s/YStep %s/Resources<<>>"
    tile = stream(b"0 0 1 1 re f " * rng.choice((1, 1000)), tile % (step, step, step, step))
    shade = (
        b"<</ShadingType %d/ColorSpace/DeviceRGB/Coords[0 0 0 500 500 1e9]/Domain[0 1]/Extend[true true]/Function"
        b"<</FunctionType 2/Domain[0 1]/N %s/C0[0 0 0]/C1[1 1 1]>>>>"
        % (rng.choice((1, 2, 3, 4, 7)), rng.choice(HOSTILE_NUMBERS[:9]))
    )
    page = b"/MediaBox[0 0 595 842]/Resources<</Pattern<</P 6 0 R>>/Shading<</S 7 0 R>>>>"
    return plain(
        tile, shade, page=page, content=b"/Pattern cs /P scn 0 0 595 842 re f /S sh " * rng.choice((1, 50))
    )


@mutator
def images_odd(rng: random.Random, data: bytes) -> bytes:
    kind = rng.choice(
        (
            b"/DCTDecode",
            b"/JPXDecode",
            b"/JBIG2Decode",
            b"/CCITTFaxDecode",
            b"/LZWDecode",
            b"/RunLengthDecode",
        )
    )
    wide, high = (rng.choice((1, 7, 3000, 65_535, 1 << 20, -4, 1 << 31)) for _ in range(2))
    parameters = b"/DecodeParms<</K %d/Columns %d/Predictor %d/Colors %d/BitsPerComponent %d>>" % (
        rng.choice((-1, 0, 1)),
        rng.choice((1, wide, 1 << 30)),
        rng.choice((1, 2, 15)),
        rng.choice((1, 4, 99999)),
        rng.choice((1, 8, 33)),
    )
    picture = stream(
        rng.randbytes(rng.choice((0, 10, 5000))),
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8/Filter%s%s"
        % (wide, high, kind, parameters),
    )
    return plain(
        picture,
        page=b"/MediaBox[0 0 595 842]/Resources<</XObject<</I 6 0 R>>>>",
        content=b"500 0 0 500 0 0 cm /I Do",
    )


@mutator
def annotations_many(rng: random.Random, data: bytes) -> bytes:
    kind = rng.choice(
        (
            b"/Widget/FT/Tx/V(x)/DA(/F1 0 Tf)",
            b"/FreeText/Contents(x)/DA(/F1 12 Tf)",
            b"/Link",
            b"/Popup/Parent 6 0 R",
            b"/Stamp/AP<</N 4 0 R>>",
        )
    )
    one = b"<</Type/Annot/Rect[%d 9 500 500]/P 3 0 R/Parent 6 0 R/Kids[6 0 R]/Subtype%s>>" % (
        rng.choice((0, -(1 << 31))),
        kind,
    )
    several = rng.choice((1, 50, 1990, 30_000))
    page = b"/MediaBox[0 0 595 842]/Annots[" + b"6 0 R " * several + b"]"
    return plain(
        one,
        page=page,
        catalog=b"/AcroForm<</Fields[" + b"6 0 R " * several + b"]/NeedAppearances true/XFA[(a) 6 0 R]>>",
    )


# --- through a library that writes -------------------------------------------------------------


def opened(data: bytes) -> Any:
    import pikepdf

    return pikepdf.open(io.BytesIO(data), suppress_warnings=True)


@mutator
def encrypted(rng: random.Random, data: bytes) -> bytes:
    import pikepdf

    try:
        with opened(data) as pdf:
            out = io.BytesIO()
            passwords = {"owner": rng.choice(("", "owner")), "user": rng.choice(("", "", "user"))}
            strength = rng.choice((2, 3, 4, 6))
            pdf.save(
                out,
                encryption=pikepdf.Encryption(
                    **passwords, R=strength, aes=strength >= 4, metadata=strength >= 4
                ),
            )
            data = out.getvalue()
    except (pikepdf.PdfError, pikepdf.PasswordError, RuntimeError, ValueError):
        return bytes_flipped(rng, data)
    if rng.random() < 0.4:
        start = data.find(b"/Encrypt")
        return data[:start] + bytes_flipped(rng, data[start : start + 400]) + data[start + 400 :]
    return data


@mutator
def streams_broken(rng: random.Random, data: bytes) -> bytes:
    """Fonts, images, contents: opened up, changed, and put back in good order."""
    import pikepdf

    try:
        with opened(data) as pdf:
            streams = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Stream)]
            for thing in rng.sample(streams, min(len(streams), rng.choice((1, 3, 20)))):
                try:
                    content = thing.read_bytes()
                except (pikepdf.PdfError, pikepdf.PasswordError, RuntimeError, NotImplementedError):
                    continue
                if content:
                    thing.write(
                        bytes_flipped(rng, content) if rng.random() < 0.7 else cut_short(rng, content + b" ")
                    )
            out = io.BytesIO()
            pdf.save(out)
            return out.getvalue()
    except (pikepdf.PdfError, pikepdf.PasswordError, RuntimeError, ValueError, TypeError):
        return bytes_flipped(rng, data)


@mutator
def packed_and_cut(rng: random.Random, data: bytes) -> bytes:
    """In object streams, as most writers do now, and then damaged on the way."""
    import pikepdf

    try:
        with opened(data) as pdf:
            out = io.BytesIO()
            pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
            data = out.getvalue()
    except (pikepdf.PdfError, pikepdf.PasswordError, RuntimeError, ValueError):
        pass
    return rng.choice((cut_short, end_lost, bytes_flipped, middle_lost))(rng, data)


# --- the run -----------------------------------------------------------------------------------


def make(seed: int, number: int) -> tuple[str, bytes]:
    """Kind of mutation and bytes of one file; the same for the same numbers."""
    rng = random.Random(f"{seed}-{number}")
    kinds = list(MUTATORS)
    kind = kinds[number % len(kinds)]
    return kind, MUTATORS[kind](rng, another(rng)) or b"\0"


def run(trial: Trial, seed: int, numbers: list[int], keep: Path | None = None) -> list[tuple[str, Outcome]]:
    """Each of those files through everything."""
    results = []
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        for number in numbers:
            kind, data = make(seed, number)
            path = Path(folder) / f"{seed}-{number}.pdf"
            path.write_bytes(data)
            if keep:
                (keep / path.name).write_bytes(data)
            results.append((kind, trial.take(path, f"{seed}-{number} {kind}", draw=1)))
            path.unlink()
    return results


def part(arguments: argparse.Namespace) -> list[tuple[str, Outcome]]:
    """This process's share of the files, in a case of its own."""
    from casebundle.bundles import drawing
    from casebundle.pdf import Limits, Sandbox

    drawing._sandboxes = dict.fromkeys(drawing.Lane, Sandbox(Limits(**LIMITS)))
    viewer, bundle = new_case()
    if arguments.only:
        numbers = [int(arguments.only.partition("-")[2])]
    else:
        numbers = list(range(arguments.part, arguments.count, arguments.jobs))
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    with Second() as second:
        results = run(Trial(viewer, bundle, second), arguments.seed, numbers, arguments.keep)
    peak = drawing.sandbox().peak_memory
    drawing.sandbox().close()
    print(f"memory: worker {worker_memory() // MIB} MiB, its reader {peak // MIB} MiB at most", flush=True)
    return results


def report(results: list[tuple[str, Outcome]]) -> int:
    """Prints the table; the number of files that broke the law."""
    ends = Counter(outcome.kind for _, outcome in results)
    columns = [kind for kind, _ in ends.most_common()]
    print(
        f"\n{'mutation':22}"
        + "".join(f"{column:>11}" for column in columns)
        + f"{'warned':>11}{'slowest s':>11}"
    )
    for name in MUTATORS:
        mine = [outcome for kind, outcome in results if kind == name]
        if mine:
            counts = Counter(outcome.kind for outcome in mine)
            warned = sum(outcome.kind == "ready" and bool(set(outcome.warnings)) for outcome in mine)
            slowest = max(outcome.seconds for outcome in mine)
            row = "".join(f"{counts[column] or '':>11}" for column in columns)
            print(f"{name:22}{row}{warned:>11}{slowest:>11.1f}")
    print(f"{'ALL':22}" + "".join(f"{ends[column]:>11}" for column in columns))
    warnings = Counter(code for _, outcome in results for code in outcome.warnings)
    print("warnings: " + ", ".join(f"{code} {count}" for code, count in warnings.most_common()))
    undrawn = sum(any("not drawn" in note for note in outcome.notes) for _, outcome in results)
    print(f"ready, and a page of it could not be drawn: {undrawn}")
    opened_elsewhere = [o.name for _, o in results if any("opens it" in note for note in o.notes)]
    print(f"refused, and pikepdf opens it: {len(opened_elsewhere)} {opened_elsewhere[:12]}")
    broken = [outcome for _, outcome in results if outcome.problems]
    for outcome in broken:
        print(f"BROKE THE LAW {outcome.line()}")
        for problem in outcome.problems:
            print("    " + problem.replace("\n", "\n    "))
    print(f"\n{len(results)} files, {len(broken)} broke the law")
    return len(broken)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one file by its number, as 1-734")
    parser.add_argument("--keep", type=Path, help="keep the files here")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--part", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--results", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    started = time.monotonic()
    if arguments.only:
        arguments.seed, arguments.jobs, arguments.part = int(arguments.only.partition("-")[0]), 1, 0
    if arguments.part is not None:
        import json

        with stand_alone():
            results = part(arguments)
        if arguments.only:
            for _, outcome in results:
                print(outcome.line(), *outcome.problems, sep="\n    ")
            return int(any(outcome.problems for _, outcome in results))
        arguments.results.write_text(json.dumps([[kind, asdict(outcome)] for kind, outcome in results]))
        return 0
    return together(arguments, started)


def together(arguments: argparse.Namespace, started: float) -> int:
    """As many processes as asked, and what they found."""
    import json

    print(f"{arguments.count} mutated files, seed {arguments.seed}, limits {LIMITS}")
    results: list[tuple[str, Outcome]] = []
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        command = [sys.executable, str(Path(__file__).resolve()), f"--count={arguments.count}"]
        command += [f"--seed={arguments.seed}", f"--jobs={arguments.jobs}"]
        if arguments.keep:
            command.append(f"--keep={arguments.keep}")
        parts = [
            subprocess.Popen([*command, f"--part={n}", f"--results={folder}/{n}"], stderr=subprocess.DEVNULL)
            for n in range(arguments.jobs)
        ]
        codes = [process.wait() for process in parts]
        for n in range(arguments.jobs):
            if (Path(folder) / str(n)).exists():
                results += [
                    (kind, Outcome(**o)) for kind, o in json.loads((Path(folder) / str(n)).read_text())
                ]
    broken = report(results)
    print(f"{time.monotonic() - started:.0f} s")
    if any(codes) or len(results) != arguments.count:
        print(f"A part of the run itself failed: {len(results)} of {arguments.count} files were tried.")
        return 1
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
