"""Live delivery of journal entries: one subscription for each case and process, not one for each socket.

On commit an entry goes to the channel group of its case. The hub of each process hears it and hands the encoded entry
to each of its sockets whose Viewer is in the audience. The channel layer may lose messages; the journal may not: a
short sweep reads what did not come, which is also how entries of the worker reach the embedded server.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.conf import settings

from .audience import reaches
from .models import Chain, Entry
from .record import after_commit

log = logging.getLogger(__name__)

# Frames that wait for a slow client before its connection is ended; it comes back with its last sequence number.
QUEUE = 256


@dataclass(frozen=True, slots=True)
class Message:
    """Something for the sockets of a case, encoded once for all of them.

    `seq` is None for what is not journalled. `otherwise` is sent to those who are not in the audience, if at all.
    """

    case: str
    seq: int | None
    action: str
    audience: str
    text: str
    otherwise: str | None = None
    data: dict[str, Any] | None = None


class Socket(Protocol):
    """What the hub knows of a connection."""

    audiences: frozenset[str]
    outbox: Outbox
    # Whether it is sent entries at all (an evidence screen only hears that they passed by).
    takes_entries: bool

    def heard(self, message: Message) -> None:
        """Called for every message of the case, before it is delivered or not."""


class Outbox:
    """A bounded queue to one socket, emptied by a task of its own: a slow client holds up nobody."""

    def __init__(self, send: Callable[[str], Awaitable[None]], overflow: Callable[[], None]) -> None:
        self._send, self._overflow = send, overflow
        self._waiting: deque[tuple[str, str]] = deque()  # (what replaces what, text)
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        # Entries up to here were sent already, by the replay.
        self.seen = -1
        # While a replay runs, what comes live waits here.
        self.held: list[Message] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def put(self, text: str, key: str = "") -> None:
        """Queue a frame; of frames with the same `key` only the last matters, once the client is behind."""
        if key and len(self._waiting) > 8:
            self._waiting = deque((k, t) for k, t in self._waiting if k != key)
        if len(self._waiting) >= QUEUE:
            self._waiting.clear()
            self._overflow()
            return
        self._waiting.append((key, text))
        self._ready.set()

    async def drained(self) -> None:
        """Wait until there is room again (for replays, which must not overflow their own socket)."""
        while len(self._waiting) > QUEUE // 2:
            await asyncio.sleep(0.01)

    async def _run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await self._ready.wait()
                while self._waiting:
                    _key, text = self._waiting.popleft()
                    try:
                        await self._send(text)
                    except asyncio.CancelledError:
                        raise
                    except Exception:
                        return  # the socket is gone; its disconnect tidies up
                self._ready.clear()


# The room that owns an action may say what those hear who are not in its audience.
otherwise: dict[str, Callable[[Entry], str]] = {}
# Frames of these actions make earlier ones of the same action stale.
LATEST_ONLY = {"page.turned": "turn", "point": "point"}


def _message(entry: Entry) -> dict[str, Any]:
    other = otherwise.get(entry.action)
    return {
        "case": str(entry.chain_id),
        "seq": entry.seq,
        "action": entry.action,
        "audience": entry.audience,
        "text": json.dumps(entry.frame(), ensure_ascii=False, separators=(",", ":")),
        "otherwise": other(entry) if other else None,
        "data": entry.data,
    }


def group(case_id: UUID | str) -> str:
    return f"case.{str(case_id).replace('-', '')}"


class Hub:
    """All sockets of this process, by case."""

    def __init__(self) -> None:
        self.sockets: dict[str, set[Socket]] = defaultdict(set)
        self.delivered: dict[str, int] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._channel = ""
        self._catching: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def add(self, case_id: UUID, socket: Socket) -> None:
        """Begin to deliver the case's entries to this socket."""
        key = str(case_id)
        if not self._tasks:
            layer = get_channel_layer()
            self._channel = await layer.new_channel("hub")
            self._tasks = [asyncio.create_task(self._receive()), asyncio.create_task(self._sweep())]
        first = not self.sockets[key]
        self.sockets[key].add(socket)
        if first:
            await get_channel_layer().group_add(group(case_id), self._channel)
            self.delivered[key] = await _head(case_id)

    async def remove(self, case_id: UUID, socket: Socket) -> None:
        key = str(case_id)
        self.sockets[key].discard(socket)
        if not self.sockets[key]:
            self.sockets.pop(key, None)
            self.delivered.pop(key, None)
            if self._channel:
                await get_channel_layer().group_discard(group(case_id), self._channel)

    async def _receive(self) -> None:
        while True:
            try:
                raw = await get_channel_layer().receive(self._channel)
                await self._take(Message(**{k: v for k, v in raw.items() if k != "type"}))
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("the channel layer did not answer")
                await asyncio.sleep(0.5)

    async def _take(self, message: Message) -> None:
        if message.seq is None:
            self.deliver(message)
            return
        last = self.delivered.get(message.case)
        if last is None or message.seq <= last:
            return
        if message.seq == last + 1:
            self.delivered[message.case] = message.seq
            self.deliver(message)
        else:
            await self._catch_up(message.case)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(settings.LIVE_SWEEP_SECONDS)
            try:
                for case, head in await _heads(list(self.delivered)):
                    if head > self.delivered.get(case, head):
                        await self._catch_up(case)
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("the journal could not be read")
                await asyncio.sleep(1)

    async def _catch_up(self, case: str) -> None:
        """Deliver from the journal what did not come by itself, in order, once."""
        async with self._catching[case]:
            last = self.delivered.get(case)
            if last is None:
                return
            for raw in await _since(case, last):
                message = Message(**raw)
                if message.seq is not None and message.seq == self.delivered.get(case, -1) + 1:
                    self.delivered[case] = message.seq
                    self.deliver(message)

    def deliver(self, message: Message) -> None:
        """Hand a message to each socket whose Viewer is in its audience."""
        key = LATEST_ONLY.get(message.action, "")
        for socket in list(self.sockets.get(message.case, ())):
            socket.heard(message)
            if not socket.takes_entries:
                continue
            box = socket.outbox
            if box.held is not None and message.seq is not None:
                box.held.append(message)
                continue
            if message.seq is not None and message.seq <= box.seen:
                continue
            if reaches(message.audience, socket.audiences):
                box.put(message.text, key)
            elif message.otherwise is not None:
                box.put(message.otherwise, key)


@database_sync_to_async
def _head(case_id: UUID) -> int:
    return Chain.objects.filter(pk=case_id).values_list("seq", flat=True).first() or 0


@database_sync_to_async
def _heads(cases: list[str]) -> list[tuple[str, int]]:
    return (
        [(str(pk), seq) for pk, seq in Chain.objects.filter(pk__in=cases).values_list("pk", "seq")]
        if cases
        else []
    )


@database_sync_to_async
def _since(case: str, after: int) -> list[dict[str, Any]]:
    rows = Entry.objects.filter(chain_id=case, seq__gt=after).order_by("seq")[:1000]
    return [_message(entry) for entry in rows]


hub = Hub()


async def publish(message: Message) -> None:
    """Send something that is not journalled to the sockets of a case, in every process."""
    await get_channel_layer().group_send(
        group(message.case), {"type": "live", **{f: getattr(message, f) for f in Message.__slots__}}
    )


def _tell(entry: Entry) -> None:
    """On commit. A channel layer that is down loses nothing: the sweep reads the journal."""
    try:
        async_to_sync(get_channel_layer().group_send)(
            group(entry.chain_id), {"type": "live", **_message(entry)}
        )
    except Exception:
        log.warning("entry %s was not sent live; the sweep will", entry.seq, exc_info=True)


def start() -> None:
    """Hear of every committed entry."""
    if _tell not in after_commit:
        after_commit.append(_tell)
