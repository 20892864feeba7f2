"""The Welsh is whole: every text has one, nothing in it is lost, and the catalogues fit the code."""

from __future__ import annotations

import pytest
from django.utils import translation

from casebundle.bundles.courts import court_template, court_templates
from casebundle.bundles.titles import TITLES, shown
from casebundle.cases.order import alphabetical
from scripts import messages


@pytest.mark.parametrize("domain", ["django", "djangojs"])
@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_it_is_whole_and_up_to_date(language, domain):
    assert messages.problems(language, domain) == []


def test_titles_of_our_court_templates_are_shown_in_welsh():
    ours = {
        title
        for name in court_templates()
        for bundle in court_template(name)["bundles"]
        for title in [bundle["title"], *(section["title"] for section in bundle["sections"])]
    }
    assert ours <= TITLES
    with translation.override("cy"):
        assert [title for title in TITLES if shown(title) == title] == []
        assert shown("Private defence: Marcus Bates") == "Amddiffyniad preifat: Marcus Bates"
        # What a court has called so itself is left alone.
        assert shown("Ms Shah’s papers") == "Ms Shah’s papers"
    with translation.override("en-gb"):
        assert shown("Exhibits") == "Exhibits"


def test_lists_are_in_the_order_of_the_alphabet_of_the_page():
    names = [
        "Zoe",
        "émile",
        "Llwyd",
        "Lowri",
        "Ŵyn",
        "Adler",
        "Chidi",
        "Cyril",
        "Éva",
        "eva",
        "Łukasz",
        "ענת",
    ]
    english = ["Adler", "Chidi", "Cyril", "émile", "eva", "Éva", "Llwyd", "Lowri", "Ŵyn", "Zoe"]
    welsh = ["Adler", "Cyril", "Chidi", "émile", "eva", "Éva", "Lowri", "Llwyd", "Ŵyn", "Zoe"]
    ours = set(english)
    for language, expected in (("en-gb", english), ("cy", welsh)):
        with translation.override(language):
            found = sorted(names, key=alphabetical)
        assert [name for name in found if name in ours] == expected
        assert found[-1] == "ענת"
