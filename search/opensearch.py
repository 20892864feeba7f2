"""The engine for many processes on many machines: OpenSearch, one document a page.

Words come ready made from `search.analysis`, so that both engines find the same: the server parts them at the spaces
and does nothing else. What it holds, for the prefix "casebundle" and versions v1.1 of the fields here and the analysis:

    casebundle-v1.1                alias of the index that is searched
    casebundle-v1.1-next           alias of the one that is made beside it, if any; what is written goes into both
    casebundle-v1.1-3f9a2c7d10b4   an index; its name with "-w" is an alias of its own, by which it is written, so that
                                   a server that makes indexes by itself makes none in place of one that was deleted

A page is written with the number of the change of its document as an external version, so that several processes may
write at once and an older state never takes the place of a newer one. Nothing is refreshed by itself: what was written
is found when `commit` says so. Everything can be deleted and made again.
"""

from __future__ import annotations

import json
import logging
import os
import random
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any
from urllib.parse import quote, unquote, urlsplit

import urllib3
from opensearchpy import OpenSearch, exceptions
from opensearchpy.exceptions import (
    AuthenticationException,
    ConnectionTimeout,
    NotFoundError,
    OpenSearchException,
    SerializationError,
    SSLError,
    TransportError,
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
    IndexDamaged,
    PageDoc,
    Results,
    SearchError,
)
from search.query import Nothing, parse

SCHEMA_VERSION = 2
VERSION = f"v{SCHEMA_VERSION}.{analysis.ANALYSIS_VERSION}"

BEGINS = {1: "first", 2: "begin"}
"""Fields with so many characters of each word by themselves: words that begin so shortly would be many thousands."""

SEARCHING, WRITING = 8.0, 60.0
"""Seconds until the server must have answered a question, and a bulk of pages."""

CONNECTING = 2.0
AWAY = 2.0
"""Seconds for which a server that did not answer in time is not asked again: everybody would wait for it."""

FRESH = 1.0
"""Seconds for which the name of the current index is remembered."""

PIECE = 2_000_000
"""Bytes of one bulk request, before compression; less where the server or what stands before it takes less."""

PATIENCE = 60.0
"""Seconds for which a server that has too much to do is given time, bulk by bulk."""

IN_MEMORY = 8_000_000
"""Bytes of a batch kept in memory; what is more goes to a temporary file."""

FORSAKEN = 24 * 3600.0
"""Seconds after which an index in the making is somebody's who died over it."""

GRACE = 1.0
"""Seconds for which an index that was taken over from stays for those who are searching it."""

EVERY_WORD = 2**31 - 1
"""Words that a beginning is followed to after other words: all. A limit would be filled by the words of others too."""

MOST_TERMS = 50_000
"""Values in one clause; the server takes 65,536."""

MANY_CASES = 64
"""With more cases than this the server is asked as a whole."""

logging.getLogger("opensearch").setLevel(logging.CRITICAL)  # it logs what was sent; we say what is the matter
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Indexes:
    """What there is of this version. current, next: name, or None; others: what is neither, with when it was begun."""

    current: str | None = None
    version: str = ""
    next: str | None = None
    next_begun: float = 0.0
    others: tuple[tuple[str, float], ...] = ()


@dataclass
class _Batch:
    """What was indexed and deleted since the last commit, in a file of pairs of lines: [number, page, document, case,
    change], then the fields."""

    targets: _Indexes
    lines: IO[bytes] = field(
        default_factory=lambda: tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  (commit closes it)
    )
    number: int = 0
    pages: dict[str, int] = field(default_factory=dict)  # the number of the last entry of each page
    documents: dict[str, tuple[int, int | None]] = field(default_factory=dict)  # deleted: (number, change)

    def add(self, page: PageDoc) -> None:
        body = _fields(page)
        self.number += 1
        self.pages[page.page] = self.number
        head = [self.number, page.page, page.document, page.case, page.change]
        for part in (head, body):
            self.lines.write(json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")

    def delete(self, document: str, change: int | None) -> None:
        self.number += 1
        self.documents[document] = (self.number, change)

    def entries(self) -> Iterator[tuple[list[Any], bytes]]:
        """What is to be written in the end: the last of each page, unless its document was deleted after it."""
        self.lines.seek(0)
        while head := self.lines.readline():
            body = self.lines.readline()
            found = json.loads(head)
            number, page, document = found[:3]
            if self.pages[page] == number and number > self.documents.get(document, (0, None))[0]:
                yield found, body


class OpenSearchEngine:
    """`search.engine.Engine` on an OpenSearch server. Safe to share between threads; opens anew after a fork.

    url: http(s)://user:password@host:9200. index: what the names of its indexes begin with. ca_file: PEM file of who
    signed the server's certificate, where the machine does not know them. shards: of an index that is made.
    """

    def __init__(
        self, url: str, *, index: str = "casebundle", ca_file: str | None = None, shards: int = 1
    ) -> None:
        self.url = url
        self.alias = f"{index.lower()}-{VERSION}"
        self.ca_file = ca_file
        self.shards = shards
        self._writing = threading.RLock()
        self._state = threading.RLock()
        self._pid = os.getpid()
        self._client: OpenSearch | None = None
        self._known = False  # whether the index was there before, for this process
        self._seen: tuple[float, _Indexes] | None = None
        self._batch: _Batch | None = None
        self._away: tuple[float, str] = (0.0, "")
        self._piece = PIECE

    # What everybody calls

    @property
    def version(self) -> str:
        """See Engine.version. While a batch is open: of the index that it goes to. Raises SearchError."""
        batch = self._batch
        if batch is not None:
            return batch.targets.version
        return self._open().version

    def index(self, pages: Iterable[PageDoc]) -> None:
        """See Engine.index. The server hears of it at `commit`."""
        with self._writing:
            batch = self._begin()
            for page in pages:
                batch.add(page)

    def delete_documents(self, ids: Iterable[str], change: int | None = None) -> None:
        """See Engine.delete_documents. The server hears of it at `commit`."""
        with self._writing:
            batch = self._begin()
            for document in ids:
                batch.delete(document, change)

    def commit(self) -> None:
        """See Engine.commit, but that a commit that fails half-way may leave some pages of it."""
        with self._writing:
            batch, self._batch = self._batch, None
            if batch is None:
                return
            with batch.lines:
                assert batch.targets.current is not None  # _begin saw it
                self._write(batch, batch.targets.current, batch.targets.next)

    def search(self, query: str, filters: Filters, limit: int = 20, offset: int = 0) -> Results:
        """See Engine.search."""
        if not 0 <= limit <= MAX_LIMIT or not 0 <= offset <= MAX_OFFSET:
            raise ValueError(f"limit is 0 to {MAX_LIMIT}, offset 0 to {MAX_OFFSET}")
        passes = _filter(filters)
        tree = parse(query)
        if isinstance(tree, Nothing) or passes is None:
            return Results()
        self._open()
        points = ranking.points(tree, query, self._counts(ranking.alternatives(tree), passes, filters))
        sort: list[Any] = [{"position": "asc"}, {"page": "asc"}]
        body: dict[str, Any] = {
            "query": _scored(tree, points, passes),
            "from": offset if limit else 0,
            "size": limit,
            "sort": [{"_score": "desc"}, *sort] if points else sort,
            "stored_fields": "_none_",
            "docvalue_fields": ["page", "document"],
            "track_total_hits": True,
            "aggs": _AGGREGATIONS,
        }
        answer = self._search(body, filters)
        hits = tuple(
            Hit(hit["fields"]["page"][0], hit["fields"]["document"][0], hit["_score"] if points else 1.0)
            for hit in answer["hits"]["hits"]
        )
        facets = {
            name: {bucket["key"]: bucket["doc_count"] for bucket in answer["aggregations"][name]["buckets"]}
            for name in FACETS
        }
        return Results(answer["hits"]["total"]["value"], hits, facets)

    def _counts(self, nodes: Sequence[query.Node], passes: dict[str, Any], filters: Filters) -> list[int]:
        """How many of the pages that pass each of these parts of a query finds."""
        if not nodes:
            return []
        each = {str(number): _node(node) for number, node in enumerate(nodes)}
        body = {
            "query": {"bool": passes},
            "size": 0,
            "track_total_hits": False,
            "aggs": {"each": {"filters": {"filters": each}}},
        }
        told = self._search(body, filters)["aggregations"]["each"]["buckets"]
        return [int(told[name]["doc_count"]) for name in each]

    def count(self) -> int:
        """See Engine.count. Raises IndexDamaged, SearchError."""
        self._open()
        return int(self._ask("GET", f"/{self.alias}/_count")["count"])

    def check(self, *, deep: bool = False) -> None:
        """See Engine.check: the server answers, the index is there, is ours and all of it can be searched."""
        self._open(fresh=True)
        health = self._ask("GET", f"/_cluster/health/{self.alias}", params={"level": "indices"})
        if health.get("timed_out") or health["status"] == "red":
            raise SearchError("a part of the index is not there: GET /_cluster/allocation/explain says why")
        if deep:
            self._ask("GET", f"/{self.alias}/_count")

    def reset(self) -> None:
        """See Engine.reset."""
        with self._writing:
            self.close()
            try:
                missing = self._look().current is None
            except IndexDamaged:
                missing = False
            if missing and self._create_first():
                self._open(fresh=True)
                return
            name = self._create()
            actions: list[dict[str, Any]] = [
                {"remove_index": {"index": old}} for old in self._holders(self.alias)
            ]
            self._aliases([*actions, {"add": {"index": name, "alias": self.alias}}])
            self._open(fresh=True)

    def beside(self) -> Beside:
        """See Engine.beside. Whoever writes from now on writes into both; another one in the making ends."""
        self._open()
        name = self._create()
        actions: list[dict[str, Any]] = [
            {"remove_index": {"index": old}} for old in self._holders(f"{self.alias}-next")
        ]
        self._aliases([*actions, {"add": {"index": name, "alias": f"{self.alias}-next"}}])
        return _Beside(self, name)

    def holds(self) -> dict[str, int]:
        """See Engine.holds."""
        self._open()
        found: dict[str, int] = {}
        sources = [{"document": {"terms": {"field": "document"}}}]
        each: dict[str, Any] = {"size": 5000, "sources": sources}
        while True:
            body = {"size": 0, "track_total_hits": False, "aggs": {"each": {"composite": each}}}
            params = {"allow_partial_search_results": "false"}
            answer = self._ask("POST", f"/{self.alias}/_search", body=body, params=params, within=WRITING)
            told = answer["aggregations"]["each"]
            found.update((bucket["key"]["document"], bucket["doc_count"]) for bucket in told["buckets"])
            if "after_key" not in told:
                return found
            each["after"] = told["after_key"]

    def prune(self) -> None:
        """Delete indexes of this version that somebody began and forsook. Raises SearchError."""
        for name, begun in self._look().others:
            if time.time() - begun > FORSAKEN:
                self._delete(name)

    def about(self) -> str:
        """See Engine.about."""
        server = self._ask("GET", "/")["version"]
        found = self._open(fresh=True)
        stats = self._ask("GET", f"/{found.current}/_stats/docs,store")["_all"]["primaries"]
        health = self._ask("GET", f"/_cluster/health/{self.alias}")["status"]
        pages, size = stats["docs"]["count"], stats["store"]["size_in_bytes"]
        beside = f", {found.next} in the making" if found.next else ""
        kind = server.get("distribution", "elasticsearch")
        return f"{kind} {server['number']}, {found.current} ({health}), {pages} pages, {size / 1e6:.0f} MB{beside}"

    def close(self) -> None:
        """See Engine.close."""
        with self._writing, self._state:
            if self._batch is not None and self._pid == os.getpid():
                self._batch.lines.close()
            self._batch = None
            if self._client is not None and self._pid == os.getpid():
                self._client.close()
            self._client = None
            self._seen = None

    # Asking

    def _connected(self) -> OpenSearch:
        with self._state:
            if self._pid != os.getpid():
                self._pid, self._client, self._batch, self._seen = os.getpid(), None, None, None
            if self._client is None:
                parts = urlsplit(self.url)
                more: dict[str, Any] = {}
                if parts.username is not None:
                    more["http_auth"] = (unquote(parts.username), unquote(parts.password or ""))
                if parts.scheme == "https" and self.ca_file:
                    more["ca_certs"] = self.ca_file
                host = {
                    "host": parts.hostname,
                    "port": parts.port or (443 if parts.scheme == "https" else 9200),
                    "scheme": parts.scheme,
                    "use_ssl": parts.scheme == "https",
                    "url_prefix": parts.path.strip("/"),
                }
                self._client = OpenSearch(
                    hosts=[host], pool_maxsize=16, max_retries=1, retry_on_status=(),
                    **more,
                )  # fmt: skip
            return self._client

    def _ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: dict[str, Any] | None = None,
        within: float = SEARCHING,
    ) -> Any:
        """One question. Raises IndexDamaged where there is no such index, SearchError for everything else."""
        until, why = self._away
        if time.monotonic() < until:
            raise SearchError(why)
        with _said():
            try:
                return self._connected().transport.perform_request(
                    method,
                    quote(path, safe="/*,_-."),
                    params={
                        "request_timeout": urllib3.Timeout(connect=CONNECTING, read=within),
                        **(params or {}),
                    },
                    body=body,
                )
            except ConnectionTimeout:
                self._away = time.monotonic() + AWAY, "OpenSearch did not answer in time"
                raise

    def _search(self, body: dict[str, Any], filters: Filters) -> Any:
        """The answer, of the whole index or none. Raises as `_ask`."""
        params = {"allow_partial_search_results": "false", **_routing(filters)}
        body["timeout"] = f"{SEARCHING * 1000:.0f}ms"
        for again in (True, False):
            try:
                return self._ask(
                    "POST", f"/{self.alias}/_search", body=body, params=params, within=SEARCHING + 1
                )
            except IndexDamaged:
                # Taken over and thrown away between two steps of the server.
                if not again:
                    raise
        raise AssertionError

    # Which indexes there are

    def _open(self, *, fresh: bool = False) -> _Indexes:
        """What there is, as of a second ago; the first index is made where there is none. Raises IndexDamaged."""
        with self._state:
            if self._pid != os.getpid():
                self._connected()
            seen = self._seen
        if seen is not None and not fresh and time.monotonic() - seen[0] < FRESH:
            return seen[1]
        found = self._look()
        if found.current is None:
            if self._known or not self._create_first():
                self._seen = None
                raise IndexDamaged("the search index is not there any more")
            found = self._look()
            if found.current is None:
                raise IndexDamaged("the search index is not there any more")
        self._known = True
        self._seen = time.monotonic(), found
        return found

    def _look(self) -> _Indexes:
        """What the server has of this version. Raises IndexDamaged where it is not ours."""
        params = {
            "filter_path": "*.aliases,*.settings.index.uuid,*.mappings._meta",
            "allow_no_indices": "true",
            "ignore_unavailable": "true",
        }
        answer = self._ask("GET", f"/{self.alias}*", params=params)
        current = uuid = building = None
        begun = 0.0
        others = []
        for name, about in answer.items():
            aliases = about.get("aliases", {})
            if name == self.alias:
                raise IndexDamaged(f"{name} is an index of somebody else's, and should be an alias")
            if not name.startswith(f"{self.alias}-"):
                continue  # of a version that begins with the same signs
            since = float(about.get("mappings", {}).get("_meta", {}).get("begun", 0))
            if self.alias in aliases:
                if current is not None:
                    raise IndexDamaged(f"{self.alias} is an alias of several indexes")
                current, uuid = name, about["settings"]["index"]["uuid"]
            elif f"{self.alias}-next" in aliases:
                building, begun = name, since
            else:
                others.append((name, since))
        version = f"opensearch-{VERSION}-{uuid}" if current else ""
        return _Indexes(current, version, building, begun, tuple(sorted(others)))

    def _holders(self, alias: str) -> list[str]:
        """The indexes that have this alias, or its name."""
        answer = self._ask(
            "GET",
            f"/{alias}",
            params={"filter_path": "*.aliases", "ignore_unavailable": "true", "allow_no_indices": "true"},
        )
        return sorted(answer)

    def _create_first(self) -> bool:
        """Make an index where there was none; several processes at once make one. Whether it is there."""
        name = f"{self.alias}-first"
        try:
            self._create(name, current=True)
        except SearchError:
            found = self._look()
            if found.current is not None:
                return True
            if name not in dict(found.others):
                raise
            # Its alias was taken away: what is in it nobody knows.
            self._delete(name)
            self._create(name, current=True)
        return True

    def _create(self, name: str = "", *, current: bool = False) -> str:
        name = name or f"{self.alias}-{secrets.token_hex(6)}"
        aliases: dict[str, Any] = {f"{name}-w": {}}
        if current:
            aliases[self.alias] = {}
        self._ask("PUT", f"/{name}", body={**_definition(self.shards), "aliases": aliases}, within=WRITING)
        return name

    def _aliases(self, actions: list[dict[str, Any]]) -> None:
        """All of it at one stroke."""
        self._ask("POST", "/_aliases", body={"actions": actions}, within=WRITING)
        self._seen = None

    def _delete(self, name: str) -> None:
        self._ask("DELETE", f"/{name}", params={"ignore_unavailable": "true"}, within=WRITING)

    # Writing

    def _begin(self) -> _Batch:
        """The open batch, and where it goes. Call with `_writing` held."""
        if self._pid != os.getpid():
            self._connected()
        if self._batch is None:
            found = self._open(fresh=True)
            if found.next is not None and time.time() - found.next_begun > FORSAKEN:
                self._delete(found.next)
                found = self._open(fresh=True)
            self._batch = _Batch(found)
        return self._batch

    def _write(self, batch: _Batch, name: str, beside: str | None = None) -> None:
        """Everything of a batch into one index, and into the one beside it if that is still there."""
        # Before anything is written: what is gone from one of them must go from the other.
        deletions = self._deletions(batch, name, beside)
        self._write_into(batch, name, deletions)
        if beside is not None:
            try:
                self._write_into(batch, beside, deletions)
            except IndexDamaged:
                log.warning("the index in the making is gone: %s", beside)

    def _write_into(self, batch: _Batch, name: str, deletions: list[tuple[str, str, int]]) -> None:
        self._bulk(f"{name}-w", (_Action.delete(*one) for one in deletions))
        pages = (
            _Action.index(page, case, change, body)
            for (_number, page, _document, case, change), body in batch.entries()
        )
        self._bulk(f"{name}-w", pages)
        self._ask("POST", f"/{name}/_refresh", within=WRITING)

    def _deletions(self, batch: _Batch, name: str, beside: str | None) -> list[tuple[str, str, int]]:
        """(page, case, change) of what has to go."""
        if not batch.documents:
            return []
        written = {head[1] for head, _body in batch.entries()}
        ids = list(batch.documents)
        gone: dict[str, tuple[str, str, int]] = {}
        for one in (name, beside):
            if one is None:
                continue
            try:
                # What another process wrote and did not make visible is seen as well.
                self._ask("POST", f"/{one}/_refresh", within=WRITING)
                for at in range(0, len(ids), 500):
                    for page, document, case, version in self._pages_of(one, ids[at : at + 500]):
                        change = batch.documents[document][1]
                        if page not in written:
                            gone.setdefault(page, (page, case, version if change is None else change))
            except IndexDamaged:
                if one == name:
                    raise
        return list(gone.values())

    def _pages_of(self, name: str, documents: list[str]) -> Iterator[tuple[str, str, str, int]]:
        """(page, document, case, version) of all their pages."""
        body: dict[str, Any] = {
            "query": {"bool": {"filter": [{"terms": {"document": documents}}]}},
            "size": 5000,
            "sort": [{"page": "asc"}],
            "version": True,
            "stored_fields": "_none_",
            "docvalue_fields": ["page", "document", "case"],
            "track_total_hits": False,
        }
        while True:
            params = {"allow_partial_search_results": "false"}
            answer = self._ask("POST", f"/{name}/_search", body=body, params=params, within=WRITING)
            hits = answer["hits"]["hits"]
            for hit in hits:
                fields = hit["fields"]
                yield fields["page"][0], fields["document"][0], fields["case"][0], hit["_version"]
            if len(hits) < body["size"]:
                return
            body["search_after"] = hits[-1]["sort"]

    def _bulk(self, writer: str, actions: Iterable[_Action]) -> None:
        """Write in pieces that the server takes, with all the time that it needs within reason."""
        piece: list[_Action] = []
        size = 0
        for action in actions:
            if piece and size + action.size > self._piece:
                self._send(writer, piece)
                piece, size = [], 0
            piece.append(action)
            size += action.size
        if piece:
            self._send(writer, piece)

    def _send(self, writer: str, piece: list[_Action]) -> None:
        waiting: list[list[_Action]] = [piece]
        until, pause = time.monotonic() + PATIENCE, 0.1
        while waiting:
            part = waiting.pop()
            try:
                left = self._send_once(writer, part)
            except _TooLarge:
                if len(part) > 1:
                    half = len(part) // 2
                    waiting += [part[half:], part[:half]]
                    self._piece = max(10_000, min(self._piece, sum(one.size for one in part) // 2))
                else:
                    # It would hold up everything after it for ever.
                    waiting.append([part[0].shortened()])
                    log.warning("a page has more text than the server takes; the end of it is not found")
                continue
            except _Busy:
                left = part
            if not left:
                pause = 0.1
                continue
            if time.monotonic() + pause > until:
                raise SearchError("OpenSearch has too much to do to take more pages")
            time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311
            pause = min(pause * 2, 5)
            half = (len(left) + 1) // 2
            waiting += [one for one in (left[half:], left[:half]) if one]

    def _send_once(self, writer: str, part: list[_Action]) -> list[_Action]:
        """What the server has no room for at the moment."""
        body = b"".join(line for one in part for line in one.lines)
        params = {"require_alias": "true", "filter_path": "errors,items.*.status,items.*.error.type"}
        answer = self._ask("POST", f"/{writer}/_bulk", body=body, params=params, within=WRITING)
        if not answer.get("errors"):
            return []
        left = []
        for one, item in zip(part, answer["items"], strict=True):
            (result,) = item.values()
            status, error = result["status"], result.get("error", {}).get("type", "")
            if status < 300 or status == 409 or (one.deletes and status == 404 and not error):
                continue  # 409: what is there is newer
            if error == "cluster_block_exception":  # with any status
                raise SearchError("OpenSearch takes nothing more: is its disk full?")
            if status == 429:
                left.append(one)
            elif error == "index_not_found_exception":
                raise IndexDamaged("the search index was deleted while it was written")
            else:
                raise SearchError(f"OpenSearch refuses a page: {error or status}")
        return left


class _Beside:
    """`search.engine.Beside` on an index with the alias "…-next"."""

    def __init__(self, engine: OpenSearchEngine, name: str) -> None:
        self.engine = engine
        self.name = name
        self.version = f"opensearch-{VERSION}-{self._uuid()}"
        self._batch: _Batch | None = None
        self._useless = [name]

    def _uuid(self) -> str:
        about = self.engine._ask("GET", f"/{self.name}/_settings")
        return str(about[self.name]["settings"]["index"]["uuid"])

    def _begin(self) -> _Batch:
        if self._batch is None:
            self._batch = _Batch(_Indexes(self.name))
        return self._batch

    def index(self, pages: Iterable[PageDoc]) -> None:
        batch = self._begin()
        for page in pages:
            batch.add(page)

    def delete_documents(self, ids: Iterable[str], change: int | None = None) -> None:
        batch = self._begin()
        for document in ids:
            batch.delete(document, change)

    def commit(self) -> None:
        batch, self._batch = self._batch, None
        if batch is not None:
            with batch.lines:
                holders = self.engine._holders(self.engine.alias)
                deletions = self.engine._deletions(batch, self.name, holders[0] if holders else None)
                self.engine._write_into(batch, self.name, deletions)

    def take_over(self, last: Callable[[], None]) -> None:
        """See Beside.take_over. What others write reaches both since this was begun."""
        last()
        self.commit()
        engine = self.engine
        old = engine._holders(engine.alias)
        actions: list[dict[str, Any]] = [{"remove": {"index": one, "alias": engine.alias}} for one in old]
        actions.append({"remove": {"index": self.name, "alias": f"{engine.alias}-next"}})
        actions.append({"add": {"index": self.name, "alias": engine.alias}})
        try:
            engine._aliases(actions)
        except SearchError:
            # It may have been done all the same, and only the answer was lost.
            if engine._holders(engine.alias) != [self.name]:
                raise
        engine._known = True
        self._useless = old

    def close(self) -> None:
        """See Beside.close. Those who are searching what was taken over from have a moment to end."""
        if self._batch is not None:
            self._batch.lines.close()
            self._batch = None
        if self.name not in self._useless:
            time.sleep(GRACE)
        for one in self._useless:
            try:
                if one not in self.engine._holders(self.engine.alias):
                    self.engine._delete(one)
            except SearchError as error:
                log.warning("an index that is of no use stays behind: %s (%s)", one, error)
        self._useless = []


@dataclass(frozen=True)
class _Action:
    """One line or two of a bulk request."""

    lines: tuple[bytes, ...]

    @classmethod
    def index(cls, page: str, case: str, change: int, body: bytes) -> _Action:
        head = {"_id": page, "routing": case or "-", "version": change, "version_type": "external_gte"}
        return cls((json.dumps({"index": head}).encode() + b"\n", body))

    @classmethod
    def delete(cls, page: str, case: str, change: int) -> _Action:
        head = {"_id": page, "routing": case or "-", "version": change, "version_type": "external_gte"}
        return cls((json.dumps({"delete": head}).encode() + b"\n",))

    @property
    def deletes(self) -> bool:
        return len(self.lines) == 1

    @property
    def size(self) -> int:
        return sum(map(len, self.lines))

    def shortened(self) -> _Action:
        """With half of its words."""
        if self.deletes or self.size < 2000:
            raise SearchError("OpenSearch, or what stands before it, takes no requests at all")
        body = json.loads(self.lines[1])
        for name in ("exact", "stem", "often", *BEGINS.values()):
            words = body[name].split()
            body[name] = " ".join(words[: max(1, len(words) // 2)])
        return _Action((self.lines[0], json.dumps(body, ensure_ascii=False).encode() + b"\n"))


class _Busy(SearchError):
    """It has too much to do (429)."""


class _TooLarge(SearchError):
    """It takes no request of this size (413)."""


@contextmanager
def _said() -> Iterator[None]:
    """What goes wrong between us and the server, in words of ours, and never with what was asked or sent."""
    try:
        yield
    except TransportError as error:
        raise _error(error) from error
    except (SerializationError, OpenSearchException, ValueError, UnicodeError) as error:
        raise SearchError(f"OpenSearch answers what is no answer: {type(error).__name__}") from error


def _error(error: TransportError) -> SearchError:
    """What an answer that is none means."""
    match error:
        case NotFoundError():
            return IndexDamaged("the search index is not there")
        case SSLError():
            return SearchError(
                "OpenSearch shows a certificate that is not known here: OPENSEARCH_CA_FILE names who signed it"
            )
        case ConnectionTimeout():
            return SearchError("OpenSearch did not answer in time")
        case exceptions.ConnectionError():
            return SearchError("OpenSearch does not answer")
        case AuthenticationException():
            return SearchError("OpenSearch refuses the user or the password of OPENSEARCH_URL")
    if error.error == "cluster_block_exception":
        return SearchError("OpenSearch takes nothing more: is its disk full?")
    match error.status_code:
        case 403:
            return SearchError("OpenSearch lets the user of OPENSEARCH_URL not do this")
        case 413:
            return _TooLarge("OpenSearch, or what stands before it, takes no request of this size")
        case 429:
            return _Busy("OpenSearch has too much to do at the moment")
        case 400 if "too_many" in _types(error.info):
            return SearchError("OpenSearch does not take so long a question")
    kind = error.error if str(error.error).replace("_", "").isalpha() else "no reason given"
    return SearchError(f"OpenSearch answers {error.status_code}: {kind}")


def _types(info: Any) -> str:
    """Names of what went wrong, at any depth."""
    if isinstance(info, dict):
        own = str(info.get("type", "")) if isinstance(info.get("type"), str) else ""
        reason = str(info.get("reason", ""))
        if "maxClauseCount" in reason or "max clause count" in reason.lower():
            own += " too_many_clauses"
        return " ".join([own, *(_types(value) for value in info.values() if isinstance(value, (dict, list)))])
    if isinstance(info, list):
        return " ".join(map(_types, info))
    return ""


def _definition(shards: int) -> dict[str, Any]:
    """Settings and fields of an index. What is not named here is refused."""
    # Nothing that counts words of all pages is needed: see search.ranking.
    words = {"type": "text", "analyzer": "words", "search_analyzer": "words", "norms": False}
    return {
        "settings": {
            "index": {
                "number_of_shards": shards,
                "auto_expand_replicas": "0-1",
                "refresh_interval": "-1",
                "max_result_window": MAX_OFFSET + MAX_LIMIT,
                # For so long it is known that a page was taken out, and in which change.
                "gc_deletes": "1h",
                "analysis": {
                    "tokenizer": {"spaces": {"type": "whitespace", "max_token_length": 4096}},
                    "analyzer": {"words": {"type": "custom", "tokenizer": "spaces"}},
                },
            }
        },
        "mappings": {
            "dynamic": "strict",
            "_meta": {"version": VERSION, "begun": time.time()},
            "_source": {"enabled": False},
            "_routing": {"required": True},
            "properties": {
                **{name: {"type": "keyword"} for name in ("page", "document", "case", "section", "party")},
                **{name: {"type": "keyword", "doc_values": False} for name in ("audience", "exhibit")},
                "date": {"type": "integer"},
                "position": {"type": "long"},
                **{name: {**words, "index_options": "docs"} for name in ("title", "often")},
                "exact": {**words, "index_options": "positions"},
                "stem": {**words, "index_options": "positions"},
                **{name: {**words, "index_options": "positions"} for name in BEGINS.values()},
            },
        },
    }


def _fields(page: PageDoc) -> dict[str, Any]:
    """The document of one page. Raises ValueError for a date that is not ISO."""
    words = analysis.fields(page.text, f"{page.title} {page.exhibit}")
    body: dict[str, Any] = {
        "page": page.page,
        "document": page.document,
        "case": page.case,
        "position": page.position,
        **{name: " ".join(stream) for name, stream in words.items()},
        **{name: " ".join([word[:size] for word in words["exact"]]) for size, name in BEGINS.items()},
        "often": " ".join(ranking.often(words["stem"])),
    }
    more = {
        "section": page.section,
        "party": page.party,
        "exhibit": analysis.key(page.exhibit),
        "audience": list(page.audience),
        "date": None if page.date is None else _day(page.date),
    }
    return body | {name: value for name, value in more.items() if value}


def _day(iso: str) -> int:
    """2026-11-22 as the number 20261122. Raises ValueError."""
    day = date.fromisoformat(iso)
    return day.year * 10_000 + day.month * 100 + day.day


_AGGREGATIONS: dict[str, Any] = {
    # Of the same number the first by name. A document is in one part of the index, so it is counted whole.
    name: {"terms": {"field": name, "size": MAX_FACET}}
    for name in FACETS
}


def _routing(filters: Filters) -> dict[str, str]:
    """Where the pages of these cases are, as far as that is fewer parts than all."""
    if filters.case is None:
        return {}
    cases = [filters.case] if isinstance(filters.case, str) else list(dict.fromkeys(filters.case))
    if not cases or len(cases) > MANY_CASES or any("," in case for case in cases):
        return {}
    return {"routing": ",".join(cases)}


def _filter(filters: Filters) -> dict[str, Any] | None:
    """Clauses that decide and do not score; None where nothing passes. Raises ValueError for a date that is none."""
    first = _day(filters.date_from) if filters.date_from else None
    last = _day(filters.date_to) if filters.date_to else None
    clauses: list[dict[str, Any]] = []
    for name in ("audiences", "case", "section", "party"):
        wanted: str | Sequence[str] | None = getattr(filters, name)
        if wanted is None:
            continue
        values = [wanted] if isinstance(wanted, str) else list(dict.fromkeys(wanted))
        if not values:
            return None
        clauses.append({"terms": {"audience" if name == "audiences" else name: values}})
    if first is not None or last is not None:
        clauses.append({"range": {"date": {"gte": first or 0, "lte": last or 99991231}}})
    out: dict[str, Any] = {"filter": clauses}
    if filters.exclude_documents:
        left_out = list(filters.exclude_documents)
        out["must_not"] = [
            {"terms": {"document": left_out[at : at + MOST_TERMS]}}
            for at in range(0, len(left_out), MOST_TERMS)
        ]
    return out


def _scored(tree: query.Node, points: Sequence[ranking.Point], passes: dict[str, Any]) -> dict[str, Any]:
    """The pages that a query finds and that pass, each with its points."""
    found = {**passes, "filter": [*passes["filter"], _node(tree)]}
    worth = [{"constant_score": {"filter": _signal(point.signal), "boost": point.worth}} for point in points]
    return {"bool": {**found, "should": worth, "minimum_should_match": 0}}


def _signal(signal: ranking.Signal) -> dict[str, Any]:
    """The pages of which it is true."""
    match signal:
        case ranking.Holds():
            return _node(signal.node)
        case ranking.Often():
            return _term("often", ranking.mark(signal.stem, signal.level))
        case ranking.Titled():
            return _term("title", signal.stem)
        case ranking.Exhibit():
            return _term("exhibit", signal.key)
        case ranking.Close():
            return _close("stem", signal.stems, ranking.CLOSENESS)


def _node(node: query.Node) -> dict[str, Any]:
    match node:
        case query.And():
            return {
                "bool": {
                    "must": [_node(child) for child in node.must],
                    "must_not": [_node(child) for child in node.must_not],
                }
            }
        case query.Or():
            return {
                "bool": {
                    "should": [_node(child) for child in node.branches],
                    "minimum_should_match": 1,
                }
            }
        case query.Word():
            return _term("stem", node.stem)
        case query.Phrase():
            return _row("exact", node.terms)
        case query.Compound():
            return _row("stem", node.stems)
        case query.Near():
            pairs = zip(node.terms, node.terms[1:], strict=False)
            return {"bool": {"filter": [_close("exact", pair, node.distance) for pair in pairs]}}
        case query.Fuzzy():
            about = {
                "value": node.term,
                "fuzziness": node.distance,
                "transpositions": True,
                "rewrite": "constant_score",  # by any other it stops after fifty words, of whomever
            }
            return {"fuzzy": {"exact": about}}
        case query.Prefix():
            return _prefix(node)
        case _:
            return {"match_none": {}}


def _term(name: str, word: str) -> dict[str, Any]:
    return {"term": {name: {"value": word}}}


def _row(name: str, words: Sequence[str]) -> dict[str, Any]:
    if len(words) == 1:
        return _term(name, words[0])
    return {"match_phrase": {name: {"query": " ".join(words), "analyzer": "words"}}}


def _close(name: str, pair: tuple[str, str], distance: int) -> dict[str, Any]:
    """At most so many words between the two, in either order."""
    clauses = [{"span_term": {name: word}} for word in pair]
    return {"span_near": {"clauses": clauses, "slop": distance, "in_order": False}}


def _prefix(node: query.Prefix) -> dict[str, Any]:
    short = BEGINS.get(len(node.prefix))
    if not node.head:
        if short:
            return _term(short, node.prefix)
        return {"prefix": {"exact": {"value": node.prefix, "rewrite": "constant_score"}}}
    if short:
        last = {"span_field_masking": {"query": {"span_term": {short: node.prefix}}, "field": "exact"}}
        heads = [{"span_term": {"exact": word}} for word in node.head]
        return {"span_near": {"clauses": [*heads, last], "slop": 0, "in_order": True}}
    words = " ".join([*node.head, node.prefix])
    return {
        "match_phrase_prefix": {"exact": {"query": words, "analyzer": "words", "max_expansions": EVERY_WORD}}
    }
