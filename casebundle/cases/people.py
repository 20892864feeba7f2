"""Inviting, changing and removing the people of a case."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from casebundle.journal import record
from casebundle.journal.audience import COURT, RESERVED
from casebundle.journal.locks import exclusively

from . import letters, names
from .access import Viewer, hash_secret
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
    """Make `user` a participant, without a word to anybody (set-up, and inside `invite`)."""
    record.hold(case.pk)
    found = _parties(case, role, parties)
    names.alone_in(case.pk, user)
    participant, created = Participant.objects.get_or_create(case=case, user=user, defaults={"role": role})
    if not created:
        if participant.removed_at is None:
            raise ValidationError({"email": _("They are in this case already.")})
        participant.removed_at, participant.role = None, role
        participant.save()
    participant.parties.set(found)
    return participant


@record.changes
def invite(viewer: Viewer, email: str, role: str, parties: Sequence[str], name: str = "") -> Participant:
    """Invite somebody by e-mail: a link to choose a password where they are new, else word that they are in."""
    viewer.require("manage")
    email = email.strip().lower()
    try:
        if len(email) > 254:
            raise ValidationError("")
        validate_email(email)
    except ValidationError:
        raise ValidationError({"email": _("Enter an e-mail address, like name@example.com.")}) from None
    name = names.checked(name, giver="court") if name.strip() else ""
    # Somebody may be invited into two cases at the same moment.
    exclusively(f"account {email}")
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User.objects.create_user(
            email, name=name or names.clean(email.split("@")[0].replace(".", " ").title(), 120)
        )
    participant = join(viewer.case, user, role, parties)
    record.append(
        viewer.case_id,
        "participant.invited",
        actor=viewer.card,
        data={"participant": participant.card()},
    )
    link = None if user.has_usable_password() else new_invitation(participant)
    transaction.on_commit(lambda: send_invitation(participant, viewer.card["name"], link))
    return participant


def new_invitation(participant: Participant) -> str:
    """The secret of a fresh link by which `participant` may choose a password, once."""
    secret = secrets.token_urlsafe(32)
    Invitation.objects.create(
        participant=participant,
        secret_hash=hash_secret(secret),
        expires_at=timezone.now() + datetime.timedelta(days=settings.INVITATION_DAYS),
    )
    return secret


def invitation_of(secret: str) -> Invitation | None:
    """The invitation with that secret, if it is still good. Who has a password by now signs in with it: an old link
    in somebody's post must not change it."""
    found = (
        Invitation.objects.select_related("participant__user", "participant__case")
        .filter(
            secret_hash=hash_secret(secret),
            accepted_at=None,
            expires_at__gt=timezone.now(),
            participant__removed_at=None,
        )
        .first()
    )
    return None if found is None or found.participant.user.has_usable_password() else found


class LinkOver(Exception):
    """By that link a password was chosen in this very moment."""


@transaction.atomic
def accept(invitation: Invitation, name: str, password: str) -> User:
    """Set the person's own name and password; the link works no more. Raises LinkOver where it was used meanwhile,
    ValidationError at `name` where they cannot be called that."""
    names.hold_cases_of(invitation.participant.user_id)
    # Not only in this case: somebody may have been sent links to two, and open both.
    user = User.objects.select_for_update().get(pk=invitation.participant.user_id)
    if user.has_usable_password():
        raise LinkOver
    if name.strip():
        names.rename(user, name, tell=False)
    user.set_password(password)
    user.save()
    Invitation.objects.filter(participant__user=user, accepted_at=None).update(accepted_at=timezone.now())
    record.append(
        invitation.participant.case_id, "participant.joined", actor=invitation.participant.card(), data={}
    )
    return user


def send_invitation(participant: Participant, inviter: str, secret: str | None) -> None:
    """The e-mail, in the language of the reader where it is known, else in both."""
    case, user = participant.case, participant.user
    url = (
        f"{settings.PUBLIC_URL}/invitations/{secret}/"
        if secret
        else f"{settings.PUBLIC_URL}/cases/{case.reference}/"
    )
    bodies = []
    for language in [user.language] if user.language else [code for code, _name in settings.LANGUAGES]:
        with translation.override(language):
            bodies.append(
                _("%(inviter)s has invited you to %(case)s.\n\nOpen the case: %(url)s\n")
                % {"inviter": inviter, "case": case, "url": url}
            )
    with translation.override(user.language or settings.LANGUAGE_CODE):
        subject = _("You are invited to case %(reference)s") % {"reference": case.reference}
    send_mail(subject, "\n---\n\n".join(bodies), None, [user.email])


@record.changes
def remove(viewer: Viewer, participant: Participant) -> None:
    """Take somebody out of the case: at once, on every screen, socket and token of theirs."""
    viewer.require("manage")
    if viewer.participant and participant.pk == viewer.participant.pk:
        raise ValidationError(_("You cannot remove yourself. Ask another clerk to do it."))
    participant.removed_at = timezone.now()
    participant.save(update_fields=["removed_at"])
    ApiToken.objects.filter(participant=participant, revoked_at=None).update(revoked_at=timezone.now())
    record.append(
        viewer.case_id, "participant.removed", actor=viewer.card, data={"participant": participant.card()}
    )


@record.changes
def change(viewer: Viewer, participant: Participant, role: str, parties: Sequence[str]) -> None:
    """Give somebody another role or party."""
    viewer.require("manage")
    found = _parties(viewer.case, role, parties)
    participant.role = role
    participant.save(update_fields=["role"])
    participant.parties.set(found)
    participant = (
        Participant.objects.prefetch_related("parties").select_related("user").get(pk=participant.pk)
    )
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
    (settings.TOKEN_DAYS where none are said). Raises ValidationError by field."""
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
