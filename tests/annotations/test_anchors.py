"""Where a note stands: boxes on the page, and the words in them."""

from __future__ import annotations

import math
from typing import Any

import pytest

from annotations.anchors import BadAnchor, checked_quads, find_quote, lines, quote_at
from tests.annotations.conftest import laid_out


def words(*rows: str) -> list[list[Any]]:
    return laid_out("\n".join(rows))


PAGE = words(
    "I saw the van by the yard.",
    "The van was white. I saw",
    "the van drive to Bates and son.",
)


def said(boxes: list[list[float]]) -> str:
    return quote_at(PAGE, boxes)["exact"]


def test_a_quote_stands_at_its_words():
    (box,) = find_quote(PAGE, "van was white.")
    first, last = PAGE[8], PAGE[10]
    assert box == [first[0], first[1], last[2], last[3]]


def test_a_quote_over_two_lines_has_a_box_for_each():
    boxes = find_quote(PAGE, "I saw the van drive")
    assert len(boxes) == 2
    assert boxes[0][1] < boxes[1][1]
    assert said(boxes) == "I saw the van drive"


def test_line_ends_and_spaces_do_not_matter():
    assert find_quote(PAGE, "white.\n  I  saw\nthe") == find_quote(PAGE, "white. I saw the")


@pytest.mark.parametrize(
    ("prefix", "suffix", "line"),
    [
        ("I saw ", " by the yard", 0),
        ("yard. ", " was white", 1),
        ("I saw ", " drive to", 2),
        ("", " by the", 0),
        ("", " drive", 2),
        ("yard.", "", 1),
    ],
)
def test_of_repeated_words_those_with_the_same_surroundings_are_meant(prefix: str, suffix: str, line: int):
    (box,) = find_quote(PAGE, "the van", prefix, suffix)
    assert box[1] == pytest.approx(0.1 + line * 0.03)


def test_the_surroundings_that_were_kept_find_the_same_place_again():
    for line in range(3):
        at = next(
            i for i, word in enumerate(PAGE) if word[4] == "van" and word[1] == round(0.1 + line * 0.03, 5)
        )
        box = [[float(v) for v in PAGE[at][:4]]]
        kept = quote_at(PAGE, box)
        assert kept["exact"] == "van"
        assert find_quote(PAGE, **kept) == box


def test_whole_words_come_before_parts_of_words():
    page = words("Batesville is a town.", "Mr Bates lives there.")
    assert find_quote(page, "Bates")[0][1] == pytest.approx(0.13)


def test_the_same_case_comes_before_another():
    page = words("the WHITE van", "the white van")
    assert find_quote(page, "white van")[0][1] == pytest.approx(0.13)
    assert find_quote(page, "WHITE van")[0][1] == pytest.approx(0.1)


@pytest.mark.parametrize("quote", ["a red van", "", "   ", "the van the van"])
def test_words_that_are_not_there_are_refused(quote: str):
    with pytest.raises(BadAnchor) as wrong:
        find_quote(PAGE, quote)
    assert wrong.value.code == "quote"


def test_signs_of_patterns_are_plain_letters():
    page = words("Was it (a) or [b] or c*?")
    assert quote_at(page, find_quote(page, "(a) or [b] or c*?"))["exact"] == "(a) or [b] or c*?"


def test_quote_at_takes_words_whose_middle_is_inside():
    x0, y0, x1, y1, _word = PAGE[3]
    half = (x0 + x1) / 2
    assert said([[x0, y0, half + 0.001, y1]]) == "van"
    assert quote_at(PAGE, [[x0, y0, half - 0.001, y1]]) == {}


def test_quote_at_keeps_what_stands_around():
    kept = quote_at(PAGE, find_quote(PAGE, "white."))
    assert kept["prefix"].endswith("The van was ")
    assert kept["suffix"].startswith(" I saw the van")
    assert len(kept["prefix"]) <= 32
    assert len(kept["suffix"]) <= 32


def test_lines_joins_what_stands_on_one_line():
    assert len(lines(PAGE)) == 3


def test_corners_are_put_in_order():
    assert checked_quads([[0.5, 0.6, 0.2, 0.3]]) == [[0.2, 0.3, 0.5, 0.6]]


@pytest.mark.parametrize(
    "quad",
    [
        [0, 0, 1.001, 1],
        [-0.001, 0, 1, 1],
        [0, 0, 1],
        [0, 0, 1, 1, 1],
        [math.nan, 0, 1, 1],
        [0, math.inf, 1, 1],
        ["a", 0, 1, 1],
        [None, 0, 1, 1],
        {"x": 1},
        7,
        "abcd",
    ],
)
def test_what_is_no_box_on_the_page_is_refused(quad: object):
    with pytest.raises(BadAnchor) as wrong:
        checked_quads([quad])  # type: ignore[list-item]
    assert wrong.value.code == "quads"


def test_too_many_boxes_are_refused():
    with pytest.raises(BadAnchor):
        checked_quads([[0, 0, 1, 1]] * 501)
    assert len(checked_quads([[0, 0, 1, 1]] * 500)) == 500
