"""One small file that takes a reader of PDFs for ever holds up nobody else, and is not tried again and again."""

from __future__ import annotations

import errno
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker

from casebundle.bundles import drawing, files
from casebundle.bundles.drawing import Lane
from casebundle.bundles.models import Bundle, Document, Failure, Page, Version
from casebundle.courtroom import services as courtroom
from casebundle.courtroom.ahead import ahead
from casebundle.evidence import intake, slowly
from casebundle.evidence import process as processing
from casebundle.pdf import Interrupted, Limits, Sandbox
from tests.api.calling import Caller
from tests.cast import OTHER, REFERENCE, Cast, pdf, read, viewer
from tests.heavy import nested, shaded

pytestmark = pytest.mark.django_db(transaction=True)

# Shaded so many times: seconds to draw at 1,240 pixels, much less to read and to draw small.
HEAVY = 150


class Counted(Sandbox):
    """A real one that counts what it is asked for."""

    def __init__(self, lane: Lane, **limits: Any) -> None:
        super().__init__(Limits(**limits))
        self.lane = lane
        self.drawn: list[tuple[int, int]] = []  # (page's index, width)
        self.opened = 0

    def pictures(self, path: Any, index: int, widths: Any, *more: Any, **named: Any) -> list[bytes]:
        self.drawn += [(index, width) for width in widths]
        return super().pictures(path, index, widths, *more, **named)

    def prepare(self, path: Any, out_path: Any) -> Any:
        self.opened += 1
        return super().prepare(path, out_path)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[Lane, Counted]]:
    """Lanes with budgets that a test can wait for."""
    boxes = {
        Lane.QUICK: Counted(Lane.QUICK, seconds=30, draw_seconds=3),
        Lane.COURT: Counted(Lane.COURT, seconds=30, draw_seconds=3),
        Lane.SLOW: Counted(Lane.SLOW, seconds=30, draw_seconds=4),
    }
    for box in boxes.values():
        box.warm()
    monkeypatch.setattr(drawing, "_sandboxes", boxes)
    yield boxes
    for box in boxes.values():
        box.close()


def take(who: Any, data: bytes, reference: str = REFERENCE, *, serve: bool = True) -> Document:
    bundle = Bundle.objects.get(case__reference=reference, slug="main")
    return intake.receive(viewer(who, reference), bundle, "H", "file.pdf", [data], serve=serve)


def pages_of(document: Document) -> list[Page]:
    rows = Page.objects.filter(version__document=document).select_related("version__document")
    return list(rows.order_by("index"))


Ask = Callable[..., Any]


@pytest.fixture
def ask(cast: Cast) -> Ask:
    """ask("daniel", page, 1240) -> the answer to his asking for its picture."""
    callers = {name: Caller(cast[name]) for name in ("priya", "daniel", "mari", "ruth")}

    def asking(name: str, page: Page, width: int = 1240) -> Any:
        return callers[name].get(f"/pages/{page.pk}/image?width={width}")

    return asking


def test_what_failed_is_tried_once_with_each_budget_and_then_remembered(
    cast: Cast, ask: Ask, small: dict[Lane, Counted]
) -> None:
    heavy, light = pages_of(read(take(cast.priya, shaded(HEAVY, "A light page"))))
    for width in (1240, 2480, 1240):
        answer = ask("priya", heavy, width)
        assert answer.status_code == 503
        assert int(answer["Retry-After"]) > 0
        assert "still being drawn" in answer.data["detail"]
    # What fails at one width fails at a larger one: it was tried once.
    assert small[Lane.QUICK].drawn == [(0, 1240)]
    assert slowly.once()
    assert not slowly.once()
    assert small[Lane.SLOW].drawn == [(0, 1240)]
    for name in ("priya", "daniel", "ruth", "priya"):
        answer = ask(name, heavy)
        assert (answer.status_code, answer.data["detail"]) == (422, "This page could not be drawn.")
    # Another process knows it too: it is in the database.
    assert Failure.objects.get().waits is False
    assert small[Lane.QUICK].drawn == [(0, 1240)]
    # Neither the page when it is small, nor the others of its document, fail with it.
    assert drawing._presented(heavy, 200) is False, "nothing is known against it"
    assert ask("daniel", light).status_code == 200


def test_what_the_longer_budget_draws_is_shown(
    cast: Cast, ask: Ask, small: dict[Lane, Counted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(small, Lane.SLOW, Counted(Lane.SLOW, draw_seconds=120))
    (page,) = pages_of(read(take(cast.priya, shaded(HEAVY // 3))))
    assert ask("daniel", page).status_code == 503
    assert slowly.once()
    assert ask("daniel", page).status_code == 200
    assert not Failure.objects.exists()
    small[Lane.SLOW].close()


def test_what_is_remembered_ends(cast: Cast, ask: Ask, small: dict[Lane, Counted]) -> None:
    (page,) = pages_of(read(take(cast.priya, shaded(HEAVY))))
    assert ask("priya", page).status_code == 503
    slowly.once()
    assert ask("priya", page).status_code == 422
    Failure.objects.update(program="another one, or with less time")
    assert ask("priya", page).status_code == 503
    slowly.once()
    assert ask("priya", page).status_code == 422
    Failure.objects.update(until=timezone.now())
    assert ask("priya", page).status_code == 503
    assert small[Lane.QUICK].drawn == [(0, 1240)] * 3
    Failure.objects.update(until=timezone.now())
    slowly.forget()
    assert not Failure.objects.exists()


def test_a_page_that_wants_too_much_memory_is_remembered_at_once(
    cast: Cast, ask: Ask, small: dict[Lane, Counted], monkeypatch: pytest.MonkeyPatch
) -> None:
    tight = Counted(Lane.QUICK, memory=300 * 1024**2, draw_seconds=30)
    monkeypatch.setattr(drawing, "_sandboxes", dict.fromkeys(Lane, tight))
    heavy, empty = pages_of(read(take(cast.priya, nested())))
    assert {"code": "words_unread", "pages": [1]} in heavy.version.warnings
    assert [ask("daniel", heavy).status_code for _n in range(3)] == [422] * 3
    assert Failure.objects.get(work="picture").reason == "memory"
    assert len(tight.drawn) == 1
    assert not slowly.once(), "more time is no help"
    assert ask("daniel", empty).status_code == 200
    tight.close()


@pytest.mark.parametrize(
    "fault",
    [
        Interrupted("killed"),
        Interrupted("killed", heavy=True),
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        OSError(errno.EIO, "Input/output error"),
        RuntimeError("The PDF reader did not start."),
    ],
    ids=["killed", "killed while heavy", "disk full", "no memory", "disk broken", "no child"],
)
def test_the_machines_fault_is_never_remembered(
    cast: Cast, ask: Ask, small: dict[Lane, Counted], monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    document = read(take(cast.priya, pdf([f"One page of {timezone.now()}."])))
    (page,) = pages_of(document)

    def fail(self: Sandbox, *_: Any, **__: Any) -> None:
        raise fault

    with monkeypatch.context() as broken:
        broken.setattr(Counted, "pictures", fail)
        assert ask("daniel", page).status_code in (500, 503)
        with suppress(type(fault)):
            processing.draw_images(document.current_id)
        drawing.remember(page.version, Failure.Work.PICTURE, "timeout", width=1240, waits=True)
        with pytest.raises(type(fault)):
            slowly.draw_next_failed()
        assert Failure.objects.get().waits
        Failure.objects.all().delete()
        assert ask("daniel", page).status_code in (500, 503)
    assert not Failure.objects.exists()
    assert ask("daniel", page).status_code == 200


def test_a_light_page_is_answered_before_the_second_heavy_one(
    cast: Cast, ask: Ask, small: dict[Lane, Counted]
) -> None:
    # Different in what they show: copies of pages that look the same are one file, and the second is known to fail.
    heavy = [pages_of(read(take(cast.priya, shaded(HEAVY + n))))[0] for n in range(4)]
    (light,) = pages_of(read(take(cast.priya, pdf(["A light page."]))))
    order: list[str] = []

    def asking(name: str, page: Page) -> None:
        order.append(f"{name} {ask(name, page, 2480).status_code}")
        connections.close_all()

    queue = drawing._queues[Lane.QUICK]
    threads = []
    with queue.turn("somebody", "else"):
        for name, page in [*(("priya", page) for page in heavy), ("daniel", light)]:
            threads.append(threading.Thread(target=asking, args=(name, page)))
            threads[-1].start()
            arrive(queue, len(threads))
    for thread in threads:
        thread.join(120)
    assert order.index("daniel 200") <= 1
    assert sorted(order) == ["daniel 200", *["priya 503"] * 4]


def arrive(queue: Any, count: int) -> None:
    end = timezone.now() + timezone.timedelta(seconds=20)
    pause = threading.Event()
    while len(queue.waiting) < count:
        assert timezone.now() < end, "it never came into the queue"
        pause.wait(0.005)


def test_one_person_may_not_fill_the_queue(
    cast: Cast, ask: Ask, small: dict[Lane, Counted], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = drawing.FairQueue(each=2)
    monkeypatch.setitem(drawing._queues, Lane.QUICK, queue)
    pages = [pages_of(read(take(cast.priya, pdf([f"Page {n} of {timezone.now()}."]))))[0] for n in range(4)]
    found: list[int] = []

    def asking(name: str, page: Page) -> None:
        found.append(ask(name, page).status_code)
        connections.close_all()

    with queue.turn("somebody", "else"):
        threads = [threading.Thread(target=asking, args=("priya", page)) for page in pages[:2]]
        for n, thread in enumerate(threads):
            thread.start()
            arrive(queue, n + 1)
        answer = ask("priya", pages[2])
        assert (answer.status_code, int(answer["Retry-After"]) > 0) == (429, True)
        threads.append(threading.Thread(target=asking, args=("daniel", pages[3])))
        threads[-1].start()
        arrive(queue, 3)
    for thread in threads:
        thread.join(30)
    assert found == [200] * 3


# --- the court's own lane ------------------------------------------------------------------------
@pytest.fixture
def court(cast: Cast, small: dict[Lane, Counted]) -> tuple[Any, Any, list[Page]]:
    """(hearing, screen, three pages of a document): Priya has the floor."""
    pages = pages_of(read(take(cast.priya, pdf([f"Page {n} of {timezone.now()}." for n in range(3)]))))
    ruth = viewer(cast.ruth)
    hearing = courtroom.give_floor(
        ruth, courtroom.open_hearing(ruth, "Trial"), viewer(cast.priya).participant
    )
    return hearing, courtroom.new_screen(viewer(cast.tom), hearing, "Jury screen"), pages


def test_the_page_that_is_presented_waits_for_nobody(
    cast: Cast, ask: Ask, small: dict[Lane, Counted], court: Any
) -> None:
    hearing, screen, pages = court
    courtroom.turn(viewer(cast.priya), hearing, pages[1])
    at = f"/screen/{screen.code}/page/{pages[1].pk}"
    # Somebody has the lane of everybody for as long as they like.
    with drawing._queues[Lane.QUICK].turn("hog", "case"):
        assert Client().get(at).status_code == 200
        assert ask("daniel", pages[1], 1240).status_code == 200
    assert small[Lane.COURT].drawn == [(1, 2480), (1, 1240)]
    assert small[Lane.QUICK].drawn == []
    # What is not presented has no part in that.
    assert ask("daniel", pages[0]).status_code == 200
    assert small[Lane.QUICK].drawn == [(0, 1240)]


def test_a_presented_page_that_cannot_be_drawn_is_said_to_the_screen(
    cast: Cast, small: dict[Lane, Counted], court: Any
) -> None:
    hearing, screen, _pages = court
    (heavy,) = pages_of(read(take(cast.priya, shaded(HEAVY))))
    courtroom.turn(viewer(cast.priya), hearing, heavy)
    at, browser = f"/screen/{screen.code}/page/{heavy.pk}", Client()
    answer = browser.get(at)
    assert (answer.status_code, int(answer["Retry-After"]) > 0) == (503, True)
    slowly.once()
    assert [browser.get(at).status_code for _n in range(3)] == [422] * 3
    assert small[Lane.COURT].drawn == [(0, 2480)]


def test_the_page_turned_to_and_those_beside_it_are_drawn_beforehand(
    cast: Cast, ask: Ask, small: dict[Lane, Counted], court: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hearing, screen, pages = court
    drawn = threading.Event()
    draw = drawing.draw_for_court

    def and_say(*given: Any) -> None:
        try:
            draw(*given)
        finally:
            connections.close_all()
            drawn.set()

    monkeypatch.setattr(drawing, "draw_for_court", and_say)
    ahead.start()
    try:
        courtroom.turn(viewer(cast.priya), hearing, pages[1])
        assert drawn.wait(60), "nobody draws"
    finally:
        ahead.thread = None  # other tests turn pages too
    assert small[Lane.COURT].drawn == [(1, 2480), (1, 1240), (2, 2480), (2, 1240), (0, 2480), (0, 1240)]
    for page in pages:
        for width in drawing.IN_COURT:
            assert default_storage.exists(files.image_key(page.version.reading, page.index, width))
    # Neither the screen nor who follows waits for anything.
    small[Lane.COURT].drawn.clear()
    assert Client().get(f"/screen/{screen.code}/page/{pages[1].pk}").status_code == 200
    assert ask("daniel", pages[2], 2480).status_code == 200
    assert small[Lane.COURT].drawn == small[Lane.QUICK].drawn == []


def test_pages_beside_it_give_way_to_the_next_court(
    cast: Cast, small: dict[Lane, Counted], court: Any
) -> None:
    _hearing, _screen, pages = court
    drawing.draw_for_court(pages[1].pk, lambda: False)
    assert small[Lane.COURT].drawn == [(1, 2480), (1, 1240)]


# --- what it costs -------------------------------------------------------------------------------
def test_a_picture_that_is_kept_costs_no_statement_more(cast: Cast, small: dict[Lane, Counted]) -> None:
    (page,) = pages_of(read(take(cast.priya, pdf([f"One page of {timezone.now()}."]))))
    with CaptureQueriesContext(
        connection,
    ) as first:
        drawing.page_image(page, 1240, cast.daniel.pk)
    with CaptureQueriesContext(connection) as again:
        drawing.page_image(page, 1240, cast.daniel.pk)
    assert (len(first), len(again)) == (1, 0)


# --- the worker ----------------------------------------------------------------------------------
Batch = Callable[[], None]


@pytest.fixture
def batch(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """Do what a worker does until nothing is left."""

    def run() -> None:
        # A folder for each: one worker at a time may be at work in one.
        settings.DATA_DIR = tmp_path / uuid.uuid4().hex
        settings.DATA_DIR.mkdir()
        call_command("worker", batch=True, interval=0.0)

    monkeypatch.setattr(Worker, "configure_signals", lambda self: None)  # those are pytest's
    return run


def finished() -> list[str]:
    rows = Version.objects.exclude(ready_at=None).order_by("ready_at")
    return list(rows.values_list("document__title", flat=True))


def test_cases_and_parties_have_their_files_read_in_turn(cast: Cast, batch: Batch) -> None:
    def send(who: Any, name: str, reference: str = REFERENCE) -> None:
        document = take(who, pdf([f"{name} {timezone.now()}"]), reference, serve=False)
        Document.objects.filter(pk=document.pk).update(title=name, guessed="")

    for n in range(5):
        send(cast.priya, f"P{n}")
    for n in range(2):
        send(cast.daniel, f"D{n}")
    for n in range(3):
        send(cast.sam, f"S{n}", OTHER)
    batch()
    assert finished() == ["P0", "S0", "D0", "S1", "P1", "S2", "D1", "P2", "P3", "P4"]


def test_pictures_are_drawn_beforehand_in_turn(cast: Cast, small: dict[Lane, Counted]) -> None:
    first = [take(cast.priya, pdf([f"{n} {timezone.now()}"] * 3)).current_id for n in range(3)]
    other = take(cast.sam, pdf([f"Sam {timezone.now()}"]), OTHER).current_id
    for pk in (*first, other):
        processing.process(pk)
    order = []
    while drawing_left := list(Version.objects.filter(images_done=0, pages__gt=0)):
        processing.draw_next()
        order += [one.pk for one in drawing_left if Version.objects.get(pk=one.pk).images_done]
    assert order.index(other) == 1


def test_a_heavy_file_goes_behind_the_others_and_its_other_pages_are_read(
    cast: Cast, small: dict[Lane, Counted], batch: Batch
) -> None:
    for box in small.values():
        object.__setattr__(box.limits, "seconds", 3)
    heavy = take(cast.priya, shaded("First", 40_000, "Third", "Fourth"))
    light = [take(cast.priya, pdf([f"Light {n} {timezone.now()}"])) for n in range(3)]
    batch()
    order = list(Version.objects.order_by("ready_at").values_list("document_id", flat=True))
    assert order == [*(one.pk for one in light), heavy.pk]
    version = Version.objects.get(document=heavy)
    assert (version.status, version.put_back, version.pages, version.pages_done) == ("ready", True, 4, 4)
    assert [page.layer.text() for page in pages_of(heavy)] == ["First", "", "Third", "Fourth"]
    assert {"code": "words_unread", "pages": [2]} in version.warnings
    assert small[Lane.QUICK].opened == 4
    # The same bytes again: that page is not tried once more.
    again = take(cast.priya, b"".join(_bytes(version)))
    processing.process(again.current_id)
    version = Version.objects.get(document=again)
    assert (version.status, version.put_back) == ("ready", False)
    assert {"code": "words_unread", "pages": [2]} in version.warnings


def _bytes(version: Version) -> Iterator[bytes]:
    with default_storage.open(files.original_key(version.sha256)) as kept:
        yield kept.read()


def test_a_file_that_is_too_much_is_refused_and_not_tried_again(
    cast: Cast, small: dict[Lane, Counted], batch: Batch
) -> None:
    for box in small.values():
        object.__setattr__(box.limits, "seconds", 2)
    data = shaded(40_000)
    first = take(cast.priya, data)
    batch()
    version = Version.objects.get(document=first)
    assert (version.status, version.reason_code) in {("refused", "timeout"), ("refused", "memory")}
    opened = small[Lane.QUICK].opened, small[Lane.SLOW].opened
    assert opened == (1, 1)
    for _n in range(3):
        again = take(cast.priya, data)
        batch()
        found = Version.objects.get(document=again)
        assert (found.status, found.reason_code) == (version.status, version.reason_code)
    assert (small[Lane.QUICK].opened, small[Lane.SLOW].opened) == opened


def test_a_long_file_gives_way_to_what_waits_and_is_read_to_its_end(
    cast: Cast, small: dict[Lane, Counted], batch: Batch, settings: Any
) -> None:
    settings.READ_TURN_SECONDS = 0
    long = take(cast.priya, pdf([f"Page {n} of {timezone.now()}" for n in range(120)]))
    light = take(cast.priya, pdf([f"Light {timezone.now()}"]))
    batch()
    order = list(Version.objects.order_by("ready_at").values_list("document_id", flat=True))
    assert order == [light.pk, long.pk]
    assert len(pages_of(long)) == 120
    # Where nothing waits, it gives way to nobody.
    alone = take(cast.priya, pdf([f"Alone {n} of {timezone.now()}" for n in range(60)]))
    batch()
    assert not Version.objects.get(document=alone).put_back
