"""Tests that mean nothing without real servers: scripts/test.py runs them in its second column."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents and settings.EMBEDDED:
            item.add_marker(pytest.mark.skip(reason="needs DATABASE_URL: make services prints one"))


AtOnce = Callable[..., list[Any]]


@pytest.fixture
def at_once(transactional_db: None) -> AtOnce:
    """at_once(act, act, …) -> what each gave or raised; they begin at the same moment, each on its own connection."""

    def run(*acts: Callable[[], Any]) -> list[Any]:
        results: list[Any] = [None] * len(acts)
        ready = threading.Barrier(len(acts))

        def one(n: int) -> None:
            try:
                connections["default"].ensure_connection()
                ready.wait(30)
                results[n] = acts[n]()
            except Exception as error:
                results[n] = error
            finally:
                connections.close_all()

        threads = [threading.Thread(target=one, args=(n,)) for n in range(len(acts))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert not any(thread.is_alive() for thread in threads), "they wait for each other"
        return results

    return run
