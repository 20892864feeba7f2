"""What every route has: the schemas of what it may answer."""

from __future__ import annotations

from typing import Any

from .problems import Problem


def answers(ok: dict[int, Any], *problems: int) -> dict[Any, Any]:
    """The `response` of a route: what it answers when all is well, and the problems it may answer instead.

    401, 404, 429 and 500 are everybody's.
    """
    return {**ok, frozenset({401, 404, 429, 500, *problems}): Problem}


def binary(status: int, *media_types: str, description: str) -> dict[str, Any]:
    """`openapi_extra` of a route that answers with bytes."""
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in media_types}
    return {"responses": {status: {"description": description, "content": content}}}
