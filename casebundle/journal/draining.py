"""A server process that is to end: it takes nothing new, finishes what it has, and its sockets go elsewhere.

SIGTERM begins it. From then on `draining()` is true (/readyz says no, and whoever shares requests out sends them to
others); after DRAIN_SECONDS the server closes its door, its sockets are closed with 1012, which makes a client come
back at once, and requests that have begun are finished.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from django.conf import settings

_began = threading.Event()


def draining() -> bool:
    """Whether this process is about to end."""
    return _began.is_set()


def begin() -> None:
    """From now on `draining()`."""
    _began.set()


def watch() -> None:
    """Let the server's own end begin with draining. Call it in the main thread, once the server's handlers are set."""
    if threading.current_thread() is not threading.main_thread():
        return
    ends: Any = signal.getsignal(signal.SIGTERM)
    if not callable(ends) or getattr(ends, "drains", False):
        return

    def drains(number: int, frame: FrameType | None) -> None:
        if draining() or not settings.DRAIN_SECONDS:
            begin()
            ends(number, frame)
            return
        begin()
        _after(settings.DRAIN_SECONDS, lambda: ends(number, None))

    drains.drains = True  # type: ignore[attr-defined]
    signal.signal(signal.SIGTERM, drains)


def _after(seconds: float, act: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()
