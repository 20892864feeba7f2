"""Back-up and restore, of both kinds, against the real thing: what comes back is what was there, and proves it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import bucket as buckets

from .columns import ROOT, database, environment, found, index, keys, manage, run

pytestmark = pytest.mark.slow
SHOW = (
    "import os; os.environ['DJANGO_SETTINGS_MODULE']='casebundle.settings'; import django; django.setup()\n"
    "import json\nfrom casebundle.running import moving\n"
    "print(json.dumps({m._meta.db_table: moving.digest(m, 'default') for m in moving.tables()"
    " if m._meta.db_table != 'bundles_version'}))"
)


@dataclass
class Place:
    """An installation: its environment."""

    env: dict[str, str]

    def rows(self) -> Any:
        return json.loads(run(self.env, "-c", SHOW).stdout.splitlines()[-1])

    def manage(self, *arguments: str) -> str:
        return manage(self.env, *arguments).stdout

    def refused(self, *arguments: str) -> str:
        done = manage(self.env, *arguments, check=False)
        assert done.returncode
        assert "Traceback" not in done.stderr
        return done.stderr


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Place]]:
    """Makes empty places, embedded or on servers."""
    shared = keys()
    with ExitStack() as held:

        def place(kind: str) -> Place:
            folder = tmp_path_factory.mktemp(kind)
            if kind == "embedded":
                return Place(environment(folder))
            bucket = buckets.make()
            held.callback(buckets.remove, bucket)
            url = held.enter_context(database())
            search = held.enter_context(index())
            return Place(environment(folder, DATABASE_URL=url, **bucket.env(), **shared, **search))

        yield place


@pytest.fixture(scope="module", params=["embedded", "servers"])
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def lived_in(make: Callable[[str], Place], kind: str) -> Place:
    """A place that was in use. Whoever breaks it breaks a copy."""
    made = make(kind)
    run(made.env, str(ROOT / "tests" / "running" / "lived_in.py"), "2")
    return made


@pytest.fixture
def places(make: Callable[[str], Place], kind: str, lived_in: Place) -> tuple[Place, Place]:
    """One that was lived in, and an empty one."""
    return lived_in, make(kind)


def test_what_comes_back_is_what_was_there(places: tuple[Place, Place], tmp_path: Path) -> None:
    one, two = places
    copy = tmp_path / "copy"
    said = one.manage("back-up", str(copy))
    assert "manifest.json" in said
    # Whoever has nothing of ours can check it too.
    subprocess.run(["sha256sum", "--check", "--quiet", "files.sha256"], cwd=copy, check=True)
    assert copy.stat().st_mode & 0o077 == 0
    there = one.rows()
    proof = two.manage("restore", str(copy))
    assert "Proof:" in proof
    assert two.rows() == there
    assert "holds" in two.manage("verify", "T20267001")
    health = manage(two.env, "health", "--deep", check=False).stdout
    assert "ok     originals" in health
    assert "ok     journal" in health
    assert found(two.env, "paper") == (8, 8, 0)
    # Not over what is there, unless that is said; and again, where it is.
    assert "already" in two.refused("restore", str(copy))
    assert "0 put back" in two.manage("restore", str(copy), "--over")
    assert two.rows() == there
    # A second back-up into the same folder copies only what is new.
    assert "Files: 0 copied" in one.manage("back-up", str(copy))


@pytest.mark.parametrize("kind", ["embedded"], indirect=True)
def test_a_back_up_that_was_changed_is_not_restored(places: tuple[Place, Place], tmp_path: Path) -> None:
    one, two = places
    copy = tmp_path / "copy"
    one.manage("back-up", str(copy))

    def changed(path: Path) -> str:
        whole = path.read_bytes()
        os.truncate(path, len(whole) - 1)
        said = two.refused("restore", str(copy))
        path.write_bytes(whole)
        return said

    original = next(path for path in (copy / "files" / "originals").rglob("*") if path.is_file())
    assert "missing or were changed in the back-up" in changed(original)
    assert "was changed" in changed(next(copy.glob("database.*")))
    assert "was changed" in changed(copy / "files.sha256")
    manifest = copy / "manifest.json"
    kept = json.loads(manifest.read_text())
    manifest.unlink()
    assert "no whole back-up" in two.refused("restore", str(copy))
    kept["journals"]["T20267001"]["head"] = "0" * 64
    manifest.write_text(json.dumps(kept))
    assert "does not end as in the back-up" in two.refused("restore", str(copy))
    # Where something else is, nothing is put.
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letters").touch()
    assert "something else" in one.refused("back-up", str(tmp_path / "other"))
    # An original that is lost here is found out by the back-up, not by the restore.
    broken = tmp_path / "broken"
    shutil.copytree(one.env["CASEBUNDLE_DATA"], broken)
    one = Place(environment(broken))
    top = broken / "files" / "originals"
    lost = next(path for path in top.rglob("*") if path.is_file())
    lost.unlink()
    shutil.rmtree(copy)
    assert "is missing" in one.refused("back-up", str(copy))
    assert not manifest.exists()


@pytest.mark.parametrize("kind", ["servers"], indirect=True)
def test_a_bucket_can_be_listed_instead_of_copied(lived_in: Place, tmp_path: Path) -> None:
    one = lived_in
    copy = tmp_path / "copy"
    one.manage("back-up", str(copy), "--listing")
    assert not list((copy / "files").rglob("*"))
    rows = one.rows()
    assert "all are where they are kept" in one.manage("restore", str(copy), "--over")
    assert one.rows() == rows
