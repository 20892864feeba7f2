"""What ran out of the small budget goes on here: in a lane of its own, with a longer one, when nothing quick waits.

One thread of each worker does it, with a child process of its own, so that nobody's file waits for it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.core.files.storage import default_storage
from django.db import close_old_connections
from django.db.models import QuerySet
from django.utils import timezone

from casebundle.bundles import drawing, files
from casebundle.bundles.drawing import Lane
from casebundle.bundles.models import Failure
from casebundle.cases import mending
from casebundle.journal.locks import LEASE, free, moment
from casebundle.pdf.sandbox import Interrupted, Refused
from casebundle.watching.trail import Trail, about, begin, new_id

from . import turns
from .process import MENDING, process_next, quick

log = logging.getLogger(__name__)

# Seconds between looks, and for how long what is slow gives way to what is quick.
PAUSE, PATIENCE = 1.0, 60.0


def once() -> bool:
    """Do one thing of each kind that was put back; False where nothing was."""
    read = _told("read_slowly", lambda: process_next(Lane.SLOW))
    drawn = _told("draw_slowly", draw_next_failed)
    return read or drawn


def _told(name: str, act: Callable[[], bool]) -> bool:
    with begin(Trail(new_id(), "task", name)):
        return act()


def waiting() -> QuerySet[Failure]:
    """Pictures that wait for the longer budget, and nobody draws them."""
    rows = Failure.objects.remembered(drawing.program()).filter(work=Failure.Work.PICTURE, waits=True)
    return rows.filter(free("lease_until"))


def draw_next_failed() -> bool:
    """Draw one of those pictures; where it fails again, that is remembered and not tried any more."""
    failure = _take()
    if failure is None:
        return False
    about(case=failure.case_id)
    key = files.image_key(failure.sha256, failure.index, failure.width)
    try:
        if not default_storage.exists(key):
            with files.on_disk(failure.source) as path, ThreadPoolExecutor(1) as keeper:
                drawn = drawing.draw(path, failure.sha256, failure.index, keeper, [failure.width], Lane.SLOW)
                for kept in drawn:
                    kept.result()
    except Refused as why:
        log.warning("page %s of %s cannot be drawn: %s", failure.index + 1, failure.sha256, why)
        Failure.objects.filter(pk=failure.pk).update(waits=False, reason=why.code, lease_until=None)
    except FileNotFoundError:
        # The document was removed meanwhile.
        Failure.objects.filter(pk=failure.pk).delete()
    except (Interrupted, OSError):
        # The machine's fault: nothing is known against the page, and it waits.
        Failure.objects.filter(pk=failure.pk).update(lease_until=moment() + MENDING)
        raise
    else:
        Failure.objects.filter(pk=failure.pk).delete()
    return True


def _take() -> Failure | None:
    with turns.one_at_a_time("draw slow"):
        for case, work in turns.in_turn("draw slow", waiting(), "case_id", "work", "at"):
            rows = waiting().filter(case=case).select_for_update(skip_locked=True, of=("self",))
            found = rows.order_by("at").first()
            if found is not None:
                Failure.objects.filter(pk=found.pk).update(lease_until=moment() + LEASE)
                turns.had("draw slow", case, work)
                return found
    return None


def for_ever() -> None:
    """The slow lane of a worker, until that ends. What it has in hand then is found again by its lease."""
    pause = threading.Event()
    gave_way = 0.0
    while True:
        close_old_connections()
        done = False
        try:
            if gave_way < PATIENCE and quick().exists():
                gave_way += PAUSE
            else:
                done = once()
                gave_way = 0.0
        except Exception as error:
            found = mending.trouble(error)
            if found is None:
                log.exception("the slow lane failed")
            else:
                mending.note(found, error)
        if not done:
            pause.wait(PAUSE)


def forget() -> None:
    """Throw away failures whose time is over: they may be tried again."""
    Failure.objects.filter(until__lt=timezone.now()).delete()
