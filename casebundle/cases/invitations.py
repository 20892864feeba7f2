"""What the clerk does about people, beyond inviting: sending the link again, seeing as somebody sees."""

from __future__ import annotations

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from casebundle.journal import record
from casebundle.journal.audience import COURT, join

from . import people
from .access import Viewer, viewer_of
from .models import Invitation, Participant


@record.changes
def resend(viewer: Viewer, participant: Participant) -> None:
    """Send a fresh link; those sent before work no more."""
    viewer.require("manage")
    if participant.user.has_usable_password():
        raise ValidationError(_("%(name)s has an account already.") % {"name": participant})
    now = timezone.now()
    Invitation.objects.filter(participant=participant, accepted_at=None, expires_at__gt=now).update(
        expires_at=now
    )
    secret = people.new_invitation(participant)
    record.append(
        viewer.case_id,
        "participant.invited",
        actor=viewer.card,
        data={"participant": participant.card(), "again": True},
    )
    inviter = viewer.card["name"]
    transaction.on_commit(lambda: people.send_invitation(participant, inviter, secret))


def eyes_of(participant: Participant) -> Viewer:
    """What `participant` sees, and may do nothing with. Show it to nobody without asking what they see themselves:
    rows must be `visible_to` both, because one reader may see a thing as the court and another as its party."""
    return replace(viewer_of(participant), role="seen-as", participant=None)


@record.changes
def see_as(viewer: Viewer, participant: Participant) -> None:
    """Note in the court's part of the journal that `viewer` tries what `participant` sees."""
    viewer.require("manage")
    viewer_of(participant)
    record.append(
        viewer.case_id,
        "case.seen_as",
        actor=viewer.card,
        audience=join([COURT]),
        data={"participant": participant.card()},
    )
