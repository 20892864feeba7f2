"""What a reader needs to know of a bundle, and who has opened what."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from casebundle.cases import visits
from casebundle.cases.access import Viewer, must_see
from casebundle.journal import audience, record

from . import numbering, titles
from .labels import Labels, numbering_version
from .models import Bundle, Document, Opened, Page, Section, Version, page_id


def opened(viewer: Viewer, version: Version) -> bool:
    """Note that this person has opened this version of a served document; True the first time.

    Idempotent. What somebody reads is nobody else's business, so the journal entry is for them alone.
    """
    participant = viewer.participant
    document = version.document
    if participant is None or document.state != Document.State.SERVED:
        return False
    # Asked first without a transaction: turning pages must not queue behind those who write.
    if Opened.objects.filter(participant=participant, version=version).exists():
        return False
    must_see(viewer, document)
    try:
        with transaction.atomic():
            record.hold(viewer.case_id)
            Opened.objects.create(participant=participant, document=document, version=version)
            first, last = Labels([document]).span(document)
            record.append(
                viewer.case_id,
                "document.opened",
                actor=viewer.card,
                audience=audience.join([audience.person(participant.pk)]),
                document=document.pk,
                data={
                    "document": str(document.pk),
                    "title": document.title,
                    "exhibit": document.exhibit,
                    "version": version.number,
                    "first": first,
                    "last": last,
                },
            )
    except IntegrityError:  # two windows of one person at the same moment
        return False
    return True


def first_page(viewer: Viewer, bundle: Bundle) -> Page | None:
    """Where reading goes on: the document opened last, else the first page of the bundle; None if it is empty."""
    documents = (
        Document.objects.visible_to(viewer).served().filter(section__bundle=bundle, current__pages__gt=0)
    )
    document = None
    if viewer.participant is not None:
        last = Opened.objects.filter(participant=viewer.participant, document__in=documents.values("pk"))
        pk = last.order_by("-at", "-pk").values_list("document_id", flat=True).first()
        document = documents.filter(pk=pk).first() if pk else None
    document = document or documents.in_order().first()
    if document is None or document.current_id is None:
        return None
    return (
        Page.objects.visible_to(viewer)
        .select_related("version__document__section")
        .filter(pk=page_id(document.current_id, 0))
        .first()
    )


def manifest(viewer: Viewer, bundle: Bundle) -> dict[str, Any]:
    """Every page of a bundle that `viewer` may see, in order, in a size that grows with its documents only.

    A page's id is `{version}-{n}`, n from 1. A document's `runs` are [index of the first page from 0, how many,
    stem, number of the first]: page i is labelled stem + number. `sizes` are [how many, width, height] in points as
    displayed. `new`: served by others since the visit before this one; `unread`: and this version was never opened.
    """
    # Pages of sections with one letter are numbered on as of one, and stand together in the reader.
    sections: dict[str, list[str]] = {}
    for letter, title in (
        Section.objects.visible_to(viewer).filter(bundle=bundle).values_list("letter", "title")
    ):
        sections.setdefault(letter, []).append(titles.shown(title))
    seen: set[Any] = set()
    since = None
    if viewer.participant is not None:
        since = visits.since(viewer.participant)
        seen = set(
            Opened.objects.filter(
                participant=viewer.participant, document__section__bundle=bundle
            ).values_list("version_id", flat=True)
        )
    rows = (
        Document.objects.visible_to(viewer)
        .served()
        .filter(section__bundle=bundle, current__pages__gt=0)
        .in_order()
        .values_list(
            "pk", "title", "date", "exhibit", "section__letter", "served_at", "served_by_id",
            "current_id", "current__pages", "current__sizes",
        )
    )  # fmt: skip
    labels = Labels.of_bundle(bundle)
    documents = []
    me = viewer.participant.pk if viewer.participant else None
    for pk, title, date, exhibit, letter, served_at, served_by, version, pages, sizes in rows:
        # As everywhere: what somebody served themselves is neither new to them nor unread (news.py).
        own = served_by == me
        documents.append(
            _document(
                pk, title, date, exhibit, letter, version, pages, sizes,
                runs=_runs(labels.runs.get(str(pk), ()), pages),
                unread=not own and version not in seen,
                new=bool(not own and since and served_at and served_at > since),
            )
        )  # fmt: skip
    return {
        "numbering_version": numbering_version(viewer, bundle),
        "sections": [{"letter": letter, "title": "; ".join(found)} for letter, found in sections.items()],
        "documents": documents,
    }


def preview(document: Document) -> dict[str, Any]:
    """The same for one document alone, such as a staged one, which has no labels yet."""
    version = document.current
    assert version is not None
    return {
        "numbering_version": 0,
        "sections": [{"letter": document.section.letter, "title": document.section.shown}],
        "documents": [
            _document(
                document.pk, document.title, document.date, document.exhibit, document.section.letter,
                version.pk, version.pages, version.sizes, runs=[], unread=False, new=False,
            )
        ],
    }  # fmt: skip


def _document(
    pk: Any,
    title: str,
    date: Any,
    exhibit: str,
    letter: str,
    version: Any,
    pages: int,
    sizes: Any,
    *,
    runs: list[list[Any]],
    unread: bool,
    new: bool,
) -> dict[str, Any]:
    return {
        "id": str(pk),
        "title": title,
        "date": date.isoformat() if date else None,
        "exhibit": exhibit,
        "section": letter,
        "version": version.hex,
        "pages": pages,
        "runs": runs,
        "sizes": sizes,
        "unread": unread,
        "new": new,
    }


def _runs(runs: Any, pages: int) -> list[list[Any]]:
    """The runs of the pages that there are: frozen ones may keep places of a longer version before this one."""
    found: list[list[Any]] = []
    run: numbering.Run
    for run in runs:
        count = min(run.count, pages - run.first_index)
        if count > 0:
            found.append([run.first_index, count, run.stem, run.start])
    return found
