"""Reading copies: what everybody may have of a file, whoever may have the file itself.

They are made while a file is read. What was read before there were any gets one in the background, or at once when
somebody asks for it and the file is small.
"""

from __future__ import annotations

import datetime
import hashlib
import logging
import tempfile
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from casebundle.bundles import drawing, files
from casebundle.bundles.drawing import Lane
from casebundle.bundles.models import PageText, Version, page_id
from casebundle.bundles.services import Conflict, bump_index
from casebundle.journal.locks import LEASE, free, moment
from casebundle.pdf.sandbox import Refused

log = logging.getLogger(__name__)
Made = TypeVar("Made")

# How large a file may be, and for how many seconds it may be worked on, while somebody waits for its copy.
AT_ONCE_BYTES, AT_ONCE_SECONDS = 16 * 1024 * 1024, 20.0
BATCH = 100  # pages whose words are written in one transaction
# Until it is tried again where the machine was at fault.
AGAIN = datetime.timedelta(minutes=10)


class NotCopiedYet(Exception):
    """The reading copy is being made (503). The text is for the person."""


def made(
    source: Path,
    folder: Path,
    pages: int | None = None,
    seconds: float | None = None,
    lane: Lane = Lane.SLOW,
    known: Collection[int] = (),
) -> tuple[Path, str]:
    """Make the reading copy of the file at `source` in `folder`, and keep it under its hash: (path, SHA-256).

    Raises Refused where none can be made, or not in so many seconds (else as many as such a document may be read for).
    """
    copy = folder / "copy.pdf"
    sandbox = drawing.sandbox(lane)
    sandbox.rebuild(source, copy, seconds or sandbox.limits.whole(pages or 1), known)
    with copy.open("rb") as data:
        sha256 = hashlib.file_digest(data, "sha256").hexdigest()
    files.keep(copy, files.reading_key(sha256))
    return copy, sha256


def meanwhile(act: Callable[[], Made], every: float, hold: Callable[[], None]) -> Made:
    """What `act` gives, done in a thread of its own; `hold` is called every so many seconds until then."""
    with ThreadPoolExecutor(1) as thread:
        acting = thread.submit(act)
        while not wait([acting], timeout=every).done:
            hold()
        return acting.result()


def key_of(version: Version) -> str:
    """Where the reading copy of a version is kept that is ready.

    Raises Conflict where there can be none, NotCopiedYet where it has still to be made. Never the original.
    """
    if version.copy == Version.Copy.NONE:
        _at_once(version)
    if version.copy == Version.Copy.IMPOSSIBLE:
        raise Conflict(_("No copy can be made of this file to take away. Read its pages here."))
    return files.reading_key(version.reading_sha256)


def _at_once(version: Version) -> None:
    from .tasks import copy_version

    if version.size <= AT_ONCE_BYTES:
        try:
            with (
                files.on_disk(drawing.source_key(version)) as source,
                tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder,
            ):
                copy, sha256 = made(source, Path(folder), seconds=AT_ONCE_SECONDS)
                _claim(version, copy, sha256)
            return
        except Refused as why:
            if why.code == "uncopied":
                Version.objects.filter(pk=version.pk, copy=Version.Copy.NONE).update(
                    copy=Version.Copy.IMPOSSIBLE
                )
                version.copy = Version.Copy.IMPOSSIBLE
                return
    copy_version.enqueue(str(version.pk))
    raise NotCopiedYet(_("The copy of this document is being made. Try again in a minute."))


def _claim(version: Version, path: Path, sha256: str) -> None:
    """Say that a version is read from this copy."""
    with transaction.atomic():
        files.claim(sha256)  # as in intake.py: what is claimed is not swept
        files.keep(path, files.reading_key(sha256))
        Version.objects.filter(pk=version.pk).update(reading_sha256=sha256, copy=Version.Copy.COPIED)
    version.reading_sha256, version.copy = sha256, Version.Copy.COPIED


# --- files that were read before there were copies ------------------------------------------------
def uncopied() -> QuerySet[Version]:
    """Versions that were read, though not from a reading copy; nobody makes it, and it is not known that none can be
    made."""
    rows = Version.objects.filter(status=Version.Status.READY, copy__lt=Version.Copy.WHOLE)
    return rows.filter(free("lease_until"))


def copy_read(version_id: UUID | str) -> None:
    """Make the reading copy of a version that was read before, and its words and pictures from the copy."""
    from .process import Taken, _hold, _take

    version = _take(uncopied(), version_id)
    if version is None:
        return
    try:
        with (
            files.on_disk(drawing.source_key(version)) as source,
            tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder,
        ):
            path, sha256 = meanwhile(
                lambda: made(source, Path(folder), version.pages),
                LEASE.total_seconds() / 4,
                lambda: _hold(version, lease_until=moment() + LEASE),
            )
            _claim(version, path, sha256)
            _words(version, path, lambda: _hold(version, lease_until=moment() + LEASE))
        with transaction.atomic():
            # Pictures are named by what they were made from: they are drawn again.
            _hold(version, copy=Version.Copy.WHOLE, images_done=0, lease_until=None)
            bump_index([version.document_id])
    except Taken:
        return
    except Refused as why:
        log.warning("version %s has no reading copy: %s", version.pk, why)
        _hold(version, copy=Version.Copy.IMPOSSIBLE, lease_until=None)
    except Exception:
        log.exception("version %s could not be copied", version.pk)
        _hold(version, lease_until=moment() + AGAIN)


def _words(version: Version, path: Path, held: Callable[[], None]) -> None:
    texts: list[PageText] = []

    def flush() -> None:
        with transaction.atomic():
            PageText.objects.bulk_create(
                texts, update_conflicts=True, unique_fields=["page"], update_fields=["packed"]
            )
            held()
        texts.clear()

    for page in drawing.sandbox(Lane.SLOW).read(path):
        if page.index >= version.pages:
            break
        texts.append(PageText.pack(page_id(version.pk, page.index), page.text, page.words))
        if len(texts) >= BATCH:
            flush()
    flush()
