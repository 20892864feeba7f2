"""Browser stories: Debian's Chromium, and the checks that every page must pass."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from scripts import needs

ROOT = Path(__file__).resolve().parent.parent.parent

needs.prepare_playwright()
# Playwright's loop runs in this thread, so Django takes every call of the story itself for one from a coroutine.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.needs("chromium"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    quiet = [
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    return {
        **browser_type_launch_args,
        "executable_path": needs.find("chromium"),
        "args": ["--no-sandbox", "--disable-gpu", "--disable-quic", *quiet],
    }


@pytest.fixture
def accessible(page: Page) -> Callable[[], None]:
    """Call it on a page: fails with what axe-core finds against WCAG 2.2 A and AA."""
    source = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    run = """async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',
      'best-practice']})).violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 160)).join(' | '))"""

    def check() -> None:
        # Evaluated by the debugger, not by the page, so that the page's content security policy stays on.
        page.evaluate(source)
        assert page.evaluate(run) == []

    return check


@dataclass(frozen=True)
class Live:
    """The whole server, sockets too, over the test's own database."""

    url: str

    def login(self, page: Page, user: Any) -> None:
        """Sign `user` (or who has that e-mail address) in, in the browser of `page`."""
        from django.conf import settings
        from django.test import Client

        from casebundle.cases.models import User

        client = Client()
        client.force_login(User.objects.get(email=user) if isinstance(user, str) else user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.url}])


@pytest.fixture
def live(transactional_db: None) -> Iterator[Live]:
    """As people run it: HTTP and sockets on one port. Where no socket is needed, `live_server` is enough."""
    import uvicorn
    from channels.routing import ProtocolTypeRouter
    from django.conf import settings
    from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler

    from casebundle.asgi import http, routes

    application = ProtocolTypeRouter({"http": ASGIStaticFilesHandler(http), "websocket": routes})
    settings.ALLOWED_HOSTS = ["*"]
    config = uvicorn.Config(
        application, host="127.0.0.1", port=0, log_level="warning", lifespan="off", ws="websockets-sansio"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 20
    while not server.started:
        if not thread.is_alive() or time.monotonic() > end:
            raise RuntimeError("the server did not start")
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Live(f"http://127.0.0.1:{port}")
    server.should_exit = server.force_exit = True
    thread.join(10)
