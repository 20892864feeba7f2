"""The nudge that the index is behind; lost ones are found by the worker's sweep, and so is what an outage left."""

from __future__ import annotations

import logging

from django_tasks import task

from .engine import SearchError

log = logging.getLogger(__name__)


@task(priority=0)
def index_documents() -> None:
    from .indexing import index_due

    try:
        index_due()
    except SearchError as error:
        log.warning("what is served waits to be searchable: %s", error)


@task(priority=5)
def mend_index() -> None:
    """Somebody's search met damage, which the worker itself may not have met: it looks at every byte."""
    from .indexing import mend

    try:
        mend()
    except SearchError as error:
        log.warning("the search index waits to be mended: %s", error)
