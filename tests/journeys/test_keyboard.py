"""Each journey by keyboard alone: what has the focus is always seen, and nothing keeps it."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotations.models import Note
from casebundle.bundles.models import Document
from casebundle.cases.models import Participant
from tests.cases import test_permission_table as table
from tests.cast import REFERENCE
from tests.journeys.conftest import ROOT
from tests.journeys.house import House

pytestmark = pytest.mark.django_db

world = table.world
C = f"/cases/{REFERENCE}"
# What has the focus: its name as it is read out, whether it looks another way than without, and where it stands.
NOW = """() => {
  const it = document.activeElement;
  if (!it || it === document.body) return null;
  const by = it.getAttribute('aria-labelledby');
  const name = it.getAttribute('aria-label') || (by && document.getElementById(by)?.textContent) ||
    [...(it.labels ?? [])].map(label => label.textContent).join(' ') || it.textContent || it.value || it.placeholder;
  const box = (it.closest('.govuk-radios__item, .govuk-checkboxes__item') ?? it).getBoundingClientRect();
  return { name: name.trim().replace(/\\s+/g, ' '), seen: window.looking ? window.looking.seen(it) : true,
           inSight: box.bottom > 0 && box.top < innerHeight && box.width > 0 };
}"""


class Hands:
    """Somebody at a keyboard, without a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keys: list[str] = []

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keys.append(key)
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.keys.append(text)
        self.page.keyboard.type(text)

    def tab_to(self, name: str, back: bool = False, most: int = 80) -> None:
        """On with Tab until something of that name (a regular expression) has the focus."""
        if not self.page.evaluate("() => Boolean(window.looking)"):
            self.page.evaluate((ROOT / "tests/journeys/looking.js").read_text(encoding="utf-8"))
        met: list[str] = []
        for _i in range(most):
            self.press("Shift+Tab" if back else "Tab")
            now = self.page.evaluate(NOW)
            if now is None:
                continue
            assert now["seen"], f"the focus is not seen on {now['name']}"
            assert now["inSight"], f"what has the focus is out of sight: {now['name']}"
            if re.search(name, now["name"]):
                return
            met.append(now["name"])
            assert len(met) < 4 or len(set(met[-4:])) > 1, f"the focus is kept by {now['name']}"
        raise AssertionError(f"{name!r} is not reached by Tab: {met}")


@pytest.fixture
def house(page: Page, world: SimpleNamespace) -> House:
    page.set_viewport_size({"width": 1280, "height": 800})
    return House(page, world)


@pytest.fixture
def hands(page: Page) -> Hands:
    return Hands(page)


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", name=text, level=1)).to_be_visible()


def test_evidence_is_served(house: House, hands: Hands, page: Page) -> None:
    # Playwright begins to listen for it without waiting until the browser knows: long before the key, then.
    page.on("filechooser", lambda _chooser: None)
    house.sit("priya", "en-gb")
    house.show(f"{C}/serve/")
    hands.tab_to("Choose PDF files")
    with page.expect_file_chooser():
        hands.press("Enter")
    hands.tab_to("^Title$")
    hands.press("Control+a")
    hands.write("The grey van, again")
    with page.expect_response(re.compile(r"/serve/[0-9a-f-]{36}$")):
        hands.tab_to("^Date$", most=1)
    hands.tab_to("^Serve 1 document$")
    hands.press("Enter")
    heading(page, "Check before you serve")
    hands.tab_to("^Serve 1 document$")
    hands.press("Enter")
    heading(page, "Receipt of service")
    assert Document.objects.get(title="The grey van, again").state == "served"


def test_a_phrase_is_found_and_highlighted(house: House, hands: Hands, page: Page) -> None:
    house.sit("daniel", "en-gb")
    house.show(f"{C}/main/{house.world.names['l_open']}")
    notes = Note.objects.count()
    hands.keys.clear()
    hands.press("/")
    hands.write("second page")
    hands.press("Enter")
    expect(page.locator(".page__hit--now").first).to_be_visible()
    expect(page.locator('.page[data-label="A2"] [data-word]').first).to_be_attached()
    hands.press("s")
    expect(page.locator("#reader-live")).to_have_text("Selected: second page")
    expect(page.locator("#reader-selection")).to_be_visible()
    hands.press("h")
    expect(page.locator('.note-mark[data-state="saved"]')).to_have_count(1)
    assert len(hands.keys) <= 5, hands.keys
    assert Note.objects.count() == notes + 1
    assert Note.objects.latest("created_at").quote["exact"] == "second page"


def test_words_are_chosen_with_the_arrows(house: House, hands: Hands, page: Page) -> None:
    house.sit("daniel", "en-gb")
    house.show(f"{C}/main/A1")
    expect(page.locator('.page[data-label="A1"] [data-word]').first).to_be_attached()
    live = page.locator("#reader-live")
    hands.press("s")
    expect(live).to_have_text("Selected: The")
    hands.press("ArrowRight")
    expect(live).to_have_text("Selected: red")
    hands.press("Shift+ArrowRight")
    expect(live).to_have_text("Selected: red van.")
    # Beyond the last word there is nothing, and the page is not turned.
    hands.press("Shift+ArrowRight", "ArrowDown")
    expect(page.locator("#reader-where")).to_contain_text("A1")
    hands.press("Shift+Home")
    expect(live).to_have_text("Selected: The red van.")
    hands.press("Escape")
    expect(page.locator("#reader-selection")).to_be_hidden()
    hands.press("ArrowDown")
    expect(page.locator("#reader-where")).to_contain_text("A2")


def test_a_note_is_written_and_read(house: House, hands: Hands, page: Page) -> None:
    house.sit("daniel", "en-gb")
    house.show(f"{C}/main/A1")
    hands.press("m")
    expect(page.get_by_role("heading", name=re.compile("^New note on A1"))).to_be_visible()
    hands.write("Ask her about the van.")
    hands.tab_to("^Save for ")
    hands.press("Enter")
    note = page.locator(".note").filter(has_text="Ask her about the van.")
    expect(note).to_be_visible()
    # And back to the page, with nothing in between that keeps the focus.
    hands.tab_to("^Pages$|^Page A1", back=True)
    assert Note.objects.filter(body="Ask her about the van.").exists()


def test_somebody_is_invited(house: House, hands: Hands, page: Page) -> None:
    house.sit("tom", "en-gb")
    house.show(f"{C}/people/")
    hands.tab_to("^Invite somebody$")
    hands.press("Enter")
    heading(page, "Invite somebody")
    hands.tab_to("^Name")
    hands.write("Nia Rees")
    hands.tab_to("^Email address")
    hands.write("nia.rees@chambers.example")
    hands.tab_to("^Prosecution$")
    hands.press("ArrowDown")
    # What hangs on the answer comes next, and only then.
    hands.tab_to("^Marcus Bates$", most=2)
    hands.press("Space")
    hands.tab_to("^Send the invitation$")
    hands.press("Enter")
    heading(page, "People")
    found = Participant.objects.get(user__email="nia.rees@chambers.example")
    assert (found.role, found.slugs()) == ("defence", ["bates"])


def test_the_index_is_arranged_and_numbered(house: House, hands: Hands, page: Page) -> None:
    house.sit("tom", "en-gb")
    house.show(f"{C}/main/")
    hands.tab_to("^Arrange$")
    hands.press("Enter")
    expect(page.locator("[data-document]").first).to_be_visible()
    hands.tab_to("^↓ ?Move “")
    hands.tab_to("^Done$", back=True)
    hands.press("Enter")
    expect(page.locator("[data-document]")).to_have_count(0)
    hands.tab_to("^Page numbers$")
    hands.press("Enter")
    heading(page, "Page numbers")
    hands.tab_to("^Each section from 1")
    hands.press("ArrowDown")
    hands.tab_to("^Number it this way$")
    hands.press("Enter")
    heading(page, "Main bundle")
    assert house.world.cast.case.bundles.get(slug="main").profile == "continuous"


def test_the_papers_are_searched(house: House, hands: Hands, page: Page) -> None:
    house.sit("daniel", "en-gb")
    house.show(f"{C}/search/")
    assert page.evaluate(NOW)["name"].startswith("Words to look for")
    hands.write("van")
    hit = page.locator("a.cb-hit").first
    expect(hit).to_be_visible()
    hands.press("ArrowDown", "Enter")
    page.wait_for_url(re.compile(r"/main/\w+.*[?]q=van"))


def test_everything_in_the_reader_is_reached_and_left(house: House, hands: Hands, page: Page) -> None:
    """Tab goes from the bar over the panes to the page and the notes, and out at the end."""
    house.sit("daniel", "en-gb")
    house.show(f"{C}/main/A1")
    names: list[Any] = []
    for _i in range(80):
        hands.press("Tab")
        now = page.evaluate(NOW)
        if now is None:
            break
        assert now["seen"], f"the focus is not seen on {now['name']}"
        names.append(now["name"])
    assert now is None, f"no way out: {names[-5:]}"
    order = ["Skip to", "Go to$", "Search$", "Contents$", "Filter", "A1", "Pages?$|Page A1", "New note$"]
    found = [next((at for at, name in enumerate(names) if re.match(one, name)), -1) for one in order]
    assert -1 not in found, dict(zip(order, found, strict=True))
    assert found == sorted(found), dict(zip(order, found, strict=True))
