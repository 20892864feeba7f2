"""My cases, Case, New case."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from casebundle.bundles import services
from casebundle.bundles.index import fold
from casebundle.bundles.labels import Labels
from casebundle.bundles.models import Bundle, Document, Opened
from casebundle.cases.access import NotAllowed, Viewer, may_create_cases, viewer_in, viewers_of
from casebundle.cases.forms import put_errors
from casebundle.cases.head import link
from casebundle.cases.models import Participant, Role
from casebundle.cases.visits import visited
from casebundle.courtroom.models import Hearing

from .forms import NewCaseForm
from .rows import case_rows, next_hearings

# How many of the documents that are new the Case page names.
NEWEST = 10


@login_required
@require_safe
def my_cases(request: HttpRequest) -> HttpResponse:
    """One row for each case of this person; `?q=` keeps those with all its words."""
    rows = case_rows(viewers_of(request.user))
    total = len(rows)
    asked = request.GET.get("q", "").strip()
    words = fold(asked).split()
    if words:
        rows = [
            row
            for row in rows
            if all(word in fold(f"{row.case.reference} {row.case.title} {row.case.court}") for word in words)
        ]
    return render(
        request,
        "desk/cases.html",
        {"rows": rows, "total": total, "asked": asked, "creates": may_create_cases(request.user)},
    )


def _people_by_party(viewer: Viewer) -> list[dict[str, Any]]:
    # Who is only invited stands on People.
    everybody = list(
        Participant.objects.visible_to(viewer).active().select_related("user").prefetch_related("parties")
    )
    groups = []
    for party in viewer.case.parties.all():
        people = [person for person in everybody if party in person.parties.all()]
        groups.append({"party": party, "people": people})
    return groups


def _actions(
    viewer: Viewer, first: Bundle | None, documents: int, open_hearing: Hearing | None
) -> list[dict[str, str]]:
    """What this person comes here to do; the first is the main one."""
    reference = viewer.case.reference
    serve = {"text": _("Serve evidence"), "href": link("evidence:serve", reference)}
    read = {
        "text": _("Read the bundle"),
        "href": link("bundles:read", reference, first.slug) if first else "",
    }
    if open_hearing is not None:
        hear = {"text": _("Join the hearing"), "href": link("courtroom:hearing", str(open_hearing.pk))}
    else:
        hear = {"text": _("Open hearing"), "href": link("courtroom:hearings", reference)}
    if not documents:
        read["href"] = ""
    wanted = {
        Role.PROSECUTION: [serve, read],
        Role.DEFENCE: [read, serve],
        Role.JUDGE: [read, hear],
        Role.CLERK: [hear, read],
    }.get(Role(viewer.role), [read])
    return [action for action in wanted if action["href"]]


@login_required
@require_safe
def case(request: HttpRequest, reference: str) -> HttpResponse:
    """A case at a glance: what is new, its bundles, its people, and the way on."""
    viewer = viewer_in(request.user, reference=reference)
    visited(viewer)
    assert viewer.participant is not None
    bundles = list(Bundle.objects.visible_to(viewer))
    since = viewer.participant.last_visit_at
    documents = list(
        Document.objects.visible_to(viewer)
        .served()
        .values_list("pk", "section__bundle_id", "current__pages", "served_at", "served_by_id", "current_id")
    )
    seen = set(Opened.objects.filter(participant=viewer.participant).values_list("version_id", flat=True))
    staged = Counter(
        Document.objects.visible_to(viewer)
        .filter(state=Document.State.STAGED, party__in=viewer.parties)
        .values_list("section__bundle_id", flat=True)
    )
    shown = []
    for bundle in bundles:
        held = [row for row in documents if row[1] == bundle.pk]
        shown.append(
            {
                "bundle": bundle,
                "documents": len(held),
                "pages": sum(row[2] or 0 for row in held),
                "unread": sum(row[5] not in seen and row[4] != viewer.participant.pk for row in held),
                "staged": staged[bundle.pk],
            }
        )
    fresh = [row for row in documents if since and row[3] > since and row[4] != viewer.participant.pk]
    newest = list(
        Document.objects.visible_to(viewer)
        .filter(pk__in=[row[0] for row in sorted(fresh, key=lambda row: row[3], reverse=True)[:NEWEST]])
        .select_related("current", "section__bundle", "served_by__user")
        .order_by("-served_at", "section__position", "position")
    )
    labels = Labels(newest)
    hearing = next_hearings([viewer.case_id]).get(viewer.case_id)
    open_hearing = hearing if hearing and hearing.is_open else None
    actions = _actions(viewer, bundles[0] if bundles else None, len(documents), open_hearing)
    return render(
        request,
        "desk/case.html",
        {
            "viewer": viewer,
            "actions": actions,
            "bundles": shown,
            "documents": len(documents),
            "staged": sum(staged.values()),
            "serve": link("evidence:serve", reference),
            "since": since,
            "new_documents": len(fresh),
            "new_pages": sum(row[2] or 0 for row in fresh),
            "newest": [
                {"document": row, "bundle": row.section.bundle, "span": labels.span(row)} for row in newest
            ],
            "hearing": hearing,
            "groups": _people_by_party(viewer),
            "role": viewer.participant.get_role_display(),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_case(request: HttpRequest) -> HttpResponse:
    """A case from a court template; its maker is its clerk."""
    if not may_create_cases(request.user):
        raise NotAllowed(_("Only court staff can make a case."))
    form = NewCaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            viewer = services.create_case(
                request.user,  # type: ignore[arg-type]
                data["reference"],
                data["title"],
                data["court"],
                data["template"],
                [("", name) for name in data["defendants"]],
            )
        except ValidationError as error:
            put_errors(form, error)
        except services.Conflict as error:
            form.add_error("reference", str(error))
        else:
            messages.success(
                request,
                _("The case is there. Now invite the people who are in it."),
            )
            return redirect("cases:people", viewer.case.reference)
    return render(request, "desk/new_case.html", {"form": form})
