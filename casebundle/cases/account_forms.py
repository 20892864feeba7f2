"""Forms of signing in that differ from allauth's own."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, ResetPasswordForm
from allauth.core import context
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from . import limits
from .addresses import NOBODY, stored_address
from .bidi import isolate
from .models import ApiToken


class ResetForm(ResetPasswordForm):
    """Nobody's post box is filled by others: so many links for one account, and from one address."""

    def clean_email(self) -> str:
        # A look-alike is nobody's address: it must not fold into one on its way to the database.
        self.cleaned_data["email"] = stored_address(self.cleaned_data["email"]) or NOBODY
        email: str = super().clean_email()
        limits.count(limits.RESET_ADDRESS, limits.address(context.request))
        limits.count(limits.RESET, email.strip().lower())
        return email


class ChangeForm(ChangePasswordForm):  # type: ignore[misc]
    """Another password, and whether the programs that have a token go on."""

    tokens = forms.ChoiceField(
        label=_("Your API tokens"),
        required=False,
        initial="end",
        widget=forms.RadioSelect,
        choices=[
            ("end", _("End them: programs that use them stop working at once")),
            ("keep", _("Keep them")),
        ],
    )
    mark_optional = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = timezone.now()
        open_ones = ApiToken.objects.filter(user=self.user, revoked_at=None, expires_at__gt=now)
        names = [isolate(token.name) for token in open_ones[:100]]
        if names:
            count = ngettext(
                "%(n)s token works now: %(names)s", "%(n)s tokens work now: %(names)s", len(names)
            )
            self.fields["tokens"].help_text = count % {"n": len(names), "names": ", ".join(names)}
        else:
            del self.fields["tokens"]

    def save(self) -> None:
        # What is not said ends: whoever changes a password because of somebody else wants them out.
        self.user.keeps_tokens = self.cleaned_data.get("tokens") == "keep"
        super().save()
