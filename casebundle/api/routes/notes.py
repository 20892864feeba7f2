"""Notes and highlights on pages."""

from __future__ import annotations

from typing import Any

from ninja import Router, Status

from annotations import services
from annotations.models import Note
from casebundle.cases import access, limits

from .. import schemas, shapes
from ..entrance import Asked
from ..paging import Cursor, Limit, Page, paged
from ..routing import answers

router = Router(tags=["Notes"])


def _one(request: Asked, note: Note) -> dict[str, Any]:
    """A note with the answers to it that the caller may see."""
    rows = Note.objects.select_related("author__user", "page__version__document__current")
    root = access.pick(request.viewer, rows, note.pk)
    parent = None
    if root.parent_id is not None:
        parent = Note.objects.visible_to(request.viewer).filter(pk=root.parent_id).first()
    else:
        answers = rows.prefetch_related("author__parties")
        replies = answers.visible_to(request.viewer).filter(parent=root).order_by("created_at")
        services.with_answers([root, *replies])
    return services.note_json(request.viewer, root, shapes.label_now(root.page), parent)


@router.get(
    "/pages/{page_id}/notes", response=answers({200: Page[schemas.Note]}, 422), summary="The notes on a page"
)
def list_notes(request: Asked, page_id: str, cursor: Cursor = None, limit: Limit = 100) -> Any:
    """Those that the caller may see, from top to bottom, each with its replies."""
    rows, after = paged(
        services.on_page(request.viewer, request.thing),
        lambda note: (float(note.top), int(note.created_at.timestamp() * 1_000_000), str(note.pk)),
        cursor,
        limit,
    )
    label = shapes.label_now(request.thing)
    return {"items": [services.note_json(request.viewer, note, label) for note in rows], "next": after}


@router.post(
    "/pages/{page_id}/notes",
    response=answers({201: schemas.Note}, 403, 422),
    summary="Write a note on a page",
)
def create_note(request: Asked, page_id: str, what: schemas.NewNote) -> Any:
    """`quads` (boxes) or `quote` (words of the page) say where. `audience`: private, party, parties or case."""
    limits.count(limits.NOTE, request.auth.pk)
    quote = what.quote.model_dump() if isinstance(what.quote, schemas.Quote) else what.quote
    note = services.create(
        request.viewer,
        request.thing,
        kind=what.kind,
        body=what.body,
        quads=what.quads,
        quote=quote,
        choice=what.audience,
        parties=what.parties,
        tags=what.tags,
    )
    return Status(201, _one(request, note))


@router.get("/notes/{note_id}", response=answers({200: schemas.Note}), summary="A note")
def get_note(request: Asked, note_id: str) -> Any:
    return _one(request, request.thing)


@router.patch(
    "/notes/{note_id}", response=answers({200: schemas.Note}, 403, 422), summary="Change one's own note"
)
def change_note(request: Asked, note_id: str, what: schemas.ChangedNote) -> Any:
    """Only what is sent is changed. Its author alone may."""
    services.edit(
        request.viewer,
        request.thing,
        body=what.body,
        choice=what.audience,
        parties=what.parties,
        tags=what.tags,
    )
    return _one(request, request.thing)


@router.delete("/notes/{note_id}", response=answers({204: None}, 403), summary="Delete one's own note")
def delete_note(request: Asked, note_id: str) -> Any:
    services.delete(request.viewer, request.thing)
    return Status(204, None)


@router.post(
    "/notes/{note_id}/replies", response=answers({201: schemas.Note}, 403, 422), summary="Answer a note"
)
def reply(request: Asked, note_id: str, what: schemas.NewReply) -> Any:
    """Seen by those who see the note."""
    limits.count(limits.NOTE, request.auth.pk)
    return Status(201, _one(request, services.reply(request.viewer, request.thing, what.body)))
