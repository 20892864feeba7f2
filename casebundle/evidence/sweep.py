"""Finds what is due and was not nudged, and what was left lying: after a crash, an outage, a lost task."""

from __future__ import annotations

import datetime
import json
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult

from casebundle.bundles import files
from casebundle.bundles.models import Version
from casebundle.journal.locks import only_one
from search.indexing import is_behind
from search.tasks import index_documents

from .copying import uncopied
from .process import quick, undrawn
from .tasks import copy_version, draw_version, process_version

log = logging.getLogger(__name__)

# How old (seconds) a file must be that nobody has a row for before it is thrown away: an upload of 2 GB over a slow
# line is still on its way after hours.
SAFE_AGE = 24 * 3600.0
# Files of originals, reading copies and pictures: by the SHA-256 of what they were made from.
KEPT = ("originals", "reading", "images")


def _waiting(path: str) -> set[str]:
    """First arguments of the tasks of that function that wait to be run."""
    rows = DBTaskResult.objects.filter(status="READY", task_path=path).values_list("args_kwargs", flat=True)
    return {
        (row if isinstance(row, dict) else json.loads(row))["args"][0] if row["args"] else "" for row in rows
    }


def sweep() -> int:
    """Enqueue a task for everything that is due and has none; the number of tasks.

    Of several workers one does it at a time: the others find nothing to do.
    """
    with only_one("sweep") as ours:
        if not ours:
            return 0
        return (
            _nudge(quick(), process_version, 500)
            + _unindexed()
            + _nudge(uncopied().order_by("ready_at"), copy_version, 50)
            + _nudge(undrawn().order_by("ready_at"), draw_version, 50)
        )


def _nudge(rows: QuerySet[Version], task: Task[[str], None], most: int) -> int:
    """Enqueue `task` for each of `rows`, `most` of them at a time, that has none waiting; the number of them."""
    waiting = _waiting(task.module_path)
    due = [str(pk) for pk in rows.values_list("pk", flat=True)[:most] if str(pk) not in waiting]
    for pk in due:
        task.enqueue(pk)
    return len(due)


def _unindexed() -> int:
    if not is_behind() or _waiting(index_documents.module_path):
        return 0
    index_documents.enqueue()
    return 1


def tidy() -> None:
    """Throw away finished tasks: the journal says what happened, these only took room."""
    now = timezone.now()
    old = now - datetime.timedelta(hours=1)
    DBTaskResult.objects.exclude(status__in=["READY", "RUNNING"]).filter(finished_at__lt=old).delete()
    # What a killed worker had begun was taken up again by the sweep.
    DBTaskResult.objects.filter(status="RUNNING", started_at__lt=old).delete()
    # Of before the clock was set back: their age would never come.
    later = now + datetime.timedelta(hours=1)
    DBTaskResult.objects.exclude(status="READY").filter(started_at__gt=later).delete()


def forget_dead_tasks() -> int:
    """Throw away what a worker that is dead had begun; call it where no other worker can be at work."""
    return DBTaskResult.objects.filter(status="RUNNING").delete()[0]


# --- files that nobody has a row for ------------------------------------------------------------
def tidy_files(age: float = SAFE_AGE) -> int:
    """Throw away files that a death left behind and that are older than `age` seconds; the number of them.

    Temporary ones, uploads to a bucket that ended in the middle, and originals, reading copies and pictures that no
    version has: the bytes of an upload that was never acknowledged (whoever sent it sent it again), and of documents
    that were removed before they were served.
    """
    return _tidy_temporary(age) + files.kept().abandoned(age) + sum(_tidy_kept(kind, age) for kind in KEPT)


def _older(path: Path, age: float) -> bool:
    try:
        return time.time() - path.stat().st_mtime > age
    except OSError:
        return False


def _tidy_temporary(age: float) -> int:
    count = 0
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
        if _older(path, age):
            count += _remove(path)
    return count


def _remove(path: Path) -> int:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError as error:
        log.warning("%s is of no use and cannot be thrown away: %s", path, error)
        return 0
    return 1


def unclaimed(kind: str, age: float) -> Iterator[str]:
    """SHA-256 of what is kept of that kind, is older than `age` seconds, and has no version."""
    # By the first two letters: a portion of the files and of the rows at a time.
    for letters in files.kept().shelves(kind):
        names = files.kept().shelf(kind, letters)
        if not names:
            continue
        rows = Version.objects.filter(sha256__startswith=letters)
        claimed = set(rows.values_list("sha256", flat=True))
        copies = Version.objects.filter(reading_sha256__startswith=letters)
        if kind != "originals":
            claimed |= set(copies.values_list("reading_sha256", flat=True))
        for name, at in sorted(names.items()):
            if name not in claimed and time.time() - at > age:
                yield name


def _claimed(kind: str) -> Callable[[str], bool]:
    if kind == "originals":
        return lambda sha256: Version.objects.filter(sha256=sha256).exists()
    return lambda sha256: (
        Version.objects.filter(reading_sha256=sha256).exists()
        or Version.objects.filter(sha256=sha256).exists()
    )


def _tidy_kept(kind: str, age: float) -> int:
    count = 0
    claimed = _claimed(kind)
    for sha256 in list(unclaimed(kind, age)):
        # Under the lock that writers take. Who claims these very bytes has either done so already, and is seen here,
        # or looks after us whether they are still there (intake.py).
        with transaction.atomic():
            files.claim(sha256)
            if not claimed(sha256):
                try:
                    files.kept().throw_away(kind, sha256)
                    count += 1
                except OSError as error:
                    log.warning("%s/%s is of no use and cannot be thrown away: %s", kind, sha256, error)
    return count
