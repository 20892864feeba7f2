"""Boxes and snippets."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import marks
from search.query import parse

HEIGHT, LETTER = 0.02, 0.01


def layout(text: str, top: float = 0.1) -> list[tuple[float, float, float, float, str]]:
    """Words as a page has them: a line for each line of `text`, every letter 0.01 wide, a space too."""
    words = []
    for number, line in enumerate(text.split("\n")):
        x, y = 0.1, top + number * 0.03
        for word in line.split(" "):
            if word:
                words.append((x, y, x + LETTER * len(word), y + HEIGHT, word))
            x += LETTER * (len(word) + 1)
    return words


def marked(query: str, text: str) -> list[str]:
    """What lies in each box, as text."""
    words = layout(text)
    found = []
    for x0, y0, x1, y1 in marks.marks(parse(query), words):
        inside = [
            w
            for w in words
            if x0 <= w[0] + 1e-9 and w[2] <= x1 + 1e-9 and y0 <= w[1] + 1e-9 and w[3] <= y1 + 1e-9
        ]
        found.append(" ".join(w[4] for w in inside))
    return found


PAGE = """The kitchen knife, the knives
and the Kitchen
knife of JS/1, well-known;
the prose-
cution says JS/12 (knife)."""


@pytest.mark.parametrize(
    ("query", "boxes"),
    [
        ("knife", ["knife,", "knives", "knife", "(knife)."]),
        ('"knife"', ["knife,", "knife", "(knife)."]),
        ("knives", ["knife,", "knives", "knife", "(knife)."]),
        # One box on one line, two where the phrase goes over the end of a line.
        ('"kitchen knife"', ["kitchen knife,", "Kitchen", "knife"]),
        ('"knife kitchen"', []),
        ("JS/1", ["JS/1,"]),
        ("JS/1*", ["JS/1,", "JS/12"]),
        ("js*", ["JS/1,", "JS/12"]),
        ("well-known", ["well-known;"]),
        ("known", ["well-known;"]),
        ("prosecution", ["prose-", "cution"]),
        ("cution", ["cution"]),
        ('"prosecution says"', ["prose-", "cution says"]),
        ("knive~", ["knife,", "knives", "knife", "(knife)."]),
        ('"kitchen of"~2', ["Kitchen", "of"]),
        ("says -knife", ["says"]),
        ("says -absent", ["says"]),
        ("says OR absent", ["says"]),
        ("-knife", []),
        ("", []),
        # Not a hit; shows what it has.
        ("says absent", ["says"]),
        ("(JS/12 absent) OR well", ["well-known;"]),
    ],
)
def test_marks(query: str, boxes: list[str]) -> None:
    assert marked(query, PAGE) == boxes


def test_boxes_are_those_of_the_words() -> None:
    words = layout("a kitchen knife")
    assert marks.marks(parse('"kitchen knife"'), words) == [
        [words[1][0], words[1][1], words[2][2], words[2][3]]
    ]
    assert marks.marks(parse("knife"), words) == [list(words[2][:4])]
    assert marks.marks(parse("kitchen knife"), words) == [list(words[1][:4]), list(words[2][:4])]


def test_words_far_apart_on_one_line_keep_their_own_boxes() -> None:
    words = [(0.1, 0.1, 0.2, 0.12, "kitchen"), (0.7, 0.1, 0.8, 0.12, "knife")]
    assert marks.marks(parse('"kitchen knife"'), words) == [list(word[:4]) for word in words]


def test_phrases_that_overlap() -> None:
    assert marked('"a b a"', "a b a b a x a b") == ["a b a b a"]


def test_words_as_read_from_json() -> None:
    assert marks.marks(parse("knife"), [[0, 0, 1, 0.5, "knife"]]) == [[0.0, 0.0, 1.0, 0.5]]
    assert marks.marks(parse("knife"), []) == []


def test_hyphen_of_the_pdf_engine() -> None:
    words = [(0.8, 0.1, 0.9, 0.12, "prose\x02"), (0.1, 0.13, 0.2, 0.15, "cution")]
    assert len(marks.marks(parse("prosecution"), words)) == 2


def plain(segments: list[tuple[str, bool]]) -> str:
    return "".join(text for text, _ in segments)


def highlighted(segments: list[tuple[str, bool]]) -> list[str]:
    return [text for text, on in segments if on]


LONG = (
    ("Nothing of note was said at first. " * 20)
    + "Then Mr Bates took\nthe kitchen   knife. "
    + ("And so on. " * 40)
)


def test_a_snippet_shows_the_best_part() -> None:
    segments = marks.snippet(parse("knife bates said"), LONG)
    assert highlighted(segments)[-2:] == ["Bates", "knife"]
    text = plain(segments)
    assert "Mr Bates took the kitchen knife." in text
    assert text.startswith("…")
    assert text.endswith("…")
    assert 150 < len(text) <= 245


def test_a_phrase_is_one_mark() -> None:
    assert highlighted(marks.snippet(parse('"kitchen knife"'), LONG)) == ["kitchen knife"]
    assert highlighted(marks.snippet(parse("JS/1"), "See JS/1, JS/12.")) == ["JS/1"]


def test_a_short_text_is_whole() -> None:
    assert marks.snippet(parse("knife"), "A knife.") == [("A ", False), ("knife", True), (".", False)]


def test_a_page_that_does_not_match_gives_its_beginning() -> None:
    segments = marks.snippet(parse("absent"), LONG)
    assert highlighted(segments) == []
    assert plain(segments).startswith("Nothing of note")
    assert plain(segments).endswith("…")


def test_a_word_broken_over_two_lines() -> None:
    segments = marks.snippet(parse("prosecution"), "the prose-\ncution says")
    assert segments == [("the ", False), ("prose", True), ("-", False), ("cution", True), (" says", False)]


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "x" * 1000, "knife" * 200, "a " * 500])
def test_snippets_of_odd_texts(text: str) -> None:
    for query in ("", "knife", "a", '"a a a"', "x*"):
        segments = marks.snippet(parse(query), text)
        assert len(plain(segments)) <= 245


WORDS = [
    "knife",
    "knives",
    "prose-\ncution",
    "well-\nknown",
    "JS/1",
    "Bates’s",
    "a",
    "b",
    "ŵyl",
    "prosecution",
    ".",
    "\n",
]


@given(
    st.lists(st.sampled_from(WORDS) | st.text(max_size=5), max_size=40).map(" ".join),
    st.sampled_from(["knife", '"a b"', '"a b"~3', "JS/1", "prosecution -a", "k* OR ŵyl", "knfie~", "known"]),
    st.integers(20, 120),
)
def test_snippets_keep_the_text_and_show_a_mark(text: str, query: str, length: int) -> None:
    tree = parse(query)
    segments = marks.snippet(tree, text, length)
    assert all(piece for piece, _ in segments)
    assert all(a[1] != b[1] for a, b in pairwise(segments))
    assert len(plain(segments)) <= length + 2
    if marks.matches(tree, text):
        assert highlighted(segments)


@given(st.text(alphabet="abc", max_size=6), st.text(alphabet="abc", max_size=6))
def test_distance(a: str, b: str) -> None:
    def slow(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        cost = min(slow(i - 1, j) + 1, slow(i, j - 1) + 1, slow(i - 1, j - 1) + (a[i - 1] != b[j - 1]))
        if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
            cost = min(cost, slow(i - 2, j - 2) + 1)
        return cost

    real = slow(len(a), len(b))
    assert [marks.within(a, b, n) for n in range(4)] == [real <= n for n in range(4)]


@pytest.mark.parametrize("text", [PAGE, PAGE.replace("the", "“the”").replace("well", "gŵyl"), "", "knife"])
@given(
    query=st.lists(
        st.sampled_from(
            ["knife", '"kitchen knife"', "JS/1", "prosecution", "kni*", "nife~", "-said", '"the knife"~3']
        ),
        min_size=1,
        max_size=3,
    ).map(" ".join)
)
def test_from_the_text_and_its_boxes_as_from_the_words(text, query):
    words = layout(text)
    shown = marks.Shown(parse(query), text)
    assert shown.marks([word[:4] for word in words]) == marks.marks(parse(query), words)
    assert shown.snippet() == marks.snippet(parse(query), text)


def test_boxes_that_are_not_those_of_the_words_mark_nothing():
    assert marks.Shown(parse("knife"), "a knife").marks([[0.1, 0.1, 0.2, 0.2]]) is None
