"""The worker: runs tasks, and sweeps for what is due."""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, close_old_connections, connections
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from casebundle.bundles import drawing
from casebundle.bundles.models import Document, Failure, Version
from casebundle.cases import mending
from casebundle.evidence import slowly
from casebundle.evidence.sweep import forget_dead_tasks, sweep, tidy, tidy_files
from casebundle.watching import metrics, signs
from casebundle.watching.tasks import watched
from search.tasks import mend_index

log = logging.getLogger(__name__)

# Seconds until a worker that could not write looks again whether it can.
OUTAGE = 3.0
NICE = 5


class Command(BaseCommand):
    help = "Reads, indexes and draws what people upload, until it is stopped."
    lock: IO[str] | None = None

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--interval", type=float, default=0.2, help="seconds between looks into the queue"
        )
        parser.add_argument("--sweep", type=float, default=5, help="seconds between sweeps")
        parser.add_argument("--batch", action="store_true", help="end when nothing is left to do")

    def handle(self, *, interval: float, sweep: float, batch: bool, **options: Any) -> None:
        worker = Worker(
            queue_names=["*"],
            interval=interval,
            batch=batch,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        worker.configure_signals()
        worker.run_task = watched(worker.run_task)
        if settings.EMBEDDED:
            # It shares the machine with the server: who waits at a screen comes before what is done beforehand.
            os.nice(NICE)
        if batch:
            self._begin()
            worker.run()
            while sweep_once() or slowly.once():
                worker.run()
            return
        threading.Thread(target=drawing.warm, daemon=True).start()
        signs.keep_giving("worker")
        metrics.expose()
        sweeping: threading.Thread | None = None
        while worker.running:
            # A full disk, a folder that may not be written to, a database that is away: it waits for their end
            # instead of dying of them, since nobody is helped by a process that starts again and again.
            try:
                self._begin()
                mend_index.enqueue()
                if sweeping is None:
                    sweeping = threading.Thread(target=sweep_for_ever, args=(sweep,), daemon=True)
                    sweeping.start()
                    threading.Thread(target=slowly.for_ever, name="slow lane", daemon=True).start()
                worker.run()
                return
            except (DatabaseError, OSError) as error:
                found = mending.trouble(error)
                if found is None:
                    raise
                mending.note(found, error)
                connections.close_all()
                time.sleep(OUTAGE)

    def _begin(self) -> None:
        """Take up what a worker that has died had in hand. CommandError where another one is at work."""
        if not settings.EMBEDDED:
            return
        if self.lock is None:
            lock = (settings.DATA_DIR / "worker.lock").open("a")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                raise CommandError("A worker is running for this data folder already.") from None
            self.lock = lock
        # It is the only one: whatever is leased or begun was so by one that has died, or by us before an outage.
        Version.objects.exclude(lease_until=None).update(lease_until=None)
        Failure.objects.exclude(lease_until=None).update(lease_until=None)
        Document.objects.exclude(index_lease=None).update(index_lease=None)
        forget_dead_tasks()


def sweep_once() -> int:
    try:
        return sweep()
    except Exception as error:
        found = mending.trouble(error)
        if found is None:
            log.exception("sweep failed")
        else:
            mending.note(found, error)
        return 0


def sweep_for_ever(seconds: float) -> None:
    pause = threading.Event()
    rounds = 0
    while True:
        close_old_connections()
        sweep_once()
        rounds += 1
        if rounds % 100 == 1:
            try:
                tidy()
                slowly.forget()
                if rounds % 800 == 1:
                    tidy_files()
            except Exception as error:
                found = mending.trouble(error)
                if found is None:
                    log.exception("tidying failed")
                else:
                    mending.note(found, error)
        pause.wait(seconds)
