"""What is between the server processes: Redis or Valkey, where REDIS_URL names one.

The code that needs the libraries for it is loaded only there (journal/redis_layer.py, cases/counts.py).
"""

from __future__ import annotations

import hashlib
import time
from typing import Any, Protocol, cast

from channels.layers import get_channel_layer
from django.conf import settings


class Between(Protocol):
    """A channel layer that reaches other processes, and whose `say` does not wait."""

    def say(self, group: str, message: dict[str, Any]) -> None:
        """Say something to a group, from any thread, soon. May be lost."""

    async def flush(self) -> None:
        """Forget every group and connection."""


def _mark(secret: str) -> str:
    return hashlib.sha256(f"casebundle.layer:{secret}".encode()).hexdigest()


def channel_layers(url: str, secret: str) -> dict[str, Any]:
    """settings.CHANNEL_LAYERS for a Redis at `url`. Installations with other secrets do not hear each other."""
    mark = _mark(secret)
    return {
        "default": {
            "BACKEND": "casebundle.journal.redis_layer.Layer",
            "CONFIG": {"url": url, "prefix": f"casebundle.{mark[:12]}.", "symmetric_encryption_keys": [mark]},
        }
    }


def caches(url: str, secret: str) -> dict[str, Any]:
    """settings.CACHES for counts that all processes share in the Redis at `url`."""
    return {
        "default": {
            "BACKEND": "casebundle.cases.counts.Shared",
            "LOCATION": url,
            "KEY_PREFIX": f"casebundle.{_mark(secret)[:12]}",
        }
    }


def the_layer() -> Between | None:
    """The layer to the other processes, where there is one."""
    found = get_channel_layer()
    return cast(Between, found) if hasattr(type(found), "say") else None


def ask() -> float:
    """Milliseconds that Redis takes to answer now. An OSError or redis.RedisError where it does not in two seconds."""
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    began = time.monotonic()
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, retry=Retry(NoBackoff(), 0)
    )
    try:
        client.ping()
    finally:
        client.close()
    return (time.monotonic() - began) * 1000
