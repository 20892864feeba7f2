"""Real servers go away under people at work, in a small edition: `make outages` is the large one."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from scripts import outages, services


def test_redis_is_cut_off_and_postgresql_stopped(monkeypatch: pytest.MonkeyPatch):
    # What the processes write is for who runs them.
    monkeypatch.setenv("LOG_LEVEL", "CRITICAL")
    with tempfile.TemporaryDirectory(prefix="casebundle-outages-", dir="/var/tmp") as folder:
        # Servers of root's run as another user, who has to get there.
        Path(folder).chmod(0o755)
        try:
            report = outages.run([("redis", "cut"), ("postgres", "stopped")], 3, Path(folder))
        except services.CannotStart as why:
            pytest.skip(str(why))
    assert report.broken == []
    assert len(report.lines) > 35
