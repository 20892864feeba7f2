"""A parser that dies, hangs, swells or fills the disk takes one document with it and nothing else; done for real."""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from casebundle.bundles import drawing, files
from casebundle.bundles.models import Bundle, Page, Version
from casebundle.evidence import process as processing
from casebundle.evidence.intake import receive
from casebundle.evidence.process import MAX_ATTEMPTS, draw_images, due, process
from casebundle.pdf import Interrupted, Limits, Sandbox, confinement, sandbox
from casebundle.pdf.sandbox import refused
from scripts.fuzz import inflated, plain, stream
from tests.cast import Cast, pdf, viewer
from tests.pdf.hostile import start_with

MIB = 1024 * 1024
pytestmark = pytest.mark.django_db

# What only a repair opens, and then it is 27 times as large: one page named two thousand times.
SWELLING = plain(pages=b"<</Type/Pages/Kids[%s]/Count 1>>" % (b"3 0 R " * 2000))


def slow_page() -> bytes:
    """A page that would take minutes."""
    bomb = inflated(b"BT /F1 9 Tf (word ) Tj ET\n", 100)
    return plain(content=stream(bomb, b"/Filter/FlateDecode"))


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Sandbox]]:
    """Call it with limits: the worker's reader has them."""
    made: list[Sandbox] = []

    def limit(**limits: Any) -> Sandbox:
        made.append(Sandbox(Limits(**limits)))
        monkeypatch.setattr(drawing, "_sandboxes", dict.fromkeys(drawing.Lane, made[-1]))
        return made[-1]

    yield limit
    for box in made:
        box.close()


@pytest.fixture
def take(cast: Cast) -> Callable[[bytes], Version]:
    who, bundle = viewer(cast.priya), Bundle.objects.get(case=cast.case)

    def send(data: bytes) -> Version:
        return receive(who, bundle, "J", "file.pdf", iter([data])).versions.get()

    return send


def between_others(take: Callable[[bytes], Version], data: bytes) -> Version:
    """The document in the middle of three, all of them processed; the other two are ready and whole."""
    before, odd, after = take(pdf(["Before"])), take(data), take(pdf(["After", "more"]))
    for version in (before, odd, after):
        process(version.pk)
    for version, pages in ((before, 1), (after, 2)):
        version.refresh_from_db()
        assert (version.status, version.pages_done) == ("ready", pages)
    odd.refresh_from_db()
    assert not list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir())
    with files.on_disk(files.original_key(odd.sha256)) as kept:
        assert kept.read_bytes() == data
    return odd


def killing(box: Sandbox, sign: int) -> None:
    """As soon as a child is at a page, it gets the signal."""

    def wait() -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            for pid in box.pids:
                os.kill(pid, signal.SIGSTOP)  # in the middle of its work, however fast it is
                if sign != signal.SIGSTOP:
                    time.sleep(0.2)
                    os.kill(pid, sign)
                    os.kill(pid, signal.SIGCONT)
                return
            time.sleep(0.001)

    threading.Thread(target=wait, daemon=True).start()


def test_a_reader_that_is_killed_is_nobodys_fault(
    take: Callable[[bytes], Version], limited: Callable[..., Sandbox]
) -> None:
    box = limited()
    version = take(pdf([f"Page {n}" for n in range(300)]))
    killing(box, signal.SIGKILL)
    process(version.pk)
    version.refresh_from_db()
    assert (version.status, version.attempts) == ("reading", 0)
    assert version in list(due())
    process(version.pk)  # the sweep's next nudge
    version.refresh_from_db()
    assert (version.status, version.pages_done) == ("ready", 300)
    # The one that was ended; then one that checks the file, one that writes its copy, one that reads that.
    assert box.started == 4


def test_a_reader_that_crashes_refuses_that_file_alone(
    take: Callable[[bytes], Version], limited: Callable[..., Sandbox]
) -> None:
    box = limited()
    crashing, next_one = take(pdf([f"Page {n}" for n in range(300)])), take(pdf(["After"]))
    killing(box, signal.SIGSEGV)
    process(crashing.pk)
    process(next_one.pk)
    crashing.refresh_from_db()
    next_one.refresh_from_db()
    assert (crashing.status, crashing.reason_code) == ("refused", "broken")
    assert next_one.status == "ready"


def test_a_reader_that_hangs_is_ended(
    take: Callable[[bytes], Version], limited: Callable[..., Sandbox]
) -> None:
    limited(seconds=1.5, memory=4 * 1024**3)  # else it may swell past its memory first, on a fast machine
    odd = between_others(take, slow_page())
    assert (odd.status, odd.reason_code) == ("refused", "timeout")
    assert not due().exists()


def test_a_reader_that_stops_answering_is_ended(
    take: Callable[[bytes], Version], limited: Callable[..., Sandbox]
) -> None:
    box = limited(seconds=2.0)
    version = take(pdf([f"Page {n}" for n in range(300)]))
    killing(box, signal.SIGSTOP)
    process(version.pk)
    version.refresh_from_db()
    # It went on later with another one: that one stood still says little against the file.
    assert (version.status, version.put_back, version.pages_done) == ("ready", True, 300)
    # The one that was ended; then one that checks the file, one that writes its copy, one that reads that.
    assert box.started == 4


def test_many_slow_pages_are_too_much_together(
    take: Callable[[bytes], Version], limited: Callable[..., Sandbox]
) -> None:
    limited(first_seconds=0, page_seconds=0)
    odd = take(pdf(["x"] * 200))
    process(odd.pk)
    odd.refresh_from_db()
    assert (odd.status, odd.reason_code) == ("refused", "timeout")


def test_a_file_that_swells_is_refused(
    take: Callable[[bytes], Version], limited: Callable[..., Sandbox]
) -> None:
    box = limited(memory=300 * MIB, seconds=20)
    odd = between_others(take, plain(content=stream(inflated(b"[[[[", 100), b"/Filter/FlateDecode")))
    assert (odd.status, odd.reason_code) in {("refused", "memory"), ("ready", "")}
    assert box.peak_memory <= 300 * MIB
    picture = b"/Type/XObject/Subtype/Image/Width 20000/Height 20000/ColorSpace/DeviceRGB/BitsPerComponent 8"
    bomb = stream(inflated(b"\0", 300, 2), b"/Filter[/FlateDecode/FlateDecode]" + picture)
    page = b"/MediaBox[0 0 595 842]/Resources<</XObject<</I 6 0 R>>>>"
    between_others(take, plain(bomb, page=page, content=b"500 0 0 500 0 0 cm /I Do"))
    assert box.peak_memory <= 300 * MIB


def test_a_repair_may_not_fill_the_disk(
    take: Callable[[bytes], Version], limited: Callable[..., Sandbox]
) -> None:
    limited(repair_bytes=1000)
    odd = between_others(take, SWELLING)
    assert (odd.status, odd.reason_code, odd.reading_sha256) == ("refused", "broken", "")


def test_what_was_repaired_is_read_says_so_and_keeps_its_original(
    take: Callable[[bytes], Version], limited: Callable[..., Sandbox]
) -> None:
    limited()
    odd = between_others(take, SWELLING)
    assert (odd.status, odd.pages_done) == ("ready", 2000)
    assert "repaired" in [warning["code"] for warning in odd.warnings]
    assert odd.reading_sha256 not in ("", odd.sha256)


@pytest.mark.parametrize(
    "fault",
    [OSError(errno.ENOSPC, "No space left on device"), OperationalError("database or disk is full")],
    ids=["disk", "database"],
)
def test_the_machines_fault_is_never_the_files(
    take: Callable[[bytes], Version], monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    version = take(pdf(["One"]))

    def full(*_: object) -> None:
        raise fault

    with monkeypatch.context() as broken:
        broken.setattr(Sandbox, "prepare", full)
        for _ in range(MAX_ATTEMPTS + 3):
            Version.objects.filter(pk=version.pk).update(lease_until=None)
            process(version.pk)
            version.refresh_from_db()
            assert version.status == "reading"
            assert timezone.now() < version.lease_until < timezone.now() + 2 * processing.MENDING
    Version.objects.filter(pk=version.pk).update(lease_until=None)
    process(version.pk)
    version.refresh_from_db()
    assert version.status == "ready"


def test_where_nothing_can_be_confined_files_wait_and_readers_are_told(
    take: Callable[[bytes], Version],
    limited: Callable[..., Sandbox],
    monkeypatch: pytest.MonkeyPatch,
    cast: Cast,
) -> None:
    ready, waiting = take(pdf(["One"])), take(pdf(["Two"]))
    limited()
    process(ready.pk)
    ready.refresh_from_db()
    assert ready.status == "ready"
    no_filter = (
        "from casebundle.pdf import confinement\ndef no(*_):\n    raise OSError(38, 'no')\n"
        "confinement.filter_calls = no"
    )
    monkeypatch.setattr(sandbox, "START", start_with(no_filter))
    monkeypatch.setattr(confinement, "_demand", "required")
    limited()
    for _ in range(MAX_ATTEMPTS + 2):
        Version.objects.filter(pk=waiting.pk).update(lease_until=None)
        process(waiting.pk)
        waiting.refresh_from_db()
        assert (waiting.status, waiting.attempts) == ("reading", 0)
    client = Client()
    client.force_login(cast.priya)
    page = Page.objects.get(version=ready)
    answer = client.get(f"/api/v1/pages/{page.pk}/image?width=1240")
    assert answer.status_code == 503
    assert "Files cannot be opened here just now" in answer.json()["detail"]
    # On a machine that can, all goes on.
    monkeypatch.undo()
    drawing._sandboxes.clear()
    Version.objects.filter(pk=waiting.pk).update(lease_until=None)
    process(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.status == "ready"


@pytest.mark.parametrize("heavy", [False, True])
def test_what_the_machine_ends_each_time_is_too_much_for_it(
    take: Callable[[bytes], Version], monkeypatch: pytest.MonkeyPatch, heavy: bool
) -> None:
    version = take(pdf(["One"]))

    def ended(*_: object) -> None:
        raise Interrupted("killed", heavy)

    monkeypatch.setattr(Sandbox, "prepare", ended)
    for _ in range(MAX_ATTEMPTS + 3):
        process(version.pk)
    version.refresh_from_db()
    assert (version.status, version.reason_code) == (("refused", "memory") if heavy else ("reading", ""))


def test_slow_pages_keep_their_lease(
    take: Callable[[bytes], Version], monkeypatch: pytest.MonkeyPatch
) -> None:
    version = take(pdf([f"Page {n}" for n in range(6)]))
    monkeypatch.setattr(processing, "HOLD", -1)
    written: list[int] = []
    create = Page.objects.bulk_create
    monkeypatch.setattr(
        Page.objects, "bulk_create", lambda pages, **more: (written.append(len(pages)), create(pages, **more))
    )
    process(version.pk)
    assert written == [1] * 6


def test_drawing_beforehand_gives_way_and_gives_up(
    take: Callable[[bytes], Version], monkeypatch: pytest.MonkeyPatch
) -> None:
    version = take(pdf([f"Page {n}" for n in range(30)]))
    process(version.pk)
    monkeypatch.setattr(processing, "DRAWING_SECONDS", -1)
    assert draw_images(version.pk)
    version.refresh_from_db()
    assert version.images_done == 1, "slow pages go one at a time"
    asked: list[int] = []

    def cannot(self: Sandbox, path: Path, index: int, *_: object) -> None:
        asked.append(index)
        raise refused("timeout")

    monkeypatch.setattr(processing, "DRAWING_SECONDS", 60)
    monkeypatch.setattr(Sandbox, "pictures", cannot)
    assert not draw_images(version.pk)
    version.refresh_from_db()
    assert asked == [1, 2, 3]
    assert version.images_done == 30, "the others are drawn when somebody opens them"
