"""What was replaced is its own side's alone, whatever way it is asked for: pictures, words, search, notes, hearings."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from annotations import services as notes
from annotations.models import Note
from casebundle.bundles import services
from casebundle.bundles.models import Page, PageText, Version, page_id
from casebundle.cases.access import NotAllowed, NotVisible
from casebundle.courtroom import services as court
from casebundle.evidence import intake
from search.service import find
from tests.cast import REFERENCE, Cast, pdf, read, viewer

pytestmark = pytest.mark.django_db

API, C = "/api/v1", f"/cases/{REFERENCE}"
OLD, NEW = "zqoldword", "zqnewword"
OTHERS = ("daniel", "mari", "ruth", "tom")


def client(cast: Cast, name: str) -> Client:
    made = Client()
    made.force_login(cast[name], backend="allauth.account.auth_backends.AuthenticationBackend")
    return made


def replace(cast: Cast, document: Any, *texts: str) -> Any:
    intake.replace(viewer(cast.priya), document, "again.pdf", [pdf(texts)])
    return read(document)


@pytest.fixture
def document(served: Any) -> Any:
    return served("H", f"Page one. {OLD}", f"Page two. {OLD}", f"Page three. {OLD}")


def everything(cast: Cast, name: str, document: Any, old: str) -> dict[str, Any]:
    """What each route that shows something of a page answers to that person."""
    with_page = [
        f"{API}/pages/{old}",
        f"{API}/pages/{old}/image?width=200",
        f"{API}/pages/{old}/text",
        f"{API}/pages/{old}/notes",
    ]
    lists = [
        f"{API}/documents/{document.pk}",
        f"{API}/documents/{document.pk}/pages",
        f"{API}/cases/{REFERENCE}/pages/H1",
        f"{API}/search?q={OLD}",
        f"{API}/cases/{REFERENCE}/bundles/main",
        f"{C}/main/H1",
        f"{C}/main/pages.json",
        f"{C}/notes.json?pages={old}",
        f"{C}/notes/",
        f"{C}/notes/?text={OLD}",
        f"{C}/search/?q={OLD}",
        f"{C}/documents/{document.pk}/pages.json",
        f"{C}/documents/{document.pk}/1",
        f"{C}/documents/{document.pk}/3",
        f"{API}/documents/{document.pk}/original?version=1",
    ]
    asked = client(cast, name)
    return {address: asked.get(address) for address in [*with_page, *lists]}


def test_no_route_shows_it_to_anybody_else(cast: Cast, document: Any) -> None:
    old = page_id(document.current_id, 0)
    version = document.current_id.hex
    notes.create(
        viewer(cast.daniel), Page.objects.get(pk=old), kind="highlight", quote=f"one. {OLD}", choice="case",
        body="My own words.",
    )  # fmt: skip
    document = replace(cast, document, f"Page one. {NEW}")
    for name in (*OTHERS, "sam"):
        for address, answer in everything(cast, name, document, old).items():
            if old in address and "notes.json" not in address:
                assert answer.status_code == 404, (name, address)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            # What they typed themselves may stand there.
            body = body.replace(f"text={OLD}".encode(), b"").replace(f"q={OLD}".encode(), b"")
            shown = body.decode("utf-8", "replace").replace(f'value="{OLD}"', "")
            if OLD not in address:
                assert OLD not in shown, (name, address)
            assert version not in shown.replace(old, ""), (name, address)
    total = client(cast, "daniel").get(f"{API}/search?q={OLD}").json()["total"]
    assert total == 0
    assert client(cast, "daniel").get(f"{C}/documents/{document.pk}/3").status_code == 404
    # Its own side has it still.
    own = client(cast, "priya")
    assert OLD in own.get(f"{API}/pages/{old}/text").json()["text"]
    assert own.get(f"{API}/pages/{old}/image?width=200").status_code == 200


@pytest.mark.parametrize("state", ["coming", "refused"])
def test_what_is_in_the_making_or_was_refused_is_its_own_sides(cast: Cast, document: Any, state: str) -> None:
    """Everybody else goes on with the version before it, as if there were no other."""
    coming = intake.replace(viewer(cast.priya), document, "again.pdf", [pdf([NEW])])
    page = Page.objects.create(id=page_id(coming.pk, 0), version=coming, index=0, width=595, height=842)
    PageText.pack(page.pk, NEW, []).save(force_insert=True)
    if state == "refused":
        Version.objects.filter(pk=coming.pk).update(status=Version.Status.REFUSED, reason_code="broken")
    for name in OTHERS:
        asked = client(cast, name)
        assert asked.get(f"{API}/pages/{page.pk}/text").status_code == 404, name
        assert asked.get(f"{API}/pages/{page_id(document.current_id, 0)}/text").status_code == 200, name
        assert NEW not in asked.get(f"{API}/documents/{document.pk}").content.decode()
    assert client(cast, "priya").get(f"{API}/pages/{page.pk}/text").status_code == 200


def test_the_rule_is_one_for_versions_and_pages(cast: Cast, document: Any) -> None:
    first = document.current
    document = replace(cast, document, NEW)
    for name in ("priya", *OTHERS):
        who = viewer(cast[name])
        versions = set(Version.objects.visible_to(who).filter(document=document).values_list("pk", flat=True))
        pages = Page.objects.visible_to(who).filter(version__document=document)
        assert set(pages.values_list("version_id", flat=True)) == versions
        assert versions == ({first.pk, document.current_id} if name == "priya" else {document.current_id}), (
            name
        )
    sam = viewer(cast.sam, "T20267002")
    assert not Version.objects.visible_to(sam).exists()


def test_an_old_label_names_the_page_that_is_there_now(cast: Cast, document: Any) -> None:
    document = replace(cast, document, f"Only one. {NEW}")
    for label in ("H1", "H3"):
        found = client(cast, "mari").get(f"{API}/cases/{REFERENCE}/pages/{label}").json()
        assert found["id"] == page_id(document.current_id, 0)


# --- notes ----------------------------------------------------------------------------------------
def test_a_note_keeps_what_was_written_and_not_the_words_that_were_taken_away(
    cast: Cast, document: Any
) -> None:
    sheet = Page.objects.get(pk=page_id(document.current_id, 0))
    note = notes.create(
        viewer(cast.daniel), sheet, kind="highlight", quote=f"one. {OLD}", choice="case", body="My own words."
    )
    document = replace(cast, document, f"Page one. {NEW}")
    now = page_id(document.current_id, 0)
    for name in OTHERS:
        (found,) = client(cast, name).get(f"{API}/pages/{now}/notes").json()["items"]
        assert (found["id"], found["body"], found["quote"]) == (str(note.pk), "My own words.", {}), name
        listed = client(cast, name).get(f"{C}/notes/").content.decode()
        assert "My own words." in listed
        assert OLD not in listed
        # Nor can it be guessed word by word.
        assert "My own words." not in client(cast, name).get(f"{C}/notes/?text={OLD}").content.decode(), name
    (own,) = client(cast, "priya").get(f"{API}/pages/{now}/notes").json()["items"]
    assert own["quote"]["exact"] == f"one. {OLD}"
    # They come back with the words.
    replace(cast, document, f"Page one. {OLD}")
    note.refresh_from_db()
    (found,) = client(cast, "mari").get(f"{API}/pages/{note.page_id}/notes").json()["items"]
    assert found["quote"]["exact"] == f"one. {OLD}"


def test_a_note_that_hangs_on_an_old_page_still_says_what_its_author_wrote(cast: Cast, document: Any) -> None:
    """As one of before notes followed: its words are there, the page and its quote are not."""
    old = Page.objects.get(pk=page_id(document.current_id, 0))
    note = notes.create(viewer(cast.daniel), old, kind="highlight", quote=OLD, body="Mine.", choice="case")
    document = replace(cast, document, NEW)
    Note.objects.filter(pk=note.pk).update(page=old, quads=[[0.1, 0.1, 0.2, 0.2]], quote={"exact": OLD})
    for name in OTHERS:
        found = client(cast, name).get(f"{API}/notes/{note.pk}").json()
        assert (found["body"], found["quote"]) == ("Mine.", {}), name
        assert client(cast, name).get(f"{API}/pages/{old.pk}/notes").status_code == 404
        assert client(cast, name).get(f"{C}/notes.json?pages={old.pk}").json()["pages"] == {old.pk: []}


def test_nobody_writes_on_a_page_that_was_replaced(cast: Cast, document: Any) -> None:
    old = Page.objects.select_related("version__document").get(pk=page_id(document.current_id, 0))
    replace(cast, document, NEW)
    old.version.document.refresh_from_db()
    with pytest.raises(services.Conflict):
        notes.create(viewer(cast.priya), old, kind="note", body="Late.")


# --- search ---------------------------------------------------------------------------------------
def test_an_index_that_is_behind_tells_nothing_of_the_old_words(cast: Cast, document: Any) -> None:
    """Not by a hit, not by a count, not by what can be chosen from."""
    intake.replace(viewer(cast.priya), document, "again.pdf", [pdf([NEW])])
    from casebundle.evidence.process import process

    process(document.versions.order_by("-number")[0].pk)  # and it is not indexed yet
    found = find([viewer(cast.daniel)], OLD)
    assert (found.total, found.hits) == (0, [])
    assert not any(found.facets.values())


def test_its_own_side_may_let_others_see_it(cast: Cast, document: Any) -> None:
    old = page_id(document.current_id, 0)
    note = notes.create(
        viewer(cast.mari), Page.objects.get(pk=old), kind="highlight", quote=OLD, choice="private"
    )
    document = replace(cast, document, NEW)
    coming = intake.replace(viewer(cast.priya), document, "third.pdf", [pdf(["Not read yet."])])
    for name in ("daniel", "ruth", "tom"):
        with pytest.raises(NotAllowed):
            services.change_document(viewer(cast[name]), document, {"earlier_versions": True})
    services.change_document(viewer(cast.priya), document, {"earlier_versions": True})
    for name in OTHERS:
        assert client(cast, name).get(f"{API}/pages/{old}/text").status_code == 200, name
        # One that is still in the making is its own side's all the same.
        assert set(Version.objects.visible_to(viewer(cast[name])).values_list("number", flat=True)) == {1, 2}
    assert coming.number == 3
    shown = client(cast, "mari").get(f"{API}/notes/{note.pk}").json()
    assert shown["quote"]["exact"] == OLD
    # Who does not see the document sees none of its versions.
    services.change_document(viewer(cast.priya), document, {"visible_to": ["bates"]})
    assert client(cast, "mari").get(f"{API}/pages/{old}/text").status_code == 404
    services.change_document(viewer(cast.priya), document, {"earlier_versions": False})
    assert client(cast, "daniel").get(f"{API}/pages/{old}/text").status_code == 404


def test_the_form_asks_once_there_is_an_earlier_version(cast: Cast, document: Any) -> None:
    path = f"/documents/{document.pk}/edit/"
    assert b'name="earlier"' not in client(cast, "priya").get(path).content
    document = replace(cast, document, NEW)
    assert b'name="earlier"' in client(cast, "priya").get(path).content
    sent = {"title": document.title, "date": "", "exhibit": "", "section": "H", "audience": "everybody"}
    assert client(cast, "priya").post(path, {**sent, "earlier": "on"}).status_code == 302
    document.refresh_from_db()
    assert document.shows_earlier


# --- hearings -------------------------------------------------------------------------------------
@pytest.fixture
def sitting(cast: Cast, document: Any) -> Any:
    judge = viewer(cast.ruth)
    hearing = court.give_floor(
        judge, court.open_hearing(judge, "Trial, day 1"), viewer(cast.priya).participant
    )
    page = Page.objects.get(pk=page_id(document.current_id, 2))
    return court.turn(viewer(cast.priya), hearing, page, {"x": 0, "y": 0, "w": 0.5, "h": 0.5})


def test_who_is_turned_to_a_page_that_is_replaced_gets_the_one_in_its_place(
    cast: Cast, document: Any, sitting: Any
) -> None:
    screen = court.new_screen(viewer(cast.tom), sitting, "Jury")
    old = sitting.page_id
    document = replace(cast, document, NEW, NEW)
    now = page_id(document.current_id, 1)  # it is shorter
    for name in ("priya", *OTHERS):
        state = court.state(viewer(cast[name]), sitting)
        assert (state["page"], state["label"], state["view"]) == (now, "H2", None), name
        assert client(cast, name).get(f"{API}/pages/{state['page']}/image?width=200").status_code == 200
        shown = client(cast, name).get(f"{API}/hearings/{sitting.pk}").json()
        assert shown["page"] == now
    assert Client().get(f"/screen/{screen.code}/page/{old}").status_code == 404
    assert Client().get(f"/screen/{screen.code}/page/{now}").status_code == 200


def test_nobody_is_turned_to_a_page_that_was_replaced(cast: Cast, document: Any, sitting: Any) -> None:
    old = sitting.page_id
    document = replace(cast, document, NEW)
    with pytest.raises(ValidationError):
        court.turn_to(viewer(cast.priya), sitting.pk, old)
    court.give_floor(viewer(cast.ruth), sitting, viewer(cast.daniel).participant)
    with pytest.raises(NotVisible):
        court.turn_to(viewer(cast.daniel), sitting.pk, old)
    court.turn_to(viewer(cast.daniel), sitting.pk, page_id(document.current_id, 0))
