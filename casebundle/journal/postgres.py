"""The connection to PostgreSQL: by DATABASE_URL and a few numbers, none of which lets anybody wait for ever.

A statement is ended by the server after DATABASE_STATEMENT_SECONDS, a wait for somebody else's lock after
DATABASE_LOCK_SECONDS; a server that says nothing at all is given up shortly after that. Each of them is an
OperationalError, which cases/mending.py turns into an answer.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import Connection, OperationalError, errors

# Seconds beyond the server's own limit after which its silence is taken for its end.
SILENCE = 5.0


class Bounded(Connection[Any]):
    """A connection that does not wait for ever: a server may be cut off so that nothing tells us."""

    # Seconds for one statement; None for no limit.
    patience: float | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        bounded = self.patience is not None and timeout is None
        try:
            return super().wait(gen, interval, self.patience if bounded else timeout)
        except errors._WaitTimeout:  # psycopg's own name for it, and it has no other
            if not bounded:
                raise
            # What it was doing is not known: it is of no use to anybody else.
            self.pgconn.finish()
            raise OperationalError("connection timeout expired: the database does not answer") from None


def database(env: environ.Env) -> dict[str, Any]:
    """The entry of settings.DATABASES. ImproperlyConfigured where DATABASE_URL names no PostgreSQL."""
    url = env.str("DATABASE_URL")
    if urlsplit(url).scheme not in ("postgres", "postgresql") or not urlsplit(url).path.strip("/"):
        raise ImproperlyConfigured("DATABASE_URL must be like postgres://user:password@host:5432/name")
    given: dict[str, Any] = env.db_url_config(url)
    # What the address itself says stands (sslmode, sslrootcert, application_name, connect_timeout …).
    said = {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}
    statement = env.int("DATABASE_STATEMENT_SECONDS", 30)
    lock = env.int("DATABASE_LOCK_SECONDS", 10)
    idle = env.int("DATABASE_IDLE_SECONDS", 60)  # in a transaction, doing nothing: it holds up others
    limits = {
        "statement_timeout": statement,
        "lock_timeout": lock,
        "idle_in_transaction_session_timeout": idle,
    }
    options = {
        "application_name": f"casebundle {socket.gethostname()} {os.getpid()}"[:63],
        "connect_timeout": 5,
        # Whoever is gone is noticed in ten seconds or so, also where nothing is being sent.
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        "options": " ".join(f"-c {name}={value}s" for name, value in limits.items() if value),
        **said,
    }
    most = env.int("DATABASE_POOL", 20)
    if most:
        patience = statement + SILENCE if statement else None
        kept = type("Kept", (Bounded,), {"patience": patience})
        options["pool"] = {
            "min_size": min(env.int("DATABASE_POOL_MIN", 1), most),
            "max_size": most,
            # Who finds none free waits so long (seconds) before they are told to try again.
            "timeout": env.float("DATABASE_POOL_SECONDS", 5),
            "max_lifetime": 1800,
            "max_idle": 120,
            "reconnect_timeout": 5,
            "connection_class": kept,
            "name": "casebundle",
        }
    return {
        **given,
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": options,
        # With a pool a connection goes back to it after each request; it is asked whether it lives before the next.
        "CONN_MAX_AGE": 0 if most else env.int("DATABASE_CONN_MAX_AGE", 60),
        "CONN_HEALTH_CHECKS": True,
    }


@contextmanager
def without_limits(line: BaseDatabaseWrapper) -> Iterator[None]:
    """For what may take long, like a new index on a large table. How long it waits for others' locks stays as it is:
    whoever stands in the queue behind it would wait too."""
    if line.vendor != "postgresql":
        yield
        return
    line.ensure_connection()
    before = getattr(line.connection, "patience", None)
    with line.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        (limit,) = cursor.fetchone()
        cursor.execute("SET statement_timeout = 0")
    kept: Any = line.connection
    if isinstance(kept, Bounded):
        kept.patience = None
    try:
        yield
    finally:
        if kept is line.connection:
            if isinstance(kept, Bounded):
                kept.patience = before
            with line.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, false)", [limit])
