"""Keeping the search index up with what is served. Only the worker writes.

A document's row says which change of it the index holds and in which index; what differs is due.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import F, Q, QuerySet

from casebundle.bundles.models import Document, Page
from casebundle.bundles.services import bump_index
from casebundle.journal.audience import split
from casebundle.journal.locks import LEASE, free, moment

from .engine import Beside, Engine, IndexDamaged, PageDoc, SearchError
from .engines import engine
from .tasks import index_documents

log = logging.getLogger(__name__)

# Documents in one commit, at most.
MOST = 500
# Pages in one commit of the index: what is held in memory, and how long a new document waits for a long one.
COMMIT_PAGES = 4000


def mark(ids: Collection[UUID]) -> None:
    """A change of these documents must reach the index; told in the transaction of the change."""
    bump_index(ids)
    transaction.on_commit(index_documents.enqueue)


def due_documents(version: str | None = None) -> QuerySet[Document]:
    """Documents whose rows say that the index does not hold them as they are.

    version: of the index, where it is known. Some of them may be in the hands of a worker (`index_lease`).
    """
    version = engine().version if version is None else version
    # Before or after, not "other than": an index of the database can be asked that, and knows how few there are.
    changed = Q(changes__gt=0) | Q(changes__lt=0)
    elsewhere = Q(index_version__lt=version) | Q(index_version__gt=version)
    rows = Document.objects.filter(index_wanted__gt=0).alias(changes=F("index_wanted") - F("index_held"))
    return rows.filter(changed | elsewhere)


def is_behind() -> bool:
    """Whether there is work that no worker has in its hands, the mending of the index included."""
    try:
        engine().check()
        return due_documents().filter(free("index_lease")).exists()
    except SearchError:
        return True


def mend() -> int:
    """Look at the whole index and make it again where it is damaged; the number of documents indexed."""
    done = index_due(deep=True)
    return done + index_due() if _missing() else done


def _missing() -> int:
    """Make due again what the rows say is in the index and is not, or not as it should be; the number of documents.

    A server may have lost pages, or been set back to an earlier day."""
    version, held = engine().version, engine().holds()
    if held is None:
        return 0
    rows = Document.objects.filter(index_wanted__gt=0, index_wanted=F("index_held"), index_version=version)
    wrong = [
        pk
        for pk, state, pages in rows.values_list("pk", "state", "current__pages").iterator(chunk_size=5000)
        if held.get(str(pk), 0) != ((pages or 0) if state == Document.State.SERVED else 0)
    ]
    bump_index(wrong)
    if wrong:
        log.warning("the search index holds %d documents not as it should", len(wrong))
    return len(wrong)


def index_due(*, deep: bool = False) -> int:
    """Bring the index up to date, and make it again where it is damaged; the number of documents done."""
    try:
        engine().check(deep=deep)
        return _index_due()
    except IndexDamaged as damage:
        log.warning("the search index is made again: %s", damage)
        engine().close()
        try:
            engine().check(deep=deep)  # another worker may have been faster
        except IndexDamaged:
            engine().reset()
        return _index_due()
    except Exception:
        engine().close()  # half a batch is dropped, and the lock given back
        raise


def _index_due() -> int:
    done = 0
    while True:
        batch = _take()
        if not batch:
            return done
        try:
            done += _index(batch)
        except BaseException:
            # Whoever comes next need not wait until it runs out.
            with suppress(DatabaseError):
                Document.objects.filter(pk__in=[one.pk for one in batch]).update(index_lease=None)
            raise


def _take() -> list[Document]:
    """Lease the documents that are next, as many as go into one commit; several workers take different ones."""
    for _try in range(10):
        wanted = _next()
        if not wanted:
            break
        with transaction.atomic():
            # Who comes at the same time does not wait for these, but looks again for others.
            rows = due_documents().filter(free("index_lease"), pk__in=wanted)
            batch = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
            Document.objects.filter(pk__in=batch).update(index_lease=moment() + LEASE)
        if batch:
            # As they are once they are ours: whoever changes one from here on makes it due again.
            taken = Document.objects.filter(pk__in=batch).select_related("section", "case", "current")
            return list(taken.order_by("created_at"))
        time.sleep(0.02)
    return []


def _next() -> list[UUID]:
    rows = due_documents().filter(free("index_lease")).order_by("created_at")
    batch: list[UUID] = []
    pages = 0
    for pk, state, count in rows.values_list("pk", "state", "current__pages")[:MOST]:
        batch.append(pk)
        pages += (count or 0) if state == Document.State.SERVED else 0
        if pages >= COMMIT_PAGES:
            break
    return batch


def _index(batch: list[Document]) -> int:
    index = engine()
    for document in batch:
        put(index, document)
    # Read while the write lock is held: after it, somebody else may have started another index.
    version = index.version
    index.commit()
    for document in batch:
        # Only what was read: a change since then is due again.
        Document.objects.filter(pk=document.pk).update(
            index_held=document.index_wanted, index_version=version, index_lease=None
        )
    return len(batch)


def put(index: Engine | Beside, document: Document) -> int:
    """Hand over a document as its row says that it is: its pages, or that it has none; the number of pages."""
    index.delete_documents([str(document.pk)], change=document.index_wanted)
    if document.state != Document.State.SERVED or document.current is None:
        return 0
    index.index(_pages(document))
    return document.current.pages


def order(section: int, document: int, page: int) -> int:
    """Where a page stands in its case: hits without a rank come in this order. Neither a section of more than a
    thousand documents nor a document of more than a thousand pages runs into the next."""
    return (section * 1_000_000 + document) * 100_000 + page


def _pages(document: Document) -> Iterator[PageDoc]:
    case = str(document.case_id)
    audience = tuple(f"{case}/{token}" for token in sorted(split(document.audience)))
    pages = Page.objects.filter(version=document.current).select_related("layer").order_by("index")
    for page in pages.iterator(chunk_size=200):
        yield PageDoc(
            page=page.pk,
            document=str(document.pk),
            case=case,
            section=document.section.letter,
            party=document.party,
            date=document.date.isoformat() if document.date else None,
            audience=audience,
            position=order(document.section.position, document.position, page.index),
            title=document.title,
            exhibit=document.exhibit,
            text=page.layer.text(),
            change=document.index_wanted,
        )
