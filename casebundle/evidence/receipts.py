"""Receipts of service. They are read from the journal: what was served is what its entry says, whatever came later."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.urls import reverse

from casebundle.bundles.labels import Labels
from casebundle.bundles.models import Document, Version
from casebundle.cases.access import Viewer
from casebundle.cases.who import Names
from casebundle.journal.models import Entry
from casebundle.journal.portions import portions

from . import words

ACTION = "document.served"


@dataclass
class Item:
    """One served document: the data of its journal entry, and what became of it."""

    entry: Entry
    data: dict[str, Any]
    on: str
    scanned: str
    withdrawn_at: datetime.datetime | None = None
    # Where its first and last page are now, for who may open it, and their labels where these have changed since.
    href_first: str = ""
    href_last: str = ""
    now: tuple[str, str] | None = None


@dataclass
class Receipt:
    """`items` in the order of their entries; `on` names the parties where it is the same for all, else ""."""

    items: list[Item] = field(default_factory=list)

    @property
    def at(self) -> datetime.datetime:
        return self.items[0].entry.at

    @property
    def by(self) -> dict[str, Any]:
        return self.items[0].entry.actor

    @property
    def on(self) -> str:
        found = {item.on for item in self.items}
        return found.pop() if len(found) == 1 else ""

    @property
    def scanned(self) -> str:
        found = {item.scanned for item in self.items}
        return found.pop() if len(found) == 1 else ""

    @property
    def pages(self) -> int:
        return sum(item.data.get("pages") or 0 for item in self.items)

    @property
    def size(self) -> int:
        return sum(item.data.get("size") or 0 for item in self.items)

    @property
    def entries(self) -> tuple[int, int]:
        return self.items[0].entry.seq, self.items[-1].entry.seq


def of_document(viewer: Viewer, pk: UUID) -> Receipt:
    """The receipt of one document; empty where it was not served or its entry is not for this reader."""
    found = Entry.objects.visible_to(viewer).filter(action=ACTION, document=pk).order_by("-seq")
    return _receipt(viewer, list(found[:1]))


def batch(viewer: Viewer, first: int, last: int) -> Receipt:
    """The receipt of what one person served at one time, from its first entry to its last."""
    found = list(
        Entry.objects.visible_to(viewer)
        .filter(action=ACTION, seq__gte=first, seq__lte=last)
        .order_by("seq")[:5000]
    )
    # An address can be typed: what somebody else served is not part of this receipt.
    return _receipt(viewer, [entry for entry in found if entry.actor_key == found[0].actor_key])


def _receipt(viewer: Viewer, entries: list[Entry]) -> Receipt:
    names = Names(viewer.case)
    ids = [entry.document for entry in entries if entry.document]
    scans: dict[tuple[UUID, str], str] = {}
    found: dict[UUID, Document] = {}
    for part in portions(ids):
        for pk, sha256, warnings in Version.objects.filter(document_id__in=part).values_list(
            "document_id", "sha256", "warnings"
        ):
            scans[pk, sha256] = words.unscanned(warnings)
        rows = Document.objects.filter(pk__in=part).select_related("section__bundle", "current")
        found.update({row.pk: row for row in rows})
    labels = Labels(ids)
    return Receipt([_item(viewer, entry, names, scans, found, labels) for entry in entries])


def _item(
    viewer: Viewer,
    entry: Entry,
    names: Names,
    scans: dict[tuple[UUID, str], str],
    documents: dict[UUID, Document],
    labels: Labels,
) -> Item:
    assert entry.document is not None
    data = entry.data
    why = scans.get((entry.document, data.get("sha256", "")), "not_scanned")
    said = words.warning(why) if why else words.scanned()
    item = Item(entry, data, names.several(data.get("on") or []), said)
    document = documents.get(entry.document)
    if document is None or not viewer.sees(document.audience):
        return item
    item.withdrawn_at = document.withdrawn_at
    first, last = labels.span(document)
    if document.state == Document.State.SERVED and first and last:
        where = viewer.case.reference, document.section.bundle.slug
        item.href_first = reverse("bundles:page", args=[*where, first])
        item.href_last = reverse("bundles:page", args=[*where, last])
        if (first, last) != (data.get("first"), data.get("last")):
            item.now = first, last
    return item
