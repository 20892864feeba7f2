"""What stands at the top of every page of a case: whose case it is, and the way to its rooms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from .access import Viewer

# What rooms on higher floors know of a case and its head must show: functions of a viewer that return some of
# {"bundle": slug of the bundle that the tab opens, "sitting": {"href", "text"} of the open hearing}.
knowledge: list[Callable[[Viewer], Mapping[str, Any]]] = []


def link(name: str, *args: str) -> str:
    """The address of a named page, or "" where that room is not there."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def known_of(viewer: Viewer) -> dict[str, Any]:
    """All that the rooms above know (see `knowledge`)."""
    known: dict[str, Any] = {}
    for ask in knowledge:
        known.update(ask(viewer))
    return known


def head_of(viewer: Viewer, tab: str = "") -> dict[str, Any]:
    """{"case", "href", "tabs": [{"text", "href", "current"}], "search", "sitting"} for the page `tab` of a case.

    `tab` is one of case, bundle, notes, hearings, people, journal, search.
    """
    known = known_of(viewer)
    reference = viewer.case.reference
    bundle = known.get("bundle")
    rows = [
        ("case", _("Case"), link("cases:case", reference)),
        ("bundle", _("Bundle"), link("bundles:index", reference, bundle) if bundle else ""),
        ("notes", _("Notes"), link("annotations:list", reference)),
        ("hearings", _("Hearings"), link("courtroom:hearings", reference)),
        ("people", _("People"), link("cases:people", reference)),
        ("journal", _("Journal"), link("journal:journal", reference)),
    ]
    return {
        "case": viewer.case,
        "href": rows[0][2],
        "tabs": [{"text": text, "href": href, "current": name == tab} for name, text, href in rows if href],
        "search": "" if tab == "search" else link("search:search", reference),
        "sitting": known.get("sitting"),
        "tab": tab,
    }
