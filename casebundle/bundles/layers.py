"""The words of a page and where they stand, packed small: millions of pages are kept, and read far more often.

Layout: the byte 2, the length of the packed text (4 bytes, big-endian), the text, the boxes; both parts by zlib. Boxes
are whole hundred-thousandths of the page: all left edges, all tops, all widths, all heights, 4 bytes each, and of
these first all lowest bytes, then all second ones and so on, which packs best. The text can be had without the boxes:
that is all that the index wants.

An earlier layout, JSON by zlib, is still read, and is used for words that are not those of the text.
"""

from __future__ import annotations

import json
import struct
import sys
import zlib
from array import array
from collections.abc import Iterator, Sequence
from typing import Any, overload

# As a database gives it: PostgreSQL brings a view.
Packed = bytes | memoryview

SCALE = 100_000
_BOXES = 2
_HEAD = struct.Struct(">BI")
_LEVEL = 6


def pack(text: str, words: Sequence[Sequence[Any]]) -> bytes:
    """`words` as (x0, y0, x1, y1, word) in fractions of the page; from a PDF, `text.split()`."""
    if text.split() != [word[4] for word in words]:
        rows = [[*(round(edge, 5) for edge in word[:4]), word[4]] for word in words]
        data = json.dumps({"text": text, "words": rows}, ensure_ascii=False, separators=(",", ":"))
        return zlib.compress(data.encode(), _LEVEL)
    packed = zlib.compress(text.encode(), _LEVEL)
    x0, y0, x1, y1 = ([round(word[edge] * SCALE) for word in words] for edge in range(4))
    wide = [right - left for left, right in zip(x0, x1, strict=True)]
    high = [bottom - top for top, bottom in zip(y0, y1, strict=True)]
    numbers = _little(array("i", [*x0, *y0, *wide, *high])).tobytes()
    planes = b"".join(numbers[byte::4] for byte in range(4))
    return _HEAD.pack(_BOXES, len(packed)) + packed + zlib.compress(planes, _LEVEL)


def text(packed: Packed) -> str:
    """The text alone."""
    if packed[0] != _BOXES:
        found: str = json.loads(zlib.decompress(packed))["text"]
        return found
    return zlib.decompress(packed[_HEAD.size : _HEAD.size + _HEAD.unpack_from(packed)[1]]).decode()


class Boxes(Sequence[list[float]]):
    """[x0, y0, x1, y1] of each word, made when asked for: a search marks few of the hundreds of a page."""

    def __init__(self, packed: Packed) -> None:
        planes = zlib.decompress(packed[_HEAD.size + _HEAD.unpack_from(packed)[1] :])
        size = len(planes) // 4
        raw = bytearray(len(planes))
        for byte in range(4):
            raw[byte::4] = planes[byte * size : (byte + 1) * size]
        self.numbers = array("i")
        self.numbers.frombytes(raw)
        _little(self.numbers)
        self.size = size // 4

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, at: int) -> list[float]: ...
    @overload
    def __getitem__(self, at: slice) -> list[list[float]]: ...
    def __getitem__(self, at: int | slice) -> list[float] | list[list[float]]:
        numbers, count = self.numbers, self.size
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(count))]
        if not -count <= at < count:
            raise IndexError(at)
        at %= count
        x0, y0 = numbers[at], numbers[count + at]
        x1, y1 = x0 + numbers[2 * count + at], y0 + numbers[3 * count + at]
        return [x0 / SCALE, y0 / SCALE, x1 / SCALE, y1 / SCALE]

    def __iter__(self) -> Iterator[list[float]]:
        x0, y0, wide, high = (self.numbers[n * self.size : (n + 1) * self.size] for n in range(4))
        for a, b, c, d in zip(x0, y0, wide, high, strict=True):
            yield [a / SCALE, b / SCALE, (a + c) / SCALE, (b + d) / SCALE]


def boxes(packed: Packed) -> Sequence[list[float]]:
    """[x0, y0, x1, y1] of each word, in the order of the text."""
    if packed[0] != _BOXES:
        return [word[:4] for word in json.loads(zlib.decompress(packed))["words"]]
    return Boxes(packed)


def layer(packed: Packed) -> dict[str, Any]:
    """{"text": str, "words": [[x0, y0, x1, y1, word], …]}"""
    if packed[0] != _BOXES:
        found: dict[str, Any] = json.loads(zlib.decompress(packed))
        return found
    words = text(packed)
    return {
        "text": words,
        "words": [[*box, word] for box, word in zip(boxes(packed), words.split(), strict=True)],
    }


def _little(numbers: array[int]) -> array[int]:
    """The same, least byte first on every machine."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
