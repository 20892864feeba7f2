"""Checking a case's journal, and writing down what was found."""

from __future__ import annotations

from django.db import transaction

from casebundle.cases.access import Viewer
from casebundle.journal import record
from casebundle.journal.models import Chain

# How many entries "Check now" reads in a request; ./manage.py verify reads them all.
CHECKED_AT_ONCE = 50_000
CHECKED = "journal.checked"


def check_chain(viewer: Viewer) -> record.Verdict:
    """Compute the chain again, the last entries where it is very long, and write down what was found.

    Anybody in the case may; it tells nothing of what is in the entries.
    """
    head = Chain.objects.filter(pk=viewer.case_id).values_list("seq", flat=True).first() or 0
    after = max(0, head - CHECKED_AT_ONCE)
    verdict = record.verify(viewer.case_id, after)
    with transaction.atomic():
        record.hold(viewer.case_id)
        record.append(
            viewer.case_id,
            CHECKED,
            actor=viewer.card,
            data={
                "after": after,
                "entries": verdict.entries,
                "head": verdict.head,
                "broken_at": verdict.broken_at,
            },
        )
    return verdict
