"""What a page costs from the upload to the last picture: processor seconds and bytes, and so cores for many pages.

    python bench/pipeline.py [--papers 60]

Papers of the demo case (statements, interviews, telephone records, photographs, scans) go through the functions that
server and worker run: taken in, read, indexed, drawn in two widths. Processor time is that of this process and of the
limited process that opens the files. What the server does for each upload beside that (HTTP, access) is measured over
HTTP, and is per document.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench._product import REFERENCE, Product, below, bytes_in, papers, prepare, until
from bench.table import Table
from scripts.services import REAL

PAGES_A_DAY = 1_000_000


class Meter:
    """Processor seconds and bytes on disk by stage."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seconds: dict[str, tuple[float, float]] = {}  # own, of the limited process

    @staticmethod
    def now() -> tuple[float, float]:
        use, ended = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        child = ended.ru_utime + ended.ru_stime + below(os.getpid())
        return use.ru_utime + use.ru_stime, child

    def run(self, stage: str, work: Callable[[], Any]) -> Any:
        own, child = self.now()
        found = work()
        own_after, child_after = self.now()
        before = self.seconds.get(stage, (0.0, 0.0))
        self.seconds[stage] = before[0] + own_after - own, before[1] + child_after - child
        return found


def over_http(files: list[Path]) -> tuple[float, float]:
    """Processor seconds of the server and of the worker, for these files, from upload to the last picture."""
    with tempfile.TemporaryDirectory(prefix="bench-http-") as name, Product(Path(name)) as product:
        caller = product.caller()
        # What starting costs is paid by then.
        first = caller.upload(files[0], "H", True)["id"]
        until(lambda: caller.get(f"/documents/{first}")["status"] == "ready", 120, 0.2)
        before = product.cpu()
        ids = [caller.upload(path, "H", True)["id"] for path in files[1:]]
        server = product.cpu()["server"] - before["server"]
        pages = 0
        for document in ids:
            until(lambda: caller.get(f"/documents/{document}")["status"] in ("ready", "refused"), 300, 0.5)  # noqa: B023
            pages += caller.get(f"/documents/{document}")["pages"]
        images = product.folder / "files" / "images"
        until(lambda: len(list(images.glob("*/*/*/200/*"))) >= pages, 600, 0.5)
        until(lambda: caller.get(f"/search?case={REFERENCE}&q=the&limit=1")["total"] > 0, 60, 0.5)
        after = product.cpu()
        worker = sum(after[key] - before.get(key, 0) for key in ("worker", "worker pdf"))
        return server, worker


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--papers", type=int, default=60)
    arguments = parser.parse_args()
    found = papers()
    files = found[:: max(1, len(found) // arguments.papers)]
    with tempfile.TemporaryDirectory(prefix="bench-pipeline-") as name:
        measure(Path(name), files)


def measure(folder: Path, files: list[Path]) -> None:
    for name in REAL:
        os.environ.pop(name, None)
    os.environ |= {
        "CASEBUNDLE_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "casebundle.settings",
        "LOG_LEVEL": "ERROR",
    }
    prepare()
    from django.db import connection

    from casebundle.bundles import drawing
    from casebundle.bundles.models import Bundle, Document, Page
    from casebundle.cases.access import viewer_in
    from casebundle.cases.models import User
    from casebundle.evidence import intake
    from casebundle.evidence.process import draw_images, process
    from search.indexing import index_due

    priya = viewer_in(User.objects.get(email="priya@court.example"), reference=REFERENCE)
    bundle = Bundle.objects.get(case=priya.case)
    drawing.warm()
    meter = Meter(folder)
    database = folder / "casebundle.sqlite3"

    def rows() -> int:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return database.stat().st_size

    empty = rows()
    sent = sum(path.stat().st_size for path in files)
    for path in files:
        data = path.read_bytes()
        document: Document = meter.run(
            "taken in",
            lambda path=path, data=data: intake.receive(priya, bundle, "H", path.name, [data], serve=True),  # type: ignore[misc]
        )
        meter.run("read and served", lambda pk=document.current_id: process(pk))  # type: ignore[misc]
    in_rows = rows() - empty
    meter.run("indexed", index_due)

    def draw() -> None:
        for version in Document.objects.values_list("current_id", flat=True):
            while version and draw_images(version):
                pass

    meter.run("drawn", draw)
    pages = Page.objects.count()
    table = Table(f"the whole way of {pages:,} pages in {len(files)} papers")
    whole = 0.0
    for stage, (own, child) in meter.seconds.items():
        whole += own + child
        table.row(f"{stage}: processor time a page", (own + child) / pages * 1000, "ms")
        if child / pages > 0.0001:
            table.row("  of that in the limited process", child / pages * 1000, "ms")
    server, worker = over_http(files)
    table.row("together", whole / pages * 1000, "ms")
    table.row(
        "the worker as it runs (its queue and sweeps too)",
        worker / pages * 1000,
        "ms",
        beside=whole / pages * 1000,
    )
    table.row("the server: HTTP, access, keeping the file", server / pages * 1000, "ms")
    each = (worker + server) / pages
    for what, seconds in (("round the clock", 86_400), ("in a working day of eight hours", 28_800)):
        cores = PAGES_A_DAY * each / seconds
        table.row(f"a million pages a day, {what}", cores, "cores", aim="under 4 cores", met=cores < 4)
    stored = {
        "the originals": bytes_in(folder / "files" / "originals"),
        "pictures (200 and 1,240 pixels)": bytes_in(folder / "files" / "images"),
        "rows: words, their places, journal": in_rows,
        "the search index": bytes_in(folder / "search"),
    }
    for what, size in stored.items():
        table.row(f"{what}: bytes a page", size / pages / 1000, "kB")
    table.row(
        "all of it, beside what was sent",
        sum(stored.values()) / pages / 1000,
        "kB",
        beside=sent / pages / 1000,
    )


if __name__ == "__main__":
    main()
