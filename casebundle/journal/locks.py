"""Locks that no row stands for: a name, held until the transaction ends.

On SQLite a transaction that writes has the whole database to itself, so there is nothing to take.
"""

from __future__ import annotations

import datetime
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

LEASE = datetime.timedelta(seconds=settings.LEASE_SECONDS)


def moment() -> Any:
    """Now, as leases are given: by the clock of the database where workers on several machines share one."""
    return Now() if connection.vendor == "postgresql" else timezone.now()


def free(field: str) -> Q:
    """What no worker has in hand, by the lease in that field (given as `moment() + LEASE`)."""
    now = moment()
    # A lease that runs longer than any is given was given before the clock was set back.
    return Q(**{field: None}) | Q(**{f"{field}__lt": now}) | Q(**{f"{field}__gt": now + 2 * LEASE})


def _number(name: str) -> int:
    """A name as PostgreSQL has it: 64 bits, with a sign."""
    return int.from_bytes(hashlib.sha256(f"casebundle {name}".encode()).digest()[:8], signed=True)


def exclusively(name: str) -> None:
    """Wait until nobody else has this name; it is ours until the transaction ends (there must be one)."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_number(name)])


def if_free(name: str) -> bool:
    """The same without waiting: False where somebody else has it."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_number(name)])
        return bool(cursor.fetchone()[0])


@contextmanager
def only_one(name: str) -> Iterator[bool]:
    """Whether we are the only one at something of that name, from here to the end of the block: nobody waits."""
    if connection.vendor != "postgresql":
        yield True
        return
    with transaction.atomic():
        yield if_free(name)


@contextmanager
def waiting_for(line: BaseDatabaseWrapper, name: str) -> Iterator[None]:
    """Have this name to ourselves in the database of that connection, outside any transaction and however long it
    takes; a connection of its own holds it, so it is free again when we die."""
    if line.vendor != "postgresql":
        yield
        return
    own = line.copy()
    try:
        with own.cursor() as cursor:
            # Asked again and again, since no statement may wait for longer than the others do.
            while True:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [_number(name)])
                if cursor.fetchone()[0]:
                    break
                time.sleep(0.2)
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_number(name)])
    finally:
        own.close()
