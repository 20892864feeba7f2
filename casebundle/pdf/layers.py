"""Layers of a PDF (optional content): which of them a person sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf, Stream

FORMULA = 10_000  # steps of a formula of layers; what takes more is not seen


class Layers:
    """Which layers (optional content) a person sees who opens the file.

    Programs do not agree on all of it: what pdfium draws, from which our pictures are, and what the standard says of
    how a file is opened. What either of them hides is left out, so that nothing is seen that was meant to be off.
    """

    def __init__(self, root: Any) -> None:
        said = dictionary(root.get("/OCProperties"))
        config = dictionary(said.get("/D"))
        # Whether the two have not agreed about something that was asked.
        self.disputed = False
        self.known: dict[tuple[int, int], bool] = {}
        self.steps = 0
        self.off = str(config.get("/BaseState", "/ON")) == "/OFF"
        self.on_list, self.off_list = (_ids(config.get(key)) for key in ("/ON", "/OFF"))
        # (category of use, layers) of what is switched by what the file is opened for.
        self.uses = [
            (_names(dictionary(one).get("/Category")), _ids(dictionary(one).get("/OCGs")))
            for one in items(config.get("/AS"))
            if str(dictionary(one).get("/Event", "/View")) == "/View"
        ]

    def shows(self, thing: Any) -> bool:
        """Whether what belongs to this layer, or to this membership of layers, is seen."""
        if not isinstance(thing, Dictionary):
            return True
        key = thing.objgen
        if key in self.known:
            return self.known[key]
        self.steps = 0
        drawn, opened = (self._shows(thing, group, 0) for group in (self._drawn, self._opened))
        self.disputed = self.disputed or drawn != opened
        if key != (0, 0):
            self.known[key] = drawn and opened
        return drawn and opened

    def _shows(self, thing: Any, group: Callable[[Any], bool], depth: int) -> bool:
        if str(thing.get("/Type", "/OCG")) != "/OCMD":
            return group(thing)
        formula = thing.get("/VE")
        if isinstance(formula, Array):
            return self._formula(formula, group, 0)
        groups = thing.get("/OCGs")
        members = [groups] if isinstance(groups, Dictionary) else items(groups)
        states = [group(one) for one in members if isinstance(one, Dictionary)]
        if not states:
            return True
        match str(thing.get("/P", "/AnyOn")):
            case "/AllOn":
                return all(states)
            case "/AllOff":
                return not any(states)
            case "/AnyOff":
                return not all(states)
        return any(states)

    def _formula(self, thing: Any, group: Callable[[Any], bool], depth: int) -> bool:
        if isinstance(thing, Dictionary):
            return self._shows(thing, group, depth) if str(thing.get("/Type", "/OCG")) != "/OCMD" else True
        self.steps += 1
        if not isinstance(thing, Array) or depth > 30 or not len(thing) or self.steps > FORMULA:
            return False
        parts = (self._formula(thing[at], group, depth + 1) for at in range(1, len(thing)))
        match str(thing[0]):
            case "/And":
                return all(parts)
            case "/Or":
                return any(parts)
            case "/Not":
                return not next(parts, False)
        return False

    def _set(self, group: Any) -> bool:
        if group.objgen in self.off_list:
            return False
        return group.objgen in self.on_list or not self.off

    @staticmethod
    def _use(group: Any, category: str) -> bool | None:
        """What a layer says of itself for that use; None where it says nothing."""
        use = dictionary(dictionary(group.get("/Usage")).get(f"/{category}"))
        state = use.get(f"/{category}State")
        return None if state is None else str(state) not in ("/OFF", "OFF")

    def _drawn(self, group: Any) -> bool:
        """As pdfium has it: what the layer says of being viewed comes first."""
        own = self._use(group, "View")
        return self._set(group) if own is None else own

    def _opened(self, group: Any) -> bool:
        """As the standard has it: what the layer says counts where the file switches it by its use."""
        state = self._set(group)
        for categories, layers in self.uses:
            if group.objgen in layers:
                states = [self._use(group, one) for one in ("View", "Export") if f"/{one}" in categories]
                if False in states:
                    return False
                state = True if True in states else state
        return state


def dictionary(thing: Any) -> Any:
    return thing if isinstance(thing, Dictionary | Stream) else {}


def items(thing: Any) -> list[Any]:
    return list(thing) if isinstance(thing, Array) else []


def _ids(thing: Any) -> set[tuple[int, int]]:
    return {one.objgen for one in items(thing) if isinstance(one, Dictionary)}


def _names(thing: Any) -> set[str]:
    return {str(one) for one in items(thing)} if isinstance(thing, Array) else {str(thing)}


def hides_layers(pdf: Pdf) -> bool:
    """Whether anything in a file is a layer, or a membership of layers, that is not seen."""
    layers = Layers(pdf.Root)
    if layers.off or layers.off_list:
        return True
    waiting: list[Any] = list(pdf.objects)
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, Dictionary | Stream):
            kind = thing.get("/Type")
            if isinstance(kind, Name) and kind in (Name.OCG, Name.OCMD) and not layers.shows(thing):
                return True
            parts: list[Any] = [thing[key] for key in thing.keys()]  # noqa: SIM118 - not a dict
        else:
            parts = items(thing)
        # What is not in place is among the objects itself.
        waiting += [one for one in parts if isinstance(one, Dictionary | Array) and not one.is_indirect]
    return False
