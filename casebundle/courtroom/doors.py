"""Who knocks at the socket of an evidence screen: codes are not guessed there either.

A browser that has shown a screen before bears a signed cookie, and is not counted with those who guess, even if they
sit in the same building.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, parse_cookie

from casebundle.cases import limits, mending
from casebundle.cases.limits import TooMany
from casebundle.journal.hub import offload

from . import services
from .consumers import AGAIN, GONE

SHOWN_BEFORE = "screen"
SHOWN_FOR = 24 * 3600


def shown_before(headers: dict[bytes, bytes], code: str) -> bool:
    """Whether the cookie of a browser says that it has shown this screen (courtroom.views.screen gives it)."""
    asked = HttpRequest()
    asked.COOKIES = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    told: str | None = asked.get_signed_cookie(SHOWN_BEFORE, None, salt=SHOWN_BEFORE, max_age=SHOWN_FOR)
    return told == code.upper()


@offload
def may_knock(scope: dict[str, Any]) -> bool:
    """Whether the code in the address may be looked at; one that is none is counted."""
    code = scope["url_route"]["kwargs"]["code"]
    headers = dict(scope.get("headers") or [])
    if shown_before(headers, code):
        return True
    remote = str((scope.get("client") or [""])[0])
    address = limits.address_of(remote, headers.get(b"x-forwarded-for", b"").decode("latin-1"))
    try:
        limits.check(limits.SCREEN, address)
        if services.screen_by_code(code) is None:
            limits.count(limits.SCREEN, address)
    except TooMany:
        return False
    return True


class NotGuessed:
    """Around the socket of a screen: closed as for a code that is none, where too many were tried from there."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        code = GONE
        try:
            if await may_knock(scope):
                return await self.inner(scope, receive, send)
        except Exception as error:
            found = mending.trouble(error)
            if found is None:
                raise
            mending.note(found, error)
            code = AGAIN
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": code})
        return None
