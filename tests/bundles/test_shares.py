"""Who is next: nobody waits for all that somebody else asks for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from casebundle.bundles.shares import FairQueue, NotNow


class Hours:
    """Work of so many seconds, by a clock that only work moves: who had a place, in order."""

    def __init__(self, **limits: Any) -> None:
        self.now = 0.0
        self.queue = FairQueue(clock=lambda: self.now, **limits)
        self.order: list[str] = []
        self.refused: list[str] = []
        self.threads: list[threading.Thread] = []

    def ask(self, person: str, case: str, seconds: float = 1) -> None:
        """Ask for a place, and be in the queue when this returns."""
        before = len(self.queue.waiting) + len(self.refused)

        def work() -> None:
            try:
                with self.queue.turn(person, case):
                    self.order.append(f"{person} {case}")
                    self.now += seconds
            except NotNow:
                self.refused.append(f"{person} {case}")

        self.threads.append(threading.Thread(target=work))
        self.threads[-1].start()
        end = time.monotonic() + 10
        while len(self.queue.waiting) + len(self.refused) == before:
            assert time.monotonic() < end
            time.sleep(0.001)

    def run(self, ask: Callable[[], None]) -> list[str]:
        """What was done in which order, when all came while somebody else had the place."""
        with self.queue.turn("before", "before"):
            ask()
        for thread in self.threads:
            thread.join(10)
        assert not any(thread.is_alive() for thread in self.threads)
        assert not self.queue.waiting
        assert not self.queue.running
        assert self.queue.free == 1
        return self.order


def test_who_asks_for_much_is_behind_who_asks_for_little() -> None:
    hours = Hours()

    def ask() -> None:
        for _n in range(6):
            hours.ask("hog", "A", 4)
        hours.ask("daniel", "A", 0.1)
        hours.ask("sam", "B", 0.1)

    order = hours.run(ask)
    assert order[0] == "hog A", "who came first"
    assert set(order[1:3]) == {"daniel A", "sam B"}
    assert order[3:] == ["hog A"] * 5


def test_many_people_of_one_case_do_not_hold_up_another_case() -> None:
    hours = Hours()

    def ask() -> None:
        for n in range(10):
            hours.ask(f"hog{n}", "A", 4)
        hours.ask("sam", "B", 4)

    assert hours.run(ask).index("sam B") == 1


def test_one_person_in_many_cases_does_not_hold_up_any_of_them() -> None:
    hours = Hours()

    def ask() -> None:
        for n in range(10):
            hours.ask("hog", f"case{n}", 4)
        hours.ask("daniel", "case0", 4)

    assert hours.run(ask).index("daniel case0") <= 2


def test_what_somebody_had_long_ago_is_forgotten() -> None:
    hours = Hours(half_life=1)
    with hours.queue.turn("daniel", "A"):
        hours.now += 10
    hours.now += 20
    with hours.queue.turn("priya", "B"):
        hours.now += 1

    def ask() -> None:
        hours.ask("priya", "B")
        hours.ask("daniel", "A")

    assert hours.run(ask) == ["daniel A", "priya B"]


def test_the_queue_has_an_end_and_who_fills_it_gives_way() -> None:
    hours = Hours(most=8, each=6)

    def ask() -> None:
        for _n in range(7):
            hours.ask("hog", "A")  # the seventh is too many for one person
        hours.ask("pal", "A")
        hours.ask("pal", "A")
        hours.ask("sam", "B")  # there is no room: one of case A goes
        assert len(hours.queue.waiting) == 8

    order = hours.run(ask)
    assert "sam B" in order
    assert len(hours.refused) == 2
    assert set(hours.refused) <= {"hog A", "pal A"}


def test_who_waits_too_long_is_told_to_come_again() -> None:
    queue = FairQueue(patience=0.05)
    with queue.turn("a", "A"):
        with pytest.raises(NotNow) as told, queue.turn("b", "B"):
            raise AssertionError
        assert told.value.wait > 0
        assert not told.value.own
        assert not queue.waiting
    with queue.turn("b", "B") as waited:
        assert not waited
    assert (queue.free, queue.running) == (1, [])


def test_work_that_fails_gives_its_place_back() -> None:
    queue = FairQueue()
    with pytest.raises(ValueError, match="no"), queue.turn("a", "A"):
        raise ValueError("no")
    assert (queue.free, queue.running) == (1, [])
