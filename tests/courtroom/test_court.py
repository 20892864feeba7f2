"""The court: the floor, turning, pointing, what restricted pages give away (nothing), who is there."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
import time
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from casebundle.bundles import services as bundles
from casebundle.bundles.models import Document, Page, page_id
from casebundle.bundles.services import Conflict
from casebundle.cases import people
from casebundle.cases.access import NotAllowed, screen_viewer
from casebundle.courtroom import services
from casebundle.courtroom.models import Hearing
from casebundle.journal.hub import Message, hub
from casebundle.journal.models import Entry
from tests.cast import OTHER, Cast, viewer
from tests.courtroom.conftest import Join, Server, Sitting, Wire
from tests.papers import paper

OTHERS = ("daniel", "mari", "ruth", "tom")


def card_of(user: Any) -> str:
    return str(viewer(user).participant_id)


# --- the floor ----------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["ruth", "tom"])
def test_judge_and_clerk_give_pass_and_take_the_floor(cast: Cast, join: Join, sitting: Sitting, who: str):
    chair, all_of_them = join(cast[who]), [join(cast.priya), join(cast.daniel)]
    chair.send(type="floor", hearing=sitting.id, to=card_of(cast.daniel))
    for wire in all_of_them:
        assert wire.until("entry", action="floor.given")["data"]["to"]["id"] == card_of(cast.daniel)
    chair.send(type="floor", hearing=sitting.id, to=None)
    for wire in all_of_them:
        assert wire.until("entry", action="floor.taken")["data"]["to"] is None
    assert join(cast.mari).frames[0]["presenter"] is None


@pytest.mark.parametrize("who", ["priya", "daniel", "mari"])
def test_nobody_else_gives_the_floor(cast: Cast, join: Join, sitting: Sitting, who: str):
    wire = join(cast[who])
    for to in [card_of(cast[who]), card_of(cast.mari), None]:
        wire.refused(type="floor", hearing=sitting.id, to=to)
    assert Hearing.objects.get().presenter_id == viewer(cast.priya).participant_id


def test_an_observer_is_not_given_the_floor(cast: Cast, join: Join, sitting: Sitting):
    watcher = people.join(cast.case, cast.sam, "observer", ["court"])
    assert "prosecution, defence or court" in join(cast.ruth).refused(
        type="floor", hearing=sitting.id, to=str(watcher.pk)
    )


def test_who_is_removed_loses_the_floor(cast: Cast, join: Join, sitting: Sitting):
    ruth, priya = join(cast.ruth), join(cast.priya)
    people.remove(viewer(cast.tom), viewer(cast.priya).participant)
    assert priya.closed() == 4404
    ruth.until("entry", action="floor.taken")
    assert join(cast.daniel).frames[0]["presenter"] is None
    assert Hearing.objects.get().presenter is None


def test_who_may_not_present_any_more_loses_the_floor(cast: Cast, join: Join, sitting: Sitting):
    priya = join(cast.priya)
    people.change(viewer(cast.tom), viewer(cast.priya).participant, "observer", ["prosecution"])
    priya.until("entry", action="floor.taken")
    priya.refused(type="turn", hearing=sitting.id, page=sitting.open_page)


def test_the_floor_is_of_no_use_to_somebody_who_is_out(cast: Cast, sitting: Sitting):
    """Even where nothing has taken it yet: their part is asked for with every turn."""
    priya = viewer(cast.priya)
    page = Page.objects.select_related("version__document__section__bundle").get(pk=sitting.open_page)
    type(priya.participant).objects.filter(pk=priya.participant_id).update(role="observer")
    with pytest.raises(NotAllowed):
        services.turn(priya, sitting.hearing, page)
    assert services.standing(cast.case.pk).presenter is None


# --- turning ------------------------------------------------------------------------------------
def test_a_turn_is_a_journal_entry_that_everybody_hears(cast: Cast, join: Join, sitting: Sitting):
    wires = {who: join(cast[who]) for who in ("priya", *OTHERS)}
    view = {"x": 0.1, "y": 0.25, "w": 0.5, "h": 0.25}
    wires["priya"].send(type="turn", hearing=sitting.id, page=sitting.open_page, view=view)
    for wire in wires.values():
        entry = wire.until("entry", action="page.turned")
        assert entry["data"]["page"] == sitting.open_page
        assert entry["data"]["label"] == sitting.open_label
        assert entry["data"]["view"] == view
        assert entry["actor"]["id"] == card_of(cast.priya)
    written = Entry.objects.get(action="page.turned")
    assert written.seq == entry["seq"]
    late = join(cast.mari).frames[0]
    assert (late["page"], late["label"], late["view"]) == (sitting.open_page, sitting.open_label, view)
    assert late["seq"] == written.seq
    assert late["presenter"]["id"] == card_of(cast.priya)


@pytest.mark.parametrize("who", OTHERS)
def test_only_who_has_the_floor_turns_and_points(cast: Cast, join: Join, sitting: Sitting, who: str):
    wire = join(cast[who])
    why = wire.refused(type="turn", hearing=sitting.id, page=sitting.open_page)
    assert why == wire.refused(type="point", hearing=sitting.id, page=sitting.open_page, at=[0.5, 0.5])
    # Mari works in Welsh.
    assert "floor" in why or who == "mari"
    assert not Entry.objects.filter(action="page.turned").exists()


def test_what_is_not_served_or_not_for_the_presenter_is_not_shown(cast: Cast, join: Join, sitting: Sitting):
    theirs = paper(cast.daniel, "H", "Instructions", visible_to=["bates"])
    staged = paper(cast.priya, "H", "Draft", serve=False)
    wire = join(cast.priya)
    why = wire.refused(type="turn", hearing=sitting.id, page=page_id(staged.current_id, 0))
    assert "served" in why
    hidden = wire.refused(type="turn", hearing=sitting.id, page=page_id(theirs.current_id, 0))
    assert hidden == wire.refused(type="turn", hearing=sitting.id, page=page_id(theirs.pk, 0))


def test_a_hearing_of_another_case_is_none(cast: Cast, join: Join, sitting: Sitting):
    field = viewer(cast.tom, OTHER)
    other = services.open_hearing(field, "R v Field")
    refused = join(cast.ruth).refused(type="floor", hearing=str(other.pk), to=None)
    assert refused == join(cast.ruth).refused(type="floor", hearing=str(cast.case.pk), to=None)


def test_a_closed_hearing_is_over_for_the_presenter_too(cast: Cast, join: Join, sitting: Sitting):
    priya, daniel = join(cast.priya), join(cast.daniel)
    priya.send(type="turn", hearing=sitting.id, page=sitting.open_page)
    priya.until("entry", action="page.turned")
    services.close(viewer(cast.ruth), sitting.hearing)
    daniel.until("entry", action="hearing.closed")
    priya.refused(type="turn", hearing=sitting.id, page=sitting.open_page)
    state = join(cast.mari).frames[0]
    assert (state["hearing"], state["page"], state["presenter"]) == (None, None, None)
    with pytest.raises(Conflict):
        services.close(viewer(cast.ruth), sitting.hearing)


def test_a_part_that_reaches_over_the_edge_is_cut_off(cast: Cast):
    assert services.checked_view({"x": 0.9, "y": 0.5, "w": 0.5, "h": 1}) == {
        "x": 0.9,
        "y": 0.5,
        "w": 0.1,
        "h": 0.5,
    }
    assert services.checked_view(None) is None
    with pytest.raises(ValidationError):
        services.checked_view({"x": 1, "y": 0, "w": 0.5, "h": 1})


# --- pointing -----------------------------------------------------------------------------------
def test_the_pointer_is_seen_and_not_written_down(cast: Cast, join: Join, sitting: Sitting):
    priya, daniel = join(cast.priya), join(cast.daniel)
    priya.send(type="turn", hearing=sitting.id, page=sitting.open_page)
    daniel.until("entry", action="page.turned")
    before = Entry.objects.count()
    priya.send(type="point", hearing=sitting.id, page=sitting.open_page, at=[0.25, 0.75])
    assert daniel.until("point") == {
        "type": "point",
        "hearing": sitting.id,
        "page": sitting.open_page,
        "at": [0.25, 0.75],
    }
    priya.send(type="point", hearing=sitting.id, page=sitting.open_page, at=None)
    assert daniel.until("point")["at"] is None
    for at in [7, "x", [0.5], [2, 0.5], [-1, 0], ["a", 0], [0.1, 0.2, 0.3], {}]:
        priya.refused(type="point", hearing=sitting.id, page=sitting.open_page, at=at)
    assert Entry.objects.count() == before


def test_a_fast_hand_is_slowed_down_and_the_last_place_arrives(cast: Cast, join: Join, sitting: Sitting):
    priya, daniel = join(cast.priya), join(cast.daniel)
    priya.send(type="turn", hearing=sitting.id, page=sitting.open_page)
    daniel.until("entry", action="page.turned")
    for n in range(300):
        priya.send(type="point", hearing=sitting.id, page=sitting.open_page, at=[n / 1000, 0.5])
    daniel.until("point", at=[0.299, 0.5])
    assert sum(frame["type"] == "point" for frame in daniel.frames) < 150


# --- restricted pages ---------------------------------------------------------------------------
def never(wire: Wire, sitting: Sitting) -> None:
    """Nothing that ever came on this connection says which page it was."""
    said = "".join(wire.raw)
    for secret in (
        sitting.shut_page,
        sitting.shut_page.split("-")[0],
        str(sitting.shut_document.pk),
        f'"{sitting.shut_label}"',
        "medical",
    ):
        assert secret not in said, secret


def test_who_may_not_see_a_page_is_told_that_and_nothing_of_it(cast: Cast, join: Join, sitting: Sitting):
    priya, daniel, mari = join(cast.priya), join(cast.daniel, after=0), join(cast.mari)
    priya.send(type="turn", hearing=sitting.id, page=sitting.open_page)
    daniel.until("entry", action="page.turned")
    priya.send(type="turn", hearing=sitting.id, page=sitting.shut_page)
    assert mari.until("entry", action="page.turned")["data"]["page"] == sitting.open_page
    assert mari.until("entry", action="page.turned")["data"]["page"] == sitting.shut_page
    state = daniel.until("state")
    assert {key: state[key] for key in ("page", "label", "view", "hidden", "hearing")} == {
        "page": None,
        "label": None,
        "view": None,
        "hidden": True,
        "hearing": sitting.id,
    }
    assert "width" not in state
    priya.send(type="point", hearing=sitting.id, page=sitting.shut_page, at=[0.5, 0.5])
    mari.until("point")
    mari.send(type="at", page=sitting.shut_page)
    watching = priya.until("watching", people=1)
    assert watching["page"] == sitting.shut_page
    daniel.settle()
    late = join(cast.daniel, after=0)
    late.settle()
    assert late.frames[0]["hidden"] is True
    assert not any(frame["type"] == "point" for frame in daniel.frames)
    priya.send(type="turn", hearing=sitting.id, page=sitting.open_page)
    daniel.until("entry", action="page.turned")
    daniel.settle()
    never(daniel, sitting)
    never(late, sitting)


@pytest.mark.parametrize("how", ["withdrawn", "narrowed", "section"])
def test_what_is_taken_away_while_it_is_shown_goes_dark_at_once(
    cast: Cast, join: Join, sitting: Sitting, how: str
):
    screen = services.new_screen(viewer(cast.tom), sitting.hearing, "Jury screen")
    priya, daniel, ruth = join(cast.priya), join(cast.daniel), join(cast.ruth)
    jury = join(path=f"/ws/screen/{screen.code}/", hello=False)
    priya.send(type="turn", hearing=sitting.id, page=sitting.open_page)
    jury.until("state", page=sitting.open_page)
    daniel.until("entry", action="page.turned")
    document = Document.objects.get(pk=sitting.open_document.pk)
    if how == "withdrawn":
        bundles.withdraw(viewer(cast.priya), document, "Served by mistake")
    elif how == "narrowed":
        bundles.change_document(viewer(cast.priya), document, {"visible_to": ["doyle"]})
    else:
        bundles.restrict_section(viewer(cast.tom), document.section, ["prosecution", "doyle", "court"])
    assert jury.until("state", page=None)["label"] is None
    state = daniel.until("state", page=None)
    # What was withdrawn is shown to nobody; what was narrowed is still before the others.
    assert state["hidden"] is (how != "withdrawn")
    now = join(cast.ruth).frames[0]["page"]
    assert now == (None if how == "withdrawn" else sitting.open_page)
    ruth.alive()


def test_what_the_socket_keeps_in_memory_is_what_the_database_says(cast: Cast, sitting: Sitting):
    """The page of a state is decided by audience; the same rule as `Page.visible_to`."""
    priya = viewer(cast.priya)
    rows = Page.objects.select_related("version__document__section__bundle")
    for page in (sitting.open_page, sitting.shut_page):
        services.turn(priya, sitting.hearing, rows.get(pk=page))
        stands = services.standing(cast.case.pk)
        for seer in [*(viewer(cast[who]) for who in ("priya", *OTHERS)), screen_viewer(cast.case)]:
            seen = Page.objects.visible_to(seer).filter(pk=page).exists()
            assert (stands.frame(seer)["page"] == page) is seen
            assert stands.frame(seer)["hidden"] is not seen


def test_a_turn_says_what_stands_after_it(cast: Cast, sitting: Sitting):
    """Nobody asks after a turn: the entry and what stood before are the same as what the database says."""
    priya, shut, none = viewer(cast.priya), sitting.shut_page, None
    seers = [*(viewer(cast[who]) for who in ("priya", *OTHERS)), screen_viewer(cast.case)]
    before = services.standing(cast.case.pk)
    part = {"x": 0.1, "y": 0.25, "w": 0.5, "h": 0.25}
    for page, view in ((sitting.open_page, none), (shut, part), (sitting.open_page, part), (shut, none)):
        turned = services.turn_to(priya, sitting.hearing.pk, page, view)
        asked = services.standing(cast.case.pk)
        said = before.turned(turned.seq, turned.audience, turned.data)
        assert said is not None
        for seer in seers:
            assert said.frame(seer) == asked.frame(seer)
        # Asked after it was written and before it was heard: it is not the one before that again.
        assert asked.turned(turned.seq, turned.audience, turned.data) is asked
        assert said.turned(turned.seq - 1, turned.audience, {**turned.data, "page": "another"}) is said
        before = said
    later = turned.seq + 1
    assert before.turned(later, turned.audience, {**turned.data, "hearing": str(cast.case.pk)}) is None
    services.give_floor(viewer(cast.ruth), sitting.hearing, None)
    assert services.standing(cast.case.pk).turned(later + 1, turned.audience, turned.data) is None
    services.close(viewer(cast.ruth), sitting.hearing)
    assert services.standing(cast.case.pk, sitting.hearing).turned(later + 2, "", turned.data) is None


# --- who is there -------------------------------------------------------------------------------
def test_who_comes_and_goes_is_told(cast: Cast, join: Join, sitting: Sitting):
    ruth = join(cast.ruth)
    first, second = join(cast.daniel), join(cast.daniel)
    came = ruth.until("presence")
    while card_of(cast.daniel) not in [card["id"] for card in came["joined"]]:
        came = ruth.until("presence")
    assert set(came["joined"][0]) == {"id", "name", "role", "party"}
    present = [card["name"] for card in join(cast.mari).frames[0]["present"]]
    assert sorted(present) == ["Daniel Okafor", "HHJ Ruth Adler", "Mari Llwyd"]
    first.socket.close()
    ruth.settle()
    assert not any(card_of(cast.daniel) in frame.get("left", ()) for frame in ruth.frames)
    # Without a word, as when a plug is pulled.
    second.socket.socket.close()
    left = ruth.until("presence")
    while card_of(cast.daniel) not in left["left"]:
        left = ruth.until("presence")


def test_nobody_learns_which_page_another_reads(cast: Cast, join: Join, sitting: Sitting):
    ruth, priya, daniel = join(cast.ruth), join(cast.priya), join(cast.daniel)
    private = page_id(sitting.open_document.current_id, 2)
    daniel.send(type="at", page=private)
    ruth.settle()
    priya.settle()
    join(cast.mari).settle()
    for wire in (ruth, priya):
        assert private not in "".join(wire.raw)
    for page in (7, [], "x" * 41):
        daniel.refused(type="at", page=page)


def test_the_presenter_alone_learns_how_many_see_it(cast: Cast, join: Join, sitting: Sitting):
    code = services.new_screen(viewer(cast.tom), sitting.hearing, "Jury screen").code
    wires = {who: join(cast[who]) for who in ("priya", *OTHERS)}
    jury = join(path=f"/ws/screen/{code}/", hello=False)
    wires["priya"].send(type="turn", hearing=sitting.id, page=sitting.open_page)
    jury.until("state", page=sitting.open_page)
    for who in ("priya", "daniel", "mari"):
        wires[who].send(type="at", page=sitting.open_page)
    wires["priya"].until("watching", page=sitting.open_page, people=2, screens=1)
    wires["mari"].send(type="at", page=None)
    wires["priya"].until("watching", people=1, screens=1)
    # A page that is not for everybody is on no screen.
    wires["priya"].send(type="turn", hearing=sitting.id, page=sitting.shut_page)
    wires["priya"].until("watching", page=sitting.shut_page, people=0, screens=0)
    for who in OTHERS:
        wires[who].settle()
        assert not any(frame["type"] == "watching" for frame in wires[who].frames)


# --- a slow reader ------------------------------------------------------------------------------
def test_who_reads_nothing_holds_nobody_up_and_is_cut_off(
    cast: Cast, join: Join, server: Server, sitting: Sitting
):
    """Frames pile up for one client; the others go on, and what waits for it stays bounded."""
    small = sockets.create_connection(("127.0.0.1", server.port))
    small.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    deaf = join(cast.mari, sock=small, max_queue=1)
    good = join(cast.daniel)
    assert hub._loop is not None
    feed = hub.feeds[str(cast.case.pk)]
    text = json.dumps({"type": "noise", "pad": "x" * 60_000})

    def noise() -> None:
        hub.deliver(feed, Message(str(cast.case.pk), None, "noise", "|everybody|", text))

    async def later() -> None:
        noise()

    slowest = 0.0
    for _n in range(600):
        asyncio.run_coroutine_threadsafe(later(), hub._loop).result(10)
        start = time.monotonic()
        good.until("noise")
        slowest = max(slowest, time.monotonic() - start)
    assert slowest < 3
    end = time.monotonic() + 10
    while any(one.card["id"] == card_of(cast.mari) for one in feed.sockets) and time.monotonic() < end:
        time.sleep(0.05)
    assert [one.card["name"] for one in feed.sockets] == ["Daniel Okafor"]
    deaf.socket.close_timeout = 0
    # It comes back and has everything.
    again = join(cast.mari, after=0)
    again.settle()
    assert again.entries()
