"""Everything that goes wrong is one kind of answer: application/problem+json (RFC 9457).

What may not be seen and what is not there give the same bytes. Nothing of how we are built is ever in an answer.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled
from ninja.errors import ValidationError as NotInShape
from pydantic import BaseModel, ConfigDict, Field

from casebundle.bundles.drawing import NotDrawn
from casebundle.bundles.files import TooLarge
from casebundle.bundles.services import Conflict
from casebundle.bundles.shares import NotNow
from casebundle.cases import mending
from casebundle.cases.access import NotAllowed, NotVisible
from casebundle.cases.limits import TooMany
from casebundle.evidence import words
from casebundle.evidence.copying import NotCopiedYet
from casebundle.pdf.sandbox import Refused
from casebundle.watching.trail import request_id
from search.engine import SearchError

log = logging.getLogger("casebundle.api")

MEDIA_TYPE = "application/problem+json"
A_FIELD = re.compile(r"[a-z_][a-z0-9_-]*|\d+|Idempotency-Key")
# Where the readable docs say what each of them means.
TYPES = "/api/v1/docs#problem-"


class RefusedFormat(Exception):
    """What was uploaded is plainly no PDF (415). The text is for the person."""


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "/api/v1/docs#problem-422",
                "title": "Unprocessable Entity",
                "status": 422,
                "detail": "Choose a section of this bundle.",
                "errors": {"section": ["Choose a section of this bundle."]},
            }
        }
    )

    type: str = Field(description="where the docs say what this kind of problem is")
    title: str
    status: int
    detail: str = Field(description="what is wrong, for a person, in the language of Accept-Language")
    errors: dict[str, list[str]] | None = Field(
        None, description="what is wrong with each field, by its name"
    )
    request: str | None = Field(
        None,
        description="of 5xx: what the logs know it by, for whoever runs this; also the header X-Request-ID",
    )


def problem(
    status: int,
    detail: str,
    errors: Mapping[str, Sequence[str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The answer to a call that cannot be done."""
    data: dict[str, Any] = {
        "type": f"{TYPES}{status}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        data["errors"] = errors
    if status >= 500 and request_id():
        data["request"] = request_id()
    return JsonResponse(data, status=status, content_type=MEDIA_TYPE, headers=dict(headers or {}))


def not_found() -> HttpResponse:
    """The one answer for what does not exist, may not be seen, or has no address."""
    return problem(404, _("There is nothing here, or it is not for you to see."))


def not_allowed(exc: Exception) -> HttpResponse:
    return problem(403, str(exc) or _("Your part in this case does not allow that."))


def invalid(exc: ValidationError) -> HttpResponse:
    """What a room says about what it was given, field by field."""
    if hasattr(exc, "error_dict"):
        errors = {field: [str(m) for m in messages] for field, messages in exc.message_dict.items()}
        return problem(422, _join(errors), errors)
    return problem(422, " ".join(map(str, exc.messages)))


def out_of_shape(exc: NotInShape) -> HttpResponse:
    """What does not have the shape that the call takes: a field is missing, a number is none."""
    errors: dict[str, list[str]] = {}
    for error in exc.errors:
        # The first is where it came from (body, query); in a body follows the parameter's name.
        place = [str(part) for part in error["loc"][1:]]
        if error["loc"][0] in ("body", "form") and place[:1] == ["what"]:
            place = place[1:]
        if error["type"] != "extra_forbidden":
            # Where several types will do, each is named with its own error: that is ours, not the caller's.
            place = [part for part in place if A_FIELD.fullmatch(part) and part not in ("str", "int")]
        message = str(error["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
        said = errors.setdefault(".".join(place) or "body", [])
        if message not in said:
            said.append(message)
    return problem(422, _join(errors, named=True), errors)


def _join(errors: Mapping[str, Sequence[str]], *, named: bool = False) -> str:
    said = [
        f"{field}: {message}" if named else message for field, texts in errors.items() for message in texts
    ]
    return " ".join(dict.fromkeys(said))


def unauthenticated() -> HttpResponse:
    return problem(
        401,
        _("Sign in, or send a token that is good now: Authorization: Bearer TOKEN."),
        headers={"WWW-Authenticate": 'Bearer realm="casebundle"'},
    )


def too_large() -> HttpResponse:
    return problem(413, _("That is more than is taken at once. Split it and send the parts."))


def http_error(exc: HttpError) -> HttpResponse:
    """Ninja's own words, where it does not understand a request."""
    if exc.status_code == 400:
        return problem(422, _("The body is not JSON."), {"body": [_("This is not JSON.")]})
    if exc.status_code == 403:
        return problem(403, _("The CSRF token is missing or wrong. A program uses an API token."))
    return problem(exc.status_code, exc.message)


def throttled(exc: Throttled) -> HttpResponse:
    return problem(
        429, _("That is too many calls. Wait a little."), headers={"Retry-After": str(int(exc.wait or 1))}
    )


def too_many(exc: TooMany) -> HttpResponse:
    return problem(429, str(exc), headers={"Retry-After": str(exc.wait)})


def not_now(exc: NotNow) -> HttpResponse:
    """A picture that is not there yet."""
    headers = {"Retry-After": str(exc.wait)}
    if exc.own:
        return problem(429, _("That is too many pages at once. Wait a little."), headers=headers)
    return problem(503, _("This page is still being drawn. Try again in a moment."), headers=headers)


def unavailable(exc: Exception) -> HttpResponse:
    """Search is away, and everything else goes on."""
    log.warning("search does not answer: %s", exc)
    return problem(
        503,
        _("Search is being rebuilt. Reading, notes and hearings go on as usual. Try again in a minute."),
        headers={"Retry-After": "5"},
    )


def broken(request: HttpRequest, exc: Exception | type[Exception]) -> HttpResponse:
    """A part that is needed has failed; or ours: written to the log whole, told in one sentence."""
    said = mending.answer(request, exc) if isinstance(exc, Exception) else None
    if said is not None:
        return said
    # Which address that was is in the trail of the request: an address may hold words of somebody's.
    log.error("a %s failed", request.method, exc_info=exc if isinstance(exc, Exception) else None)
    return problem(500, _("Something went wrong here. It has been written down."))


def register(api: NinjaAPI) -> None:
    """Tell the API what to answer for each thing that rooms raise."""

    def on(kind: type[Exception], answer: Callable[[Any], HttpResponse]) -> None:
        api.add_exception_handler(kind, lambda request, exc: answer(exc))

    on(NotVisible, lambda exc: not_found())
    on(Http404, lambda exc: not_found())
    on(NotAllowed, not_allowed)
    on(ValidationError, invalid)
    on(NotInShape, out_of_shape)
    on(Conflict, lambda exc: problem(409, str(exc)))
    on(TooLarge, lambda exc: too_large())
    on(RequestDataTooBig, lambda exc: too_large())
    on(RefusedFormat, lambda exc: problem(415, str(exc), {"file": [str(exc)]}))
    on(NotDrawn, lambda exc: problem(422, _("This page could not be drawn.")))
    on(NotNow, not_now)
    on(Refused, lambda exc: problem(422, words.reason(exc.code)))
    on(AuthenticationError, lambda exc: unauthenticated())
    on(HttpError, http_error)
    on(Throttled, throttled)
    on(TooMany, too_many)
    on(SearchError, unavailable)
    on(NotCopiedYet, lambda exc: problem(503, str(exc), headers={"Retry-After": "20"}))
    on(MultiPartParserError, lambda exc: problem(422, _("The form cannot be read.")))
    on(SuspiciousOperation, lambda exc: problem(422, _("The request cannot be read.")))
    api.add_exception_handler(Exception, broken)
