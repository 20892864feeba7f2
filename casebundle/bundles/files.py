"""Files: originals under their SHA-256, and what is derived from them, named by what it was made from.

Everything goes through Django's default storage (a folder, or S3).
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

CHUNK = 1024 * 1024
# Raised when pages would be drawn otherwise than before: then images are made again.
IMAGE_VERSION = 1


def original_key(sha256: str) -> str:
    return f"originals/{sha256[:2]}/{sha256}"


def reading_key(sha256: str) -> str:
    """A reading copy that is not the original, under its own SHA-256."""
    return f"reading/{sha256[:2]}/{sha256}"


def image_key(sha256: str, index: int, width: int) -> str:
    """The picture of page `index` (from 0) of the file with that SHA-256, `width` pixels wide."""
    return f"images/{sha256[:2]}/{sha256}/{IMAGE_VERSION}/{width}/{index}"


class WholeFiles(FileSystemStorage):
    """A folder where a file is there as a whole or not at all, whoever is killed and however full the disk is.

    It is written beside and then put in its place. Two who write the same name write the same bytes (it is their
    hash), so neither stands in the other's way.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: File[bytes]) -> str:
        full = Path(self.path(name))
        full.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix=DRAFT)
        try:
            with os.fdopen(handle, "wb") as out:
                for chunk in content.chunks():
                    out.write(chunk)
                out.flush()
                if not name.startswith("images/"):  # those can be made again
                    os.fsync(out.fileno())
            if self.file_permissions_mode is not None:
                Path(draft).chmod(self.file_permissions_mode)
            Path(draft).replace(full)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        return name


# How temporary files begin that are ours: what is left of them after a death is swept away (evidence/sweep.py).
DRAFT, INCOMING = "draft-", "incoming-"


class TooLarge(Exception):
    """More bytes came than are taken in one file."""


@contextmanager
def incoming(chunks: Iterable[bytes], limit: int | None = None) -> Iterator[tuple[Path, str, int]]:
    """The bytes in a temporary file: (path, SHA-256 in hex, size in bytes). Raises TooLarge past `limit`."""
    limit = settings.UPLOAD_MAX_BYTES if limit is None else limit
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix=INCOMING, delete=False) as out:
        path = Path(out.name)
        try:
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise TooLarge
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    try:
        yield path, digest.hexdigest(), size
    finally:
        path.unlink(missing_ok=True)


def keep(path: Path, key: str) -> None:
    """Put the file into storage under `key`, once: what is named by its hash never changes."""
    if holds(key, path.stat().st_size):
        return
    with path.open("rb") as data:
        saved = default_storage.save(key, File(data))
    if saved != key:  # somebody else kept the same bytes in the same moment
        default_storage.delete(saved)
    _sync_folder(key)


def holds(key: str, size: int) -> bool:
    """Whether storage has all `size` bytes of `key`: a part of them, from whatever broke off, is none."""
    try:
        return bool(default_storage.size(key) == size)
    except FileNotFoundError:
        return False


def _sync_folder(key: str) -> None:
    """On a local disk a file survives a power cut only when its folder entry was written out too."""
    try:
        full = Path(default_storage.path(key))
    except NotImplementedError:
        return
    for folder in (full, full.parent, full.parent.parent):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def on_disk(key: str) -> Iterator[Path]:
    """The file of `key` as a path on this machine: itself where storage is a folder, else a copy."""
    try:
        yield Path(default_storage.path(key))
    except NotImplementedError:
        with (
            default_storage.open(key) as data,
            incoming(iter(lambda: data.read(CHUNK), b""), 1 << 62) as (path, _, _n),
        ):
            yield path


_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})$")


def send(
    request: HttpRequest, key: str, *, size: int, etag: str, name: str, media_type: str, attachment: bool
) -> HttpResponse | StreamingHttpResponse:
    """The file of `key` as an answer, with Range and conditional requests; it never runs as a page.

    `etag` is the SHA-256 of the bytes.
    """
    start, end, status = 0, size - 1, 200
    asked = _RANGE.match(request.headers.get("Range", ""))
    if asked and any(asked.groups()) and request.headers.get("If-Range", f'"{etag}"') == f'"{etag}"':
        first, last = asked.groups()
        start = int(first) if first else max(0, size - int(last))
        end = min(int(last), size - 1) if first and last else size - 1
        if start > end or start >= size:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        status = 206
    response: HttpResponse | StreamingHttpResponse
    if request.headers.get("If-None-Match") == f'"{etag}"':
        response = HttpResponse(status=304)
    elif request.method == "HEAD":
        response = HttpResponse(status=status)
    else:
        part = _part(default_storage.open(key), start, end - start + 1)
        # Django would take in the whole of a plain iterator, gigabytes maybe, before it sends the first byte.
        flow = _without_blocking(part) if isinstance(request, ASGIRequest) else part
        response = StreamingHttpResponse(flow, status=status)
    if response.status_code != 304:
        response["Content-Length"] = str(end - start + 1)
        response["Content-Type"] = media_type
        response["Content-Disposition"] = content_disposition_header(attachment, name) or "attachment"
    if status == 206:
        response["Content-Range"] = f"bytes {start}-{end}/{size}"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = f'"{etag}"'
    response["Cache-Control"] = "private, no-cache"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    return response


def _part(data: BinaryIO | File[bytes], start: int, count: int) -> Iterator[bytes]:
    with data:
        data.seek(start)
        while count > 0 and (chunk := data.read(min(CHUNK, count))):
            count -= len(chunk)
            yield chunk


async def _without_blocking(part: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Chunk by chunk, each read in a thread, so that nobody else waits for the disk."""
    while (chunk := await asyncio.to_thread(next, part, b"")) != b"":
        yield chunk
