"""Search at size: 100,000 pages through `search.embedded` beside tantivy used bare.

    python bench/search.py [--pages 100000] [--rounds 30] [--folder DIR]

Pages of 350 words, drawn as words are in language (Zipf), in 50 cases of 2,000 pages. Bare tantivy has one
field with its own English stemmer, no filters, no facets, no snippets: the least that a search can be. Ours
asks the same with the audiences of a viewer, again with every filter, facets and snippets for the 20
hits. Prints times in ms and ours over bare; the last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import tantivy

from search import marks, query
from search.embedded import EmbeddedEngine
from search.engine import Filters, PageDoc

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
    builder.add_text_field("page", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", tokenizer_name="en_stem")
    index = tantivy.Index(builder.build(), path=str(folder))
    return index, index.writer(64_000_000, 1)


def timed(calls: list[Callable[[], object]]) -> list[float]:
    times = []
    for call in calls:
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1000)
    return sorted(times)


def p(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--pages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--folder", type=Path, help="keep the indexes here; used again when they are there")
    arguments = parser.parse_args()
    root = arguments.folder or Path(tempfile.mkdtemp(prefix="bench-search-"))
    try:
        measure(root, arguments.pages, arguments.rounds)
    finally:
        if arguments.folder is None:
            shutil.rmtree(root)


def measure(root: Path, pages: int, rounds: int) -> None:
    rng = random.Random(9)  # the same pages every time
    words = vocabulary(rng)
    per_case = max(1, pages // CASES)
    corpus = list(texts(rng, words, pages))
    ours = EmbeddedEngine(root / "ours")
    result: dict[str, object] = {"pages": pages}

    if ours.count() != pages:
        ours.reset()
        start = time.perf_counter()
        slowest = 0.0
        for first in range(0, pages, 1000):
            ours.index(page(n, corpus[n], per_case) for n in range(first, min(first + 1000, pages)))
            before = time.perf_counter()
            ours.commit()
            slowest = max(slowest, time.perf_counter() - before)
        result["index_pages_per_s"] = round(pages / (time.perf_counter() - start))
        result["slowest_commit_s"] = round(slowest, 2)
    bare_folder = root / "bare"
    if not bare_folder.exists():
        bare_folder.mkdir(parents=True)
        start = time.perf_counter()
        bare, writer = bare_index(bare_folder)
        for number, text in enumerate(corpus):
            writer.add_document(tantivy.Document(page=f"p{number}", text=text))
            if number % 1000 == 999:
                writer.commit()
        writer.commit()
        writer.wait_merging_threads()
        result["bare_index_pages_per_s"] = round(pages / (time.perf_counter() - start))
    bare = tantivy.Index.open(str(bare_folder))
    for name, folder in (("ours_mb", root / "ours"), ("bare_mb", bare_folder)):
        result[name] = round(sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6)

    def fill(template: str) -> str:
        somewhere = corpus[rng.randrange(pages)].split()
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

    everything = tuple(f"c{case}/{token}" for case in range(CASES) for token in ("everybody", "bates"))
    one_case = Filters(
        audiences=("c7/everybody", "c7/bates", "c7/person:9"),
        case="c7",
        party=("prosecution", "bates", "doyle"),
        date_from="2025-02-01",
        date_to="2025-11-30",
        exclude_documents=("c7d1", "c7d2"),
    )
    viewer = Filters(audiences=("c7/everybody", "c7/bates", "c7/person:9"))
    wide = Filters(audiences=everything, date_from="2025-01-01", exclude_documents=("c7d1",))

    def whole(text: str, filters: Filters) -> None:
        tree = query.parse(text)
        for hit in ours.search(text, filters).hits:
            marks.snippet(tree, corpus[int(hit.page[1:])])

    searcher = bare.searcher()
    report("", ("bare", "audience", "filters", "all cases", "snippets"))
    totals: dict[str, list[float]] = {name: [] for name in ("bare", "viewer", "one_case", "wide", "snippets")}
    for name, template in QUERIES.items():
        asked = [fill(template) for _ in range(rounds)]

        def one_bare(text: str) -> list[tantivy.Document]:
            # Its own query parser knows neither prefixes nor misspelt words.
            if text.endswith("*"):
                asks = tantivy.Query.regex_query(bare.schema, "text", text[:-1] + ".*")
            elif text.endswith("~"):
                distance = 2 if len(text) > query.LONG_WORD else 1
                asks = tantivy.Query.fuzzy_term_query(bare.schema, "text", text[:-1], distance)
            else:
                asks, _ = bare.parse_query_lenient(text, ["text"], conjunction_by_default=True)
            found = searcher.search(asks, 20)
            return [searcher.doc(address) for _, address in found.hits]

        row = {
            "bare": timed([lambda text=text: one_bare(text) for text in asked]),
            "viewer": timed([lambda text=text: ours.search(text, viewer) for text in asked]),
            "one_case": timed([lambda text=text: ours.search(text, one_case) for text in asked]),
            "wide": timed([lambda text=text: ours.search(text, wide) for text in asked]),
            "snippets": timed([lambda text=text: whole(text, one_case) for text in asked]),
        }
        for key, times in row.items():
            totals[key] += times
        report(name, tuple(f"{statistics.median(t):6.2f} {p(t, 0.95):7.2f}" for t in row.values()))
    for times in totals.values():
        times.sort()
    report("ALL", tuple(f"{statistics.median(t):6.2f} {p(t, 0.95):7.2f}" for t in totals.values()))
    for key, times in totals.items():
        result[key] = {"p50": round(statistics.median(times), 2), "p95": round(p(times, 0.95), 2)}
        result[key]["p95_over_bare"] = round(p(times, 0.95) / p(totals["bare"], 0.95), 2)  # type: ignore[index]
    sys.stdout.write(json.dumps(result) + "\n")


def report(name: str, columns: tuple[str, ...]) -> None:
    sys.stdout.write(f"{name:20}" + "".join(f"{column:>16}" for column in columns) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
