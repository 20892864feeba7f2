"""Names and titles that are written from right to left, inside sentences that are written from left to right."""

from __future__ import annotations

import re
from typing import Any

# Hebrew, Arabic, Syriac, Thaana, N'Ko and their presentation forms.
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"


def isolate(text: Any) -> str:
    """`text` kept apart from what stands around it, where it runs from right to left; else as it is.

    Without this, brackets, numbers and labels beside such a name change places: "(1) B12". In HTML `<bdi>` does the
    same for a whole element; this does it inside translated sentences, titles of pages, options and attributes.
    """
    said = str(text)
    if not RIGHT_TO_LEFT.search(said) or said.startswith(FIRST_STRONG_ISOLATE):
        return said
    return f"{FIRST_STRONG_ISOLATE}{said}{POP_ISOLATE}"
