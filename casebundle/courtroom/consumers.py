"""The sockets: one for people and programs in a case, one for evidence screens.

Every frame is authorised against the connection's own Viewer, never by what the frame says about itself.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _

from annotations.anchors import BadAnchor, checked_quads
from casebundle.bundles.services import Conflict
from casebundle.cases import mending
from casebundle.cases.access import NotAllowed, NotVisible, Viewer, check_frame, pick, viewer_again
from casebundle.cases.models import Participant
from casebundle.journal.hub import Feed, Message, Outbox, encode, hub, offload, soon
from casebundle.watching.trail import about

from . import services
from .court import Court, court_of
from .entrance import SignedIn, enter, language_of
from .models import Hearing
from .wire import straight

log = logging.getLogger(__name__)

MAX_FRAME = 16 * 1024  # characters
# What a connection may ask for: so much a second, so much at once. Who sends more waits.
PER_SECOND, AT_ONCE = 2000.0, 2000.0
# What a frame costs, where it is not 1: some write, some read a whole journal. What is refused costs as much again.
COST = {"turn": 10, "floor": 50, "hello": 100, "point": 2}
REFUSED = 10
# So many refusals are forgiven, and so many more a second; who is refused more often is no browser of ours, and is out.
FORGIVEN, FORGIVEN_A_SECOND = 500.0, 2.0
# How long (seconds) the other side has to answer a close.
LINGER = 2.0
# How long (seconds) a hello waits for this process to reach what the client has seen already from another one.
REACH = 3.0

GONE, SLOW, AGAIN, ENOUGH = 4404, 4408, 1013, 1008

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Live:
    """What both kinds of socket share: an outbox, a place in the hub, and an end that always tidies up."""

    outbox: Outbox
    feed: Feed
    court: Court
    viewer: Viewer
    audiences: frozenset[str] = frozenset()
    takes = False
    joined = False
    accepted = False

    def __init__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        self.scope, self.receive, self.send = scope, receive, send
        # To cut off a client that takes nothing, a close frame is no use: it would wait behind what is not taken.
        self.transport = getattr(getattr(receive, "__self__", None), "transport", None)

    @classmethod
    async def as_asgi(cls, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await cls(scope, receive, send).run()

    async def run(self) -> None:
        try:
            await self.receive()  # websocket.connect
            if await self._let_in():
                while True:
                    event = await self.receive()
                    if event["type"] == "websocket.disconnect":
                        return
                    await self.heard(event.get("text"))
        finally:
            await self.leave()

    async def _let_in(self) -> bool:
        try:
            return await self.enter()
        except Exception as error:
            found = mending.trouble(error)
            if found is None:
                raise
            mending.note(found, error)
            # A browser hears of a code only on a connection that was accepted.
            if not self.accepted:
                await self.accept()
            await self.send({"type": "websocket.close", "code": AGAIN})
            return False

    async def enter(self) -> bool:
        """Accept the connection; False where there is nothing for it, and it was closed."""
        raise NotImplementedError

    async def heard(self, text: str | None) -> None:
        """A frame came; None for a binary one."""
        raise NotImplementedError

    async def accept(self, subprotocol: str | None = None) -> None:
        self.accepted = True
        await self.send({"type": "websocket.accept", "subprotocol": subprotocol})

    async def refuse_entry(self) -> bool:
        """The same close for what does not exist and what is not for them."""
        await self.send({"type": "websocket.close", "code": GONE})
        return False

    async def join(self, viewer: Viewer) -> None:
        about(case=viewer.case_id)
        self.viewer, self.audiences = viewer, viewer.audiences
        self.outbox = Outbox(self.send, self.cut, straight(self.receive))
        self.joined = True
        self.feed = await hub.add(viewer.case_id, self)
        self.court = court_of(self.feed)

    async def leave(self) -> None:
        if self.joined:
            self.joined = False
            self.takes = False
            self.outbox.close()
            self.parted()
            await hub.remove(self.viewer.case_id, self)

    def parted(self) -> None:
        """The connection is over: take it from the court."""

    def end(self, code: int) -> None:
        """Close; from then on nothing more is given out, whatever becomes of the close frame."""
        self.takes, self.audiences = False, frozenset()
        self.outbox.close()
        soon(self._end(code))

    async def _end(self, code: int) -> None:
        try:
            async with asyncio.timeout(5):
                await self.send({"type": "websocket.close", "code": code})
        except TimeoutError:
            pass
        except Exception:
            return  # it is closed already
        # Who goes on sending, or does not answer the close, is not listened to for longer.
        await asyncio.sleep(LINGER)
        if self.transport is not None:
            self.transport.abort()

    def cut(self) -> None:
        """End the connection without waiting for the other side."""
        self.takes, self.audiences = False, frozenset()
        if self.transport is not None:
            self.transport.abort()
        else:
            self.end(SLOW)

    @property
    def held(self) -> int:
        """Bytes that the other side has not taken."""
        size = getattr(self.transport, "get_write_buffer_size", None)
        return size() if size is not None else 0

    def put(self, frame: dict[str, Any], key: str = "") -> None:
        self.outbox.put(encode(frame), key)


class CaseSocket(Live):
    """`/ws/cases/{reference}/` (shared contract)."""

    def __init__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        super().__init__(scope, receive, send)
        self.said_hello = False
        self.at: str | None = None  # the page that this person looks at
        self.counted = ""  # what was last said about who is at the page
        self.seen = 0  # the last entry that was considered for this socket, while it is behind
        self.doubtful = False
        self.replaying = asyncio.Lock()
        self.tokens, self.spent_at = AT_ONCE, time.monotonic()
        self.forgiven, self.refused_at = FORGIVEN, self.spent_at

    async def enter(self) -> bool:
        began = asyncio.get_running_loop().time()
        found = await enter(self.scope)
        offered = self.scope.get("subprotocols") or []
        await self.accept("bearer" if offered and offered[0] == "bearer" else None)
        if found is None:
            return await self.refuse_entry()
        viewer, self.signed_in = found
        self.card = viewer.card
        chosen = viewer.participant.user.language if viewer.participant else ""
        # For all that is said on this connection: it has a context of its own.
        translation.activate(language_of(self.scope, chosen))
        await self.join(viewer)
        self.court.presence.came(self)
        self.court.changed()
        if began <= max(self.feed.since, self.court.parts_changed):
            # Their part in the case may have changed between the look at it and now, and nobody told this socket.
            self.doubt(0)
        return True

    signed_in: SignedIn

    def parted(self) -> None:
        court: Court | None = getattr(self, "court", None)
        if court is not None:
            court.presence.left(self)
            court.changed()

    # --- somebody's part in the case changes ----------------------------------------------------
    def doubt(self, seq: int) -> None:
        """Entry `seq` is about this person's part in the case: give nothing out before it was looked at."""
        if self.takes:
            self.seen = seq - 1
        self.takes, self.audiences, self.doubtful = False, frozenset(), True
        soon(self.recheck())

    async def recheck(self) -> None:
        async with self.replaying:
            if not self.joined:
                return
            self.doubtful = False
            try:
                viewer = await _again(self.viewer)
            except NotVisible:
                self.end(GONE)
                return
            except Exception:
                log.exception("somebody's part in a case could not be looked at again")
                self.end(AGAIN)
                return
            if self.doubtful:
                return  # changed once more; that look is on its way
            self.viewer, self.audiences = viewer, viewer.audiences
            self.court.presence.left(self)
            self.card = viewer.card
            self.court.presence.came(self)
            self.court.changed()
            if self.said_hello:
                self.outbox.put(await self.court.state(viewer))
                await self.catch_up()

    # --- frames ---------------------------------------------------------------------------------
    async def spend(self, cost: float) -> None:
        """Take a frame's cost from what this connection may ask for; wait where there is too little."""
        now = time.monotonic()
        self.tokens = min(AT_ONCE, self.tokens + (now - self.spent_at) * PER_SECOND) - cost
        self.spent_at = now
        if self.tokens < 0:
            await asyncio.sleep(-self.tokens / PER_SECOND)

    async def heard(self, text: str | None) -> None:
        if self.outbox.closed:
            return  # what was on its way when the connection was ended
        frame: Any = None
        if text is not None and len(text) <= MAX_FRAME:
            try:
                frame = json.loads(text)
            except (ValueError, RecursionError):
                frame = None
        kind = frame.get("type") if isinstance(frame, dict) else None
        act, doing = self.ACTS.get(kind, (None, None)) if isinstance(kind, str) else (None, None)
        await self.spend(COST.get(kind, 1) if act else 1)
        if act is None:
            await self.refuse(kind, _("That frame is not understood."))
            return
        try:
            if self.doubtful and kind != "hello":
                async with self.replaying:
                    pass  # their part in the case is being looked at
            check_frame(self.viewer, doing)
            await act(self, frame)
        except NotVisible:
            await self.refuse(kind, _("There is no such page, hearing or person for you."))
        except (NotAllowed, Conflict) as why:
            await self.refuse(kind, str(why))
        except ValidationError as why:
            await self.refuse(kind, " ".join(why.messages))
        except Exception as error:
            # The database is away, or we are at fault: the connection is none the worse for it.
            found = mending.trouble(error)
            if found is None:
                log.exception("a frame failed: %s", kind)
            else:
                mending.note(found, error)
            said = found.detail if found else _("That could not be done just now. Try again.")
            await self.refuse(kind, said)

    async def refuse(self, of: Any, detail: str) -> None:
        now = time.monotonic()
        self.forgiven = min(FORGIVEN, self.forgiven + (now - self.refused_at) * FORGIVEN_A_SECOND) - 1
        self.refused_at = now
        if self.forgiven < 0:
            self.end(ENOUGH)
            return
        await self.spend(REFUSED)
        # Whoever sends faster than they read waits until they have read.
        if await self.outbox.drained():
            self.put({"type": "refused", "of": of[:40] if isinstance(of, str) else None, "detail": detail})

    async def hello(self, frame: dict[str, Any]) -> None:
        after = frame.get("after")
        if after is not None and (
            not isinstance(after, int) or isinstance(after, bool) or not 0 <= after < 2**62
        ):
            raise ValidationError(_("The hello says the last sequence number that was seen, or null."))
        self.takes = False
        async with self.replaying:
            if self.doubtful:
                # The look at this person's part in the case is on its way, and answers the hello.
                self.said_hello, self.seen = True, self.feed.delivered if after is None else after
                return
            if after is not None and after > self.feed.delivered:
                await self.reach(after)
            self.said_hello = True
            self.outbox.put(await self.court.state(self.viewer))
            # No `after`: from now on. One that never was (the case was restored from a copy): from now on too.
            self.seen = self.feed.delivered if after is None else min(after, self.feed.delivered)
            await self.catch_up()
        self.counted = ""
        self.court.changed()

    async def reach(self, after: int) -> None:
        """Wait until this process has come to what the client has seen already, from another one."""
        until = time.monotonic() + REACH
        while self.feed.delivered < after and time.monotonic() < until:  # noqa: ASYNC110  (seldom, and short)
            await asyncio.sleep(0.05)

    async def catch_up(self) -> None:
        """Give out what was missed, in order; then take what comes. `replaying` is held."""
        while self.joined and not self.doubtful:
            portion = await self.feed.missed(self.seen)
            if not portion:
                # Nothing was awaited since it was asked, so that nothing can come in between.
                self.takes = True
                return
            about = any(message.document for message in portion)
            hidden = await self.feed.hidden(self.viewer) if about else frozenset()
            if self.doubtful:
                return
            theirs = [
                message
                for message in portion
                if message.document not in hidden and self.viewer.sees(message.audience)
            ]
            while theirs:
                given = self.outbox.put_all(theirs)
                self.seen = theirs[given - 1].seq or self.seen
                theirs = theirs[given:]
                if not await self.outbox.drained() or self.doubtful:
                    return
            self.seen = portion[-1].seq or self.seen

    async def turn(self, frame: dict[str, Any]) -> None:
        # Who has the floor is decided where it is written; who seems not to have it is asked before that begins.
        await _turn(self.viewer, frame, self.court.presenter == str(self.viewer.participant_id))

    async def floor(self, frame: dict[str, Any]) -> None:
        await _floor(self.viewer, frame)

    async def point(self, frame: dict[str, Any]) -> None:
        """The presenter's pointer: too often to journal, and not worth a query each."""
        stands = await self.court.standing()
        me = str(self.viewer.participant_id)
        if (
            stands.hearing is None
            or str(stands.hearing.pk) != frame.get("hearing")
            or stands.presenter is None
            or stands.presenter["id"] != me
        ):
            raise NotAllowed(_("You do not have the floor. The judge or the clerk gives it."))
        at = frame.get("at")
        if at is not None:
            try:
                x, y = at
                at = checked_quads([[x, y, x, y]])[0][:2]
            except (BadAnchor, TypeError, ValueError):
                raise ValidationError(_("The pointer is [x, y] in fractions of the page.")) from None
        if stands.page_id is None or stands.page_id != frame.get("page"):
            return  # turned on meanwhile
        text = encode({"type": "point", "hearing": str(stands.hearing.pk), "page": stands.page_id, "at": at})
        self.court.point(Message(str(self.viewer.case_id), None, "point", stands.audience, text))

    async def where(self, frame: dict[str, Any]) -> None:
        """Which page this person looks at, so that the presenter knows how many see it."""
        page = frame.get("page")
        if page is not None and (not isinstance(page, str) or len(page) > 40):
            raise ValidationError(_("That frame is not understood."))
        if page != self.at:
            self.at = page
            self.court.changed()

    async def ping(self, frame: dict[str, Any]) -> None:
        if await self.outbox.drained():
            self.put({"type": "pong"})

    # What is done with each frame, and the act (access.ACTS) that this is; None for what changes nothing.
    ACTS = {
        "hello": (hello, None),
        "turn": (turn, "present"),
        "floor": (floor, "preside"),
        "point": (point, "present"),
        "at": (where, None),
        "ping": (ping, None),
    }


_again = offload(viewer_again)


def _text(value: Any) -> str:
    """An id as frames have it."""
    if not isinstance(value, str):
        raise NotVisible
    return value


@offload
def _turn(viewer: Viewer, frame: dict[str, Any], likely: bool = True) -> None:
    try:
        hearing_id = UUID(_text(frame.get("hearing")))
    except ValueError:
        raise NotVisible from None
    if not likely:
        # Reads alone: whoever asks for what they may not do holds up nobody who writes.
        services.check_floor(viewer, hearing_id)
    services.turn_to(viewer, hearing_id, _text(frame.get("page")), frame.get("view"))


@offload
def _floor(viewer: Viewer, frame: dict[str, Any]) -> None:
    viewer = viewer_again(viewer)
    hearing = pick(viewer, Hearing.objects.all(), _text(frame.get("hearing")))
    to = frame.get("to")
    people = Participant.objects.select_related("case", "user").prefetch_related("parties")
    services.give_floor(viewer, hearing, pick(viewer, people, _text(to)) if to is not None else None)


class ScreenSocket(Live):
    """`/ws/screen/{code}/`: an evidence screen hears what is presented to everybody, and can ask for nothing."""

    code = ""
    name = ""
    page: str | None = None  # what it shows
    shown: dict[str, Any] | None = None

    async def enter(self) -> bool:
        found = await _screen(self.scope["url_route"]["kwargs"]["code"])
        await self.accept()
        if found is None:
            return await self.refuse_entry()
        viewer, screen = found
        self.code, self.name = screen.code, screen.name
        self.hearing_id: UUID = screen.hearing_id
        await self.join(viewer)
        self.court.presence.screen_came(self)
        self.court.changed()
        await self.show()
        return True

    def parted(self) -> None:
        court: Court | None = getattr(self, "court", None)
        if court is not None:
            court.presence.screen_left(self)
            court.changed()

    async def show(self) -> None:
        """Say what is to be shown now, where that is another thing than before."""
        if not self.joined or self.outbox.closed:
            return
        if await _screen(self.code) is None:
            self.end(GONE)
            return
        stands = await self.court.standing()
        frame: dict[str, Any] = {"type": "state", "page": None, "label": None, "view": None}
        seen = stands.page is not None and self.viewer.sees(stands.audience)
        if stands.hearing is not None and stands.hearing.pk == self.hearing_id and stands.page and seen:
            frame |= {key: stands.page[key] for key in ("page", "label", "view", "width", "height")}
        if frame != self.shown:
            self.shown, self.page = frame, frame["page"]
            self.put({**frame, "seq": stands.seq}, "state")

    async def heard(self, text: str | None) -> None:
        # It can ask for nothing; a ping keeps the line open.
        if text and len(text) < 100 and '"ping"' in text and await self.outbox.drained():
            self.put({"type": "pong"})
        await asyncio.sleep(0.02)


@offload
def _screen(code: str) -> tuple[Viewer, Any] | None:
    return services.screen_by_code(code)
