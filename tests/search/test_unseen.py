"""What somebody may not see changes no answer of search, from the page's request to the index that lags behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from casebundle.bundles import services
from casebundle.bundles.models import Document
from casebundle.evidence import intake
from casebundle.evidence.process import process
from search import service
from search.indexing import index_due
from tests.cast import OTHER, REFERENCE, Cast, pdf, viewer

Served = Callable[..., Any]
QUERIES = (
    "harbour", "harbour OR calib", '"secret" OR "calib"', "secret OR calib OR van", "harb*", "harbor~", "blue van",
    '"blue van"~5', "statement", "JS/1", "js/1*", "harbour -van", "nowhere", "",
)  # fmt: skip


def answers(user: Any) -> list[Any]:
    """Of the API, for every question, whole and by portions; without how long it took."""
    client = Client()
    client.force_login(user)
    told = []
    for q in QUERIES:
        for more in ({}, {"case": REFERENCE}, {"limit": 1}, {"section": "H"}, {"from": "2026-01-01"}):
            cursor: dict[str, Any] = {}
            while True:
                answer = client.get("/api/v1/search", {"q": q, **more, **cursor})
                body = answer.json()
                assert answer.status_code == 200
                body.pop("took_ms")
                told.append((q, more, body, [*body["facets"]["document"]]))
                if not body["next"]:
                    break
                cursor = {"cursor": body["next"]}
    return told


def test_hidden_documents_of_every_kind_change_no_answer(cast: Cast, served: Served, staged: Served) -> None:
    served("H", "harbour calib van", "the blue van at the harbour", title="Statement", date="2026-03-01")
    served("J", "harbour harbour JS/1", title="A van", exhibit="JS/1")
    served("K", "calib", "secret", title="Statement two")
    withdrawn = served("H", "a word of no page of hers", visible_to=["bates"])
    before = answers(cast.mari)
    assert sum(body["total"] for _q, _more, body, _documents in before) > 50
    for number in range(3):
        served(
            "J", "secret", "secret harbour van", f"JS/1 js/1{number}", visible_to=["bates"], title="harbour"
        )
        served("PD1", "secret calib harbours harbor", by=cast.daniel)
        staged("H", "secret harbour", title="Statement")
        served("H", "harbour calib calib", by=cast.sam, reference=OTHER)
    services.withdraw(viewer(cast.priya), withdrawn, "served twice")
    assert answers(cast.mari) == before  # while the index is behind
    index_due()
    assert answers(cast.mari) == before


def replace(cast: Cast, document: Any, *texts: str) -> None:
    """Another file in its place, read; the index has not heard of it."""
    version = intake.replace(viewer(cast.priya), document, "redacted.pdf", [pdf(texts)])
    process(version.pk)


def test_words_of_an_earlier_file_are_not_counted_until_the_index_hears_of_the_new_one(
    cast: Cast, served: Served
) -> None:
    document = served("H", "the informant lives in Calder Lane", title="Statement")
    served("H", "the harbour")
    replace(cast, document, "the informant lives in another place")
    found = service.find([viewer(cast.mari)], "calder", count=service.behind)
    assert (found.total, found.hits, found.behind) == (0, [], 1)
    assert found.facets == {"section": {}, "party": {}, "document": {}}
    index_due()
    found = service.find([viewer(cast.mari)], "informant OR calder", count=service.behind)
    assert (found.total, found.behind) == (1, 0)
    assert service.find([viewer(cast.mari)], "calder").facets["document"] == {}


@pytest.mark.parametrize("others", [False, True])
def test_what_may_be_missing_does_not_tell_that_others_serve(
    cast: Cast, served: Served, monkeypatch: pytest.MonkeyPatch, others: bool
) -> None:
    mine = served("H", "harbour", by=cast.sam, reference=OTHER)
    if others:
        Document.objects.filter(pk=served("H", "van").pk).update(index_held=0)
    service._known.clear()
    now = [100.0]
    monkeypatch.setattr(service.time, "monotonic", lambda: now[0])
    sam = [viewer(cast.sam, OTHER)]
    told = [service.behind_now(sam)]
    Document.objects.filter(pk=mine.pk).update(index_held=0)
    told.append(service.behind_now(sam))
    now[0] += 1.1
    told.append(service.behind_now(sam))
    assert told == [0, 0, 1]


def test_moves_that_one_may_not_see_change_neither_the_order_nor_what_may_be_missing(
    cast: Cast, served: Served
) -> None:
    hers = [served("H", "the harbour", title=f"Statement {n}") for n in range(4)]
    hidden = [served("H", "the harbour", visible_to=["bates"]) for _ in range(3)]
    mari = [viewer(cast.mari)]

    def told() -> tuple[list[Any], int]:
        found = service.find(mari, "harbour", count=service.behind)
        return [hit.document.pk for hit in found.hits], found.behind

    before = told()
    assert before == ([document.pk for document in hers], 0)
    for document in hidden:
        services.change_document(viewer(cast.priya), document, {"position": 0})
        assert told() == before  # the index has not heard of it
    services.change_document(viewer(cast.priya), hers[0], {"title": "Another"})
    index_due()
    assert told() == before
    # What everybody may see is found in the order that it has now.
    services.change_document(viewer(cast.priya), hers[3], {"position": 1})
    index_due()
    assert told() == ([hers[n].pk for n in (3, 0, 1, 2)], 0)
    assert index_due() == 0
