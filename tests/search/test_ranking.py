"""What a page has points for, and what it has none for."""

from __future__ import annotations

import pytest

from search import query, ranking
from search.ranking import Close, Exhibit, Holds, Often, Titled


def worth(text: str, *counts: int) -> dict[ranking.Signal, int]:
    return {point.signal: point.worth for point in ranking.points(query.parse(text), text, counts)}


def test_a_word_has_points_as_it_stands_for_how_often_and_in_the_title() -> None:
    assert worth("Knives") == {
        Holds(query.Phrase(("knives",))): 2,
        **{Often("knife", level): 1 for level in (2, 3, 5, 8)},
        Titled("knife"): 3,
        Exhibit("knives"): 40,
    }


def test_words_side_by_side_have_points_for_standing_together() -> None:
    found = worth("kitchen knife bates")
    assert found[Holds(query.Compound(("kitchen", "knife")))] == 3
    assert found[Close(("knife", "bate"))] == 2
    assert not any(isinstance(signal, Close) for signal in worth("kitchen OR knife", 1, 1))
    # Words of one stem are near each other wherever one of them stands.
    assert not any(isinstance(signal, Close) for signal in worth("knife knives"))


def test_only_alternatives_are_counted_and_the_rarer_is_worth_more() -> None:
    machete, officer = query.Word("machete"), query.Word("officer")
    assert ranking.alternatives(query.parse("(machete OR officer) table")) == [machete, officer]
    assert ranking.alternatives(query.parse("machete officer table -(a OR b)")) == []
    found = worth("(machete OR officer) table", 3, 40)
    assert (found[Holds(machete)], found[Holds(officer)]) == (8, 2)


@pytest.mark.parametrize(
    ("pages", "most", "points"),
    [(0, 0, 1), (0, 9, 1), (9, 9, 2), (5, 9, 2), (4, 9, 4), (1, 8, 8), (1, 10**6, 16)],
)
def test_rarity_doubles_by_halves(pages: int, most: int, points: int) -> None:
    assert ranking.rarity(pages, most) == points


def test_many_spellings_of_one_thing_are_not_counted() -> None:
    text = "07700900123"
    tree = query.parse(text)
    assert isinstance(tree, query.Or)
    assert ranking.alternatives(tree) == []
    found = worth(text)
    assert {found[Holds(branch)] for branch in tree.branches[2:]} == {ranking.EVEN}


@pytest.mark.parametrize("text", ["", "-knife", "kni*", "knif~", "kni* OR knif~", "kni* knif~"])
def test_what_begins_so_or_is_spelt_about_so_comes_in_the_order_of_the_case(text: str) -> None:
    tree = query.parse(text)
    assert ranking.points(tree, text, [1] * len(ranking.alternatives(tree))) == []


def test_the_same_thing_asked_for_twice_is_one_signal() -> None:
    found = ranking.points(query.parse('"knife" OR knife'), "", [1, 4])
    assert len({point.signal for point in found}) == len(found)


def test_a_long_query_has_points_for_some_of_its_words() -> None:
    text = " ".join(f"word{n}" for n in range(60))
    assert len(worth(text)) < 120


def test_how_often_a_word_stands_on_a_page_is_marked() -> None:
    assert ranking.often(["a"] + ["b"] * 2 + ["c"] * 6) == ["b=2", "c=2", "c=3", "c=5"]
    assert ranking.often([]) == []
