"""A small edition of `make fuzz`: two files of each kind of mutation, by the same law."""

from __future__ import annotations

import pytest

from casebundle.pdf import Sandbox
from scripts import fuzz, odd_files
from scripts.odd_law import MIB, Trial, worker_memory

FILES = 2 * len(fuzz.MUTATORS)


@pytest.mark.django_db
@pytest.mark.parametrize("number", range(FILES))
def test_a_mutated_file_ends_ready_or_refused(trial: Trial, short_limits: Sandbox, number: int) -> None:
    if odd_files.missing("sdists"):
        pytest.skip("what they are made from was not fetched: make test-setup brings it")
    [(_, outcome)] = fuzz.run(trial, 1, [number])
    assert outcome.problems == []
    assert short_limits.peak_memory <= 1024 * MIB
    assert worker_memory() < 1024 * MIB


def test_each_file_can_be_made_again() -> None:
    if odd_files.missing("sdists"):
        pytest.skip("what they are made from was not fetched: make test-setup brings it")
    kinds = set()
    for number in range(len(fuzz.MUTATORS)):
        kind, data = fuzz.make(7, number)
        kinds.add(kind)
        if kind not in ("encrypted",):  # its keys are new each time
            assert fuzz.make(7, number) == (kind, data)
    assert kinds == set(fuzz.MUTATORS)
