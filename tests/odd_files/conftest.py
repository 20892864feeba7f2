"""A case to put files to the test in."""

from __future__ import annotations

from collections.abc import Iterator

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


@pytest.fixture(scope="module")
def short_limits() -> Iterator[Sandbox]:
    """The worker's reader with the limits of `make fuzz`: shorter than in life."""
    usual = drawing._sandbox
    with Sandbox(Limits(**LIMITS)) as box:
        drawing._sandbox = box
        yield box
    drawing._sandbox = usual
