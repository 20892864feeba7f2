"""The hearing's page for those who run it, and the evidence screen."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casebundle.bundles.drawing import MEDIA_TYPE, page_image
from casebundle.bundles.models import Page
from casebundle.bundles.services import Conflict
from casebundle.cases.access import NotVisible, Viewer, fetch, pick, viewer_in
from casebundle.cases.models import Participant, Role
from casebundle.journal.models import Entry

from . import presence, services
from .forms import HearingForm, ScreenForm, add_errors
from .models import Hearing, Screen

# What the record of a hearing shows, and what makes its page look again.
SHOWN = ("hearing.opened", "hearing.closed", "floor.given", "floor.taken", "page.turned", "screen.made", "screen.ended")


@login_required
@require_http_methods(["GET", "POST"])
def hearings(request: HttpRequest, reference: str) -> HttpResponse:
    """The hearings of a case, and (clerk, judge) a new one."""
    viewer = viewer_in(request.user, reference=reference)
    form = HearingForm(request.POST or None)
    if request.method == "POST":
        viewer.require("preside")
        if form.is_valid():
            try:
                made = services.open_hearing(viewer, form.cleaned_data["title"], form.cleaned_data["starts"])
                return redirect("courtroom:hearing", pk=made.pk)
            except ValidationError as error:
                add_errors(form, error)
            except Conflict as why:
                form.add_error(None, str(why))
    rows = list(Hearing.objects.visible_to(viewer).select_related("presenter__user")[:200])
    return render(
        request,
        "courtroom/hearings.html",
        {
            "viewer": viewer,
            "case": viewer.case,
            "form": form,
            "hearings": rows,
            "may_preside": viewer.may("preside"),
            "current_tab": "hearings",
        },
        status=422 if form.errors else 200,
    )


def _timeline(viewer: Viewer, hearing: Hearing) -> list[Entry]:
    """What happened in this hearing, the latest first, as far as `viewer` may know."""
    rows = Entry.objects.visible_to(viewer).filter(action__in=SHOWN, data__hearing=str(hearing.pk))
    return list(rows.order_by("-seq")[:300])


def _page_context(viewer: Viewer, hearing: Hearing, form: ScreenForm | None = None) -> dict[str, Any]:
    state = services.state(viewer, hearing)
    people = list(
        Participant.objects.visible_to(viewer).select_related("user", "case").prefetch_related("parties")
    )
    here = {card["id"] for card in presence.people(viewer.case_id)}
    connected = presence.screen_codes(viewer.case_id)
    return {
        "viewer": viewer,
        "case": viewer.case,
        "hearing": hearing,
        "state": state,
        "people": [
            {
                "person": person,
                "parties": ", ".join(party.name for party in person.parties.all()),
                "present": str(person.pk) in here,
                "may_present": person.role != Role.OBSERVER,
                "has_floor": person.pk == hearing.presenter_id,
            }
            for person in people
        ],
        "screens": [
            {"screen": row, "connected": row.code in connected}
            for row in Screen.objects.visible_to(viewer).filter(hearing=hearing)
        ],
        "timeline": _timeline(viewer, hearing),
        "screen_form": form or ScreenForm(),
        "may_preside": viewer.may("preside"),
        "may_screens": viewer.may("screens"),
        "current_tab": "hearings",
    }


@login_required
@require_GET
def hearing(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who is present, who has the floor, the evidence screens, what has been shown."""
    viewer, found = fetch(request.user, Hearing.objects.select_related("presenter__user", "page", "case"), pk)
    return render(request, "courtroom/hearing.html", _page_context(viewer, found))


@login_required
@require_GET
def hearing_live(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part of the hearing's page that changes by itself."""
    viewer, found = fetch(request.user, Hearing.objects.select_related("presenter__user", "page", "case"), pk)
    return render(request, "courtroom/_hearing_live.html", _page_context(viewer, found))


def _act(request: HttpRequest, pk: UUID, act: Any, done: str) -> HttpResponse:
    viewer, found = fetch(request.user, Hearing.objects.all(), pk)
    try:
        act(viewer, found)
        if done:
            messages.success(request, done)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except Conflict as why:
        messages.error(request, str(why))
    return redirect("courtroom:hearing", pk=pk)


@login_required
@require_POST
def begin(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _act(request, pk, services.begin, _("The hearing is open."))


@login_required
@require_POST
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _act(request, pk, services.close, _("The hearing is closed."))


@login_required
@require_POST
def floor(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the floor to `participant`, or take it back where that is empty."""

    def give(viewer: Viewer, found: Hearing) -> None:
        viewer.require("preside")
        to = request.POST.get("participant")
        people = Participant.objects.select_related("case", "user").prefetch_related("parties")
        services.give_floor(viewer, found, pick(viewer, people, to) if to else None)

    return _act(request, pk, give, "")


@login_required
@require_POST
def new_screen(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = fetch(request.user, Hearing.objects.select_related("presenter__user", "page", "case"), pk)
    viewer.require("screens")
    form = ScreenForm(request.POST)
    if form.is_valid():
        try:
            services.new_screen(viewer, found, form.cleaned_data["name"])
            return redirect(reverse("courtroom:hearing", args=[pk]) + "#screens")
        except ValidationError as error:
            add_errors(form, error)
        except Conflict as why:
            form.add_error(None, str(why))
    return render(request, "courtroom/hearing.html", _page_context(viewer, found, form), status=422)


@login_required
@require_POST
def end_screen(request: HttpRequest, code: str) -> HttpResponse:
    viewer, found = fetch(request.user, Screen.objects.select_related("hearing"), code, "hearing__case")
    services.end_screen(viewer, found)
    return redirect(reverse("courtroom:hearing", args=[found.hearing_id]) + "#screens")


@never_cache
@require_http_methods(["GET"])
def enter_code(request: HttpRequest) -> HttpResponse:
    """Where a court screen is started: the code that the clerk reads out."""
    code = "".join(request.GET.get("code", "").split()).upper()
    wrong = False
    if code:
        if services.screen_by_code(code):
            return redirect("courtroom:screen", code=code)
        wrong = True
    return render(request, "courtroom/enter_code.html", {"code": code, "wrong": wrong}, status=404 if wrong else 200)


@never_cache
@require_GET
def screen(request: HttpRequest, code: str) -> HttpResponse:
    """The evidence screen: black, the page, its label; nothing else, ever."""
    found = services.screen_by_code(code)
    if found is None:
        raise NotVisible
    return render(request, "courtroom/screen.html", {"screen": found[1]})


@never_cache
@require_GET
def screen_page(request: HttpRequest, code: str, page: str) -> HttpResponse:
    """The picture of the page that is presented now; any other page is not there."""
    found = services.screen_by_code(code)
    if found is None:
        raise NotVisible
    viewer, shown = found
    if shown.hearing.page_id != page:
        raise NotVisible
    row = pick(viewer, Page.objects.select_related("version"), page)
    return HttpResponse(page_image(row, 2480), content_type=MEDIA_TYPE)
