"""Pictures of the screens from the demo case: `make screenshots [ARGS="--readme"]`.

Without arguments every screen for every role, wide, tablet and phone, English and Welsh, goes to screenshots/. With
--readme only the pictures of the README are made, in docs/pictures/. `--only WORD` takes screens whose name has it.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts import needs  # noqa: E402

needs.prepare_playwright()
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright  # noqa: E402

ARGS = [
    *["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
    *["--disable-component-update", "--disable-sync"],
]
SIZES = {"wide": (1440, 900), "tablet": (820, 1180), "phone": (320, 640)}
LANGUAGES = {"en": "en-gb", "cy": "cy"}
CASE = "T20267001"
PEOPLE = {
    "priya": "priya.shah@cps.example",
    "daniel": "daniel.okafor@chambers.example",
    "mari": "mari.llwyd@siambrau.example",
    "ruth": "ruth.adler@judiciary.example",
    "tom": "tom.price@court.example",
    "sam": "sam.weir@solicitors.example",
}
# Name of the screen, its address, whose it is worth seeing as.
SCREENS = [
    ("my-cases", "/", list(PEOPLE)),
    ("case", f"/cases/{CASE}/", ["priya", "daniel", "mari", "ruth", "tom"]),
    ("bundle", f"/cases/{CASE}/main/", ["priya", "daniel", "ruth", "tom"]),
    ("serve", f"/cases/{CASE}/serve/", ["priya", "daniel"]),
    ("reader", f"/cases/{CASE}/main/K3", ["priya", "daniel", "mari", "ruth"]),
    ("reader-table", f"/cases/{CASE}/main/J5", ["daniel"]),
    ("search", f"/cases/{CASE}/search/?q=van", ["daniel", "ruth"]),
    ("notes", f"/cases/{CASE}/notes/", ["priya", "daniel"]),
    ("hearings", f"/cases/{CASE}/hearings/", ["daniel", "ruth", "tom"]),
    ("journal", f"/cases/{CASE}/journal/", ["priya", "daniel", "tom"]),
    ("people", f"/cases/{CASE}/people/", ["daniel", "tom"]),
    ("account", "/account/", ["priya", "tom"]),
    ("new-case", "/new-case/", ["tom"]),
    ("not-found", "/cases/T20269999/", ["sam"]),
    ("screen-code", "/screen/", ["sam"]),
]
README = [
    ("my-cases", "daniel"),
    ("bundle", "ruth"),
    ("serve", "priya"),
    ("reader", "daniel"),
    ("search", "daniel"),
    ("journal", "tom"),
]


class Server:
    """`manage.py up` with the demo case, in a data folder of its own."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.data = ROOT / "var" / "screenshots"
        self.log = ROOT / "var" / "screenshots.log"
        self.data.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "CASEBUNDLE_DATA": str(self.data), "PORT": str(self.port)}
        with self.log.open("w") as out:
            command = [sys.executable, str(ROOT / "manage.py"), "up"]
            self.process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        for _i in range(600):
            if "is on http" in self.log.read_text():
                break
            if self.process.poll() is not None:
                raise SystemExit(self.log.read_text())
            time.sleep(0.5)
        found = re.search(r"password: (\S+)", self.log.read_text())
        assert found
        self.url, self.password = f"http://127.0.0.1:{self.port}", found[1]

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)


def signed_in(
    browser: Browser, server: Server, who: str, size: tuple[int, int], language: str
) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        base_url=server.url,
        locale="en-GB",
        reduced_motion="reduce",
    )
    context.add_cookies([{"name": "django_language", "value": LANGUAGES[language], "url": server.url}])
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", PEOPLE[who])
    page.fill("input[name=password]", server.password)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()
    page.close()
    return context


def take(page: Page, address: str, path: Path, full: bool) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    if page.locator("html[data-reader]").count() or "/main/" in address:
        page.wait_for_timeout(900)
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=full)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    server = Server()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=needs.find("chromium"), args=ARGS)
            if options.readme:
                for name, who in README:
                    address = next(row[1] for row in SCREENS if row[0] == name)
                    context = signed_in(browser, server, who, (1280, 800), "en")
                    take(context.new_page(), address, ROOT / "docs" / "pictures" / f"{name}.png", full=False)
                    context.close()
                return
            for size_name, size in SIZES.items():
                for language in LANGUAGES:
                    for who in PEOPLE:
                        rows = [row for row in SCREENS if who in row[2] and options.only in row[0]]
                        if not rows:
                            continue
                        context = signed_in(browser, server, who, size, language)
                        page = context.new_page()
                        for name, address, _people in rows:
                            picture = ROOT / "screenshots" / size_name / language / f"{name}-{who}.png"
                            take(page, address, picture, full="reader" not in name)
                            print(picture.relative_to(ROOT))
                        context.close()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
