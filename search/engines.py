"""The engine that this installation is set up with."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from .embedded import EmbeddedEngine
from .engine import Engine
from .opensearch import OpenSearchEngine


@cache
def engine() -> Engine:
    """One for each process; safe to share between threads."""
    if settings.OPENSEARCH_URL:
        return OpenSearchEngine(
            settings.OPENSEARCH_URL,
            index=settings.OPENSEARCH_INDEX,
            ca_file=settings.OPENSEARCH_CA_FILE or None,
            shards=settings.OPENSEARCH_SHARDS,
        )
    return EmbeddedEngine(settings.SEARCH_DIR)
