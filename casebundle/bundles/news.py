"""What is new to somebody and what they have not read yet, over many cases at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case, Count, DateTimeField, Exists, F, OuterRef, Q, Sum, When
from django.utils import timezone

from casebundle.cases.access import Viewer
from casebundle.cases.visits import PAUSE

from .models import Document, Opened


@dataclass
class Tally:
    """Of one case: pages and documents served, how many pages since the last visit, documents unread."""

    pages: int = 0
    documents: int = 0
    new_pages: int = 0
    unread: int = 0


def tallies(viewers: Sequence[Viewer]) -> dict[UUID, Tally]:
    """The tally of each case, by its id, in one query. `viewers` are those of one person, in each of their cases.

    What somebody served themselves is neither new to them nor unread. On a first visit nothing is 'new'.
    """
    found: dict[UUID, Tally] = defaultdict(Tally)
    people = [viewer.participant for viewer in viewers if viewer.participant is not None]
    if not people:
        return found
    me = "case__participants"
    rows = (
        Document.objects.served()
        .filter(
            case__participants__user=people[0].user_id,
            case__participants__removed_at=None,
            case__participants__accepted_at__isnull=False,
        )
        .annotate(
            since=Case(  # as cases.visits.since
                When(**{f"{me}__visited_at__lt": timezone.now() - PAUSE}, then=F(f"{me}__visited_at")),
                default=F(f"{me}__last_visit_at"),
                output_field=DateTimeField(),
            ),
            seen=Exists(
                Opened.objects.filter(participant=OuterRef(f"{me}__pk"), version=OuterRef("current_id"))
            ),
        )
        .order_by()
        .values("case_id", "audience")
        .annotate(
            documents=Count("pk"),
            pages=Sum("current__pages"),
            new_pages=Sum(
                "current__pages", filter=Q(served_at__gt=F("since")) & ~Q(served_by=F(f"{me}__pk"))
            ),
            unread=Count("pk", filter=Q(seen=False) & ~Q(served_by=F(f"{me}__pk"))),
        )
    )
    # A case has few audiences, a person may be in hundreds of cases: the rule itself picks the rows here.
    by_case = {viewer.case_id: viewer for viewer in viewers}
    for row in rows:
        viewer = by_case.get(row["case_id"])
        if viewer is not None and viewer.sees(row["audience"]):
            tally = found[viewer.case_id]
            tally.documents += row["documents"]
            tally.pages += row["pages"] or 0
            tally.new_pages += row["new_pages"] or 0
            tally.unread += row["unread"]
    return found
