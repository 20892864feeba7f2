"""In which order pages are found, once for every engine.

An engine scores words as BM25 does (k1 = 1.2, b = 0.75): a word of the query by its stem and again as it stands, a
phrase or compound as such, words that are to stand near each other by themselves, and whatever begins so or is spelt
about so with 1, wherever it stands. What is worth the same comes in the order of the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from search import query

EXHIBIT_BOOST = 8.0
"""For a page of the document whose exhibit reference the query is."""

TITLE_BOOST = 0.5
"""Times the score of a word of the query that the title has too."""

SAME = 1e-5
"""Scores that differ by less than this share of them are the same: engines add up in different orders."""


class Row(NamedTuple):
    """A page as an engine found it. score: higher is better; position: see PageDoc."""

    score: float
    position: int
    page: str
    document: str


def arrange(rows: Sequence[Row]) -> list[Row]:
    """Rows that come best first, with what is worth the same in the order of the case."""
    found: list[Row] = []
    for start, end in ties([row.score for row in rows]):
        found.extend(sorted(rows[start:end], key=lambda row: (row.position, row.page)))
    return found


def ties(scores: Sequence[float], same: float = SAME) -> list[tuple[int, int]]:
    """Stretches [start, end) of scores that are the same; scores fall (or rise) from first to last."""
    groups: list[tuple[int, int]] = []
    start = 0
    for at in range(1, len(scores) + 1):
        if at == len(scores) or abs(scores[at] - scores[start]) > same * abs(scores[start]):
            groups.append((start, at))
            start = at
    return groups


def is_ranked(node: query.Node) -> bool:
    """Whether scores say anything: not where only beginnings and misspelt words are asked for."""
    match node:
        case query.Nothing() | query.Fuzzy():
            return False
        case query.Prefix():
            return bool(node.head)
        case query.And():
            return any(map(is_ranked, node.must))
        case query.Or():
            return any(map(is_ranked, node.branches))
        case _:
            return True


def named(tree: query.Node) -> list[str]:
    """Stems of the words of a query that move a page up where its title has them."""
    stems = {leaf.stem for leaf in query.leaves(tree) if isinstance(leaf, query.Word)}
    return sorted(stems)[: query.MAX_LEAVES]
