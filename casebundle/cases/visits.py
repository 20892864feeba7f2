"""Visits: what is new to somebody is what came since the visit before the one they are in."""

from __future__ import annotations

import datetime

from django.utils import timezone

from .access import Viewer
from .mending import beside_reading
from .models import Participant

# Whoever was away for longer comes back for a new visit.
PAUSE = datetime.timedelta(minutes=30)
# Turning pages is not worth a write each.
STEP = datetime.timedelta(minutes=1)


def since(participant: Participant) -> datetime.datetime | None:
    """When the visit before this one ended, were the case opened now; None where there was none."""
    at = participant.visited_at
    if at is not None and timezone.now() - at > PAUSE:
        return at
    return participant.last_visit_at


def visited(viewer: Viewer) -> None:
    """Note that this person looks at the case now. `viewer.participant.last_visit_at` then says what is new."""
    participant = viewer.participant
    if participant is None:
        return
    now, at = timezone.now(), participant.visited_at
    if at is not None and now - at < STEP:
        return
    before = since(participant)
    written: int | None = None
    # Two windows at once must not count as two visits: only who finds what was read here writes.
    rows = Participant.objects.filter(pk=participant.pk, visited_at=at)
    with beside_reading():
        written = rows.update(visited_at=now, last_visit_at=before)
    if written is None:
        return
    if written:
        participant.visited_at, participant.last_visit_at = now, before
    else:
        participant.refresh_from_db(fields=["visited_at", "last_visit_at"])
