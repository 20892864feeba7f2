"""From a received file to numbered, readable, searchable pages.

All state is in the version's row: who dies on the way leaves a lease that runs out, and the sweep finds what is due.
Every step can be done twice.
"""

from __future__ import annotations

import datetime
import errno
import hashlib
import logging
import queue
import secrets
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, OperationalError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from casebundle.bundles import drawing, files
from casebundle.bundles.drawing import Lane
from casebundle.bundles.labels import renumber
from casebundle.bundles.models import Document, Failure, Page, PageText, Version, page_id
from casebundle.bundles.services import bump_index, on_change, own_audience, serve
from casebundle.cases.access import NotAllowed, NotVisible, viewer_of
from casebundle.cases.models import Participant
from casebundle.journal import record
from casebundle.journal.locks import LEASE, free, moment
from casebundle.pdf import guess as guessing
from casebundle.pdf.sandbox import Inspection, Interrupted, Refused, refused
from casebundle.pdf.sandbox import PageText as ReadPage
from casebundle.watching import metrics
from casebundle.watching.trail import about

from . import copying, scan, turns

log = logging.getLogger(__name__)

BATCH = 25  # pages written in one transaction
READ_AHEAD = 128  # pages read and not written yet, at most
# Seconds after which a lease is taken anew: slow pages must not look like a dead worker.
HOLD = settings.LEASE_SECONDS / 4.5
# A file that has stopped its reader this often at the same place is refused.
MAX_ATTEMPTS = 5
# The machine's fault, however often: a full disk says nothing against the file.
MACHINE = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM),
    *(errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN),
}
# The file's fault, and what costs the most to find out again.
TOO_MUCH = {"timeout", "memory"}
MENDING = datetime.timedelta(seconds=10)  # until it is tried again after those
# Pictures drawn beforehand must not keep a file waiting that has just come in.
DRAWING_SECONDS = 5.0
DRAWN_AHEAD = 6  # pictures drawn and not kept yet, at most
# Pages whose words cannot be read within the longer budget: more than that, and the file is refused.
MOST_UNREAD = 10
BATCH_READ = 64  # pages that come from the reader at once, at most (casebundle/pdf/reading.py)
LAYERS_OFF = (
    "layers_off"  # what the reader says of a file that hides layers, or may (casebundle/pdf/reading.py)
)
DRAWING_FAILURES = 3  # of one file in one portion; its other pages are drawn when somebody opens them


def due() -> QuerySet[Version]:
    """Versions that somebody should be working on and nobody is."""
    return Version.objects.unfinished().filter(free("lease_until"))


def quick() -> QuerySet[Version]:
    """Those of them that have not run out of the small budget."""
    return due().filter(put_back=False)


def put_back() -> QuerySet[Version]:
    """Those that have, and go on with the longer one."""
    return due().filter(put_back=True)


class PutBack(Exception):
    """It has had its small budget, and goes on behind the others with a longer one."""


class Known(Exception):
    """A file that was refused before, for the reason of that code: the same bytes are not tried again."""


class Taken(Exception):
    """Another worker has taken it, because we were silent for longer than our lease: it is theirs now."""


def _take(rows: QuerySet[Version], version_id: UUID | str | None = None, **changes: Any) -> Version | None:
    """Lease a version for us, where it is among `rows` (None: the first that is) and nobody else is taking it now."""
    if version_id is not None:
        rows = rows.filter(pk=version_id)
    with transaction.atomic():
        # Who comes at the same time does not wait, but goes on to something else.
        found = rows.select_for_update(skip_locked=True, of=("self",)).first()
        if found is None:
            return None
        Version.objects.filter(pk=found.pk).update(
            lease_until=moment() + LEASE, taken_by=secrets.token_hex(8), **changes
        )
    return Version.objects.select_related("document__section__bundle", "document__case").get(pk=found.pk)


def _take_next(rows: QuerySet[Version], work: str, since: str, **changes: Any) -> Version | None:
    """Lease the version among `rows` whose turn it is: each case, and each party in it, has one in its turn."""
    document = {"case": "document__case_id", "party": "document__party"}
    for case, party in turns.in_turn(work, rows, *document.values(), since):
        theirs = rows.filter(**{document["case"]: case, document["party"]: party})
        version = _take(theirs.order_by(since), **changes)
        if version is not None:
            turns.had(work, case, party)
            return version
    return None


def _hold(version: Version, **changes: Any) -> None:
    """Write something about a version that we have in hand. Taken where we have it no more."""
    if not Version.objects.filter(pk=version.pk, taken_by=version.taken_by).update(**changes):
        raise Taken
    for name, value in changes.items():
        setattr(version, name, value)


def process(version_id: UUID | str) -> None:
    """Bring one version to ready or refused; nothing is done where somebody else is at it, or it is done."""
    for rows, lane in ((quick(), Lane.QUICK), (put_back(), Lane.SLOW)):
        version = _take(rows, version_id, attempts=F("attempts") + 1)
        if version is not None:
            _work_on(version, lane)


def process_next(lane: Lane = Lane.QUICK) -> bool:
    """The same with the version whose turn it is, among the quick ones or the slow ones; False where there is none."""
    with turns.one_at_a_time(f"read {lane.value}"):
        rows = quick() if lane is Lane.QUICK else put_back()
        version = _take_next(rows, f"read {lane.value}", "created_at", attempts=F("attempts") + 1)
    if version is not None:
        _work_on(version, lane)
    return version is not None


def _work_on(version: Version, lane: Lane) -> None:
    about(case=version.document.case_id, document=version.document_id)
    try:
        _process(version, lane)
    except Taken:
        log.warning("version %s was taken over by another worker", version.pk)


def _process(version: Version, lane: Lane) -> None:
    if version.attempts > MAX_ATTEMPTS:
        _refuse(version, "crashed")
        return
    try:
        _read(version, lane)
    except PutBack:
        _put_back(version)
    except Known as known:
        _refuse(version, str(known))
    except Refused as refused:
        if refused.code in TOO_MUCH and lane is Lane.QUICK:
            _put_back(version)
            return
        if refused.code in TOO_MUCH:
            drawing.remember(version, Failure.Work.FILE, refused.code)
        _refuse(version, refused.code)
    except scan.Away as away:
        # Nothing is known against the file, and nothing for it: it waits, and says so.
        log.warning("version %s waits for the virus scan: %s", version.pk, away)
        _hold(
            version,
            status=Version.Status.SCANNING,
            reason_code="scan_waits",
            lease_until=moment() + MENDING,
            attempts=F("attempts") - 1,
        )
    except Interrupted as interrupted:
        if interrupted.heavy and version.attempts >= MAX_ATTEMPTS:
            # The machine itself ends its reader each time: it is too much for this machine.
            _refuse(version, "memory")
            return
        # The reader was ended from outside: nothing is known against the file, and it does not count.
        counted = F("attempts") if interrupted.heavy else F("attempts") - 1
        _hold(version, lease_until=moment(), attempts=counted)
    except Taken:
        raise
    except Exception as error:
        # Ours, not the file's: try again a little later, more slowly each time.
        log.exception("version %s could not be processed (attempt %s)", version.pk, version.attempts)
        wait, counted = datetime.timedelta(seconds=2**version.attempts), F("attempts")
        if isinstance(error, OperationalError) or getattr(error, "errno", None) in MACHINE:
            wait, counted = MENDING, F("attempts") - 1
        _hold(version, lease_until=moment() + wait, attempts=counted)


def _put_back(version: Version) -> None:
    log.info("version %s goes on behind the others, with a longer budget", version.pk)
    _hold(version, put_back=True, lease_until=None, attempts=0)


def _known(version: Version) -> set[int]:
    """Pages of a version whose words are known to be too much; Known where the whole file is."""
    rows = Failure.objects.remembered(drawing.program()).filter(sha256=version.sha256)
    pages: set[int] = set()
    for work, index, reason in rows.values_list("work", "index", "reason"):
        if work == Failure.Work.FILE:
            raise Known(reason)
        if work == Failure.Work.WORDS:
            pages.add(index)
    return pages


def _read(version: Version, lane: Lane) -> None:
    with files.on_disk(files.original_key(version.sha256)) as original:
        if not original.exists():
            raise FileNotFoundError(original)
        unscanned = _scan(version, original)
        _hold(version, status=Version.Status.READING, reason_code="")
        known = _known(version)
        with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
            repaired = Path(folder) / "repaired.pdf"
            found = drawing.sandbox(lane).prepare(original, repaired)
            source = repaired if found.repaired else original
            version.reading_sha256, copy = "", Version.Copy.IMPOSSIBLE
            try:
                pages = len(found.pages)
                source, version.reading_sha256 = _copied(version, source, Path(folder), pages, lane, known)
                copy = Version.Copy.WHOLE
            except Refused as why:
                if why.code in TOO_MUCH and lane is Lane.QUICK:
                    raise  # it is tried once more with the longer budget
                if LAYERS_OFF in found.warnings:
                    # The words would be read from the file itself, and those of layers that are off with them.
                    raise refused("uncopied") from why
            if found.repaired and copy == Version.Copy.IMPOSSIBLE:
                with repaired.open("rb") as data:
                    version.reading_sha256 = hashlib.file_digest(data, "sha256").hexdigest()
                files.keep(repaired, files.reading_key(version.reading_sha256))
            with transaction.atomic():
                if version.reading_sha256:  # as in intake.py: what is claimed is not swept
                    files.claim(version.reading_sha256)
                    files.keep(source, files.reading_key(version.reading_sha256))
                _hold(
                    version,
                    pages=len(found.pages),
                    sizes=run_length(found),
                    reading_sha256=version.reading_sha256,
                    copy=copy,
                    lease_until=moment() + LEASE,
                )
            noticed = _pages(version, source, found, lane, known)
    _ready(version, found, unscanned, noticed)


def _copied(
    version: Version, source: Path, folder: Path, pages: int, lane: Lane, known: set[int]
) -> tuple[Path, str]:
    """The reading copy, from which everything else is made: (path, SHA-256). Raises Refused where there can be none."""
    try:
        return copying.meanwhile(
            lambda: copying.made(source, folder, pages, lane=lane, known=known),
            HOLD,
            lambda: _hold(version, lease_until=moment() + LEASE),
        )
    except Refused as why:
        log.warning("version %s has no reading copy: %s", version.pk, why)
        raise


def _scan(version: Version, original: Path) -> str:
    """Have the original scanned, before anything else opens it. Why it was not, as a warning's code; "" where it was.

    Raises Refused where something was found, scan.Away where nobody can tell: then it waits.
    """
    if not scan.wanted():
        return "not_scanned"
    _hold(version, status=Version.Status.SCANNING, reason_code="")
    try:
        # What takes long is not dead: the lease is taken anew.
        scan.scan(original, lambda: _hold(version, lease_until=moment() + LEASE))
    except scan.Infected as found:
        log.warning("version %s was refused: the virus scanner found %s", version.pk, found.name)
        raise Refused("infected", found.name) from None
    except scan.TooLong:
        return "too_long_to_scan"
    _hold(version, lease_until=moment() + LEASE)
    return ""


def run_length(found: Inspection) -> list[list[float]]:
    """The page sizes of a file as a version keeps them (Version.sizes)."""
    runs: list[list[float]] = []
    for size in found.pages:
        w, h = round(size.width, 2), round(size.height, 2)
        if runs and runs[-1][1:] == [w, h]:
            runs[-1][0] += 1
        else:
            runs.append([1, w, h])
    return runs


@dataclass
class Noticed:
    """What was noticed while the pages were read; numbers of pages are from 1."""

    blank: list[int] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)
    first_text: str = ""


def _pages(version: Version, source: Path, found: Inspection, lane: Lane, known: set[int]) -> Noticed:
    """Write the pages that are not written yet."""
    noticed = Noticed()
    batch: list[ReadPage] = []
    held = [time.monotonic()]
    began = time.monotonic()

    def flush() -> None:
        if not batch:
            return
        # Made before the transaction: while it lasts nobody else writes.
        texts = [PageText.pack(page_id(version.pk, page.index), page.text, page.words) for page in batch]
        with transaction.atomic():
            Page.objects.bulk_create(
                [
                    Page(
                        id=page_id(version.pk, page.index),
                        version=version,
                        index=page.index,
                        width=page.width,
                        height=page.height,
                        blank=page.blank,
                    )
                    for page in batch
                ],
                ignore_conflicts=True,
            )
            PageText.objects.bulk_create(texts, ignore_conflicts=True)
            further = {}
            if batch[-1].index >= version.pages_done:
                # Further than any attempt before: whatever ended those, it was not the file at that place.
                further = {"pages_done": batch[-1].index + 1, "attempts": 1}
            _hold(version, lease_until=moment() + LEASE, **further)
        metrics.PAGES_READ.inc(len(batch))
        batch.clear()
        held[0] = time.monotonic()
        if lane is Lane.QUICK and held[0] - began > settings.READ_TURN_SECONDS and quick().exists():
            raise PutBack

    # From the beginning also after a restart: what was noticed on the way is not kept, and reading is cheap.
    for read in _ahead(_each(source, found, lane, known)):
        page = _without_words(read.index, found) if isinstance(read, Unread) else read
        if isinstance(read, Unread):
            noticed.unread.append(page.index + 1)
        if page.blank:
            noticed.blank.append(page.index + 1)
        if page.images_only:
            noticed.pictures.append(page.index + 1)
        if page.index == 0:
            noticed.first_text = page.text
        batch.append(page)
        # The first page by itself, so that it can be read while the others are on their way.
        if page.index == 0 or len(batch) >= BATCH or time.monotonic() - held[0] > HOLD:
            flush()
    flush()
    for number in noticed.unread:
        drawing.remember(version, Failure.Work.WORDS, "timeout", index=number - 1)
    return noticed


@dataclass(frozen=True)
class Unread:
    """A page whose words take too long, or too much memory."""

    index: int


def _without_words(index: int, found: Inspection) -> ReadPage:
    size = found.pages[index]
    return ReadPage(index, size.width, size.height, "", [], blank=False, images_only=False)


def _each(source: Path, found: Inspection, lane: Lane, known: set[int]) -> Iterator[ReadPage | Unread]:
    """All pages; the first one is asked for by itself, since others come in portions and somebody waits for it.

    A page that is too much, or is `known` to be, does not keep the others from being read. Raises Refused where it is
    the only one, where there are more than MOST_UNREAD, and in the quick lane, where it goes on with a longer budget.
    """
    box, count = drawing.sandbox(lane), len(found.pages)
    limits = box.limits
    by_page = limits.first_seconds + limits.page_seconds * count
    end = time.monotonic() + min(by_page, limits.total_seconds)
    index, alone, unread = 0, 1, 0  # those before `alone` are asked for one by one
    while index < count:
        if time.monotonic() > end:
            raise refused("timeout")
        try:
            if index in known:
                raise refused("timeout")
            stop = next((page for page in sorted(known) if page > index), count) - 1
            for page in box.read(source, index, index if index < alone else stop):
                index = page.index + 1
                yield page
        except Refused as why:
            if why.code not in TOO_MUCH or (lane is Lane.QUICK and index not in known):
                raise
            if index >= alone and index not in known:
                # One among those that came together: which one, they say one by one.
                alone = index + BATCH_READ
                continue
            unread += 1
            if unread == count or unread > MOST_UNREAD:
                raise
            yield Unread(index)
            index += 1


def _ahead(pages: Iterator[ReadPage | Unread]) -> Iterator[ReadPage | Unread]:
    """The same pages, read in a thread of their own while those before them are written."""
    waiting: queue.Queue[ReadPage | Unread | BaseException | None] = queue.Queue(READ_AHEAD)
    ended = threading.Event()

    def put(thing: ReadPage | Unread | BaseException | None) -> None:
        while not ended.is_set():
            try:
                waiting.put(thing, timeout=0.5)
            except queue.Full:
                continue
            return

    def read() -> None:
        try:
            for page in pages:
                put(page)
                if ended.is_set():
                    return
            put(None)
        except BaseException as error:
            put(error)

    reading = threading.Thread(target=read, name="reads ahead", daemon=True)
    reading.start()
    try:
        while (thing := waiting.get()) is not None:
            if isinstance(thing, BaseException):
                raise thing
            yield thing
    finally:
        ended.set()
        reading.join()


def _ready(
    version: Version,
    found: Inspection,
    unscanned: str,
    noticed: Noticed,
) -> None:
    warnings: list[dict[str, Any]] = [{"code": unscanned}] if unscanned else []
    warnings += [{"code": code} for code in found.warnings if code != LAYERS_OFF]
    if found.repaired and not {"unlocked", "rebuilt"} & set(found.warnings):  # those say more
        warnings.append({"code": "repaired"})
    for code, pages in (
        ("blank_page", noticed.blank),
        ("awaiting_ocr", noticed.pictures),
        ("words_unread", noticed.unread),
    ):
        if pages:
            warnings.append({"code": code, "pages": pages[:50]})
    with transaction.atomic():
        record.hold(version.document.case_id)
        document = (
            Document.objects.select_for_update(of=("self",))
            .select_related("section__bundle")
            .get(pk=version.document_id)
        )
        if _has_twin(version, document):
            warnings.append({"code": "duplicate"})
        _hold(
            version,
            status=Version.Status.READY,
            warnings=warnings,
            lease_until=None,
            ready_at=timezone.now(),
        )
        replaced = document.current_id is not None and document.current_id != version.pk
        document.current = version
        _guess(document, version, found, noticed.first_text)
        document.save()
        record.append(
            document.case_id,
            "document.replaced" if replaced else "document.ready",
            audience=document.audience,
            document=document.pk,
            data={
                "document": str(document.pk),
                "title": document.title,
                "pages": version.pages,
                "version": version.number,
                "sha256": version.sha256,
            },
        )
        if replaced and document.state == Document.State.SERVED:
            renumber(document.section.bundle)
        bump_index([document.pk])
        for tell in on_change:
            tell([document.pk])
        # In the same transaction: nobody finds it ready and not yet served, and no crash can come between.
        if document.serve_when_ready and document.state == Document.State.STAGED:
            _serve(document)
    metrics.FINISHED.labels("ready").inc()


def _has_twin(version: Version, document: Document) -> bool:
    """Whether who uploaded this file may see the same one in another document of their side."""
    people = Participant.objects.select_related("case", "user").prefetch_related("parties")
    try:
        uploader = viewer_of(people.get(pk=version.uploaded_by_id))
    except NotVisible:
        return False  # they have left the case
    same = Version.objects.visible_to(uploader).filter(sha256=version.sha256, document__party=document.party)
    return same.exclude(document_id=document.pk).exists()


def _guess(document: Document, version: Version, found: Inspection, first_text: str) -> None:
    """Better guesses, now that the first page was read; never over what somebody typed."""
    open_fields = set(document.guessed.split(","))
    if not open_fields & {"title", "date", "exhibit"}:
        return
    better = guessing.guess(first_text, version.name, found.title)
    if "title" in open_fields and better.title:
        document.title = better.title[:300]
    if "date" in open_fields and better.date:
        document.date = better.date
    if "exhibit" in open_fields and better.exhibit:
        document.exhibit = better.exhibit[:40]


def _serve(document: Document) -> None:
    uploader = (
        Participant.objects.select_related("case", "user")
        .prefetch_related("parties")
        .get(pk=document.uploaded_by_id)
    )
    try:
        serve(viewer_of(uploader), [document.pk])
    except (NotAllowed, NotVisible, ValidationError) as why:
        # Whoever uploaded it may not serve any more: it stays staged, where their party finds it.
        log.warning("document %s was not served: %s", document.pk, type(why).__name__)


def _refuse(version: Version, code: str) -> None:
    with transaction.atomic():
        record.hold(version.document.case_id)
        _hold(version, status=Version.Status.REFUSED, reason_code=code, lease_until=None)
        document = version.document
        record.append(
            document.case_id,
            "document.refused",
            audience=own_audience(document),
            document=document.pk,
            data={
                "document": str(document.pk),
                "name": version.name,
                "reason": code,
                "version": version.number,
            },
        )
    metrics.FINISHED.labels("refused").inc()


def draw_images(
    version_id: UUID | str, portion: int = 40, more_urgent: Callable[[], bool] | None = None
) -> bool:
    """Draw the next pages' pictures of a ready version beforehand; True where more is left to do.

    A portion ends early where its pages are slow or something is `more_urgent`, and for good where they cannot be
    drawn.
    """
    version = _take(undrawn(), version_id)
    return version is not None and _draw_and_let_go(version, portion, more_urgent)


def draw_next(portion: int = 40, more_urgent: Callable[[], bool] | None = None) -> bool:
    """The same with the version whose turn it is; True where it, too, is not done."""
    with turns.one_at_a_time("draw"):
        version = _take_next(undrawn(), "draw", "ready_at")
    return version is not None and _draw_and_let_go(version, portion, more_urgent)


def _draw_and_let_go(version: Version, portion: int, more_urgent: Callable[[], bool] | None) -> bool:
    try:
        return _draw(version, portion, more_urgent)
    finally:
        # Where the database is away too, it runs out.
        with suppress(DatabaseError):
            Version.objects.filter(pk=version.pk, taken_by=version.taken_by).update(lease_until=None)


def undrawn() -> QuerySet[Version]:
    """Versions whose pages have no pictures yet, and nobody draws them."""
    return Version.objects.filter(status=Version.Status.READY, images_done__lt=F("pages")).filter(
        free("lease_until")
    )


def _draw(version: Version, portion: int, more_urgent: Callable[[], bool] | None) -> bool:
    last = min(version.images_done + portion, version.pages)
    began, failures = time.monotonic(), 0
    kept: deque[Future[None]] = deque()
    known = set(drawing.pictures_failed(version).values_list("index", flat=True))
    with files.on_disk(drawing.source_key(version)) as path, ThreadPoolExecutor(1) as keeper:
        for index in range(version.images_done, last):
            long = time.monotonic() - began > DRAWING_SECONDS
            if index > version.images_done and (long or (more_urgent is not None and more_urgent())):
                last = index
                break
            if index in known:
                continue
            try:
                kept += drawing.draw(path, version.reading, index, keeper)
            except Refused as why:
                # Whoever opens it is told the same; the other pages go on.
                drawing.failed(version, index, max(drawing.BEFOREHAND), why)
                failures += 1
            except Interrupted as why:
                if not why.heavy:
                    raise
                log.warning("page %s of %s cannot be drawn: %s", index + 1, version.pk, why)
                failures += 1
            if failures >= DRAWING_FAILURES:
                last = version.pages
                break
            while len(kept) > DRAWN_AHEAD:
                kept.popleft().result()
        for picture in kept:
            picture.result()
    Version.objects.filter(pk=version.pk, images_done__lt=last).update(images_done=last)
    return last < version.pages
