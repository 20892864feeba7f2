"""The outermost part of the server: every request and socket gets an id, is counted, timed, logged and traced."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings

from . import metrics, traces
from .trail import AN_ID, Trail, begin, new_id

Event = dict[str, Any]
log = logging.getLogger("casebundle.requests")
HEADER = b"x-request-id"


class Watched:
    """Around the application. Frames of sockets are not touched: only that one is open is counted."""

    def __init__(self, inner: Callable[..., Any]) -> None:
        self.inner = inner

    async def __call__(self, scope: Event, receive: Callable[[], Any], send: Callable[[Event], Any]) -> None:
        # Who we are told we are, and what we are a part of: by a proxy of ours alone.
        given = _given(scope) if settings.TRUST_PROXY else {}
        named = given.get("x-request-id", "")
        trail = Trail(named if AN_ID.fullmatch(named) else new_id(), scope["type"])
        with begin(trail):
            if scope["type"] == "http":
                await self._request(trail, given, scope, receive, send)
            else:
                await self._socket(trail, scope, receive, send)

    async def _request(
        self,
        trail: Trail,
        given: dict[str, str],
        scope: Event,
        receive: Callable[[], Any],
        send: Callable[[Event], Any],
    ) -> None:
        status = 0
        name = trail.id.encode()

        async def sending(event: Event) -> None:
            nonlocal status
            if event["type"] == "http.response.start":
                status = event["status"]
                event["headers"] = [*event.get("headers", ()), (HEADER, name)]
            await send(event)

        method, failed, began = scope["method"], "", time.perf_counter()
        metrics.IN_HAND.inc()
        try:
            if traces.ON:
                with traces.span("server", given, **{"http.request.method": method}) as span:
                    try:
                        await self.inner(scope, receive, sending)
                    except BaseException as error:
                        failed = type(error).__name__
                        raise
                    finally:
                        route = _route(trail, scope)
                        span.end(f"{method} {route}", trail, status, failed)
            else:
                await self.inner(scope, receive, sending)
        finally:
            took = time.perf_counter() - began
            metrics.IN_HAND.dec()
            route = _route(trail, scope)
            # One that went away before its answer has no status.
            metrics.answered(route, method, status, took)
            # Probes come every few seconds, for ever.
            level = logging.DEBUG if route.startswith("running:") else logging.INFO
            if log.isEnabledFor(level):
                told = {"method": method, "status": status, "ms": round(took * 1000, 1)}
                log.log(level, "%s %s %s", method, route, status, extra={"told": told})

    async def _socket(
        self, trail: Trail, scope: Event, receive: Callable[[], Any], send: Callable[[Event], Any]
    ) -> None:
        trail.route = "screen socket" if "/screen/" in scope["path"] else "case socket"
        began = time.perf_counter()
        metrics.SOCKETS.inc()
        log.info("%s opened", trail.route)
        try:
            await self.inner(scope, receive, send)
        finally:
            metrics.SOCKETS.dec()
            log.info("%s over after %s s", trail.route, round(time.perf_counter() - began, 1))


def _given(scope: Event) -> dict[str, str]:
    wanted = (b"x-request-id", b"traceparent")
    return {
        name.decode(): value.decode("latin-1") for name, value in scope.get("headers", ()) if name in wanted
    }


def _route(trail: Trail, scope: Event) -> str:
    """The name of the address that answered; of files, and of addresses that are none, one name each."""
    if not trail.route:
        trail.route = "static" if scope["path"].startswith(settings.STATIC_URL) else "none"
    return trail.route
