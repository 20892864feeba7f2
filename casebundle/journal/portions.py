"""Long lists in parts: a database takes only so many values in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

PORTION = 500


def portions(items: Iterable[T]) -> Iterator[list[T]]:
    """`items` in order, in lists of at most PORTION."""
    held = list(items)
    for at in range(0, len(held), PORTION):
        yield held[at : at + PORTION]
