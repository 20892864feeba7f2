"""Highlights, notes, areas and replies in the reader, with several people at several screens."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from annotations import services
from annotations.models import Note
from casebundle.bundles.models import Page as Sheet
from casebundle.courtroom import services as court
from tests.cast import REFERENCE, viewer

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = """I live at 14 Harrow Street, Leeds.
On Thursday at about 10 pm I heard a crash from the yard.
I looked out and saw two men by a white van.
The taller man wore a dark jacket.
I am certain that it was a white van."""

Enter = Callable[..., Page]


@pytest.fixture
def statement(served: Callable[..., Any]) -> Any:
    """H1 to H3."""
    return served("H", TEXT, "The second page.", "The third page.", title="Statement of Joan Ramsden")


@pytest.fixture
def first(statement: Any) -> Any:
    rows = Sheet.objects.select_related("version__document__section__bundle")
    return rows.get(version=statement.current, index=0)


@pytest.fixture
def enter(browser: Browser, live: Any, cast: Any, statement: Any) -> Iterator[Enter]:
    """enter("daniel") -> the reader at H1 on a screen of his own; `complaints` of all screens must stay empty."""
    contexts = []
    complaints: list[str] = []

    def go(name: str, label: str = "H1", width: int = 1440, height: int = 900, **more: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None,
        )
        live.login(page, cast[name])
        page.goto(f"{live.url}/cases/{REFERENCE}/main/{label}")
        expect(page.locator("html")).to_have_attribute("data-notes", "ready")
        expect(page.locator("body")).not_to_have_class(re.compile("notes-waiting"))
        return page

    yield go
    for context in contexts:
        context.close()
    # What was cut or refused on purpose is no complaint.
    meant = ("ERR_INTERNET_DISCONNECTED", "status of 422")
    assert [text for text in complaints if not any(one in text for one in meant)] == []


def select(page: Page, first: str, last: str, label: str = "H1") -> None:
    """Drag from the beginning of one word to the end of a later one, as a hand does."""
    sheet = page.locator(f'.page[data-label="{label}"]')
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
    page.mouse.move(x0, y0)
    page.mouse.down()
    page.mouse.move((x0 + x1) / 2, (y0 + y1) / 2)
    page.mouse.move(x1, y1)
    page.mouse.up()
    expect(page.locator("#reader-selection")).to_be_visible()


def marks(page: Page) -> Locator:
    return page.locator(".note-mark")


def card(page: Page, text: str) -> Locator:
    return page.locator(".note").filter(has_text=text)


def saved(page: Page, text: str) -> Note:
    """The note with these words, once the server has it."""
    expect(page.locator('.note[data-state="saved"]').filter(has_text=text)).to_be_visible()
    return Note.objects.get(body=text, deleted_at=None)


def for_new_notes(page: Page, audience: str) -> None:
    page.get_by_role("button", name="Change who sees what I write next").click()
    page.locator("#notes-audience").get_by_role("radio", name=audience).check()
    page.get_by_role("button", name="Change who sees what I write next").click()


def test_a_highlight_is_on_every_screen_that_may_see_it_within_a_second(cast, enter: Enter):
    daniel, priya, mari = enter("daniel"), enter("priya"), enter("mari")
    select(daniel, "heard", "yard.")
    bar = daniel.locator("#reader-selection")
    expect(bar.get_by_role("button", name="Seen by only me")).to_be_visible()
    for_new_notes(daniel, "Everybody in the case")
    expect(bar.get_by_role("button", name="Seen by everybody in the case")).to_be_visible()
    bar.get_by_role("button", name="Highlight and share").click()
    for page in (priya, mari):
        expect(marks(page)).to_have_count(1)
    note = Note.objects.get()
    assert (note.kind, note.choice, note.quote["exact"]) == (
        "highlight",
        "case",
        "heard a crash from the yard.",
    )
    expect(card(priya, "heard a crash from the yard.")).to_contain_text("Daniel Okafor Bates’s defence")
    expect(card(priya, "heard a crash from the yard.")).to_contain_text("Seen by everybody in the case")


def test_what_is_for_a_party_is_on_no_other_partys_screen_and_in_nothing_sent_to_it(
    cast, enter: Enter, first
):
    sent: list[str] = []
    daniel, mari, priya = enter("daniel"), enter("mari"), enter("priya")
    for page in (mari, priya):
        page.on("response", lambda answer: sent.append(answer.text()) if "notes" in answer.url else None)
    for_new_notes(daniel, "Bates’s defence")
    select(daniel, "taller", "jacket.")
    daniel.keyboard.press("m")
    daniel.keyboard.type("Not our man, he is short.")
    daniel.get_by_role("button", name="Share with Bates’s defence").click()
    expect(card(daniel, "Not our man")).to_contain_text("Seen by Bates’s defence")
    # Something for everybody comes after it: whatever was to come of the first is there by then.
    services.create(viewer(cast.ruth), first, kind="note", body="Court rises at four.", choice="case")
    for page in (mari, priya):
        expect(card(page, "Court rises at four.")).to_be_visible()
        expect(card(page, "Not our man")).to_have_count(0)
        expect(marks(page)).to_have_count(0)
        assert "Not our man" not in page.content()
    assert sent
    assert "Not our man" not in " ".join(sent)
    assert saved(daniel, "Not our man, he is short.").choice == "party"


def test_chosen_parties_are_written_out_on_the_button_and_on_the_note(cast, enter: Enter):
    daniel, priya, mari = enter("daniel"), enter("priya"), enter("mari")
    select(daniel, "two", "men")
    daniel.get_by_role("button", name="Seen by only me").click()
    chooser = daniel.get_by_role("dialog", name="Who sees it")
    chooser.get_by_role("radio", name="Chosen parties").check()
    expect(chooser.get_by_role("checkbox", name="Bates’s defence")).to_be_checked()
    chooser.get_by_role("checkbox", name="The prosecution").check()
    chooser.get_by_role("button", name="Done").click()
    expect(daniel.get_by_role("button", name="Seen by Bates’s defence and the prosecution")).to_be_visible()
    daniel.keyboard.press("m")
    daniel.get_by_label("Note", exact=True).fill("Agreed: there were two.")
    daniel.get_by_role("button", name="Share with Bates’s defence and the prosecution").click()
    expect(card(priya, "Agreed: there were two.")).to_contain_text(
        "Seen by the prosecution and Bates’s defence"
    )
    expect(card(mari, "Agreed")).to_have_count(0)
    # It stays as last chosen, for this case.
    daniel.reload()
    expect(daniel.locator(".notes__audience")).to_contain_text("Bates’s defence and the prosecution")


def test_replies_edits_and_deletes_are_live_and_the_authors_alone(cast, enter: Enter, first):
    services.create(
        viewer(cast.daniel),
        first,
        kind="note",
        body="Is she sure?",
        quote="I am certain",
        choice="case",
        tags=["id"],
    )
    daniel, priya = enter("daniel"), enter("priya")
    hers = card(priya, "Is she sure?")
    expect(hers.get_by_role("button", name="Edit my note")).to_have_count(0)
    expect(hers.get_by_role("button", name="Delete my note")).to_have_count(0)
    hers.get_by_role("button", name="Reply").click()
    hers.get_by_label("Reply").fill("She says so. See H2.")
    priya.keyboard.press("Control+Enter")
    his = card(daniel, "Is she sure?")
    expect(his.locator(".note__reply")).to_contain_text("She says so.")
    expect(his.get_by_role("link", name="H2", exact=True)).to_have_attribute(
        "href", f"/cases/{REFERENCE}/main/H2"
    )
    his.get_by_role("button", name="Edit my note").click()
    daniel.get_by_role("textbox", name="My note").fill("Is she really sure?")
    daniel.get_by_role("button", name="Share with everybody in the case").click()
    expect(card(priya, "Is she really sure?")).to_contain_text("edited")
    # Taken back for himself: it leaves her screen at once, with what she said in it.
    his = card(daniel, "really sure")
    his.get_by_role("button", name="Edit my note").click()
    daniel.get_by_role("button", name="Change who sees it", exact=True).click()
    daniel.locator(".note-form").get_by_role("radio", name="Only me").check()
    daniel.get_by_role("button", name="Save for only me").click()
    expect(priya.locator(".note")).to_have_count(0, timeout=1000)
    expect(marks(priya)).to_have_count(0)
    expect(his).to_contain_text("Seen by only me")
    his.get_by_role("button", name="Delete my note").click()
    daniel.get_by_role("button", name="Delete", exact=True).click()
    expect(daniel.locator(".note")).to_have_count(0)
    assert Note.objects.filter(deleted_at=None).count() == 0


def test_an_area_is_dragged_or_the_whole_page_is_marked(cast, enter: Enter):
    page = enter("daniel")
    page.keyboard.press("a")
    expect(page.get_by_text("Drag a box over the page.")).to_be_visible()
    box = page.locator('.page[data-label="H1"] .page__sheet').bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 250)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 300, steps=4)
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 350)
    page.mouse.up()
    expect(page.locator(".note-mark--draft")).to_be_visible()
    page.get_by_label("Note (you can leave this empty)").fill("A stain?")
    page.get_by_role("button", name="Save for only me").click()
    expect(page.locator(".note-mark--area")).to_have_count(1)
    expect(card(page, "A stain?")).to_contain_text("Seen by only me")
    note = saved(page, "A stain?")
    ((x0, y0, x1, y1),) = note.quads
    assert (x0, x1) == (pytest.approx(0.2, abs=0.01), pytest.approx(0.6, abs=0.01))
    assert (y0, y1) == (
        pytest.approx(250 / box["height"], abs=0.01),
        pytest.approx(350 / box["height"], abs=0.01),
    )
    # By keyboard alone.
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Mark the whole of H1")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(page.locator('.note-mark--area[data-state="saved"]')).to_have_count(2)
    assert Note.objects.latest("created_at").quads == [[0, 0, 1, 1]]
    # And nothing of it when it is stopped.
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Drag a box over the page.")).to_be_hidden()


def test_the_keyboard_goes_from_mark_to_note_and_back(cast, enter: Enter, first):
    services.create(
        viewer(cast.ruth), first, kind="note", body="Ask her.", quote="a white van.", choice="case"
    )
    page = enter("daniel")
    button = page.get_by_role("button", name=re.compile("^RA: Note by HHJ Ruth Adler, seen by everybody"))
    button.focus()
    page.keyboard.press("Enter")
    expect(card(page, "Ask her.").locator("article")).to_be_focused()
    expect(marks(page)).to_have_class(re.compile("is-active"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="H1: show it on the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(button).to_be_focused()
    # Nothing selected: a note about the page in view.
    page.keyboard.press("m")
    expect(page.get_by_role("heading", name="New note on H1")).to_be_visible()
    page.keyboard.type("jkhm are letters here")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Note", exact=True)).to_have_value("jkhm are letters here")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="New note on H1")).to_have_count(0)
    assert Note.objects.count() == 1


def test_a_note_that_cannot_be_saved_keeps_its_words_and_is_saved_later(cast, enter: Enter):
    page = enter("daniel")
    page.context.set_offline(True)
    page.keyboard.press("m")
    page.keyboard.type("Thought of on the train.")
    page.keyboard.press("Control+Enter")
    expect(card(page, "Thought of on the train.")).to_contain_text("Not saved. What you wrote is still here.")
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_label("Note", exact=True)).to_have_value("Thought of on the train.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert not Note.objects.exists()
    page.context.set_offline(False)
    # It comes by itself, or by the button, and once.
    expect(page.get_by_text("Not saved.")).to_have_count(0, timeout=15_000)
    assert saved(page, "Thought of on the train.").choice == "private"
    assert Note.objects.count() == 1


def test_what_the_server_refuses_is_said_and_can_be_mended(cast, enter: Enter):
    page = enter("daniel")
    page.keyboard.press("m")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert").filter(has_text="Write the note.")).to_be_visible()
    page.keyboard.type("With a tag that is too long.")
    page.get_by_label("Tags, with commas between them").fill("x" * 60)
    page.keyboard.press("Control+Enter")
    refused = card(page, "With a tag that is too long.")
    expect(refused).to_contain_text("Give at most 20 tags of at most 40 characters.")
    expect(refused.get_by_role("button", name="Try again")).to_have_count(0)
    refused.get_by_role("button", name="Change it").click()
    page.get_by_label("Tags, with commas between them").fill("short, time")
    page.get_by_role("button", name="Save for only me").click()
    expect(card(page, "With a tag that is too long.").get_by_role("list", name="Tags")).to_have_text(
        "shorttime"
    )
    assert saved(page, "With a tag that is too long.").tags == ["short", "time"]


def test_who_presents_shows_no_notes(cast, enter: Enter, first):
    services.create(
        viewer(cast.daniel), first, kind="note", body="Our weak point.", quote="two men", choice="private"
    )
    daniel = enter("daniel")
    expect(card(daniel, "Our weak point.")).to_be_visible()
    ruth = viewer(cast.ruth)
    hearing = court.open_hearing(ruth, "Trial, day 1")
    court.give_floor(ruth, hearing, viewer(cast.daniel).participant)
    expect(card(daniel, "Our weak point.")).to_be_hidden()
    expect(marks(daniel)).to_be_hidden()
    expect(daniel.locator(".note-button")).to_be_hidden()
    expect(daniel.get_by_text("Notes are hidden while you present")).to_be_visible()
    assert "Our weak point" not in daniel.locator("body").inner_text()
    # Not for a moment, either, while the page is loaded anew.
    daniel.add_init_script(
        """window.seen = 0; new MutationObserver(() => {
             for (const one of document.querySelectorAll('.note, .note-mark, .note-button')) {
               if (one.getClientRects().length) window.seen += 1;
             }
           }).observe(document, {subtree: true, childList: true, attributes: true});"""
    )
    daniel.reload()
    expect(daniel.get_by_text("Notes are hidden while you present")).to_be_visible()
    expect(daniel.locator(".note-button")).to_have_count(1)
    assert daniel.evaluate("window.seen") == 0
    daniel.get_by_role("button", name="Show notes on my screen").click()
    expect(card(daniel, "Our weak point.")).to_be_visible()
    expect(marks(daniel)).to_be_visible()
    # Hidden again for the next time.
    court.give_floor(ruth, hearing, None)
    expect(card(daniel, "Our weak point.")).to_be_visible()
    court.give_floor(ruth, hearing, viewer(cast.daniel).participant)
    expect(card(daniel, "Our weak point.")).to_be_hidden()


def test_nothing_is_printed_that_was_not_chosen(cast, enter: Enter, first):
    who = viewer(cast.daniel)
    services.create(who, first, kind="note", body="For me.", quote="two men", choice="private")
    services.create(who, first, kind="note", body="For us.", quote="taller man", choice="party")
    services.create(who, first, kind="note", body="For all.", quote="a crash", choice="case")
    page = enter("daniel")
    expect(page.locator(".note")).to_have_count(3)

    def printed() -> tuple[list[str], int]:
        page.emulate_media(media="print")
        found = page.evaluate(
            """[['For me.', 'For us.', 'For all.'].filter(text => [...document.querySelectorAll('.note__body')]
                 .some(one => one.textContent === text && one.getClientRects().length)),
               [...document.querySelectorAll('.note-mark')].filter(one => one.getClientRects().length).length]"""
        )
        page.emulate_media(media="screen")
        return found[0], found[1]

    assert printed() == ([], 0)
    choice = page.get_by_label("Print the page with")
    for option, wanted in [
        ("notes for everybody", ["For all."]),
        ("notes that are shared", ["For us.", "For all."]),
        ("my private notes too", ["For me.", "For us.", "For all."]),
        ("no notes", []),
    ]:
        choice.select_option(option)
        assert printed() == (wanted, len(wanted)), option
    choice.select_option("my private notes too")
    page.reload()
    expect(page.locator(".note")).to_have_count(3)
    assert printed() == ([], 0)


def test_a_link_to_a_note_opens_it(cast, enter: Enter, live, statement):
    last = Sheet.objects.select_related("version__document").get(version=statement.current, index=2)
    note = services.create(viewer(cast.daniel), last, kind="note", body="Here.", choice="private")
    page = enter("daniel")
    page.goto(f"{live.url}/cases/{REFERENCE}/main/H3#note-{note.pk}")
    expect(card(page, "Here.").locator("article")).to_be_focused()


@pytest.mark.parametrize("width", [1440, 320])
def test_it_fits_and_is_accessible(cast, enter: Enter, first, width: int):
    note = services.create(
        viewer(cast.daniel),
        first,
        kind="note",
        body="A note. See H2.",
        quote="two men",
        choice="case",
        tags=["time"],
    )
    services.reply(viewer(cast.priya), note, "An answer.")
    services.create(viewer(cast.priya), first, kind="highlight", quote="a dark jacket", choice="case")
    services.create(
        viewer(cast.ruth), first, kind="area", quads=[[0.1, 0.5, 0.4, 0.6]], body="Look.", choice="case"
    )
    page = enter("daniel", width=width, height=800)
    if width == 320:
        page.locator("#reader-bottom-right").click()
    expect(page.locator(".note")).to_have_count(3)
    page.get_by_role("button", name="Change who sees what I write next").click()
    card(page, "A note.").get_by_role("button", name="Edit my note").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    body = page.locator("#reader-right-body")
    assert body.evaluate("box => box.scrollWidth <= box.clientWidth")
    check(page)


def check(page: Page) -> None:
    """No violation of WCAG 2.2 A and AA, as axe-core finds them."""
    from tests.journeys.conftest import ROOT

    page.evaluate((ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate(
        """async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}))
             .violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 200)).join(' | '))"""
    )
    assert found == [], json.dumps(found, indent=1)


def test_on_a_phone_a_note_is_written_in_a_sheet_over_the_page(cast, enter: Enter):
    page = enter("daniel", width=375, height=700)
    page.locator("#reader-bottom-right").click()
    sheet = page.get_by_role("dialog", name="Notes")
    sheet.get_by_role("button", name="New note").click()
    sheet.get_by_label("Note", exact=True).fill("From the train.")
    sheet.get_by_role("button", name="Save for only me").click()
    expect(sheet).to_be_hidden()
    page.get_by_role("button", name=re.compile(r"^DO: Note by me, seen by only me: From the train\.")).click()
    assert saved(page, "From the train.").choice == "private"
