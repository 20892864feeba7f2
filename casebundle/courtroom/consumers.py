"""The sockets: one for people and programs in a case, one for evidence screens.

Every frame is authorised against the connection's own Viewer, never by what the frame says about itself.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from annotations.anchors import BadAnchor, checked_quads
from casebundle.bundles.models import Page
from casebundle.bundles.services import Conflict
from casebundle.cases.access import NotAllowed, NotVisible, Viewer, pick, viewer_in, viewer_of
from casebundle.cases.models import Participant
from casebundle.journal.hub import Message, Outbox, hub, publish
from casebundle.journal.models import Entry

from . import presence, services
from .models import Hearing

MAX_FRAME = 16 * 1024
# Frames a second that one connection may send on average, and in one burst.
RATE, BURST = 60, 240
REPLAY = 500

GONE, SLOW, RUDE = 4404, 4408, 4429


class Live(AsyncWebsocketConsumer):
    """What both kinds of socket share: an outbox, and a place in the hub."""

    channel_layer_alias = None  # the hub is what listens; a channel for each socket would be 10 times slower
    viewer: Viewer
    audiences: frozenset[str]
    outbox: Outbox
    takes_entries = True
    joined = False

    async def join(self, viewer: Viewer) -> None:
        self.viewer, self.audiences = viewer, viewer.audiences
        self.outbox = Outbox(lambda text: self.send(text_data=text), lambda: self.end(SLOW))
        self.outbox.start()
        await hub.add(viewer.case_id, self)
        self.joined = True

    def end(self, code: int) -> None:
        """Close from inside a callback."""
        asyncio.ensure_future(self.close(code=code))

    def heard(self, message: Message) -> None:
        """A message of the case passed by."""

    async def disconnect(self, code: int) -> None:
        if self.joined:
            self.joined = False
            self.outbox.stop()
            await hub.remove(self.viewer.case_id, self)
            presence.changed(self.viewer.case_id)

    def put(self, frame: dict[str, Any], key: str = "") -> None:
        self.outbox.put(json.dumps(frame, ensure_ascii=False, separators=(",", ":")), key)


class CaseSocket(Live):
    """`/ws/cases/{reference}/` (shared contract)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.said_hello = False
        self.at: str | None = None  # the page that this person looks at
        self.tokens, self.counted = float(BURST), time.monotonic()

    async def connect(self) -> None:
        reference = self.scope["url_route"]["kwargs"]["reference"]
        try:
            viewer = await database_sync_to_async(viewer_in)(self.scope["user"], reference=reference)
        except NotVisible:
            # The same close for no case, no part in it and no sign-in.
            await self.accept(self.scope.get("subprotocol"))
            await self.close(code=GONE)
            return
        await self.accept(self.scope.get("subprotocol"))
        self.card = viewer.card
        await self.join(viewer)
        # Nothing is delivered before the hello has said from where on.
        self.outbox.held = []
        presence.changed(viewer.case_id)

    def heard(self, message: Message) -> None:
        if message.action.startswith("participant.") and message.data:
            if message.data.get("participant", {}).get("id") == str(self.viewer.participant_id):
                asyncio.ensure_future(self.recheck())
        elif message.action.startswith(("hearing.", "floor.")):
            presence.changed(self.viewer.case_id)

    async def recheck(self) -> None:
        """The person's part in the case changed: what they see changes at once, or the socket ends."""
        try:
            viewer = await database_sync_to_async(_again)(self.viewer)
        except NotVisible:
            await self.close(code=GONE)
            return
        self.viewer, self.audiences = viewer, viewer.audiences
        self.put(await self.state())

    def spend(self) -> bool:
        """Whether this connection may send another frame now."""
        now = time.monotonic()
        self.tokens = min(BURST, self.tokens + (now - self.counted) * RATE)
        self.counted = now
        self.tokens -= 1
        return self.tokens >= 0

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self.joined:
            return
        if not self.spend():
            await self.close(code=RUDE)
            return
        frame: Any = None
        if text_data is not None and len(text_data) <= MAX_FRAME:
            try:
                frame = json.loads(text_data)
            except (ValueError, RecursionError):
                frame = None
        kind = frame.get("type") if isinstance(frame, dict) else None
        act = self.ACTS.get(kind) if isinstance(kind, str) else None
        if act is None:
            self.refuse(kind, _("That frame is not understood."))
            return
        try:
            await act(self, frame)
        except NotVisible:
            self.refuse(kind, _("There is no such page, hearing or person for you."))
        except (NotAllowed, Conflict) as why:
            self.refuse(kind, str(why))
        except ValidationError as why:
            self.refuse(kind, " ".join(why.messages))

    def refuse(self, of: Any, detail: str) -> None:
        self.put({"type": "refused", "of": of if isinstance(of, str) else None, "detail": detail})

    async def state(self) -> dict[str, Any]:
        frame = await database_sync_to_async(_state)(self.viewer)
        frame["present"] = presence.people(self.viewer.case_id)
        frame["screens"] = presence.screens(self.viewer.case_id)
        return frame

    async def hello(self, frame: dict[str, Any]) -> None:
        after = frame.get("after")
        if after is not None and (
            not isinstance(after, int) or isinstance(after, bool) or not 0 <= after < 2**62
        ):
            raise ValidationError(_("The hello says the last sequence number that was seen, or null."))
        self.said_hello = True
        if self.outbox.held is None:
            self.outbox.held = []
        state = await self.state()
        head = hub.delivered.get(str(self.viewer.case_id), 0)
        state["head"] = head
        self.put(state)
        seen = head if after is None else min(after, head)
        while after is not None:
            rows = await database_sync_to_async(_entries)(self.viewer, seen)
            for seq, text in rows:
                self.outbox.put(text)
                seen = seq
            await self.outbox.drained()
            if len(rows) < REPLAY:
                break
        self.outbox.seen = max(seen, self.outbox.seen)
        held, self.outbox.held = self.outbox.held or [], None
        for message in held:
            if message.seq is not None and message.seq > self.outbox.seen:
                if self.viewer.sees(message.audience):
                    self.outbox.put(message.text)
                elif message.otherwise is not None:
                    self.outbox.put(message.otherwise)

    async def turn(self, frame: dict[str, Any]) -> None:
        await database_sync_to_async(_turn)(self.viewer, frame)

    async def floor(self, frame: dict[str, Any]) -> None:
        await database_sync_to_async(_floor)(self.viewer, frame)

    async def point(self, frame: dict[str, Any]) -> None:
        """The presenter's pointer: too often to journal, and not worth a query each."""
        room = presence.room(self.viewer.case_id)
        me = str(self.viewer.participant_id)
        standing = await room.standing(self.viewer)
        if standing["presenter"] != me or standing["hearing"] != frame.get("hearing"):
            raise NotAllowed(_("You do not have the floor. The judge or the clerk gives it."))
        if standing["page"] != frame.get("page"):
            return  # turned on meanwhile
        at = frame.get("at")
        if at is not None:
            try:
                x, y = at
                at = checked_quads([[x, y, x, y]])[0][:2]
            except (BadAnchor, TypeError, ValueError):
                raise ValidationError(_("The pointer is [x, y] in fractions of the page.")) from None
        text = json.dumps(
            {"type": "point", "hearing": standing["hearing"], "page": standing["page"], "at": at}
        )
        await publish(Message(str(self.viewer.case_id), None, "point", standing["audience"], text))

    async def where(self, frame: dict[str, Any]) -> None:
        """Which page this person looks at, so that the presenter knows who sees it."""
        page = frame.get("page")
        if page is not None and (not isinstance(page, str) or len(page) > 40):
            raise ValidationError(_("That frame is not understood."))
        if page != self.at:
            self.at = page
            presence.changed(self.viewer.case_id)

    async def ping(self, frame: dict[str, Any]) -> None:
        self.put({"type": "pong"})

    ACTS = {"hello": hello, "turn": turn, "floor": floor, "point": point, "at": where, "ping": ping}


def _again(viewer: Viewer) -> Viewer:
    participant = (
        Participant.objects.select_related("case", "user")
        .prefetch_related("parties")
        .filter(pk=viewer.participant_id)
        .first()
    )
    if participant is None:
        raise NotVisible
    return viewer_of(participant)


def _state(viewer: Viewer) -> dict[str, Any]:
    return services.state(viewer, services.current(viewer.case))


def _entries(viewer: Viewer, after: int) -> list[tuple[int, str]]:
    rows = Entry.objects.visible_to(viewer).filter(seq__gt=after).order_by("seq")[:REPLAY]
    return [(row.seq, json.dumps(row.frame(), ensure_ascii=False, separators=(",", ":"))) for row in rows]


def _turn(viewer: Viewer, frame: dict[str, Any]) -> None:
    hearing = pick(viewer, Hearing.objects.all(), frame.get("hearing"))
    page = pick(viewer, Page.objects.select_related("version__document__section__bundle"), frame.get("page"))
    services.turn(viewer, hearing, page, frame.get("view"))


def _floor(viewer: Viewer, frame: dict[str, Any]) -> None:
    hearing = pick(viewer, Hearing.objects.all(), frame.get("hearing"))
    to = frame.get("to")
    participant = (
        pick(viewer, Participant.objects.select_related("case", "user").prefetch_related("parties"), to)
        if to is not None
        else None
    )
    services.give_floor(viewer, hearing, participant)


class ScreenSocket(Live):
    """`/ws/screen/{code}/`: an evidence screen hears what is presented to everybody, and can ask for nothing."""

    takes_entries = False  # only what `show` says
    code: str
    name: str

    async def connect(self) -> None:
        self.code = self.scope["url_route"]["kwargs"]["code"]
        found = await database_sync_to_async(services.screen_by_code)(self.code)
        await self.accept()
        if found is None:
            await self.close(code=GONE)
            return
        viewer, screen = found
        self.name = screen.name
        self.hearing_id: UUID = screen.hearing_id
        await self.join(viewer)
        presence.changed(viewer.case_id)
        await self.show()

    def heard(self, message: Message) -> None:
        if message.action in (
            "page.turned",
            "hearing.closed",
            "hearing.opened",
            "screen.ended",
            "bundle.numbered",
        ) or message.action in ("document.withdrawn", "document.changed", "section.restricted"):
            asyncio.ensure_future(self.show())
        elif message.action == "point" and self.viewer.sees(message.audience):
            self.outbox.put(message.text, "point")

    async def show(self) -> None:
        frame = await database_sync_to_async(_shown)(self.code)
        if frame is None:
            await self.close(code=GONE)
        else:
            self.put(frame, "turn")

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if text_data and len(text_data) < 100 and '"ping"' in text_data:
            self.put({"type": "pong"})


def _shown(code: str) -> dict[str, Any] | None:
    found = services.screen_by_code(code)
    if found is None:
        return None
    viewer, screen = found
    state = services.state(viewer, screen.hearing)
    return {key: state.get(key) for key in ("type", "seq", "page", "label", "view", "width", "height")}
