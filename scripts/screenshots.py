"""Pictures of the screens from the demo case: `make screenshots [ARGS="--readme"]`.

Without arguments every screen for every role, wide, tablet and phone, English and Welsh, goes to screenshots/. With
--readme only the pictures of the README are made, in docs/pictures/. --only WORD takes screens whose name has it
(several words, separated by commas), --who, --size and --language one of each. --at URL --password WORD takes them
from a server that runs already, with the same data folder (CASEBUNDLE_DATA) as this command.

Beside the demo case there are two more: one in which nothing has happened yet, and one with everything that is hard
to fit: long names, names from right to left, files that were refused, a court that sits.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts import needs  # noqa: E402

needs.prepare_playwright()
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright  # noqa: E402

ARGS = [
    *["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
    *["--disable-component-update", "--disable-sync"],
]
SIZES = {"wide": (1280, 900), "tablet": (768, 1024), "phone": (360, 740)}
LANGUAGES = {"en": "en-gb", "cy": "cy"}
CASE = "T20267001"
EMPTY = "T20267098"
HARD = "T20267099"
PEOPLE = {
    "priya": "priya.shah@cps.example",
    "daniel": "daniel.okafor@chambers.example",
    "mari": "mari.llwyd@siambrau.example",
    "ruth": "ruth.adler@judiciary.example",
    "tom": "tom.price@court.example",
    "sam": "sam.weir@solicitors.example",
    "nobody": "",
}
README = [
    ("my-cases", "daniel"),
    ("bundle", "ruth"),
    ("serve", "priya"),
    ("reader", "daniel"),
    ("search", "daniel"),
    ("journal", "tom"),
]


# --- what is done on a screen before its picture is taken ---------------------------------------
def press(*keys: str) -> Callable[[Page], None]:
    def do(page: Page) -> None:
        for key in keys:
            page.keyboard.press(key)
            page.wait_for_timeout(150)
        page.wait_for_timeout(400)

    return do


def send(form: str = "main form[method=post] button[type=submit]") -> Callable[[Page], None]:
    """Send a form as it is: what is wrong with it is said."""

    def do(page: Page) -> None:
        page.locator(form).first.click()
        page.wait_for_load_state("networkidle")

    return do


def click(*found: str) -> Callable[[Page], None]:
    def do(page: Page) -> None:
        for one in found:
            locator = page.locator(one).first
            if locator.is_visible():
                locator.click()
            page.wait_for_timeout(400)

    return do


def look_for(words: str) -> Callable[[Page], None]:
    """Search in the reader."""

    def do(page: Page) -> None:
        page.keyboard.press("/")
        page.wait_for_timeout(200)
        page.keyboard.type(words)
        page.wait_for_timeout(900)

    return do


def choose_words(page: Page) -> None:
    """Select some words of the page in view."""
    page.evaluate(
        """() => {
          const there = [...document.querySelectorAll('.page [data-word]')].filter(w => {
            const box = w.getBoundingClientRect();
            return box.top > 150 && box.bottom < innerHeight - 150 && box.left > 0 && box.right < innerWidth; });
          if (there.length < 8) return;
          const range = document.createRange();
          range.setStart(there[2].firstChild ?? there[2], 0);
          range.setEndAfter(there[7]);
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }"""
    )
    page.wait_for_timeout(500)


@dataclass(frozen=True)
class Screen:
    name: str
    address: str
    people: str
    before: Callable[[Page], None] | None = None
    full: bool = True


def screens(ids: dict[str, str]) -> list[Screen]:
    """Every screen with whose it is worth seeing as; the states that a visit alone does not show come after it."""
    case, empty, hard = f"/cases/{CASE}", f"/cases/{EMPTY}", f"/cases/{HARD}"
    hearing, screen = f"/hearings/{ids['hearing']}/", f"/screen/{ids['code']}"
    document = f"/documents/{ids['document']}"
    return [
        Screen("sign-in", "/accounts/login/", "nobody"),
        Screen("sign-in-wrong", "/accounts/login/", "nobody", send()),
        Screen("password-forgotten", "/accounts/password/reset/", "nobody"),
        Screen("password-sent", "/accounts/password/reset/done/", "nobody"),
        Screen("password-key-wrong", "/accounts/password/reset/key/1-wrong/", "nobody"),
        Screen("invitation", f"/invitations/{ids['secret']}/", "nobody"),
        Screen("invitation-wrong", f"/invitations/{ids['secret']}/", "nobody", send()),
        Screen("invitation-account", f"/invitations/{ids['account_secret']}/", "nobody"),
        Screen("invitation-mine", f"/invitations/{ids['account_secret']}/", "sam"),
        Screen("invitation-anothers", f"/invitations/{ids['account_secret']}/", "priya"),
        Screen("invitation-over", "/invitations/wrong/", "nobody"),
        Screen("signup-closed", "/accounts/signup/", "nobody"),
        Screen("screen-code", "/screen/", "nobody"),
        Screen("screen-code-wrong", "/screen/WRONGCDE", "nobody"),
        Screen("screen", screen, "nobody", full=False),
        Screen("api", "/api/v1/docs", "nobody"),
        Screen("my-cases", "/", "priya daniel mari ruth tom sam"),
        Screen("my-cases-none-found", "/?q=zebra", "tom"),
        Screen("new-case", "/new-case/", "tom"),
        Screen("new-case-wrong", "/new-case/", "tom", send()),
        Screen("case", f"{case}/", "priya daniel mari ruth tom"),
        Screen("case-empty", f"{empty}/", "priya ruth tom"),
        Screen("case-hard", f"{hard}/", "priya daniel tom"),
        Screen("bundle", f"{case}/main/", "priya daniel ruth tom"),
        Screen("bundle-filtered", f"{case}/main/?show=new", "daniel"),
        Screen("bundle-none-found", f"{case}/main/?show=unread&q=zebra", "daniel"),
        Screen("bundle-empty", f"{empty}/main/", "priya tom"),
        Screen("bundle-hard", f"{hard}/main/", "priya daniel tom"),
        Screen("document-edit", f"{document}/edit/", "priya tom"),
        Screen("document-withdraw", f"{document}/withdraw/", "priya"),
        Screen("document-withdraw-wrong", f"{document}/withdraw/", "priya", send()),
        Screen("document-receipt", f"{document}/receipt/", "daniel"),
        Screen("numbers", f"{case}/bundles/main/numbers/", "tom"),
        Screen("freeze", f"{case}/bundles/main/freeze/", "tom"),
        Screen("sections", f"{case}/bundles/main/sections/", "tom"),
        Screen("section-new", f"{case}/bundles/main/sections/new/", "tom"),
        Screen(
            "section-new-wrong",
            f"{case}/bundles/main/sections/new/",
            "tom",
            send(),
        ),
        Screen("serve", f"{case}/serve/", "priya daniel"),
        Screen("serve-hard", f"{hard}/serve/", "priya"),
        Screen("serve-check", f"{hard}/serve/check", "priya"),
        Screen("serve-receipt", f"{hard}/serve/receipt/{ids['first']}-{ids['last']}/", "priya daniel"),
        Screen("reader", f"{case}/main/K3", "priya daniel mari ruth", full=False),
        Screen("reader-table", f"{case}/main/J5", "daniel", full=False),
        Screen("reader-thumbs", f"{case}/main/K3", "daniel", click("#reader-tab-thumbs"), full=False),
        Screen("reader-search", f"{case}/main/K3", "daniel", look_for("van"), full=False),
        Screen("reader-search-none", f"{case}/main/K3", "daniel", look_for("zebra"), full=False),
        Screen("reader-keys", f"{case}/main/K3", "daniel", press("?"), full=False),
        Screen("reader-selection", f"{case}/main/K3", "daniel", choose_words, full=False),
        Screen(
            "reader-note",
            f"{case}/main/K3",
            "daniel",
            lambda page: (choose_words(page), press("m")(page)),
            full=False,
        ),
        Screen("reader-view", f"{case}/main/K3", "daniel", click("#reader-view-button"), full=False),
        Screen("reader-contents", f"{case}/main/K3", "daniel", click("[data-sheet=contents]"), full=False),
        Screen("reader-notes", f"{case}/main/K3", "daniel", click("[data-sheet=right]"), full=False),
        Screen(
            "reader-audience",
            f"{case}/main/K3",
            "daniel",
            click("[data-sheet=right]", ".notes-next__change, [aria-controls=notes-audience]"),
            full=False,
        ),
        Screen("reader-empty", f"{empty}/main/read", "daniel"),
        Screen("reader-no-page", f"{case}/main/zz9", "daniel"),
        Screen("reader-following", f"{hard}/main/A1", "daniel ruth", press("f"), full=False),
        Screen("reader-presenting", f"{hard}/main/A1", "priya", press("p"), full=False),
        Screen("reader-hard", f"{hard}/main/A1", "priya", full=False),
        Screen("search-box", f"{case}/search/", "daniel"),
        Screen("search", f"{case}/search/?q=van", "daniel ruth"),
        Screen("search-none-found", f"{case}/search/?q=zebra", "daniel"),
        Screen("search-wrong", f"{case}/search/?q=van&from=yesterday", "daniel"),
        Screen("search-everywhere", "/search/?q=van", "daniel tom"),
        Screen("notes", f"{case}/notes/", "priya daniel"),
        Screen("notes-none-found", f"{case}/notes/?text=zebra", "daniel"),
        Screen("notes-empty", f"{empty}/notes/", "daniel ruth"),
        Screen("notes-hard", f"{hard}/notes/", "priya daniel"),
        Screen("hearings", f"{case}/hearings/", "daniel ruth tom"),
        Screen("hearings-empty", f"{empty}/hearings/", "daniel tom"),
        Screen("hearings-hard", f"{hard}/hearings/", "daniel tom"),
        Screen("hearing", hearing, "daniel ruth tom"),
        Screen("hearing-over", f"/hearings/{ids['over']}/", "daniel tom"),
        Screen("hearing-listed", f"/hearings/{ids['listed']}/", "daniel tom"),
        Screen("journal", f"{case}/journal/", "priya daniel tom"),
        Screen("journal-none-found", f"{case}/journal/?person=nobody&kind=hearing", "daniel"),
        Screen("journal-hard", f"{hard}/journal/", "tom"),
        Screen("people", f"{case}/people/", "daniel tom"),
        Screen("people-hard", f"{hard}/people/", "daniel tom"),
        Screen("person", f"{hard}/people/{ids['person']}/", "tom"),
        Screen("person-name", f"{hard}/people/{ids['person']}/name/", "tom"),
        Screen("person-remove", f"{hard}/people/{ids['person']}/remove/", "tom"),
        Screen("invite", f"{case}/people/invite/", "tom"),
        Screen("invite-defence", f"{case}/people/invite/", "tom", click("label[for=id_role_1]")),
        Screen("invite-wrong", f"{case}/people/invite/", "tom", send()),
        Screen("defendant", f"{case}/people/defendants/", "tom"),
        Screen("account", "/account/", "priya tom"),
        Screen("account-token", "/account/", "priya", click("details summary")),
        Screen(
            "account-token-wrong",
            "/account/",
            "priya",
            click("details summary", "details form button[type=submit]"),
        ),
        Screen("password-change", "/accounts/password/change/", "priya"),
        Screen("password-again", "/accounts/reauthenticate/", "priya"),
        Screen("password-change-wrong", "/accounts/password/change/", "priya", send()),
        Screen("sign-out", "/accounts/logout/", "priya"),
        Screen("not-found", "/cases/T20269999/", "sam"),
        Screen("not-allowed", "/new-case/", "sam"),
    ]


# --- what is on them -----------------------------------------------------------------------------
LONG = (
    "Statement of Detective Inspector Bartholomew Featherstonehaugh-Cholmondeley of the Regional Organised Crime Unit"
    " concerning the analysis of mobile telephone cell site data between 14 February and 3 September 2026"
)
ODD = "Disclosure_Schedule_MG6C_final_FINAL_(2)_amended-by-counsel_DO_NOT_SEND_v17_2026-09-03_signed_copy_scanned.pdf"


def set_up_scene() -> dict[str, str]:
    """The other two cases, made once in this data folder; ids of what is in them. Runs with Django set up."""
    import datetime
    import io

    from django.conf import settings
    from django.utils import timezone

    kept = settings.DATA_DIR / "scene.json"
    if kept.exists():
        return dict(json.loads(kept.read_text()))

    from reportlab.pdfgen.canvas import Canvas

    from annotations import services as notes
    from casebundle.bundles.models import Bundle, Document
    from casebundle.bundles.models import Page as Sheet
    from casebundle.bundles.services import create_case, serve
    from casebundle.cases import people
    from casebundle.cases.access import viewer_in
    from casebundle.cases.models import Case, Participant, User
    from casebundle.courtroom import services as court
    from casebundle.courtroom.models import Hearing
    from casebundle.evidence import intake
    from casebundle.evidence.process import process
    from search.indexing import index_due

    def pdf(*pages: str) -> bytes:
        out = io.BytesIO()
        canvas = Canvas(out, invariant=True)
        for text in pages:
            for at, line in enumerate(text.split("\n")):
                canvas.drawString(72, 770 - at * 16, line)
            canvas.showPage()
        canvas.save()
        return out.getvalue()

    users = {name: User.objects.get(email=email) for name, email in PEOPLE.items() if email}

    def new_case(reference: str, title: str, court: str, defendants: list[tuple[str, str]]) -> Case:
        case = create_case(users["tom"], reference, title, court, parties=defendants).case
        people.join(case, users["priya"], "prosecution", ["prosecution"])
        people.join(case, users["daniel"], "defence", [defendants[0][0]])
        people.join(case, users["ruth"], "judge", ["court"])
        return case

    new_case(EMPTY, "R v Price", "Crown Court at Mold", [("price", "Owen Price")])
    title = (
        "R v Featherstonehaugh-Cholmondeley, "
        "Al-Rashid, O’Shaughnessy and others (the Llanfairpwllgwyngyll conspiracy)"
    )
    case = new_case(
        HARD,
        title,
        "Crown Court at Merthyr Tydfil sitting at Cardiff",
        [
            ("rashid", "عبد الرحمن الراشد"),
            ("levi", "אברהם לוי (Avraham Levi)"),
            ("feather", "Bartholomew Featherstonehaugh-Cholmondeley"),
        ],
    )
    bundle = Bundle.objects.get(case=case, slug="main")
    clerk, priya = viewer_in(users["tom"], case_id=case.pk), viewer_in(users["priya"], case_id=case.pk)
    judge, daniel = viewer_in(users["ruth"], case_id=case.pk), viewer_in(users["daniel"], case_id=case.pk)
    arabic = User.objects.create_user("layla@chambers.example", name="ليلى الحداد KC")
    hebrew = User.objects.create_user(
        "yael.ben-avraham-of-the-north-eastern-circuit@longnamedchambers.example", name="יעל בן־אברהם"
    )
    people.join(case, arabic, "defence", ["rashid"])
    person = people.join(case, hebrew, "defence", ["levi", "feather"])
    invited = people.invite(clerk, "guest@university.example", "observer", ["court"])
    account = people.invite(clerk, users["sam"].email, "defence", ["rashid"])

    def take(section: str, name: str, data: bytes, **more: Any) -> Document:
        document = intake.receive(priya, bundle, section, name, [data], **more)
        process(document.versions.get().pk)
        return document

    text = (
        "I live at 14 Harrow Street, Leeds.\nAbout 10 pm I heard a crash from the yard.\n"
        "I saw two men by a white van."
    )
    served = [
        take("A", "indictment.pdf", pdf("The indictment\n" + text, "Counts 2 to 14"), title="Indictment"),
        take("H", "s.pdf", pdf(*[f"Page {n}\n{text}" for n in range(1, 10)]), title=LONG, date="2026-09-03"),
        take("J", ODD, pdf(text), title=ODD.removesuffix(".pdf"), exhibit="BFC/1047"),
        take("J", "arabic.pdf", pdf(text), title="إفادة الشاهد: ليلى الحداد (1)", exhibit="LH/1"),
        take("J", "hebrew.pdf", pdf(text), title="הצהרת העד – עמוד 3", exhibit="AL/2", visible_to=["levi"]),
        take("J", "plain.pdf", pdf(text), title="ŷ", date="2026-02-14"),
    ]
    serve(priya, [document.pk for document in served])
    entries = list(Document.objects.filter(case=case).values_list("served_entry", flat=True))
    take("J", ODD, pdf(text, text), title=LONG, exhibit="BFC/1048")
    take("H", "إفادة ثانية.pdf", pdf(text))
    take("H", "Letter to the court.docx", b"PK\x03\x04 a letter")
    take("H", "Empty.pdf", b"")
    index_due()
    sheet = Sheet.objects.select_related("version__document__section__bundle").get(
        version__document=served[0], index=0
    )
    notes.create(
        daniel, sheet, kind="highlight", body="", quote="I saw two men by a white van.", choice="party"
    )
    notes.create(
        viewer_in(arabic, case_id=case.pk),
        sheet,
        kind="note",
        body="هذا غير صحيح. See LH/1, page 1.",
        choice="case",
    )
    long_note = "Compare with the statement of DI Featherstonehaugh-Cholmondeley. " * 12
    notes.create(daniel, sheet, kind="note", body=long_note, choice="private", tags=["cross-examination"])
    hearing = court.open_hearing(judge, "Trial, day 1 of 40 (estimated): the prosecution opens its case")
    holder = Participant.objects.get(case=case, user=users["priya"])
    hearing = court.give_floor(judge, hearing, holder)
    hearing = court.turn(priya, hearing, sheet)
    screen = court.new_screen(clerk, hearing, "Jury, upper gallery and overflow court room number 14")
    court.new_screen(clerk, hearing, "Witness")
    listed = court.open_hearing(judge, "Sentence", timezone.now() + datetime.timedelta(days=30))
    demo = Document.objects.filter(case__reference=CASE, section__letter="K", state="served")
    ids = {
        "hearing": hearing.pk,
        "listed": listed.pk,
        "over": Hearing.objects.filter(case__reference=CASE).first().pk,  # type: ignore[union-attr]
        "code": screen.code,
        "secret": people.new_invitation(invited),
        "account_secret": people.new_invitation(account),
        "person": person.pk,
        "document": demo.order_by("position").first().pk,  # type: ignore[union-attr]
        "first": min(entry for entry in entries if entry),
        "last": max(entry for entry in entries if entry),
    }
    kept.write_text(json.dumps({name: str(value) for name, value in ids.items()}))
    return dict(json.loads(kept.read_text()))


# --- the server, and people at it ------------------------------------------------------------------
class Server:
    """`manage.py up` with the demo case, in a data folder of its own, or one that runs already."""

    def __init__(self, url: str = "", password: str = "") -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.environment = dict(os.environ)
        if url:
            self.url, self.password = url, password
            return
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        data, log = ROOT / "var" / "screenshots", ROOT / "var" / "screenshots.log"
        data.mkdir(parents=True, exist_ok=True)
        self.environment |= {"CASEBUNDLE_DATA": str(data), "PORT": str(port)}
        with log.open("w") as out:
            command = [sys.executable, str(ROOT / "manage.py"), "up"]
            self.process = subprocess.Popen(command, env=self.environment, stdout=out, stderr=out)
        for _i in range(600):
            if "is on http" in log.read_text():
                break
            if self.process.poll() is not None:
                raise SystemExit(log.read_text())
            time.sleep(0.5)
        found = re.search(r"password: (\S+)", log.read_text())
        assert found
        self.url, self.password = f"http://127.0.0.1:{port}", found[1]

    def scene(self) -> dict[str, str]:
        code = "import json; from scripts.screenshots import set_up_scene; print(json.dumps(set_up_scene()))"
        command = [sys.executable, str(ROOT / "manage.py"), "shell", "-v", "0", "-c", code]
        out = subprocess.run(command, env=self.environment, cwd=ROOT, stdout=subprocess.PIPE, check=True)
        return dict(json.loads(out.stdout.decode().strip().splitlines()[-1]))

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(20)


class Seats:
    """A context for each person, signed in once: who signs in again and again is held up."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.browser, self.server = browser, server
        self.sessions: dict[str, list[Any]] = {}

    def take(self, who: str, size: tuple[int, int], language: str) -> BrowserContext:
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            base_url=self.server.url,
            locale="en-GB",
            reduced_motion="reduce",
        )
        spoken = {"name": "django_language", "value": LANGUAGES[language], "url": self.server.url}
        if PEOPLE[who] and who not in self.sessions:
            page = context.new_page()
            page.goto("/accounts/login/")
            page.fill("input[name=login]", PEOPLE[who])
            page.fill("input[name=password]", self.server.password)
            page.press("input[name=password]", "Enter")
            page.wait_for_load_state("networkidle")
            if "/accounts/login/" in page.url:
                raise SystemExit(f"{PEOPLE[who]} cannot sign in with that password.")
            page.close()
            self.sessions[who] = [one for one in context.cookies() if one["name"] != "django_language"]
        context.add_cookies([*self.sessions.get(who, []), spoken])
        return context


def take(page: Page, screen: Screen, path: Path) -> None:
    page.goto(screen.address)
    page.wait_for_load_state("networkidle")
    if page.locator("html[data-reader]").count():
        page.wait_for_timeout(900)
    if screen.before:
        screen.before(page)
    path.parent.mkdir(parents=True, exist_ok=True)
    if screen.full and page.locator(".cb-serve-bar").count():
        # What sticks to the foot of the window stands in its own place at the end of the page.
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.screenshot(path=path, full_page=screen.full)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--who", default="")
    parser.add_argument("--size", default="")
    parser.add_argument("--language", default="")
    parser.add_argument("--at", default="", metavar="URL")
    parser.add_argument("--password", default="")
    options = parser.parse_args()
    words = options.only.split(",")
    server = Server(options.at, options.password)
    try:
        rows = screens(server.scene())
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=needs.find("chromium"), args=ARGS)
            seats = Seats(browser, server)
            if options.readme:
                for name, who in README:
                    screen = next(row for row in rows if row.name == name)
                    context = seats.take(who, (1280, 800), "en")
                    path = ROOT / "docs" / "pictures" / f"{name}.png"
                    take(context.new_page(), Screen(name, screen.address, who, full=False), path)
                    context.close()
                return
            for size_name, size in SIZES.items():
                for language in LANGUAGES:
                    for who in PEOPLE:
                        wanted = [
                            row
                            for row in rows
                            if who in row.people.split()
                            and any(word in row.name for word in words)
                            and options.who in ("", who)
                            and options.size in ("", size_name)
                            and options.language in ("", language)
                        ]
                        if not wanted:
                            continue
                        context = seats.take(who, size, language)
                        page = context.new_page()
                        for screen in wanted:
                            picture = ROOT / "screenshots" / size_name / language / f"{screen.name}-{who}.png"
                            take(page, screen, picture)
                            print(picture.relative_to(ROOT), flush=True)
                        context.close()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
