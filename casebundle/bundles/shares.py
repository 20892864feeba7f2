"""Who is next where several wait for one that draws: each person and each case has a share of its time.

Nobody waits for all that somebody else asks for: whoever has had the least of late, with their case, is next.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


class NotNow(Exception):
    """It cannot be had at once (503), or this person asks for too much at once (429: `own`).

    `wait`: seconds after which it is worth asking again.
    """

    def __init__(self, wait: int, own: bool = False) -> None:
        super().__init__(wait)
        self.wait = wait
        self.own = own


@dataclass(eq=False)
class Ticket:
    person: Hashable
    case: Hashable
    number: int
    called: threading.Event = field(default_factory=threading.Event)
    sent_away: bool = False
    began: float = 0.0

    @property
    def of(self) -> tuple[Hashable, Hashable]:
        return ("person", self.person), ("case", self.case)


class FairQueue:
    """A queue for the threads of one process. `places`: how many are served at once.

    most: who waits, in all; when it is full, whoever has the most in it gives one up. each: of one person.
    patience: seconds after which who waits is told to come again. half_life: seconds in which what somebody had is
    half forgotten.
    """

    def __init__(
        self,
        places: int = 1,
        most: int = 48,
        each: int = 16,
        patience: float = 20.0,
        half_life: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.free = places
        self.most, self.each, self.patience, self.half_life = most, each, patience, half_life
        self.clock = clock
        self.lock = threading.Lock()
        self.waiting: list[Ticket] = []
        self.running: list[Ticket] = []
        self.had: dict[Hashable, tuple[float, float]] = {}  # seconds, as of when
        self.numbers = itertools.count()

    @contextmanager
    def turn(self, person: Hashable, case: Hashable) -> Iterator[bool]:
        """Have a place, for the time of the block; yields whether that had to be waited for. Raises NotNow."""
        ticket = Ticket(person, case, next(self.numbers))
        waited = self._come(ticket)
        if waited and not ticket.called.wait(self.patience):
            with self.lock:
                if ticket in self.waiting:
                    self.waiting.remove(ticket)
                    raise NotNow(5)
        if ticket.sent_away:
            raise NotNow(5)
        try:
            yield waited
        finally:
            self._go(ticket)

    def _come(self, ticket: Ticket) -> bool:
        with self.lock:
            if self.free and not self.waiting:
                self._call(ticket)
                return False
            if sum(other.person == ticket.person for other in self.waiting) >= self.each:
                raise NotNow(2, own=True)
            self.waiting.append(ticket)
            if len(self.waiting) > self.most:
                worst = max(self.waiting, key=self._crowds)
                self.waiting.remove(worst)
                worst.sent_away = True
                worst.called.set()
            return True

    def _crowds(self, ticket: Ticket) -> tuple[int, int]:
        """How many wait of the same person and of the same case."""
        same = sum((other.person == ticket.person) + (other.case == ticket.case) for other in self.waiting)
        return same, ticket.number

    def _call(self, ticket: Ticket) -> None:
        self.free -= 1
        ticket.began = self.clock()
        self.running.append(ticket)
        ticket.called.set()

    def _go(self, ticket: Ticket) -> None:
        with self.lock:
            self.running.remove(ticket)
            self.free += 1
            now = self.clock()
            for name in ticket.of:
                self.had[name] = (self._had(name, now) + now - ticket.began, now)
            if len(self.had) > 1000:
                self.had = {name: had for name, had in self.had.items() if self._had(name, now) > 0.01}
            while self.free and self.waiting:
                chosen = min(self.waiting, key=lambda other: (self._share(other, now), other.number))
                self.waiting.remove(chosen)
                self._call(chosen)

    def _had(self, name: Hashable, now: float) -> float:
        seconds, at = self.had.get(name, (0.0, now))
        return float(seconds * 0.5 ** ((now - at) / self.half_life))

    def _share(self, ticket: Ticket, now: float) -> float:
        """Seconds that the person and the case had of late, together with what they have in this moment.

        Their sum: who asks for much in many cases is behind in each of them, and many who ask in one case are behind
        those of others.
        """
        shares = sum(self._had(name, now) for name in ticket.of)
        for other in self.running:
            shares += (now - other.began) * sum(a == b for a, b in zip(ticket.of, other.of, strict=True))
        return shares
