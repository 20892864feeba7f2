"""OpenSearch: the contract, on a real server; several who write at once; a server that is away, slow or full."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from search import opensearch as module
from search.engine import IndexDamaged, PageDoc, SearchError
from search.opensearch import OpenSearchEngine
from tests.search.contract import CASE, EVERYBODY, OTHER, EngineContract, doc, fill, pages_of, seen_by
from tests.search.opensearch_server import a_line, an_engine


@pytest.fixture
def engine() -> Iterator[OpenSearchEngine]:
    with an_engine() as made:
        yield made


@pytest.fixture
def lose(engine: OpenSearchEngine) -> Callable[[], None]:
    def lost() -> None:
        name = engine._open().current
        assert name
        engine._delete(name)
        engine._seen = None  # a second later

    return lost


class TestOpenSearch(EngineContract):
    pass


def another(engine: OpenSearchEngine, url: str = "") -> OpenSearchEngine:
    """A second engine on the same indexes, as another process has it."""
    return OpenSearchEngine(url or engine.url, index=engine.alias.removesuffix(f"-{module.VERSION}"))


# Several processes


def test_a_commit_of_another_process_is_seen_at_once(engine: OpenSearchEngine) -> None:
    fill(engine, [doc("first", "knife")])
    fill(another(engine), [doc("second", "knife")])
    assert pages_of(engine, "knife") == {"first", "second"}
    assert engine.count() == 2


def test_processes_that_start_together_make_one_index(engine: OpenSearchEngine) -> None:
    engines = [another(engine) for _ in range(6)]
    together = threading.Barrier(len(engines))
    versions: list[str] = []

    def start(one: OpenSearchEngine) -> None:
        together.wait()
        versions.append(one.version)

    threads = [threading.Thread(target=start, args=(one,)) for one in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(versions) == 6
    assert set(versions) == {engine.version}


def test_an_older_state_never_takes_the_place_of_a_newer_one(engine: OpenSearchEngine) -> None:
    """One worker read the row, was held up, and writes when another has written what came after."""
    slow = another(engine)
    before = doc("p", "knife", document="d", change=4)
    slow.delete_documents(["d"], change=4)
    slow.index([before])
    engine.delete_documents(["d"], change=5)
    engine.index([doc("p", "spoon", document="d", change=5, audience=(f"{CASE}/bates",))])
    engine.commit()
    slow.commit()
    assert pages_of(engine, "knife") == set()
    assert pages_of(engine, "spoon") == set()
    assert pages_of(engine, "spoon", seen_by("bates")) == {"p"}


def test_what_was_withdrawn_does_not_come_back(engine: OpenSearchEngine) -> None:
    fill(engine, [doc("p", "knife", document="d", change=4)])
    slow = another(engine)
    slow.delete_documents(["d"], change=4)
    slow.index([doc("p", "knife", document="d", change=4)])
    engine.delete_documents(["d"], change=5)
    engine.commit()
    slow.commit()
    assert pages_of(engine, "knife") == set()
    # And the other way round: an older deletion takes out nothing that came after it.
    fill(engine, [doc("q", "spoon", document="e", change=7)])
    engine.delete_documents(["e"], change=6)
    engine.commit()
    assert pages_of(engine, "spoon") == {"q"}


def test_pages_that_another_left_unseen_are_taken_out_too(engine: OpenSearchEngine) -> None:
    """A worker that is killed between writing and making visible."""
    killed = another(engine)
    killed.index([doc("old", "knife", document="d", change=4)])
    batch = killed._batch
    assert batch is not None
    killed._bulk(
        f"{batch.targets.current}-w",
        (
            module._Action.index(page, case, change, body)
            for (_n, page, _d, case, change), body in batch.entries()
        ),
    )
    assert pages_of(engine, "knife") == set()
    engine.delete_documents(["d"], change=5)
    engine.index([doc("new", "knife", document="d", change=5)])
    engine.commit()
    assert pages_of(engine, "knife") == {"new"}


def test_the_same_again_does_no_harm(engine: OpenSearchEngine) -> None:
    for one in (engine, another(engine), engine):
        one.delete_documents(["d"], change=3)
        fill(one, [doc(f"p{n}", "knife", document="d", change=3) for n in range(30)])
    assert engine.count() == 30


# Several parts


def test_an_index_in_parts_finds_the_same() -> None:
    pages = [
        doc(
            f"p{n}",
            "knife " * (1 + n % 5) + f"word{n}",
            case=case,
            audience=(f"{case}/everybody",),
            position=n,
        )
        for n in range(40)
        for case in [CASE if n % 2 else OTHER]
    ]
    with an_engine(shards=3) as parted, an_engine() as one:
        for made in (parted, one):
            fill(made, pages)
        both = EVERYBODY.__class__(audiences=(f"{CASE}/everybody", f"{OTHER}/everybody"))
        found = [[hit.page for hit in made.search("knife", both, limit=40).hits] for made in (parted, one)]
        assert found[0] == found[1]
        for made in (parted, one):
            in_case = seen_by(case=CASE)
            assert made.search("knife", in_case).total == 20
            made.delete_documents([f"doc-p{n}" for n in range(10)])
            made.commit()
            assert made.count() == 30
            assert made.search("knife", in_case).total == 15


# Beside


def test_what_is_written_meanwhile_is_in_both(engine: OpenSearchEngine) -> None:
    fill(engine, [doc(f"p{n}", "knife", document=f"d{n}", change=1) for n in range(20)])
    worker = another(engine)
    made = engine.beside()
    made.index([doc(f"p{n}", "knife", document=f"d{n}", change=1) for n in range(10)])
    made.commit()
    # While half of it is there, one is served, one changed and one withdrawn.
    worker.index([doc("served", "knife", document="new", change=1)])
    worker.delete_documents(["d15"], change=2)
    worker.index([doc("p15", "spoon", document="d15", change=2)])
    worker.delete_documents(["d16"], change=2)
    worker.commit()
    expected = {f"p{n}" for n in range(20)} - {"p15", "p16"} | {"served"}
    assert pages_of(engine, "knife") == expected
    made.index([doc(f"p{n}", "knife", document=f"d{n}", change=1) for n in range(10, 20)])
    old = engine.version
    made.take_over(lambda: None)
    made.close()
    assert pages_of(engine, "knife") == expected
    assert pages_of(worker, "spoon") == {"p15"}
    assert engine.version == made.version != old
    worker.close()
    fill(worker, [doc("after", "knife")])
    assert pages_of(engine, "knife") == expected | {"after"}
    assert len(engine._holders(f"{engine.alias}*")) == 1  # the old one is gone


def test_the_second_that_begins_ends_the_first(engine: OpenSearchEngine) -> None:
    fill(engine, [doc("p", "knife")])
    first = engine.beside()
    first.index([doc("p", "knife")])
    second = another(engine).beside()
    with pytest.raises(IndexDamaged):
        first.commit()
    first.close()
    second.index([doc("p", "knife")])
    second.take_over(lambda: None)
    second.close()
    assert pages_of(engine, "knife") == {"p"}


def test_one_that_somebody_died_over_is_not_written_for_ever(
    engine: OpenSearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(engine, [doc("p", "knife")])
    engine.beside()
    monkeypatch.setattr(module, "FORSAKEN", -1.0)
    fill(engine, [doc("q", "knife")])
    assert engine._look().next is None
    assert pages_of(engine, "knife") == {"p", "q"}


# Damage


def test_deleted_in_the_middle_of_a_batch_and_no_other_is_made(engine: OpenSearchEngine) -> None:
    fill(engine, [doc("p", "knife")])
    engine.index([doc("q", "knife")])
    name = engine._open().current
    assert name
    engine._delete(name)
    with pytest.raises(IndexDamaged):
        engine.commit()
    assert (
        engine._holders(f"{engine.alias}*") == []
    )  # the server makes none by itself, with fields of its own


def test_an_alias_that_somebody_took_away(engine: OpenSearchEngine) -> None:
    fill(engine, [doc("p", "knife")])
    name = engine._open().current
    engine._aliases([{"remove": {"index": name, "alias": engine.alias}}])
    with pytest.raises(IndexDamaged):
        engine.check()
    engine.reset()
    fill(engine, [doc("p", "knife")])
    assert pages_of(engine, "knife") == {"p"}


def test_somebody_elses_index_under_our_name(engine: OpenSearchEngine) -> None:
    engine._ask("PUT", f"/{engine.alias}/_doc/1", body={"any": "thing"})
    with pytest.raises(IndexDamaged):
        engine.check()
    engine.reset()
    fill(engine, [doc("p", "knife")])
    assert pages_of(engine, "knife") == {"p"}


def test_what_is_no_field_of_ours_is_refused(engine: OpenSearchEngine) -> None:
    name = engine._open().current
    with pytest.raises(SearchError, match="400"):
        engine._ask("PUT", f"/{name}/_doc/1?routing=c", body={"page": "p", "secret": "thing"})


# Away


def test_away_and_back(engine: OpenSearchEngine) -> None:
    fill(engine, [doc("p", "knife")])
    with a_line() as line:
        here = another(engine, line.url)
        assert pages_of(here, "knife") == {"p"}
        line.cut()
        for use in (
            lambda: here.search("knife", EVERYBODY),
            here.count,
            here.check,
            lambda: fill(here, [doc("q", "knife")]),
        ):
            with pytest.raises(SearchError, match="does not answer") as said:
                use()
            assert not isinstance(said.value, IndexDamaged)  # nothing is thrown away for that
        with pytest.raises(SearchError):
            here.check()
        here.close()
        line.whole()
        here.check()
        fill(here, [doc("q", "knife")])
        assert pages_of(here, "knife") == {"p", "q"}


def test_silent_and_back(engine: OpenSearchEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SEARCHING", 0.5)
    fill(engine, [doc("p", "knife")])
    with a_line() as line:
        here = another(engine, line.url)
        monkeypatch.setattr(here, "_ask", _within(here, 0.5))
        assert pages_of(here, "knife") == {"p"}
        line.silent()
        with pytest.raises(SearchError, match="in time"):
            here.search("knife", EVERYBODY)
        # Others are told at once, and do not all wait for it.
        asked: list[object] = []
        monkeypatch.setattr(here, "_connected", lambda: asked.append(1))
        for _ in range(100):
            with pytest.raises(SearchError, match="in time"):
                here.search("knife", EVERYBODY)
        assert asked == []
        monkeypatch.undo()
        line.whole()
        here._away = (0.0, "")  # some seconds later
        assert pages_of(here, "knife") == {"p"}


def _within(engine: OpenSearchEngine, seconds: float):  # type: ignore[no-untyped-def]
    ask = engine._ask

    def asked(*args: object, **more: object) -> object:
        return ask(*args, **{**more, "within": seconds})  # type: ignore[arg-type]

    return asked


def test_a_page_of_any_length(engine: OpenSearchEngine) -> None:
    fill(engine, [doc("long", "knife " + "word " * 400_000 + "spoon", document="d"), doc("short", "knife")])
    assert pages_of(engine, "knife") == {"long", "short"}
    assert pages_of(engine, "spoon") == {"long"}


def test_a_batch_larger_than_memory_goes_by_a_file(
    engine: OpenSearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IN_MEMORY", 10_000)
    pages: list[PageDoc] = [doc(f"p{n}", f"knife word{n} " * 20) for n in range(500)]
    engine.index(pages)
    assert engine._batch is not None
    assert engine._batch.lines._rolled  # type: ignore[attr-defined]
    engine.commit()
    assert engine.count() == 500
    assert pages_of(engine, "word77") == {"p77"}


def test_a_slow_answer_is_waited_for(engine: OpenSearchEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer than it may take to reach the server, and no longer than the question may take."""
    monkeypatch.setattr(module, "CONNECTING", 0.5)
    fill(engine, [doc("p", "knife")])
    with a_line() as line:
        here = another(engine, line.url)
        assert pages_of(here, "knife") == {"p"}
        line.slow(1500)
        assert pages_of(here, "knife") == {"p"}


def test_however_many_documents_are_left_out(engine: OpenSearchEngine) -> None:
    """How many others have changed must not be told by an error."""
    fill(engine, [doc(f"p{n}", "knife") for n in range(4)])
    left_out = (*(f"other{n}" for n in range(70_000)), "doc-p1", "doc-p2")
    assert pages_of(engine, "knife", seen_by(exclude_documents=left_out)) == {"p0", "p3"}
