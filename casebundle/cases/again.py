"""What lasts asks for the password again, unless it was given in the last ten minutes: a browser that was left open
makes no tokens, names nobody and makes nobody a judge."""

from __future__ import annotations

import time

from allauth.account import app_settings
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest
from django.utils.translation import gettext as _

from .access import NotAllowed
from .models import Role, User
from .names import clean, titles_in


def given(request: HttpRequest, user: User) -> None:
    """Note that `user` gave their password now, where that was not by allauth's own pages."""
    record_authentication(request, user, method="password")


def lately(request: HttpRequest) -> bool:
    """Whether the password was given in this session in the last minutes (ACCOUNT_REAUTHENTICATION_TIMEOUT)."""
    if not request.user.is_authenticated:
        return False
    times = [
        one["at"]
        for one in get_authentication_records(request, request.user)
        if one.get("method") == "password" and isinstance(one.get("at"), int | float)
    ]
    timeout: int = app_settings.REAUTHENTICATION_TIMEOUT
    # Neither is a time that is yet to come, after a clock was put back.
    return any(0 <= time.time() - at < timeout for at in times)


def ask(request: HttpRequest) -> None:
    """Ask for the password on a page of its own, where it was not given lately; what was sent is done after that."""
    if not lately(request):
        raise ReauthenticationRequired


def lasts(role: str | None, name: str = "") -> bool:
    """Whether giving somebody this role, with this name, makes them one of the court's own, or look like one."""
    return role in (Role.JUDGE, Role.CLERK) or bool(titles_in(clean(name)))


def ask_for(request: HttpRequest, role: str | None, name: str = "") -> None:
    """The same before somebody is invited as, or made, one of the court's own, or is given a title: by somebody who is
    surely there."""
    if lasts(role, name):
        ask(request)


def require(request: HttpRequest) -> None:
    """`ask` for a call of the API: NotAllowed in words. A token was made with the password."""
    by_token = getattr(request.user, "token", None) is not None
    if not by_token and not lately(request):
        raise NotAllowed(_("Enter your password again first, at /accounts/reauthenticate/."))


def require_for(request: HttpRequest, role: str | None, name: str = "") -> None:
    """`ask_for` for a call of the API."""
    if lasts(role, name):
        require(request)
