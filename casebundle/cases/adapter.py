"""How people sign in: by invitation alone, and not by trying passwords."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import password_changed, password_reset
from allauth.core import context
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext

from . import limits
from .addresses import NOBODY, stored_address
from .limits import Limit, TooMany


class InvitationOnly(DefaultAccountAdapter):
    """Nobody signs up: a clerk invites."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Only an address of this very site, written out; what cannot be read as an address is none."""
        request = context.request
        return bool(url) and url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure())

    def get_client_ip(self, request: HttpRequest) -> str:
        return limits.address(request) or "0.0.0.0"  # noqa: S104  (an address, not a place to listen at)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """The user with these credentials; says when to try again where there were too many wrong ones."""
        tries = _tries(request, str(credentials.get("email") or credentials.get("username") or ""))
        try:
            for limit, subject in tries:
                limits.check(limit, subject)
            # Counted before the password is looked at, so that a hundred at once are a hundred tries.
            for limit, subject in tries:
                limits.count(limit, subject)
        except TooMany as error:
            request.retry_after = error.wait  # type: ignore[attr-defined]
            minutes = limits.whole_minutes(error.wait)
            said = ngettext(
                "Too many wrong passwords. Try again in %(n)s minute, or choose a new password by email.",
                "Too many wrong passwords. Try again in %(n)s minutes, or choose a new password by email.",
                minutes,
            )
            raise ValidationError(said % {"n": minutes}, code="too_many_login_attempts") from None
        # As accounts are stored: a look-alike of an address is no account's (addresses.py).
        for name in ("email", "username"):
            if credentials.get(name):
                credentials[name] = stored_address(str(credentials[name])) or NOBODY
        user = super().authenticate(request, **credentials)
        if user is not None:
            for limit, subject in tries:
                limits.give_back(limit, subject)
        return user

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Whether that is the password of who is signed in; guesses count as at the door."""
        found = self.authenticate(context.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk


def _tries(request: HttpRequest, email: str) -> list[tuple[Limit, str]]:
    """What a wrong password counts against."""
    account, address = email.strip().lower(), limits.address(request)
    device = limits.device(request, account)
    if device:
        return [(limits.KNOWN, f"{device} {account}")]
    return [
        (limits.HERE, f"{address} {account}"),
        (limits.ACCOUNT, account),
        (limits.ADDRESS, address),
    ]


def _remember(request: Any = None, user: Any = None, **_kwargs: Any) -> None:
    """The answer to this request marks the browser (middleware.LimitsMiddleware)."""
    if isinstance(request, HttpRequest) and user is not None:
        request.remember = user  # type: ignore[attr-defined]


def _proved(request: Any = None, user: Any = None, **kwargs: Any) -> None:
    """Whoever could read the e-mail and chose another password may sign in at once, whoever guesses elsewhere."""
    _remember(request, user)
    if user is not None:
        account = user.email.strip().lower()
        limits.forget(limits.ACCOUNT, account)
        if isinstance(request, HttpRequest):
            limits.forget(limits.HERE, f"{limits.address(request)} {account}")


def start() -> None:
    user_logged_in.connect(_remember, dispatch_uid="limits-signed-in")
    password_reset.connect(_proved, dispatch_uid="limits-password-reset")
    password_changed.connect(_proved, dispatch_uid="limits-password-changed")
