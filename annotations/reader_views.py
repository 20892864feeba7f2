"""What the reader asks for while it shows pages: the notes of many of them at once."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from casebundle.cases.access import viewer_in

from . import services

MOST = 200  # pages in one question


@require_GET
def of_pages(request: HttpRequest, reference: str) -> HttpResponse:
    """`?pages=id,id`: `{"pages": {id: [note, …]}}`, notes as in the API, for every id that was asked for.

    A page without notes, one that is not for this person and one that never was have the same answer: an empty list.
    """
    if not request.user.is_authenticated:
        return JsonResponse({"detail": _("Sign in.")}, status=401)
    viewer = viewer_in(request.user, reference=reference)
    asked = list(dict.fromkeys(part for part in request.GET.get("pages", "").split(",") if part))
    if len(asked) > MOST:
        said = _("Ask for at most %(number)s pages at once.") % {"number": MOST}
        return JsonResponse({"detail": said}, status=422)
    found: dict[str, list[dict[str, Any]]] = {page: [] for page in asked}
    # A page's id is short plain text; anything else names none, and some databases refuse to look for it.
    notes = services.on_pages(viewer, [page for page in asked if len(page) <= 40 and page.isprintable()])
    labels = services.labels_of(notes)
    for note in notes:
        found[note.page_id].append(services.note_json(viewer, note, labels[note.page_id]))
    return JsonResponse({"pages": found})
