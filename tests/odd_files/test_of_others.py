"""The test files of four PDF libraries, each through intake and worker by the law of scripts/odd_law.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from casebundle.bundles import drawing
from casebundle.bundles.models import Bundle
from scripts import odd_files
from scripts.odd_law import MIB, Second, Trial, worker_memory
from tests.cast import Cast, viewer

FILES = [path for sdist in odd_files.SDISTS for path in odd_files.files(sdist)]


@pytest.fixture(scope="module")
def second() -> Iterator[Second]:
    with Second() as asked:
        yield asked


@pytest.fixture
def trial(cast: Cast, second: Second) -> Trial:
    return Trial(viewer(cast.priya), Bundle.objects.get(case=cast.case), second)


@pytest.mark.parametrize("sdist", odd_files.SDISTS, ids=lambda sdist: sdist.name)
def test_all_of_them_are_here(sdist: odd_files.Sdist) -> None:
    found = len(odd_files.files(sdist))
    if not found:
        pytest.skip("not fetched: make test-setup brings them")
    assert found == sdist.files


@pytest.mark.django_db
@pytest.mark.parametrize("path", FILES, ids=odd_files.label)
def test_it_ends_ready_or_refused(trial: Trial, path: Path) -> None:
    assert trial.take(path).problems == []
    assert drawing.sandbox().peak_memory < 512 * MIB
    assert worker_memory() < 1024 * MIB
