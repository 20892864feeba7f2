"""One large court centre at its busiest, on the product as it runs.

    python bench/load.py [--minutes 10] [--hearings 50] [--sockets 600] [--uploads 20] [--every 30] [--searches 5]
                         [--pictures 3] [--indexes 1] [--servers]

Fifty hearings sit at once, each with its own case, a presenter and eleven who follow. Every presenter turns a page
every eight seconds or so; twenty people send a file at the same moment, and again half a minute later; five searches a
second, pages and indexes between them. Without --servers everything is embedded (`manage.py up`). With it there are two
server processes and two workers, and half of those who follow are on the other process; a database, an index and a
bucket of their own on PostgreSQL, OpenSearch, S3 and Redis, those that the environment names, else started here; and
clamd where CLAMD_URL names one.

Nothing may be lost: at the end everybody who followed must have had each entry of the journal that is for them, once.
Ends with 1 where that does not hold, or where anything was answered with an error.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import multiprocessing
import os
import queue
import random
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench._product import Caller, Failed, Product, descendants, free_port, own_cpu, processes, until  # noqa: E402
from bench._servers import servers  # noqa: E402
from bench.table import machine, percentile  # noqa: E402
from scripts.services import REAL, without_servers  # noqa: E402
from tests.courtroom.crowd import Door, Line, clock  # noqa: E402

PAGES = 40  # of each case before it begins
TURN_EVERY = 8.0  # seconds between two turns of a presenter, about
FILE_PAGES = 10  # of a file that is sent
WORDS = (
    "officer",
    "van",
    "copper cable",
    '"police officer"',
    "warehous*",
    "telephone message",
    "Hobbs",
    "lamp OR torch",
)


# --- what is there before it begins -------------------------------------------------------------
def build(hearings: int, followers: int) -> dict[str, Any]:
    """Runs in a process of the installation: cases with pages, people, hearings with the floor given."""
    import django

    django.setup()
    from django.db import transaction

    from casebundle.bundles.models import Page
    from casebundle.cases import people
    from casebundle.cases.access import viewer_in
    from casebundle.cases.models import User
    from casebundle.courtroom import services as court
    from casebundle.demo import large
    from casebundle.demo.cast import ADLER, PRICE, SHAH
    from tests.courtroom.session import signed_in

    found: list[dict[str, Any]] = []
    for n in range(hearings):
        reference = f"LOAD{n:04}"
        large.make(reference, 4, PAGES, seed=7)
        clerk = viewer_in(User.objects.get(email=PRICE), reference=reference)
        judge = viewer_in(User.objects.get(email=ADLER), reference=reference)
        priya = viewer_in(User.objects.get(email=SHAH), reference=reference)
        case = clerk.case
        with transaction.atomic():
            users = []
            for i in range(followers):
                user = User.objects.create_user(
                    f"f{i}@{reference.lower()}.example", name=f"Follower {i} of {n}"
                )
                people.join(case, user, "observer", ["court"])
                users.append(user)
            hearing = court.open_hearing(judge, "Trial, day 1")
            court.give_floor(judge, hearing, priya.participant)
            tokens = [people.new_token(user, "load")[1] for user in users]
        rows = Page.objects.filter(version__document__case=case, version__document__audience="|everybody|")
        pages = list(rows.order_by("pk").values_list("pk", flat=True)[:20])
        found.append(
            {
                "reference": reference,
                "hearing": str(hearing.pk),
                "pages": pages,
                "tokens": tokens,
                "session": signed_in(User.objects.get(email=SHAH)),
            }
        )
    return {"cases": found, "priya": people.new_token(User.objects.get(email=SHAH), "load")[1]}


# --- the installation ---------------------------------------------------------------------------
class Embedded:
    """`manage.py up`, everything in one folder."""

    name = "embedded: one server, one worker, SQLite, tantivy, a folder"

    def __init__(self, folder: Path) -> None:
        self.product = Product(folder, tokens={"nobody": ""})
        self.env = self.product.env
        self.ports = [self.product.port]

    def __enter__(self) -> Embedded:
        return self

    def start(self) -> None:
        self.product.__enter__()

    def __exit__(self, *why: object) -> None:
        self.product.__exit__(*why)

    def run(self, code: str) -> str:
        return self.product.run(code)

    def migrate(self) -> None:
        command = "call_command('migrate', verbosity=0)"
        self.run(f"import django; django.setup(); from django.core.management import call_command; {command}")

    def pids(self) -> dict[str, list[int]]:
        assert self.product.up is not None
        found: dict[str, list[int]] = defaultdict(list)
        for pid, line in processes(self.product.up.pid).items():
            kind = "worker" if b"worker" in line.split(b"\0") else "server" if b"uvicorn" in line else ""
            if kind:
                found[kind].append(pid)
                found[f"readers of PDFs ({kind})"] += descendants(pid)
        return found


class OnServers:
    """Two server processes and two workers, on real servers (bench/_servers.py)."""

    def __init__(self, folder: Path, addresses: dict[str, str]) -> None:
        self.folder = folder
        self.env = {
            **without_servers(),
            **addresses,
            "CASEBUNDLE_DATA": str(folder),
            "DJANGO_SETTINGS_MODULE": "casebundle.settings",
            "PYTHONPATH": str(ROOT),
            "ALLOWED_HOSTS": "127.0.0.1",
            "PUBLIC_URL": "http://127.0.0.1:8000",
            **{f"{name}_PER_MINUTE": "1000000" for name in ("API", "SEARCHES", "UPLOADS", "NOTES")},
            "LOG_LEVEL": "ERROR",
        }
        self.ports = [free_port(), free_port()]
        self.running: list[tuple[str, subprocess.Popen[bytes]]] = []
        used = [name.removesuffix("_URL").lower() for name in REAL if name in addresses]
        self.name = f"two servers, two workers; {', '.join(used)}; the rest embedded"

    def __enter__(self) -> OnServers:
        return self

    def migrate(self) -> None:
        self._python("manage.py", "prepare")

    def run(self, code: str) -> str:
        return self._python("-c", code)

    def _python(self, *words: str) -> str:
        """Run it to its end; the last line that it prints."""
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=self.env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Failed(done.stderr[-3000:])
        return done.stdout.splitlines()[-1] if done.stdout else ""

    def start(self) -> None:
        for n in range(2):
            for kind, words in (("server", ["serve", "--port", str(self.ports[n])]), ("worker", ["worker"])):
                env = {**self.env, "CASEBUNDLE_DATA": str(self.folder / f"{kind}{n}")}
                line = [sys.executable, str(ROOT / "manage.py"), *words]
                self.running.append((kind, subprocess.Popen(line, cwd=ROOT, env=env)))
        for port in self.ports:
            until(lambda port=port: ready(port), 90, 0.2)  # type: ignore[misc]

    def pids(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for kind, process in self.running:
            found[kind].append(process.pid)
            found[f"readers of PDFs ({kind})"] += descendants(process.pid)
        return found

    def __exit__(self, *_why: object) -> None:
        for _kind, process in self.running:
            process.send_signal(signal.SIGTERM)
        for _kind, process in self.running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def ready(port: int) -> bool:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", "/readyz")
        return line.getresponse().status == 200
    except OSError:
        return False
    finally:
        line.close()


# --- the hearings -------------------------------------------------------------------------------
@dataclass(eq=False)
class Sitting:
    """One hearing, as its clients see it."""

    reference: str
    hearing: str
    pages: list[str]
    presenter: Line
    followers: list[Line]
    due: float = 0.0
    turns: int = 0
    sent: dict[float, float] = field(
        default_factory=dict
    )  # what a turn shows (its width) -> when it was sent
    had: dict[float, int] = field(default_factory=lambda: defaultdict(int))
    seqs: dict[Line, list[int]] = field(default_factory=lambda: defaultdict(list))


def court(pipe: Connection, cases: list[dict[str, Any]], priya: str, ports: list[int]) -> None:
    """Runs in a process of its own: all sockets in one loop. Tells when all are in, and at the end what was heard."""
    watch = selectors.DefaultSelector()
    sittings: list[Sitting] = []
    whose: dict[Line, Sitting] = {}
    took: list[float] = []
    lost = refused = 0

    def attend(line: Line) -> None:
        """Take what has come for somebody (and answer the server's pings)."""
        nonlocal lost, refused
        sitting = whose[line]
        found = [*line.frames, *line.read()]
        now = clock()
        line.frames.clear()
        for body in found:
            if body.startswith(b'{"type":"entry"'):
                frame = json.loads(body)
                sitting.seqs[line].append(frame["seq"])
                if frame["action"] == "page.turned" and line is not sitting.presenter:
                    width = frame["data"]["view"]["w"]
                    sitting.had[width] += 1
                    if sitting.had[width] == len(sitting.followers):
                        took.append((now - sitting.sent.pop(width)) * 1000)
            elif body.startswith(b'{"type":"refused"'):
                refused += 1
        if line.closed is not None:
            lost += 1
            watch.unregister(line.socket)

    for case in cases:
        path = f"/ws/cases/{case['reference']}/"
        lines: list[Line] = []
        for i, token in enumerate([priya, *case["tokens"]]):
            lines.append(Line(Door(ports[i % len(ports)], path, token=token, after=None)).enter())
            # Those who are in already are not kept waiting by those who come.
            for key, _event in watch.select(0):
                attend(key.data)
        sitting = Sitting(case["reference"], case["hearing"], case["pages"], lines[0], lines[1:])
        sittings.append(sitting)
        for line in lines:
            whose[line] = sitting
            watch.register(line.socket, selectors.EVENT_READ, line)
    pipe.send(("in", len(whose)))
    begun, ending, stop_at = False, False, 0.0
    chance = random.Random(1)
    watch.register(pipe, selectors.EVENT_READ, None)
    while not ending or clock() < stop_at:
        for key, _event in watch.select(0.02):
            if key.data is not None:
                attend(key.data)
            elif pipe.recv() == "begin":
                begun = True
                for sitting in sittings:
                    sitting.due = clock() + chance.random() * TURN_EVERY
            else:
                begun, ending, stop_at = False, True, clock() + 5
        if not begun:
            continue
        for sitting in sittings:
            if clock() < sitting.due or sitting.presenter.closed is not None:
                continue
            sitting.due = clock() + TURN_EVERY * (0.5 + chance.random())
            sitting.turns += 1
            width = (sitting.turns % 9_999 + 1) / 10_000
            page = sitting.pages[sitting.turns % len(sitting.pages)]
            view = {"x": 0, "y": 0, "w": width, "h": 0.5}
            sitting.sent[width] = clock()
            # Where the other side has gone, reading says so.
            with suppress(OSError):
                sitting.presenter.send(
                    {"type": "turn", "hearing": sitting.hearing, "page": page, "view": view}
                )
    pipe.send(
        (
            "heard",
            {
                "took": took,
                "lost": lost,
                "refused": refused,
                "turns": sum(sitting.turns for sitting in sittings),
                "unheard": sum(len(sitting.sent) for sitting in sittings),
                "seqs": {s.reference: [s.seqs[line] for line in s.followers] for s in sittings},
            },
        )
    )


# --- everybody else -----------------------------------------------------------------------------
class Acts:
    """How long each act took (milliseconds), and what went wrong."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = defaultdict(list)
        self.errors: dict[str, list[str]] = defaultdict(list)
        self.lock = threading.Lock()

    @contextmanager
    def timed(self, act: str) -> Iterator[None]:
        began = clock()
        try:
            yield
        except Exception as error:
            with self.lock:
                self.errors[act].append(f"{type(error).__name__}: {error}"[:200])
            return
        with self.lock:
            self.took[act].append((clock() - began) * 1000)


def fine(status: int, data: bytes) -> bytes:
    if status != 200:
        raise Failed(f"{status}: {data[:160]!r}")
    return data


class People:
    """Threads that do one kind of act, so many times a second, each with a connection of its own."""

    def __init__(
        self, rate: float, threads: int, act: Callable[[random.Random, int], None], over: threading.Event
    ) -> None:
        self.waiting: queue.Queue[int] = queue.Queue()
        self.over, self.rate, self.act = over, rate, act
        self.threads = [threading.Thread(target=self.work, args=(n,), daemon=True) for n in range(threads)]
        self.threads.append(threading.Thread(target=self.clock, daemon=True))

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def clock(self) -> None:
        due, n = clock(), 0
        while not self.over.is_set():
            self.waiting.put(n)
            n += 1
            due += 1 / self.rate
            self.over.wait(max(0.0, due - clock()))

    def work(self, number: int) -> None:
        chance = random.Random(number)
        while not self.over.is_set():
            with suppress(queue.Empty):
                self.act(chance, self.waiting.get(timeout=0.5))


def page_of(port: int, path: str, session: str) -> tuple[int, bytes]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        line.request("GET", path, headers={"Cookie": f"sessionid={session}", "Accept": "text/html"})
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


def files(count: int) -> list[bytes]:
    """Statements of FILE_PAGES pages each."""
    import io

    from reportlab.pdfgen.canvas import Canvas

    found = []
    words = [
        "the",
        "officer",
        "saw",
        "a",
        "van",
        "at",
        "warehouse",
        "and",
        "described",
        "copper",
        "cable",
        "in",
    ]
    for n in range(count):
        chance, out = random.Random(n), io.BytesIO()
        canvas = Canvas(out, pagesize=(595, 842))
        for page in range(FILE_PAGES):
            canvas.drawString(64, 780, f"Statement {n}, page {page + 1}")
            for line in range(34):
                canvas.drawString(64, 750 - 20 * line, " ".join(chance.choices(words, k=13)))
            canvas.showPage()
        canvas.save()
        found.append(out.getvalue())
    return found


def send_file(caller: Caller, reference: str, data: bytes, n: int) -> str:
    border = uuid.uuid4().hex
    parts = b""
    for name, value in (("section", "J"), ("serve", "true"), ("title", f"Statement {n}")):
        parts += f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    head = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="statement {n}.pdf"\r\n'
    # No two are the same, so none is taken for another.
    parts += (
        f"{head}Content-Type: application/pdf\r\n\r\n".encode()
        + data
        + f"\n% {border}\n\r\n--{border}--\r\n".encode()
    )
    status, said = caller.ask(
        "POST",
        f"/cases/{reference}/documents",
        parts,
        **{"Content-Type": f"multipart/form-data; boundary={border}"},
    )
    if status != 202:
        raise Failed(f"{status}: {said[:160]!r}")
    return str(json.loads(said)["id"])


# --- what it takes ------------------------------------------------------------------------------
def memory(pid: int) -> float:
    """Bytes that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Watch:
    """Memory and processor of each kind of process over time."""

    def __init__(self, pids: Callable[[], dict[str, list[int]]]) -> None:
        self.pids = pids
        self.rows: list[tuple[float, dict[str, tuple[float, float]]]] = []  # when, kind -> (MB, CPU seconds)

    def look(self) -> None:
        found: dict[str, tuple[float, float]] = {}
        for kind, pids in self.pids().items():
            size = used = 0.0
            for pid in pids:
                with suppress(OSError, ValueError, IndexError):
                    size += memory(pid) / 1e6
                    used += own_cpu(pid)
            found[kind] = (size, used)
        self.rows.append((clock(), found))

    def told(self) -> None:
        print("\n  memory (MB) and processor (of one core) over time")
        kinds = sorted({kind for _at, row in self.rows for kind in row})
        print("    seconds  " + "  ".join(f"{kind:>26}" for kind in kinds))
        step = max(1, len(self.rows) // 12)
        shown = [*range(0, len(self.rows) - 1, step), len(self.rows) - 1]
        for before, after in itertools.pairwise(shown):
            (at, row), (then, last) = self.rows[before], self.rows[after]
            cells = []
            for kind in kinds:
                (_m, c0), (size, c1) = row.get(kind, (0, 0)), last.get(kind, (0, 0))
                cells.append(f"{size:14.0f} MB {max(0.0, c1 - c0) / max(0.001, then - at):6.0%}")
            print(f"    {then - self.rows[0][0]:7.0f}  " + "  ".join(f"{cell:>26}" for cell in cells))


def lost_entries(found: dict[str, Any], cases: list[dict[str, Any]], port: int) -> list[str]:
    """Whoever followed and did not have each entry that is for them, once and in order, from their first on."""
    wrong = []
    for case in cases:
        caller = Caller(port, case["tokens"][0])
        told: list[int] = []
        after = 0
        while True:
            answer = caller.get(f"/cases/{case['reference']}/journal?after={after}&limit=500")
            # An entry that is not for them is there as its hashes alone.
            told += [one["seq"] for one in answer["items"] if one.get("action")]
            if not answer["items"] or not answer["next"]:
                break
            after = answer["items"][-1]["seq"]
        for n, seqs in enumerate(found["seqs"][case["reference"]]):
            if not seqs:
                wrong.append(f"{case['reference']}: follower {n} had nothing")
                continue
            wanted = [seq for seq in told if seq >= case["from"]]
            if seqs != wanted:
                missing = sorted(set(wanted) - set(seqs))[:5]
                more = [seq for seq in seqs if seqs.count(seq) > 1][:5]
                wrong.append(
                    f"{case['reference']}: follower {n} lacks {missing}, has twice {more}; {len(seqs)} of {len(wanted)}"
                )
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--hearings", type=int, default=50)
    parser.add_argument("--sockets", type=int, default=600)
    parser.add_argument("--uploads", type=int, default=20, help="files that are sent at the same moment")
    parser.add_argument("--every", type=float, default=30, help="seconds between two such moments")
    parser.add_argument("--searches", type=float, default=5, help="a second")
    parser.add_argument("--pictures", type=float, default=3, help="pages looked at, a second")
    parser.add_argument("--indexes", type=float, default=1, help="index pages opened, a second")
    parser.add_argument("--servers", action="store_true")
    wanted = parser.parse_args()
    # Who is ended ends what they started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    each = wanted.sockets // wanted.hearings
    acts, over = Acts(), threading.Event()
    with ExitStack() as stack:
        kept = tempfile.TemporaryDirectory(prefix="load-", dir=os.environ.get("BENCH_FOLDER"))
        folder = Path(stack.enter_context(kept)) / "data"
        house: Embedded | OnServers
        if wanted.servers:
            scanned = {name: os.environ[name] for name in ("CLAMD_URL",) if name in os.environ}
            house = OnServers(folder, stack.enter_context(servers()) | scanned)
        else:
            house = Embedded(folder)
        with house:
            print(f"{house.name}\n{machine()[0]}\n(making {wanted.hearings} cases …)", flush=True)
            house.migrate()
            code = f"import json; from bench.load import build; print(json.dumps(build({wanted.hearings}, {each - 1})))"
            world = json.loads(house.run(code))
            cases, priya = world["cases"], world["priya"]
            house.start()
            some = files(10)
            ports = house.ports
            looking = Watch(house.pids)
            # Begin when what was made is in the index.
            caller = Caller(ports[0], priya)
            until(
                lambda: all(
                    caller.get(f"/search?case={c['reference']}&q=officer")["total"] for c in cases[::7]
                ),
                300,
                1,
            )
            context = multiprocessing.get_context("spawn")
            pipe, theirs = context.Pipe()
            process = context.Process(target=court, args=(theirs, cases, priya, ports), daemon=True)
            process.start()
            if not pipe.poll(180):
                raise Failed("the sockets did not come in")
            _word, count = pipe.recv()
            for case in cases:
                case["from"] = head(caller, case["reference"]) + 1
            print(f"{count} sockets are in; {wanted.minutes:g} minutes begin", flush=True)

            def search(chance: random.Random, n: int) -> None:
                case, word = chance.choice(cases), urllib.parse.quote(chance.choice(WORDS))
                one = Caller(ports[n % len(ports)], chance.choice(case["tokens"]))
                with acts.timed("search"):
                    fine(*one.ask("GET", f"/search?case={case['reference']}&q={word}"))

            def picture(chance: random.Random, n: int) -> None:
                case = chance.choice(cases)
                one = Caller(ports[n % len(ports)], chance.choice(case["tokens"]))
                with acts.timed("page picture, 1240 pixels"):
                    fine(*one.ask("GET", f"/pages/{chance.choice(case['pages'])}/image?width=1240"))

            def index(chance: random.Random, n: int) -> None:
                case = chance.choice(cases)
                with acts.timed("index page"):
                    fine(
                        *page_of(ports[n % len(ports)], f"/cases/{case['reference']}/main/", case["session"])
                    )

            def upload(number: int) -> None:
                chance, n = random.Random(number), 0
                one = Caller(ports[number % len(ports)], priya)
                moment = began
                while not over.is_set():
                    case, document = chance.choice(cases), ""
                    sent = clock()
                    with acts.timed("upload acknowledged"):
                        document = send_file(one, case["reference"], chance.choice(some), number * 1000 + n)
                    n += 1
                    state = ""
                    while document and state not in ("ready", "refused") and clock() < sent + 300:
                        time.sleep(0.25)
                        try:
                            state = one.get(f"/documents/{document}")["status"]
                        except (Failed, OSError, http.client.HTTPException) as error:
                            with acts.lock:
                                acts.errors["upload to ready"].append(str(error)[:200])
                            break
                    with acts.lock:
                        if state == "ready":
                            acts.took["upload to ready"].append((clock() - sent) * 1000)
                        elif document:
                            acts.errors["upload to ready"].append(
                                f"{state or 'nothing'} after {clock() - sent:.0f} s"
                            )
                    moment += wanted.every
                    over.wait(max(0.0, moment - clock()))

            began = clock()
            end = began + wanted.minutes * 60
            pipe.send("begin")
            for rate, act in ((wanted.searches, search), (wanted.pictures, picture), (wanted.indexes, index)):
                if rate:
                    People(rate, 6, act, over).start()
            senders = [threading.Thread(target=upload, args=(n,), daemon=True) for n in range(wanted.uploads)]
            for thread in senders:
                thread.start()
            while clock() < end:
                looking.look()
                time.sleep(min(5.0, max(0.1, end - clock())))
            looking.look()
            over.set()
            for thread in senders:
                thread.join(330)
            pipe.send("end")
            if not pipe.poll(60):
                raise Failed("the court did not tell what it heard")
            _word, heard = pipe.recv()
            acts.took["page turn, to the last who follows"] = heard["took"]
            lost = lost_entries(heard, cases, ports[0])
            process.join(10)
    return tell(wanted, acts, heard, lost, looking)


def head(caller: Caller, reference: str) -> int:
    """The last entry of a case's journal."""
    after = 0
    while True:
        answer = caller.get(f"/cases/{reference}/journal?after={after}&limit=500")
        if answer["items"]:
            after = answer["items"][-1]["seq"]
        if not answer["items"] or not answer["next"]:
            return after


def tell(wanted: Any, acts: Acts, heard: dict[str, Any], lost: list[str], looking: Watch) -> int:
    print(f"\n  {'milliseconds':38} {'times':>7} {'p50':>8} {'p95':>8} {'p99':>8} {'most':>8} {'errors':>7}")
    order = ["page turn, to the last who follows", "upload acknowledged", "upload to ready", "search"]
    order += ["page picture, 1240 pixels", "index page"]
    for act in order:
        took, wrong = acts.took.get(act, []), len(acts.errors.get(act, []))
        cells = [percentile(took, share) for share in (0.5, 0.95, 0.99)] + [max(took, default=float("nan"))]
        print(f"  {act:38} {len(took):7} " + " ".join(f"{cell:8,.0f}" for cell in cells) + f" {wrong:7}")
    looking.told()
    errors = sum(map(len, acts.errors.values()))
    print(
        f"\n  {heard['turns']} turns, {heard['unheard']} not heard by everybody, {heard['refused']} frames refused"
    )
    print(
        f"  {heard['lost']} sockets ended by themselves; {len(lost)} people without an entry that is theirs"
    )
    for act, texts in acts.errors.items():
        for text in sorted(set(texts))[:5]:
            print(f"  ERROR {act}: {text} ({texts.count(text)} times)")
    for text in lost[:10]:
        print(f"  LOST  {text}")
    broken = bool(errors or lost or heard["unheard"] or heard["lost"] or heard["refused"])
    print("\n  " + ("BROKEN: see above" if broken else "nothing lost, no error"))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
