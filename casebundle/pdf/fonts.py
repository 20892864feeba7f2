"""The fonts of this machine, in memory before any file is opened. Runs in the processes that open files only.

A PDF need not bring its fonts; pdfium then looks for some in the system's folders, by itself, when it meets a page. A
confined child cannot open them any more. So all of them are mapped beforehand (which takes no memory before one is
used), pdfium goes on choosing among them as it does, and where it reads the chosen one it gets what is mapped.
"""

from __future__ import annotations

import ctypes
import mmap
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from pypdfium2 import raw

# Where pdfium looks on Linux, and for which files.
FOLDERS = (
    "/usr/share/fonts",
    "/usr/share/X11/fonts/Type1",
    "/usr/share/X11/fonts/TTF",
    "/usr/local/share/fonts",
)
ENDINGS = (".ttf", ".ttc", ".otf")
MOST = 512 * 1024 * 1024  # bytes of all fonts together; those beyond it are as if they were not there
COLLECTION = 0x74746366  # "ttcf": pdfium asks for this as for a table, and means the whole file
TABLES = tuple(
    int.from_bytes(tag, "big")
    for tag in (
        b"head",
        b"name",
        b"cmap",
        b"glyf",
        b"CFF ",
        b"loca",
        b"hmtx",
        b"OS/2",
        b"post",
        b"GPOS",
        b"GSUB",
    )
)
Tables = dict[int, tuple[int, int]]  # of one face: table -> its place in the file and how long it is
Likeness = tuple[
    int, ...
]  # length of the file, then of each of TABLES: how a face of pdfium's list is found again

_faces: dict[Likeness, tuple[mmap.mmap, Tables]] = {}
_known: dict[int, tuple[mmap.mmap, Tables] | None] = {}  # by pdfium's handle of a face
_kept: list[Any] = []  # what pdfium calls must not be collected


def load() -> int:
    """Map all fonts and have pdfium take them from there; bytes of address space that they take."""
    info = raw.FPDF_GetDefaultSystemFontInfo()
    if not info:
        return 0
    total = 0
    for path in files():
        with suppress(OSError, ValueError, struct.error), path.open("rb") as file:
            size = path.stat().st_size
            if total + size > MOST:
                continue
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            total += size
            for tables in faces(mapped):
                _faces.setdefault((size, *(tables.get(tag, (0, 0))[1] for tag in TABLES)), (mapped, tables))
    kind = type(info.contents.GetFontData)
    theirs = kind(ctypes.cast(info.contents.GetFontData, ctypes.c_void_p).value)

    def data_of(this: Any, face: int, table: int, buffer: Any, room: int) -> int:
        # Asked without room it says how much there is, and opens nothing.
        length: int = theirs(this, face, table, None, 0)
        if not length or not buffer or room < length:
            return length
        if face not in _known:
            whole = theirs(this, face, 0, None, 0) or theirs(this, face, COLLECTION, None, 0)
            _known[face] = _faces.get((whole, *(theirs(this, face, tag, None, 0) for tag in TABLES)))
        found = _known[face]
        if found is None:
            return 0
        mapped, tables = found
        start = 0 if table in (0, COLLECTION) else tables[table][0]
        data = mapped[start : start + length]
        ctypes.memmove(buffer, data, len(data))
        return length

    ours = kind(data_of)
    _kept.extend((info, theirs, ours))
    info.contents.GetFontData = ours
    raw.FPDF_SetSystemFontInfo(info)
    return total


def files() -> Iterator[Path]:
    for folder in FOLDERS:
        if Path(folder).is_dir():
            yield from sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in ENDINGS)


def faces(data: mmap.mmap) -> Iterator[Tables]:
    """The tables of each face in a font file, or in a collection of them. Raises struct.error where it is none."""
    starts: tuple[int, ...] = (0,)
    if data[:4] == b"ttcf":
        (count,) = struct.unpack_from(">I", data, 8)
        starts = struct.unpack_from(f">{min(count, 1000)}I", data, 12)
    for start in starts:
        (count,) = struct.unpack_from(">H", data, start + 4)
        tables = {}
        for number in range(count):
            tag, _sum, place, length = struct.unpack_from(">4I", data, start + 12 + 16 * number)
            tables[tag] = (place, length)
        yield tables
