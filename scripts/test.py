"""All tests, in both columns: `python scripts/test.py [what pytest takes]`.

First with nothing beside it (SQLite, a folder, an index of its own), then what means something there on real servers:
PostgreSQL, S3, OpenSearch, Redis and clamd, those that the environment names, the others started here for this run
(scripts/services.py) and ended after it. What cannot be started is named, and in CI that is a failure.

The browser stories have a run of their own: Playwright keeps an event loop running in the main thread, which
asynchronous tests in the same process cannot live with. The second column runs beside them. With arguments it is one
plain pytest run of those: on real servers where the environment names them. Tests have a data folder of their own,
which is removed after them.
"""

from __future__ import annotations

import base64
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts import services  # noqa: E402

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
# The variable by which each is chosen.
SERVERS = {
    "postgres": "DATABASE_URL",
    "s3": "STORAGE_URL",
    "opensearch": "OPENSEARCH_URL",
    "redis": "REDIS_URL",
    "clamd": "CLAMD_URL",
    "toxiproxy": "TOXIPROXY_URL",
}
CHOICES = (*services.REAL, "TOXIPROXY_URL", "S3_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
# What means something on real servers: what asks the database, the files, the index, or others through Redis. What a
# PDF says, what a page looks like and what the demo case contains is the same there.
SECOND = (
    "tests/servers",
    "tests/running/test_probes.py",
    "tests/journal",
    "tests/cases",
    "tests/bundles/test_index.py",
    "tests/bundles/test_reader_pages.py",
    "tests/bundles/test_sending.py",
    "tests/search/test_screen.py",
    "tests/search/test_order.py",
    "tests/evidence/test_serve.py",
    "tests/annotations/test_services.py",
    "tests/annotations/test_list.py",
    "tests/annotations/test_following.py",
    "tests/annotations/test_live.py",
    "tests/courtroom/test_court.py",
    "tests/courtroom/test_frame_table.py",
    "tests/courtroom/test_screens.py",
    "tests/courtroom/test_resume.py",
    "tests/api",
    "tests/desk",
    "tests/security/test_walk.py",
    "tests/security/test_limits.py",
    "tests/security/test_sessions.py",
)


# What is not so there: groups that a test takes out of the memory of a layer, and an answer that says whether the
# servers are quick enough, asked while everything else asks them too (tests/running has it by itself).
LEFT_OUT = (
    "tests/journal/test_hub.py::test_the_hub_says_again_which_groups_it_is_in",
    "tests/cases/test_permission_table.py::test_each_of_the_cast_gets_what_the_table_says[GET /readyz",
)


class Servers:
    """The servers of this run: those that the environment names, the others started here, side by side."""

    def __init__(self, folder: str) -> None:
        self.given = {name: os.environ[name] for name in CHOICES if os.environ.get(name)}
        os.environ.setdefault("CASEBUNDLE_SERVICES", folder)
        os.environ.setdefault("CASEBUNDLE_SERVICES_QUICK", "1")
        self.found: dict[str, str] = {}
        self.missing: dict[str, str] = {}
        self.begun: list[str] = []
        self.threads = [
            threading.Thread(target=self._start, args=(name,), daemon=True)
            for name, variable in SERVERS.items()
            if variable not in self.given
        ]
        for thread in self.threads:
            thread.start()

    def _start(self, name: str) -> None:
        try:
            runs = services.running(services.folder() / name) is not None
            self.found |= services.start(name)
            if not runs:
                self.begun.append(name)
        except (services.CannotStart, OSError) as error:
            self.missing[name] = str(error)

    def addresses(self) -> dict[str, str]:
        """Where they are, once all that can start have started."""
        for thread in self.threads:
            thread.join()
        return self.found | self.given

    def stop(self) -> None:
        self.addresses()
        for name in self.begun:
            services.stop(name)

    def report(self) -> int:
        """Say what was not there; 1 where that is a failure."""
        if not self.missing:
            return 0
        title = "NOT RUN ON REAL SERVERS" + (" (in CI that is a failure)" if IN_CI else "")
        print(f"\n{'=' * 79}\n{title}")
        for name, why in sorted(self.missing.items()):
            print(f"{name}: {why}")
        print("=" * 79, flush=True)
        return int(IN_CI)


class Run:
    """pytest with these arguments. log: where it writes meanwhile; it is printed once it has ended."""

    def __init__(self, env: dict[str, str], *arguments: str, log: Path | None = None) -> None:
        self.began = time.monotonic()
        self.log = log
        command = [sys.executable, "-m", "pytest", "--quiet", *arguments]
        if log is None:
            self.process = subprocess.Popen(command, cwd=ROOT, env=env)
        else:
            with log.open("wb") as out:
                self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out)

    def code(self) -> int:
        try:
            code = self.process.wait()
        finally:
            self.end()
        if self.log is not None:
            print(self.log.read_text(errors="replace"), end="")
        print(f"({time.monotonic() - self.began:.0f} s)", flush=True)
        return code

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="casebundle-test-") as data,
        tempfile.TemporaryDirectory(prefix="casebundle-services-", dir="/var/tmp") as folder,
    ):
        # The servers' own user goes in and out.
        Path(folder).chmod(0o755)
        bare = {name: value for name, value in os.environ.items() if name not in CHOICES}
        bare |= {"CASEBUNDLE_DATA": data}

        if len(sys.argv) > 1:
            return Run({**os.environ, "CASEBUNDLE_DATA": data}, *sys.argv[1:]).code()
        servers = Servers(folder)
        second = None
        try:
            # Tests that start a process of their own on one of them find it there.
            servers.addresses()
            bare["CASEBUNDLE_SERVICES"] = os.environ["CASEBUNDLE_SERVICES"]
            split = ("--dist", "loadfile", "--no-loadscope-reorder", "-n")
            cores = os.cpu_count() or 1
            rest = ("--ignore=tests/journeys", "--ignore=tests/servers")
            print("Embedded:", flush=True)
            # Some wait while others work: one more than there are cores.
            codes = [Run(bare, *split, str(cores + 1), *rest, "tests").code()]
            found = servers.addresses()
            if "DATABASE_URL" in found:
                # Beside the stories, which are one after the other and wait half of the time.
                own = Path(data) / "second"
                own.mkdir()
                without = [f"--deselect={name}" for name in LEFT_OUT]
                told = bare | {"CASEBUNDLE_DATA": str(own)} | production() | found
                second = Run(told, *split, str(cores), *without, *SECOND, log=Path(data) / "second.log")
            print("Stories in a browser:", flush=True)
            codes.append(Run(bare, "tests/journeys").code())
            if second is not None:
                there = ", ".join(name for name, variable in SERVERS.items() if variable in found)
                print(f"On real servers ({there}):", flush=True)
                codes.append(second.code())
        finally:
            if second is not None:
                second.end()
            servers.stop()
        codes.append(servers.report())
    # A run in which nothing was collected has proved nothing, so it fails like any other.
    return max(codes)


def production() -> dict[str, str]:
    """What must be said where real servers are used."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SIGNING_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
    }


def _ended(_signum: int, _frame: object) -> None:
    raise KeyboardInterrupt  # so that what was started is ended too


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _ended)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
