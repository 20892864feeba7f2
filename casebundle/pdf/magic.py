"""Says what a file is that is not a PDF, from its first bytes, in the words of the person who sent it."""

from __future__ import annotations

import os
from pathlib import Path

HEADER_WITHIN = 1024  # readers accept %PDF- this far into the file
JUNK_WITHIN = 1024 * 1024  # and a repair cuts off this much before it

MAGIC: list[tuple[bytes, str]] = [
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a Windows bitmap picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"{\\rtf", "a rich text (RTF) document"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"ID3", "a sound recording"),
    (b"OggS", "a sound recording"),
    (b"\x1aE\xdf\xa3", "a video recording"),
    (b"%!PS", "a PostScript file"),
    (b"SQLite format 3", "a database"),
]
ZIPS: list[tuple[bytes, str]] = [
    (b"word/", "a Word document"),
    (b"xl/", "an Excel spreadsheet"),
    (b"ppt/", "a PowerPoint presentation"),
    (b"opendocument.text", "an OpenDocument text"),
    (b"opendocument.spreadsheet", "an OpenDocument spreadsheet"),
    (b"opendocument.presentation", "an OpenDocument presentation"),
]
OLE: list[tuple[bytes, str]] = [
    ("__substg1.0".encode("utf-16-le"), "an Outlook e-mail"),
    ("WordDocument".encode("utf-16-le"), "a Word document"),
    ("Workbook".encode("utf-16-le"), "an Excel spreadsheet"),
    ("PowerPoint".encode("utf-16-le"), "a PowerPoint presentation"),
]


def looks_like(head: bytes, more: bytes = b"") -> str | None:
    """What `head`, the first bytes of a file, is, or None. `more`: others, to tell Office files apart."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return next((name for mark, name in ZIPS if mark in head or mark in more), "a ZIP archive")
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return next((name for mark, name in OLE if mark in head or mark in more), "an old Office document")
    for mark, name in MAGIC:
        if head.startswith(mark):
            return name
    if head[:4] == b"RIFF":
        return {b"WEBP": "a WebP picture", b"WAVE": "a sound recording"}.get(head[8:12], "a video recording")
    if head[4:8] == b"ftyp":
        heif = head[8:12] in (b"heic", b"heix", b"mif1", b"heif", b"avif", b"hevc")
        return "a HEIC picture" if heif else "a video recording"
    start = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    if start.startswith(b"<?xml"):
        return "an XML file"
    if start.startswith((b"received:", b"return-path:", b"delivered-to:", b"mime-version:", b"from: ")):
        return "an e-mail"
    return None


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:
            return False
        text = head[: error.start].decode("utf-8")
    return bool(text) and all(c.isprintable() or c in "\t\r\n\f" for c in text)


def not_a_pdf(path: str | os.PathLike[str]) -> str | None:
    """None where `path` may be a PDF; else what it looks like ("a Word document"), "" where nobody can tell.

    A file that begins as something else is that, even with a PDF header further in: pdfium would open the
    PDF that lies inside a ZIP archive.
    """
    with Path(path).open("rb") as file:
        head = file.read(HEADER_WITHIN + 5)
        if head.startswith(b"%PDF-"):
            return None
        more = file.read(64 * 1024)
        size = os.fstat(file.fileno()).st_size
        file.seek(max(0, size - 64 * 1024))
        kind = looks_like(head, more + file.read(64 * 1024))
        if kind is not None:
            return kind
        if b"%PDF-" in head:
            return None
        file.seek(0)
        if b"%PDF-" in file.read(JUNK_WITHIN):
            return None
    return "plain text" if _is_text(head) else ""
