"""Counters, for Prometheus. Labels are names of ours (routes, states, kinds): never ids, never words of anybody's."""

from __future__ import annotations

import logging
from functools import cache

from django.conf import settings
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
    start_http_server,
)

log = logging.getLogger(__name__)

# When a counter began is known from the process.
disable_created_metrics()
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
LONG = (0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)

REQUESTS = Counter(
    "casebundle_requests", "Requests answered.", ["route", "method", "status"], registry=REGISTRY
)
REQUEST_SECONDS = Histogram(
    "casebundle_request_seconds",
    "From the request to the end of its answer.",
    ["route"],
    buckets=SECONDS,
    registry=REGISTRY,
)
IN_HAND = Gauge("casebundle_requests_in_hand", "Requests that are being answered.", registry=REGISTRY)
SOCKETS = Gauge("casebundle_sockets_open", "Sockets that are open in this process.", registry=REGISTRY)
ENTRIES = Counter(
    "casebundle_entries", "Journal entries written by this process.", ["action"], registry=REGISTRY
)
TASKS = Counter("casebundle_tasks", "Tasks done by this worker.", ["task", "result"], registry=REGISTRY)
TASK_SECONDS = Histogram(
    "casebundle_task_seconds", "How long tasks took.", ["task"], buckets=LONG, registry=REGISTRY
)
PAGES_READ = Counter("casebundle_pages_read", "Pages read by this worker.", registry=REGISTRY)
PAGES_INDEXED = Counter("casebundle_pages_indexed", "Pages given to the search index.", registry=REGISTRY)
PICTURES = Counter(
    "casebundle_pictures",
    "Pictures of pages: drawn beforehand, drawn for somebody who waited, or kept from before.",
    ["how"],
    registry=REGISTRY,
)
FINISHED = Counter(
    "casebundle_documents_finished", "Files that became ready or were refused.", ["state"], registry=REGISTRY
)


# Looking a label up costs more than counting.
@cache
def _answered(route: str, method: str, status: int) -> Counter:
    return REQUESTS.labels(route, method, str(status))


@cache
def _took(route: str) -> Histogram:
    return REQUEST_SECONDS.labels(route)


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def answered(route: str, method: str, status: int, seconds: float) -> None:
    """Count a request that was answered. `route` is a name of ours."""
    _answered(route, method if method in METHODS else "other", status).inc()
    _took(route).observe(seconds)


def text() -> bytes:
    """All of it, as Prometheus reads it."""
    return generate_latest(REGISTRY)


def expose() -> None:
    """Serve the counters on METRICS_PORT, where one is named: for those alone who can reach it."""
    if not settings.METRICS_PORT:
        return
    try:
        start_http_server(settings.METRICS_PORT, addr=settings.METRICS_HOST, registry=REGISTRY)
    except OSError as error:
        # Another of our processes has it: nobody's work depends on being watched.
        log.warning("the counters are not on port %s: %s", settings.METRICS_PORT, error)
