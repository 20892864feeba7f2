"""Whole stories, each from the first page to the last: serving, finding, presenting, being kept out, in Welsh."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pikepdf
import pytest
from playwright.sync_api import Browser, Locator, Page, Response, expect

from annotations import services as notes
from annotations.models import Note
from casebundle.bundles.labels import Labels
from casebundle.bundles.models import Document
from casebundle.bundles.models import Page as Sheet
from casebundle.cases import people
from casebundle.cases.models import User
from casebundle.courtroom import services as court
from casebundle.journal.models import Entry
from tests.cast import REFERENCE, Cast, pdf, viewer
from tests.journeys import test_serving as serving
from tests.journeys.conftest import ROOT, Live
from tests.test_pages import left_in_english

pytestmark = pytest.mark.django_db(transaction=True)

# Reads what is uploaded, beside the server.
worker = serving.worker

C = f"/cases/{REFERENCE}"
AXE = """async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',
  'best-practice']})).violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 160)).join(' | '))"""


class Seat:
    """Somebody at a browser of their own: what they do is counted, what the browser complains of is kept."""

    def __init__(self, browser: Browser, url: str, **more: Any) -> None:
        self.context = browser.new_context(viewport={"width": 1440, "height": 900}, **more)
        self.page: Page = self.context.new_page()
        self.url = url
        self.complaints: list[str] = []
        self.answers: list[Response] = []
        self.acts: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("console", self._said)
        self.page.on("response", self._answered)

    def _answered(self, answer: Response) -> None:
        self.answers.append(answer)

    def _said(self, said: Any) -> None:
        if said.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {said.text}")

    def open(self, path: str) -> Response:
        """Begin here: what is done is counted from now on."""
        answer = self.page.goto(self.url + path)
        assert answer is not None
        self.acts.clear()
        return answer

    # --- what hands do, each of them one action ---
    def press(self, key: str) -> None:
        self.acts.append(f"press {key}")
        self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.acts.append(f"write {text}")
        self.page.keyboard.type(text)

    def click(self, found: Locator) -> None:
        self.acts.append(f"click {found}")
        found.click()

    def choose(self, found: Locator, value: str) -> None:
        self.acts.append(f"choose {value}")
        found.select_option(value)

    def drag(self, first: str, last: str, label: str) -> None:
        """From the beginning of one word to the end of a later one."""
        self.acts.append(f"drag {first} to {last}")
        sheet = self.page.locator(f'.page[data-label="{label}"]')
        expect(sheet.locator("[data-word]").first).to_be_attached()
        x0, y0, x1, y1 = sheet.evaluate(
            """(sheet, [first, last]) => {
              const words = [...sheet.querySelectorAll('[data-word]')];
              const at = words.findIndex(word => word.textContent.trim() === first);
              const end = words.findIndex((word, i) => i >= at && word.textContent.trim() === last);
              const [a, b] = [words[at].getBoundingClientRect(), words[end].getBoundingClientRect()];
              return [a.left + 1, a.top + a.height / 2, b.right - 4, b.top + b.height / 2];
            }""",
            [first, last],
        )
        self.page.mouse.move(x0, y0)
        self.page.mouse.down()
        self.page.mouse.move((x0 + x1) / 2, (y0 + y1) / 2)
        self.page.mouse.move(x1, y1)
        self.page.mouse.up()

    # --- what is looked at ---
    def accessible(self, narrow: bool = False) -> None:
        """What axe-core finds on this page: nothing. With `narrow` also at 320 px, where nothing sticks out."""
        # Evaluated by the debugger, not by the page, so that the page's content security policy stays on.
        self.page.evaluate((ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
        assert self.page.evaluate(AXE) == [], self.page.url
        if narrow:
            self.page.set_viewport_size({"width": 320, "height": 700})
            assert self.page.evaluate("document.documentElement.scrollWidth") <= 320, self.page.url
            assert self.page.evaluate(AXE) == [], f"{self.page.url} at 320 px"
            self.page.set_viewport_size({"width": 1440, "height": 900})

    def read(self, label: str, bundle: str = "main") -> None:
        """The reader, ready, at a label."""
        self.open(f"{C}/{bundle}/{label}")
        self.ready()

    def ready(self) -> None:
        expect(self.page.locator("html")).to_have_attribute("data-reader", "ready")
        expect(self.page.locator("html")).to_have_attribute("data-notes", "ready")
        expect(self.page.locator("body")).not_to_have_class(re.compile("notes-waiting"))

    def shown(self, label: str) -> Locator:
        """The page with its picture, in the window."""
        return self.page.locator(f'.page[data-label="{label}"][data-shown]')


Sit = Callable[..., Seat]


@pytest.fixture
def sit(browser: Browser, live: Live, cast: Cast) -> Iterator[Sit]:
    """sit("daniel") -> his seat, signed in; sit() -> a browser in which nobody is. None may have complained."""
    seats: list[Seat] = []

    def take(who: str | User | None = None, **more: Any) -> Seat:
        seat = Seat(browser, live.url, **more)
        seats.append(seat)
        if who:
            live.login(seat.page, cast[who] if isinstance(who, str) else who)
        return seat

    yield take
    complaints = [one for seat in seats for one in seat.complaints]
    for seat in seats:
        seat.context.close()
    assert complaints == []


STATEMENT = """I live at 14 Harrow Street, Leeds.
On Thursday at about 10 pm I heard a crash from the yard.
I looked out and saw two men by a white van.
The taller man wore a dark jacket. I would not know Bates again."""


# --- the prosecutor serves twenty files -------------------------------------------------------------
def locked() -> bytes:
    """A PDF that asks for a password."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(["Not to be read."]))) as file:
        file.save(out, encryption=pikepdf.Encryption(owner="owner", user="secret", R=6))
    return out.getvalue()


def test_the_prosecutor_serves_twenty_files(sit: Sit, worker: None) -> None:
    priya = sit("priya")
    page = priya.page
    files = [
        {"name": f"Exhibit JS-{n}.pdf", "mimeType": "application/pdf", "buffer": pdf([f"Photograph {n}."])}
        for n in range(1, 21)
    ]
    bad = [
        {"name": "Letter.docx", "mimeType": "application/x", "buffer": b"PK\x03\x04 a letter"},
        {"name": "Locked.pdf", "mimeType": "application/pdf", "buffer": locked()},
    ]
    held: list[Any] = []
    let_go = False

    def hold(route: Any) -> None:
        if let_go:
            route.continue_()
        else:
            held.append(route)

    page.route("**/serve/upload", hold)
    priya.open(f"{C}/serve/")
    priya.accessible(narrow=True)

    priya.choose(page.get_by_label("Section", exact=True).first, "main/J")
    priya.acts.append("pick 22 files")
    page.locator("#upload input[type=file]").set_input_files([*files, *bad])
    # A row for each of them at once, before a single one has arrived.
    rows = page.locator("#row-list > tr")
    expect(rows).to_have_count(22, timeout=2000)
    assert not Document.objects.exists()
    expect(rows.filter(has_text="Locked.pdf")).to_contain_text(re.compile("waiting|uploading", re.I))
    let_go = True
    for route in held:
        route.continue_()
    expect(page.locator("#summary")).to_have_text("20 ready, 2 refused", timeout=60_000)
    expect(rows.filter(has_text="Letter.docx")).to_contain_text("This is not a PDF")
    expect(rows.filter(has_text="Locked.pdf")).to_contain_text("protected by a password")

    # Title, then on with Tab: saved as one leaves it.
    third = rows.filter(has=page.get_by_text("Exhibit JS-3.pdf", exact=True))
    title = third.get_by_label("Title")
    priya.acts.append("type a title")
    title.fill("Photograph of the yard")
    priya.press("Tab")
    expect(third.get_by_label("Date")).to_be_focused()
    priya.accessible(narrow=True)

    priya.click(page.get_by_role("button", name="Serve 20 documents"))
    expect(page.get_by_role("heading", name="Check before you serve")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Photograph of the yard")).to_contain_text("J3")
    expect(page.locator("main")).to_contain_text("2 files were refused and cannot be served.")
    priya.accessible(narrow=True)
    priya.click(page.get_by_role("button", name="Serve 20 documents").last)
    expect(page.get_by_role("heading", name="Receipt of service")).to_be_visible()
    assert len(priya.acts) <= 6, priya.acts
    priya.accessible(narrow=True)

    # All of them, in the order in which people count, and numbered so.
    served = Document.objects.filter(state="served").select_related("current").order_by("position")
    labels = Labels(list(served))
    found = {document.exhibit: labels.label(document.pk, 0) for document in served}
    assert found == {f"JS/{n}": f"J{n}" for n in range(1, 21)}
    receipt = page.locator("main").inner_text()
    for document in served:
        assert document.current.sha256 in receipt
        assert re.search(rf"\b{labels.label(document.pk, 0)}\b", receipt)

    priya.open(f"{C}/main/")
    expect(page.get_by_role("link", name="J20", exact=True).first).to_be_visible()
    priya.accessible(narrow=True)
    priya.open(f"{C}/journal/")
    said = page.get_by_text(re.compile(r"Priya Shah served .*Photograph of the yard.* as\s+J3"))
    expect(said.first).to_be_visible()
    assert Entry.objects.filter(action="document.served").count() == 20
    priya.accessible(narrow=True)
    # What was refused stays, with its reason, and nobody else is told of it.
    priya.open(f"{C}/serve/")
    expect(rows).to_have_count(2)
    daniel = sit("daniel")
    daniel.open(f"{C}/main/")
    expect(daniel.page.locator("main")).to_contain_text("Photograph of the yard")
    assert "Locked" not in daniel.page.content()


# --- the defender finds a phrase and highlights it --------------------------------------------------
def test_the_defender_finds_a_phrase_and_highlights_it(sit: Sit, cast: Cast, served: Any) -> None:
    served("A", "The indictment", "Counts one and two", title="Indictment")
    statement = served("H", "The first page.", STATEMENT, title="Statement of Joan Ramsden")
    nia = User.objects.create_user("nia.rees@chambers.example", name="Nia Rees")
    people.join(cast.case, nia, "defence", ["bates"])
    seats = {"nia": sit(nia), "mari": sit("mari"), "priya": sit("priya")}
    for seat in seats.values():
        seat.read("H2")
    daniel = sit("daniel")
    page = daniel.page
    # Chosen once, and so from then on: his own side sees what he writes.
    daniel.read("A1")
    page.get_by_role("button", name="Change who sees what I write next").click()
    page.locator("#notes-audience").get_by_role("radio", name="Bates’s defence").check()
    daniel.read("A1")

    daniel.press("/")
    daniel.write('"by a white van"')
    daniel.press("Enter")
    expect(daniel.shown("H2")).to_be_in_viewport()
    expect(page.locator(".page__hit--now").first).to_be_visible()
    daniel.drag("two", "van.", "H2")
    daniel.click(page.locator("#reader-selection").get_by_role("button", name="Highlight"))
    expect(page.locator('.note-mark[data-state="saved"]')).to_have_count(1)
    assert len(daniel.acts) <= 5, daniel.acts
    daniel.accessible()

    expect(seats["nia"].page.locator(".note-mark")).to_have_count(1)
    expect(seats["nia"].page.locator(".note")).to_contain_text("two men by a white van.")
    # Something for everybody comes after it: by then it would be there.
    sheet = Sheet.objects.select_related("version__document__section__bundle").get(
        version=statement.current, index=1
    )
    notes.create(viewer(cast.ruth), sheet, kind="note", body="Court rises at four.", choice="case")
    for name in ("mari", "priya"):
        other = seats[name].page
        expect(other.locator(".note").filter(has_text="Court rises at four.")).to_be_visible()
        expect(other.locator(".note-mark")).to_have_count(0)
        expect(other.locator(".note").filter(has_text="white van")).to_have_count(0)
    assert Note.objects.get(kind="highlight").quote["exact"] == "two men by a white van."

    for seat, there in [
        (daniel, True),
        (seats["nia"], True),
        (seats["mari"], False),
        (seats["priya"], False),
    ]:
        seat.open(f"{C}/notes/")
        expect(seat.page.locator(".cb-notes__note")).to_have_count(1 + there)
        quotes = seat.page.get_by_text("two men by a white van.")
        expect(quotes).to_have_count(1 if there else 0)
        seat.accessible()
    # And from the list back to the place.
    daniel.open(f"{C}/notes/")
    line = page.locator(".cb-notes__note").filter(has_text="two men by a white van.")
    expect(line).to_contain_text("Seen by: Bates’s defence")
    line.get_by_role("link", name="H2", exact=True).click()
    daniel.ready()
    expect(daniel.shown("H2")).to_be_in_viewport()


# --- the judge presents -----------------------------------------------------------------------------
def test_the_judge_presents_and_everybody_follows(sit: Sit, served: Any) -> None:
    served("H", *[f"Page {n} of the statement" for n in range(1, 9)], title="Statement of Joan Ramsden")
    served("J", "A plan for Bates alone", title="Plan", visible_to=["bates"])
    ruth, tom = sit("ruth"), sit("tom")
    ruth.open(f"{C}/hearings/")
    ruth.accessible()
    ruth.click(ruth.page.get_by_role("button", name="Open hearing"))
    expect(ruth.page.get_by_role("button", name=re.compile("^Close the hearing"))).to_be_visible()
    hearing = ruth.page.url

    tom.page.goto(hearing)
    tom.page.get_by_label("Where the screen is").fill("Jury")
    tom.page.get_by_role("button", name="Make a code").click()
    row = tom.page.locator(".cb-screens__row").filter(has_text="Jury")
    code = re.sub(r"\W", "", row.locator(".cb-code").inner_text().replace("Code", ""))
    tom.accessible()
    screen = sit()
    screen.open("/screen/")
    screen.accessible()
    screen.page.get_by_role("textbox").fill(code)
    screen.page.keyboard.press("Enter")
    expect(screen.page.get_by_text("Nothing is being shown")).to_be_visible()
    screen.accessible()
    expect(row).to_contain_text("Connected")

    # The floor to herself, and into the reader.
    ruth.click(ruth.page.get_by_role("button", name="Give the floor to HHJ Ruth Adler"))
    expect(ruth.page.get_by_text("HHJ Ruth Adler has the floor").first).to_be_visible()
    ruth.accessible()
    followers = {"priya": sit("priya"), "daniel": sit("daniel"), "tom": tom}
    for seat in followers.values():
        seat.read("H1")
        expect(seat.page.locator(".court-bar__words")).to_contain_text("HHJ Ruth Adler has the floor")
    ruth.read("H5")
    expect(ruth.page.locator(".court-bar__words")).to_contain_text("You have the floor")
    expect(ruth.shown("H5")).to_be_in_viewport()
    ruth.press("p")
    for seat in followers.values():
        expect(seat.shown("H5")).to_be_in_viewport(timeout=5000)
        expect(seat.page.locator(".court-bar__words")).to_have_text(
            "HHJ Ruth Adler is presenting H5. You are following."
        )
    expect(screen.page.locator("#label")).to_have_text("H5", timeout=5000)
    expect(screen.page.locator("#image")).to_be_visible()
    assert ruth.acts == ["press p"]
    expect(ruth.page.locator(".court-bar__words")).to_contain_text("3 people and 1 screen are at H5")
    for seat in (ruth, *followers.values(), screen):
        seat.accessible()

    # Who looks elsewhere stays there, is told where the court is, and comes back with one key.
    daniel = followers["daniel"]
    daniel.press("f")
    daniel.press("j")
    expect(daniel.shown("H6")).to_be_in_viewport()
    ruth.page.keyboard.press("g")
    ruth.page.keyboard.type("H8")
    ruth.page.keyboard.press("Enter")
    expect(ruth.shown("H8")).to_be_in_viewport()
    ruth.press("p")
    expect(screen.page.locator("#label")).to_have_text("H8")
    expect(followers["priya"].shown("H8")).to_be_in_viewport()
    expect(daniel.page.locator(".court-bar__words")).to_have_text("You are at H6; the court is at H8.")
    expect(daniel.shown("H6")).to_be_in_viewport()
    daniel.press("f")
    expect(daniel.shown("H8")).to_be_in_viewport()

    # A page that is not for everybody goes to nobody's screen but theirs.
    ruth.page.keyboard.press("g")
    ruth.page.keyboard.type("J1")
    ruth.page.keyboard.press("Enter")
    expect(ruth.shown("J1")).to_be_in_viewport()
    ruth.press("p")
    expect(daniel.shown("J1")).to_be_in_viewport()
    expect(screen.page.get_by_text("Nothing is being shown")).to_be_visible()
    expect(screen.page.locator("#label")).to_be_hidden()
    # It is all in the hearing's timeline.
    ruth.open(hearing.removeprefix(ruth.url))
    shown = ruth.page.locator(".cb-timeline__row--page .cb-timeline__label")
    assert sorted(shown.all_inner_texts()) == ["H5", "H8", "J1"]


# --- Sam Weir sees nothing anywhere -----------------------------------------------------------------
def test_sam_sees_nothing_anywhere(sit: Sit, cast: Cast, served: Any) -> None:
    statement = served("H", "The first page.", STATEMENT, title="Statement against Bates")
    sheet = Sheet.objects.select_related("version__document__section__bundle").get(
        version=statement.current, index=1
    )
    ruth = viewer(cast.ruth)
    hearing = court.open_hearing(ruth, "Trial of Bates")
    court.give_floor(ruth, hearing, viewer(cast.priya).participant)
    court.turn(viewer(cast.priya), hearing, sheet)
    note = notes.create(viewer(cast.priya), sheet, kind="note", body="Bates lied.", choice="case")
    mari = viewer(cast.mari).participant.pk

    # Somebody who may see it finds it, at these very addresses.
    pages = [
        f"{C}/", f"{C}/main/", f"{C}/main/read", f"{C}/main/H2", f"{C}/main/H2?q=van", f"{C}/search/",
        f"{C}/search/?q=van", f"{C}/journal/", f"{C}/notes/", f"{C}/people/", f"{C}/hearings/", f"{C}/serve/",
        f"{C}/serve/receipt/{statement.served_entry}-{statement.served_entry}/",
        f"/documents/{statement.pk}/receipt/", f"/hearings/{hearing.pk}/", f"/hearings/{hearing.pk}/live/",
    ]  # fmt: skip
    forbidden = [f"/documents/{statement.pk}/edit/", f"{C}/people/{mari}/", f"{C}/main/H99", f"{C}/PD1/"]
    data = [
        f"/api/v1{C}", f"/api/v1{C}/bundles/main", f"/api/v1{C}/pages/H2", f"/api/v1{C}/participants",
        f"/api/v1{C}/journal", f"/api/v1{C}/hearings", f"/api/v1/documents/{statement.pk}",
        f"/api/v1/documents/{statement.pk}/pages", f"/api/v1/documents/{statement.pk}/pdf",
        f"/api/v1/documents/{statement.pk}/original", f"/api/v1/documents/{statement.pk}/receipt",
        f"/api/v1/pages/{sheet.pk}", f"/api/v1/pages/{sheet.pk}/image?width=200", f"/api/v1/pages/{sheet.pk}/text",
        f"/api/v1/pages/{sheet.pk}/notes", f"/api/v1/notes/{note.pk}", f"/api/v1/hearings/{hearing.pk}",
        f"/api/v1/search?q=van&case={REFERENCE}", f"{C}/main/pages.json", f"{C}/notes.json?pages={sheet.pk}",
        f"{C}/serve/states",
    ]  # fmt: skip
    daniel = sit("daniel")
    daniel.open("/")
    for path in pages + [one for one in data if not one.endswith("/original")]:
        answer = daniel.page.request.get(daniel.url + path)
        assert answer.status == 200, path

    sam = sit("sam")
    page = sam.page
    sam.open("/")
    expect(page.get_by_text("R v Field").first).to_be_visible()
    sam.accessible()
    # In all that his browser was sent for it, scripts and styles too.
    assert REFERENCE not in page.content()
    bodies = {answer.url: answer.text() for answer in sam.answers if "/static/" not in answer.url}

    # What does not exist anywhere looks just the same.
    def bare(html: str, path: str) -> str:
        """Without what was asked for, and without the form's own token."""
        html = html.replace(path.replace("&", "&amp;"), "")
        return re.sub(r'value="[^"]{32,}"|X-CSRFToken[^}]*', "", html)

    nowhere = sam.open("/no/such/page/")
    assert nowhere.status == 404
    nothing = bare(nowhere.text(), "/no/such/page/")
    sam.accessible()
    for path in pages + forbidden:
        answer = sam.open(path)
        assert answer.status == 404, path
        assert bare(answer.text(), path) == nothing, path
        bodies[path] = answer.text()
    assert "Page not found" in nothing
    for path in data:
        answer = page.request.get(sam.url + path)
        assert answer.status == 404, path
        bodies[path] = answer.text()
    # In his own search there is only what is his.
    for path in ("/search/?q=van", "/search/?q=bat*", '/search/?q="by a white van"'):
        answer = sam.open(path)
        assert answer.status == 200
        expect(page.get_by_text("Nothing found").first).to_be_visible()
        bodies[path] = answer.text()
        sam.accessible()
    answer = page.request.get(f"{sam.url}/api/v1/search?q=van")
    assert (answer.json()["total"], answer.json()["hits"]) == (0, [])
    bodies["/api/v1/search"] = answer.text()
    cases = page.request.get(f"{sam.url}/api/v1/cases").text()
    assert REFERENCE not in cases
    for where, body in [*bodies.items(), ("/api/v1/cases", cases)]:
        for word in ("Bates", "Ramsden", "Harrow", "Doyle"):
            assert word not in body.replace("q=bat*", ""), f"{word} in {where}"

    # His socket is closed without a word; that of a case that is not there just so.
    sam.open("/")
    ask = """(path) => new Promise((done) => {
      const said = []; const socket = new WebSocket(location.origin.replace('http', 'ws') + path);
      socket.onmessage = (event) => said.push(event.data);
      socket.onopen = () => socket.send(JSON.stringify({type: 'hello', after: 0}));
      socket.onclose = (event) => done([event.code, event.reason, said]);
      setTimeout(() => done(['open', '', said]), 5000);
    })"""
    his = page.evaluate(ask, f"/ws/cases/{REFERENCE}/")
    assert his[0] != "open"
    assert his[2] == []
    assert his == page.evaluate(ask, "/ws/cases/T00000000/")
    assert page.evaluate(ask, f"/ws/cases/{cast.other_case.reference}/")[0] == "open", "his own case's is not"
    # A 404 and a refused socket are what the browser complains of here, and nothing else.
    meant = ("status of 404", "WebSocket connection to")
    sam.complaints[:] = [one for one in sam.complaints if not any(two in one for two in meant)]


# --- Mari works in Welsh ----------------------------------------------------------------------------
def in_welsh(seat: Seat) -> None:
    """All that is said here, seen or heard, but for what people wrote."""
    page = seat.page
    expect(page.locator("html")).to_have_attribute("lang", "cy")
    spoken = page.evaluate(
        """() => {
          const theirs = 'bdi, mark, [lang=en], .page, .note__body, noscript, script, style, kbd';
          const texts = [document.title];
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let at; (at = walk.nextNode());) if (!at.parentElement.closest(theirs)) texts.push(at.data);
          for (const one of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]')) {
            if (one.closest(theirs)) continue;
            for (const name of ['aria-label', 'title', 'placeholder', 'alt']) texts.push(one.getAttribute(name) ?? '');
          }
          return texts;
        }"""
    )
    left = left_in_english(spoken)
    assert not left, f"{page.url}: {left}"


def test_mari_works_in_welsh(sit: Sit, cast: Cast, served: Any) -> None:
    served("H", "The first page.", STATEMENT, title="Statement of J Ramsden")
    User.objects.filter(pk=cast.mari.pk).update(language="")
    mari = sit("mari", locale="en-GB")
    page = mari.page
    mari.open(f"{C}/")
    expect(page.locator("html")).to_have_attribute("lang", "en-GB")
    mari.click(page.get_by_role("button", name="Cymraeg"))
    assert page.url == f"{mari.url}{C}/"
    for path in (
        "/", f"{C}/", f"{C}/main/", f"{C}/serve/", f"{C}/search/?q=van", f"{C}/search/?q=zebra", f"{C}/notes/",
        f"{C}/hearings/", f"{C}/people/", f"{C}/journal/", "/account/",
    ):  # fmt: skip
        mari.open(path)
        in_welsh(mari)
        mari.accessible()

    mari.read("H1")
    in_welsh(mari)
    mari.press("j")
    expect(mari.shown("H2")).to_be_in_viewport()
    mari.press("m")
    mari.write("Nid yw’n adnabod Bates. Gweler H1.")
    in_welsh(mari)
    mari.accessible()
    mari.press("Control+Enter")
    card = page.locator('.note[data-state="saved"]')
    expect(card).to_contain_text("Nid yw’n adnabod Bates.")
    in_welsh(mari)
    mari.press("?")
    expect(page.locator("#reader-help")).to_be_visible()
    in_welsh(mari)
    mari.accessible()
    mari.press("Escape")
    note = Note.objects.get()
    assert (note.body, note.choice) == ("Nid yw’n adnabod Bates. Gweler H1.", "private")
    mari.open(f"{C}/notes/")
    expect(page.locator(".cb-notes__note")).to_contain_text("Nid yw’n adnabod Bates.")
    in_welsh(mari)
    # And back again, on the same page.
    mari.click(page.get_by_role("button", name=re.compile("^English")))
    expect(page.locator("html")).to_have_attribute("lang", "en-GB")
    expect(page.get_by_role("heading", name="Notes", exact=True)).to_be_visible()
