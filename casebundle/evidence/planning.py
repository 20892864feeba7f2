"""What serving would do, before it is done: labels, audience, and whose numbers would move."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from casebundle.bundles.labels import Labels, planned
from casebundle.bundles.models import Bundle, Document, Version
from casebundle.cases.access import Viewer

from .rows import Rows, staged, warnings_of


@dataclass
class Plan:
    """`rows` are the documents that would be served, in the order of the bundle, each as
    {"document", "first", "last", "seen", "warnings"}; `moved` counts served documents that
    the viewer sees and whose labels would change.
    `reading` and `refused` count what is staged and cannot be served (yet). `digest` names all that was shown.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    left: list[Document] = field(default_factory=list)
    pages: int = 0
    moved: int = 0
    reading: int = 0
    refused: int = 0
    digest: str = ""

    @property
    def ids(self) -> list[UUID]:
        return [row["document"].pk for row in self.rows]


def plan(viewer: Viewer, only: Collection[UUID] | None = None) -> Plan:
    """What would be served: everything of the viewer's party that is ready, or `only` those. Nothing is written."""
    made, words = Plan(), Rows(viewer)
    chosen: list[Document] = []
    for document in staged(viewer):
        status = document.current.status if document.current else Version.Status.RECEIVED
        if status == Version.Status.REFUSED:
            made.refused += 1
        elif status != Version.Status.READY:
            made.reading += 1
        elif only is None or document.pk in only:
            chosen.append(document)
        else:
            made.left.append(document)
    by_bundle: dict[Bundle, list[Document]] = {}
    for document in chosen:
        by_bundle.setdefault(document.section.bundle, []).append(document)
    for bundle, documents in by_bundle.items():
        runs = planned(bundle, [document.pk for document in documents])
        would = Labels.as_planned(runs)
        stands = Labels.of_bundle(bundle).runs
        served = Document.objects.visible_to(viewer).served().filter(section__bundle=bundle)
        theirs = {str(pk) for pk in served.values_list("pk", flat=True)}
        made.moved += sum(1 for key in theirs if would.runs.get(key, []) != stands.get(key, []))
        for document in documents:
            first, last = would.span(document)
            made.pages += document.current.pages if document.current else 0
            made.rows.append(
                {
                    "document": document,
                    "first": first,
                    "last": last,
                    "seen": words.seen(document),
                    "warnings": warnings_of(document.current),
                }
            )
    made.digest = _digest(made)
    return made


def _digest(made: Plan) -> str:
    """Names what a person was shown before they pressed 'Serve': anything that differs is shown again first."""
    shown = [
        [
            str(row["document"].pk),
            row["document"].title,
            str(row["document"].date),
            row["document"].exhibit,
            row["document"].visible_to,
            row["document"].section.audience,
            row["first"],
            row["last"],
        ]
        for row in made.rows
    ]
    return hashlib.sha256(json.dumps([shown, made.moved]).encode()).hexdigest()
