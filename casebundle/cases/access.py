"""Who may see and do what. The only code that decides.

A request, a socket, a task or a token becomes a `Viewer`: a person in one case, with the audiences they belong to
and the acts they may do. Every model with an audience has a queryset method `visible_to(viewer)`; no view fetches
any other way. What may not be seen does not exist: `NotVisible`, a 404. What may be seen and not done is
`NotAllowed`, a 403.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F, Model, Q, QuerySet, UUIDField
from django.utils import timezone
from django.utils.translation import gettext as _

from casebundle.journal.audience import COURT, EVERYBODY, JUDGE, person, reaches, split
from casebundle.journal.prepared import Prepared, a_number, a_text, an_id
from casebundle.watching.trail import about

from .mending import beside_reading
from .models import ApiToken, Case, Participant, Party, Role, Scope, User

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

# What a token of each scope may be used for; its owner's part in the case is asked on top of that. What is new is
# refused to all but a full one until it is said here, or marked as a call for serving (api/routing.py).
SCOPED_ACTS: dict[str, frozenset[str]] = {
    Scope.READ: frozenset(),
    Scope.SERVE: frozenset({"serve"}),
    Scope.FULL: frozenset(ACTS),
}

# The parts of the court itself. They see what belongs to no party, and the judge what belongs to nobody else, so that
# nobody comes to one, or to observe beside them, from a party's side of the same case (`may_be_given`).
OF_THE_COURT = frozenset({Role.JUDGE, Role.CLERK})

# Which part somebody who is in a case may be given in exchange for the one they have; each may keep theirs. What is
# in no row is not done by a change: a new invitation is in everybody's journal, and is accepted by its link.
EXCHANGES: dict[str, frozenset[str]] = {
    Role.PROSECUTION: frozenset({Role.OBSERVER}),
    Role.DEFENCE: frozenset({Role.OBSERVER}),
    Role.OBSERVER: frozenset({Role.PROSECUTION, Role.DEFENCE}),
    Role.JUDGE: frozenset({Role.CLERK, Role.OBSERVER}),
    # Only court staff (`may_be_given`).
    Role.CLERK: frozenset({Role.JUDGE, Role.OBSERVER}),
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
    # Of the token by which they came; a session is not limited.
    scope: str = Scope.FULL

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
        return self.role in ACTS[act] and act in SCOPED_ACTS[self.scope]

    def require(self, act: str) -> None:
        """Raise NotAllowed, in words, unless this person may do `act`."""
        if act not in SCOPED_ACTS[self.scope]:
            raise _beyond(self.scope)
        if not self.may(act):
            raise NotAllowed(_("Your part in this case does not allow that."))

    @property
    def own_documents_alone(self) -> bool:
        """Whether documents of others are not there, whoever they are for: a program that serves reads nothing."""
        return self.scope == Scope.SERVE

    def sees(self, audience: str) -> bool:
        """Whether something with this stored audience is for this person."""
        return reaches(audience, self.audiences)

    def acts_for(self, party: str) -> bool:
        return party in self.parties

    def reads_version(self, version: str) -> Q:
        """Of documents that may be seen, the versions that this person may see: the one that people read. One that was
        replaced is its own side's alone, unless they let others see it; one that is still in the making is that always.
        `version` is the path to it, "" or "version__"."""
        current = F(f"{version.removesuffix('__')}_id" if version.count("__") == 1 else f"{version}pk")
        opened = {
            f"{version}document__shows_earlier": True,
            f"{version}number__lt": F(f"{version}document__current__number"),
        }
        return (
            Q(**{f"{version}document__current": current})
            | Q(**{f"{version}document__party__in": self.parties})
            | Q(**opened)
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
    if participant.accepted_at is None:
        raise NotVisible
    return would_be(participant)


def would_be(participant: Participant) -> Viewer:
    """The same, also of somebody who is invited and has not accepted: for others to look at, never to act as."""
    if participant.removed_at is not None or not participant.user.is_active:
        raise NotVisible
    parties = tuple(participant.slugs())
    return Viewer(participant.case, participant.role, parties, participant, _audiences(participant, parties))


def viewer_again(viewer: Viewer) -> Viewer:
    """The same person as they stand in the case now, by what they came by; NotVisible where they do not."""
    rows = Participant.objects.select_related("case", "user").prefetch_related("parties")
    participant = rows.filter(pk=viewer.participant_id).first() if viewer.participant_id else None
    if participant is None:
        raise NotVisible
    return replace(viewer_of(participant), scope=viewer.scope)


def screen_viewer(case: Case) -> Viewer:
    """What an evidence screen may show: only what is for everybody."""
    return Viewer(case, SCREEN, (), None, frozenset({EVERYBODY}))


def _token(user: User | AnonymousUser) -> ApiToken | None:
    """The token by which this user came; None for a session."""
    found: ApiToken | None = getattr(user, "token", None)
    return found


def _token_reaches(user: User, participant: Participant) -> bool:
    """A token for one case makes its owner a stranger in every other."""
    token = _token(user)
    return token is None or token.participant_id in (None, participant.pk)


def scope_of(user: User | AnonymousUser) -> str:
    """What this user may be served for: the scope of the token by which they came, everything for a session."""
    token = _token(user)
    return token.scope if token else str(Scope.FULL)


def _by(user: User, participant: Participant) -> Viewer:
    """The Viewer of somebody who came as `user` did."""
    return replace(viewer_of(participant), scope=scope_of(user))


def _beyond(scope: str) -> NotAllowed:
    said = {
        Scope.READ: _("This token is read-only (scope “read”): with it nothing can be changed."),
        Scope.SERVE: _(
            "This token is for serving alone (scope “serve”): with it one uploads, serves, names and replaces "
            "documents of one’s own side, and nothing else."
        ),
    }
    return NotAllowed(said[Scope(scope)])


def admit(user: User | AnonymousUser, *, changes: bool, serving: bool) -> None:
    """Raise NotAllowed where the token by which `user` came is not for such a call.

    `changes`: it may change something; `serving`: it is marked as one of those by which documents are served. Asked of
    every call before anything that it names is looked at.
    """
    scope = scope_of(user)
    if scope == Scope.FULL or (scope == Scope.READ and not changes) or (scope == Scope.SERVE and serving):
        return
    raise _beyond(scope)


def may_listen(user: User) -> bool:
    """Whether `user` may have a socket: what comes over it is what there is to read."""
    return scope_of(user) in (Scope.FULL, Scope.READ)


def check_frame(viewer: Viewer, act: str | None) -> None:
    """Raise NotAllowed where what `viewer` came by is not for a frame that is the doing of `act` (None: it does
    nothing); what they may do themselves is asked where it is done."""
    if act is not None and act not in SCOPED_ACTS[viewer.scope]:
        raise _beyond(viewer.scope)


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
    return _by(user, participant)


def viewers_at(users: Sequence[User], reference: str) -> list[Viewer | None]:
    """`viewer_in` for many who knock at the socket of one case at once; None where there is nothing for somebody."""
    rows = Participant.objects.active().filter(user__is_active=True, case__reference__iexact=reference)
    rows = rows.filter(user__in={user.pk for user in users}).select_related("case", "user")
    found = {row.user_id: row for row in rows.prefetch_related("parties")}
    viewers: list[Viewer | None] = []
    for user in users:
        row = found.get(user.pk)
        there = row is not None and _token_reaches(user, row) and may_listen(user)
        viewers.append(_by(user, row) if row is not None and there else None)
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
    if not viewer.participant_id or act not in SCOPED_ACTS[viewer.scope]:
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
    return [_by(user, participant) for participant in rows if _token_reaches(user, participant)]


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


def must_see(viewer: Viewer, thing: Model) -> None:
    """Raise NotVisible unless `viewer` may see this thing at this moment, whoever looked it up, and when."""
    if not type(thing)._default_manager.visible_to(viewer).filter(pk=thing.pk).exists():  # type: ignore[attr-defined]
        raise NotVisible


def require_now(viewer: Viewer, act: str) -> None:
    """Raise NotAllowed, in words, unless this person may do `act`, also as they stand in the case at this moment: who
    waited while somebody took their part away, or whose socket is old, does nothing more."""
    viewer.require(act)
    if not still_may(viewer, act):
        raise NotAllowed(_("Your part in this case does not allow that."))


def may_create_cases(user: User | AnonymousUser) -> bool:
    """Court staff make cases; not with a token that is for one case, or for less than everything."""
    token = _token(user)
    wide = token is None or (token.participant_id is None and token.scope == Scope.FULL)
    return user.is_authenticated and user.is_court_staff and wide


def may_be_given(participant: Participant, role: str, parties: Iterable[str]) -> str:
    """Why `participant` may not be given this part in place of the one they have, in words; "" where they may.

    `participant` as they stand in the case, or stood when they were removed from it. Who gives it is not asked here:
    that is the act `manage`, and never the person themselves (people.py).
    """
    before = set(split(participant.acted_for))
    if not participant.pending:
        before.update(participant.slugs())
    given = set(parties)
    if (role in OF_THE_COURT or COURT in given) and before - {COURT}:
        return _(
            "They have been in this case for a party, so they cannot become its judge or clerk, nor sit with the court "
            "as an observer. The court’s own must come from outside it."
        )
    if participant.removed_at is not None or (participant.pending and role not in OF_THE_COURT):
        return ""
    now = participant.role
    if role != now and role not in EXCHANGES[now]:
        return _("That part is not given by a change. Remove them and invite them again for it.")
    if role == Role.JUDGE and role != now and not participant.user.is_court_staff:
        return _(
            "Only court staff can become the judge by a change. Remove them and invite them as the judge."
        )
    if not given <= set(participant.slugs()):
        return _(
            "They are in this case for another side and know what is private to it. Remove them and invite them "
            "again: everybody then reads so in the journal."
        )
    return ""


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
        .filter(expires_at__gt=now)
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
    return set(rows.filter(expires_at__gt=timezone.now()).values_list("pk", flat=True))
