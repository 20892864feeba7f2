"""Lists are paged by cursor: opaque, and naming the last item given, so that what comes in meanwhile shifts nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from ninja import Query
from pydantic import BaseModel, Field

T = TypeVar("T")

MOST = 500

Limit = Annotated[int, Query(100, ge=1, le=MOST, description="how many at most")]
Cursor = Annotated[str | None, Query(None, description="`next` of the answer before")]


class Page(BaseModel, Generic[T]):
    """Part of a list."""

    items: list[T]
    next: str | None = Field(description="the cursor of the part after this one, null where there is none")


def encode(key: Iterable[Any]) -> str:
    """The cursor after the item with that key."""
    data = json.dumps(list(key), separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(cursor: str, like: Iterable[type]) -> tuple[Any, ...]:
    """The key in a cursor, of these types; ValidationError for one that we did not make."""
    try:
        found = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        kinds = tuple(like)
        if isinstance(found, list) and tuple(map(type, found)) == kinds:
            return tuple(found)
    except (ValueError, RecursionError):
        pass
    raise ValidationError({"cursor": _("That is not a cursor of this list.")})


def paged(
    rows: Iterable[T], key: Callable[[T], tuple[Any, ...]], cursor: str | None, limit: int
) -> tuple[list[T], str | None]:
    """The part of `rows` after the cursor, in order of `key` (which no two share), and the cursor after that part."""
    ordered = sorted(((key(row), row) for row in rows), key=lambda pair: pair[0])
    if cursor:
        if not ordered:
            return [], None
        after = decode(cursor, map(type, ordered[0][0]))
        ordered = [pair for pair in ordered if pair[0] > after]
    part = ordered[:limit]
    return [row for _key, row in part], encode(part[-1][0]) if len(ordered) > limit else None
