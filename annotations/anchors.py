"""Where a note stands on a page: boxes in fractions of the page, and the words themselves.

Both W3C Web Annotation selectors: a FragmentSelector (the boxes) and a TextQuoteSelector (`exact`, `prefix`,
`suffix`). With either one given, the other is worked out from the page's words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

Box = list[float]

CONTEXT = 32  # characters of prefix and suffix, as the W3C's own examples have


class BadAnchor(ValueError):
    """The place given is no place on that page. `code` is `quads`, `quote` or `none`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def checked_quads(quads: Sequence[Sequence[float]] | None) -> list[Box]:
    """Boxes [x0, y0, x1, y1] in fractions of the page, corners put in order; BadAnchor where they are none."""
    boxes: list[Box] = []
    for quad in quads or ():
        try:
            x0, y0, x1, y1 = (round(float(value), 5) for value in quad)
        except (TypeError, ValueError):
            raise BadAnchor("quads") from None
        x0, x1, y0, y1 = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
        # A comparison that is false for NaN too.
        if not (0 <= x0 <= x1 <= 1 and 0 <= y0 <= y1 <= 1):
            raise BadAnchor("quads")
        boxes.append([x0, y0, x1, y1])
    if len(boxes) > 500:
        raise BadAnchor("quads")
    return boxes


def _offsets(words: Sequence[Sequence[Any]]) -> tuple[str, list[tuple[int, int]]]:
    """The words joined by single spaces, and where each begins and ends in that text."""
    spans, at = [], 0
    for word in words:
        spans.append((at, at + len(word[4])))
        at += len(word[4]) + 1
    return " ".join(str(word[4]) for word in words), spans


def find_quote(words: Sequence[Sequence[Any]], exact: str, prefix: str = "", suffix: str = "") -> list[Box]:
    """The boxes of the words that `exact` stands in, one box a line; BadAnchor where it is not on the page.

    Where it stands more than once, the place whose surroundings are most like prefix and suffix; then one of whole
    words, then one in the same case, then the first.
    """
    text, spans = _offsets(words)
    wanted = " ".join(exact.split())
    if not wanted:
        raise BadAnchor("quote")
    places = [match.start() for match in re.finditer(re.escape(wanted), text, re.IGNORECASE)]
    if not places:
        raise BadAnchor("quote")
    before, after = " ".join(prefix.split()).lower(), " ".join(suffix.split()).lower()

    def likeness(at: int) -> tuple[int, bool, bool]:
        end = at + len(wanted)
        left = text[max(0, at - CONTEXT) : at].lower().strip()
        right = text[end : end + CONTEXT].lower().strip()
        surroundings = _common(left[::-1], before[::-1]) + _common(right, after)
        whole = not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum())
        return surroundings, whole, text[at:end] == wanted

    start = max(places, key=likeness)
    end = start + len(wanted)
    return lines([words[i] for i, (a, b) in enumerate(spans) if a < end and b > start])


def _common(a: str, b: str) -> int:
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count


def lines(words: Sequence[Sequence[Any]]) -> list[Box]:
    """One box a line around words in reading order."""
    boxes: list[Box] = []
    for x0, y0, x1, y1, *_word in words:
        last = boxes[-1] if boxes else None
        middle = (y0 + y1) / 2
        if last and last[1] <= middle <= last[3] and x0 >= last[0]:
            last[:] = [min(last[0], x0), min(last[1], y0), max(last[2], x1), max(last[3], y1)]
        else:
            boxes.append([x0, y0, x1, y1])
    return [[round(v, 5) for v in box] for box in boxes]


def quote_at(words: Sequence[Sequence[Any]], quads: Sequence[Box]) -> dict[str, str]:
    """The TextQuoteSelector of the words whose middle lies in the boxes; {} where there are none."""
    text, spans = _offsets(words)
    inside = [
        i
        for i, (x0, y0, x1, y1, *_word) in enumerate(words)
        if any(q[0] <= (x0 + x1) / 2 <= q[2] and q[1] <= (y0 + y1) / 2 <= q[3] for q in quads)
    ]
    if not inside:
        return {}
    start, end = spans[inside[0]][0], spans[inside[-1]][1]
    return {
        "exact": text[start:end][:2000],
        "prefix": text[max(0, start - CONTEXT) : start],
        "suffix": text[end : end + CONTEXT],
    }
