"""How much of a request is taken in, looked at before the first byte of it is.

Django writes the whole body of a request to disk before anything of ours is asked. So this stands around it: what is
too large is refused by its announced length or cut off where it passes it, and evidence is taken from people who are
signed in alone. Nobody else can fill the disk.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from http import HTTPStatus
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import parse_cookie
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from casebundle.journal.hub import offload

from .access import user_of_token

Event = dict[str, Any]

# Where files are sent to: everything else is forms and JSON.
UPLOADS = re.compile(
    r"/api/v1/(?:cases/[^/]+/documents|documents/[^/]+/replace)|/cases/[^/]+/serve/(?:upload)?", re.ASCII
)
# What a form may have beside its files.
ROOM = 1024 * 1024
PLAIN_POLICY = (
    b"default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)


class Bodies:
    """Around Django: answers 413, or 401, where it would only have written to disk what it then refuses."""

    def __init__(self, inner: Callable[..., Any]) -> None:
        self.inner = inner

    async def __call__(self, scope: Event, receive: Callable[[], Any], send: Callable[[Event], Any]) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        # Of every method: a GET may bring a body too, and Django would keep it.
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope.get("headers", [])
        }
        small = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + ROOM
        uploads = scope["method"] == "POST" and UPLOADS.fullmatch(scope["path"]) is not None
        most = settings.UPLOAD_MAX_BYTES + ROOM if uploads else small
        told = headers.get("content-length", "")
        announced = int(told) if told.isdecimal() and len(told) < 19 else None
        if announced is not None and announced > most:
            await _refuse(scope, headers, send, 413)
            return
        if uploads and (announced is None or announced > small) and not await _signed_in(headers):
            await _refuse(scope, headers, send, 401)
            return
        came, over, begun = 0, False, False

        async def receiving() -> Event:
            nonlocal came, over
            event: Event = await receive()
            came += len(event.get("body", b""))
            if came > most:
                # As if they had gone; what was written of it is thrown away.
                over = True
                return {"type": "http.disconnect"}
            return event

        async def sending(event: Event) -> None:
            nonlocal begun
            begun = True
            await send(event)

        await self.inner(scope, receiving, sending)
        if over and not begun:
            await _refuse(scope, headers, send, 413)


async def _signed_in(headers: dict[str, str]) -> bool:
    """Whether a request bears a session or a token that is good now."""
    kind, _space, token = headers.get("authorization", "").partition(" ")
    if kind:
        return kind.lower() == "bearer" and await _good_token(token.strip())
    key = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    return await _good_session(key) if key else False


@offload
def _good_token(token: str) -> bool:
    return user_of_token(token) is not None


@offload
def _good_session(key: str) -> bool:
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    return get_user(SimpleNamespace(session=session)).is_authenticated  # type: ignore[arg-type]


async def _refuse(scope: Event, headers: dict[str, str], send: Callable[[Event], Any], status: int) -> None:
    asked = SimpleNamespace(
        COOKIES=parse_cookie(headers.get("cookie", "")),
        META={"HTTP_ACCEPT_LANGUAGE": headers.get("accept-language", "")},
        path_info="/",
    )
    language = translation.get_language_from_request(asked)  # type: ignore[arg-type]
    with translation.override(language):
        said = (
            _("That is more than is taken at once. Split it and send the parts.")
            if status == 413
            else _("Sign in, or send a token that is good now: Authorization: Bearer TOKEN.")
        )
    page = "text/html" in headers.get("accept", "") and not scope["path"].startswith("/api/")
    if page:
        kind, body = "text/html; charset=utf-8", render_to_string(f"{status}.html").encode()
    else:
        kind = "application/problem+json"
        body = json.dumps(
            {
                "type": f"/api/v1/docs#problem-{status}",
                "title": HTTPStatus(status).phrase,
                "status": status,
                "detail": said,
            }
        ).encode()
    listed = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"content-security-policy", PLAIN_POLICY),
        (b"cache-control", b"no-store, private"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
    ]
    if status == 401:
        listed.append((b"www-authenticate", b'Bearer realm="casebundle"'))
    await send({"type": "http.response.start", "status": status, "headers": listed})
    await send({"type": "http.response.body", "body": body})
