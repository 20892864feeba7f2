"""What stands in the pictures of a PDF beside the pictures themselves."""

from __future__ import annotations

import io
import mmap
import re
from collections.abc import Iterator
from typing import IO, Any

_PICTURE = re.compile(rb"stream\n(?=[\x00\t\n\r ]{0,16}\xff\xd8\xff|\x00\x00\x00\x0cjP  )")
_LENGTH = re.compile(rb"/Length (\d{1,12})[^0-9]")
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


CHUNK = 8 * 1024 * 1024
OVERLAP = 32  # a mark that two chunks share is no longer than this
BEFORE = 4096  # bytes before a stream in which its size is said


def strip_pictures(file: IO[bytes]) -> None:
    """Blank what stands in the pictures of a file that we have written beside the pictures themselves: EXIF, XMP,
    IPTC, comments, thumbnails, what is behind the end. No pixel changes, and one picture at a time is held."""
    for start, end in list(_pictures(file)):
        # Only from the beginning of a page of memory can a part of a file be looked at.
        begin = start // mmap.ALLOCATIONGRANULARITY * mmap.ALLOCATIONGRANULARITY
        with mmap.mmap(file.fileno(), end - begin, offset=begin) as data:
            at = data.find(b"\xff\xd8\xff", start - begin, start - begin + 19)
            if at >= 0:
                _strip_jpeg(data, at, end - begin)
            else:
                _strip_jpeg2000(data, start - begin, end - begin)


def _pictures(file: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Where the pictures in a file begin and end."""
    at = 0
    kept = b""
    whole = file.seek(0, io.SEEK_END)
    file.seek(0)
    while chunk := file.read(CHUNK):
        data = kept + chunk
        for found in _PICTURE.finditer(data):
            start = at - len(kept) + found.end()
            said = data[max(0, found.start() - BEFORE) : found.start()].rpartition(b" obj")[2]
            sizes = _LENGTH.findall(said)
            # What was kept of the chunk before was looked at with it.
            if sizes and found.start() >= len(kept) - OVERLAP and start + int(sizes[-1]) <= whole:
                yield start, start + int(sizes[-1])
        at += len(chunk)
        kept = data[-BEFORE - OVERLAP :]


def _strip_jpeg(data: Any, at: int, end: int) -> None:
    at += 2
    while at + 4 <= end:
        if data[at] != 0xFF:  # what belongs to no segment, and readers pass over
            following = _MARKER.search(data, at, end)
            if following is None:
                return
            data[at : following.start()] = bytes(following.start() - at)
            at = following.start()
            continue
        marker = data[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        if marker == 0xD9:
            data[at + 2 : end] = bytes(end - at - 2)
            return
        size = int.from_bytes(data[at + 2 : at + 4])
        stop = min(at + 2 + size, end)
        if marker == 0xE0 and data[at + 4 : at + 9] == b"JFIF\0":
            keep = at + 18  # without its thumbnail
            if stop > keep:
                data[at + 16 : stop] = bytes(stop - at - 16)
        elif (0xE0 <= marker <= 0xEF and marker != 0xEE) or marker == 0xFE:
            data[at + 1] = 0xFE
            data[at + 4 : stop] = bytes(stop - at - 4)
        at = stop
        if marker == 0xDA:
            following = _MARKER.search(data, at, end)
            if following is None:
                return
            at = following.start()


def _strip_jpeg2000(data: Any, at: int, end: int) -> None:
    while at + 8 <= end:
        size, kind, head = int.from_bytes(data[at : at + 4]), bytes(data[at + 4 : at + 8]), 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16]), 16
        stop = end if size == 0 else at + size
        if stop <= at or stop > end:
            return
        if kind in (b"uuid", b"xml ", b"uinf"):
            data[at + 4 : at + 8] = b"free"
            data[at + head : stop] = bytes(stop - at - head)
        at = stop
