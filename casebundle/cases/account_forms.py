"""Forms of signing in that differ from allauth's own."""

from __future__ import annotations

from allauth.account.forms import ResetPasswordForm
from allauth.core import context

from . import limits
from .addresses import NOBODY, stored_address


class ResetForm(ResetPasswordForm):
    """Nobody's post box is filled by others: so many links for one account, and from one address."""

    def clean_email(self) -> str:
        # A look-alike is nobody's address: it must not fold into one on its way to the database.
        self.cleaned_data["email"] = stored_address(self.cleaned_data["email"]) or NOBODY
        email: str = super().clean_email()
        limits.count(limits.RESET_ADDRESS, limits.address(context.request))
        limits.count(limits.RESET, email.strip().lower())
        return email
