"""The search screen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from search import service
from search.engine import SearchError
from tests.cast import OTHER, REFERENCE, Cast

URL = f"/cases/{REFERENCE}/search/"


def signed_in(user: Any) -> Client:
    client = Client()
    # Pages are read in words here, and Mari reads hers in Welsh.
    client.cookies["django_language"] = "en-gb"
    client.force_login(user)
    return client


def hits(client: Client, query: str, url: str = URL) -> list[str]:
    page = client.get(url + query)
    assert page.status_code == 200
    return [row["hit"].label for group in page.context["groups"] for row in group.hits]


@pytest.fixture
def found(cast: Cast, served: Any) -> dict[str, Any]:
    return {
        "h": served("H", "the red van stood there", "another red van", title="Statement", date="2026-03-14"),
        "j": served("J", "a photograph of the van", title="Photograph", visible_to=["bates"]),
        "d": served("D", "the van was blue", by=cast.daniel, title="Defence statement", date="2026-05-01"),
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("priya", {"H1", "H2", "J1", "D1"}),
        ("daniel", {"H1", "H2", "J1", "D1"}),
        ("mari", {"H1", "H2", "D1"}),
        ("ruth", {"H1", "H2", "J1", "D1"}),
    ],
)
def test_each_finds_what_is_theirs(cast: Cast, found: Any, name: str, expected: set[str]) -> None:
    client = signed_in(cast[name])
    assert set(hits(client, "?q=van")) == expected
    assert set(hits(client, "?q=van", "/search/")) == expected
    page = client.get(f"{URL}?q=van")
    assert page.context["found"].total == len(expected)
    assert ("Photograph" in page.content.decode()) == ("J1" in expected)


def test_nobody_else_gets_in(cast: Cast, found: Any) -> None:
    assert signed_in(cast.sam).get(f"{URL}?q=van").status_code == 404
    assert hits(signed_in(cast.sam), "?q=van", "/search/") == []
    assert Client().get(URL).status_code == 302
    assert Client().get("/search/").status_code == 302


def test_all_my_cases(cast: Cast, found: Any, served: Any) -> None:
    from casebundle.cases import people
    from tests.cast import viewer

    people.join(cast.other_case, cast.priya, "prosecution", ["prosecution"])
    served("H", "a van in another case", reference=OTHER)
    text = signed_in(cast.priya).get("/search/?q=van").content.decode()
    assert "R v Field" in text
    assert f'href="/cases/{OTHER}/main/H1?q=van"' in text
    assert viewer(cast.priya, OTHER)
    assert "R v Field" not in signed_in(cast.daniel).get("/search/?q=van").content.decode()


def test_a_hit_opens_the_reader_with_the_search(cast: Cast, found: Any) -> None:
    text = signed_in(cast.daniel).get(f"{URL}?q=%22red+van%22").content.decode()
    assert f'href="/cases/{REFERENCE}/main/H1?q=%22red+van%22"' in text
    assert "<mark>" in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("&section=H", {"H1", "H2"}),
        ("&section=h", {"H1", "H2"}),
        ("&party=bates", {"D1"}),
        ("&from=1/4/2026", {"D1"}),
        ("&to=1+April+2026", {"H1", "H2"}),
        ("&from=14/3/2026&to=14/3/2026", {"H1", "H2"}),
        ("&section=ZZ", set()),
        ("&offset=100000", set()),
    ],
)
def test_filters(cast: Cast, found: Any, query: str, expected: set[str]) -> None:
    assert set(hits(signed_in(cast.daniel), "?q=van" + query)) == expected


def test_filters_say_how_many_also_of_those_not_chosen(cast: Cast, found: Any) -> None:
    page = signed_in(cast.daniel).get(f"{URL}?q=van&section=H")
    assert {row["value"]: row["count"] for row in page.context["sections"]} == {"H": 2, "J": 1, "D": 1}
    assert {row["value"]: row["count"] for row in page.context["parties"]} == {"prosecution": 2}
    # A section that is not for the reader is not counted.
    page = signed_in(cast.mari).get(f"{URL}?q=van&section=H")
    assert {row["value"]: row["count"] for row in page.context["sections"]} == {"H": 2, "D": 1}


def test_a_date_that_is_none_is_said_and_kept(cast: Cast, found: Any) -> None:
    text = signed_in(cast.daniel).get(f"{URL}?q=van&from=31/2/2026").content.decode()
    assert "Enter a real date" in text
    assert 'value="31/2/2026"' in text


def test_as_one_types_the_answer_alone_comes(cast: Cast, found: Any) -> None:
    page = signed_in(cast.daniel).get(f"{URL}?q=van&section=", headers={"HX-Request": "true"})
    text = page.content.decode()
    assert "<html" not in text
    assert "cb-hit" in text
    assert page.headers["HX-Replace-Url"] == f"{URL}?q=van"
    assert "HX-Request" in page.headers["Vary"]


def test_nothing_asked_and_nothing_found(cast: Cast, found: Any) -> None:
    client = signed_in(cast.daniel)
    assert "Type one or more words" in client.get(URL).content.decode()
    text = client.get(f"{URL}?q=zebra&section=H").content.decode()
    assert "No page has “zebra”" in text
    assert "q=zebra~" in text
    assert "without section, party and dates" in text


@pytest.mark.parametrize(
    "q", ["%22", "((", "-", "OR", "*", "~5", "%00", "a" * 3000, "%F0%9F%94%AA", "<script>x</script>"]
)
def test_any_text_is_a_question(cast: Cast, found: Any, q: str) -> None:
    page = signed_in(cast.daniel).get(f"{URL}?q={q}")
    assert page.status_code == 200
    assert "<script>x" not in page.content.decode()


def test_while_the_index_is_rebuilt_it_says_so(cast: Cast, found: Any, monkeypatch: Any) -> None:
    def broken(*args: Any, **kwargs: Any) -> Any:
        raise SearchError("gone")

    monkeypatch.setattr(service, "find", broken)
    client = signed_in(cast.daniel)
    page = client.get(f"{URL}?q=van")
    assert page.status_code == 503
    assert "Search is being rebuilt." in page.content.decode()
    assert 'value="van"' in page.content.decode()
    # htmx puts nothing in that has failed: there the words come as an answer.
    part = client.get(f"{URL}?q=van", headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "Search is being rebuilt." in part.content.decode()


def test_what_is_not_searchable_yet_is_said(cast: Cast, found: Any) -> None:
    from casebundle.bundles.services import bump_index

    bump_index([found["h"].pk])
    text = signed_in(cast.daniel).get(f"{URL}?q=van").content.decode()
    assert "1 document is still being made searchable" in text
    bump_index([found["j"].pk])
    assert "1 document is still" in signed_in(cast.mari).get(f"{URL}?q=van").content.decode()


def test_groups_and_pages(cast: Cast, served: Any, monkeypatch: Any) -> None:
    from search import views

    monkeypatch.setattr(views, "PORTION", 4)
    served("H", *["van"] * 6, title="Long")
    served("J", *["van"] * 3, title="Short")
    client = signed_in(cast.daniel)
    seen: list[str] = []
    query = "?q=van"
    while query:
        page = client.get(URL + query)
        seen += [row["hit"].label for group in page.context["groups"] for row in group.hits]
        query = page.context["next"]
    assert sorted(seen) == sorted([f"H{n}" for n in range(1, 7)] + [f"J{n}" for n in range(1, 4)])
    text = re.sub(r"\s+", " ", client.get(f"{URL}?q=van").content.decode())
    assert "9 pages in 2 documents" in text
    assert "1 to 4 shown" in text


def test_as_many_questions_for_many_as_for_few(cast: Cast, served: Any) -> None:
    client = signed_in(cast.daniel)

    def queries() -> int:
        client.get(f"{URL}?q=van")
        with CaptureQueriesContext(connection) as seen:
            client.get(f"{URL}?q=van")
        return len(seen)

    served("H", "van")
    few = queries()
    for _n in range(8):
        served("J", "van", "van")
    assert queries() == few
