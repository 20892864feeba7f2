"""Who is at the door of a socket: one look at the database for session or token, person and part in the case."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import parse_cookie
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from casebundle.cases.access import NotVisible, Viewer, user_of_token, viewer_in
from casebundle.cases.models import User
from casebundle.journal.hub import offload


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


def _user(scope: dict[str, Any]) -> tuple[User | AnonymousUser, str | None]:
    """The person, and the key of the session they are signed in by (None: a token, or nobody)."""
    offered = scope.get("subprotocols") or []
    if offered and offered[0] == "bearer":
        return user_of_token(offered[1] if len(offered) > 1 else "") or AnonymousUser(), None
    key = parse_cookie(_headers(scope).get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    if not key:
        return AnonymousUser(), None
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    return get_user(SimpleNamespace(session=session)), key  # type: ignore[arg-type, return-value]


@offload
def enter(scope: dict[str, Any]) -> tuple[Viewer, SignedIn] | None:
    """The Viewer of who knocks at the case of the address; None where there is nothing for them."""
    user, key = _user(scope)
    if not user.is_authenticated:
        return None
    try:
        viewer = viewer_in(user, reference=scope["url_route"]["kwargs"]["reference"])
    except (NotVisible, ValueError):
        return None
    token = getattr(user, "token", None)
    password = user.get_session_auth_hash() if key else ""
    return viewer, SignedIn(user.pk, key, password, token.pk if token else None)


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
