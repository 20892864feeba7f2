"""Pictures of pages: one function makes them, on demand for a reader who waits and in the background before that.

A page may take a reader of PDFs for ever, and others wait. So each lane has a child process of its own; who waits in
one has a share of it (shares.py); what does not end within a small budget is tried once more, with a longer one, behind
everything else (evidence/slowly.py); and what failed is remembered.
"""

from __future__ import annotations

import datetime
import enum
import logging
import threading
from collections.abc import Callable, Collection, Hashable, Sequence
from concurrent.futures import Executor, Future
from functools import cache
from importlib.metadata import version as version_of
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.db.models import Exists, QuerySet, Subquery, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from casebundle.cases import mending
from casebundle.pdf.confinement import NotConfined
from casebundle.pdf.sandbox import Interrupted, Limits, Refused, Sandbox
from casebundle.watching.metrics import PICTURES

from . import files
from .models import Failure, Page, Version
from .shares import FairQueue, NotNow

log = logging.getLogger(__name__)

# Widths in pixels: thumbnail, phone, screen, sharp screen.
WIDTHS = (200, 800, 1240, 2480)
# Made beforehand for every page; the others on demand.
BEFOREHAND = (200, 1240)
# Made beforehand for a page that a court is turned to: for evidence screens, and for readers who follow.
IN_COURT = (2480, 1240)
MEDIA_TYPE = "image/jpeg"
# Seconds after which it is worth asking again for what is drawn behind everything else.
SLOWLY = 8


class Lane(enum.Enum):
    """Who waits for what: a lane never waits for another one."""

    QUICK = "quick"  # whatever anybody asks for, within the small budget
    COURT = "court"  # the page that a court is turned to
    SLOW = "slow"  # what ran out of the small budget, one by one, with the longer one


# Says of the pages of a query (`OuterRef("pk")`) whether a court is turned to them; the courtroom leaves it here.
in_court: list[Callable[[], Exists]] = []

_lock = threading.Lock()
_sandboxes: dict[Lane, Sandbox] = {}
_queues = {lane: FairQueue() for lane in Lane}


class NotDrawn(Refused):
    """A page that cannot be drawn, which is remembered; the other pages of its document can."""

    def __init__(self, code: str) -> None:
        super().__init__(code, _("This page could not be drawn."))


def _limits(lane: Lane) -> Limits:
    if lane is Lane.SLOW:
        return Limits(seconds=settings.READ_LONG_SECONDS, draw_seconds=settings.DRAW_LONG_SECONDS)
    return Limits(seconds=settings.READ_SECONDS, draw_seconds=settings.DRAW_SECONDS)


def sandbox(lane: Lane = Lane.QUICK) -> Sandbox:
    """A limited child process of this process, in which every file is opened that somebody sent us."""
    with _lock:
        if lane not in _sandboxes:
            _sandboxes[lane] = Sandbox(_limits(lane))
        return _sandboxes[lane]


@cache
def program() -> str:
    """What draws and reads, and with which budgets: another one does not know what this one could not do."""
    budgets = f"{settings.DRAW_LONG_SECONDS:g}/{settings.READ_LONG_SECONDS:g}"
    return f"{files.IMAGE_VERSION} pdfium {version_of('pypdfium2')} {budgets}"[:60]


def source_key(version: Version) -> str:
    """Where the file is that pages of this version are made from."""
    if version.reading_sha256:
        return files.reading_key(version.reading_sha256)
    return files.original_key(version.sha256)


def page_image(page: Page, width: int, person: Hashable = None, *, presented: bool = False) -> bytes:
    """The JPEG picture of a page as displayed, `width` pixels wide (one of WIDTHS); kept once made.

    page: with its version and document. person: whose share of drawing it is, where it is not there yet.
    presented: a court is turned to it, as is known already.
    Raises NotDrawn where the page cannot be drawn, shares.NotNow where it is still being drawn or too many wait.
    """
    version = page.version
    key = files.image_key(version.reading, page.index, width)
    if data := _kept(key):
        PICTURES.labels("kept").inc()
        return data
    presented |= _presented(page, width)
    lane = Lane.COURT if presented else Lane.QUICK
    # What is far away is fetched before it is this person's turn: nobody waits for that but them.
    with (
        files.on_disk(source_key(version)) as path,
        _queues[lane].turn(person, version.document.case_id) as waited,
    ):
        if waited:
            # Somebody else asked for it too, and was before us.
            if data := _kept(key):
                PICTURES.labels("kept").inc()
                return data
            _presented(page, width)
        try:
            data = _render(sandbox(lane), path, page.index, width)
        except Refused as why:
            raise failed(version, page.index, width, why) from why
    PICTURES.labels("waited for").inc()
    try:
        _keep(key, data)
    except OSError as error:
        # The disk is full or may not be written to: whoever reads needs the picture, not that it is kept.
        log.warning("a picture was drawn and could not be kept: %s", error)
    return data


def _kept(key: str) -> bytes:
    try:
        with default_storage.open(key) as kept:
            data: bytes = kept.read()
            return data
    except OSError:
        # It was not drawn yet; or where pictures are kept is away, and a copy of the file is here all the same.
        return b""


# --- what failed --------------------------------------------------------------------------------
def _presented(page: Page, width: int) -> bool:
    """Whether a court is turned to a page that is not known to fail, in one statement.

    Raises NotDrawn or NotNow where it is known. What fails when it is small fails when it is large.
    """
    # One that is done with stands before one that waits.
    known = pictures_failed(page.version).filter(index=page.index, width__lte=width).order_by("waits")
    rows = Page.objects.filter(pk=page.pk).annotate(
        failed=Subquery(known.values("reason")[:1]),
        waits=Subquery(known.values("waits")[:1]),
        presented=in_court[0]() if in_court else Value(False),
    )
    try:
        found = rows.order_by().values_list("failed", "waits", "presented").first()
    except DatabaseError as error:
        # Whoever reads needs no database for this: it is drawn as if nothing were known.
        if mending.trouble(error) is None:
            raise
        return False
    if found is None:
        return False
    reason, waits, presented = found
    if reason:
        raise NotNow(SLOWLY) if waits else NotDrawn(reason)
    return bool(presented)


def pictures_failed(version: Version) -> QuerySet[Failure]:
    """What is remembered of the pictures of a version's pages."""
    return Failure.objects.remembered(program()).filter(sha256=version.reading, work=Failure.Work.PICTURE)


def failed(version: Version, index: int, width: int, why: Refused, *, long: bool = False) -> Exception:
    """Remember that a picture failed for the page's own fault, with the small budget or the `long` one; what to say."""
    waits = why.code == "timeout" and not long
    log.warning("page %s of %s cannot be drawn, %s px wide: %s", index + 1, version.pk, width, why)
    remember(version, Failure.Work.PICTURE, why.code, index=index, width=width, waits=waits)
    return NotNow(SLOWLY) if waits else NotDrawn(why.code)


def remember(
    version: Version, work: str, reason: str, *, index: int = 0, width: int = 0, waits: bool = False
) -> None:
    """Remember that something could not be made of a file; where that cannot be written down, it is tried again."""
    now = timezone.now()
    with mending.beside_reading():
        Failure.objects.update_or_create(
            work=work,
            sha256=version.reading if work == Failure.Work.PICTURE else version.sha256,
            index=index,
            width=width,
            program=program(),
            defaults={
                "reason": reason[:30],
                "waits": waits,
                "lease_until": None,
                "source": source_key(version),
                "case_id": version.document.case_id,
                "at": now,
                "until": now + datetime.timedelta(hours=settings.FAILURES_REMEMBERED_HOURS),
            },
        )


# --- drawing ------------------------------------------------------------------------------------
def _render(box: Sandbox, path: Path, index: int, width: int, tries: int = 3) -> bytes:
    """Somebody waits for it: where the child was killed from outside, another one draws it at once."""
    for left in reversed(range(tries)):
        try:
            return box.render(path, index, width, "jpeg")
        except Interrupted:
            if not left:
                raise
    raise AssertionError


def warm(lanes: Collection[Lane] = (Lane.QUICK,)) -> None:
    """Start readers of PDFs before the first file comes; where they cannot be, the first file says so."""
    for lane in lanes:
        try:
            sandbox(lane).warm()
        except NotConfined:
            return  # it has said so
        except Exception:
            log.warning("the reader of PDFs could not be started beforehand", exc_info=True)


def draw_for_court(page_id: str, idle: Callable[[], bool] = lambda: True) -> None:
    """Draw the page that a court was turned to as wide as screens and readers show it, then the pages beside it.

    Those are drawn while `idle` says that no court waits. What cannot be drawn is remembered, as when it is asked for.
    """
    rows = Page.objects.select_related("version__document")
    page = rows.filter(pk=page_id).first()
    if page is None:
        return
    _draw_unless_there(page, lambda: True)
    beside = rows.filter(version=page.version_id, index__in=[page.index + 1, page.index - 1])
    for other in beside.order_by("-index"):
        _draw_unless_there(other, idle)


def _draw_unless_there(page: Page, idle: Callable[[], bool]) -> None:
    for width in IN_COURT:
        if not idle():
            return
        if default_storage.exists(files.image_key(page.version.reading, page.index, width)):
            continue
        try:
            page_image(page, width, "court", presented=True)
        except (Refused, NotNow):
            return


def draw(
    path: Path,
    sha256: str,
    index: int,
    keeper: Executor,
    widths: Sequence[int] = BEFOREHAND,
    lane: Lane = Lane.QUICK,
) -> list[Future[None]]:
    """Draw one page of the file at `path` in those of the widths that are not there yet.

    The pictures are kept by `keeper`, so that the next page is drawn meanwhile: its futures raise OSError where there
    is no room for them.
    """
    keys = {width: files.image_key(sha256, index, width) for width in widths}
    missing = [width for width in widths if not default_storage.exists(keys[width])]
    if not missing:
        return []
    made = sandbox(lane).pictures(path, index, missing)
    PICTURES.labels("beforehand").inc(len(missing))
    return [keeper.submit(_keep, keys[width], data) for width, data in zip(missing, made, strict=True)]


def _keep(key: str, data: bytes) -> None:
    saved = default_storage.save(key, ContentFile(data))
    if saved != key:
        default_storage.delete(saved)
