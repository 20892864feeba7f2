"""The index of a bundle: sections with their documents, as one person may see them, in a constant number of queries.

A bundle may have thousands of documents. All of them are counted and looked through, as plain values; a portion of
them is shown.
"""

from __future__ import annotations

import datetime
import unicodedata
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casebundle.cases.access import Viewer
from casebundle.cases.bidi import isolate
from casebundle.cases.words import for_whom
from casebundle.journal.audience import PUBLIC

from .labels import Labels
from .models import Bundle, Document, Opened, Section
from .services import may_edit_of, section_keys

NEW, UNREAD = "new", "unread"
# Documents on one page of the index.
PORTION = 200


@dataclass
class Row:
    """A document in the index."""

    pk: UUID
    title: str
    date: datetime.date | None
    exhibit: str
    by: str  # the name of the person who served it
    served_at: datetime.datetime | None
    first: str | None
    last: str | None
    pages: int
    new: bool
    unread: bool
    restricted: str  # "For Bates’s defence and the court", or ""
    frozen: bool
    own: bool  # may be named, restricted and withdrawn by this person
    moves: bool  # may be put in another place by this person

    # Words that stand in every row: put together here, where that costs a tenth of what a template takes for it.
    @property
    def unit(self) -> str:
        return ngettext("page", "pages", self.pages)

    @property
    def up(self) -> str:
        return _("Move “%(title)s” up") % {"title": isolate(self.title)}

    @property
    def down(self) -> str:
        return _("Move “%(title)s” down") % {"title": isolate(self.title)}

    @property
    def text(self) -> str:
        """What the filter looks into."""
        return fold(
            f"{self.first or ''} {self.last or ''} {self.title} {self.exhibit} {self.date or ''} {self.by}"
        )


@dataclass
class Part:
    """A section in the index, with the rows that are shown of it. `key` names it on the page (section_keys).

    `page` is the page of the index on which it begins; `before` and `after` are the rows right before and after those
    that are shown, where these are on another page.
    """

    section: Section
    restricted: str
    key: str
    rows: list[Row] = field(default_factory=list)
    documents: int = 0
    pages: int = 0
    page: int = 0
    before: Row | None = None
    after: Row | None = None


@dataclass
class Index:
    """`every` section in order; `parts` are those that have something to show, `found` those that have it on any page,
    `bare` those with nothing in them. Rows `start` to `end` (from 1) of `shown` are on page `page` of `of`."""

    every: list[Part]
    parts: list[Part]
    found: list[Part]
    bare: list[Part]
    documents: int = 0
    pages: int = 0
    new: int = 0
    unread: int = 0
    shown: int = 0
    any_frozen: bool = False
    all_frozen: bool = False
    page: int = 1
    of: int = 1
    start: int = 0
    end: int = 0


def fold(text: str) -> str:
    """Small letters without accents, so that "wyl" finds "Ŵyl"."""
    if text.isascii():
        return text.lower()
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return plain.lower()


def index_of(
    viewer: Viewer,
    bundle: Bundle,
    *,
    within: Viewer | None = None,
    since: datetime.datetime | None = None,
    q: str = "",
    show: str = "",
    page: int = 1,
    at: str = "",
) -> Index:
    """What `viewer` sees of a bundle. `within`: and this person sees too; `since`: when their last visit was;
    `q`: words that a row must have; `show`: only what is new, or only what is unread; `page` of the index (from 1),
    or the one that has the document `at` (its id)."""
    within = within or viewer
    parties = list(viewer.case.parties.all())
    said: dict[str, str] = {PUBLIC: ""}

    def restriction(stored: str) -> str:
        if stored not in said:
            said[stored] = for_whom(parties, stored)
        return said[stored]

    sections = list(Section.objects.visible_to(viewer).visible_to(within).filter(bundle=bundle))
    keys = section_keys(sections)
    parts = {
        section.pk: Part(section, restriction(section.audience), keys[section.pk]) for section in sections
    }
    labels = Labels.of_bundle(bundle)
    seen: set[UUID] = set()
    if viewer.participant is not None:
        opened = Opened.objects.filter(participant=viewer.participant, document__section__bundle=bundle)
        seen = set(opened.values_list("version_id", flat=True))
    documents = (
        Document.objects.visible_to(viewer)
        .visible_to(within)
        .served()
        .filter(section__bundle=bundle)
        .in_order()
        .values_list(
            "pk", "section_id", "title", "date", "exhibit", "party", "audience", "visible_to",
            "served_at", "served_by_id", "served_by__user__name", "current_id", "current__pages",
        )
    )  # fmt: skip
    words = fold(q).split()
    index = Index(list(parts.values()), [], [], [])
    me = viewer.participant
    numbers = me is not None and viewer.may("number")
    edits = {party.slug: me is not None and may_edit_of(viewer, party.slug) for party in parties}
    index.all_frozen = True
    found: list[tuple[Part, Row]] = []
    for (
        pk, section, title, date, exhibit, party, audience, visible_to,
        served_at, served_by, by, version, pages,
    ) in documents:  # fmt: skip
        part = parts.get(section)
        if part is None:
            continue
        runs = labels.runs.get(str(pk), ())
        mine = me is None or served_by == me.pk
        own = edits.get(party, False)
        first, last = labels.ends(pk, pages or 0)
        row = Row(
            pk=pk,
            title=title,
            date=date,
            exhibit=exhibit,
            by=by or "",
            served_at=served_at,
            first=first,
            last=last,
            pages=pages or 0,
            new=bool(not mine and since and served_at and served_at > since),
            unread=not mine and version not in seen,
            restricted=restriction(audience) if visible_to != PUBLIC else "",
            frozen=any(run.frozen for run in runs),
            own=own,
            moves=own or numbers,
        )
        part.documents += 1
        part.pages += row.pages
        index.documents += 1
        index.pages += row.pages
        index.new += row.new
        index.unread += row.unread
        index.any_frozen |= row.frozen
        index.all_frozen &= bool(runs) and all(run.frozen for run in runs)
        if (show == NEW and not row.new) or (show == UNREAD and not row.unread):
            continue
        if words:
            text = row.text
            if not all(word in text for word in words):
                continue
        found.append((part, row))
    index.all_frozen &= index.documents > 0
    index.bare = [part for part in parts.values() if not part.documents]
    _turn(index, found, page, at)
    return index


def _turn(index: Index, found: list[tuple[Part, Row]], page: int, at: str) -> None:
    """Put the rows of one page of what was found into their parts."""
    index.shown = len(found)
    index.of = max(1, -(-len(found) // PORTION))
    place = next((n for n, (_part, row) in enumerate(found) if str(row.pk) == at), None) if at else None
    index.page = min(max(1, page), index.of) if place is None else place // PORTION + 1
    first, end = (index.page - 1) * PORTION, min(index.page * PORTION, len(found))
    index.start, index.end = min(first + 1, end), end
    for n, (part, row) in enumerate(found):
        if not part.page:
            part.page = n // PORTION + 1
            index.found.append(part)
        if first <= n < end:
            part.rows.append(row)
    for n, side in ((first - 1, "before"), (end, "after")):
        if 0 <= n < len(found):
            part, row = found[n]
            if part.rows:
                setattr(part, side, row)
    index.parts = [part for part in index.found if part.rows]
