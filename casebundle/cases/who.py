"""Stored audiences as one reader has them: "everybody", "Bates’s defence and the court", "only me"."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from casebundle.journal.audience import EVERYBODY, JUDGE, person, split

from .access import Viewer
from .models import Case
from .words import listed, short_names, side


class Names:
    """The parties of a case by name, read once for many audiences."""

    def __init__(self, case: Case) -> None:
        self.parties = {party.slug: party for party in case.parties.all()}
        self.short = short_names(self.parties.values())

    def party(self, slug: str) -> str:
        """A party as it stands in a sentence: "the prosecution", "Bates’s defence"."""
        if slug == JUDGE:
            return pgettext("who may see", "the judge")
        party = self.parties.get(slug)
        return side(party, self.short.get(slug)) if party else slug

    def several(self, slugs: Iterable[str]) -> str:
        """Parties in the case's order: "the prosecution, Bates’s defence and the court"."""
        order = {slug: at for at, slug in enumerate(self.parties)}
        return listed([self.party(slug) for slug in sorted(slugs, key=lambda s: (order.get(s, 999), s))])

    def audience(self, stored: str, viewer: Viewer | None = None) -> str:
        """A stored audience in words. People named in one beside parties are its author."""
        tokens = split(stored)
        if EVERYBODY in tokens:
            return _("everybody")
        slugs = [token for token in tokens if not token.startswith("person:")]
        if slugs:
            return self.several(slugs)
        if viewer is not None and viewer.participant_id and person(viewer.participant_id) in tokens:
            return _("only me")
        return _("only its author") if tokens else _("nobody")
