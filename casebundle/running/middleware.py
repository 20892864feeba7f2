"""Answers probes before anything looks at the name that they asked for, at a session, or at the way they came."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from casebundle.watching.trail import about

from . import views

PROBES = {"/healthz": views.healthz, "/readyz": views.readyz, "/metrics": views.counters}


class ProbesMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = PROBES.get(request.path_info)
        if view is None or (view is views.counters and not settings.METRICS_TOKEN):
            return self.get_response(request)
        about(route=f"running:{request.path_info[1:]}")
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = view(request)
        # That it is not ready is an answer, and no fault to be told of every few seconds.
        response._has_been_logged = True  # type: ignore[attr-defined]
        response["Content-Length"] = str(len(response.content))
        return response
