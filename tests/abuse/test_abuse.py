"""Small editions of `make abuse`: a real installation, real kills, real mounts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts import abuse

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def test_killed_at_any_moment_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    report = abuse.killed(abuse.Size(uploads=12, notes=12, turns=8, kills=4, pages=3), 20267001, tmp_path)
    assert report.broken == []


@pytest.mark.parametrize("section", ["full", "readonly", "start"])
def test_what_needs_a_disk_of_its_own(section: str) -> None:
    # In a mount namespace of its own; where none is to be had the run fails, and says so.
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "abuse.py"), section],
        cwd=ROOT, capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    assert "laws hold" in done.stdout


def test_the_clock_is_set_back(tmp_path: Path) -> None:
    assert abuse.clock(tmp_path).broken == []


def test_the_search_index_is_deleted_or_damaged_while_it_runs(tmp_path: Path) -> None:
    some = ["its folder is deleted", "its words are overwritten", "its list of parts is garbage"]
    assert abuse.search(tmp_path, some).broken == []
