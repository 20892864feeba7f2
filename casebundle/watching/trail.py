"""What is being done right now, as logs, counters and traces may name it: ids and names of ours, never content."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

# What a trusted proxy may call a request. Anything else could be words of somebody's.
AN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


@dataclass(slots=True)
class Trail:
    """One request, socket or task. Everything that runs for it shares this object, in whatever thread.

    id: of the request. kind: http, websocket or task. route: the name of the address, never the address itself.
    case, document: ids, once access.py has let somebody in.
    """

    id: str
    kind: str
    route: str = ""
    case: str = ""
    document: str = ""


_now: ContextVar[Trail | None] = ContextVar("trail", default=None)


def new_id() -> str:
    """32 hexadecimal digits that nobody can guess."""
    return os.urandom(16).hex()


def now() -> Trail | None:
    """What is being done where this is asked; None outside of requests, sockets and tasks."""
    return _now.get()


def request_id() -> str:
    """The id of the request that is being answered, or ""."""
    trail = _now.get()
    return trail.id if trail else ""


def about(*, route: str = "", case: object = "", document: object = "") -> None:
    """Say what is being done is about; nothing where nothing is being done."""
    trail = _now.get()
    if trail is None:
        return
    if route:
        trail.route = route
    if case:
        trail.case = str(case)
    if document:
        trail.document = str(document)


@contextmanager
def begin(trail: Trail) -> Iterator[Trail]:
    """What runs within this, and in threads and tasks that are started from it, belongs to `trail`."""
    token = _now.set(trail)
    try:
        yield trail
    finally:
        _now.reset(token)
