"""What the page 'Serve evidence' shows of a staged document, and who it will be for, in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casebundle.bundles.models import Bundle, Document, Section, Version
from casebundle.bundles.services import section_keys
from casebundle.cases.access import Viewer
from casebundle.cases.dates import as_typed
from casebundle.cases.models import Party
from casebundle.cases.who import Names
from casebundle.journal import audience
from casebundle.journal.audience import COURT, EVERYBODY
from casebundle.journal.models import Chain, Entry
from casebundle.journal.portions import portions

from . import words

# Said on every receipt instead: a row has no room for what is so of every file.
QUIET = frozenset({"not_scanned"})


def staged(viewer: Viewer) -> QuerySet[Document]:
    """What the viewer's party has uploaded and not served, in the order of the bundle."""
    return (
        Document.objects.visible_to(viewer)
        .filter(state=Document.State.STAGED, party__in=viewer.parties)
        .select_related("section__bundle", "current")
        .order_by(
            "section__bundle__position", "section__position", "section__letter", "position", "created_at"
        )
    )


def head(viewer: Viewer) -> int:
    """Number of the last journal entry: what the page asks for later is what came after it."""
    return Chain.objects.filter(pk=viewer.case_id).values_list("seq", flat=True).first() or 0


def changed(viewer: Viewer, after: int) -> tuple[list[Document], list[str], int]:
    """Rows that changed since entry `after`, ids of those that are staged no more, and the entry to ask from next.

    Of what is unfinished only that is sent which is being worked on: the others are as they were.
    """
    until = head(viewer)
    touched = set(
        Entry.objects.visible_to(viewer)
        .filter(seq__gt=after, seq__lte=until, action__startswith="document.")
        .exclude(document=None)
        .values_list("document", flat=True)[:5000]
    )
    working = Q(current__status__in=[s for s in Version.Status if s not in ("received", "ready", "refused")])
    rows: dict[UUID, Document] = {row.pk: row for row in staged(viewer).filter(working)}
    ids = sorted(touched - set(rows))
    for some in portions(ids):
        rows.update({row.pk: row for row in staged(viewer).filter(pk__in=some)})
    return list(rows.values()), [str(pk) for pk in ids if pk not in rows], until


def warnings_of(version: Version | None) -> list[str]:
    """What was noticed about a file, in sentences."""
    said = []
    for found in version.warnings if version else ():
        code, pages = found.get("code", ""), found.get("pages")
        if code in QUIET:
            continue
        if pages:
            said.append(words.warning_on(code, pages))
        else:
            said.append(words.warning(code))
    return said


def state_of(version: Version | None) -> str:
    """What is being done with a file, in words: "reading 12 of 90 pages"."""
    if version is None:
        return str(words.STATES["received"])
    if version.status == Version.Status.READING and version.pages:
        return ngettext(
            "reading %(done)s of %(pages)s page", "reading %(done)s of %(pages)s pages", version.pages
        ) % {"done": version.pages_done, "pages": version.pages}
    return str(words.STATES.get(version.status, version.status))


class Rows:
    """Rows for one page or answer: the names of the parties are read once."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.names = Names(viewer.case)
        self.keys = keys(viewer)

    def row(self, document: Document) -> dict[str, Any]:
        version = document.current
        reference = self.viewer.case.reference
        ready = version is not None and version.status == Version.Status.READY
        return {
            "id": str(document.pk),
            "key": document.idempotency_key or "",
            "name": version.name if version else document.title,
            "title": document.title,
            "date": as_typed(document.date),
            "exhibit": document.exhibit,
            "section": self.keys.get(document.section_id, ""),
            "bundle": document.section.bundle.slug,
            "seen": self.choice(document.visible_to),
            "seen_words": self.seen(document),
            "pages": version.pages if version else 0,
            "status": version.status if version else "received",
            "state": state_of(version),
            "reason": words.reason(version.reason_code) if version else "",
            "warnings": warnings_of(version),
            "href": (
                reverse("bundles:preview", args=[reference, document.pk, 1])
                if ready and version and version.pages
                else ""
            ),
        }

    def rows(self, documents: Iterable[Document]) -> list[dict[str, Any]]:
        return [self.row(document) for document in documents]

    def choice(self, stored: str) -> str:
        """A stored choice as the form has it: "everybody" or slugs of defendants and prosecution with commas."""
        tokens = audience.split(stored)
        if EVERYBODY in tokens:
            return EVERYBODY
        return ",".join(
            slug
            for slug in self.names.parties
            if slug in tokens and slug not in self.viewer.parties and slug != COURT
        )

    def seen(self, document: Document) -> str:
        """Who a document is for once it is served, in words: its choice within its section."""
        return self.names.audience(audience.meet(document.section.audience, document.visible_to), self.viewer)

    def choices(self, extra: Collection[str] = ()) -> list[tuple[str, str]]:
        """(value, words) of whom a document can be for, in one list: everybody, nobody else, each other party alone.

        `extra` are further values that documents have already. Who serves and the court always see it.
        """
        found = {EVERYBODY: _("Everybody")}
        others = [party for party in self.names.parties.values() if self._other(party)]
        for party in others:
            found[party.slug] = _("Only %(who)s") % {"who": self.names.party(party.slug)}
        found[""] = _("Only us and the court")
        for value in extra:
            if value not in found:
                found[value] = _("Only %(who)s") % {"who": self.names.several(value.split(","))}
        return list(found.items())

    def _other(self, party: Party) -> bool:
        return party.kind != Party.Kind.COURT and party.slug not in self.viewer.parties

    def others(self) -> list[tuple[str, str]]:
        """(slug, words) of the parties that a document can be kept for."""
        return [(p.slug, self.names.party(p.slug)) for p in self.names.parties.values() if self._other(p)]


def slugs_of(viewer: Viewer, value: str) -> list[str] | None:
    """What a choice of `Rows.choices` says to services: None for everybody, else slugs (never an empty list)."""
    if value == EVERYBODY:
        return None
    return [slug for slug in value.split(",") if slug] or list(viewer.parties)


def sections(viewer: Viewer) -> dict[Bundle, list[Section]]:
    """The sections that one may put documents into, by bundle, in order."""
    found: dict[Bundle, list[Section]] = {}
    rows = Section.objects.visible_to(viewer).select_related("bundle")
    for section in rows.order_by("bundle__position", "bundle__slug", "position", "letter"):
        found.setdefault(section.bundle, []).append(section)
    return found


def keys(viewer: Viewer) -> dict[UUID, str]:
    """What each section is called in the form (`services.section_keys`)."""
    found: dict[UUID, str] = {}
    for rows in sections(viewer).values():
        found |= section_keys(rows)
    return found


def usual_section(viewer: Viewer) -> Section | None:
    """The section that the next files most likely go to: where this person put the last, else where most are."""
    visible = Section.objects.visible_to(viewer)
    last = (
        Document.objects.filter(case_id=viewer.case_id, uploaded_by=viewer.participant)
        .order_by("-created_at")
        .values_list("section_id", flat=True)
        .first()
    )
    found = visible.filter(pk=last).first() if last else None
    if found is None:
        own = Count("documents", filter=Q(documents__party__in=viewer.parties))
        found = visible.annotate(own=own).filter(own__gt=0).order_by("-own", "position").first()
    return found


def positions(viewer: Viewer) -> dict[str, int]:
    """The next free place, from 0, among those that the viewer's side has staged for each section, by "bundle/section"
    as the form has them: what other sides stage and serve is not counted in it."""
    called = keys(viewer)
    own = Q(documents__party=viewer.party, documents__position__gte=Document.UNPLACED)
    found = Section.objects.visible_to(viewer).annotate(last=Max("documents__position", filter=own))
    return {
        f"{slug}/{called[pk]}": 0 if last is None else last - Document.UNPLACED + 1
        for pk, slug, last in found.values_list("pk", "bundle__slug", "last")
    }
