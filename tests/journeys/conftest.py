"""Browser stories: Debian's Chromium, and the checks that every page must pass."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

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
