"""`manage.py reindex` on both engines: nobody misses anything meanwhile. And what an outage missed is caught up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client, override_settings

from casebundle.bundles import services
from casebundle.bundles.models import Document
from search import embedded, indexing, rebuilding, service
from search.engine import Filters, PageDoc, SearchError
from search.engines import engine
from search.opensearch import OpenSearchEngine
from tests.cast import REFERENCE, Cast, viewer
from tests.search import opensearch_server

Served = Callable[..., Any]


@pytest.fixture(params=["embedded", "opensearch"])
def search_engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Search by each engine in turn."""
    url = opensearch_server.url() if request.param == "opensearch" else ""
    with override_settings(OPENSEARCH_URL=url):
        engine.cache_clear()
        yield request.param
        engine().close()
        if url:
            opensearch_server.sweep(settings.OPENSEARCH_INDEX)
    engine.cache_clear()


@pytest.fixture
def line() -> Iterator[opensearch_server.Line]:
    """Search by OpenSearch over a line that can be cut."""
    with opensearch_server.a_line() as made, override_settings(OPENSEARCH_URL=made.url):
        engine.cache_clear()
        yield made
        engine().close()
        opensearch_server.sweep(settings.OPENSEARCH_INDEX)
    engine.cache_clear()


def total(user: Any, text: str = "van") -> int:
    return service.find([viewer(user)], text).total


@pytest.mark.django_db(transaction=True)
def test_nobody_misses_anything(
    search_engine: str, cast: Cast, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [served("H", *["the red van"] * 3, title=f"Statement {n}") for n in range(4)]
    case = str(cast.case.pk)
    filters = Filters(audiences=(f"{case}/everybody",), case=case)
    version = engine().version
    stop, seen, failed = threading.Event(), [], []

    def search() -> None:
        try:
            while not stop.is_set():
                seen.append(engine().search("van", filters).total)
        except BaseException as error:
            failed.append(error)

    put, calls = rebuilding.put, []

    def and_meanwhile(index: Any, document: Any) -> int:
        """After half of them, one is served and one withdrawn, and a worker indexes both."""
        calls.append(document.pk)
        if len(calls) == 3:
            services.withdraw(viewer(cast.priya), documents[0], "served twice")
            served("J", "a blue van", title="Late")
            assert {hit.document.title for hit in service.find([viewer(cast.daniel)], "blue").hits} == {
                "Late"
            }
        return put(index, document)

    monkeypatch.setattr(rebuilding, "put", and_meanwhile)
    searching = threading.Thread(target=search)
    searching.start()
    try:
        call_command("reindex", stdout=(said := StringIO()))
    finally:
        stop.set()
        searching.join()
    assert failed == []
    assert set(seen) <= {12, 9, 10}  # before, without the one, with the other
    assert seen[0] == 12
    assert seen[-1] == 10
    assert "The search index is whole" in said.getvalue()
    assert engine().version != version
    assert total(cast.daniel) == 10
    assert not indexing.is_behind()
    assert service.behind([viewer(cast.daniel)]) == 0
    assert indexing.index_due() == 0


@pytest.mark.django_db(transaction=True)
def test_reindex_that_fails_leaves_all_as_it_was(
    search_engine: str, cast: Cast, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served("H", "the red van")
    version = engine().version

    def broken(index: Any, document: Any) -> int:
        raise SearchError("no room")

    monkeypatch.setattr(rebuilding, "put", broken)
    with pytest.raises(CommandError, match="no room"):
        call_command("reindex")
    assert engine().version == version
    assert total(cast.daniel) == 1
    assert not indexing.is_behind()


@pytest.mark.django_db(transaction=True)
def test_what_an_outage_missed_is_caught_up(line: opensearch_server.Line, cast: Cast, served: Served) -> None:
    first = served("H", "the red van")
    other = served("J", "the green van")
    client = Client()
    client.cookies["django_language"] = "en-gb"
    client.force_login(cast.daniel)
    assert total(cast.daniel) == 2
    line.cut()
    # Serving goes on; only search says that it is away.
    with pytest.raises(SearchError, match="does not answer"):  # what the worker meets, and writes down
        served("J", "a blue van", title="Late")
    services.withdraw(viewer(cast.priya), first, "served twice")
    assert Document.objects.get(title="Late").state == Document.State.SERVED
    page = client.get(f"/cases/{REFERENCE}/search/?q=van")
    assert page.status_code == 503
    assert "Search" in page.content.decode()
    assert client.get("/api/v1/search?q=van").status_code == 503
    assert client.get(f"/cases/{REFERENCE}/main/").status_code == 200
    assert indexing.is_behind()  # so that the sweep tries again
    with pytest.raises(SearchError, match="does not answer"):
        indexing.index_due()
    with pytest.raises(CommandError):
        call_command("health", stdout=(said := StringIO()))
    assert "OpenSearch does not answer" in said.getvalue()
    line.whole()
    # Before anything was caught up, what was withdrawn is not shown.
    assert {hit.document.pk for hit in service.find([viewer(cast.daniel)], "van").hits} == {other.pk}
    assert client.get(f"/cases/{REFERENCE}/search/?q=van").status_code == 200
    assert indexing.is_behind()
    assert indexing.index_due() == 2
    assert {hit.document.title for hit in service.find([viewer(cast.daniel)], "blue").hits} == {"Late"}
    assert total(cast.daniel) == 2
    assert not indexing.is_behind()


@pytest.mark.django_db(transaction=True)
def test_a_deleted_index_is_made_again(line: opensearch_server.Line, cast: Cast, served: Served) -> None:
    served("H", "the red van")
    made = engine()
    assert isinstance(made, OpenSearchEngine)
    name = made._open(fresh=True).current
    assert name
    made._delete(name)
    with pytest.raises(SearchError):
        total(cast.daniel)
    assert indexing.is_behind()
    assert indexing.index_due() == Document.objects.filter(index_wanted__gt=0).count()
    assert total(cast.daniel) == 1
    call_command("health", stdout=(said := StringIO()))
    assert f"{name.rpartition('-')[0]}" in said.getvalue()
    assert "opensearch 3." in said.getvalue() or "opensearch 2." in said.getvalue()


@pytest.mark.django_db(transaction=True)
def test_pages_that_the_server_lost_are_found_missing(
    line: opensearch_server.Line, cast: Cast, served: Served
) -> None:
    """A part that was lost and given up, or a server that was set back: its rows still say that all is there."""
    lost, _kept = served("H", "the red van", "another van"), served("J", "the green van")
    gone = served("J", "a blue van")
    services.withdraw(viewer(cast.priya), gone, "served twice")
    indexing.index_due()
    made = engine()
    made.delete_documents([str(lost.pk)])
    made.index(
        [PageDoc(page="old", document=str(gone.pk), case=str(cast.case.pk), text="a blue van", change=1)]
    )
    made.commit()
    assert not indexing.is_behind()
    assert indexing.mend() == 2
    assert total(cast.daniel) == 3
    assert made.holds() is not None
    assert str(gone.pk) not in (made.holds() or {})
    assert indexing.mend() == 0


@pytest.mark.django_db
def test_an_index_of_an_earlier_version_of_the_code_is_made_again_by_itself(
    cast: Cast, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served("H", "the red van")
    who = [viewer(cast.daniel)]
    assert (service.find(who, "van").total, service.behind(who)) == (1, 0)
    monkeypatch.setattr(embedded, "VERSION", f"{embedded.VERSION}9")
    engine().close()
    assert indexing.is_behind()  # so the worker's sweep begins
    found = service.find(who, "van", count=service.behind)
    assert (found.total, found.behind) == (0, 1)
    assert indexing.index_due() == 1
    found = service.find(who, "van", count=service.behind)
    assert (found.total, found.behind) == (1, 0)
    engine().close()
