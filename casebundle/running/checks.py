"""Whether each part that we depend on is there: one function a part, asked by /readyz, by the counters and by
`manage.py health`.

A look is cheap and bounded: all are taken at once, each in a thread of its own, what has not answered in two seconds
is slow, and what was found holds for a second. A part that hangs is not asked a second time before it has answered.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from casebundle.journal import layer
from casebundle.journal.draining import draining
from casebundle.pdf import confinement
from casebundle.watching import signs
from casebundle.watching.logs import said
from search.engines import engine

MIB = 1024 * 1024
LEAST = 200 * MIB  # bytes that should be free on the disk of the data folder
WAIT = 2.0  # seconds for all looks together
HOLDS = 1.0  # seconds for which what was found is told again


class Wrong(Exception):
    """A part is not as it should be. state: a word for all; the text: for who runs it, and what mends it."""

    def __init__(self, state: str, text: str) -> None:
        self.state = state
        super().__init__(text)


class NotUsed(Exception):
    """This installation has no such part."""


@dataclass(frozen=True)
class Check:
    """name: of the part. needed: whether nothing at all works without it. look: raises what is wrong."""

    name: str
    needed: bool
    look: Callable[[], None]


@dataclass(frozen=True)
class Found:
    """state: ok, off (not used here), or what is wrong: away, slow, full, locked, behind, missing.
    ms: how long the look took.
    detail: for those who run it alone, since it may name machines."""

    name: str
    needed: bool
    state: str
    ms: float
    detail: str = ""

    @property
    def well(self) -> bool:
        return self.state in ("ok", "off")


# --- the parts ----------------------------------------------------------------------------------
_schema_known = threading.Event()


def database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
        cursor.fetchone()
    # Once it is as new as this code it stays so, or becomes newer: it is asked until then alone.
    if not _schema_known.is_set():
        if older():
            raise Wrong("behind", "it is of an older version: ./manage.py migrate")
        _schema_known.set()


def older() -> bool:
    """Whether this code knows migrations that the database has not had."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def storage() -> None:
    try:
        folder = Path(default_storage.path(""))
    except NotImplementedError:
        default_storage.reachable()  # type: ignore[attr-defined]  (bundles/s3.py)
        return
    # It is made with the first file.
    if not folder.parent.is_dir():
        raise Wrong("away", f"the folder of files, {folder}, is not there: mount it")


def search() -> None:
    engine().check()


def live() -> None:
    if not settings.REDIS_URL:
        raise NotUsed
    layer.ask()


def scanner() -> None:
    url = settings.CLAMD_URL
    if not url:
        raise NotUsed
    place = urlsplit(url)
    if place.scheme == "unix":
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(WAIT)
        line.connect(place.path)
    else:
        line = socket.create_connection((place.hostname or "", place.port or 3310), timeout=WAIT)
    with line:
        line.sendall(b"zPING\0")
        if not line.recv(16).startswith(b"PONG"):
            raise Wrong("away", "it does not answer PING with PONG")


def worker() -> None:
    if settings.EMBEDDED:
        # There is one at most, and it holds a lock for as long as it lives.
        if not _held(Path(settings.DATA_DIR) / "worker.lock"):
            raise Wrong("away", "none is running: ./manage.py worker (make run starts one)")
        return
    age = signs.age("worker")
    if age is None or age > signs.GONE:
        last = "none was ever there" if age is None else f"the last sign of one was {age:.0f} s ago"
        raise Wrong("away", f"{last}: ./manage.py worker")


def _held(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def walls() -> None:
    """Whether what opens uploaded files is confined as far as is asked for, by this kernel and for this user."""
    found = confinement.trial()
    if found.whole or confinement.demanded() == "external":
        return
    raise Wrong("missing", unconfined(found))


def unconfined(found: confinement.Walls) -> str:
    """What is not confined here, and what mends it."""
    why = " ".join(found.missing)
    if confinement.demanded() == "required":
        return f"no uploaded file is opened, for what opens it cannot be confined. {why}"
    return f"uploaded files are opened without full confinement ({found.level}): use no file of strangers here. {why}"


def disk() -> None:
    stat = os.statvfs(settings.DATA_DIR)
    if stat.f_flag & os.ST_RDONLY or not os.access(settings.DATA_DIR, os.W_OK):
        raise Wrong("locked", f"{settings.DATA_DIR} cannot be written to: give this user the right")
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < LEAST:
        raise Wrong("full", f"only {free // MIB} MB are free where {settings.DATA_DIR} is: free some room")


# Without the others people are told what cannot be done just now and can go on with the rest. A process that took
# itself out of service for a part that all processes share would leave nobody to tell them.
CHECKS = (
    Check("database", True, database),
    Check("files", False, storage),
    Check("search", False, search),
    Check("live", False, live),
    Check("scanner", False, scanner),
    Check("worker", False, worker),
    Check("confinement", False, walls),
    Check("disk", False, disk),
)


def look_at(check: Check) -> Found:
    """Take one look, in this thread."""
    began = time.perf_counter()

    def found(state: str, detail: str = "") -> Found:
        return Found(check.name, check.needed, state, round((time.perf_counter() - began) * 1000, 1), detail)

    try:
        check.look()
    except NotUsed:
        return found("off")
    except Wrong as wrong:
        return found(wrong.state, str(wrong))
    except Exception as error:
        # Of whatever kind: a part that cannot be asked is away.
        return found("away", said(error))
    return found("ok")


# --- all of them at once ------------------------------------------------------------------------
@dataclass
class _Look:
    check: Check
    began: float = field(default_factory=time.monotonic)
    found: Found | None = None

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._run, name=f"looks at {self.check.name}", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.found = look_at(self.check)
        finally:
            connection.close()

    def told(self) -> Found:
        if self.found is not None:
            return self.found
        waited = round((time.monotonic() - self.began) * 1000, 1)
        return Found(
            self.check.name, self.check.needed, "slow", waited, f"no answer in {waited / 1000:.0f} s"
        )


class Looks:
    """What was found lately."""

    def __init__(self, checks: tuple[Check, ...]) -> None:
        self.checks = checks
        self._lock = threading.Lock()
        self._last: tuple[Found, ...] = ()
        self._at = -HOLDS
        self._open: dict[str, _Look] = {}

    def now(self) -> tuple[Found, ...]:
        """What each part is like: not older than a second, and known in two."""
        with self._lock:
            if time.monotonic() - self._at < HOLDS:
                return self._last
            for check in self.checks:
                hanging = self._open.get(check.name)
                if hanging is None or not hanging.thread.is_alive():
                    self._open[check.name] = _Look(check)
            end = time.monotonic() + WAIT
            for look in self._open.values():
                look.thread.join(max(0.0, end - time.monotonic()))
            self._last = tuple(self._open[check.name].told() for check in self.checks)
            self._at = time.monotonic()
            return self._last


looks = Looks(CHECKS)


def standing(found: tuple[Found, ...]) -> str:
    """ready, degraded, away (something that is needed is) or draining."""
    if draining():
        return "draining"
    if any(one.needed and not one.well for one in found):
        return "away"
    return "ready" if all(one.well for one in found) else "degraded"
