"""Breaks a real installation on purpose and looks at what is left: `make abuse`, or `scripts/abuse.py SECTION …`.

Sections: killed, full, readonly, clock, search, start. Each prints what was tried and what came out; the end is not
zero if a law is broken. Mounts that a section needs are made in a mount namespace of its own (as root, or as an
ordinary user with a user namespace), so nothing is left on the machine.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import json
import os
import random
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.abuse_house import (  # noqa: E402
    CASE,
    SEED,
    Down,
    Follower,
    House,
    Line,
    house_in,
    kill,
    pdf,
    retry,
)


@dataclass
class Report:
    """What was tried and what came out."""

    section: str
    lines: list[tuple[str, str, str]] = field(default_factory=list)  # (outcome, what, detail)

    def law(self, what: str, holds: bool, detail: object = "") -> bool:
        """Something that must be so."""
        self._add("holds" if holds else "BROKEN", what, str(detail))
        return holds

    def say(self, what: str, detail: object = "") -> None:
        self._add("", what, str(detail))

    def _add(self, outcome: str, what: str, detail: str) -> None:
        self.lines.append((outcome, what, detail))
        print(f"{self.section:9} {outcome:7} {what}{': ' if detail else ''}{detail}", flush=True)

    @property
    def broken(self) -> list[str]:
        return [f"{what}: {detail}" for outcome, what, detail in self.lines if outcome == "BROKEN"]


def wait_for(act: Callable[[], Any], seconds: float) -> Any:
    """What `act` gives once that is true, or what it gave last."""
    until = time.monotonic() + seconds
    while True:
        found = None
        with contextlib.suppress(Down, sqlite3.Error, httpx.HTTPError):
            found = act()
        if found or time.monotonic() > until:
            return found
        time.sleep(0.2)


# --- killed at any moment -----------------------------------------------------------------------
@dataclass(frozen=True)
class Size:
    """How much of it. `pages` of each file; every tenth has ten times as many."""

    uploads: int = 200
    notes: int = 200
    turns: int = 100
    kills: int = 50
    pages: int = 4
    seconds: float = 900

    def pages_of(self, n: int) -> int:
        return self.pages * (1 if n % 10 else 10)


class Killer(threading.Thread):
    """Kills server, worker and parser (-9) at random moments, `size.kills` times."""

    def __init__(self, house: House, size: Size, chance: random.Random, started: float) -> None:
        super().__init__(daemon=True)
        self.house, self.size, self.chance, self.started = house, size, chance, started
        self.killed: list[tuple[float, str, int]] = []

    @property
    def share(self) -> float:
        """How much of the killing is done, 0 to 1: clients spread their work over all of it."""
        return len(self.killed) / self.size.kills if self.is_alive() else 1.0

    def run(self) -> None:
        aims = ["server", "worker", "parser"]
        while len(self.killed) < self.size.kills and time.monotonic() - self.started < self.size.seconds:
            time.sleep(self.chance.uniform(0.05, 2.5))
            # Each is hit, whatever chance says in a small edition.
            aim = aims[len(self.killed) % 3] if len(self.killed) < 3 else self.chance.choice(aims)
            pids = wait_for(lambda aim=aim: self.house.pids(aim), 5)
            if pids:
                pid = self.chance.choice(pids)
                kill(pid)
                self.killed.append((time.monotonic() - self.started, aim, pid))


def killed(size: Size, seed: int, folder: Path) -> Report:
    """Uploads, notes and turns while server, worker and parser die."""
    report = Report("killed")
    report.say("seed", seed)
    with house_in(folder) as house:
        ground = [
            house.upload("priya", f"Ground {n}", pdf([f"ground{n}x{k}" for k in range(3)]), f"g{n}")
            for n in range(2)
        ]
        for pk in ground:
            house.ready("priya", pk)
        pages = [page for pk in ground for page in house.pages_of(pk)]
        hearing = house.open_hearing()
        started = time.monotonic()
        until = started + size.seconds
        follower = Follower(house, "daniel", int(house.one("select max(seq) from journal_entry")))
        follower.start()
        killer = Killer(house, size, random.Random(seed), started)
        killer.start()
        files = {
            n: pdf([f"file{n}x{k} red van" for k in range(size.pages_of(n))]) for n in range(size.uploads)
        }
        acknowledged: dict[int, str] = {}
        noted: dict[int, str] = {}
        tries: Counter[str] = Counter()
        lost: list[str] = []
        presenter = Line(house, "priya")
        lock = threading.Lock()
        todo = {"uploads": list(range(size.uploads)), "notes": list(range(size.notes))}

        def next_of(kind: str, most: int) -> int | None:
            with lock:
                if not todo[kind]:
                    return None
                n = todo[kind].pop(0)
            while n / most > killer.share + 0.05:
                time.sleep(0.1)
            return n

        def uploads(me: int) -> None:
            chance = random.Random(seed * 7 + me)
            while (n := next_of("uploads", size.uploads)) is not None:
                act = lambda n=n: house.upload("priya", f"File {n}", files[n], f"key {n}")  # noqa: E731
                try:
                    acknowledged[n], count = retry(act, until, chance)
                    tries["uploads"] += count
                except Down as error:
                    lost.append(f"upload {n}: {error}")

        def notes(me: int) -> None:
            chance = random.Random(seed * 11 + me)
            who = ("priya", "daniel")[me % 2]
            while (n := next_of("notes", size.notes)) is not None:
                page, body, doubtful = pages[n % len(pages)], f"Note {n} of abuse", False
                while n not in noted:
                    try:
                        if (
                            doubtful
                        ):  # as static/notes/store.js: the answer may have been lost on its way back
                            items = house.call(
                                who, "GET", f"/pages/{page}/notes", params={"limit": 500}
                            ).json()
                            found = [row["id"] for row in items["items"] if row["body"] == body]
                            if found:
                                noted[n] = found[0]
                                break
                        tries["notes"] += 1
                        noted[n] = house.note(who, page, body)
                    except Down as error:
                        doubtful = True
                        if time.monotonic() > until:
                            lost.append(f"note {n}: {error}")
                            break
                        time.sleep(chance.uniform(0.1, 0.8))

        def turns() -> None:
            for n in range(size.turns):
                while n / size.turns > killer.share + 0.05:
                    if presenter.socket is not None:
                        with contextlib.suppress(Exception):
                            presenter.listen(0.1)
                            continue
                        presenter.drop()
                    time.sleep(0.1)
                try:
                    tries["turns"] += presenter.turn(hearing, pages[n % len(pages)], (n + 1) / 1000, until)
                except Down as error:
                    lost.append(f"turn {n}: {error}")

        def reading() -> None:
            chance = random.Random(seed * 13)
            while killer.is_alive():
                with contextlib.suppress(Down):
                    house.find("daniel", "ground")
                    house.call("daniel", "GET", f"/pages/{chance.choice(pages)}/image?width=800")
                    tries["searches and pictures"] += 1
                time.sleep(0.5)

        threads = [threading.Thread(target=uploads, args=(me,)) for me in range(3)]
        threads += [threading.Thread(target=notes, args=(me,)) for me in range(2)]
        threads += [threading.Thread(target=turns), threading.Thread(target=reading)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        killer.join()
        took = time.monotonic() - started
        for at, aim, pid in killer.killed:
            report.say(f"at {at:6.1f} s", f"{aim} {pid}")
        count = Counter(aim for _at, aim, _pid in killer.killed)
        report.say("killed -9", ", ".join(f"{aim} {n}" for aim, n in sorted(count.items())))
        report.law("it was killed as often as asked", len(killer.killed) >= size.kills, len(killer.killed))
        report.say("in", f"{took:.0f} s; tries " + ", ".join(f"{kind} {n}" for kind, n in tries.items()))
        report.say(
            "answers", ", ".join(f"{status or 'none'}: {n}" for status, n in sorted(house.answers.items()))
        )
        report.law("everything was acknowledged in the end", not lost, "; ".join(lost[:5]))
        with contextlib.suppress(Down):
            presenter.open(until + 60)
        line = follower.end()
        presenter.drop()
        house.wait_until_answers()
        left = house.settle(240)
        report.law("nothing is stuck", not left, left)
        _laws(report, house, size, files, acknowledged, noted, line)
        report.law("no answer that nobody should get", not house.broken, "; ".join(house.broken[:5]))
        house.stop()
        wrong = house.manage("health", "--deep")
        report.law(
            "./manage.py health --deep", wrong.returncode == 0, "" if not wrong.returncode else wrong.stdout
        )
        _files(report, house)
    return report


def _laws(
    report: Report,
    house: House,
    size: Size,
    files: dict[int, bytes],
    acknowledged: dict[int, str],
    noted: dict[int, str],
    line: Line,
) -> None:
    keys = dict(house.rows("select idempotency_key, lower(id) from bundles_document"))
    twice = house.one("select count(*) from bundles_document") - len(keys)
    same = all(keys.get(f"key {n}") == pk.replace("-", "") for n, pk in acknowledged.items())
    report.law(
        "every acknowledged upload is there once",
        same and not twice and len(keys) == len(files) + 2,
        f"{len(acknowledged)} acknowledged, {len(keys) - 2} there",
    )
    bad = house.bad_originals()
    report.law("every original is whole (SHA-256)", not bad, ", ".join(bad[:5]))
    bodies = Counter(
        body for (body,) in house.rows("select body from annotations_note where deleted_at is null")
    )
    wanted = {f"Note {n} of abuse" for n in noted}
    report.law(
        "every acknowledged note is there once",
        set(bodies) == wanted and set(bodies.values()) <= {1},
        f"{len(noted)} acknowledged, {sum(bodies.values())} there",
    )
    told = [
        (seq, json.loads(data)["view"]["x"])
        for seq, data in house.rows(
            "select seq, data from journal_entry where action='page.turned' order by seq"
        )
    ]
    xs = [x for _seq, x in told]
    report.law(
        "every turn is there once, in order",
        xs == sorted(set(xs)) and len(xs) == size.turns,
        f"{size.turns} acknowledged, {len(xs)} there",
    )
    report.law(
        "who followed saw every turn once, in order, and every entry once",
        line.turns == told and line.seqs == sorted(set(line.seqs)),
        f"{len(line.turns)} turns, {line.lost} connections lost",
    )
    odd = house.rows("select status, count(*) from bundles_version where status<>'ready' group by 1")
    report.law("every file is ready", not odd, odd or "")
    staged = house.one("select count(*) from bundles_document where state<>'served'")
    report.law("every file is served", not staged, staged or "")
    said = house.verify()
    report.law("the chain verifies (./manage.py verify)", not said, said)
    missing = []
    for n in acknowledged:
        for k in range(size.pages_of(n)):
            found = wait_for(lambda n=n, k=k: house.find("daniel", f"file{n}x{k}"), 20)
            if not found or found["total"] != 1:
                missing.append(f"file{n}x{k}")
    report.law(
        "search finds every served page",
        not missing,
        ", ".join(missing[:5]) or f"{sum(map(size.pages_of, acknowledged))} searched for",
    )
    pictures = house.missing_pictures()
    report.law("no page without its pictures", not pictures, "; ".join(pictures[:5]))


def _files(report: Report, house: House) -> None:
    before = house.unclaimed()
    kept = len(house.files("originals"))
    report.say("files that belong to nothing, before the sweep of a day later", len(before))
    house.tidy_now()
    after = house.unclaimed()
    report.law("none after it", not after, ", ".join(after[:5]))
    claimed = house.one("select count(distinct sha256) from bundles_version")
    report.law(
        "and no original with it", len(house.files("originals")) == claimed, f"{claimed} of {kept} kept"
    )


# --- mounts of our own --------------------------------------------------------------------------
INSIDE = "CASEBUNDLE_ABUSE_INSIDE"


def can_mount() -> bool:
    """Whether we are in a mount namespace of our own, or can make one."""
    if os.environ.get(INSIDE):
        return True
    try:
        done = subprocess.run([*unshare(), "true"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def unshare() -> list[str]:
    private = ["--mount", "--propagation", "private"]
    return ["unshare", *private] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", *private]


def inside(section: str, arguments: list[str]) -> int | None:
    """Run the section again in a mount namespace of its own; None where we are in one already."""
    if os.environ.get(INSIDE):
        return None
    command = [*unshare(), sys.executable, str(Path(__file__).resolve()), section, *arguments]
    return subprocess.call(command, cwd=ROOT, env={**os.environ, INSIDE: "1"})


def mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"mount {' '.join(arguments)}: {done.stderr.strip()}")


def unmount(path: Path) -> None:
    subprocess.run(["umount", "--lazy", str(path)], check=True, capture_output=True)


def modest() -> list[str]:
    """What starts a house where nothing can be mounted: root's right to write everywhere is taken from it, so that the
    bits of files count."""
    if os.environ.get(INSIDE) or os.geteuid() != 0:
        return []
    without = "-dac_override,-dac_read_search"
    return ["setpriv", f"--bounding-set={without}", f"--inh-caps={without}", "--"]


@contextlib.contextmanager
def read_only(path: Path) -> Iterator[None]:
    """Inside, whoever opens something under `path` finds a disk that may only be read."""
    if not os.environ.get(INSIDE):
        rights = {path: path.stat().st_mode}
        rights |= {one: one.stat().st_mode for one in path.rglob("*")}
        try:
            for one, mode in rights.items():
                one.chmod(mode & ~0o222)
            yield
        finally:
            for one, mode in rights.items():
                with contextlib.suppress(FileNotFoundError):
                    one.chmod(mode)
        return
    mount("--bind", str(path), str(path))
    try:
        mount("-o", "remount,bind,ro", str(path))
        yield
    finally:
        unmount(path)


@contextlib.contextmanager
def mounted(path: Path) -> Iterator[None]:
    try:
        yield
    finally:
        unmount(path)


def limit(house: House, size: int) -> None:
    """No file of these processes, and of those that they start, may grow beyond `size` bytes."""
    for pid in house.pids():
        with contextlib.suppress(ProcessLookupError):
            hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(
                pid, resource.RLIMIT_FSIZE, (hard if size == resource.RLIM_INFINITY else size, hard)
            )


def fill(folder: Path) -> Path:
    """Take all room on the disk of `folder`; the file that took it."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as out:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    out.write(b"\0" * size)
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
    return path


# --- the disk is full -----------------------------------------------------------------------------
def _refused(house: House, act: Callable[[], Any]) -> str:
    """What a client is told; "" where it is not refused."""
    try:
        act()
    except Down as error:
        return str(error)
    return ""


def _trouble(report: Report, house: House, pk: str, english: str, welsh: str, words: str) -> None:
    """While nothing can be saved: what people and programs are told, and what goes on."""
    page = house.pages_of(pk)[0]
    said = _refused(house, lambda: house.upload("priya", "Too late", pdf(["toolate"]), "late"))
    report.law("an upload is refused with 503 and says why", said.startswith("503") and words in said, said)
    big = pdf(["big"]) + os.urandom(4_000_000)
    said = _refused(house, lambda: house.upload("priya", "Too big", big, "big"))
    report.law("a large upload too", said.startswith("503") and words in said, said)
    said = _refused(house, lambda: house.note("priya", page, "A note that cannot be kept"))
    report.law("a note is refused with 503 and says why", said.startswith("503") and words in said, said)
    html = house.http.post(
        "/accounts/login/",
        data={
            "login": "priya.shah@cps.example",
            "password": "correct-horse-battery",
            "csrfmiddlewaretoken": "c" * 32,
        },
        headers={"Cookie": f"csrftoken={'c' * 32}", "Accept": "text/html", "Sec-Fetch-Dest": "document"},
    )
    said_both = english in html.text and welsh in html.text
    report.law(
        "a page that must save says so in both languages, with Retry-After",
        html.status_code == 503 and said_both and "Retry-After" in html.headers,
        f"{html.status_code}, Retry-After {html.headers.get('Retry-After')}",
    )
    report.law("and hands no password back", "correct-horse" not in html.text)
    typed = "A reason that I have typed for an hour"
    html = house.http.post(
        f"/documents/{pk}/withdraw/",
        data={"reason": typed, "csrfmiddlewaretoken": "c" * 32},
        headers={
            "Cookie": f"csrftoken={'c' * 32}; sessionid={house.people['priya']['session']}",
            "Accept": "text/html",
            "Sec-Fetch-Dest": "document",
        },
    )
    report.law(
        "what was typed into a form is on that page, to be sent again",
        html.status_code == 503 and typed in html.text and 'method="post"' in html.text,
        html.status_code,
    )
    for path in (f"/cases/{CASE}/", f"/cases/{CASE}/main/", f"/cases/{CASE}/main/J1"):
        shown = house.page("priya", path)
        report.law(f"{path} can still be read", shown.status_code == 200, shown.status_code)
    picture = house.call("daniel", "GET", f"/pages/{page}/image?width=800", ok=(200, 503))
    report.law("a picture that was never drawn is drawn", picture.status_code == 200, picture.status_code)
    found = house.find("daniel", "before")
    report.law("search goes on", found["total"] > 0, found["total"])


def _well_again(report: Report, house: House, waiting: list[str]) -> None:
    """After it: everything goes on by itself, without a new start."""
    for pk in waiting:
        row = house.ready("priya", pk, 120)
        report.law("a file that had arrived before is read now", row["status"] == "ready", row["status"])
    act = lambda: house.ready("priya", house.upload("priya", "After", pdf(["afterwards"]), "after"), 120)  # noqa: E731
    row, _tries = retry(act, time.monotonic() + 120, random.Random(1))
    report.law("a new file is taken, read and served", row["status"] == "ready", row["status"])
    page = house.pages_of(row["id"])[0]
    retry(lambda: house.note("daniel", page, "After it"), time.monotonic() + 60, random.Random(2))
    report.law("a note is taken", True)
    left = house.settle(120)
    report.law("nothing is stuck", not left, left)
    found = wait_for(lambda: house.find("daniel", "afterwards"), 20)
    report.law("search finds the new page", bool(found) and found["total"] == 1)
    pictures = house.missing_pictures()
    report.law("no page without its pictures", not pictures, "; ".join(pictures[:3]))
    said = house.verify()
    report.law("the chain verifies", not said, said)
    bad = house.bad_originals()
    report.law("every original is whole", not bad, ", ".join(bad))
    broken = [line for line in house.broken if not line.startswith("503 without")]
    report.law(
        "no answer that nobody should get", not house.broken, "; ".join(broken[:3] or house.broken[:3])
    )


NOTHING_SAVED = ("Nothing can be saved at the moment", "Ni ellir cadw dim ar hyn o bryd")


def _line_is_told(report: Report, house: House, hearing: str, page: str) -> None:
    line = Line(house, "priya")
    line.open(time.monotonic() + 20)
    assert line.socket is not None
    line.socket.send(json.dumps({"type": "turn", "hearing": hearing, "page": page, "view": None}))
    with contextlib.suppress(TimeoutError):
        line.listen(10, "refused")
    report.law("a turn is refused with words, and the connection stays", bool(line.refused), line.refused)
    line.drop()


def full(folder: Path) -> Report:
    """The disk of the data folder is full, on a small disk of its own."""
    report = Report("full")
    disk = folder / "disk"
    disk.mkdir()
    small = bool(os.environ.get(INSIDE))
    if small:
        mount("-t", "tmpfs", "-o", "size=96m", "tmpfs", str(disk))
    with mounted(disk) if small else contextlib.nullcontext(), house_in(disk, log=folder / "log") as house:
        pk = house.upload("priya", "Before", pdf([f"before page {n}" for n in range(3)]), "before")
        house.ready("priya", pk)
        hearing = house.open_hearing()
        report.law("it runs on a disk of 96 MB" if small else "it runs", not house.settle(60))
        page = house.pages_of(pk)[0]
        # One that has arrived and cannot be read any more, since there is no room for its pages.
        worker = house.pids("worker")
        for pid in worker:
            os.kill(pid, signal.SIGSTOP)
        waiting = [house.upload("priya", "Waiting", pdf([f"waiting {n}" for n in range(40)]), "waiting")]
        if small:
            filler = fill(disk)
            report.say(
                "filled", f"{filler.stat().st_size >> 20} MB, {shutil.disk_usage(disk).free} bytes free"
            )
        else:
            limit(house, 1)
            report.say(
                "nothing can be mounted here", "no file of any process may grow instead (RLIMIT_FSIZE)"
            )
        for pid in worker:
            os.kill(pid, signal.SIGCONT)
        # SQLite calls the limit an I/O error, so there only some of it is called a full disk.
        said = NOTHING_SAVED if small else ("casebundle", "casebundle")
        _trouble(report, house, pk, *said, "no room" if small else "503")
        _line_is_told(report, house, hearing, page)
        _starts_again(report, house, "killed with a full disk", said[0])
        if small:
            _log_says(report, house, "is full: free some room")
            filler.unlink()
        else:
            limit(house, resource.RLIM_INFINITY)
        _well_again(report, house, waiting)
        house.stop()
        _files(report, house)
    return report


def _starts_again(report: Report, house: House, when: str, said: str) -> None:
    """Kill server and worker; whoever asks is then shown the case, or told (`said`) what is wrong."""
    for kind in ("server", "worker"):
        for pid in house.pids(kind):
            kill(pid)
    time.sleep(1)
    wait_for(lambda: house.page("priya", f"/cases/{CASE}/").status_code, 40)
    shown = house.page("priya", f"/cases/{CASE}/")
    told = shown.status_code == 200 or (shown.status_code == 503 and said in shown.text)
    report.law(f"{when}, the server starts again and answers", told, shown.status_code)


def _log_says(report: Report, house: House, what: str) -> None:
    log = house.said()
    report.law("the log says what to do", what in log, "" if what in log else log[-500:])


# --- the data folder may only be read -------------------------------------------------------------
def readonly(folder: Path) -> Report:
    """The data folder becomes read-only under the running house."""
    report = Report("readonly")
    with house_in(folder, modest()) as house:
        pk = house.upload("priya", "Before", pdf([f"before page {n}" for n in range(3)]), "before")
        house.ready("priya", pk)
        page = house.pages_of(pk)[0]
        report.law("it runs", not house.settle(60))
        with read_only(house.folder):
            # Files that are open stay open for writing: whatever is answered must be so.
            said = _refused(house, lambda: house.note("daniel", page, "Kept or refused"))
            report.law("a note is kept, or refused with 503", not said or said.startswith("503"), said)
            _starts_again(report, house, "killed while it may only read", NOTHING_SAVED[0])
            _trouble(report, house, pk, *NOTHING_SAVED, "Nothing can be saved")
            _log_says(report, house, "may not write to")
        _well_again(report, house, [])
        noted = house.call("daniel", "GET", f"/pages/{page}/notes").json()["items"]
        kept = any(note["body"] == "Kept or refused" for note in noted)
        report.law(
            "the note is there if it was acknowledged, and else not", kept == (not said), said or "kept"
        )
        # The index alone.
        with read_only(house.folder / "search"):
            late = house.upload("priya", "Late", pdf(["lateword here"]), "late index")
            house.ready("priya", late)
            time.sleep(6)
            found = house.find("daniel", "before")
            report.law(
                "with the index read-only, search finds what it held", found["total"] == 3, found["total"]
            )
            html = house.page("daniel", f"/cases/{CASE}/search/?q=lateword").text
            report.law(
                "and the page says that one is not searchable yet", "still being made searchable" in html
            )
            behind = house.find("daniel", "lateword").get("behind")
            report.law("and so does the API (behind)", behind == 1, behind)
        found = wait_for(lambda: house.find("daniel", "lateword")["total"], 40)
        report.law("then it catches up by itself", found == 1, found)
    return report


# --- the clock is set back ------------------------------------------------------------------------
CLOCK = """
import os, threading, time
real = time.time
def follow(path):
    import datetime
    import time_machine
    now, last = None, None
    while True:
        try:
            with open(path) as said:
                shift = float(said.read() or 0)
        except (OSError, ValueError):
            shift = 0.0
        if shift != last:
            if now is not None:
                now.stop()
            moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=shift)
            now = time_machine.travel(moment, tick=True)
            now.start()
            last = shift
            yield
        else:
            yield
        pause(0.05)
pause = time.sleep
if os.environ.get("CASEBUNDLE_CLOCK"):
    steps = follow(os.environ["CASEBUNDLE_CLOCK"])
    next(steps)
    threading.Thread(target=lambda: [None for _step in steps], daemon=True).start()
"""


MOVES = {"back a day": -1.0, "forward a week": 6.0, "back two weeks": -8.0, "and right again": 0.0}


def clock(folder: Path, moves: dict[str, float] = MOVES) -> Report:
    """The clock of server and worker jumps (in days from the right time)."""
    report = Report("clock")
    seam = folder / "seam"
    seam.mkdir()
    (seam / "sitecustomize.py").write_text(CLOCK)
    shift = folder / "shift"
    shift.write_text("0")

    def jump(days: float) -> None:
        shift.write_text(str(days * 86400))
        time.sleep(0.5)

    with house_in(folder, PYTHONPATH=str(seam), CASEBUNDLE_CLOCK=str(shift)) as house:
        first = house.upload("priya", "Before", pdf(["before page", "before too"]), "before")
        house.ready("priya", first)
        page = house.pages_of(first)[0]
        hearing = house.open_hearing()
        follower = Follower(house, "daniel", int(house.one("select max(seq) from journal_entry")))
        follower.start()
        floor = Line(house, "priya")
        floor.turn(hearing, page, 0.001, time.monotonic() + 20)
        for n, (words, days) in enumerate(moves.items(), 1):
            # Somebody is at work when it happens, with a lease of the old time.
            pk = house.upload("priya", f"Long {n}", pdf([f"long{n}x{k}" for k in range(200)]), f"long {n}")
            wait_for(lambda pk=pk: house.document("priya", pk)["pages_done"], 20)
            jump(days)
            for pid in house.pids("parser" if n % 2 else "worker"):
                kill(pid)
            row = house.ready("priya", pk, 60)
            report.law(
                f"{words}: a file that was being read is read to its end",
                row["status"] == "ready",
                row["status"],
            )
            stamp = str(house.one("select max(at) from journal_entry where action='document.received'"))[:10]
            house.upload("priya", f"Small {n}", pdf([f"small{n}"]), f"small {n}")
            now = str(house.rows("select at from journal_entry order by seq desc limit 1")[0][0])[:10]
            report.say(f"{words}: the house says that it is", f"{now} (before: {stamp})")
            # After a week a session is over, and a token is not.
            shown = house.page("priya", f"/cases/{CASE}/").status_code
            report.law(
                f"{words}: who is signed in stays so{' until a session is over' if days > 0 else ''}",
                shown == (302 if days > 0 else 200) and bool(house.document("priya", first)),
                shown,
            )
            floor.turn(hearing, page, (n + 1) / 1000, time.monotonic() + 30)
            state = house.call("daniel", "GET", f"/hearings/{hearing}").json()
            report.law(
                f"{words}: the last turn is the one that stands",
                abs(state["view"]["x"] - (n + 1) / 1000) < 1e-9,
                state["view"],
            )
            note = house.note("priya", page, f"Written {words}")
            noted = house.call("daniel", "GET", f"/pages/{page}/notes").json()["items"]
            report.law(f"{words}: a note is there for the others", note in [row["id"] for row in noted])
            left = house.settle(60)
            report.law(f"{words}: nothing is stuck", not left, left)
            found = wait_for(lambda n=n: house.find("daniel", f"small{n}")["total"], 20)
            report.law(f"{words}: what came is found", found == 1, found)
        line = follower.end()
        report.law(
            "a socket that stood through all of it missed nothing, in order",
            [round(x, 3) for _seq, x in line.turns] == [(n + 1) / 1000 for n in range(len(moves) + 1)]
            and line.lost <= 1,
            f"{len(line.turns)} turns, {line.lost - 1} connections lost",
        )
        dates = [str(row[0])[:10] for row in house.rows("select at from journal_entry order by seq")]
        report.law(
            "the clock did jump",
            dates != sorted(dates) and len(set(dates)) >= min(4, len(moves) + 1),
            sorted(set(dates)),
        )
        said = house.verify()
        report.law("the chain verifies: its order is not that of the clock", not said, said)
        report.law("no answer that nobody should get", not house.broken, "; ".join(house.broken[:3]))
    return report


# --- the search index -----------------------------------------------------------------------------
def _segment(house: House, ending: str) -> Path:
    return max((house.folder / "search").glob(f"v*/*{ending}"), key=lambda path: path.stat().st_size)


def _overwrite(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        for at in range(0, size, max(1, size // 50)):
            file.seek(at)
            file.write(b"\xa5" * 16)


def _delete_all(house: House) -> None:
    shutil.rmtree(house.folder / "search")


def _delete_files(house: House) -> None:
    for path in (house.folder / "search").glob("v*/*"):
        path.unlink()


def _garbage_pointer(house: House) -> None:
    for path in (house.folder / "search").glob("v*.json"):
        path.write_bytes(b"\0\xff not json")


def _garbage_meta(house: House) -> None:
    for path in (house.folder / "search").glob("v*/meta.json"):
        path.write_bytes(b'{"segments": [')


def _cut(house: House) -> None:
    path = _segment(house, ".pos")
    os.truncate(path, path.stat().st_size // 2)


def _gone(house: House) -> None:
    _segment(house, ".term").unlink()


DAMAGE: dict[str, Callable[[House], None]] = {
    "its folder is deleted": _delete_all,
    "its files are deleted": _delete_files,
    "one of its files is deleted": _gone,
    "its pointer is garbage": _garbage_pointer,
    "its list of parts is garbage": _garbage_meta,
    "its words are overwritten": lambda house: _overwrite(_segment(house, ".idx")),
    "its dictionary is overwritten": lambda house: _overwrite(_segment(house, ".term")),
    "its store is overwritten": lambda house: _overwrite(_segment(house, ".store")),
    "a file of it is cut in half": _cut,
}


def search(folder: Path, damage: list[str] | None = None) -> Report:
    """The index is deleted, or made corrupt, while it runs."""
    report = Report("search")
    with house_in(folder) as house:
        count = 12
        for n in range(count):
            house.upload("priya", f"File {n}", pdf([f"file{n}x{k} van" for k in range(5)]), f"k{n}")
        for pk in [row[0] for row in house.rows("select id from bundles_document")]:
            house.ready("priya", pk)
        report.law("it runs", not house.settle(60))
        for words in damage or DAMAGE:
            old = house.index_version()
            DAMAGE[words](house)
            seen: Counter[str] = Counter()
            honest = True
            started = time.monotonic()
            whole = False
            while time.monotonic() - started < 60 and not whole:
                try:
                    found = house.find("daniel", "van")
                    # Fewer than there are, and not a word of it, would be a lie.
                    if found["total"] == count * 5:
                        all_found = [
                            house.find("daniel", f"file{n}x{k}")["total"] == 1
                            for n in (0, count - 1)
                            for k in (0, 4)
                        ]
                        whole = house.index_version() not in (old, "?") and all(all_found)
                        seen["all"] += 1
                    else:
                        seen["some, said" if found["behind"] else "SOME, NOT SAID"] += 1
                        honest = honest and bool(found["behind"])
                except Down as error:
                    seen[
                        "said that it is being rebuilt" if "being rebuilt" in str(error) else str(error)[:60]
                    ] += 1
                    shown = wait_for(lambda: _search_page(house), 5)
                    if shown:
                        seen[shown] += 1
                time.sleep(0.25)
            took = time.monotonic() - started
            report.law(f"{words}: mended by itself", whole, f"{took:.1f} s; {dict(seen)}")
            # Overwritten in the middle it may answer wrongly until somebody meets the damage.
            report.law(f"{words}: the page never fails", "page: 500" not in seen, dict(seen))
            if "overwritten" not in words:
                report.law(f"{words}: never fewer than there are without saying so", honest)
            left = house.settle(30)
            report.law(f"{words}: nothing is stuck", not left, left)
        house.stop()
        _delete_all(house)
        done = house.manage("reindex")
        report.law(
            "without a worker, ./manage.py reindex mends it",
            done.returncode == 0,
            (done.stdout + done.stderr).strip(),
        )
        report.law("no answer that nobody should get", not house.broken, "; ".join(house.broken[:3]))
    return report


def _search_page(house: House) -> str:
    try:
        shown = house.page("daniel", f"/cases/{CASE}/search/?q=van")
    except Exception:
        return ""
    if shown.status_code == 503 and "Search is being rebuilt" in shown.text:
        return "page: is being rebuilt"
    return f"page: {shown.status_code}"


# --- starting -------------------------------------------------------------------------------------
def start(folder: Path) -> Report:
    """What `manage.py up` says where it cannot start; and what is left when it is killed itself."""
    report = Report("start")
    with contextlib.ExitStack() as stack:
        house = stack.enter_context(House(folder / "data", prefix=modest()))
        house.set_up()

        def tried(what: str, words: str) -> None:
            done = house.manage("up", "--no-demo", seconds=60)
            said = (done.stdout + done.stderr).strip()
            plain = done.returncode != 0 and words in said and "Traceback" not in said and len(said) < 600
            report.law(what, plain, said[-300:])

        with socket.socket() as taken:
            taken.bind(("127.0.0.1", house.port))
            taken.listen()
            tried("port taken", f"Port {house.port} is in use")
        with read_only(house.folder):
            tried("data folder read-only", "may not write to")
        base = sqlite3.connect(house.folder / "casebundle.sqlite3")
        base.execute(
            "insert into django_migrations (app, name, applied) values ('bundles', '9999_of_tomorrow', '2031-01-01')"
        )
        base.commit()
        tried("database of a newer version", "newer version")
        base.execute("delete from django_migrations where name='9999_of_tomorrow'")
        base.commit()
        base.close()
        kept = house.folder
        if os.environ.get(INSIDE):
            small = folder / "small"
            small.mkdir()
            mount("-t", "tmpfs", "-o", "size=24m", "tmpfs", str(small))
            stack.enter_context(mounted(small))
            shutil.copytree(house.folder, small / "data")
            house.folder = small / "data"
            filler = fill(small)
            tried("disk full", "is full")
            os.truncate(filler, filler.stat().st_size - 2**20)
            tried("disk nearly full", "is full")
        else:
            report.say(
                "NOT TRIED, nothing can be mounted here", "a start on a disk that is full, or nearly so"
            )
        house.folder = folder / "nothing" / "here"
        (folder / "nothing").write_text("a file where a folder should be")
        tried("data folder that cannot be made", "cannot be made")
        house.folder = folder / "damaged"
        shutil.copytree(kept, house.folder)
        for name in ("casebundle.sqlite3-wal", "casebundle.sqlite3-shm"):
            (house.folder / name).unlink(missing_ok=True)
        (house.folder / "casebundle.sqlite3").write_bytes(b"no database" * 1000)
        tried("database damaged", "cannot be read")
        house.folder = kept
        house.start()
        done = house.manage("up", "--no-demo", seconds=60)
        said = done.stdout + done.stderr
        report.law("started twice", done.returncode != 0 and "already" in said, said.strip()[-200:])
        pids = [*house.pids("server"), *house.pids("worker")]
        assert house.up is not None
        kill(house.up.pid)
        house.up.wait()
        gone = wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), 15)
        report.law("killed itself (-9), it leaves no server and no worker behind", bool(gone), pids)
        house.start()
        report.law(
            "and the next start works",
            bool(house.document) and house.http.get("/accounts/login/").status_code == 200,
        )
    return report


# --- all of it ------------------------------------------------------------------------------------
MOUNTS = {"full": full, "readonly": readonly, "start": start}


@contextlib.contextmanager
def seed_in(folder: Path) -> Iterator[None]:
    """What every house begins with is made once, here or where we were told."""
    had = os.environ.get(SEED)
    os.environ.setdefault(SEED, str(folder / "seed"))
    try:
        yield
    finally:
        if had is None:
            del os.environ[SEED]


def run(section: str, size: Size, seed: int, folder: Path, damage: list[str] | None = None) -> Report:
    """One section, in an empty `folder`."""
    if section == "killed":
        return killed(size, seed, folder)
    if section == "search":
        return search(folder, damage)
    if section == "clock":
        return clock(folder)
    return MOUNTS[section](folder)


SECTIONS = ("killed", "full", "readonly", "clock", "search", "start")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", default=[], help=", ".join(SECTIONS))
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    for name in ("uploads", "notes", "turns", "kills"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Size(), name))
    parser.add_argument("--no-mount", action="store_true", help="as where nothing can be mounted")
    parser.add_argument("--damage", nargs="*", help="of the search index; left out: all")
    given = parser.parse_args()
    size = Size(given.uploads, given.notes, given.turns, given.kills)
    unknown = set(given.sections) - set(SECTIONS)
    if unknown:
        parser.error(f"there is no section {', '.join(sorted(unknown))}")
    codes: dict[str, int] = {}
    for section in given.sections or SECTIONS:
        if section in MOUNTS and not os.environ.get(INSIDE):
            if can_mount() and not given.no_mount:
                codes[section] = inside(section, ["--seed", str(given.seed)]) or 0
                continue
            print(
                f"{section:9} NOTHING CAN BE MOUNTED HERE (unshare is refused): limits and rights do instead"
            )
        with tempfile.TemporaryDirectory(prefix="casebundle-abuse-") as folder, seed_in(Path(folder)):
            started = time.monotonic()
            try:
                report = run(section, size, given.seed, Path(folder), given.damage)
            except Exception as error:
                import traceback

                traceback.print_exc()
                print(f"{section:9} BROKEN  it could not be tried to its end: {error}")
                codes[section] = 2
                continue
            laws = sum(1 for outcome, _w, _d in report.lines if outcome)
            print(
                f"{section:9} {laws - len(report.broken)} of {laws} laws hold "
                f"({time.monotonic() - started:.0f} s)\n",
                flush=True,
            )
            codes[section] = 1 if report.broken else 0
    if not os.environ.get(INSIDE) and len(codes) > 1:
        for section, code in codes.items():
            print(f"{section:9} {'holds' if code == 0 else 'BROKEN'}")
    return max(codes.values(), default=0)


if __name__ == "__main__":
    sys.exit(main())
