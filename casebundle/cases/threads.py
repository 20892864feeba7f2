"""The threads in which requests are answered are kept, and with each of them its connection to the database.

Django's handler makes a thread for every request and ends it after: a new thread has a new connection, which on
SQLite costs more than most pages that are read through it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

# Threads that wait for the next request. More are made when more requests come at once, and end after them.
KEPT = 8


def _ends_when_it_fails(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    try:
        return execute(sql, params, many, context)
    except OperationalError:
        context["connection"].close_at = 0
        raise


@receiver(connection_created)
def _watch(connection: BaseDatabaseWrapper, **_more: Any) -> None:
    """One that was opened while the disk was full or read-only stays so: after an error it ends with its request."""
    if _ends_when_it_fails not in connection.execute_wrappers:
        connection.execute_wrappers.append(_ends_when_it_fails)


class Threads:
    """Around Django: each request has a thread to itself while it lasts, the last one used if it is free."""

    def __init__(self, inner: Callable[..., Any]) -> None:
        self.inner = inner
        self.free: list[ThreadPoolExecutor] = []

    async def __call__(
        self, scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Any]
    ) -> None:
        thread = self.free.pop() if self.free else ThreadPoolExecutor(1, thread_name_prefix="request")
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self.inner(scope, receive, send)
        finally:
            if len(self.free) < KEPT:
                self.free.append(thread)
            else:
                # A connection belongs to its thread, which has to close it. Nobody waits for that.
                thread.submit(connections.close_all)
                thread.shutdown(wait=False)
