"""The OpenSearch server that tests use: the one of OPENSEARCH_URL, or the one of `make services`."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from scripts import services
from search.opensearch import OpenSearchEngine

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}


@cache
def url() -> str:
    """Its address; the test is left out, and says why, where there is none."""
    given = os.environ.get("OPENSEARCH_URL")
    if given:
        return given
    # CI starts it where nobody else did: there, what is left out is a failure.
    if not IN_CI and services.running(services.folder() / "opensearch") is None:
        pytest.skip("needs OpenSearch: make services ARGS=opensearch, or OPENSEARCH_URL")
    try:
        return services.start("opensearch")["OPENSEARCH_URL"]
    except services.CannotStart as error:
        pytest.skip(f"needs OpenSearch: {error}")


@contextmanager
def an_engine(**more: object) -> Iterator[OpenSearchEngine]:
    """An engine with indexes of its own, which are deleted in the end."""
    name = f"test-{secrets.token_hex(4)}"
    engine = OpenSearchEngine(url(), index=name, **more)  # type: ignore[arg-type]
    try:
        yield engine
    finally:
        engine.close()
        sweep(name)


def sweep(name: str) -> None:
    """Delete every index whose name begins so."""
    engine = OpenSearchEngine(url(), index=name)
    for index in engine._ask("GET", f"/{name}-*", params={"filter_path": "*.aliases"}):
        engine._delete(index)
    engine.close()
