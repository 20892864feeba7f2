"""The law for a file that somebody sends us, whatever is in it, and a case into which files are put to the test.

It ends ready, or refused with a reason in words, within the limits; what is ready has every page, and as many as
another library counts, or carries a warning; its original stays byte for byte; nothing is left behind; and the next
file is none the worse. Used by the tests, by `make odd-files` and by `make fuzz`. Django is set up by whoever imports.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import resource
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MIB = 1024 * 1024
MOST_MEMORY = 1024 * MIB
# One of these tells a person that pages may be missing.
UNSURE = {"pages_unsure", "repaired", "damaged", "rebuilt", "unlocked"}


@dataclass
class Outcome:
    name: str
    kind: str  # "ready", or the code of the reason
    pages: int = 0
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)  # how the law was broken
    notes: list[str] = field(default_factory=list)

    def line(self) -> str:
        said = f"{self.pages} p." if self.kind == "ready" else "refused"
        more = ", ".join(self.warnings) + "".join(f" [{note}]" for note in self.notes)
        return f"{self.seconds:7.2f} s  {self.kind:12} {said:9} {self.name}  {more}".rstrip()


# --- a second opinion --------------------------------------------------------------------------


class Second:
    """How many pages other libraries count, asked in a process of its own: the files are as odd for them."""

    SECONDS = 10.0

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Second:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe:
                    with suppress(OSError):
                        pipe.close()
        self.process = None

    def count(self, path: Path, library: str) -> int | None:
        """By "pikepdf" or "pypdf"; None where it cannot say."""
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, str(Path(__file__).resolve())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                bufsize=1,
            )
        assert self.process.stdin
        assert self.process.stdout
        try:
            self.process.stdin.write(json.dumps([library, str(path.absolute())]) + "\n")
            self.process.stdin.flush()
            if select.select([self.process.stdout], [], [], self.SECONDS)[0]:
                line = self.process.stdout.readline()
                if line:
                    found = json.loads(line)
                    return None if found is None else int(found)
        except OSError:
            pass
        self.close()  # hung or died: that is an answer too
        return None


def answer_counts() -> None:
    """The other side of Second."""
    resource.setrlimit(resource.RLIMIT_AS, (1536 * MIB,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import pikepdf
    import pypdf

    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        library, path = json.loads(line)
        found: int | None
        try:
            if library == "pikepdf":
                with pikepdf.open(path, suppress_warnings=True) as pdf:
                    found = len(pdf.pages)
            else:
                found = len(pypdf.PdfReader(path).pages)
        except (Exception, RecursionError):
            found = None
        print(json.dumps(found), flush=True)


# --- a case ------------------------------------------------------------------------------------


@contextmanager
def stand_alone() -> Iterator[None]:
    """Django with a data folder of its own, which is removed after. Once in a process, before anything of ours."""
    with tempfile.TemporaryDirectory(prefix="casebundle-odd-") as folder:
        os.environ["CASEBUNDLE_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "casebundle.settings"
        os.environ.pop("DATABASE_URL", None)
        sys.path.insert(0, str(ROOT))
        import django
        from django.conf import settings
        from django.core.management import call_command

        django.setup()
        Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True)
        call_command("migrate", verbosity=0)
        yield


def new_case() -> tuple[Any, Any]:
    """A prosecutor's Viewer and the bundle of a new case."""
    from casebundle.bundles.models import Bundle
    from casebundle.bundles.services import create_case
    from casebundle.cases import people
    from casebundle.cases.access import viewer_in
    from casebundle.cases.models import User

    tom = User.objects.create_user("tom.price@court.example", name="Tom Price", is_court_staff=True)
    priya = User.objects.create_user("priya.shah@cps.example", name="Priya Shah")
    court = "Crown Court at Leeds"
    case = create_case(
        tom, "T20267001", "R v Bates and Doyle", court, parties=[("bates", "Marcus Bates")]
    ).case
    people.join(case, priya, "prosecution", ["prosecution"])
    return viewer_in(priya, reference=case.reference), Bundle.objects.get(case=case)


class _Errors(logging.Handler):
    """What was logged as our own mistake while a file was at work."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(logging.Formatter("%(message)s").format(record)[-1500:])


class Trial:
    """Takes files into a case, through intake and the worker's own code, and holds each against the law."""

    def __init__(self, viewer: Any, bundle: Any, second: Second) -> None:
        self.viewer, self.bundle, self.second = viewer, bundle, second
        self.errors = _Errors()

    def take(self, path: Path, name: str | None = None, draw: int = 2) -> Outcome:
        """Put one file through everything; `draw` of its pages are drawn too."""
        from casebundle.bundles import drawing
        from casebundle.bundles.models import Version
        from casebundle.evidence import intake
        from casebundle.evidence.process import process

        outcome = Outcome(name or path.name, "?")
        before = hashlib.sha256(path.read_bytes()).hexdigest()
        started = time.monotonic()
        logger = logging.getLogger("casebundle")
        logger.addHandler(self.errors)
        self.errors.said.clear()
        try:
            with path.open("rb") as data:
                document = intake.receive(
                    self.viewer, self.bundle, "J", "odd.pdf", iter(lambda: data.read(MIB), b"")
                )
            version = document.versions.get()
            for _ in range(12):
                process(version.pk)
                version = Version.objects.get(pk=version.pk)
                if version.status in (Version.Status.READY, Version.Status.REFUSED):
                    break
                Version.objects.filter(pk=version.pk).update(lease_until=None)  # as if its time had come
            else:
                outcome.problems.append(f"it is stuck: {version.status}")
            if version.status == Version.Status.READY:
                self._ready(outcome, version, path, draw)
            elif version.status == Version.Status.REFUSED:
                self._refused(outcome, version, path)
        except Exception as error:
            outcome.problems.append(f"{type(error).__name__}: {error}"[:500])
        finally:
            logger.removeHandler(self.errors)
        outcome.seconds = time.monotonic() - started
        outcome.problems += self.errors.said
        limits = drawing.sandbox().limits
        allowed = limits.first_seconds + limits.page_seconds * outcome.pages + 4 * limits.seconds
        if outcome.seconds > allowed:
            outcome.problems.append(f"it took {outcome.seconds:.0f} s of {allowed:.0f}")
        self._nothing_left(outcome, path, before)
        return outcome

    def _ready(self, outcome: Outcome, version: Any, path: Path, draw: int) -> None:
        from casebundle.bundles import drawing
        from casebundle.bundles.models import Page, PageText
        from casebundle.evidence import words
        from casebundle.pdf import Interrupted, Refused

        outcome.kind, outcome.pages = "ready", version.pages
        outcome.warnings = [
            warning["code"] for warning in version.warnings if warning["code"] != "not_scanned"
        ]
        outcome.problems += [f"no words for {w}" for w in outcome.warnings if w not in words.WARNINGS]
        pages = list(Page.objects.filter(version=version).select_related("version").order_by("index"))
        texts = PageText.objects.filter(page__version=version).count()
        if not len(pages) == texts == version.pages == version.pages_done > 0:
            outcome.problems.append(f"{version.pages} pages, {len(pages)} rows, {texts} texts")
        if sum(run[0] for run in version.sizes) != version.pages:
            outcome.problems.append("its sizes are not of its pages")
        shown = [pages[round(n * (len(pages) - 1) / max(1, draw - 1))] for n in range(min(draw, len(pages)))]
        for page in shown:
            try:
                if not drawing.page_image(page, 800).startswith(b"\xff\xd8\xff"):
                    outcome.problems.append(f"page {page.index + 1} is no picture")
            except Refused as refused:
                outcome.notes.append(f"page {page.index + 1} is not drawn: {refused.code}")
            except Interrupted:
                outcome.problems.append(f"page {page.index + 1}: the reader was killed")
        counted = self.second.count(path, "pikepdf")
        if counted != version.pages and not UNSURE & set(outcome.warnings):
            other = self.second.count(path, "pypdf")
            outcome.problems.append(
                f"{version.pages} pages, others count {counted} and {other}, and it does not say so"
            )
        elif counted != version.pages:
            outcome.notes.append(f"pikepdf counts {counted}")

    def _refused(self, outcome: Outcome, version: Any, path: Path) -> None:
        from casebundle.bundles.models import Page
        from casebundle.evidence import words

        outcome.kind = version.reason_code
        if version.reason_code not in words.REASONS or not words.reason(version.reason_code):
            outcome.problems.append(f"no words for {version.reason_code}")
        if version.reason_code == "crashed":
            outcome.problems.append("we do not know why")
        if version.reason_code in ("broken", "no_pages", "encrypted"):
            counted = self.second.count(path, "pikepdf")
            if counted:
                outcome.notes.append(f"pikepdf opens it and counts {counted}")
        if Page.objects.filter(version=version).exists():
            outcome.notes.append("some pages were read before")

    def _nothing_left(self, outcome: Outcome, path: Path, before: str) -> None:
        from django.conf import settings
        from django.core.files.storage import default_storage

        from casebundle.bundles import drawing, files

        left = [p.name for p in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir()]
        if left:
            outcome.problems.append(f"left behind: {', '.join(left[:3])}")
        with default_storage.open(files.original_key(before)) as kept:
            after = hashlib.file_digest(kept, "sha256").hexdigest()
        if {before, after} != {hashlib.sha256(path.read_bytes()).hexdigest()}:
            outcome.problems.append("its original was changed")
        if drawing.sandbox().peak_memory > MOST_MEMORY:
            outcome.problems.append(f"its reader held {drawing.sandbox().peak_memory // MIB} MiB")
        if worker_memory() > MOST_MEMORY:
            outcome.problems.append(f"the worker held {worker_memory() // MIB} MiB")


def worker_memory() -> int:
    """Bytes that this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    answer_counts()
