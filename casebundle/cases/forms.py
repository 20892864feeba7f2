"""Forms about people: inviting, their part in a case, their account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .access import Viewer
from .bidi import isolate
from .models import Participant, Party, Role, Scope, User
from .words import party_name


def put_errors(form: forms.Form, error: Exception, fields: Mapping[str, str] | None = None) -> None:
    """Show what a service refused on the form, each part at its field (`fields`: the service's name to ours)."""
    if isinstance(error, ValidationError) and hasattr(error, "error_dict"):
        for name, parts in error.message_dict.items():
            field = (fields or {}).get(name, name)
            for text in parts:
                form.add_error(field if field in form.fields else None, text)
        return
    texts = error.messages if isinstance(error, ValidationError) else [str(error)]
    field = (fields or {}).get(NON_FIELD_ERRORS)
    for text in texts:
        form.add_error(field, text)


class PartForm(forms.Form):
    """A role in a case and whom it is for."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, widget=forms.RadioSelect)
    defendants = forms.MultipleChoiceField(
        label=_("Whom do they defend?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    sits_with = forms.ChoiceField(
        label=_("Whose papers may they see?"),
        required=False,
        help_text=_("An observer reads what this party may read, and can do nothing."),
    )

    # What hangs on the role is asked for where the role asks for it.
    mark_optional = False

    def __init__(self, viewer: Viewer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parties = list(viewer.case.parties.all())
        self.fields["defendants"].choices = [
            (party.slug, isolate(party.name)) for party in parties if party.kind == Party.Kind.DEFENDANT
        ]
        self.fields["sits_with"].choices = [
            ("", _("Choose a party")),
            *((party.slug, party_name(party)) for party in parties),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (
            data.get("role") == Role.DEFENCE
            and not data.get("defendants")
            and "defendants" not in self.errors
        ):
            self.add_error("defendants", _("Choose at least one defendant."))
        if data.get("role") == Role.OBSERVER and not data.get("sits_with"):
            self.add_error("sits_with", _("Choose the party whose papers they may see."))
        return data

    @property
    def parties(self) -> list[str]:
        """The slugs that were chosen, for the role that was chosen; none where the role says it all."""
        role = self.cleaned_data["role"]
        if role == Role.DEFENCE:
            return list(self.cleaned_data["defendants"])
        return [self.cleaned_data["sits_with"]] if role == Role.OBSERVER else []

    @staticmethod
    def initial_of(participant: Participant) -> dict[str, Any]:
        slugs = participant.slugs()
        return {"role": participant.role, "defendants": slugs, "sits_with": slugs[0] if slugs else ""}


class InviteForm(PartForm):
    name = forms.CharField(
        label=pgettext_lazy("of a person", "Name"),
        max_length=120,
        help_text=_("As it stands on the record. They can change it."),
        widget=forms.TextInput({"autocomplete": "off", "class": "govuk-!-width-two-thirds"}),
    )
    email = forms.CharField(
        label=_("Email address"),
        max_length=254,
        help_text=_("The invitation is sent to it, and they sign in with it."),
        widget=forms.EmailInput(
            {"autocomplete": "off", "spellcheck": "false", "class": "govuk-!-width-two-thirds"}
        ),
    )
    field_order = ["name", "email", "role", "defendants", "sits_with"]


class DefendantForm(forms.Form):
    name = forms.CharField(
        label=_("The defendant’s name"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off", "class": "govuk-!-width-two-thirds"}),
    )


class AcceptForm(forms.Form):
    """Name and password of somebody who was invited."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        help_text=_("As the others in the case should see it."),
        widget=forms.TextInput({"autocomplete": "name", "class": "govuk-!-width-two-thirds"}),
    )
    password = forms.CharField(
        label=_("Choose a password"),
        help_text=_("At least 12 characters. Three random words are a good start."),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The same password again"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        password = data.get("password")
        if password:
            try:
                # Against the name that is being chosen, not the one the clerk wrote.
                validate_password(
                    password, User(pk=self.user.pk, email=self.user.email, name=data.get("name", ""))
                )
            except ValidationError as error:
                self.add_error("password", error)
        if password and data.get("again") and password != data["again"]:
            self.add_error("again", _("The two passwords are not the same."))
        return data


class DetailsForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "name", "class": "govuk-!-width-two-thirds"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        help_text=_("Of the pages and of the emails that you get."),
        choices=[("en-gb", "English"), ("cy", "Cymraeg")],
        widget=forms.RadioSelect({"class": "govuk-radios--inline"}),
    )

    def clean_language(self) -> str:
        language: str = self.cleaned_data["language"]
        if language not in dict(settings.LANGUAGES):
            raise ValidationError(_("Choose a language."))
        return language


class TokenForm(forms.Form):
    """A new API token. `participants` are the cases it may be limited to."""

    name = forms.CharField(
        label=_("What is it for?"),
        max_length=80,
        help_text=_("So that you know later which one to revoke, like “case preparation system”."),
        widget=forms.TextInput({"autocomplete": "off", "class": "govuk-!-width-two-thirds"}),
    )
    scope = forms.ChoiceField(
        label=_("What may the program do?"),
        choices=[
            (Scope.READ, _("Read only: what you may read, and change nothing")),
            (
                Scope.SERVE,
                _("Serve only: upload, serve and replace your side’s documents, and read nothing else"),
            ),
            (Scope.FULL, _("Everything that you may do")),
        ],
        # The least, where nobody chose.
        initial=Scope.READ,
        required=False,
        widget=forms.RadioSelect,
    )
    case = forms.ChoiceField(label=_("For which case?"), required=False)
    days = forms.IntegerField(
        label=_("How many days should it work?"),
        initial=settings.TOKEN_DAYS,
        required=False,
        min_value=1,
        max_value=settings.TOKEN_DAYS_MOST,
        help_text=_("At most 366. Make a new one before it ends."),
        error_messages={
            "invalid": _("Enter a whole number of days, like 90."),
            "min_value": _("Enter at least 1 day."),
            "max_value": _("Enter at most 366 days."),
        },
        widget=forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-4"}),
    )
    mark_optional = False

    def __init__(self, participants: list[Participant], *args: Any, **kwargs: Any) -> None:
        # Its own ids: it stands on a page with other forms.
        super().__init__(*args, auto_id="token_%s", **kwargs)
        self.participants = {str(row.pk): row for row in participants}
        self.fields["case"].choices = [
            ("", _("All my cases")),
            *((pk, str(row.case)) for pk, row in self.participants.items()),
        ]


class NameForm(forms.Form):
    """What the court calls somebody."""

    name = forms.CharField(
        label=pgettext_lazy("of a person", "Name"),
        max_length=120,
        help_text=_(
            "With their title, if they are a judge: only the court gives it. They are told by email."
        ),
        widget=forms.TextInput({"autocomplete": "off", "class": "govuk-!-width-two-thirds"}),
    )
