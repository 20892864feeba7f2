"""The order of the alphabet, as the language of the page has it: `sorted(names, key=alphabetical)`."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.utils.translation import get_language

# Eight pairs are letters of their own in Welsh: "chwaer" comes after "cyfaill", "llais" after "lori".
_WELSH = [
    "a",
    "b",
    "c",
    "ch",
    "d",
    "dd",
    "e",
    "f",
    "ff",
    "g",
    "ng",
    "h",
    "i",
    "j",
    "k",
    "l",
    "ll",
    "m",
    "n",
    "o",
    "p",
    "ph",
    "q",
    "r",
    "rh",
    "s",
    "t",
    "th",
    "u",
    "v",
    "w",
    "x",
    "y",
    "z",
]
_RANK = {letter: rank for rank, letter in enumerate(_WELSH)}
_LETTERS = re.compile(r"ch|dd|ff|ng|ll|ph|rh|th|.", re.DOTALL)


def alphabetical(text: str) -> tuple[Any, str]:
    """What to sort `text` by. Accents and capitals decide only between words that are the same without them."""
    folded = "".join(
        one for one in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(one)
    )
    if not (get_language() or "").startswith("cy"):
        return folded, text
    # Spaces and marks before letters, letters of other alphabets after them, as everywhere.
    return [
        (_RANK.get(one, len(_WELSH) if one.isalpha() else -1), one) for one in _LETTERS.findall(folded)
    ], text
