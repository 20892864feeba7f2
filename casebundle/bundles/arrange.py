"""Putting a document before or after another one, as people see the list: what they do not see stays where it is."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from casebundle.cases.access import NotAllowed, Viewer, must_see
from casebundle.journal import record

from .models import Bundle, Document, Section
from .services import change_document, in_section, may_edit

UP, DOWN = "up", "down"


def visible_order(viewer: Viewer, section: Section) -> list[Document]:
    """The served documents of a section as `viewer` sees them, in order."""
    return list(Document.objects.visible_to(viewer).served().filter(section=section).in_order())


def check(viewer: Viewer, document: Document) -> None:
    """Raise NotAllowed unless this person may move this document (also where it would stay where it is)."""
    must_see(viewer, document)
    if not may_edit(viewer, document) and not viewer.may("number"):
        raise NotAllowed(_("Only those who served a document can move it."))


@record.changes
def put(
    viewer: Viewer,
    document: Document,
    section: Section,
    *,
    before: Document | None = None,
    after: Document | None = None,
) -> Document:
    """Put a document into a section, right before or right after another, or (neither) at its end.

    Raises what services.change_document raises.
    """
    Bundle.objects.select_for_update().get(pk=section.bundle_id)
    check(viewer, document)
    seen = list(in_section(section).visible_to(viewer).exclude(pk=document.pk).values_list("pk", flat=True))
    if before is not None and before.pk in seen:
        place = seen.index(before.pk)
    elif after is not None and after.pk in seen:
        place = seen.index(after.pk) + 1
    else:
        place = len(seen)
    changes: dict[str, Any] = {"position": place}
    if section.pk != document.section_id:
        changes["section"] = str(section.pk)
    return change_document(viewer, document, changes)


@record.changes
def step(viewer: Viewer, document: Document, way: str) -> Document:
    """Move a document one place up or down among those that `viewer` sees; at the end of the list it stays."""
    check(viewer, document)
    order = visible_order(viewer, document.section)
    at = next((n for n, row in enumerate(order) if row.pk == document.pk), None)
    if at is None:
        return document
    if way == UP and at > 0:
        return put(viewer, document, document.section, before=order[at - 1])
    if way == DOWN and at + 1 < len(order):
        return put(viewer, document, document.section, after=order[at + 1])
    return document
