"""The nudge that the index is behind; lost ones are found by the worker's sweep."""

from __future__ import annotations

from django_tasks import task


@task(priority=0)
def index_documents() -> None:
    from .indexing import index_due

    index_due()
