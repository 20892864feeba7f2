"""A new version on several machines at the same moment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from scripts.services import without_servers
from tests.courtroom import real
from tests.courtroom.stage import ROOT, SECRETS


@pytest.mark.slow
def test_two_who_start_at_once_migrate_once(tmp_path: Path) -> None:
    with real.database() as url:
        env = without_servers()
        env |= {**SECRETS, "DATABASE_URL": url, "CASEBUNDLE_DATA": str(tmp_path)}
        env.pop("DJANGO_SETTINGS_MODULE", None)
        command = [sys.executable, "manage.py", "migrate"]
        started = [
            subprocess.Popen(
                command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            for _i in range(3)
        ]
        said = [one.communicate(timeout=300)[0] for one in started]
        assert [one.returncode for one in started] == [0, 0, 0], said
        assert sorted("No migrations to apply" in text for text in said) == [False, True, True]
        with psycopg.connect(url) as line:
            done = line.execute("select app, name, count(*) from django_migrations group by 1, 2").fetchall()
        assert done
        assert {count for _app, _name, count in done} == {1}
