"""Every bench, one after the other, and one table at the end: `make bench`, or `make bench ARGS="search turns"`.

Each of them also runs by itself (python bench/search.py --help). Ends with 1 when a bench breaks; an aim that is
missed is printed as such and breaks nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.table import ROWS, WIDTH, line, machine

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
# In the order in which they run: the short ones first.
ORDER = ("reading", "images", "upload", "pipeline", "search", "turns", "size")
NONE = {"__main__", "__init__", "table"}


def benches() -> list[str]:
    """Names of what there is: every file here that can be run by itself and has no underscore before its name."""
    there = {path.stem for path in HERE.glob("*.py") if path.stem[0] != "_"} - NONE
    return [name for name in ORDER if name in there] + sorted(there - set(ORDER))


def main() -> int:
    known = benches()
    parser = argparse.ArgumentParser(
        prog="make bench", description=(__doc__ or "").split("\n", maxsplit=1)[0]
    )
    parser.add_argument("names", nargs="*", metavar="bench", help=f"some of: {' '.join(known)}")
    names = parser.parse_args().names or known
    if wrong := [name for name in names if name not in known]:
        parser.error(f"there is no bench {', '.join(wrong)}; there are {', '.join(known)}")
    print(f"casebundle, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
    for text in machine():
        print(text)
    broken: list[str] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        rows = Path(folder) / "rows"
        rows.touch()
        for name in names:
            print(f"\n=== {name} ===", flush=True)
            started = time.monotonic()
            done = subprocess.run(
                [sys.executable, str(HERE / f"{name}.py")],
                cwd=ROOT,
                env={**os.environ, ROWS: str(rows)},
                check=False,
            )
            print(f"  ({time.monotonic() - started:.0f} s)", flush=True)
            if done.returncode:
                broken.append(name)
        found = [json.loads(text) for text in rows.read_text(encoding="utf-8").splitlines()]
    print("\n=== all of it ===")
    title = None
    for row in found:
        if row["table"] != title:
            title = row["table"]
            print(f"\n{title}\n  {'':{WIDTH}} {'measured':>15} {'beside':>11} {'ratio':>6}  aim")
        print(line(row))
    aims = [row for row in found if row["met"] is not None]
    missed = [row for row in aims if not row["met"]]
    print(f"\n{len(aims) - len(missed)} of {len(aims)} aims met.")
    for row in missed:
        print(f"  missed: {row['table']}: {row['what']} ({row['aim']})")
    if broken:
        print(f"Broke: {', '.join(broken)}. What went wrong is above.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
