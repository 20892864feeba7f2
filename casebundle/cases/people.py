"""Inviting, changing and removing the people of a case."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from casebundle.journal import audience, record
from casebundle.journal.audience import COURT, RESERVED
from casebundle.journal.locks import exclusively

from . import letters, names
from .access import (
    NotAllowed,
    NotVisible,
    Viewer,
    hash_secret,
    may_be_given,
    pick,
    require_now,
    viewer_of,
)
from .addresses import checked_address
from .bidi import isolate
from .models import ApiToken, Case, Invitation, Participant, Party, Role, Scope, User

# Which kind of party a role acts for; an observer sits with any.
KIND_OF = {
    Role.PROSECUTION: Party.Kind.PROSECUTION,
    Role.DEFENCE: Party.Kind.DEFENDANT,
    Role.JUDGE: Party.Kind.COURT,
    Role.CLERK: Party.Kind.COURT,
}


def add_party(case: Case, name: str, kind: str = Party.Kind.DEFENDANT, slug: str = "") -> Party:
    """A new party of a case; the slug is made from the (last) name and is unique in the case."""
    typed, name = name, names.clean(name)
    if typed and not name:
        raise ValidationError({"name": _("Enter a name.")})
    slug = slug or slugify(name.rsplit(maxsplit=1)[-1] if name.split() else "") or "party"
    base, n = slug, 2
    while slug in RESERVED or case.parties.filter(slug=slug).exists():
        slug, n = f"{base}-{n}", n + 1
    return Party.objects.create(case=case, slug=slug, name=name, kind=kind, position=case.parties.count())


def _parties(case: Case, role: str, slugs: Sequence[str]) -> list[Party]:
    """The parties of that role; ValidationError in the user's words where they do not fit."""
    if role not in Role.values:
        raise ValidationError({"role": _("Choose a role: prosecution, defence, judge, clerk or observer.")})
    slugs = [slug for slug in slugs if slug]
    if not slugs and role in (Role.JUDGE, Role.CLERK):
        slugs = [COURT]
    if not slugs and role == Role.PROSECUTION:
        slugs = ["prosecution"]
    parties = list(case.parties.filter(slug__in=slugs))
    if not slugs or len(parties) != len(set(slugs)):
        raise ValidationError({"party": _("Choose a party of this case.")})
    kind = KIND_OF.get(Role(role))
    if kind is not None and any(party.kind != kind for party in parties):
        raise ValidationError({"party": _("That role cannot act for that party.")})
    if len(parties) > 1 and role != Role.DEFENCE:
        raise ValidationError({"party": _("Only the defence can act for more than one party.")})
    return parties


@transaction.atomic
def join(case: Case, user: User, role: str, parties: Sequence[str]) -> Participant:
    """Make `user` a participant at once, without asking them or anybody: for set-up, and for who makes a case."""
    record.hold(case.pk)
    found = _parties(case, role, parties)
    participant = Participant.objects.filter(case=case, user=user).first() or Participant(
        case=case, user=user
    )
    _give_part(participant, role, found)
    _come_in(participant)
    return participant


def _give_part(participant: Participant, role: str, parties: Sequence[Party]) -> None:
    """A part for somebody who has none in the case, or none any more."""
    if not participant._state.adding and participant.removed_at is None:
        raise ValidationError(
            {
                "email": _("They are invited already. Send the link again.")
                if participant.pending
                else _("They are in this case already.")
            }
        )
    names.alone_in(participant.case_id, participant.user)
    participant.role, participant.removed_at, participant.accepted_at = role, None, None
    participant.save()
    participant.parties.set(parties)


def _come_in(participant: Participant) -> None:
    """From here on they are in the case."""
    participant.accepted_at = timezone.now()
    participant.acted_for = audience.join([*audience.split(participant.acted_for), *_slugs_of(participant)])
    participant.save(update_fields=["accepted_at", "acted_for"])


def _slugs_of(participant: Participant) -> list[str]:
    """As they stand now, whatever was read before."""
    return list(participant.parties.all().values_list("slug", flat=True))


@record.changes
def invite(viewer: Viewer, email: str, role: str, parties: Sequence[str], name: str = "") -> Participant:
    """Invite somebody by e-mail. They are in when they accept by the link in it, signed in with that address.

    Raises NotAllowed, or ValidationError by field: also where they may not have that part (`access.may_be_given`).
    """
    require_now(viewer, "manage")
    address = checked_address(email)
    name = names.checked(name, giver="court") if name.strip() else ""
    found = _parties(viewer.case, role, parties)
    # Somebody may be invited into two cases at the same moment.
    exclusively(f"account {address}")
    user = User.objects.filter(email=address).first()
    if user is None:
        user = User.objects.create_user(
            address, name=name or names.clean(address.split("@")[0].replace(".", " ").title(), 120)
        )
    elif name and names.is_new(user, viewer.case_id):
        # Invited before by this court alone, and never in: the name that is typed now counts.
        user.name = name
        user.save(update_fields=["name"])
    participant = Participant.objects.filter(case=viewer.case, user=user).first()
    if participant is None:
        participant = Participant(case=viewer.case, user=user)
    elif participant.removed_at is not None:
        _check_part(participant, role, found)
    _give_part(participant, role, found)
    record.append(
        viewer.case_id,
        "participant.invited",
        actor=viewer.card,
        data={"participant": participant.card()},
    )
    send_new_link(participant, viewer.card["name"])
    return participant


def _check_part(participant: Participant, role: str, parties: Sequence[Party]) -> None:
    refused = may_be_given(participant, role, [party.slug for party in parties])
    if refused:
        raise ValidationError({"role": refused})


def send_new_link(participant: Participant, inviter: str) -> None:
    """Mail a fresh link; those sent before work no more."""
    secret = new_invitation(participant)
    transaction.on_commit(lambda: send_invitation(participant, inviter, secret))


def new_invitation(participant: Participant) -> str:
    """The secret of a fresh link by which `participant` may come in, once; those made before work no more."""
    secret = secrets.token_urlsafe(32)
    withdraw_links(participant)
    Invitation.objects.create(
        participant=participant,
        email=participant.user.email,
        secret_hash=hash_secret(secret),
        expires_at=timezone.now() + datetime.timedelta(days=settings.INVITATION_DAYS),
    )
    return secret


def withdraw_links(participant: Participant) -> None:
    """No link that was sent to `participant` works any more."""
    now = timezone.now()
    links = Invitation.objects.filter(participant=participant, accepted_at=None, expires_at__gt=now)
    links.update(expires_at=now)


def _good() -> QuerySet[Invitation]:
    """The invitations that can be accepted: to somebody who is invited now, at the address that their account has."""
    return Invitation.objects.filter(
        Q(email=None) | Q(email=F("participant__user__email")),
        accepted_at=None,
        expires_at__gt=timezone.now(),
        participant__removed_at=None,
        participant__accepted_at=None,
        participant__user__is_active=True,
    )


def invitation_of(secret: str) -> Invitation | None:
    """The invitation with that secret, if it is still good."""
    rows = _good().select_related("participant__user", "participant__case")
    return rows.filter(secret_hash=hash_secret(secret)).first()


class LinkOver(Exception):
    """That link was used, or taken back, in this very moment."""


@transaction.atomic
def accept(invitation: Invitation, name: str, password: str) -> User:
    """Set the name and password of somebody who has none yet, and take them into the case of that invitation.

    Raises LinkOver where it is not good any more, or they have a password by now: an old link in somebody's post must
    not change it; ValidationError at `name` where they cannot be called that.
    """
    names.hold_cases_of(invitation.participant.user_id)
    # Not only in this case: somebody may have been sent links to two, and open both.
    user = User.objects.select_for_update().get(pk=invitation.participant.user_id)
    if user.has_usable_password():
        raise LinkOver
    participant = _taken(invitation)
    if name.strip():
        names.rename(user, name, tell=False)
    names.alone_in(participant.case_id, user, who=False)
    user.set_password(password)
    user.save()
    _joined(participant)
    return user


@transaction.atomic
def accept_as(user: User, invitation: Invitation) -> Participant:
    """Take `user`, who has signed in, into the case of that invitation.

    Raises NotAllowed where it is for another account, LinkOver where it is not good any more, ValidationError at `name`
    where somebody there is called like them by now.
    """
    if user.pk != invitation.participant.user_id:
        raise NotAllowed(_("This invitation is for somebody else."))
    record.hold(invitation.participant.case_id)
    # Nobody renames them in between.
    user = User.objects.select_for_update().get(pk=user.pk)
    participant = _taken(invitation)
    try:
        names.alone_in(participant.case_id, user, who=False)
    except ValidationError:
        raise ValidationError(
            {
                "name": _(
                    "Your name, %(name)s, could be taken for that of somebody else in this case. Change your name in "
                    "your account, like by adding a middle name, or ask the clerk of the court. Then open this link "
                    "again."
                )
                % {"name": isolate(user.name)}
            }
        ) from None
    _joined(participant)
    return participant


def _taken(invitation: Invitation) -> Participant:
    """The participant whom that invitation, used up by this, takes in."""
    if not _good().filter(pk=invitation.pk).exists():
        raise LinkOver
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=timezone.now())
    return Participant.objects.select_related("user", "case").get(pk=invitation.participant_id)


def _joined(participant: Participant) -> None:
    _come_in(participant)
    participant = Participant.objects.select_related("user").get(pk=participant.pk)
    record.append(participant.case_id, "participant.joined", actor=participant.card(), data={})


def send_invitation(participant: Participant, inviter: str, secret: str) -> None:
    """The e-mail, in the language of the reader where it is known, else in both."""
    case, user = participant.case, participant.user
    about = {
        "inviter": inviter,
        "case": case,
        "url": f"{settings.PUBLIC_URL}/invitations/{secret}/",
        "email": user.email,
        "days": settings.INVITATION_DAYS,
    }
    bodies = []
    for language in [user.language] if user.language else [code for code, _name in settings.LANGUAGES]:
        with translation.override(language):
            bodies.append(
                _(
                    "%(inviter)s has invited you to %(case)s.\n\nAccept the invitation: %(url)s\n\n"
                    "The link works once, for %(days)s days, and only for %(email)s.\n"
                )
                % about
            )
    with translation.override(user.language or settings.LANGUAGE_CODE):
        subject = _("You are invited to case %(reference)s") % {"reference": case.reference}
    send_mail(subject, "\n---\n\n".join(bodies), None, [user.email])


def _managed(viewer: Viewer, participant: Participant) -> Participant:
    """The participant as they stand in the case now; NotVisible where they are in it no more."""
    rows = Participant.objects.select_related("user", "case").prefetch_related("parties")
    return pick(viewer, rows, participant.pk)


def _keep_a_clerk(participant: Participant) -> None:
    """Nobody could bring one back: only a clerk invites."""
    clerks = Participant.objects.active().filter(
        case=participant.case_id, role=Role.CLERK, user__is_active=True
    )
    mine = clerks.filter(pk=participant.pk)
    if mine.exists() and not clerks.exclude(pk=participant.pk).exists():
        raise ValidationError(_("%(name)s is the only clerk of this case.") % {"name": participant})


@record.changes
def remove(viewer: Viewer, participant: Participant) -> None:
    """Take somebody out of the case: at once, on every screen, socket and token of theirs. Their links end too."""
    require_now(viewer, "manage")
    if participant.pk == viewer.participant_id:
        raise ValidationError(_("You cannot remove yourself. Ask another clerk to do it."))
    participant = _managed(viewer, participant)
    _keep_a_clerk(participant)
    participant.removed_at = timezone.now()
    participant.save(update_fields=["removed_at"])
    withdraw_links(participant)
    ApiToken.objects.filter(participant=participant, revoked_at=None).update(revoked_at=timezone.now())
    record.append(
        viewer.case_id, "participant.removed", actor=viewer.card, data={"participant": participant.card()}
    )


@record.changes
def change(viewer: Viewer, participant: Participant, role: str, parties: Sequence[str]) -> None:
    """Give somebody else another role or party, as far as `access.may_be_given` says."""
    require_now(viewer, "manage")
    if participant.pk == viewer.participant_id:
        raise NotAllowed(_("You cannot change your own part. Ask another clerk to do it."))
    participant = _managed(viewer, participant)
    found = _parties(viewer.case, role, parties)
    _check_part(participant, role, found)
    if role != Role.CLERK:
        _keep_a_clerk(participant)
    participant.role = role
    participant.save(update_fields=["role"])
    participant.parties.set(found)
    participant = _managed(viewer, participant)
    record.append(
        viewer.case_id, "participant.changed", actor=viewer.card, data={"participant": participant.card()}
    )


def new_token(
    user: User,
    name: str,
    participant: Participant | None = None,
    days: int | None = None,
    scope: str = Scope.FULL,
) -> tuple[ApiToken, str]:
    """A new API token and its secret, which is shown once; its owner is told by mail. It works for `days` days
    (settings.TOKEN_DAYS where none are said), and for the case of `participant` alone where one is given. Raises
    ValidationError by field, NotVisible where that participant is somebody else."""
    if participant is not None and viewer_of(participant).user_id != user.pk:
        raise NotVisible
    days = settings.TOKEN_DAYS if days is None else days
    if not 1 <= days <= settings.TOKEN_DAYS_MOST:
        most = settings.TOKEN_DAYS_MOST
        raise ValidationError({"days": _("A token works for 1 to %(most)s days.") % {"most": most}})
    if scope not in Scope.values:
        raise ValidationError({"scope": _("Choose what the token is for: read, serve or full.")})
    secret = "cb_" + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        participant=participant,
        name=names.clean(name, 80),
        scope=scope,
        secret_hash=hash_secret(secret),
        expires_at=timezone.now() + datetime.timedelta(days=days),
    )
    letters.token_made(user, token)
    return token, secret


def revoke_token(user: User, pk: UUID) -> ApiToken:
    """End an API token of one's own; NotVisible where there is none with that id."""
    token = ApiToken.objects.filter(user=user, pk=pk).first()
    if token is None:
        raise NotVisible
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
    return token
