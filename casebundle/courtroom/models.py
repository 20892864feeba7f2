"""Hearings and evidence screens. What is presented is a row, with the sequence number of the entry that set it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casebundle.bundles.models import Page
from casebundle.cases.models import Case, Participant

if TYPE_CHECKING:
    from casebundle.cases.access import Viewer


class HearingQuerySet(models.QuerySet["Hearing"]):
    def visible_to(self, viewer: Viewer) -> HearingQuerySet:
        """Everybody in a case knows its hearings."""
        return self.filter(case_id=viewer.case_id)

    def open(self) -> HearingQuerySet:
        return self.filter(closed_at=None).exclude(opened_at=None)


class Hearing(models.Model):
    """A sitting of the court in a case; at most one is open at a time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="hearings")
    title = models.CharField(_("title"), max_length=200)
    starts = models.DateTimeField(_("starts"), null=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    presenter = models.ForeignKey(Participant, on_delete=models.SET_NULL, null=True, related_name="+")
    page = models.ForeignKey(Page, on_delete=models.SET_NULL, null=True, related_name="+")
    view = models.JSONField(null=True)  # {x, y, w, h} in fractions of the page
    seq = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    objects = HearingQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(closed_at=None, opened_at__isnull=False),
                name="one_open_hearing",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.closed_at is None


class ScreenQuerySet(models.QuerySet["Screen"]):
    def visible_to(self, viewer: Viewer) -> ScreenQuerySet:
        """The codes open a page that shows evidence: only who makes them sees them."""
        found = self.filter(hearing__case_id=viewer.case_id, ended_at=None)
        return found if viewer.may("screens") else found.none()


class Screen(models.Model):
    """An evidence screen of one hearing, opened with a code and without signing in."""

    code = models.CharField(primary_key=True, max_length=16)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="screens")
    name = models.CharField(_("name"), max_length=80)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = ScreenQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]


class Web(models.Model):
    """A server process that people are connected to, among several: it lives for as long as it says so."""

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()  # when it last said so, by the clock of the database


class Here(models.Model):
    """Who is connected to one case through one server process. What is in memory there, for the others to see."""

    web = models.ForeignKey(Web, on_delete=models.CASCADE)
    case_id = models.UUIDField(db_index=True)
    version = models.PositiveBigIntegerField()  # counts the changes of its process
    said = models.JSONField()  # {people: [card], screens: [[code, name]], page, at: [participant id]}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["web", "case_id"], name="here_once_per_web_and_case")]
