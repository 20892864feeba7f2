"""OpenSearch: the contract, on a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from search.opensearch import OpenSearchEngine
from tests.search.contract import EngineContract
from tests.search.opensearch_server import an_engine


@pytest.fixture
def engine() -> Iterator[OpenSearchEngine]:
    with an_engine() as made:
        yield made


class TestOpenSearch(EngineContract):
    pass
