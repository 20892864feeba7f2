"""Search at size: 100,000 pages through our engine, and through the whole server, beside tantivy used bare.

    python bench/search.py [--pages 100000] [--rounds 30] [--folder DIR] [--no-server] [--no-embedded]
                           [--processor-time]

Pages of 350 words, drawn as words are in language (Zipf), with the quotation marks and dashes of offices, in 50 cases
of 2,000 pages. Each kind of query is asked with words drawn anew, of everybody in turn:

- bare: tantivy with one field, its own English stemmer and its own query parser; 20 hits, their stored page ids
- bare, as ours: the same with the same filters inside the query (audience, case, party, date, documents left out),
  and tantivy's own snippet of each of the 20 hits
- ours: the same filters, facets over all hits, words marked by the rules of our query language, 20 snippets
- ours, all cases: the audiences of 50 cases, over all 100,000 pages

With OPENSEARCH_URL the same on that server, in the same run: our engine beside a bare opensearch-py query with the same
filters and the server's own highlighting of 20 hits, over an index with the text and the server's English analysis.

And GET /api/v1/search over HTTP, in one case of 100,000 pages in one bundle: sign-in by token, access, labels,
snippets and the boxes of the marks in.
"""

from __future__ import annotations

import argparse
import json
import mmap
import os
import random
import shutil
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import tantivy

from bench._product import REFERENCE, Product
from bench.table import Table, median, percentile
from search import marks, query
from search.embedded import EmbeddedEngine
from search.engine import FACETS, MAX_FACET, Filters, PageDoc
from search.opensearch import OpenSearchEngine

CASES = 50
WORDS = 350
PARTIES = ("prosecution", "bates", "doyle", "court")
QUERIES = {
    "one rare word": "{rare}",
    "one common word": "{common}",
    "two words": "{common} {middle}",
    "three words": "{common} {middle} {rare}",
    "phrase": '"{pair}"',
    "either": "{middle} OR {rare}",
    "without": "{common} -{middle}",
    "prefix": "{stub}*",
    "prefix, two letters": "{letter}*",
    "misspelt": "{typo}~",
    "near": '"{common} {middle}"~5',
    "telephone": "07700 900{n:03d}",
    "exhibit": "JS/{n}",
}


def vocabulary(rng: random.Random, size: int = 60_000) -> list[str]:
    consonants, vowels = "bcdfghlmnprstvw", "aeiou"
    words: dict[str, None] = {}
    while len(words) < size:
        syllables = rng.choice((1, 2, 2, 3, 3, 4))
        word = "".join(rng.choice(consonants) + rng.choice(vowels) for _ in range(syllables))
        words[word + rng.choice(("", "n", "s", "ing", "ed", "t"))] = None
    return list(words)


def texts(rng: random.Random, words: list[str], pages: int) -> Iterator[str]:
    weights = [0.0]
    for rank in range(1, len(words) + 1):
        weights.append(weights[-1] + 1 / (rank + 2.7))
    del weights[0]
    for _ in range(pages):
        page = rng.choices(words, cum_weights=weights, k=WORDS)
        if rng.random() < 0.1:
            page[rng.randrange(WORDS)] = f"JS/{rng.randrange(500)}"
        if rng.random() < 0.02:
            page[rng.randrange(WORDS)] = f"07700 900{rng.randrange(1000):03d}"
        for at in range(9, WORDS, 10):
            page[at] += ".\n" if at % 40 == 9 else "\n"
        # Very few pages of an office are plain ASCII.
        page[rng.randrange(WORDS)] = "“I’m sure” –"
        yield " ".join(page)


def page(number: int, text: str, per_case: int) -> PageDoc:
    case, within = divmod(number, per_case)
    document = within // 12
    audience = "everybody" if document % 3 else PARTIES[document % 4]
    return PageDoc(
        page=f"p{number}",
        document=f"c{case}d{document}",
        case=f"c{case}",
        section="ABCDEFGHIJ"[document % 10],
        party=PARTIES[document % 4],
        date=f"2025-{document % 12 + 1:02d}-{document % 28 + 1:02d}",
        audience=(f"c{case}/{audience}",),
        position=within,
        title=f"Statement {document}",
        exhibit=f"JS/{document}",
        text=text,
    )


def bare_index(folder: Path) -> tuple[tantivy.Index, tantivy.IndexWriter]:
    builder = tantivy.SchemaBuilder()
    for name in ("page", "case", "party", "document", "audience"):
        builder.add_text_field(name, stored=name == "page", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("date", fast=True)
    builder.add_text_field("text", stored=True, tokenizer_name="en_stem")
    index = tantivy.Index(builder.build(), path=str(folder))
    return index, index.writer(64_000_000, 1)


def bare_filter(schema: tantivy.Schema, filters: Filters) -> list[tuple[tantivy.Occur, tantivy.Query]]:
    """The clauses that let through what `filters` lets through."""
    must, never = tantivy.Occur.Must, tantivy.Occur.MustNot

    def any_of(name: str, wanted: object) -> tuple[tantivy.Occur, tantivy.Query]:
        values = [wanted] if isinstance(wanted, str) else list(wanted)  # type: ignore[call-overload]
        return must, tantivy.Query.const_score_query(tantivy.Query.term_set_query(schema, name, values), 0.0)

    clauses = [any_of("audience", filters.audiences)]
    if filters.case:
        clauses.append(any_of("case", filters.case))
    if filters.party:
        clauses.append(any_of("party", filters.party))
    if filters.date_from or filters.date_to:
        first, last = (
            int((day or other).replace("-", ""))
            for day, other in ((filters.date_from, "00000101"), (filters.date_to, "99991231"))
        )
        days = tantivy.Query.range_query(schema, "date", tantivy.FieldType.Integer, first, last)
        clauses.append((must, tantivy.Query.const_score_query(days, 0.0)))
    if filters.exclude_documents:
        out = tantivy.Query.term_set_query(schema, "document", list(filters.exclude_documents))
        clauses.append((never, out))
    return clauses


Clock = Callable[[], float]


def timed(call: Callable[[], object], clock: Clock = time.perf_counter) -> float:
    """Milliseconds."""
    start = clock()
    call()
    return (clock() - start) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--pages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--folder", type=Path, help="keep the indexes here; used again when they are there")
    parser.add_argument("--no-server", action="store_true", help="the engine alone")
    parser.add_argument("--no-embedded", action="store_true", help="OpenSearch alone")
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="the embedded engine alone, by what it costs and not by how long it takes: for a machine with other work",
    )
    arguments = parser.parse_args()
    root = arguments.folder or Path(tempfile.mkdtemp(prefix="bench-search-"))
    url = "" if arguments.processor_time else os.environ.get("OPENSEARCH_URL", "")
    elsewhere = OpenSearchSide(url, arguments.pages, keep=arguments.folder is not None) if url else None
    try:
        rng = random.Random(9)  # the same pages every time
        words = vocabulary(rng)
        corpus = Corpus(root, rng, words, arguments.pages)
        table = Table(f"search in {arguments.pages:,} pages")
        if not arguments.no_embedded:
            build(table, root, corpus)
        if elsewhere is not None:
            elsewhere.build(table, corpus)
        queries = asked(rng, words, corpus, arguments.rounds)
        if not arguments.no_embedded:
            clock = time.process_time if arguments.processor_time else time.perf_counter
            engines(table, root, corpus, queries, clock)
        if elsewhere is not None:
            elsewhere.measure(table, corpus, queries)
        if not (arguments.no_server or arguments.no_embedded or arguments.processor_time):
            server(table, root, list(corpus), queries)
    finally:
        if arguments.folder is None:
            shutil.rmtree(root)
        if elsewhere is not None:
            elsewhere.end()


class Corpus(Sequence[str]):
    """The texts of all pages, in a file: a million of them are 3 GB."""

    def __init__(self, root: Path, rng: random.Random, words: list[str], pages: int) -> None:
        path = root / f"corpus-{pages}"
        marks = path.with_suffix(".starts")
        self.starts = array("Q")
        if not marks.exists():
            root.mkdir(parents=True, exist_ok=True)
            at = 0
            with path.open("wb") as file:
                for text in texts(rng, words, pages):
                    data = text.encode()
                    self.starts.append(at)
                    at += file.write(data)
            self.starts.append(at)
            marks.write_bytes(self.starts.tobytes())
        else:
            self.starts.frombytes(marks.read_bytes())
        rng.seed(10)  # so that the questions are the same, whether the pages were there or not
        with path.open("rb") as file:
            self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def __len__(self) -> int:
        return len(self.starts) - 1

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> list[str]: ...
    def __getitem__(self, number: int | slice) -> str | list[str]:
        if isinstance(number, slice):
            return [self[n] for n in range(*number.indices(len(self)))]
        return self.data[self.starts[number] : self.starts[number + 1]].decode()


def build(table: Table, root: Path, corpus: Sequence[str]) -> None:
    """Both indexes, unless they are there."""
    pages, per_case = len(corpus), max(1, len(corpus) // CASES)
    ours = EmbeddedEngine(root / "ours")
    rate = bare_rate = None
    bare_folder = root / "bare"
    if not bare_folder.exists():
        bare_folder.mkdir(parents=True)
        start = time.perf_counter()
        _index, writer = bare_index(bare_folder)
        for number, text in enumerate(corpus):
            one = page(number, text, per_case)
            writer.add_document(
                tantivy.Document(
                    page=one.page,
                    case=one.case,
                    party=one.party,
                    document=one.document,
                    audience=list(one.audience),
                    date=int((one.date or "0").replace("-", "")),
                    text=text,
                )
            )
            if number % 1000 == 999:
                writer.commit()
        writer.commit()
        writer.wait_merging_threads()
        bare_rate = pages / (time.perf_counter() - start)
    if ours.count() != pages:
        ours.reset()
        start = time.perf_counter()
        slowest = 0.0
        for first in range(0, pages, 1000):
            ours.index(page(n, corpus[n], per_case) for n in range(first, min(first + 1000, pages)))
            before = time.perf_counter()
            ours.commit()
            slowest = max(slowest, time.perf_counter() - before)
        rate = pages / (time.perf_counter() - start)
        table.row("indexing, 1,000 pages a commit", rate, "pages/s", beside=bare_rate)
        table.row("slowest commit", slowest, "s")
    size, bare_size = (
        sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / pages
        for folder in (root / "ours", bare_folder)
    )
    table.row("index, bytes a page", size, "B", beside=bare_size)
    ours.close()


def asked(rng: random.Random, words: list[str], corpus: Sequence[str], rounds: int) -> dict[str, list[str]]:
    """Queries of each kind."""

    def fill(template: str) -> str:
        somewhere = corpus[rng.randrange(len(corpus))].split()
        at = rng.randrange(WORDS - 3)
        rare = words[rng.randrange(5_000, 50_000)]
        return template.format(
            rare=rare,
            common=words[rng.randrange(20)],
            middle=words[rng.randrange(100, 1000)],
            pair=" ".join(somewhere[at : at + 2]).replace(".", ""),
            stub=rare[:4],
            letter=rare[:2],
            typo=rare[:1] + rare[2:] if len(rare) > 4 else rare + "x",
            n=rng.randrange(500),
        )

    return {name: [fill(template) for _ in range(rounds)] for name, template in QUERIES.items()}


EVERYTHING = tuple(f"c{case}/{token}" for case in range(CASES) for token in ("everybody", "bates"))
ONE_CASE = Filters(
    audiences=("c7/everybody", "c7/bates", "c7/person:9"),
    case="c7",
    party=("prosecution", "bates", "doyle"),
    date_from="2025-02-01",
    date_to="2025-11-30",
    exclude_documents=("c7d1", "c7d2"),
)
ALL_CASES = Filters(audiences=EVERYTHING, date_from="2025-01-01", exclude_documents=("c7d1",))


def by_turns(
    table: Table,
    unit: str,
    columns: dict[str, Callable[[str], None]],
    queries: dict[str, list[str]],
    warm: list[str],
    clock: Clock = time.perf_counter,
) -> dict[str, list[float]]:
    """Milliseconds of every query by each way, one after the other, and a line of them for each kind of query."""
    for text in warm:
        for call in columns.values():
            call(text)
    times: dict[str, dict[str, list[float]]] = {name: {} for name in columns}
    for kind, texts_ in queries.items():
        for text in texts_:
            for name, call in columns.items():
                times[name].setdefault(kind, []).append(timed(lambda call=call, text=text: call(text), clock))  # type: ignore[misc]
    whole = {name: [one for found in kinds.values() for one in found] for name, kinds in times.items()}
    table.note(f"{unit}, median and p95 of each kind of query:")
    table.note(f"{'':20}" + "".join(f"{name:>17}" for name in columns))
    for kind in [*queries, "ALL"]:
        found = [whole[name] if kind == "ALL" else times[name][kind] for name in columns]
        cells = "".join(f"{median(one):9.2f} {percentile(one, 0.95):7.2f}" for one in found)
        table.note(f"{kind:20}{cells}")
    return whole


def engines(
    table: Table, root: Path, corpus: Sequence[str], queries: dict[str, list[str]], clock: Clock
) -> None:
    ours = EmbeddedEngine(root / "ours")
    bare = tantivy.Index.open(str(root / "bare"))
    searcher, schema = bare.searcher(), bare.schema
    one_case, all_cases = ONE_CASE, ALL_CASES

    def by_tantivy(text: str, filters: Filters | None, snippets: bool) -> None:
        # Its own query parser knows neither prefixes nor misspelt words.
        if text.endswith("*"):
            what = tantivy.Query.regex_query(schema, "text", text[:-1] + ".*")
        elif text.endswith("~"):
            distance = 2 if len(text) > query.LONG_WORD else 1
            what = tantivy.Query.fuzzy_term_query(schema, "text", text[:-1], distance)
        else:
            what, _ = bare.parse_query_lenient(text, ["text"], conjunction_by_default=True)
        inside = what
        if filters is not None:
            inside = tantivy.Query.boolean_query([(tantivy.Occur.Must, what), *bare_filter(schema, filters)])
        found = searcher.search(inside, 20)
        show = tantivy.SnippetGenerator.create(searcher, what, schema, "text") if snippets else None
        for _, address in found.hits:
            stored = searcher.doc(address)
            stored.get_first("page")
            if show is not None:
                show.snippet_from_doc(stored).highlighted()

    def by_us(text: str, filters: Filters, snippets: bool) -> None:
        tree = query.parse(text)
        for hit in ours.search(text, filters).hits:
            if snippets:
                marks.snippet(tree, corpus[int(hit.page[1:])])

    columns: dict[str, Callable[[str], None]] = {
        "bare": lambda text: by_tantivy(text, None, False),
        "bare+filters": lambda text: by_tantivy(text, one_case, False),
        "bare+f+snippets": lambda text: by_tantivy(text, one_case, True),
        "ours": lambda text: by_us(text, one_case, False),
        "ours+snippets": lambda text: by_us(text, one_case, True),
        "bare all": lambda text: by_tantivy(text, all_cases, True),
        "ours all": lambda text: by_us(text, all_cases, True),
    }
    # Files into memory, code into being, for everybody.
    unit = "milliseconds of a processor" if clock is time.process_time else "milliseconds"
    whole = by_turns(table, unit, columns, queries, ["one", "two"], clock)
    for share in (0.5, 0.95):
        name = f"p{share * 100:.0f}"
        value = {column: percentile(found, share) for column, found in whole.items()}
        aim = "under twice bare and under 20 ms" if share == 0.95 and clock is time.perf_counter else ""

        for what, our, their in (
            ("filters, facets and snippets, beside bare with both", "ours+snippets", "bare+f+snippets"),
            ("the same over all cases", "ours all", "bare all"),
        ):
            met = value[our] < 2 * value[their] and value[our] < 20 if aim else None
            table.row(f"{name}: {what}", value[our], beside=value[their], aim=aim, met=met)
        table.row(
            f"{name}: filters and facets, beside bare with filters",
            value["ours"],
            beside=value["bare+filters"],
        )
        table.row(
            f"{name}: with everything, beside bare with nothing", value["ours+snippets"], beside=value["bare"]
        )
    ours.close()


class OpenSearchSide:
    """The same on an OpenSearch server. keep: indexes stay, and are used again when they are there."""

    def __init__(self, url: str, pages: int, *, keep: bool) -> None:
        self.keep = keep
        name = f"bench-{pages}" if keep else f"bench-{os.getpid()}"
        self.ours = OpenSearchEngine(url, index=name)
        self.bare = f"{name}-bare"
        self.client = self.ours._connected()

    def end(self) -> None:
        if not self.keep:
            self.client.indices.delete(index=self.bare, ignore_unavailable=True)
            for index in self.client.indices.get(index=f"{self.ours.alias}*"):
                self.client.indices.delete(index=index)
        self.ours.close()

    def build(self, table: Table, corpus: Sequence[str]) -> None:
        from opensearchpy import helpers

        pages, per_case = len(corpus), max(1, len(corpus) // CASES)
        bare_rate = None
        if not self.client.indices.exists(index=self.bare):
            keyword = {"type": "keyword"}
            text = {"type": "text", "analyzer": "english", "index_options": "offsets"}
            fields = dict.fromkeys(("case", "party", "document", "audience", "section"), keyword)
            self.client.indices.create(
                index=self.bare,
                body={
                    "settings": {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1"},
                    "mappings": {"properties": {**fields, "date": {"type": "integer"}, "text": text}},
                },
            )

            def actions() -> Iterator[dict[str, Any]]:
                for number, text in enumerate(corpus):
                    one = page(number, text, per_case)
                    yield {
                        "_index": self.bare, "_id": one.page, "case": one.case, "party": one.party,
                        "document": one.document, "audience": list(one.audience), "section": one.section,
                        "date": int((one.date or "0").replace("-", "")), "text": text,
                    }  # fmt: skip

            start = time.perf_counter()
            sent = helpers.streaming_bulk(self.client, actions(), chunk_size=1000, request_timeout=60)
            assert all(done for done, _item in sent)
            self.client.indices.refresh(index=self.bare, request_timeout=120)
            bare_rate = pages / (time.perf_counter() - start)
        if self.ours.count() != pages:
            self.ours.reset()
            start = time.perf_counter()
            slowest = 0.0
            for first in range(0, pages, 4000):
                self.ours.index(page(n, corpus[n], per_case) for n in range(first, min(first + 4000, pages)))
                before = time.perf_counter()
                self.ours.commit()
                slowest = max(slowest, time.perf_counter() - before)
            rate = pages / (time.perf_counter() - start)
            table.row(
                "OpenSearch: indexing, 4,000 pages a commit, one thread", rate, "pages/s", beside=bare_rate
            )
            table.row("OpenSearch: slowest commit", slowest, "s")
        self.ours.index([page(0, corpus[0], per_case)])
        moments = [timed(self.ours.commit)]
        for _ in range(9):
            self.ours.index([page(0, corpus[0], per_case)])
            moments.append(timed(self.ours.commit))
        table.row("OpenSearch: one page written and found, median", median(moments))
        size, bare_size = (
            self.client.indices.stats(index=name)["_all"]["primaries"]["store"]["size_in_bytes"] / pages
            for name in (self.ours.alias, self.bare)
        )
        table.row("OpenSearch: index, bytes a page", size, "B", beside=bare_size)

    def ask_bare(self, text: str, filters: Filters, *, counts: bool = False) -> None:
        clauses: list[dict[str, Any]] = [{"terms": {"audience": list(filters.audiences)}}]
        for name in ("case", "party"):
            wanted = getattr(filters, name)
            if wanted:
                clauses.append({"terms": {name: [wanted] if isinstance(wanted, str) else list(wanted)}})
        days = {
            key: int(day.replace("-", ""))
            for key, day in (("gte", filters.date_from), ("lte", filters.date_to))
            if day
        }
        clauses.append({"range": {"date": days}})
        # Its own language has no sign for near but this, nor an OR that binds its neighbours; the words are the same.
        what = {
            "query_string": {"query": text.replace("/", "\\/"), "fields": ["text"], "default_operator": "AND"}
        }
        out = [{"terms": {"document": list(filters.exclude_documents)}}]
        # As many of each as there are, as we count them.
        facets = {name: {"terms": {"field": name, "size": MAX_FACET}} for name in FACETS} if counts else {}
        self.client.search(
            index=self.bare,
            body={
                "query": {"bool": {"must": [what], "filter": clauses, "must_not": out}},
                "aggs": facets,
                "size": 20,
                "_source": False,
                "track_total_hits": True,
                "highlight": {"fields": {"text": {"fragment_size": 240, "number_of_fragments": 1}}},
            },
        )

    def measure(self, table: Table, corpus: Sequence[str], queries: dict[str, list[str]]) -> None:
        def by_us(text: str, filters: Filters) -> None:
            tree = query.parse(text)
            for hit in self.ours.search(text, filters).hits:
                marks.snippet(tree, corpus[int(hit.page[1:])])

        columns: dict[str, Callable[[str], None]] = {
            "bare+f+highlight": lambda text: self.ask_bare(text, ONE_CASE),
            "ours+snippets": lambda text: by_us(text, ONE_CASE),
            "bare all": lambda text: self.ask_bare(text, ALL_CASES),
            "bare all+facets": lambda text: self.ask_bare(text, ALL_CASES, counts=True),
            "ours all": lambda text: by_us(text, ALL_CASES),
        }
        # The server's own code needs to get warm.
        warm = [texts_[0] for texts_ in queries.values()] * 3
        whole = by_turns(table, "OpenSearch, milliseconds", columns, queries, warm)
        for share in (0.5, 0.95):
            value = {name: percentile(found, share) for name, found in whole.items()}
            for what, our, their in (
                ("filters, facets and snippets, beside bare with both", "ours+snippets", "bare+f+highlight"),
                ("the same over all cases", "ours all", "bare all"),
                ("the same, the bare query counting facets too", "ours all", "bare all+facets"),
            ):
                table.row(
                    f"OpenSearch p{share * 100:.0f}: {what}",
                    value[our],
                    beside=value[their],
                    aim="under 1.5 times bare",
                    met=value[our] < 1.5 * value[their],
                )


def fill_case(corpus_file: str) -> None:
    """Runs in a process of the product's own: one case with a page for each text, served and indexed."""
    import django

    django.setup()
    from casebundle.bundles import services
    from casebundle.bundles.models import Document, Page, PageText, Section, Version, page_id
    from casebundle.cases.access import viewer_in
    from casebundle.cases.models import User
    from casebundle.journal.audience import join
    from search.indexing import index_due

    corpus: list[str] = json.loads(Path(corpus_file).read_text())
    priya = viewer_in(User.objects.get(email="priya@court.example"), reference=REFERENCE)
    assert priya.party is not None
    assert priya.participant is not None
    sections = list(Section.objects.filter(bundle__case=priya.case)[:8])
    long = 50
    made: list[Any] = []
    for first in range(0, len(corpus), long):
        part = corpus[first : first + long]
        document = Document.objects.create(
            case=priya.case,
            section=sections[len(made) % len(sections)],
            position=len(made),
            title=f"Statement {len(made)}",
            party=priya.party,
            uploaded_by=priya.participant,
            audience=join([priya.party]),
            visible_to=services.visible_to_choice(priya, priya.party, None),
        )
        version = Version.objects.create(
            document=document, name="paper.pdf", sha256=f"{first:064x}", size=1000, uploaded_by=priya.participant,
            status=Version.Status.READY, pages=len(part), pages_done=len(part), images_done=len(part),
            sizes=[[len(part), 595, 842]],
        )  # fmt: skip
        Document.objects.filter(pk=document.pk).update(current=version)
        ids = [page_id(version.pk, n) for n in range(len(part))]
        Page.objects.bulk_create(
            Page(id=pk, version=version, index=n, width=595, height=842) for n, pk in enumerate(ids)
        )
        PageText.objects.bulk_create(
            PageText.pack(
                pk,
                text,
                [
                    [n % 10 / 11 + 0.05, n // 10 / 50, n % 10 / 11 + 0.12, n // 10 / 50 + 0.015, word]
                    for n, word in enumerate(text.split())
                ],
            )
            for pk, text in zip(ids, part, strict=True)
        )
        made.append(document.pk)
    for first in range(0, len(made), 500):
        services.serve(priya, made[first : first + 500])
    index_due()


def server(table: Table, root: Path, corpus: Sequence[str], queries: dict[str, list[str]]) -> None:
    """The whole way, over HTTP."""
    kept = root / "product"
    tokens = root / "tokens.json"
    fresh = not tokens.exists()
    product = Product(kept, tokens=None if fresh else json.loads(tokens.read_text()))
    if fresh:
        texts_file = root / "corpus.json"
        texts_file.write_text(json.dumps(corpus))
        start = time.perf_counter()
        product.run(f"from bench.search import fill_case; fill_case({str(texts_file)!r})")
        table.note(
            f"one case of {len(corpus):,} pages made, served and indexed in {time.perf_counter() - start:.0f} s"
        )
        texts_file.unlink()
        tokens.write_text(json.dumps(product.tokens))
    with product:
        daniel = product.caller("daniel")
        times: dict[str, list[float]] = {}
        from urllib.parse import quote

        daniel.get(f"/search?case={REFERENCE}&q=one")
        for kind, texts_ in queries.items():
            for text in texts_:
                path = f"/search?case={REFERENCE}&q={quote(text)}"
                times.setdefault(kind, []).append(timed(lambda path=path: daniel.get(path)))  # type: ignore[misc]
    table.note("over HTTP, one case of all pages, milliseconds:")
    for kind, found in times.items():
        table.note(f"{kind:20}{median(found):9.2f} {percentile(found, 0.95):7.2f}")
    whole = [t for found in times.values() for t in found]
    table.row("p50: over HTTP, labels and marks in", median(whole))
    table.row("p95: over HTTP, labels and marks in", percentile(whole, 0.95))


if __name__ == "__main__":
    main()
