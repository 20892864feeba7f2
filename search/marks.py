"""Where on a page a query matches: boxes over its words, and a snippet of its text.

The same words, stems and positions as the engines index, and the same meaning of every part of a query, so
that a page is found exactly when it has something to mark.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from search import analysis, query
from search.analysis import Tokens

Word = tuple[float, float, float, float, str]
"""x0, y0, x1, y1 as fractions of the page as displayed, origin top left; and what stands there."""

Box = list[float]
"""[x0, y0, x1, y1], fractions of the page."""

SNIPPET = 240
ELLIPSIS = "…"

_Match = tuple[int, ...]
"""Indexes into the tokens of a page: the words that match together, in order."""

_LINE_END = re.compile(r"([-\u2010\u2011])[ \t\r]*\n\s*")
_BETWEEN = re.compile(r"\S+")
_UNSEEN = re.compile(r"[\s\x00-\x1f\x7f]+")


def marks(tree: query.Node, words: Sequence[Word | Sequence[object]]) -> list[Box]:
    """Boxes over the words of a page that match, in reading order.

    words: (x0, y0, x1, y1, text) in the order of the text of the page; a word may hold punctuation or several
    words ("JS/1,"), and is marked whole. Neighbours that match as a phrase share a box where they stand on
    one line. A page that does not match the query as a whole shows what parts of it it has; what the query
    excludes is never marked.
    """
    text, starts = _joined(words)
    found = analysis.tokens(text)
    return _boxes(found, _matches(tree, found), starts, words)


class Shown:
    """One page found by a query: its snippet and its marks from one look at its text."""

    def __init__(self, tree: query.Node, text: str) -> None:
        self.text = analysis.clean(text)
        self.found = analysis.tokens(self.text)
        self.matches = _matches(tree, self.found)

    def snippet(self, length: int = SNIPPET) -> list[tuple[str, bool]]:
        """See `snippet`."""
        return _snippet(self.text, self.found, self.matches, length)

    def marks(self, edges: Sequence[Sequence[float]]) -> list[Box] | None:
        """See `marks`. edges: x0, y0, x1, y1 of each word of the text as parted by white space; None where there are
        more or fewer of them than words."""
        starts = [match.start() for match in _BETWEEN.finditer(self.text)]
        return _boxes(self.found, self.matches, starts, edges) if len(starts) == len(edges) else None


def _matches(tree: query.Node, found: Tokens) -> list[_Match]:
    """What to mark: all that matches, or on a page that does not match, what parts of the query do."""
    finder = _Finder(found)
    matches = finder.matches(tree)
    return finder.parts(tree) if matches is None else matches


def _boxes(
    found: Tokens, matches: list[_Match], starts: Sequence[int], words: Sequence[Sequence[object]]
) -> list[Box]:
    """Boxes over the matching words; word n of the page begins at starts[n] in the text."""
    marked: set[int] = set()
    linked: set[int] = set()  # words whose box goes on into the next one
    for match in matches:
        before: int | None = None
        for index in match:
            for start, end in found.pieces[index]:
                first = bisect_right(starts, start) - 1
                last = bisect_right(starts, end - 1) - 1
                marked.update(range(first, last + 1))
                if before is not None and first == before + 1:
                    linked.add(before)
                before = last
    boxes: list[Box] = []
    open_box = False
    for number in sorted(marked):
        x0, y0, x1, y1 = _edges(words[number])
        previous = words[number - 1] if number else None
        if open_box and number - 1 in linked and previous is not None and _beside(previous, words[number]):
            last_box = boxes[-1]
            last_box[0], last_box[1] = min(last_box[0], x0), min(last_box[1], y0)
            last_box[2], last_box[3] = max(last_box[2], x1), max(last_box[3], y1)
        else:
            boxes.append([x0, y0, x1, y1])
        open_box = True
    return boxes


def snippet(tree: query.Node, text: str, length: int = SNIPPET) -> list[tuple[str, bool]]:
    """The part of a page's text that shows best why it was found, as (text, marked) in order.

    length: characters, roughly; cut between words, with "…" where something was left out. White space is made
    single spaces. Plain text: the caller escapes it. A page that does not match gives its beginning.
    """
    return Shown(tree, text).snippet(length)


def _snippet(cleaned: str, found: Tokens, matches: list[_Match], length: int) -> list[tuple[str, bool]]:
    spans = _spans(found, matches)
    start, end = _window(cleaned, spans, max(length, 20))
    segments: list[tuple[str, bool]] = []

    def add(piece: str, marked: bool) -> None:
        piece = _UNSEEN.sub(" ", _LINE_END.sub(r"\1", piece))
        if segments and segments[-1][0].endswith(" "):
            piece = piece.lstrip(" ")
        if not piece:
            return
        if segments and segments[-1][1] == marked:
            segments[-1] = (segments[-1][0] + piece, marked)
        else:
            segments.append((piece, marked))

    if start > 0:
        add(ELLIPSIS, False)
    at = start
    for first, last, _ in spans:
        a, b = max(first, at), min(last, end)
        if a >= b:
            continue
        add(cleaned[at:a], False)
        add(cleaned[a:b], True)
        at = b
    add(cleaned[at:end], False)
    if end < len(cleaned.rstrip()):
        add(ELLIPSIS, False)
    return segments


def matches(tree: query.Node, text: str) -> bool:
    """Whether a page with this text is found by the query."""
    return _Finder(analysis.tokens(analysis.clean(text))).matches(tree) is not None


class _Finder:
    """The words of one page, ready to be asked for."""

    def __init__(self, found: Tokens) -> None:
        self.terms = found.terms
        self.positions = found.positions
        self.distinct = set(found.terms)

    def places(self, wanted: set[str]) -> list[int]:
        """Where words of this set stand."""
        if len(wanted) > 3:
            return [index for index, term in enumerate(self.terms) if term in wanted]
        found: list[int] = []
        for word in wanted:
            at = -1
            try:
                while True:
                    at = self.terms.index(word, at + 1)
                    found.append(at)
            except ValueError:
                continue
        return sorted(found) if len(wanted) > 1 else found

    def of_stem(self, stem: str) -> set[str]:
        """The words of this page with this stem."""
        # A stem begins as its word does; stemming every word of the page would be most of the work here.
        first = stem[:1]
        return {term for term in self.distinct if term[0] == first and analysis.stem(term) == stem}

    def about(self, node: query.Fuzzy) -> set[str]:
        """The words of this page that are spelt about so."""
        near = _spelt(node.term, node.distance)
        return {term for term in self.distinct if near[term]}

    def matches(self, node: query.Node) -> list[_Match] | None:
        """All that matches on a page that the query finds; None on a page that it does not."""
        match node:
            case query.Nothing():
                return None
            case query.And():
                gathered: list[_Match] = []
                for child in node.must:
                    inner = self.matches(child)
                    if inner is None:
                        return None
                    gathered.extend(inner)
                if any(self.matches(child) is not None for child in node.must_not):
                    return None
                return gathered
            case query.Or():
                branches = [self.matches(child) for child in node.branches]
                if all(branch is None for branch in branches):
                    return None
                return [one for branch in branches if branch is not None for one in branch]
            case _:
                return self.leaf(node) or None

    def parts(self, node: query.Node) -> list[_Match]:
        """What the leaves match, whether or not the query as a whole does."""
        return [one for leaf in query.leaves(node) for one in self.leaf(leaf)]

    def leaf(self, node: query.Leaf) -> list[_Match]:
        match node:
            case query.Word():
                return self.row([self.of_stem(node.stem)])
            case query.Phrase():
                return self.row([{term} & self.distinct for term in node.terms])
            case query.Compound():
                return self.row([self.of_stem(stem) for stem in node.stems])
            case query.Prefix():
                begun = {term for term in self.distinct if term.startswith(node.prefix)}
                return self.row([*({term} & self.distinct for term in node.head), begun])
            case query.Fuzzy():
                return self.row([self.about(node)])
            case query.Near():
                return self.near(node)

    def row(self, sets: Sequence[set[str]]) -> list[_Match]:
        """Everywhere that words of these sets stand side by side, the first of the first set and so on."""
        if not all(sets):
            return []
        if len(sets) == 1:
            return [(index,) for index in self.places(sets[0])]
        rows: list[_Match] = []
        for first in self.places(sets[0]):
            last = first + len(sets) - 1
            if last >= len(self.terms) or self.positions[last] - self.positions[first] != last - first:
                continue
            if all(self.terms[first + step] in wanted for step, wanted in enumerate(sets)):
                rows.append(tuple(range(first, last + 1)))
        return rows

    def near(self, node: query.Near) -> list[_Match]:
        """The words that stand near their neighbours, if each pair of neighbours does so somewhere."""
        near: set[int] = set()
        for a, b in zip(node.terms, node.terms[1:], strict=False):
            pair: set[int] = set()
            others = self.places({b} & self.distinct)
            places = [self.positions[index] for index in others]
            for index in self.places({a} & self.distinct):
                here = self.positions[index]
                low = bisect_right(places, here - node.distance - 2)
                high = bisect_right(places, here + node.distance + 1)
                if low < high:
                    pair.add(index)
                    pair.update(others[low:high])
            if not pair:
                return []
            near |= pair
        return [(index,) for index in sorted(near)]


class _Spelt(dict[str, bool]):
    """Whether words are spelt about like one: the pages of an answer have most of their words in common."""

    MOST = 1 << 15

    def __init__(self, term: str, distance: int) -> None:
        super().__init__()
        self.term = term
        self.distance = distance

    def __missing__(self, other: str) -> bool:
        if len(self) >= self.MOST:
            self.clear()
        self[other] = near = within(self.term, other, self.distance)
        return near


@lru_cache(maxsize=32)
def _spelt(term: str, distance: int) -> _Spelt:
    return _Spelt(term, distance)


def within(a: str, b: str, distance: int) -> bool:
    """Whether `a` is `b` but for at most `distance` letters added, left out, changed or swapped.

    As the engines count: no letter is changed twice (optimal string alignment)."""
    if abs(len(a) - len(b)) > distance or len(set(a).difference(b)) > distance:
        return False  # one change takes away one letter at most
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, last, row = row, before, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > distance and min(before) > distance:
            return False
    return row[-1] <= distance


def _joined(words: Sequence[Word | Sequence[object]]) -> tuple[str, list[int]]:
    """The words as one text with a newline where a line ends, and where in it each word starts."""
    parts: list[str] = []
    starts: list[int] = []
    at = 0
    previous: Word | Sequence[object] | None = None
    for word in words:
        if previous is not None:
            parts.append(" " if _same_line(previous, word) else "\n")
            at += 1
        text = analysis.clean(str(word[4]))
        starts.append(at)
        parts.append(text)
        at += len(text)
        previous = word
    return "".join(parts), starts


def _edges(word: Word | Sequence[object]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = word[0], word[1], word[2], word[3]
    return float(x0), float(y0), float(x1), float(y1)  # type: ignore[arg-type]


def _same_line(a: Word | Sequence[object], b: Word | Sequence[object]) -> bool:
    """Whether two words share at least half of the height of the lower one."""
    _, top_a, _, bottom_a = _edges(a)
    _, top_b, _, bottom_b = _edges(b)
    shared = min(bottom_a, bottom_b) - max(top_a, top_b)
    return shared >= 0.5 * min(bottom_a - top_a, bottom_b - top_b) and shared >= 0


def _beside(a: Word | Sequence[object], b: Word | Sequence[object]) -> bool:
    """Whether one box over both would cover hardly more than the two and the space between them."""
    ax0, ay0, ax1, ay1 = _edges(a)
    bx0, by0, bx1, by1 = _edges(b)
    gap = max(bx0 - ax1, ax0 - bx1)
    return _same_line(a, b) and gap <= 3 * max(ay1 - ay0, by1 - by0)


def _spans(found: Tokens, matches: Iterable[_Match]) -> list[tuple[int, int, int]]:
    """(start, end, words) in the text, in order and apart from one another; the words of a phrase are one."""
    spans: list[tuple[int, int, int]] = []
    for match in matches:
        run: list[int] = []
        count = 0
        for index in match:
            for start, end in found.pieces[index]:
                if run and start >= run[1] and len(match) > 1:
                    run[1] = end
                else:
                    if run:
                        spans.append((run[0], run[1], count))
                    run, count = [start, end], 0
            count += 1
        if run:
            spans.append((run[0], run[1], count))
    spans.sort()
    apart: list[tuple[int, int, int]] = []
    for start, end, count in spans:
        if apart and start < apart[-1][1]:
            a, b, n = apart[-1]
            apart[-1] = (a, max(b, end), max(n, count))
        else:
            apart.append((start, end, count))
    return apart


def _window(text: str, spans: list[tuple[int, int, int]], length: int) -> tuple[int, int]:
    """Start and end of the stretch of about `length` characters with most of the different words marked."""
    if len(text) <= length:
        return 0, len(text)
    if not spans:
        return 0, _before(text, length, 0)
    best, best_score = (0, 0), (-1, -1)
    # A window that goes along: what it holds is counted as spans come in and drop out.
    named = [text[a:b].lower() for a, b, _ in spans]
    inside: Counter[str] = Counter()
    words, after = 0, 0
    for first, (start, _, own) in enumerate(spans):
        while after < len(spans) and (after <= first or spans[after][1] - start <= length):
            inside[named[after]] += 1
            words += spans[after][2]
            after += 1
        score = (len(inside), words)
        if score > best_score:
            best, best_score = (first, after - 1), score
        if inside[named[first]] == 1:
            del inside[named[first]]
        else:
            inside[named[first]] -= 1
        words -= own
    start, end = spans[best[0]][0], min(spans[best[1]][1], spans[best[0]][0] + length)
    spare = length - (end - start)
    # More before than after: the eye wants to know how the sentence began.
    start = max(0, start - spare // 2)
    end = min(len(text), start + length)
    start = max(0, end - length)
    cut = _after(text, start, spans[best[0]][0]) if start else 0
    return cut, end if end == len(text) else _before(text, end, min(spans[best[1]][1], end))


def _after(text: str, at: int, limit: int) -> int:
    """The first beginning of a word at or after `at`, not beyond `limit`."""
    if text[at - 1].isspace():
        return at
    for place in range(at, limit):
        if text[place].isspace():
            return place + 1
    return limit


def _before(text: str, at: int, limit: int) -> int:
    """The last end of a word at or before `at`, not before `limit`."""
    if at >= len(text) or text[at].isspace():
        return at
    for place in range(at, limit, -1):
        if text[place - 1].isspace():
            return place - 1
    return at
