from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from casebundle.bundles.courts import court_template, court_templates


class NewCaseForm(forms.Form):
    """A case from a court template."""

    reference = forms.CharField(
        label=_("Case reference"),
        max_length=40,
        help_text=_("3 to 40 letters, numbers and hyphens, like T20267001. It cannot be changed later."),
        widget=forms.TextInput(
            {"class": "govuk-input--width-20", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        help_text=_("Like R v Bates and Doyle."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    court = forms.CharField(
        label=_("Court"), max_length=120, help_text=_("Like Crown Court at Leeds."), widget=forms.TextInput()
    )
    template = forms.ChoiceField(
        label=_("Which sections does the bundle start with?"), widget=forms.RadioSelect, initial="crown"
    )
    defendants = forms.CharField(
        label=_("Defendants"),
        required=False,
        max_length=6000,
        help_text=_("One name on each line. You can add more later."),
        widget=forms.Textarea({"rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].choices = [
            (slug, court_template(slug)["title"]) for slug in court_templates()
        ]

    def clean_defendants(self) -> list[str]:
        names = [" ".join(line.split()) for line in self.cleaned_data["defendants"].splitlines()]
        names = [name for name in names if name]
        for name in names:
            if len(name) > 120:
                raise ValidationError(
                    _("“%(start)s…” is longer than 120 characters. Is there one name on each line?")
                    % {"start": name[:40]}
                )
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValidationError(_("“%(name)s” is there twice.") % {"name": twice})
        return names
