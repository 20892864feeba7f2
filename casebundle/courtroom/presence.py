"""Who is present in a case, from the sockets of this process.

Who came and who left is told to everybody a moment later, as the difference: five hundred people who come at once
are told of in one frame, and one who leaves costs one name. Which page somebody looks at is told to nobody: what
counsel reads is theirs. The presenter alone learns how many are at the page that is presented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from casebundle.journal.hub import encode, hub

if TYPE_CHECKING:
    from .consumers import CaseSocket, ScreenSocket

SHOWN = ("id", "name", "role", "party")


class Presence:
    """The people and screens of one case that are connected, each once however many windows they have open."""

    def __init__(self) -> None:
        self.people: dict[str, set[CaseSocket]] = {}
        self.screens: set[ScreenSocket] = set()
        self._cards: dict[str, str] = {}
        self._touched: set[str] = set()  # who came or left since it was last told
        self._screens_touched = False
        self._all = ""

    def came(self, socket: CaseSocket) -> None:
        key = socket.card["id"]
        self.people.setdefault(key, set()).add(socket)
        self._cards[key] = encode({name: socket.card[name] for name in SHOWN})
        self._touched.add(key)
        self._all = ""

    def left(self, socket: CaseSocket) -> None:
        key = socket.card["id"]
        windows = self.people.get(key, set())
        windows.discard(socket)
        if not windows:
            self.people.pop(key, None)
            self._cards.pop(key, None)
        self._touched.add(key)
        self._all = ""

    def screen_came(self, screen: ScreenSocket) -> None:
        self.screens.add(screen)
        self._screens_touched, self._all = True, ""

    def screen_left(self, screen: ScreenSocket) -> None:
        self.screens.discard(screen)
        self._screens_touched, self._all = True, ""

    @property
    def empty(self) -> bool:
        return not self.people and not self.screens

    def everybody(self) -> str:
        """`"present": […], "screens": […]`, as a `state` frame has them."""
        if not self._all:
            self._all = f'"present":[{",".join(self._cards.values())}],"screens":{encode_list(self.names())}'
        return self._all

    def names(self) -> list[str]:
        return sorted(screen.name for screen in self.screens)

    def news(self) -> str:
        """The `presence` frame of what changed since the last one; "" where nothing did.

        Somebody who left and came again meanwhile is told as having come: a client that joined in between may not
        have seen them.
        """
        if not self._touched and not self._screens_touched:
            return ""
        joined = [self._cards[key] for key in self._touched if key in self._cards]
        left = [key for key in self._touched if key not in self._cards]
        self._touched, self._screens_touched = set(), False
        return (
            f'{{"type":"presence","joined":[{",".join(joined)}],"left":{encode_list(left)},'
            f'"screens":{encode_list(self.names())}}}'
        )

    def watching(self, page: str | None, presenter: str | None) -> int:
        """How many people, besides the presenter, have this page before them."""
        if page is None:
            return 0
        return sum(
            1
            for key, windows in self.people.items()
            if key != presenter and any(socket.at == page for socket in windows)
        )


def encode_list(items: list[str]) -> str:
    return encode(items)  # type: ignore[arg-type]


def people(case_id: UUID | str) -> list[dict[str, Any]]:
    """The people connected, once each: {id, name, role, party}, by role and name."""
    found = {}
    for socket in hub.sockets(case_id):
        card = getattr(socket, "card", None)
        if card:
            found[card["id"]] = {name: card[name] for name in SHOWN}
    return sorted(found.values(), key=lambda card: (card["role"], card["name"]))


def screen_codes(case_id: UUID | str) -> set[str]:
    """The codes of the evidence screens that are connected."""
    return {socket.code for socket in hub.sockets(case_id) if hasattr(socket, "code")}
