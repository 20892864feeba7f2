from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.calling import Caller


@pytest.fixture
def by(cast: Any) -> Callable[[str], Caller]:
    """by("priya") -> a Caller with a token of hers."""
    known: dict[str, Caller] = {}

    def caller(name: str) -> Caller:
        if name not in known:
            known[name] = Caller(cast[name])
        return known[name]

    return caller
