"""Answers to what cannot be done now, as pages for people."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.defaults import bad_request as plain_bad_request

from .limits import TooMany, later

# Where it is not known when: of limits that are not ours.
A_MINUTE = 60


def too_many(request: HttpRequest, error: TooMany | None = None) -> HttpResponse:
    """429: what was too often, and when to try again; for scripts of ours as JSON."""
    wait = error.wait if error else A_MINUTE
    said = str(error) if error else later(wait)
    if "application/json" in request.headers.get("Accept", ""):
        response: HttpResponse = JsonResponse({"detail": said}, status=429)
    else:
        response = render(request, "429.html", {"said": said, "title": _("Too many tries")}, status=429)
    response["Retry-After"] = str(wait)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400; and 413 where a form brings more than is taken in."""
    if not isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return plain_bad_request(request, exception)
    if "application/json" in request.headers.get("Accept", ""):
        said = _("That is more than is taken at once. Split it and send the parts.")
        return JsonResponse({"detail": said}, status=413)
    return render(request, "413.html", status=413)
