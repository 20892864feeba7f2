"""Who is connected elsewhere, however what is said of it arrives: late, twice, out of order or not at all."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from casebundle.courtroom import others as room
from casebundle.courtroom.court import Court, court_of
from casebundle.courtroom.others import Others
from casebundle.journal.hub import Feed, hub

CASE = str(uuid.uuid4())
MARI = {"id": "mari", "name": "Mari Llwyd", "role": "defence", "party": "doyle"}
RUTH = {"id": "ruth", "name": "HHJ Ruth Adler", "role": "judge", "party": "court"}


@pytest.fixture
def court(monkeypatch: pytest.MonkeyPatch) -> Court:
    feed = Feed(CASE)
    monkeypatch.setitem(hub.feeds, CASE, feed)
    found = court_of(feed)
    monkeypatch.setattr(found, "changed", lambda: None)
    return found


def in_a_loop(act: Callable[[], None]) -> None:
    async def run() -> None:
        act()

    asyncio.run(run())


def whole(version: int, *people: dict[str, str], at: tuple[str, ...] = ()) -> dict[str, Any]:
    said = {"people": list(people), "screens": [], "page": "page", "at": list(at)}
    return {"type": "here", "hub": "other", "case": CASE, "version": version, "said": said}


def part(version: int, since: int, *at: str) -> dict[str, Any]:
    more = {"version": version, "since": since, "page": "page", "at": list(at)}
    return {"type": "at", "hub": "other", "case": CASE, **more}


def test_who_sees_the_page_is_known_however_it_comes(court: Court) -> None:
    others = Others()

    def seen() -> int:
        return court.presence.watching("page", None)

    def act() -> None:
        # Before anybody is known there: nothing to add it to.
        others.heard(part(2, 1, "mari"))
        assert seen() == 0
        others.heard(whole(1, MARI, RUTH))
        others.heard(part(2, 1, "mari"))
        assert seen() == 1
        # What came late, or again, changes nothing.
        others.heard(part(3, 1, "mari", "ruth"))
        others.heard(part(2, 1, "mari"))
        assert seen() == 2
        # It builds on who came or left (4), which was not heard: those who are known stay until that is found.
        others.heard(part(5, 4, "mari"))
        assert seen() == 2
        others.heard(whole(4, MARI))
        others.heard(part(5, 4, "mari"))
        assert seen() == 1
        assert "Ruth" not in court.presence.everybody()
        others.heard({"type": "left", "hub": "other"})
        assert seen() == 0
        # Of a case that nobody has open here.
        others.heard({**part(9, 1, "mari"), "case": str(uuid.uuid4())})

    in_a_loop(act)


def test_who_sees_the_page_is_said_again_for_a_while(
    court: Court, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.SEVERAL_WEBS = True
    said: list[dict[str, Any]] = []
    now = [100.0]

    class Layer:
        def say(self, _group: str, message: dict[str, Any]) -> None:
            said.append(message)

    class Socket:
        card = MARI
        at: str | None = None

    monkeypatch.setattr(room, "the_layer", Layer)
    monkeypatch.setattr(room, "_now", lambda: now[0])
    others, socket = Others(), Socket()
    court.page = "page"
    court.presence.came(socket)  # type: ignore[arg-type]
    others.tell(CASE)
    assert [one["type"] for one in said] == ["here"]
    socket.at = "page"
    others.tell(CASE)
    assert said[-1]["at"] == ["mari"]
    assert "said" not in said[-1], "names are said when they change"
    others._repeat()
    assert said[-1] == said[-2]
    others.tell(CASE)  # nothing is new
    now[0] += room.REPEATED
    others._repeat()
    assert len(said) == 3
    # Whoever begins to listen hears all of it, and is told nothing that they have not.
    others.say_again()
    assert said[-1]["said"]["at"] == ["mari"]
    court.presence.left(socket)  # type: ignore[arg-type]
    others.tell(CASE)
    assert (said[-1]["type"], said[-1]["said"]) == ("here", {})
