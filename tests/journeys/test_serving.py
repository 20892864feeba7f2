"""Serve evidence in a browser: from an empty list to the receipt, and what goes wrong on the way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import close_old_connections, connections
from playwright.sync_api import Browser, Page, expect

from casebundle.bundles.models import Document, Version
from casebundle.evidence.process import due, process
from casebundle.journal.models import Entry
from tests.cast import REFERENCE, Cast, pdf
from tests.journeys.conftest import Live

PATH = f"/cases/{REFERENCE}/serve/"


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """Reads what comes in, beside the server, as the worker does."""
    end = threading.Event()

    def run() -> None:
        while not end.wait(0.1):
            close_old_connections()
            for pk in list(due().values_list("pk", flat=True)):
                process(pk)
        connections.close_all()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield
    end.set()
    thread.join(20)


def files(*names: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "mimeType": "application/pdf", "buffer": pdf([f"This is {name}", "two"])}
        for name in names
    ]


def choose(page: Page, *names: str, more: list[dict[str, Any]] | None = None) -> None:
    page.locator("#upload input[type=file]").set_input_files([*files(*names), *(more or [])])


def row(page: Page, name: str) -> Any:
    return page.locator("#row-list > tr").filter(has_text=name)


def test_from_nothing_to_the_receipt(
    live: Live, page: Page, cast: Cast, worker: None, accessible: Any
) -> None:
    live.login(page, cast.priya)
    page.goto(live.url + PATH)
    expect(page.get_by_text("Nothing is waiting to be served")).to_be_visible()
    accessible()
    page.get_by_label("Section", exact=True).first.select_option("main/J")
    names = [f"Exhibit JS-{n}.pdf" for n in (10, 2, 1)]
    bad = [{"name": "letter.docx", "mimeType": "application/x", "buffer": b"PK\x03\x04 no pdf"},
           {"name": "empty.pdf", "mimeType": "application/pdf", "buffer": b""}]  # fmt: skip
    choose(page, *names, more=bad)
    expect(page.locator("#summary")).to_have_text("3 ready, 2 refused", timeout=20_000)
    # In the order of their names as people count.
    shown = page.locator("#row-list [data-text=name]").all_inner_texts()
    assert shown == ["empty.pdf", "Exhibit JS-1.pdf", "Exhibit JS-2.pdf", "Exhibit JS-10.pdf", "letter.docx"]
    expect(row(page, "letter.docx")).to_contain_text("This is not a PDF")
    expect(row(page, "empty.pdf")).to_contain_text("The file is empty")
    accessible()
    page.get_by_role("button", name="Serve 3 documents").click()
    expect(page.get_by_role("heading", name="Check before you serve")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="JS/10")).to_contain_text("J5 to J6")
    accessible()
    page.get_by_role("button", name="Serve 3 documents").last.click()
    expect(page.get_by_role("heading", name="Receipt of service")).to_be_visible()
    accessible()
    assert Document.objects.filter(state="served").count() == 3
    for document in Document.objects.filter(state="served").select_related("current"):
        expect(page.locator("body")).to_contain_text(document.current.sha256)
    # What was refused is still there, with its reason.
    page.goto(live.url + PATH)
    expect(page.locator("#row-list > tr")).to_have_count(2)


def test_cells_are_saved_as_one_leaves_them(live: Live, page: Page, cast: Cast, worker: None) -> None:
    live.login(page, cast.priya)
    page.goto(live.url + PATH)
    page.get_by_label("Section", exact=True).first.select_option("main/H")
    choose(page, "one.pdf", "two.pdf")
    expect(page.locator("#summary")).to_have_text("2 ready", timeout=20_000)
    title = row(page, "one.pdf").get_by_label("Title")
    title.fill("Statement of Helen Marsh")
    page.keyboard.press("Tab")  # the next cell, and the first is saved
    page.keyboard.type("14 March 2026")
    page.keyboard.press("Tab")
    page.keyboard.type("HM/1")
    page.keyboard.press("Enter")  # down the column
    page.keyboard.type("HM/2")
    page.keyboard.press("Tab")
    expect(row(page, "one.pdf").get_by_label("Date")).to_have_value("14/3/2026")
    date = row(page, "two.pdf").get_by_label("Date")
    date.fill("31 February 2026")
    page.keyboard.press("Tab")
    expect(row(page, "two.pdf")).to_contain_text("Enter a real date")
    expect(date).to_have_value("31 February 2026")  # nothing that was typed is lost
    page.get_by_role("button", name="Serve 2 documents").click()
    expect(page.locator("#problem")).to_contain_text("could not be saved")
    date.fill("")
    page.keyboard.press("Tab")
    expect(row(page, "two.pdf").locator("[data-error=date]")).to_be_hidden()
    page.get_by_role("button", name="Serve 2 documents").click()
    expect(page.get_by_role("heading", name="Check before you serve")).to_be_visible()
    found = {d.exhibit: (d.title, str(d.date)) for d in Document.objects.all()}
    assert found["HM/1"] == ("Statement of Helen Marsh", "2026-03-14")
    assert "HM/2" in found


def test_what_is_typed_while_the_file_is_on_its_way(live: Live, page: Page, cast: Cast, worker: None) -> None:
    live.login(page, cast.priya)
    page.goto(live.url + PATH)
    page.get_by_label("Section", exact=True).first.select_option("main/H")
    held: list[Any] = []
    page.route("**/serve/upload", lambda route: held.append(route))  # noqa: PLW0108  (it is marked as seen)
    choose(page, "slow.pdf")
    title = row(page, "slow.pdf").get_by_label("Title")
    expect(row(page, "slow.pdf")).to_contain_text("uploading")
    title.fill("Typed before it was there")
    page.keyboard.press("Tab")
    row(page, "slow.pdf").get_by_label("Section").select_option("K")
    held[0].continue_()
    expect(page.locator("#summary")).to_have_text("1 ready", timeout=20_000)
    expect(title).to_have_value("Typed before it was there")
    page.wait_for_function("() => !document.querySelector('[data-row]').textContent.includes('Not saved')")
    page.wait_for_timeout(500)
    document = Document.objects.select_related("section").get()
    assert (document.title, document.section.letter) == ("Typed before it was there", "K")


def test_a_lost_connection_is_tried_again_and_nothing_is_doubled(
    live: Live, page: Page, cast: Cast, worker: None
) -> None:
    live.login(page, cast.priya)
    page.goto(live.url + PATH)
    page.get_by_label("Section", exact=True).first.select_option("main/H")
    keys: list[str] = []

    def flaky(route: Any) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if keys.count(keys[-1]) == 1:
            # It arrives, and its answer does not.
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/serve/upload", flaky)
    choose(page, *[f"{n}.pdf" for n in range(4)])
    expect(page.locator("#summary")).to_have_text("4 ready", timeout=30_000)
    assert Document.objects.count() == Version.objects.count() == 4
    assert page.locator("#row-list > tr").count() == 4


def test_leaving_while_files_are_on_their_way_asks_first(live: Live, page: Page, cast: Cast) -> None:
    live.login(page, cast.priya)
    page.goto(live.url + PATH)
    page.get_by_label("Section", exact=True).first.select_option("main/H")
    held: list[Any] = []
    page.route("**/serve/upload", lambda route: held.append(route))  # noqa: PLW0108  (it is marked as seen)
    choose(page, "slow.pdf")
    expect(row(page, "slow.pdf")).to_contain_text("uploading")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate("() => { location.href = '/'; }")
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert page.url.endswith(PATH)
    # Taken off the list, there is nothing to lose any more.
    row(page, "slow.pdf").get_by_role("button", name="Remove").click()
    expect(page.locator("#row-list > tr")).to_have_count(0)
    held[0].abort()
    page.goto(live.url + "/")
    assert asked == ["beforeunload"]


def test_removed_and_coming_back(live: Live, page: Page, cast: Cast, worker: None) -> None:
    live.login(page, cast.priya)
    page.goto(live.url + PATH)
    page.get_by_label("Section", exact=True).first.select_option("main/H")
    choose(page, "keep.pdf", "drop.pdf")
    expect(page.locator("#summary")).to_have_text("2 ready", timeout=20_000)
    row(page, "drop.pdf").get_by_role("button", name="Remove").click()
    expect(page.locator("#row-list > tr")).to_have_count(1)
    page.reload()
    expect(page.locator("#row-list > tr")).to_have_count(1)
    expect(row(page, "keep.pdf")).to_contain_text("ready")
    # The section of the last one is the one that is offered.
    expect(page.get_by_label("Section", exact=True).first).to_have_value("main/H")
    assert Entry.objects.filter(action="document.withdrawn").count() == 1


def test_files_wait_for_the_section_to_be_chosen(live: Live, page: Page, cast: Cast, worker: None) -> None:
    live.login(page, cast.priya)
    page.goto(live.url + PATH)
    choose(page, "one.pdf")
    expect(page.locator("#upload .govuk-error-message")).to_have_text("Choose a section.")
    assert Document.objects.count() == 0
    page.get_by_label("Section", exact=True).first.select_option("main/K")
    expect(page.locator("#summary")).to_have_text("1 ready", timeout=20_000)
    assert Document.objects.get().section.letter == "K"


def test_dropped_anywhere_on_the_page(live: Live, page: Page, cast: Cast, worker: None) -> None:
    live.login(page, cast.priya)
    page.goto(live.url + PATH)
    page.get_by_label("Section", exact=True).first.select_option("main/H")
    page.get_by_label("Only some parties").check()
    page.get_by_label("Bates’s defence").check()
    page.evaluate(
        """(text) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([text], "dropped.pdf", {type: "application/pdf"}));
          for (const kind of ["dragenter", "dragover", "drop"])
            document.body.dispatchEvent(new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
        }""",
        pdf(["dropped"]).decode("latin-1"),
    )
    expect(row(page, "dropped.pdf")).to_be_visible()
    page.wait_for_function("() => document.querySelector('[data-row]').dataset.id")
    assert Document.objects.get().visible_to == "|bates|court|prosecution|"


def test_two_people_of_one_side_see_each_others_files(
    live: Live, page: Page, browser: Browser, cast: Cast, worker: None
) -> None:
    live.login(page, cast.priya)
    page.goto(live.url + PATH)
    page.get_by_label("Section", exact=True).first.select_option("main/H")
    other = browser.new_context().new_page()
    live.login(other, cast.priya)
    other.goto(live.url + PATH)
    choose(page, "from the first.pdf")
    expect(row(other, "from the first.pdf")).to_contain_text("ready", timeout=20_000)
    other.context.close()


def test_without_scripts(live: Live, browser: Browser, cast: Cast, worker: None) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    live.login(page, cast.priya)
    page.goto(live.url + PATH)
    page.locator("#id_section").select_option("main/H")
    choose(page, "one.pdf", "two.pdf")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("2 files have arrived.")).to_be_visible()
    row(page, "one.pdf").get_by_label("Title").fill("By hand")
    page.keyboard.press("Enter")  # saves, and removes nothing
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert Document.objects.filter(title="By hand", state="staged").exists()
    assert Document.objects.filter(state="staged").count() == 2
    context.close()


@pytest.mark.parametrize("width", [1280, 320])
def test_it_fits_and_is_accessible(
    live: Live, page: Page, cast: Cast, staged: Any, served: Any, accessible: Any, width: int
) -> None:
    staged("J", "x", title="A title that is rather long and goes on for a while", name="n" * 180 + ".pdf")
    document = served("H", "the red van")
    live.login(page, cast.priya)
    page.set_viewport_size({"width": width, "height": 800})
    case = f"/cases/{REFERENCE}/"
    for path in (
        PATH, f"{PATH}check", f"/documents/{document.pk}/receipt/", f"{case}search/?q=van", f"{case}search/?q=zebra",
        "/search/", f"{case}journal/?all=1", f"{case}notes/",
    ):  # fmt: skip
        page.goto(live.url + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        accessible()


def test_search_as_one_types(live: Live, page: Page, cast: Cast, served: Any) -> None:
    served("H", "the red van stood there")
    served("J", "a red van again")
    live.login(page, cast.daniel)
    page.goto(f"{live.url}/cases/{REFERENCE}/search/")
    page.keyboard.type("red van")  # the box has the focus
    expect(page.locator(".cb-search__total")).to_contain_text("2 pages in 2 documents")
    expect(page).to_have_url(f"{live.url}/cases/{REFERENCE}/search/?q=red+van")
    page.locator("#section").select_option("J")
    expect(page.locator(".cb-search__total")).to_contain_text("1 page in 1 document")
    page.locator("#q").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("a.cb-hit").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("html[data-reader=ready]")).to_be_attached(timeout=15_000)
    assert f"/cases/{REFERENCE}/main/J1" in page.url
