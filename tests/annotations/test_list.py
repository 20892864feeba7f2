"""The list of notes: mine and those for me, in the order of the bundle."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations import services as notes
from casebundle.bundles import services
from casebundle.bundles.models import Page, page_id
from tests.cast import REFERENCE, Cast, viewer

URL = f"/cases/{REFERENCE}/notes/"


def signed_in(user: Any) -> Client:
    client = Client()
    # Pages are read in words here, and Mari reads hers in Welsh.
    client.cookies["django_language"] = "en-gb"
    client.force_login(user)
    return client


def page_of(document: Any, index: int = 0) -> Page:
    return Page.objects.select_related("version__document").get(pk=page_id(document.current_id, index))


def bodies(user: Any, query: str = "") -> list[str]:
    page = signed_in(user).get(URL + query)
    assert page.status_code == 200
    return [
        row.note.body or row.note.quote.get("exact", "")
        for _document, rows in page.context["groups"]
        for row in rows
    ]


@pytest.fixture
def some(cast: Cast, served: Any) -> dict[str, Any]:
    late, early = served("K", "k one", "k two"), served("H", "the red van", "h two")
    priya, daniel, ruth = viewer(cast.priya), viewer(cast.daniel), viewer(cast.ruth)
    made = {
        "k": notes.create(priya, page_of(late, 1), kind="note", body="Prosecution thought", choice="party"),
        "all": notes.create(ruth, page_of(late), kind="note", body="For everybody", choice="case", tags=["ruling"]),
        "mine": notes.create(daniel, page_of(early, 1), kind="note", body="Mine alone", tags=["ŵyl", "knife"]),
        "quote": notes.create(
            daniel, page_of(early), kind="highlight", quote="red van", choice="parties", parties=["doyle"]
        ),
    }  # fmt: skip
    made["answer"] = notes.reply(viewer(cast.mari), made["quote"], "I agree entirely")
    return made


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("priya", ["For everybody", "Prosecution thought"]),
        ("daniel", ["red van", "Mine alone", "For everybody"]),
        ("mari", ["red van", "For everybody"]),
        ("ruth", ["For everybody"]),
        ("tom", ["For everybody"]),
    ],
)
def test_each_sees_theirs_in_page_order(cast: Cast, some: Any, name: str, expected: list[str]) -> None:
    assert bodies(cast[name]) == expected


def test_nobody_else_gets_in(cast: Cast, some: Any) -> None:
    assert signed_in(cast.sam).get(URL).status_code == 404
    assert Client().get(URL).status_code == 302


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?text=alone", ["Mine alone"]),
        ("?text=RED", ["red van"]),
        ("?text=agree+entirely", ["red van"]),
        ("?text=nothing+at+all", []),
        ("?audience=private", ["Mine alone"]),
        ("?audience=case", ["For everybody"]),
        ("?audience=parties", ["red van"]),
        ("?tag=knife", ["Mine alone"]),
        ("?tag=%C5%B5yl", ["Mine alone"]),
        ("?tag=kni", []),
        ("?tag=%22", []),
        ("?text=100%25", []),
        ("?author=nobody&offset=x&audience=x", ["red van", "Mine alone", "For everybody"]),
    ],
)
def test_filters(cast: Cast, some: Any, query: str, expected: list[str]) -> None:
    assert bodies(cast.daniel, query) == expected


def test_by_author(cast: Cast, some: Any) -> None:
    ruth, mari = viewer(cast.ruth).participant_id, viewer(cast.mari).participant_id
    assert bodies(cast.daniel, f"?author={ruth}") == ["For everybody"]
    # Somebody who answered has written there too.
    assert bodies(cast.daniel, f"?author={mari}") == ["red van"]
    authors = signed_in(cast.ruth).get(URL).context["authors"]
    assert [name for _pk, name in authors] == ["HHJ Ruth Adler"]
    assert "Daniel" not in signed_in(cast.ruth).get(URL).content.decode()


def test_the_audience_is_written_on_each_and_each_leads_to_its_page(cast: Cast, some: Any) -> None:
    text = re.sub(r"\s+", " ", signed_in(cast.daniel).get(URL).content.decode())
    for said in ("Seen by: only me", "Seen by: everybody", "Seen by: Doyle’s defence and me"):
        assert said in text
    assert f'href="/cases/{REFERENCE}/main/H2#note-{some["mine"].pk}"' in text
    assert text.count("cb-notes__edit") == 2  # mine alone can be changed
    assert "Seen by: Doyle’s defence and Daniel Okafor" in signed_in(cast.mari).get(URL).content.decode()


def test_a_note_goes_with_its_page(cast: Cast, some: Any) -> None:
    document = some["mine"].page.version.document
    services.withdraw(viewer(cast.priya), document, "not ours")
    assert bodies(cast.daniel) == ["For everybody"]


def test_nothing_yet(cast: Cast) -> None:
    assert "No notes yet" in signed_in(cast.daniel).get(URL).content.decode()


def test_what_is_typed_is_text(cast: Cast, served: Any) -> None:
    document = served("H", "x")
    notes.create(viewer(cast.daniel), page_of(document), kind="note", body="<b>bold</b>", tags=["<i>"])
    text = signed_in(cast.daniel).get(URL).content.decode()
    assert "<b>bold" not in text
    assert "<i>" not in text


def test_as_many_questions_for_many_as_for_few(cast: Cast, served: Any) -> None:
    client, daniel = signed_in(cast.daniel), viewer(cast.daniel)
    documents = [served("H", "a", "b"), served("K", "c")]

    def queries() -> int:
        client.get(URL)
        with CaptureQueriesContext(connection) as seen:
            client.get(URL)
        return len(seen)

    for document in documents:
        notes.reply(
            daniel, notes.create(daniel, page_of(document), kind="note", body="x", choice="case"), "y"
        )
    few = queries()
    for at in range(20):
        notes.create(
            daniel,
            page_of(documents[at % 2]),
            kind="note",
            body=f"n {at}",
            choice="parties",
            parties=["doyle"],
        )
    assert queries() == few


def test_many_are_in_portions(cast: Cast, served: Any, monkeypatch: Any) -> None:
    from annotations import views

    monkeypatch.setattr(views, "PORTION", 5)
    document = served("H", "a")
    for at in range(12):
        notes.create(viewer(cast.daniel), page_of(document), kind="note", body=f"n {at}")
    pages = [body for offset in (0, 5, 10) for body in bodies(cast.daniel, f"?offset={offset}")]
    assert pages == [f"n {at}" for at in range(12)]
