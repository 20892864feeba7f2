"""A search by a person: over one case or all of theirs, with labels, snippets and marks."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError
from django.db.models import Count, F, Q
from django.utils.dateparse import parse_date
from django_tasks_db.models import DBTaskResult

from casebundle.bundles.labels import Labels
from casebundle.bundles.models import Document, Page
from casebundle.cases.access import Viewer

from . import marks, query
from .engine import Filters, IndexDamaged, SearchError
from .engines import engine
from .indexing import due_documents
from .tasks import mend_index

log = logging.getLogger(__name__)

TELL_AGAIN = 5.0  # seconds


@dataclass
class Hit:
    """One page found. `highlights` are boxes [x0, y0, x1, y1] in fractions of the page as displayed."""

    page: Page
    document: Document
    label: str | None
    snippet: list[tuple[str, bool]]  # (text, whether it is marked)
    highlights: list[list[float]]

    @property
    def snippet_text(self) -> str:
        return "".join(text for text, _marked in self.snippet)


@dataclass
class Found:
    total: int = 0
    hits: list[Hit] = field(default_factory=list)
    facets: dict[str, dict[str, int]] = field(default_factory=dict)
    took_ms: float = 0
    next_offset: int | None = None
    # Documents that may be missing in it (behind), where it was asked.
    behind: int = 0


def find(
    viewers: Sequence[Viewer],
    text: str,
    *,
    section: str | None = None,
    party: str | None = None,
    date_from: str | None = None,
    date_to: str | None = None,
    limit: int = 20,
    offset: int = 0,
    count: Callable[[Sequence[Viewer]], int] | None = None,
) -> Found:
    """What these Viewers of one person (one for each case searched) may find.

    With `count` (`behind` or `behind_now`) it says how many documents may be missing in it. Dates that are none are
    left out. Raises search.engine.SearchError where the index cannot answer now.
    """
    started = time.perf_counter()
    if not viewers:
        return Found()
    filters = Filters(
        audiences=tuple(
            f"{viewer.case_id}/{token}" for viewer in viewers for token in sorted(viewer.audiences)
        ),
        case=[str(viewer.case_id) for viewer in viewers],
        section=section.upper() if section else None,
        party=party or None,
        date_from=_iso(date_from),
        date_to=_iso(date_to),
        exclude_documents=_changed_and_hidden(viewers),
    )
    try:
        for _try in range(3):
            # Looked at before: an index that was being made while it was asked may be whole a moment later.
            version, missing = _version() if count else "", count(viewers) if count else 0
            results = engine().search(text, filters, limit=limit, offset=offset)
            if missing or not count or version == _version():
                break
        else:
            missing = count(viewers) if count else 0
    except IndexDamaged:
        _tell_worker()
        raise
    tree = query.parse(text)
    by_case = {viewer.case_id: viewer for viewer in viewers}
    ids = [hit.page for hit in results.hits]
    pages = Page.objects.select_related("layer").in_bulk(ids)
    # Apart from the pages: their documents are few, and what is current is shown alone.
    documents = {
        document.current_id: document
        for document in Document.objects.filter(
            current__in={page.version_id for page in pages.values()}
        ).select_related("section__bundle", "case")
    }
    # The index was asked with the reader's audiences; the rows have the last word.
    shown = [
        (page, document)
        for page, document in (
            (page, documents.get(page.version_id))
            for page in (pages.get(pk) for pk in ids)
            if page is not None
        )
        if document is not None
        and document.state == Document.State.SERVED
        and by_case[document.case_id].sees(document.audience)
    ]
    labels = Labels({document.pk for _page, document in shown})
    found = Found(
        total=results.total - (len(ids) - len(shown)),
        facets={k: dict(v) for k, v in results.facets.items()},
        behind=missing,
    )
    for page, document in shown:
        look = marks.Shown(tree, page.layer.text())
        boxes = look.marks(page.layer.boxes())
        found.hits.append(
            Hit(
                page,
                document,
                labels.label(document.pk, page.index),
                look.snippet(),
                marks.marks(tree, page.layer.layer()["words"]) if boxes is None else boxes,
            )
        )
    if offset + len(ids) < results.total and ids:
        found.next_offset = offset + len(ids)
    found.took_ms = round((time.perf_counter() - started) * 1000, 1)
    return found


_told_at = 0.0


def _tell_worker() -> None:
    """The index is made again by the worker, which alone writes it. At most every few seconds."""
    global _told_at
    now = time.monotonic()
    if now - _told_at < TELL_AGAIN:
        return
    _told_at = now
    try:
        waiting = DBTaskResult.objects.filter(status="READY", task_path=mend_index.module_path)
        if not waiting.exists():
            mend_index.enqueue()
    except DatabaseError:
        log.warning("the worker could not be told that the search index is damaged", exc_info=True)


def _version() -> str:
    """Of the index as it stands; "" where there is none."""
    try:
        return engine().version
    except SearchError:
        return ""


def behind(viewers: Sequence[Viewer]) -> int:
    """How many documents that these Viewers may see are served and not findable (yet), as far as is known."""
    version = _version()
    waits = ~Q(index_wanted=F("index_held")) | ~Q(index_version=version)
    by_case = {viewer.case_id: viewer for viewer in viewers}
    # A case has few audiences, a person may be in hundreds of cases: one question, and the rule itself picks the rows.
    rows = (
        Document.objects.served()
        .filter(waits, case_id__in=by_case, index_wanted__gt=0)
        .order_by()
        .values_list("case_id", "audience")
        .annotate(documents=Count("pk"))
    )
    return sum(count for case, stored, count in rows if by_case[case].sees(stored))


_looked: tuple[float, str, bool] = (0.0, "", False)


def behind_now(viewers: Sequence[Viewer]) -> int:
    """`behind`, for programs that ask many times a second: whether anything is due is looked at once a second."""
    global _looked
    at, version, due = _looked
    # Where the index was begun afresh a moment ago, what was true before it is not.
    if time.monotonic() - at > 1 or not at or version != _version():
        version = _version()
        try:
            # Those that a worker has in its hands too: they are not there yet.
            due = due_documents().exists()
        except SearchError:
            due = True
        _looked = (time.monotonic(), version, due)
    return behind(viewers) if due else 0


def _changed_and_hidden(viewers: Sequence[Viewer]) -> tuple[str, ...]:
    """Documents whose last change the index has not seen yet, and that the reader may not see (any more) or that were
    replaced: the index may still have the words of the version before."""
    by_case = {viewer.case_id: viewer for viewer in viewers}
    stale = Document.objects.filter(case_id__in=by_case, index_wanted__gt=0).exclude(
        index_wanted=F("index_held")
    )
    return tuple(
        str(pk)
        for pk, case, state, stored, version in stale.values_list(
            "pk", "case_id", "state", "audience", "current__number"
        )
        if state != Document.State.SERVED or not by_case[case].sees(stored) or (version or 0) > 1
    )


def _iso(value: str | None) -> str | None:
    try:
        day = parse_date(value) if value else None
    except ValueError:
        return None
    return day.isoformat() if day else None


def as_json(found: Found, **more: Any) -> dict[str, Any]:
    """The answer of `GET /search` (shared contract), without its cursor."""
    return {
        "total": found.total,
        "hits": [
            {
                "page": hit.page.pk,
                "label": hit.label,
                "document": {
                    "id": str(hit.document.pk),
                    "title": hit.document.title,
                    "exhibit": hit.document.exhibit,
                    "case": hit.document.case.reference,
                    "bundle": hit.document.section.bundle.slug,
                    "section": hit.document.section.letter,
                },
                "snippet": hit.snippet_text,
                "marked": [[text, marked] for text, marked in hit.snippet],
                "highlights": hit.highlights,
            }
            for hit in found.hits
        ],
        "facets": found.facets,
        "took_ms": found.took_ms,
        **more,
    }
