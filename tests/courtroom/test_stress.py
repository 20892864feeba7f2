"""The laws of `make stress`, each in a small edition: scripts/stress.py has the large ones."""

from __future__ import annotations

import json
import random
import select
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations import services as annotations
from casebundle.bundles.labels import Labels, label_now
from casebundle.bundles.models import Page
from casebundle.cases import limits, people
from casebundle.cases.access import NotAllowed, NotVisible, still_may, viewer_in
from casebundle.cases.models import ApiToken, Participant, Tally
from casebundle.courtroom import consumers, entrance, services
from casebundle.courtroom.models import Hearing
from casebundle.journal import record
from casebundle.journal.hub import hub
from casebundle.journal.models import Entry
from scripts.stress import CAST, bad_frames, broken_wire, hear
from tests.cast import OTHER, REFERENCE, Cast, viewer
from tests.courtroom.conftest import Join, Server, Sitting
from tests.courtroom.crowd import Door, Line
from tests.courtroom.session import signed_in
from tests.papers import paper

PATH = f"/ws/cases/{REFERENCE}/"


def said(
    line: Line, until: Callable[[list[dict[str, Any]]], bool], timeout: float = 20
) -> list[dict[str, Any]]:
    """All that came, once it is `until`."""
    end = time.monotonic() + timeout
    while True:
        line.frames += line.read()
        frames = [json.loads(one) for one in line.frames]
        if until(frames) or line.closed is not None:
            return frames
        assert time.monotonic() < end, f"it did not come: {frames[-3:]}"
        select.select([line.socket], [], [], 0.2)


def ponged(frames: list[dict[str, Any]]) -> bool:
    return any(frame["type"] == "pong" for frame in frames)


def write(cast: Cast, n: int, audience: str = "|everybody|") -> int:
    with transaction.atomic():
        return record.append(cast.case.pk, "test.said", audience=audience, data={"n": n}).seq


# --- a turn -------------------------------------------------------------------------------------
def test_a_turn_takes_eight_statements_in_one_transaction(cast: Cast, sitting: Sitting):
    priya = viewer(cast.priya)
    services.turn_to(priya, sitting.hearing.pk, sitting.open_page)
    with CaptureQueriesContext(connection) as asked:
        services.turn_to(priya, sitting.hearing.pk, sitting.open_page)
    words = [row["sql"].split()[0] for row in asked.captured_queries]
    assert words == ["BEGIN", *["SELECT"] * 5, "INSERT", "UPDATE", "UPDATE", "COMMIT"]


def test_what_is_compiled_once_says_what_the_queryset_says(cast: Cast, sitting: Sitting):
    for who in CAST:
        seen = viewer(cast[who])
        for page in (sitting.open_page, sitting.shut_page, "nonsense", "\x00", "\ud800"):
            try:
                found = services._page_for(seen).first(page=page)
            except ValueError:
                found = None
            there = Page.objects.visible_to(seen).filter(pk=page).first() if page.isprintable() else None
            assert (found and found[0]) == (there and there.pk), (who, page)
        for act in ("present", "preside", "manage"):
            assert still_may(seen, act) == seen.may(act)
    for document in (sitting.open_document, sitting.shut_document):
        for index in range(5):
            assert label_now(document.pk, index) == Labels([document]).label(document.pk, index)


def test_the_floor_is_asked_for_at_the_moment_of_the_turn(cast: Cast, sitting: Sitting):
    priya, ruth = viewer(cast.priya), viewer(cast.ruth)
    Participant.objects.filter(pk=priya.participant_id).update(role="observer")
    with pytest.raises(NotAllowed):
        services.turn_to(priya, sitting.hearing.pk, sitting.open_page)
    Participant.objects.filter(pk=priya.participant_id).update(role="prosecution", removed_at=timezone.now())
    with pytest.raises(NotAllowed):
        services.turn_to(priya, sitting.hearing.pk, sitting.open_page)
    Participant.objects.filter(pk=priya.participant_id).update(removed_at=None)
    services.turn_to(priya, sitting.hearing.pk, sitting.open_page)
    services.close(ruth, sitting.hearing)
    with pytest.raises(services.Conflict):
        services.turn_to(priya, sitting.hearing.pk, sitting.open_page)
    with pytest.raises(NotVisible):
        services.turn_to(viewer(cast.sam, OTHER), sitting.hearing.pk, sitting.open_page)


def test_frames_go_straight_to_the_wire_of_this_server(cast: Cast, join: Join, sitting: Sitting):
    """Where a new uvicorn is built in another way, this is how it is noticed: all would work, and slowly."""
    wire = join(cast.daniel)
    sockets = list(hub.sockets(cast.case.pk))
    assert sockets
    assert all(socket.outbox._straight is not None for socket in sockets)
    wire.alive()


# --- the door -----------------------------------------------------------------------------------
def knock(
    user: Any = None, *, secret: str | None = None, session: str | None = None, reference: str = REFERENCE
):
    return entrance.Knock(reference, secret, session, "127.0.0.1")


def test_many_are_let_in_by_as_many_statements_as_a_few(cast: Cast):
    def statements(count: int) -> int:
        knocks = []
        for n in range(count):
            # Letters that nobody takes for one another: people of a case are not called alike.
            called = "abdefgkpstxz"
            name = f"O{called[count // 10]}{called[n // 12]}{called[n % 12]}"
            user = type(cast.tom).objects.create_user(f"o{count}-{n}@court.example", name=name)
            people.join(cast.case, user, "observer", ["court"])
            secret = people.new_token(user, "tests")[1] if n % 2 else None
            knocks.append(knock(secret=secret, session=None if secret else signed_in(user)))
        with CaptureQueriesContext(connection) as asked:
            found = entrance.let_in(knocks)
        assert all(found)
        return len(asked)

    assert statements(40) == statements(4) <= 6


def test_let_in_together_is_let_in_one_by_one(cast: Cast):
    """Good and bad at the same door: each gets what they would get alone, and what access.py says."""
    tokens = {who: people.new_token(cast[who], "tests")[1] for who in (*CAST, "sam")}
    here = people.new_token(cast.tom, "one case", viewer(cast.tom).participant)[1]
    revoked = people.new_token(cast.daniel, "revoked")[1]
    ApiToken.objects.filter(name="revoked").update(revoked_at=timezone.now())
    old = people.new_token(cast.daniel, "old")[1]
    ApiToken.objects.filter(name="old").update(expires_at=timezone.now())
    sessions = {who: signed_in(cast[who]) for who in (*CAST, "sam")}
    over, other, none, forged = (signed_in(cast.daniel) for _i in range(4))
    Session.objects.filter(pk=over).update(expire_date=timezone.now())
    for key, field, value in ((other, HASH_SESSION_KEY, "x"), (none, HASH_SESSION_KEY, None)):
        held = Session.objects.get(pk=key)
        data = {**held.get_decoded(), field: value}
        Session.objects.filter(pk=key).update(session_data=entrance_store().encode(data))
    Session.objects.filter(pk=forged).update(session_data="e30:forged")
    good = [knock(secret=tokens[who]) for who in CAST] + [knock(session=sessions[who]) for who in CAST]
    good += [knock(secret=here), knock(secret=here, reference=REFERENCE.lower())]
    good += [knock(secret=tokens["sam"], reference=OTHER), knock(session=sessions["sam"], reference=OTHER)]
    bad = [knock(secret=one) for one in (tokens["sam"], revoked, old, "", "cb_nonsense", "x" * 5000)]
    bad += [knock(session=one) for one in (sessions["sam"], over, other, none, forged, "nonsense")]
    bad += [knock(secret=here, reference=OTHER), knock(secret=tokens["daniel"], reference="T20269999")]
    bad += [knock(session=sessions["daniel"], reference=one) for one in (OTHER, "\x00", "", "%")]
    knocks = good + bad
    order = random.Random(4).sample(range(len(knocks)), len(knocks))
    together = dict(zip(order, entrance.let_in([knocks[at] for at in order]), strict=True))
    for at, one in enumerate(knocks):
        (alone,) = entrance.let_in([one])
        assert together[at] == alone, one
        assert (alone is not None) == (at < len(good)), one
    for at, who in enumerate([*CAST, *CAST]):
        found = together[at]
        assert found is not None
        assert found[0] == viewer_in(cast[who], reference=REFERENCE)
    people.remove(viewer(cast.tom), viewer(cast.daniel).participant)
    cast.mari.is_active = False
    cast.mari.save()
    for who in ("daniel", "mari"):
        assert entrance.let_in([knock(secret=tokens[who]), knock(session=sessions[who])]) == [None, None]


def entrance_store() -> Any:
    from django.contrib.sessions.backends.db import SessionStore

    return SessionStore()


def test_who_is_removed_between_the_look_and_the_door_is_not_let_in(
    cast: Cast, join: Join, monkeypatch: pytest.MonkeyPatch
):
    keeper = join(cast.mari)
    real = consumers.enter

    async def slowly(scope: Any) -> Any:
        found = await real(scope)
        await removed()
        return found

    @entrance.offload
    def removed() -> None:
        row = viewer(cast.daniel).participant
        people.remove(viewer(cast.tom), row)

    monkeypatch.setattr(consumers, "enter", slowly)
    wire = join(cast.daniel, hello=False)
    assert wire.closed() == 4404
    assert wire.entries() == []
    keeper.alive()


def test_guesses_of_tokens_are_counted(cast: Cast, join: Join, settings: Any, server: Server):
    settings.LIMITS = {**settings.LIMITS, "token": (3, 60)}
    for n in range(5):
        assert join(secret=f"cb_nonsense{n}", hello=False).closed() == 4404
    until = time.monotonic() + 5
    key = limits.TOKEN.key("127.0.0.1")
    while (row := Tally.objects.filter(key=key).first()) is None or row.count < 3:
        assert time.monotonic() < until
        time.sleep(0.05)
    # A good token is too long to be guessed, and is never refused.
    join(cast.daniel).alive()


# --- everybody comes back -----------------------------------------------------------------------
def test_all_who_come_back_at_once_get_exactly_what_they_missed(cast: Cast, sitting: Sitting, server: Server):
    count = 30
    users = []
    for n in range(count):
        user = type(cast.tom).objects.create_user(f"observer{n}@court.example", name=f"Observer {n}")
        people.join(cast.case, user, "observer", ["court" if n % 2 else "bates"])
        users.append(user)
    doors = [
        Door(server.port, PATH, session=signed_in(user), after=None)
        if n % 2
        else Door(server.port, PATH, token=people.new_token(user, "tests")[1], after=None)
        for n, user in enumerate(users)
    ]

    def all_in(doors: list[Door]) -> list[Line]:
        lines = [Line(door).connect(blocking=True) for door in doors]
        for line in lines:
            line.knock()
        for line in lines:
            line.socket.setblocking(False)
        return lines

    lines = all_in(doors)
    for line in lines:
        said(line, bool)
        line.abort()
    start = Entry.objects.order_by("-seq").values_list("seq", flat=True).first()
    priya = viewer(cast.priya)
    for n in range(30):
        write(cast, n, "|bates|" if n % 3 else "|court|")
        services.turn_to(priya, sitting.hearing.pk, sitting.open_page, {"x": 0, "y": 0, "w": 1, "h": 0.5})
    last = Entry.objects.order_by("-seq").values_list("seq", flat=True).first()
    lines = all_in([Door(door.port, door.path, door.token, door.session, start) for door in doors])
    for user, line in zip(users, lines, strict=True):
        frames = said(line, lambda frames: any(frame.get("seq") == last for frame in frames[1:]))
        assert frames[0]["type"] == "state"
        assert (frames[0]["page"], frames[0]["label"]) == (sitting.open_page, sitting.open_label)
        rows = Entry.objects.visible_to(viewer(user)).filter(seq__gt=start).order_by("seq")
        wanted = list(rows.values_list("seq", flat=True))
        line.send({"type": "ping"})
        frames = said(line, ponged)
        assert [frame["seq"] for frame in frames if frame["type"] == "entry"] == wanted
        line.abort()


# --- somebody reads nothing ---------------------------------------------------------------------
def test_who_reads_nothing_holds_nobody_up_and_costs_little(
    cast: Cast, join: Join, sitting: Sitting, server: Server
):
    reader = join(cast.mari)
    token = people.new_token(cast.daniel, "tests")[1]
    deaf = Line(Door(server.port, PATH, token=token, after=0)).enter(4096)
    priya, seqs = viewer(cast.priya), []
    # Entries of their own, not turns alone, of which a client that is behind is spared all but the last.
    for _n in range(150):
        seqs.append(services.turn_to(priya, sitting.hearing.pk, sitting.open_page).seq)
        with transaction.atomic():
            row = record.append(cast.case.pk, "test.said", audience="|everybody|", data={"n": "x" * 20_000})
        seqs.append(row.seq)
        for socket in hub.sockets(cast.case.pk):
            # No more than its queue, what the transport likes to hold, and the frame that went over that.
            assert len(socket.outbox._waiting) <= 256
            assert socket.held < 64 * 1024 + 2 * 32 * 1024
    reader.until("entry", seq=seqs[-1], timeout=60)
    assert [seq for seq in reader.entries() if seq >= seqs[0]] == seqs
    deaf.abort()


# --- bad frames ---------------------------------------------------------------------------------
def test_bad_frames_are_refused_or_cut_off_and_change_nothing(
    cast: Cast, join: Join, sitting: Sitting, server: Server
):
    rng = random.Random(20267001)
    theirs = paper(cast.sam, "H", "Elsewhere", reference=OTHER)
    elsewhere = services.open_hearing(viewer(cast.tom, OTHER), "Trial, day 1")
    user = type(cast.tom).objects.create_user("observer0@court.example", name="Observer")
    people.join(cast.case, user, "observer", ["bates"])
    card = {who: SimpleNamespace(id=str(viewer(cast[who]).participant_id)) for who in CAST}
    card["observer0"] = SimpleNamespace(id=str(viewer(user).participant_id))
    stage: Any = SimpleNamespace(
        people=card, hearing=sitting.id, other_hearing=str(elsewhere.pk), pages=[sitting.open_page],
        shut=[sitting.shut_page], elsewhere=[f"{theirs.current_id.hex}-1"],
    )  # fmt: skip
    polite = join(cast.mari)
    before = list(Entry.objects.order_by("pk").values()), list(Hearing.objects.order_by("pk").values())
    door = Door(server.port, PATH, token=people.new_token(user, "tests")[1], after=None)
    line = Line(door).enter()
    said(line, bool)
    line.frames = []
    frames = bad_frames(stage, rng)[:210]
    for _kind, data in frames:
        line.raw(data)
    line.send({"type": "ping"})
    answers = said(line, ponged, 60)
    refused = [answer for answer in answers if answer["type"] == "refused"]
    assert line.closed is None
    assert len(refused) == len(frames)
    for kind, data in broken_wire(rng).items():
        other = Line(door).enter()
        try:
            other.raw(data)
            other.wait_closed(20)
        except OSError:
            pass
        except TimeoutError:
            pytest.fail(f"{kind}: the connection is still open")
        other.abort()
    polite.alive()
    after = list(Entry.objects.order_by("pk").values()), list(Hearing.objects.order_by("pk").values())
    assert after == before
    line.abort()


# --- who hears of a note ------------------------------------------------------------------------
def test_a_note_reaches_exactly_whom_it_is_for(cast: Cast, join: Join, sitting: Sitting):
    rng = random.Random(20267001)
    screen = services.new_screen(viewer(cast.tom), sitting.hearing, "Jury screen")
    wires = {who: join(cast[who]) for who in CAST}
    wires["sam"] = join(cast.sam, OTHER)
    wires["screen"] = join(path=f"/ws/screen/{screen.code}/", hello=False)
    pages = {False: Page.objects.get(pk=sitting.open_page), True: Page.objects.get(pk=sitting.shut_page)}
    wanted: dict[str, set[str]] = {}
    for n in range(60):
        author = rng.choice(CAST)
        choice = rng.choice(["private", "party", "parties", "case"])
        parties = rng.sample(["bates", "court", "doyle", "prosecution"], 2) if choice == "parties" else []
        shut = rng.random() < 0.4 and author != "daniel"
        note = annotations.create(
            viewer(cast[author]), pages[shut], kind="note", body=f"n {n}", choice=choice, parties=parties
        )
        wanted[str(note.pk)] = hear(author, choice, parties, shut)
    heard: dict[str, list[str]] = {key: [] for key in wanted}
    for who, wire in wires.items():
        wire.settle()
        for frame in wire.frames:
            if frame["type"] == "entry" and "note" in frame["data"]:
                heard[frame["data"]["note"]].append(who)
    assert {key: sorted(who) for key, who in heard.items()} == {
        key: sorted(who) for key, who in wanted.items()
    }
    for who in CAST:
        rows = Entry.objects.visible_to(viewer(cast[who])).filter(action="note.created")
        assert {row.data["note"] for row in rows} == {key for key, found in heard.items() if who in found}
