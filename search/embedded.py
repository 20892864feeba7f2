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
from pathlib import Path
from typing import Any

from tantivy import (
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

SCHEMA_VERSION = 3
VERSION = f"v{SCHEMA_VERSION}.{analysis.ANALYSIS_VERSION}"


PHRASE_EXPANSIONS = 10_000
"""A prefix after other words that begins more words than this is looked for somewhere on their page."""

MANY_AUDIENCES = 12
"""With more than those of a few cases, a search goes through very many pages."""

COUNTERS = max(2, min(8, os.cpu_count() or 2))
"""Searches of this process whose hits are counted at the same time."""

MAX_BEGUN = 2000
"""Prefixes whose words are counted once until the next commit."""

PAD, MOST_TIES = 16, 2048
"""Hits looked at on either side of those asked for, at first and at most, to put what is worth the same in order."""

FOOTER, PARTS = 1337, {".fast", ".fieldnorm", ".idx", ".pos", ".store", ".term"}
"""How tantivy marks the end of each of its files, and those that each segment has."""


_Begun = dict[str, int]
"""Prefix -> how many words begin so, as of one commit (_Compiler._beginning)."""

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
            compiled = _Compiler(self._schema, searcher, begun).whole(query)
            if compiled is None or passes.nothing:
                return Results()
            what, ranked = compiled
            inside = Query.boolean_query([(Occur.Must, what), *passes.clauses])
        # tantivy goes through the hits once for the best of them and once to count them: side by side where that
        # takes long. Where it does not, another thread would only be waited for.
        slow = not ranked or len(filters.audiences) > MANY_AUDIENCES
        counting = self._counters().submit(searcher.aggregate, inside, _AGGREGATION) if slow else None
        with _tantivy():
            # Where scores say nothing (a prefix of very many words) pages come in the order of the case.
            total, rows = _best(searcher, inside, ranked, limit, offset)
            facets = Results().facets
            if total:
                facets = _facets(counting.result() if counting else searcher.aggregate(inside, _AGGREGATION))
        return Results(total, tuple(Hit(row.page, row.document, row.score) for row in rows), facets)

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
    builder.add_integer_field("date", fast=True)
    builder.add_integer_field("position", stored=True, fast=True)
    builder.add_text_field("title", tokenizer_name="words", index_option="freq")
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
    """The tree of a query as a tantivy query."""

    def __init__(self, schema: Schema, searcher: Searcher, begun: _Begun) -> None:
        self.schema = schema
        self.searcher = searcher
        self.begun = begun

    def whole(self, text: str) -> tuple[Query, bool] | None:
        """The query and whether its scores say anything; None when nothing can be found."""
        tree = query.parse(text)
        if isinstance(tree, query.Nothing):
            return None
        clauses = [(Occur.Must, self.node(tree))]
        # Words of the title, and a query that IS the exhibit reference, move pages up and never bring any in.
        exhibit = Query.term_query(self.schema, "exhibit", analysis.key(text)[:200], "basic")
        clauses.append((Occur.Should, Query.const_score_query(exhibit, ranking.EXHIBIT_BOOST)))
        for stem in ranking.named(tree):
            title = Query.term_query(self.schema, "title", stem, "freq")
            clauses.append((Occur.Should, Query.boost_query(title, ranking.TITLE_BOOST)))
        return Query.boolean_query(clauses), ranking.is_ranked(tree)

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
                return self._with_exact(self._term("stem", node.stem), self._term("exact", node.term))
            case query.Phrase():
                return self._row("exact", node.terms)
            case query.Compound():
                return self._with_exact(self._row("stem", node.stems), self._row("exact", node.terms))
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

    @staticmethod
    def _with_exact(stem: Query, exact: Query) -> Query:
        """Found by the stem; higher up where the very word stands."""
        return Query.boolean_query([(Occur.Must, stem), (Occur.Should, exact)])

    def _near(self, node: query.Near) -> Query:
        pairs = []
        for a, b in zip(node.terms, node.terms[1:], strict=False):
            # Slop of two words in their order is exactly the number of words between them; of more words,
            # or out of order, it is something else in every engine.
            ways = [self._row("exact", (a, b), node.distance), self._row("exact", (b, a), node.distance)]
            either = Query.boolean_query([(Occur.Should, way) for way in ways])
            pairs.append((Occur.Must, Query.const_score_query(either, 0.0)))
        # How near is worth what, is something else in every engine too: the words count by themselves.
        return Query.boolean_query(
            pairs + [(Occur.Must, self._term("exact", word)) for word in dict.fromkeys(node.terms)]
        )

    def _prefix(self, node: query.Prefix) -> Query:
        begun = Query.regex_query(self.schema, "exact", node.prefix + ".*")
        if not node.head:
            return begun
        count = self._beginning(node.prefix)
        if not count:
            return Query.empty_query()
        if count <= PHRASE_EXPANSIONS:
            begun = Query.regex_phrase_query(self.schema, "exact", [*node.head, node.prefix + ".*"])
        # tantivy follows no more; so many begin with one or two digits only. Somewhere on the page, then.
        return Query.boolean_query(
            [(Occur.Must, self._row("exact", node.head)), (Occur.Must, Query.const_score_query(begun, 0.0))]
        )

    def _beginning(self, prefix: str) -> int:
        """How many words begin so, at most one more than PHRASE_EXPANSIONS."""
        # tantivy goes through all of them each time, and people type letter by letter.
        known = self.begun.get(prefix)
        if known is None:
            known = len(self.searcher.terms_with_prefix("exact", prefix, limit=PHRASE_EXPANSIONS + 1))
            if len(self.begun) >= MAX_BEGUN:
                self.begun.clear()
            self.begun[prefix] = known
        return known


def _best(
    searcher: Searcher, inside: Query, ranked: bool, limit: int, offset: int
) -> tuple[int, list[ranking.Row]]:
    """How many pages there are, and those asked for; what is worth the same in the order of the case.

    tantivy has an order of its own for what is worth the same, so a little more is looked at than is asked for."""
    pad = PAD
    while True:
        first = max(0, offset - pad)
        most = offset + limit - first + (pad if limit else 1)
        order: dict[str, Any] = {} if ranked else {"order_by_field": "position", "order": Order.Asc}
        found: Any = searcher.search(inside, limit=most, offset=first, **order)
        begin, end = offset - first, offset - first + limit
        groups = ranking.ties([value for value, _ in found.hits], ranking.SAME if ranked else 0.0)
        wanted = [(a, b) for a, b in groups if a < end and b > begin]
        if not wanted:
            return found.count, []
        start, stop = wanted[0][0], wanted[-1][1]
        whole = (start > 0 or first == 0) and (stop < len(found.hits) or len(found.hits) < most)
        if whole or pad >= MOST_TIES:
            break
        pad *= 8
    rows = []
    for value, address in found.hits[start:stop]:
        stored: Any = searcher.doc(address)
        position, page, document = (stored.get_first(name) for name in ("position", "page", "document"))
        rows.append(ranking.Row(value if ranked else 1.0, position, page, document))
    if ranked:
        rows = ranking.arrange(rows)
    else:
        rows.sort(key=lambda row: (row.position, row.page))
    return found.count, rows[max(0, begin - start) : end - start]


_AGGREGATION: dict[str, Any] = {name: {"terms": {"field": name, "size": MAX_FACET}} for name in FACETS}


def _facets(counted: dict[str, Any]) -> dict[str, dict[str, int]]:
    return {
        name: {bucket["key"]: bucket["doc_count"] for bucket in counted[name]["buckets"]} for name in FACETS
    }


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
