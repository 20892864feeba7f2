"""What every route has: the schemas of what it may answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from .problems import Problem

F = TypeVar("F", bound=Callable[..., Any])


def for_serving(view: F) -> F:
    """Marks a route as one by which documents of one's own side are served: a token with the scope “serve” may call it,
    and no other. Under `@router.…`, so that the route has it."""
    view.for_serving = True  # type: ignore[attr-defined]
    return view


def answers(ok: dict[int, Any], *problems: int) -> dict[Any, Any]:
    """The `response` of a route: what it answers when all is well, and the problems it may answer instead.

    401, 403 (a token whose scope is not for it), 404, 429, 500 and 503 are everybody's; main.Api adds 413 and 422 to
    every call that takes a body.
    """
    return {**ok, frozenset({401, 403, 404, 429, 500, 503, *problems}): Problem}


def binary(status: int, *media_types: str, description: str, parts: bool = False) -> dict[str, Any]:
    """`openapi_extra` of a route that answers with bytes; `parts`: with Range, too."""
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in media_types}
    found: dict[int, Any] = {status: {"description": description, "content": content}}
    if parts:
        found[206] = {"description": "the part that was asked for", "content": content}
        found[304] = {"description": "as the caller has it already"}
        found[416] = {"description": "it has no such part"}
    return {"responses": found}
