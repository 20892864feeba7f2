"""Letters about somebody's own account: what lasts is told by e-mail, so that it is noticed where it was not them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .bidi import isolate

if TYPE_CHECKING:
    from .models import ApiToken, User

# Made in the language of the reader: (subject, what happened).
Say = Callable[[], tuple[str, str]]


def _what_to_do() -> str:
    return _(
        "If this was not you:\n"
        "1. Choose a new password at once: %(reset)s\n"
        "2. Sign out everywhere else and revoke tokens that you do not know: %(account)s\n"
        "3. Tell the clerk of the court that has your case."
    ) % {
        "reset": f"{settings.PUBLIC_URL}/accounts/password/reset/",
        "account": f"{settings.PUBLIC_URL}/account/",
    }


def tell(user: User, say: Say, to: Sequence[str] = ()) -> None:
    """Send what `say` says, once the change is made, to the person's address (or to those of `to`): in their language,
    or in both where it is not known."""
    languages = [user.language] if user.language else [code for code, _name in settings.LANGUAGES]
    bodies, subjects = [], []
    at = timezone.localtime()
    for language in languages:
        with translation.override(language):
            subject, body = say()
            when = _("It was on %(when)s.") % {"when": date_format(at, "j F Y, H:i")}
            end = _("casebundle – digital case bundles for the courts")
            subjects.append(subject)
            bodies.append(f"{body}\n\n{when}\n\n{_what_to_do()}\n\n{end}\n")
    text, subject = "\n---\n\n".join(bodies), " / ".join(subjects)
    for address in dict.fromkeys(to or [user.email]):
        transaction.on_commit(partial(send_mail, subject, text, None, [address]), robust=True)


def password_changed(user: User) -> None:
    tell(
        user,
        lambda: (
            _("Your casebundle password was changed"),
            _("The password of your casebundle account (%(email)s) was changed.") % {"email": user.email},
        ),
    )


def address_changed(user: User, before: str, after: str) -> None:
    """To the old address and the new one."""
    tell(
        user,
        lambda: (
            _("Your casebundle email address was changed"),
            _("You now sign in to casebundle with %(after)s, and no longer with %(before)s.")
            % {"after": after, "before": before},
        ),
        [before, after],
    )


def name_changed(user: User, before: str) -> None:
    after = user.name
    tell(
        user,
        lambda: (
            _("Your name in casebundle was changed"),
            _(
                "Your name in casebundle was changed from “%(before)s” to “%(after)s”. Everybody in your cases sees "
                "it, and their journals say so."
            )
            % {"before": isolate(before), "after": isolate(after)},
        ),
    )


def token_made(user: User, token: ApiToken) -> None:
    tell(
        user,
        lambda: (
            _("A new API token for your casebundle account"),
            _(
                "The API token “%(name)s” was made for your casebundle account. %(scope)s It works until %(until)s."
            )
            % {
                "name": isolate(token.name),
                "scope": token.says,
                "until": date_format(timezone.localtime(token.expires_at), "j F Y")
                if token.expires_at
                else "–",
            },
        ),
    )
