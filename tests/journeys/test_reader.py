"""Reading a bundle in a browser: by label, by key, by hand, by search; on a desk and on a phone."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable

import pikepdf
import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from casebundle.bundles.models import Bundle, Document, Opened
from casebundle.bundles.services import serve
from casebundle.evidence import intake
from tests.cast import REFERENCE, pdf, viewer
from tests.cast import read as read_document

pytestmark = pytest.mark.django_db(transaction=True)

BASE = f"/cases/{REFERENCE}/main"
PARAGRAPH = "The red van was seen at Headingley Lane.\nTwo men left by the rear door with a holdall."


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser complained of; a picture that is given up half-way is no complaint."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda said: found.append(said.text) if said.type in {"error", "warning"} else None)
    return found


@pytest.fixture
def bundle(served):
    """A1, A2; B1 to B30; J1 (exhibit JS/1)."""
    served("A", "The indictment", "Counts one and two", title="Indictment")
    texts = [f"{PARAGRAPH}\nThis is sheet {n} of thirty." for n in range(1, 31)]
    served("B", *texts, title="Statement of John Smith")
    served("J", "A plan of the shop", title="Plan", exhibit="JS/1")
    return Bundle.objects.get(case__reference=REFERENCE, slug="main")


Read = Callable[..., Page]


@pytest.fixture
def read(page: Page, live, cast, bundle) -> Read:
    """Open the reader at a label, as Daniel."""

    def go(label: str = "A1", width: int = 1440, height: int = 900) -> Page:
        page.set_viewport_size({"width": width, "height": height})
        live.login(page, cast.daniel)
        page.goto(f"{live.url}{BASE}/{label}", wait_until="domcontentloaded")
        expect(page.locator("html")).to_have_attribute("data-reader", "ready")
        return page

    return go


def sheet(page: Page, label: str) -> Locator:
    return page.locator(f'.page[data-label="{label}"]')


def drawn(page: Page, label: str) -> Locator:
    """The page with its picture, in the window."""
    found = page.locator(f'.page[data-label="{label}"][data-shown]')
    expect(found).to_be_in_viewport()
    return found


def where(page: Page) -> Locator:
    return page.locator("#reader-where")


def box_of(found: Locator) -> FloatRect:
    """Where it stands in the window."""
    box = found.bounding_box()
    assert box is not None
    return box


def words(page: Page, label: str) -> Locator:
    found = sheet(page, label).locator("[data-word]")
    expect(found.first).to_be_attached()
    return found


def no_own_picture_is_wrong(page: Page) -> None:
    wrong = page.evaluate(
        """() => [...document.querySelectorAll('.page')].filter(page =>
             [...page.querySelectorAll('img')].some(image => !image.src.includes(`/${page.dataset.page}/image`)))
           .map(page => page.dataset.label)"""
    )
    assert wrong == []


# --- by label ---------------------------------------------------------------------------------------
def test_a_page_by_its_address(read, complaints):
    page = read("B12")
    drawn(page, "B12")
    expect(where(page)).to_contain_text("B12")
    expect(where(page)).to_contain_text("12 of 30")
    expect(page).to_have_title(re.compile(r"^B12 – Statement of John Smith – T20267001"))
    assert complaints == []


@pytest.mark.parametrize(("typed", "label"), [("b30", "B30"), ("B 7", "B7"), ("p. j 01", "J1")])
def test_go_to_a_label(read, typed, label):
    page = read("A1")
    page.keyboard.press("g")
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    drawn(page, label)
    expect(page).to_have_url(re.compile(f"/{label}$"))
    assert page.evaluate("document.activeElement.dataset.label") == label


def test_an_unknown_label_is_said_beside_the_box(read):
    page = read("A2")
    page.keyboard.press("g")
    page.keyboard.type("z9")
    page.keyboard.press("Enter")
    said = page.get_by_role("alert")
    expect(said).to_contain_text("There is no page “z9” here")
    expect(page.locator("#reader-go-box")).to_be_focused()
    expect(where(page)).to_contain_text("A2")
    # No key works while somebody types.
    page.keyboard.type("jjj")
    expect(where(page)).to_contain_text("A2")
    expect(said).to_be_hidden()


def test_a_label_that_moved_says_so(read, bundle):
    from casebundle.bundles.labels import renumber
    from casebundle.bundles.models import Section

    Document.objects.filter(exhibit="JS/1").update(section=Section.objects.get(bundle=bundle, letter="C"))
    renumber(bundle)
    page = read("J1")
    expect(page.locator("#reader-said")).to_have_text("J1 is now C1")
    expect(page).to_have_url(re.compile("/C1$"))
    page.keyboard.press("k")
    expect(page.locator("#reader-said")).to_be_empty()


# --- by key -----------------------------------------------------------------------------------------
def test_keys_turn_pages(read):
    page = read("B1")
    for key, label in [
        ("j", "B2"),
        ("ArrowDown", "B3"),
        ("ArrowRight", "B4"),
        ("k", "B3"),
        ("ArrowUp", "B2"),
        ("ArrowLeft", "B1"),
        ("End", "J1"),
        ("Home", "A1"),
        ("k", "A1"),
    ]:
        page.keyboard.press(key)
        expect(where(page).locator("strong")).to_have_text(label)
        drawn(page, label)
    before = page.evaluate("document.getElementById('main-content').scrollTop")
    page.keyboard.press("PageDown")
    assert page.evaluate("document.getElementById('main-content').scrollTop") > before + 300


@pytest.mark.parametrize("modifier", ["Control", "Alt", "Meta"])
def test_no_key_with_a_modifier(read, modifier):
    page = read("B1")
    page.keyboard.press(f"{modifier}+j")
    page.keyboard.press(f"{modifier}+r")
    expect(where(page)).to_contain_text("B1")


def test_every_key_is_listed_and_has_a_button(read):
    page = read("B1")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="All keys")
    expect(dialog).to_be_visible()
    for label in ("Next page", "Go to a page by its label", "Search this case", "Fit width", "Turn the view"):
        expect(dialog.get_by_text(label, exact=True)).to_be_visible()
    page.keyboard.press("j")
    expect(where(page)).to_contain_text("B1")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    # Keys that scroll as they do everywhere need no button, a box and the bar at a selection are buttons too.
    plain = ["screen-down", "screen-up", "first-page", "last-page", "go", "cite", "escape"]
    without = page.evaluate(
        """async (plain) => { const r = await (await import('/static/reader/seam.js')).reader;
             const ours = id => ['Pages', 'Find', 'View', 'Help'].includes(r.keys.commands.get(id).group);
             return [...r.keys.commands.keys()].filter(id => ours(id) &&
               !plain.includes(id) && !document.querySelector(`[data-command="${id}"]`)) }""",
        plain,
    )
    assert without == []


def test_keys_can_be_turned_off(read):
    page = read("B1")
    page.keyboard.press("?")
    page.get_by_label("Keys work").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(where(page)).to_contain_text("B1")
    page.keyboard.press("ArrowDown")
    expect(where(page)).to_contain_text("B2")


# --- zoom and turn ------------------------------------------------------------------------------------
def test_zoom_keeps_the_place_and_its_limits(read):
    page = read("B5")
    drawn(page, "B5")
    scale = page.locator("#reader-scale")
    page.keyboard.press("0")
    expect(scale).to_have_text("100 %")
    box = box_of(sheet(page, "B5").locator(".page__sheet"))
    # A point is a 72nd of an inch, a CSS pixel a 96th.
    assert abs(box["width"] - 595 * 96 / 72) < 1.5
    for _ in range(20):
        page.keyboard.press("+")
    expect(scale).to_have_text("400 %")
    expect(where(page)).to_contain_text("B5")
    for _ in range(20):
        page.keyboard.press("-")
    expect(scale).to_have_text("25 %")
    expect(where(page)).to_contain_text("B5")
    page.keyboard.press("w")
    expect(page.locator('[data-command="fit-width"]')).to_have_attribute("aria-pressed", "true")
    expect(where(page)).to_contain_text("B5")
    view = page.locator("#main-content").evaluate("v => v.clientWidth")
    box = box_of(sheet(page, "B5").locator(".page__sheet"))
    assert abs(box["width"] - (view - 32)) < 2
    page.keyboard.press("e")
    box = box_of(sheet(page, "B5"))
    assert box["height"] < 900 - 48
    page.reload()
    expect(page.locator('[data-command="fit-page"]')).to_have_attribute("aria-pressed", "true")


def test_turning_the_view_turns_page_words_and_hits(read):
    page = read("B5")
    words(page, "B5")
    sheet_up = box_of(sheet(page, "B5").locator(".page__sheet"))
    page.keyboard.press("r")
    expect(where(page)).to_contain_text("B5")
    turned = box_of(words(page, "B5").first)
    sheet_turned = box_of(sheet(page, "B5").locator(".page__sheet"))
    assert sheet_up["height"] > sheet_up["width"]
    assert sheet_turned["width"] > sheet_turned["height"]
    # The first word stood at the top left: turned clockwise it is at the top right, on its side.
    assert turned["x"] > sheet_turned["x"] + sheet_turned["width"] * 0.8
    assert turned["height"] > turned["width"]


# --- scrolling ----------------------------------------------------------------------------------------
def test_scrolling_shows_each_page_with_its_own_picture(read):
    page = read("A1")
    view = page.locator("#main-content")
    box = box_of(view)
    page.mouse.move(box["x"] + 200, box["y"] + 300)
    nodes = []
    for _ in range(40):
        page.mouse.wheel(0, 1700)
        page.wait_for_timeout(15)
        no_own_picture_is_wrong(page)
        nodes.append(page.evaluate("document.querySelectorAll('.page').length"))
    assert max(nodes) < 16
    expect(where(page)).to_contain_text("J1")
    drawn(page, "J1")
    expect(page).to_have_url(re.compile("/J1$"))
    no_own_picture_is_wrong(page)


def test_a_page_that_is_not_drawn_yet_shows_its_label(read, page):
    page.route(re.compile("/image"), lambda route: None)
    read("B3")
    expect(sheet(page, "B3").locator(".page__waiting")).to_be_in_viewport()
    expect(sheet(page, "B3").locator(".page__waiting")).to_have_text("B3")
    expect(sheet(page, "B3").locator("img")).to_have_count(0)


def test_a_picture_that_fails_can_be_asked_for_again(read, page):
    broken = True

    def answer(route):
        if broken:
            route.fulfill(status=503)
        else:
            route.continue_()

    page.route(re.compile("/image"), answer)
    read("B3")
    said = sheet(page, "B3").get_by_text("The picture of B3 could not be fetched.")
    expect(said).to_be_visible(timeout=10_000)
    broken = False
    sheet(page, "B3").get_by_role("button", name="Try again").click()
    drawn(page, "B3")
    expect(said).to_have_count(0)


def test_a_page_that_is_still_being_drawn_comes_by_itself(read, page):
    answers = iter([503, 429])

    def answer(route):
        if status := next(answers, 0):
            route.fulfill(status=status, headers={"Retry-After": "1"})
        else:
            route.continue_()

    page.route(re.compile("/image"), answer)
    read("B3")
    drawn(page, "B3")
    expect(sheet(page, "B3").locator(".page__failed")).to_have_count(0)


def test_a_page_that_cannot_be_drawn_says_so_and_is_not_asked_for_again(read, page):
    asked = []

    def answer(route):
        asked.append(route.request.url)
        route.fulfill(status=422, content_type="application/problem+json", body="{}")

    page.route(re.compile("/image"), answer)
    read("B3")
    frame = sheet(page, "B3")
    expect(frame.get_by_text("Page B3 could not be drawn.")).to_be_visible(timeout=10_000)
    expect(frame.get_by_role("button", name="Try again")).to_have_count(0)
    expect(frame.locator(".page__waiting")).to_have_text("B3")
    page.wait_for_timeout(1500)
    before = len(asked)
    page.wait_for_timeout(3000)
    assert len(asked) == before


def turned_pdf() -> bytes:
    """Three pages: A3 on its side, A4 turned by its author (/Rotate), and A4 of which only the middle is shown."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(["A3 on its side", "turned", "kept words"]))) as made:
        wide, turned, cut = made.pages
        wide.MediaBox = [0, 0, 1191, 842]
        turned.Rotate = 90
        # The words stand at 72, 770; what is left of them and above is not shown.
        cut.CropBox = [60, 500, 360, 800]
        made.save(out)
    return out.getvalue()


def test_pages_show_as_their_author_meant(read, cast, bundle):
    taken = intake.receive(viewer(cast.priya), bundle, "K", "turned.pdf", [turned_pdf()], serve=True)
    read_document(taken)
    page = read("K1")
    page.keyboard.press("0")
    shapes = {}
    for label in ("K1", "K2", "K3"):
        page.evaluate(
            "l => import('/static/reader/seam.js').then(async m => (await m.reader).goTo(l))", label
        )
        found = drawn(page, label)
        box = box_of(found.locator(".page__sheet"))
        shapes[label] = (round(box["width"] * 72 / 96), round(box["height"] * 72 / 96))
        drawn_ratio = found.locator("img").evaluate("i => i.naturalWidth / i.naturalHeight")
        assert drawn_ratio == pytest.approx(box["width"] / box["height"], rel=0.01)
    assert shapes == {"K1": (1191, 842), "K2": (842, 595), "K3": (300, 300)}
    # Cropped: the first word is near the left edge of what is shown. Turned: it is at the right, on its side.
    first, sheet_box = box_of(words(page, "K3").first), box_of(sheet(page, "K3").locator(".page__sheet"))
    assert first["x"] - sheet_box["x"] == pytest.approx(12 * 96 / 72, abs=3)
    page.evaluate("import('/static/reader/seam.js').then(async m => (await m.reader).goTo('K2'))")
    first, sheet_box = box_of(words(page, "K2").first), box_of(sheet(page, "K2").locator(".page__sheet"))
    assert first["x"] - sheet_box["x"] > sheet_box["width"] * 0.85


def test_a_hundred_thousand_pages(read, page):
    """More than a browser can make an element high: ends, middle and any label are reached all the same."""
    documents = [
        {
            "id": str(n),
            "title": f"Statement {n}",
            "date": None,
            "exhibit": "",
            "section": "B",
            "version": f"{n:032x}",
            "pages": 100,
            "runs": [[0, 100, "B", n * 100 + 1]],
            "sizes": [[100, 595, 842 if n % 3 else 1684]],
            "unread": False,
            "new": False,
        }
        for n in range(1000)
    ]
    sections = [{"letter": "B", "title": "Statements"}]
    manifest = {"numbering_version": 1, "sections": sections, "documents": documents}
    page.route(re.compile(r"pages\.json"), lambda route: route.fulfill(json=manifest))
    dot = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
    page.route(re.compile("/image"), lambda route: route.fulfill(body=dot, content_type="image/gif"))
    page.route(re.compile(r"/text$"), lambda route: route.fulfill(json={"text": "", "words": []}))
    read("B1")
    count = "document.getElementsByTagName('*').length"
    page.keyboard.press("End")
    drawn(page, "B100000")
    page.keyboard.press("k")
    drawn(page, "B99999")
    start = page.evaluate(count)
    for label in ("B50000", "B3", "B77777"):
        page.keyboard.press("g")
        page.keyboard.type(f"{label}\n")
        drawn(page, label)
        assert box_of(sheet(page, label))["y"] == pytest.approx(48, abs=2)
    view = page.locator("#main-content")
    assert view.evaluate("v => v.scrollHeight") <= 4_000_000
    # The bar stands for the whole: dragged to the middle it is at the middle, and then a step is a step.
    view.evaluate("v => { v.scrollTop = (v.scrollHeight - v.clientHeight) / 2 }")
    expect(where(page)).to_contain_text(re.compile(r"B(49|50)\d\d\d"))
    page.wait_for_timeout(300)
    before = where(page).locator("strong").text_content()
    page.keyboard.press("j")
    expect(where(page).locator("strong")).to_have_text(f"B{int(before[1:]) + 1}")
    for top in (0, 10**9):
        view.evaluate("(v, top) => { v.scrollTop = top }", top)
        expect(where(page).locator("strong")).to_have_text("B1" if top == 0 else "B100000")
        page.wait_for_timeout(300)  # as above: the bar is let go
    no_own_picture_is_wrong(page)
    assert page.evaluate(count) < start + 300


def test_a_staged_document_can_be_looked_through(page, live, cast, staged):
    draft = staged("B", "one", "two", title="Draft statement")
    live.login(page, cast.priya)
    page.goto(f"{live.url}/cases/{REFERENCE}/documents/{draft.pk}/2")
    expect(page.locator("html")).to_have_attribute("data-reader", "ready")
    expect(where(page)).to_contain_text("Draft statement")
    expect(where(page)).to_contain_text("2 of 2")
    page.keyboard.press("k")
    expect(where(page)).to_contain_text("1 of 2")
    expect(page).to_have_url(re.compile(r"/1$"))
    page.keyboard.press("g")
    page.keyboard.type("2\n")
    expect(where(page)).to_contain_text("2 of 2")


# --- back and forward ---------------------------------------------------------------------------------
def test_back_and_forward_follow_jumps_and_not_scrolling(read):
    page = read("A1")
    page.get_by_role("link", name=re.compile("Statement of John Smith")).click()
    expect(page).to_have_url(re.compile("/B1$"))
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile("/B2$"))
    page.keyboard.press("g")
    page.keyboard.type("j1\n")
    expect(page).to_have_url(re.compile("/J1$"))
    page.go_back()
    drawn(page, "B2")
    expect(page).to_have_url(re.compile("/B2$"))
    page.go_back()
    drawn(page, "A1")
    page.go_forward()
    drawn(page, "B2")
    page.reload()
    drawn(page, "B2")


# --- words ----------------------------------------------------------------------------------------------
def drag(page: Page, first: Locator, last: Locator) -> None:
    a, b = box_of(first), box_of(last)
    page.mouse.move(a["x"] + 1, a["y"] + a["height"] / 2)
    page.mouse.down()
    # Through the white between the lines and past the end of one, where selections go wild.
    page.mouse.move(a["x"] + 700, a["y"] + a["height"] * 1.4, steps=4)
    page.mouse.move(b["x"] + b["width"] - 1, b["y"] + b["height"] / 2, steps=4)
    page.mouse.up()


def test_selected_words_are_copied_in_reading_order(read):
    page = read("B2")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    found = words(page, "B2")
    drag(page, found.nth(0), found.nth(9))
    bar = page.get_by_role("toolbar", name="Selected words")
    expect(bar).to_be_visible()
    page.keyboard.press("Control+c")
    text = page.evaluate("navigator.clipboard.readText()")
    assert text == "The red van was seen at Headingley Lane.\nTwo men"
    bar.get_by_role("button", name="Copy with citation").click()
    cited = page.evaluate("navigator.clipboard.readText()")
    assert cited == ("“The red van was seen at Headingley Lane. Two men” B2, Statement of John Smith p. 2")
    expect(bar).to_be_hidden()


def test_a_citation_names_the_exhibit(read):
    page = read("J1")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    words(page, "J1").nth(1).dblclick()
    expect(page.get_by_role("toolbar", name="Selected words")).to_be_visible()
    page.keyboard.press("c")
    page.wait_for_function("navigator.clipboard.readText().then(t => t.includes('JS/1'))")
    assert page.evaluate("navigator.clipboard.readText()") == "“plan” J1, JS/1 p. 1"


def test_the_words_stand_over_their_picture(read):
    """The text layer is laid over the picture where the server says that the words are."""
    page = read("B2")
    found = words(page, "B2")
    box, own = box_of(sheet(page, "B2").locator(".page__sheet")), box_of(found.first)
    x0, y0, _x1, y1, word = page.evaluate(
        """async () => { const r = await (await import('/static/reader/seam.js')).reader;
             return r.frame(r.pageInView.id).layer.words[0] }"""
    )
    assert word == "The"
    assert abs(own["x"] - box["x"] - x0 * box["width"]) < 1
    assert abs(own["y"] - box["y"] - y0 * box["height"]) < 1
    assert abs(own["height"] - (y1 - y0) * box["height"]) < 1.5


def test_a_screen_reader_hears_page_and_words(read):
    page = read("B2")
    words(page, "B2")
    article = page.get_by_role("article", name=re.compile("^Page B2, Statement of John Smith, page 2 of 30"))
    expect(article).to_contain_text("The red van was seen at Headingley Lane.")
    page.keyboard.press("j")
    expect(page.locator("#reader-live")).to_have_text("Page B3, Statement of John Smith")


# --- the panes --------------------------------------------------------------------------------------------
def test_contents_mark_the_document_in_view(read):
    page = read("A1")
    contents = page.get_by_role("navigation", name="Contents")
    expect(contents.locator("[aria-current]")).to_contain_text("Indictment")
    page.keyboard.press("End")
    expect(contents.locator("[aria-current]")).to_contain_text("Plan")
    page.get_by_placeholder("Filter by title or exhibit").fill("js/1")
    expect(contents.get_by_role("link")).to_have_count(1)
    contents.get_by_role("link").click()
    expect(page).to_have_url(re.compile("/J1$"))


def test_a_document_is_read_once_it_stayed_in_view(read, cast):
    page = read("A1")
    row = page.get_by_role("link", name=re.compile("Indictment"))
    expect(page.get_by_role("link", name=re.compile("Plan"))).to_contain_text("not opened yet")
    expect(row).not_to_contain_text("not opened yet")
    daniel = viewer(cast.daniel).participant
    assert list(Opened.objects.values_list("participant", "document__title")) == [(daniel.pk, "Indictment")]


def test_panes_fold_and_stay_folded(read):
    page = read("A1")
    left = page.locator("#reader-left")
    expect(left).to_be_visible()
    page.keyboard.press("[")
    expect(left).to_be_hidden()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-reader", "ready")
    expect(left).to_be_hidden()
    page.get_by_role("button", name="Contents, thumbnails and search").first.click()
    expect(left).to_be_visible()


def test_thumbnails(read):
    page = read("B10")
    page.get_by_role("tab", name="Pages").click()
    thumbs = page.get_by_role("tabpanel", name="Pages")
    expect(thumbs.locator('[aria-current="page"]')).to_have_text("B10")
    thumb = thumbs.get_by_role("link", name="Page B12", exact=True)
    expect(thumb.locator("img")).to_be_visible()
    thumb.click()
    drawn(page, "B12")


# --- search -----------------------------------------------------------------------------------------------
def test_search_opens_at_the_marked_words(read):
    page = read("A1")
    page.keyboard.press("/")
    page.keyboard.type("sheet 21")
    hits = page.get_by_role("listbox", name="Pages found")
    expect(hits.get_by_role("option")).to_have_count(1)
    expect(hits.locator("mark").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(hits.get_by_role("option")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    drawn(page, "B21")
    mark = sheet(page, "B21").locator(".page__hit").first
    expect(mark).to_be_in_viewport()
    word = box_of(sheet(page, "B21").get_by_text("sheet", exact=False).last)
    box = box_of(mark)
    assert (box["x"], box["y"]) == (pytest.approx(word["x"], abs=3), pytest.approx(word["y"], abs=4))


def test_next_and_previous_hit(read):
    page = read("B1")
    page.keyboard.press("/")
    page.keyboard.type("plan OR indictment")
    expect(page.locator("#reader-hits").get_by_role("option")).to_have_count(2)
    page.locator("#main-content").focus()
    seen = []
    for key in ("n", "n", "n", "N"):
        before = page.url
        page.keyboard.press(key)
        expect(page).not_to_have_url(before)
        seen.append(page.url.rsplit("/", 1)[1])
    assert set(seen) == {"A1", "J1"}
    assert seen[0] == seen[2] != seen[1] == seen[3]


def test_an_address_with_a_query_marks_the_words(read):
    page = read("B21?q=sheet+21")
    drawn(page, "B21")
    expect(sheet(page, "B21").locator(".page__hit").first).to_be_in_viewport()
    expect(page.locator("#reader-search-box")).to_have_value("sheet 21")


# --- live -------------------------------------------------------------------------------------------------
def test_what_is_served_meanwhile_is_there_at_once(read, cast, staged):
    page = read("J1")
    drawn(page, "J1")
    late = staged("J", "A further exhibit", title="Further plan")
    serve(viewer(cast.priya), [late.pk])
    contents = page.get_by_role("navigation", name="Contents")
    expect(contents.get_by_role("link", name=re.compile("Further plan"))).to_be_visible(timeout=10_000)
    expect(where(page)).to_contain_text("J1")
    page.keyboard.press("j")
    drawn(page, "J2")


# --- on a phone and for everybody ---------------------------------------------------------------------------
def test_on_a_phone(read, complaints):
    page = read("B3", width=320, height=568)
    drawn(page, "B3")
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    box = box_of(sheet(page, "B3").locator(".page__sheet"))
    assert box["width"] >= 300
    bar = page.get_by_role("navigation", name="Reader")
    bar.get_by_role("button", name="Contents").click()
    pane = page.get_by_role("dialog", name="Contents, thumbnails and search")
    expect(pane).to_be_visible()
    assert page.evaluate("document.querySelector('#reader-left').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(pane).to_be_hidden()
    expect(bar.get_by_role("button", name="Contents")).to_be_focused()
    bar.get_by_role("button", name="Contents").click()
    pane.get_by_role("link", name=re.compile("Plan")).click()
    expect(pane).to_be_hidden()
    drawn(page, "J1")
    bar.get_by_role("button", name="Go to").click()
    page.keyboard.type("b4")
    page.get_by_role("button", name="Go", exact=True).click()
    drawn(page, "B4")
    assert complaints == []


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (768, 1024), (320, 568)])
def test_everybody_can_use_it(read, accessible, width, height):
    page = read("B3", width=width, height=height)
    words(page, "B3")
    accessible()
    page.keyboard.press("/")
    page.keyboard.type("van")
    expect(page.locator("#reader-hits").get_by_role("option").first).to_be_visible()
    accessible()
    page.keyboard.press("Escape")
    if width <= 640:
        page.get_by_role("navigation", name="Reader").get_by_role("button", name="Contents").click()
    page.get_by_role("tab", name="Pages").click()
    accessible()
    if width > 640:
        page.locator("#main-content").focus()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="All keys")).to_be_visible()
        accessible()


def test_without_scripts_the_page_is_there(browser, live, cast, bundle):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    live.login(page, cast.daniel)
    page.goto(f"{live.url}{BASE}/B3")
    picture = page.get_by_role("img", name="Page B3")
    expect(picture).to_be_visible()
    page.locator("#reader-go-box").fill("j1")
    page.locator("#reader-go-box").press("Enter")
    expect(page).to_have_url(re.compile("/J1$"))
    context.close()
