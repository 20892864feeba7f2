"""Pictures of pages: one function makes them, on demand for a reader who waits and in the background before that."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from casebundle.pdf.confinement import NotConfined
from casebundle.pdf.sandbox import Interrupted, Sandbox
from casebundle.watching.metrics import PICTURES

from . import files
from .models import Page, Version

log = logging.getLogger(__name__)

# Widths in pixels: thumbnail, phone, screen, sharp screen.
WIDTHS = (200, 800, 1240, 2480)
# Made beforehand for every page; the others on demand.
BEFOREHAND = (200, 1240)
MEDIA_TYPE = "image/jpeg"

_lock = threading.Lock()
_sandbox: Sandbox | None = None


def sandbox() -> Sandbox:
    """This process's limited child process, in which every file is opened that somebody sent us."""
    global _sandbox
    with _lock:
        if _sandbox is None:
            _sandbox = Sandbox()
        return _sandbox


def source_key(version: Version) -> str:
    """Where the file is that pages of this version are made from."""
    if version.reading_sha256:
        return files.reading_key(version.reading_sha256)
    return files.original_key(version.sha256)


def page_image(page: Page, width: int) -> bytes:
    """The JPEG picture of a page as displayed, `width` pixels wide (one of WIDTHS); kept once made.

    Raises casebundle.pdf.sandbox.Refused where the page cannot be drawn within the limits.
    """
    key = files.image_key(page.version.reading, page.index, width)
    try:
        with default_storage.open(key) as kept:
            data: bytes = kept.read()
            if data:
                PICTURES.labels("kept").inc()
                return data
    except OSError:
        # It was not drawn yet; or where pictures are kept is away, and a copy of the file is here all the same.
        pass
    with files.on_disk(source_key(page.version)) as path:
        data = _render(path, page.index, width)
    PICTURES.labels("waited for").inc()
    try:
        _keep(key, data)
    except OSError as error:
        # The disk is full or may not be written to: whoever reads needs the picture, not that it is kept.
        log.warning("a picture was drawn and could not be kept: %s", error)
    return data


def _render(path: Path, index: int, width: int, tries: int = 3) -> bytes:
    """Somebody waits for it: where the child was killed from outside, another one draws it at once."""
    for left in reversed(range(tries)):
        try:
            return sandbox().render(path, index, width, "jpeg")
        except Interrupted:
            if not left:
                raise
    raise AssertionError


def warm() -> None:
    """Start this process's reader of PDFs before the first file comes; where it cannot be, the first file says so."""
    try:
        sandbox().warm()
    except NotConfined:
        return  # it has said so
    except Exception:
        log.warning("the reader of PDFs could not be started beforehand", exc_info=True)


def draw(
    path: Path, sha256: str, index: int, keeper: Executor, widths: Sequence[int] = BEFOREHAND
) -> list[Future[None]]:
    """Draw one page of the file at `path` in those of the widths that are not there yet.

    The pictures are kept by `keeper`, so that the next page is drawn meanwhile: its futures raise OSError where there
    is no room for them.
    """
    keys = {width: files.image_key(sha256, index, width) for width in widths}
    missing = [width for width in widths if not default_storage.exists(keys[width])]
    if not missing:
        return []
    made = sandbox().pictures(path, index, missing)
    PICTURES.labels("beforehand").inc(len(missing))
    return [keeper.submit(_keep, keys[width], data) for width, data in zip(missing, made, strict=True)]


def _keep(key: str, data: bytes) -> None:
    saved = default_storage.save(key, ContentFile(data))
    if saved != key:
        default_storage.delete(saved)
