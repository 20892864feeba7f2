"""The journal of a case, so that its chain can be checked by anybody in it."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Query, Router

from casebundle.journal.models import Entry

from .. import schemas
from ..entrance import Asked
from ..paging import Cursor, Limit, decode, encode
from ..routing import answers

router = Router(tags=["Journal"])


@router.get(
    "/cases/{reference}/journal", response=answers({200: schemas.Journal}, 422), summary="The journal"
)
def journal(
    request: Asked,
    reference: str,
    after: Annotated[int, Query(0, ge=0, le=2**62, description="entries with a greater seq")] = 0,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Any:
    """Every entry in order. Those that are not for the caller have their hashes alone.

    An entry's `hash` is the SHA-256 of `previous` and `digest` (both as hex text); `digest` is the SHA-256 of the
    entry's chain, seq, at, action, actor, audience, document, data and salt as JSON with sorted keys and no spaces.
    """
    if cursor:
        after = decode(cursor, [int])[0]
    rows = list(
        Entry.objects.filter(chain_id=request.viewer.case_id, seq__gt=after)
        .order_by("seq")
        .values("seq", "digest", "previous", "hash")[: limit + 1]
    )
    part = rows[:limit]
    seen: dict[int, Entry] = {}
    if part:
        visible = Entry.objects.visible_to(request.viewer).filter(
            seq__gte=part[0]["seq"], seq__lte=part[-1]["seq"]
        )
        seen = {entry.seq: entry for entry in visible}
    items = [{**row, **(seen[row["seq"]].content() if row["seq"] in seen else {})} for row in part]
    return {"items": items, "next": encode([part[-1]["seq"]]) if len(rows) > limit else None}
