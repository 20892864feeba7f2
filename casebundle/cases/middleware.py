"""Turns what access.py refuses into an answer, the same one everywhere."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation

from .access import NotAllowed, NotVisible


class AccessMiddleware:
    """A page that may not be seen is not found; an act that is not allowed is forbidden, with its reason."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Evidence is never kept by a shared cache, and a page seen before signing out is not shown again after.
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store, private"
        response.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
        )
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, NotVisible):
            raise Http404 from exception
        if isinstance(exception, NotAllowed):
            raise PermissionDenied(str(exception)) from exception


class LanguageMiddleware:
    """The language chosen on the account holds on every device; the switch on a page (a cookie) goes first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = ""
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and request.user.is_authenticated:
            language = request.user.language
        if language not in dict(settings.LANGUAGES):
            return self.get_response(request)
        # For this request alone: whatever runs next in this thread has a language of its own.
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
