"""The people of a case, invitations, and one's own account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from . import again, head, invitations, limits, names, people
from .access import NotAllowed, Viewer, pick, viewer_in
from .forms import AcceptForm, DetailsForm, InviteForm, NameForm, PartForm, TokenForm, put_errors
from .models import ApiToken, Invitation, Participant, Role, Scope

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
form_view = require_http_methods(["GET", "HEAD", "POST"])


# --- people -------------------------------------------------------------------------------------
def _participants(viewer: Viewer) -> Any:
    return (
        Participant.objects.visible_to(viewer)
        .select_related("user")
        .prefetch_related(
            "parties",
            Prefetch(
                "invitations",
                Invitation.objects.filter(accepted_at=None).order_by("-expires_at"),
                to_attr="open",
            ),
        )
    )


def _row(viewer: Viewer, participant: Participant) -> dict[str, Any]:
    # Only fetched with the list.
    sent = next(iter(getattr(participant, "open", ())), None) if participant.pending else None
    return {
        "participant": participant,
        "role": participant.get_role_display(),
        "parties": [party.name for party in participant.parties.all()],
        "me": viewer.participant is not None and participant.pk == viewer.participant.pk,
        "pending": participant.pending,
        "until": sent.expires_at if sent and sent.expires_at > timezone.now() else None,
    }


@login_required
@require_safe
def people_list(request: HttpRequest, reference: str) -> HttpResponse:
    """Who is in the case, by party; the clerk invites, changes and removes."""
    viewer = viewer_in(request.user, reference=reference)
    rows = [_row(viewer, participant) for participant in _participants(viewer)]
    groups = []
    for party in viewer.case.parties.all():
        held = [row for row in rows if party in row["participant"].parties.all()]
        groups.append({"party": party, "rows": held})
    return render(
        request,
        "cases/people.html",
        {
            "viewer": viewer,
            "groups": groups,
            "manages": viewer.may("manage"),
            "bundle": head.known_of(viewer).get("bundle"),
        },
    )


def _managed(request: HttpRequest, reference: str, pk: UUID) -> tuple[Viewer, Participant]:
    """The Viewer of somebody who manages the case, and the participant it is about."""
    viewer = viewer_in(request.user, reference=reference)
    participant = pick(viewer, _participants(viewer), pk)
    viewer.require("manage")
    return viewer, participant


@login_required
@form_view
def invite(request: HttpRequest, reference: str) -> HttpResponse:
    viewer = viewer_in(request.user, reference=reference)
    viewer.require("manage")
    form = InviteForm(viewer, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        again.ask_for(request, data["role"], data["name"])
        try:
            participant = people.invite(viewer, data["email"], data["role"], form.parties, data["name"])
        except ValidationError as error:
            put_errors(form, error, _party_field(data["role"]))
        else:
            messages.success(
                request, _("%(name)s is invited. The email is on its way.") % {"name": participant}
            )
            return redirect("cases:people", reference)
    return render(request, "cases/invite.html", {"viewer": viewer, "form": form})


def _party_field(role: str) -> dict[str, str]:
    return {
        "party": "defendants" if role == Role.DEFENCE else "sits_with" if role == Role.OBSERVER else "role"
    }


@login_required
@form_view
def person(request: HttpRequest, reference: str, pk: UUID) -> HttpResponse:
    """Another role or party for somebody."""
    viewer, participant = _managed(request, reference, pk)
    form = PartForm(viewer, request.POST or None, initial=PartForm.initial_of(participant))
    if request.method == "POST" and form.is_valid():
        role = form.cleaned_data["role"]
        again.ask_for(request, role)
        try:
            people.change(viewer, participant, role, form.parties)
        except ValidationError as error:
            put_errors(form, error, _party_field(role))
        except NotAllowed as refused:
            # Nobody's own part: said on the page that they came from, which stays theirs.
            messages.error(request, str(refused))
            return redirect("cases:people", reference)
        else:
            messages.success(request, _("The part of %(name)s is changed.") % {"name": participant})
            return redirect("cases:people", reference)
    return render(
        request, "cases/person.html", {"viewer": viewer, "form": form, "row": _row(viewer, participant)}
    )


@login_required
@form_view
def name(request: HttpRequest, reference: str, pk: UUID) -> HttpResponse:
    """Another name for somebody, with the title that the court gives them."""
    viewer, participant = _managed(request, reference, pk)
    form = NameForm(request.POST or None, initial={"name": participant.user.name})
    if request.method == "POST" and form.is_valid():
        again.ask(request)
        try:
            names.rename(participant.user, form.cleaned_data["name"], viewer)
        except ValidationError as error:
            put_errors(form, error)
        else:
            messages.success(request, _("The name is saved: %(name)s.") % {"name": participant.user.name})
            return redirect("cases:people", reference)
    return render(
        request, "cases/name.html", {"viewer": viewer, "form": form, "row": _row(viewer, participant)}
    )


@login_required
@form_view
def remove(request: HttpRequest, reference: str, pk: UUID) -> HttpResponse:
    """Asks, then takes somebody out of the case."""
    viewer, participant = _managed(request, reference, pk)
    row = _row(viewer, participant)
    if request.method == "POST":
        try:
            people.remove(viewer, participant)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("%(name)s is no longer in the case.") % {"name": participant})
        return redirect("cases:people", reference)
    return render(request, "cases/remove.html", {"viewer": viewer, "row": row})


@login_required
@require_POST
def resend(request: HttpRequest, reference: str, pk: UUID) -> HttpResponse:
    viewer, participant = _managed(request, reference, pk)
    try:
        invitations.resend(viewer, participant)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(
            request,
            _("A new link is on its way to %(email)s. The one before works no more.")
            % {"email": participant.user.email},
        )
    return redirect("cases:people", reference)


# --- invitations --------------------------------------------------------------------------------
@never_cache
@sensitive_post_parameters()
@form_view
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """The link in an invitation. Who has no password yet chooses a name and one, and is in; who has one signs in with
    the address it was sent to, and accepts. Tells nothing of the case but its title."""
    found = people.invitation_of(secret)
    over = "cases/invitation_over.html"
    if found is None:
        # A good link is never refused: it is too long to be guessed, and others may sit behind the same address.
        limits.count(limits.SECRET, limits.address(request))
        return render(request, over, status=410)
    user = found.participant.user
    if user.has_usable_password():
        return _invitation_of_account(request, found)
    form = AcceptForm(user, request.POST or None, initial={"name": user.name})
    if request.method == "POST" and form.is_valid():
        try:
            user = people.accept(found, form.cleaned_data["name"], form.cleaned_data["password"])
        except people.LinkOver:
            return render(request, over, status=410)
        except ValidationError as error:
            put_errors(form, error)
        else:
            login(request, user, backend=BACKEND)
            again.given(request, user)
            UserSession.objects.create_from_request(request)
            return redirect("cases:case", found.participant.case.reference)
    return render(
        request, "cases/invitation.html", {"form": form, "case": found.participant.case, "email": user.email}
    )


def _invitation_of_account(request: HttpRequest, found: Invitation) -> HttpResponse:
    """An invitation to somebody who signs in: accepted as them alone, in so many words for everybody else."""
    invited = found.participant.user
    context = {"case": found.participant.case, "email": invited.email, "mine": request.user.pk == invited.pk}
    if request.method != "POST":
        return render(request, "cases/invitation_accept.html", context)
    if not request.user.is_authenticated:
        return render(request, "cases/invitation_accept.html", context, status=403)
    try:
        people.accept_as(request.user, found)  # type: ignore[arg-type]
    except NotAllowed:
        return render(request, "cases/invitation_accept.html", context, status=403)
    except people.LinkOver:
        return render(request, "cases/invitation_over.html", status=410)
    except ValidationError as error:
        refused = " ".join(error.messages)
        return render(request, "cases/invitation_accept.html", {**context, "refused": refused}, status=409)
    return redirect("cases:case", found.participant.case.reference)


@require_safe
def no_sign_up(request: HttpRequest) -> HttpResponse:
    """Nobody signs up: a clerk invites."""
    return render(request, "account/signup_closed.html")


@require_safe
def choose_by_mail(request: HttpRequest) -> HttpResponse:
    """Where allauth sends somebody who would change a password and has none: they get a link by e-mail."""
    return redirect("account_reset_password")


# --- account ------------------------------------------------------------------------------------
def _my_parts(request: HttpRequest) -> list[Participant]:
    return list(
        Participant.objects.active()
        .filter(user=request.user.pk)
        .select_related("case")
        .order_by("-joined_at")
    )


def _account(request: HttpRequest, status: int = 200, **forms: Any) -> HttpResponse:
    user: Any = request.user
    now = timezone.now()
    tokens = []
    for token in ApiToken.objects.filter(user=user).select_related("participant__case"):
        over = token.expires_at is None or token.expires_at <= now
        tokens.append({"token": token, "works": token.revoked_at is None and not over, "over": over})
    sessions = sorted(UserSession.objects.purge_and_list(user), key=lambda row: row.created_at, reverse=True)
    context = {
        "details": DetailsForm(initial={"name": user.name, "language": translation.get_language()}),
        "token_form": TokenForm(_my_parts(request)),
        "tokens": tokens,
        "sessions": [
            {
                "row": row,
                "here": row.session_key == request.session.session_key,
                "what": _device(row.user_agent),
            }
            for row in sessions
        ],
        "others": sum(row.session_key != request.session.session_key for row in sessions),
        **forms,
    }
    # What the page's title and summary speak of.
    context["form"] = next((form for form in forms.values() if getattr(form, "errors", None)), None)
    return render(request, "cases/account.html", context, status=status)


def _device(agent: str) -> str:
    """ "Chrome on Windows" from a user agent, as far as it can be told."""
    browsers = (
        ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"), ("CriOS/", "Chrome"), ("Safari/", "Safari"),
    )  # fmt: skip
    systems = (
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
        ("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
    )  # fmt: skip
    browser = next((name for part, name in browsers if part in agent), _("Unknown browser"))
    system = next((name for part, name in systems if part in agent), "")
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else browser


@login_required
@form_view
def account(request: HttpRequest) -> HttpResponse:
    """One's own account: details, password, tokens, sessions."""
    if request.method != "POST":
        return _account(request)
    form = DetailsForm(request.POST)
    if not form.is_valid():
        return _account(request, details=form)
    user: Any = request.user
    try:
        with transaction.atomic():
            names.rename(user, form.cleaned_data["name"])
            user.language = form.cleaned_data["language"]
            user.save(update_fields=["language"])
    except ValidationError as error:
        put_errors(form, error)
        return _account(request, details=form)
    # The answer to this very request is in the new language already.
    with translation.override(user.language):
        messages.success(request, _("Your details are saved."))
    response = redirect("cases:account")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        user.language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        secure=settings.HTTPS,
    )
    return response


@login_required
@require_POST
@never_cache
def new_token(request: HttpRequest) -> HttpResponse:
    """A new API token; the answer shows its secret, and nothing shows it again."""
    form = TokenForm(_my_parts(request), request.POST)
    if not form.is_valid():
        return _account(request, token_form=form)
    again.ask(request)
    user: Any = request.user
    data = form.cleaned_data
    participant = form.participants.get(data["case"])
    token, secret = people.new_token(
        user, data["name"], participant, data["days"], data["scope"] or Scope.READ
    )
    return render(request, "cases/token.html", {"token": token, "secret": secret})


@login_required
@require_POST
def revoke_token(request: HttpRequest, pk: UUID) -> HttpResponse:
    token = people.revoke_token(request.user, pk)  # type: ignore[arg-type]
    messages.success(request, _("The token “%(name)s” works no more.") % {"name": token.name})
    return redirect("cases:account")


@login_required
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    ended = 0
    for session in UserSession.objects.filter(user=request.user.pk):
        if session.session_key != request.session.session_key:
            session.end()
            ended += 1
    if ended:
        messages.success(request, _("You are signed out everywhere else."))
    return redirect("cases:account")
