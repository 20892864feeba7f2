"""All notes of a case that are mine or for me, in the order of the bundle."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.db.models import Exists, OuterRef, Q, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from casebundle.bundles.labels import Labels
from casebundle.bundles.models import Document
from casebundle.cases.access import Viewer, viewer_in
from casebundle.cases.bidi import isolate
from casebundle.cases.order import alphabetical
from casebundle.cases.who import Names
from casebundle.journal.audience import EVERYBODY, split

from .models import Note, NoteQuerySet
from .services import quote_for, quoted_to

# Notes on one page of the list.
PORTION = 200
_DOCUMENT = "page__version__document"
IN_ORDER = (
    f"{_DOCUMENT}__section__bundle__position",
    f"{_DOCUMENT}__section__bundle__slug",
    f"{_DOCUMENT}__section__position",
    f"{_DOCUMENT}__section__letter",
    f"{_DOCUMENT}__position",
    f"{_DOCUMENT}__id",
    "page__index",
    "top",
    "created_at",
    "pk",
)
AUDIENCES = {
    Note.Choice.PRIVATE: gettext_lazy("Only me"),
    Note.Choice.PARTY: gettext_lazy("One side"),
    Note.Choice.PARTIES: gettext_lazy("Chosen parties"),
    Note.Choice.CASE: gettext_lazy("Everybody"),
}


@dataclass
class Filters:
    """What the address asks for."""

    text: str = ""
    author: str = ""
    audience: str = ""
    tag: str = ""
    offset: int = 0

    @classmethod
    def of(cls, request: HttpRequest) -> Filters:
        get = request.GET
        offset, author = get.get("offset", ""), get.get("author", "")
        try:
            author = str(UUID(author)) if author else ""
        except ValueError:
            author = ""
        return cls(
            text=get.get("text", "").replace("\x00", " ").strip()[:200],
            author=author,
            audience=get.get("audience", "") if get.get("audience", "") in Note.Choice.values else "",
            tag=get.get("tag", "").replace("\x00", " ").strip()[:40],
            offset=int(offset) if offset.isdecimal() and len(offset) < 7 else 0,
        )

    @property
    def any(self) -> bool:
        return bool(self.text or self.author or self.audience or self.tag)

    def address(self, **changes: Any) -> str:
        words = {
            "text": self.text, "author": self.author, "audience": self.audience, "tag": self.tag, **changes,
        }  # fmt: skip
        return "?" + urlencode({key: value for key, value in words.items() if value})

    def apply(self, notes: NoteQuerySet, answers: NoteQuerySet, viewer: Viewer) -> NoteQuerySet:
        """The notes that pass; a note is found by its words, its quoted words and those of its `answers`."""
        if self.author:
            by = answers.filter(parent=OuterRef("pk"), author_id=self.author)
            notes = notes.filter(Q(author_id=self.author) | Exists(by))
        if self.audience:
            notes = notes.filter(choice=self.audience)
        if self.tag:
            if connection.features.supports_json_field_contains:
                notes = notes.filter(tags__contains=[self.tag])
            else:
                # SQLite keeps the list as text, each tag in it as JSON writes it.
                notes = notes.annotate(tag_text=Cast("tags", TextField()))
                notes = notes.filter(tag_text__contains=json.dumps(self.tag))
        for word in self.text.split():
            said = answers.filter(parent=OuterRef("pk"), body__icontains=word)
            notes = notes.annotate(words=KeyTextTransform("exact", "quote")).filter(
                Q(body__icontains=word) | (Q(words__icontains=word) & quoted_to(viewer)) | Exists(said)
            )
        return notes


@dataclass
class Row:
    """One note as the list shows it."""

    note: Note
    label: str
    href: str
    seen: str
    mine: bool
    answers: list[Note]
    quote: str


@login_required
@require_safe
def notes(request: HttpRequest, reference: str) -> HttpResponse:
    """My notes and those that are for me."""
    viewer = viewer_in(request.user, reference=reference)
    filters = Filters.of(request)
    visible = Note.objects.visible_to(viewer)
    roots = visible.filter(parent=None)
    found = list(
        filters.apply(roots, visible.exclude(parent=None), viewer)
        .select_related("author__user", f"{_DOCUMENT}__section__bundle", f"{_DOCUMENT}__current")
        .prefetch_related("author__parties")
        .order_by(*IN_ORDER)[filters.offset : filters.offset + PORTION + 1]
    )
    more, found = len(found) > PORTION, found[:PORTION]
    answers: dict[UUID, list[Note]] = {}
    for answer in (
        visible.filter(parent__in=[note.pk for note in found])
        .select_related("author__user")
        .order_by("created_at")
    ):
        answers.setdefault(answer.parent_id, []).append(answer)
    tags = sorted(
        {tag for held in roots.exclude(tags=[]).values_list("tags", flat=True) for tag in held},
        key=alphabetical,
    )
    authors = sorted(
        visible.order_by().values_list("author_id", "author__user__name").distinct(),
        key=lambda row: alphabetical(row[1]),
    )
    return render(
        request,
        "annotations/list.html",
        {
            "viewer": viewer,
            "filters": filters,
            "groups": _groups(viewer, found, answers),
            "shown": len(found),
            "authors": [(str(pk), name) for pk, name in authors],
            "audiences": AUDIENCES.items(),
            "tags": tags,
            "may_note": viewer.may("note"),
            "previous": filters.address(offset=max(0, filters.offset - PORTION)) if filters.offset else "",
            "next": filters.address(offset=filters.offset + PORTION) if more else "",
        },
    )


def _groups(
    viewer: Viewer, found: list[Note], answers: dict[UUID, list[Note]]
) -> list[tuple[Document, list[Row]]]:
    """The notes by document, in order."""
    names = Names(viewer.case)
    labels = Labels({note.page.version.document_id for note in found})
    groups: list[tuple[Document, list[Row]]] = []
    for note in found:
        document = note.page.version.document
        label = labels.label(document.pk, note.page.index) or ""
        if not groups or groups[-1][0].pk != document.pk:
            groups.append((document, []))
        groups[-1][1].append(
            Row(
                note,
                label,
                _href(viewer, document, note, label),
                _seen(viewer, note, names),
                note.author_id == viewer.participant_id,
                answers.get(note.pk, []),
                quote_for(viewer, note).get("exact", ""),
            )
        )
    return groups


def _seen(viewer: Viewer, note: Note, names: Names) -> str:
    """A note's audience in words; its author is named where the parties in it are not theirs."""
    words = names.audience(note.audience, viewer)
    tokens = split(note.audience)
    apart = not tokens & {EVERYBODY, *note.author.slugs()} and any(t in names.parties for t in tokens)
    if not apart:
        return words
    author = _("me") if note.author_id == viewer.participant_id else isolate(note.author.user.name)
    return _("%(first)s and %(last)s") % {"first": words, "last": author}


def _href(viewer: Viewer, document: Document, note: Note, label: str) -> str:
    """The reader at the note; the preview where its page is not served and has no label."""
    reference = viewer.case.reference
    if label:
        place = reverse("bundles:page", args=[reference, document.section.bundle.slug, label])
    else:
        place = reverse("bundles:preview", args=[reference, document.pk, note.page.index + 1])
    return f"{place}#note-{note.pk}"
