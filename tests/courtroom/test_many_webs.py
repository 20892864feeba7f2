"""Two server processes on one PostgreSQL and one Redis: who is connected to one is in court with all the others."""

from __future__ import annotations

import contextlib
import json
import select
import time
import urllib.error
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scripts.services import CannotStart
from tests.courtroom import real
from tests.courtroom.crowd import Door, Line
from tests.courtroom.stage import REFERENCE, Stage, Web

PATH = f"/ws/cases/{REFERENCE}/"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    try:
        servers = real.address("redis")
        real.address("postgres")
    except CannotStart as why:
        pytest.skip(str(why))
    with (
        real.database() as url,
        Stage(tmp_path_factory.mktemp("webs"), 3, {**servers, "DATABASE_URL": url}) as made,
    ):
        made.another()
        yield made


@pytest.fixture
def other(stage: Stage) -> Web:
    return stage.more[0]


class Person(Line):
    """A line whose frames are kept as they are read."""

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self.heard: list[dict[str, Any]] = []

    def listen(self, seconds: float = 0.2) -> list[dict[str, Any]]:
        """What comes in that time; all of it is in `heard` too."""
        ready, _w, _x = select.select([self.socket], [], [], seconds) if self.closed is None else ([], [], [])
        found = [json.loads(body) for body in self.read()] if ready else []
        self.heard += found
        return found

    def wait(self, holds: Callable[[], Any], seconds: float = 20) -> Any:
        end = time.monotonic() + seconds
        while not (found := holds()):
            assert time.monotonic() < end, f"it did not come: {self.heard[-5:]}, closed {self.closed}"
            self.listen()
        return found

    def turns(self) -> list[tuple[int, str]]:
        return [
            (frame["seq"], frame["data"]["page"])
            for frame in self.heard
            if frame["type"] == "entry" and frame["action"] == "page.turned"
        ]

    def present(self) -> set[str]:
        """Who is there, by name, as live.js would have it."""
        found: dict[str, str] = {}
        for frame in self.heard:
            if frame["type"] == "state" and "present" in frame:
                found = {card["id"]: card["name"] for card in frame["present"]}
            elif frame["type"] == "presence":
                found |= {card["id"]: card["name"] for card in frame["joined"]}
                found = {key: name for key, name in found.items() if key not in frame["left"]}
        return set(found.values())

    def last(self, kind: str) -> dict[str, Any]:
        return next((frame for frame in reversed(self.heard) if frame["type"] == kind), {})

    def say(self, **frame: Any) -> None:
        self.send(json.dumps(frame))


Enter = Callable[..., Person]


@pytest.fixture
def enter(stage: Stage) -> Iterator[Enter]:
    made: list[Person] = []

    def come(web: Web, who: str, after: int | None = None, session: bool = False, path: str = PATH) -> Person:
        person = stage.people.get(who)
        door = Door(
            web.port,
            path,
            token=person.token if person and not session else "",
            session=person.session if person and session else "",
            after=after if person else ...,
        )
        one = Person(door)
        made.append(one.enter())
        one.heard = [json.loads(body) for body in one.frames]
        one.wait(lambda: one.last("state"))
        return one

    yield come
    for one in made:
        with contextlib.suppress(OSError):
            one.abort()


def turn(stage: Stage, person: Person, n: int) -> None:
    person.say(type="turn", hearing=stage.hearing, page=stage.pages[n % 20])


def turned(stage: Stage, presenter: Person, numbers: range) -> None:
    """The presenter turns so many times, each once the one before is heard."""
    for n in numbers:
        before = len(presenter.turns())
        turn(stage, presenter, n)
        presenter.wait(lambda before=before: len(presenter.turns()) > before)  # type: ignore[misc]


def journal(stage: Stage, after: int) -> list[tuple[int, str]]:
    rows = stage.call("daniel", "GET", f"/cases/{REFERENCE}/journal?after={after}&limit=500")["items"]
    return [(row["seq"], row["data"]["page"]) for row in rows if row["action"] == "page.turned"]


def test_turns_from_one_reach_the_other_once_and_in_order(stage: Stage, other: Web, enter: Enter):
    priya, near, far = (
        enter(stage, "priya"),
        enter(stage, "daniel", session=True),
        enter(other, "mari", session=True),
    )
    start = far.last("state")["seq"]
    for n in range(30):
        turn(stage, priya, n)
    for one in (priya, near, far):
        one.wait(lambda one=one: len(one.turns()) >= 30)  # type: ignore[misc]
    far.listen(0.5)
    assert far.turns() == near.turns() == priya.turns() == journal(stage, start)
    assert [page for _seq, page in far.turns()] == [stage.pages[n % 20] for n in range(30)]


def test_who_is_there_is_known_in_both_and_counted_once(stage: Stage, other: Web, enter: Enter):
    priya = enter(stage, "priya")
    mari = enter(other, "mari")
    priya.wait(lambda: "Mari Llwyd" in priya.present())
    mari.wait(lambda: "Priya Shah" in mari.present())
    # A window on each: still there when one is closed.
    again = enter(stage, "mari")
    enter(other, "observer0")
    priya.wait(lambda: "Observer 0" in priya.present())
    again.abort()
    priya.listen(1.5)
    assert "Mari Llwyd" in priya.present()
    page = stage.pages[3]
    priya.say(type="turn", hearing=stage.hearing, page=page)
    screen = enter(other, "", path=f"/ws/screen/{stage.screen}/")
    screen.wait(lambda: screen.last("state").get("page") == page)
    near = enter(stage, "daniel")
    for one in (mari, near):
        one.say(type="at", page=page)
    priya.wait(
        lambda: (
            priya.last("watching")
            and {**priya.last("watching"), "type": ""}
            == {"type": "", "page": page, "people": 2, "screens": 1}
        )
    )
    # The pages of a process that has no socket of theirs say so too.
    people = stage.call("daniel", "GET", f"/hearings/{stage.hearing}", at=other)
    names = {card["name"] for card in people["present"]}
    assert {"Priya Shah", "Mari Llwyd", "Daniel Okafor", "Observer 0"} <= names
    mari.abort()
    priya.wait(lambda: "Mari Llwyd" not in priya.present())


def test_notes_and_the_end_of_a_part_cross_over(stage: Stage, other: Web, enter: Enter):
    far, mari = enter(other, "daniel"), enter(other, "mari")
    note = {"kind": "note", "body": "Ask about the van.", "audience": "party"}
    stage.call("daniel", "POST", f"/pages/{stage.pages[0]}/notes", note)
    far.wait(lambda: any(frame.get("action") == "note.created" for frame in far.heard))
    mari.listen(0.6)
    assert not any(frame.get("action") == "note.created" for frame in mari.heard)
    # A session and a token of one are those of the other; who is removed through one is out of both.
    gone, here = enter(other, "observer1", session=True), enter(stage, "observer1", session=True)
    stage.call("tom", "DELETE", f"/cases/{REFERENCE}/participants/{stage.people['observer1'].id}")
    for one in (gone, here):
        one.wait(lambda one=one: one.closed is not None)  # type: ignore[misc]
        assert one.closed == 4404


def test_a_process_that_is_drained_sends_its_clients_to_another(stage: Stage, other: Web, enter: Enter):
    third = stage.another()
    priya = enter(other, "priya")
    mari = enter(third, "mari", session=True)
    screen = enter(third, "", path=f"/ws/screen/{stage.screen}/")
    turned(stage, priya, range(5))
    mari.wait(lambda: len(mari.turns()) == 5)
    priya.wait(lambda: "Mari Llwyd" in priya.present())
    assert third.server is not None
    third.drain()
    for one in (mari, screen):
        one.wait(lambda one=one: one.closed is not None)  # type: ignore[misc]
        assert one.closed == 1012
    turned(stage, priya, range(5, 12))
    back = enter(other, "mari", after=mari.turns()[-1][0], session=True)
    back.wait(lambda: len(back.turns()) >= 7)
    assert mari.turns() + back.turns() == priya.turns()
    assert third.server.wait(20) in (0, -15)
    with pytest.raises(OSError, match="refused"):
        Line(Door(third.port, PATH)).connect(blocking=True)
    shown = enter(other, "", path=f"/ws/screen/{stage.screen}/")
    assert shown.last("state")["page"] == stage.pages[11]


def test_a_request_that_has_begun_is_finished(stage: Stage, other: Web):
    third = stage.another()
    # An upload whose second half is on its way when the end is announced.
    body = b'{"kind":"note","body":"' + b"x" * 5_000 + b'","audience":"case"}'
    head = (
        f"POST /api/v1/pages/{stage.pages[0]}/notes HTTP/1.1\r\nHost: 127.0.0.1:{third.port}\r\n"
        f"Authorization: Bearer {stage.people['daniel'].token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    line = Line(Door(third.port, PATH)).connect(blocking=True)
    line.socket.sendall(head + body[:2_000])
    time.sleep(0.5)
    third.drain()
    time.sleep(0.5)
    line.socket.sendall(body[2_000:])
    assert line.socket.recv(200).startswith(b"HTTP/1.1 201")


def test_a_process_that_is_killed_loses_nothing_and_is_seen_to_be_gone(
    stage: Stage, other: Web, enter: Enter
):
    third = stage.another()
    priya = enter(other, "priya")
    mari = enter(third, "mari")
    enter(third, "observer2")
    priya.wait(lambda: {"Mari Llwyd", "Observer 2"} <= priya.present())
    turned(stage, priya, range(5))
    mari.wait(lambda: len(mari.turns()) == 5)
    third.kill()
    mari.wait(lambda: mari.closed is not None)
    turned(stage, priya, range(5, 9))
    back = enter(stage, "mari", after=mari.turns()[-1][0])
    back.wait(lambda: len(back.turns()) >= 4)
    assert mari.turns() + back.turns() == priya.turns()
    priya.wait(lambda: "Observer 2" not in priya.present())
    assert "Mari Llwyd" in priya.present()


def test_what_many_count_is_counted_together(stage: Stage, other: Web):
    limit = 30
    web = Web({**stage.env, "SEARCHES_PER_MINUTE": str(limit)})
    beside = Web({**stage.env, "SEARCHES_PER_MINUTE": str(limit)})
    stage.more += [web, beside]
    for one in (web, beside):
        one.start()
    # A minute may end in between, and then it is counted anew.
    if time.time() % 60 > 45:
        time.sleep(61 - time.time() % 60)
    found = []
    for n in range(limit + 10):
        try:
            stage.call("mari", "GET", "/search?q=van", at=(web, beside)[n % 2])
            found.append(200)
        except urllib.error.HTTPError as error:
            found.append(error.code)
    assert found.count(200) == limit
    assert set(found[limit:]) == {429}
