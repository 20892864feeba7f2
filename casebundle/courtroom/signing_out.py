"""Sockets end with what opened them: session, password, token, part in the case.

Whoever signs out says so to the hub of every process, and their sockets end at once. A message may be lost, and a token
runs out without a word: all sockets are looked at again, in a handful of queries, with every round of chores, or in
some rounds where the hubs of all processes hear each other.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from itertools import count
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.utils import timezone

from casebundle.cases.access import good_tokens
from casebundle.cases.models import ApiToken, Participant, User
from casebundle.journal.hub import everywhere, hub, offload, soon
from casebundle.journal.portions import portions

from .consumers import GONE, CaseSocket
from .entrance import SignedIn, digest


def _sockets() -> list[CaseSocket]:
    return [one for feed in hub.feeds.values() for one in feed.sockets if isinstance(one, CaseSocket)]


def _good_sessions(keys: set[str]) -> set[str]:
    """Those of these session keys that are still good."""
    store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
    if hasattr(store, "get_model_class"):
        rows = store.get_model_class().objects.filter(expire_date__gt=timezone.now())
        found: set[str] = set()
        for some in portions(sorted(keys)):
            found |= set(rows.filter(session_key__in=some).values_list("session_key", flat=True))
        return found
    return {key for key in keys if store().exists(key)}


@lru_cache(maxsize=20_000)
def _auth_hash(password: str) -> str:
    """What a session of somebody with this (hashed) password says: made once, asked for twice a second."""
    return User(password=password).get_session_auth_hash()


@offload
def _still_good(asked: list[tuple[SignedIn, Any]]) -> list[bool]:
    """For each sign-in and participant id, whether they still hold."""
    users = User.objects.filter(pk__in={who.user_id for who, _p in asked}, is_active=True)
    passwords = {pk: _auth_hash(password) for pk, password in users.values_list("pk", "password")}
    sessions = _good_sessions({who.session_key for who, _p in asked if who.session_key})
    tokens = good_tokens({who.token_id for who, _p in asked if who.token_id})
    people = set(
        Participant.objects.active()
        .filter(pk__in={part for _who, part in asked})
        .values_list("pk", flat=True)
    )
    return [
        part in people
        and who.user_id in passwords
        and (
            who.token_id in tokens
            if who.token_id
            else who.session_key in sessions and who.password_hash == passwords[who.user_id]
        )
        for who, part in asked
    ]


async def check(sockets: list[CaseSocket] | None = None) -> None:
    """End those sockets (or all of this process) whose sign-in does not hold any more."""
    sockets = _sockets() if sockets is None else sockets
    for some in portions(sockets):
        good = await _still_good([(socket.signed_in, socket.viewer.participant_id) for socket in some])
        for socket, holds in zip(some, good, strict=True):
            if not holds:
                socket.end(GONE)


# In so many rounds each socket is looked at again, where a sign-out in another process is heard at once.
_ROUNDS = 4
_rounds = count()


async def _look_again() -> None:
    """The hub's chore: a court of five hundred, asked about at once, holds up a turn that comes at that moment."""
    sockets, part = _sockets(), next(_rounds) % _ROUNDS
    if hub.reaches:
        sockets = [socket for socket in sockets if hash(socket.signed_in) % _ROUNDS == part]
    await check(sockets)


def _told(what: dict[str, Any]) -> None:
    """Another process, or this one, says that a session ended or that somebody's sign-in may have changed."""
    session, user = what.get("session"), what.get("user")
    if session:
        for socket in _sockets():
            if socket.signed_in.session == session:
                socket.end(GONE)
    elif user:
        concerned = [socket for socket in _sockets() if socket.signed_in.user_id == user]
        if concerned:
            soon(check(concerned))


def _signed_out(request: Any = None, **_kwargs: Any) -> None:
    key = getattr(getattr(request, "session", None), "session_key", None)
    if key:
        everywhere({"session": digest(key)})


def _session_deleted(instance: Any, **_kwargs: Any) -> None:
    # Whatever ended it: the account page, another password, a clean-up.
    key = instance.session_key
    transaction.on_commit(lambda: everywhere({"session": digest(key)}), robust=True)


def _person_saved(instance: Any, created: bool, update_fields: Any = None, **_kwargs: Any) -> None:
    if created or (update_fields is not None and set(update_fields) == {"last_login"}):
        return
    user = instance.pk if isinstance(instance, User) else instance.user_id
    transaction.on_commit(lambda: everywhere({"user": user}), robust=True)


def start() -> None:
    """Hear of everything that ends a sign-in."""
    hub.told[:] = [_told]
    hub.chores[:] = [_look_again]
    user_logged_out.connect(_signed_out, dispatch_uid="court-signed-out")
    post_save.connect(_person_saved, sender=User, dispatch_uid="court-user-saved")
    post_save.connect(_person_saved, sender=ApiToken, dispatch_uid="court-token-saved")
    store = import_module(settings.SESSION_ENGINE).SessionStore
    if hasattr(store, "get_model_class"):
        post_delete.connect(
            _session_deleted, sender=store.get_model_class(), dispatch_uid="court-session-gone"
        )
