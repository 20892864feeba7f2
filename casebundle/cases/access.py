"""Who may see and do what. The only code that decides.

A request, a socket, a task or a token becomes a `Viewer`: a person in one case, with the audiences they belong to
and the acts they may do. Every model with an audience has a queryset method `visible_to(viewer)`; no view fetches
any other way. What may not be seen does not exist: `NotVisible`, a 404. What may be seen and not done is
`NotAllowed`, a 403.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F, Model, Q, QuerySet, UUIDField
from django.utils import timezone
from django.utils.translation import gettext as _

from casebundle.journal.audience import EVERYBODY, JUDGE, person, reaches
from casebundle.journal.prepared import Prepared, a_number, a_text, an_id
from casebundle.watching.trail import about

from .mending import beside_reading
from .models import ApiToken, Case, Participant, Party, Role, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

# What each role may do. A word that is in no row is allowed to nobody.
ACTS: dict[str, frozenset[str]] = {
    # upload, name, order, serve, replace and withdraw what one's own party serves
    # (the court puts in its own: orders, forms, a note by the judge)
    "serve": frozenset({Role.PROSECUTION, Role.DEFENCE, Role.JUDGE, Role.CLERK}),
    # order any document, set the numbering profile, freeze the numbers
    "number": frozenset({Role.PROSECUTION, Role.CLERK, Role.JUDGE}),
    # sections, restrictions of sections, invitations, removal, 'see as'
    "manage": frozenset({Role.CLERK}),
    "note": frozenset({Role.PROSECUTION, Role.DEFENCE, Role.JUDGE, Role.CLERK}),
    # open and close a hearing, give, pass and take the floor
    "preside": frozenset({Role.JUDGE, Role.CLERK}),
    # make and end evidence screens
    "screens": frozenset({Role.CLERK}),
    # be given the floor
    "present": frozenset({Role.PROSECUTION, Role.DEFENCE, Role.JUDGE, Role.CLERK}),
}

# The role of an evidence screen, which is no person: it sees what everybody may see, and may do nothing.
SCREEN = "screen"


class NotVisible(Exception):
    """It does not exist for this person (404), whether it exists or not."""


class NotAllowed(Exception):
    """It may be seen, but this may not be done with it (403). The text is for the person."""


# Says which documents of a case are hidden from a viewer, or None where none is; the bundles room puts it here,
# because documents live on a higher floor.
hidden_documents: list[Callable[[Viewer], QuerySet[Any] | None]] = []


@dataclass(frozen=True)
class Viewer:
    """A person (or an evidence screen) in one case, and what they may see and do there."""

    case: Case
    role: str
    parties: tuple[str, ...]
    participant: Participant | None = None
    audiences: frozenset[str] = field(default_factory=frozenset)

    @property
    def case_id(self) -> UUID:
        return self.case.pk

    @property
    def user_id(self) -> int | None:
        return self.participant.user_id if self.participant else None

    @property
    def participant_id(self) -> UUID | None:
        return self.participant.pk if self.participant else None

    @property
    def party(self) -> str | None:
        """The party that this person acts for first; what they serve is served by it."""
        return self.parties[0] if self.parties else None

    @property
    def card(self) -> dict[str, Any]:
        """The person as journal and API name them."""
        return self.participant.card() if self.participant else {}

    def may(self, act: str) -> bool:
        return self.role in ACTS[act]

    def require(self, act: str) -> None:
        """Raise NotAllowed, in words, unless this person may do `act`."""
        if not self.may(act):
            raise NotAllowed(_("Your part in this case does not allow that."))

    def sees(self, audience: str) -> bool:
        """Whether something with this stored audience is for this person."""
        return reaches(audience, self.audiences)

    def acts_for(self, party: str) -> bool:
        return party in self.parties

    def reads_version(self, version: str) -> Q:
        """Of documents that may be seen, the versions that this person may see: the one that people read. One that was
        replaced, or is still in the making, is its own side's alone. `version` is the path to it, "" or "version__"."""
        current = F(f"{version.removesuffix('__')}_id" if version.count("__") == 1 else f"{version}pk")
        return Q(**{f"{version}document__current": current}) | Q(
            **{f"{version}document__party__in": self.parties}
        )

    def hidden_documents(self) -> QuerySet[Any] | None:
        return hidden_documents[0](self) if hidden_documents else None


def _audiences(participant: Participant, parties: Iterable[str]) -> frozenset[str]:
    held = {EVERYBODY, person(participant.pk), *parties}
    if participant.role == Role.JUDGE:
        held.add(JUDGE)
    return frozenset(held)


def viewer_of(participant: Participant) -> Viewer:
    """The Viewer of somebody who is in the case (prefetch `parties`, select `case` and `user` for many)."""
    if participant.removed_at is not None or not participant.user.is_active:
        raise NotVisible
    parties = tuple(participant.slugs())
    return Viewer(participant.case, participant.role, parties, participant, _audiences(participant, parties))


def screen_viewer(case: Case) -> Viewer:
    """What an evidence screen may show: only what is for everybody."""
    return Viewer(case, SCREEN, (), None, frozenset({EVERYBODY}))


def _token_reaches(user: User, participant: Participant) -> bool:
    """A token for one case makes its owner a stranger in every other."""
    token: ApiToken | None = getattr(user, "token", None)
    return token is None or token.participant_id in (None, participant.pk)


@cache
def _part_in(by: str) -> Prepared:
    """Somebody's part in the case of that reference, or of that id."""
    rows = Participant.objects.active().filter(user=a_number("user"), user__is_active=True)
    # References differ by more than case (bundles.services.create_case).
    found = {"reference": Q(case__reference__iexact=a_text("reference")), "case": Q(case_id=an_id("case"))}
    return Prepared(rows.filter(found[by]).select_related("case", "user").order_by()[:1], "user", by)


@cache
def _parties_of() -> Prepared:
    return Prepared(Party.objects.filter(participants=an_id("participant")), "participant")


def viewer_in(
    user: User | AnonymousUser, *, reference: str | None = None, case_id: UUID | None = None
) -> Viewer:
    """The Viewer of `user` in the case of that reference or id; NotVisible where they have no part in it."""
    if not user.is_authenticated or (reference is not None and "\x00" in reference):
        raise NotVisible
    if reference is not None:
        written = connection.ops.prep_for_iexact_query(reference)
        found = _part_in("reference").things(user=user.pk, reference=written)
    else:
        found = _part_in("case").things(user=user.pk, case=case_id)
    if not found:
        raise NotVisible
    participant: Participant = found[0]
    if not _token_reaches(user, participant):
        raise NotVisible
    # As prefetch_related leaves them.
    parties = participant.parties.all()
    parties._result_cache = _parties_of().things(participant=participant.pk)
    participant._prefetched_objects_cache = {"parties": parties}  # type: ignore[attr-defined]
    about(case=participant.case_id)
    return viewer_of(participant)


def viewers_at(users: Sequence[User], reference: str) -> list[Viewer | None]:
    """`viewer_in` for many who knock at one case at once; None where somebody has no part in it."""
    rows = Participant.objects.active().filter(user__is_active=True, case__reference__iexact=reference)
    rows = rows.filter(user__in={user.pk for user in users}).select_related("case", "user")
    found = {row.user_id: row for row in rows.prefetch_related("parties")}
    viewers: list[Viewer | None] = []
    for user in users:
        row = found.get(user.pk)
        viewers.append(viewer_of(row) if row is not None and _token_reaches(user, row) else None)
    return viewers


@cache
def _role_now() -> Prepared:
    rows = Participant.objects.active().filter(pk=an_id("participant"), user__is_active=True)
    return Prepared(rows.order_by().values_list("role")[:1], "participant")


def still_may(viewer: Viewer, act: str) -> bool:
    """Whether the person of `viewer` may do `act` as they stand in the case at this moment, in one statement."""
    return still_may_later(viewer, act)()


def still_may_later(viewer: Viewer, act: str) -> Callable[[], bool]:
    """The same, asked now and known when the returned function is called (journal.prepared.together)."""
    if not viewer.participant_id:
        return lambda: False
    take = _role_now().later(participant=viewer.participant_id)

    def may() -> bool:
        found = take()
        return found is not None and found[0] in ACTS[act]

    return may


def viewers_of(user: User | AnonymousUser) -> list[Viewer]:
    """The Viewer of `user` in each of their cases."""
    if not user.is_authenticated:
        return []
    rows = Participant.objects.active().filter(user=user, user__is_active=True)
    rows = rows.select_related("case", "user").prefetch_related("parties")
    return [viewer_of(participant) for participant in rows if _token_reaches(user, participant)]


class Visible(Protocol):
    """A queryset of things with an audience."""

    def visible_to(self, viewer: Viewer) -> Any: ...


M = TypeVar("M", bound=Model)


def fetch(user: User | AnonymousUser, rows: QuerySet[M], pk: object, case: str = "case") -> tuple[Viewer, M]:
    """The thing with that id and the Viewer of `user` in its case; NotVisible unless they may see it.

    `case` is the path from the thing to its case, as Django's lookups write it.
    """
    if "\x00" in str(pk):  # no database takes it
        raise NotVisible
    try:
        found = _case_of(rows.model, case).first(pk=rows.model._meta.pk.to_python(pk))  # type: ignore[union-attr]
    except (ValueError, ValidationError, OverflowError):
        raise NotVisible from None
    if found is None:
        raise NotVisible
    viewer = viewer_in(user, case_id=found[0])
    one = pick(viewer, rows, pk)
    about(document=getattr(one, "document_id", "") or (pk if rows.model.__name__ == "Document" else ""))
    return viewer, one


@cache
def _case_of(model: type[Model], case: str) -> Prepared:
    stands_for = an_id if isinstance(model._meta.pk, UUIDField) else a_text
    rows = model._default_manager.filter(pk=stands_for("pk")).order_by()
    return Prepared(rows.values_list(f"{case}__id")[:1], "pk")


def pick(viewer: Viewer, rows: QuerySet[M], pk: object) -> M:
    """The thing with that id among those that `viewer` may see, else NotVisible."""
    if "\x00" in str(pk):
        raise NotVisible
    try:
        # Without the order of their lists, which a query for one row would be joined and sorted for.
        one = rows.visible_to(viewer).filter(pk=pk).order_by()[:1]  # type: ignore[attr-defined]
        found: M | None = next(iter(one), None)
    except (ValueError, ValidationError, OverflowError):
        raise NotVisible from None
    if found is None:
        raise NotVisible
    return found


def may_create_cases(user: User | AnonymousUser) -> bool:
    """Court staff make cases; not with a token that is for one case."""
    token: ApiToken | None = getattr(user, "token", None)
    return user.is_authenticated and user.is_court_staff and (token is None or token.participant_id is None)


def hash_secret(secret: str) -> str:
    """How tokens and links are stored: they are long and random, so one round is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def users_of_tokens(secrets: Iterable[str]) -> dict[str, User]:
    """The owners of those of these API tokens that are good now, each marked with the token (see `_token_reaches`)."""
    now = timezone.now()
    asked = {hash_secret(secret): secret for secret in secrets}
    rows = (
        ApiToken.objects.select_related("user")
        .filter(secret_hash__in=asked, revoked_at=None, user__is_active=True)
        .filter(Q(expires_at=None) | Q(expires_at__gt=now))
    )
    found: dict[str, User] = {}
    for token in rows:
        token.user.token = token  # type: ignore[attr-defined]
        found[asked[token.secret_hash]] = token.user
    return found


def used(users: Iterable[User]) -> None:
    """Write down that the tokens of these users (from `users_of_tokens`) were used."""
    now = timezone.now()
    # Once a minute is enough to answer 'is it still used', and spares a write on every call.
    tokens: list[ApiToken] = [user.token for user in users]  # type: ignore[attr-defined]
    stale = [one.pk for one in tokens if one.used_at is None or (now - one.used_at).total_seconds() > 60]
    if stale:
        with beside_reading():
            ApiToken.objects.filter(pk__in=stale).update(used_at=now)


def user_of_token(secret: str) -> User | None:
    """The owner of an API token, marked with it (see `_token_reaches`); None unless it is good now."""
    user = users_of_tokens([secret]).get(secret)
    if user is not None:
        used([user])
    return user


def good_tokens(ids: Iterable[UUID]) -> set[UUID]:
    """Those of the API tokens with these ids that are good now."""
    rows = ApiToken.objects.filter(pk__in=set(ids), revoked_at=None, user__is_active=True)
    return set(
        rows.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now())).values_list("pk", flat=True)
    )
