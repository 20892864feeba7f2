"""What every bench prints: one line a figure, with what it stands beside, the ratio, the aim, and met or missed.

table = Table("search at 100,000 pages")
table.row("p95, with filters and snippets", 8.1, "ms", beside=5.0, aim="under twice bare", met=8.1 < 2 * 5.0)

Lines are printed at once. `make bench` sets CASEBUNDLE_BENCH_ROWS to a file, where each row is also written as a line
of JSON, for the table at its end.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROWS = "CASEBUNDLE_BENCH_ROWS"
LIBRARIES = ("django", "uvicorn", "websockets", "tantivy", "pypdfium2", "pillow", "pikepdf")
WIDTH = 58


class Table:
    """The figures of one bench."""

    def __init__(self, title: str) -> None:
        self.title = title
        print(f"\n{title}")
        print(f"  {'':{WIDTH}} {'measured':>15} {'beside':>11} {'ratio':>6}  aim")

    def row(
        self,
        what: str,
        measured: float,
        unit: str = "ms",
        *,
        beside: float | None = None,
        aim: str = "",
        met: bool | None = None,
    ) -> None:
        """One figure. beside: what it is compared with, in the same unit; the ratio is measured over beside.
        met: None where there is no aim."""
        found = {
            "table": self.title, "what": what, "measured": measured, "unit": unit, "beside": beside,
            "aim": aim, "met": met,
        }  # fmt: skip
        print(line(found), flush=True)
        if path := os.environ.get(ROWS):
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(json.dumps(found) + "\n")

    def note(self, text: str) -> None:
        print(f"  {text}", flush=True)


def number(value: float) -> str:
    """Three figures that say something: 0.0123, 1.23, 12.3, 1,234."""
    size = abs(value)
    if size >= 100 or value == 0:
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 1 else f"{value:.3g}"


def line(row: dict[str, object]) -> str:
    measured, beside, met = row["measured"], row["beside"], row["met"]
    assert isinstance(measured, (int, float))
    ratio = f"{measured / beside:.2f}" if isinstance(beside, (int, float)) and beside else ""
    other = number(beside) if isinstance(beside, (int, float)) else ""
    aim = f"{row['aim']}: {'met' if met else 'MISSED'}" if met is not None else str(row["aim"])
    value = f"{number(measured)} {row['unit']}"
    return f"  {row['what']!s:{WIDTH}} {value:>15} {other:>11} {ratio:>6}  {aim}".rstrip()


def median(values: Sequence[float]) -> float:
    return percentile(values, 0.5)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of them lie; of none: not a number."""
    if not values:
        return float("nan")
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def machine() -> list[str]:
    """Lines that say what the figures were taken on."""
    cpu = "unknown processor"
    try:
        for text in Path("/proc/cpuinfo").read_text().splitlines():
            if text.startswith("model name"):
                cpu = text.split(":", 1)[1].strip()
                break
    except OSError:
        cpu = platform.processor() or cpu
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    found = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return [
        f"{cpu}, {cores} cores, {memory:.0f} GiB; {platform.system()} {platform.release()} ({sys.platform})",
        ", ".join(found),
    ]
