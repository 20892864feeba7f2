"""Small editions of `make abuse`: a full disk, a folder that may only be read, a start that cannot be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("section", ["full", "readonly", "start"])
def test_what_needs_a_disk_of_its_own(section: str) -> None:
    # In a mount namespace of its own; where none is to be had, limits and rights do instead.
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "abuse.py"), section],
        cwd=ROOT, capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    assert "laws hold" in done.stdout
