"""/healthz, /readyz and /metrics: for what starts, stops and watches processes, not for people.

They are answered before anything else is (middleware.py): without a session, whatever name or address the request
was sent to, and without being sent on to https, since a probe asks the process itself.
"""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare

from casebundle.watching import metrics

from .checks import looks, standing

NOT_SERVING = {"away", "draining"}


def healthz(request: HttpRequest) -> HttpResponse:
    """This process is alive. No part that it depends on is asked: to start it again would mend none of them."""
    return JsonResponse({"status": "alive"})


def readyz(request: HttpRequest) -> HttpResponse:
    """Whether requests should be sent here, and how each part is: names, states and milliseconds, no addresses."""
    found = looks.now()
    status = standing(found)
    checks = {one.name: {"state": one.state, "ms": one.ms, "needed": one.needed} for one in found}
    return JsonResponse({"status": status, "checks": checks}, status=503 if status in NOT_SERVING else 200)


def counters(request: HttpRequest) -> HttpResponse:
    """The counters, for who has METRICS_TOKEN; where there is none, there is nothing here."""
    if not settings.METRICS_TOKEN:
        raise Http404
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not constant_time_compare(token.strip(), settings.METRICS_TOKEN):
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    return HttpResponse(metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")
