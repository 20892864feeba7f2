"""A new index beside the old: everybody searches the old one until the new one holds all, and then the new one."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from uuid import UUID

from casebundle.bundles.models import Document
from casebundle.journal.portions import portions

from .engine import Beside, IndexBusy
from .engines import engine
from .indexing import COMMIT_PAGES, put

# So many documents changed while the others were indexed: then it is caught up for the last time.
FEW = 50
# How often it waits for a worker to end its batch, so that nothing is written but by us.
TRIES = 12
# Documents in one commit.
MOST = 500

_Held = dict[UUID, int]
"""Which change of each document the new index holds."""


def rebuild() -> int:
    """Make the index anew, without a moment in which anything is not found; the number of documents.

    What is served or withdrawn meanwhile goes into both. Raises SearchError; then all is as it was.
    """
    held: _Held = {}
    with closing(engine().beside()) as made:
        _take_over(made, held)
        _tell(made.version, held)
    return len(held)


def _take_over(made: Beside, held: _Held) -> None:
    for left in reversed(range(TRIES)):
        while _catch_up(made, held) > FEW:
            pass
        try:
            made.take_over(lambda: _drain(made, held))
        except IndexBusy:
            if not left:
                raise
        else:
            return


def _drain(made: Beside, held: _Held) -> None:
    _catch_up(made, held)


def _catch_up(made: Beside, held: _Held) -> int:
    """Hand over every document that is not yet held as it is; the number of them."""
    # Their numbers first: rows are not kept open for as long as it takes.
    rows = (
        Document.objects.filter(index_wanted__gt=0).order_by("created_at").values_list("pk", "index_wanted")
    )
    due = [pk for pk, wanted in rows.iterator(chunk_size=5000) if held.get(pk) != wanted]
    batch: _Held = {}
    pages = 0
    for at in range(0, len(due), 100):
        documents = Document.objects.filter(pk__in=due[at : at + 100]).select_related(
            "section", "case", "current"
        )
        for document in documents:
            pages += put(made, document)
            batch[document.pk] = document.index_wanted
            if pages >= COMMIT_PAGES or len(batch) >= MOST:
                made.commit()
                held.update(batch)
                pages, batch = 0, {}
    made.commit()
    held.update(batch)
    return len(due)


def _tell(version: str, held: _Held) -> None:
    """Write down which index holds them, where nothing has changed since."""
    by_change: dict[int, list[UUID]] = defaultdict(list)
    for pk, change in held.items():
        by_change[change].append(pk)
    for change, ids in by_change.items():
        for some in portions(ids):
            Document.objects.filter(pk__in=some, index_wanted=change).update(
                index_held=change, index_version=version
            )
