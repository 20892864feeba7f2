"""From a laptop's folder to real servers: every file and every entry, also where it is killed in the middle."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import bucket as buckets
from tests.bucket import Bucket

from .columns import ROOT, database, environment, found, index, keys, lived_in, manage, run, state_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived_in(tmp_path_factory.mktemp("moving") / "laptop")


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    made = buckets.make()
    yield made
    buckets.remove(made)


@pytest.fixture
def url() -> Iterator[str]:
    with database() as found:
        yield found


@pytest.fixture
def env(folder: Path, bucket: Bucket, url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    with index() as search:
        yield environment(tmp_path / "server", DATABASE_URL=url, **bucket.env(), **keys(folder), **search)


COLUMNS = "chain_id, seq, action, actor_key, audience, salt, digest, previous, hash"


def entries_of_folder(folder: Path) -> list[Any]:
    with sqlite3.connect(f"file:{folder}/casebundle.sqlite3?mode=ro&immutable=1", uri=True) as line:
        rows = line.execute(f"SELECT {COLUMNS}, data FROM journal_entry ORDER BY chain_id, seq").fetchall()
    return [(*row[:-1], json.loads(row[-1])) for row in rows]


def entries_of_server(url: str) -> list[Any]:
    with psycopg.connect(url.replace("postgres://", "postgresql://")) as line:
        rows = line.execute(f"SELECT {COLUMNS}, data FROM journal_entry ORDER BY chain_id, seq").fetchall()
    return [(row[0].hex, *row[1:]) for row in rows]


def proved(said: str) -> list[str]:
    return [line for line in said.splitlines() if line.startswith(("Database:", "Journal:"))]


def originals(folder: Path) -> dict[str, bytes]:
    top = folder / "files"
    return {
        str(path.relative_to(top)): path.read_bytes()
        for kind in ("originals", "reading", "images")
        for path in sorted((top / kind).rglob("*"))
        if path.is_file()
    }


def test_all_of_it_arrives_and_a_second_time_says_the_same(
    folder: Path, bucket: Bucket, url: str, env: dict[str, str]
) -> None:
    before = state_of(folder)
    first = manage(env, "move-to-servers", "--from", str(folder)).stdout
    assert state_of(folder) == before, "the folder was touched"
    # Every file, byte by byte; every entry, value by value.
    kept = originals(folder)
    assert len(kept) > 20
    assert bucket.keys() == {name: len(data) for name, data in kept.items()}
    for name, data in kept.items():
        got = bucket.client.get_object(Bucket=bucket.name, Key=name)["Body"].read()
        assert got == data, name
        if not name.startswith("images/"):
            assert hashlib.sha256(got).hexdigest() == name.rpartition("/")[2]
    there = entries_of_folder(folder)
    assert len(there) > 20
    assert entries_of_server(url) == there
    assert "holds" in manage(env, "verify", "T20267001").stdout
    if "OPENSEARCH_URL" in env:
        # Four papers of four pages.
        assert found(env, "paper") == (16, 16, 0)
    second = manage(env, "move-to-servers", "--from", str(folder)).stdout
    assert f"Files: 0 sent, {len(kept)} were there already" in second
    assert ": 0 rows" not in second
    assert proved(second) == proved(first)
    assert state_of(folder) == before
    # What comes next gets numbers that are free.
    run(
        {**env, "DJANGO_SETTINGS_MODULE": "casebundle.settings"}, "-c",
        "import django; django.setup()\n"
        "from casebundle.cases.models import Case, Party\n"
        "from casebundle.journal import record\nfrom django.db import transaction\n"
        "case = Case.objects.get()\n"
        "Party.objects.create(case=case, slug='new', name='New', kind='defendant')\n"
        "with transaction.atomic(): record.append(case.pk, 'case.tried')\n"
        "assert record.verify(case.pk).holds",
    )  # fmt: skip


def test_killed_in_the_middle_it_is_repeated(
    folder: Path, bucket: Bucket, url: str, env: dict[str, str]
) -> None:
    kept = originals(folder)
    killed = 0
    for pause in (0.0, 0.15):
        command = [sys.executable, "manage.py", "move-to-servers", "--from", str(folder)]
        with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL) as process:
            # Once while files go over, once a little later.
            until = time.monotonic() + 60
            had = len(bucket.keys())
            while len(bucket.keys()) <= had and process.poll() is None and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(pause)
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
                killed += 1
    assert killed
    with psycopg.connect(url.replace("postgres://", "postgresql://")) as line:
        there = line.execute("SELECT count(*) FROM journal_entry").fetchone()
        assert there is not None
        assert there[0] in (0, len(entries_of_folder(folder))), "half a database was left"
    manage(env, "move-to-servers", "--from", str(folder))
    assert bucket.keys() == {name: len(data) for name, data in kept.items()}
    assert entries_of_server(url) == entries_of_folder(folder)


def test_what_was_done_on_the_laptop_since_goes_over_too(
    folder: Path, url: str, env: dict[str, str], tmp_path: Path
) -> None:
    laptop = tmp_path / "laptop"
    shutil.copytree(folder, laptop)
    manage(env, "move-to-servers", "--from", str(laptop))
    run(
        environment(laptop), "-c",
        "import os; os.environ['DJANGO_SETTINGS_MODULE']='casebundle.settings'; import django; django.setup()\n"
        "from django.contrib.sessions.models import Session; Session.objects.all().delete()\n"
        "from casebundle.bundles import services\nfrom casebundle.bundles.models import Document\n"
        "from casebundle.cases import access\nfrom casebundle.cases.models import User\n"
        "priya = User.objects.get(email__startswith='priya')\n"
        "viewer = access.viewer_in(priya, reference='T20267001')\n"
        "services.change_document(viewer, Document.objects.filter(state='served').first(), {'title': 'Another'})\n",
    )  # fmt: skip
    manage(env, "move-to-servers", "--from", str(laptop))
    assert entries_of_server(url) == entries_of_folder(laptop)
    with psycopg.connect(url.replace("postgres://", "postgresql://")) as line:
        assert line.execute("SELECT count(*) FROM django_session").fetchone() == (0,)
        assert line.execute("SELECT count(*) FROM bundles_document WHERE title = 'Another'").fetchone() == (
            1,
        )
        # From here on the servers are in use; what the folder has not is not thrown away.
        line.execute("UPDATE journal_chain SET seq = seq + 1, hash = repeat('a', 64)")
    refused = manage(env, "move-to-servers", "--from", str(laptop), check=False)
    assert refused.returncode
    assert "used since" in refused.stderr


def test_what_is_in_the_way_is_said(
    folder: Path, bucket: Bucket, url: str, env: dict[str, str], tmp_path: Path
) -> None:
    def refused(env: dict[str, str], source: Path) -> str:
        done = manage(env, "move-to-servers", "--from", str(source), check=False)
        assert done.returncode
        assert "Traceback" not in done.stderr
        return done.stderr

    laptop = tmp_path / "laptop"
    shutil.copytree(folder, laptop)
    with (laptop / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "is running with" in refused(env, laptop)
    assert "There is no database" in refused(env, tmp_path)
    other = {name: value for name, value in env.items() if not name.endswith("_KEY_FILE")}
    assert "is not that of" in refused({**other, **keys()}, laptop)
    found = next(path for path in (laptop / "files" / "originals").rglob("*") if path.is_file())
    found.write_bytes(b"changed" + found.read_bytes()[7:])
    assert "not what its name says" in refused(env, laptop)
    found.unlink()
    assert "is missing" in refused(env, laptop)
    with psycopg.connect(url.replace("postgres://", "postgresql://")) as line:
        assert line.execute("SELECT count(*) FROM cases_case").fetchone() == (0,)
