"""`{% notes_setup viewer as setup %}`: what the scripts of the reader's notes need to know."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse

from annotations.services import BODY_LENGTH
from casebundle.cases.access import Viewer
from casebundle.cases.words import short_names, side

register = template.Library()


def _list(reference: str) -> str:
    try:
        return reverse("annotations:list", args=[reference])
    except NoReverseMatch:
        return ""


@register.simple_tag
def notes_setup(viewer: Viewer) -> dict[str, Any]:
    """Where notes are asked for, who this person is, and the case's parties with the words for them, in order."""
    parties = list(viewer.case.parties.all())
    short = short_names(parties)
    reference = viewer.case.reference
    return {
        "reference": reference,
        "notes": reverse("annotations:of-pages", args=[reference]),
        "list": _list(reference),
        "me": viewer.card,
        "parties": [
            {"slug": party.slug, "kind": party.kind, "name": side(party, short.get(party.slug))}
            for party in parties
        ],
        "mine": list(viewer.parties),
        "may": viewer.may("note"),
        "longest": BODY_LENGTH,
    }
