"""The journal of a case, newest first. It opens at once however long it is: nothing is counted or skipped over."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from casebundle.cases.access import Viewer, viewer_in
from casebundle.cases.dates import as_typed, read_day
from casebundle.cases.order import alphabetical
from casebundle.journal.models import GENESIS, Chain, Entry

from .checking import CHECKED, check_chain
from .sentences import KINDS, Links, actions_of, sentence_of

# Entries on one page, and how many the database looks at in one go and for one page at most: where nearly all are
# not for this reader, the page says so and goes on from there.
PORTION = 50
WINDOW = 900
ROUNDS = 12


@dataclass
class Filters:
    """What the address asks for."""

    kind: str = ""
    person: str = ""
    day: str = ""
    everything: bool = False
    errors: dict[str, str] = field(default_factory=dict)
    date: datetime.date | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> Filters:
        get = request.GET
        found = cls(
            kind=get.get("kind", "") if get.get("kind", "") in KINDS else "",
            day=get.get("day", "").strip()[:40],
            everything=get.get("all") == "1",
        )
        try:
            found.person = str(uuid.UUID(get.get("person", ""))) if get.get("person") else ""
        except ValueError:
            found.person = ""
        try:
            found.date = read_day(found.day)
        except ValidationError as error:
            found.errors["day"] = " ".join(error.messages)
        return found

    @property
    def narrow(self) -> bool:
        return bool(self.kind or self.person)

    def address(self, **changes: Any) -> str:
        words = {
            "kind": self.kind,
            "person": self.person,
            "day": self.day,
            "all": "1" if self.everything else "",
            **changes,
        }
        return "?" + urlencode({key: value for key, value in words.items() if value})


@dataclass
class Portion:
    """Entries of one page, newest first; `older` is the seq to go on below, or None at the beginning of the case.
    `searched` says that entries were looked at and most were not for this reader."""

    entries: list[Entry]
    older: int | None
    lowest: int


def _first_at(viewer: Viewer, moment: datetime.datetime, head: int) -> int:
    """The seq of the first entry at or after `moment` (head + 1 where there is none): a search by halves, since
    entries are numbered without gaps in order of time."""
    low, high = 1, head + 1
    rows = Entry.objects.filter(chain_id=viewer.case_id)
    while low < high:
        middle = (low + high) // 2
        at = rows.filter(seq=middle).values_list("at", flat=True).first()
        if at is None or at < moment:
            low = middle + 1
        else:
            high = middle
    return low


def _candidates(viewer: Viewer, filters: Filters, before: int, floor: int) -> list[int]:
    """The next WINDOW numbers, newest first, that the filter by kind or person lets through: by index alone."""
    rows = Entry.objects.filter(chain_id=viewer.case_id, seq__lt=before, seq__gte=floor)
    if filters.person:
        mine = rows.filter(actor_key=filters.person)
        return list(mine.order_by("-seq").values_list("seq", flat=True)[:WINDOW])
    found: list[int] = []
    for action in actions_of(filters.kind):
        found += rows.filter(action=action).order_by("-seq").values_list("seq", flat=True)[:WINDOW]
    return sorted(found, reverse=True)[:WINDOW]


def portion(viewer: Viewer, filters: Filters, before: int, floor: int) -> Portion:
    """The entries below `before` and from `floor` on that the viewer may read. The work has a bound."""
    found: list[Entry] = []
    at = before
    for _round in range(ROUNDS):
        if at <= floor:
            break
        rows: QuerySet[Entry] = Entry.objects.visible_to(viewer)
        if filters.narrow:
            numbers = _candidates(viewer, filters, at, floor)
            rows = rows.filter(seq__in=numbers)
            if filters.person and filters.kind:
                rows = rows.filter(action__in=actions_of(filters.kind))
            lowest = numbers[-1] if len(numbers) == WINDOW else floor
        else:
            lowest = max(floor, at - WINDOW)
            rows = rows.filter(seq__gte=lowest, seq__lt=at)
        found += rows.order_by("-seq")[: PORTION + 1 - len(found)]
        at = lowest
        if len(found) > PORTION:
            found = found[:PORTION]
            return Portion(found, found[-1].seq, found[-1].seq)
    return Portion(found, at if at > floor else None, at)


def _everything(viewer: Viewer, before: int, floor: int) -> Portion:
    """The next PORTION entries, whoever they are for: those that are not for this reader are shown as numbers."""
    lowest = max(floor, before - PORTION)
    rows = Entry.objects.visible_to(viewer).filter(seq__gte=lowest, seq__lt=before)
    return Portion(list(rows.order_by("-seq")), lowest if lowest > floor else None, lowest)


def _rows(viewer: Viewer, found: Portion, before: int, *, gaps: bool) -> list[dict[str, Any]]:
    """{"entry", "sentence", "day"} for each entry, and {"hidden": (from, to)} for what is not for this reader."""
    links = Links(viewer, found.entries)
    rows: list[dict[str, Any]] = []
    expected = before - 1
    for entry in found.entries:
        if gaps and entry.seq < expected:
            rows.append({"hidden": (entry.seq + 1, expected)})
        rows.append(
            {
                "entry": entry,
                "sentence": sentence_of(entry, links),
                "day": timezone.localtime(entry.at).date(),
            }
        )
        expected = entry.seq - 1
    if gaps and expected >= found.lowest:
        rows.append({"hidden": (found.lowest, expected)})
    last = None
    for row in rows:
        row["new_day"] = "day" in row and row["day"] != last
        last = row.get("day", last)
    return rows


@login_required
@require_safe
def journal(request: HttpRequest, reference: str) -> HttpResponse:
    """What happened in the case, as far as it is for this reader."""
    viewer = viewer_in(request.user, reference=reference)
    filters = Filters.of(request)
    chain = Chain.objects.filter(pk=viewer.case_id).first() or Chain(id=viewer.case_id)
    top, floor = chain.seq + 1, 1
    if filters.date:
        zone = timezone.get_current_timezone()
        start = datetime.datetime.combine(filters.date, datetime.time.min, zone)
        end = datetime.datetime.combine(filters.date + datetime.timedelta(days=1), datetime.time.min, zone)
        floor, top = _first_at(viewer, start, chain.seq), _first_at(viewer, end, chain.seq)
    asked = request.GET.get("before", "")
    before = min(top, int(asked)) if asked.isdecimal() and len(asked) < 19 else top
    gaps = filters.everything and not filters.narrow
    found = _everything(viewer, before, floor) if gaps else portion(viewer, filters, before, floor)
    people = viewer.case.participants.select_related("user")
    return render(
        request,
        "journal/journal.html",
        {
            "viewer": viewer,
            "filters": filters,
            "rows": _rows(viewer, found, before, gaps=gaps),
            "newest": filters.address() if before < top else "",
            "older": filters.address(before=found.older) if found.older else "",
            "kinds": KINDS.items(),
            "people": sorted(
                ((str(person.pk), person.user.name) for person in people),
                key=lambda row: alphabetical(row[1]),
            ),
            "chain": chain,
            "genesis": GENESIS,
            "checked": _last_check(viewer),
            "toggle": filters.address(all="" if filters.everything else "1"),
            "yesterday": as_typed(timezone.localdate() - datetime.timedelta(days=1)),
        },
    )


def _last_check(viewer: Viewer) -> Entry | None:
    return Entry.objects.visible_to(viewer).filter(action=CHECKED).order_by("-seq").first()


@login_required
@require_POST
def check(request: HttpRequest, reference: str) -> HttpResponse:
    """Compute the chain again, the last entries where it is very long, and write down what was found."""
    viewer = viewer_in(request.user, reference=reference)
    verdict = check_chain(viewer)
    if verdict.holds:
        messages.success(request, _("The chain holds. Every entry that was checked is as it was written."))
    else:
        text = _("The chain does not hold at entry %(n)s. Tell whoever runs this service; change nothing.")
        messages.error(request, text % {"n": verdict.broken_at})
    return redirect("journal:journal", reference=reference)
