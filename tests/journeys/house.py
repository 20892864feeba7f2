"""The pages of a test's own world in a browser, without a server: what the browser asks for is answered by this very
thread, out of the transaction of the test. So one world is made once and every page of it can be walked.
"""

from __future__ import annotations

import contextvars
import json
import mimetypes
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils.html import escape
from playwright.sync_api import Page, Route

from tests.journeys.conftest import ROOT

HOST = "http://localhost"
NO_COURT = {
    "type": "state",
    "seq": 0,
    "hearing": None,
    "presenter": None,
    "page": None,
    "label": None,
    "view": None,
    "present": [],
}
LOOKING = (ROOT / "tests" / "journeys" / "looking.js").read_text(encoding="utf-8")
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@cache
def _file(path: str) -> bytes:
    found = finders.find(path)
    if not isinstance(found, str):
        raise FileNotFoundError(path)
    return Path(found).read_bytes()


class House:
    """Somebody of the cast at a browser, in a language. `complaints` is what the browser says is wrong."""

    def __init__(self, page: Page | None, world: SimpleNamespace) -> None:
        self.world = world
        self.client = Client()
        self.clients: dict[tuple[str | None, str], Client] = {}
        self.context = contextvars.copy_context()
        self.prepared: tuple[str, Any] | None = None
        self.complaints: list[str] = []
        if page is None:
            return
        self.page = page
        page.set_default_timeout(10_000)
        page.emulate_media(reduced_motion="reduce")
        page.route("**/*", self._answer)
        # A line that is there, and on which nothing happens.
        page.route_web_socket("**/*", lambda socket: socket.send(json.dumps(NO_COURT)))
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", self._said)

    def sit(self, who: str | None, language: str) -> None:
        """From now on it is `who` (None: nobody), in `language`."""
        if (who, language) not in self.clients:
            client = Client(SERVER_NAME="localhost")
            # One handler for all of them: each of its own would load every middleware again.
            client.handler = self.client.handler
            client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
            if who:
                user = self.world.cast[who]
                client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            self.clients[who, language] = client
        self.client = self.clients[who, language]

    def _said(self, said: Any) -> None:
        if said.type in {"error", "warning"} and "Failed to load resource" not in said.text:
            self.complaints.append(f"{self.page.url}: {said.text}")

    def _answer(self, route: Route) -> None:
        request = route.request
        parts = urlsplit(request.url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        if parts.path.startswith(settings.STATIC_URL):
            name = parts.path.removeprefix(settings.STATIC_URL)
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            route.fulfill(body=_file(name), content_type=kind, headers={"Cache-Control": "max-age=3600"})
            return
        if self.prepared and self.prepared[0] == path and request.is_navigation_request():
            response = self.prepared[1]
        else:
            # Playwright calls from another context, in which the test's database connection would be another one.
            asked = (request.method, path, request.post_data_buffer, request.headers)
            response = self.context.copy().run(self.ask, *asked)
            if response.status_code in {301, 302, 303}:
                # A browser that is answered here does not ask here for where it is sent on to.
                on = f'<meta http-equiv="refresh" content="0; url={escape(response["Location"])}">'
                route.fulfill(body=on, content_type="text/html; charset=utf-8")
                return
        body = b"".join(response.streaming_content) if response.streaming else response.content
        headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
        route.fulfill(status=response.status_code, headers=headers, body=body)

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Any:
        headers = headers or {}
        kept = {
            name: value
            for name, value in headers.items()
            if name in ("accept", "x-csrftoken", "x-requested-with") or name.startswith("hx-")
        }
        kind = headers.get("content-type", "application/octet-stream")
        return self.client.generic(method, path, body or b"", content_type=kind, headers=kept)

    def show(self, path: str, response: Any = None) -> None:
        """Go there; with `response`, see that (the answer to something that was sent there)."""
        self.prepared = (path, response) if response is not None else None
        self.page.goto(HOST + path, wait_until="load")
        self.prepared = None
        if self.page.locator("html[data-reader]").count():
            self.page.locator("html[data-notes=ready]").wait_for()
        # Evaluated by the debugger, not by the page, so that the page's content security policy stays on.
        self.page.evaluate(AXE)
        self.page.evaluate(LOOKING)
