"""Hearings, who has the floor, and evidence screens."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from ninja import Router, Status

from casebundle.cases import access
from casebundle.cases.access import NotVisible
from casebundle.cases.models import Participant
from casebundle.courtroom import presence, services
from casebundle.courtroom.models import Hearing

from .. import schemas
from ..entrance import Asked
from ..paging import Cursor, Limit, Page, paged
from ..routing import answers

router = Router(tags=["Hearings"])


def _item(hearing: Hearing) -> dict[str, Any]:
    return {
        "id": str(hearing.pk),
        "title": hearing.title,
        "starts": hearing.starts,
        "opened": hearing.opened_at,
        "closed": hearing.closed_at,
    }


def _state(request: Asked, hearing: Hearing) -> dict[str, Any]:
    """The hearing as it stands, as the socket has it."""
    hearing = access.pick(request.viewer, Hearing.objects.select_related("case"), hearing.pk)
    here = presence.people(request.viewer.case_id)
    return {**_item(hearing), **services.state(request.viewer, hearing), "present": here}


@router.get(
    "/cases/{reference}/hearings",
    response=answers({200: Page[schemas.HearingItem]}, 422),
    summary="The hearings of a case",
)
def list_hearings(request: Asked, reference: str, cursor: Cursor = None, limit: Limit = 100) -> Any:
    """Newest first."""
    rows, after = paged(
        Hearing.objects.visible_to(request.viewer),
        lambda row: (-int(row.created_at.timestamp() * 1_000_000), str(row.pk)),
        cursor,
        limit,
    )
    return {"items": [_item(row) for row in rows], "next": after}


@router.post(
    "/cases/{reference}/hearings",
    response=answers({201: schemas.Hearing}, 403, 409, 422),
    summary="Open or list a hearing",
)
def open_hearing(request: Asked, reference: str, what: schemas.NewHearing) -> Any:
    """Opened at once, or listed where it starts later. The judge or a clerk does this; 409: another one is open."""
    return Status(201, _state(request, services.open_hearing(request.viewer, what.title, what.starts)))


@router.get(
    "/hearings/{hearing_id}", response=answers({200: schemas.Hearing}), summary="A hearing as it stands"
)
def get_hearing(request: Asked, hearing_id: str) -> Any:
    """Who has the floor, what everybody is turned to, who is present."""
    return _state(request, request.thing)


@router.post(
    "/hearings/{hearing_id}/open",
    response=answers({200: schemas.Hearing}, 403, 409),
    summary="Open a listed hearing",
)
def begin(request: Asked, hearing_id: str) -> Any:
    return _state(request, services.begin(request.viewer, request.thing))


@router.post(
    "/hearings/{hearing_id}/floor",
    response=answers({200: schemas.Hearing}, 403, 409, 422),
    summary="Give the floor",
)
def give_floor(request: Asked, hearing_id: str, what: schemas.Floor) -> Any:
    """To a participant of the case, or take it back (null). The judge or a clerk does this."""
    to = None
    if what.participant is not None:
        rows = Participant.objects.select_related("user", "case").prefetch_related("parties")
        try:
            to = access.pick(request.viewer, rows, what.participant)
        except NotVisible:
            raise ValidationError({"participant": _("Choose somebody in this case.")}) from None
    return _state(request, services.give_floor(request.viewer, request.thing, to))


@router.post(
    "/hearings/{hearing_id}/close",
    response=answers({200: schemas.Hearing}, 403, 409),
    summary="Close a hearing",
)
def close(request: Asked, hearing_id: str) -> Any:
    """Nobody presents any more, and its evidence screens go dark. The judge or a clerk does this."""
    return _state(request, services.close(request.viewer, request.thing))


@router.post(
    "/hearings/{hearing_id}/screens",
    response=answers({201: schemas.Screen}, 403, 409, 422),
    summary="Make an evidence screen",
)
def new_screen(request: Asked, hearing_id: str, what: schemas.NewScreen) -> Any:
    """It shows what is presented and can ask for nothing else. A clerk does this."""
    screen = services.new_screen(request.viewer, request.thing, what.name)
    return Status(
        201, {"code": screen.code, "url": f"{settings.PUBLIC_URL}/screen/{screen.code}", "name": screen.name}
    )


@router.delete("/screens/{code}", response=answers({204: None}, 403), summary="End an evidence screen")
def end_screen(request: Asked, code: str) -> Any:
    services.end_screen(request.viewer, request.thing)
    return Status(204, None)
