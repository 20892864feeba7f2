"""Requests share threads and connections one after another, never at the same moment, and no broken one."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection

from casebundle.cases.threads import KEPT, Threads

pytestmark = pytest.mark.django_db(transaction=True)


async def ask(threads: Threads) -> Any:
    said: list[Any] = []

    async def send(what: Any) -> None:
        said.append(what)

    await threads({"type": "http"}, lambda: None, send)
    return said[0]


def which() -> tuple[int, int]:
    """The thread this is, and the connection that it has."""
    connection.ensure_connection()
    return threading.get_ident(), id(connection.connection)


async def test_one_after_another_they_have_the_same_thread_and_connection() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(await sync_to_async(which)())

    threads = Threads(app)
    assert len({await ask(threads) for _ in range(5)}) == 1
    assert len(threads.free) == 1


async def test_at_the_same_moment_each_has_its_own_and_no_more_are_kept_than_needed() -> None:
    many = KEPT + 3
    together = threading.Barrier(many)

    def meet() -> tuple[int, int]:
        together.wait(20)
        return which()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(await sync_to_async(meet)())

    threads = Threads(app)
    met = await asyncio.gather(*(ask(threads) for _ in range(many)))
    assert len({thread for thread, _connection in met}) == many
    assert len(threads.free) == KEPT


async def test_a_request_that_fails_gives_its_thread_back() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError

    threads = Threads(app)
    for _ in range(3):
        with pytest.raises(ValueError):
            await ask(threads)
    assert len(threads.free) == 1


def test_a_connection_that_failed_ends_with_its_request() -> None:
    connection.ensure_connection()
    before = connection.connection

    def fail(*_given: Any) -> None:
        raise OperationalError("attempt to write a readonly database")

    with connection.execute_wrapper(fail), pytest.raises(OperationalError):
        connection.cursor().execute("SELECT 1")
    connection.close_if_unusable_or_obsolete()
    connection.ensure_connection()
    assert connection.connection is not before
