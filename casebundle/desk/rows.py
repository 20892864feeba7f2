"""What the desk's screens show of a case, asked of the rooms below, with as many queries for one case as for many."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from casebundle.bundles.models import Bundle
from casebundle.bundles.news import Tally, tallies
from casebundle.cases.access import Viewer
from casebundle.cases.bidi import isolate
from casebundle.cases.head import link
from casebundle.cases.models import Case
from casebundle.courtroom import services as courtroom
from casebundle.courtroom.models import Hearing


def known_of(viewer: Viewer) -> Mapping[str, Any]:
    """For the head of every page of a case: its first bundle, and the hearing that is open."""
    bundle = Bundle.objects.visible_to(viewer).values_list("slug", flat=True).first()
    hearing = courtroom.current(viewer.case)
    sitting = (
        {"text": isolate(hearing.title), "href": link("courtroom:hearing", str(hearing.pk))}
        if hearing
        else None
    )
    return {"bundle": bundle, "sitting": sitting}


def next_hearings(case_ids: Iterable[UUID]) -> dict[UUID, Hearing]:
    """Of each case the hearing that is open, else the next one from today on."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    found: dict[UUID, Hearing] = {}
    rows = Hearing.objects.filter(case_id__in=list(case_ids), closed_at=None).order_by("starts")
    for hearing in rows:
        if not hearing.is_open and (hearing.starts is None or hearing.starts < today):
            continue
        if hearing.is_open or hearing.case_id not in found:
            found[hearing.case_id] = hearing
    return found


@dataclass
class CaseRow:
    """A line of My cases."""

    case: Case
    viewer: Viewer
    hearing: Hearing | None
    tally: Tally
    visited: bool

    @property
    def order(self) -> tuple[Any, ...]:
        """What sits now comes first, then what is heard next, then the newest case."""
        hearing = self.hearing
        far = datetime.datetime.max.replace(tzinfo=datetime.UTC)
        starts = far if hearing is None else hearing.starts or hearing.created_at
        return (not (hearing and hearing.is_open), starts, -self.case.created_at.timestamp())


def case_rows(viewers: Sequence[Viewer]) -> list[CaseRow]:
    """A row for each case of one person, in the order that they need them."""
    hearings = next_hearings(viewer.case_id for viewer in viewers)
    counted = tallies(viewers)
    rows = [
        CaseRow(
            case=viewer.case,
            viewer=viewer,
            hearing=hearings.get(viewer.case_id),
            tally=counted.get(viewer.case_id) or Tally(),
            visited=viewer.participant is not None and viewer.participant.visited_at is not None,
        )
        for viewer in viewers
    ]
    return sorted(rows, key=lambda row: row.order)
