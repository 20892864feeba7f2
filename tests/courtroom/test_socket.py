"""The socket itself: who is let in, hello and replay, frames that are refused."""

from __future__ import annotations

import json
import random
import time
from contextlib import suppress
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from casebundle.cases import people
from casebundle.cases.models import ApiToken
from casebundle.courtroom.consumers import FORGIVEN
from casebundle.journal import hub, record
from casebundle.journal.audience import join as audience_of
from casebundle.journal.audience import person
from casebundle.journal.models import Entry
from tests.cast import OTHER, REFERENCE, Cast, viewer
from tests.courtroom.conftest import Join, Server, Sitting
from tests.courtroom.session import signed_in
from tests.papers import paper

PEOPLE = ("priya", "daniel", "mari", "ruth", "tom")
HEAD = {"seq", "hearing", "presenter", "page", "label", "view", "present"}


def write(cast: Cast, audience: str, n: int, document: Any = None) -> int:
    with transaction.atomic():
        return record.append(
            cast.case.pk, "test.said", audience=audience, document=document, data={"n": n}
        ).seq


def seqs(user: Any, after: int = 0) -> list[int]:
    """What access.py says that `user` may see."""
    rows = Entry.objects.visible_to(viewer(user)).filter(seq__gt=after).order_by("seq")
    return list(rows.values_list("seq", flat=True))


# --- the door -----------------------------------------------------------------------------------
@pytest.mark.parametrize("session", [False, True])
@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_in_the_case_gets_in(cast: Cast, join: Join, who: str, session: bool):
    wire = join(cast[who], session=session, hello=False)
    state = wire.hello()
    assert set(state) >= HEAD
    assert {"id": str(viewer(cast[who]).participant_id), "role": viewer(cast[who]).role} in [
        {key: card[key] for key in ("id", "role")} for card in state["present"]
    ]


def test_who_is_not_in_the_case_learns_nothing(cast: Cast, join: Join):
    closes = []
    for user, reference in [
        (cast.sam, REFERENCE),
        (cast.sam, "T20269999"),
        (cast.daniel, OTHER),
        (None, REFERENCE),
        (None, "T20269999"),
        (cast.sam, "nonsense%00"),
    ]:
        wire = join(user, reference, hello=False)
        closes.append((wire.closed(), wire.raw))
    assert closes == [(4404, [])] * 6
    assert join(secret="cb_nonsense", hello=False).closed() == 4404
    assert join(secret="", hello=False, subprotocols=["bearer"]).closed() == 4404
    assert join(session="nonsense", hello=False).closed() == 4404
    assert join(path="/ws/elsewhere/", hello=False).closed() == 4404


def test_a_reference_is_one_whatever_its_case(cast: Cast, join: Join):
    assert join(cast.daniel, REFERENCE.lower(), hello=False).hello()["type"] == "state"


def test_a_page_of_another_site_may_not_use_our_cookies(cast: Cast, server: Server):
    key = signed_in(cast.daniel)
    url = f"ws://{server.url}/ws/cases/{REFERENCE}/"
    for origin in ("https://evil.example", "null", f"http://{server.url}.evil.example", "http://127.0.0.1:1"):
        with pytest.raises(InvalidStatus):
            connect(url, origin=origin, additional_headers={"Cookie": f"sessionid={key}"})
    with connect(
        url, origin=f"http://{server.url}", additional_headers={"Cookie": f"sessionid={key}"}
    ) as ours:
        ours.send('{"type": "hello"}')
        assert json.loads(ours.recv(10))["type"] == "state"


def test_a_token_of_one_case_opens_no_other(cast: Cast, join: Join):
    here = viewer(cast.tom).participant
    secret = people.new_token(cast.tom, "one case", here)[1]
    assert join(secret=secret, hello=False).hello()["type"] == "state"
    assert join(secret=secret, reference=OTHER, hello=False).closed() == 4404


# --- hello --------------------------------------------------------------------------------------
def test_nothing_comes_before_the_hello_and_the_state_comes_first(cast: Cast, join: Join, sitting: Sitting):
    early = join(cast.daniel, hello=False)
    write(cast, "|everybody|", 1)
    join(cast.mari)
    time.sleep(1)
    early.alive()
    assert [frame["type"] for frame in early.frames] == ["pong"]
    early.send(type="hello", after=0)
    assert early.read()["type"] == "state"
    early.settle()
    assert early.entries() == seqs(cast.daniel)


def test_hello_gives_the_state_and_then_every_entry_after(cast: Cast, join: Join, sitting: Sitting):
    wire = join(cast.daniel, hello=False)
    state = wire.hello(0)
    assert (state["hearing"], state["presenter"]["name"], state["page"]) == (sitting.id, "Priya Shah", None)
    wire.settle()
    assert wire.entries() == seqs(cast.daniel)
    assert state["seq"] == Entry.objects.order_by("-seq").first().seq
    entry = next(frame for frame in wire.frames if frame.get("action") == "hearing.opened")
    assert set(entry) == {"type", "seq", "action", "actor", "at", "data"}
    assert entry["actor"]["name"] == "HHJ Ruth Adler"


def test_a_second_hello_answers_as_the_first(cast: Cast, join: Join, sitting: Sitting):
    wire = join(cast.daniel, after=0)
    wire.settle()
    first = wire.entries()
    middle = first[len(first) // 2]
    wire.hello(middle)
    wire.settle()
    assert wire.entries() == first + [seq for seq in first if seq > middle]


def test_who_was_away_gets_exactly_what_they_missed(cast: Cast, join: Join, sitting: Sitting):
    wire = join(cast.daniel, after=0)
    wire.settle()
    last = wire.entries()[-1]
    wire.socket.close()
    for n in range(30):
        write(cast, "|everybody|" if n % 3 else "|prosecution|", n)
    back = join(cast.daniel, after=last)
    write(cast, "|everybody|", 99)
    back.settle()
    assert back.entries() == seqs(cast.daniel, last)


def test_a_number_that_never_was_means_from_now_on(cast: Cast, join: Join, sitting: Sitting):
    wire = join(cast.daniel, hello=False)
    state = wire.hello(10**12)
    assert state["head"] == Entry.objects.order_by("-seq").first().seq
    seq = write(cast, "|everybody|", 1)
    wire.settle()
    assert wire.entries() == [seq]


def test_a_long_absence_is_made_up_for(
    cast: Cast, join: Join, sitting: Sitting, monkeypatch: pytest.MonkeyPatch
):
    """More entries than stay in memory, while new ones come."""
    monkeypatch.setattr(hub, "RECENT", 100)
    monkeypatch.setattr(hub, "AT_LEAST", 30)
    monkeypatch.setattr(hub, "PORTION", 30)
    with transaction.atomic():
        for n in range(350):
            record.append(cast.case.pk, "test.said", data={"n": n})
    keeper = join(cast.mari)
    wire = join(cast.daniel, after=1, hello=False)
    wire.send(type="hello", after=1)
    for n in range(5):
        write(cast, "|everybody|", n)
    wire.until("entry", seq=Entry.objects.order_by("-seq").first().seq, timeout=30)
    wire.settle()
    assert wire.entries() == seqs(cast.daniel, 1)
    keeper.alive()


def test_what_was_restricted_since_is_not_given_out_again(cast: Cast, join: Join, sitting: Sitting):
    from casebundle.bundles import services

    # From memory, while somebody is there, and from the journal, when nobody was.
    keeper = join(cast.ruth, after=0)
    keeper.settle()
    document = sitting.open_document
    before = join(cast.daniel, after=0)
    before.settle()
    assert "Statement of Kim" in "".join(before.raw)
    services.change_document(viewer(cast.priya), document, {"visible_to": ["doyle"]})
    for wire in (join(cast.daniel, after=0), join(cast.daniel, after=0)):
        wire.settle()
        assert wire.entries() == seqs(cast.daniel)
        assert "Statement of Kim" not in "".join(wire.raw)
    assert "Statement of Kim" in "".join(keeper.raw)


def test_everybody_gets_what_access_says_and_nothing_else(cast: Cast, join: Join, sitting: Sitting):
    """Random entries of random audiences, live and replayed: no socket gets one more or one less."""
    rng = random.Random(20267001)
    tokens = ["everybody", "prosecution", "bates", "doyle", "court", "judge"]
    tokens += [person(viewer(cast[who]).participant_id) for who in PEOPLE]
    documents = [
        None,
        sitting.open_document.pk,
        sitting.shut_document.pk,
        paper(cast.daniel, "H", "Mine", visible_to=["bates"]).pk,
    ]
    start = Entry.objects.order_by("-seq").first().seq
    live = {who: join(cast[who]) for who in PEOPLE}
    split = {who: join(cast[who]) for who in PEOPLE}
    for n in range(120):
        write(cast, audience_of(rng.sample(tokens, rng.choice([0, 1, 1, 2, 3]))), n)
        if n == 60:
            for wire in split.values():
                wire.settle()
                wire.socket.close()
    told = 0
    for who, wire in live.items():
        wire.settle()
        assert wire.entries() == seqs(cast[who], start), who
        told += len(wire.entries())
        first = split[who].entries()
        back = join(cast[who], after=first[-1] if first else start)
        back.settle()
        assert first + back.entries() == seqs(cast[who], start), who
    assert 120 < told < 120 * len(PEOPLE)
    # Entries about a document, and who may see the document.
    before = Entry.objects.order_by("-seq").first().seq
    for n in range(40):
        document = rng.choice(documents)
        write(cast, "|everybody|", n, document)
    for who in PEOPLE:
        wire = join(cast[who], after=before)
        wire.settle()
        assert wire.entries() == seqs(cast[who], before), who


# --- frames -------------------------------------------------------------------------------------
def test_what_is_not_understood_is_refused_and_the_line_stays(cast: Cast, join: Join, sitting: Sitting):
    wire = join(cast.priya)
    for text in [
        "",
        "{",
        "[]",
        "null",
        "7",
        '"hello"',
        "[" * 5000,
        "{}",
        '{"type": null}',
        '{"type": ["hello"]}',
    ]:
        wire.socket.send(text)
        assert wire.until("refused")["of"] is None
    for frame in [{"type": "nonsense"}, {"type": "__init__"}, {"type": "ACTS"}, {"type": "x" * 1000}]:
        wire.send(**frame)
        assert wire.until("refused")["of"] == frame["type"][:40]
    wire.socket.send(b"\x00\xff" * 100)
    assert wire.until("refused")["of"] is None
    wire.send(type="hello", pad="x" * 300_000)
    assert wire.until("refused")["of"] is None
    for after in [-1, "7", 1.5, True, [], {}, 2**70]:
        assert "sequence number" in wire.refused(type="hello", after=after)
    wire.alive()


def test_ids_of_any_shape_are_refused(cast: Cast, join: Join, sitting: Sitting):
    wire = join(cast.priya)
    odd = [None, 7, True, [], {}, "", "x", "\x00", "\ud800", "9" * 5000, str(sitting.shut_document.pk), 1e400]
    for value in odd:
        wire.refused(type="turn", hearing=value, page=sitting.open_page)
        wire.refused(type="turn", hearing=sitting.id, page=value)
        wire.refused(type="point", hearing=value, page=sitting.open_page, at=[0.5, 0.5])
    for view in [
        7,
        "x",
        [],
        {},
        {"x": 0},
        {"x": 0, "y": 0, "w": 0, "h": 1},
        {"x": "a", "y": 0, "w": 1, "h": 1},
    ]:
        wire.refused(type="turn", hearing=sitting.id, page=sitting.open_page, view=view)
    wire.socket.send(
        f'{{"type": "turn", "hearing": "{sitting.id}", "page": "{sitting.open_page}",'
        ' "view": {"x": NaN, "y": 0, "w": 1, "h": 1e999}}'
    )
    wire.until("refused", of="turn")
    ruth = join(cast.ruth)
    for value in [7, True, [], {}, "", "x", "\x00", str(viewer(cast.sam, OTHER).participant_id)]:
        ruth.refused(type="floor", hearing=sitting.id, to=value)
    assert not Entry.objects.filter(action="page.turned").exists()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FRAMES = st.fixed_dictionaries(
    {"type": st.sampled_from(["hello", "turn", "point", "floor", "at", "ping"])},
    optional=dict.fromkeys(("after", "hearing", "page", "view", "at", "to"), JSON),
)


def test_no_frame_ends_the_connection(cast: Cast, join: Join, sitting: Sitting):
    wire = join(cast.daniel)

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(FRAMES)
    def any_frame(frame: dict[str, Any]) -> None:
        wire.socket.send(json.dumps(frame))

    any_frame()
    wire.alive()
    assert not Entry.objects.filter(action__in=["page.turned"]).exists()


def test_who_sends_nothing_but_bad_frames_is_cut_off_and_harms_nobody(
    cast: Cast, join: Join, sitting: Sitting
):
    rude, polite = join(cast.daniel), join(cast.mari)
    with suppress(ConnectionClosed):
        for n in range(10_000):
            rude.socket.send('{"type": "nonsense"}')
            if n % 500 == 499:
                polite.alive()
    assert rude.closed() == 1008
    refused = sum(frame["type"] == "refused" for frame in rude.frames)
    assert FORGIVEN <= refused < 2 * FORGIVEN
    polite.alive()
    # A browser that comes back is let in.
    join(cast.daniel).alive()


# --- somebody's part ends -----------------------------------------------------------------------
def test_who_is_removed_is_out(cast: Cast, join: Join, sitting: Sitting):
    wire, other = join(cast.daniel), join(cast.mari)
    participant = viewer(cast.daniel).participant
    people.remove(viewer(cast.tom), participant)
    seq = write(cast, "|bates|", 1)
    assert wire.closed() == 4404
    assert seq not in wire.entries()
    other.alive()
    assert join(cast.daniel, hello=False).closed() == 4404


def test_who_gets_another_part_sees_by_it_from_then_on(cast: Cast, join: Join, sitting: Sitting):
    people.join(cast.case, cast.sam, "defence", ["bates", "doyle"])
    wire = join(cast.sam)
    people.change(viewer(cast.tom), viewer(cast.sam).participant, "defence", ["doyle"])
    wire.until("state")
    lost, won = write(cast, "|bates|", 1), write(cast, "|doyle|", 2)
    wire.settle()
    assert won in wire.entries()
    assert lost not in wire.entries()
    assert wire.entries() == sorted(set(wire.entries()))


@pytest.mark.parametrize("session", [False, True])
def test_who_is_put_out_of_the_house_is_out(cast: Cast, join: Join, session: bool):
    wire = join(cast.daniel, session=session)
    cast.daniel.is_active = False
    cast.daniel.save()
    assert wire.closed() == 4404


def test_signing_out_ends_that_session_alone(cast: Cast, join: Join, server: Server, client: Any):
    client.force_login(cast.daniel)
    here = join(cast.daniel, session=client.session.session_key)
    there = join(cast.daniel, session=True)
    client.logout()
    assert here.closed() == 4404
    there.alive()


def test_another_password_ends_the_sessions(cast: Cast, join: Join):
    wire, token = join(cast.daniel, session=True), join(cast.daniel)
    cast.daniel.set_password("another long password")
    cast.daniel.save()
    assert wire.closed() == 4404
    token.alive()


def test_a_session_that_runs_out_ends_its_socket(cast: Cast, join: Join):
    from django.contrib.sessions.models import Session

    wire = join(cast.daniel, session=True)
    Session.objects.update(expire_date=timezone.now())
    assert wire.closed() == 4404


@pytest.mark.parametrize("how", ["revoked", "ran out", "unseen"])
def test_a_token_that_is_good_no_more_ends_its_socket(cast: Cast, join: Join, how: str):
    wire = join(cast.daniel)
    token = ApiToken.objects.get(user=cast.daniel)
    if how == "revoked":
        token.revoked_at = timezone.now()
        token.save()
    else:
        # Without a word to anybody, as time does it.
        ApiToken.objects.update(**{"expires_at" if how == "ran out" else "revoked_at": timezone.now()})
    assert wire.closed() == 4404


def test_logging_in_elsewhere_ends_nothing(cast: Cast, join: Join, client: Any):
    wire = join(cast.daniel, session=True)
    client.force_login(cast.daniel)
    cast.daniel.save(update_fields=["last_login"])
    time.sleep(1.2)
    wire.alive()


# --- language -----------------------------------------------------------------------------------
def test_refusals_are_in_the_language_of_the_person(cast: Cast, join: Join, sitting: Sitting):
    from django.utils import translation
    from django.utils.translation import gettext

    text = "That frame is not understood."
    wire = join(cast.mari)
    wire.socket.send("{")
    with translation.override("cy"):
        assert wire.until("refused")["detail"] == gettext(text)


# --- tokens of less than everything -------------------------------------------------------------
def test_a_read_only_token_follows_and_does_nothing(cast: Cast, join: Join, sitting: Sitting):
    """Even where its owner has the floor, or presides; and after their part was looked at again."""
    from casebundle.cases import names

    page = {"hearing": sitting.id, "page": sitting.open_page}
    priya = join(secret=people.new_token(cast.priya, "t", scope="read")[1])
    ruth = join(secret=people.new_token(cast.ruth, "t", scope="read")[1])
    own = join(cast.priya)
    for again in (False, True):
        if again:
            names.rename(cast.priya, "Priya K Shah")
            names.rename(cast.ruth, "HHJ Ruth B Adler")
            priya.settle()
            ruth.settle()
        for wire, kind, more in (
            (priya, "turn", page),
            (priya, "point", {**page, "at": [0.5, 0.5]}),
            (ruth, "floor", {"hearing": sitting.id, "to": None}),
        ):
            assert "“read”" in wire.refused(type=kind, **more), (kind, again)
    own.send(type="turn", **page)
    assert priya.until("entry", action="page.turned")["data"]["page"] == sitting.open_page


def test_a_serve_only_token_gets_no_socket(cast: Cast, join: Join):
    secret = people.new_token(cast.priya, "t", scope="serve")[1]
    assert join(secret=secret, hello=False).closed() == 4404


def test_who_is_shown_is_called_as_they_are_called_now(cast: Cast, join: Join):
    from casebundle.cases import names

    wire = join(cast.daniel)
    other = join(cast.priya)
    names.rename(cast.priya, "Priya K Shah")
    assert other.until("entry", action="participant.renamed")["data"]["was"] == "Priya Shah"
    while "Priya K Shah" not in {one["name"] for one in wire.until("presence")["joined"]}:
        pass
    late = join(cast.mari, hello=False)
    assert "Priya K Shah" in {one["name"] for one in late.hello()["present"]}
