"""What is counted when the counters are read: what waits, and how the parts are.

Only what waits is counted in the database, which has an index or a short list for it: what is done, in its millions,
is counted by who does it (watching/metrics.py).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator

from django.db import connection
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from casebundle.bundles.models import Version
from casebundle.journal import record
from casebundle.journal.hub import hub
from casebundle.journal.models import Entry
from casebundle.watching import metrics, signs
from casebundle.watching.logs import said
from search.indexing import due_documents

from .checks import looks, standing

log = logging.getLogger(__name__)

HOLDS = 10.0  # seconds for which what was counted in the database is told again
MOST = 10_000  # what waits is counted so far


class Gauges(Collector):
    """Everything that is looked up and not counted as it happens."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at, self._waiting = -HOLDS, list[GaugeMetricFamily]()

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = looks.now()
        up = GaugeMetricFamily(
            "casebundle_dependency_up", "Whether a part is well (1) or not (0).", labels=["part"]
        )
        took = GaugeMetricFamily(
            "casebundle_dependency_seconds", "How long the look at it took.", labels=["part"]
        )
        for one in found:
            if one.state != "off":
                up.add_metric([one.name], float(one.well))
                took.add_metric([one.name], one.ms / 1000)
        yield up
        yield took
        serving = float(standing(found) in ("ready", "degraded"))
        yield GaugeMetricFamily("casebundle_ready", "Whether /readyz says yes.", value=serving)
        feeds = list(hub.feeds.values())
        yield GaugeMetricFamily("casebundle_live_cases", "Cases that have sockets here.", value=len(feeds))
        yield from _pool()
        with self._lock:
            if time.monotonic() - self._at >= HOLDS:
                try:
                    self._waiting = list(_waiting())
                except Exception as error:
                    # Who watches must see the other counters most of all when the database is away.
                    self._waiting = []
                    log.info("what waits could not be counted: %s", said(error))
                finally:
                    connection.close()
                self._at = time.monotonic()
            yield from self._waiting


def _waiting() -> Iterator[GaugeMetricFamily]:
    from django_tasks_db.models import DBTaskResult

    states = GaugeMetricFamily("casebundle_documents", "Files that are not done, by state.", labels=["state"])
    rows = Version.objects.unfinished().order_by().values("status")
    counts = dict(rows.annotate(n=Count("pk")).values_list("status", "n"))
    for state in Version.Status.values:
        if state not in (Version.Status.READY, Version.Status.REFUSED):
            states.add_metric([state], counts.get(state, 0))
    yield states
    oldest = Version.objects.unfinished().aggregate(at=Min("created_at"))["at"]
    age = max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0
    yield GaugeMetricFamily("casebundle_queue_age_seconds", "How long the oldest file waits.", value=age)
    tasks = DBTaskResult.objects.ready().order_by()[:MOST].count()
    yield GaugeMetricFamily("casebundle_tasks_waiting", "Tasks that wait, counted to 10,000.", value=tasks)
    behind = due_documents().order_by()[:MOST].count()
    yield GaugeMetricFamily(
        "casebundle_index_lag_documents", "Documents that the index lacks, counted to 10,000.", value=behind
    )
    yield GaugeMetricFamily("casebundle_workers", "Workers that are alive.", value=signs.count("worker"))


def _pool() -> Iterator[GaugeMetricFamily]:
    """The database's pool of connections, where there is one."""
    try:
        pool = getattr(connection, "pool", None)
        stats = pool.get_stats() if pool is not None else {}
    except Exception:
        return
    found = GaugeMetricFamily("casebundle_pool", "Connections to the database.", labels=["what"])
    for name in ("pool_size", "pool_available", "requests_waiting", "requests_errors", "connections_lost"):
        if name in stats:
            found.add_metric([name], stats[name])
    if found.samples:
        yield found


def _count(entry: Entry) -> None:
    metrics.ENTRIES.labels(entry.action).inc()


_started = threading.Event()


def start() -> None:
    """Begin to count, once in a process."""
    if _started.is_set():
        return
    _started.set()
    metrics.REGISTRY.register(Gauges())
    record.after_commit.append(_count)
