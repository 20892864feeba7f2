"""The Welsh is whole: every text has one, nothing in it is lost, and the catalogues fit the code."""

from __future__ import annotations

import pytest

from scripts import messages


@pytest.mark.parametrize("domain", ["django", "djangojs"])
@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_it_is_whole_and_up_to_date(language, domain):
    assert messages.problems(language, domain) == []
