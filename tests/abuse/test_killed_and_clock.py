"""Small editions of `make abuse`: killed at any moment; the clock set back; the search index gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import abuse

pytestmark = pytest.mark.slow


def test_killed_at_any_moment_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    report = abuse.killed(abuse.Size(uploads=12, notes=12, turns=8, kills=4, pages=3), 20267001, tmp_path)
    assert report.broken == []


def test_the_clock_is_set_back(tmp_path: Path) -> None:
    assert abuse.clock(tmp_path, {"back a day": -1.0, "forward a week": 6.0}).broken == []


def test_the_search_index_is_deleted_or_damaged_while_it_runs(tmp_path: Path) -> None:
    some = ["its folder is deleted", "its words are overwritten", "its list of parts is garbage"]
    assert abuse.search(tmp_path, some).broken == []
