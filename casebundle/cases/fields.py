"""Form fields that Django draws in a way the GOV.UK style does not."""

from __future__ import annotations

import datetime
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from .dates import as_typed, read_day

_TIME = re.compile(r"(?:,| at| am)?[ t]*(\d{1,2})(?:[:.](\d{2}))?(?::\d{2}(?:\.\d+)?)?\s*(am|pm|yb|yh)?$")


class DayField(forms.CharField):
    """A date as people type it: 14/3/2026, 14 March 2026, 14 Mawrth 2026. Cleans to a date, or None for nothing.

    Not the browser's own date field: that one speaks the browser's language, and on some machines puts the month
    before the day.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.TextInput({"class": "govuk-input--width-10", "autocomplete": "off"})
        )
        super().__init__(max_length=40, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return as_typed(value) if isinstance(value, datetime.date) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return read_day(text)
        except ValidationError as error:
            # It names the field that it is of elsewhere.
            raise ValidationError(error.messages) from None


class MomentField(forms.CharField):
    """A date and time as people type them: 14 March 2026, 10:30 or 14/3/2026 10.30. Cleans to a moment, or None."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.TextInput({"class": "govuk-input--width-20", "autocomplete": "off"})
        )
        super().__init__(max_length=60, **kwargs)

    def clean(self, value: Any) -> Any:
        text = " ".join(super().clean(value).split()).casefold()
        if not text:
            return None
        wrong = ValidationError(_("Enter a date and time, like 14 March 2026, 10:30."))
        # The time is what follows the year, so that 14.3.2026 is not half past.
        for end in [match.end() for match in re.finditer(r"\d{4}(?!\d)(?:-\d{1,2}-\d{1,2})?", text)]:
            found = _TIME.fullmatch(text[end:].rstrip())
            if not found:
                continue
            hour, minute = int(found[1]), int(found[2] or 0)
            if found[3]:
                if not 1 <= hour <= 12:
                    raise wrong
                hour = hour % 12 + (12 if found[3] in ("pm", "yh") else 0)
            elif found[2] is None:
                raise wrong
            try:
                day = read_day(text[:end])
                assert day is not None
                moment = datetime.datetime.combine(day, datetime.time(hour, minute))
            except (ValidationError, ValueError):
                raise wrong from None
            return timezone.make_aware(moment)
        raise wrong
