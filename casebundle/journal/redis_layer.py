"""Redis or Valkey between the server processes: the channel layer of channels_redis, with bounds on every wait.

Whoever has something to say to other processes leaves it with a thread of its own and goes on (`Voice`): a Redis that
is slow, cut off or gone holds up nobody, and what could not be said is forgotten, because the journal has it. What goes
through Redis is encrypted with a key made from SECRET_KEY: nobody who reaches Redis alone can read a case or speak in
its name.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from typing import Any

import redis
from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.retry import Retry as RetryNow

log = logging.getLogger(__name__)

# Seconds that anything waits for Redis.
PATIENCE = 2.0
# After a failure Redis is left alone for so long (seconds), and what there is to say is not said.
PAUSE = 1.0
# What waits to be said while Redis is slow; what is more is not said.
MOST, AT_ONCE = 10_000, 200
# The log hears of an outage once in so many seconds.
SAID_EVERY = 60.0


class Voice:
    """Says things to channels of Redis, in order, from a thread of its own. Never raises, never makes anybody wait."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._silent_until = 0.0
        self._told = 0.0
        # What is the matter, in words; "" while all is well.
        self.trouble = ""

    def say(self, channel: str, data: bytes) -> None:
        """Say it soon, if Redis takes it."""
        if self._waiting.qsize() >= MOST:
            return
        self._waiting.put((channel, data))
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="voice", daemon=True)
                    self._thread.start()

    def _client(self) -> redis.Redis:
        return redis.Redis.from_url(
            self._url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            socket_keepalive=True,
            retry=RetryNow(NoBackoff(), 0),
        )

    def _run(self) -> None:
        client: redis.Redis | None = None
        while True:
            some = [self._waiting.get()]
            while len(some) < AT_ONCE and not self._waiting.empty():
                some.append(self._waiting.get())
            if time.monotonic() < self._silent_until:
                continue
            try:
                if client is None:
                    client = self._client()
                if len(some) == 1:
                    client.publish(*some[0])
                else:
                    pipe = client.pipeline(transaction=False)
                    for channel, data in some:
                        pipe.publish(channel, data)
                    pipe.execute()
                self._well()
            except Exception as error:  # whatever it is: this thread goes on
                self._silent_until = time.monotonic() + PAUSE
                client = None
                self._failed(error)

    def _well(self) -> None:
        if self.trouble:
            self.trouble, self._told = "", 0.0
            log.warning("Redis answers again.")

    def _failed(self, error: Exception) -> None:
        self.trouble = str(error) or type(error).__name__
        now = time.monotonic()
        if not self._told or now - self._told > SAID_EVERY:
            self._told = now
            log.error(
                "Redis does not answer (%s): what happens in other processes is read from the journal, a little later. "
                "It is tried again by itself.",
                self.trouble,
            )


class Layer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """The pub/sub layer of channels_redis; `say` does not wait."""

    def __init__(self, url: str, prefix: str, symmetric_encryption_keys: list[str]) -> None:
        host = {
            "address": url,
            "socket_timeout": PATIENCE,
            "socket_connect_timeout": PATIENCE,
            "socket_keepalive": True,
            "retry": Retry(NoBackoff(), 0),
        }
        super().__init__(hosts=[host], prefix=prefix, symmetric_encryption_keys=symmetric_encryption_keys)
        self.before = f"{prefix}__group__"
        self.voice = Voice(url)
        logging.getLogger("channels_redis.pubsub").addFilter(_once)

    def say(self, group: str, message: dict[str, Any]) -> None:
        """Say something to a group, from any thread, soon. May be lost."""
        self.voice.say(self.before + group, self.serialize(message))


def _once(record: logging.LogRecord) -> bool:
    """Its receiving task writes a traceback every second while Redis is away: `Voice` has said so."""
    return record.levelno < logging.ERROR or not (
        record.exc_info and isinstance(record.exc_info[1], (redis.RedisError, OSError))
    )
