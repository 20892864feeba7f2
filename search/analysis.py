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
from functools import lru_cache
from typing import NamedTuple

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
_ASCII_WORD = re.compile(r"[0-9A-Za-z]+")
_LINE_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010\u2011\u00ad][ \t\r]*\n\s*(?=[^\W\d_])")
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


class Token(NamedTuple):
    """One word of a text. term: folded. pieces: (start, end) in the cleaned text, two for a broken word."""

    position: int
    term: str
    pieces: tuple[tuple[int, int], ...]


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


@lru_cache(maxsize=1 << 17)
def stem(term: str) -> str:
    """The English stem (Snowball) of a folded word; a word that is not of ASCII letters is its own stem."""
    if not (term.isascii() and term.isalpha()):
        return term
    found = _stemmer.analyze(_IRREGULAR.get(term, term))
    return found[0] if found and found[0] else term


def tokens(cleaned: str) -> list[Token]:
    """The words of a text that went through `clean`, in order of position.

    Positions count from 0 and have holes of at least GAP before the halves of each broken word."""
    pattern = _ASCII_WORD if cleaned.isascii() else _WORD
    spans = [match.span() for match in pattern.finditer(cleaned)]
    breaks: dict[int, int] = {}
    if "\n" in cleaned:
        for match in _LINE_HYPHEN.finditer(cleaned):
            if cleaned[match.end()].islower():
                breaks[match.start()] = match.end()
    if not breaks:
        return [Token(i, fold(cleaned[a:b]), ((a, b),)) for i, (a, b) in enumerate(spans)]

    body: list[tuple[tuple[int, int], ...]] = []
    for span in spans:
        if body and breaks.get(body[-1][-1][1]) == span[0]:
            body[-1] = (*body[-1], span)
        else:
            body.append((span,))
    found: list[Token] = []
    halves: list[tuple[tuple[int, int], ...]] = []
    for position, pieces in enumerate(body):
        found.append(Token(position, fold("".join(cleaned[a:b] for a, b in pieces)), pieces))
        if len(pieces) > 1:
            halves.append(pieces)
    position = len(body)
    for pieces in halves:
        position += GAP
        for a, b in pieces:
            found.append(Token(position, fold(cleaned[a:b]), ((a, b),)))
            position += 1
    return found


def terms(text: str) -> list[str]:
    """The folded words of any text, in order, broken words whole. For queries, titles and references."""
    return [token.term for token in tokens(clean(text)) if token.pieces] if text else []


def stream(text: str) -> list[str]:
    """What an engine indexes for the text of a page: item n is the folded word at position n, or FILLER."""
    out: list[str] = []
    for token in tokens(clean(text)):
        while len(out) < token.position:
            out.append(FILLER)
        out.append(token.term)
    return out


def stems(words: list[str]) -> list[str]:
    """The stem of each word, position by position; FILLER stays."""
    return [stem(word) for word in words]


def key(text: str) -> str:
    """A title, reference or query as one comparable string: "JS/1", "js 1" and "JS-1" are the same."""
    return " ".join(terms(text))
