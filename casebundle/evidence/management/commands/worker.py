"""The worker: runs tasks, and sweeps for what is due."""

from __future__ import annotations

import fcntl
import logging
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from casebundle.bundles.models import Version
from casebundle.evidence.sweep import sweep, tidy

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Reads, indexes and draws what people upload, until it is stopped."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--interval", type=float, default=0.2, help="seconds between looks into the queue"
        )
        parser.add_argument("--sweep", type=float, default=5, help="seconds between sweeps")
        parser.add_argument("--batch", action="store_true", help="end when nothing is left to do")

    def handle(self, *, interval: float, sweep: float, batch: bool, **options: Any) -> None:
        if settings.EMBEDDED:
            self.lock = (settings.DATA_DIR / "worker.lock").open("w")
            try:
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CommandError("A worker is running for this data folder already.") from None
            # It is the only one: whatever is leased was leased by one that has died.
            Version.objects.unfinished().update(lease_until=None)
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
        if batch:
            while sweep_once():
                worker.run()
            return
        threading.Thread(target=sweep_for_ever, args=(sweep,), daemon=True).start()
        worker.run()


def sweep_once() -> int:
    try:
        return sweep()
    except Exception:
        log.exception("sweep failed")
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
            except Exception:
                log.exception("tidying failed")
        pause.wait(seconds)
