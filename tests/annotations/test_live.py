"""What sockets carry of notes: to each of the cast exactly what is for them, and never the words of a note."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async

from annotations import services
from annotations.models import Note
from casebundle.asgi import application
from casebundle.cases import people
from tests.annotations.conftest import AUDIENCES, IN_CASE, page_of
from tests.cast import OTHER, REFERENCE, viewer
from tests.papers import paper

pytestmark = pytest.mark.django_db(transaction=True)

SECRETS = ("Our weak point", "white van", "tactics", "Hardly weak")
MARKER = "hearing.listed"


class Ear:
    """One socket, and everything that ever came over it."""

    def __init__(self, user: Any, reference: str) -> None:
        self.user, self.reference = user, reference
        self.raw: list[str] = []

    async def open(self) -> None:
        token = await database_sync_to_async(lambda: people.new_token(self.user, "test")[1])()
        scope = {
            "type": "websocket",
            "path": f"/ws/cases/{self.reference}/",
            "query_string": b"",
            "headers": [],
            "subprotocols": ["bearer", token],
        }
        self.socket = ApplicationCommunicator(application, scope)
        await self.socket.send_input({"type": "websocket.connect"})
        assert (await self.socket.receive_output(10))["type"] == "websocket.accept"
        await self.say({"type": "hello", "after": None})
        while (await self.next())["type"] != "state":
            pass

    async def say(self, frame: dict[str, Any]) -> None:
        await self.socket.send_input({"type": "websocket.receive", "text": json.dumps(frame)})

    async def next(self) -> dict[str, Any]:
        message = await self.socket.receive_output(10)
        assert message["type"] == "websocket.send", message
        self.raw.append(message["text"])
        found: dict[str, Any] = json.loads(message["text"])
        return found

    async def close(self) -> None:
        await self.socket.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.socket.wait(10)

    async def until_marker(self) -> list[dict[str, Any]]:
        """The entries up to the marker, which is for everybody and comes after all that is asked about."""
        entries = []
        while True:
            frame = await self.next()
            if frame["type"] != "entry":
                continue
            if frame["action"] == MARKER:
                return entries
            entries.append(frame)


Act = Callable[..., Awaitable[Any]]


def act(function: Callable[..., Any]) -> Act:
    return database_sync_to_async(function)


@asynccontextmanager
async def ears(cast: Any) -> AsyncIterator[dict[str, Ear]]:
    found = {name: Ear(cast[name], REFERENCE) for name in IN_CASE}
    found["sam"] = Ear(cast.sam, OTHER)
    for ear in found.values():
        await ear.open()
    try:
        yield found
    finally:
        for ear in found.values():
            await ear.close()


def mark(cast: Any) -> None:
    """Something for everybody, in both cases, that says: nothing of before is still to come."""
    import datetime

    from django.utils import timezone

    from casebundle.courtroom.services import open_hearing

    later = timezone.now() + datetime.timedelta(days=1)
    for reference in (REFERENCE, OTHER):
        open_hearing(viewer(cast.tom, reference), "Later", later)


async def heard(cast: Any, doing: Callable[[], Any]) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """The note entries that each socket got while `doing` was done, and every frame of all of them."""
    async with ears(cast) as all_ears:
        await act(doing)()
        await act(mark)(cast)
        parts = await asyncio.gather(*(ear.until_marker() for ear in all_ears.values()))
        frames = [text for ear in all_ears.values() for text in ear.raw]
    return {
        name: [entry for entry in entries if entry["action"].startswith("note.")]
        for name, entries in zip(all_ears, parts, strict=True)
    }, frames


def actions(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["action"] for entry in entries]


@pytest.mark.parametrize(("choice", "parties", "readers"), AUDIENCES)
async def test_each_socket_carries_exactly_what_is_for_its_person(cast, sheet, choice, parties, readers):
    made: list[Note] = []

    def doing() -> None:
        daniel = viewer(cast.daniel)
        note = services.create(
            daniel,
            sheet,
            kind="note",
            body="Our weak point",
            quote="The van was white.",
            choice=choice,
            parties=parties,
            tags=["tactics"],
        )
        made.append(note)
        services.reply(daniel, note, "Hardly weak")
        services.edit(daniel, note, body="Our weak point, again")
        services.delete(daniel, note)

    got, frames = await heard(cast, doing)
    for name, entries in got.items():
        wanted = ["note.created", "note.replied", "note.changed", "note.deleted"] if name in readers else []
        assert actions(entries) == wanted, name
        for entry in entries:
            assert entry["data"]["page"] == sheet.pk
            assert set(entry["data"]) == {
                "note", "parent", "page", "label", "kind", "audience", "content_sha256",
            }  # fmt: skip
    for text in frames:
        for secret in SECRETS:
            assert secret not in text


async def test_who_loses_sight_of_a_note_is_told_that_and_no_more(cast, sheet):
    made: list[Note] = []

    def doing() -> None:
        daniel = viewer(cast.daniel)
        note = services.create(
            daniel, sheet, kind="note", body="Our weak point", choice="parties", parties=["prosecution"]
        )
        made.append(note)
        services.edit(daniel, note, choice="private")
        services.edit(daniel, note, body="Our weak point, again")

    got, frames = await heard(cast, doing)
    assert actions(got["priya"]) == ["note.created", "note.hidden"]
    assert got["priya"][1]["data"] == {"note": str(made[0].pk), "page": sheet.pk}
    assert got["priya"][1]["actor"] == {}
    assert actions(got["daniel"]) == ["note.created", "note.changed", "note.hidden", "note.changed"]
    for name in ("mari", "ruth", "tom", "sam"):
        assert got[name] == [], name
    assert not any("Our weak point" in text for text in frames)


async def test_a_note_for_everybody_on_a_restricted_page_reaches_nobody_who_may_not_see_the_page(cast):
    document = await act(lambda: paper(cast.priya, "H", "For Bates alone", visible_to=["bates"]))()
    sheet = await act(page_of)(document)

    def doing() -> None:
        priya = viewer(cast.priya)
        note = services.create(priya, sheet, kind="note", body="Our weak point", choice="case")
        services.reply(viewer(cast.daniel), note, "Hardly weak")
        services.edit(priya, note, choice="private")

    got, frames = await heard(cast, doing)
    assert got["mari"] == []
    assert got["sam"] == []
    for name in ("daniel", "ruth", "tom"):
        assert actions(got[name]) == ["note.created", "note.replied", "note.hidden"], name
    mari = sheet.pk
    assert sum(mari in text for text in frames) == 4 * 3 + 1  # Priya hears of her own change too


async def test_what_was_missed_comes_later_by_the_same_rule(cast, sheet):

    def before() -> int:
        from casebundle.journal.models import Chain

        seq = Chain.objects.get(pk=cast.case.pk).seq
        daniel = viewer(cast.daniel)
        services.create(daniel, sheet, kind="note", body="Our weak point", choice="private")
        services.create(daniel, sheet, kind="note", body="For all", choice="case")
        mark(cast)
        return int(seq)

    seq = await act(before)()
    found = {}
    for name in ("daniel", "mari"):
        ear = Ear(cast[name], REFERENCE)
        await ear.open()
        await ear.say({"type": "hello", "after": seq})
        entries = await ear.until_marker()
        found[name] = [entry["data"]["audience"] for entry in entries if entry["action"] == "note.created"]
        await ear.close()
    assert found == {"daniel": ["private", "case"], "mari": ["case"]}
