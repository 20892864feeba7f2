"""Routes of the sockets."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from channels.routing import URLRouter
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.urls import path, re_path

from .consumers import GONE, CaseSocket, Receive, ScreenSocket, Send
from .doors import NotGuessed


class SameSite:
    """A browser says where a page comes from: only ours may use our cookies. Programs say nothing."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> Any:
        headers = dict(scope.get("headers") or [])
        origin = headers.get(b"origin", b"").decode("latin-1")
        host = headers.get(b"host", b"").decode("latin-1")
        if origin:
            netloc = urlsplit(origin).netloc
            ours = netloc == host or origin in settings.CSRF_TRUSTED_ORIGINS
            if not ours or not validate_host(split_domain_port(netloc)[0], settings.ALLOWED_HOSTS):
                await send({"type": "websocket.close", "code": 4403})
                return None
        return await self.inner(scope, receive, send)


async def nowhere(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """An address that is none: closed as a case that is none."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": GONE})


routes = SameSite(
    URLRouter(
        [
            path("ws/cases/<str:reference>/", CaseSocket.as_asgi),
            path("ws/screen/<str:code>/", NotGuessed(ScreenSocket.as_asgi)),
            re_path("", nowhere),
        ]
    )
)
