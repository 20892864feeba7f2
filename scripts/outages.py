"""Takes each real server away from a running installation, and looks at what people see and what is left.

    make outages                                   # every server, every way, 12 s each
    make outages ARGS="redis postgres --ways cut --seconds 60"

Ways: `stopped` (the server ends and is started again), `cut` (its lines stay open and nothing comes through), `slow`
(every answer takes its time), `half` (half of the connections break), and for the S3 server `full` (no room left on its
disk). Two server processes and a worker run against servers of their own, each behind toxiproxy; clients serve files,
write notes, turn pages, follow, read and search all the while. Prints what was tried and what came out; ends with 1
where a law is broken.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import json
import os
import random
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
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402
import psycopg  # noqa: E402

from scripts import services  # noqa: E402
from scripts.abuse import INSIDE, Report, can_mount, mount, unmount, unshare, wait_for  # noqa: E402
from scripts.abuse_house import CASE, SETUP, Down, Follower, House, Line, free_port, pdf  # noqa: E402
from tests.courtroom.stage import SECRETS, Web  # noqa: E402

PARTS = ("redis", "postgres", "s3", "opensearch", "clamd")
WAYS = ("stopped", "cut", "slow", "half", "full")  # the last for the S3 server alone
# The disk of the S3 server (bytes), where it is to be filled.
DISK = 96 * 1024**2
# Milliseconds that every answer of a slow server takes longer, in each direction.
SLOW = {"postgres": 40, "redis": 400, "s3": 200, "opensearch": 400, "clamd": 1000}
# No call may take longer than this (seconds), whatever is away.
BOUND = 60.0
# What the processes may grow by (MiB) while something is away.
GROWTH = 250
# Seconds after an outage until everything is as it was.
MENDED = 45.0


# --- the servers --------------------------------------------------------------------------------
class Between:
    """A proxy before one server: what a bad network does."""

    def __init__(self, api: str, name: str, upstream: str) -> None:
        self.api, self.name = api, name
        self.port = free_port()
        found = {"name": name, "listen": f"127.0.0.1:{self.port}", "upstream": upstream, "enabled": True}
        httpx.delete(f"{api}/proxies/{name}")
        httpx.post(f"{api}/proxies", json=found).raise_for_status()

    def toxic(self, kind: str, toxicity: float = 1.0, **attributes: Any) -> None:
        for stream in ("upstream", "downstream"):
            if kind == "reset_peer" and stream == "upstream":
                continue
            httpx.post(
                f"{self.api}/proxies/{self.name}/toxics",
                json={
                    "name": f"{kind}-{stream}", "type": kind, "stream": stream, "toxicity": toxicity,
                    "attributes": attributes,
                },
            ).raise_for_status()  # fmt: skip

    def well(self) -> None:
        """As if nothing had been."""
        for one in httpx.get(f"{self.api}/proxies/{self.name}/toxics").json():
            httpx.delete(f"{self.api}/proxies/{self.name}/toxics/{one['name']}")

    def remove(self) -> None:
        httpx.delete(f"{self.api}/proxies/{self.name}")


class Servers:
    """Servers of our own, each behind a proxy. Use it as a context manager: what was started is ended."""

    def __init__(self, folder: Path, parts: list[str], small_disk: bool = False) -> None:
        self.folder, self.parts, self.small_disk = folder, parts, small_disk
        self.env: dict[str, str] = {}
        self.between: dict[str, Between] = {}
        self._before = os.environ.get("CASEBUNDLE_SERVICES")

    def __enter__(self) -> Servers:
        os.environ["CASEBUNDLE_SERVICES"] = str(self.folder)
        if self.small_disk:
            disk = self.folder / "s3"
            disk.mkdir(parents=True)
            mount("-t", "tmpfs", "-o", f"size={DISK},mode=755", "tmpfs", str(disk))
        self.api = services.start("toxiproxy")["TOXIPROXY_URL"]
        for part in self.parts:
            told = services.start(part)
            name = "S3_URL" if part == "s3" else next(iter(told))
            url = told[name]
            place = urlsplit(url)
            proxy = Between(self.api, f"{part}-{os.getpid()}", f"127.0.0.1:{place.port}")
            self.between[part] = proxy
            who = f"{place.username or ''}{':' + place.password if place.password else ''}"
            at = f"{who}@127.0.0.1:{proxy.port}" if who else f"127.0.0.1:{proxy.port}"
            self.env |= self._address(name, urlunsplit(place._replace(netloc=at)), url)
        return self

    def _address(self, name: str, url: str, straight: str) -> dict[str, str]:
        """What the product is told of it."""
        if name == "DATABASE_URL":
            self.database = straight
            return {name: url}
        if name == "S3_URL":
            place, direct = urlsplit(url), urlsplit(straight)
            self.bucket(f"http://127.0.0.1:{direct.port}", direct.username or "", direct.password or "")
            return {
                "STORAGE_URL": f"s3://casebundle?endpoint=http://127.0.0.1:{place.port}&region=eu-west-2",
                "AWS_ACCESS_KEY_ID": place.username or "",
                "AWS_SECRET_ACCESS_KEY": place.password or "",
            }
        return {name: url}

    @staticmethod
    def bucket(endpoint: str, key: str, secret: str) -> None:
        import boto3

        client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            region_name="eu-west-2",
        )
        with contextlib.suppress(
            client.exceptions.BucketAlreadyOwnedByYou, client.exceptions.BucketAlreadyExists
        ):
            client.create_bucket(Bucket="casebundle")

    def fresh_database(self) -> None:
        with psycopg.connect(
            urlunsplit(urlsplit(self.database)._replace(path="/postgres")), autocommit=True
        ) as line:
            line.execute("DROP DATABASE IF EXISTS casebundle WITH (FORCE)")
            line.execute("CREATE DATABASE casebundle")

    def __exit__(self, *_why: object) -> None:
        for proxy in self.between.values():
            with contextlib.suppress(httpx.HTTPError):
                proxy.remove()
        for part in (*self.parts, "toxiproxy"):
            services.stop(part)
        if self.small_disk:
            unmount(self.folder / "s3")
        if self._before is None:
            os.environ.pop("CASEBUNDLE_SERVICES", None)
        else:
            os.environ["CASEBUNDLE_SERVICES"] = self._before

    @contextlib.contextmanager
    def away(self, part: str, way: str) -> Iterator[None]:
        """While it lasts, `part` is away in that way."""
        proxy = self.between[part]
        if way == "stopped":
            services.stop(part)
        elif way == "cut":
            proxy.toxic("timeout", timeout=0)
        elif way == "slow":
            proxy.toxic("latency", latency=SLOW[part], jitter=SLOW[part] // 2)
        elif way == "half":
            proxy.toxic("reset_peer", 0.5, timeout=100)
        elif way == "full":
            fill(self.folder / "s3" / "fill")
        else:
            raise ValueError(way)
        try:
            yield
        finally:
            if way == "stopped":
                services.start(part)
            (self.folder / part / "fill").unlink(missing_ok=True)
            proxy.well()


def fill(path: Path) -> None:
    """Leave no room on the disk of this file."""
    with path.open("wb", buffering=0) as file:
        for size in (1024**2, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * size)


# --- the installation ---------------------------------------------------------------------------
class Served(House):
    """An installation on real servers: `manage.py up`, and one more server process beside it."""

    def begin(self, servers: Servers) -> None:
        self.database = servers.database
        self.more = {**SECRETS, **servers.env}
        servers.fresh_database()
        self.people = json.loads(self.python(SETUP))
        self.start()
        self.second = Web(self.env, self.log)
        self.second.start()

    def __exit__(self, *why: object) -> None:
        with contextlib.suppress(AttributeError):
            self.second.kill()
        super().__exit__(*why)

    @property
    def other(self) -> House:
        """The same house by its other door."""
        found = copy.copy(self)
        found.port = self.second.port
        found.http = httpx.Client(base_url=f"http://127.0.0.1:{found.port}", timeout=BOUND + 15)
        return found

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Past the proxy: we look at what is there, whatever is away."""
        with psycopg.connect(self.database, connect_timeout=5) as line:
            return line.execute(sql).fetchall()  # type: ignore[arg-type]

    def pages_of(self, pk: str) -> list[str]:
        current = f"select current_id from bundles_document where id='{pk}'"
        return [
            row[0]
            for row in self.rows(f'select id from bundles_page where version_id=({current}) order by "index"')
        ]

    def memory(self) -> dict[str, float]:
        """MiB in memory of each kind of process."""
        assert self.second.server is not None
        found: dict[str, float] = {}
        for kind, pids in (
            ("server", [*self.pids("server"), self.second.server.pid]),
            ("worker", self.pids("worker")),
        ):
            for pid in pids:
                with contextlib.suppress(OSError):
                    for row in Path(f"/proc/{pid}/status").read_text().splitlines():
                        if row.startswith("VmRSS"):
                            found[kind] = max(found.get(kind, 0.0), int(row.split()[1]) / 1024)
        return found


@dataclass
class Seen:
    """What one kind of client saw while something was away."""

    answers: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    acknowledged: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        said = ", ".join(f"{count} {what}" for what, count in sorted(self.answers.items()))
        return f"{said or 'nothing'}; the longest took {self.longest:.1f} s"


class Clients:
    """People at work through both doors, until they are told to end. What was not acknowledged is tried again."""

    def __init__(self, house: Served, pages: list[str], hearing: str, mark: str) -> None:
        self.house, self.pages, self.hearing, self.mark = house, pages, hearing, mark
        self.doors: tuple[House, House] = (house, house.other)
        self.seen = {kind: Seen() for kind in ("serving", "notes", "reading", "searching", "turns")}
        self.over = threading.Event()
        self.give_up = float("inf")
        self.chance = random.Random(mark)
        self.turned: list[float] = []
        self.presenter = Line(house, "priya")
        head = int(house.one("select max(seq) from journal_entry"))
        self.follower = Follower(self.doors[1], "daniel", head)
        self.threads = [
            threading.Thread(target=work, daemon=True)
            for work in (self.serve, self.write, self.read, self.search, self.turn)
        ]

    def start(self) -> None:
        self.follower.start()
        for thread in self.threads:
            thread.start()

    def timed(self, kind: str, act: Callable[[], Any]) -> Any:
        """Do it, and note what came and how long it took. Raises Down."""
        seen, began = self.seen[kind], time.monotonic()
        try:
            found = act()
            seen.answers["done"] += 1
            return found
        except Down as why:
            seen.answers[str(why).split(" ", 1)[0]] += 1
            raise
        finally:
            seen.longest = max(seen.longest, time.monotonic() - began)

    def again(self, kind: str, what: str, act: Callable[[], Any]) -> Any:
        """Until it is acknowledged; None where it never was."""
        while True:
            try:
                return self.timed(kind, act)
            except Down as why:
                if time.monotonic() > self.give_up:
                    self.seen[kind].lost.append(f"{what}: {why}")
                    return None
                time.sleep(self.chance.uniform(0.2, 0.8))

    def serve(self) -> None:
        n = 0
        while not self.over.is_set():
            n += 1
            name, door = f"{self.mark} file {n}", self.doors[n % 2]
            data = pdf([f"{self.mark}x{n}x{k} red van" for k in range(2)])
            pk = self.again("serving", name, lambda d=door, m=name, b=data: d.upload("priya", m, b, m))
            if pk:
                self.seen["serving"].acknowledged[name] = pk
            self.over.wait(1.0)

    def write(self) -> None:
        n = 0
        while not self.over.is_set():
            n += 1
            body, door, page = f"{self.mark} note {n}", self.doors[n % 2], self.pages[n % len(self.pages)]
            doubtful = False

            def once(door: House = door, page: str = page, body: str = body) -> str:
                nonlocal doubtful
                if doubtful:  # the answer may have been lost on its way back
                    listed = door.call("daniel", "GET", f"/pages/{page}/notes", params={"limit": 500}).json()
                    there = [row["id"] for row in listed["items"] if row["body"] == body]
                    if there:
                        return str(there[0])
                doubtful = True
                return door.note("daniel", page, body)

            pk = self.again("notes", body, once)
            if pk:
                self.seen["notes"].acknowledged[body] = pk
            self.over.wait(0.5)

    def read(self) -> None:
        n = 0
        while not self.over.is_set():
            n += 1
            door, page = self.doors[n % 2], self.pages[n % len(self.pages)]
            for path in (
                f"/pages/{page}/text",
                f"/pages/{page}/image?width={(200, 800, 1240)[n % 3]}",
                f"/cases/{CASE}/hearings",
            ):
                with contextlib.suppress(Down):
                    self.timed("reading", lambda p=path, d=door: d.call("daniel", "GET", p))
            self.over.wait(0.3)

    def search(self) -> None:
        n = 0
        while not self.over.is_set():
            n += 1
            with contextlib.suppress(Down):
                self.timed("searching", lambda d=self.doors[n % 2]: d.find("daniel", "ground"))
            self.over.wait(0.5)

    def turn(self) -> None:
        n = 0
        while not self.over.is_set():
            n += 1
            x, began = n / 10_000, time.monotonic()
            page = self.pages[n % len(self.pages)]
            try:
                self.presenter.turn(self.hearing, page, x, self.give_up)
                self.turned.append(x)
                self.seen["turns"].answers["done"] += 1
            except Down as why:
                self.seen["turns"].lost.append(f"turn {n}: {why}")
            self.seen["turns"].longest = max(self.seen["turns"].longest, time.monotonic() - began)
            self.over.wait(0.4)

    def end(self) -> Line:
        """Let everybody finish what they have in hand."""
        self.give_up = time.monotonic() + MENDED
        self.over.set()
        for thread in self.threads:
            thread.join(MENDED + BOUND)
        line = self.follower.end()
        with contextlib.suppress(Exception):
            self.presenter.listen(1)
        self.presenter.drop()
        return line


# --- what people see ----------------------------------------------------------------------------
# Without these the product cannot answer; without the others something is said to be missing, and the rest goes on.
NEEDED = {"postgres"}


def what_people_see(report: Report, house: Served, part: str, way: str) -> None:
    """In the middle of it: a page, a call of the API, a socket."""
    door = house.other
    began = time.monotonic()
    try:
        page = door.page("daniel", f"/cases/{CASE}/")
        status = page.status_code
    except httpx.HTTPError as error:
        page, status = None, 0
        report.say("a page", type(error).__name__)
    headers = {"Authorization": f"Bearer {house.people['daniel']['token']}"}
    answer = door.http.get(f"/api/v1/cases/{CASE}", headers=headers)
    took = time.monotonic() - began
    clear = way in ("stopped", "cut") and part in NEEDED
    if clear:
        report.law(
            "a page says so, in words",
            status == 503 and page is not None and "Retry-After" in page.headers and "<h1" in page.text,
            status,
        )
        problem = answer.headers.get("content-type", "") == "application/problem+json"
        report.law(
            "the API says so (RFC 9457)",
            answer.status_code == 503 and problem and bool(answer.json().get("detail")),
            f"{answer.status_code} {answer.json().get('detail', '') if problem else ''}",
        )
    elif part not in NEEDED:
        report.law(
            "pages and API go on without it",
            (status, answer.status_code) == (200, 200),
            (status, answer.status_code),
        )
    report.law("both came within the bound", took < 2 * BOUND, f"{took:.1f} s")
    said = _ready(door)
    if said is not None:
        report.say("/readyz", said)


def _ready(door: House) -> str | None:
    with contextlib.suppress(httpx.HTTPError):
        answer = door.http.get("/readyz")
        if answer.status_code != 404:
            return f"{answer.status_code} {answer.text[:300]}"
    return None


# --- one outage ---------------------------------------------------------------------------------
def outage(
    report: Report,
    house: Served,
    servers: Servers,
    part: str,
    way: str,
    seconds: float,
    ground: list[str],
    hearing: str,
) -> None:
    """Take `part` away for so long while people work, and look at what is left."""
    mark = f"{part}{way}"
    before, pids = house.memory(), house.pids()
    house.broken.clear()
    clients = Clients(house, ground, hearing, mark)
    clients.start()
    time.sleep(2)
    most: dict[str, float] = {}
    with servers.away(part, way):
        until = time.monotonic() + seconds
        time.sleep(min(3.0, seconds / 3))
        what_people_see(report, house, part, way)
        while time.monotonic() < until:
            for kind, size in house.memory().items():
                most[kind] = max(most.get(kind, 0.0), size)
            time.sleep(0.5)
    well = time.monotonic()
    # New work, by itself, without a hand.
    fresh = wait_for(
        lambda: house.other.upload("priya", f"{mark} after", pdf([f"{mark}after"]), f"{mark} after"), MENDED
    )
    report.law(
        "afterwards a file is taken without a hand", bool(fresh), f"after {time.monotonic() - well:.1f} s"
    )
    line = clients.end()
    for kind, size in house.memory().items():
        most[kind] = max(most.get(kind, 0.0), size)
    for kind, seen in clients.seen.items():
        report.say(kind, seen)
    seen = clients.seen.values()
    report.law("every call ended within the bound", max(one.longest for one in list(seen)[:4]) < BOUND)
    lost = [what for one in clients.seen.values() for what in one.lost]
    report.law("everything was acknowledged in the end", not lost, "; ".join(lost[:3]))
    report.law("no answer that nobody should get", not house.broken, "; ".join(house.broken[:3]))
    _left(report, house, clients, line, mark)
    if fresh:
        found = wait_for(lambda: house.find("daniel", f"{mark}after")["total"] == 1, MENDED)
        report.law("it is read, served and found", bool(found))
    report.law(
        "nothing needed a hand",
        set(house.pids("server")) <= set(pids),
        "the same server process" if set(house.pids("server")) <= set(pids) else "a server process ended",
    )
    grown = {kind: most[kind] - before.get(kind, 0.0) for kind in most}
    report.law(
        "memory stays bounded",
        all(more < GROWTH for more in grown.values()),
        ", ".join(f"{kind} {most[kind]:.0f} MiB ({more:+.0f})" for kind, more in grown.items()),
    )


def _left(report: Report, house: Served, clients: Clients, line: Line, mark: str) -> None:
    serving, notes = clients.seen["serving"].acknowledged, clients.seen["notes"].acknowledged
    there = dict(
        house.rows(
            f"select idempotency_key, id::text from bundles_document where idempotency_key like '{mark} file%'"
        )
    )
    report.law(
        "every acknowledged file is there once",
        all(there.get(name) == pk for name, pk in serving.items()) and len(there) == len(serving),
        f"{len(serving)} acknowledged, {len(there)} there",
    )
    bodies = Counter(
        body
        for (body,) in house.rows(
            f"select body from annotations_note where deleted_at is null and body like '{mark} note%'"
        )
    )
    report.law(
        "every acknowledged note is there once",
        set(bodies) == set(notes) and set(bodies.values()) <= {1},
        f"{len(notes)} acknowledged, {sum(bodies.values())} there",
    )
    first = clients.follower.line.seqs[0] if clients.follower.line.seqs else 0
    told = [
        (seq, json.loads(data)["view"]["x"] if isinstance(data, str) else data["view"]["x"])
        for seq, data in house.rows(
            f"select seq, data from journal_entry where action='page.turned' and seq >= {first} order by seq"
        )
    ]
    report.law(
        "every turn is there once, in order",
        [x for _seq, x in told] == clients.turned,
        f"{len(clients.turned)} acknowledged, {len(told)} there",
    )
    report.law(
        "who followed through the other process saw each once, in order",
        line.turns == told and line.seqs == sorted(set(line.seqs)),
        f"{len(line.turns)} turns, {line.lost} connections lost",
    )
    waits = "select count(*) from bundles_version where status not in ('ready','refused')"
    wait_for(lambda: house.one(waits) == 0, MENDED)
    report.law("every file is read", house.one(waits) == 0, f"{house.one(waits)} are not")


def run(outages: list[tuple[str, str]], seconds: float, folder: Path) -> Report:
    """These outages, (part, way) each, one after the other, in one installation."""
    report = Report("outages")
    parts = {part for part, _way in outages}
    wanted = [part for part in PARTS if part in parts or part in ("postgres", "redis")]
    full = ("s3", "full") in outages
    with Servers(folder / "servers", wanted, full) as servers, Served(folder / "data") as house:
        house.begin(servers)
        report.say("servers", ", ".join(wanted))
        documents = [
            house.upload("priya", f"Ground {n}", pdf([f"ground{n}x{k}" for k in range(3)]), f"g{n}")
            for n in range(2)
        ]
        for pk in documents:
            house.ready("priya", pk)
        ground = [page for pk in documents for page in house.pages_of(pk)]
        hearing = house.open_hearing()
        for part, way in outages:
            report.section = f"{part} {way}"
            outage(report, house, servers, part, way, seconds, ground, hearing)
        report.section = "after all"
        said = house.verify()
        report.law("the chain verifies (./manage.py verify)", not said, said)
        done = house.manage("health")
        report.law("./manage.py health", done.returncode == 0, done.stdout if done.returncode else "")
    return report


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument(
        "--seconds", type=float, default=12.0, help="how long each lasts (60 for the whole of it)"
    )
    given = parser.parse_args()
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    wanted = [
        (part, way) for part in given.parts or PARTS for way in given.ways if way != "full" or part == "s3"
    ]
    if ("s3", "full") in wanted and not os.environ.get(INSIDE):
        if can_mount() and os.geteuid() == 0:
            # Mounts of our own, which end with us.
            command = [*unshare(), sys.executable, str(Path(__file__).resolve()), *sys.argv[1:]]
            return subprocess.call(command, cwd=ROOT, env={**os.environ, INSIDE: "1"})
        print("outages   a full disk under the S3 server cannot be tried: that needs root")
        wanted.remove(("s3", "full"))
    # OpenSearch takes its time on a machine that does all of this at once.
    services.START_WITHIN = 300
    with tempfile.TemporaryDirectory(prefix="casebundle-outages-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        try:
            report = run(wanted, given.seconds, Path(folder))
        except services.CannotStart as why:
            print(f"outages cannot be tried here: {why}", file=sys.stderr)
            return 1
    print(f"\n{len(report.broken)} laws broken" + "".join(f"\n  {one}" for one in report.broken))
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
