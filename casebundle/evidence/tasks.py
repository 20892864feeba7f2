"""Nudges: what is due is in rows, a lost task is found by the sweep (worker.py)."""

from __future__ import annotations

from django_tasks import task


@task(priority=10)
def process_version(version_id: str) -> None:
    from .process import process_next

    # Whichever file's turn it is: as many are read as there are nudges.
    process_next()


BACKGROUND = -50


@task(priority=BACKGROUND)
def draw_version(version_id: str) -> None:
    from .process import draw_next

    # In portions, so that a file that has just come in is read before the pictures of a long one are done, and each
    # case has one in its turn.
    if draw_next(more_urgent=_more_urgent):
        draw_version.enqueue(version_id)


@task(priority=BACKGROUND)
def copy_version(version_id: str) -> None:
    from .copying import copy_read

    copy_read(version_id)


def _more_urgent() -> bool:
    """Whether something waits that somebody waits for."""
    from django_tasks_db.models import DBTaskResult

    return bool(DBTaskResult.objects.ready().filter(priority__gt=BACKGROUND).exists())
