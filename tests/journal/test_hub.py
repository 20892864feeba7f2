"""The hub without a server: queues, memory, gaps, and who comes and goes at the same moment."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from channels.layers import get_channel_layer

from casebundle.journal import hub as room
from casebundle.journal.hub import Feed, Hub, Message, Outbox

CASE = uuid.uuid4()


def message(seq: int | None, action: str = "test.said", audience: str = "|everybody|") -> Message:
    return Message(str(CASE), seq, action, audience, f"{action} {seq}")


class Client:
    """The other end of an outbox: takes frames while it is open."""

    def __init__(self, audiences: set[str] | None = None) -> None:
        self.got: list[str] = []
        self.open = asyncio.Event()
        self.open.set()
        self.was_cut = False
        self.audiences = frozenset(audiences or {"everybody"})
        self.takes = True
        self.held = 0
        self.outbox = Outbox(self.send, self.cut)

    async def send(self, event: dict[str, str]) -> None:
        await self.open.wait()
        self.got.append(event["text"])

    def cut(self) -> None:
        self.was_cut = True


async def until(what: Callable[[], bool]) -> None:
    for _i in range(500):
        if what():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come")


# --- outbox -------------------------------------------------------------------------------------
async def test_frames_come_in_order_and_none_is_dropped_for_who_reads():
    client = Client()
    for n in range(200):
        client.outbox.put(f"turn {n}", "turn")
    await until(lambda: len(client.got) == 200)
    assert client.got == [f"turn {n}" for n in range(200)]


async def test_who_is_behind_gets_the_last_turn_and_every_other_entry(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(room, "BEHIND", 0.05)
    client = Client()
    client.open.clear()
    client.outbox.put("first")
    await asyncio.sleep(0.1)
    for n in range(40):
        client.outbox.put(f"turn {n}", "turn")
        client.outbox.put(f"note {n}")
    client.open.set()
    await until(lambda: "note 39" in client.got)
    assert [text for text in client.got if text.startswith("note")] == [f"note {n}" for n in range(40)]
    assert [text for text in client.got if text.startswith("turn")] == ["turn 39"]


async def test_who_takes_nothing_is_cut_off_once_and_keeps_no_memory():
    client = Client()
    client.open.clear()
    for n in range(5_000):
        client.outbox.put(f"note {n}")
    assert client.was_cut
    assert not client.outbox._waiting
    assert await client.outbox.drained() is False
    await asyncio.sleep(0)
    assert client.outbox._task is None or client.outbox._task.done() or client.outbox._task.cancelling()


async def test_who_waits_for_room_learns_that_the_client_is_gone():
    client = Client()
    client.open.clear()
    for n in range(100):
        client.outbox.put(f"note {n}")
    waiting = asyncio.create_task(client.outbox.drained())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    client.outbox.close()
    assert await asyncio.wait_for(waiting, 1) is False


async def test_a_connection_that_breaks_ends_its_outbox():
    async def broken(_event: dict[str, str]) -> None:
        raise ConnectionResetError

    box = Outbox(broken, lambda: None)
    box.put("one")
    await until(lambda: box.closed)
    box.put("two")
    assert not box._waiting


# --- a feed's memory ----------------------------------------------------------------------------
def full(upto: int, since: int = 1) -> Feed:
    feed = Feed(str(CASE))
    feed.delivered = since - 1
    for seq in range(since, upto + 1):
        feed.note(message(seq))
    return feed


async def test_memory_gives_what_came_after_a_number(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(room, "PORTION", 4)
    feed = full(20, since=11)
    assert feed.after(20) == []
    assert feed.after(99) == []
    assert [one.seq for one in feed.after(17) or ()] == [18, 19, 20]
    assert [one.seq for one in feed.after(10) or ()] == [11, 12, 13, 14]
    assert feed.after(9) is None


async def test_what_memory_lacks_is_read_once_for_all(monkeypatch: pytest.MonkeyPatch):
    asked: list[tuple[int, int]] = []

    async def read(_case: str, after: int, until: int) -> list[Message]:
        asked.append((after, until))
        await asyncio.sleep(0.01)
        return [message(seq) for seq in range(after + 1, until + 1)]

    monkeypatch.setattr(room, "_read", read)
    feed = full(905, since=901)
    found = await asyncio.gather(*(feed.missed(850 + n % 40) for n in range(300)))
    assert asked == [(400, 900)]
    assert all([one.seq for one in rows] == list(range(851 + n % 40, 906)) for n, rows in enumerate(found))


async def test_what_is_too_old_for_memory_is_read_in_portions(monkeypatch: pytest.MonkeyPatch):
    async def read(_case: str, after: int, until: int) -> list[Message]:
        return [message(seq) for seq in range(after + 1, until + 1)]

    monkeypatch.setattr(room, "_read", read)
    monkeypatch.setattr(room, "RECENT", 50)
    monkeypatch.setattr(room, "PORTION", 20)
    feed = full(300, since=295)
    at, got = 0, []
    while rows := await feed.missed(at):
        got += [one.seq for one in rows]
        at = got[-1] or 0
    assert got == list(range(1, 301))
    assert len(feed.recent) <= 50


# --- the hub ------------------------------------------------------------------------------------
@pytest.fixture
async def hub(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A hub over a journal that is a list."""
    journal: list[int] = []

    async def head(_case: str) -> int:
        await asyncio.sleep(0.01)
        return len(journal)

    async def heads(cases: list[str]) -> list[tuple[str, int]]:
        return [(case, len(journal)) for case in cases]

    async def read(_case: str, after: int, until: int) -> list[Message]:
        await asyncio.sleep(0.01)
        return [message(seq) for seq in journal[after:until]]

    for name, fake in (("_head", head), ("_heads", heads), ("_read", read)):
        monkeypatch.setattr(room, name, fake)
    made = Hub()
    made.journal = journal  # type: ignore[attr-defined]
    yield made
    for task in made._tasks:
        task.cancel()


def write(hub: Any, tell: bool = True) -> Awaitable[None]:
    """Append to the journal; the channel layer may lose it."""
    hub.journal.append(len(hub.journal) + 1)

    async def send() -> None:
        if tell:
            await room.publish(message(hub.journal[-1]))

    return send()


async def test_what_the_channel_layer_loses_comes_by_the_sweep_in_order(hub: Any):
    client = Client()
    await hub.add(CASE, client)
    for n in range(60):
        await write(hub, tell=n % 7 == 0)
    await until(lambda: len(client.got) == 60)
    assert client.got == [f"test.said {seq}" for seq in range(1, 61)]
    # Told twice, and late: nothing comes again.
    await room.publish(message(3))
    await room.publish(message(60))
    await asyncio.sleep(0.4)
    assert len(client.got) == 60


async def test_all_who_come_at_once_begin_at_the_same_number(hub: Any):
    for _n in range(5):
        await write(hub, tell=False)
    clients = [Client() for _n in range(50)]
    feeds = await asyncio.gather(*(hub.add(CASE, client) for client in clients))
    assert {feed.delivered for feed in feeds} == {5}
    await write(hub)
    await until(lambda: all(client.got == ["test.said 6"] for client in clients))


async def test_who_comes_while_the_last_one_leaves_hears_everything(hub: Any):
    for _round in range(30):
        first, second = Client(), Client()
        await hub.add(CASE, first)
        await asyncio.gather(hub.remove(CASE, first), hub.add(CASE, second))
        await write(hub)
        await until(lambda: second.got == [f"test.said {len(hub.journal)}"])  # noqa: B023
        await hub.remove(CASE, second)
    assert hub.feeds == {}
    assert hub._channel not in get_channel_layer().groups.get(room.group(CASE), {})


async def test_audience_decides_and_who_does_not_take_is_left_out(hub: Any):
    bates, doyle, away = Client({"everybody", "bates"}), Client({"everybody", "doyle"}), Client()
    away.takes = False
    for client in (bates, doyle, away):
        feed = await hub.add(CASE, client)
    hub.deliver(feed, message(1, audience="|bates|court|"))
    hub.deliver(feed, message(2, audience="|"))
    hub.deliver(feed, message(3))
    await asyncio.sleep(0.05)
    assert bates.got == ["test.said 1", "test.said 3"]
    assert doyle.got == ["test.said 3"]
    assert away.got == []


async def test_a_client_that_stands_still_is_cut_off(hub: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(room, "STUCK", 0.2)
    client = Client()
    client.open.clear()
    await hub.add(CASE, client)
    client.outbox.put("one")
    await until(lambda: client.was_cut)
    assert client.outbox.closed


async def test_who_lets_too_much_wait_for_them_is_cut_off(hub: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(room, "STUCK", 1.0)
    patient, greedy = Client(), Client()
    for client in (patient, greedy):
        await hub.add(CASE, client)
    greedy.held = room.HELD + 1
    await until(lambda: greedy.was_cut)
    assert not patient.was_cut


async def test_entries_that_are_told_out_of_order_come_in_order(hub: Any):
    client = Client()
    await hub.add(CASE, client)
    hub.journal.extend([1, 2, 3, 4, 5])
    for seq in (2, 4, 1, 5, 3, 2):
        hub.take(message(seq))
    await until(lambda: len(client.got) == 5)
    await asyncio.sleep(0.1)
    assert client.got == [f"test.said {seq}" for seq in range(1, 6)]


async def test_what_goes_straight_is_never_before_what_waits():
    wire: list[bytes] = []
    room_there = True

    def straight(data: bytes) -> bool:
        if room_there:
            wire.append(data)
        return room_there

    async def send(event: dict[str, str]) -> None:
        await asyncio.sleep(0.01)
        wire.append(room.framed(event["text"]))

    box = Outbox(send, lambda: None, straight)
    box.put("1")
    room_there = False
    box.put("2")
    box.put("3")
    room_there = True
    box.put("4")
    assert box.put_all([message(5), message(6)]) == 1
    await until(lambda: len(wire) == 5)
    await until(lambda: box._task is None)
    assert box.put_all([message(6), message(7)]) == 2
    texts = ["1", "2", "3", "4", message(5).text, message(6).text, message(7).text]
    assert b"".join(wire) == b"".join(room.framed(text) for text in texts)


async def test_the_hub_says_again_which_groups_it_is_in(hub: Any, monkeypatch: pytest.MonkeyPatch):
    """A channel layer forgets its members after a day."""
    monkeypatch.setattr(room, "RENEW", 0.01)
    monkeypatch.setattr(room, "CHORES", 0.02)
    await hub.add(CASE, Client())
    layer = get_channel_layer()
    layer.groups.clear()
    # (The layer in Redis writes a prefix before each.)
    await until(
        lambda: {room.EVERYWHERE, room.group(CASE)} <= {name.rpartition("__")[2] for name in layer.groups}
    )


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_frames_are_as_any_client_reads_them(size: int):
    text = "ŵ" * (size // 2) + "x" * (size % 2)
    data = room.framed(text)
    assert data.endswith(text.encode())
    assert data[0] == 0x81
    head = data[: len(data) - size]
    length = head[1]
    if length > 125:
        length = int.from_bytes(head[2:])
    assert length == size
    assert len(head) == (2 if size < 126 else 4 if size < 65536 else 10)


async def test_a_listener_that_fails_is_heard_of_and_the_hub_goes_on(
    hub: Any, caplog: pytest.LogCaptureFixture
):
    def broken(_feed: Feed, said: Message) -> None:
        if said.action == "test.bad":
            raise ValueError

    hub.listeners.append(broken)
    client = Client()
    feed = await hub.add(CASE, client)
    await room.publish(message(None, "test.bad"))
    await until(lambda: "could not be delivered" in caplog.text)
    await write(hub)
    await until(lambda: client.got == ["test.said 1"])
    assert feed.delivered == 1
