"""How the product holds up in cases of 100, 10,000 and 100,000 pages, and with a journal of a million entries.

    .venv/bin/python bench/size.py                     # everything; about a quarter of an hour on two cores
    .venv/bin/python bench/size.py views labels        # parts: make, views, insert, labels, scroll, journal
    .venv/bin/python bench/size.py --folder F …        # keep the cases there, and take those that are there already
    .venv/bin/python bench/size.py --pages 100,10000 --documents 100 --journal 100000

`insert` adds documents to the largest case, so a kept folder grows with it. `--documents` is how many pages a document
has on the average. Ends with 1 where an aim is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.services import REAL  # noqa: E402

PARTS = ("make", "views", "insert", "labels", "scroll", "journal")
SERVER_MS, JUMP_MS, INSERT_S, VERIFY_S = 500, 300, 1.0, 300
JUMPS = 40
missed: list[str] = []


def say(text: str = "") -> None:
    print(text, flush=True)


def judge(what: str, value: float, most: float, unit: str) -> None:
    good = value <= most
    say(f"  {'ok    ' if good else 'MISSED'} {what}: {value:,.1f} {unit} (aim: {most:,.0f} {unit})")
    if not good:
        missed.append(what)


def timed(act: Callable[[], Any], times: int) -> list[float]:
    """Milliseconds of each call, in order of size."""
    took = []
    for _n in range(times):
        start = time.perf_counter()
        act()
        took.append((time.perf_counter() - start) * 1000)
    return sorted(took)


def at(part: float, values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, round(part * (len(values) - 1)))]


# --- the cases ----------------------------------------------------------------------------------
def name_of(pages: int) -> str:
    return f"L{pages}"


def make(sizes: list[int], long: int, index: bool) -> dict[int, dict[str, str]]:
    """The cases that are not there yet, and what is in them."""
    from django.core.management import call_command

    from casebundle.cases.models import Case
    from search.indexing import index_due
    from tests import size_table as table

    call_command("migrate", verbosity=0)
    say("Cases")
    found: dict[int, dict[str, str]] = {}
    for pages in sizes:
        reference, documents = name_of(pages), max(10, pages // long)
        if not Case.objects.filter(reference=reference).exists():
            start = time.perf_counter()
            also = {"staged": 100, "notes_wanted": min(pages, 2000), "hearings": 20}
            table.build(reference, documents, pages, 10, **also)
            took = time.perf_counter() - start
            rate = f"{took:6.1f} s, {pages / took:,.0f} pages a second"
            say(f"  {reference:8} {pages:>7,} pages, {documents:>5,} documents: {rate}")
        found[pages] = table.names_of(reference)
    if index:
        start = time.perf_counter()
        done = index_due()
        say(f"  {done:,} documents indexed in {time.perf_counter() - start:.1f} s")
    return found


# --- the server ---------------------------------------------------------------------------------
def views(found: dict[int, dict[str, str]], index: bool) -> None:
    """Each address at each size, as the first of the cast who may open it: median of five, at the server."""
    from tests import size_table as table

    say(
        "\nServer: milliseconds (median of 5) and queries, as the first of prosecution, defence, clerk who may open it"
    )
    sizes = list(found)
    head = "".join(f"{pages:>9,}" for pages in sizes)
    say(f"  {'':58}{head}{'ratio':>7}{'queries':>9}{'KB':>8}")
    readers = {who: table.reader(email) for who, email in table.WHO.items()}
    worst, grew = ("", 0.0), []
    for address in table.ROWS:
        if "search" in address and not index:
            continue
        took: list[float] = []
        queries: list[int] = []
        size = 0
        for pages in sizes:
            path = table.filled(address, found[pages])
            client = next(
                (one for one in readers.values() if one.get(path).status_code < 400), readers["clerk"]
            )
            queries.append(len(table.counted(client, path)[1]))
            took.append(statistics.median(timed(lambda c=client, p=path: table.content(c.get(p)), 5)))  # type: ignore[misc]
            size = table.content(client.get(path))
        if queries[-1] > queries[0]:
            grew.append(f"{address}: {queries}")
        worst = max(worst, (address, took[-1]), key=lambda one: one[1])
        flag = "  OVER" if took[-1] > SERVER_MS else ""
        cells = "".join(f"{ms:9.1f}" for ms in took)
        counts = "-".join(map(str, sorted(set(queries))))
        say(f"  {address:58}{cells}{took[-1] / took[0]:7.1f}{counts:>9}{size / 1024:8.0f}{flag}")
    judge(f"the slowest page at {sizes[-1]:,} pages, {worst[0]}", worst[1], SERVER_MS, "ms")
    for one in grew:
        say(f"  more queries than in the small case: {one}")


def insert(pages: int) -> None:
    """One document into the largest bundle, from its bytes to renumbered; moving one; serving a thousand together."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from casebundle.bundles import arrange, services
    from casebundle.bundles.models import Bundle, Document
    from casebundle.cases.access import viewer_in
    from casebundle.cases.models import User
    from casebundle.demo import large
    from casebundle.demo.cast import SHAH
    from casebundle.evidence import intake
    from casebundle.evidence.process import process
    from tests.cast import pdf

    reference = name_of(pages)
    viewer = viewer_in(User.objects.get(email=SHAH), reference=reference)
    bundle = Bundle.objects.get(case=viewer.case, slug="main")
    say(f"\nChanging a bundle of {pages:,} pages")
    took: dict[str, list[float]] = {"serve": [], "upload": [], "move": [], "step": []}
    counts: dict[str, int] = {}
    rows = Document.objects.select_related("section__bundle", "current")

    def measure(what: str, act: Callable[[], Any]) -> None:
        with CaptureQueriesContext(connection) as asked:
            took[what] += timed(act, 1)
        counts[what] = len(asked)

    for n in range(5):
        data = pdf([f"Inserted {n}, {random.random()}", "Its second page."])
        start = time.perf_counter()
        document = intake.receive(viewer, bundle, "B", f"inserted {n}.pdf", [data])
        process(document.versions.get().pk)
        received = time.perf_counter() - start
        # First in a section near the beginning: under a continuous count every later label of it moves.
        document.refresh_from_db()
        services.change_document(viewer, document, {"section": "H", "position": 0})
        measure("serve", lambda pk=document.pk: services.serve(viewer, [pk]))  # type: ignore[misc]
        took["upload"].append(received * 1000 + took["serve"][-1])
        measure(
            "move", lambda pk=document.pk: services.change_document(viewer, rows.get(pk=pk), {"position": 20})
        )  # type: ignore[misc]
        measure("step", lambda pk=document.pk: arrange.step(viewer, rows.get(pk=pk), "down"))  # type: ignore[misc]
    names = {
        "serve": "serving one document as the first of a section (all later ones renumbered)",
        "upload": "the same from its upload on, read and served",
        "move": "moving a document by twenty places",
        "step": "moving a document by one place",
    }
    for what, text in names.items():
        queries = f", {counts[what]} queries" if what in counts else ""
        judge(f"{text}{queries}", statistics.median(took[what]) / 1000, INSERT_S, "s")
    staged = large.stage(viewer, 1002)
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        held = timed(lambda: services.serve(viewer, staged), 1)[0]
    say(f"  serving 1,002 documents together holds the write lock {held / 1000:.2f} s, {len(asked)} queries")


# --- the browser --------------------------------------------------------------------------------
@contextlib.contextmanager
def server() -> Iterator[str]:
    """The server as `make run` starts it."""
    from casebundle.running import serving

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {**os.environ, "PORT": str(port)}
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], cwd=ROOT, env=env, check=True
    )
    command = serving.command("127.0.0.1", port)
    process = subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True)
    try:
        for _n in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(15)


@contextlib.contextmanager
def browser() -> Iterator[Any]:
    from scripts import needs

    needs.prepare_playwright()
    from playwright.sync_api import sync_playwright

    quiet = [
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=needs.find("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--enable-precise-memory-info", *quiet],
        )
        yield opened
        opened.close()


def reader(opened: Any, url: str, cookie: tuple[str, str], address: str) -> Any:
    """A window of its own, with nothing kept, with the reader in it."""
    context = opened.new_context(viewport={"width": 1366, "height": 900})
    context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": url}])
    page = context.new_page()
    page.goto(url + address)
    page.wait_for_selector("article.page[data-shown]", timeout=30_000)
    return page


def signed_in(email: str) -> tuple[str, str]:
    from django.conf import settings

    from tests import size_table as table

    name = settings.SESSION_COOKIE_NAME
    return name, table.reader(email).cookies[name].value


# Notes the moment of Enter in the page box, and when the page asked for has its picture on screen.
WATCH = """() => {
  let enter = 0;
  addEventListener("keydown", (event) => { if (event.key === "Enter") enter = event.timeStamp; }, true);
  window.arrived = (label) => new Promise((resolve) => {
    const look = () => {
      const found = document.querySelector(`article.page[data-label="${label}"]`);
      const box = found?.getBoundingClientRect();
      if (enter && found?.dataset.shown && box.top < innerHeight && box.bottom > 0) {
        const width = Number(found.dataset.shown);
        // The next frame is the one with it.
        requestAnimationFrame((now) => { const took = now - enter; enter = 0; resolve([took, width]); });
      } else if (enter && performance.now() - enter > 20000) resolve([20000, 0]);
      else requestAnimationFrame(look);
    };
    look();
  });
}"""


def jump(page: Any, label: str) -> float:
    page.keyboard.press("g")
    page.locator("#reader-go-box").fill(label)
    waiting = page.evaluate_handle("(label) => ({done: window.arrived(label)})", label)
    page.keyboard.press("Enter")
    took, _width = waiting.evaluate("(one) => one.done")
    page.wait_for_timeout(350)  # people look at a page before they go on
    return float(took)


def labels(pages: int) -> None:
    """From Enter in the page box to the picture on screen, near and far, drawn before and not."""
    from casebundle.bundles.labels import Labels
    from casebundle.bundles.models import Bundle, Document
    from casebundle.cases.access import viewer_in
    from casebundle.cases.models import User
    from casebundle.demo.cast import SHAH

    viewer = viewer_in(User.objects.get(email=SHAH), reference=name_of(pages))
    bundle = Bundle.objects.get(case=viewer.case, slug="main")
    runs = Labels.of_bundle(bundle)
    chance = random.Random(time.time_ns())
    rows = list(
        Document.objects.visible_to(viewer).served().filter(section__bundle=bundle).select_related("current")
    )
    drawn: set[tuple[str, int]] = set()
    from django.core.files.storage import default_storage

    from casebundle.bundles.files import image_key

    def targets(count: int) -> list[str]:
        """Labels of pages whose pictures nobody has drawn, however many documents share the file."""
        found: list[str] = []
        for _n in range(20_000):
            document = chance.choice(rows)
            assert document.current is not None
            index = chance.randrange(document.current.pages)
            same = (document.current.reading, index)
            near = {(same[0], index + step) for step in (-2, -1, 0, 1, 2)}
            if near & drawn or default_storage.exists(image_key(*same, 1240)):
                continue
            drawn.add(same)
            label = runs.label(document.pk, index)
            assert label is not None
            found.append(label)
            if len(found) == count:
                break
        return found

    say(
        f"\nA label in a bundle of {pages:,} pages: from Enter in the page box to its picture, {JUMPS} jumps each"
    )
    cookie = signed_in(SHAH)
    cold, far = targets(JUMPS), targets(JUMPS)
    first = runs.label(rows[0].pk, 0)
    with server() as url, browser() as opened:
        address = f"/cases/{name_of(pages)}/main/{first}"
        start = time.perf_counter()
        page = reader(opened, url, cookie, address)
        say(f"  the reader opened in {time.perf_counter() - start:.2f} s")
        page.evaluate(WATCH)
        took = {"far, picture not drawn yet": [jump(page, label) for label in cold]}
        for label in far:
            jump(page, label)  # draws them
        page.context.close()
        page = reader(opened, url, cookie, address)
        page.evaluate(WATCH)
        took["far, picture drawn before"] = [jump(page, label) for label in far]
        took["far, and back to one seen before"] = [jump(page, label) for label in far]
        near = []
        jump(page, "H1000")
        for _n in range(JUMPS):
            here = page.evaluate("document.querySelector('.reader-where__label').textContent")
            stem, number = here.rstrip("0123456789"), here[len(here.rstrip("0123456789")) :]
            near.append(jump(page, f"{stem}{int(number) + 2}"))
        took["near, two pages on"] = near
        page.context.close()
    for what, values in took.items():
        say(
            f"    {what:34} median {at(0.5, values):6.0f}   p95 {at(0.95, values):6.0f}   worst {max(values):6.0f} ms"
        )
    for what, values in took.items():
        judge(f"{what}: p95", at(0.95, values), JUMP_MS, "ms")


COUNTS = """() => {
  const images = [...document.images];
  return {
    images: images.length,
    decoded: images.reduce((sum, one) => sum + one.naturalWidth * one.naturalHeight * 4, 0),
    frames: document.querySelectorAll("article.page").length,
  };
}"""
ROLL = """async ([first, last]) => {
  const view = document.getElementById("main-content");
  const next = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const total = window.probe.pages.length;
  for (let steps = 0; steps < 20000; steps += 1) {
    const index = window.probe.pageInView?.index ?? 0;
    if (index >= last || index >= total - 2) return index;
    view.scrollBy(0, view.clientHeight * 3.5);
    await next();
  }
  return -1;
}"""


def scroll(pages: int) -> None:
    """Memory of the browser while the whole of a bundle goes by."""
    from casebundle.demo.cast import SHAH
    from tests import size_table as table

    names = table.names_of(name_of(pages))
    say(f"\nThe browser, scrolling through all of {pages:,} pages")
    with server() as url, browser() as opened:
        page = reader(opened, url, signed_in(SHAH), f"/cases/{name_of(pages)}/main/A1")
        # The reader as other rooms get it.
        page.evaluate(
            "async () => { const {reader} = await import(new URL('seam.js', "
            "document.querySelector('script[src*=\"reader/reader\"]').src)); window.probe = await reader; }"
        )
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        say(f"  {'page':>8}{'JS heap MB':>12}{'DOM nodes':>11}{'frames':>8}{'images':>8}{'decoded MB':>12}")
        series: list[tuple[float, int, float]] = []
        start = time.perf_counter()
        for step in range(11):
            index = page.evaluate(ROLL, [0, pages * step // 10])
            page.wait_for_timeout(800)
            session.send("HeapProfiler.collectGarbage")
            metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
            counts = page.evaluate(COUNTS)
            heap, decoded = metrics["JSHeapUsedSize"] / 2**20, counts["decoded"] / 2**20
            series.append((heap, int(metrics["Nodes"]), decoded))
            row = f"{heap:12.1f}{series[-1][1]:11,}{counts['frames']:8}{counts['images']:8}{decoded:12.1f}"
            say(f"  {index:>8,}{row}")
        say(f"  in {time.perf_counter() - start:.0f} s")
        page.context.close()
    del names
    # What the first tenth needs is what the last one may need, and a quarter more.
    for n, what, unit in ((0, "JS heap", "MB"), (1, "DOM nodes", "nodes"), (2, "decoded images", "MB")):
        early = max(row[n] for row in series[1:4])
        judge(f"{what} in the last three tenths", max(row[n] for row in series[-3:]), early * 1.25, unit)


# --- the journal --------------------------------------------------------------------------------
def journal(entries: int) -> None:
    """A journal of a million entries: made, verified in a process of its own, and its page."""
    from casebundle.cases.models import Case
    from casebundle.demo import large
    from casebundle.demo.cast import SHAH
    from tests import size_table as table

    say(f"\nA journal of {entries:,} entries")
    for reference, count in (("J1000", 1000), (f"J{entries}", entries)):
        if not Case.objects.filter(reference=reference).exists():
            made = large.make(reference, 20, 200, journal=count)
            seconds = max(made.took["journal"], 0.001)
            say(f"  {reference}: made in {seconds:.1f} s, {count / seconds:,.0f} entries a second")
    rss = []
    for reference in ("J1000", f"J{entries}"):
        start = time.perf_counter()
        found = subprocess.run(
            [sys.executable, "-c", VERIFY, reference], cwd=ROOT, capture_output=True, text=True, check=False
        )
        took = time.perf_counter() - start
        rss.append(float(found.stderr.strip().splitlines()[-1]) if found.returncode == 0 else 0.0)
        say(f"  {found.stdout.strip()[:90]} in {took:.1f} s, {rss[-1]:.0f} MB at most")
        if found.returncode:
            missed.append(f"the journal of {reference} does not verify")
    judge("verifying", took, VERIFY_S, "s")
    judge("memory of that beside a journal of 1,000 entries", rss[1], rss[0] + 20, "MB")
    client = table.reader(SHAH)
    worst = 0.0
    person = Case.objects.get(reference=f"J{entries}").participants.get(user__email=SHAH).pk
    for query in (
        "",
        "?all=1",
        "?kind=documents",
        "?kind=hearings",
        f"?person={person}",
        "?day=yesterday",
        f"?before={entries // 2}",
    ):
        path = f"/cases/J{entries}/journal/{query}"
        ms = statistics.median(timed(lambda p=path: client.get(p), 5))  # type: ignore[misc]
        worst = max(worst, ms)
        say(f"    {path:64} {ms:7.1f} ms")
    for query in ("", f"?after={entries // 2}&limit=500"):
        path = f"/api/v1/cases/J{entries}/journal{query}"
        ms = statistics.median(timed(lambda p=path: client.get(p), 5))  # type: ignore[misc]
        worst = max(worst, ms)
        say(f"    {path:64} {ms:7.1f} ms")
    judge("the slowest of its pages", worst, SERVER_MS, "ms")
    took_check = timed(lambda: client.post(f"/cases/J{entries}/journal/check"), 1)[0]
    say(f"  ‘Check the chain now’ (its last 50,000 entries): {took_check / 1000:.1f} s")


VERIFY = """
import os, resource, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casebundle.settings")
import django
django.setup()
from django.core.management import call_command
call_command("verify", sys.argv[1])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, file=sys.stderr)
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all where none is named")
    parser.add_argument(
        "--folder", type=Path, help="where the cases are kept; a temporary one where left out"
    )
    parser.add_argument("--pages", default="100,10000,100000", help="sizes (%(default)s)")
    parser.add_argument(
        "--documents", type=int, default=100, help="pages in a document, on the average (%(default)s)"
    )
    parser.add_argument("--journal", type=int, default=1_000_000, help="entries (%(default)s)")
    parser.add_argument(
        "--index", action="store_true", help="index the cases, and measure the pages that search"
    )
    options = parser.parse_args()
    parts = options.parts or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        parser.error(f"There is no part {', '.join(sorted(unknown))}.")
    sizes = [int(one) for one in options.pages.split(",")]
    with contextlib.ExitStack() as stack:
        folder = options.folder or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="casebundle-size-"))
        )
        folder.mkdir(parents=True, exist_ok=True)
        for name in REAL:
            os.environ.pop(name, None)
        os.environ["CASEBUNDLE_DATA"] = str(folder.resolve())
        os.environ["DJANGO_SETTINGS_MODULE"] = "casebundle.settings"
        # Playwright's loop runs in this thread, so Django takes every call for one from a coroutine.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        import django

        django.setup()
        found = make(sizes, options.documents, options.index)
        if "views" in parts:
            views(found, options.index)
        if "insert" in parts:
            insert(sizes[-1])
        if "labels" in parts:
            labels(sizes[-1])
        if "scroll" in parts:
            scroll(sizes[len(sizes) // 2])
        if "journal" in parts:
            journal(options.journal)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(
        f"\n{len(missed)} aims missed{': ' + '; '.join(missed) if missed else ''}. (This process: {peak:.0f} MB.)"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
