"""Who is present in a case, from the sockets of this process; told to everybody a moment after it changed."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

from channels.db import database_sync_to_async

from casebundle.journal.audience import PUBLIC
from casebundle.journal.hub import Message, hub

from . import services

if TYPE_CHECKING:
    from casebundle.cases.access import Viewer

PAUSE = 0.3  # seconds: 500 people who join at once are told of in one frame


def _sockets(case_id: UUID | str) -> list[Any]:
    return list(hub.sockets.get(str(case_id), ()))


def people(case_id: UUID | str) -> list[dict[str, Any]]:
    """The people connected, once each: {id, name, role, party, at: page or null}."""
    found: dict[str, dict[str, Any]] = {}
    for socket in _sockets(case_id):
        card = getattr(socket, "card", None)
        if card:
            at = getattr(socket, "at", None)
            known = found.setdefault(card["id"], {**card, "at": at})
            known["at"] = known["at"] or at
    return sorted(found.values(), key=lambda card: (card["role"], card["name"]))


def screens(case_id: UUID | str) -> list[str]:
    """The names of the evidence screens connected."""
    return sorted(socket.name for socket in _sockets(case_id) if hasattr(socket, "name"))


class Room:
    """What stands in a case's hearing, kept so that a pointer needs no query; forgotten with every change."""

    def __init__(self, case_id: str) -> None:
        self.case_id = case_id
        self.known: dict[str, Any] | None = None
        self.told: asyncio.Task[None] | None = None

    async def standing(self, viewer: Viewer) -> dict[str, Any]:
        if self.known is None or self.known["seq"] != hub.delivered.get(self.case_id):
            self.known = await database_sync_to_async(_standing)(viewer)
            self.known["seq"] = hub.delivered.get(self.case_id)
        return self.known

    async def tell(self) -> None:
        await asyncio.sleep(PAUSE)
        self.told = None
        frame = {"type": "presence", "present": people(self.case_id), "screens": screens(self.case_id)}
        hub.deliver(Message(self.case_id, None, "presence", PUBLIC, json.dumps(frame, ensure_ascii=False)))


def _standing(viewer: Viewer) -> dict[str, Any]:
    hearing = services.current(viewer.case)
    if hearing is None:
        return {"hearing": None, "presenter": None, "page": None, "audience": ""}
    audience = hearing.page.version.document.audience if hearing.page else ""
    return {
        "hearing": str(hearing.pk),
        "presenter": str(hearing.presenter_id) if hearing.presenter_id else None,
        "page": hearing.page_id,
        "audience": audience,
    }


_rooms: dict[str, Room] = {}


def room(case_id: UUID | str) -> Room:
    key = str(case_id)
    if key not in _rooms:
        _rooms[key] = Room(key)
    return _rooms[key]


def changed(case_id: UUID | str) -> None:
    """Somebody came, left or looks elsewhere: tell everybody in a moment."""
    here = room(case_id)
    if here.told is None:
        here.told = asyncio.ensure_future(here.tell())
