"""From the file in somebody's hand to words that can be searched, on the real server and worker, over HTTP.

    python bench/upload.py [--pages 300] [--times 5]

A PDF of papers of the demo case, each time with a last page of its own. Measured from the first byte of the request:
until the API answers; until the first page can be read (its picture and its words are there); until the last page's
word is found by the defence, which needs the document to be read, served and indexed whole. And from 'serve' to found,
for a document that was read before.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench._product import REFERENCE, Caller, Product, joined, until
from bench._servers import columns
from bench.table import Table, median

clock = time.perf_counter


def first_page(caller: Caller, document: str) -> bool:
    """Whether the first page of a document can be read now: its words are there, and its picture."""
    found = caller.get(f"/documents/{document}/pages?limit=1")["items"]
    if not found:
        return False
    page = found[0]["id"]
    return caller.ask("GET", f"/pages/{page}/text")[0] == 200 and (
        caller.ask("GET", f"/pages/{page}/image?width=1240")[0] == 200
    )


def found(caller: Caller, word: str) -> bool:
    return bool(caller.get(f"/search?case={REFERENCE}&q={word}")["total"])


def once(product: Product, path: Path, word: str) -> dict[str, float]:
    """Seconds: answered, first (page readable), ready, found."""
    times: dict[str, float] = {}
    priya, watcher, daniel = product.caller(), product.caller(), product.caller("daniel")
    start = clock()
    document: dict[str, Any] = priya.upload(path, "H", True)
    times["answered"] = clock() - start

    def watch() -> None:
        until(lambda: first_page(watcher, document["id"]))
        times["first"] = clock() - start

    watching = threading.Thread(target=watch)
    watching.start()
    until(lambda: priya.get(f"/documents/{document['id']}")["status"] == "ready", pause=0.05)
    times["ready"] = clock() - start
    until(lambda: found(daniel, word))
    times["found"] = clock() - start
    watching.join()
    return times


def served(product: Product, path: Path, word: str) -> float:
    """Seconds from 'serve' to found."""
    priya, daniel = product.caller(), product.caller("daniel")
    document = priya.upload(path, "H", False)["id"]
    until(lambda: priya.get(f"/documents/{document}")["status"] == "ready", pause=0.05)
    start = clock()
    priya.post(f"/cases/{REFERENCE}/serve", {"documents": [document]})
    until(lambda: found(daniel, word))
    return clock() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--times", type=int, default=5)
    arguments = parser.parse_args()
    for column, servers in columns():
        measure(column, servers, arguments.pages, arguments.times)


def measure(column: str, servers: dict[str, str], pages: int, times: int) -> None:
    table = Table(f"upload of a PDF of {pages} pages, server and worker as `make run` starts them: {column}")
    with tempfile.TemporaryDirectory(prefix="bench-upload-") as name:
        folder = Path(name)
        with Product(folder / "data", servers=servers) as product:
            runs, serves = [], []
            for n in range(times + 1):
                word = f"zebra{n}q"
                path = joined(folder / f"papers {n}.pdf", pages, f"The word is {word}.")
                size = path.stat().st_size
                runs.append(once(product, path, word))
            for n in range(times):
                word = f"gecko{n}q"
                path = joined(folder / f"statement {n}.pdf", 10, f"The word is {word}.")
                serves.append(served(product, path, word))
    # The first one pays for starting: said, not counted.
    warm = {key: [run[key] for run in runs[1:]] for key in runs[0]}
    table.note(f"{size / 1e6:.1f} MB each; medians of {times}, the first one after the start beside")
    table.row(
        "answered: safe on disk and in the database",
        median(warm["answered"]),
        "s",
        beside=runs[0]["answered"],
    )
    first = median(warm["first"])
    table.row("first page readable", first, "s", beside=runs[0]["first"], aim="under 1 s", met=first < 1)
    table.row("read whole", median(warm["ready"]), "s", beside=runs[0]["ready"])
    whole = median(warm["found"])
    table.row("found by the other side", whole, "s", beside=runs[0]["found"], aim="under 5 s", met=whole < 5)
    table.row("slowest of them", max(warm["found"]), "s")
    found_after = median(serves)
    table.row("from 'serve' to found", found_after, "s", aim="under 2 s", met=max(serves) < 2)
    table.row("slowest of them", max(serves), "s")


if __name__ == "__main__":
    main()
