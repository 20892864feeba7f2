"""What the clerk does about people, beyond inviting: sending the link again, seeing as somebody sees."""

from __future__ import annotations

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from casebundle.journal import record
from casebundle.journal.audience import COURT, join

from . import people
from .access import Viewer, must_see, pick, require_now, would_be
from .models import Participant


@record.changes
def resend(viewer: Viewer, participant: Participant) -> None:
    """Send a fresh link; those sent before work no more."""
    require_now(viewer, "manage")
    participant = pick(viewer, Participant.objects.select_related("user", "case"), participant.pk)
    if not participant.pending:
        raise ValidationError(_("%(name)s is in the case already.") % {"name": participant})
    record.append(
        viewer.case_id,
        "participant.invited",
        actor=viewer.card,
        data={"participant": participant.card(), "again": True},
    )
    people.send_new_link(participant, viewer.card["name"])


def eyes_of(viewer: Viewer, participant: Participant) -> Viewer:
    """What `participant` sees, and may do nothing with, for `viewer` who manages the case. Show it to nobody without
    asking what they see themselves: rows must be `visible_to` both, because one reader may see a thing as the court
    and another as its party."""
    viewer.require("manage")
    return replace(would_be(participant), role="seen-as", participant=None)


@record.changes
def see_as(viewer: Viewer, participant: Participant) -> None:
    """Note in the court's part of the journal that `viewer` tries what `participant` sees."""
    require_now(viewer, "manage")
    must_see(viewer, participant)
    record.append(
        viewer.case_id,
        "case.seen_as",
        actor=viewer.card,
        audience=join([COURT]),
        data={"participant": participant.card()},
    )
