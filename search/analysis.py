"""Text into words, once, for every engine and for the marks on the page.

All analysis happens here, before an engine sees anything: an engine is given words with one space between
them and needs nothing but a whitespace tokenizer. So no two engines can differ in what they call a word, and
a page that is found always has something to mark.

A word is a run of letters, digits and the marks that combine with them; everything else parts words ("JS/1"
is two words, "O'Brien" is two). In scripts without spaces between words each character is a word. Words are
folded (lower case, without accents: "Ŵyl" is "wyl") and, beside that, stemmed as English.

Positions: a word broken by a hyphen at the end of a line ("prose-" / "cution") stands in its place as one
word, so that phrases across it are found; its two halves stand after the end of the page, GAP places apart
from anything else, because the hyphen may have been a real one ("well-" / "known").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

import tantivy

ANALYSIS_VERSION = 1
"""Part of every index version: raise it when a change here gives other words for the same text."""

MAX_WORD = 64
"""Characters of one word that count; what is longer is cut (encoded blobs, rules of underscores)."""

GAP = 8
FILLER = "·"
"""Stands at a position where there is no word. Never the result of folding a word."""


def _class_of_marks() -> str:
    """Combining marks of the basic plane, as ranges for a regular expression."""
    marks = [i for i in range(0x300, 0xFE30) if unicodedata.category(chr(i)).startswith("M")]
    ranges: list[list[int]] = []
    for mark in marks:
        if ranges and ranges[-1][1] == mark - 1:
            ranges[-1][1] = mark
        else:
            ranges.append([mark, mark])
    return "".join(f"\\u{a:04x}-\\u{b:04x}" for a, b in ranges)


# Thai to Lao, Myanmar, Khmer, kana, Han: written without spaces between words.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_MARKS = _class_of_marks()
_WORD = re.compile(rf"(?![_\W])[{_UNSPACED}][{_MARKS}]*|(?:(?![{_UNSPACED}])[^\W_][{_MARKS}]*)+")
_MARK = re.compile(f"[{_MARKS}]")
_OTHER = re.compile(r"[^\x00-\x7f]")
# Much faster than a regular expression: whatever is no word becomes a space.
_APART = {code: " " for code in range(128) if not chr(code).isalnum()}
_ASCII_WORD = re.compile(r"[0-9A-Za-z]+")
_LINE_HYPHEN = re.compile(r"[-\u2010\u2011](?<=[^\W\d_].)[ \t\r]*\n\s*(?=[^\W\d_])")
# The same where there is no other hyphen: a pattern that begins with one sign is searched for much faster.
_LINE_MINUS = re.compile(r"-(?<=[^\W\d_].)[ \t\r]*\n\s*(?=[^\W\d_])")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
# PDF engines give U+0002 or U+FFFE for a hyphen they take for one that only breaks a line.
_BREAK_HYPHEN = re.compile("[\x02\ufffe\u00ad]")
_DROPPED_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]")
_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ł": "l",
        "ħ": "h",
        "ı": "i",
        "ĸ": "k",
        "ŋ": "n",
        "ŧ": "t",
        "ƒ": "f",
    }
)


class Pieces(Protocol):
    """Where each word of a text stands, by its number."""

    def __getitem__(self, number: int, /) -> tuple[tuple[int, int], ...]: ...

    def __len__(self) -> int: ...


# What type-setting and offices put between words. One sign for one, so that places stay.
_SIGNS = {
    ord(sign): " "
    for sign in "‘’‚‛“”„‟′″´`«»‹›–—―‐‑…•·‣▪■□○●◦✓✔✗☐☑☒§¶†‡£€¢¥°±×÷©®™→←↑↓≤≥≠≈−\u00a0\u2002\u2003\u2009\u202f"
}


class Tokens(NamedTuple):
    """The words of a cleaned text, in order of position; item n of each list is about word n.

    terms: folded. positions: from 0, with holes of GAP before the halves of each broken word. pieces: where
    in the text, as (start, end); two of them for a broken word.
    """

    terms: list[str]
    positions: Sequence[int]
    pieces: Pieces


class _Sought:
    """Pieces of a text of plain words, looked up word by word: a snippet wants few of the hundreds of a page."""

    __slots__ = ("lower", "places", "terms")

    def __init__(self, lower: str, terms: list[str]) -> None:
        self.lower = lower
        self.terms = terms
        self.places: dict[int, tuple[tuple[int, int], ...]] = {}

    def __len__(self) -> int:
        return len(self.terms)

    def __getitem__(self, number: int) -> tuple[tuple[int, int], ...]:
        if not 0 <= number < len(self.terms):
            raise IndexError(number)
        place = self.places.get(number)
        if place is None:
            self._find(self.terms[number])
            place = self.places[number]
        return place

    def _find(self, word: str) -> None:
        """Every place of `word`: its nth in the text is the nth of it among the terms."""
        lower, size, most = self.lower, len(word), len(self.lower)
        number, at = -1, 0
        try:
            while True:
                number = self.terms.index(word, number + 1)
                while True:
                    at = lower.index(word, at)
                    end = at + size
                    if not ((at and lower[at - 1].isalnum()) or (end < most and lower[end].isalnum())):
                        break
                    at += 1
                self.places[number] = ((at, end),)
                at = end
        except ValueError:
            return


def clean(text: str) -> str:
    """`text` composed (NFC), without invisible characters and with line-break hyphens as "-" and newline."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        text = _INVISIBLE.sub("", text)
    if "\x02" in text or "\ufffe" in text or "\u00ad" in text:
        # A soft hyphen within a line shows nothing and parts nothing.
        text = re.sub("\u00ad(?![ \t\r]*\n)", "", text)
        text = re.sub("[\x02\ufffe](?![ \t\r]*\n)", "-\n", text)
        text = _BREAK_HYPHEN.sub("-", text)
    return text


@lru_cache(maxsize=1 << 17)
def fold(word: str) -> str:
    """One word in lower case without accents. Never empty for a word, never with a space in it."""
    word = word[:MAX_WORD]
    if word.isascii():
        return word.lower()
    out: list[str] = []
    for char in word.casefold():
        plain = unicodedata.normalize("NFKD", char)
        # What falls apart into something that is no word ("½" into 1, fraction slash, 2) stays whole.
        whole = all(c.isalnum() or unicodedata.category(c)[0] == "M" for c in plain)
        out.append(plain if whole else char)
    folded = _DROPPED_MARKS.sub("", "".join(out)).translate(_LETTERS)
    return unicodedata.normalize("NFC", folded) or word


_stemmer = (
    tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).filter(tantivy.Filter.stemmer("english")).build()
)


# Plurals that the stemmer leaves apart and that cases are full of.
_IRREGULAR = {
    "knives": "knife",
    "thieves": "thief",
    "wives": "wife",
    "housewives": "housewife",
    "halves": "half",
    "scarves": "scarf",
    "men": "man",
    "women": "woman",
    "policemen": "policeman",
    "policewomen": "policewoman",
    "workmen": "workman",
    "gunmen": "gunman",
    "children": "child",
    "grandchildren": "grandchild",
    "stepchildren": "stepchild",
    "teeth": "tooth",
    "feet": "foot",
}


class _Stems(dict[str, str]):
    """The stem of each word met so far: the same words come again and again."""

    MOST = 1 << 17

    def __missing__(self, term: str) -> str:
        stem = term
        if term.isascii() and term.isalpha():
            found = _stemmer.analyze(_IRREGULAR.get(term, term))
            stem = found[0] if found and found[0] else term
        if len(self) >= self.MOST:
            self.clear()
        self[term] = stem
        return stem


_stems = _Stems()


def stem(term: str) -> str:
    """The English stem (Snowball) of a folded word; a word that is not of ASCII letters is its own stem."""
    return _stems[term]


def tokens(cleaned: str) -> Tokens:
    """The words of a text that went through `clean`."""
    plain = _plain(cleaned)
    breaks = _breaks(cleaned)
    if not breaks:
        if plain is not None:
            lower = plain.lower()
            found = lower.translate(_APART).split()
            if max(map(len, found), default=0) <= MAX_WORD:
                return Tokens(found, range(len(found)), _Sought(lower, found))
        spans = [match.span() for match in _WORD.finditer(cleaned)]
        folded = [fold(cleaned[a:b]) for a, b in spans]
        return Tokens(folded, range(len(folded)), [(span,) for span in spans])

    spans = [
        match.span() for match in (_WORD.finditer(cleaned) if plain is None else _ASCII_WORD.finditer(plain))
    ]
    body: list[tuple[tuple[int, int], ...]] = []
    for span in spans:
        if body and breaks.get(body[-1][-1][1]) == span[0]:
            body[-1] = (*body[-1], span)
        else:
            body.append((span,))
    positions = list(range(len(body)))
    halves: list[tuple[tuple[int, int], ...]] = []
    after = len(body)
    for pieces in body:
        if len(pieces) > 1:
            halves.extend((piece,) for piece in pieces)
            positions.extend(range(after + GAP, after + GAP + len(pieces)))
            after = positions[-1] + 1
    body += halves
    return Tokens([fold("".join(cleaned[a:b] for a, b in pieces)) for pieces in body], positions, body)


def terms(text: str) -> list[str]:
    """The folded words of any text, in order. For queries, titles and references."""
    cleaned = clean(text)
    plain = _plain(cleaned)
    return [fold(word) for word in _WORD.findall(cleaned)] if plain is None else _fold_all(plain)


def stream(text: str) -> list[str]:
    """What an engine indexes for the text of a page: item n is the folded word at position n, or FILLER."""
    cleaned = clean(text)
    if not _breaks(cleaned):
        return terms(cleaned)
    found = tokens(cleaned)
    out = [FILLER] * (found.positions[-1] + 1)
    for position, term in zip(found.positions, found.terms, strict=True):
        out[position] = term
    return out


def _breaks(cleaned: str) -> dict[int, int]:
    """End of the first half of each word broken at the end of a line -> start of the second."""
    if "\n" not in cleaned:
        return {}
    other = "\u2010" in cleaned or "\u2011" in cleaned
    return {
        match.start(): match.end()
        for match in (_LINE_HYPHEN if other else _LINE_MINUS).finditer(cleaned)
        if cleaned[match.end()].islower()
    }


def _fold_all(text: str) -> list[str]:
    """The folded words of an ASCII text, at once."""
    found = text.lower().translate(_APART).split()
    if max(map(len, found), default=0) > MAX_WORD:
        return [word[:MAX_WORD] for word in found]
    return found


def _plain(text: str) -> str | None:
    """`text` in ASCII, character for character, where it has nothing else but signs that part words; or None."""
    if text.isascii():
        return text
    if all(map(_parts.__getitem__, set(_OTHER.findall(text)))):
        return text.encode("ascii", "replace").decode("ascii")
    return None


class _Parts(dict[str, bool]):
    """Whether a character parts words wherever it stands: quotation marks, dashes, bullets, currency."""

    def __missing__(self, char: str) -> bool:
        self[char] = parts = not _WORD.match(char) and not _MARK.match(char)
        return parts


_parts = _Parts()


def stems(words: list[str]) -> list[str]:
    """The stem of each word, position by position; FILLER stays."""
    return list(map(_stems.__getitem__, words))


def key(text: str) -> str:
    """A title, reference or query as one comparable string: "JS/1", "js 1" and "JS-1" are the same."""
    return " ".join(terms(text))


def fields(text: str, title: str) -> dict[str, list[str]]:
    """What an engine indexes of a page: its words as they stand ("exact"), their stems, the stems of its title.

    None is ever empty."""
    words = stream(text) or [FILLER]
    return {"exact": words, "stem": stems(words), "title": stems(terms(title)) or [FILLER]}
