"""Serve evidence: upload, name, check, serve, and the receipt."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from casebundle.bundles import services
from casebundle.bundles.files import TooLarge
from casebundle.bundles.models import Bundle, Document
from casebundle.cases import limits
from casebundle.cases.access import NotAllowed, NotVisible, Viewer, pick, viewer_in
from casebundle.cases.dates import read_day
from casebundle.journal import record

from . import intake
from .forms import UploadForm
from .planning import plan
from .receipts import batch, of_document
from .rows import Rows, changed, head, keys, positions, sections, slugs_of, staged

Answer = Callable[..., HttpResponse]

# How many rows one save without scripts takes (a form has at most DATA_UPLOAD_MAX_NUMBER_FIELDS fields).
FIELDS = ("title", "date", "exhibit", "section", "seen")


def _said(error: ValidationError) -> str:
    return " ".join(error.messages)


def answers_json(view: Answer) -> Answer:
    """For what scripts ask: refusals are `{"detail": …}` with their status, never a page or a redirect."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            if not request.user.is_authenticated:
                said, status = (
                    _("You have been signed out. Sign in again in another tab, then try again."),
                    401,
                )
            else:
                return view(request, *args, **kwargs)
        except NotVisible:
            said, status = _("It is not there any more."), 404
        except NotAllowed as refused:
            said, status = str(refused), 403
        except services.Conflict as refused:
            said, status = str(refused), 409
        except TooLarge:
            said, status = too_large(), 413
        except ValidationError as error:
            return JsonResponse({"detail": _said(error), "errors": error.message_dict}, status=422)
        return JsonResponse({"detail": said}, status=status)

    return answer


def too_large() -> str:
    most = settings.UPLOAD_MAX_BYTES // 1024**2
    return _("The file is larger than %(size)s MB. Split it and upload the parts.") % {"size": f"{most:,}"}


def _server(request: HttpRequest, reference: str) -> Viewer:
    viewer = viewer_in(request.user, reference=reference)
    viewer.require("serve")
    return viewer


# --- upload and name ----------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def serve(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything that my party has uploaded and not served; with POST, files from a browser without scripts."""
    viewer = _server(request, reference)
    if request.method == "POST":
        limits.count(limits.UPLOAD, viewer.user_id)
        form = UploadForm(viewer, request.POST, request.FILES)
        if form.is_valid():
            refused = _take(viewer, form)
            taken = len(form.cleaned_data["files"]) - len(refused)
            if taken:
                text = ngettext("%(n)s file has arrived.", "%(n)s files have arrived.", taken)
                messages.success(request, text % {"n": taken})
            for name, why in refused:
                messages.error(request, f"{name}: {why}")
            return redirect("evidence:serve", reference=reference)
    else:
        form = UploadForm(viewer)
    return _serve_page(request, viewer, form)


def _take(viewer: Viewer, form: UploadForm) -> list[tuple[str, str]]:
    """Receive the files of a form; a bad one is named with its reason and stops nobody."""
    bundle, letter = form.place()
    refused = []
    for file in form.cleaned_data["files"]:
        try:
            intake.receive(viewer, bundle, letter, file.name or "", file, visible_to=form.visible_to())
        except TooLarge:
            refused.append((intake.safe_name(file.name or ""), too_large()))
        except ValidationError as error:
            refused.append((intake.safe_name(file.name or ""), _said(error)))
    return refused


def _serve_page(
    request: HttpRequest, viewer: Viewer, form: UploadForm, problems: dict[str, dict[str, str]] | None = None
) -> HttpResponse:
    seq = head(viewer)
    made = Rows(viewer)
    rows = made.rows(staged(viewer))
    letters = {
        bundle.slug: [(made.keys[section.pk], str(section)) for section in found]
        for bundle, found in sections(viewer).items()
    }
    choices = made.choices({row["seen"] for row in rows})
    for row in rows:
        row["section_options"] = options(tuple(letters.get(row["bundle"], ())), row["section"])
        row["seen_options"] = options(tuple(choices), row["seen"])
        row["errors"] = (problems or {}).get(row["id"], {})
        row.update({f"typed_{k}": v for k, v in row["errors"].get("typed", {}).items()})
    reference = viewer.case.reference
    counts = {
        "ready": sum(row["status"] == "ready" for row in rows),
        "refused": sum(row["status"] == "refused" for row in rows),
    }
    counts["reading"] = len(rows) - counts["ready"] - counts["refused"]
    data = {
        "after": seq,
        "upload": reverse("evidence:upload", args=[reference]),
        "states": reverse("evidence:states", args=[reference]),
        "change": reverse("evidence:change", args=[reference, UUID(int=0)]),
        "positions": positions(viewer),
        "largest": settings.UPLOAD_MAX_BYTES,
        "too_large": too_large(),
        "rows": [{"id": row["id"], "status": row["status"]} for row in rows],
        "reference": reference,
    }
    return render(
        request,
        "evidence/serve.html",
        {
            "viewer": viewer,
            "form": form,
            "rows": rows,
            "counts": counts,
            "section_options": {slug: options(tuple(found)) for slug, found in letters.items()},
            "seen_options": options(tuple(choices)),
            "data": data,
        },
    )


@functools.lru_cache(256)
def options(choices: tuple[tuple[str, str], ...], chosen: str | None = None) -> SafeString:
    """The options of a select. A thousand rows have the same ones: they are written out once."""
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((value, mark_safe(" selected") if value == chosen else "", text) for value, text in choices),
    )


@answers_json
@require_POST
def upload(request: HttpRequest, reference: str) -> HttpResponse:
    """One file, by the page's script: 202 with its row. The same Idempotency-Key is the same document."""
    viewer = _server(request, reference)
    limits.count(limits.UPLOAD, viewer.user_id)
    file = request.FILES.get("file")
    if file is None:
        raise ValidationError({"file": _("Choose a file.")})
    slug, _slash, letter = request.POST.get("section", "").rpartition("/")
    bundle = Bundle.objects.visible_to(viewer).filter(slug=slug).first()
    if bundle is None:
        raise ValidationError({"section": _("Choose a section.")})
    at = request.POST.get("position", "")
    document = intake.receive(
        viewer,
        bundle,
        letter,
        file.name or "",
        file,
        title=request.POST.get("title", "").strip() or None,
        date=read_day(request.POST.get("date", "")),
        exhibit=request.POST.get("exhibit", "").strip() or None,
        visible_to=slugs_of(viewer, request.POST.get("seen", "everybody")),
        idempotency_key=request.headers.get("Idempotency-Key"),
        position=int(at) if at.isdecimal() and len(at) < 8 else None,
    )
    document = staged(viewer).filter(pk=document.pk).first() or document
    return JsonResponse({"row": Rows(viewer).row(document)}, status=202)


@answers_json
@require_GET
def states(request: HttpRequest, reference: str) -> HttpResponse:
    """What has changed on the page since journal entry `after`: one question for all rows."""
    viewer = _server(request, reference)
    after = request.GET.get("after", "")
    rows, gone, until = changed(viewer, int(after) if after.isdecimal() and len(after) < 19 else 0)
    return JsonResponse({"rows": Rows(viewer).rows(rows), "gone": gone, "after": until})


def _changes(viewer: Viewer, document: Document, given: dict[str, str]) -> dict[str, Any]:
    """What services.change_document is told, from what was typed: only what differs."""
    found: dict[str, Any] = {}
    if "title" in given and given["title"].strip() != document.title:
        found["title"] = given["title"]
    if "date" in given and (day := read_day(given["date"])) != document.date:
        found["date"] = day
    if "exhibit" in given and given["exhibit"].strip() != document.exhibit:
        found["exhibit"] = given["exhibit"]
    if "section" in given and given["section"] != keys(viewer).get(document.section_id):
        found["section"] = given["section"]
    if "seen" in given and given["seen"] != Rows(viewer).choice(document.visible_to):
        found["visible_to"] = slugs_of(viewer, given["seen"])
    return found


def _mine(viewer: Viewer, pk: UUID) -> Document:
    document = pick(viewer, Document.objects.select_related("section__bundle", "current"), pk)
    services.require_staged(viewer, document)
    return document


@answers_json
@require_POST
def change(request: HttpRequest, reference: str, pk: UUID) -> HttpResponse:
    """Save what was typed into one cell of a row."""
    viewer = _server(request, reference)
    document = _mine(viewer, pk)
    given = {name: request.POST[name] for name in FIELDS if name in request.POST}
    found = _changes(viewer, document, given)
    if found:
        services.change_document(viewer, document, found)
    return JsonResponse({"row": Rows(viewer).row(staged(viewer).get(pk=pk))})


@login_required
@require_POST
def save_rows(request: HttpRequest, reference: str) -> HttpResponse:
    """Save the whole table, from a browser without scripts; what cannot be saved stays as it was typed."""
    viewer = _server(request, reference)
    problems: dict[str, dict[str, Any]] = {}
    for document in staged(viewer):
        key = str(document.pk)
        given = {name: request.POST[f"{name}-{key}"] for name in FIELDS if f"{name}-{key}" in request.POST}
        for name, value in given.items():
            try:
                if found := _changes(viewer, document, {name: value}):
                    services.change_document(viewer, document, found)
            except ValidationError as error:
                problem = problems.setdefault(key, {"typed": {}})
                problem[name] = _said(error)
                problem["typed"][name] = value
            except services.Conflict as error:
                problems.setdefault(key, {"typed": {}})[name] = str(error)
    if problems:
        return _serve_page(request, viewer, UploadForm(viewer), problems)
    messages.success(request, _("Saved."))
    return redirect("evidence:serve", reference=reference)


@login_required
@require_POST
def change_all(request: HttpRequest, reference: str) -> HttpResponse:
    """Give every staged document the section and the audience that are chosen for new files."""
    viewer = _server(request, reference)
    form = UploadForm(viewer, request.POST, files_needed=False)
    if not form.is_valid():
        return _serve_page(request, viewer, form)
    bundle, letter = form.place()
    left = 0
    with transaction.atomic():
        record.hold(viewer.case_id)
        for document in staged(viewer):
            if document.section.bundle_id != bundle.pk:
                left += 1
                continue
            found = _changes(viewer, document, {"section": letter, "seen": form.seen_value()})
            if found:
                services.change_document(viewer, document, found)
    if left:
        text = ngettext(
            "%(n)s document is in another bundle and was left as it is.",
            "%(n)s documents are in another bundle and were left as they are.",
            left,
        )
        messages.info(request, text % {"n": left})
    return redirect("evidence:serve", reference=reference)


@require_POST
def remove(request: HttpRequest, reference: str, pk: UUID) -> HttpResponse:
    """Take a staged document off the list. Its file and its journal entries stay, as of everything."""
    if request.headers.get("Accept", "").startswith("application/json"):
        return _remove_json(request, reference, pk)
    return _remove_page(request, reference, pk)


def _remove(request: HttpRequest, reference: str, pk: UUID) -> None:
    viewer = _server(request, reference)
    services.withdraw_staged(viewer, _mine(viewer, pk))


@answers_json
def _remove_json(request: HttpRequest, reference: str, pk: UUID) -> HttpResponse:
    try:
        _remove(request, reference, pk)
    except NotVisible:
        pass  # it is gone already, which is what was asked for
    return JsonResponse({"gone": [str(pk)]})


@login_required
def _remove_page(request: HttpRequest, reference: str, pk: UUID) -> HttpResponse:
    _remove(request, reference, pk)
    return redirect("evidence:serve", reference=reference)


# --- check and serve ----------------------------------------------------------------------------
def _ids(request: HttpRequest) -> list[UUID]:
    found = []
    for raw in request.POST.getlist("documents"):
        try:
            found.append(UUID(raw))
        except ValueError:
            raise NotVisible from None
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, reference: str) -> HttpResponse:
    """What will be served, to whom, under which labels. POST leaves one out or puts one back; nothing is served."""
    viewer = _server(request, reference)
    only: set[UUID] | None = None
    if request.method == "POST":
        only = set(_ids(request))
        for name, apply in (("leave", only.discard), ("put", only.add)):
            if raw := request.POST.get(name):
                try:
                    apply(UUID(raw))
                except ValueError:
                    raise NotVisible from None
    return _check_page(request, viewer, plan(viewer, only))


def _check_page(
    request: HttpRequest, viewer: Viewer, made: Any, errors: list[str] | None = None
) -> HttpResponse:
    if not made.rows and not made.left:
        return redirect("evidence:serve", reference=viewer.case.reference)
    return render(
        request,
        "evidence/check.html",
        {"viewer": viewer, "plan": made, "problems": errors or []},
        status=409 if errors else 200,
    )


@login_required
@require_POST
def serve_now(request: HttpRequest, reference: str) -> HttpResponse:
    """Serve what was checked, all or none. What has changed since it was shown is shown again first."""
    viewer = _server(request, reference)
    ids = _ids(request)
    with transaction.atomic():
        # Held until it is served: no number moves between the look and the act.
        record.hold(viewer.case_id)
        list(Bundle.objects.visible_to(viewer).select_for_update().values_list("pk", flat=True))
        again = _served_already(viewer, ids)
        if again is not None:
            return again
        made = plan(viewer, set(ids))
        if made.digest != request.POST.get("shown"):
            changed_text = _(
                "Something changed after this page was shown. Nothing was served. Check it again."
            )
            return _check_page(request, viewer, made, [changed_text])
        try:
            with transaction.atomic():
                served = services.serve(viewer, made.ids)
        except ValidationError as error:
            return _check_page(request, viewer, made, [*error.messages, _("Nothing was served.")])
    entries = [document.served_entry for document in served if document.served_entry]
    return redirect("evidence:receipts", reference=reference, first=min(entries), last=max(entries))


def _served_already(viewer: Viewer, ids: list[UUID]) -> HttpResponse | None:
    """The receipt, where 'Serve' was pressed twice: it is not an error to want what has been done."""
    if not ids:
        return redirect("evidence:serve", reference=viewer.case.reference)
    rows = Document.objects.visible_to(viewer).served().filter(pk__in=ids, served_by=viewer.participant)
    entries = [seq for seq in rows.values_list("served_entry", flat=True) if seq]
    if len(entries) != len(set(ids)):
        return None
    return redirect(
        "evidence:receipts", reference=viewer.case.reference, first=min(entries), last=max(entries)
    )


# --- receipts -----------------------------------------------------------------------------------
@login_required
@require_safe
def receipts(request: HttpRequest, reference: str, first: int, last: int) -> HttpResponse:
    """The receipt of what was served together: journal entries `first` to `last`, as far as they are the reader's."""
    viewer = viewer_in(request.user, reference=reference)
    return _receipt_page(request, viewer, batch(viewer, first, last))


@login_required
@require_safe
def receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The receipt of one document, as long as there is a journal: also after it was withdrawn."""
    case_id = Document.objects.filter(pk=pk).values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotVisible
    viewer = viewer_in(request.user, case_id=case_id)
    return _receipt_page(request, viewer, of_document(viewer, pk))


def _receipt_page(request: HttpRequest, viewer: Viewer, found: Any) -> HttpResponse:
    if not found.items:
        raise NotVisible
    context = {"viewer": viewer, "receipt": found, "may_serve": viewer.may("serve")}
    return render(request, "evidence/receipt.html", context)
