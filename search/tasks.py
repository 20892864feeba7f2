"""The nudge that the index is behind; lost ones are found by the worker's sweep."""

from __future__ import annotations

from django_tasks import task


@task(priority=0)
def index_documents() -> None:
    from .indexing import index_due

    index_due()


@task(priority=5)
def mend_index() -> None:
    """Somebody's search met damage, which the worker itself may not have met: it looks at every byte."""
    from .indexing import mend

    mend()
