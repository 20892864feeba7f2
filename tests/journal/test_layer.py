"""Redis between processes, on a real one behind a bad network: what comes through, and what becomes of it without."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from django.core.cache import cache
from django.test import override_settings

from casebundle.cases import counts
from casebundle.journal import hub as room
from casebundle.journal import layer as between
from casebundle.journal.hub import Hub, Message, Outbox
from casebundle.journal.redis_layer import MOST
from scripts import outages
from scripts.services import CannotStart
from tests.courtroom import real

CASE = uuid.uuid4()
SECRET = "not of any installation"


class Network:
    """A Redis and what is before it."""

    def __init__(self) -> None:
        self.straight = real.address("redis")["REDIS_URL"]
        place = urlsplit(self.straight)
        api = real.address("toxiproxy")["TOXIPROXY_URL"]
        self.proxy = outages.Between(api, f"layer-{uuid.uuid4().hex[:8]}", f"{place.hostname}:{place.port}")
        self.url = f"redis://127.0.0.1:{self.proxy.port}/0"

    def cut(self) -> None:
        self.proxy.toxic("timeout", timeout=0)

    def well(self) -> None:
        self.proxy.well()


@pytest.fixture
def network() -> Iterator[Network]:
    try:
        made = Network()
    except CannotStart as why:
        pytest.skip(str(why))
    with override_settings(
        REDIS_URL=made.url,
        CHANNEL_LAYERS=between.channel_layers(made.url, SECRET),
        CACHES=between.caches(made.url, SECRET),
    ):
        counts._away["until"] = 0.0
        yield made
    made.proxy.remove()


class Client:
    def __init__(self) -> None:
        self.got: list[str] = []
        self.audiences, self.takes, self.held = frozenset({"everybody"}), True, 0
        self.outbox = Outbox(self.send, self.cut)

    async def send(self, event: dict[str, str]) -> None:
        self.got.append(event["text"])

    def cut(self) -> None: ...


async def until(what: Callable[[], Any]) -> None:
    for _i in range(2000):
        if what():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come")


@pytest.fixture
async def hubs(network: Network, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Two hubs, as two processes have them, over a journal that nobody can read: what comes, came through Redis."""

    async def head(_case: str) -> int:
        return 0

    async def nothing(*_asked: Any) -> list[Any]:
        return []

    monkeypatch.setattr(room, "_head", head)
    monkeypatch.setattr(room, "_heads", nothing)
    monkeypatch.setattr(room, "_read", nothing)
    made = [Hub(), Hub()]
    clients = [Client(), Client()]
    for hub, client in zip(made, clients, strict=True):
        await hub.add(CASE, client)
    yield list(zip(made, clients, strict=True))
    for hub in made:
        for task in (*hub._tasks, hub._receiving):
            task.cancel()  # type: ignore[union-attr]
    await between.the_layer().flush()  # type: ignore[union-attr]


def say(seq: int) -> None:
    """As another process does."""
    message = Message(str(CASE), seq, "test.said", "|everybody|", f"number {seq}")
    found = between.the_layer()
    assert found is not None
    found.say(room.group(CASE), {**room._raw(message), "hub": "another"})


async def test_what_one_process_says_the_others_hear_and_again_after_a_cut(
    hubs: list[tuple[Hub, Client]], network: Network
):
    returned: list[int] = []
    hubs[0][0].returned.append(lambda: returned.append(1))
    await until(lambda: all(hub.reaches for hub, _client in hubs))
    say(1)
    await until(lambda: all(client.got == ["number 1"] for _hub, client in hubs))
    # Lines that stay open and say nothing: each notices by itself that it does not hear itself.
    network.cut()
    await until(lambda: not any(hub.reaches for hub, _client in hubs))
    for _n in range(3 * MOST):
        say(2)
    assert between.the_layer().voice._waiting.qsize() <= MOST + 1  # type: ignore[union-attr]
    network.well()
    await until(lambda: all(hub.reaches for hub, _client in hubs))
    assert len(returned) >= 1
    # What was said meanwhile is forgotten, as the journal has it, and holds nothing up; from now on all is heard.
    for _hub, client in hubs:
        del client.got[:]
    for feed in (hub.feeds[str(CASE)] for hub, _client in hubs):
        feed.delivered = 2
    for _try in range(20):
        say(3)
        await asyncio.sleep(0.2)
    assert all(client.got == ["number 3"] for _hub, client in hubs)


async def test_who_listens_at_redis_reads_nothing_of_a_case(hubs: list[tuple[Hub, Client]], network: Network):
    await until(lambda: all(hub.reaches for hub, _client in hubs))
    ear = redis.Redis.from_url(network.straight).pubsub()
    ear.psubscribe("*")
    ear.get_message(timeout=2)
    say(1)
    await until(lambda: all(client.got for _hub, client in hubs))
    heard = []
    while (one := ear.get_message(timeout=0.5)) is not None and len(heard) < 50:
        heard.append(one)
    ear.close()
    assert any(b"case." in one["channel"] for one in heard)
    assert not any(b"number" in one["data"] or b"everybody" in one["data"] for one in heard)
    # Nor does what somebody else says there, who has not the secret, come in.
    with override_settings(CHANNEL_LAYERS=between.channel_layers(network.url, "another secret")):
        say(2)
        await asyncio.sleep(0.5)
    assert all(client.got == ["number 1"] for _hub, client in hubs)


def test_counts_are_kept_without_redis_too_and_are_numbers_alone(network: Network):
    key = uuid.uuid4().hex
    assert cache.add(key, 1, 60)
    assert cache.incr(key) == 2
    network.cut()
    # Here it begins anew, and nobody is told of a failure.
    assert cache.add(key, 1, 60)
    assert [cache.incr(key) for _n in range(3)] == [2, 3, 4]
    network.well()
    counts._away["until"] = 0.0
    assert cache.incr(key) == 3
    redis.Redis.from_url(network.straight).set(cache.make_key(key), b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(ValueError, match="Expecting value"):
        cache.get(key)
