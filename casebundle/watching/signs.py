"""Signs of life: a process says every few seconds that it is there, so that others know without asking it."""

from __future__ import annotations

import datetime
import logging
import threading
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from .models import Sign
from .trail import new_id

log = logging.getLogger(__name__)

# Seconds between two signs, until a process that gave none counts as gone, and until its row is forgotten.
EVERY, GONE, FORGOTTEN = 10.0, 60.0, 24 * 3600.0


def give(process: str, kind: str, since: datetime.datetime) -> None:
    """Say that `process` is alive now."""
    now = timezone.now()
    Sign.objects.update_or_create(process=process, defaults={"kind": kind, "since": since, "seen": now})


def forget() -> None:
    """Throw away signs that are old, and those of a clock that was set back since."""
    now = timezone.now()
    Sign.objects.filter(seen__lt=now - datetime.timedelta(seconds=FORGOTTEN)).delete()
    Sign.objects.filter(seen__gt=now + datetime.timedelta(seconds=FORGOTTEN)).delete()


def age(kind: str) -> float | None:
    """How many seconds ago the latest sign of that kind was; None where there is none."""
    seen = Sign.objects.filter(kind=kind).order_by("-seen").values_list("seen", flat=True).first()
    return None if seen is None else max(0.0, (timezone.now() - seen).total_seconds())


def count(kind: str) -> int:
    """How many processes of that kind are alive."""
    return Sign.objects.filter(kind=kind, seen__gt=timezone.now() - datetime.timedelta(seconds=GONE)).count()


def keep_giving(kind: str) -> None:
    """Say so from now on, in a thread of its own; and in a file, for who looks at this machine alone."""

    def run() -> None:
        process, since, pause, rounds = new_id(), timezone.now(), threading.Event(), 0
        while True:
            try:
                touch(kind)
                give(process, kind, since)
                if rounds % 360 == 0:
                    forget()
            except (DatabaseError, InterfaceError, OSError) as error:
                # It is alive; who cannot be told is the database.
                log.info("a sign of life could not be written down: %s", error)
            finally:
                connection.close()
            rounds += 1
            pause.wait(EVERY)

    threading.Thread(target=run, name="sign of life", daemon=True).start()


def file_of(kind: str) -> Path:
    return Path(settings.DATA_DIR) / f"{kind}.alive"


def touch(kind: str) -> None:
    file_of(kind).touch()
