"""A date as people type it into a cell."""

from __future__ import annotations

import datetime
import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from casebundle.pdf.guess import MONTHS

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[-./ ]\s*(\d{1,2})\s*[-./ ]\s*(\d{4}|\d{2})")
_WORDS = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|af|il|ydd|ed|eg|fed|ain)?\s+([^\W\d]{3,10})\.?,?\s+(\d{4}|\d{2})"
)


def read_day(text: str) -> datetime.date | None:
    """The day that somebody typed (14/3/2026, 14.3.26, 14 March 2026, 14 Mawrth 2026, 2026-03-14), None for nothing.

    Raises ValidationError with what to type instead. The day comes before the month, as in British dates.
    """
    text = " ".join(text.split()).casefold()
    if not text:
        return None
    year = month = day = 0
    if found := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DAY_FIRST.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
    elif found := _WORDS.fullmatch(text):
        day, month, year = int(found[1]), MONTHS.get(found[2], 0), int(found[3])
    if year and year < 100:
        year += 2000 if year < 70 else 1900
    try:
        if year < 1900:
            raise ValueError
        return datetime.date(year, month, day)
    except ValueError:
        raise ValidationError({"date": _("Enter a real date, like 14/3/2026 or 14 March 2026.")}) from None


def as_typed(day: datetime.date | None) -> str:
    """A date as a cell shows it: 14/3/2026."""
    return f"{day.day}/{day.month}/{day.year}" if day else ""
