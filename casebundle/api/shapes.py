"""Rows as answers. Nothing is decided here: what a viewer may see was asked for by the caller."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import F

from casebundle.bundles.labels import Labels, numbering_version, numbering_versions
from casebundle.bundles.models import Bundle, Document, Page, Section, Version
from casebundle.bundles.services import may_edit, may_have_original, originals, places_of
from casebundle.cases.access import Viewer
from casebundle.cases.models import Participant
from casebundle.evidence import words
from casebundle.journal.audience import EVERYBODY, split
from casebundle.journal.portions import portions


def tokens(stored: str) -> list[str] | None:
    """An audience as its parties; None for everybody."""
    found = split(stored)
    return None if EVERYBODY in found else sorted(found)


def person(participant: Participant | None) -> dict[str, Any] | None:
    return participant.card() if participant else None


def participant(row: Participant) -> dict[str, Any]:
    """A person of a case, and whether they are in it or only invited. Two of one name are told apart by the domain of
    their address."""
    return {**row.card(), "organisation": row.user.organisation, "accepted": not row.pending}


def case_item(viewer: Viewer) -> dict[str, Any]:
    case = viewer.case
    return {
        "reference": case.reference,
        "title": case.title,
        "court": case.court,
        "created": case.created_at,
        "role": viewer.role,
        "party": viewer.party,
        "parties": list(viewer.parties),
    }


def bundle_item(bundle: Bundle, numbering_version: int) -> dict[str, Any]:
    """`numbering_version` as labels.numbering_versions counts it for who asks."""
    return {
        "slug": bundle.slug,
        "title": bundle.title,
        "profile": bundle.profile,
        "numbering_version": numbering_version,
    }


def case(viewer: Viewer) -> dict[str, Any]:
    found = viewer.case
    bundles = list(Bundle.objects.visible_to(viewer))
    main = next((bundle for bundle in bundles if bundle.slug == "main"), bundles[0] if bundles else None)
    versions = numbering_versions(viewer, bundles)
    return {
        "reference": found.reference,
        "title": found.title,
        "court": found.court,
        "template": found.template,
        "created": found.created_at,
        "numbering_version": versions[main.pk] if main else 0,
        "parties": [{"slug": p.slug, "name": p.name, "kind": p.kind} for p in found.parties.all()],
        "participants": [participant(row) for row in participants(viewer)],
        "bundles": [bundle_item(bundle, versions[bundle.pk]) for bundle in bundles],
        "me": viewer.card,
    }


def participants(viewer: Viewer) -> Iterable[Participant]:
    return Participant.objects.visible_to(viewer).select_related("user").prefetch_related("parties")


def newer_versions(viewer: Viewer, documents: Collection[Document]) -> dict[UUID, Version]:
    """The newest version of each of these documents that is still in the making or was refused, for its own side.

    Nobody else learns that there is one before it is read.
    """
    own = [document.pk for document in documents if viewer.acts_for(document.party)]
    found: dict[UUID, Version] = {}
    for some in portions(own):
        rows = Version.objects.filter(document_id__in=some, number__gt=F("document__current__number"))
        for version in rows.order_by("number"):
            found[version.document_id] = version
    return found


def bundle(viewer: Viewer, found: Bundle) -> dict[str, Any]:
    """A bundle with all that `viewer` sees in it; the number of queries does not grow with it."""
    sections: dict[UUID, dict[str, Any]] = {
        section.pk: {
            "id": str(section.pk),
            "letter": section.letter,
            "title": section.title,
            "documents": [],
        }
        for section in Section.objects.visible_to(viewer).filter(bundle=found)
    }
    labels = Labels.of_bundle(found)
    newer = {
        version.document_id: version.status
        for version in Version.objects.filter(
            document__section__bundle=found,
            document__party__in=viewer.parties,
            number__gt=F("document__current__number"),
        ).order_by("number")
    }
    # As plain rows: a bundle has thousands of documents, and an answer is all that is made of them.
    rows = Document.objects.visible_to(viewer).filter(section__bundle=found).in_order()
    columns = ("pk", "section_id", "title", "date", "exhibit", "served_at", "party")
    for row in rows.values(*columns, "current__pages", "current__status"):
        section = sections.get(row["section_id"])
        if section is None:
            continue
        pages = row["current__pages"] or 0
        section["documents"].append(
            {
                "id": str(row["pk"]),
                "title": row["title"],
                "date": row["date"],
                "exhibit": row["exhibit"],
                "first": labels.label(row["pk"], 0) if pages else None,
                "last": labels.label(row["pk"], pages - 1) if pages else None,
                "pages": pages,
                "status": newer.get(row["pk"]) or row["current__status"] or Version.Status.RECEIVED.value,
                "served": row["served_at"],
                "party": row["party"],
            }
        )
    return {**bundle_item(found, numbering_version(viewer, found)), "sections": list(sections.values())}


def documents(viewer: Viewer, rows: Collection[Document]) -> list[dict[str, Any]]:
    """Documents (from `entrance.documents`), in a constant number of queries."""
    labels, newer, places = Labels(rows), newer_versions(viewer, rows), places_of(viewer, rows)
    return [_document(viewer, row, labels, newer.get(row.pk), places[row.pk]) for row in rows]


def document(viewer: Viewer, row: Document) -> dict[str, Any]:
    """One document, and every version of it for those who may have the originals."""
    found = documents(viewer, [row])[0]
    if may_have_original(viewer, row):
        found["versions"] = [
            {
                "number": version.number,
                "name": version.name,
                "sha256": version.sha256,
                "size": version.size,
                "status": version.status,
                "received": version.created_at,
                "current": version.pk == row.current_id,
            }
            for version in originals(viewer, row)
        ]
    return found


def _document(
    viewer: Viewer, row: Document, labels: Labels, newer: Version | None, place: int
) -> dict[str, Any]:
    version = newer or row.current
    assert version is not None
    first, last = labels.span(row)
    return {
        "id": str(row.pk),
        "case": row.case.reference,
        "bundle": row.section.bundle.slug,
        "section": row.section.letter,
        "position": place,
        "title": row.title,
        "date": row.date,
        "exhibit": row.exhibit,
        "party": row.party,
        "state": row.state,
        "served": row.served_at,
        "served_by": person(row.served_by),
        "first": first,
        "last": last,
        "status": version.status,
        "reason": words.reason(version.reason_code) or None,
        "reason_code": version.reason_code or None,
        "pages": version.pages,
        "pages_done": version.pages_done,
        "warnings": [
            {"code": each["code"], "detail": words.warning(each["code"]), "pages": each.get("pages", [])}
            for each in version.warnings
            # Of another document, which others may not see.
            if each["code"] != "duplicate" or viewer.acts_for(row.party)
        ],
        "name": version.name,
        "sha256": version.sha256,
        "size": version.size,
        "media_type": version.media_type,
        "version": version.number,
        "visible_to": tokens(row.visible_to) if may_edit(viewer, row) else None,
        "earlier_versions": row.shows_earlier,
    }


def page(row: Page, label: str | None) -> dict[str, Any]:
    return {
        "id": row.pk,
        "label": label,
        "document": str(row.version.document_id),
        "position": row.index + 1,
        "width": row.width,
        "height": row.height,
    }


def label_now(row: Page) -> str | None:
    """The label of a page as it stands now; a page that was replaced has none of its own."""
    document = row.version.document
    if document.current_id != row.version_id:
        return None
    return Labels([document.pk]).label(document.pk, row.index)
