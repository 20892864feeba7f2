"""The engine that needs no server: a tantivy index in a folder.

One process writes at a time (a file lock that dies with its process, so a killed writer leaves nothing to
clear up); any number of processes read, and see a commit at their next search. The folder:

    ROOT/write.lock            held while there are uncommitted changes
    ROOT/v1.1.json             {"folder": "v1.1-3f9a2c7d10b4"}: which index is current, replaced at one stroke
    ROOT/v1.1-3f9a2c7d10b4/    tantivy's files

v1.1 are the versions of the schema here and of the analysis, so code of another version looks past an index
it would misread. The rest of the name is new each time an index is started, so that "is this page indexed?"
has an honest answer after the folder was thrown away. Everything in ROOT can be deleted and made again.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
import shutil
import struct
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from tantivy import (
    DocAddress,
    Document,
    FieldType,
    Index,
    IndexWriter,
    Occur,
    Order,
    Query,
    Schema,
    SchemaBuilder,
    Searcher,
    TextAnalyzerBuilder,
    Tokenizer,
)

from search import analysis, query, ranking
from search.engine import (
    FACETS,
    MAX_FACET,
    MAX_LIMIT,
    MAX_OFFSET,
    Beside,
    Filters,
    Hit,
    IndexBusy,
    IndexDamaged,
    PageDoc,
    Results,
    SearchError,
)

log = logging.getLogger(__name__)

SCHEMA_VERSION = 4
VERSION = f"v{SCHEMA_VERSION}.{analysis.ANALYSIS_VERSION}"

PHRASE_EXPANSIONS = 10_000
"""Words that tantivy is told to look for at one place of a phrase; it follows no more than 16,384. Where more begin so,
they are asked for in so many parts: what is found must not depend on how many words others' pages have."""

MANY_AUDIENCES = 12
"""With more than those of a few cases, a search goes through very many pages."""

COUNTERS = max(2, min(8, os.cpu_count() or 2))
"""Searches of this process whose hits are counted at the same time."""

MAX_BEGUN = 2000
"""Prefixes whose words are counted once until the next commit."""

PAD = 200
"""Hits looked at on either side of those asked for, to put what is worth the same in order. Where that is not all that
is worth the same, an exact question for it follows."""

ALL_VALUES = 60_000
"""Values of a facet that are counted to tell the most frequent; tantivy takes no more than 65,000."""

EVERY_VALUE = 1 << 31
"""So that tantivy counts every value in each part of an index, and how it is parted changes no number."""

FOOTER, PARTS = 1337, {".fast", ".fieldnorm", ".idx", ".pos", ".store", ".term"}
"""How tantivy marks the end of each of its files, and those that each segment has."""


_Begun = dict[str, list[str]]
"""Prefix -> patterns of the words that begin so, none for too many words, as of one commit (_Compiler._beginning)."""

_FROM_BEFORE_FORK: list[IndexWriter | None] = []


class EmbeddedEngine:
    """`search.engine.Engine` on a folder. Safe to share between threads; opens anew after a fork.

    root: folder of its own, made when needed. lock_timeout: seconds that a write waits for another process
    before IndexBusy. memory: bytes the writer gathers before it writes a segment (at least 15 MB).
    """

    def __init__(self, root: str | Path, *, lock_timeout: float = 10.0, memory: int = 64_000_000) -> None:
        self.root = Path(root)
        self.lock_timeout = lock_timeout
        self.memory = memory
        self._schema = _schema()
        self._writing = threading.RLock()  # taken before _state, and held through whole batches
        self._state = threading.RLock()  # held for moments only: searches wait for it
        self._pid = os.getpid()
        self._index: Index | None = None
        self._folder: Path | None = None
        self._pointer_seen: tuple[int, ...] | None = None
        self._meta_seen: tuple[int, ...] | None = None
        self._begun: _Begun = {}
        self._counting: tuple[int, ThreadPoolExecutor] | None = None
        self._writer: IndexWriter | None = None
        self._lock_file: int | None = None
        self._beside: tempfile.TemporaryDirectory[str] | None = None

    # What everybody calls

    @property
    def version(self) -> str:
        """See Engine.version. Raises IndexDamaged when the index went missing, IndexBusy, SearchError."""
        with self._state:
            self._open()
            assert self._folder is not None  # _open set it
            return f"embedded-{self._folder.name}"

    def index(self, pages: Iterable[PageDoc]) -> None:
        """See Engine.index. Takes the write lock until `commit` or `close`."""
        with self._writing:
            _put(self._write(), pages)

    def delete_documents(self, ids: Iterable[str], change: int | None = None) -> None:
        """See Engine.delete_documents. Takes the write lock until `commit` or `close`, so nobody writes later what
        is older."""
        with self._writing:
            _take_out(self._write(), ids)

    def commit(self) -> None:
        """See Engine.commit. Lets the write lock go. When it fails the changes are dropped."""
        with self._writing:
            if self._writer is None:
                return
            try:
                with _tantivy():
                    self._writer.commit()
                    # Small segments are merged before others may write; readers see the commit already.
                    self._writer.wait_merging_threads()
            finally:
                self._release()

    def search(self, query: str, filters: Filters, limit: int = 20, offset: int = 0) -> Results:
        """See Engine.search. Typically 1 to 10 ms over 100,000 pages."""
        if not 0 <= limit <= MAX_LIMIT or not 0 <= offset <= MAX_OFFSET:
            raise ValueError(f"limit is 0 to {MAX_LIMIT}, offset 0 to {MAX_OFFSET}")
        passes = _Filter(self._schema, filters)
        searcher, begun = self._look()
        with _tantivy():
            asked = _Asked(_Compiler(self._schema, searcher, begun), query, passes)
            if asked.nothing:
                return Results()
        # tantivy goes through the hits once for the best of them and once to count them: side by side where that
        # takes long. Where it does not, another thread would only be waited for.
        slow = not asked.points or len(filters.audiences) > MANY_AUDIENCES
        counting = self._counters().submit(_facets, searcher, asked.inside) if slow else None
        with _tantivy():
            total, hits = asked.best(limit, offset)
            facets = Results().facets
            if total:
                facets = counting.result() if counting else _facets(searcher, asked.inside)
        return Results(total, hits, facets)

    def count(self) -> int:
        """See Engine.count. Raises IndexDamaged, SearchError."""
        return self._searcher().num_docs

    def check(self, *, deep: bool = False) -> None:
        """See Engine.check. Deep: each file of the index against the checksum that it ends with."""
        searcher = self._searcher()
        with _tantivy():
            searcher.search(Query.all_query(), limit=1)
        if deep:
            with self._state:
                self._open()
                folder = self._folder
            assert folder is not None  # _open set it
            _check_files(folder)

    def holds(self) -> None:
        """See Engine.holds: each file has a checksum."""

    def reset(self) -> None:
        """See Engine.reset. Readers in other processes go over to the new index at their next search."""
        with self._writing:
            self.close()
            self._lock()
            try:
                self._create(first=False)
                self.prune()
            finally:
                self._release()

    def beside(self) -> Beside:
        """See Engine.beside. Others search and write the current index meanwhile, but while it takes over."""
        return _Beside(self)

    def about(self) -> str:
        """See Engine.about."""
        pages = self.count()
        with self._state:
            folder = self._folder
        assert folder is not None  # count opened it
        size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
        return f"embedded, {folder.name}, {pages} pages, {size / 1e6:.0f} MB"

    def close(self) -> None:
        """See Engine.close."""
        with self._writing, self._state:
            self._release()
            if self._counting is not None and self._counting[0] == os.getpid():
                self._counting[1].shutdown(wait=False)
            self._counting = None
            self._forget()

    def prune(self) -> None:
        """Delete indexes that are not current: earlier ones, and those of other versions of the code.

        Call it when no process runs other code any more. Raises SearchError when a file cannot be deleted."""
        keep = self._pointer()
        try:
            for path in self.root.iterdir():
                if path.is_dir() and path.name.startswith("v") and path.name != keep:
                    shutil.rmtree(path, ignore_errors=True)
                elif path.suffix in (".json", ".tmp") and path != self._pointer_path:
                    path.unlink(missing_ok=True)
        except OSError as error:
            raise SearchError(f"cannot tidy the search index folder: {error}") from error

    # Opening and reading

    @property
    def _pointer_path(self) -> Path:
        return self.root / f"{VERSION}.json"

    def _pointer(self) -> str | None:
        """Name of the current index's folder, or None where there is none yet. Raises IndexDamaged."""
        try:
            text = self._pointer_path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise IndexDamaged(f"the search index cannot be read: {error}") from error
        try:
            name = json.loads(text)["folder"]
        except (ValueError, KeyError, TypeError) as error:
            raise IndexDamaged("the search index does not say which folder is current") from error
        if not isinstance(name, str) or not name.startswith(f"{VERSION}-") or "/" in name:
            raise IndexDamaged("the search index does not say which folder is current")
        return name

    def _open(self) -> Index:
        """The current index, opened or made as needed. Call with `_state` held."""
        if self._pid != os.getpid():
            # The threads of tantivy are not in this process: letting go of its writer would wait for them.
            _FROM_BEFORE_FORK.append(self._writer)
            self._pid = os.getpid()
            self._writer = None
            self._lock_file = None
            self._forget()
        seen = _signature(self._pointer_path)
        if self._index is not None and seen is not None and seen == self._pointer_seen:
            return self._index
        if self._index is not None and seen is None:
            raise IndexDamaged("the search index was deleted while in use")
        if seen is None:
            self._create(first=True)
            seen = _signature(self._pointer_path)
        name = self._pointer()
        if name is None:
            raise IndexDamaged("the search index was deleted while in use")
        folder = self.root / name
        with _tantivy():
            # Index(...) makes a new index in an empty folder; one that went missing must be noticed.
            if not folder.is_dir() or not Index.exists(str(folder)):
                raise IndexDamaged("the search index is missing")
            self._beside = None if os.access(folder, os.W_OK) else _beside(folder)
            place = self._beside.name if self._beside else str(folder)
            index = Index(self._schema, path=place, reuse=True)
            _register(index)
            index.config_reader("manual")
            meta = _signature(folder / "meta.json")
            index.reload()
        self._index, self._folder, self._pointer_seen, self._meta_seen = index, folder, seen, meta
        return index

    def _searcher(self) -> Searcher:
        """A view of the last commit. Raises IndexDamaged, IndexBusy, SearchError."""
        return self._look()[0]

    def _look(self) -> tuple[Searcher, _Begun]:
        """A view of the last commit, and how many words begin how in it. Raises as `_searcher`."""
        with self._state:
            try:
                return self._look_now()
            except IndexDamaged:
                seen = _signature(self._pointer_path)
                if seen is None or seen == self._pointer_seen:
                    raise
                # Another index took over between two looks, and the one of before is thrown away.
                self._forget()
                return self._look_now()

    def _look_now(self) -> tuple[Searcher, _Begun]:
        with self._state:
            index = self._open()
            assert self._folder is not None  # _open set it
            meta = _signature(self._folder / "meta.json")
            if meta is None:
                raise IndexDamaged("the search index was deleted while in use")
            if self._beside and meta != self._meta_seen:
                # The links are to the files of before.
                self._forget()
                index, meta = self._open(), self._meta_seen
            with _tantivy():
                if meta != self._meta_seen:
                    index.reload()
                    self._meta_seen = meta
                    self._begun = {}
                return index.searcher(), self._begun

    def _counters(self) -> ThreadPoolExecutor:
        """Threads that count hits; of this process, since a fork has none of those of its parent."""
        with self._state:
            if self._counting is None or self._counting[0] != os.getpid():
                self._counting = os.getpid(), ThreadPoolExecutor(COUNTERS, thread_name_prefix="counts-hits")
            return self._counting[1]

    def _forget(self) -> None:
        self._index = self._folder = self._pointer_seen = self._meta_seen = None
        self._begun = {}

    # Making and writing

    def _create(self, *, first: bool) -> None:
        """Make an empty index the current one; with `first`, unless another process was faster."""
        folder, _index = self._new_folder()
        self._point_to(folder, first=first)

    def _new_folder(self) -> tuple[Path, Index]:
        """An empty index of a new name. Raises SearchError."""
        folder = self.root / f"{VERSION}-{secrets.token_hex(6)}"
        try:
            folder.mkdir(parents=True)
            with _tantivy():
                index = Index(self._schema, path=str(folder), reuse=False)
        except OSError as error:
            raise SearchError(f"cannot make a search index in {self.root}: {error}") from error
        _register(index)
        return folder, index

    def _point_to(self, folder: Path, *, first: bool) -> None:
        """Make this the current index; with `first`, unless another process was faster."""
        draft = self.root / f"{folder.name}.tmp"
        try:
            with draft.open("w", encoding="utf-8") as file:
                json.dump({"folder": folder.name}, file)
                file.flush()
                os.fsync(file.fileno())
            if first:
                try:
                    self._pointer_path.hardlink_to(draft)
                except FileExistsError:
                    shutil.rmtree(folder, ignore_errors=True)
                except OSError:  # a file system without links: the last one wins, and all is empty yet
                    draft.replace(self._pointer_path)
                draft.unlink(missing_ok=True)
            else:
                draft.replace(self._pointer_path)
        except OSError as error:
            raise SearchError(f"cannot make a search index in {self.root}: {error}") from error

    def _write(self) -> IndexWriter:
        """The writer, with the lock. Call with `_writing` held."""
        if self._pid != os.getpid():
            with self._state:
                self._open()
        if self._writer is None:
            self._lock()
            try:
                with self._state:
                    if self._beside:  # it may be written to again
                        self._forget()
                    index = self._open()
                    if self._beside:
                        raise SearchError(f"cannot write to the search index folder {self._folder}")
                with _tantivy():
                    self._writer = index.writer(self.memory, 1)
            except BaseException:
                self._release()
                raise
        return self._writer

    def _lock(self) -> None:
        """Take the lock that one process at a time holds. Raises IndexBusy after `lock_timeout` seconds."""
        if self._lock_file is not None:
            return
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.root / "write.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise SearchError(f"cannot write to the search index folder {self.root}: {error}") from error
        until = time.monotonic() + self.lock_timeout
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    os.close(handle)
                    message = f"another process has been writing the search index for {self.lock_timeout:g} s"
                    raise IndexBusy(message) from None
                time.sleep(0.02)
            else:
                self._lock_file = handle
                return

    def _release(self) -> None:
        """Drop the writer with what it has not committed, and the lock."""
        self._writer = None
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None


class _Beside:
    """`search.engine.Beside` in a folder of its own that no pointer names yet."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self.engine = engine
        self.folder, self._index = engine._new_folder()
        self._writer: IndexWriter | None = None
        self._done = False

    @property
    def version(self) -> str:
        return f"embedded-{self.folder.name}"

    def _write(self) -> IndexWriter:
        if self._writer is None:
            with _tantivy():
                self._writer = self._index.writer(self.engine.memory, 1)
        return self._writer

    def index(self, pages: Iterable[PageDoc]) -> None:
        _put(self._write(), pages)

    def delete_documents(self, ids: Iterable[str], change: int | None = None) -> None:
        _take_out(self._write(), ids)

    def commit(self) -> None:
        if self._writer is None:
            return
        writer, self._writer = self._writer, None
        with _tantivy():
            writer.commit()
            writer.wait_merging_threads()

    def take_over(self, last: Callable[[], None]) -> None:
        """See Beside.take_over. Raises IndexBusy."""
        engine = self.engine
        with engine._writing:
            engine._lock()
            try:
                # Nobody else writes now.
                last()
                self.commit()
                engine._point_to(self.folder, first=False)
                self._done = True
            finally:
                engine._release()

    def close(self) -> None:
        self._writer = None
        if not self._done:
            shutil.rmtree(self.folder, ignore_errors=True)
            return
        try:
            self.engine.prune()
        except SearchError as error:
            log.warning("an index that is of no use stays behind: %s", error)


def _put(writer: IndexWriter, pages: Iterable[PageDoc]) -> None:
    for page in pages:
        document = _document(page)
        with _tantivy():
            writer.delete_documents_by_term("page", page.page)
            writer.add_document(document)


def _take_out(writer: IndexWriter, ids: Iterable[str]) -> None:
    for document in ids:
        with _tantivy():
            writer.delete_documents_by_term("document", document)


def _beside(folder: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder of links to the files of an index that may not be written to.

    tantivy makes a lock file where it reads; on a disk that has become read-only, search would be lost with it."""
    try:
        made = tempfile.TemporaryDirectory(prefix="casebundle-index-", dir="/tmp")
        for path in folder.iterdir():
            if not path.name.endswith(".lock"):
                (Path(made.name) / path.name).symlink_to(path)
    except OSError as error:
        raise SearchError(f"the search index cannot be read where it may not be written: {error}") from error
    return made


def _schema() -> Schema:
    builder = SchemaBuilder()
    for name in ("page", "document"):
        builder.add_text_field(
            name, stored=True, fast=name in FACETS, tokenizer_name="raw", index_option="basic"
        )
    for name in ("section", "party"):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("case", "audience", "exhibit"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("title", "often"):
        builder.add_text_field(name, tokenizer_name="words", index_option="basic")
    builder.add_integer_field("date", fast=True)
    builder.add_integer_field("position", stored=True, fast=True)
    for name in ("exact", "stem"):
        builder.add_text_field(name, tokenizer_name="words", index_option="position")
    return builder.build()


def _register(index: Index) -> None:
    """Words come ready made from `search.analysis`: they need only be parted at the spaces."""
    index.register_tokenizer("words", TextAnalyzerBuilder(Tokenizer.whitespace()).build())


def _document(page: PageDoc) -> Document:
    document = Document()
    for name, value in (
        ("page", page.page),
        ("document", page.document),
        ("case", page.case),
        ("section", page.section),
        ("party", page.party),
        ("exhibit", analysis.key(page.exhibit)),
    ):
        if value:
            document.add_text(name, value)
    for token in page.audience:
        document.add_text("audience", token)
    if page.date is not None:
        document.add_integer("date", _day(page.date))
    document.add_integer("position", page.position)
    fields = analysis.fields(page.text, f"{page.title} {page.exhibit}")
    for name in ("title", "exact", "stem"):
        document.add_text(name, " ".join(fields[name]))
    document.add_text("often", " ".join(ranking.often(fields["stem"])))
    return document


def _day(iso: str) -> int:
    """2026-11-22 as the number 20261122. Raises ValueError."""
    day = date.fromisoformat(iso)
    return day.year * 10_000 + day.month * 100 + day.day


class _Filter:
    """Filters as clauses that decide and do not score. Raises ValueError for a date that is not ISO."""

    def __init__(self, schema: Schema, filters: Filters) -> None:
        self.clauses: list[tuple[Occur, Query]] = []
        self.nothing = not filters.audiences
        self._schema = schema
        self._any_of("audience", filters.audiences)
        self._any_of("case", filters.case)
        self._any_of("section", filters.section)
        self._any_of("party", filters.party)
        first = _day(filters.date_from) if filters.date_from else None
        last = _day(filters.date_to) if filters.date_to else None
        if first is not None or last is not None:
            days = Query.range_query(schema, "date", FieldType.Integer, first or 0, last or 99991231)
            self.clauses.append((Occur.Must, Query.const_score_query(days, 0.0)))
        if filters.exclude_documents:
            out = Query.term_set_query(schema, "document", list(filters.exclude_documents))
            self.clauses.append((Occur.MustNot, out))

    def _any_of(self, name: str, wanted: str | Sequence[str] | None) -> None:
        if wanted is None:
            return
        values = [wanted] if isinstance(wanted, str) else list(dict.fromkeys(wanted))
        if not values:
            self.nothing = True
            return
        terms = [Query.term_query(self._schema, name, value, "basic") for value in values]
        either = (
            terms[0] if len(terms) == 1 else Query.boolean_query([(Occur.Should, term) for term in terms])
        )
        self.clauses.append((Occur.Must, Query.const_score_query(either, 0.0)))


class _Compiler:
    """Parts of a query as tantivy's. What they score says nothing: see `_sum`."""

    def __init__(self, schema: Schema, searcher: Searcher, begun: _Begun) -> None:
        self.schema = schema
        self.searcher = searcher
        self.begun = begun

    def signal(self, signal: ranking.Signal) -> Query:
        """The pages of which it is true."""
        match signal:
            case ranking.Holds():
                return self.node(signal.node)
            case ranking.Often():
                return self._mark("often", ranking.mark(signal.stem, signal.level))
            case ranking.Titled():
                return self._mark("title", signal.stem)
            case ranking.Exhibit():
                return self._mark("exhibit", signal.key)
            case ranking.Close():
                return self._close("stem", signal.stems, ranking.CLOSENESS)

    def node(self, node: query.Node) -> Query:
        match node:
            case query.And():
                return Query.boolean_query(
                    [(Occur.Must, self.node(child)) for child in node.must]
                    + [(Occur.MustNot, self.node(child)) for child in node.must_not]
                )
            case query.Or():
                return Query.boolean_query([(Occur.Should, self.node(child)) for child in node.branches])
            case query.Word():
                return self._term("stem", node.stem)
            case query.Phrase():
                return self._row("exact", node.terms)
            case query.Compound():
                return self._row("stem", node.stems)
            case query.Near():
                return self._near(node)
            case query.Fuzzy():
                return Query.fuzzy_term_query(self.schema, "exact", node.term, node.distance, True)
            case query.Prefix():
                return self._prefix(node)
            case _:
                return Query.empty_query()

    def _term(self, name: str, word: str) -> Query:
        return Query.term_query(self.schema, name, word, "position")

    def _row(self, name: str, words: Sequence[str], slop: int = 0) -> Query:
        if len(words) == 1:
            return self._term(name, words[0])
        return Query.phrase_query(self.schema, name, list(words), slop)

    def _mark(self, name: str, word: str) -> Query:
        return Query.term_query(self.schema, name, word, "basic")

    def _near(self, node: query.Near) -> Query:
        pairs = zip(node.terms, node.terms[1:], strict=False)
        return Query.boolean_query(
            [(Occur.Must, self._close("exact", pair, node.distance)) for pair in pairs]
        )

    def _close(self, name: str, pair: tuple[str, str], distance: int) -> Query:
        # Slop of two words in their order is exactly the number of words between them; of more words, or out of
        # order, it is something else in every engine.
        ways = [self._row(name, words, distance) for words in (pair, pair[::-1])]
        return Query.boolean_query([(Occur.Should, way) for way in ways])

    def _prefix(self, node: query.Prefix) -> Query:
        if not node.head:
            return Query.regex_query(self.schema, "exact", node.prefix + ".*")
        ways = [
            Query.regex_phrase_query(self.schema, "exact", [*node.head, pattern])
            for pattern in self._beginning(node.prefix)
        ]
        return Query.boolean_query([(Occur.Should, way) for way in ways]) if ways else Query.empty_query()

    def _beginning(self, prefix: str) -> list[str]:
        """Patterns for all words that begin so, each for at most PHRASE_EXPANSIONS of them."""
        # tantivy goes through all of them each time, and people type letter by letter.
        known = self.begun.get(prefix)
        if known is None:
            words = sorted(word for word, _pages in self.searcher.terms_with_prefix("exact", prefix))
            known = _patterns(words, len(prefix))
            if len(self.begun) >= MAX_BEGUN:
                self.begun.clear()
            self.begun[prefix] = known
        return known


def _patterns(words: list[str], same: int) -> list[str]:
    """Patterns that match these words and, of one dictionary, no others; each at most PHRASE_EXPANSIONS of them.

    words: all of the dictionary that begin with the same `same` letters, sorted."""
    if not words:
        return []
    begun = words[0][:same]
    if len(words) <= PHRASE_EXPANSIONS:
        return [f"{begun}.*"]
    found: list[str] = [begun] if words[0] == begun else []
    part: list[str] = []  # letters that go into one pattern
    size = 0
    for letter, group in groupby(words[len(found) :], key=lambda word: word[same]):
        inside = list(group)
        if part and size + len(inside) > PHRASE_EXPANSIONS:
            found.append(f"{begun}[{''.join(part)}].*")
            part, size = [], 0
        if len(inside) > PHRASE_EXPANSIONS:
            found += _patterns(inside, same + 1)
        else:
            part.append(letter)
            size += len(inside)
    if part:
        found.append(f"{begun}[{''.join(part)}].*")
    return found


class _Asked:
    """One question: which pages, and what each has points for."""

    def __init__(self, compiler: _Compiler, text: str, passes: _Filter) -> None:
        tree = query.parse(text)
        self.searcher = compiler.searcher
        self.passes = passes
        self.nothing = isinstance(tree, query.Nothing) or passes.nothing
        if self.nothing:
            return
        self.inside = self._passing(compiler.node(tree))
        # Counted where the reader looks, so among the pages that they may see.
        counts = [self._count(self._passing(compiler.node(one))) for one in ranking.alternatives(tree)]
        self.points = [
            (point.worth, compiler.signal(point.signal)) for point in ranking.points(tree, text, counts)
        ]

    def best(self, limit: int, offset: int) -> tuple[int, tuple[Hit, ...]]:
        """How many pages there are, and those asked for; what is worth the same in the order of the case."""
        if not limit:
            return self._count(self.inside), ()
        if not self.points:
            total, rows = self._by_position(self.inside, limit, offset)
            return total, tuple(Hit(page, document, 1.0) for page, document in rows)
        first = max(0, offset - PAD)
        most = offset + limit - first + PAD
        scored = Query.boolean_query(
            [(Occur.Must, _deciding(self.inside))]
            + [(Occur.Should, Query.const_score_query(signal, worth)) for worth, signal in self.points]
        )
        found: Any = self.searcher.search(scored, limit=most, offset=first)
        begin, end = offset - first, min(offset - first + limit, len(found.hits))
        hits: list[Hit] = []
        at = 0
        for score, group in groupby(found.hits, key=itemgetter(0)):
            start, at = at, at + len(list(group))
            a, b = max(start, begin), min(at, end)
            if a >= b:
                continue
            begun = start > 0 or first == 0
            if begun and (at < len(found.hits) or len(found.hits) < most):
                places = [address for _score, address in found.hits[start:at]]
                rows = self._in_order(places, a - start, b - start)
            else:
                # tantivy has an order of its own for what is worth the same; this is more of it than was looked at.
                before = first + start if begun else self._count(self._worth(int(score) + 1))
                _, rows = self._by_position(self._worth(int(score), only=True), b - a, first + a - before)
            hits += [Hit(page, document, score) for page, document in rows]
        return found.count, tuple(hits)

    def _passing(self, what: Query) -> Query:
        return Query.boolean_query([(Occur.Must, _deciding(what)), *self.passes.clauses])

    def _count(self, what: Query) -> int:
        found: Any = self.searcher.search(what, limit=1)
        return int(found.count)

    def _worth(self, points: int, *, only: bool = False) -> Query:
        """The pages with at least so many points; only: and with no more."""
        clauses = [(Occur.Must, _deciding(self.inside))]
        if points:
            clauses.append((Occur.Must, self._at_least(points)))
        if only:
            clauses.append((Occur.MustNot, self._at_least(points + 1)))
        return Query.boolean_query(clauses)

    def _at_least(self, points: int) -> Query:
        each = [(Occur.Should, _deciding(signal)) for worth, signal in self.points for _ in range(worth)]
        return _deciding(Query.boolean_query(each, minimum_number_should_match=points))

    def _by_position(self, what: Query, limit: int, offset: int) -> tuple[int, list[tuple[str, str]]]:
        """How many pages there are, and (page, document) of those asked for, in the order of their cases."""
        pad = PAD
        while True:
            first = max(0, offset - pad)
            most = offset + limit - first + pad
            found: Any = self.searcher.search(
                what, limit=most, offset=first, order_by_field="position", order=Order.Asc
            )
            begin, end = offset - first, offset - first + limit
            places = [position for position, _ in found.hits]
            # Pages of several cases may stand at the same place; all of those are needed.
            before = not first or (begin < len(places) and places[0] != places[begin])
            after = len(places) < most or places[end - 1] != places[-1]
            if (before and after) or begin >= len(places):
                return found.count, self._in_order([address for _, address in found.hits], begin, end)
            pad *= 8

    def _in_order(self, addresses: list[DocAddress], begin: int, end: int) -> list[tuple[str, str]]:
        """(page, document) of those from `begin` to `end` of these pages in the order of their cases."""
        where: Any = self.searcher.fast_field_values("position", addresses)
        placed = sorted(zip(where, range(len(addresses)), strict=True))
        rows: list[tuple[str, str]] = []
        at = 0
        for _position, group in groupby(placed, key=itemgetter(0)):
            same = [addresses[number] for _, number in group]
            start, at = at, at + len(same)
            if start < end and at > begin:
                told = sorted(map(self._told, same))
                rows += told[max(0, begin - start) : end - start]
        return rows

    def _told(self, address: DocAddress) -> tuple[str, str]:
        stored: Any = self.searcher.doc(address)
        return stored.get_first("page"), stored.get_first("document")


def _deciding(what: Query) -> Query:
    """The same pages, none worth anything."""
    return Query.const_score_query(what, 0.0)


def _facets(searcher: Searcher, inside: Query) -> dict[str, dict[str, int]]:
    """See Results.facets: the most frequent first, and of the same number the first by name."""
    each = {
        name: {"terms": {"field": name, "size": ALL_VALUES, "segment_size": EVERY_VALUE}} for name in FACETS
    }
    counted = searcher.aggregate(inside, each)
    return {name: _most_frequent(searcher, inside, name, counted[name]["buckets"]) for name in FACETS}


def _most_frequent(
    searcher: Searcher, inside: Query, name: str, buckets: list[dict[str, Any]]
) -> dict[str, int]:
    if (
        len(buckets) == ALL_VALUES
        and (least := buckets[MAX_FACET - 1]["doc_count"]) == buckets[-1]["doc_count"]
    ):
        # There may be more that are as frequent, and those among them that come first by name are told.
        first = {
            "field": name, "size": MAX_FACET, "segment_size": EVERY_VALUE,
            "order": {"_key": "asc"}, "min_doc_count": least,
        }  # fmt: skip
        more = searcher.aggregate(inside, {name: {"terms": first}})[name]["buckets"]
        buckets = [*(one for one in buckets if one["doc_count"] > least), *more]
    values = {bucket["key"]: bucket["doc_count"] for bucket in buckets}
    return dict(sorted(values.items(), key=lambda value: (-value[1], value[0]))[:MAX_FACET])


def _signature(path: Path) -> tuple[int, ...] | None:
    """Changes whenever the file is replaced; None where there is no such file."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _check_files(folder: Path) -> None:
    """Every file of the segments that are in use, whole. Raises IndexDamaged.

    A file of tantivy ends with {"crc": CRC-32 of what is before}, the length of that, and 1337."""
    try:
        text = (folder / "meta.json").read_bytes()
        for segment in json.loads(text)["segments"]:
            files = {path.suffix: path for path in folder.glob(f"{segment['segment_id'].replace('-', '')}.*")}
            if not files.keys() >= PARTS and (folder / "meta.json").read_bytes() == text:
                raise IndexDamaged("a part of the search index is missing")
            for path in files.values():
                _check_file(path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDamaged(f"the search index cannot be read: {error}") from error


def _check_file(path: Path) -> None:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return  # merged away meanwhile
    with file:
        size = os.fstat(file.fileno()).st_size
        file.seek(max(0, size - 8))
        length, magic = struct.unpack("<II", file.read(8))
        if magic != FOOTER or length > size - 8:
            raise IndexDamaged(f"{path.name} of the search index is not whole")
        body = size - 8 - length
        file.seek(body)
        wanted = json.loads(file.read(length))["crc"]
        file.seek(0)
        crc, left = 0, body
        while left > 0:
            chunk = file.read(min(left, 1 << 20))
            if not chunk:
                break
            crc, left = zlib.crc32(chunk, crc), left - len(chunk)
        if crc != wanted:
            raise IndexDamaged(f"{path.name} of the search index was changed")


@contextmanager
def _tantivy() -> Iterator[None]:
    """Turn whatever tantivy throws into errors of ours.

    A damaged file shows as ValueError, OSError or as a panic, which is a BaseException of no public type."""
    try:
        yield
    except SearchError:
        raise
    except (ValueError, OSError, RuntimeError) as error:
        if "No space left" in str(error):
            raise SearchError(f"no space left for the search index: {error}") from error
        raise IndexDamaged(f"the search index cannot be used: {error}") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise IndexDamaged(f"the search index cannot be used: {error}") from error
        raise
