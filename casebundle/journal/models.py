"""The append-only, hash-chained record of a case.

Each entry has a digest of its own content (with a salt, so that nobody can guess what they may not see) and the
chain hash `SHA-256(previous hash + digest)`. Somebody who may not see an entry gets its digest alone, and can
still check the whole chain.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.db import models

from . import audience

if TYPE_CHECKING:
    from casebundle.cases.access import Viewer

GENESIS = "0" * 64


class Chain(models.Model):
    """The head of one case's chain; its row is the lock under which entries are appended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)  # the case's id
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, viewer: Viewer) -> EntryQuerySet:
        """The entries that `viewer` may read: theirs by audience, and about nothing that is hidden from them now."""
        hidden = viewer.hidden_documents()
        found = self.filter(chain_id=viewer.case_id).filter(audience.query(viewer.audiences))
        return found if hidden is None else found.exclude(document__in=hidden)


class Entry(models.Model):
    """One thing that happened. Never changed, never deleted."""

    id = models.BigAutoField(primary_key=True)
    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="entries")
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    action = models.CharField(max_length=60)
    # {"id", "name", "role", "party"} as it stood, or {} where the system itself acted.
    actor = models.JSONField(default=dict)
    actor_key = models.CharField(max_length=40, blank=True)  # the participant's id, to filter by person
    audience = models.CharField(max_length=400)
    # The document it is about: hidden along with it when its audience is narrowed later.
    document = models.UUIDField(null=True)
    data = models.JSONField(default=dict)
    salt = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = EntryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="entry_once_per_seq")]
        indexes = [
            models.Index(fields=["chain", "action", "seq"], name="entry_by_action"),
            models.Index(fields=["chain", "actor_key", "seq"], name="entry_by_actor"),
        ]

    def content(self) -> dict[str, Any]:
        """What the digest is taken over, as JSON shows it."""
        return {
            "chain": str(self.chain_id),
            "seq": self.seq,
            "at": self.at.isoformat(),
            "action": self.action,
            "actor": self.actor,
            "audience": self.audience,
            "document": str(self.document) if self.document else None,
            "data": self.data,
            "salt": self.salt,
        }

    def frame(self) -> dict[str, Any]:
        """The entry as the socket sends it (shared/api: `entry`)."""
        return {
            "type": "entry",
            "seq": self.seq,
            "action": self.action,
            "actor": self.actor,
            "at": self.at.isoformat(),
            "data": self.data,
        }
