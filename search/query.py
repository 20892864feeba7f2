"""The query language.

    knife bates            pages with both words, or words of the same stem (knives), in any order
    "kitchen knife"        exactly these words, side by side
    knife OR blade         either; OR binds its neighbours first: knife OR blade Bates has Bates in every hit
    -doyle                 not this; also -"..." and -( ... )
    prosecut*              words that begin so (two letters or more)
    okafor~                words spelt about so: one letter wrong, or two in words of eight letters and more
    "knife bates"~5        near: each word within five others of the next, in either order
    ( ... )                together

Words written with punctuation inside (JS/1, O'Brien, s.9, a@b.uk) are looked for side by side. Numbers,
telephone numbers and vehicle registrations are found however they are spaced. OR is in capitals; AND in
capitals is allowed and says nothing. `parse` never fails: what does not parse is taken as plain words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from search.analysis import clean, stem, terms

MAX_CHARACTERS = 2000
MAX_LEAVES = 64
MAX_DEPTH = 20
MAX_NEAR = 50
DEFAULT_NEAR = 5
LONG_WORD = 8
MIN_PREFIX = 2


@dataclass(frozen=True, slots=True)
class Nothing:
    """Finds nothing: an empty query, or one with nothing but exclusions."""


@dataclass(frozen=True, slots=True)
class Word:
    """Any word with the stem of `term`."""

    term: str

    @property
    def stem(self) -> str:
        return stem(self.term)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Exactly these words (at least one) side by side."""

    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compound:
    """Words (two or more) with these stems side by side: typed as one word with punctuation in it."""

    terms: tuple[str, ...]

    @property
    def stems(self) -> tuple[str, ...]:
        return tuple(stem(term) for term in self.terms)


@dataclass(frozen=True, slots=True)
class Prefix:
    """The words of `head` (none or more), then at once a word that begins with `prefix`."""

    head: tuple[str, ...]
    prefix: str


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """A word within `distance` (1 or 2) letters added, left out, changed or swapped with the next."""

    term: str
    distance: int


@dataclass(frozen=True, slots=True)
class Near:
    """Each of `terms` (two or more, all different) with at most `distance` words between it and the next."""

    terms: tuple[str, ...]
    distance: int


@dataclass(frozen=True, slots=True)
class And:
    """All of `must` (at least one) and none of `must_not`."""

    must: tuple[Node, ...]
    must_not: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of `branches` (two or more)."""

    branches: tuple[Node, ...]


Leaf = Word | Phrase | Compound | Prefix | Fuzzy | Near
Node = Nothing | Leaf | And | Or


def parse(query: str) -> Node:
    """The tree of a query. Any text is a query; never raises."""
    text = clean(query[:MAX_CHARACTERS]).translate(_QUOTES)
    try:
        node = _Parser(text).whole()
    except _Unparsable:
        node = _plain(text)
    return node if node is not None else Nothing()


def leaves(node: Node) -> Iterator[Leaf]:
    """The leaves that may match, in order: none of those that are excluded."""
    match node:
        case Nothing():
            return
        case And():
            for child in node.must:
                yield from leaves(child)
        case Or():
            for child in node.branches:
                yield from leaves(child)
        case _:
            yield node


_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"') | dict.fromkeys("\x00", " "))
_SIGN = re.compile(r"[*~]")
_ENDING = re.compile(r"(?P<stars>\*+)$|~(?P<distance>\d?)$")
_AFTER_PHRASE = re.compile(r"~(\d{0,9})")
_POSSESSIVE = re.compile(r"['’ʼ`´‘]s$", re.IGNORECASE)
_AMOUNT = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)")
_REGISTRATION = re.compile(r"([a-z]{2}\d{2})([a-z]{3})")
_NUMERIC = re.compile(r"[\d\s()+.\-–]+")
_TELEPHONE = re.compile(r"(?:0044|\+?44|0)\s*(?:\(0\)|0)?([1-9]\d{8,9})")


class _Unparsable(Exception):
    pass


@dataclass(frozen=True, slots=True)
class _Not:
    node: Node


_OR = "OR"


class _Parser:
    """Recursive descent over the characters of one query."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.leaves = 0

    def whole(self) -> Node | None:
        return self.sequence(0)

    def sequence(self, depth: int) -> Node | None:
        """Everything up to the closing parenthesis of this depth, or the end."""
        if depth > MAX_DEPTH:
            raise _Unparsable
        items: list[tuple[Node | _Not | str, str]] = []  # with the text each came from
        closed = depth == 0
        while self.at < len(self.text):
            char = self.text[self.at]
            if char.isspace():
                self.at += 1
            elif char == ")":
                self.at += 1
                if depth:
                    closed = True
                    break
            else:
                start = self.at
                item = self.item(depth)
                if item is not None:
                    items.append((item, self.text[start : self.at]))
        if not closed:
            raise _Unparsable
        return _combine(_respaced(items))

    def item(self, depth: int) -> Node | _Not | str | None:
        char = self.text[self.at]
        following = self.text[self.at + 1 : self.at + 2]
        if char in "-−" and following and not following.isspace():
            self.at += 1
            if following in "-−":  # a rule or a dash typed with hyphens excludes nothing
                while self.at < len(self.text) and self.text[self.at] in "-−":
                    self.at += 1
                return None
            inner = self.item(depth)
            if inner is None or isinstance(inner, str):
                return None
            return inner if isinstance(inner, _Not) else _Not(inner)
        if char == "(":
            self.at += 1
            return self.sequence(depth + 1)
        if char == '"':
            return self.phrase()
        raw = self.raw(depth)
        if raw == _OR:
            return _OR
        if raw == "AND":
            return None
        return self.counted(_word(raw))

    def phrase(self) -> Node | None:
        end = self.text.find('"', self.at + 1)
        if end < 0:
            raise _Unparsable
        words = tuple(terms(self.text[self.at + 1 : end]))
        self.at = end + 1
        near = _AFTER_PHRASE.match(self.text, self.at)
        if near:
            self.at = near.end()
            words = tuple(dict.fromkeys(words))
            if len(words) > 1:
                distance = min(int(near.group(1)), MAX_NEAR) if near.group(1) else DEFAULT_NEAR
                return self.counted(Near(words[:MAX_LEAVES], distance))
        return self.counted(Phrase(words[:MAX_LEAVES]) if words else None)

    def raw(self, depth: int) -> str:
        """The characters of one word. Its own parentheses belong to it: s.9(2)."""
        start, inside = self.at, 0
        while self.at < len(self.text):
            char = self.text[self.at]
            if char.isspace() or char == '"':
                break
            if char == "(":
                inside += 1
            elif char == ")":
                if not inside and depth:
                    break
                inside = max(inside - 1, 0)
            self.at += 1
        return self.text[start : self.at]

    def counted(self, node: Node | None) -> Node | None:
        """`node`, or nothing once the query has more parts than an engine should be asked for."""
        if node is None or self.leaves >= MAX_LEAVES:
            return None
        self.leaves += sum(len(leaf.terms) if isinstance(leaf, Near) else 1 for leaf in leaves(node))
        return node


def _combine(items: list[Node | _Not | str]) -> Node | None:
    """Items side by side into one node; OR first."""
    groups: list[list[Node | _Not]] = []
    pending = False
    for item in items:
        if isinstance(item, str):
            if pending or not groups:
                raise _Unparsable
            pending = True
        elif pending:
            groups[-1].append(item)
            pending = False
        else:
            groups.append([item])
    if pending:
        raise _Unparsable
    must: list[Node] = []
    must_not: list[Node] = []
    for group in groups:
        if len(group) == 1 and isinstance(group[0], _Not):
            must_not.append(group[0].node)
            continue
        # "a OR -b" would be nearly every page: the exclusion among alternatives says nothing.
        wanted = [item for item in group if not isinstance(item, _Not)]
        if wanted:
            must.append(_or(wanted))
    if not must:
        return None
    if len(must) == 1 and not must_not:
        return must[0]
    return And(tuple(must), tuple(must_not))


def _or(nodes: list[Node]) -> Node:
    flat: dict[Node, None] = {}
    for node in nodes:
        flat.update(dict.fromkeys(node.branches if isinstance(node, Or) else (node,)))
    return next(iter(flat)) if len(flat) == 1 else Or(tuple(flat))


def _plain(text: str) -> Node | None:
    """A query that does not parse: every word of it, signs and operators left out."""
    words: list[Node] = []
    for piece in text.replace('"', " ").split():
        if piece in (_OR, "AND") or len(words) >= MAX_LEAVES:
            continue
        node = _word(_SIGN.sub(" ", piece))
        if node is not None:
            words.append(node)
    return _combine(list(words))


def _word(raw: str) -> Node | None:
    """One run of characters without space: a word, a compound, a prefix, a misspelt word, or nothing."""
    raw = raw.rstrip(",;.:!?")
    ending = _ENDING.search(raw)
    if ending:
        words = tuple(terms(raw[: ending.start()]))[:MAX_LEAVES]
        if not words:
            return None
        if ending.group("stars"):
            # One letter begins a tenth of all words there are: it is looked for as it stands.
            short = len(words) == 1 and len(words[0]) < MIN_PREFIX
            return Phrase(words) if short else Prefix(words[:-1], words[-1])
        fuzzy = [_fuzzy(word, ending.group("distance")) for word in words]
        return fuzzy[0] if len(fuzzy) == 1 else And(tuple(fuzzy))
    words = tuple(terms(raw))[:MAX_LEAVES]
    if len(words) > 1 and _POSSESSIVE.search(raw):
        words = words[:-1]
    if not words:
        return None
    return _or([_side_by_side(words), *_other_spellings(raw, words)])


def _side_by_side(words: tuple[str, ...]) -> Leaf:
    return Word(words[0]) if len(words) == 1 else Compound(words)


def _fuzzy(term: str, distance: str) -> Node:
    if len(term) < 3:
        return Phrase((term,))  # any other word of two letters is "about" it
    longest = 2 if len(term) >= LONG_WORD else 1
    wanted = int(distance) if distance else longest
    return Fuzzy(term, min(wanted, 2)) if wanted else Phrase((term,))


def _other_spellings(raw: str, words: tuple[str, ...]) -> list[Node]:
    """Other ways in which the same thing is written."""
    joined = "".join(words)
    digits = _digits(raw)
    if digits:
        return _telephone(digits)
    if (joined.isascii() and joined.isdigit()) or _AMOUNT.search(raw):
        return _amount(raw, words)
    if len(words) == 1:
        plate = _REGISTRATION.fullmatch(joined)
        return [Phrase(plate.groups())] if plate else []
    if len(words) == 2 and joined.isalpha() and re.search(r"\w[-‐‑]\w", raw):
        return [Word(joined)]
    return []


def _amount(raw: str, words: tuple[str, ...]) -> list[Node]:
    """1,250 is also written 1250, and the other way round."""
    match = _AMOUNT.search(raw)
    if match:
        return [_side_by_side(tuple(terms(raw.replace(match.group(), match.group().replace(",", "")))))]
    number = words[0]
    year = len(number) == 4 and number[:2] in ("19", "20")
    if len(words) == 1 and 4 <= len(number) <= 9 and number[0] != "0" and not year:
        return [Phrase(tuple(f"{int(number):,}".split(",")))]
    return []


def _digits(raw: str) -> str | None:
    """The national part of a British telephone number, nine or ten digits, or None if `raw` is no such."""
    match = _TELEPHONE.fullmatch(re.sub(r"[\s.\-‐‑–/]|(?<=\d)[()](?=\d)", "", raw.strip(",;:")))
    if match is None and _NUMERIC.fullmatch(raw):
        match = _TELEPHONE.fullmatch(re.sub(r"[^\d+]", "", raw))
    return match.group(1) if match else None


def _telephone(digits: str) -> list[Node]:
    """The ways in which a British number is written, home (0...) and from abroad (44...)."""
    if len(digits) == 9:
        cuts: tuple[tuple[int, ...], ...] = ((9,), (4, 5), (3, 6), (3, 3, 3))
    else:
        cuts = ((10,), (4, 6), (4, 3, 3), (3, 3, 4), (2, 4, 4))
    nodes: list[Node] = []
    for cut in cuts:
        groups: list[str] = []
        at = 0
        for size in cut:
            groups.append(digits[at : at + size])
            at += size
        first, rest = groups[0], tuple(groups[1:])
        starts = (("0" + first,), ("44" + first,), ("44", first), ("44", "0", first))
        nodes.extend(Phrase((*start, *rest)) for start in starts)
    return nodes


def _respaced(items: list[tuple[Node | _Not | str, str]]) -> list[Node | _Not | str]:
    """Items with neighbours that are one thing typed with spaces (07700 900123, AB12 CDE) made one item."""
    out: list[Node | _Not | str] = []
    at = 0
    while at < len(items):
        taken = 1
        for size in (5, 4, 3, 2):
            group = items[at : at + size]
            if len(group) < size or not all(isinstance(node, (Word, Compound, Or)) for node, _ in group):
                continue
            raws = [raw for _, raw in group]
            if any(raw[0] in '("-−' and not raw.startswith("(0)") for raw in raws):
                continue
            apart = And(tuple(node for node, _ in group))  # type: ignore[misc]
            whole = " ".join(raws)
            digits = _digits(whole) if _NUMERIC.fullmatch(whole) else None
            plate = _REGISTRATION.fullmatch("".join(terms(whole))) if size == 2 else None
            if digits:
                out.append(_or([apart, *_telephone(digits)]))
            elif plate and tuple(terms(whole)) == plate.groups():
                out.append(_or([apart, Word("".join(plate.groups()))]))
            else:
                continue
            taken = size
            break
        else:
            out.append(items[at][0])
        at += taken
    return out
