"""The server goes away under somebody who reads: they are told, what they wrote stays, and it comes back by itself."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.cast import REFERENCE, Cast, Served

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_reader_says_that_the_connection_is_lost_and_keeps_what_was_written(
    live: Any, cast: Cast, served: Served, page: Page
) -> None:
    served("J", "The stock of the shop.", "More of it.")
    live.login(page, cast.priya)
    away = {"now": False}
    lines: list[WebSocketRoute] = []

    def line(route: WebSocketRoute) -> None:
        if away["now"]:
            route.close()
            return
        route.connect_to_server()
        lines.append(route)

    page.route_web_socket("**/ws/**", line)
    page.goto(f"{live.url}/cases/{REFERENCE}/main/J1")
    expect(page.locator("html")).to_have_attribute("data-notes", "ready")
    page.get_by_role("button", name="New note").click()
    page.keyboard.type("An hour of thought")

    away["now"] = True
    page.route("**/api/v1/**", lambda route: route.abort())
    for one in lines:
        one.close()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Not saved. What you wrote is still here.")).to_be_visible()
    expect(page.get_by_text("The connection is lost and comes back by itself.")).to_be_visible(timeout=15_000)

    away["now"] = False
    page.unroute("**/api/v1/**")
    expect(page.get_by_text("The connection is lost")).to_have_count(0, timeout=20_000)
    expect(page.get_by_text("Not saved. What you wrote is still here.")).to_have_count(0, timeout=20_000)
    expect(page.get_by_text("An hour of thought")).to_be_visible()
