"""Evidence: taking it in, serving it, changing it, giving it out."""

from __future__ import annotations

import json
import tempfile
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import File, Form, Header, Router, Status, UploadedFile

from casebundle.bundles import files, services
from casebundle.bundles.labels import Labels
from casebundle.bundles.models import Bundle, Document, Page, Version
from casebundle.bundles.services import Conflict
from casebundle.cases import access, limits
from casebundle.cases.access import NotAllowed, NotVisible, Viewer
from casebundle.evidence import copying, intake, words
from casebundle.journal.models import Entry
from casebundle.pdf import magic

from .. import schemas, shapes
from ..entrance import Asked, documents
from ..paging import Cursor, Limit, decode, encode
from ..paging import Page as Part
from ..problems import RefusedFormat
from ..routing import answers, binary, for_serving

router = Router(tags=["Evidence"])

FORM = {"section", "bundle", "title", "date", "exhibit", "visible_to", "serve", "csrfmiddlewaretoken"}


def _known_fields(request: HttpRequest, names: set[str]) -> None:
    """A misspelt `visible_to` must not serve on everybody."""
    unknown = sorted((set(request.POST) | set(request.FILES)) - names - {"file"})
    if unknown:
        raise ValidationError({name: [_("There is no field of that name.")] for name in unknown})
    if len(request.FILES.getlist("file")) > 1:
        raise ValidationError({"file": _("Send one file with each call.")})


def _checked_format(upload: UploadedFile) -> None:
    """RefusedFormat for a file that plainly is something else than a PDF; what is wrong inside one is found later."""
    if not upload.size:
        raise RefusedFormat(words.reason("empty"))
    if hasattr(upload, "temporary_file_path"):
        kind = magic.not_a_pdf(upload.temporary_file_path())
    else:
        with tempfile.NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as copy:
            for chunk in upload.chunks():
                copy.write(chunk)
            copy.flush()
            kind = magic.not_a_pdf(copy.name)
    # "" is what nobody can tell: it may be a PDF that is damaged.
    if kind:
        raise RefusedFormat(words.reason("not_pdf"))


def _parties(values: list[str] | None) -> list[str] | None:
    """visible_to as forms bring it: repeated, or with commas, or as a JSON array."""
    if values is None:
        return None
    if len(values) == 1 and values[0].lstrip().startswith("["):
        try:
            found = json.loads(values[0])
        except ValueError:
            found = None
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise ValidationError({"visible_to": _("Give parties, like bates,doyle.")})
        return found
    return [slug.strip() for value in values for slug in value.split(",") if slug.strip()]


def _again(request: Asked, pk: Any) -> dict[str, Any]:
    """The document as it stands after a change."""
    return shapes.document(request.viewer, access.pick(request.viewer, documents(), pk))


@router.post(
    "/cases/{reference}/documents",
    response=answers({202: schemas.Document}, 403, 409, 413, 415, 422),
    summary="Upload a document",
)
@for_serving
def upload(
    request: Asked,
    reference: str,
    file: Annotated[UploadedFile, File(description="a PDF")],
    section: Annotated[schemas.Text, Form(description="its letter")],
    bundle: Annotated[schemas.Text, Form("main")] = "main",
    title: Annotated[
        schemas.Text | None, Form(None, description="guessed from the file where it is left out")
    ] = None,
    date: Annotated[schemas.Text | None, Form(None, description="YYYY-MM-DD")] = None,
    exhibit: Annotated[schemas.Text | None, Form(None, description="its reference, like JS/1")] = None,
    visible_to: Annotated[
        list[schemas.Text] | None,
        Form(None, description="parties: repeated or with commas; left out: all who may see the section"),
    ] = None,
    serve: Annotated[bool, Form(True, description="serve it as soon as it is ready")] = True,
    idempotency_key: Annotated[
        schemas.Text | None,
        Header(None, alias="Idempotency-Key", description="the same key and bytes are the same document"),
    ] = None,
) -> Any:
    """Kept when this answers; read in the background: ask for the document until its status is ready or refused.

    The same `Idempotency-Key` and bytes answer the same document, the same key and other bytes 409. A file that is
    plainly no PDF is refused at once (415); one that turns out to be broken or protected ends as refused, with its
    reason.
    """
    _known_fields(request, FORM)
    request.viewer.require("serve")
    limits.count(limits.UPLOAD, request.auth.pk)
    _checked_format(file)
    place = Bundle.objects.visible_to(request.viewer).filter(slug=bundle).first()
    if place is None:
        raise ValidationError({"bundle": _("Choose a bundle of this case.")})
    document = intake.receive(
        request.viewer,
        place,
        section,
        file.name or "",
        file,
        title=title,
        date=date,
        exhibit=exhibit,
        visible_to=_parties(visible_to),
        serve=serve,
        idempotency_key=idempotency_key,
    )
    return Status(202, _received(request.viewer, document))


def _received(viewer: Viewer, document: Document) -> dict[str, Any]:
    """Also for one that came before, by its key, and was withdrawn since."""
    return shapes.document(viewer, documents().get(pk=document.pk))


@router.post(
    "/cases/{reference}/serve",
    response=answers({200: schemas.Served}, 403, 422),
    summary="Serve staged documents",
)
@for_serving
def serve(request: Asked, reference: str, what: schemas.ToServe) -> Any:
    """All of them or none. Those that are served already stay as they are."""
    try:
        served = services.serve(request.viewer, [UUID(each) for each in what.documents])
    except ValueError:
        raise NotVisible from None
    by_id = {row.pk: row for row in documents().filter(pk__in=[row.pk for row in served])}
    return {"documents": shapes.documents(request.viewer, [by_id[row.pk] for row in served])}


@router.get("/documents/{document_id}", response=answers({200: schemas.Document}), summary="A document")
@for_serving
def get_document(request: Asked, document_id: str) -> Any:
    """Its state, its labels as they stand now, and what was noticed about its file."""
    return shapes.document(request.viewer, request.thing)


@router.get(
    "/documents/{document_id}/pages",
    response=answers({200: Part[schemas.PageItem]}, 422),
    summary="The pages of a document",
)
@for_serving
def list_pages(request: Asked, document_id: str, cursor: Cursor = None, limit: Limit = 100) -> Any:
    """Of the version that people read, in order."""
    document: Document = request.thing
    rows = Page.objects.visible_to(request.viewer).filter(version=document.current).order_by("index")
    if cursor:
        rows = rows.filter(index__gt=decode(cursor, [int])[0])
    found = list(rows.select_related("version")[: limit + 1])
    labels = Labels([document])
    items = [shapes.page(row, labels.label(document.pk, row.index)) for row in found[:limit]]
    return {"items": items, "next": encode([found[limit - 1].index]) if len(found) > limit else None}


@router.get(
    "/documents/{document_id}/original",
    response=answers({200: None}, 403, 422),
    openapi_extra=binary(200, "application/pdf", description="the file as it came, with Range", parts=True),
    summary="The file as it came",
)
def original(request: Asked, document_id: str, version: int | None = None) -> HttpResponseBase:
    """Bit for bit. For those whose party served it, and the court. `version`: an earlier one.

    Where files are in a bucket, a large one is answered with the address from which it is fetched (302), good for a
    minute. One in which a virus was found is given to nobody (403).
    """
    document: Document = request.thing
    rows = list(services.originals(request.viewer, document))
    wanted = [
        row for row in rows if (row.pk == document.current_id if version is None else row.number == version)
    ]
    if not wanted:
        raise NotVisible
    if wanted[0].reason_code == "infected":
        raise NotAllowed(words.reason("infected"))
    return _send(
        request,
        files.original_key(wanted[0].sha256),
        size=wanted[0].size,
        etag=wanted[0].sha256,
        name=wanted[0].name,
        media_type=wanted[0].media_type,
        attachment=True,
    )


@router.get(
    "/documents/{document_id}/pdf",
    response=answers({200: None}, 409),
    openapi_extra=binary(200, "application/pdf", description="the reading copy, with Range", parts=True),
    summary="The reading copy",
)
def reading_copy(request: Asked, document_id: str) -> HttpResponseBase:
    """The PDF that its pages are made from: what is seen on them, links within it and its outline, and nothing else of
    the file as it came. 409 until it is ready, and where no copy can be made; 503 while it is being made.
    """
    document: Document = request.thing
    version = document.current
    if version is None or version.status != Version.Status.READY:
        raise Conflict(
            words.reason(version.reason_code)
            if version and version.reason_code
            else _("It is not ready yet.")
        )
    key = copying.key_of(version)
    return _send(
        request,
        key,
        size=default_storage.size(key),
        etag=version.reading_sha256,
        name=f"{document.title}.pdf",
        media_type="application/pdf",
        attachment=False,
    )


def _send(request: HttpRequest, key: str, **about: Any) -> HttpResponseBase:
    if getattr(request, "head", False):
        request.method = "HEAD"
    return files.send(request, key, **about)


@router.patch(
    "/documents/{document_id}",
    response=answers({200: schemas.Document}, 403, 409, 422),
    summary="Name, place or restrict a document",
)
@for_serving
def change(request: Asked, document_id: str, what: schemas.ChangedDocument) -> Any:
    """Only what is sent is changed. 409 where its numbers are frozen and it would have to move."""
    changes = {name: getattr(what, name) for name in what.model_fields_set}
    services.change_document(request.viewer, request.thing, changes)
    return _again(request, request.thing.pk)


@router.post(
    "/documents/{document_id}/replace",
    response=answers({202: schemas.Document}, 403, 409, 413, 415, 422),
    summary="Replace a document's file",
)
@for_serving
def replace(
    request: Asked, document_id: str, file: Annotated[UploadedFile, File(description="a PDF")]
) -> Any:
    """A new version, shown in the old one's place and with its labels once it is ready; the old one is kept."""
    _known_fields(request, {"csrfmiddlewaretoken"})
    intake.require_replacing(request.viewer, request.thing)
    limits.count(limits.UPLOAD, request.auth.pk)
    _checked_format(file)
    intake.replace(request.viewer, request.thing, file.name or "", file)
    return Status(202, _again(request, request.thing.pk))


@router.post(
    "/documents/{document_id}/withdraw",
    response=answers({200: schemas.Withdrawn}, 403, 422),
    summary="Withdraw a document",
)
def withdraw(request: Asked, document_id: str, what: schemas.Reason) -> Any:
    """Out of the bundle; its labels are kept for it, its file and its journal entries stay."""
    document: Document = request.thing
    services.withdraw(request.viewer, document, what.reason)
    return {
        "id": str(document.pk),
        "state": document.state,
        "withdrawn": document.withdrawn_at,
        "reason": document.withdrawn_reason,
    }


@router.get(
    "/documents/{document_id}/receipt",
    response=answers({200: schemas.Receipt}, 409),
    summary="The receipt of service",
)
@for_serving
def receipt(request: Asked, document_id: str) -> Any:
    """What was served, by whom, on whom and when, with the journal entry that proves it. 409 until it is served."""
    document: Document = request.thing
    if document.served_entry is None:
        raise Conflict(_("It has not been served, so there is no receipt."))
    entry = Entry.objects.visible_to(request.viewer).filter(seq=document.served_entry).first()
    if entry is None:
        raise NotVisible
    said = entry.data
    version = document.versions.filter(sha256=said["sha256"]).order_by("number").first()
    first, last = Labels([document]).span(document)
    return {
        "document": str(document.pk),
        "case": document.case.reference,
        **{
            key: said[key] for key in ("title", "exhibit", "section", "name", "sha256", "size", "pages", "on")
        },
        "served": document.served_at,
        "by": entry.actor,
        "party": document.party,
        "served_as": {"first": said["first"], "last": said["last"]},
        "first": first,
        "last": last,
        "scanned": version is not None and not words.unscanned(version.warnings),
        "entry": {"seq": entry.seq, "digest": entry.digest, "previous": entry.previous, "hash": entry.hash},
    }
