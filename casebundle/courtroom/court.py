"""What this process knows of the court of a case while somebody is connected: what stands, and who is there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from uuid import UUID

from casebundle.cases.access import Viewer
from casebundle.journal.audience import PUBLIC
from casebundle.journal.hub import Feed, Message, encode, hub, offload, publish, soon

from . import services
from .presence import Elsewhere, Presence

if TYPE_CHECKING:
    from .consumers import CaseSocket

log = logging.getLogger(__name__)

# Called some time after who is here, or at the presented page, may have changed: others.py puts itself here.
tell_others: list[Callable[[str], None]] = []

# Seconds after which what could not be told, because the database was away, is tried again.
AGAIN = 0.5
# Seconds before who came and left is told: many who come at once are told of together.
PAUSE = 0.3
# A pointer goes out at most this often (seconds), and less often the more people see it.
POINTS, POINTS_EACH = 0.03, 1 / 8000

# After these, what stands may be another thing, for somebody at least.
STANDING = (
    "hearing.",
    "floor.",
    "screen.",
    "page.turned",
    "document.served",
    "document.changed",
    "document.replaced",
    "document.withdrawn",
    "section.",
    "bundle.",
    "participant.",
)
# After these, somebody may have to be shown less than before, or more, or another page in place of that one.
RESTRICTS = ("document.changed", "document.replaced", "document.withdrawn", "section.")


class Court:
    """The court of one case in this process."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.case_id = UUID(feed.case)
        self.presence = Presence()
        self.parts_changed = 0.0  # when somebody's part in the case last did, by the loop's clock
        self.presenter: str | None = None  # who had the floor when it was last asked, unless it changed since
        self.page: str | None = None  # what was presented when it was last told how many see it
        self._known: services.Standing | None = None
        # The last one that was known, which may be overtaken; None where the page in it is another one by now.
        self._last: services.Standing | None = None
        self._change = 0  # raised with every change of what stands
        self._asking = asyncio.Lock()
        self._telling = False
        self._showing = False
        self._point: Message | None = None
        self._pointing = False

    # --- what stands ----------------------------------------------------------------------------
    async def standing(self) -> services.Standing:
        """What stands now; asked of the database once after each change, whoever asks."""
        while True:
            if self._known is not None:
                return self._known
            async with self._asking:
                if self._known is not None:
                    continue
                change = self._change
                found = await _standing(self.case_id)
                # Where something changed meanwhile, it may be of before or after: asked again.
                if change == self._change:
                    self._known = self._last = found
                    self.presenter = (found.presenter or {}).get("id")

    async def state(self, viewer: Viewer) -> str:
        """The `state` frame for this viewer."""
        stands = await self.standing()
        frame = stands.frame(viewer)
        # Nothing that was delivered since has changed it.
        frame["seq"] = frame["head"] = max(stands.seq, self.feed.delivered)
        return f"{encode(frame)[:-1]},{self.presence.everybody()}}}"

    def heard(self, message: Message) -> None:
        """A message of the case, before it is delivered."""
        action = message.action
        if action == "point":
            for screen in self.presence.screens:
                if screen.page is not None and screen.viewer.sees(message.audience):
                    screen.outbox.put(message.text, "point")
        if message.seq is None or not action.startswith(STANDING):
            return
        before, self._known = self._known, None
        self._change += 1
        if action.startswith(("floor.", "hearing.", "participant.")):
            self.presenter = None
        if action.startswith("participant."):
            self.parts_changed = asyncio.get_running_loop().time()
            someone = ((message.data or {}).get("participant") or {}).get("id")
            for socket in self.presence.people.get(str(someone), ()):
                socket.doubt(message.seq)
            return
        if action == "page.turned":
            # A whole court turns: it is told by the entry itself, in every process, and asks nothing.
            told = before or self._last
            self._known = before.turned(message.seq, message.audience, message.data or {}) if before else None
            self._last = self._known
            if message.audience != PUBLIC:
                soon(self._surely(lambda: self._tell_what_changed(told, message.audience)))
            self.show()
        elif action.startswith(RESTRICTS):
            # Whether or not the page that is presented is the one: what stands is asked, not guessed.
            told = before or self._last
            if told is None or told.page is not None:
                soon(self._surely(lambda: self._tell_what_changed(told)))
                self.show()
        else:
            self.show()
        self.changed()

    async def _tell_what_changed(self, told: services.Standing | None, unless: str = "") -> None:
        """Tell those to whom another page is shown than `told` had for them, or none, and nobody else: a frame for all
        would say at which second something was done that is hidden from them. Where it is not known what they were
        told, everybody is told. Those in the audience `unless` are told by the entry itself."""
        stands = await self.standing()
        for socket in self.sockets():
            viewer = socket.viewer
            if not socket.takes or (unless and viewer.sees(unless)):
                continue
            if told is None or told.shown_to(viewer) != stands.shown_to(viewer):
                socket.outbox.put(await self.state(socket.viewer), "state")

    def sockets(self) -> list[CaseSocket]:
        return [socket for windows in self.presence.people.values() for socket in windows]

    # --- who is there ---------------------------------------------------------------------------
    def changed(self) -> None:
        """Somebody came, left, or looks at another page: those concerned are told in a moment."""
        if not self._telling:
            self._telling = True
            soon(self._tell_presence())

    def elsewhere(self, other: str, now: Elsewhere | None) -> None:
        """Another process says who is connected to it; None for one that is gone."""
        if now is not None or other in self.presence.others:
            self.presence.elsewhere(other, now)
            self.changed()

    async def _tell_presence(self) -> None:
        await asyncio.sleep(PAUSE)
        self._telling = False
        try:
            await self._surely(self._tell_those_here)
        finally:
            for tell in tell_others:
                tell(self.feed.case)

    async def _surely(self, act: Callable[[], Awaitable[None]]) -> None:
        """Do it, and again while the database is away: nobody may be left with what they must not see."""
        failed = False
        while True:
            try:
                await act()
                return
            except Exception:
                if not failed:
                    log.warning("a court could not be told what stands; it is tried again", exc_info=True)
                failed = True
                await asyncio.sleep(AGAIN)
                if self.presence.empty:
                    return

    async def _tell_those_here(self) -> None:
        news = self.presence.news()
        if news:
            for socket in self.sockets():
                if socket.takes:
                    socket.outbox.put(news)
        if self.presence.empty:
            return
        stands = await self.standing()
        presenter = (stands.presenter or {}).get("id")
        page = self.page = stands.page_id
        screens = self.presence.screens_there() if stands.audience == PUBLIC and page else 0
        text = encode(
            {
                "type": "watching",
                "page": page,
                "people": self.presence.watching(page, presenter),
                "screens": screens,
            }
        )
        for socket in self.presence.people.get(str(presenter), ()):
            if socket.takes and socket.counted != text:
                socket.counted = text
                socket.outbox.put(text, "watching")

    # --- evidence screens -----------------------------------------------------------------------
    def show(self) -> None:
        """Bring the evidence screens up to date, the latest change last."""
        if self.presence.screens and not self._showing:
            self._showing = True
            soon(self._show())

    async def _show(self) -> None:
        try:
            await self._surely(self._show_all)
        finally:
            self._showing = False

    async def _show_all(self) -> None:
        while True:
            change = self._change
            for screen in list(self.presence.screens):
                await screen.show()
            if change == self._change:
                return

    # --- the pointer ----------------------------------------------------------------------------
    def point(self, message: Message) -> None:
        """Send where the presenter points; the latest wins, so that a fast hand does not fill the wires."""
        self._point = message
        if not self._pointing:
            self._pointing = True
            soon(self._send_points())

    async def _send_points(self) -> None:
        try:
            while self._point is not None:
                message, self._point = self._point, None
                await publish(message)
                await asyncio.sleep(POINTS + POINTS_EACH * len(hub.sockets(self.case_id)))
        finally:
            self._pointing = False


@offload
def _standing(case_id: UUID) -> services.Standing:
    return services.standing(case_id)


def court_of(feed: Feed) -> Court:
    """The court of a case that has a socket here."""
    if feed.kept is None:
        feed.kept = Court(feed)
    found: Court = feed.kept
    return found


def heard(feed: Feed, message: Message) -> None:
    """The hub's listener."""
    if feed.kept is not None:
        feed.kept.heard(message)
