"""Laws of numbering, by example and by random histories of a bundle."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from casebundle.bundles.numbering import (
    CONTINUOUS,
    LETTER,
    PER_SECTION,
    PROFILES,
    Label,
    Placed,
    Profile,
    Run,
    SectionIn,
    freeze,
    label_of,
    locate,
    number,
)

# --- helpers ------------------------------------------------------------------------------------


def labels(runs: Iterable[Run]) -> dict[tuple[str, int], Label]:
    """Every place and its label, page by page, in order."""
    places = {}
    for run in runs:
        for index in range(run.first_index, run.first_index + run.count):
            assert (run.document, index) not in places, "a place is in two runs"
            places[run.document, index] = run.label(index)
    return places


def printed(runs: Iterable[Run], document: str) -> list[str]:
    return [str(label) for (owner, _), label in labels(runs).items() if owner == document]


def section(letter: str, *documents: Placed) -> SectionIn:
    return SectionIn(letter, documents)


def frozen(runs: Iterable[Run], document: str) -> tuple[Run, ...]:
    return tuple(run for run in freeze(runs) if run.document == document)


def check_laws(sections: Sequence[SectionIn], profile: Profile, *, in_order: bool) -> list[Run]:
    """Number, and hold the result against every law; returns the runs."""
    runs = number(sections, profile)
    got = labels(runs)

    # Total: pages that are, and frozen places; nothing else. In order of the bundle.
    wanted = []
    for part in sections:
        for document in part.documents:
            kept = {i for run in document.runs if run.frozen for i in range(run.first_index, run.end_index)}
            wanted += [(document.id, index) for index in sorted(kept | set(range(document.pages)))]
    assert list(got) == wanted

    # Unique, also in print, where people read it.
    assert len(set(got.values())) == len(got)
    assert len({str(label) for label in got.values()}) == len(got)

    # Frozen labels do not move.
    for part in sections:
        for document in part.documents:
            for run in document.runs:
                if run.frozen:
                    for index in range(run.first_index, run.end_index):
                        assert got[document.id, index] == run.label(index)
    assert all(label.path[-1] >= 1 for label in got.values())

    # New labels are of their section's scope, and labels of a letter rise through the scope.
    rising: dict[str, list[Label]] = {}
    of_section = {document.id: part.letter for part in sections for document in part.documents}
    for run in runs:
        scope = profile.scope(of_section[run.document])
        assert run.frozen or run.letter == scope
        if run.letter == scope:
            rising.setdefault(scope, []).extend(
                run.label(index) for index in range(run.first_index, run.end_index)
            )
    if in_order:
        for sequence in rising.values():
            for one, next_one in pairwise(sequence):
                assert one.sort_key < next_one.sort_key

    # Idempotent: given back its own result, frozen or not, it says the same again.
    def given_back(answer: list[Run]) -> list[Run]:
        return number(
            [
                replace(
                    part,
                    documents=tuple(
                        replace(document, runs=tuple(run for run in answer if run.document == document.id))
                        for document in part.documents
                    ),
                )
                for part in sections
            ],
            profile,
        )

    assert given_back(runs) == runs
    assert given_back(freeze(runs)) == freeze(runs)
    assert labels(freeze(runs)) == got

    # No two neighbours that are one progression.
    for left, right in pairwise(runs):
        assert not (
            left.document == right.document
            and left.frozen == right.frozen
            and left.stem == right.stem
            and left.letter == right.letter
            and left.end_index == right.first_index
            and left.start + left.count == right.start
        )
    return runs


# --- examples -----------------------------------------------------------------------------------


def test_each_section_starts_at_one_after_its_letter() -> None:
    runs = number([section("A", Placed("a", 2)), section("B", Placed("b", 1), Placed("c", 2))], PER_SECTION)
    assert [str(label) for label in labels(runs).values()] == ["A1", "A2", "B1", "B2", "B3"]
    assert runs == [
        Run("a", 0, 2, "A", (), 1, False),
        Run("b", 0, 1, "B", (), 1, False),
        Run("c", 0, 2, "B", (), 2, False),
    ]


def test_continuous_numbers_are_positions() -> None:
    runs = number([section("A", Placed("a", 2)), section("B", Placed("b", 3))], CONTINUOUS)
    assert [str(label) for label in labels(runs).values()] == ["1", "2", "3", "4", "5"]


def test_sections_with_one_letter_count_on() -> None:
    runs = number(
        [section("A", Placed("a", 2)), section("B", Placed("b", 1)), section("A", Placed("c", 1))],
        PER_SECTION,
    )
    assert printed(runs, "c") == ["A3"]


def test_profiles_by_slug() -> None:
    assert {"per-section": PER_SECTION, "continuous": CONTINUOUS} == PROFILES


def test_nothing_in_nothing_out() -> None:
    assert number([], PER_SECTION) == []
    assert number([section("A"), section("B", Placed("b", 0))], CONTINUOUS) == []


def served(*counts: int, letter: str = "B", profile: Profile = PER_SECTION) -> dict[str, Placed]:
    """Documents d0, d1 … with so many pages, numbered and frozen."""
    documents = [Placed(f"d{i}", count) for i, count in enumerate(counts)]
    runs = number([section(letter, *documents)], profile)
    return {d.id: replace(d, runs=frozen(runs, d.id)) for d in documents}


def test_late_pages_go_on_at_the_end() -> None:
    d = served(12)
    runs = number([section("B", d["d0"], Placed("late", 2))], PER_SECTION)
    assert printed(runs, "late") == ["B13", "B14"]


def test_insert_takes_numbers_after_its_predecessor() -> None:
    d = served(12, 8)
    runs = number([section("B", d["d0"], Placed("new", 2), d["d1"])], PER_SECTION)
    assert printed(runs, "new") == ["B12.1", "B12.2"]
    assert printed(runs, "d1")[0] == "B13"


def test_insert_before_the_first_page() -> None:
    d = served(3)
    assert printed(number([section("B", Placed("new", 2), d["d0"])], PER_SECTION), "new") == ["B0.1", "B0.2"]


def test_inserts_next_to_inserts() -> None:
    d = served(12, 8)
    runs = number([section("B", d["d0"], Placed("x", 2), d["d1"])], PER_SECTION)
    x = Placed("x", 2, frozen(runs, "x"))
    before, after = Placed("before", 2), Placed("after", 2)
    runs = number([section("B", d["d0"], before, x, after, d["d1"])], PER_SECTION)
    assert printed(runs, "before") == ["B12.0.1", "B12.0.2"]
    assert printed(runs, "after") == ["B12.3", "B12.4"]
    before = replace(before, runs=frozen(runs, "before"))
    after = replace(after, runs=frozen(runs, "after"))
    one, two, three = Placed("1", 1), Placed("2", 1), Placed("3", 1)
    documents = (d["d0"], one, before, two, x, three, after, d["d1"])
    runs = check_laws([section("B", *documents)], PER_SECTION, in_order=True)
    assert [printed(runs, name) for name in "123"] == [["B12.0.0.1"], ["B12.0.3"], ["B12.2.1"]]


def test_numbers_that_were_never_frozen_are_used_while_they_suffice() -> None:
    later = Placed("later", 2, (Run("later", 0, 2, "B", (), 8, True),))
    fits = number([section("B", Placed("a", 3), Placed("b", 4), later)], PER_SECTION)
    assert printed(fits, "b") == ["B4", "B5", "B6", "B7"]
    too_many = number([section("B", Placed("a", 3), Placed("b", 5), later)], PER_SECTION)
    assert printed(too_many, "a")[0] == "B0.1"
    assert printed(too_many, "b")[-1] == "B0.8"


def test_replacement_with_more_pages() -> None:
    d = served(3, 2)
    middle = number([section("B", replace(d["d0"], pages=5), d["d1"])], PER_SECTION)
    assert printed(middle, "d0") == ["B1", "B2", "B3", "B3.1", "B3.2"]
    at_end = number([section("B", d["d0"], replace(d["d1"], pages=4))], PER_SECTION)
    assert printed(at_end, "d1") == ["B4", "B5", "B6", "B7"]
    assert freeze(at_end)[-1] == Run("d1", 0, 4, "B", (), 4, True)  # joined


def test_replacement_with_fewer_pages_and_withdrawal_reserve_their_places() -> None:
    d = served(3, 4)
    runs = number([section("B", d["d0"], replace(d["d1"], pages=1), Placed("new", 1))], PER_SECTION)
    assert printed(runs, "new") == ["B8"]
    assert locate(runs, Label("B", (7,))) == ("d1", 3)
    gone = number([section("B", replace(d["d0"], pages=0), replace(d["d1"], pages=0))], PER_SECTION)
    assert locate(gone, Label("B", (2,))) == ("d0", 1)


def test_pages_missing_between_frozen_runs_are_numbered_between_them() -> None:
    runs = (Run("a", 0, 2, "B", (), 1, True), Run("a", 4, 2, "B", (), 3, True))
    got = check_laws([section("B", Placed("a", 7, runs))], PER_SECTION, in_order=True)
    assert printed(got, "a") == ["B1", "B2", "B2.1", "B2.2", "B3", "B4", "B5"]
    shorter = check_laws([section("B", Placed("a", 3, runs))], PER_SECTION, in_order=True)
    assert printed(shorter, "a") == ["B1", "B2", "B2.1", "B3", "B4"]


def test_runs_of_two_documents_are_never_joined() -> None:
    reserved = Run("b", 2, 1, "B", (), 3, True)
    sections = [
        section("B", Placed("a", 2, (Run("a", 0, 2, "B", (), 1, True),)), Placed("b", 0, (reserved,)))
    ]
    assert number(sections, PER_SECTION)[1] == reserved


def test_earlier_numbering_that_was_not_frozen_does_not_bind() -> None:
    old = (Run("a", 0, 2, "B", (), 40, False),)
    assert printed(number([section("B", Placed("a", 2, old))], PER_SECTION), "a") == ["B1", "B2"]


def test_change_of_profile_keeps_what_is_frozen() -> None:
    d = served(3, letter="A")
    runs = number([section("A", d["d0"], Placed("x", 2)), section("B", Placed("y", 1))], CONTINUOUS)
    assert [str(label) for label in labels(runs).values()] == ["A1", "A2", "A3", "1", "2", "3"]


def test_document_moved_after_freezing_keeps_its_labels_and_they_stay_taken() -> None:
    d = served(4, 4)
    runs = check_laws(
        [section("B", d["d0"], Placed("late", 2)), section("C", Placed("c", 1), d["d1"], Placed("e", 1))],
        PER_SECTION,
        in_order=True,
    )
    assert printed(runs, "late") == ["B9", "B10"]
    assert printed(runs, "d1") == ["B5", "B6", "B7", "B8"]
    assert (printed(runs, "c"), printed(runs, "e")) == (["C1"], ["C2"])


def test_frozen_documents_in_another_order_still_share_no_label() -> None:
    d = served(4, 4)
    documents = (Placed("x", 2), d["d1"], Placed("y", 2), d["d0"], Placed("z", 2))
    runs = check_laws([section("B", *documents)], PER_SECTION, in_order=False)
    assert [printed(runs, name) for name in "xyz"] == [["B0.1", "B0.2"], ["B9", "B10"], ["B11", "B12"]]


def test_new_labels_keep_clear_of_frozen_ones_that_enclose_them() -> None:
    # B3.1 was frozen in section B; B1 to B9 is one run that now stands in section C.
    insert = Placed("i", 1, (Run("i", 0, 1, "B", (3,), 1, True),))
    last = Placed("l", 1, (Run("l", 0, 1, "B", (), 20, True),))
    big = Placed("big", 9, (Run("big", 0, 9, "B", (), 1, True),))
    sections = [section("B", insert, Placed("new", 3), last), section("C", big)]
    assert printed(check_laws(sections, PER_SECTION, in_order=True), "new") == ["B3.2", "B3.3", "B3.4"]


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ((Placed("a", 1), Placed("a", 2)), "twice"),
        ((Placed("a", -1),), "-1 pages"),
        ((Placed("a", 1, (Run("b", 0, 1, "B", (), 1, True),)),), "run of document b"),
        ((Placed("a", 1, (Run("a", 0, 0, "B", (), 1, True),)),), "malformed"),
        ((Placed("a", 1, (Run("a", 0, 1, "B", (), 0, True),)),), "malformed"),
        ((Placed("a", 1, (Run("a", -1, 1, "B", (), 1, True),)),), "malformed"),
        ((Placed("a", 1, (Run("a", 0, 1, "B", (-1,), 1, True),)),), "malformed"),
        ((Placed("a", 3, (Run("a", 0, 2, "B", (), 1, True), Run("a", 1, 2, "B", (), 9, True))),), "overlap"),
        (
            (
                Placed("a", 3, (Run("a", 0, 3, "B", (), 1, True),)),
                Placed("c", 1, (Run("c", 0, 1, "B", (), 3, True),)),
            ),
            "B3 is frozen twice",
        ),
    ],
)
def test_input_that_cannot_be_true_is_refused(documents: tuple[Placed, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        number([section("B", *documents)], PER_SECTION)


@pytest.mark.parametrize("letter", ["b", "1", "B-", "B.1", "É", "B ", "٣"])
def test_letters_that_would_not_read_back_are_refused(letter: str) -> None:
    with pytest.raises(ValueError, match="section letter"):
        SectionIn(letter, ())


# --- labels -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "text"),
    [
        (Label("B", (12,)), "B12"),
        (Label("B", (12, 1)), "B12.1"),
        (Label("", (12,)), "12"),
        (Label("", (12, 0, 3)), "12.0.3"),
        (Label("UND1", (5,)), "UND1-5"),
        (Label("CACD2", (5, 1)), "CACD2-5.1"),
    ],
)
def test_label_in_print(label: Label, text: str) -> None:
    assert str(label) == text
    assert Label.parse(text, {label.letter}) == label


@pytest.mark.parametrize(
    ("text", "letters", "expected"),
    [
        ("b12", "B", "B12"),
        (" B 12 ", "B", "B12"),
        ("p. B12", "B", "B12"),
        ("p.b012", "B", "B12"),
        ("pp B12", "B", "B12"),
        ("page B12", "B", "B12"),
        ("tud. B12", "B", "B12"),
        ("Tudalen B12.1", "B", "B12.1"),
        ("t. B12", "B T", "B12"),
        ("[B12]", "B", "B12"),
        ("(B12.1).", "B", "B12.1"),
        ("B\u201312", "B", "B12"),
        ("B/12", "B", "B12"),
        ("B.12", "B", "B12"),
        ("P12", "P", "P12"),
        ("p. 12", "P", "P12"),
        ("p. P12", "P", "P12"),
        ("p 12", "P -", "P12"),
        ("p. 12", "P -", "12"),
        ("p. 12", "-", "12"),
        ("p12", "-", "12"),
        ("page12", "-", "12"),
        ("page12", "- PAGE", "PAGE12"),
        ("und1-5", "UND UND1", "UND1-5"),
        ("und1 5", "UND UND1", "UND1-5"),
        ("und1 - 5", "UND UND1", "UND1-5"),
        ("und15", "UND UND1", "UND15"),
        ("und1.5", "UND UND1", "UND1.5"),
        ("und 15", "UND UND1", "UND15"),
        ("UND15", "UND1", "UND1-5"),
        ("UND1.5", "UND1 UND2", "UND1-5"),
    ],
)
def test_parse_forgives(text: str, letters: str, expected: str) -> None:
    in_use = ["" if letter == "-" else letter for letter in letters.split()]
    assert str(Label.parse(text, in_use)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "B",
        "12",
        "C12",
        "B0",
        "B12.0",
        "B12..1",
        "B12-B14",
        "B1-2",
        "B12a",
        "B²",
        "B١٢",
        "B-",
        "p.",
        "B12 3",
        "BB12",
        "B" + "9" * 5000,
        "B1" + ".1" * 5000,
        "\x00B12",
    ],
)
def test_parse_refuses(text: str) -> None:
    assert Label.parse(text, {"B"}) is None


def test_what_could_be_two_pages_is_none() -> None:
    assert Label.parse("U115", ["U1", "U11"]) is None
    assert str(Label.parse("U1 15", ["U1", "U11"])) == "U1-15"


def test_natural_order() -> None:
    names = "A2 A10 B0.1 B1 B12 B12.0.1 B12.1 B12.1.1 B12.2 B13 UND2-1 UND10-1"
    letters = {"A", "B", "UND2", "UND10"}
    ordered = [Label.parse(name, letters) for name in names.split()]
    assert all(ordered)
    shuffled = sorted((label for label in ordered if label), key=str, reverse=True)
    assert sorted(shuffled, key=lambda label: label.sort_key) == ordered


section_letters = st.from_regex(LETTER, fullmatch=True).filter(lambda letter: len(letter) < 8) | st.just("")
# Letters that can be mistaken for one another, for the words before a number and for nothing.
alike = st.sampled_from(["", "P", "PP", "T", "TUD", "PAGE", "U", "U1", "U11", "UND", "UND1", "P1", "B", "B1"])
paths = st.lists(st.integers(0, 10**6), max_size=4).flatmap(
    lambda head: st.integers(1, 10**6).map(lambda last: (*head, last))
)


@given(st.builds(Label, section_letters | alike, paths), st.sets(section_letters | alike, max_size=8))
def test_what_is_printed_reads_back(label: Label, letters: set[str]) -> None:
    letters.add(label.letter)
    assert Label.parse(str(label), letters) == label
    assert Label.parse(f" {str(label).lower()} ", letters) == label


@given(st.builds(Label, alike, paths), st.builds(Label, alike, paths))
def test_two_labels_never_print_alike(one: Label, other: Label) -> None:
    assert (str(one) == str(other)) == (one == other)


@given(st.text(max_size=30), st.sets(section_letters | alike, max_size=5))
def test_parse_never_fails(text: str, letters: set[str]) -> None:
    found = Label.parse(text, letters)
    assert found is None or (found.letter in letters and found.path[-1] >= 1)


# --- look-up ------------------------------------------------------------------------------------


def test_look_up_both_ways() -> None:
    d = served(2, 3)
    runs = number([section("B", replace(d["d0"], pages=4), d["d1"])], PER_SECTION)
    for (document, index), label in labels(runs).items():
        assert label_of([run for run in runs if run.document == document], index) == label
        assert locate(runs, label) == (document, index)
    own = [run for run in runs if run.document == "d0"]
    assert label_of(own, 4) is None
    assert label_of(own, -1) is None
    assert label_of([], 0) is None
    for nowhere in (Label("B", (6,)), Label("C", (1,)), Label("B", (2, 3)), Label("B", (1, 1))):
        assert locate(runs, nowhere) is None


def test_run_describes_itself() -> None:
    run = Run("a", 4, 3, "UND1", (2,), 5, False)
    assert (str(run.first), str(run.last), run.stem, run.end_index) == ("UND1-2.5", "UND1-2.7", "UND1-2.", 7)
    assert str(run.label(5)) == "UND1-2.6"
    for outside in (3, 7):
        with pytest.raises(IndexError):
            run.label(outside)


# --- laws ---------------------------------------------------------------------------------------


@st.composite
def any_bundle(draw: st.DrawFn) -> list[SectionIn]:
    """Any frozen labels in any order in any section, in runs that share no label."""
    taken: set[Label] = set()
    sections = []
    for position, letter in enumerate(draw(st.lists(st.sampled_from(["A", "B", "B", "U1", ""]), max_size=4))):
        documents = []
        for nth in range(draw(st.integers(0, 4))):
            name, runs, index = f"{position}.{nth}", [], 0
            for _ in range(draw(st.integers(0, 3))):
                run = Run(
                    document=name,
                    first_index=index + draw(st.integers(0, 2)),
                    count=draw(st.integers(1, 4)),
                    letter=draw(st.sampled_from(["B", "B", "B", "U1", ""])),
                    prefix=tuple(draw(st.lists(st.integers(0, 3), max_size=3))),
                    start=draw(st.integers(1, 4)),
                    frozen=True,
                )
                own = {run.label(i) for i in range(run.first_index, run.end_index)}
                if not own & taken:
                    taken |= own
                    runs.append(run)
                    index = run.end_index
            documents.append(Placed(name, draw(st.integers(0, 9)), tuple(runs)))
        sections.append(SectionIn(letter, tuple(documents)))
    return sections


@settings(max_examples=400, deadline=None)
@given(any_bundle(), st.sampled_from(list(PROFILES.values())))
def test_total_and_unique_whatever_is_frozen(sections: list[SectionIn], profile: Profile) -> None:
    check_laws(sections, profile, in_order=False)


@settings(max_examples=400, deadline=None)
@given(
    st.sets(st.lists(st.integers(0, 3), max_size=4).map(tuple), max_size=8),
    st.lists(st.tuples(st.integers(0, 8), st.integers(1, 5)), max_size=6),
)
def test_in_order_between_any_rising_frozen_labels(
    frozen_paths: set[tuple[int, ...]], inserts: list[tuple[int, int]]
) -> None:
    """p < new < s for whatever p and s, also those that no history would make."""
    documents = [
        Placed(f"f{i}", 1, (Run(f"f{i}", 0, 1, "B", path[:-1], path[-1], True),))
        for i, path in enumerate(sorted(path for path in frozen_paths if path and path[-1] >= 1))
    ]
    for i, (position, pages) in enumerate(inserts):
        documents.insert(position, Placed(f"n{i}", pages))
    check_laws([SectionIn("B", tuple(documents))], PER_SECTION, in_order=True)


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.lists(st.integers(0, 5), max_size=5)), max_size=4),
)
def test_one_to_n_while_nothing_is_frozen(shape: list[tuple[str, list[int]]]) -> None:
    sections = [
        SectionIn(letter, tuple(Placed(f"{i}.{j}", pages) for j, pages in enumerate(counts)))
        for i, (letter, counts) in enumerate(shape)
    ]
    total = sum(sum(counts) for _, counts in shape)
    runs = check_laws(sections, CONTINUOUS, in_order=True)
    assert [str(label) for label in labels(runs).values()] == [str(n + 1) for n in range(total)]
    by_letter: dict[str, list[Label]] = {}
    for label in labels(check_laws(sections, PER_SECTION, in_order=True)).values():
        by_letter.setdefault(label.letter, []).append(label)
    for letter, own in by_letter.items():
        assert [str(label) for label in own] == [f"{letter}{n + 1}" for n in range(len(own))]


class History(RuleBasedStateMachine):
    """A bundle through its life. Every label that was ever frozen must name its place for ever."""

    LETTERS = ("A", "B", "UND1")

    @initialize(profile=st.sampled_from(list(PROFILES.values())))
    def begin(self, profile: Profile) -> None:
        self.profile = profile
        self.sections: list[list[Placed]] = [[] for _ in self.LETTERS]
        self.citations: dict[str, tuple[str, int]] = {}
        self.count = 0
        self.rearranged = False

    def input(self) -> list[SectionIn]:
        return [
            SectionIn(letter, tuple(own)) for letter, own in zip(self.LETTERS, self.sections, strict=True)
        ]

    def pick(self, data: st.DataObject, *, unfrozen: bool = False) -> tuple[int, int]:
        places = [
            (s, d)
            for s, own in enumerate(self.sections)
            for d, document in enumerate(own)
            if not (unfrozen and document.runs)
        ]
        assume(places)
        return data.draw(st.sampled_from(places))

    @rule(section=st.integers(0, 2), position=st.integers(0, 12), pages=st.integers(0, 5))
    def serve(self, section: int, position: int, pages: int) -> None:
        self.count += 1
        self.sections[section].insert(position, Placed(f"d{self.count}", pages))

    @rule(data=st.data(), section=st.integers(0, 2), position=st.integers(0, 12))
    def move_unfrozen(self, data: st.DataObject, section: int, position: int) -> None:
        s, d = self.pick(data, unfrozen=True)
        self.sections[section].insert(position, self.sections[s].pop(d))

    @rule(data=st.data(), pages=st.integers(0, 8))
    def replace(self, data: st.DataObject, pages: int) -> None:
        s, d = self.pick(data)
        self.sections[s][d] = replace(self.sections[s][d], pages=pages)

    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        s, d = self.pick(data)
        if self.sections[s][d].runs:
            self.sections[s][d] = replace(self.sections[s][d], pages=0)
        else:
            del self.sections[s][d]

    def keep(self, runs: list[Run], ids: set[str]) -> None:
        for own in self.sections:
            for d, document in enumerate(own):
                if document.id in ids:
                    own[d] = replace(document, runs=frozen(runs, document.id))
        for place, label in labels(runs).items():
            if place[0] in ids:
                assert self.citations.setdefault(str(label), place) == place

    @rule()
    def freeze_all(self) -> None:
        runs = number(self.input(), self.profile)
        self.keep(runs, {run.document for run in runs})

    @rule(data=st.data())
    def freeze_one(self, data: st.DataObject) -> None:
        s, d = self.pick(data)
        self.keep(number(self.input(), self.profile), {self.sections[s][d].id})

    @rule(profile=st.sampled_from(list(PROFILES.values())))
    def change_profile(self, profile: Profile) -> None:
        self.profile = profile

    @precondition(lambda self: self.count > 4)
    @rule(data=st.data(), section=st.integers(0, 2), position=st.integers(0, 12))
    def move_frozen(self, data: st.DataObject, section: int, position: int) -> None:
        s, d = self.pick(data)
        self.rearranged = self.rearranged or bool(self.sections[s][d].runs)
        self.sections[section].insert(position, self.sections[s].pop(d))

    @invariant()
    def laws(self) -> None:
        runs = check_laws(self.input(), self.profile, in_order=not self.rearranged)
        now = labels(runs)
        letters = {run.letter for run in runs}
        for citation, place in self.citations.items():
            label = Label.parse(citation, letters)
            assert label is not None
            assert now[place] == label
            assert locate(runs, label) == place


History.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestHistory = History.TestCase


# --- cost ---------------------------------------------------------------------------------------


def big_bundle(documents: int, pages: int) -> list[SectionIn]:
    letters = [chr(ord("A") + i) for i in range(20)]
    share = documents // len(letters)
    return [
        SectionIn(letter, tuple(Placed(f"{letter}{i}", pages) for i in range(share))) for letter in letters
    ]


def work(sections: list[SectionIn], profile: Profile) -> int:
    """Calls and returns while it numbers: the same on every machine, unlike seconds."""
    events = 0

    def count(*_: object) -> None:
        nonlocal events
        events += 1

    sys.setprofile(count)
    try:
        number(sections, profile)
    finally:
        sys.setprofile(None)
    return events


def with_all_frozen(sections: list[SectionIn], every: int = 1) -> list[SectionIn]:
    """Frozen as they stand, but for every so-manieth document, which is put in afterwards."""
    left = [
        replace(part, documents=tuple(d for i, d in enumerate(part.documents) if every == 1 or i % every))
        for part in sections
    ]
    runs = {run.document: (run,) for run in freeze(number(left, PER_SECTION))}
    return [
        replace(part, documents=tuple(replace(d, runs=runs.get(d.id, ())) for d in part.documents))
        for part in sections
    ]


@pytest.mark.parametrize("state", ["new", "frozen", "inserts"])
def test_cost_of_a_document_does_not_grow_with_the_bundle(state: str) -> None:
    def bundle(documents: int) -> list[SectionIn]:
        sections = big_bundle(documents, 10)
        return sections if state == "new" else with_all_frozen(sections, every=1 if state == "frozen" else 2)

    assert work(bundle(5_000), PER_SECTION) / 5_000 <= work(bundle(500), PER_SECTION) / 500


def test_cost_is_by_document_not_by_page() -> None:
    assert work(big_bundle(2_000, 10_000), PER_SECTION) == work(big_bundle(2_000, 1), PER_SECTION)
