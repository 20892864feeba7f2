"""The engine that this installation is set up with."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from .embedded import EmbeddedEngine
from .engine import Engine


@cache
def engine() -> Engine:
    """One for each process; safe to share between threads."""
    return EmbeddedEngine(settings.SEARCH_DIR)
