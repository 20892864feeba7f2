"""Search through the API: what is found, and that nothing else is hinted at."""

from __future__ import annotations

import pytest

from tests.cast import OTHER, REFERENCE


@pytest.fixture
def evidence(cast, served):
    return {
        "all": served("H", "The harbourmaster saw a boat", title="Statement", date="2026-03-01"),
        "bates": served("J", "The harbourmaster saw Bates", visible_to=["bates"], date="2026-04-01"),
        "private": served("PD1", "harbourmaster advice", by=cast.daniel),
        "other": served("H", "Another harbourmaster", by=cast.sam, reference=OTHER),
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("priya", {"all", "bates"}),
        ("daniel", {"all", "bates", "private"}),
        ("mari", {"all"}),
        ("ruth", {"all", "bates"}),
        ("tom", {"all", "bates", "other"}),
        ("sam", {"other"}),
    ],
)
def test_each_finds_what_is_for_them_and_no_count_says_more(by, evidence, name, expected):
    found = by(name).get("/search?q=harbourmaster").data
    assert {hit["document"] for hit in found["hits"]} == {str(evidence[key].pk) for key in expected}
    assert found["total"] == len(expected)
    assert sum(found["facets"]["section"].values()) == len(expected)


def test_a_hit_says_where_it_is(by, evidence):
    hit = by("mari").get("/search?q=harbourmaster").data["hits"][0]
    assert hit["page"] == f"{evidence['all'].current.pk.hex}-1"
    assert (hit["label"], hit["title"], hit["case"]) == ("H1", "Statement", REFERENCE)
    assert (hit["bundle"], hit["section"]) == ("main", "H")
    assert "harbourmaster" in hit["snippet"]
    assert [text for text, marked in hit["marked"] if marked] == ["harbourmaster"]
    assert len(hit["highlights"]) == 1
    assert all(0 <= edge <= 1 for edge in hit["highlights"][0])


def test_hits_are_filtered(by, evidence):
    for query, total in {
        "section=J": 1,
        "section=j": 1,
        "party=bates": 0,
        "from=2026-03-15": 1,
        "to=2026-03-15": 1,
        "from=2026-01-01&to=2026-12-31": 2,
        f"case={REFERENCE}": 2,
    }.items():
        assert by("priya").get(f"/search?q=harbourmaster&{query}").data["total"] == total, query


def test_no_query_is_an_error(by, evidence):
    for q in ("", '"', "AND OR (", "-harbourmaster", "*", "a" * 3000, "\x00", '"a b"~', "No.", "ŵ\u202e"):
        assert by("priya").get("/search", data={"q": q}).status_code == 200, q


def test_a_case_that_is_not_the_callers_is_not_there(by):
    assert by("sam").get(f"/search?q=harbourmaster&case={REFERENCE}").status_code == 404
    assert by("sam").get("/search?q=harbourmaster&case=T1").status_code == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [("from=14/03/2026", "from"), ("to=x", "to"), ("limit=501", "limit"), ("cursor=x", "cursor")],
)
def test_a_filter_that_is_none_is_invalid(by, query, field):
    answer = by("priya").get(f"/search?q=a&{query}")
    assert (answer.status_code, list(answer.data["errors"])) == (422, [field])


def test_hits_come_in_parts(by, evidence):
    first = by("priya").get("/search?q=harbourmaster&limit=1").data
    second = by("priya").get("/search", data={"q": "harbourmaster", "limit": 1, "cursor": first["next"]}).data
    assert {first["hits"][0]["document"], second["hits"][0]["document"]} == {
        str(evidence["all"].pk),
        str(evidence["bates"].pk),
    }
    assert second["next"] is None


def test_an_index_that_does_not_answer_is_said_so(by, monkeypatch):
    from search import service
    from search.engine import SearchError

    def down(*args, **kwargs):
        raise SearchError("no index")

    monkeypatch.setattr(service, "find", down)
    answer = by("priya").get("/search?q=a")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "index" not in answer.data["detail"]
