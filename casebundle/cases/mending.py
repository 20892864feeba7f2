"""What people and programs are told when a part that we need fails: database, disk, folder.

It is never their fault and never for ever: the answer is 503 with Retry-After, says what was lost (what was just sent)
and what was not (everything before), and keeps the words that somebody had typed, so that one press sends them again.
"""

from __future__ import annotations

import errno
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, connection, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.defaults import server_error as plain_server_error

from casebundle.pdf.confinement import NotConfined
from casebundle.pdf.sandbox import Interrupted
from casebundle.watching.trail import request_id

log = logging.getLogger("casebundle.mending")

MEDIA_TYPE = "application/problem+json"
# More than this (characters) of what was typed is not handed back.
MOST_KEPT = 200_000

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NO_WRITING = {errno.EROFS, errno.EACCES, errno.EPERM}
TOO_MUCH = {errno.EMFILE, errno.ENFILE, errno.EAGAIN}
BROKEN_DISK = {errno.EIO, errno.ESTALE, errno.ENODEV, errno.ETIMEDOUT}
# Databases say what is the matter in words (PostgreSQL also by code, which says no more).
SAID = (
    ("full", ("database or disk is full", "no space left on device", "disk full")),
    (
        "locked",
        ("readonly database", "read-only database", "unable to open database file", "read-only transaction"),
    ),
    (
        "busy",
        (
            *("database is locked", "database table is locked"),
            *("lock timeout", "statement timeout", "deadlock detected", "could not serialize"),
            *("too many clients", "remaining connection slots", "idle-in-transaction timeout"),
        ),
    ),
    # A mistake of ours in a query: no part has failed, and trying again is no use.
    ("", ("no such table", "no such column", "syntax error", "does not exist", "misuse")),
)


@dataclass(frozen=True)
class Trouble:
    """What has failed. `code`: full, locked, unconfined, busy or away. `retry`: seconds after which to try again."""

    code: str
    retry: int

    @property
    def detail(self) -> str:
        """For a person, in their language: what is the matter and what to do."""
        return {
            "full": _(
                "There is no room left to save anything. What was saved before is safe. "
                "Whoever runs casebundle must free some room; then try again."
            ),
            "locked": _(
                "Nothing can be saved just now; what was saved before is safe. "
                "Whoever runs casebundle must let it write to its data folder; then try again."
            ),
            "unconfined": _(
                "Files cannot be opened here just now, because that would not be safe. Nothing is lost. "
                "Whoever runs casebundle must mend it; then try again."
            ),
            "busy": _("Very much is being saved just now. Try again in a moment."),
            "away": _("That cannot be answered just now. Try again in a moment."),
        }[self.code]


def trouble(exc: BaseException | None) -> Trouble | None:
    """What failed, where `exc` says that a part that we need did; None for everything else."""
    seen: set[int] = set()
    while exc is not None and id(exc) not in seen:
        seen.add(id(exc))
        found = _one(exc)
        if found is not None:
            return found
        exc = exc.__cause__
    return None


def _one(exc: BaseException) -> Trouble | None:
    if isinstance(exc, Interrupted):
        return Trouble("busy", 2)
    if isinstance(exc, NotConfined):
        return Trouble("unconfined", 30)
    if isinstance(exc, (DatabaseError, InterfaceError)):
        text = str(exc).lower()
        for code, words in SAID:
            if any(word in text for word in words):
                return Trouble(_folder() or code, 5 if code == "busy" else 30) if code else None
        # A constraint is no outage; what is left is a file, a server or a connection that is broken or gone.
        return Trouble(_folder() or "away", 5) if _is_outage(exc) else None
    # Whom we talk to may go away at any time: that is no file.
    if isinstance(exc, OSError) and not isinstance(exc, (ConnectionError, TimeoutError)):
        if exc.errno in NO_ROOM:
            return Trouble("full", 30)
        if exc.errno in NO_WRITING:
            return Trouble("locked", 30)
        if exc.errno in TOO_MUCH:
            return Trouble("busy", 5)
        if exc.errno in BROKEN_DISK:
            return Trouble("away", 5 if hasattr(exc, "mends") else 30)
    return None


def _folder() -> str:
    """What is the matter with the data folder: SQLite calls a full disk many things. "" for nothing."""
    if not settings.EMBEDDED:
        return ""
    try:
        stat = os.statvfs(settings.DATA_DIR)
    except OSError:
        return ""
    if stat.f_flag & os.ST_RDONLY or not os.access(settings.DATA_DIR, os.W_OK):
        return "locked"
    return "full" if stat.f_bavail * stat.f_frsize < 256 * 1024 else ""


def _is_outage(exc: BaseException) -> bool:
    return type(exc).__name__ in ("OperationalError", "InterfaceError", "InternalError") or (
        type(exc) is DatabaseError
    )


_told: dict[str, float] = {}


def note(found: Trouble, exc: BaseException) -> None:
    """Write down what failed and what mends it: once in ten seconds, since everybody meets it at once."""
    now = time.monotonic()
    if now - _told.get(found.code, -60.0) < 10:
        return
    _told[found.code] = now
    folder = settings.DATA_DIR if settings.EMBEDDED else "the database or the files"
    if mends := getattr(exc, "mends", ""):  # of something else than this disk: bundles/s3.py
        log.error("%s (%s)", mends, exc)
        return
    log.error(
        "%s (%s)",
        {
            "full": f"The disk that holds {folder} is full: free some room, and everything goes on by itself.",
            "locked": f"casebundle may not write to {folder}: give it that right (or mount it read-write), "
            "and everything goes on by itself.",
            "unconfined": "What opens uploaded files cannot be confined here, so none is opened; "
            "`./manage.py health` says what is missing.",
            "busy": "The database was locked for too long; `./manage.py health` says what is wrong.",
            "away": "The database or the disk does not answer; `./manage.py health` says what is wrong.",
        }[found.code],
        exc,
    )


@contextmanager
def beside_reading() -> Iterator[None]:
    """Around what is only noted (that somebody was here, that a token was used): where it cannot be written down,
    they may read all the same."""
    try:
        yield
    except DatabaseError as error:
        found = trouble(error)
        # A transaction in which something failed is over on any other database than SQLite.
        if found is None or (connection.vendor != "sqlite" and connection.in_atomic_block):
            raise
        note(found, error)


# --- answers ------------------------------------------------------------------------------------
def for_a_script(path: str, headers: Mapping[str, str]) -> bool:
    """Whether the answer is read by a program: ours in a page, or somebody's own."""
    if path.startswith("/api/"):
        return True
    dest = headers.get("Sec-Fetch-Dest", "")
    if dest:
        return dest not in ("document", "iframe", "frame")
    accept = headers.get("Accept", "")
    return "text/html" not in accept and "json" in accept


def problem(found: Trouble) -> HttpResponse:
    """RFC 9457."""
    return JsonResponse(
        {
            "type": "/api/v1/docs#problem-503",
            "title": HTTPStatus(503).phrase,
            "status": 503,
            "detail": found.detail,
            **_request(),
        },
        status=503,
        content_type=MEDIA_TYPE,
        headers={"Retry-After": str(found.retry), "Cache-Control": "no-store"},
    )


def page(found: Trouble, path: str = "/", typed: list[tuple[str, str]] | None = None) -> HttpResponse:
    """The page 'being mended', in both languages.

    path: what "Try again" opens. typed: fields of a form that the button sends again; None for a page that was
    only asked for.
    """
    words = {"code": found.code, "path": path, "typed": typed, "request_id": request_id()}
    body = render_to_string("503.html", words)
    headers = {"Retry-After": str(found.retry), "Cache-Control": "no-store"}
    return HttpResponse(body, status=503, headers=headers)


def answer(request: HttpRequest, exc: BaseException | None) -> HttpResponse | None:
    """What to say to `request` when `exc` ended it; None where no part that we need has failed."""
    found = trouble(exc)
    if found is None or exc is None:
        return None
    note(found, exc)
    # A connection that has failed is not used for the next request.
    for one in connections.all(initialized_only=True):
        if not one.in_atomic_block:
            one.close_if_unusable_or_obsolete()
    if for_a_script(request.path, request.headers):
        return problem(found)
    return page(found, _where(request), _typed(request))


def _where(request: HttpRequest) -> str:
    """This address on this site, never one that begins with two slashes."""
    return "/" + request.get_full_path().lstrip("/\\")


def _typed(request: HttpRequest) -> list[tuple[str, str]] | None:
    """What was sent with a form, to be sent again; None where it cannot be."""
    if request.method != "POST":
        return None
    try:
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
        again = bool(fields) and not request.FILES
    except (OSError, SuspiciousOperation, ValueError):
        return None
    if not again or any("password" in name for name, _value in fields):
        return None
    if sum(len(name) + len(value) for name, value in fields) > MOST_KEPT:
        return None
    return fields


class MendingMiddleware:
    """A part that fails under a view is said to the person; it is no fault of the view's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return answer(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """`handler500`: also for what fails in a middleware, before any view (the session cannot be read)."""
    import sys

    exc = sys.exc_info()[1]
    try:
        found = answer(request, exc)
        if found is not None:
            return found
        if for_a_script(request.path, request.headers):
            return JsonResponse(
                {
                    "type": "/api/v1/docs#problem-500",
                    "title": HTTPStatus(500).phrase,
                    "status": 500,
                    "detail": _("Something went wrong here. It has been written down."),
                    **_request(),
                },
                status=500,
                content_type=MEDIA_TYPE,
            )
    except DisallowedHost:
        pass
    try:
        return HttpResponse(render_to_string("500.html", {"request_id": request_id()}), status=500)
    except Exception:
        return plain_server_error(request)


def _request() -> dict[str, str]:
    """By what the logs know the request, where it came over a server."""
    return {"request": request_id()} if request_id() else {}


BARE_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


# --- outside Django -----------------------------------------------------------------------------
Event = dict[str, Any]


class Mended:
    """Around the application: where not even Django begins, since a large upload finds no room for its bytes."""

    def __init__(self, inner: Callable[..., Any]) -> None:
        self.inner = inner

    async def __call__(self, scope: Event, receive: Callable[[], Any], send: Callable[[Event], Any]) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        begun, more = False, True

        async def receiving() -> Event:
            nonlocal more
            event: Event = await receive()
            more = event["type"] == "http.request" and bool(event.get("more_body"))
            return event

        async def sending(event: Event) -> None:
            nonlocal begun
            begun = True
            await send(event)

        try:
            await self.inner(scope, receiving, sending)
        except Exception as exc:
            found = trouble(exc)
            if begun or found is None:
                raise
            note(found, exc)
            # Whoever is in the middle of sending does not listen: what is on its way is let run out first.
            while more:
                await receiving()
            await self._say(scope, found, send)

    async def _say(self, scope: Event, found: Trouble, send: Callable[[Event], Any]) -> None:
        headers = {
            name.decode("latin-1").title(): value.decode("latin-1")
            for name, value in scope.get("headers", [])
        }
        language = translation.get_language_from_request(_Bare(headers))  # type: ignore[arg-type]
        with translation.override(language):
            path = "/" + str(scope.get("path", "/")).lstrip("/\\")
            said = problem(found) if for_a_script(path, headers) else page(found, path)
        said["Content-Security-Policy"] = BARE_POLICY
        listed = [(name.lower().encode(), value.encode("latin-1")) for name, value in said.items()]
        listed += [
            (b"content-length", str(len(said.content)).encode()),
            (b"x-content-type-options", b"nosniff"),
        ]
        await send({"type": "http.response.start", "status": 503, "headers": listed})
        await send({"type": "http.response.body", "body": said.content})


class _Bare:
    """As much of a request as tells its language."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        from django.http import parse_cookie

        self.COOKIES = parse_cookie(headers.get("Cookie", ""))
        self.META = {"HTTP_ACCEPT_LANGUAGE": headers.get("Accept-Language", "")}
        self.headers = headers
        self.path_info = "/"
