"""A case to put files to the test in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from casebundle.bundles import drawing
from casebundle.bundles.models import Bundle
from casebundle.pdf import Limits, Sandbox
from scripts.fuzz import LIMITS
from scripts.odd_law import Second, Trial
from tests.cast import Cast, viewer


@pytest.fixture(scope="module")
def second() -> Iterator[Second]:
    with Second() as asked:
        yield asked


@pytest.fixture
def trial(cast: Cast, second: Second) -> Trial:
    return Trial(viewer(cast.priya), Bundle.objects.get(case=cast.case), second)


@contextmanager
def reader(limits: Limits) -> Iterator[Sandbox]:
    """The worker's reader, new: what files of other tests cost is not in it."""
    usual = drawing._sandboxes
    with Sandbox(limits) as box:
        drawing._sandboxes = dict.fromkeys(drawing.Lane, box)
        yield box
    drawing._sandboxes = usual


@pytest.fixture(scope="module")
def usual_limits() -> Iterator[Sandbox]:
    with reader(Limits()) as box:
        yield box


@pytest.fixture(scope="module")
def short_limits() -> Iterator[Sandbox]:
    """Those of `make fuzz`: shorter than in life."""
    with reader(Limits(**LIMITS)) as box:
        yield box
