"""Cases and the people in them. Who may see and do what is decided in access.py."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.db.models.functions import Now, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casebundle.journal.audience import COURT

from . import letters
from .addresses import checked_address, stored_address
from .bidi import isolate

if TYPE_CHECKING:
    from .access import Viewer


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: Any) -> User:
        """A user; without a password they cannot sign in until they have accepted an invitation.

        Raises ValidationError where that is no address of plain letters (`addresses.checked_address`).
        """
        user = self.model(email=checked_address(email), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=stored_address(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who can sign in. What they may see comes from the cases that they are a participant of."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=10, blank=True)
    # Court staff make cases; everybody else is invited into them.
    is_court_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        indexes = [models.Index(Upper("email"), name="user_by_email")]  # as allauth asks

    # For the next save: whether there was a password before the one that was set, and whether tokens outlive it.
    _had_password = False
    keeps_tokens = False
    _email_before: str | None = None

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **how: Any
    ) -> User:
        found = super().from_db(db, field_names, values, **how)
        found._email_before = found.__dict__.get("email")
        return found

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        super().refresh_from_db(*args, **kwargs)
        self._email_before = self.__dict__.get("email")

    def set_password(self, raw_password: str | None) -> None:
        self._had_password = bool(self.password) and self.has_usable_password()
        super().set_password(raw_password)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Whatever the road by which it comes, another password ends tokens, and it and another address are told."""
        another = (
            self._had_password and getattr(self, "_password", None) is not None and not self._state.adding
        )
        moved = None if self._state.adding else self._email_before
        with transaction.atomic():
            if another and not self.keeps_tokens:
                self.tokens.filter(revoked_at=None).update(revoked_at=timezone.now())
            super().save(*args, **kwargs)
            if another:
                letters.password_changed(self)
            written = kwargs.get("update_fields")
            if moved and moved != self.email and (written is None or "email" in written):
                letters.address_changed(self, moved, self.email)
        self._had_password = self.keeps_tokens = False
        self._email_before = self.email

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    @property
    def organisation(self) -> str:
        """The domain of the address, by which two people of one name can be told apart; in ASCII, so that no letter
        of it can be taken for another."""
        domain = self.email.rpartition("@")[2]
        if domain.isascii():
            return domain
        try:
            return domain.encode("idna").decode()
        except UnicodeError:
            return domain.encode("ascii", "backslashreplace").decode()


class Role(models.TextChoices):
    PROSECUTION = "prosecution", _("Prosecution")
    DEFENCE = "defence", _("Defence")
    JUDGE = "judge", _("Judge")
    CLERK = "clerk", _("Clerk")
    OBSERVER = "observer", _("Observer")


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to_user(self, user: User) -> CaseQuerySet:
        """The cases that `user` is in."""
        return self.filter(participants__in=Participant.objects.active().filter(user=user)).distinct()


class Case(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.SlugField(_("case reference"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=200)
    court = models.CharField(_("court"), max_length=120)
    template = models.CharField(max_length=40, default="crown")
    created_at = models.DateTimeField(default=timezone.now)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "reference"]
        indexes = [models.Index(Upper("reference"), name="case_by_reference")]  # as `iexact` asks

    def __str__(self) -> str:
        return f"{self.reference} {isolate(self.title)}"


class Party(models.Model):
    """The prosecution, a defendant, or the court."""

    class Kind(models.TextChoices):
        PROSECUTION = "prosecution", _("Prosecution")
        DEFENDANT = "defendant", _("Defendant")
        COURT = COURT, _("Court")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="parties")
    slug = models.SlugField(max_length=40)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "slug"]
        constraints = [models.UniqueConstraint(fields=["case", "slug"], name="party_once")]

    def __str__(self) -> str:
        return self.name


class ParticipantQuerySet(models.QuerySet["Participant"]):
    def active(self) -> ParticipantQuerySet:
        """Those who are in their case: neither removed nor only invited."""
        return self.filter(removed_at=None).exclude(accepted_at=None)

    def visible_to(self, viewer: Viewer) -> ParticipantQuerySet:
        """Everybody in a case knows who else is in it, or is invited."""
        return self.filter(case_id=viewer.case_id, removed_at=None)


class Participant(models.Model):
    """A person in a case, with a role, for one party or (defence) for several.

    Somebody who is only invited (`accepted_at` is None) has a part that is kept for them: to them the case does not
    exist until they accept by the link that was mailed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="participants")
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    parties = models.ManyToManyField(Party, related_name="participants")
    joined_at = models.DateTimeField(default=timezone.now)
    # (What the version before this one writes beside it is somebody who is in.)
    accepted_at = models.DateTimeField(null=True, default=None, db_default=Now())
    # All parties that this account was ever in the case for, as a stored audience (access.may_be_given).
    acted_for = models.CharField(max_length=400, default="|", db_default="|")
    # Two visits are kept: what is new is what came since the one before this one.
    visited_at = models.DateTimeField(null=True)
    last_visit_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        ordering = ["joined_at", "id"]
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="participant_once")]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def pending(self) -> bool:
        """Whether they were invited and have not accepted."""
        return self.accepted_at is None

    def slugs(self) -> list[str]:
        """The slugs of the parties, in the case's order (prefetch `parties` for many)."""
        return [party.slug for party in self.parties.all()]

    def card(self) -> dict[str, Any]:
        """The person as the API and the journal name them."""
        slugs = self.slugs()
        return {
            "id": str(self.id),
            "name": self.user.name,
            "role": self.role,
            "party": slugs[0] if slugs else None,
            "parties": slugs,
        }


class Invitation(models.Model):
    """A way in for the account that has the address it was mailed to; its secret is stored hashed and works once."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(null=True)  # None: of the version before this one
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)


class Scope(models.TextChoices):
    """What an API token is for (access.py decides what that allows)."""

    READ = "read", _("Read only")
    SERVE = "serve", _("Serve only")
    FULL = "full", _("Everything that I may do")


class ApiToken(models.Model):
    """Lets a program do what its owner may, or the part of it that its scope names, in all their cases or in one of
    them, for a time. Stored hashed, shown once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, null=True, related_name="tokens")
    name = models.CharField(_("name"), max_length=80)
    scope = models.CharField(max_length=8, choices=Scope.choices, default=Scope.FULL, db_default=Scope.FULL)
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    # None was "for ever", and may be written so by the version before while both run: it opens nothing.
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]

    @property
    def says(self) -> str:
        """What a program may do with it, in a sentence."""
        said = {
            Scope.READ: _("It may read what you may read, and change nothing."),
            Scope.SERVE: _("It may upload, serve and replace your side’s documents, and read nothing else."),
            Scope.FULL: _("It may do everything that you may do in your cases."),
        }
        return str(said[Scope(self.scope)])


class Tally(models.Model):
    """How often something was tried by somebody since when (limits.py); `until` is a time in whole seconds."""

    key = models.CharField(max_length=80, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    until = models.PositiveBigIntegerField(db_index=True)
