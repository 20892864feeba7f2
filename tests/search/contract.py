"""What every search engine must do, as tests written against `search.engine.Engine` alone.

An engine passes by subclassing EngineContract in a test module and giving the fixture `engine`: empty,
writable and nobody else's; and `lose`, which takes its index away from under it.
Nothing here may be changed to suit one engine.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search import analysis, marks, query
from search.engine import MAX_LIMIT, Engine, Filters, IndexDamaged, PageDoc

CASE = "T20267001"
OTHER = "T20267002"


def doc(page: str, text: str, **changes: object) -> PageDoc:
    """A page of R v Bates and Doyle that everybody in the case may see."""
    plain = PageDoc(
        page=page,
        document=f"doc-{page}",
        case=CASE,
        section="A",
        party="prosecution",
        date="2026-03-01",
        audience=(f"{CASE}/everybody",),
        position=0,
        title="",
        exhibit="",
        text=text,
    )
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def seen_by(*tokens: str, **more: object) -> Filters:
    """Filters of a reader of CASE with these audience tokens beside `everybody`."""
    audiences = tuple(f"{CASE}/{token}" for token in ("everybody", *tokens))
    return Filters(audiences=audiences, **more)  # type: ignore[arg-type]


EVERYBODY = seen_by()

# One page for each thing that text does to a search engine.
TEXTS = {
    "knife": "PC Doyle found a kitchen knife on the table. The knife was wet.",
    "knives": "Three knives were seized by the officers.",
    "phrase-apart": "The knife was in the kitchen drawer.",
    "bates": "Mr Bates denied that he was in Leeds. Bates’s sister agreed with Mr Bates.",
    "o-brien": "Statement of Siobhán O’Brien, taken at 12:30.",
    "exhibit": "I produce the recording as JS/1 and the still as JS/12.",
    "exhibit-two": "Exhibit js 1 was shown to the witness; JS/2 was not.",
    "section": "Contrary to s.9 of the Criminal Justice Act 1967. No. 7 of the list.",
    "money": "He paid £1,250 in cash and owed £31,250.",
    "money-plain": "A transfer of 1250 pounds.",
    "telephone": "He rang 07700 900123 twice.",
    "telephone-abroad": "From +44 7700 900123 to 020 7946 0958.",
    "telephone-run": "handset 07700900123 seized",
    "plate": "A grey Astra, AB12 CDE, left at speed.",
    "plate-run": "ANPR: AB12CDE northbound",
    "mail": "From: priya.shah@cps.gov.uk To: d.okafor@chambers.example",
    "welsh": "Gŵyl Ddewi: roedd yr Ŵyl yn Llanelli. Tŷ a dŵr.",
    "welsh-apart": "y W\u0302yl fawr",
    "broken": "The case for the prose-\ncution is that a well-\nknown dealer supplied him.",
    "broken-soft": "Evidence of the defen\u00addant and of identi\x02fication.",
    "ligature": "The ﬁrst oﬃcer on the scene.",
    "other-letters": "Свидетель Иванов: «не помню». 北京市朝阳区 הנאשם شاهد.",
    "typed-wrong": "Mr Okafro of counsel, for the defence; prosecuton closed.",
    "okafor": "Mr Okafor cross-examined for an hour; the prosecution did not.",
    "far": "Blade " + "and so on " * 12 + "handle.",
    "close": "The handle of the blade.",
    "long": "x" * 500 + " tail",
    "signs": "*** --- ??? ~~~ “” ()",
    "empty": "",
    "fractions": "Two and ½ grams, 5² m, 100% pure; a_b_c.",
}

QUERIES = {
    "knife": {"knife", "knives", "phrase-apart"},
    "KNIFE": {"knife", "knives", "phrase-apart"},
    "knife kitchen": {"knife", "phrase-apart"},
    "kitchen knife": {"knife", "phrase-apart"},
    '"kitchen knife"': {"knife"},
    '"knife kitchen"': set(),
    '"knives"': {"knives"},
    "“kitchen knife”": {"knife"},
    "knives OR blade": {"knife", "knives", "phrase-apart", "far", "close"},
    "knife OR blade kitchen": {"knife", "phrase-apart"},
    "(knife kitchen) OR (blade table)": {"knife", "phrase-apart"},
    "knife -kitchen": {"knives"},
    'knife -"kitchen knife"': {"knives", "phrase-apart"},
    "knife -(kitchen OR officers)": set(),
    "knife AND kitchen": {"knife", "phrase-apart"},
    "-knife": set(),
    "-knife -kitchen": set(),
    "": set(),
    "   ": set(),
    "***": set(),
    "OR": set(),
    '"': set(),
    '""': set(),
    "()": set(),
    "prosecut*": {"broken", "typed-wrong", "okafor"},
    "okafor~": {"typed-wrong", "okafor", "mail"},
    "prosecution~": {"typed-wrong", "okafor", "broken"},
    '"blade handle"~5': {"close"},
    '"handle blade"~2': {"close"},
    '"handle blade"~1': set(),
    '"blade handle"~50': {"close", "far"},
    "JS/1": {"exhibit", "exhibit-two"},
    "js/1": {"exhibit", "exhibit-two"},
    '"JS/1"': {"exhibit", "exhibit-two"},
    "JS/1*": {"exhibit", "exhibit-two"},
    "k*": set(),
    "kn*": {"knife", "knives", "phrase-apart", "broken"},
    "JS/12": {"exhibit"},
    "O'Brien": {"o-brien"},
    "o’brien": {"o-brien"},
    "siobhan": {"o-brien"},
    "Bates's": {"bates"},
    "No.": {"section"},
    "No. 7": {"section"},
    "s.9": {"section"},
    "s.9(": {"section"},
    "£1,250": {"money", "money-plain"},
    "1250": {"money", "money-plain"},
    "31,250": {"money"},
    "07700 900123": {"telephone", "telephone-abroad", "telephone-run"},
    "07700900123": {"telephone", "telephone-abroad", "telephone-run"},
    "+44 (0)7700 900123": {"telephone", "telephone-abroad", "telephone-run"},
    "02079460958": {"telephone-abroad"},
    "AB12 CDE": {"plate", "plate-run"},
    "ab12cde": {"plate", "plate-run"},
    "priya.shah@cps.gov.uk": {"mail"},
    "wyl": {"welsh", "welsh-apart"},
    "ŵyl": {"welsh", "welsh-apart"},
    "W\u0302YL": {"welsh", "welsh-apart"},
    "ty dwr": {"welsh"},
    "prosecution": {"broken", "okafor"},
    '"the prosecution is"': {"broken"},
    '"the prosecution"': {"broken", "okafor"},
    "well-known": {"broken"},
    "known": {"broken"},
    "defendant identification": {"broken-soft"},
    "first officer": {"ligature"},
    "Иванов": {"other-letters"},
    "朝阳": {"other-letters"},
    "stray ) bracket": set(),
    '"kitchen knife': {"knife", "phrase-apart"},
    "knife OR": {"knife", "knives", "phrase-apart"},
    "(knife": {"knife", "knives", "phrase-apart"},
    "nowhere": set(),
}


def pages_of(engine: Engine, text: str, filters: Filters = EVERYBODY) -> set[str]:
    """The ids of all pages found; checks on the way that total and hits agree."""
    results = engine.search(text, filters, limit=MAX_LIMIT)
    found = [hit.page for hit in results.hits]
    assert len(found) == len(set(found)) == results.total
    return set(found)


def fill(engine: Engine, pages: Iterable[PageDoc]) -> None:
    engine.index(pages)
    engine.commit()


def fill_with_texts(engine: Engine) -> None:
    fill(engine, [doc(name, text, position=n) for n, (name, text) in enumerate(TEXTS.items())])


class EngineContract:
    """Inherit, and give the fixture `engine`."""

    @pytest.fixture
    def corpus(self, engine: Engine) -> Engine:
        fill_with_texts(engine)
        return engine

    # What is found

    def test_every_form_of_query(self, corpus: Engine) -> None:
        found = {text: pages_of(corpus, text) for text in QUERIES}
        wrong = {text: (pages, QUERIES[text]) for text, pages in found.items() if pages != QUERIES[text]}
        assert not wrong  # query: (found, wanted)

    def test_every_hit_has_marks_and_nothing_else_does(self, corpus: Engine) -> None:
        for text in QUERIES:
            tree = query.parse(text)
            expected = {name for name, page in TEXTS.items() if marks.matches(tree, page)}
            assert pages_of(corpus, text) == expected, text
            for name in expected:
                assert any(marked for _, marked in marks.snippet(tree, TEXTS[name])), (text, name)

    def test_any_text_is_a_query_and_engine_and_marks_agree(self, corpus: Engine) -> None:
        words = sorted({term for text in TEXTS.values() for term in analysis.terms(text)})
        signs = st.sampled_from(
            ['"', "-", "*", "~", "OR", "(", ")", '"~2', " ", "/", ".", "'", "AND", "+", ":", "\\"]
        )
        spelt = st.sampled_from(words) | st.sampled_from(sorted(QUERIES))
        built = st.lists(spelt | signs | st.text(max_size=4), max_size=8).flatmap(
            lambda parts: st.sampled_from([" ".join(parts), "".join(parts)])
        )

        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
        @given(built | st.text(max_size=80))
        def agree(text: str) -> None:
            tree = query.parse(text)
            assert pages_of(corpus, text) == {n for n, page in TEXTS.items() if marks.matches(tree, page)}

        agree()

    @pytest.mark.parametrize(
        "text",
        [
            "a" * 5000,
            "a " * 3000,
            "(" * 500 + "a" + ")" * 500,
            "-" * 500,
            '"a b"~99999999999999999999',
            "a OR " * 500 + "b",
            "a* " * 200,
            "\x00\ufffe\ud800",
            "field:value exact:knife audience:x",
            "../../etc/passwd' OR 1=1; --",
            "{!func}1 /.*/ [a TO z] knife^9",
        ],
    )
    def test_no_query_is_an_error(self, corpus: Engine, text: str) -> None:
        corpus.search(text, EVERYBODY)

    def test_text_of_the_title_brings_no_page_in(self, engine: Engine) -> None:
        fill(engine, [doc("p", "Nothing here.", title="Statement about a knife", exhibit="JS/9")])
        assert pages_of(engine, "knife") == set()
        assert pages_of(engine, "JS/9") == set()

    # Order

    def order(self, engine: Engine, text: str) -> list[str]:
        return [hit.page for hit in engine.search(text, EVERYBODY).hits]

    def test_the_very_word_before_its_stem(self, engine: Engine) -> None:
        fill(
            engine,
            [
                doc("other", "He was stabbing at the door of the house."),
                doc("very", "He had stabbed at the door of the house."),
            ]
            + [doc(f"filler{n}", "Nothing of that here, only other words entirely.") for n in range(8)],
        )
        assert self.order(engine, "stabbed") == ["very", "other"]
        assert self.order(engine, "stabbing") == ["other", "very"]

    def test_more_often_and_rarer_words_first(self, engine: Engine) -> None:
        fill(
            engine,
            [
                doc("once", "knife and many other words that say nothing at all of it"),
                doc("often", "knife knife knife and other words that say nothing of it"),
                doc("common", "officer table words"),
                doc("rare", "machete table words"),
            ]
            + [doc(f"filler{n}", "the officer wrote in the notebook") for n in range(20)],
        )
        assert self.order(engine, "knife") == ["often", "once"]
        assert self.order(engine, "(machete OR officer) table") == ["rare", "common"]

    def test_scores_fall(self, corpus: Engine) -> None:
        scores = [hit.score for hit in corpus.search("knife OR kitchen OR the", EVERYBODY).hits]
        assert len(scores) > 5
        assert scores == sorted(scores, reverse=True)

    def test_the_exhibit_itself_comes_before_pages_that_mention_it(self, engine: Engine) -> None:
        fill(
            engine,
            [doc(f"mention{n}", "JS/1 JS/1 JS/1 is mentioned over and over here: JS/1") for n in range(5)]
            + [doc("itself", "A still from a long recording of the street, marked JS/1", exhibit="JS/1")],
        )
        assert self.order(engine, "js/1")[0] == "itself"

    def test_a_title_moves_its_pages_up(self, engine: Engine) -> None:
        same = "Interview with the accused, tape one."
        fill(
            engine,
            [
                doc("plain", same, position=1),
                doc("titled", same, position=2, title="Record of interview"),
                doc("filler", "Other words"),
            ],
        )
        assert self.order(engine, "interview") == ["titled", "plain"]

    def test_equal_pages_come_in_the_order_of_the_case(self, engine: Engine) -> None:
        fill(engine, [doc(f"p{n}", "The same words.", position=n) for n in (3, 1, 2, 0)])
        assert self.order(engine, "same words") == ["p0", "p1", "p2", "p3"]

    def test_pages_of_results_neither_overlap_nor_miss(self, engine: Engine) -> None:
        fill(engine, [doc(f"p{n:03d}", f"knife {'and ' * (n % 7)} word{n}", position=n) for n in range(57)])
        for text in ("knife", "word*", "knif~"):
            found: list[str] = []
            for offset in range(0, 70, 10):
                results = engine.search(text, EVERYBODY, limit=10, offset=offset)
                assert results.total == 57
                found += [hit.page for hit in results.hits]
            assert sorted(found) == [f"p{n:03d}" for n in range(57)]

    def test_limit_and_offset_have_bounds(self, corpus: Engine) -> None:
        none = corpus.search("knife", EVERYBODY, limit=0)
        assert (none.total, none.hits) == (3, ())
        assert none.facets["section"] == {"A": 3}
        for limit, offset in ((-1, 0), (MAX_LIMIT + 1, 0), (1, -1)):
            with pytest.raises(ValueError, match="limit"):
                corpus.search("knife", EVERYBODY, limit=limit, offset=offset)

    def test_pages_worth_the_same_neither_overlap_nor_miss_however_many(self, engine: Engine) -> None:
        """Many more than are looked at together, with better ones before and lesser ones after them."""
        fill(
            engine,
            [doc(f"p{n:04d}", "knife", position=-n) for n in range(900)]
            + [doc(f"better{n}", "knife knife", position=n) for n in range(7)]
            + [doc(f"lesser{n}", "knives", position=n) for n in range(7)],
        )
        wanted = [f"better{n}" for n in range(7)] + [f"p{n:04d}" for n in reversed(range(900))]
        wanted += [f"lesser{n}" for n in range(7)]
        for limit in (10, 250, 600):
            found = [
                hit.page
                for offset in range(0, len(wanted), limit)
                for hit in engine.search("knife", EVERYBODY, limit=limit, offset=offset).hits
            ]
            assert found == wanted, limit
        assert engine.search("knife", EVERYBODY, limit=5, offset=len(wanted)).hits == ()

    def test_the_more_often_a_word_stands_there_the_higher(self, engine: Engine) -> None:
        often = (8, 5, 3, 2, 1)
        fill(
            engine,
            [doc(f"x{n}", "knife " * n + "and other words", position=-n) for n in (1, 2, 3, 5, 8)]
            + [doc(f"y{n}", "the " * 300 + "blade " * n, position=n) for n in often],
        )
        assert self.order(engine, "knife") == [f"x{n}" for n in often]
        assert self.order(engine, "blade") == [f"y{n}" for n in often]

    def test_words_together_come_before_words_near_and_words_apart(self, engine: Engine) -> None:
        fill(
            engine,
            [
                doc(
                    "apart",
                    "The knife was found. " + "Other words follow. " * 9 + "In the kitchen.",
                    position=1,
                ),
                doc("near", "The knife was in the kitchen. " + "Other words follow. " * 9, position=2),
                doc("together", "A kitchen knife was found. " + "Other words follow. " * 9, position=3),
            ],
        )
        assert self.order(engine, "kitchen knife") == ["together", "near", "apart"]

    def test_pages_with_all_alternatives_come_first(self, engine: Engine) -> None:
        fill(
            engine,
            [
                doc("one", "The knife.", position=1),
                doc("other", "The machete.", position=2),
                doc("both", "The machete beside the knife.", position=3),
            ],
        )
        assert self.order(engine, "knife OR machete") == ["both", "one", "other"]
        assert self.order(engine, '"the knife" OR "the machete"')[0] == "both"

    # What may not be seen

    def test_what_may_not_be_seen_changes_no_answer(self, engine: Engine) -> None:
        """Number, order, worth, facets, portions: the same without the hidden pages, with them, and after them."""
        from tests.search import hidden

        fill(engine, hidden.visible())
        before = hidden.answers(engine)
        assert sum(len(hits) for _total, hits, _facets in before.values()) > 1500  # not nothing stays

        def differing() -> dict[object, object]:
            now = hidden.answers(engine)
            return {asked: (before[asked], now[asked]) for asked in before if before[asked] != now[asked]}

        kinds = list(hidden.hidden())
        for pages in kinds:
            fill(engine, pages)
        assert not differing()
        # Withdrawn, replaced by other words, and shown to others instead: what was is left in the files for a while.
        every = [page for pages in kinds for page in pages]
        engine.delete_documents(sorted({page.document for page in every[::2]}))
        fill(engine, [dataclasses.replace(page, text=f"spoon {page.text[::-1]}") for page in every[1::4]])
        fill(engine, [dataclasses.replace(page, audience=(f"{CASE}/judge",)) for page in every[3::4]])
        assert not differing()
        # From the beginning, in another order and in other portions.
        engine.reset()
        mine = hidden.visible()
        for some in (every[:900], mine[700:], every[900:], mine[:300], mine[300:700]):
            fill(engine, some)
        fill(engine, [dataclasses.replace(page, text="machete knife") for page in mine[::3]])  # and as it was
        fill(engine, mine[::3])
        assert not differing()

    @pytest.mark.parametrize("pages", [1, 3, 50])
    def test_no_order_tells_whether_a_word_stands_where_one_may_not_look(
        self, engine: Engine, pages: int
    ) -> None:
        """One-word pages of one's own are the scales: what is hidden must not weigh on either side."""
        own = [
            doc(f"{n}-{word}", word, position=n, audience=(f"{CASE}/doyle",))
            for n, word in enumerate(("secret", "calib", "secret", "other"))
        ]
        fill(engine, own)
        mari = seen_by("doyle")
        asked = (
            '"secret" OR "calib"',
            "secret OR calib",
            "calib OR other",
            "secret OR other OR calib",
            "sec* OR other",
        )
        before = [engine.search(text, mari) for text in asked]
        fill(
            engine,
            [doc(f"h{n}", "secret calib calib " * n, audience=(f"{CASE}/bates",)) for n in range(pages)]
            + [doc(f"o{n}", "other", case=OTHER, audience=(f"{OTHER}/everybody",)) for n in range(pages)],
        )
        assert [engine.search(text, mari) for text in asked] == before

    # Filters

    @pytest.fixture
    def served(self, engine: Engine) -> Engine:
        """Pages of two cases, of several parties, for several audiences; "knife" stands on all of them."""
        both = (f"{CASE}/prosecution", f"{CASE}/bates")
        fill(
            engine,
            [
                doc("open", "knife one", document="d1", section="A", date="2026-01-10"),
                doc("open2", "knife two", document="d1", section="A", date="2026-01-10"),
                doc(
                    "crown",
                    "knife",
                    document="d2",
                    section="B",
                    audience=(f"{CASE}/prosecution",),
                    date="2026-02-10",
                ),
                doc("bates", "knife", document="d3", section="C", party="bates", audience=both, date=None),
                doc("doyle", "knife", document="d4", section="C", party="doyle", audience=(f"{CASE}/doyle",)),
                doc("judge", "knife", document="d5", section="X", party="court", audience=(f"{CASE}/judge",)),
                doc(
                    "mari", "knife", document="d6", section="D", party="doyle", audience=(f"{CASE}/person:7",)
                ),
                doc("nobody", "knife", document="d7", section="Z", audience=()),
                doc(
                    "elsewhere",
                    "knife",
                    document="d8",
                    section="A",
                    case=OTHER,
                    audience=(f"{OTHER}/everybody", f"{OTHER}/bates"),
                ),
            ],
        )
        return engine

    @pytest.mark.parametrize(
        ("who", "tokens", "pages"),
        [
            ("Priya Shah prosecutes", ("prosecution", "person:1"), {"open", "open2", "crown", "bates"}),
            ("Daniel Okafor defends Bates", ("bates", "person:2"), {"open", "open2", "bates"}),
            ("Mari Llwyd defends Doyle", ("doyle", "person:7"), {"open", "open2", "doyle", "mari"}),
            ("HHJ Ruth Adler sits", ("court", "judge", "person:4"), {"open", "open2", "judge"}),
            ("Tom Price is her clerk", ("court", "person:5"), {"open", "open2"}),
        ],
    )
    def test_everyone_finds_their_own(
        self, served: Engine, who: str, tokens: tuple[str, ...], pages: set[str]
    ) -> None:
        filters = seen_by(*tokens)
        assert pages_of(served, "knife", filters) == pages, who
        # Nothing of the rest shows in what is counted, whichever way one asks.
        for text in ("knife", "knif*", "knive~", '"knife"', "knife -one", "knife OR zebra"):
            results = served.search(text, filters, limit=1)
            visible = pages - ({"open"} if "-one" in text else set())
            assert results.total == len(visible)
            for counts in results.facets.values():
                assert sum(counts.values()) == len(visible)
            assert "Z" not in results.facets["section"]

    def test_sam_weir_is_in_no_part_of_the_case(self, served: Engine) -> None:
        for filters in (
            Filters(),
            Filters(case=CASE),
            Filters(audiences=(f"{OTHER}/person:9",)),
            Filters(audiences=("everybody",)),
            Filters(audiences=(f"{CASE}/",)),
            Filters(audiences=(f"{CASE}",)),
            Filters(audiences=(f"{CASE}/ever*",)),
            Filters(audiences=(f"{CASE}/EVERYBODY",)),
            Filters(audiences=("",)),
        ):
            results = served.search("knife", filters)
            assert (results.total, results.hits) == (0, ())
            assert results.facets == {"section": {}, "party": {}, "document": {}}

    def test_audiences_of_two_cases(self, served: Engine) -> None:
        both = Filters(audiences=(f"{CASE}/everybody", f"{OTHER}/everybody"))
        assert pages_of(served, "knife", both) == {"open", "open2", "elsewhere"}
        assert pages_of(served, "knife", dataclasses.replace(both, case=OTHER)) == {"elsewhere"}

    def test_a_query_cannot_name_another_field(self, served: Engine) -> None:
        for text in (
            f"audience:{CASE}/doyle",
            "party:doyle",
            "section:C",
            "d4",
            "doyle",
            "Z",
            CASE,
            "page:crown",
        ):
            assert pages_of(served, text) == set()

    @pytest.mark.parametrize(
        ("more", "pages"),
        [
            ({"section": "B"}, {"crown"}),
            ({"section": ("B", "C")}, {"crown", "bates"}),
            ({"section": ()}, set()),
            ({"section": "b"}, set()),
            ({"party": "bates"}, {"bates"}),
            ({"party": ["bates", "prosecution"]}, {"open", "open2", "crown", "bates"}),
            ({"date_from": "2026-01-11"}, {"crown"}),
            ({"date_to": "2026-01-10"}, {"open", "open2"}),
            ({"date_from": "2026-01-10", "date_to": "2026-02-10"}, {"open", "open2", "crown"}),
            ({"date_from": "2026-02-11"}, set()),
            ({"exclude_documents": ("d1", "unknown")}, {"crown", "bates"}),
            ({"case": OTHER}, set()),
            (
                {"case": CASE, "party": "prosecution", "section": "A", "date_from": "2026-01-01"},
                {"open", "open2"},
            ),
        ],
    )
    def test_filters(self, served: Engine, more: dict[str, object], pages: set[str]) -> None:
        filters = seen_by("prosecution", **more)
        assert pages_of(served, "knife", filters) == pages
        assert sum(served.search("knife", filters).facets["document"].values()) == len(pages)

    def test_a_date_that_is_none_is_an_error(self, served: Engine) -> None:
        with pytest.raises(ValueError, match=r"2026-13-01|month"):
            served.search("knife", seen_by(date_from="2026-13-01"))
        with pytest.raises(ValueError, match=r"yesterday|isoformat"):
            served.index([doc("bad", "knife", date="yesterday")])

    def test_facets_count_all_hits_not_only_the_ones_asked_for(self, served: Engine) -> None:
        results = served.search("knife", seen_by("prosecution"), limit=1)
        assert len(results.hits) == 1
        assert results.facets == {
            "section": {"A": 2, "B": 1, "C": 1},
            "party": {"prosecution": 3, "bates": 1},
            "document": {"d1": 2, "d2": 1, "d3": 1},
        }

    def test_a_page_without_section_is_counted_in_the_total_alone(self, engine: Engine) -> None:
        fill(engine, [doc("p", "knife", section="", party="")])
        results = engine.search("knife", EVERYBODY)
        assert results.total == 1
        assert results.facets == {"section": {}, "party": {}, "document": {"doc-p": 1}}

    # Writing

    def test_an_empty_index(self, engine: Engine) -> None:
        assert engine.count() == 0
        engine.check()
        assert pages_of(engine, "knife") == set()
        engine.commit()
        engine.delete_documents(["nothing"])
        engine.commit()
        assert engine.count() == 0

    def test_nothing_is_found_before_commit(self, engine: Engine) -> None:
        engine.index([doc("p", "knife")])
        assert pages_of(engine, "knife") == set()
        engine.commit()
        assert pages_of(engine, "knife") == {"p"}

    def test_what_was_not_committed_is_dropped_on_close(self, engine: Engine) -> None:
        fill(engine, [doc("kept", "knife")])
        engine.index([doc("dropped", "knife")])
        engine.delete_documents(["doc-kept"])
        engine.close()
        engine.commit()
        assert pages_of(engine, "knife") == {"kept"}

    def test_indexing_again_replaces(self, engine: Engine) -> None:
        for _ in range(3):
            fill(engine, [doc("p", "knife"), doc("q", "spoon")])
        assert engine.count() == 2
        fill(engine, [doc("p", "fork", section="B", audience=(f"{CASE}/bates",))])
        assert engine.count() == 2
        assert pages_of(engine, "knife") == set()
        assert pages_of(engine, "fork") == set()
        assert pages_of(engine, "fork", seen_by("bates", section="B")) == {"p"}

    def test_the_last_of_a_batch_counts(self, engine: Engine) -> None:
        fill(engine, [doc("p", "knife"), doc("p", "fork")])
        assert engine.count() == 1
        assert pages_of(engine, "fork") == {"p"}
        assert pages_of(engine, "knife") == set()

    def test_documents_are_deleted_with_all_their_pages(self, served: Engine) -> None:
        served.delete_documents(["d1", "unknown"])
        assert served.count() == 9
        served.commit()
        assert served.count() == 7
        results = served.search("knife", seen_by("prosecution"))
        assert {hit.page for hit in results.hits} == {"crown", "bates"}
        assert results.total == 2
        assert results.facets["document"] == {"d2": 1, "d3": 1}

    def test_delete_and_index_in_one_commit(self, engine: Engine) -> None:
        fill(engine, [doc("p1", "knife", document="d"), doc("p2", "knife", document="d")])
        engine.delete_documents(["d"])
        fill(engine, [doc("p3", "knife", document="d")])
        assert pages_of(engine, "knife") == {"p3"}

    def test_ids_are_taken_whole(self, engine: Engine) -> None:
        ids = ["p", "P", "p 1", "p-1", "0b0f5a3e-9d3c-4a57-8a8e-0a2ff7b3c8b1", "ŵ/1"]
        fill(engine, [doc(id_, "knife", document=id_) for id_ in ids])
        assert pages_of(engine, "knife") == set(ids)
        engine.delete_documents(["p"])
        engine.commit()
        assert pages_of(engine, "knife") == set(ids) - {"p"}

    def test_reset_empties_and_has_another_version(self, corpus: Engine) -> None:
        before = corpus.version
        assert corpus.version == before
        corpus.reset()
        assert corpus.version != before
        assert corpus.count() == 0
        assert pages_of(corpus, "knife") == set()
        fill_with_texts(corpus)
        assert pages_of(corpus, "knife") == QUERIES["knife"]

    def test_it_is_an_engine(self, engine: Engine) -> None:
        assert isinstance(engine, Engine)

    # Damage

    def test_an_index_that_is_lost_is_noticed_and_made_again(
        self, engine: Engine, lose: Callable[[], None]
    ) -> None:
        fill(engine, [doc("p", "knife")])
        version = engine.version
        lose()
        for use in (
            engine.check,
            lambda: engine.search("knife", EVERYBODY),
            engine.count,
            lambda: engine.version,
            lambda: engine.index([doc("q", "knife")]),
        ):
            with pytest.raises(IndexDamaged):
                use()
        engine.reset()
        engine.check()
        assert engine.version != version
        fill(engine, [doc("p", "knife")])
        assert pages_of(engine, "knife") == {"p"}
