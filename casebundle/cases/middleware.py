"""Turns what access.py refuses into an answer, the same one everywhere."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation

from . import limits
from .access import NotAllowed, NotVisible
from .errors import too_many
from .limits import TooMany

# What a page of ours may use of the device; nothing else, and no page within it may use anything.
ALLOWED = ("clipboard-write", "fullscreen", "screen-wake-lock")
REFUSED = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media",
    "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection", "local-fonts", "magnetometer",
    "microphone", "midi", "otp-credentials", "payment", "picture-in-picture", "publickey-credentials-create",
    "publickey-credentials-get", "serial", "storage-access", "usb", "window-management", "xr-spatial-tracking",
)  # fmt: skip
# What holds of every answer, unless the view says something stricter.
HEADERS = {
    "Permissions-Policy": ", ".join(
        [f"{name}=(self)" for name in ALLOWED] + [f"{name}=()" for name in REFUSED]
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Referrer-Policy": "same-origin",
    # Evidence is never kept by a shared cache, and a page seen before signing out is not shown again after.
    "Cache-Control": "no-store, private",
    # What no view said anything about shows nothing and runs nothing.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}


class HeadersMiddleware:
    """The outermost: what other sites and the browser may do with an answer, said on every one of them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        return response


class AccessMiddleware:
    """A page that may not be seen is not found; an act that is not allowed is forbidden, with its reason; what is done
    too often is told when it can be done again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        wait = getattr(request, "retry_after", None)
        if wait and response.status_code == 200:
            # A form that says when it can be sent again.
            response.status_code, response["Retry-After"] = 429, str(wait)
        user = getattr(request, "remember", None)
        if user is not None:
            limits.remember(request, response, user)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, TooMany):
            return too_many(request, exception)
        if isinstance(exception, NotVisible):
            raise Http404 from exception
        if isinstance(exception, NotAllowed):
            raise PermissionDenied(str(exception)) from exception
        return None


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
