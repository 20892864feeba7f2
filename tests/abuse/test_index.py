"""The search index: damage is found whoever meets it, and said until it is mended; `reindex` and `health`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from casebundle.bundles.models import Document
from casebundle.journal.locks import LEASE, moment
from search import indexing, service
from search.embedded import EmbeddedEngine
from search.engine import Filters, IndexDamaged, PageDoc, SearchError
from search.engines import engine
from tests.cast import Cast, viewer


@pytest.fixture
def filled(tmp_path: Path) -> EmbeddedEngine:
    made = EmbeddedEngine(tmp_path / "index")
    made.index(
        PageDoc(page=f"p{n}", document="d", case="c", audience=("c/everybody",), text=f"red van number {n}")
        for n in range(200)
    )
    made.commit()
    return made


@pytest.mark.parametrize("ending", [".idx", ".pos", ".store", ".term", ".fast", ".fieldnorm"])
def test_one_byte_that_was_changed_is_found(filled: EmbeddedEngine, ending: str) -> None:
    filled.check(deep=True)
    (path,) = filled.root.glob(f"v*/*{ending}")
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0x10
    path.write_bytes(bytes(data))
    with pytest.raises(IndexDamaged):
        EmbeddedEngine(filled.root).check(deep=True)


@pytest.mark.parametrize("ending", [".pos", ".store"])
def test_a_file_that_is_gone_or_shorter_is_found(filled: EmbeddedEngine, ending: str) -> None:
    (path,) = filled.root.glob(f"v*/*{ending}")
    data = path.read_bytes()
    path.unlink()
    with pytest.raises(IndexDamaged):
        EmbeddedEngine(filled.root).check(deep=True)
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(IndexDamaged):
        EmbeddedEngine(filled.root).check(deep=True)


@pytest.mark.parametrize("text", [b"", b"\0\xff", b"[]", b'{"folder": 1}', b'{"folder": "../../etc"}'])
def test_a_pointer_of_garbage_is_damage(filled: EmbeddedEngine, text: bytes) -> None:
    (pointer,) = filled.root.glob("v*.json")
    pointer.write_bytes(text)
    with pytest.raises(IndexDamaged):
        EmbeddedEngine(filled.root).count()


def test_it_can_be_searched_where_nothing_may_be_written(filled: EmbeddedEngine) -> None:
    filled.close()
    access = os.access

    def refused(path: Any, mode: int, **more: Any) -> bool:
        return not mode & os.W_OK and access(path, mode, **more)

    with mock.patch("search.embedded.os.access", refused):
        reader = EmbeddedEngine(filled.root)
        found = reader.search("van", Filters(audiences=("c/everybody",)))
        assert found.total == 200
        with pytest.raises(SearchError):
            reader.index([PageDoc(page="x", document="e", case="c", text="lost")])
    # What is committed after that by somebody who may is seen all the same.
    filled.index([PageDoc(page="new", document="e", case="c", audience=("c/everybody",), text="blue van")])
    filled.commit()
    with mock.patch("search.embedded.os.access", refused):
        assert reader.search("blue", Filters(audiences=("c/everybody",))).total == 1


@pytest.fixture
def found(cast: Cast, served: Callable[..., Any]) -> Any:
    return served("J", "A red van.", "Another van.")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("begun", ["before it is asked", "while it is asked"])
def test_an_index_that_is_whole_a_moment_later_was_not_whole(
    cast: Cast, found: Any, monkeypatch: pytest.MonkeyPatch, begun: str
) -> None:
    who, search, times = [viewer(cast.daniel)], type(engine()).search, []
    if begun == "before it is asked":
        engine().reset()

    def meanwhile(self: Any, *given: Any, **more: Any) -> Any:
        if begun == "while it is asked" and not times:
            engine().reset()
        times.append(given)
        results = search(self, *given, **more)
        indexing.index_due()
        return results

    monkeypatch.setattr(type(engine()), "search", meanwhile)
    seen = service.find(who, "van", count=service.behind)
    assert seen.total == 2 or seen.behind == 1
    monkeypatch.undo()
    assert service.find(who, "van", count=service.behind).behind == 0


@pytest.mark.django_db(transaction=True)
def test_while_it_is_made_again_people_and_programs_are_told(
    cast: Cast, found: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = [viewer(cast.daniel)]
    assert service.find(who, "van").total == 2
    assert service.behind(who) == 0
    engine().reset()  # empty, as right after damage was found
    assert service.find(who, "van").total == 0
    # Whether a worker has begun or not: a second later, and whatever was known before it.
    for lease in (None, moment() + LEASE):
        Document.objects.update(index_lease=lease)
        service._known.clear()
        assert (service.behind(who), service.behind_now(who)) == (1, 1)
    Document.objects.update(index_lease=None)
    client = Client()
    client.force_login(cast.daniel)
    assert "still being made searchable" in client.get("/cases/T20267001/search/?q=van").content.decode()
    assert client.get("/api/v1/search?q=van").json()["behind"] == 1
    assert indexing.is_behind()
    indexing.index_due()
    assert service.find(who, "van").total == 2
    assert not indexing.is_behind()


@pytest.mark.django_db(transaction=True)
def test_the_worker_mends_what_it_has_not_met_itself(embedded_search: None, cast: Cast, found: Any) -> None:
    root = engine().root  # type: ignore[attr-defined]
    shutil.rmtree(root)
    with pytest.raises(IndexDamaged):
        service.find([viewer(cast.daniel)], "van")
    assert indexing.is_behind()
    indexing.index_due()
    assert service.find([viewer(cast.daniel)], "van").total == 2


@pytest.mark.django_db(transaction=True)
def test_reindex_and_health(embedded_search: None, cast: Cast, found: Any) -> None:
    root = engine().root  # type: ignore[attr-defined]
    for path in root.glob("v*/*.pos"):
        path.write_bytes(b"\0" * 100)
    engine().close()
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("health", stdout=said)
    assert "WRONG  search index" in said.getvalue()
    assert "./manage.py reindex" in said.getvalue()
    call_command("reindex", stdout=(done := StringIO()))
    assert "The search index is whole: 2 pages" in done.getvalue()
    well = StringIO()
    try:
        call_command("health", "--deep", stdout=well)
    finally:
        assert "WRONG" not in well.getvalue()
