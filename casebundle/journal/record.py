"""Writing the journal, and checking it."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone

from .audience import PUBLIC
from .models import GENESIS, Chain, Entry

if TYPE_CHECKING:
    from casebundle.cases.access import Viewer

P = ParamSpec("P")
R = TypeVar("R")

# Called with each entry once it is committed; the hub puts itself here.
after_commit: list[Callable[[Entry], None]] = []


def digest_of(content: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON (sorted keys, no spaces, UTF-8) of an entry's content, in hex."""
    return hashlib.sha256(
        json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()


def link(previous: str, digest: str) -> str:
    """The chain hash of an entry from the one before it: SHA-256 of both hex strings, in hex."""
    return hashlib.sha256(f"{previous}{digest}".encode()).hexdigest()


def hold(case_id: UUID) -> Chain | None:
    """Be the only one who changes this case, until the transaction ends: first thing in each that will write an entry.

    On SQLite a transaction begins so for the whole database. Elsewhere those who change a case queue at the head of
    its chain: what is read after this stands until the end, and nobody can wait for somebody who waits for them.
    Returns that head, where it was read.
    """
    if not connection.features.has_select_for_update:
        return None
    return Chain.objects.select_for_update().get_or_create(id=case_id)[0]


def changes(act: Callable[Concatenate[Viewer, P], R]) -> Callable[Concatenate[Viewer, P], R]:
    """Marks what changes the case of the Viewer given first: in one transaction, and by one at a time (`hold`)."""

    @wraps(act)
    def run(viewer: Viewer, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic():
            hold(viewer.case_id)
            return act(viewer, *args, **kwargs)

    return run


@dataclass(frozen=True)
class Draft:
    """What an entry will say; `append_all` gives it its number, time, salt and place in the chain."""

    action: str
    actor: dict[str, Any] | None = None
    audience: str = PUBLIC
    document: UUID | None = None
    data: dict[str, Any] | None = None


def append(
    case_id: UUID,
    action: str,
    *,
    actor: dict[str, Any] | None = None,
    audience: str = PUBLIC,
    document: UUID | None = None,
    data: dict[str, Any] | None = None,
    chain: Chain | None = None,
) -> Entry:
    """Write one entry, in the transaction of the change that it records (there must be one).

    `data` is JSON (no floats that differ between databases: round them first). Delivered live on commit. `chain` is
    what `hold` gave, where nothing was appended or rolled back since.
    """
    return append_all(case_id, [Draft(action, actor, audience, document, data)], chain)[0]


def append_all(case_id: UUID, drafts: Sequence[Draft], chain: Chain | None = None) -> list[Entry]:
    """Write several entries, in this order, in as many statements as one takes: see `append`.

    They share one moment. For thousands: each is held in memory until it is delivered.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A journal entry is written in the transaction of what it records.")
    if not drafts:
        return []
    if chain is None:
        chain, _ = Chain.objects.select_for_update().get_or_create(id=case_id)
    now = timezone.now()
    entries: list[Entry] = []
    for draft in drafts:
        actor = draft.actor or {}
        entry = Entry(
            chain=chain,
            seq=chain.seq + 1,
            at=now,
            action=draft.action,
            actor=actor,
            actor_key=str(actor.get("id", "")),
            audience=draft.audience,
            document=draft.document,
            # Through JSON and back: the digest is over what will be read again, not over what was passed in.
            data=json.loads(json.dumps(draft.data or {})),
            salt=secrets.token_hex(16),
            previous=chain.hash,
        )
        entry.digest = digest_of(entry.content())
        entry.hash = link(entry.previous, entry.digest)
        chain.seq, chain.hash = entry.seq, entry.hash
        entries.append(entry)
    if len(entries) == 1:
        entries[0].save(force_insert=True)
    else:
        Entry.objects.bulk_create(entries)
    chain.save(update_fields=["seq", "hash"])
    for tell in after_commit:
        for entry in entries:
            transaction.on_commit(partial(tell, entry), robust=True)
    return entries


@dataclass(frozen=True)
class Verdict:
    """What a check of a chain found. `broken_at` is the first sequence number that does not hold, or None."""

    entries: int
    head: str
    broken_at: int | None = None
    why: str = ""

    @property
    def holds(self) -> bool:
        return self.broken_at is None


def _wrong(entry: Entry, previous: str) -> str:
    """What does not hold about an entry that follows `previous`; "" where all does."""
    raw = getattr(entry, "raw_at", None)
    if (
        not isinstance(entry.actor, dict)
        or entry.actor_key != str(entry.actor.get("id", ""))
        or entry.digest != digest_of(entry.content())
        or (raw is not None and raw != str(entry.at.replace(tzinfo=None)))
    ):
        return f"the content of entry {entry.seq} was changed"
    if entry.previous != previous or entry.hash != link(previous, entry.digest):
        return f"entry {entry.seq} does not follow the one before it"
    return ""


def verify(case_id: UUID, after: int = 0) -> Verdict:
    """Read the chain of a case, in flat memory, and compute every digest and hash again.

    The whole chain, or what follows entry `after`, whose own hash is then taken as it stands.
    """
    previous, seq = GENESIS, after
    if after:
        kept = Entry.objects.filter(chain_id=case_id, seq=after).values_list("hash", flat=True).first()
        if kept is None:
            return Verdict(after - 1, GENESIS, after, f"entry {after} is missing")
        previous = kept
    rows = Entry.objects.filter(chain_id=case_id, seq__gt=after).order_by("seq")
    if connection.vendor == "sqlite":
        # A time is text there, and several texts are the same time: the very bytes are looked at.
        rows = rows.annotate(raw_at=Cast("at", TextField()))
    entries = rows.iterator(chunk_size=2000)
    while True:
        try:
            entry = next(entries, None)
        except (ValueError, TypeError, AttributeError, DatabaseError):
            return Verdict(seq, previous, seq + 1, f"entry {seq + 1} (or one soon after it) cannot be read")
        if entry is None:
            break
        seq += 1
        if entry.seq != seq:
            return Verdict(seq - 1, previous, seq, f"entry {seq} is missing")
        try:
            why = _wrong(entry, previous)
        except (ValueError, TypeError, AttributeError):
            why = f"entry {seq} cannot be read"
        if why:
            return Verdict(seq - 1, previous, seq, why)
        previous = entry.hash
    chain = Chain.objects.filter(id=case_id).first()
    if (chain.seq, chain.hash) != (seq, previous) if chain else seq:
        return Verdict(
            seq, previous, seq + 1, f"the chain's head does not match entry {seq}: entries were cut off"
        )
    return Verdict(seq, previous)
