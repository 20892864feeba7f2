"""Every page that there is, in a browser, in both languages: axe, 320 px and 400 %, forced colours, focus, cut text.

The pages are those of the permission table, which has every route, so that a new page cannot be forgotten: each as
those of the cast to whom it looks different, each form also as it is when it was sent empty, and each with all that
can be opened in it open.
"""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import Page

from tests.cases import test_permission_table as table
from tests.journeys.house import House
from tests.test_pages import LANGUAGES, PAGES, PARTS

pytestmark = pytest.mark.django_db

# The case with one of everything, as there.
world = table.world

# The clerk sees most, the prosecutor serves, the defender is kept from something, the judge presides.
ORDER = ["tom", "priya", "daniel", "ruth", "sam", None]
ADDRESSES = list(
    dict.fromkeys(
        [*PAGES, *(row[1] for row in table.ROWS if not row[1].startswith(f"{table.API}/"))],
    )
)
SENT = list(
    dict.fromkeys(
        [row[1] for row in table.ROWS if not row[1].startswith(f"{table.API}/")]
        + ["/accounts/login/", "/accounts/password/reset/", "/accounts/password/change/"]
    )
)
NARROW = {"width": 320, "height": 256}  # 1280 by 1024 at 400 %
TABLET = {"width": 768, "height": 1024}
WIDE = {"width": 1280, "height": 800}


def shape(html: str) -> frozenset[str]:
    """What a page is made of: two with the same parts need not both be walked."""
    return frozenset(re.findall(r'<(?:\w+)(?: (?:type|class|role)="[^"]*")*', html))


def html_of(response: Any) -> str:
    if response.status_code in {301, 302} or not response.get("Content-Type", "").startswith("text/html"):
        return ""
    return str(response.content.decode())


@pytest.fixture(scope="module")
def tour(world: SimpleNamespace, django_db_blocker: Any) -> list[tuple[str, str, str | None]]:
    """(method, address, who) of every page that looks like no other before it."""
    with django_db_blocker.unblock():
        house = House(None, world)
        seen: set[frozenset[str]] = set()
        found = []
        for address in ADDRESSES:
            if address in PARTS:
                continue
            for who in ORDER:
                for method in ("GET", "POST") if address in SENT else ("GET",):
                    looks = shape(html_of(answer(house, method, address, who, "en-gb")))
                    if looks and looks not in seen:
                        seen.add(looks)
                        found.append((method, address, who))
        return found


def answer(house: House, method: str, address: str, who: str | None, language: str) -> Any:
    """What comes back; a form is sent empty, and what it did is undone."""
    house.sit(who, language)
    kind = {"content-type": "application/x-www-form-urlencoded"}
    with transaction.atomic():
        response = house.ask(method, table.filled(address, house.world.names), headers=kind)
        transaction.set_rollback(True)
    return response


def settle(page: Page) -> None:
    """Wait until the navigation has folded itself for another width."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def problems_of(page: Page, full: bool) -> list[str]:
    """Whatever is wrong with the page that is open: wide, narrow and, with `full`, of its focus and forced colours."""

    def look(size: str, script: str) -> list[str]:
        return [f"{size}: {one}" for one in page.evaluate(f"async () => [{script}]")]

    found = look(
        "wide",
        "...await looking.axe(), ...looking.cut(), ...looking.outside(), ...looking.overlaps(), ...looking.listed()",
    )
    if full:
        # From here on the browser takes it for a keyboard's focus.
        page.keyboard.press("Tab")
        found += look("wide", "...looking.unseen(false), ...looking.moving()")
    page.set_viewport_size(TABLET)
    settle(page)
    found += look(
        "tablet", "...looking.outside(), ...looking.cut(), ...looking.overlaps(), ...looking.squeezed()"
    )
    page.set_viewport_size(NARROW)
    settle(page)
    found += look("narrow", "...looking.outside(), ...looking.cut(), ...looking.overlaps()")
    if full:
        page.emulate_media(forced_colors="active", reduced_motion="reduce")
        found += look("narrow", "...looking.unseen(true), ...looking.colourless()")
        page.emulate_media(forced_colors="none", reduced_motion="reduce")
    page.set_viewport_size(WIDE)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_for_everybody(
    page: Page, world: SimpleNamespace, tour: list[tuple[str, str, str | None]], language: str
) -> None:
    house = House(page, world)
    found: dict[str, list[str]] = {}
    for method, address, who in tour:
        house.show(table.filled(address, world.names), answer(house, method, address, who, language))
        # What has the focus and which colours there are is the same in both.
        wrong = problems_of(page, full=language == "en-gb")
        if page.evaluate("looking.open()"):
            more = page.evaluate("async () => [...await looking.axe(), ...looking.cut()]")
            wrong += [f"opened: {one}" for one in more]
        if wrong:
            found[f"{method} {address} as {who or 'nobody'}"] = wrong
    lines = [f"{what}\n    " + "\n    ".join(wrong) for what, wrong in found.items()]
    assert not found, f"{len(found)} of {len(tour)} pages:\n" + "\n".join(lines)
    assert len(tour) > 65
    assert house.complaints == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_for_when_something_is_wrong(page: Page, world: SimpleNamespace, language: str) -> None:
    """Those that no address gives: too much, too often, signed out, broken, being mended."""
    house = House(page, world)
    house.sit(None, language)
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    context = {
        "said": "Wait a minute.",
        "code": "search",
        "path": "/cases/",
        "typed": [("title", "What was typed.")],
    }
    found: dict[str, list[str]] = {}
    with translation.override(language):
        for status in (401, 413, 429, 500, 503):
            html = render_to_string(f"{status}.html", context, request)
            house.show("/", HttpResponse(html, status=status))
            wrong = problems_of(page, full=True)
            if wrong:
                found[f"{status}"] = wrong
            # What happened, and what to do now.
            assert page.locator("h1").count() == 1
            assert page.locator("main p").count() >= 2, status
            # Both languages, or the one of whoever asks.
            assert page.locator(f"html[lang^={language[:2]}], [lang=cy]").count() >= 1, status
    assert not found, found
