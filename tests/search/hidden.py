"""What Mari may see, what she may not, and every kind of question: for the law that the second changes no answer.

Pages are made up from one seed. What is hidden is chosen to do harm: the words that are asked for, in numbers that
change how rare they are; words that begin and are spelt about like them, more than any engine follows at once; pages
that are very long or very short; the same places in the case and ids before and after; more documents than are counted.
"""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Iterable, Iterator
from typing import Any

from search.engine import Engine, Filters, PageDoc
from tests.search.contract import CASE, OTHER, doc, seen_by

THIRD = "T20267003"
SAME = "The same words stand on every page of this schedule."
WORDS = """
    knife knives kitchen machete bates doyle stabbed stabbing stab the of and officer table calibre calibrated js 1 12
    07700 900123 ab12cde okafor okafro okafors prosecution prosecuted blade handle had wyl dŵr interview statement
""".split()  # noqa: SIM905

QUERIES = """
    knife | knives | machete | the | okafor | nowhere | word | calib
    knife kitchen | kitchen knife | the officer | the of and | stabbed bates | bates doyle interview
    "kitchen knife" | "the officer" | "the of" | "same words" | same words | schedule
    word OR calib | "word" OR "calib" | calib OR word | secret OR calib | machete OR officer | the OR machete OR knife
    (machete OR officer) table | (the knife) OR (blade handle) | knife OR -the
    stabbing OR "kitchen knife" OR prosecut*
    knife -kitchen | the -(knife OR blade) | same -words
    "blade handle"~5 | "the knife"~2 | "officer table bates"~10
    ca* | calib* | prosecut* | kn* | the prosecut* | js/calib* | js/1* | js/c* | "js" calib*
    okafor~ | okafor~1 | prosecution~ | knif~ | machette~ | okafor~ OR machete | calib* OR machete
    JS/1 | js/12 | 1 | 07700 900123 | AB12 CDE | dwr wyl
    interview | statement | record of interview | stab* knife~ the | knife machete OR okafor~ -blade
"""
TEXTS = [text.strip() for line in QUERIES.strip().splitlines() for text in line.split("|")]

MARI = (
    seen_by("doyle", "person:7"),
    seen_by("doyle", "person:7", case=CASE),
    seen_by("doyle", "person:7", case=CASE, section=("A", "B"), party=("prosecution", "doyle")),
    seen_by("doyle", "person:7", date_from="2026-02-01", date_to="2026-05-31"),
    Filters(
        audiences=(*seen_by("doyle", "person:7").audiences, f"{OTHER}/everybody"),
        exclude_documents=("d3", "hidden-elsewhere"),
    ),
)
FURTHER = ((7, 3), (25, 40), (20, 600), (3, 1090), (0, 0))
"""Portions (limit, offset) of what finds very much."""


def asked() -> Iterator[tuple[str, int, int, int]]:
    """(query, number of the filters, limit, offset): all of her case, half of the rest."""
    for number, text in enumerate(TEXTS):
        for way in range(len(MARI)):
            if way == 1 or (number + way) % 2:
                yield text, way, 10, 0
        yield text, 1, 10, 10
        if "same" in text or "OR" in text:
            yield from ((text, 1, *portion) for portion in FURTHER)


def answers(engine: Engine) -> dict[tuple[str, int, int, int], Any]:
    """Every question as Mari may ask it: how many, which, in which order, worth what, facets in order."""
    found = {}
    for text, way, limit, offset in asked():
        results = engine.search(text, MARI[way], limit=limit, offset=offset)
        found[text, way, limit, offset] = (
            results.total,
            [dataclasses.astuple(hit) for hit in results.hits],
            {name: list(values.items()) for name, values in results.facets.items()},
        )
    return found


def visible() -> list[PageDoc]:
    """Pages of two cases of Mari's: of few words and many, 1,100 that are all the same, each of another document."""
    rng = random.Random(11)
    weights = [1 / (n + 2) for n in range(len(WORDS))]
    mine = (f"{CASE}/doyle", f"{CASE}/bates"), (f"{CASE}/everybody",), (f"{CASE}/person:7",)
    pages = [
        doc("mine-word", "word", document="own1", party="doyle", audience=(f"{CASE}/doyle",), position=7),
        doc("mine-calib", "calib", document="own2", party="doyle", audience=(f"{CASE}/doyle",), position=8),
        doc("calibre", "Exhibit JS calibre .22", document="d1", position=9),
        doc("apart", "Calibrated by JS on Monday, js/12", document="d2", position=10),
    ]
    for number in range(150):
        text = " ".join(rng.choices(WORDS, weights, k=rng.choice((1, 2, 5, 20, 90, 250))))
        if rng.random() < 0.25:
            text = pages[-1].text
        document = rng.randrange(40)
        case = OTHER if document % 5 == 4 else CASE
        pages.append(
            doc(
                f"v{number}",
                text,
                document=f"d{document}",
                case=case,
                section="ABCD"[document % 4],
                party=("prosecution", "bates", "doyle")[document % 3],
                date=f"2026-0{1 + document % 9}-01" if document % 7 else None,
                audience=(f"{OTHER}/everybody",) if case == OTHER else rng.choice(mine),
                position=number // 2,  # pages of two cases meet
                title=("Statement", "Record of interview", "Schedule of knives", "")[document % 4],
                exhibit=("JS/1", "JS/12", "")[document % 3],
            )
        )
    pages += [doc(f"s{n:04}", SAME, document=f"s{n:04}", section="E", position=1000 + n) for n in range(1100)]
    return pages


def hidden() -> Iterator[list[PageDoc]]:
    """Portions of pages that Mari may not see, each of one kind."""
    rng = random.Random(12)
    serial = itertools.count()

    def page(text: str, *audience: str, case: str = CASE, **more: Any) -> PageDoc:
        number = next(serial)
        # Ids before, among and after hers; places among hers.
        return doc(
            f"{rng.choice('0mvz')}h{number}",
            text,
            **{
                "document": f"{rng.choice('0dsz')}h{number // 3}",
                "case": case,
                "section": rng.choice("ABEX"),
                "party": rng.choice(("prosecution", "bates", "doyle")),
                "audience": tuple(f"{case}/{token}" for token in audience),
                "position": rng.randrange(-5, 2200),
                "title": rng.choice(("Statement", "Record of interview", "knife machete", "")),
                "exhibit": rng.choice(("JS/1", "JS/12", "")),
                **more,
            },
        )

    # A section of Bates's: one word each, as many as turn what is rare into what is common.
    yield [
        page(word, "bates") for word in ("word", "secret", "machete", "calib", "kitchen") for _ in range(60)
    ]
    # Another case, with every word of hers, on pages short and long.
    yield [
        page(" ".join(rng.choices(WORDS, k=length)), "everybody", case=THIRD)
        for length in (1, 3, 40, 900) * 40
    ]
    # Restricted to somebody; to nobody; and staged by the prosecution.
    yield [
        page(" ".join(rng.sample(WORDS, 12)) + " kitchen knife" * 9, *audience)
        for audience in (("person:9",), (), ("prosecution",)) * 60
    ]
    # More words that begin so than are followed at once, right after a word of hers and by themselves.
    begun = (f"calib{n}x" for n in range(12_000))
    yield [page(" ".join(f"js {word}" for word in some), "bates") for some in batched(begun, 400)]
    # As many that begin with one letter, each in another way; and as many numbers.
    letters = [chr(n) for n in range(0x400, 0x600) if chr(n).isalpha() and chr(n).lower() == chr(n)]
    ways = [f"js c{a}{b}" for a in letters[:150] for b in letters[:10]]
    numbers = [f"js 1{n}" for n in range(1500)]
    yield [page(" ".join(some), "bates") for some in batched(ways + numbers, 300)]
    # Words that are spelt about like hers, more than are followed at once.
    about = [
        word[:at] + letter + word[at + skip :]
        for word in ("okafor", "prosecution", "knife", "machete")
        for at in range(len(word))
        for letter in "abcdefghijklmnopqrstuvwxyz"
        for skip in (0, 1)
    ]
    yield [page(" ".join(some), "prosecution") for some in batched(about, 50)]
    # The same page as hers, in more documents than are counted.
    yield [page(SAME, "bates", document=f"0same{n}", position=900 + n) for n in range(1200)]


def batched(items: Iterable[str], size: int) -> Iterator[list[str]]:
    source = iter(items)
    while some := list(itertools.islice(source, size)):
        yield some
