"""Everything that a laptop needs: database, demo case, one worker, the server. Ctrl-C ends all of it."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from casebundle.demo import loader
from casebundle.demo.cast import CAST, OTHER_CAST, OTHER_REFERENCE
from casebundle.demo.story import REFERENCE
from casebundle.pdf import confinement
from casebundle.running import serving
from casebundle.running.checks import unconfined
from casebundle.running.management.commands.health import newer

ROOM = 1024**3  # bytes: the demo case with its pictures takes about half of it
# With less than this (bytes) nothing starts; with less than that it starts and says so.
LEAST, LITTLE = 16 * 1024**2, 256 * 1024**2
PR_SET_PDEATHSIG = 1
HOST = "127.0.0.1"


def _end_with(parent: int) -> Callable[[], None]:
    """Run in a child before it begins: it ends when we do, however we end, so that no server is left behind that
    nobody knows of and that holds the port."""
    try:
        prctl = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):  # not Linux
        return lambda: None

    def end_with() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return end_with


def _of_its_own(name: str) -> dict[str, str]:
    """What a child must not share with the other: the worker's counters are on the port after the server's."""
    return (
        {"METRICS_PORT": str(settings.METRICS_PORT + 1)} if settings.METRICS_PORT and name == "worker" else {}
    )


class Command(BaseCommand):
    help = "Set up what is missing, load the demo case, and run worker and server until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--no-demo", action="store_true", help="do not load the demo case")

    def handle(self, *, no_demo: bool, **options: Any) -> None:
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.ending = False
        signal.signal(signal.SIGTERM, self.end)
        signal.signal(signal.SIGINT, self.end)
        try:
            self._check(no_demo)
            self._prepare(no_demo)
            self._run(no_demo)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise CommandError(
                    f"The disk that holds {settings.DATA_DIR} is full. Free some room and try again."
                ) from None
            raise

    def end(self, _signum: int, _frame: FrameType | None) -> None:
        self.ending = True
        raise KeyboardInterrupt

    def _check(self, no_demo: bool) -> None:
        """The things that stop a start, each in one sentence."""
        self._check_folder()
        self.lock = (settings.DATA_DIR / "up.lock").open("w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(f"casebundle is running with {settings.DATA_DIR} already.") from None
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, settings.PORT))
            except OSError as error:
                if error.errno == errno.EACCES:
                    raise CommandError(
                        f"Port {settings.PORT} is not for ordinary users. Choose one: PORT=8000 make run"
                    ) from None
                raise CommandError(
                    f"Port {settings.PORT} is in use. End what uses it, or choose another: PORT={settings.PORT + 1} make run"
                ) from None
        free = shutil.disk_usage(settings.DATA_DIR).free
        if free < LEAST:
            raise CommandError(
                f"The disk that holds {settings.DATA_DIR} is full: {free // 1024**2} MB are free. "
                "Free some room and try again."
            )
        if free < LITTLE:
            self._say(
                f"The disk that holds {settings.DATA_DIR} is nearly full: {free // 1024**2} MB are free. "
                "Free some room soon; when it is full, people can read and nothing can be saved."
            )
        fresh = not Path(settings.DATABASES["default"]["NAME"]).exists() if settings.EMBEDDED else False
        if fresh and not no_demo and free < ROOM:
            raise CommandError(
                f"The disk that holds {settings.DATA_DIR} has less than 1 GB free. Free some room and try again."
            )

    def _check_folder(self) -> None:
        try:
            # Not enough that the bits allow it: the disk may be mounted read-only.
            with tempfile.NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as probe:
                probe.write(b".")
            (settings.DATA_DIR / "up.lock").open("a").close()
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise CommandError(
                f"casebundle may not write to {settings.DATA_DIR} ({error.strerror}). Give this user the right to, "
                "or choose another folder: CASEBUNDLE_DATA=/path/to/folder make run"
            ) from None

    def _check_version(self) -> None:
        try:
            unknown = newer()
        except DatabaseError as error:
            raise CommandError(
                f"The database in {settings.DATA_DIR} cannot be read ({error}). ./manage.py health says more; if it "
                "is damaged, put back the last copy of that folder."
            ) from None
        if unknown:
            raise CommandError(
                f"The database in {settings.DATA_DIR} was made by a newer version of casebundle (it has "
                f"{unknown[-1]}, which this version does not know). Start that version, or choose another folder: "
                "CASEBUNDLE_DATA=/path/to/folder make run"
            )

    def _prepare(self, no_demo: bool) -> None:
        self._check_version()
        call_command("migrate", interactive=False, verbosity=0)
        # Set-up has done it already, where it was asked.
        if not (settings.STATIC_ROOT / "staticfiles.json").exists():
            call_command("collectstatic", interactive=False, verbosity=0)
        if not no_demo and not (loader.loaded(REFERENCE) and loader.loaded(OTHER_REFERENCE)):
            try:
                loader.load(self._say)
            except KeyboardInterrupt:
                raise CommandError("Stopped. The next start goes on from here.") from None

    def _say(self, text: str) -> None:
        # What we say may go to a file on a disk that is full: that must not end the house.
        with contextlib.suppress(OSError):
            self.stdout.write(text)
            self.stdout.flush()

    def _start(self, name: str) -> None:
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        command = {"worker": [*manage, "worker"], "server": serving.command(HOST, settings.PORT)}[name]
        # A group of its own: Ctrl-C reaches only us, and we end the children in order.
        self.children[name] = subprocess.Popen(
            command,
            cwd=settings.BASE_DIR,
            env={**os.environ, **_of_its_own(name)},
            start_new_session=True,
            preexec_fn=_end_with(os.getpid()),  # noqa: PLW1509  (there is one thread here)
        )

    def _run(self, no_demo: bool) -> None:
        try:
            for name in ("worker", "server"):
                self._start(name)
            self._wait_for_server()
            self._greet(no_demo)
            started = {name: time.monotonic() for name in self.children}
            while True:
                time.sleep(0.5)
                for name, child in list(self.children.items()):
                    if child.poll() is None:
                        continue
                    # Whoever killed it, nothing that was acknowledged is lost: it goes on where it was.
                    pause = 0 if time.monotonic() - started[name] > 10 else 2
                    self._say(f"The {name} ended ({child.returncode}) and is started again.")
                    time.sleep(pause)
                    self._start(name)
                    started[name] = time.monotonic()
        except KeyboardInterrupt:
            self._say("\nEnding …")
        finally:
            self._stop()

    def _wait_for_server(self) -> None:
        for _i in range(300):
            if self.children["server"].poll() is not None:
                raise CommandError("The server did not start; what it said is above.")
            try:
                socket.create_connection((HOST, settings.PORT), timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise CommandError("The server did not answer within 30 seconds.")

    def _greet(self, no_demo: bool) -> None:
        walls = confinement.trial()
        if not walls.whole and confinement.demanded() != "external":
            self._say(f"\nWARNING: {unconfined(walls)}")
        self._say(f"\ncasebundle is on http://{HOST}:{settings.PORT}   (Ctrl-C ends it)\n")
        if no_demo:
            return
        self._say(f"Everybody's password: {loader.password()}\n")
        for person in [*CAST, *OTHER_CAST]:
            self._say(f"  {person.email:34} {person.name}, {person.role}")
        self._say("")

    def _stop(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()
        for child in self.children.values():
            try:
                child.wait(6)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
