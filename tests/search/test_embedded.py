"""The embedded engine: the contract, and what only an index folder can suffer."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from search import analysis
from search import embedded as module
from search.embedded import EmbeddedEngine
from search.engine import IndexBusy, IndexDamaged, PageDoc, SearchError
from tests.search.contract import EVERYBODY, EngineContract, doc, fill, pages_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine(tmp_path / "index", lock_timeout=2)
    yield made
    made.close()


@pytest.fixture
def lose(engine: EmbeddedEngine) -> Callable[[], None]:
    return lambda: shutil.rmtree(engine.root)


class TestEmbedded(EngineContract):
    pass


def another(engine: EmbeddedEngine, lock_timeout: float = 0.2) -> EmbeddedEngine:
    """A second engine on the same folder, as another process has it."""
    return EmbeddedEngine(engine.root, lock_timeout=lock_timeout)


def process(engine: EmbeddedEngine, code: str) -> subprocess.Popen[str]:
    """Python in a process of its own, with `engine` on the same folder and `doc` at hand."""
    start = f"""
        import sys, time
        from search.embedded import EmbeddedEngine
        from tests.search.contract import doc
        engine = EmbeddedEngine({str(engine.root)!r})
        def say(word):
            print(word, flush=True)
    """
    script = textwrap.dedent(start) + textwrap.dedent(code)
    return subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def wait_for(child: subprocess.Popen[str], word: str) -> None:
    assert child.stdout is not None
    assert child.stdout.readline().strip() == word


# Several processes


def test_a_commit_in_another_process_is_seen_at_once(engine: EmbeddedEngine) -> None:
    fill(engine, [doc("first", "knife")])
    assert pages_of(engine, "knife") == {"first"}
    child = process(
        engine,
        """
        engine.index([doc("second", "knife")])
        engine.commit()
        say("done")
        time.sleep(20)
        """,
    )
    try:
        wait_for(child, "done")
        assert pages_of(engine, "knife") == {"first", "second"}
        assert engine.count() == 2
    finally:
        child.kill()
        child.wait()


def test_killed_while_writing_leaves_the_last_commit(engine: EmbeddedEngine) -> None:
    fill(engine, [doc("before", "knife")])
    version = engine.version
    child = process(
        engine,
        """
        engine.memory = 15_000_000
        engine.index(doc(f"p{n}", f"knife word{n} " * 200) for n in range(3000))
        say("written")
        engine.index(doc(f"q{n}", f"knife word{n} " * 200) for n in range(10**9))
        """,
    )
    wait_for(child, "written")
    with pytest.raises(IndexBusy):
        another(engine).index([doc("x", "knife")])
    child.send_signal(signal.SIGKILL)
    child.wait()

    fresh = another(engine, lock_timeout=2)
    fresh.check()
    assert fresh.version == engine.version == version
    assert pages_of(fresh, "knife") == pages_of(engine, "knife") == {"before"}
    fill(fresh, [doc("after", "knife")])
    assert pages_of(engine, "knife") == {"before", "after"}
    left = {path.suffix for path in (engine.root / version.removeprefix("embedded-")).iterdir()}
    assert left  # and the next writer has swept the files of the killed one:
    assert sum(path.stat().st_size for path in engine.root.rglob("*") if path.is_file()) < 200_000


@pytest.mark.parametrize("moment", [0.0, 0.01, 0.05, 0.1, 0.3])
def test_killed_at_any_moment_of_many_commits(engine: EmbeddedEngine, moment: float) -> None:
    child = process(
        engine,
        """
        for n in range(10**6):
            engine.index(doc(f"p{n}-{k}", "knife") for k in range(10))
            engine.commit()
            if n == 3:
                say("going")
        """,
    )
    wait_for(child, "going")
    time.sleep(moment)
    child.kill()
    child.wait()
    engine.check()
    count = engine.count()
    assert count >= 40
    assert count % 10 == 0  # commits are whole
    assert engine.search("knife", EVERYBODY, limit=0).total == count


def test_a_second_writer_waits_its_turn(engine: EmbeddedEngine) -> None:
    engine.index([doc("one", "knife")])
    second = another(engine, lock_timeout=10)
    failed: list[BaseException] = []

    def write() -> None:
        try:
            fill(second, [doc("two", "knife")])
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    time.sleep(0.3)
    assert thread.is_alive()
    engine.commit()
    thread.join(10)
    assert not failed
    assert pages_of(engine, "knife") == {"one", "two"}


def test_a_second_writer_that_waited_in_vain_says_so(engine: EmbeddedEngine) -> None:
    engine.index([doc("one", "knife")])
    with pytest.raises(IndexBusy, match=r"another process has been writing the search index for 0\.2 s"):
        another(engine).index([doc("two", "knife")])
    assert pages_of(another(engine), "knife") == set()  # reading goes on
    engine.close()
    fill(another(engine), [doc("two", "knife")])
    assert pages_of(engine, "knife") == {"two"}


def test_two_processes_start_the_index_together(engine: EmbeddedEngine) -> None:
    code = """
        say(engine.version)
        engine.lock_timeout = 30
        engine.index([doc(sys.argv[0] + str(id(engine)) + str(time.time_ns()), "knife")])
        engine.commit()
    """
    children = [process(engine, code) for _ in range(3)]
    versions = set()
    for child in children:
        assert child.stdout is not None
        versions.add(child.stdout.readline().strip())
        assert child.wait(60) == 0
    assert versions == {engine.version}
    assert engine.count() == 3


def test_many_threads_read_while_one_writes(engine: EmbeddedEngine) -> None:
    fill(engine, [doc("p0", "knife")])
    failed: list[BaseException] = []
    stop = threading.Event()

    def read() -> None:
        seen = 0
        try:
            while not stop.is_set():
                total = engine.search("knife", EVERYBODY).total
                assert total >= seen
                seen = total
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(1, 20):
        fill(engine, [doc(f"p{n}", "knife")])
    stop.set()
    for thread in threads:
        thread.join()
    assert not failed
    assert engine.count() == 20


def test_searches_go_on_through_a_long_batch(engine: EmbeddedEngine) -> None:
    fill(engine, [doc("p0", "knife")])
    taken, go = threading.Event(), threading.Event()

    def slow() -> Iterator[PageDoc]:
        yield doc("p1", "knife")
        taken.set()
        go.wait(10)

    thread = threading.Thread(target=lambda: fill(engine, slow()))
    thread.start()
    assert taken.wait(10)
    found: list[set[str]] = []
    reader = threading.Thread(target=lambda: found.append(pages_of(engine, "knife")))
    reader.start()
    reader.join(5)
    assert found == [{"p0"}]
    go.set()
    thread.join(10)
    assert pages_of(engine, "knife") == {"p0", "p1"}


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_opens_anew(engine: EmbeddedEngine) -> None:
    fill(engine, [doc("p", "knife")])
    engine.index([doc("uncommitted", "knife")])
    child = os.fork()
    if child == 0:
        code = 1
        try:
            engine.lock_timeout = 0.1
            try:
                engine.index([doc("q", "knife")])
            except IndexBusy:  # the parent is writing
                code = 0 if engine.count() == 1 and pages_of(engine, "knife") == {"p"} else 2
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    engine.commit()
    assert engine.count() == 2


def test_small_commits_do_not_pile_up(engine: EmbeddedEngine) -> None:
    for n in range(120):
        fill(engine, [doc(f"p{n}", f"knife {n}")])
    folder = engine.root / engine.version.removeprefix("embedded-")
    assert len(list(folder.glob("*.idx"))) < 30


# Damage


def test_index_folder_deleted_under_its_pointer(engine: EmbeddedEngine) -> None:
    fill(engine, [doc("p", "knife")])
    shutil.rmtree(engine.root / engine.version.removeprefix("embedded-"))
    with pytest.raises(SearchError):
        engine.check()
    fresh = another(engine)
    with pytest.raises(SearchError):
        fresh.check()
    with pytest.raises(IndexDamaged):
        fresh.count()
    fresh.reset()
    fresh.check()
    engine.check()  # the other process goes over by itself
    assert engine.count() == 0


def test_deleted_before_start_is_a_new_index_with_another_version(engine: EmbeddedEngine) -> None:
    fill(engine, [doc("p", "knife")])
    version = engine.version
    engine.close()
    shutil.rmtree(engine.root)
    fresh = another(engine)
    assert fresh.count() == 0
    assert fresh.version != version  # so that pages said to be in the old one are due again


@pytest.mark.parametrize("what", ["meta.json", "*.idx", "*.term", "*.store", "*.fast"])
@pytest.mark.parametrize("how", ["empty", "noise", "gone"])
def test_damaged_files_are_noticed(engine: EmbeddedEngine, what: str, how: str) -> None:
    fill(engine, [doc(f"p{n}", f"knife {n}") for n in range(50)])
    folder = engine.root / engine.version.removeprefix("embedded-")
    engine.close()
    for path in folder.glob(what):
        if how == "gone":
            path.unlink()
        else:
            path.write_bytes(b"" if how == "empty" else b"\xa5" * path.stat().st_size)
    fresh = another(engine)
    with pytest.raises(SearchError):
        fresh.check()
    with pytest.raises(IndexDamaged):
        fresh.search("knife", EVERYBODY)
    fresh.reset()
    fill(fresh, [doc("p", "knife")])
    assert pages_of(fresh, "knife") == {"p"}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"folder": 1}', '{"folder": "../../etc"}'])
def test_damaged_pointer_is_noticed(engine: EmbeddedEngine, text: str) -> None:
    fill(engine, [doc("p", "knife")])
    engine._pointer_path.write_text(text, "utf-8")
    with pytest.raises(SearchError):
        engine.check()
    with pytest.raises(IndexDamaged):
        another(engine).count()
    engine.reset()
    assert engine.count() == 0


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    engine = EmbeddedEngine(tmp_path / "file" / "index")
    with pytest.raises(SearchError):
        engine.check()
    with pytest.raises(
        SearchError, match=r"cannot write to the search index folder|cannot make a search index"
    ):
        engine.index([doc("p", "knife")])


# Versions


def test_other_versions_of_the_code_have_an_index_of_their_own(
    engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(engine, [doc("p", "knife")])
    old = engine.version
    with monkeypatch.context() as patch:
        patch.setattr(module, "VERSION", f"v{module.SCHEMA_VERSION}.{analysis.ANALYSIS_VERSION + 1}")
        newer = another(engine)
        assert newer.count() == 0
        assert newer.version != old
        fill(newer, [doc("q", "knife")])
        assert pages_of(newer, "knife") == {"q"}
    assert pages_of(another(engine), "knife") == {"p"}  # going back finds the old one untouched
    assert engine.version == old


def test_reset_and_prune_leave_only_what_is_current(engine: EmbeddedEngine) -> None:
    fill(engine, [doc("p", "knife")])
    (engine.root / "v0.9-abc").mkdir()
    (engine.root / "v0.9.json").write_text("{}")
    engine.prune()
    current = engine.version.removeprefix("embedded-")
    assert {path.name for path in engine.root.iterdir()} == {"write.lock", f"{module.VERSION}.json", current}
    assert pages_of(engine, "knife") == {"p"}


def test_an_open_reader_follows_a_reset(engine: EmbeddedEngine) -> None:
    fill(engine, [doc("p", "knife")])
    reader = another(engine)
    assert pages_of(reader, "knife") == {"p"}
    engine.reset()
    assert pages_of(reader, "knife") == set()
    assert reader.version == engine.version
    fill(engine, [doc("q", "knife")])
    assert pages_of(reader, "knife") == {"q"}


def test_prefix_of_very_many_words(engine: EmbeddedEngine) -> None:
    """More words than are ranked, and with a head more than tantivy would follow by itself."""
    fill(
        engine,
        [doc(f"p{n}", "x " + " ".join(f"aa{n}b{k}" for k in range(300)), position=n) for n in range(60)],
    )
    results = engine.search("aa*", EVERYBODY, limit=60)
    assert results.total == 60
    assert [hit.page for hit in results.hits] == [f"p{n}" for n in range(60)]
    assert engine.search("x/a*", EVERYBODY).total == 60


def test_a_beginning_of_too_many_words_is_asked_for_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PHRASE_EXPANSIONS", 3)
    words = sorted(["ca", "cab", "cabs", "cad", "cafe", "cafes", "cafés", "cage", "cat", "cats", "cażet"])
    patterns = module._patterns(words, 2)
    found = [[word for word in words if re.fullmatch(pattern, word)] for pattern in patterns]
    assert sorted(word for some in found for word in some) == words  # each by one of them
    assert max(map(len, found)) <= 3
    assert module._patterns([], 2) == []
    assert module._patterns(["ca", "cab"], 2) == ["ca.*"]


def test_facets_of_more_values_than_are_counted(
    engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those with the most pages, and of the same number those that come first by name."""
    fill(
        engine,
        [
            doc(f"p{n}-{k}", "knife", document=f"d{n:04d}")
            for n in range(1300)
            for k in range(2 if n % 13 == 0 else 1)
        ],
    )
    told = engine.search("knife", EVERYBODY).facets["document"]
    expected = {f"d{n:04d}": 2 for n in range(0, 1300, 13)}
    expected |= dict([(f"d{n:04d}", 1) for n in range(1300) if n % 13][:900])
    assert list(told.items()) == list(expected.items())
    monkeypatch.setattr(module, "ALL_VALUES", 1100)
    assert list(engine.search("knife", EVERYBODY).facets["document"].items()) == list(expected.items())
