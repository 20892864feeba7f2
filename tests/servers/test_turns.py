"""Several workers on one database take the files of cases and parties in turn, and none of them twice."""

from __future__ import annotations

import time
from typing import Any

import pytest

from casebundle.bundles.models import Bundle
from casebundle.evidence import intake, process, turns
from tests.cast import OTHER, REFERENCE, Cast, pdf, viewer

pytestmark = pytest.mark.django_db(transaction=True)


def test_workers_take_cases_and_parties_in_turn(
    cast: Cast, at_once: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    names = {(cast.case.pk, "prosecution"): "priya", (cast.case.pk, "bates"): "daniel"}
    had = turns.had

    def noted(work: str, case: Any, party: str) -> None:
        had(work, case, party)
        order.append(names.get((case, party), "sam"))  # one at a time comes here

    monkeypatch.setattr(turns, "had", noted)
    monkeypatch.setattr(process, "_work_on", lambda _version, _lane: time.sleep(0.05))

    def send(who: Any, name: str, reference: str, count: int) -> None:
        bundle = Bundle.objects.get(case__reference=reference, slug="main")
        for n in range(count):
            intake.receive(viewer(who, reference), bundle, "H", "a.pdf", [pdf([f"{name}{n}"])])

    send(cast.priya, "priya", REFERENCE, 12)
    send(cast.daniel, "daniel", REFERENCE, 2)
    send(cast.sam, "sam", OTHER, 4)

    def worker() -> int:
        count = 0
        while process.process_next():
            count += 1
        return count

    counts = at_once(worker, worker, worker)
    assert all(isinstance(one, int) for one in counts), counts
    assert sum(counts) == len(order) == 18
    # The case with many files has every other turn while another one waits, and in it each party has its own.
    assert order.index("sam") == 1
    assert [n for n, name in enumerate(order) if name == "sam"] == [1, 3, 5, 7]
    assert [n for n, name in enumerate(order) if name == "daniel"] == [2, 6]
