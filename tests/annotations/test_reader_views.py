"""The notes of many pages at once, as the reader asks for them."""

from __future__ import annotations

from typing import Any

import pytest

from annotations import services
from annotations.templatetags.reader_notes import notes_setup
from tests.annotations.conftest import AUDIENCES, IN_CASE, page_of
from tests.cast import REFERENCE, viewer
from tests.papers import paper

URL = f"/cases/{REFERENCE}/notes.json"


def ask(client: Any, user: Any, *pages: str) -> Any:
    client.force_login(user)
    return client.get(URL, {"pages": ",".join(pages)})


@pytest.mark.parametrize(("choice", "parties", "readers"), AUDIENCES)
def test_each_gets_the_notes_that_are_for_them(cast, client, sheet, choice, parties, readers):
    services.create(viewer(cast.daniel), sheet, kind="note", body="A note.", choice=choice, parties=parties)
    for name in IN_CASE:
        found = ask(client, cast[name], sheet.pk).json()["pages"][sheet.pk]
        assert [note["body"] for note in found] == (["A note."] if name in readers else []), name


def test_notes_come_in_order_with_label_and_replies(cast, client, statement, sheet):
    who = viewer(cast.daniel)
    services.create(who, sheet, kind="area", quads=[[0, 0.8, 1, 0.9]], body="Low.", choice="case")
    high = services.create(who, sheet, kind="note", quote="The van was white.", body="High.", choice="case")
    services.reply(viewer(cast.priya), high, "Answered.")
    second = page_of(statement, 1)
    services.create(who, second, kind="note", body="About page two.", choice="case")
    answer = ask(client, cast.ruth, sheet.pk, second.pk)
    pages = answer.json()["pages"]
    assert [note["body"] for note in pages[sheet.pk]] == ["High.", "Low."]
    assert [reply["body"] for reply in pages[sheet.pk][0]["replies"]] == ["Answered."]
    assert [note["label"] for note in (*pages[sheet.pk], *pages[second.pk])] == ["H1", "H1", "H2"]
    assert "private" in answer["Cache-Control"]
    assert "no-store" in answer["Cache-Control"]


def test_a_hidden_page_a_bare_one_and_none_have_the_same_answer(cast, client, statement):
    hidden = page_of(paper(cast.priya, "H", "For Bates", visible_to=["bates"]))
    services.create(viewer(cast.daniel), hidden, kind="note", body="Ours.", choice="case")
    bare = page_of(statement, 2)
    odd = ["no-such-page", "é☃", "x" * 5000, "\x00", "' OR 1=1"]
    found = ask(client, cast.mari, hidden.pk, bare.pk, *odd).json()["pages"]
    assert found == {key: [] for key in (hidden.pk, bare.pk, *odd)}


def test_who_has_no_part_in_the_case_finds_nothing(cast, client, sheet):
    assert ask(client, cast.sam, sheet.pk).status_code == 404
    client.logout()
    answer = client.get(URL, {"pages": sheet.pk})
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/json"


def test_pages_of_another_case_have_no_notes_here(cast, client):
    other = page_of(paper(cast.sam, "H", "Elsewhere", reference="T20267002"))
    services.create(viewer(cast.sam, "T20267002"), other, kind="note", body="Elsewhere.", choice="case")
    # Tom is the clerk of both cases.
    assert ask(client, cast.tom, other.pk).json()["pages"] == {other.pk: []}


def test_too_many_pages_are_refused_in_words(cast, client, sheet):
    answer = ask(client, cast.daniel, *(f"p{n}" for n in range(201)))
    assert answer.status_code == 422
    assert "200" in answer.json()["detail"]
    assert ask(client, cast.daniel).json() == {"pages": {}}


def test_nothing_but_get(cast, client):
    client.force_login(cast.daniel)
    assert client.post(URL).status_code == 405


def test_the_number_of_queries_does_not_grow(cast, client, django_assert_max_num_queries):
    document = paper(cast.priya, "H", "Eight pages", pages=8)
    pages = [page_of(document, index) for index in range(8)]
    for one in pages:
        for user in (cast.daniel, cast.priya, cast.ruth):
            note = services.create(viewer(user), one, kind="note", body="A note.", choice="case")
            services.reply(viewer(cast.mari), note, "An answer.")
    client.force_login(cast.mari)
    with django_assert_max_num_queries(9):
        answer = client.get(URL, {"pages": ",".join(one.pk for one in pages)})
    assert sum(len(notes) for notes in answer.json()["pages"].values()) == 24


def test_the_setup_names_the_sides_in_words(cast):
    found = notes_setup(viewer(cast.daniel))
    assert {row["slug"]: row["name"] for row in found["parties"]} == {
        "prosecution": "the prosecution",
        "bates": "Bates’s defence",
        "doyle": "Doyle’s defence",
        "court": "the court",
    }
    assert found["mine"] == ["bates"]
    assert found["may"] is True
    assert found["notes"] == URL
