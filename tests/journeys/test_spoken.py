"""The reader as a screen reader has it: the browser's own accessibility tree, not the HTML."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.cases import test_permission_table as table
from tests.cast import REFERENCE
from tests.journeys.house import House

pytestmark = pytest.mark.django_db

world = table.world
LANDMARKS = {"banner", "main", "navigation", "complementary", "search", "region", "contentinfo", "form"}


@dataclass(frozen=True)
class Said:
    """A node of the tree as it is read out: what it is, what it is called, what is under it, in reading order."""

    role: str
    name: str
    level: int
    under: tuple[Said, ...]

    def all(self) -> list[Said]:
        return [self, *(one for child in self.under for one in child.all())]

    def text(self) -> str:
        parts = [one.name for one in self.all() if one.role == "StaticText"]
        return re.sub(r"\s+", " ", " ".join(parts)).strip()

    def find(self, role: str, name: str = "") -> list[Said]:
        return [one for one in self.all() if one.role == role and re.search(name, one.name)]


def tree(page: Page) -> Said:
    session = page.context.new_cdp_session(page)
    nodes: dict[str, Any] = {
        node["nodeId"]: node for node in session.send("Accessibility.getFullAXTree")["nodes"]
    }
    session.detach()

    def said(node: Any) -> list[Said]:
        under = [one for child in node.get("childIds", []) if child in nodes for one in said(nodes[child])]
        role = node.get("role", {}).get("value", "")
        # What is ignored is not read out; what is under it is, in its place.
        if node.get("ignored") or role in {"generic", "none", "InlineTextBox"}:
            return under
        level = next((p["value"]["value"] for p in node.get("properties", []) if p["name"] == "level"), 0)
        return [Said(role, node.get("name", {}).get("value", ""), int(level), tuple(under))]

    (root,) = said(next(iter(nodes.values())))
    return root


@pytest.fixture
def reader(page: Page, world: SimpleNamespace) -> House:
    page.set_viewport_size({"width": 1440, "height": 900})
    house = House(page, world)
    house.sit("daniel", "en-gb")
    house.show(f"/cases/{REFERENCE}/main/A1")
    expect(page.locator('.page[data-label="A2"] [data-word]').first).to_be_attached()
    return house


def test_the_words_of_the_pages_are_read_in_order(reader: House, page: Page) -> None:
    (main,) = tree(page).find("main")
    articles = main.find("article", "^Page ")
    assert [one.name.split(",")[0] for one in articles][:3] == ["Page A1", "Page A2", "Page A3"]
    assert "The red van." in articles[0].text()
    assert "A second page of the van." in articles[1].text()
    # Each page by itself, each word once.
    assert "second page" not in articles[0].text()
    assert main.text().count("The red van.") == 1
    # The picture under the words says nothing a second time.
    assert [one.name for one in main.find("image") if "red van" in one.name] == []


def test_a_turned_page_is_said_and_so_is_what_is_found(reader: House, page: Page) -> None:
    live = page.locator("#reader-live")
    assert live.get_attribute("aria-live") == "polite"
    page.keyboard.press("j")
    expect(live).to_have_text("Page A2, D")
    page.keyboard.press("/")
    page.keyboard.type("van")
    expect(page.locator("#reader-search-said")).to_have_text(re.compile(r"^\d+ pages"))
    page.keyboard.press("Enter")
    expect(live).to_have_text(re.compile(r"^Hit 1 of \d+, page \w+"))


def test_notes_are_reached_and_have_names(reader: House, page: Page) -> None:
    expect(page.locator(".note").first).to_be_visible()
    root = tree(page)
    (pane,) = root.find("complementary", "^Notes$")
    notes = pane.find("article")
    assert len(notes) >= 3
    for note in notes:
        assert re.search(r"by me|Daniel Okafor", note.name), note.name
        assert note.find("link") or note.find("button"), note.name
    # From the page to its notes and back.
    (main,) = root.find("main")
    assert main.find("button", "(?i)note"), [one.name for one in main.find("button")]


@pytest.mark.parametrize("language", ["en-gb", "cy"])
def test_landmarks_and_headings_tell_the_parts_apart(reader: House, page: Page, language: str) -> None:
    reader.sit("daniel", language)
    reader.show(f"/cases/{REFERENCE}/main/A1")
    root = tree(page)
    landmarks = [(one.role, one.name) for one in root.all() if one.role in LANDMARKS]
    twice = [one for one, times in Counter(landmarks).items() if times > 1]
    assert twice == []
    assert [role for role, _name in landmarks].count("main") == 1
    unnamed = [one for one in landmarks if not one[1] and one[0] not in {"banner", "contentinfo", "main"}]
    assert unnamed == []
    # The bar, the contents, the pages, the notes: as they stand on the screen.
    order = [role for role, _name in landmarks if role in {"banner", "complementary", "main"}]
    assert order == ["banner", "complementary", "main", "complementary"]
    headings = root.find("heading")
    assert [one.level for one in headings].count(1) == 1
    assert headings[0].name.startswith("A1") or any(one.level == 1 and "A1" in one.name for one in headings)
    nameless = [
        one
        for one in root.all()
        if one.role in {"button", "link", "textbox", "combobox", "tab"} and not one.name
    ]
    assert nameless == []
