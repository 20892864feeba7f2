"""The browser keeps as much after many pages as after few. The whole of 10,000 pages: bench/size.py scroll."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.cast import REFERENCE

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = 600
DOT = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
WORDS = [
    [0.1 + n % 8 / 10, 0.1 + n // 8 / 20, 0.18 + n % 8 / 10, 0.12 + n // 8 / 20, f"word{n}"]
    for n in range(96)
]
# Goes on until page `last` is in view, three windows and a half at a time, as a wheel does.
ROLL = """async (last) => {
  const { reader } = await import("/static/reader/seam.js");
  const r = await reader;
  const next = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  for (let steps = 0; steps < 2000 && (r.pageInView?.index ?? 0) < last; steps += 1) {
    r.view.scrollBy(0, r.view.clientHeight * 3.5);
    await next();
  }
  return r.pageInView.index;
}"""


def test_scrolling_through_a_bundle_leaves_nothing_behind(
    page: Page, live: Any, cast: Any, served: Any
) -> None:
    served("B", "One page")
    documents = [
        {
            "id": str(n),
            "title": f"Statement {n}",
            "date": None,
            "exhibit": "",
            "section": "B",
            "version": f"{n:032x}",
            "pages": 20,
            "runs": [[0, 20, "B", n * 20 + 1]],
            "sizes": [[20, 595, 842]],
            "unread": False,
            "new": False,
        }
        for n in range(PAGES // 20)
    ]
    manifest = {
        "numbering_version": 1,
        "sections": [{"letter": "B", "title": "Statements"}],
        "documents": documents,
    }
    words = {"text": " ".join(word[4] for word in WORDS), "words": WORDS}
    page.route(re.compile(r"pages\.json"), lambda route: route.fulfill(json=manifest))
    page.route(re.compile("/image"), lambda route: route.fulfill(body=DOT, content_type="image/gif"))
    page.route(re.compile(r"/text$"), lambda route: route.fulfill(json=words))
    page.route(re.compile(r"notes\.json"), lambda route: route.fulfill(json={"notes": []}))
    live.login(page, cast.daniel)
    page.goto(f"{live.url}/cases/{REFERENCE}/main/B1", wait_until="domcontentloaded")
    expect(page.locator("html")).to_have_attribute("data-reader", "ready")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    series: list[dict[str, float]] = []
    for last in range(PAGES // 6, PAGES, PAGES // 6):
        assert page.evaluate(ROLL, last) >= last
        page.wait_for_timeout(600)  # words come when scrolling rests
        session.send("HeapProfiler.collectGarbage")
        found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        found["images"] = page.evaluate("document.images.length")
        found["frames"] = page.locator("article.page").count()
        series.append(found)
    early, late = series[:2], series[-2:]
    for what, slack in (("Nodes", 400), ("JSEventListeners", 40), ("images", 4), ("JSHeapUsedSize", 2**20)):
        most = max(one[what] for one in early)
        assert max(one[what] for one in late) <= most * 1.15 + slack, (what, [one[what] for one in series])
    assert max(one["frames"] for one in series) <= 60
