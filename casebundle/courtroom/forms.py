from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casebundle.cases.fields import MomentField


class HearingForm(forms.Form):
    """A hearing: opened now, or listed for later."""

    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        help_text=_("For example, Trial, day 1"),
        error_messages={"required": _("Enter a title, like Trial, day 1.")},
    )
    starts = MomentField(
        label=_("Starts"),
        required=False,
        help_text=_("For example, 14 March 2026, 10:30. Leave empty to open it now."),
    )

    def __init__(self, *args: Any, sits: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if sits:
            # One at a time: the next one can only be listed.
            starts = self.fields["starts"]
            starts.required, starts.help_text = True, _("For example, 14 March 2026, 10:30.")
            starts.error_messages["required"] = _("Another hearing is open: enter when this one starts.")


class ScreenForm(forms.Form):
    """An evidence screen."""

    name = forms.CharField(
        label=_("Where the screen is"),
        max_length=80,
        help_text=_("For example, Jury screen"),
        error_messages={"required": _("Enter a name, like Jury screen.")},
    )


def add_errors(form: forms.Form, error: Any) -> None:
    """Show a room's ValidationError on the form: beside its field where there is one, else at the top."""
    fields = getattr(error, "error_dict", None)
    for name, errors in fields.items() if fields else [(None, error)]:
        form.add_error(name if name in form.fields else None, errors)
