"""The frame of every page, in a browser: wide and at 320 px, with the keyboard, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from casebundle.cases import people
from tests.cast import Cast, viewer
from tests.journeys.test_keyboard import Hands

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = ["/accounts/login/", "/accounts/password/reset/", "/accounts/signup/", "/no/such/page/"]


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser's console complained of: a refused script or style says so here."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "console",
        lambda message: found.append(message.text) if message.type in {"error", "warning"} else None,
    )
    return found


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_and_is_accessible(
    page: Page,
    live_server: LiveServer,
    complaints: list[str],
    accessible: Callable[[], None],
    path: str,
    width: int,
):
    page.set_viewport_size({"width": width, "height": 640})
    page.goto(live_server.url + path)
    expect(page.locator("body")).to_have_class(re.compile(r"\bgovuk-frontend-supported\b"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    accessible()
    assert [text for text in complaints if "404" not in text] == []


def test_errors_take_the_focus_and_lead_to_their_field(page: Page, live_server: LiveServer):
    page.goto(live_server.url + "/accounts/login/")
    page.get_by_role("button", name="Sign in").click()
    summary = page.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    expect(page).to_have_title("Error: Sign in – casebundle")
    summary.get_by_role("link", name="Password").click()
    expect(page.get_by_label("Password", exact=True)).to_be_focused()


def test_the_language_changes_on_the_same_page(page: Page, live_server: LiveServer):
    page.goto(live_server.url + "/accounts/password/reset/")
    page.get_by_role("button", name="Cymraeg").click()
    expect(page.locator("html")).to_have_attribute("lang", "cy")
    assert page.url == live_server.url + "/accounts/password/reset/"
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en-GB")


def test_the_keyboard_reaches_the_content_first(page: Page, live_server: LiveServer):
    page.goto(live_server.url + "/accounts/login/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Email")).to_be_focused()


def test_an_invitation_is_accepted_by_keyboard(page: Page, live_server: LiveServer, cast: Cast):
    """On a real server: what the browser says of where a form comes from is checked there."""
    participant = people.invite(
        viewer(cast.tom), "nia.rees@chambers.example", "defence", ["bates"], "Nia Rees"
    )
    page.goto(f"{live_server.url}/invitations/{people.new_invitation(participant)}/")
    hands = Hands(page)
    hands.tab_to("^Choose a password")
    hands.write("a long and private phrase 7")
    hands.tab_to("again")
    hands.write("a long and private phrase 7")
    hands.press("Enter")
    expect(page.get_by_role("heading", name="R v Bates and Doyle", level=1)).to_be_visible()
    # The first thing that Tab reaches is the way past the navigation.
    hands.tab_to("^Skip to main content$", most=1)
    hands.press("Enter", "Tab")
    assert page.evaluate("() => document.querySelector('main').contains(document.activeElement)")
