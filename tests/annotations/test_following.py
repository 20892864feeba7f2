"""Notes stay on their words when a document is replaced."""

from __future__ import annotations

from typing import Any

import pytest

from annotations import services
from annotations.following import follow
from annotations.models import Note
from casebundle.bundles.models import Document, Page, PageText, Version, page_id
from casebundle.evidence import intake
from tests.annotations.conftest import TEXT, laid_out, page_of
from tests.cast import pdf, read, viewer


def replaced(document: Any, *texts: str) -> Any:
    """The document with a new version of these pages, before anybody was told."""
    version = Version.objects.create(
        document=document,
        number=document.versions.count() + 1,
        name="again.pdf",
        sha256="0" * 64,
        size=1,
        uploaded_by=document.uploaded_by,
        status=Version.Status.READY,
        pages=len(texts),
    )
    for index, text in enumerate(texts):
        page = Page.objects.create(
            id=page_id(version.pk, index), version=version, index=index, width=595, height=842
        )
        PageText.pack(page.pk, text, laid_out(text)).save()
    Document.objects.filter(pk=document.pk).update(current=version)
    return Document.objects.select_related("current").get(pk=document.pk)


def write(cast: Any, sheet: Any, **more: Any) -> Note:
    return services.create(viewer(cast.daniel), sheet, **{"kind": "note", "body": "A note.", **more})


def test_a_note_goes_to_where_its_words_are_now(cast, statement, sheet):
    note = write(cast, sheet, quote="The van was white.", choice="case")
    answer = services.reply(viewer(cast.priya), note, "It was.")
    again = replaced(statement, "A cover page.", "First line.\nSecond line.\n" + TEXT)
    follow([again.pk])
    note.refresh_from_db()
    answer.refresh_from_db()
    assert note.page_id == answer.page_id == page_of(again, 1).pk
    assert note.quote["exact"] == "The van was white."
    assert note.top == note.quads[0][1] == pytest.approx(0.1 + 3 * 0.03)
    (found,) = services.on_page(viewer(cast.ruth), page_of(again, 1))
    assert [one.body for one in found.answers] == ["It was."]  # type: ignore[attr-defined]


def test_of_several_pages_with_the_words_the_nearest_is_meant(cast, statement, sheet):
    note = write(cast, sheet, quote="The van was white.")
    again = replaced(statement, "No such words.", "Nor here.", TEXT, TEXT)
    follow([again.pk])
    note.refresh_from_db()
    assert note.page_id == page_of(again, 2).pk


def test_of_repeated_words_the_same_ones_are_found_again(cast, statement, sheet):
    note = write(cast, sheet, quote={"exact": "the van", "prefix": "I saw ", "suffix": " drive"})
    again = replaced(statement, "New beginning. " + TEXT)
    follow([again.pk])
    note.refresh_from_db()
    assert note.quote["suffix"].startswith(" drive to Bates")
    assert note.quads[0][1] == pytest.approx(0.1 + 2 * 0.03)


def test_words_that_are_gone_leave_no_mark_on_others(cast, statement, sheet):
    note = write(cast, sheet, quote="The van was white.")
    again = replaced(statement, "It was redacted.", "All of it.")
    follow([again.pk])
    note.refresh_from_db()
    assert (note.page_id, note.quads, note.top) == (page_of(again).pk, [], 0)
    assert note.quote["exact"] == "The van was white."
    assert note.body == "A note."
    # They come back with the next version.
    third = replaced(again, TEXT)
    follow([third.pk])
    note.refresh_from_db()
    assert note.page_id == page_of(third).pk
    assert note.quads


def test_what_has_no_words_keeps_its_place(cast, statement):
    second = page_of(statement, 1)
    area = write(cast, second, kind="area", quads=[[0.1, 0.2, 0.3, 0.4]])
    about = write(cast, second, body="About the page.")
    again = replaced(statement, "One.", "Two.", "Three.")
    follow([again.pk])
    for note in (area, about):
        note.refresh_from_db()
        assert note.page_id == page_of(again, 1).pk
    assert area.quads == [[0.1, 0.2, 0.3, 0.4]]
    # Of a version that is shorter, its last page; and then nothing is marked there.
    third = replaced(again, "One.")
    follow([third.pk])
    for note in (area, about):
        note.refresh_from_db()
        assert (note.page_id, note.quads) == (page_of(third).pk, [])


def test_notes_of_other_documents_and_of_the_version_that_is_read_stay(cast, statement, sheet):
    note = write(cast, sheet, quote="The van was white.")
    before = (note.page_id, note.quads)
    follow([statement.pk])
    note.refresh_from_db()
    assert (note.page_id, note.quads) == before


def test_replacing_a_document_as_people_do_moves_its_notes(cast, served):
    document = served("H", "I saw the red van.", "Page two.")
    note = write(cast, page_of(document), quote="red van", choice="case")
    intake.replace(viewer(cast.priya), document, "better.pdf", [pdf(["A cover.", "I saw\nthe red van."])])
    document = read(document)
    note.refresh_from_db()
    assert note.page_id == page_of(document, 1).pk
    assert note.quote["exact"].startswith("red van")
    assert services.labels_of([note]) == {note.page_id: "H2"}
