"""The journal in sentences: what each action says, and where the things that it names are found.

Every action that the code writes has a sentence here; a test reads the code and fails where one is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise, cached_property
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from casebundle.bundles.labels import Labels
from casebundle.bundles.models import Document, Version
from casebundle.cases.access import Viewer
from casebundle.cases.bidi import isolate
from casebundle.cases.models import Role
from casebundle.cases.who import Names
from casebundle.cases.words import listed
from casebundle.evidence import words
from casebundle.journal.audience import join
from casebundle.journal.models import Entry

# A text of a sentence; a lazy one is translated when the sentence is said.
Text = str | Promise

# What the filter offers, and which actions belong to each.
KINDS = {
    "documents": gettext_lazy("Documents"),
    "bundle": gettext_lazy("Bundle and sections"),
    "notes": gettext_lazy("Notes"),
    "hearings": gettext_lazy("Hearings"),
    "people": gettext_lazy("Case and people"),
    "journal": gettext_lazy("Journal"),
}


@dataclass(frozen=True)
class Sentence:
    kind: str
    say: Callable[[Told], SafeString]


class Links:
    """Where the documents, pages and people of some entries are, read at once for all of them."""

    def __init__(self, viewer: Viewer, entries: Iterable[Entry]) -> None:
        self.viewer = viewer
        self.names = Names(viewer.case)
        rows = list(entries)
        versions = {_version(entry) for entry in rows} - {None}
        self.of_version: dict[UUID, UUID] = dict(
            Version.objects.filter(pk__in=versions).values_list("pk", "document_id")
        )
        ids = {entry.document for entry in rows if entry.document} | set(self.of_version.values())
        found = Document.objects.visible_to(viewer).filter(pk__in=ids)
        self.documents = {row.pk: row for row in found.select_related("section__bundle", "current")}
        self.labels = Labels(self.documents.values())

    @cached_property
    def bundles(self) -> dict[str, str]:
        return {bundle.slug: bundle.shown for bundle in self.viewer.case.bundles.all()}

    def bundle(self, slug: str) -> str:
        """The title of a bundle: its slug is for addresses."""
        return self.bundles.get(slug, slug)

    def page(self, document: Document, index: int, after: str = "") -> tuple[str, str]:
        """(label as it stands now, address in the reader) of a page of a served document; ("", "") without one."""
        label = self.labels.label(document.pk, index) if document.state == Document.State.SERVED else None
        if label is None:
            return "", ""
        where = [self.viewer.case.reference, document.section.bundle.slug, label]
        return label, reverse("bundles:page", args=where) + after


def _version(entry: Entry) -> UUID | None:
    """The version that an entry's page belongs to (a page's id is its version's with a number)."""
    raw = str(entry.data.get("page") or "").partition("-")[0]
    try:
        return UUID(raw) if raw else None
    except ValueError:
        return None


class Told:
    """One entry as its sentence sees it. Everything that it returns is safe to stand in HTML."""

    def __init__(self, entry: Entry, links: Links) -> None:
        self.entry, self.links, self.data = entry, links, entry.data

    def says(self, text: Text, **values: Any) -> SafeString:
        """`text` with `%(name)s` filled in; what is not marked safe is escaped. `actor` is always there."""
        filled = {
            key: value if isinstance(value, SafeString) else conditional_escape(isolate(value))
            for key, value in values.items()
        }
        return mark_safe(conditional_escape(text) % {"actor": self.actor, **filled})  # noqa: S308  (all escaped)

    @property
    def actor(self) -> SafeString:
        return self.person(self.entry.actor)

    def person(self, card: dict[str, Any] | None) -> SafeString:
        """A person's name, leading to what else they did; the system where there is none."""
        if not card:
            return conditional_escape(pgettext("who did it", "The system"))
        url = reverse("journal:journal", args=[self.links.viewer.case.reference])
        query = urlencode({"person": card.get("id", "")})
        return format_html(
            '<a class="govuk-link" href="{}?{}">{}</a>', url, query, isolate(card.get("name", "?"))
        )

    def acts_as(self, card: dict[str, Any]) -> str:
        """The part that somebody has, in words: "defence (Bates)"."""
        role = dict(Role.choices).get(card.get("role", ""), card.get("role", ""))
        return str(role)

    @property
    def thing(self) -> SafeString:
        """The document by its title, as a link to where it can be read."""
        title = self.data.get("title") or self.data.get("name") or _("a document")
        document = self.links.documents.get(self.entry.document) if self.entry.document else None
        if document is None:
            return format_html("“<bdi>{}</bdi>”", title)
        if "title" not in self.data and "name" not in self.data:
            title = document.title
        _label, href = self.links.page(document, 0)
        if not href:
            return format_html("“<bdi>{}</bdi>”", title)
        return format_html('<a class="govuk-link" href="{}">“<bdi>{}</bdi>”</a>', href, title)

    @property
    def place(self) -> SafeString:
        """The page that it is about, by the label of then, as a link to where that page is now."""
        said = str(self.data.get("label") or "")
        version = _version(self.entry)
        document = None
        if version is not None:
            document = self.links.documents.get(self.links.of_version.get(version) or version)
        if document is None:
            return conditional_escape(said or _("a page"))
        index = int(str(self.data["page"]).partition("-")[2] or 1) - 1
        note = self.data.get("note")
        label, href = self.links.page(document, index, f"#note-{note}" if note else "")
        if not href:
            return conditional_escape(said or _("a page"))
        link = format_html('<a class="govuk-link cb-label" href="{}">{}</a>', href, said or label)
        return (
            self.says(_("%(then)s (now %(now)s)"), then=link, now=label) if said and label != said else link
        )

    @property
    def span(self) -> SafeString:
        """First and last label of then: "H1 to H4"."""
        first, last = str(self.data.get("first") or ""), str(self.data.get("last") or "")
        if not first:
            return mark_safe("")
        document = self.links.documents.get(self.entry.document) if self.entry.document else None
        pages = document.current.pages if document is not None and document.current else 0
        parts = []
        for label, index in [(first, 0), (last, pages - 1)][: 1 if first == last else 2]:
            href = self.links.page(document, index)[1] if document is not None and index >= 0 else ""
            kind = (
                '<a class="govuk-link cb-label" href="{}">{}</a>'
                if href
                else '{}<span class="cb-label">{}</span>'
            )
            parts.append(format_html(kind, href, label))
        if len(parts) == 1:
            return parts[0]
        return self.says(pgettext("pages", "%(first)s to %(last)s"), first=parts[0], last=parts[1])

    @property
    def pages(self) -> str:
        n = int(self.data.get("pages") or 0)
        return ngettext("%(n)s page", "%(n)s pages", n) % {"n": n}

    @property
    def hearing(self) -> SafeString:
        url = reverse("courtroom:hearing", args=[self.data["hearing"]])
        return format_html(
            '<a class="govuk-link" href="{}">{}</a>',
            url,
            isolate(self.data.get("title") or _("the hearing")),
        )

    def parties(self, slugs: Sequence[str]) -> str:
        return self.links.names.audience(join(slugs), self.links.viewer)


def _plain(text: Text) -> Callable[[Told], SafeString]:
    """A sentence whose values are simple parts of the entry."""

    def say(told: Told) -> SafeString:
        data = told.data
        return told.says(
            text,
            thing=told.thing,
            span=told.span,
            title=data.get("title", ""),
            name=data.get("name", ""),
            section=data.get("section", ""),
            bundle=told.links.bundle(data["bundle"]) if "bundle" in data else "",
        )

    return say


def _about_person(text: Text) -> Callable[[Told], SafeString]:
    def say(told: Told) -> SafeString:
        card = told.data.get("participant") or told.data.get("to") or {}
        return told.says(text, person=told.person(card), role=told.acts_as(card))

    return say


def _renamed(told: Told) -> SafeString:
    """By themselves, by the court of this case, or by that of another."""
    card = told.data.get("participant") or {}
    if not told.entry.actor:
        text = _("The court changed the name “%(was)s” to “%(name)s”.")
    elif told.entry.actor.get("id") == card.get("id"):
        text = _("%(person)s changed their own name: from “%(was)s” to “%(name)s”.")
    else:
        text = _("%(actor)s changed the name “%(was)s” to “%(name)s”.")
    return told.says(
        text, person=told.person(card), was=told.data.get("was", ""), name=told.data.get("name", "")
    )


def _on_page(text: Text) -> Callable[[Told], SafeString]:
    return lambda told: told.says(text, place=told.place, audience=_choice(told))


def _choice(told: Told) -> str:
    return {
        "private": _("for themselves alone"),
        "party": _("for their own side"),
        "parties": _("for chosen parties"),
        "case": _("for everybody"),
    }.get(told.data.get("audience", ""), "")


def _note_created(told: Told) -> SafeString:
    text = {
        "highlight": _("%(actor)s highlighted words on %(place)s, %(audience)s."),
        "area": _("%(actor)s marked an area on %(place)s, %(audience)s."),
    }.get(told.data.get("kind", ""), _("%(actor)s wrote a note on %(place)s, %(audience)s."))
    return told.says(text, place=told.place, audience=_choice(told))


def _served(told: Told) -> SafeString:
    receipt = ""
    if told.entry.document:
        url = reverse("evidence:receipt", args=[told.entry.document])
        receipt = format_html(' <a class="govuk-link" href="{}">{}</a>', url, _("Receipt"))
    on = told.links.names.several(told.data.get("on") or [])
    text = (
        _("%(actor)s served %(thing)s as %(span)s on %(on)s.")
        if on
        else _("%(actor)s served %(thing)s as %(span)s.")
    )
    return told.says(text, thing=told.thing, span=told.span, on=on) + receipt


def _changed(told: Told) -> SafeString:
    names = {
        "title": _("the title"),
        "date": _("the date"),
        "exhibit": _("the exhibit reference"),
        "section": _("the section"),
        "position": _("the place"),
        "visible_to": _("who sees it"),
        "earlier_versions": _("who sees its earlier versions"),
    }
    changed = told.data.get("changes") or {}
    # In this order: a database does not keep that of what it is given.
    fields = listed(
        [*(names[key] for key in names if key in changed), *(key for key in changed if key not in names)]
    )
    said = told.says(_("%(actor)s changed %(fields)s of %(thing)s."), fields=fields, thing=told.thing)
    return said + _gained(told)


def _gained(told: Told) -> SafeString:
    """Who sees something since then, where an act gave it to more people."""
    slugs = told.data.get("gained") or []
    if not slugs:
        return SafeString("")
    return format_html(
        " {}", _("It can now be seen by %(who)s too.") % {"who": told.links.names.several(slugs)}
    )


def _received(told: Told) -> SafeString:
    return told.says(
        _("%(actor)s uploaded %(thing)s (%(name)s, %(size)s)."),
        thing=told.thing,
        name=told.data.get("name", ""),
        size=filesizeformat(told.data.get("size") or 0),
    )


def _withdrawn(told: Told) -> SafeString:
    # Its span is text: the pages are read nowhere any more.
    reason, span = told.data.get("reason", ""), told.span
    if span:
        return told.says(
            _("%(actor)s withdrew %(thing)s (%(span)s): %(reason)s"),
            thing=told.thing,
            span=span,
            reason=reason,
        )
    return told.says(_("%(actor)s withdrew %(thing)s: %(reason)s"), thing=told.thing, reason=reason)


def _refused(told: Told) -> SafeString:
    why = words.reason(str(told.data.get("reason", "")))
    return told.says(_("“%(name)s” was refused: %(why)s"), name=told.data.get("name", ""), why=why)


def _restricted(told: Told) -> SafeString:
    said = told.says(
        _("%(actor)s changed who section %(section)s is for: %(who)s."),
        section=told.data.get("section", ""),
        who=told.parties(told.data.get("audience") or []),
    )
    return said + _gained(told)


def _ready(text: Text) -> Callable[[Told], SafeString]:
    return lambda told: told.says(text, thing=told.thing, pages=told.pages)


def _hearing(text: Text) -> Callable[[Told], SafeString]:
    def say(told: Told) -> SafeString:
        starts = parse_datetime(told.data.get("starts") or "")
        when = date_format(timezone.localtime(starts), "j F Y, H:i") if starts else ""
        return told.says(text, hearing=told.hearing, when=when, name=told.data.get("name", ""))

    return say


def _turned(told: Told) -> SafeString:
    return told.says(
        _("%(actor)s turned everybody to %(place)s, “%(title)s”."),
        place=told.place,
        title=told.data.get("title", ""),
    )


def _checked(told: Told) -> SafeString:
    data = told.data
    if data.get("broken_at"):
        text = _("%(actor)s checked the journal: it does not hold at entry %(broken)s.")
    elif data.get("after"):
        text = _("%(actor)s checked the journal: entries %(first)s to %(last)s hold.")
    else:
        text = _("%(actor)s checked the journal: all entries up to %(last)s hold.")
    return told.says(
        text, broken=data.get("broken_at"), first=(data.get("after") or 0) + 1, last=data.get("entries")
    )


SENTENCES: dict[str, Sentence] = {
    "case.created": Sentence("people", _plain(gettext_lazy("%(actor)s made the case %(title)s."))),
    "case.seen_as": Sentence(
        "people", _about_person(gettext_lazy("%(actor)s looked at the case as %(person)s sees it."))
    ),
    "party.added": Sentence("people", _plain(gettext_lazy("%(actor)s added the defendant %(name)s."))),
    "participant.invited": Sentence(
        "people", _about_person(gettext_lazy("%(actor)s invited %(person)s (%(role)s)."))
    ),
    "participant.joined": Sentence(
        "people", _about_person(gettext_lazy("%(actor)s accepted the invitation and joined the case."))
    ),
    "participant.changed": Sentence(
        "people", _about_person(gettext_lazy("%(actor)s changed the part that %(person)s has (%(role)s)."))
    ),
    "participant.renamed": Sentence("people", _renamed),
    "participant.removed": Sentence(
        "people", _about_person(gettext_lazy("%(actor)s took %(person)s out of the case."))
    ),
    "section.added": Sentence(
        "bundle", _plain(gettext_lazy("%(actor)s added section %(section)s, %(title)s."))
    ),
    "section.restricted": Sentence("bundle", _restricted),
    "bundle.numbered": Sentence(
        "bundle",
        _plain(gettext_lazy("The pages of the bundle “%(bundle)s” were numbered.")),
    ),
    "bundle.frozen": Sentence(
        "bundle",
        _plain(gettext_lazy("%(actor)s froze the page numbers of the bundle “%(bundle)s”.")),
    ),
    "document.received": Sentence("documents", _received),
    "document.replacing": Sentence(
        "documents",
        _plain(gettext_lazy("%(actor)s uploaded %(name)s as a new version of a document: %(thing)s.")),
    ),
    "document.ready": Sentence("documents", _ready(gettext_lazy("%(thing)s was read: %(pages)s."))),
    "document.replaced": Sentence(
        "documents",
        _ready(gettext_lazy("A new version of %(thing)s took the place of the old one: %(pages)s.")),
    ),
    "document.refused": Sentence("documents", _refused),
    "document.changed": Sentence("documents", _changed),
    "document.served": Sentence("documents", _served),
    "document.withdrawn": Sentence("documents", _withdrawn),
    "document.opened": Sentence("documents", _plain(gettext_lazy("%(actor)s opened %(thing)s."))),
    "note.created": Sentence("notes", _note_created),
    "note.changed": Sentence(
        "notes", _on_page(gettext_lazy("%(actor)s changed a note on %(place)s, %(audience)s."))
    ),
    "note.deleted": Sentence("notes", _on_page(gettext_lazy("%(actor)s deleted a note on %(place)s."))),
    "note.replied": Sentence(
        "notes", _on_page(gettext_lazy("%(actor)s answered a note on %(place)s, %(audience)s."))
    ),
    "note.hidden": Sentence("notes", _on_page(gettext_lazy("A note on %(place)s is not for you any more."))),
    "hearing.listed": Sentence(
        "hearings", _hearing(gettext_lazy("%(actor)s listed %(hearing)s for %(when)s."))
    ),
    "hearing.opened": Sentence("hearings", _hearing(gettext_lazy("%(actor)s opened %(hearing)s."))),
    "hearing.closed": Sentence("hearings", _hearing(gettext_lazy("%(actor)s closed %(hearing)s."))),
    "floor.given": Sentence(
        "hearings", _about_person(gettext_lazy("%(actor)s gave the floor to %(person)s."))
    ),
    "floor.taken": Sentence(
        "hearings", _hearing(gettext_lazy("%(actor)s took the floor back in %(hearing)s."))
    ),
    "page.turned": Sentence("hearings", _turned),
    "screen.made": Sentence(
        "hearings", _hearing(gettext_lazy("%(actor)s made the evidence screen “%(name)s” for %(hearing)s."))
    ),
    "screen.ended": Sentence(
        "hearings", _hearing(gettext_lazy("%(actor)s ended the evidence screen “%(name)s” of %(hearing)s."))
    ),
    "journal.checked": Sentence("journal", _checked),
}


def actions_of(kind: str) -> list[str]:
    """The actions that the filter `kind` lets through."""
    return [action for action, sentence in SENTENCES.items() if sentence.kind == kind]


def sentence_of(entry: Entry, links: Links) -> SafeString:
    """What an entry says, with links to what it names. An action of a later release says its own name."""
    told = Told(entry, links)
    sentence = SENTENCES.get(entry.action)
    if sentence is None:
        return told.says("%(actor)s: %(action)s", action=entry.action)
    return sentence.say(told)
