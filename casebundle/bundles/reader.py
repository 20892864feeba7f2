"""The reader: any page of a bundle by its label, and what its scripts ask for."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST, require_safe

from casebundle.cases.access import NotVisible, Viewer, pick, viewer_in
from casebundle.cases.bidi import isolate
from casebundle.cases.visits import visited

from . import reading
from .labels import Found, Labels, resolve
from .models import Bundle, Document, Page, page_id

# Where the API lives; the page's scripts fetch pictures, words and hits from it.
API = "/api/v1"


def _bundle(viewer: Viewer, slug: str) -> Bundle:
    bundle = Bundle.objects.visible_to(viewer).filter(slug=slug).first()
    if bundle is None:
        raise NotVisible
    return bundle


def _index(viewer: Viewer, bundle: Bundle) -> str:
    """The address of the bundle's index; of its first page to read where there is no index."""
    args = [viewer.case.reference, bundle.slug]
    try:
        return reverse("bundles:index", args=args)
    except NoReverseMatch:
        return reverse("bundles:read", args=args)


def _case_address(viewer: Viewer) -> str:
    try:
        return reverse("cases:case", args=[viewer.case.reference])
    except NoReverseMatch:
        return "/"


@login_required
@require_safe
def page(request: HttpRequest, reference: str, slug: str, label: str) -> HttpResponse:
    """The reader at the page that `label` names, or ever named."""
    viewer = viewer_in(request.user, reference=reference)
    bundle = _bundle(viewer, slug)
    try:
        found = resolve(viewer, bundle, label)
    except NotVisible:
        return _no_page(request, viewer, bundle, label)
    return _reader(request, viewer, bundle, found)


@login_required
@require_safe
def read(request: HttpRequest, reference: str, slug: str) -> HttpResponse:
    """The reader where this person was last, else at the first page."""
    viewer = viewer_in(request.user, reference=reference)
    bundle = _bundle(viewer, slug)
    start = reading.first_page(viewer, bundle)
    if start is None:
        return render(
            request,
            "bundles/reader_empty.html",
            {"viewer": viewer, "bundle": bundle, "case_href": _case_address(viewer)},
        )
    label = Labels([start.version.document_id]).label(start.version.document_id, start.index) or "–"
    return _reader(request, viewer, bundle, Found(start, label, label), resume=True)


@login_required
@require_safe
def go(request: HttpRequest, reference: str, slug: str) -> HttpResponse:
    """What a typed label names: the page to scripts, which ask for JSON, and a redirect to everybody else."""
    viewer = viewer_in(request.user, reference=reference)
    bundle = _bundle(viewer, slug)
    asked = request.GET.get("to", "").strip()
    wants_json = request.accepts("application/json") and not request.accepts("text/html")
    response: HttpResponse
    try:
        found = resolve(viewer, bundle, asked)
    except NotVisible:
        response = JsonResponse({}, status=404) if wants_json else _no_page(request, viewer, bundle, asked)
    else:
        if wants_json:
            response = JsonResponse({"id": found.page.pk, "label": found.label, "asked": found.asked})
        else:
            response = redirect("bundles:page", reference, slug, found.label)
    patch_vary_headers(response, ["Accept"])
    return response


@login_required
@require_GET
@gzip_page
def pages(request: HttpRequest, reference: str, slug: str) -> HttpResponse:
    """The list of pages (reading.manifest), kept by the browser until something in it is another."""
    viewer = viewer_in(request.user, reference=reference)
    return _kept(request, reading.manifest(viewer, _bundle(viewer, slug)))


@login_required
@require_safe
def preview(request: HttpRequest, reference: str, document: UUID, number: int) -> HttpResponse:
    """One document alone, such as a staged one that its party checks before it serves it."""
    viewer = viewer_in(request.user, reference=reference)
    row = _readable(viewer, document)
    assert row.current_id is not None
    shown = pick(
        viewer, Page.objects.select_related("version__document"), page_id(row.current_id, number - 1)
    )
    return _reader(request, viewer, row.section.bundle, Found(shown, "–", "–"), document=row)


@login_required
@require_GET
@gzip_page
def preview_pages(request: HttpRequest, reference: str, document: UUID) -> HttpResponse:
    """The list of pages of one document."""
    viewer = viewer_in(request.user, reference=reference)
    return _kept(request, reading.preview(_readable(viewer, document)))


@login_required
@require_POST
def opened(request: HttpRequest, reference: str) -> HttpResponse:
    """A page stayed in view: `page` is its id. Always 204 for a page that may be seen."""
    viewer = viewer_in(request.user, reference=reference)
    shown = pick(
        viewer, Page.objects.select_related("version__document__current"), request.POST.get("page", "")
    )
    reading.opened(viewer, shown.version)
    return HttpResponse(status=204)


def _readable(viewer: Viewer, document: UUID) -> Document:
    row = pick(viewer, Document.objects.select_related("current", "section__bundle"), document)
    if row.current is None or not row.current.pages:
        raise NotVisible
    return row


def _kept(request: HttpRequest, data: dict[str, Any]) -> HttpResponse:
    """`data` as JSON with an ETag of its own content: what is the same for this person is not sent again."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    # Compressed, its tag is weak; it is the same list.
    held = {tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")}
    response = (
        HttpResponse(status=304) if etag in held else HttpResponse(body, content_type="application/json")
    )
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def _reader(
    request: HttpRequest,
    viewer: Viewer,
    bundle: Bundle,
    found: Found,
    *,
    resume: bool = False,
    document: Document | None = None,
) -> HttpResponse:
    visited(viewer)
    reference = viewer.case.reference
    if document is None:
        base = reverse("bundles:page", args=[reference, bundle.slug, "X"])[:-1]
        manifest = reverse("bundles:pages", args=[reference, bundle.slug])
    else:
        base = reverse("bundles:preview", args=[reference, document.pk, 1])[:-1]
        manifest = reverse("bundles:preview_pages", args=[reference, document.pk])
    shown = found.page
    title = shown.version.document.title
    context = {
        "case": viewer.case,
        "bundle": bundle,
        "viewer": viewer,
        "found": found,
        "document": shown.version.document,
        "preview": document is not None,
        "case_href": _case_address(viewer),
        "index_href": _index(viewer, bundle),
        "manifest_href": manifest,
        "image_href": f"{API}/pages/{shown.pk}/image?width=1240",
        "go_href": reverse("bundles:go", args=[reference, bundle.slug]),
        # Before it is served it has no label: then its page's own number, as in the window's title later.
        "title": f"{found.label if document is None else shown.index + 1} – {isolate(title)} – {reference}",
        "config": {
            "reference": reference,
            "caseTitle": viewer.case.title,
            "bundle": bundle.slug,
            "bundleTitle": bundle.shown,
            "page": shown.pk,
            "label": found.label,
            "asked": found.asked,
            "preview": document is not None,
            "resume": resume,
            "base": base,
            "manifest": manifest,
            "go": reverse("bundles:go", args=[reference, bundle.slug]),
            "opened": reverse("bundles:opened", args=[reference]),
            "api": API,
            "csrf": get_token(request),
            "viewer": {
                "participant": viewer.card,
                "parties": list(viewer.parties),
                "may": [act for act in ("serve", "note", "present", "preside") if viewer.may(act)],
            },
        },
    }
    return render(request, "bundles/reader.html", context)


def _no_page(request: HttpRequest, viewer: Viewer, bundle: Bundle, asked: str) -> HttpResponse:
    """The same answer for what never was and for what is not for this person."""
    asked = asked.strip()
    said = (
        _("There is no page “%(label)s” here that you can open.") % {"label": asked[:40]}
        if asked
        else _("Type the label of a page, like B12.")
    )
    context = {
        "viewer": viewer,
        "bundle": bundle,
        "asked": asked[:40],
        "said": said,
        "case_href": _case_address(viewer),
        "index_href": _index(viewer, bundle),
        "read_href": reverse("bundles:read", args=[viewer.case.reference, bundle.slug]),
        "go_href": reverse("bundles:go", args=[viewer.case.reference, bundle.slug]),
    }
    return render(request, "bundles/no_page.html", context, status=404)
