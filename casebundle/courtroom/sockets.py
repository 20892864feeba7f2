"""Routes and sign-in of sockets."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from channels.routing import URLRouter
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http.request import validate_host
from django.urls import path

from casebundle.cases.access import user_of_token

from .consumers import CaseSocket, ScreenSocket


class Bearer:
    """`Sec-WebSocket-Protocol: bearer, TOKEN` instead of the session cookie; a token never goes in a URL."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        offered = scope.get("subprotocols") or []
        if offered and offered[0] == "bearer":
            secret = offered[1] if len(offered) > 1 else ""
            user = await database_sync_to_async(user_of_token)(secret)
            scope = {**scope, "user": user or AnonymousUser(), "subprotocol": "bearer"}
        return await self.inner(scope, receive, send)


class SameSite:
    """A browser says where a page comes from: only ours may use our cookies. Programs say nothing."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        headers = dict(scope.get("headers") or [])
        origin = headers.get(b"origin", b"").decode("latin-1")
        host = headers.get(b"host", b"").decode("latin-1")
        if origin:
            parts = urlsplit(origin)
            ours = parts.netloc == host or origin in settings.CSRF_TRUSTED_ORIGINS
            if not ours or not validate_host(parts.hostname or "", settings.ALLOWED_HOSTS):
                await send({"type": "websocket.close", "code": 4403})
                return None
        return await self.inner(scope, receive, send)


routes = SameSite(
    AuthMiddlewareStack(
        Bearer(
            URLRouter(
                [
                    path("ws/cases/<str:reference>/", CaseSocket.as_asgi()),
                    path("ws/screen/<str:code>/", ScreenSocket.as_asgi()),
                ]
            )
        )
    )
)
