"""Evidence screens: the page that everybody may see, and nothing else, ever."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from casebundle.bundles.models import Page, page_id
from casebundle.cases.access import NotAllowed
from casebundle.courtroom import services
from casebundle.courtroom.models import Screen
from casebundle.evidence import intake
from casebundle.evidence.process import process
from casebundle.journal.models import Entry
from tests.cast import Cast, pdf, viewer
from tests.courtroom.conftest import Join, Server, Sitting


@pytest.fixture
def screen(cast: Cast, sitting: Sitting) -> Screen:
    return services.new_screen(viewer(cast.tom), sitting.hearing, "Jury screen")


def test_a_screen_shows_what_is_presented_to_everybody(
    cast: Cast, join: Join, sitting: Sitting, screen: Screen
):
    jury = join(path=f"/ws/screen/{screen.code}/", hello=False)
    assert jury.until("state")["page"] is None
    priya = join(cast.priya)
    priya.send(
        type="turn", hearing=sitting.id, page=sitting.open_page, view={"x": 0, "y": 0, "w": 1, "h": 0.5}
    )
    shown = jury.until("state")
    assert (shown["page"], shown["label"], shown["view"]["h"]) == (sitting.open_page, sitting.open_label, 0.5)
    assert (shown["width"], shown["height"]) == (595, 842)
    priya.send(type="point", hearing=sitting.id, page=sitting.open_page, at=[0.5, 0.5])
    assert jury.until("point")["at"] == [0.5, 0.5]
    priya.send(type="turn", hearing=sitting.id, page=sitting.shut_page)
    assert jury.until("state")["page"] is None
    priya.send(type="point", hearing=sitting.id, page=sitting.shut_page, at=[0.5, 0.5])
    priya.send(type="turn", hearing=sitting.id, page=sitting.open_page)
    jury.until("state", page=sitting.open_page)
    jury.settle()
    # Nothing but states, points and pongs; no names, no entries, nothing of the page that is not for it.
    assert {frame["type"] for frame in jury.frames} == {"state", "point", "pong"}
    for frame in jury.frames:
        assert set(frame) <= {"type", "seq", "page", "label", "view", "width", "height", "hearing", "at"}
    said = "".join(jury.raw)
    for word in ("Priya", sitting.shut_page, f'"{sitting.shut_label}"'):
        assert word not in said


def test_fast_turns_end_at_the_last(cast: Cast, join: Join, sitting: Sitting, screen: Screen):
    jury, priya = join(path=f"/ws/screen/{screen.code}/", hello=False), join(cast.priya)
    base = sitting.open_page.rsplit("-", 1)[0]
    for n in range(12):
        priya.send(type="turn", hearing=sitting.id, page=f"{base}-{n % 3 + 1}")
    priya.send(type="turn", hearing=sitting.id, page=sitting.open_page)
    jury.settle()
    while not any(f.get("data", {}).get("page") == sitting.open_page for f in priya.frames[-3:]):
        priya.until("entry", action="page.turned")
    jury.settle()
    assert [f["page"] for f in jury.frames if f["type"] == "state"][-1] == sitting.open_page


def test_a_screen_can_ask_for_nothing(cast: Cast, join: Join, sitting: Sitting, screen: Screen):
    jury = join(path=f"/ws/screen/{screen.code}/", hello=False)
    jury.until("state")
    for frame in [
        {"type": "hello", "after": 0},
        {"type": "turn", "hearing": sitting.id, "page": sitting.open_page},
        {"type": "floor", "hearing": sitting.id, "to": None},
        {"type": "at", "page": sitting.open_page},
    ]:
        jury.socket.send(json.dumps(frame))
    jury.socket.send(b"\x00")
    jury.settle()
    assert {frame["type"] for frame in jury.frames} == {"state", "pong"}
    assert not Entry.objects.filter(action="page.turned").exists()


def test_a_code_is_one_in_small_letters_too(cast: Cast, join: Join, screen: Screen):
    assert join(path=f"/ws/screen/{screen.code.lower()}/", hello=False).until("state")["page"] is None
    for code in ("", "XXXXXXXX", "x" * 5000, "%00", screen.code[:7]):
        assert join(path=f"/ws/screen/{code}/", hello=False).closed() == 4404


@pytest.mark.parametrize("how", ["ended", "closed"])
def test_a_screen_that_is_over_is_dark_at_once_and_for_good(
    cast: Cast, join: Join, sitting: Sitting, screen: Screen, how: str
):
    jury, other = (join(path=f"/ws/screen/{screen.code}/", hello=False) for _i in range(2))
    priya = join(cast.priya)
    priya.send(type="turn", hearing=sitting.id, page=sitting.open_page)
    jury.until("state", page=sitting.open_page)
    if how == "ended":
        services.end_screen(viewer(cast.tom), screen)
    else:
        services.close(viewer(cast.ruth), sitting.hearing)
    assert jury.closed() == other.closed() == 4404
    assert join(path=f"/ws/screen/{screen.code}/", hello=False).closed() == 4404
    browser = Client()
    assert browser.get(f"/screen/{screen.code}").status_code == 404
    assert browser.get(f"/screen/{screen.code}/page/{sitting.open_page}").status_code == 404


@pytest.mark.parametrize("who", ["priya", "daniel", "mari", "ruth"])
def test_screens_are_the_clerks(cast: Cast, sitting: Sitting, screen: Screen, client: Client, who: str):
    with pytest.raises(NotAllowed):
        services.new_screen(viewer(cast[who]), sitting.hearing, "Mine")
    with pytest.raises(NotAllowed):
        services.end_screen(viewer(cast[who]), screen)
    client.force_login(cast[who])
    assert client.post(f"/hearings/{sitting.id}/screens/", {"name": "Mine"}).status_code == 403
    assert client.post(f"/screens/{screen.code}/end/").status_code == 404
    page = client.get(f"/hearings/{sitting.id}/").content.decode()
    assert screen.code not in page
    assert screen.code[:4] not in page
    # Nor in any entry: the code is a key.
    assert screen.code not in str(list(Entry.objects.values_list("data", flat=True)))


def test_the_picture_of_the_page_that_is_shown_and_of_no_other(cast: Cast, server: Server, served: Any):
    pages = Page.objects.select_related("version__document__section__bundle")
    first, second = pages.filter(version=served("H", "Shown to the jury.", "The next page.").current)
    shut = pages.get(version=served("J", "Not for Bates.", visible_to=["doyle"]).current)
    priya, ruth, browser = viewer(cast.priya), viewer(cast.ruth), Client()
    hearing = services.give_floor(ruth, services.open_hearing(ruth, "Trial"), priya.participant)
    screen = services.new_screen(viewer(cast.tom), hearing, "Jury screen")
    at = f"/screen/{screen.code}/page/"
    assert browser.get(at + first.pk).status_code == 404
    services.turn(priya, hearing, first)
    answer = browser.get(at + first.pk)
    assert answer.status_code == 200
    assert answer["Content-Type"] in ("image/jpeg", "image/webp")
    assert "no-store" in answer["Cache-Control"]
    assert browser.get(at + second.pk).status_code == 404
    services.turn(priya, hearing, second)
    assert browser.get(at + first.pk).status_code == 404
    services.turn(priya, hearing, shut)
    assert browser.get(at + shut.pk).status_code == 404
    assert browser.get(f"/api/v1/pages/{first.pk}/image?width=800").status_code == 401


def test_the_code_is_entered_as_it_is_read_out(cast: Cast, screen: Screen):
    browser = Client()
    assert browser.get("/screen/").status_code == 200
    spoken = f" {screen.code[:4].lower()} - {screen.code[4:]} "
    assert browser.get("/screen/", {"code": spoken}).headers["Location"] == f"/screen/{screen.code}"
    wrong = browser.get("/screen/", {"code": "WRONG"})
    assert wrong.status_code == 404
    assert "WRONG" in wrong.content.decode()
    page = browser.get(f"/screen/{screen.code}")
    assert page.status_code == 200
    assert "Jury screen" in page.content.decode()


@pytest.mark.django_db
def test_a_code_does_not_work_for_ever(cast, settings):
    """Nobody closed the hearing; and one that is listed for later has its code until then."""
    import datetime

    from django.utils import timezone

    from casebundle.courtroom.models import Screen

    ruth, tom = viewer(cast.ruth), viewer(cast.tom)
    screen = services.new_screen(tom, services.open_hearing(ruth, "Trial, day 1"), "Jury")
    assert services.screen_by_code(screen.code)
    long_ago = timezone.now() - datetime.timedelta(days=settings.SCREEN_DAYS, seconds=1)
    Screen.objects.update(created_at=long_ago)
    assert services.screen_by_code(screen.code) is None
    later = services.open_hearing(ruth, "Sentence", timezone.now() + datetime.timedelta(days=60))
    screen = services.new_screen(tom, later, "Jury")
    Screen.objects.filter(pk=screen.pk).update(created_at=long_ago)
    assert services.screen_by_code(screen.code)


def test_who_follows_and_a_screen_get_the_page_in_place_of_one_that_is_replaced(
    cast: Cast, join: Join, sitting: Sitting, screen: Screen
):
    jury, mari, priya = (
        join(path=f"/ws/screen/{screen.code}/", hello=False),
        join(cast.mari),
        join(cast.priya),
    )
    priya.send(type="turn", hearing=sitting.id, page=sitting.open_page)
    jury.until("state", page=sitting.open_page)
    document = Page.objects.select_related("version__document").get(pk=sitting.open_page).version.document
    version = intake.replace(viewer(cast.priya), document, "again.pdf", [pdf(["The new page."])])
    process(version.pk)
    now = page_id(version.pk, 0)
    for one in (jury, mari, priya):
        assert one.until("state", page=now)["label"] == sitting.open_label
