"""Who may send which frame: the socket's part of the permission table. A frame without a row fails.

Priya has the floor; the second document is Doyle's alone, so Daniel must not see it. `ok` is taken without a word,
`refused` leaves the connection open, `shut` is not let in at all.
"""

from __future__ import annotations

from typing import Any

import pytest

from casebundle.courtroom.consumers import CaseSocket, ScreenSocket
from casebundle.journal.models import Entry
from tests.cast import Cast, viewer
from tests.courtroom.conftest import Join, Sitting

WHO = ["priya", "daniel", "mari", "ruth", "tom", "sam", None]
# (frame, what else it says, the action that it writes, then each of the cast)
ROWS: list[tuple[str, dict[str, str], str, str]] = [
    ("hello", {"after": "0"}, "", "ok ok ok ok ok shut shut"),
    ("ping", {}, "", "ok ok ok ok ok shut shut"),
    ("at", {"page": "open"}, "", "ok ok ok ok ok shut shut"),
    (
        "turn",
        {"hearing": "id", "page": "open"},
        "page.turned",
        "ok refused refused refused refused shut shut",
    ),
    (
        "turn",
        {"hearing": "id", "page": "shut"},
        "page.turned",
        "ok refused refused refused refused shut shut",
    ),
    (
        "turn",
        {"hearing": "id", "page": "none"},
        "page.turned",
        "refused refused refused refused refused shut shut",
    ),
    (
        "point",
        {"hearing": "id", "page": "open", "at": "middle"},
        "",
        "ok refused refused refused refused shut shut",
    ),
    ("floor", {"hearing": "id", "to": "daniel"}, "floor.given", "refused refused refused ok ok shut shut"),
    ("floor", {"hearing": "id", "to": "nobody"}, "floor.taken", "refused refused refused ok ok shut shut"),
    (
        "floor",
        {"hearing": "id", "to": "sam"},
        "floor.given",
        "refused refused refused refused refused shut shut",
    ),
]
GONE = 4404


@pytest.mark.parametrize(("kind", "says", "action", "expected"), ROWS)
def test_each_of_the_cast(
    cast: Cast, join: Join, sitting: Sitting, kind: str, says: dict[str, str], action: str, expected: str
) -> None:
    meant: dict[str, Any] = {
        "id": sitting.id,
        "open": sitting.open_page,
        "shut": sitting.shut_page,
        "none": "0" * 32 + "-1",
        "middle": [0.5, 0.5],
        "0": 0,
        "daniel": str(viewer(cast.daniel).participant_id),
        "sam": str(viewer(cast.sam, "T20267002").participant_id),
        "nobody": None,
    }
    frame = {"type": kind, **{key: meant[value] for key, value in says.items()}}
    for who, wanted in zip(WHO, expected.split(), strict=True):
        user = cast[who] if who else None
        if wanted == "shut":
            assert join(user, hello=False).closed() == GONE, who
            continue
        before = Entry.objects.filter(action=action).count()
        wire = join(user)
        if wanted == "refused":
            wire.refused(**frame)
        else:
            wire.send(**frame)
            assert not [f for f in wire.settle() if f["type"] == "refused"], who
        written = Entry.objects.filter(action=action).count() - before
        assert written == (1 if wanted == "ok" and action else 0), who
        if action.startswith("floor"):
            # As it was, for the next of them.
            from casebundle.courtroom import services

            services.give_floor(viewer(cast.ruth), sitting.hearing, viewer(cast.priya).participant)


def test_every_frame_has_a_row() -> None:
    assert set(CaseSocket.ACTS) == {row[0] for row in ROWS}


def test_an_evidence_screen_has_nothing_to_say() -> None:
    """It answers a ping, and passes over whatever else it is sent."""
    assert not hasattr(ScreenSocket, "ACTS")


def test_what_a_read_only_token_may_send_is_decided_here() -> None:
    """A new frame is the doing of an act, unless it changes nothing; then it is added here."""
    from casebundle.cases.access import ACTS

    acts = {kind: act for kind, (_do, act) in CaseSocket.ACTS.items()}
    assert {kind for kind, act in acts.items() if act is None} == {"hello", "ping", "at"}
    assert set(acts.values()) - {None} <= set(ACTS)
