"""A hearing, in as many browsers as there are people: opened, presented, followed, lost and found again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from tests.cast import REFERENCE, Cast, viewer

pytestmark = pytest.mark.django_db(transaction=True)

NewContext = Callable[..., BrowserContext]
ROOT_FOLDER = __file__.rsplit("/tests/", 1)[0]


def reading(page: Page, live: Any, label: str) -> None:
    page.goto(f"{live.url}/cases/{REFERENCE}/main/{label}")
    page.wait_for_function("document.documentElement.dataset.reader === 'ready'")


def at(page: Page, label: str) -> None:
    expect(page.locator(".reader-where__label")).to_have_text(label)


def bar(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.locator(".court-bar__words")).to_have_text(text)


def scale(page: Page) -> str:
    return page.locator("#reader-scale").inner_text()


def sound(page: Page) -> None:
    """No violation that axe-core finds, and nothing wider than the window."""
    with open(f"{ROOT_FOLDER}/node_modules/axe-core/axe.min.js", encoding="utf-8") as axe:  # noqa: PTH123
        page.evaluate(axe.read())
    found = page.evaluate(
        """async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',
          'best-practice']})).violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 160)).join(' | '))"""
    )
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


class Line:
    """The wire of a browser's sockets, which can be cut."""

    def __init__(self) -> None:
        self.whole = True
        self.carried: list[WebSocketRoute] = []

    def carry(self, socket: WebSocketRoute) -> None:
        if self.whole:
            socket.connect_to_server()
            self.carried.append(socket)
        else:
            socket.close()

    def cut(self) -> None:
        self.whole = False
        for socket in self.carried:
            socket.close()
        self.carried = []

    def mend(self) -> None:
        self.whole = True


@pytest.fixture
def enter(new_context: NewContext, live: Any, cast: Cast) -> Callable[..., Page]:
    """enter("priya", label="H1", width=1280) -> her browser, in the reader where a label is given."""

    def one(who: str = "", label: str = "", width: int = 1280, height: int = 800) -> Page:
        page = new_context(viewport={"width": width, "height": height}).new_page()
        page.set_default_timeout(20_000)
        if who:
            live.login(page, cast[who])
        if label:
            reading(page, live, label)
        return page

    return one


@pytest.fixture
def bundle(cast: Cast, served: Any) -> Any:
    served("H", *[f"Statement of Kim, page {n}." for n in range(1, 5)], title="Statement of Kim")
    served("H", *[f"Interview of Bates, page {n}." for n in range(1, 4)], title="Interview of Bates")
    return cast.case


@pytest.fixture
def sitting(bundle: Any, cast: Cast) -> Any:
    from casebundle.courtroom import services

    ruth = viewer(cast.ruth)
    hearing = services.open_hearing(ruth, "Trial, day 1")
    return services.give_floor(ruth, hearing, viewer(cast.priya).participant)


def test_a_day_in_court(enter: Callable[..., Page], live: Any, bundle: Any, cast: Cast):
    # The clerk opens the hearing: two presses from the case.
    tom = enter("tom")
    tom.goto(f"{live.url}/cases/{REFERENCE}/")
    tom.get_by_role("button", name="Open hearing").click()
    expect(tom).to_have_url(re.compile("/hearings/$"))
    sound(tom)
    tom.get_by_role("button", name="Open hearing").click()
    expect(tom.get_by_text("Nobody has the floor. Nothing is being shown.")).to_be_visible()
    tom.get_by_label("Where the screen is").fill("Jury screen")
    tom.get_by_role("button", name="Make a code").click()
    code = re.sub(r"[^A-Z0-9]", "", tom.locator(".cb-code").inner_text().replace("Code", ""))

    # The judge gives the floor in one press, on a page that stays where it is.
    ruth = enter("ruth")
    ruth.goto(tom.url.split("#")[0])
    give = ruth.get_by_role("button", name="Give the floor to Priya Shah")
    give.click()
    take = ruth.get_by_role("button", name="Take back the floor")
    expect(take).to_be_visible()
    expect(take).to_be_focused()
    expect(tom.get_by_text("Priya Shah has the floor. Nothing is being shown.")).to_be_visible()
    sound(ruth)

    # Everybody is somewhere; the screen's device has the code.
    reading(ruth, live, "H2")
    priya, daniel, mari = enter("priya", "H3"), enter("daniel", "H5"), enter("mari", "H1", 390, 780)
    jury = enter(width=1920, height=1080)
    jury.goto(f"{live.url}/screen/")
    jury.get_by_label("Code").fill(f"{code[:4].lower()} {code[4:].lower()}")
    jury.get_by_role("button", name="Start").click()
    expect(jury.locator("#nothing")).to_be_visible()
    sound(jury)
    bar(priya, "You have the floor. Press P to turn everybody to the page in view.")
    bar(daniel, "Priya Shah has the floor. Nothing is being shown.")
    at(daniel, "H5")
    daniel.keyboard.press("+")
    zoomed = scale(daniel)

    # One key turns everybody.
    priya.keyboard.press("p")
    for page in (daniel, mari, ruth, priya):
        at(page, "H3")
    bar(daniel, "Priya Shah is presenting H3. You are following.")
    assert scale(daniel) == zoomed
    expect(jury.locator("#label")).to_have_text("H3")
    expect(jury.locator("#image")).to_be_visible()
    bar(priya, "You are presenting. 3 people and 1 screen are at H3.")
    expect(priya.get_by_text("Notes are hidden while you present")).to_be_visible()
    for page in (priya, daniel, mari, jury):
        sound(page)

    # The pointer.
    priya.keyboard.press(".")
    sheet = priya.locator(".page--in-view .page__sheet").bounding_box()
    assert sheet is not None
    for step in range(4):
        priya.mouse.move(sheet["x"] + sheet["width"] * 0.5, sheet["y"] + 200 + step)
        priya.wait_for_timeout(60)
    expect(daniel.locator(".court-pointer")).to_be_visible()
    expect(jury.locator("#pointer")).to_be_visible()
    left = jury.locator("#pointer").evaluate("node => parseFloat(node.style.left)")
    assert abs(left - 50) < 2
    expect(daniel.locator(".court-pointer")).to_have_count(0, timeout=10_000)

    # Daniel looks elsewhere by scrolling away, and comes back with one key.
    daniel.keyboard.press("j")
    at(daniel, "H4")
    bar(daniel, "You are at H4; the court is at H3.")
    priya.keyboard.press("j")
    at(priya, "H4")
    bar(priya, re.compile(r"You are at H4; .* at H3\."))
    priya.keyboard.press("j")
    at(priya, "H5")
    priya.get_by_role("button", name="Turn everybody here").click()
    at(mari, "H5")
    bar(daniel, "You are at H4; the court is at H5.")
    at(daniel, "H4")
    daniel.keyboard.press("f")
    at(daniel, "H5")
    bar(daniel, "Priya Shah is presenting H5. You are following.")
    daniel.keyboard.press("f")
    bar(daniel, "The court is at H5 too. You are not following.")
    daniel.get_by_role("button", name="Return").click()
    bar(daniel, "Priya Shah is presenting H5. You are following.")

    # What the clerk sees of it.
    expect(tom.locator(".cb-now__label")).to_have_text("H5")
    expect(tom.locator(".cb-timeline__label")).to_have_text(["H5", "H3"])
    sound(tom)

    # The end: everybody is where they are, the screen is dark for good.
    tom.on("dialog", lambda dialog: dialog.accept())
    tom.get_by_role("button", name="Close the hearing").click()
    expect(jury.locator("#ended")).to_be_visible()
    expect(jury.locator("#image")).not_to_be_visible()
    for page in (priya, daniel, mari):
        expect(page.locator(".court-bar")).to_have_count(0)
    at(daniel, "H5")


def test_who_comes_late_or_was_cut_off_is_at_the_right_page(
    enter: Callable[..., Page], live: Any, sitting: Any, cast: Cast
):
    priya, daniel, line = enter("priya", "H2"), enter("daniel"), Line()
    daniel.route_web_socket(re.compile("/ws/cases/"), line.carry)
    reading(daniel, live, "H1")
    bar(priya, re.compile("You have the floor"))
    priya.keyboard.press("p")
    at(daniel, "H2")
    late = enter("mari", "H7")
    at(late, "H2")
    # Daniel's line is cut. He is told within seconds, reads on, and is at the right page when it comes back.
    line.cut()
    bar(daniel, re.compile("The connection to the court was lost"))
    priya.keyboard.press("j")
    at(priya, "H3")
    priya.keyboard.press("p")
    at(late, "H3")
    at(daniel, "H2")
    line.mend()
    at(daniel, "H3")
    bar(daniel, "Priya Shah is presenting H3. You are following.")


def test_a_page_that_is_not_for_somebody_leaves_their_screen_alone(
    enter: Callable[..., Page], live: Any, served: Any, sitting: Any, cast: Cast
):
    from casebundle.bundles import services
    from casebundle.bundles.models import Document

    priya, daniel, mari = enter("priya", "H2"), enter("daniel", "H1"), enter("mari", "H1")
    bar(priya, re.compile("You have the floor"))
    priya.keyboard.press("p")
    at(daniel, "H2")
    document = Document.objects.get(title="Statement of Kim")
    services.change_document(viewer(cast.priya), document, {"visible_to": ["doyle"]})
    bar(daniel, "A page is being shown that is not for you.")
    bar(mari, re.compile("Priya Shah .* H2"))  # she works in Welsh
    expect(daniel.get_by_text("Statement of Kim")).to_have_count(0)


def test_whoever_signs_out_elsewhere_is_out_here(
    enter: Callable[..., Page], live: Any, sitting: Any, cast: Cast
):
    from django.contrib.sessions.models import Session

    daniel = enter("daniel", "H1")
    bar(daniel, re.compile("Priya Shah has the floor"))
    Session.objects.all().delete()
    expect(daniel).to_have_url(re.compile("/accounts/login/"), timeout=40_000)


@pytest.mark.parametrize("width", [1440, 320])
def test_the_pages_of_a_hearing_fit(
    enter: Callable[..., Page], live: Any, sitting: Any, cast: Cast, width: int
):
    tom = enter("tom", width=width)
    for path in (
        f"/cases/{REFERENCE}/hearings/",
        f"/hearings/{sitting.pk}/",
        "/screen/",
        "/screen/?code=WRONG",
    ):
        tom.goto(live.url + path)
        sound(tom)
