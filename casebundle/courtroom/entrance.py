"""Who is at the door of a socket: one look at the database for session or token, person and part in the case.

Those who knock at the same moment are looked at together: a court of five hundred comes back in a handful of
statements. Who is let in is decided as ever, for each, by access.py.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import parse_cookie
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.translation.trans_real import parse_accept_lang_header

from casebundle.cases import limits
from casebundle.cases.access import Viewer, used, users_of_tokens, viewers_at
from casebundle.cases.models import User
from casebundle.journal.hub import offload, soon

log = logging.getLogger(__name__)


def digest(session_key: str | None) -> str:
    """How a session is named where its key should not be said; "" for none."""
    return hashlib.sha256(session_key.encode()).hexdigest() if session_key else ""


@dataclass(frozen=True)
class SignedIn:
    """By what somebody is signed in. It is looked at again while they are connected (signing_out.py)."""

    user_id: int
    session_key: str | None = None
    password_hash: str = ""  # of the session: another password ends it
    token_id: UUID | None = None

    @property
    def session(self) -> str:
        return digest(self.session_key)


def _headers(scope: dict[str, Any]) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers") or []
    }


@dataclass(frozen=True)
class Knock:
    """What somebody shows at the door of a case: a token, or the key of a session."""

    reference: str
    secret: str | None
    session_key: str | None
    address: str


def _knock(scope: dict[str, Any]) -> Knock:
    offered = scope.get("subprotocols") or []
    headers = _headers(scope)
    secret = key = None
    if offered and offered[0] == "bearer":
        secret = offered[1] if len(offered) > 1 else ""
    else:
        key = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME) or None
    address = "" if secret is None else address_of(scope)
    return Knock(scope["url_route"]["kwargs"]["reference"], secret, key, address)


def address_of(scope: dict[str, Any]) -> str:
    """Where a connection comes from, as limits count it."""
    # A socket in the file system has no address: those behind it are one.
    remote = str((scope.get("client") or ("127.0.0.1",))[0])
    return limits.address_of(remote, _headers(scope).get("x-forwarded-for", ""))


def _by_session(keys: set[str]) -> dict[str, User]:
    """Who is signed in by these sessions: what `django.contrib.auth.get_user` asks of each, in two statements."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    if hasattr(store, "get_model_class"):
        rows = store.get_model_class().objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
        held = {key: store().decode(data) for key, data in rows.values_list("session_key", "session_data")}
    else:
        held = {key: dict(store(key).items()) for key in keys}
    ids: dict[str, int] = {}
    for key, data in held.items():
        try:
            if data[BACKEND_SESSION_KEY] in settings.AUTHENTICATION_BACKENDS:
                ids[key] = int(data[SESSION_KEY])
        except (KeyError, ValueError, TypeError):
            continue
    users = {user.pk: user for user in User.objects.filter(pk__in=set(ids.values()), is_active=True)}
    found = {}
    for key, pk in ids.items():
        user, said = users.get(pk), held[key].get(HASH_SESSION_KEY)
        if user is None or not isinstance(said, str) or not said:
            continue
        # A session of before the password was changed is none; one of before the secret key was, still is.
        good = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
        if any(constant_time_compare(said, one) for one in good):
            found[key] = user
    return found


def let_in(knocks: Sequence[Knock]) -> list[tuple[Viewer, SignedIn] | None]:
    """For each who knocks: their Viewer in the case, and what they are signed in by. None: nothing there for them.

    A handful of statements for all of them, so that a whole court that comes back at once does not wait for itself.
    """
    tokens = users_of_tokens({one.secret for one in knocks if one.secret})
    sessions = _by_session({one.session_key for one in knocks if one.session_key})
    people: list[User | None] = [
        (tokens.get(one.secret) if one.secret else None)
        if one.secret is not None
        else sessions.get(one.session_key or "")
        for one in knocks
    ]
    found: list[tuple[Viewer, SignedIn] | None] = [None] * len(knocks)
    by_case: dict[str, list[int]] = defaultdict(list)
    for at, (one, user) in enumerate(zip(knocks, people, strict=True)):
        if user is not None and "\x00" not in one.reference:
            by_case[one.reference].append(at)
    for reference, places in by_case.items():
        there = [(at, user) for at in places if (user := people[at]) is not None]
        viewers = viewers_at([user for _at, user in there], reference)
        for (at, user), viewer in zip(there, viewers, strict=True):
            if viewer is None:
                continue
            token = getattr(user, "token", None)
            key = knocks[at].session_key if token is None else None
            password = user.get_session_auth_hash() if key else ""
            found[at] = viewer, SignedIn(user.pk, key, password, token.pk if token else None)
    return found


def afterwards(knocks: Sequence[Knock]) -> None:
    """What is written down about those who knocked, once they have their answer: tokens used, and tokens guessed."""
    tokens = users_of_tokens({one.secret for one in knocks if one.secret})
    used(tokens.values())
    for one in knocks:
        if one.secret is not None and one.secret not in tokens:
            with suppress(limits.TooMany):
                limits.count(limits.TOKEN, one.address)


class Door:
    """Those who knock while others are being looked at are looked at next, together."""

    MOST = 100  # at a time: a database takes so many values in one statement, and nobody waits for all

    def __init__(self) -> None:
        self._waiting: list[tuple[Knock, asyncio.Future[Any]]] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    async def enter(self, scope: dict[str, Any]) -> tuple[Viewer, SignedIn] | None:
        """The Viewer of who knocks at the case of the address; None where there is nothing for them."""
        knock = _knock(scope)
        if not knock.secret and not knock.session_key:
            return None
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        if self._loop is not loop:
            self._loop, self._waiting = loop, []
        self._waiting.append((knock, answer))
        if len(self._waiting) == 1:
            soon(self._open())
        found: tuple[Viewer, SignedIn] | None = await answer
        return found

    async def _open(self) -> None:
        # Those who come in the same breath come together; the first stays in the list until then.
        await asyncio.sleep(0)
        waiting = self._waiting
        while waiting:
            some = waiting[: self.MOST]
            knocks = [knock for knock, _answer in some]
            try:
                answers: Sequence[Any] = await _let_in(knocks)
            except Exception as why:
                answers = [why] * len(some)
            del waiting[: len(some)]
            for (_knock, answer), found in zip(some, answers, strict=True):
                if answer.done():
                    continue  # they did not wait
                if isinstance(found, Exception):
                    answer.set_exception(found)
                else:
                    answer.set_result(found)
            if any(knock.secret is not None for knock in knocks):
                soon(_write_down(knocks))


_let_in = offload(let_in)
_afterwards = offload(afterwards)


async def _write_down(knocks: Sequence[Knock]) -> None:
    try:
        await _afterwards(knocks)
    except Exception:
        log.warning("it could not be written down that tokens were used", exc_info=True)


_door = Door()
enter = _door.enter


def language_of(scope: dict[str, Any], chosen: str = "") -> str:
    """The language that refusals are said in: the person's own choice, the page's, the browser's."""
    headers = _headers(scope)
    cookie = parse_cookie(headers.get("cookie", "")).get(settings.LANGUAGE_COOKIE_NAME, "")
    accepted = [code for code, _weight in parse_accept_lang_header(headers.get("accept-language", ""))]
    for code in (chosen, cookie, *accepted):
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE
