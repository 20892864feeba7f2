"""Words, positions and stems."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import analysis
from search.analysis import FILLER, GAP


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("  \n\t ", []),
        ("No.", ["no"]),
        ("s.9(2)(a)", ["s", "9", "2", "a"]),
        ("JS/1", ["js", "1"]),
        ("O'Brien O’Brien", ["o", "brien", "o", "brien"]),
        ("£1,250.50", ["1", "250", "50"]),
        ("a_b", ["a", "b"]),
        ("Ŵyl ŵyl W\u0302yl Tŷ dŵr", ["wyl", "wyl", "wyl", "ty", "dwr"]),
        ("Straße Łódź Øre Þór İstanbul", ["strasse", "lodz", "ore", "thor", "istanbul"]),
        ("ﬁrst oﬃcer", ["first", "officer"]),
        ("½ m²", ["½", "m2"]),
        ("zero\u200bwidth so\u00adft", ["zerowidth", "soft"]),
        ("Свидетель Ёлкин", ["свидетель", "елкин"]),
        ("北京市", ["北", "京", "市"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("emoji 👍🏽 done", ["emoji", "done"]),
        ("x" * 300, ["x" * analysis.MAX_WORD]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert analysis.terms(text) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("knife", "knives"),
        ("prosecution", "prosecutions"),
        ("officer", "officers"),
        ("stabbed", "stabbing"),
        ("woman", "women"),
        ("witness", "witnesses"),
        ("injury", "injuries"),
    ],
)
def test_stems_that_meet(one: str, other: str) -> None:
    assert analysis.stem(one) == analysis.stem(other)


@pytest.mark.parametrize("term", ["", "1967", "ab12cde", "ŵ", "свидетели", "js"])
def test_what_is_no_english_word_is_its_own_stem(term: str) -> None:
    assert analysis.stem(term) == term


def test_a_broken_word_stands_whole_and_its_halves_apart() -> None:
    words = analysis.stream("the prose-\ncution of a well-\n known man")
    gap = [FILLER] * GAP
    assert words == [
        "the",
        "prosecution",
        "of",
        "a",
        "wellknown",
        "man",
        *gap,
        "prose",
        "cution",
        *gap,
        "well",
        "known",
    ]


def test_three_lines_of_one_word() -> None:
    assert analysis.stream("mis-\nunder-\nstanding")[0] == "misunderstanding"


@pytest.mark.parametrize(
    "text", ["Smith-\nJones", "a -\nb", "1-\n2", "well-known", "end-\n", "-\nstart", "AB-\nCD"]
)
def test_hyphens_that_break_no_word(text: str) -> None:
    assert FILLER not in analysis.stream(text)


def test_a_key_is_the_same_however_a_reference_is_written() -> None:
    assert analysis.key("JS/1") == analysis.key("js 1") == analysis.key(" JS-1. ") == "js 1"


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    words = analysis.stream(text)
    assert all(word and not any(c.isspace() for c in word) for word in words)
    assert len(analysis.stems(words)) == len(words)
    # An engine parts the words at white space: it must get back exactly these.
    assert " ".join(words).split() == words
    # The marks rely on it.
    assert all(analysis.stem(word)[0] == word[0] for word in words)
    cleaned = analysis.clean(text)
    found = analysis.tokens(cleaned)
    assert [word for word in words if word != FILLER] == found.terms
    assert len(found.terms) == len(found.positions) == len(found.pieces)
    assert list(found.positions) == sorted(set(found.positions))
    for term, pieces in zip(found.terms, found.pieces, strict=True):
        assert analysis.fold("".join(cleaned[a:b] for a, b in pieces)) == term


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1, max_size=20))
def test_folding_is_steady(word: str) -> None:
    for term in analysis.terms(word):
        assert analysis.terms(term.upper()) == analysis.terms(term.lower())
        assert FILLER not in term


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=14))
def test_a_stem_begins_as_its_word(word: str) -> None:
    assert analysis.stem(word)[0] == word[0]


@given(st.text(st.sampled_from("aB9 -\n'’“”–£…½éŵß漢\u0301\u00a0_"), max_size=60))
def test_signs_of_offices_part_words_as_those_of_ascii_do(text):
    """The short way for texts whose only odd characters are signs gives what the long one gives."""
    cleaned = analysis.clean(text)
    found = analysis.tokens(cleaned)
    whole = [match.group() for match in analysis._WORD.finditer(cleaned)]
    if not analysis._breaks(cleaned):
        assert found.terms == [analysis.fold(word) for word in whole]
        assert ["".join(cleaned[a:b] for a, b in pieces) for pieces in found.pieces] == whole
