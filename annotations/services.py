"""Making, changing and deleting notes. Their text is never in the journal: a salted hash of it is."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from casebundle.bundles.labels import Labels
from casebundle.bundles.models import Page, PageText
from casebundle.bundles.services import Conflict, checked_tokens
from casebundle.cases.access import NotAllowed, NotVisible, Viewer, must_see, pick, viewer_of
from casebundle.cases.models import Participant
from casebundle.journal import record
from casebundle.journal.audience import EVERYBODY, PUBLIC, join, meet, person, split

from .anchors import BadAnchor, checked_quads, find_quote, quote_at
from .models import Note

BODY_LENGTH = 10_000
LEAST = 0.0005  # of the page's width or height


def audience_of(viewer: Viewer, choice: str, parties: Collection[str] | None) -> str:
    """The stored audience of a note by `viewer`; the author always keeps seeing it."""
    assert viewer.participant is not None
    me = person(viewer.participant.pk)
    if choice == Note.Choice.PRIVATE:
        return join([me])
    if choice == Note.Choice.PARTY:
        return join([me, *viewer.parties])
    if choice == Note.Choice.PARTIES:
        if not parties:
            raise ValidationError({"parties": _("Choose at least one party.")})
        try:
            tokens = split(checked_tokens(viewer.case, parties))
        except ValidationError as wrong:
            raise ValidationError({"parties": wrong.messages}) from None
        if EVERYBODY in tokens:
            # Whoever means everybody says so: a note whose author reads "chosen parties" must not be for all.
            raise ValidationError({"parties": _("For everybody, choose everybody in the case.")})
        return join([me, *tokens])
    if choice == Note.Choice.CASE:
        return PUBLIC
    raise ValidationError({"audience": _("Choose who sees it: private, party, parties or case.")})


PERSON = person("")


def _with_page(stored: str, note: Note) -> str:
    """Those of an audience who may see the note's page too: nobody else may learn that there is a note on it."""
    document = note.page.version.document.audience
    if document == PUBLIC:
        return stored
    found = {token for token in split(stored) if token.startswith(PERSON)}
    parties = split(meet(join(split(stored) - found), document))
    # `meet` does not know who a person acts for.
    rows = Participant.objects.active().filter(pk__in=[token.removeprefix(PERSON) for token in found])
    people = []
    for one in rows.select_related("case", "user").prefetch_related("parties"):
        try:
            if viewer_of(one).sees(document):
                people.append(person(one.pk))
        except NotVisible:
            continue
    return join([*people, *parties])


def draft(viewer: Viewer, note: Note, action: str, label: str | None) -> record.Draft:
    """What the journal says of a note: that there is one, where, and for whom; not its words."""
    secret = hashlib.sha256(f"{note.salt}{note.body}{note.quote.get('exact', '')}".encode()).hexdigest()
    return record.Draft(
        action,
        actor=viewer.card,
        audience=_with_page(note.audience, note),
        document=note.page.version.document_id,
        data={
            "note": str(note.pk),
            "parent": str(note.parent_id) if note.parent_id else None,
            "page": note.page_id,
            "label": label,
            "kind": note.kind,
            "audience": note.choice,
            "content_sha256": secret,
        },
    )


def _journal(viewer: Viewer, note: Note, action: str) -> None:
    label = Labels([note.page.version.document_id]).label(note.page.version.document_id, note.page.index)
    record.append_all(viewer.case_id, [draft(viewer, note, action, label)])


def _checked_body(body: str | None, needed: bool) -> str:
    body = (body or "").strip()
    if len(body) > BODY_LENGTH:
        raise ValidationError({"body": _("A note has at most 10,000 characters.")})
    if needed and not body:
        raise ValidationError({"body": _("Write the note.")})
    return body


def _checked_tags(tags: Sequence[str] | None) -> list[str]:
    found = list(dict.fromkeys(str(tag).strip() for tag in tags or () if str(tag).strip()))
    if len(found) > 20 or any(len(tag) > 40 for tag in found):
        raise ValidationError({"tags": _("Give at most 20 tags of at most 40 characters.")})
    return found


@record.changes
def create(
    viewer: Viewer,
    page: Page,
    *,
    kind: str,
    body: str = "",
    quads: Sequence[Sequence[float]] | None = None,
    quote: Any = None,
    choice: str = Note.Choice.PRIVATE,
    parties: Collection[str] | None = None,
    tags: Sequence[str] | None = None,
) -> Note:
    """A note on a page that `viewer` may see.

    The place is given as boxes (`quads`, fractions of the page) or as words (`quote`: a string, or a W3C selector with
    exact, prefix, suffix). A note without a place is about the page. Raises NotAllowed, ValidationError by field.
    """
    viewer.require("note")
    if kind not in (Note.Kind.HIGHLIGHT, Note.Kind.AREA, Note.Kind.NOTE):
        raise ValidationError({"kind": _("Choose highlight, area or note.")})
    must_see(viewer, page)
    if page.version_id != page.version.document.current_id:
        raise Conflict(_("That page was replaced. Write the note on the page that is there now."))
    layer = PageText.objects.filter(page=page).first()
    words: list[Any] = layer.layer()["words"] if layer else []
    asked = {"exact": quote} if isinstance(quote, str) else dict(quote or {})
    exact = str(asked.get("exact", ""))
    if max(len(exact), *(len(str(asked.get(side, ""))) for side in ("prefix", "suffix"))) > 5000:
        raise ValidationError({"quote": _("Select at most 5,000 characters.")})
    try:
        boxes = checked_quads(quads)
        if exact and not boxes:
            boxes = find_quote(words, exact, str(asked.get("prefix", "")), str(asked.get("suffix", "")))
    except BadAnchor as bad:
        message = {
            "quads": _("The boxes must lie on the page: [x0, y0, x1, y1] in fractions of it."),
            "quote": _("Those words are not on this page."),
        }
        raise ValidationError({bad.code: message[bad.code]}) from None
    # What nobody could see or press is no place.
    boxes = [box for box in boxes if box[2] - box[0] >= LEAST and box[3] - box[1] >= LEAST]
    if kind in (Note.Kind.HIGHLIGHT, Note.Kind.AREA) and not boxes:
        raise ValidationError({"quads": _("Say where: select words or mark an area.")})
    note = Note.objects.create(
        case=viewer.case,
        page=page,
        author=viewer.participant,
        kind=kind,
        body=_checked_body(body, needed=kind == Note.Kind.NOTE),
        quads=boxes,
        quote=quote_at(words, boxes) if kind != Note.Kind.AREA else {},
        top=boxes[0][1] if boxes else 0,
        tags=_checked_tags(tags),
        choice=choice,
        audience=audience_of(viewer, choice, parties),
    )
    _journal(viewer, note, "note.created")
    return note


def _own(viewer: Viewer, note: Note) -> None:
    must_see(viewer, note)
    if viewer.participant is None or note.author_id != viewer.participant.pk:
        raise NotAllowed(_("Only its author can change a note."))
    viewer.require("note")


@record.changes
def edit(
    viewer: Viewer,
    note: Note,
    *,
    body: str | None = None,
    choice: str | None = None,
    parties: Collection[str] | None = None,
    tags: Sequence[str] | None = None,
) -> Note:
    """Change one's own note. Replies of others go with it where it is narrowed, and are never widened by it.

    The audience of a reply can be set to that of its note as it stands, by the reply's author.
    """
    _own(viewer, note)
    before = note.audience
    if body is not None:
        note.body = _checked_body(body, needed=note.kind in (Note.Kind.NOTE, Note.Kind.REPLY))
    if tags is not None:
        note.tags = _checked_tags(tags)
    if choice is not None:
        if note.parent_id:
            root = pick(viewer, Note.objects.all(), note.parent_id)
            if choice != root.choice:
                raise ValidationError({"audience": _("A reply is seen by those who see the note.")})
            note.choice, note.audience = root.choice, join([*split(root.audience), person(note.author_id)])
        elif choice != note.choice or choice == Note.Choice.PARTIES:
            note.choice, note.audience = choice, audience_of(viewer, choice, parties)
            for answer in note.replies.filter(deleted_at=None):
                _take_along(viewer, note, answer)
    note.edited_at = timezone.now()
    note.save(update_fields=["body", "tags", "choice", "audience", "edited_at"])
    _journal(viewer, note, "note.changed")
    if note.audience != PUBLIC and split(before) - split(note.audience):
        _gone_for_others(viewer, note, before)
    return note


def _take_along(viewer: Viewer, note: Note, answer: Note) -> None:
    """Give a reply the audience that follows from the new one of its note.

    Who wrote it wrote it for those who saw the note then: of these it goes on to be for those who see the note now.
    The author of the note, who is `viewer`, takes only their own replies along to others.
    """
    before = answer.audience
    if answer.author_id == note.author_id:
        answer.audience = note.audience
    else:
        held = {person(answer.author_id), *split(meet(before, note.audience))}
        if viewer.sees(before):
            held.add(person(note.author_id))
        answer.audience = join(held)
    if answer.audience != before:
        answer.choice = note.choice
        answer.save(update_fields=["audience", "choice"])


def _gone_for_others(viewer: Viewer, note: Note, before: str) -> None:
    """Tell those who saw it and do not any more that it is gone from their pages, and no more than that."""
    record.append(
        viewer.case_id,
        "note.hidden",
        audience=_with_page(before, note),
        document=note.page.version.document_id,
        data={"note": str(note.pk), "page": note.page_id},
    )


@record.changes
def delete(viewer: Viewer, note: Note) -> None:
    """Take one's own note away, for everybody; the journal keeps that there was one."""
    _own(viewer, note)
    note.deleted_at = timezone.now()
    note.save(update_fields=["deleted_at"])
    note.replies.filter(deleted_at=None).update(deleted_at=note.deleted_at)
    _journal(viewer, note, "note.deleted")


@record.changes
def reply(viewer: Viewer, note: Note, body: str) -> Note:
    """Answer a note (or an answer to it); the answer is seen by those who see the note."""
    viewer.require("note")
    # Somebody may still see their own answer to a note that is not for them any more.
    rows = Note.objects.select_related("page__version__document")
    root = pick(viewer, rows, note.parent_id or note.pk)
    answer = Note.objects.create(
        case=viewer.case,
        page=root.page,
        parent=root,
        author=viewer.participant,
        kind=Note.Kind.REPLY,
        body=_checked_body(body, needed=True),
        top=root.top,
        choice=root.choice,
        audience=root.audience,
    )
    _journal(viewer, answer, "note.replied")
    return answer


def on_page(viewer: Viewer, page: Page) -> list[Note]:
    """The notes of a page that `viewer` may see, from top to bottom, each with its replies (`note.answers`)."""
    return on_pages(viewer, [page.pk])


def on_pages(viewer: Viewer, pages: Collection[str]) -> list[Note]:
    """The notes on pages with these ids that `viewer` may see, each with its replies, in three queries.

    Within a page from top to bottom; a page that is not for `viewer` has none, as one that never was.
    """
    rows = (
        Note.objects.visible_to(viewer)
        .filter(page__in=Page.objects.visible_to(viewer).filter(pk__in=pages).order_by().values("pk"))
        .select_related("author__user", "page__version__document")
        .prefetch_related("author__parties")
        .order_by("top", "created_at")
    )
    return with_answers(list(rows))


def labels_of(notes: Collection[Note]) -> dict[str, str | None]:
    """The labels of the notes' pages as they stand now, by page, in one query."""
    labels = Labels({note.page.version.document_id for note in notes})
    return {note.page_id: labels.label(note.page.version.document_id, note.page.index) for note in notes}


def with_answers(rows: Sequence[Note]) -> list[Note]:
    """The notes among `rows`, each with its replies among them in `answers`, in order of time."""
    roots = {row.pk: row for row in rows if row.parent_id is None}
    for root in roots.values():
        root.answers = []  # type: ignore[attr-defined]
    for row in sorted((row for row in rows if row.parent_id), key=lambda row: row.created_at):
        if row.parent_id in roots:
            roots[row.parent_id].answers.append(row)  # type: ignore[attr-defined]
    return list(roots.values())


def quote_for(viewer: Viewer, note: Note) -> dict[str, str]:
    """The words that a note quotes, while they stand in the version that people read; {} where they do not.

    Words of a version that was replaced are its own side's alone, as its pages are, unless that side lets others see
    it; what somebody wrote stays theirs.
    """
    document = note.page.version.document
    stands = note.page.version_id == document.current_id and bool(note.quads)
    quote: dict[str, str] = note.quote
    return quote if stands or document.shows_earlier or viewer.acts_for(document.party) else {}


def quoted_to(viewer: Viewer) -> Q:
    """The same of rows of notes."""
    document = "page__version__document"
    return (
        (Q(**{f"{document}__current": F("page__version_id")}) & ~Q(quads=[]))
        | Q(**{f"{document}__party__in": viewer.parties})
        | Q(**{f"{document}__shows_earlier": True})
    )


def note_json(
    viewer: Viewer, note: Note, label: str | None = None, root: Note | None = None
) -> dict[str, Any]:
    """A note as API and reader have it; `mine` says whether `viewer` may change it.

    `parties` are the slugs that it is for, where its audience is `party` or `parties`. `narrower` is said of a reply
    that is not for everybody who sees its note (`root`).
    """
    tokens = split(note.audience) if note.choice in (Note.Choice.PARTY, Note.Choice.PARTIES) else ()
    return {
        "id": str(note.pk),
        "page": note.page_id,
        "label": label,
        "kind": note.kind,
        "body": note.body,
        "quote": quote_for(viewer, note),
        "quads": note.quads,
        "audience": note.choice,
        "parties": sorted(token for token in tokens if not token.startswith(PERSON)),
        "tags": note.tags,
        "author": note.author.card(),
        "mine": viewer.participant is not None and note.author_id == viewer.participant.pk,
        "created": note.created_at.isoformat(),
        "edited": note.edited_at.isoformat() if note.edited_at else None,
        "narrower": root is not None
        and note.audience != PUBLIC
        and bool(split(root.audience) - split(note.audience)),
        "replies": [note_json(viewer, answer, label, note) for answer in getattr(note, "answers", [])],
    }
