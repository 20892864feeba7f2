"""Who is present in a case: from the sockets of this process, and from what others say of theirs (others.py).

Who came and who left is told to everybody a moment later, as the difference: five hundred people who come at once
are told of in one frame, and one who leaves costs one name. Which page somebody looks at is told to nobody: what
counsel reads is theirs. The presenter alone learns how many are at the page that is presented.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from casebundle.journal.hub import encode, hub

if TYPE_CHECKING:
    from .consumers import CaseSocket, ScreenSocket

SHOWN = ("id", "name", "role", "party")

# What a process says of who is connected to it: {people: [card], screens: [[code, name]], page, at: [id]}, or {}.
Said = dict[str, Any]


@dataclass(frozen=True)
class Elsewhere:
    """Who is connected to a case through another server process."""

    version: int
    cards: dict[str, str]
    screens: tuple[tuple[str, str], ...]  # (code, name)
    page: str | None  # what they count as presented
    at: frozenset[str]  # ids of those who have it before them
    heard: float  # by the loop's clock

    @classmethod
    def of(cls, version: int, said: Said, heard: float) -> Elsewhere:
        cards = {card["id"]: encode({name: card[name] for name in SHOWN}) for card in said.get("people", ())}
        screens = tuple((code, name) for code, name in said.get("screens", ()))
        return cls(version, cards, screens, said.get("page"), frozenset(said.get("at", ())), heard)

    def at_page(self, version: int, page: str | None, at: Iterable[str], heard: float) -> Elsewhere:
        """The same people and screens, and who of them has the presented page before them now."""
        return replace(self, version=version, page=page, at=frozenset(at), heard=heard)


class Presence:
    """The people and screens of one case that are connected, each once however many windows they have open."""

    def __init__(self) -> None:
        self.people: dict[str, set[CaseSocket]] = {}
        self.screens: set[ScreenSocket] = set()
        self._cards: dict[str, str] = {}
        self._said: list[dict[str, Any]] | None = None  # the same as other processes are told
        self._touched: set[str] = set()  # who came or left since it was last told
        self._screens_touched = False
        self._all = ""
        self.others: dict[str, Elsewhere] = {}  # by process

    def came(self, socket: CaseSocket) -> None:
        key = socket.card["id"]
        self.people.setdefault(key, set()).add(socket)
        self._cards[key] = encode({name: socket.card[name] for name in SHOWN})
        self._touched.add(key)
        self._all, self._said = "", None

    def left(self, socket: CaseSocket) -> None:
        key = socket.card["id"]
        windows = self.people.get(key, set())
        windows.discard(socket)
        if not windows:
            self.people.pop(key, None)
            self._cards.pop(key, None)
        self._touched.add(key)
        self._all, self._said = "", None

    def screen_came(self, screen: ScreenSocket) -> None:
        self.screens.add(screen)
        self._screens_touched, self._all = True, ""

    def screen_left(self, screen: ScreenSocket) -> None:
        self.screens.discard(screen)
        self._screens_touched, self._all = True, ""

    @property
    def empty(self) -> bool:
        """Whether nobody is connected here."""
        return not self.people and not self.screens

    # --- in other processes ---------------------------------------------------------------------
    def said(self, page: str | None) -> Said:
        """What the other processes are told of this one; `page` is the one that is presented."""
        if self.empty:
            return {}
        if self._said is None:
            self._said = [json.loads(self._cards[key]) for key in sorted(self._cards)]
        return {
            "people": self._said,
            "screens": sorted([screen.code, screen.name] for screen in self.screens),
            "page": page,
            "at": sorted(self._at(page)),
        }

    def elsewhere(self, other: str, now: Elsewhere | None) -> None:
        """Another process says who is connected to it; None, or nobody, for one that is gone."""
        before = self.others.pop(other, None)
        if now is not None and (now.cards or now.screens):
            self.others[other] = now
        old, new = (before.cards if before else {}), (now.cards if now else {})
        if old is new and before is not None and now is not None and before.screens == now.screens:
            return
        self._touched |= {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
        if (before.screens if before else ()) != (now.screens if now else ()):
            self._screens_touched = True
        self._all = ""

    def _card(self, key: str) -> str | None:
        if key in self._cards:
            return self._cards[key]
        return next((other.cards[key] for other in self.others.values() if key in other.cards), None)

    # --- all of them ----------------------------------------------------------------------------
    def everybody(self) -> str:
        """`"present": […], "screens": […]`, as a `state` frame has them."""
        if not self._all:
            cards: dict[str, str] = {}
            for other in self.others.values():
                cards |= other.cards
            cards |= self._cards
            self._all = f'"present":[{",".join(cards.values())}],"screens":{encode_list(self.names())}'
        return self._all

    def names(self) -> list[str]:
        elsewhere = [name for other in self.others.values() for _code, name in other.screens]
        return sorted([*(screen.name for screen in self.screens), *elsewhere])

    def news(self) -> str:
        """The `presence` frame of what changed since the last one; "" where nothing did.

        Somebody who left and came again meanwhile is told as having come: a client that joined in between may not
        have seen them.
        """
        if not self._touched and not self._screens_touched:
            return ""
        known = {key: self._card(key) for key in self._touched}
        joined = [card for card in known.values() if card is not None]
        left = [key for key, card in known.items() if card is None]
        self._touched, self._screens_touched = set(), False
        return (
            f'{{"type":"presence","joined":[{",".join(joined)}],"left":{encode_list(left)},'
            f'"screens":{encode_list(self.names())}}}'
        )

    def _at(self, page: str | None) -> set[str]:
        if page is None:
            return set()
        return {key for key, windows in self.people.items() if any(socket.at == page for socket in windows)}

    def watching(self, page: str | None, presenter: str | None) -> int:
        """How many people, besides the presenter, have this page before them."""
        if page is None:
            return 0
        seen = self._at(page).union(*(other.at for other in self.others.values() if other.page == page))
        return len(seen - {presenter})

    def screens_there(self) -> int:
        """How many evidence screens are connected."""
        return len(self.screens) + sum(len(other.screens) for other in self.others.values())


def encode_list(items: list[str]) -> str:
    return encode(items)  # type: ignore[arg-type]


def people(case_id: UUID | str) -> list[dict[str, Any]]:
    """The people connected, once each: {id, name, role, party}, by role and name."""
    from .others import said_elsewhere

    found = {card["id"]: card for said in said_elsewhere(case_id) for card in said.get("people", ())}
    for socket in hub.sockets(case_id):
        card = getattr(socket, "card", None)
        if card:
            found[card["id"]] = {name: card[name] for name in SHOWN}
    return sorted(found.values(), key=lambda card: (card["role"], card["name"]))


def screen_codes(case_id: UUID | str) -> set[str]:
    """The codes of the evidence screens that are connected."""
    from .others import said_elsewhere

    elsewhere = {code for said in said_elsewhere(case_id) for code, _name in said.get("screens", ())}
    return elsewhere | {socket.code for socket in hub.sockets(case_id) if hasattr(socket, "code")}
