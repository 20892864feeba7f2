"""What somebody may not see sends them nothing: no frame when it is done, none when they come back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Cast
from tests.courtroom.conftest import Join, Server, Sitting
from tests.security import interference
from tests.security.interference import World

# Of a frame, what does not come from the place of its entry in the journal.
KEPT = ("type", "action", "actor", "data")


def told(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: frame.get(key) for key in KEPT} for frame in frames if frame["type"] != "pong"]


@pytest.mark.parametrize("who", interference.CASE)
def test_what_is_hidden_sends_nothing(server: Server, cast: Cast, join: Join, who: str) -> None:
    world = World(cast)
    # What only somebody else may know of comes after all that this person may, so that they are there to hear of it.
    acts = interference.story(3, 24)
    hidden = [act for act in acts if who not in act.known_to]
    assert len(hidden) > 5
    for act in acts:
        if who in act.known_to:
            world.things[act.name] = act.do(world)
    wire = join(cast[who], after=0)
    before = told(wire.settle() + wire.settle())
    for act in hidden:
        world.things[act.name] = act.do(world)
    assert told(wire.settle()) == []
    again = join(cast[who], after=0)
    # Who is there is said anew; everything that happened is what it was.
    after = told(again.settle())
    assert [frame for frame in after if frame["type"] == "entry"] == [
        frame for frame in before if frame["type"] == "entry"
    ]


def test_turning_from_one_hidden_page_to_another_tells_others_nothing(
    cast: Cast, join: Join, sitting: Sitting
) -> None:
    """That something is shown they see in the room; how often it is another page they do not."""
    priya, daniel = join(cast.priya), join(cast.daniel)
    priya.send(type="turn", hearing=sitting.id, page=sitting.shut_page)
    daniel.until("state", hidden=True)
    daniel.settle()
    for number in (2, 1, 2):
        priya.send(type="turn", hearing=sitting.id, page=f"{sitting.shut_page.rpartition('-')[0]}-{number}")
        priya.until("entry", action="page.turned")
    assert told(daniel.settle()) == []
    priya.send(type="turn", hearing=sitting.id, page=sitting.open_page)
    assert daniel.until("entry", action="page.turned")["data"]["page"] == sitting.open_page
