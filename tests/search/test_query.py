"""What a query is taken to mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import query
from search.query import And, Compound, Fuzzy, Near, Node, Nothing, Or, Phrase, Prefix, Word, parse

KNIFE, BLADE, BATES = Word("knife"), Word("blade"), Word("bates")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", Nothing()),
        ("knife", KNIFE),
        ("  Knife. ", KNIFE),
        ("knife blade", And((KNIFE, BLADE))),
        ("knife AND blade", And((KNIFE, BLADE))),
        ("knife and", And((KNIFE, Word("and")))),
        ("knife OR blade", Or((KNIFE, BLADE))),
        ("knife or", And((KNIFE, Word("or")))),
        ("knife OR blade bates", And((Or((KNIFE, BLADE)), BATES))),
        ("bates knife OR blade", And((BATES, Or((KNIFE, BLADE))))),
        ("knife OR blade OR bates", Or((KNIFE, BLADE, BATES))),
        ("(knife bates) OR blade", Or((And((KNIFE, BATES)), BLADE))),
        ("knife -blade", And((KNIFE,), (BLADE,))),
        ("-blade knife", And((KNIFE,), (BLADE,))),
        ("-blade", Nothing()),
        ("-(knife OR blade)", Nothing()),
        ("knife --blade", And((KNIFE, BLADE))),
        ("knife - blade", And((KNIFE, BLADE))),
        ("knife OR -blade", KNIFE),
        ('-"knife blade" bates', And((BATES,), (Phrase(("knife", "blade")),))),
        ("(-blade) knife", KNIFE),
        ('"Knife, Blade"', Phrase(("knife", "blade"))),
        ("“knife”", Phrase(("knife",))),
        ('"knife blade"~3', Near(("knife", "blade"), 3)),
        ('"knife blade"~', Near(("knife", "blade"), query.DEFAULT_NEAR)),
        ('"knife blade"~999', Near(("knife", "blade"), query.MAX_NEAR)),
        ('"knife knife"~3', Phrase(("knife",))),
        ('"knife"~3', Phrase(("knife",))),
        ("kni*", Prefix((), "kni")),
        ("kni**", Prefix((), "kni")),
        ("k*", Phrase(("k",))),
        ("JS/1*", Prefix(("js",), "1")),
        ("k*e", Compound(("k", "e"))),
        ("knife~", Fuzzy("knife", 1)),
        ("prosecution~", Fuzzy("prosecution", 2)),
        ("prosecution~1", Fuzzy("prosecution", 1)),
        ("knife~9", Fuzzy("knife", 2)),
        ("knife~0", Phrase(("knife",))),
        ("of~", Phrase(("of",))),
        ("JS/1", Compound(("js", "1"))),
        ("O’Brien", Compound(("o", "brien"))),
        ("Bates's", BATES),
        ("Bates’", BATES),
        ("well-known", Or((Compound(("well", "known")), Word("wellknown")))),
        ("£1,250", Or((Compound(("1", "250")), Word("1250")))),
        ("1250", Or((Word("1250"), Phrase(("1", "250"))))),
        ("2026", Word("2026")),
        ("AB12CDE", Or((Word("ab12cde"), Phrase(("ab12", "cde"))))),
        ("AB12 CDE", Or((And((Word("ab12"), Word("cde"))), Word("ab12cde")))),
        ("s.9(2)", Compound(("s", "9", "2"))),
        ("(s.9(2) knife)", And((Compound(("s", "9", "2")), KNIFE))),
        ("knife)", KNIFE),
        # What does not parse
        ('"knife blade', And((KNIFE, BLADE))),
        ("knife OR", KNIFE),
        ("OR knife", KNIFE),
        ("knife OR OR blade", And((KNIFE, BLADE))),
        ("(knife OR blade", And((KNIFE, BLADE))),
        ('5" blade', And((Word("5"), BLADE))),
        # NOT is a word: pleas are typed in capitals
        ("NOT GUILTY", And((Word("not"), Word("guilty")))),
    ],
)
def test_parse(text: str, tree: Node) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    "text",
    [
        "07700 900123",
        "07700900123",
        "+447700900123",
        "+44 (0) 7700 900 123",
        "0044 7700 900123",
        "07700-900-123",
    ],
)
def test_telephone_numbers_in_every_spelling(text: str) -> None:
    tree = parse(text)
    assert isinstance(tree, Or)
    assert {Phrase(("07700900123",)), Phrase(("07700", "900123")), Phrase(("44", "7700", "900123"))} <= set(
        tree.branches
    )


@pytest.mark.parametrize(
    "text", ["1 2 3", "12 2026", "2025 2026", "-07700 900123", '07700 "900123"', "01/02/2026"]
)
def test_numbers_that_are_no_telephone_number(text: str) -> None:
    assert not any(len(leaf.terms) == 4 for leaf in query.leaves(parse(text)) if isinstance(leaf, Phrase))


def test_leaves_are_what_may_match() -> None:
    tree = parse('knife -bates (blade OR "a b") -(x OR y)')
    assert list(query.leaves(tree)) == [KNIFE, BLADE, Phrase(("a", "b"))]


@given(st.text(max_size=300) | st.text(alphabet='ab "-*~()OR1', max_size=60))
def test_any_text_is_a_query(text: str) -> None:
    tree = parse(text)
    found = list(query.leaves(tree))
    assert bool(found) != isinstance(tree, Nothing)
    for leaf in found:
        match leaf:
            case Compound() | Near():
                assert len(leaf.terms) > 1
            case Phrase():
                assert leaf.terms
            case _:
                pass


@pytest.mark.parametrize(
    "text", ["(" * 10**6, '"' * 10**6, "a-" * 10**6, "a OR " * 10**5, "-" * 10**6, "1 " * 10**6]
)
def test_long_queries_are_cut(text: str) -> None:
    tree = parse(text)
    # What is beyond the cut is not looked at, however much it is.
    assert tree == parse(text[: query.MAX_CHARACTERS])
    assert sum(1 for _ in query.leaves(tree)) <= 2 * query.MAX_LEAVES
