"""The server is killed and started again: everybody gets exactly what they missed, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.courtroom.stage import REFERENCE, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with Stage(tmp_path) as stage:
        yield stage


def enter(stage: Stage, who: str, after: int | None) -> tuple[ClientConnection, dict[str, Any]]:
    token = stage.people[who].token
    url = f"ws://{stage.url}/ws/cases/{REFERENCE}/"
    socket = connect(url, subprotocols=["bearer", token], max_queue=None, legacy=True)  # type: ignore[list-item]
    socket.send(json.dumps({"type": "hello", "after": after}))
    return socket, json.loads(socket.recv(20))


def entries(socket: ClientConnection, until: int) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    while not found or found[-1][0] < until:
        frame = json.loads(socket.recv(20))
        if frame["type"] == "entry":
            found.append((frame["seq"], frame["data"].get("page", "")))
    return found


def test_after_the_server_was_killed_nothing_is_lost_and_nothing_comes_twice(stage: Stage):
    priya, state = enter(stage, "priya", 0)
    daniel, _state = enter(stage, "daniel", None)
    for page in stage.pages[:5]:
        priya.send(json.dumps({"type": "turn", "hearing": stage.hearing, "page": page}))
    seen = entries(daniel, state["seq"] + 5)
    assert [page for _seq, page in seen] == stage.pages[:5]
    last = seen[-1][0]
    # More while Daniel is away, the last of them cut off in the middle of the work.
    daniel.close()
    for page in stage.pages[5:10]:
        priya.send(json.dumps({"type": "turn", "hearing": stage.hearing, "page": page}))
    heard = entries(priya, last + 3)
    stage.kill()
    stage.start()
    journal = stage.call("daniel", "GET", f"/cases/{REFERENCE}/journal?after={last}&limit=500")["items"]
    written = [(row["seq"], row["data"]["page"]) for row in journal if row["action"] == "page.turned"]
    assert len(written) >= 3
    # Whatever anybody was told of was on disk before.
    assert {one for one in heard if one[0] > last} <= set(written)
    back, state = enter(stage, "daniel", last)
    assert state["page"] == written[-1][1]
    assert state["seq"] == written[-1][0]
    assert entries(back, written[-1][0]) == written
    back.send('{"type": "ping"}')
    while (frame := json.loads(back.recv(20)))["type"] != "pong":
        assert frame["type"] != "entry"
