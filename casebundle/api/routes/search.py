"""Search over one case or all of the caller's."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Query, Router

from casebundle.cases import access, limits
from search import service

from .. import schemas
from ..entrance import Asked
from ..paging import MOST, Cursor, decode, encode
from ..routing import answers

router = Router(tags=["Search"])

# Nobody reads further, and an index gets slower the further it is asked.
DEEPEST = 10_000


@router.get("/search", response=answers({200: schemas.Found}, 422, 503), summary="Search")
def search(
    request: Asked,
    q: str = "",
    case: Annotated[
        str | None, Query(None, description="a reference; left out: all of the caller's cases")
    ] = None,
    section: Annotated[str | None, Query(None, description="a letter")] = None,
    party: Annotated[str | None, Query(None, description="the party that served it")] = None,
    date_from: Annotated[schemas.Day | None, Query(None, alias="from")] = None,
    date_to: Annotated[schemas.Day | None, Query(None, alias="to")] = None,
    cursor: Cursor = None,
    limit: Annotated[int, Query(20, ge=1, le=MOST)] = 20,
) -> Any:
    """By page. All words, "an exact phrase", OR, -not, prefix*, misspelt~, "near words"~5. Any text is a query.

    What the caller may not see is neither found nor counted.
    """
    user = request.auth
    limits.often(limits.SEARCH, user.pk)
    viewers = [access.viewer_in(user, reference=case)] if case else access.viewers_of(user)
    offset = max(0, decode(cursor, [int])[0]) if cursor else 0
    if offset > DEEPEST:
        return {"total": 0, "hits": [], "facets": {}, "took_ms": 0, "next": None}
    found = service.find(
        viewers,
        q.replace("\x00", " "),
        section=section,
        party=party,
        date_from=date_from,
        date_to=date_to,
        limit=limit,
        offset=offset,
        count=service.behind_now,
    )
    answer = service.as_json(found, behind=found.behind)
    answer["hits"] = [_hit(hit) for hit in answer["hits"]]
    more = found.next_offset is not None and found.next_offset <= DEEPEST
    return {**answer, "next": encode([found.next_offset]) if more else None}


def _hit(hit: dict[str, Any]) -> dict[str, Any]:
    """A hit whose document is its id, like its page; what is said about the document stands beside it."""
    document = hit["document"]
    return {
        **hit,
        **{key: value for key, value in document.items() if key != "id"},
        "document": document["id"],
    }
