"""Files: originals under their SHA-256, and what is derived from them, named by what it was made from.

Everything goes through Django's default storage: a folder (WholeFiles) or a bucket (s3.WholeObjects), by one law.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.utils.http import content_disposition_header

from casebundle.journal.locks import exclusively

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


class Shelves(Protocol):
    """What sweep, move and back-up ask of where files are kept, beside what Django asks of a storage."""

    def shelves(self, kind: str) -> list[str]: ...
    def shelf(self, kind: str, letters: str) -> dict[str, float]: ...
    def files(self, kind: str) -> Iterator[tuple[str, int]]: ...
    def throw_away(self, kind: str, sha256: str) -> None: ...
    def abandoned(self, age: float) -> int: ...


def kept() -> Shelves:
    return cast(Shelves, default_storage)


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

    def shelves(self, kind: str) -> list[str]:
        """The first two letters of what is kept of that kind."""
        root = Path(self.path(kind))
        return sorted(folder.name for folder in root.iterdir() if folder.is_dir()) if root.is_dir() else []

    def shelf(self, kind: str, letters: str) -> dict[str, float]:
        """SHA-256 -> when it was last written to (seconds since 1970), of what is kept of that kind."""
        found = {}
        for path in Path(self.path(f"{kind}/{letters}")).iterdir():
            try:
                found[path.name] = path.stat().st_mtime
            except OSError:
                continue
        return found

    def files(self, kind: str) -> Iterator[tuple[str, int]]:
        """(name, bytes) of everything that is kept of that kind."""
        top = Path(self.location)
        for folder, _folders, names in os.walk(top / kind):
            for name in sorted(names):
                path = Path(folder) / name
                yield str(path.relative_to(top)), path.stat().st_size

    def throw_away(self, kind: str, sha256: str) -> None:
        """All that is kept of that kind under that hash."""
        path = Path(self.path(f"{kind}/{sha256[:2]}/{sha256}"))
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()

    def abandoned(self, age: float) -> int:
        """There are no uploads in parts here: what a death leaves is a temporary file."""
        return 0


# How temporary files begin that are ours: what is left of them after a death is swept away (evidence/sweep.py).
DRAFT, INCOMING = "draft-", "incoming-"


class TooLarge(Exception):
    """More bytes came than are taken in one file."""


@contextmanager
def incoming(
    chunks: Iterable[bytes] | UploadedFile[Any], limit: int | None = None, folder: Path | None = None
) -> Iterator[tuple[Path, str, int]]:
    """The bytes in a temporary file: (path, SHA-256 in hex, size in bytes). Raises TooLarge past `limit`."""
    limit = settings.UPLOAD_MAX_BYTES if limit is None else limit
    if isinstance(chunks, TemporaryUploadedFile):
        # It is in one already.
        there = Path(chunks.temporary_file_path())
        with there.open("rb") as data:
            size = os.fstat(data.fileno()).st_size
            if size > limit:
                raise TooLarge
            sha256 = hashlib.file_digest(data, "sha256").hexdigest()
        yield there, sha256, size
        return
    if isinstance(chunks, UploadedFile):
        chunks = chunks.chunks()
    digest, size = hashlib.sha256(), 0
    place = folder or settings.FILE_UPLOAD_TEMP_DIR
    with tempfile.NamedTemporaryFile(dir=place, prefix=INCOMING, delete=False) as out:
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
        path = Path(default_storage.path(key))
    except NotImplementedError:
        with _cached(key) as path:
            yield path
    else:
        yield path


def claim(sha256: str) -> None:
    """Nobody sweeps away what has that hash until this transaction ends, nor claims it while it is swept.

    SQLite's writers come one at a time anyway.
    """
    exclusively(f"file {sha256}")


# --- copies on this machine of files that are elsewhere ------------------------------------------
def cache_folder() -> Path:
    folder: Path = settings.DATA_DIR / "cache"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@contextmanager
def _cached(key: str) -> Iterator[Path]:
    """A copy that stays for the next who asks, in a folder that all processes here share and that has a limit
    (STORAGE_CACHE_BYTES): a page of a large file is drawn without fetching the file again."""
    path = cache_folder() / key.replace("/", "-")
    handle = _held(path)
    while handle is None:
        _fetch(key, path)
        handle = _held(path)
    try:
        yield path
    finally:
        os.close(handle)


def _held(path: Path) -> int | None:
    """The copy, held so that it is not thrown away while it is read; None where there is none."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    fcntl.flock(handle, fcntl.LOCK_SH)
    if not os.fstat(handle).st_nlink:  # thrown away in this moment
        os.close(handle)
        return None
    os.utime(path)
    return handle


def _fetch(key: str, path: Path) -> None:
    """Put a copy of the file at `path`, once, however many ask for it."""
    turn = os.open(path.parent / f"{path.name}.turn", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if path.exists():
            return
        with default_storage.open(key) as data:
            _make_room(path.parent, data.size)
            chunks = iter(lambda: data.read(CHUNK), b"")
            with incoming(chunks, 1 << 62, folder=path.parent) as (draft, sha256, _size):
                if sha256 != key.rpartition("/")[2]:
                    raise OSError(
                        errno.EIO, f"{key} is not what its name says: it was changed where it is kept"
                    )
                draft.rename(path)
    finally:
        os.close(turn)


def _make_room(folder: Path, size: int) -> None:
    """Throw away the copies that were asked for longest ago, until another `size` bytes keep within the limit."""
    there = []
    for path in folder.iterdir():
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        # Of whoever died while fetching; a turn is taken by name, and is nobody's after an hour.
        if path.name.startswith(INCOMING) or path.suffix == ".turn":
            if time.time() - stat.st_mtime > 3600:
                _let_go(path)
            continue
        there.append((stat.st_mtime, stat.st_size, path))
    used = sum(size for _at, size, _path in there)
    for _at, freed, path in sorted(there):
        if used + size <= settings.STORAGE_CACHE_BYTES:
            return
        if _let_go(path):
            used -= freed


def _let_go(path: Path) -> bool:
    """Throw a copy away; False where somebody reads it."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


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
    elif away := _elsewhere(key, size, name, media_type, attachment):
        # Whoever may not have it did not come this far; the address is good for a minute, for this file alone.
        response = HttpResponseRedirect(away)
        response["Cache-Control"] = "private, no-store"
        return response
    else:
        part = _part(key, start, end - start + 1)
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


def _elsewhere(key: str, size: int, name: str, media_type: str, attachment: bool) -> str | None:
    """The address of a large file where browsers may fetch it from the bucket itself; None where it is sent by us.

    Only what is saved, never what is shown: no page of ours may be left for what somebody uploaded.
    """
    address = getattr(default_storage, "address", None)
    if address is None or not attachment or not 0 < settings.STORAGE_PRESIGN_ABOVE < size:
        return None
    found: str | None = address(key, shown=name, media_type=media_type)
    return found


def _part(key: str, start: int, count: int) -> Iterator[bytes]:
    """`count` bytes from `start`. What is not there or cannot be reached is said before the answer begins."""
    flow = getattr(default_storage, "flow", None)
    data = flow(key, start, count) if flow else default_storage.open(key)
    return _chunks(data, start, count)


def _chunks(data: BinaryIO | File[bytes], start: int, count: int) -> Iterator[bytes]:
    with data:
        data.seek(start)
        while count > 0 and (chunk := data.read(min(CHUNK, count))):
            count -= len(chunk)
            yield chunk


async def _without_blocking(part: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Chunk by chunk, each read in a thread, so that nobody else waits for the disk; the next one while one is sent."""
    ahead = asyncio.ensure_future(asyncio.to_thread(next, part, b""))
    try:
        while (chunk := await ahead) != b"":
            ahead = asyncio.ensure_future(asyncio.to_thread(next, part, b""))
            yield chunk
    finally:
        ahead.cancel()
