"""The hearing's page for those who run it, and the evidence screen."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casebundle.bundles.drawing import MEDIA_TYPE, NotDrawn, page_image
from casebundle.bundles.models import Bundle, Page
from casebundle.bundles.services import Conflict
from casebundle.bundles.shares import NotNow
from casebundle.cases import limits
from casebundle.cases.access import NotAllowed, NotVisible, Viewer, fetch, pick, viewer_in
from casebundle.cases.head import link
from casebundle.cases.models import Participant, Role
from casebundle.cases.order import alphabetical
from casebundle.cases.words import party_name
from casebundle.journal.models import Entry

from . import presence, services
from .doors import SHOWN_BEFORE, SHOWN_FOR
from .forms import HearingForm, ScreenForm, add_errors
from .models import Hearing, Screen

# What the record of a hearing shows, and what makes its page look again.
SHOWN = (
    "hearing.opened",
    "hearing.closed",
    "floor.given",
    "floor.taken",
    "page.turned",
    "screen.made",
    "screen.ended",
)


# How many entries of its record a hearing's page shows.
RECORD = 300
# In which order people stand on a hearing's page, so that nobody moves when somebody comes.
ROLES = [Role.JUDGE, Role.CLERK, Role.PROSECUTION, Role.DEFENCE, Role.OBSERVER]


def _next_title(rows: list[Hearing]) -> str:
    """What the next hearing is probably called: the day after the last day, else by its date."""
    for row in rows:
        if row.opened_at is None:
            continue
        found = re.fullmatch(r"(.*?)(\d{1,4})", row.title)
        if found:
            return f"{found[1]}{int(found[2]) + 1}"
        break
    return _("Hearing, %(date)s") % {"date": date_format(timezone.localdate(), "j F Y")}


@login_required
@require_http_methods(["GET", "POST"])
def hearings(request: HttpRequest, reference: str) -> HttpResponse:
    """The hearings of a case, and (clerk, judge) a new one."""
    viewer = viewer_in(request.user, reference=reference)
    rows = list(Hearing.objects.visible_to(viewer)[:200])
    sits = any(row.is_open for row in rows)
    form = HearingForm(request.POST or None, initial={"title": _next_title(rows)}, sits=sits)
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
    # The one that sits, those to come with the next one first, then those that were, the latest first.
    coming = sorted((row for row in rows if not row.opened_at), key=lambda row: row.starts or row.created_at)
    over = sorted((row for row in rows if row.closed_at), key=lambda row: row.closed_at or row.created_at)
    return render(
        request,
        "courtroom/hearings.html",
        {
            "viewer": viewer,
            "form": form,
            "hearings": [*(row for row in rows if row.is_open), *coming, *reversed(over)],
            "sits": sits,
            "may_preside": viewer.may("preside"),
        },
        status=422 if form.errors else 200,
    )


def _part(person: Participant) -> str:
    """Whom somebody is there for, in words."""
    parties = ", ".join(party_name(party) for party in person.parties.all())
    role = person.get_role_display()
    if person.role in (Role.JUDGE, Role.CLERK, Role.PROSECUTION) or not parties:
        return role
    return _("%(role)s, for %(parties)s") % {"role": role, "parties": parties}


def _page_context(viewer: Viewer, hearing: Hearing, form: ScreenForm | None = None) -> dict[str, Any]:
    state = services.state(viewer, hearing)
    # Who is only invited cannot come to a hearing.
    rows = Participant.objects.visible_to(viewer).active().select_related("user", "case")
    rows = rows.prefetch_related("parties")
    here = {card["id"] for card in presence.people(viewer.case_id)}
    connected = presence.screen_codes(viewer.case_id)
    floor = (state["presenter"] or {}).get("id")
    people = [
        {
            "person": person,
            "part": _part(person),
            "present": str(person.pk) in here,
            "may_present": person.role != Role.OBSERVER,
            "has_floor": str(person.pk) == floor,
        }
        for person in sorted(rows, key=lambda row: (ROLES.index(Role(row.role)), alphabetical(row.user.name)))
    ]
    timeline = list(
        Entry.objects.visible_to(viewer)
        .filter(action__in=SHOWN, data__hearing=str(hearing.pk))
        .order_by("-seq")[: RECORD + 1]
    )
    shown = next((row for row in timeline if row.action == "page.turned"), None) if state["page"] else None
    bundle = Bundle.objects.visible_to(viewer).first()
    if state["page"]:
        reading = link("bundles:page", viewer.case.reference, state["bundle"], state["label"])
    else:
        reading = link("bundles:read", viewer.case.reference, bundle.slug) if bundle else ""
    return {
        "viewer": viewer,
        "hearing": hearing,
        "state": state,
        "shown_title": shown.data.get("title", "")
        if shown and shown.data.get("page") == state["page"]
        else "",
        "people": people,
        "here": sum(row["present"] for row in people),
        "screens": [
            {
                "screen": row,
                "connected": row.code in connected,
                "first": row.code[:4],
                "last": row.code[4:],
            }
            for row in Screen.objects.visible_to(viewer).filter(hearing=hearing)
        ],
        # As one says it: a browser knows the rest.
        "screen_address": settings.PUBLIC_URL.split("://", 1)[1] + reverse("courtroom:enter-code"),
        "timeline": timeline[:RECORD],
        "more_shown": len(timeline) > RECORD,
        "screen_form": form or ScreenForm(),
        "form": form,
        "reading": reading,
        "may_preside": viewer.may("preside"),
        "may_screens": viewer.may("screens"),
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
    return render(request, "courtroom/_hearing_parts.html", _page_context(viewer, found))


def _quiet(request: HttpRequest) -> bool:
    """Whether the page's own script asks, which shows for itself what came of it."""
    return request.headers.get("Accept") == "application/json"


def _act(request: HttpRequest, pk: UUID, act: Any, done: str) -> HttpResponse:
    viewer, found = fetch(request.user, Hearing.objects.all(), pk)
    problem, status = "", 409
    try:
        act(viewer, found)
    except ValidationError as error:
        problem, status = " ".join(error.messages), 422
    except Conflict as why:
        problem = str(why)
    except NotAllowed as why:
        if not _quiet(request):
            raise
        problem, status = str(why), 403
    except NotVisible:
        problem = _("There is no such person in this case.")
    if _quiet(request):
        return JsonResponse({"detail": problem}, status=status) if problem else HttpResponse(status=204)
    if problem:
        messages.error(request, problem)
    elif done:
        messages.success(request, done)
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
    if _quiet(request):
        return HttpResponse(status=204)
    return redirect(reverse("courtroom:hearing", args=[found.hearing_id]) + "#screens")


def _screen(request: HttpRequest, code: str) -> tuple[Viewer, Screen] | None:
    """The screen of a code that was typed; TooMany where codes that are none were tried from there too often."""
    if request.get_signed_cookie(SHOWN_BEFORE, "", salt=SHOWN_BEFORE) == code.upper():
        # A screen that is loaded again is none of those who guess, even if they sit in the same building.
        return services.screen_by_code(code)
    address = limits.address(request)
    limits.check(limits.SCREEN, address)
    found = services.screen_by_code(code)
    if found is None:
        limits.count(limits.SCREEN, address)
    return found


@never_cache
@require_http_methods(["GET"])
def enter_code(request: HttpRequest) -> HttpResponse:
    """Where a court screen is started: the code that the clerk reads out."""
    # However it was read out and written down: with spaces, with a dash, in small letters.
    code = "".join(sign for sign in request.GET.get("code", "")[:100] if sign.isalnum()).upper()
    wrong = False
    if code:
        if _screen(request, code):
            return redirect("courtroom:screen", code=code)
        wrong = True
    return render(
        request, "courtroom/enter_code.html", {"code": code, "wrong": wrong}, status=404 if wrong else 200
    )


@never_cache
@require_GET
def screen(request: HttpRequest, code: str) -> HttpResponse:
    """The evidence screen: black, the page, its label; nothing else, ever."""
    found = _screen(request, code)
    if found is None:
        raise NotVisible
    response = render(request, "courtroom/screen.html", {"screen": found[1]})
    response.set_signed_cookie(
        SHOWN_BEFORE,
        found[1].code,
        salt=SHOWN_BEFORE,
        max_age=SHOWN_FOR,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return response


@never_cache
@require_GET
def screen_page(request: HttpRequest, code: str, page: str) -> HttpResponse:
    """The picture of the page that is presented now; any other page is not there."""
    found = services.screen_by_code(code)
    if found is None:
        raise NotVisible
    viewer, shown = found
    now = services.presented(shown.hearing)
    if now is None or now.pk != page:
        raise NotVisible
    row = pick(viewer, Page.objects.select_related("version__document"), page)
    try:
        picture = page_image(row, 2480, f"screen {code}", presented=True)
    except NotNow as why:
        return HttpResponse(status=503, headers={"Retry-After": str(why.wait)})
    except NotDrawn:
        return HttpResponse(status=422)
    return HttpResponse(picture, content_type=MEDIA_TYPE)
