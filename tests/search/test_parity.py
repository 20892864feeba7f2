"""Both engines, the same pages, the same questions: the same pages found, counted and in the same order."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search import marks, query
from search.embedded import EmbeddedEngine
from search.engine import Engine, Filters, PageDoc
from tests.search.contract import CASE, OTHER, QUERIES, TEXTS, doc
from tests.search.opensearch_server import an_engine

WORDS = """
    knife knives kitchen Bates Bates’s stabbed stabbing stab the of and officer O’Brien JS/1 JS/12 JS-2 s.9 1,250 1250
    07700 900123 07700900123 +44 AB12CDE AB12 CDE Gŵyl Ŵyl wyl Tŷ dŵr prosecution prosecuted prose- cution ﬁrst
    Свидетель 北京市 é ½ a b c x y ab abc abcd okafor okafro handle blade had had
""".split()  # noqa: SIM905
EXAMPLES = int(os.environ.get("EXAMPLES", "100"))
PARTIES = ("prosecution", "bates", "doyle")


def corpus(seed: int, size: int) -> list[PageDoc]:
    rng = random.Random(seed)
    weights = [1 / (n + 2) for n in range(len(WORDS))]
    rng.shuffle(weights)
    pages = []
    for number in range(size):
        length = rng.choice((0, 1, 3, 3, 8, 20, 60, 150))
        words = rng.choices(WORDS, weights, k=length)
        text = " ".join(words).replace("- ", "-\n")
        if rng.random() < 0.2 and pages:
            text = pages[-1].text  # pages that are worth the same
        document = rng.randrange(max(1, size // 4))
        case = CASE if document % 3 else OTHER
        pages.append(
            doc(
                f"p{number}",
                text,
                document=f"d{document}",
                case=case,
                section="ABC"[document % 3],
                party=PARTIES[document % 3],
                date=f"2026-0{1 + document % 9}-01" if document % 5 else None,
                audience=tuple(f"{case}/{token}" for token in rng.sample(["everybody", *PARTIES], 2)),
                position=rng.randrange(size * 2),
                title=" ".join(rng.choices(WORDS, k=rng.randrange(4))),
                exhibit=rng.choice(("", "JS/1", "JS/12", "AB12")),
            )
        )
    return pages


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Engine, dict[str, str]]]:
    pages = corpus(7, 400)
    with an_engine() as server:
        folder = EmbeddedEngine(Path(tmp_path_factory.mktemp("parity")) / "index")
        for engine in (folder, server):
            engine.index(pages)
            engine.commit()
        yield folder, server, {page.page: page.text for page in pages}
        folder.close()


def texts() -> st.SearchStrategy[str]:
    word = st.sampled_from(WORDS)
    some = st.lists(word, min_size=1, max_size=4).map(" ".join)
    part = st.one_of(
        word,
        some.map(lambda words: f'"{words}"'),
        st.tuples(some, st.integers(0, 20)).map(lambda pair: f'"{pair[0]}"~{pair[1]}'),
        st.tuples(word, st.integers(1, 3)).map(lambda pair: f"{pair[0][: pair[1]]}*"),
        st.tuples(word, st.sampled_from(["~", "~1", "~2"])).map("".join),
        word.map(lambda one: f"-{one}"),
        st.tuples(some, some).map(lambda pair: f"({pair[0]} OR {pair[1]})"),
    )
    return st.lists(part, min_size=1, max_size=5).map(" ".join)


FILTERS = (
    Filters(audiences=(f"{CASE}/everybody", f"{OTHER}/everybody")),
    Filters(audiences=(f"{CASE}/everybody", f"{CASE}/bates"), case=CASE),
    Filters(audiences=(f"{CASE}/doyle", f"{OTHER}/doyle"), section=("A", "B"), date_from="2026-02-01"),
    Filters(audiences=(f"{OTHER}/prosecution",), party="bates", exclude_documents=("d3", "d6")),
)


def same(engines: tuple[Engine, Engine, dict[str, str]], text: str, filters: Filters, offset: int = 0) -> int:
    folder, server, pages = engines
    ours = folder.search(text, filters, limit=10, offset=offset)
    theirs = server.search(text, filters, limit=10, offset=offset)
    assert (ours.total, ours.facets) == (theirs.total, theirs.facets), text
    assert [list(one) for one in ours.facets.values()] == [list(one) for one in theirs.facets.values()], text
    tree = query.parse(text)

    def shown(results: object) -> list[tuple[str, object]]:
        return [(hit.page, marks.snippet(tree, pages[hit.page])) for hit in results.hits]  # type: ignore[attr-defined]

    assert shown(ours) == shown(theirs), text
    assert [hit.document for hit in ours.hits] == [hit.document for hit in theirs.hits]
    assert [hit.score for hit in ours.hits] == [hit.score for hit in theirs.hits]
    return ours.total


def test_questions_made_up(engines: tuple[Engine, Engine, dict[str, str]]) -> None:
    found: list[int] = []

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(texts(), st.sampled_from(FILTERS), st.sampled_from([0, 0, 3, 10, 40]))
    def agree(text: str, filters: Filters, offset: int) -> None:
        found.append(same(engines, text, filters, offset))

    agree()
    assert sum(total > 10 for total in found) > 20  # it was not nothing that they agreed about


@pytest.mark.parametrize("filters", FILTERS[:2])
def test_questions_of_the_contract(engines: tuple[Engine, Engine, dict[str, str]], filters: Filters) -> None:
    for text in QUERIES:
        same(engines, text, filters)


def test_pages_of_the_contract(tmp_path: Path) -> None:
    pages = [doc(page, text) for page, text in TEXTS.items()]
    everybody = Filters(audiences=(f"{CASE}/everybody",))
    with an_engine() as server:
        folder = EmbeddedEngine(tmp_path / "index")
        for engine in (folder, server):
            engine.index(pages)
            engine.commit()
        for text in QUERIES:
            same((folder, server, TEXTS), text, everybody)
        folder.close()
