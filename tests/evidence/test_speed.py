"""What makes it quick does not make it wrong: pages read ahead, the first one alone, pictures that give way."""

from __future__ import annotations

import threading
import uuid

import pytest

from casebundle.bundles import drawing
from casebundle.bundles.models import Bundle, Page, Version
from casebundle.evidence import intake, process
from casebundle.pdf.sandbox import PageText
from tests.cast import pdf, viewer


def page(index: int) -> PageText:
    return PageText(index, 595, 842, "", [], blank=True, images_only=False)


def test_pages_come_in_order_and_all_of_them():
    pages = [page(n) for n in range(3 * process.READ_AHEAD)]
    assert list(process._ahead(iter(pages))) == pages


def test_what_goes_wrong_while_reading_is_said_where_it_is_written():
    def broken():
        yield page(0)
        raise process.Refused("broken", "is broken")

    pages = process._ahead(broken())
    assert next(pages).index == 0
    with pytest.raises(process.Refused):
        next(pages)


def test_who_stops_early_leaves_no_thread_behind():
    pages = process._ahead(page(n) for n in range(10 * process.READ_AHEAD))
    next(pages)
    pages.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "reads ahead"]


@pytest.fixture
def version(cast):
    document = intake.receive(
        viewer(cast.priya),
        Bundle.objects.get(case=cast.case, slug="main"),
        "H",
        "paper.pdf",
        [pdf([f"Page {n} of {uuid.uuid4()}." for n in range(3)])],  # drawn never before
    )
    process.process(document.current_id)
    return Version.objects.get(pk=document.current_id)


def test_a_document_of_one_page_is_read(cast):
    document = intake.receive(
        viewer(cast.priya), Bundle.objects.get(case=cast.case, slug="main"), "H", "one.pdf", [pdf(["One."])]
    )
    process.process(document.current_id)
    assert Page.objects.get(version=document.current_id).layer.text() == "One."


def test_pictures_give_way_and_go_on(version):
    assert process.draw_images(version.pk, more_urgent=lambda: True)
    version.refresh_from_db()
    assert version.images_done == 1  # one each time, so that it never stands still
    assert not process.draw_images(version.pk)
    version.refresh_from_db()
    assert version.images_done == 3
    for row in Page.objects.filter(version=version).select_related("version"):
        for width in drawing.BEFOREHAND:
            assert drawing.page_image(row, width).startswith(b"\xff\xd8")


def test_a_page_is_opened_once_for_its_pictures(version, monkeypatch):
    asked = []
    pictures = drawing.sandbox().pictures
    monkeypatch.setattr(
        drawing.sandbox(),
        "pictures",
        lambda path, index, widths: asked.append(widths) or pictures(path, index, widths),
    )
    process.draw_images(version.pk)
    assert asked == [[200, 1240]] * 3


def test_the_tasks_ask_what_is_more_urgent(db):
    from casebundle.evidence.tasks import _more_urgent, draw_version, process_version

    assert not _more_urgent()
    draw_version.enqueue("0")
    assert not _more_urgent()
    process_version.enqueue("0")
    assert _more_urgent()
