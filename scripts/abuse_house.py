"""A real installation to be cruel to: data folder, `manage.py up`, people with tokens, and clients that try again.

Used by scripts/abuse.py and by tests/abuse. Everything is done over HTTP and sockets, as people and programs do it;
the database is only looked at (read-only) to see what came of it.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from scripts.services import without_servers

ROOT = Path(__file__).resolve().parent.parent
CASE = "T20267001"
SEED = "CASEBUNDLE_ABUSE_SEED"  # names a folder where what every house begins with is kept
API = "/api/v1"

SETUP = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "casebundle.settings"
import django
django.setup()
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from casebundle.bundles import services
from casebundle.cases import people
from casebundle.cases.models import User
call_command("migrate", verbosity=0)
def user(email, name, **more):
    return User.objects.create_user(email, "correct-horse-battery", name=name, **more)
tom = user("tom.price@court.example", "Tom Price", is_court_staff=True)
priya = user("priya.shah@cps.example", "Priya Shah")
daniel = user("daniel.okafor@chambers.example", "Daniel Okafor")
case = services.create_case(tom, "T20267001", "R v Bates", "Leeds", parties=[("bates", "Marcus Bates")]).case
found = {"tom": {"token": people.new_token(tom, "abuse", None, None)[1]}}
for who, role, party in ((priya, "prosecution", "prosecution"), (daniel, "defence", "bates")):
    part = people.join(case, who, role, [party])
    session = SessionStore()
    session["_auth_user_id"] = str(who.pk)
    session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
    session["_auth_user_hash"] = who.get_session_auth_hash()
    session.create()
    found[who.name.split()[0].lower()] = {
        "token": people.new_token(who, "abuse", None, None)[1],
        "session": session.session_key,
        "participant": str(part.pk),
    }
sys.stdout.write(json.dumps(found))
"""


def pdf(pages: list[str]) -> bytes:
    """A small PDF with these texts, one a page."""
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842), invariant=True)
    for text in pages:
        canvas.setFont("Helvetica", 12)
        for at, line in enumerate(text.split("\n")):
            canvas.drawString(72, 770 - at * 16, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Down(Exception):
    """No answer came, or one that says "later": a client tries again."""


@dataclass
class House:
    """An installation in `folder`. Use it as a context manager: what was started is ended."""

    folder: Path
    port: int = field(default_factory=free_port)
    people: dict[str, dict[str, str]] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)  # environment of what is started
    prefix: list[str] = field(default_factory=list)  # a program that starts it, with less rights
    up: subprocess.Popen[bytes] | None = None
    answers: Counter[int] = field(default_factory=Counter)  # of all calls, by status (0: none came)
    broken: list[str] = field(default_factory=list)  # answers that nobody should get

    log: Path = Path()  # what its processes write; left out: beside the folder

    def __post_init__(self) -> None:
        if self.log == Path():
            self.log = self.folder.parent / f"{self.folder.name}.log"
        limits = httpx.Limits(max_connections=20, max_keepalive_connections=0)
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60, limits=limits)

    def __enter__(self) -> House:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()
        self.http.close()

    # --- processes ------------------------------------------------------------------------------
    @property
    def env(self) -> dict[str, str]:
        env = {
            **without_servers(),
            "CASEBUNDLE_DATA": str(self.folder),
            "PORT": str(self.port),
            "LOG_LEVEL": "ERROR",
        }
        env |= {"UPLOADS_PER_MINUTE": "100000", "NOTES_PER_MINUTE": "100000", "SEARCHES_PER_MINUTE": "100000"}
        for name in ("DJANGO_SETTINGS_MODULE", "PYTEST_CURRENT_TEST", "PUBLIC_URL"):
            env.pop(name, None)
        return env | self.more

    def manage(self, *arguments: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """Run manage.py to its end."""
        return subprocess.run(
            [*self.prefix, sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip

    def python(self, code: str) -> str:
        """Run code in a process of its own on this data folder; what it prints."""
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        return done.stdout

    def set_up(self) -> None:
        """Database, case, people; copied where they were made before (SEED)."""
        seed = os.environ.get(SEED)
        if seed is None:
            self.people = json.loads(self.python(SETUP))
            return
        kept = Path(seed)
        if not (kept / "people.json").exists():
            first = House(kept / "data")
            first.folder.mkdir(parents=True)
            (kept / "people.json.part").write_text(first.python(SETUP))
            first.http.close()
            (kept / "people.json.part").replace(kept / "people.json")
        shutil.copytree(kept / "data", self.folder, dirs_exist_ok=True)
        self.people = json.loads((kept / "people.json").read_text())

    def start(self, wait: bool = True) -> None:
        """`manage.py up`, as `make run` does."""
        out = self.log.open("ab")
        command = [*self.prefix, sys.executable, "manage.py", "up", "--no-demo"]
        self.up = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=out, stderr=out)
        if wait:
            self.wait_until_answers()

    def stop(self) -> None:
        if self.up is not None and self.up.poll() is None:
            self.up.terminate()
            try:
                self.up.wait(20)
            except subprocess.TimeoutExpired:
                self.up.kill()
                self.up.wait()
        self.up = None

    def wait_until_answers(self, seconds: float = 90) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(httpx.HTTPError):
                if self.http.get(f"{API}/openapi.json").status_code < 500:
                    return
            if self.up is not None and self.up.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"the server did not start: {self.said()}")

    def said(self) -> str:
        """The end of what the processes wrote."""
        return self.log.read_text("utf-8", "replace")[-3000:] if self.log.exists() else ""

    def pids(self, kind: str = "") -> list[int]:
        """Process ids of `server`, `worker` or `parser` of this house; of all of it where none is named."""
        assert self.up is not None
        rows: dict[int, tuple[int, str]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError, IndexError, ValueError):
                    parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                    line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                    rows[int(entry.name)] = (parent, line)
        marks = {"server": "uvicorn", "worker": "manage.py worker", "parser": "child.main("}
        family = {self.up.pid}
        while True:
            more = {pid for pid, (parent, _line) in rows.items() if parent in family} - family
            if not more:
                break
            family |= more
        return sorted(pid for pid in family if pid in rows and (not kind or marks[kind] in rows[pid][1]))

    # --- looking --------------------------------------------------------------------------------
    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(
            sqlite3.connect(f"file:{self.folder}/casebundle.sqlite3?mode=ro", uri=True, timeout=30)
        ) as base:
            return base.execute(sql).fetchall()

    def one(self, sql: str) -> Any:
        return self.rows(sql)[0][0]

    def settled(self) -> str:
        """What is still on its way; "" where nothing is."""
        version = self.index_version()
        waits = {
            "files being read": "select count(*) from bundles_version where status not in ('ready','refused')",
            "pictures to draw": "select count(*) from bundles_version where status='ready' and images_done<pages",
            "documents to index": "select count(*) from bundles_document where index_wanted>0 and "
            f"(index_wanted<>index_held or index_version<>'{version}')",
            "files not served": "select count(*) from bundles_document d join bundles_version v on d.current_id=v.id "
            "where d.serve_when_ready and d.state='staged' and v.status='ready'",
            "tasks": "select count(*) from django_tasks_database_dbtaskresult where status in ('READY','RUNNING')",
        }
        return ", ".join(f"{count} {what}" for what, sql in waits.items() if (count := self.one(sql)))

    def index_version(self) -> str:
        for path in sorted((self.folder / "search").glob("v*.json")):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                return f"embedded-{json.loads(path.read_text())['folder']}"
        return "?"

    def settle(self, seconds: float = 180) -> str:
        """Wait until nothing is on its way any more; what still is, after `seconds`."""
        until = time.monotonic() + seconds
        left = "?"
        while time.monotonic() < until:
            try:
                left = self.settled()
            except sqlite3.Error as error:
                left = str(error)
            if not left:
                return ""
            time.sleep(0.3)
        return left

    # --- calls ----------------------------------------------------------------------------------
    def call(
        self, who: str, method: str, path: str, *, ok: tuple[int, ...] = (200, 201, 202, 204), **more: Any
    ) -> httpx.Response:
        """One call of the API. Raises Down where no answer came, or one that says to come again."""
        headers = {"Authorization": f"Bearer {self.people[who]['token']}", **more.pop("headers", {})}
        try:
            answer = self.http.request(method, API + path, headers=headers, **more)
        except httpx.HTTPError as error:
            self.answers[0] += 1
            raise Down(type(error).__name__) from None
        self.answers[answer.status_code] += 1
        if answer.status_code in ok:
            return answer
        if answer.status_code in (429, 503):
            if answer.status_code == 503 and "Retry-After" not in answer.headers:
                self.broken.append(f"503 without Retry-After: {method} {path}")
            raise Down(f"{answer.status_code} {answer.text[:300]}")
        self.broken.append(f"{answer.status_code} to {method} {path}: {answer.text[:300]}")
        raise Down(f"{answer.status_code}")

    def page(self, who: str, path: str) -> httpx.Response:
        """A page as a browser asks for it."""
        cookies = {"sessionid": self.people[who]["session"]}
        headers = {
            "Accept": "text/html",
            "Sec-Fetch-Dest": "document",
            "Cookie": f"sessionid={cookies['sessionid']}",
        }
        return self.http.get(path, headers=headers)

    def upload(self, who: str, name: str, data: bytes, key: str, **fields: str) -> str:
        """The id of the document, once it is acknowledged. Raises Down."""
        answer = self.call(
            who, "POST", f"/cases/{CASE}/documents",
            data={"section": "J", "serve": "true", "title": name, **fields},
            files={"file": (f"{name}.pdf", data, "application/pdf")},
            headers={"Idempotency-Key": key},
        )  # fmt: skip
        return str(answer.json()["id"])

    def document(self, who: str, pk: str) -> dict[str, Any]:
        found: dict[str, Any] = self.call(who, "GET", f"/documents/{pk}").json()
        return found

    def ready(self, who: str, pk: str, seconds: float = 90) -> dict[str, Any]:
        """Wait until a document is served, or refused."""
        until = time.monotonic() + seconds
        found: dict[str, Any] = {}
        while time.monotonic() < until:
            with contextlib.suppress(Down):
                found = self.document(who, pk)
                if found["status"] == "refused" or (found["status"] == "ready" and found["served"]):
                    return found
            time.sleep(0.2)
        raise RuntimeError(f"a file was not ready in {seconds} s: {found}; {self.said()}")

    def note(self, who: str, page: str, body: str) -> str:
        more = {"json": {"kind": "note", "body": body, "audience": "case"}}
        return str(self.call(who, "POST", f"/pages/{page}/notes", **more).json()["id"])

    def find(self, who: str, words: str) -> dict[str, Any]:
        found: dict[str, Any] = self.call(
            who, "GET", "/search", params={"q": words, "case": CASE, "limit": 100}
        ).json()
        return found

    def pages_of(self, pk: str) -> list[str]:
        """Ids of the pages of a document."""
        bare = pk.replace("-", "")
        current = f"select current_id from bundles_document where id='{bare}'"
        sql = f'select id from bundles_page where version_id=({current}) order by "index"'
        return [row[0] for row in self.rows(sql)]

    def open_hearing(self) -> str:
        """A hearing in which Priya has the floor."""
        hearing = str(
            self.call("tom", "POST", f"/cases/{CASE}/hearings", json={"title": "Trial"}).json()["id"]
        )
        floor = {"participant": self.people["priya"]["participant"]}
        self.call("tom", "POST", f"/hearings/{hearing}/floor", json=floor)
        return hearing

    # --- laws -----------------------------------------------------------------------------------
    def verify(self) -> str:
        """ "" where the chain holds."""
        done = self.manage("verify", CASE)
        return "" if done.returncode == 0 else (done.stdout + done.stderr).strip()

    def files(self, kind: str) -> dict[str, Path]:
        root = self.folder / "files" / kind
        return {path.name: path for path in root.glob("*/*")} if root.exists() else {}

    def missing_pictures(self) -> list[str]:
        """Pages of ready versions that have no whole picture."""
        bad = []
        sql = "select coalesce(nullif(reading_sha256,''), sha256), pages from bundles_version where status='ready'"
        for digest, pages in self.rows(sql):
            for index in range(pages):
                for width in (200, 1240):
                    path = self.folder / f"files/images/{digest[:2]}/{digest}/1/{width}/{index}"
                    data = path.read_bytes() if path.exists() else b""
                    if not (data.startswith(b"\xff\xd8\xff") and data.endswith(b"\xff\xd9")):
                        bad.append(f"{digest[:8]} page {index + 1} at {width} px ({len(data)} bytes)")
        return bad

    def bad_originals(self) -> list[str]:
        bad = []
        kept = self.files("originals")
        for digest, _size in self.rows("select distinct sha256, size from bundles_version"):
            path = kept.get(digest)
            if path is None or sha256(path.read_bytes()).hexdigest() != digest:
                bad.append(digest[:12])
        return bad

    def tidy_now(self) -> int:
        """The sweep of files that belong to nothing, as it is after a day."""
        code = (
            "import os; os.environ['DJANGO_SETTINGS_MODULE']='casebundle.settings'; import django; django.setup();"
            "from casebundle.evidence.sweep import tidy_files; print(tidy_files(0))"
        )
        return int(self.python(code))

    def unclaimed(self) -> list[str]:
        """Files that no row claims."""
        claimed = {digest for (digest,) in self.rows("select sha256 from bundles_version")}
        copies = {digest for (digest,) in self.rows("select reading_sha256 from bundles_version")}
        found = [f"originals/{name[:12]}" for name in self.files("originals") if name not in claimed]
        for kind in ("reading", "images"):
            found += [f"{kind}/{name[:12]}" for name in self.files(kind) if name not in claimed | copies]
        return found + [f"tmp/{path.name}" for path in (self.folder / "tmp").iterdir()]


# --- clients ----------------------------------------------------------------------------------
class Line:
    """A socket to the case that comes back by itself and says what it saw last, like static/base/live.js."""

    def __init__(self, house: House, who: str, after: int | None = None) -> None:
        self.house, self.who, self.after = house, who, after
        self.turns: list[tuple[int, float]] = []  # (sequence number, x of the view)
        self.seqs: list[int] = []
        self.refused: list[str] = []
        self.state: dict[str, Any] = {}
        self.lost = 0
        self.socket: ClientConnection | None = None

    def open(self, until: float) -> ClientConnection:
        """The connection, after its hello was answered and what was missed has come. Raises Down past `until`."""
        while self.socket is None:
            if time.monotonic() > until:
                raise Down("the socket did not come back")
            try:
                socket_ = connect(
                    f"ws://127.0.0.1:{self.house.port}/ws/cases/{CASE}/",
                    subprotocols=["bearer", self.house.people[self.who]["token"]],  # type: ignore[list-item]
                    open_timeout=10, close_timeout=1, ping_interval=None, max_size=2**22, compression=None,
                )  # fmt: skip
                socket_.send(json.dumps({"type": "hello", "after": self.after}))
                socket_.send(json.dumps({"type": "ping"}))
                self.socket = socket_
                # The pong comes after everything that was missed.
                self.listen(20, "pong")
            except (OSError, WebSocketException, TimeoutError):
                self.drop()
                time.sleep(random.uniform(0.1, 0.5))
        return self.socket

    def drop(self) -> None:
        if self.socket is not None:
            self.lost += 1
            with contextlib.suppress(Exception):
                self.socket.close()
        self.socket = None

    def listen(self, seconds: float, what: str = "") -> bool:
        """Take frames for so long, or until one of that type comes. Raises what the connection raises."""
        assert self.socket is not None
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                text = self.socket.recv(timeout=left)
            except TimeoutError:
                if what:
                    raise
                return False
            kind = self.take(json.loads(text))
            if what and kind == what:
                return True
        return False

    def take(self, frame: dict[str, Any]) -> str:
        kind = str(frame["type"])
        if kind == "entry":
            self.seqs.append(frame["seq"])
            self.after = frame["seq"]
            if frame["action"] == "page.turned":
                self.turns.append((frame["seq"], frame["data"]["view"]["x"]))
        elif kind == "state":
            self.state = frame
            if self.after is None:
                self.after = frame.get("head", 0)
        elif kind == "refused":
            self.refused.append(f"{frame['of']}: {frame['detail']}")
        return kind

    def turn(self, hearing: str, page: str, x: float, until: float) -> int:
        """Turn everybody, until it is known to have happened; the number of frames sent."""
        sent = 0
        while True:
            socket_ = self.open(until)
            if any(abs(seen - x) < 1e-9 for _seq, seen in self.turns):
                return sent
            try:
                view = {"x": x, "y": 0.0, "w": 0.5, "h": 0.5}
                socket_.send(json.dumps({"type": "turn", "hearing": hearing, "page": page, "view": view}))
                sent += 1
                end = time.monotonic() + 15
                before = len(self.refused)
                while time.monotonic() < end and not any(abs(seen - x) < 1e-9 for _seq, seen in self.turns):
                    self.listen(0.5)
                    if len(self.refused) > before:
                        time.sleep(0.5)
                        break
                else:
                    if not any(abs(seen - x) < 1e-9 for _seq, seen in self.turns):
                        self.drop()
            except (OSError, WebSocketException, TimeoutError):
                self.drop()


class Follower(threading.Thread):
    """Somebody in court who only follows, for as long as it lasts."""

    def __init__(self, house: House, who: str, after: int) -> None:
        super().__init__(daemon=True)
        self.line = Line(house, who, after)
        self.over = threading.Event()
        self.error = ""

    def run(self) -> None:
        while not self.over.is_set():
            try:
                self.line.open(time.monotonic() + 120)
                self.line.listen(0.5)
            except Down as error:
                self.error = str(error)
                return
            except (OSError, WebSocketException, TimeoutError):
                self.line.drop()

    def end(self) -> Line:
        """Let it hear the last that there is, and end it."""
        time.sleep(2)
        self.over.set()
        self.join(150)
        self.line.drop()
        return self.line


def retry(act: Any, until: float, chance: random.Random) -> tuple[Any, int]:
    """What `act` gives once it is not Down any more, and how often it was tried."""
    tries = 0
    while True:
        tries += 1
        try:
            return act(), tries
        except Down:
            if time.monotonic() > until:
                raise
            time.sleep(chance.uniform(0.1, 0.8))


@contextlib.contextmanager
def house_in(
    folder: Path, prefix: list[str] | None = None, log: Path | None = None, **more: str
) -> Iterator[House]:
    """A fresh installation, running."""
    name = f"data-{secrets.token_hex(3)}"
    with House(folder / name, more=more, prefix=prefix or [], log=log or Path()) as made:
        made.set_up()
        made.start()
        yield made


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
