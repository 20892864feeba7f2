"""Parties and audiences in words: "Bates’s defence, the prosecution and the court"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from casebundle.journal.audience import COURT, EVERYBODY, JUDGE, split

from .bidi import isolate
from .models import Party


def listed(words: Sequence[str]) -> str:
    """["a", "b", "c"] as "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}


def short_names(parties: Iterable[Party]) -> dict[str, str]:
    """Each defendant by last name, and by the whole name where two share the last one."""
    names = {party.slug: party.name for party in parties if party.kind == Party.Kind.DEFENDANT}
    # "Avraham Levi (also Abraham)" is Levi.
    plain = {slug: re.sub(r"\(.*?\)", " ", name).split() for slug, name in names.items()}
    last = {slug: (plain[slug] or name.split() or [slug])[-1] for slug, name in names.items()}
    found = list(last.values())
    return {slug: word if found.count(word) == 1 else names[slug] for slug, word in last.items()}


def party_name(party: Party) -> str:
    """A party as a choice or a heading: "Prosecution", "Marcus Bates". Only defendants go by their stored name:
    the others' is in the language of whoever made the case."""
    return isolate(party.name) if party.kind == Party.Kind.DEFENDANT else str(party.get_kind_display())


def side(party: Party, short: str | None = None) -> str:
    """A party as those who may see something: "the prosecution", "Bates’s defence", "the court"."""
    if party.kind == Party.Kind.PROSECUTION:
        return pgettext("who may see", "the prosecution")
    if party.kind == Party.Kind.COURT:
        return pgettext("who may see", "the court")
    return _("%(name)s’s defence") % {"name": isolate(short or party.name)}


def who(parties: Sequence[Party], stored: str) -> str:
    """An audience in words, for a sentence that goes on from "For"; "" for everybody."""
    tokens = split(stored)
    if EVERYBODY in tokens:
        return ""
    if tokens == {JUDGE}:
        return _("the judge only")
    short = short_names(parties)
    words = [
        side(party, short.get(party.slug))
        for party in sorted(parties, key=lambda party: (party.slug == COURT, party.kind == "prosecution"))
        if party.slug in tokens
    ]
    if JUDGE in tokens:
        words.append(pgettext("who may see", "the judge"))
    return listed(words) or _("nobody")


def for_whom(parties: Sequence[Party], stored: str) -> str:
    """ "For the judge only", "For Bates’s defence, the prosecution and the court"; "" for everybody."""
    words = who(parties, stored)
    return _("For %(who)s") % {"who": words} if words else ""
