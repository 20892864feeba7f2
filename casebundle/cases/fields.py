"""Form fields that Django draws in a way the GOV.UK style does not."""

from __future__ import annotations

from typing import Any

from django import forms


class DateInput(forms.DateInput):
    """The browser's own date field: the value is ISO, the browser shows it its own way."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "govuk-input--width-10", **(attrs or {})}, format="%Y-%m-%d")

    def format_value(self, value: Any) -> str | None:
        # Localised formats ("14/11/2026") are what a date field refuses to show.
        return value if isinstance(value, str) or value is None else value.strftime("%Y-%m-%d")


class DateTimeInput(forms.DateTimeInput):
    """The browser's own date and time field."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "govuk-input--width-20", **(attrs or {})}, format="%Y-%m-%dT%H:%M")

    def format_value(self, value: Any) -> str | None:
        return value if isinstance(value, str) or value is None else value.strftime("%Y-%m-%dT%H:%M")
