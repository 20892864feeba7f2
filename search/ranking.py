"""In which order pages are found, once for every engine.

The law: the order of the pages that somebody finds is worked out from those pages alone. What they may not see, of
their own case or of another, neither moves a page nor changes a score. BM25, which engines offer, breaks it: it weighs
a word by how many pages of the whole index have it and a page by how long pages are on average, so two pages of one's
own tell whether a third, hidden one has a word. No statistics of an index are used here.

A page has points, whole numbers that do not depend on any other page:

    rarity       for each alternative of an OR that it has (RARITY): the rarer, the more
    very word    WORDED where a word stands just as it was typed, and not only another of its stem
    often        OFTEN for each of LEVELS that the number of times that a word stands on it reaches
    together     NEXT where two words that were typed side by side stand side by side, CLOSE where they are near
    title        TITLED for each word of the query that the title or exhibit reference of its document has
    exhibit      EXHIBIT where the query is the exhibit reference of its document

All words are asked for and so stand on every page found; that is why only alternatives have a worth of their own. How
rare they are is counted among the pages that the reader may see and that pass the filters, one against the other, by
the same engine in the same index (`alternatives`, `rarity`). What begins so or is spelt about so has no points but as
an alternative.

Points are small whole numbers, so that every engine adds up to exactly the same. Pages with the same points come in
the order of the case, and where two cases meet by the page's id: never by where an engine happens to keep them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from search import analysis, query

EXHIBIT = 40
"""More than a page can have by naming the exhibit over and over."""

WORDED = 2
TITLED = 3
NEXT = 3
CLOSE = 2
OFTEN = 1

LEVELS = (2, 3, 5, 8)
"""A word that stands so often on a page, or oftener."""

CLOSENESS = 8
"""Words between two that are near each other."""

SCORED = 12
"""Words of a query that have points of their own: nobody weighs more of them, and an engine looks at each."""

ALTERNATIVES = 12
"""Of more alternatives (spellings of a telephone number) none is rarer than another."""

EVEN, RAREST = 4, 8
"""Worth of an alternative that was not counted; and how many times a rarity is doubled at most."""


@dataclass(frozen=True, slots=True)
class Holds:
    """A page that this part of a query finds."""

    node: query.Node


@dataclass(frozen=True, slots=True)
class Often:
    """A page on which a word of this stem stands at least `level` times (one of LEVELS)."""

    stem: str
    level: int


@dataclass(frozen=True, slots=True)
class Close:
    """A page on which words of these two stems stand with at most CLOSENESS words between them, in either order."""

    stems: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Titled:
    """A page of a document whose title or exhibit reference has a word of this stem."""

    stem: str


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A page of the document with this exhibit reference, as `analysis.key` writes it."""

    key: str


Signal = Holds | Often | Close | Titled | Exhibit


@dataclass(frozen=True, slots=True)
class Point:
    """A page has `worth` (1 or more) where `signal` is true of it."""

    worth: int
    signal: Signal


def alternatives(tree: query.Node) -> list[query.Node]:
    """The alternatives of a query whose pages must be counted before it can be ranked; each once, mostly none."""
    return list(dict.fromkeys(branch for group in _groups(tree) if _counted(group) for branch in group))


def points(tree: query.Node, text: str, counts: Sequence[int]) -> list[Point]:
    """What a page can have points for. None at all: pages come in the order of the case.

    text: the query as it was typed. counts: for each of `alternatives(tree)`, how many pages the reader finds by it.
    """
    if not is_ranked(tree):
        return []
    found = dict(zip(alternatives(tree), counts, strict=True))
    made: Counter[Signal] = Counter()
    for group in _groups(tree):
        most = max((found[branch] for branch in group), default=0) if _counted(group) else 0
        for branch in group:
            made[Holds(branch)] += rarity(found[branch], most) if _counted(group) else EVEN
    words: dict[str, None] = {}
    for leaf in list(query.leaves(tree))[:SCORED]:
        if isinstance(leaf, query.Word | query.Compound):
            made[Holds(query.Phrase(_terms(leaf)))] += WORDED
        words.update(dict.fromkeys(_terms(leaf)))
    stems = list(dict.fromkeys(map(analysis.stem, words)))[:SCORED]
    for stem in stems:
        made.update({Often(stem, level): OFTEN for level in LEVELS})
        made[Titled(stem)] += TITLED
    for a, b in list(_pairs(tree))[:SCORED]:
        if a.stem != b.stem:
            made[Holds(query.Compound((a.term, b.term)))] += NEXT
            made[Close((a.stem, b.stem))] += CLOSE
    if key := analysis.key(text)[:200]:
        made[Exhibit(key)] += EXHIBIT
    return [Point(worth, signal) for signal, worth in made.items()]


def rarity(pages: int, most: int) -> int:
    """What an alternative is worth that stands on `pages` pages, beside the commonest, which stands on `most`.

    2 for the commonest, and 2 more for each time that it is half as frequent."""
    return 2 * min((most // pages).bit_length(), RAREST) if pages else 1


def often(stems: Sequence[str]) -> list[str]:
    """What is indexed so that an engine can say how often a word stands on a page: a mark for each level reached."""
    return [
        mark(stem, level)
        for stem, count in Counter(stems).items()
        if count >= LEVELS[0]
        for level in LEVELS
        if count >= level
    ]


def mark(stem: str, level: int) -> str:
    """The mark of a word that stands at least `level` times. No word has its sign."""
    return f"{stem}={level}"


def is_ranked(node: query.Node) -> bool:
    """Whether points say anything: not where only beginnings and misspelt words are asked for."""
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


def _terms(leaf: query.Leaf) -> tuple[str, ...]:
    """The words of a leaf that stand as they are on every page that it finds."""
    match leaf:
        case query.Word():
            return (leaf.term,)
        case query.Prefix():
            return leaf.head
        case query.Fuzzy():
            return ()
        case _:
            return leaf.terms


def _counted(group: tuple[query.Node, ...]) -> bool:
    return len(group) <= ALTERNATIVES


def _groups(node: query.Node) -> Iterator[tuple[query.Node, ...]]:
    """The branches of each OR, none of those that are excluded."""
    match node:
        case query.And():
            for child in node.must:
                yield from _groups(child)
        case query.Or():
            yield node.branches
            for child in node.branches:
                yield from _groups(child)


def _pairs(node: query.Node) -> Iterator[tuple[query.Word, query.Word]]:
    """Words that were typed side by side."""
    match node:
        case query.And():
            for a, b in zip(node.must, node.must[1:], strict=False):
                if isinstance(a, query.Word) and isinstance(b, query.Word):
                    yield a, b
            for child in node.must:
                yield from _pairs(child)
        case query.Or():
            for child in node.branches:
                yield from _pairs(child)
