"""Notes stay on their words when a document is replaced: they move to the new version's pages."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from django.db.models import F

from casebundle.bundles.models import Document, Page, PageText, page_id
from casebundle.journal.portions import portions

from .anchors import BadAnchor, find_quote, quote_at
from .models import Note

# Pages looked at before and after where the words stood; further away they are hardly the same words.
REACH = 100


def follow(documents: Collection[UUID]) -> None:
    """Move the notes of these documents to the versions that are read now. Idempotent.

    A note goes to where its words stand now, on the nearest page that has them. Where they are on none it stays at its
    place in the document with its quote and without boxes: nothing else may look as if it were meant. An area, and a
    note about a page, keep their place.
    """
    for some in portions(documents):
        rows = (
            Note.objects.filter(page__version__document__in=some)
            .filter(parent=None, deleted_at=None)
            .exclude(page__version__document__current=None)
            .exclude(page__version=F("page__version__document__current"))
            .select_related("page__version__document__current")
            .order_by("page__version__document", "page__index")
        )
        words: dict[str, list[Any]] = {}
        for note in rows:
            document = note.page.version.document
            if document.current is not None and document.current.pages:
                _move(note, document, document.current.pages, words)


def _move(note: Note, document: Document, pages: int, words: dict[str, list[Any]]) -> None:
    assert document.current_id is not None
    exact = note.quote.get("exact")
    at = min(note.page.index, pages - 1)
    if exact:
        boxes: list[Any] = []
        for index in _nearest(note.page.index, pages):
            layer = _words(page_id(document.current_id, index), words)
            try:
                boxes = find_quote(layer, exact, note.quote.get("prefix", ""), note.quote.get("suffix", ""))
            except BadAnchor:
                continue
            at, note.quote = index, quote_at(layer, boxes)
            break
        note.quads = boxes
    elif at != note.page.index:
        note.quads = []
    found = Page.objects.filter(pk=page_id(document.current_id, at)).first()
    if found is None:
        return
    note.page = found
    note.top = note.quads[0][1] if note.quads else 0
    note.save(update_fields=["page", "quads", "quote", "top"])
    note.replies.update(page=found, top=note.top)


def _nearest(index: int, pages: int) -> Iterator[int]:
    """Places of pages from `index` outwards."""
    for away in range(REACH + 1):
        for place in dict.fromkeys((index + away, index - away)):
            if 0 <= place < pages:
                yield place


def _words(page: str, known: dict[str, list[Any]]) -> list[Any]:
    if page not in known:
        layer = PageText.objects.filter(page_id=page).first()
        known[page] = layer.layer()["words"] if layer else []
    return known[page]
