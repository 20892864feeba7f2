"""Pictures of pages: to somebody who waits, over HTTP; and of a whole bundle in the background, meanwhile.

    python bench/images.py [--papers 40] [--turns 60]

The bare loop beside it opens the same files with pypdfium2, draws each page in the same two widths (200 and 1,240
pixels), encodes them as JPEG of the same quality with Pillow and writes them to files: on one core, with nothing else
to do. Ours is the worker as it runs, which reads hostile files in a limited process, while a reader turns pages over
HTTP, one every half second.
"""

from __future__ import annotations

import argparse
import io
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench._product import Caller, Product, papers, until
from bench.table import Table, median, percentile

clock = time.perf_counter
WIDTHS = (1240, 200)


def bare(out: Path, files: list[Path]) -> tuple[int, float]:
    """(pages, seconds): the loop that ours is measured beside."""
    import pypdfium2 as pdfium

    start, pages = clock(), 0
    for path in files:
        document = pdfium.PdfDocument(path)
        document.init_forms()
        for page in document:
            for width in WIDTHS:
                # Four bytes a pixel, red first: the quickest way through pdfium and Pillow.
                bitmap = page.render(scale=width / page.get_width(), rev_byteorder=True, prefer_bgrx=True)
                data = io.BytesIO()
                bitmap.to_pil().convert("RGB").save(data, "JPEG", quality=80)
                (out / f"{pages}-{width}").write_bytes(data.getvalue())
                bitmap.close()
            page.close()
            pages += 1
        document.close()
    return pages, clock() - start


def bare_rate(files: list[Path]) -> float:
    """Pages a second of the bare loop, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-bare-") as out:
        done = subprocess.run(
            [sys.executable, __file__, "--bare", out, *map(str, files)],
            check=True,
            capture_output=True,
            text=True,
        )
    pages, seconds = done.stdout.split()
    return int(pages) / float(seconds)


class Shelf:
    """The documents that were uploaded: ids of their pages, and where their pictures are on disk."""

    def __init__(self, product: Product, caller: Caller, files: list[Path]) -> None:
        self.product = product
        ids = [caller.upload(path, "H", True)["id"] for path in files]
        self.pages: list[str] = []
        for document in ids:
            until(lambda: caller.get(f"/documents/{document}")["status"] in ("ready", "refused"), 240)  # noqa: B023
            cursor = ""
            while True:
                found = caller.get(f"/documents/{document}/pages?limit=200{cursor}")
                self.pages += [page["id"] for page in found["items"]]
                if not found.get("next"):
                    break
                cursor = f"&cursor={found['next']}"

    def drawn(self, width: int = 1240) -> list[Path]:
        """Pictures of that width that are kept."""
        return list((self.product.folder / "files" / "images").glob(f"*/*/*/{width}/*"))


def timed(caller: Caller, page: str, width: int) -> float:
    """Milliseconds until the picture is here."""
    start = clock()
    status, data = caller.ask("GET", f"/pages/{page}/image?width={width}")
    if status != 200 or not data.startswith(b"\xff\xd8"):
        raise RuntimeError(f"{status}: {data[:200]!r}")
    return (clock() - start) * 1000


def waiting(table: Table, caller: Caller, shelf: Shelf, count: int) -> None:
    """Cold (nothing kept) and warm, one after the other, of pages at random."""
    rng = random.Random(4)
    for width in (1240, 2480):
        cold, warm = [], []
        for page in rng.sample(shelf.pages, min(count, len(shelf.pages))):
            for path in shelf.drawn(width) if width == 1240 else []:
                if str(path).endswith(f"/{int(page.rpartition('-')[2]) - 1}"):
                    path.unlink()
            cold.append(timed(caller, page, width))
            warm += [timed(caller, page, width) for _ in range(3)]
        for name, times, limit in (("warm", warm, 20), ("cold", cold, 150)):
            table.row(
                f"{width} px wide, {name}: median",
                median(times),
                aim=f"under {limit} ms" if width == 1240 else "",
                met=median(times) < limit if width == 1240 else None,
            )
            p95 = percentile(times, 0.95)
            table.row(
                f"{width} px wide, {name}: p95",
                p95,
                aim=f"under {limit} ms" if width == 1240 else "",
                met=p95 < limit if width == 1240 else None,
            )


def background(table: Table, product: Product, files: list[Path]) -> Shelf:
    before = bare_rate(files)
    priya, reader = product.caller(), product.caller("daniel")
    # What was uploaded for this is read and served first; then its pictures are drawn.
    shelf = Shelf(product, priya, files)
    until(lambda: len(shelf.drawn(200)) >= len(shelf.pages), 600, 0.2)
    # Then all of them once more, so that drawing is all that there is to do; the worker's sweep finds that it is due.
    shutil.rmtree(product.folder / "files" / "images")
    product.run(
        "import django; django.setup(); from casebundle.bundles.models import Version; "
        "Version.objects.update(images_done=0)"
    )
    until(lambda: shelf.drawn(200), 60, 0.01)
    started = clock()
    turns: list[float] = []
    ended = threading.Event()

    def turn() -> None:
        rng = random.Random(5)
        place = 0
        while not ended.wait(0.5):
            # Mostly the next page, now and then somewhere else, as people read.
            place = (place + 1 if rng.random() < 0.8 else rng.randrange(len(shelf.pages))) % len(shelf.pages)
            start = clock()
            page = shelf.pages[place]
            timed(reader, page, 1240)
            reader.ask("GET", f"/pages/{page}/text")
            turns.append((clock() - start) * 1000)

    turning = threading.Thread(target=turn)
    turning.start()
    try:
        until(lambda: len(shelf.drawn(200)) >= len(shelf.pages), 600, 0.1)
    finally:
        ended.set()
        turning.join()
    rate = (len(shelf.pages) - 1) / (clock() - started)
    after = bare_rate(files)
    beside = (before + after) / 2
    table.row(
        f"a bundle of {len(shelf.pages)} pages in the background",
        rate,
        "pages/s",
        beside=beside,
        aim="0.8 of the bare loop",
        met=rate >= 0.8 * beside,
    )
    table.row("the reader meanwhile: picture and words of a page, median", median(turns))
    table.row("the reader meanwhile: picture and words of a page, p95", percentile(turns, 0.95))
    return shelf


def main() -> None:
    if sys.argv[1:2] == ["--bare"]:
        pages, seconds = bare(Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
        print(pages, seconds)
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--papers", type=int, default=40, help="how many of the demo case's papers")
    parser.add_argument("--turns", type=int, default=60, help="pages asked for cold and warm")
    arguments = parser.parse_args()
    found = papers()
    step = max(1, len(found) // arguments.papers)
    table = Table("pictures of pages")
    with tempfile.TemporaryDirectory(prefix="bench-images-") as name, Product(Path(name)) as product:
        shelf = background(table, product, found[::step])
        waiting(table, product.caller("daniel"), shelf, arguments.turns)


if __name__ == "__main__":
    main()
