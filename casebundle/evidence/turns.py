"""Whose turn it is among files that wait: each case, and each party in it, has one after the other has had one.

One case with a thousand files, or one party of it, keeps nobody waiting for more than the one that is being done.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Min, QuerySet

from casebundle.bundles.models import Share
from casebundle.journal.locks import exclusively, moment


@contextmanager
def one_at_a_time(work: str) -> Iterator[None]:
    """Of several workers one at a time looks whose turn it is and takes it: each sees what the others have taken."""
    with transaction.atomic():
        exclusively(f"turn {work}")
        yield


def in_turn(work: str, rows: QuerySet[Any], case: str, party: str, since: str) -> list[tuple[UUID, str]]:
    """The cases and parties of what waits, whose turn it is first.

    case, party, since: how a row names them, and since when it waits.
    """
    groups = rows.order_by().values(case, party).annotate(oldest=Min(since)).order_by("oldest")
    waiting = list(groups.values_list(case, party))
    if len(waiting) < 2:
        return waiting
    had = {
        (found.case_id, found.party): found.at.timestamp()
        for found in Share.objects.filter(work=work, case__in={case for case, _party in waiting})
    }
    of_case: dict[UUID, float] = {}
    for (case_id, _party), at in had.items():
        of_case[case_id] = max(at, of_case.get(case_id, 0.0))
    # Who never had a turn is first, and among those whoever waits longest.
    order = {key: n for n, key in enumerate(waiting)}
    return sorted(waiting, key=lambda key: (of_case.get(key[0], 0.0), had.get(key, 0.0), order[key]))


def had(work: str, case: UUID, party: str) -> None:
    """Write down that they have their turn now."""
    Share.objects.update_or_create(work=work, case_id=case, party=party, defaults={"at": moment()})
