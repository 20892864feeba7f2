"""How long from the presenter's frame to the last follower, beside a bare broadcast of the same bytes.

    .venv/bin/python bench/turns.py [followers …]        # 50 500

Both servers are processes of their own on this machine, their clients are one process for both; the difference is
what casebundle does for each turn: authorise it, write it to the journal (committed to disk), and pick its audience.
Also measured: a whole court that comes back at once after the server was killed.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import broadcast, serve

from tests.courtroom.stage import REFERENCE, Stage, free_port

TURNS = 60
PACE = 0.15  # seconds between two turns


async def bare_server(port: int) -> None:
    """The peer: whatever one client sends goes to all."""
    clients: set[Any] = set()

    async def one(socket: Any) -> None:
        clients.add(socket)
        async for message in socket:
            broadcast(clients, message)

    async with serve(one, "127.0.0.1", port, compression=None):
        await asyncio.get_running_loop().create_future()


class Watch:
    """Notes when each follower hears of each turn."""

    def __init__(self) -> None:
        self.heard: dict[int, list[float]] = {}

    async def follow(self, socket: ClientConnection) -> None:
        clock = time.perf_counter
        async for text in socket:
            now = clock()
            at = text.find('"n":') if isinstance(text, str) else -1
            if at >= 0:
                self.heard.setdefault(int(text[at + 4 : text.index("}", at)]), []).append(now)
                continue
            # Ours: the turn's number is in its view (the width of the part, in ten-thousandths).
            if '"page.turned"' in text:
                n = round(json.loads(text)["data"]["view"]["w"] * 10_000)
                self.heard.setdefault(n, []).append(now)


def told(name: str, sent: dict[int, float], watch: Watch, followers: int) -> tuple[float, float]:
    last = []
    for n, start in sent.items():
        times = watch.heard.get(n, [])
        assert len(times) == followers, f"turn {n}: {len(times)} of {followers} heard of it"
        last.append((max(times) - start) * 1000)
    last.sort()
    p50, p99 = statistics.median(last), last[min(len(last) - 1, round(0.99 * len(last)))]
    print(f"  {name:12} to the last of {followers}: p50 {p50:6.1f} ms   p99 {p99:6.1f} ms")
    return p50, p99


async def turns(
    sockets: list[ClientConnection], presenter: ClientConnection, frame: Any
) -> tuple[dict[int, float], Watch]:
    watch = Watch()
    tasks = [asyncio.create_task(watch.follow(socket)) for socket in sockets]
    await asyncio.sleep(1)
    sent = {}
    for n in range(1, TURNS + 1):
        text = json.dumps(frame(n))
        sent[n] = time.perf_counter()
        await presenter.send(text)
        await asyncio.sleep(PACE)
    await asyncio.sleep(1)
    for task in tasks:
        task.cancel()
    return sent, watch


async def bare(followers: int) -> tuple[float, float]:
    port = free_port()
    server = await asyncio.create_subprocess_exec(sys.executable, __file__, "--bare", str(port))
    try:
        for _i in range(100):
            try:
                presenter = await connect(f"ws://127.0.0.1:{port}", compression=None)
                break
            except OSError:
                await asyncio.sleep(0.05)
        sockets = [await connect(f"ws://127.0.0.1:{port}", compression=None) for _i in range(followers)]
        # As long as the frame of a turn.
        sent, watch = await turns(sockets, presenter, lambda n: {"pad": "x" * 520, "n": n})
        found = told("bare", sent, watch, followers)
        await asyncio.gather(*(socket.close() for socket in [*sockets, presenter]))
        return found
    finally:
        server.kill()


async def enter(stage: Stage, who: str, after: int | None = None) -> tuple[ClientConnection, dict[str, Any]]:
    socket = await connect(
        f"ws://{stage.url}/ws/cases/{REFERENCE}/",
        subprotocols=["bearer", stage.people[who].token],  # type: ignore[list-item]
        compression=None,
        open_timeout=60,
        max_queue=None,
    )
    await socket.send(json.dumps({"type": "hello", "after": after}))
    while True:
        frame = json.loads(await asyncio.wait_for(socket.recv(), 60))
        if frame["type"] == "state":
            return socket, frame


async def ours(followers: int, folder: Path) -> tuple[float, float]:
    with Stage(folder, followers) as stage:
        start = time.perf_counter()
        presenter, _state = await enter(stage, "priya")
        arrived = await asyncio.gather(*(enter(stage, f"observer{i}") for i in range(followers)))
        sockets = [socket for socket, _state in arrived]
        print(f"  casebundle   {followers} come in: {time.perf_counter() - start:.2f} s")

        def frame(n: int) -> dict[str, Any]:
            view = {"x": 0, "y": 0, "w": n / 10_000, "h": 0.5}
            return {"type": "turn", "hearing": stage.hearing, "page": stage.pages[n % 20], "view": view}

        drain = asyncio.create_task(quiet(presenter))
        sent, watch = await turns(sockets, presenter, frame)
        found = told("casebundle", sent, watch, followers)
        drain.cancel()
        head = max(state["seq"] for _s, state in arrived)
        stage.kill()
        await asyncio.gather(*(socket.close() for socket in [*sockets, presenter]))
        stage.start()
        start = time.perf_counter()

        async def back(i: int) -> None:
            socket, state = await enter(stage, f"observer{i}", head)
            missed = 0
            while missed < TURNS:
                if json.loads(await asyncio.wait_for(socket.recv(), 60))["type"] == "entry":
                    missed += 1
            assert state["page"] == stage.pages[TURNS % 20]
            times.append(time.perf_counter() - start)
            back_again.append(socket)

        times: list[float] = []
        back_again: list[ClientConnection] = []
        await asyncio.gather(*(back(i) for i in range(followers)))
        times.sort()
        print(
            f"  casebundle   {followers} come back at once, {TURNS} entries missed each: "
            f"half of them {times[len(times) // 2]:.2f} s, all {times[-1]:.2f} s"
        )
        await asyncio.gather(*(socket.close() for socket in back_again))
        return found


async def quiet(socket: ClientConnection) -> None:
    async for _text in socket:
        pass


async def main(counts: list[int]) -> None:
    for followers in counts:
        print(f"{followers} followers, {TURNS} turns")
        theirs = await bare(followers)
        with tempfile.TemporaryDirectory() as folder:
            mine = await ours(followers, Path(folder))
        print(f"  ratio        p50 {mine[0] / theirs[0]:.2f}   p99 {mine[1] / theirs[1]:.2f}\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bare"]:
        asyncio.run(bare_server(int(sys.argv[2])))
    else:
        asyncio.run(main([int(n) for n in sys.argv[1:]] or [50, 500]))
