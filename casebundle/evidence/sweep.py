"""Finds what is due and was not nudged: after a crash, an outage, a lost task."""

from __future__ import annotations

import datetime
import json
import logging

from django.db.models import F
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from casebundle.bundles.models import Version
from search.indexing import due_documents
from search.tasks import index_documents

from .process import due
from .tasks import draw_version, process_version

log = logging.getLogger(__name__)


def _waiting(path: str) -> set[str]:
    """First arguments of the tasks of that function that wait to be run."""
    rows = DBTaskResult.objects.filter(status="READY", task_path=path).values_list("args_kwargs", flat=True)
    return {
        (row if isinstance(row, dict) else json.loads(row))["args"][0] if row["args"] else "" for row in rows
    }


def sweep() -> int:
    """Enqueue a task for everything that is due and has none; the number of tasks."""
    count = 0
    waiting = _waiting(process_version.module_path)
    for pk in due().values_list("pk", flat=True)[:500]:
        if str(pk) not in waiting:
            process_version.enqueue(str(pk))
            count += 1
    if due_documents().exists() and not _waiting(index_documents.module_path):
        index_documents.enqueue()
        count += 1
    drawing = _waiting(draw_version.module_path)
    undrawn = Version.objects.filter(status=Version.Status.READY, images_done__lt=F("pages")).order_by(
        "ready_at"
    )
    for pk in undrawn.values_list("pk", flat=True)[:50]:
        if str(pk) not in drawing:
            draw_version.enqueue(str(pk))
            count += 1
    return count


def tidy() -> None:
    """Throw away finished tasks: the journal says what happened, these only took room."""
    old = timezone.now() - datetime.timedelta(hours=1)
    DBTaskResult.objects.exclude(status__in=["READY", "RUNNING"]).filter(finished_at__lt=old).delete()
    # What a killed worker had begun was taken up again by the sweep.
    DBTaskResult.objects.filter(status="RUNNING", started_at__lt=old).delete()
