"""Counts that all server processes share (settings.CACHES where REDIS_URL is set).

While Redis is away each process counts for itself, as it does where there is no Redis: a limit is looser for that time,
and nobody is turned away or kept waiting because of it.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

# Seconds that a count waits for Redis, and for how long it is left alone when it does not answer.
PATIENCE, PAUSE = 0.25, 2.0


_clients: dict[str, Any] = {}
_away = {"until": 0.0}


class Numbers:
    """What is kept there: whole numbers, which Redis itself counts, and what JSON can say (allauth keeps lists of
    times), so that nothing that comes back can do anything."""

    def dumps(self, value: Any) -> int | bytes:
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


class Shared(RedisCache):
    """Django's cache in Redis, for whole numbers; in this process's memory while Redis is away."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        params["OPTIONS"] = {
            "serializer": Numbers(),
            "socket_timeout": PATIENCE,
            "socket_connect_timeout": PATIENCE,
            "socket_keepalive": True,
            "retry": Retry(NoBackoff(), 0),
            **params.get("OPTIONS", {}),
        }
        super().__init__(server, params)
        self._url, self._more = server, params["OPTIONS"]
        self._here = LocMemCache("while Redis is away", {})

    @property
    def _cache(self) -> Any:
        """Django makes a cache for every request; connections are kept for all of them."""
        if self._url not in _clients:
            _clients[self._url] = RedisCacheClient([self._url], **self._more)
        return _clients[self._url]

    def _try(self, there: Callable[[], Any], here: Callable[[], Any]) -> Any:
        if time.monotonic() >= _away["until"]:
            try:
                return there()
            except (RedisError, OSError) as error:
                _away["until"] = time.monotonic() + PAUSE
                log.info("Redis does not answer, and this process counts for itself: %s", error)
        return here()

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> Any:
        there = super().add
        return self._try(
            lambda: there(key, value, timeout, version), lambda: self._here.add(key, value, timeout, version)
        )

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        there = super().get
        return self._try(lambda: there(key, default, version), lambda: self._here.get(key, default, version))

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        there = super().set
        self._try(
            lambda: there(key, value, timeout, version), lambda: self._here.set(key, value, timeout, version)
        )

    def delete(self, key: str, version: int | None = None) -> Any:
        there = super().delete
        return self._try(lambda: there(key, version), lambda: self._here.delete(key, version))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> Any:
        """As ever: ValueError where there is no such key."""
        there = super().incr
        return self._try(lambda: there(key, delta, version), lambda: self._here.incr(key, delta, version))

    def clear(self) -> Any:
        there = super().clear
        self._here.clear()
        return self._try(there, lambda: True)
