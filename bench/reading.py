"""Reading: text and word boxes of every page, pages a second on one core, beside bare pypdfium2 over the same files.

    python bench/reading.py [--rounds 3] [--workers-only] [--no-workers]

The files are the papers of the demo case and, where set-up has brought them, Debian's two longest manuals. Everything
runs on one core (ours too: its limited child process and the process that checks what the child says share it). The
loop beside it asks pypdfium2 for the text of a page, finds the words in it, unites the rectangles that pdfium gives for
each, and turns them into fractions of the page as displayed: what ours does less the limits, hidden characters, forms,
odd fonts, hyphens and blank pages. The loop that most people write, a box for every character, is shown too.

Workers: the worker's own code on one queue of documents, each worker on a core of its own, database and files in; on
SQLite and on PostgreSQL.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench._product import papers
from bench.table import Table, median
from scripts import odd_files
from scripts.services import CannotStart, without_servers
from tests.courtroom import real
from tests.courtroom.stage import SECRETS

clock = time.perf_counter
COPIES = 3  # of the papers, for the workers
WORD = re.compile(r"\S+")


def documents() -> dict[str, list[Path]]:
    """The files by the name of their row."""
    found = {"papers of a case": papers()}
    for manual in odd_files.MANUALS:
        if odd_files.manual(manual).is_file():
            found[f"manual {manual.package}"] = [odd_files.manual(manual)]
    return found


# --- one core ----------------------------------------------------------------------------------


def ours(files: list[Path]) -> tuple[int, int]:
    """(pages, words)"""
    from casebundle.pdf import Sandbox

    pages = words = 0
    with Sandbox() as box:
        for path in files:
            for page in box.read(path):
                pages, words = pages + 1, words + len(page.words)
    return pages, words


def bare(files: list[Path], by_character: bool) -> tuple[int, int]:
    """(pages, words)"""
    import pypdfium2 as pdfium

    pages = words = 0
    for path in files:
        document = pdfium.PdfDocument(path)
        for page in document:
            text_page = page.get_textpage()
            text = text_page.get_text_range()
            size, turn = page.get_size(), page.get_rotation()
            left, bottom, right, top = page.get_cropbox()
            found = []
            for match in WORD.finditer(text):
                start, stop = match.span()
                if by_character:
                    rects = [text_page.get_charbox(n) for n in range(start, stop)]
                else:
                    rects = [text_page.get_rect(n) for n in range(text_page.count_rects(start, stop - start))]
                if not rects:
                    continue
                x0 = (min(r[0] for r in rects) - left) / (right - left)
                y0 = (min(r[1] for r in rects) - bottom) / (top - bottom)
                x1 = (max(r[2] for r in rects) - left) / (right - left)
                y1 = (max(r[3] for r in rects) - bottom) / (top - bottom)
                if turn == 90:
                    x0, y0, x1, y1 = y0, x0, y1, x1
                elif turn == 180:
                    x0, x1 = 1 - x1, 1 - x0
                elif turn == 270:
                    x0, y0, x1, y1 = 1 - y1, 1 - x1, 1 - y0, 1 - x0
                else:
                    y0, y1 = 1 - y1, 1 - y0
                found.append((x0, y0, x1, y1, match[0]))
            pages, words = pages + 1, words + len(found)
            assert size
            text_page.close()
            page.close()
        document.close()
    return pages, words


WAYS = {
    "ours": ours,
    "bare": lambda files: bare(files, by_character=False),
    "by character": lambda files: bare(files, by_character=True),
}


def rate(way: str, files: list[Path]) -> tuple[float, int]:
    """(pages a second, words), in a new process on one core."""
    return finished(begin(way, files, max(os.sched_getaffinity(0))))


def begin(way: str, files: list[Path], core: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, __file__, "--way", way, "--core", str(core), *map(str, files)],
        stdout=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> tuple[float, int]:
    """(pages a second, words) of one that was begun."""
    said = process.communicate()[0]
    if process.returncode:
        raise RuntimeError("a loop did not do its work")
    pages, words, seconds = said.split()
    return int(pages) / float(seconds), int(words)


def one_core(rounds: int) -> None:
    table = Table("reading, pages a second on one core")
    for name, files in documents().items():
        rates: dict[str, list[float]] = {way: [] for way in WAYS}
        words = {}
        for _ in range(rounds):
            for way, measured in rates.items():  # by turns: whatever else this machine does meets them all
                found, words[way] = rate(way, files)
                measured.append(found)
        a, b, c = (median(rates[way]) for way in WAYS)
        table.row(name, a, "p/s", beside=b, aim="at least 0.8 of bare", met=a >= 0.8 * b)
        table.row("  beside a box for every character", a, "p/s", beside=c)
        table.row("  words found", words["ours"], "", beside=words["bare"])


# --- workers -----------------------------------------------------------------------------------


def take_in(files: list[Path]) -> None:
    """Runs in a process of its own, over an empty data folder: the files wait to be read."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from casebundle.evidence.intake import receive
    from scripts.odd_law import new_case

    Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0)
    viewer, bundle = new_case()
    for _ in range(COPIES):
        for path in files:
            receive(viewer, bundle, "J", path.name, iter([path.read_bytes()]))


def work() -> None:
    """One worker: takes what is due until nothing is. Starts when it is told."""
    import django

    django.setup()
    from casebundle.bundles import drawing
    from casebundle.bundles.models import Version
    from casebundle.evidence.process import due, process
    from casebundle.pdf import Sandbox

    drawing._sandboxes = dict.fromkeys(drawing.Lane, Sandbox())
    with tempfile.TemporaryDirectory() as folder:  # its reader is up before the clock runs
        drawing.sandbox().prepare(papers()[0], Path(folder) / "copy")
    print("ready", flush=True)
    sys.stdin.readline()
    while True:
        pks = list(due().order_by("?").values_list("pk", flat=True))
        for pk in pks:
            process(pk)
        if not Version.objects.unfinished().exists():
            break
        if not pks:
            time.sleep(0.01)
    drawing.sandbox().close()


@contextlib.contextmanager
def copy_of(url: str) -> Iterator[str]:
    """DATABASE_URL of a copy of that database."""
    parts = urlsplit(url)
    name = f"bench_{secrets.token_hex(4)}"
    with psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True) as line:
        line.execute(f"CREATE DATABASE {name} TEMPLATE {parts.path[1:]}")
        try:
            yield parts._replace(path=f"/{name}").geturl()
        finally:
            line.execute(f"DROP DATABASE {name} WITH (FORCE)")


def read_by(workers: int, waiting: Path, told: dict[str, str]) -> float:
    """Pages a second that so many workers read of what waits in that data folder, a core each.

    told: where the database is, if it is not in that folder.
    """
    with tempfile.TemporaryDirectory(prefix="bench-reading-") as folder, contextlib.ExitStack() as stack:
        data = Path(folder) / "var"
        shutil.copytree(waiting, data)
        env = {**without_servers(), **told, "CASEBUNDLE_DATA": str(data), "LOG_LEVEL": "ERROR"}
        env["DJANGO_SETTINGS_MODULE"] = "casebundle.settings"
        if told:
            env["DATABASE_URL"] = stack.enter_context(copy_of(told["DATABASE_URL"]))
        cores = sorted(os.sched_getaffinity(0))
        started = [
            subprocess.Popen(
                [sys.executable, __file__, "--work", str(cores[n % len(cores)])],
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for n in range(workers)
        ]
        for process in started:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        start = clock()
        for process in started:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        codes = [process.wait() for process in started]
        seconds = clock() - start
        asked = (
            "select sum(pages_done), sum(case when status = 'ready' then 0 else 1 end) from bundles_version"
        )
        if told:
            with psycopg.connect(env["DATABASE_URL"]) as line:
                [(pages, left)] = line.execute(asked).fetchall()
        else:
            with contextlib.closing(sqlite3.connect(data / "casebundle.sqlite3")) as base:
                [(pages, left)] = base.execute(asked)
        if any(codes) or left:
            raise RuntimeError("a worker did not do its work")
        return float(pages / seconds)


def two_workers(rounds: int) -> None:
    if len(os.sched_getaffinity(0)) < 2:
        print("  This machine has one core: two workers would be one.")
        return
    two_cores(rounds)
    workers_on("SQLite", {}, rounds)
    try:
        with real.database() as url:
            workers_on("PostgreSQL", {**SECRETS, "DATABASE_URL": url}, rounds)
    except CannotStart as why:
        print(f"  (not on PostgreSQL: {why})", flush=True)


def two_cores(rounds: int) -> None:
    """How much a second core of this machine is worth to loops that share nothing: what no product can do better."""
    table = Table("the machine by itself: bare loops over the papers of a case, a core each, pages a second")
    files, cores = papers(), sorted(os.sched_getaffinity(0))[:2]
    rates: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(rounds):
        for loops, measured in rates.items():
            running = [begin("bare", files, core) for core in cores[-loops:]]
            measured.append(sum(finished(process)[0] for process in running))
    one, two = median(rates[1]), median(rates[2])
    table.row("one loop on one core", one, "p/s")
    table.row("two loops", two, "p/s", beside=one)


def workers_on(database: str, told: dict[str, str], rounds: int) -> None:
    table = Table(f"reading by workers on one queue on {database}, pages a second: database and files in")
    with tempfile.TemporaryDirectory(prefix="bench-reading-") as folder:
        waiting = Path(folder) / "var"
        env = {**without_servers(), **told, "CASEBUNDLE_DATA": str(waiting)}
        env["DJANGO_SETTINGS_MODULE"] = "casebundle.settings"
        subprocess.run([sys.executable, __file__, "--take-in"], check=True, env=env)
        rates: dict[int, list[float]] = {1: [], 2: []}
        for _ in range(rounds):
            for workers, measured in rates.items():
                measured.append(read_by(workers, waiting, told))
    one, two = median(rates[1]), median(rates[2])
    table.row("one worker on one core", one, "p/s")
    table.row("two workers", two, "p/s", beside=one, aim="at least 1.7 of one", met=two >= 1.7 * one)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers-only", action="store_true")
    parser.add_argument("--no-workers", action="store_true")
    parser.add_argument("--way", choices=list(WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--core", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--take-in", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--work", type=int, help=argparse.SUPPRESS)
    parser.add_argument("files", nargs="*", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        os.sched_setaffinity(0, {arguments.core})
        start = clock()
        pages, words = WAYS[arguments.way](arguments.files)
        print(pages, words, clock() - start)
    elif arguments.take_in:
        take_in(papers())
    elif arguments.work is not None:
        os.sched_setaffinity(0, {arguments.work})
        work()
    else:
        if not arguments.workers_only:
            one_core(arguments.rounds)
        if not arguments.no_workers:
            two_workers(arguments.rounds)


if __name__ == "__main__":
    main()
