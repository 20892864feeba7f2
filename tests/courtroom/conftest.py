from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from django.db import connections
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from casebundle.cases.people import new_token
from casebundle.journal import hub as hub_module
from tests.cast import REFERENCE, Cast, viewer
from tests.courtroom.session import signed_in
from tests.courtroom.stage import free_port
from tests.papers import paper

WAIT = 10  # seconds: the machine that runs the tests may be slow


class Server:
    """uvicorn in a thread of this process, over the test database: real sockets, and rooms that tests may call."""

    def __init__(self) -> None:
        self.port = free_port()
        config = uvicorn.Config(
            "casebundle.asgi:application",
            port=self.port,
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            lifespan="off",
            log_level="warning",
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=lambda: asyncio.run(self.server.serve()), daemon=True)

    def __enter__(self) -> Server:
        self.thread.start()
        until = time.monotonic() + 30
        while not self.server.started:
            assert time.monotonic() < until, "the server does not start"
            time.sleep(0.02)
        return self

    def __exit__(self, *_why: object) -> None:
        self.server.should_exit = True
        self.thread.join(15)
        # The threads of the sockets keep their connections, and the test database is to be dropped.
        all_at_once = threading.Barrier(4)

        def close() -> None:
            all_at_once.wait(10)
            connections.close_all()

        for done in [hub_module._threads.submit(close) for _i in range(4)]:
            done.result(20)

    @property
    def url(self) -> str:
        return f"127.0.0.1:{self.port}"


@pytest.fixture(scope="session")
def running() -> Iterator[Server]:
    hub_module.CHORES = 0.5
    with Server() as server:
        yield server


@pytest.fixture
def server(transactional_db: None, running: Server) -> Iterator[Server]:
    """The server; what it still has to do with the database is done before that is emptied."""
    yield running
    until = time.monotonic() + 5
    while hub_module.hub.feeds and time.monotonic() < until:
        time.sleep(0.02)


@pytest.fixture
def cast(transactional_db: None, cast: Cast) -> Cast:
    return cast


@dataclass
class Wire:
    """One connection as a program has it; all that came is kept, for what must never be in it."""

    socket: Any
    raw: list[str] = field(default_factory=list)
    frames: list[dict[str, Any]] = field(default_factory=list)
    taken: int = 0

    def send(self, **frame: Any) -> None:
        self.socket.send(json.dumps(frame))

    def read(self, timeout: float = WAIT) -> dict[str, Any]:
        """The next frame."""
        if self.taken == len(self.frames):
            text = self.socket.recv(timeout)
            self.raw.append(text)
            self.frames.append(json.loads(text))
        self.taken += 1
        return self.frames[self.taken - 1]

    def until(self, kind: str, timeout: float = WAIT, **like: Any) -> dict[str, Any]:
        """The next frame of that type that has these values; those in between are passed over."""
        end = time.monotonic() + timeout
        while True:
            left = end - time.monotonic()
            assert left > 0, f"no {kind} {like} among {self.frames[-12:]}"
            try:
                frame = self.read(left)
            except TimeoutError:
                continue
            if frame["type"] == kind and all(frame.get(key) == value for key, value in like.items()):
                return frame

    def hello(self, after: int | None = None) -> dict[str, Any]:
        self.send(type="hello", after=after)
        return self.until("state")

    def refused(self, **frame: Any) -> str:
        """Send a frame that is refused; the reason. The connection stays open."""
        self.send(**frame)
        answer = self.until("refused")
        assert answer["of"] == frame.get("type")
        assert answer["detail"]
        self.alive()
        return str(answer["detail"])

    def alive(self) -> None:
        self.send(type="ping")
        self.until("pong")

    def settle(self) -> list[dict[str, Any]]:
        """All that is on its way: two pings and a sweep of the journal later."""
        start = self.taken
        time.sleep(0.6)
        self.alive()
        return self.frames[start : self.taken]

    def entries(self) -> list[int]:
        return [frame["seq"] for frame in self.frames if frame["type"] == "entry"]

    def closed(self, timeout: float = WAIT) -> int:
        """Wait until the server closes; its code."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                text = self.socket.recv(0.2)
                self.raw.append(text)
                self.frames.append(json.loads(text))
            except TimeoutError:
                continue
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else 1006
        raise AssertionError("it is still open")


Join = Callable[..., Wire]


@pytest.fixture
def join(server: Server) -> Iterator[Join]:
    """join(user) -> a Wire of theirs by token; session=True by session; after=None says the hello."""

    def enter(
        user: Any = None,
        reference: str = REFERENCE,
        *,
        secret: str | None = None,
        session: bool | str = False,
        hello: bool = True,
        after: int | None = None,
        path: str = "",
        **more: Any,
    ) -> Wire:
        headers: dict[str, str] = {}
        if session:
            key = session if isinstance(session, str) else signed_in(user)
            headers["Cookie"] = f"sessionid={key}"
        elif user is not None or secret is not None:
            secret = new_token(user, "tests")[1] if secret is None else secret
            more.setdefault("subprotocols", ["bearer", secret])
        url = f"ws://{server.url}{path or f'/ws/cases/{reference}/'}"
        # Nothing is read by itself, and whatever comes is kept: unless `max_queue` says otherwise.
        more = {"max_queue": None, "close_timeout": 1, "additional_headers": headers, **more}
        wire = Wire(open_.enter_context(connect(url, compression=None, **more)))
        if hello:
            wire.hello(after)
        return wire

    with ExitStack() as open_:
        yield enter


@dataclass
class Sitting:
    """An open hearing: Priya has the floor; one document is everybody's, one Daniel must not see."""

    hearing: Any
    open_page: str
    open_label: str
    shut_page: str
    shut_label: str
    open_document: Any
    shut_document: Any

    @property
    def id(self) -> str:
        return str(self.hearing.pk)


@pytest.fixture
def sitting(server: Server, cast: Cast) -> Sitting:
    from casebundle.bundles.labels import Labels
    from casebundle.bundles.models import page_id
    from casebundle.courtroom import services

    shown = paper(cast.priya, "H", "Statement of Kim", pages=3)
    shut = paper(cast.priya, "J", "Doyle's medical report", pages=2, visible_to=["doyle"])
    ruth = viewer(cast.ruth)
    hearing = services.open_hearing(ruth, "Trial, day 1")
    hearing = services.give_floor(ruth, hearing, viewer(cast.priya).participant)
    labels = Labels([shown.pk, shut.pk])
    return Sitting(
        hearing,
        page_id(shown.current_id, 0),
        str(labels.label(shown.pk, 0)),
        page_id(shut.current_id, 0),
        str(labels.label(shut.pk, 0)),
        shown,
        shut,
    )
