"""Notes and highlights on pages. Anchored by place and by words, so that they outlive renumbering."""

from __future__ import annotations

import secrets
import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casebundle.bundles.models import Document, Page
from casebundle.cases.models import Case, Participant
from casebundle.journal import audience

if TYPE_CHECKING:
    from casebundle.cases.access import Viewer


def _salt() -> str:
    return secrets.token_hex(16)


class NoteQuerySet(models.QuerySet["Note"]):
    def visible_to(self, viewer: Viewer) -> NoteQuerySet:
        """Notes for this viewer, on pages that they may see now."""
        return (
            self.filter(case_id=viewer.case_id, deleted_at=None)
            .filter(audience.query(viewer.audiences))
            .exclude(page__version__document__state=Document.State.WITHDRAWN)
            .filter(audience.query(viewer.audiences, "page__version__document__audience"))
        )


class Note(models.Model):
    """A highlight, a marked area, a note, or a reply to one of these (`parent`), with its parent's audience."""

    class Kind(models.TextChoices):
        HIGHLIGHT = "highlight", _("Highlight")
        AREA = "area", _("Area")
        NOTE = "note", _("Note")
        REPLY = "reply", _("Reply")

    class Choice(models.TextChoices):
        PRIVATE = "private", _("only me")
        PARTY = "party", _("my party")
        PARTIES = "parties", _("chosen parties")
        CASE = "case", _("everybody")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="notes")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="replies")
    author = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    body = models.TextField(blank=True)
    # W3C TextQuoteSelector (exact, prefix, suffix) and boxes [[x0, y0, x1, y1], …] in fractions of the page.
    quote = models.JSONField(default=dict)
    quads = models.JSONField(default=list)
    top = models.FloatField(default=0)  # of the first box: the order on the page
    tags = models.JSONField(default=list)
    choice = models.CharField(max_length=10, choices=Choice.choices, default=Choice.PRIVATE)
    audience = models.CharField(max_length=400)
    salt = models.CharField(max_length=32, default=_salt)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        indexes = [models.Index(fields=["page", "deleted_at"], name="note_on_page")]
