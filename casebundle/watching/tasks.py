"""What a worker does, task by task: each has a trail, a span, a place among the counters."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from . import metrics, traces
from .trail import Trail, begin

log = logging.getLogger("casebundle.tasks")


def watched(run: Callable[[Any], None]) -> Callable[[Any], None]:
    """`run`, which takes a row of the queue, with all of that around it."""

    def watch(row: Any) -> None:
        name = str(row.task_path)
        task = name.rpartition(".")[2]
        trail = Trail(str(row.pk).replace("-", ""), "task", task)
        began = time.perf_counter()
        with begin(trail), traces.span("consumer") as span:
            result = "FAILED"
            try:
                run(row)
                # What it became: failures are written into the row and not raised.
                result = str(row.status)
            finally:
                took = time.perf_counter() - began
                metrics.TASKS.labels(task, result.lower()).inc()
                metrics.TASK_SECONDS.labels(task).observe(took)
                span.end(task, trail, failed="" if result == "SUCCESSFUL" else "TaskFailed")
                log.info("%s %s", task, result.lower(), extra={"told": {"ms": round(took * 1000, 1)}})

    return watch
