"""Live delivery of journal entries: one subscription for each case and process, not one for each socket.

On commit an entry goes to the hub of its own process at once, and to those of others through the channel group of its
case. Each hub hands the entry, encoded once, to each of its sockets whose Viewer is in the audience. The channel layer
may lose messages; the journal may not: a short sweep reads what did not come, which is also how entries of the worker
reach the embedded server. The latest entries of a case stay in memory as they are sent, so that a whole court that
comes back at once costs no query each.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import json
import logging
import sys
import threading
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar
from uuid import UUID

from asgiref.sync import async_to_sync, sync_to_async
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import OperationalError, connection

from .audience import split
from .layer import the_layer
from .models import Chain, Entry
from .record import after_commit

if TYPE_CHECKING:
    from casebundle.cases.access import Viewer

log = logging.getLogger(__name__)

# Frames that wait for a slow client before its connection is ended; it comes back with its last sequence number.
QUEUE = 256
# A client is behind when a frame waits this long (seconds) to be taken off our hands; then stale turns are dropped.
BEHIND = 0.2
# Who takes nothing for so long (seconds) is gone, or does not read: the connection is cut. So is who has let so much
# (bytes) wait for them: beside our frames those are answers to pings, which nobody holds back.
STUCK, HELD = 15.0, 4 * 1024 * 1024
# Seconds between two rounds of what is checked now and then, at least; and the share of the time that they may take.
CHORES, CHORES_SHARE = 0.5, 0.1
# Seconds after which the hub says again which groups it is in: channel layers forget members after a day.
RENEW = 3600.0
# Through a layer that reaches other processes each hub says so often (seconds) that it is there, to itself too; one
# that has not heard itself for so long begins again, because a line may be dead without anybody saying so.
BEAT, UNHEARD = 1.0, 3.5
# The log hears of the same failure once in so many seconds.
TELL = 30.0
# How long (seconds) anybody waits for the layer.
LAYER = 1.0
# Entries of threads that commit at the same time may be told out of order: so long (seconds) they are waited for.
EARLY = 0.03
# Frames that go out in one piece, where many do (bytes).
PIECE = 32 * 1024
# Entries of a case that stay in memory, how many are fetched at least, and how many go out at a time.
RECENT, AT_LEAST, PORTION = 2000, 500, 500

P = ParamSpec("P")
R = TypeVar("R")

# Sockets share these threads; each keeps its database connection, because opening one costs more than most queries.
_threads = ThreadPoolExecutor(4, "live")
# When each of them last asked, and after how long (seconds) it looks whether its connection still stands.
_used, RESTED = threading.local(), 1.0


def offload(act: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    """`act`, which asks the database, as something to await: in a thread of the hub's own."""

    @functools.wraps(act)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        # Kept beyond the call; one that has failed is closed and opened anew. One that was not used for a while is
        # asked first: its server may have been started again since.
        connection.close_at = None
        connection.close_if_unusable_or_obsolete()
        now = time.monotonic()
        if now - getattr(_used, "at", now) > RESTED:
            connection.health_check_done = False  # type: ignore[attr-defined]
        _used.at = now
        try:
            return act(*args, **kwargs)
        except OperationalError:
            # One that was opened while the disk was full or read-only stays so for as long as it is open.
            connection.close()
            raise

    return sync_to_async(run, thread_sensitive=False, executor=_threads)


_running: set[asyncio.Task[Any]] = set()


def soon(work: Coroutine[Any, Any, Any]) -> None:
    """Start something whose end nobody waits for; kept until then, because the loop alone would forget it."""
    task = asyncio.ensure_future(work)
    _running.add(task)
    task.add_done_callback(_running.discard)


@dataclass(frozen=True, slots=True)
class Message:
    """Something for the sockets of a case, encoded once for all of them. `seq` is None for what is not journalled."""

    case: str
    seq: int | None
    action: str
    audience: str
    text: str
    document: str | None = None
    data: dict[str, Any] | None = None
    # As it goes over the wire, once for all.
    wire: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "wire", framed(self.text))


def framed(text: str) -> bytes:
    """A text frame of RFC 6455 as a server sends it: whole, not masked, not compressed."""
    data = text.encode()
    size = len(data)
    if size < 126:
        return bytes((0x81, size)) + data
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + data
    return b"\x81\x7f" + size.to_bytes(8, "big") + data


class Socket(Protocol):
    """What the hub knows of a connection."""

    audiences: frozenset[str]
    outbox: Outbox
    # Whether it takes what comes now: not before its hello, nor while it is given what it missed.
    takes: bool

    @property
    def held(self) -> int:
        """Bytes that were given to the connection and not taken by the other side."""

    def cut(self) -> None:
        """End the connection without waiting for the other side."""


class Outbox:
    """A bounded queue to one socket, emptied by a task of its own: a slow client holds up nobody.

    `straight` takes the bytes of frames where the connection has room for them now and nothing waits before them
    (courtroom/wire.py): then nothing is queued, and a frame to a thousand sockets is a thousand writes and no more.
    """

    def __init__(
        self,
        send: Callable[[dict[str, str]], Awaitable[None]],
        overflow: Callable[[], None],
        straight: Callable[[bytes], bool] | None = None,
    ) -> None:
        self._send, self._overflow, self._straight = send, overflow, straight
        self._waiting: deque[tuple[str, str]] = deque()  # (what replaces what, text)
        self._task: asyncio.Task[None] | None = None
        self._since = 0.0  # when the frame that is on its way was given to the connection; 0 for none
        self._room = asyncio.Event()
        self.closed = False

    def put(self, text: str, key: str = "", wire: bytes | None = None) -> None:
        """Queue a frame; of frames with the same `key` only the last matters to a client that is behind.

        `wire` is the frame as it goes over the wire, where it was made already.
        """
        if self.closed:
            return
        # The task is there for as long as anything waits.
        if self._task is None:
            if self._straight is not None and self._straight(framed(text) if wire is None else wire):
                return
            self._task = asyncio.ensure_future(self._run())
        if key and len(self._waiting) > 8 and self.waits > BEHIND:
            self._waiting = deque((k, t) for k, t in self._waiting if k != key)
        if len(self._waiting) >= QUEUE:
            self.close()
            self._overflow()
            return
        self._waiting.append((key, text))

    def put_all(self, messages: Sequence[Message]) -> int:
        """Queue the first of these; how many that was. Where there is no room now: one, see `drained`."""
        if self._task is None and self._straight is not None and not self.closed:
            size = count = 0
            for message in messages:
                size += len(message.wire)
                count += 1
                if size >= PIECE:
                    break
            if self._straight(b"".join([message.wire for message in messages[:count]])):
                return count
        for message in messages[:1]:
            self.put(message.text)
        return 1

    @property
    def waits(self) -> float:
        """For how many seconds the client has not taken the frame that is its next."""
        return asyncio.get_running_loop().time() - self._since if self._since else 0.0

    async def drained(self) -> bool:
        """Wait until there is room again, for replays and refusals; False where the client is gone."""
        while len(self._waiting) > QUEUE // 4 and not self.closed:
            self._room.clear()
            await self._room.wait()
        return not self.closed

    def close(self) -> None:
        """Give out nothing more."""
        self.closed = True
        self._waiting.clear()
        self._room.set()
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        try:
            while self._waiting:
                _key, text = self._waiting.popleft()
                if len(self._waiting) <= QUEUE // 4:
                    self._room.set()
                self._since = clock()
                await self._send({"type": "websocket.send", "text": text})
        except Exception:
            # The socket is gone; its disconnect tidies up.
            self.closed = True
            self._waiting.clear()
            self._room.set()
        finally:
            self._since = 0.0
            self._task = None


# Frames of these actions make earlier ones of the same action stale.
LATEST_ONLY = {"page.turned": "turn", "point": "point"}
# After these somebody may see more or less than before.
RESTRICTS = ("document.", "section.", "participant.")


def encode(frame: Mapping[str, Any]) -> str:
    """A frame as it goes over the wire."""
    text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
    # Half a character, which JSON can say and UTF-8 cannot, must not end the connection that it goes to.
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _message(entry: Entry) -> Message:
    return Message(
        str(entry.chain_id),
        entry.seq,
        entry.action,
        entry.audience,
        encode(entry.frame()),
        str(entry.document) if entry.document else None,
        entry.data,
    )


def _raw(message: Message) -> dict[str, Any]:
    return {"type": "live", **{name: getattr(message, name) for name in _SENT}}


_SENT = ("case", "seq", "action", "audience", "text", "document", "data")


def group(case_id: UUID | str) -> str:
    return f"case.{str(case_id).replace('-', '')}"


# The group of every hub of every process.
EVERYWHERE = "hubs"


class Feed:
    """One case in this process: its sockets, and its latest entries as they are sent."""

    def __init__(self, case: str) -> None:
        self.case = case
        self.sockets: set[Socket] = set()
        self.delivered = -1  # the last sequence number that was handed out; -1 before it is known
        self.recent: deque[Message] = deque(maxlen=RECENT)  # without a gap, up to `delivered`
        self.since = 0.0  # when `delivered` became known, by the loop's clock
        self.early: dict[int, Message] = {}  # told of before their turn
        self.awaiting = False
        self.lock = asyncio.Lock()
        self.filling = asyncio.Lock()
        # What a room above keeps with the case for as long as it has sockets.
        self.kept: Any = None
        self._hidden: dict[frozenset[str], frozenset[str]] = {}

    def after(self, seq: int) -> list[Message] | None:
        """What was delivered after `seq`, at most a portion; None where memory does not reach so far back."""
        missed = self.delivered - seq
        if missed <= 0:
            return []
        if missed > len(self.recent):
            return None
        start = len(self.recent) - missed
        return [self.recent[i] for i in range(start, min(start + PORTION, len(self.recent)))]

    async def missed(self, seq: int) -> list[Message]:
        """The next portion after `seq` of what was delivered; empty where there is nothing more."""
        found = self.after(seq)
        if found is not None:
            return found
        if self.delivered - seq > RECENT:
            return await _read(self.case, seq, min(seq + PORTION, self.delivered))
        async with self.filling:
            found = self.after(seq)
            if found is not None:
                return found
            first = self.delivered - len(self.recent) + 1  # the oldest that is held
            held = await _read(self.case, max(0, min(seq, first - 1 - AT_LEAST)), first - 1)
            if self.delivered - len(self.recent) + 1 == first:  # nothing fell out meanwhile
                self.recent = deque([*held, *self.recent], maxlen=RECENT)
        return self.after(seq) or await _read(self.case, seq, min(seq + PORTION, self.delivered))

    async def hidden(self, viewer: Viewer) -> frozenset[str]:
        """Ids of the documents that are not for `viewer` now: entries about them are not given out again."""
        known = self._hidden.get(viewer.audiences)
        if known is None:
            rows = self._hidden
            known = await _hidden(viewer)
            # Where something was restricted meanwhile, `rows` is forgotten already.
            rows[viewer.audiences] = known
        return known

    def note(self, message: Message) -> None:
        if message.seq is not None:
            self.delivered = message.seq
            self.recent.append(message)
            if message.action.startswith(RESTRICTS):
                self._hidden = {}


@functools.cache
def _settle() -> None:
    """Once in a process: what is loaded by now stays, so that collecting garbage need not look through it again.

    It stopped everything for an eighth of a second, in the middle of a turn as well as at any other time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    # Threads that ask the database hand back to the loop sooner than after 5 ms each time, in the middle of a turn.
    sys.setswitchinterval(0.001)


_told: dict[str, float] = {}


def _failed(what: str, error: Exception) -> None:
    """Log what is tried again a moment later, and may go on failing for as long as a database is away."""
    now = time.monotonic()
    if now - _told.get(what, -TELL) >= TELL:
        _told[what] = now
        log.error(what, exc_info=error)


def _patience() -> asyncio.Timeout:
    """Around what asks the layer. One in memory always answers, however busy we are."""
    return asyncio.timeout(None if the_layer() is None else LAYER)


class Hub:
    """All sockets of this process, by case."""

    def __init__(self) -> None:
        self.feeds: dict[str, Feed] = {}
        # Called with every message of a case that has sockets here, before it is delivered.
        self.listeners: list[Callable[[Feed, Message], None]] = []
        # Called with what is said to every hub (see `everywhere`), and every few seconds.
        self.told: list[Callable[[dict[str, Any]], None]] = []
        self.chores: list[Callable[[], Awaitable[None]]] = []
        # What else runs for as long as the hub does, and what is called when the others can be reached again.
        self.works: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self.returned: list[Callable[[], None]] = []
        self.id = ""  # of this process's hub, among others
        self.reaches = False  # whether other processes are heard through the layer
        self._tasks: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._channel = ""
        self._joined: set[str] = set()  # the groups that the layer knows us to be in
        self._heard = 0.0  # when it last heard itself through the layer
        self._receiving: asyncio.Task[None] | None = None

    async def _start(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return
        # A server lives in one loop; tests bring a new one each.
        self._loop, self.feeds = loop, {}
        self.id, self.reaches = uuid.uuid4().hex, False
        _settle()
        await self._begin_layer()
        self._tasks = [
            asyncio.create_task(work())
            for work in (self._sweep, self._cut_stuck, self._do_chores, self._keep_touch, *self.works)
        ]

    # --- the layer ------------------------------------------------------------------------------
    async def _begin_layer(self) -> None:
        """Take part in the layer. Where it is away that is tried again, and the sweep does its work meanwhile."""
        self._channel, self._joined = "", set()
        try:
            async with _patience():
                self._channel = await get_channel_layer().new_channel("hub")
            for name in (EVERYWHERE, *(group(key) for key in self.feeds)):
                await self._enter(name)
        except Exception as error:
            log.debug("the channel layer does not answer: %s", error)
        self._heard = asyncio.get_running_loop().time()
        if self._channel:
            self._receiving = asyncio.create_task(self._receive())

    async def _enter(self, name: str) -> None:
        if not self._channel:
            return
        try:
            async with _patience():
                await get_channel_layer().group_add(name, self._channel)
            self._joined.add(name)
        except Exception as error:
            log.debug("the channel layer does not answer: %s", error)

    async def _exit(self, name: str) -> None:
        self._joined.discard(name)
        try:
            async with _patience():
                await get_channel_layer().group_discard(name, self._channel)
        except Exception as error:
            log.debug("the channel layer does not answer: %s", error)

    async def _keep_touch(self) -> None:
        """Be heard by ourselves through the layer to other processes, and begin again where we are not."""
        layer, clock = the_layer(), asyncio.get_running_loop().time
        while layer is not None:
            layer.say(EVERYWHERE, {"type": "beat", "hub": self.id})
            await asyncio.sleep(BEAT)
            try:
                if clock() - self._heard > UNHEARD:
                    self.reaches = False
                    if self._receiving is not None:
                        self._receiving.cancel()
                    async with asyncio.timeout(LAYER):
                        await layer.flush()
                    await self._begin_layer()
                for name in {EVERYWHERE, *(group(key) for key in self.feeds)} - self._joined:
                    await self._enter(name)
            except asyncio.CancelledError:
                if (task := asyncio.current_task()) is not None and task.cancelling():
                    raise
            except Exception as error:
                self._heard = clock()
                log.debug("the channel layer does not answer: %s", error)

    def _heard_ourselves(self) -> None:
        self._heard = asyncio.get_running_loop().time()
        if not self.reaches:
            self.reaches = True
            for tell in self.returned:
                tell()

    def sockets(self, case_id: UUID | str) -> tuple[Socket, ...]:
        feed = self.feeds.get(str(case_id))
        return tuple(feed.sockets) if feed else ()

    async def add(self, case_id: UUID, socket: Socket) -> Feed:
        """Begin to deliver the case's entries to this socket."""
        await self._start()
        key = str(case_id)
        feed = self.feeds.get(key)
        if feed is None:
            feed = self.feeds[key] = Feed(key)
        feed.sockets.add(socket)
        try:
            async with feed.lock:
                if feed.delivered < 0:
                    await self._enter(group(key))
                    feed.delivered = await _head(key)
                    feed.since = asyncio.get_running_loop().time()
                    self._in_turn(feed)
        except BaseException:
            await self.remove(case_id, socket)
            raise
        return feed

    async def remove(self, case_id: UUID, socket: Socket) -> None:
        """Deliver nothing more to this socket; a case without sockets is forgotten."""
        key = str(case_id)
        feed = self.feeds.get(key)
        if feed is None:
            return
        feed.sockets.discard(socket)
        if feed.sockets:
            return
        async with feed.lock:
            # Others may come while we wait: they find the feed, and wait for the same lock.
            if feed.sockets or self.feeds.get(key) is not feed:
                return
            feed.delivered, feed.kept = -1, None
            feed.recent.clear()
            feed.early.clear()
            await self._exit(group(key))
            if not feed.sockets:
                del self.feeds[key]

    async def _receive(self) -> None:
        while True:
            try:
                raw = await get_channel_layer().receive(self._channel)
                kind, ours = raw.pop("type", ""), raw.pop("hub", "") == self.id
                if kind == "beat":
                    if ours:
                        self._heard_ourselves()
                elif ours:
                    pass  # we have told ourselves, by the shortest way
                elif kind == "live":
                    self.take(Message(**raw))
                else:
                    for tell in self.told:
                        tell(raw)
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("a live message could not be delivered")
                await asyncio.sleep(0.5)

    def tell(self, entry: Entry) -> None:
        """An entry was committed in this process, in whatever thread: the shortest way to its sockets."""
        if str(entry.chain_id) in self.feeds:
            self.tell_message(_message(entry))

    def tell_message(self, message: Message) -> None:
        """The same, of an entry that was made into a message already."""
        loop = self._loop
        if loop is None or message.case not in self.feeds:
            return
        try:
            loop.call_soon_threadsafe(self._take, message)
        except RuntimeError:
            pass  # the loop is at its end

    def _take(self, message: Message) -> None:
        try:
            self.take(message)
        except Exception:
            log.exception("a live message could not be delivered")

    def take(self, message: Message) -> None:
        """Deliver what came by itself, each entry in its turn and once."""
        feed = self.feeds.get(message.case)
        if feed is None:
            return
        if message.seq is None:
            self.deliver(feed, message)
        elif 0 <= feed.delivered == message.seq - 1:
            self.deliver(feed, message)
            if feed.early:
                self._in_turn(feed)
        elif message.seq > feed.delivered:
            if len(feed.early) < PORTION:
                feed.early[message.seq] = message
            if feed.delivered >= 0 and not feed.awaiting:
                feed.awaiting = True
                soon(self._await(feed))

    def _in_turn(self, feed: Feed) -> None:
        """Deliver what was told of early, as far as its turn has come."""
        while (message := feed.early.pop(feed.delivered + 1, None)) is not None:
            self.deliver(feed, message)
        if feed.early and feed.delivered >= 0:
            feed.early = {seq: one for seq, one in feed.early.items() if seq > feed.delivered}

    async def _await(self, feed: Feed) -> None:
        """Entries are missing before one that came: they come in a moment, or are read."""
        await asyncio.sleep(EARLY)
        feed.awaiting = False
        try:
            if feed.early:
                await self._catch_up(feed)
                self._in_turn(feed)
        except Exception as error:
            _failed("the journal could not be read", error)  # the sweep tries again

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(settings.LIVE_SWEEP_SECONDS)
            try:
                feeds = {key: feed for key, feed in self.feeds.items() if feed.delivered >= 0}
                if not feeds:
                    continue
                for key, head in await _heads(list(feeds)):
                    if head > feeds[key].delivered:
                        await self._catch_up(feeds[key])
            except asyncio.CancelledError:
                raise
            except Exception as error:
                _failed("the journal could not be read", error)
                await asyncio.sleep(1)

    async def _catch_up(self, feed: Feed) -> None:
        """Deliver from the journal what did not come by itself, in order, once."""
        while feed.delivered >= 0:
            found = await _read(feed.case, feed.delivered, feed.delivered + PORTION)
            for message in found:
                # Some of it may have come meanwhile.
                if message.seq == feed.delivered + 1:
                    self.deliver(feed, message)
            if len(found) < PORTION:
                return

    async def _cut_stuck(self) -> None:
        while True:
            await asyncio.sleep(min(1.0, STUCK / 5))
            for feed in list(self.feeds.values()):
                for socket in list(feed.sockets):
                    if socket.outbox.waits > STUCK or socket.held > HELD:
                        socket.outbox.close()
                        socket.cut()

    async def _do_chores(self) -> None:
        clock = asyncio.get_running_loop().time
        renewed, took = clock(), 0.0
        while True:
            await asyncio.sleep(max(CHORES, took / CHORES_SHARE))
            began = clock()
            if began - renewed > RENEW:
                renewed = began
                try:
                    await self._renew()
                except Exception:
                    log.warning("the channel layer could not be told where we are", exc_info=True)
            for chore in self.chores:
                try:
                    await chore()
                except asyncio.CancelledError:
                    raise
                except Exception as error:
                    _failed("a chore of the hub failed", error)
            took = clock() - began

    async def _renew(self) -> None:
        for name in (EVERYWHERE, *(group(key) for key, feed in self.feeds.items() if feed.delivered >= 0)):
            await self._enter(name)

    def tell_here(self, what: dict[str, Any]) -> None:
        """Tell this process, from whatever thread, what is said to every hub."""
        loop = self._loop
        try:
            if loop is not None:
                loop.call_soon_threadsafe(self._tell_all, what)
        except RuntimeError:
            pass  # the loop is at its end

    def _tell_all(self, what: dict[str, Any]) -> None:
        try:
            for tell in self.told:
                tell(what)
        except Exception:
            log.exception("a live message could not be delivered")

    def deliver(self, feed: Feed, message: Message) -> None:
        """Hand a message to each socket that takes it now and whose Viewer is in its audience."""
        feed.note(message)
        for listen in self.listeners:
            listen(feed, message)
        key = LATEST_ONLY.get(message.action, "")
        tokens = split(message.audience)  # `audience.reaches`, over sets: made once, asked of every socket
        text, wire = message.text, message.wire
        for socket in list(feed.sockets):
            if socket.takes and not tokens.isdisjoint(socket.audiences):
                socket.outbox.put(text, key, wire)


@offload
def _head(case: str) -> int:
    return Chain.objects.filter(pk=case).values_list("seq", flat=True).first() or 0


@offload
def _heads(cases: list[str]) -> list[tuple[str, int]]:
    return [(str(pk), seq) for pk, seq in Chain.objects.filter(pk__in=cases).values_list("pk", "seq")]


@offload
def _read(case: str, after: int, until: int) -> list[Message]:
    """The entries after `after`, up to and with `until`."""
    rows = Entry.objects.filter(chain_id=case, seq__gt=after, seq__lte=until).order_by("seq")
    return [_message(entry) for entry in rows]


@offload
def _hidden(viewer: Viewer) -> frozenset[str]:
    rows = viewer.hidden_documents()
    return frozenset() if rows is None else frozenset(str(pk) for pk in rows.values_list("pk", flat=True))


async def head_of(case_id: UUID | str) -> int:
    """The last sequence number of a case's journal, from the database."""
    return await _head(str(case_id))


hub = Hub()


async def publish(message: Message) -> None:
    """Send something that is not journalled to the sockets of a case, in every process."""
    layer = the_layer()
    if layer is None:
        await get_channel_layer().group_send(group(message.case), _raw(message))
    else:
        hub.take(message)
        layer.say(group(message.case), {**_raw(message), "hub": hub.id})


def everywhere(what: dict[str, Any]) -> None:
    """Say something to the hub of every process (their `told`). May be lost: nothing may rest on it alone."""
    layer = the_layer()
    if layer is not None:
        hub.tell_here(dict(what))
        layer.say(EVERYWHERE, {**what, "type": "told", "hub": hub.id})
        return
    what = {**what, "type": "told"}
    try:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            async_to_sync(get_channel_layer().group_send)(EVERYWHERE, what)
        else:
            soon(get_channel_layer().group_send(EVERYWHERE, what))
    except Exception:
        # Nothing is lost by that: the chores look at every sign-in.
        log.warning("the channel layer did not take a message", exc_info=True)


def _tell(entry: Entry) -> None:
    """On commit."""
    layer = the_layer()
    if layer is None:
        hub.tell(entry)
        return
    message = _message(entry)
    # The others first: they have the longer way.
    layer.say(group(message.case), {**_raw(message), "hub": hub.id})
    hub.tell_message(message)


def start() -> None:
    """Hear of every committed entry."""
    if _tell not in after_commit:
        after_commit.append(_tell)
