"""How long from the presenter's frame to the last follower, beside a bare `websockets` broadcast of the same bytes.

    .venv/bin/python bench/turns.py [followers …]        # 50 500 2000

The servers are processes of their own on this machine, and take turns in the same run: ten of one, ten of the next.
Their followers are one process each, raw sockets and one epoll, which tells when the last of them had the frame.
Casebundle is measured twice, each time beside the bare broadcast: embedded, and as two server processes on PostgreSQL
and Redis (where they can be started), with the presenter on one and every other follower on the other.
Casebundle's is the server as `manage.py up` starts it; what it does more than the peer is authorise the turn, write
it to the journal (on disk, synchronous FULL) and pick its audience. What the disk takes for that alone is measured
beside it: a thread that appends and syncs, of the same size, between the turns.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from websockets.asyncio.server import broadcast, serve
from websockets.exceptions import ConnectionClosed

from bench.table import Table
from scripts.services import CannotStart
from tests.courtroom import real
from tests.courtroom.crowd import Crowd, Door, Line, clock
from tests.courtroom.stage import REFERENCE, Stage, free_port

TURNS = int(os.environ.get("TURNS", "200"))
ROUND = 10  # turns of one server before it is the other's
# The aims: p99 under so many times the bare one at 500, and under so many milliseconds at 2,000.
RATIO_AT_500, MS_AT_2000 = 2.0, 100.0


async def bare_server(port: int) -> None:
    """The peer: whatever one client sends goes to all."""
    clients: set[Any] = set()

    async def one(socket: Any) -> None:
        clients.add(socket)
        with contextlib.suppress(ConnectionClosed):
            await socket.send("in")
            async for message in socket:
                broadcast(clients, message)

    async with serve(one, "127.0.0.1", port, compression=None):
        await asyncio.get_running_loop().create_future()


class Peer:
    """A server with its followers and the one who turns."""

    def __init__(
        self, presenter: Line, crowd: Crowd, mark: bytes, text: Callable[[int], str], *pids: int
    ) -> None:
        self.presenter, self.crowd, self.mark, self.text, self.pids = presenter, crowd, mark, text, pids
        self.last: list[float] = []  # milliseconds to the last follower, for each turn
        self.first: list[float] = []  # to the first
        self.reading: list[float] = []  # CPU milliseconds of the followers' process
        self.used = 0.0
        self.n = 0

    def turn(self) -> None:
        self.n += 1
        text = self.text(self.n)
        self.crowd.mark(self.mark)
        # Not in step with anything that the servers do at intervals; and the crowd is at rest.
        time.sleep(0.04 + random.random() * 0.1)
        start = clock()
        self.presenter.send(text)
        try:
            first, last, used = self.crowd.heard()
        except TimeoutError as why:
            said = [frame[:300] for frame in self.presenter.read()]
            had = [count for _frames, _closed, count, _door in self.crowd.report()]
            raise TimeoutError(
                f"{why}: turn {self.n}; presenter heard {said}; followers had {had[:20]}"
            ) from None
        self.last.append((last - start) * 1000)
        self.first.append((first - start) * 1000)
        self.reading.append((used - self.used) * 1000)
        self.used = used
        while self.presenter.read():
            pass


def cpu(pid: int) -> float:
    """CPU seconds that a process has used."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:  # noqa: PTH123
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def at(values: list[float], share: float) -> float:
    found = sorted(values)
    return found[min(len(found) - 1, round(share * len(found)))]


def bare(stack: ExitStack, followers: int) -> Peer:
    port = free_port()
    server = subprocess.Popen([sys.executable, __file__, "--bare", str(port)])
    stack.callback(server.wait)
    stack.callback(server.kill)
    door = Door(port, "/")
    presenter = None
    while presenter is None:
        try:
            presenter = Line(door).enter()
        except OSError:
            time.sleep(0.05)
    crowd = stack.enter_context(Crowd())
    crowd.come([door] * followers)
    crowd.done(200)
    return Peer(
        presenter, crowd, b'"turned"', lambda n: json.dumps({"turned": n, "pad": "x" * 520}), server.pid
    )


def ours(stack: ExitStack, stage: Stage, followers: int, table: Table, said: str) -> Peer:
    webs = [stage, *stage.more]
    path = f"/ws/cases/{REFERENCE}/"
    presenter = Line(Door(stage.port, path, token=stage.people["priya"].token, after=None)).enter()
    presenter.until(b'"state"')
    crowd = stack.enter_context(Crowd())
    sessions = [stage.people[f"observer{i}"].session for i in range(followers)]
    ports = [webs[n % len(webs)].port for n in range(followers)]
    crowd.come([Door(port, path, session=one, after=None) for port, one in zip(ports, sessions, strict=True)])
    table.row(f"{said}all come in at once, the last has its state", crowd.done(200)[-1], "s")

    def text(n: int) -> str:
        view = {"x": 0, "y": 0, "w": (n % 9_999 + 1) / 10_000, "h": 0.5}
        return json.dumps(
            {"type": "turn", "hearing": stage.hearing, "page": stage.pages[n % 20], "view": view}
        )

    return Peer(presenter, crowd, b'"page.turned"', text, *[web.server.pid for web in webs if web.server])


def on_servers(stack: ExitStack, folder: Path, followers: int) -> Stage:
    """Two processes on PostgreSQL and Redis. Raises CannotStart."""
    redis = real.address("redis")
    url = stack.enter_context(real.database())
    stage = stack.enter_context(Stage(folder, followers, {**redis, "DATABASE_URL": url}))
    stage.another()
    return stage


def embedded(stack: ExitStack, folder: Path, followers: int) -> Stage:
    return stack.enter_context(Stage(folder, followers))


COLUMNS = {
    "": embedded,
    "two processes, Redis, PostgreSQL: ": on_servers,
}


def syncs(folder: Path, times: int = 50) -> list[float]:
    """What the disk takes to keep as much as a turn writes (two pages of the log), in milliseconds."""
    took = []
    file = os.open(folder / "sync", os.O_CREAT | os.O_WRONLY)
    try:
        for n in range(times):
            os.pwrite(file, os.urandom(2 * 4120), n * 2 * 4120)
            start = clock()
            os.fdatasync(file)
            took.append((clock() - start) * 1000)
    finally:
        os.close(file)
    return took


def compare(followers: int) -> bool:
    """Measure and print; whether everybody had every turn once."""
    table = Table(
        f"page turn to {followers} followers, beside a bare websockets broadcast ({TURNS} turns each)"
    )
    # One column after the other: nobody stands by with another five hundred sockets to keep open.
    wrong = sum([beside_bare(table, followers, said, make) for said, make in COLUMNS.items()])
    table.row("followers who did not have each turn once", wrong, "", aim="none", met=wrong == 0)
    return wrong == 0


def beside_bare(table: Table, followers: int, said: str, make: Callable[..., Stage]) -> int:
    """One column and the bare broadcast by turns; how many did not have each turn once."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER"))))
        try:
            stage = make(stack, folder, followers)
        except CannotStart as why:
            table.note(f"not with {said}{why}")
            return 0
        # Only now does anybody come: who does not answer while others are prepared is taken for gone.
        theirs, mine = bare(stack, followers), ours(stack, stage, followers, table, said)
        peers = (theirs, mine)
        time.sleep(2)
        for peer in peers:
            for _i in range(5):
                peer.turn()
            peer.last, peer.first, peer.reading = [], [], []
        before = [sum(map(cpu, peer.pids)) for peer in peers]
        synced: list[float] = []
        for _round in range(TURNS // ROUND):
            for peer in peers:
                for _i in range(ROUND):
                    peer.turn()
            synced += syncs(folder, 5)
        used = [
            (sum(map(cpu, peer.pids)) - then) / TURNS * 1000 for peer, then in zip(peers, before, strict=True)
        ]
        # The five of the warming-up too: nobody missed one, nobody had one twice.
        wrong = sum(
            had != TURNS + 5 for peer in peers for _frames, _closed, had, _door in peer.crowd.report()
        )
    p99, beside = at(mine.last, 0.99), at(theirs.last, 0.99)
    aim: dict[str, Any] = {}
    if followers == 500:
        aim = {"aim": "under twice bare", "met": p99 < RATIO_AT_500 * beside}
    elif followers == 2000 and not said:
        aim = {"aim": "under 100 ms", "met": p99 < MS_AT_2000}
    table.row(f"{said}to the last of them, p50", at(mine.last, 0.5), beside=at(theirs.last, 0.5))
    table.row(f"{said}to the last of them, p95", at(mine.last, 0.95), beside=at(theirs.last, 0.95))
    table.row(f"{said}to the last of them, p99", p99, beside=beside, **aim)
    table.row(f"{said}to the first of them, p50", at(mine.first, 0.5), beside=at(theirs.first, 0.5))
    table.row(f"{said}CPU of the server a turn", used[1], beside=used[0])
    reading = [statistics.mean(peer.reading) for peer in peers]
    table.row(f"{said}CPU of the followers a turn", reading[1], beside=reading[0])
    table.row(f"{said}the disk alone, two pages of the log kept, p50", at(synced, 0.5))
    table.row(f"{said}the disk alone, p99", at(synced, 0.99))
    return wrong


def main(counts: list[int]) -> int:
    found = [compare(followers) for followers in counts]
    return 0 if all(found) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bare"]:
        asyncio.run(bare_server(int(sys.argv[2])))
    else:
        sys.exit(main([int(n) for n in sys.argv[1:]] or [50, 500, 2000]))
