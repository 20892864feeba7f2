"""The API: what a person can do with pages, a program can do with these calls, through the same functions."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.utils import replace_path_param_notation

from casebundle.cases.access import NotAllowed, admit
from casebundle.cases.models import ApiToken, Scope, User

from . import problems
from .entrance import SAFE, PerPerson, Session, Token
from .routes import cases, documents, hearings, journal, notes, pages, search

# What a multipart form may have beside its file.
FORM_ROOM = 1024 * 1024

AN_ID = re.compile(r"\{\w+_id\}")

View = Callable[..., HttpResponseBase]


class Api(NinjaAPI):
    """Ninja, with problems for everything that it would answer in its own words."""

    made: OpenAPISchema | None = None

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        patterns = super()._get_urls()
        by_route: dict[str, set[str]] = {}
        for method, path in self.for_serving():
            by_route.setdefault(replace_path_param_notation(path).lstrip("/"), set()).add(method)
        for pattern in patterns:
            if isinstance(pattern, URLPattern) and pattern.callback is not None:
                serving = frozenset(by_route.get(str(pattern.pattern), ()))
                pattern.callback = answered(pattern.callback, serving)
        return patterns

    def for_serving(self) -> set[tuple[str, str]]:
        """The calls (method, path) that a token with the scope “serve” may make."""
        return {
            (method, path)
            for router in self._get_bound_routers()
            for path, view in router.path_operations.items()
            for operation in view.operations
            for method in operation.methods
            if getattr(operation.view_func, "for_serving", False)
        }

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        """Made once: it takes half a second and does not change."""
        if self.made is None:
            self.made = self._openapi_schema()
        return self.made

    def _openapi_schema(self) -> OpenAPISchema:
        schema = super().get_openapi_schema()
        serving = {(method.lower(), f"/api/v1{path}") for method, path in self.for_serving()}
        for path, calls in schema["paths"].items():
            for method, call in calls.items():
                scopes = scopes_of(method, (method, path) in serving)
                call["x-token-scopes"] = scopes
                said = f"Scopes of a token: {', '.join(f'`{scope}`' for scope in scopes)}."
                call["description"] = "\n\n".join(filter(None, [call.get("description", ""), said]))
        # Inside, each kind of thing has a name of its own; outside an id is an id.
        schema["paths"] = {AN_ID.sub("{id}", path): calls for path, calls in schema["paths"].items()}
        for calls in schema["paths"].values():
            for call in calls.values():
                for parameter in call["parameters"]:
                    if parameter["in"] == "path" and AN_ID.fullmatch(f"{{{parameter['name']}}}"):
                        parameter["name"] = "id"
                if "requestBody" in call:
                    for status in (413, 422):
                        call["responses"].setdefault(status, copy.deepcopy(call["responses"][404]))
                for status, answer in call["responses"].items():
                    content = answer.get("content", {})
                    if int(status) >= 400 and "application/json" in content:
                        content[problems.MEDIA_TYPE] = content.pop("application/json")
        return schema

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """`documents_upload`: what generated clients call their functions."""
        return f"{operation.view_func.__module__.rsplit('.', 1)[-1]}_{operation.view_func.__name__}"


def scopes_of(method: str, serving: bool) -> list[str]:
    """The scopes that a token may have for a call, as `access.admit` decides it."""
    found = []
    for scope in Scope:
        user = User()
        user.token = ApiToken(scope=scope)  # type: ignore[attr-defined]
        with suppress(NotAllowed):
            admit(user, changes=method.upper() not in SAFE, serving=serving)
            found.append(scope.value)
    return found


def answered(view: View, serving: frozenset[str] = frozenset()) -> View:
    """What is true of every answer of the API, whatever it is. `serving`: with which methods it is for serving."""

    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.head = request.method == "HEAD"  # type: ignore[attr-defined]
        if request.method == "HEAD":
            request.method = "GET"
        request.serving = request.method in serving  # type: ignore[attr-defined]
        try:
            if _too_long(request):
                response: HttpResponseBase = problems.too_large()
            else:
                response = view(request, *args, **kwargs)
        except Exception as exc:  # each has its answer
            response = api.on_exception(request, exc)
        if response.status_code == 405:
            response = problems.problem(
                405, _("That cannot be done with this address."), headers={"Allow": response["Allow"]}
            )
        if response.status_code == 204:
            del response["Content-Type"]
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store, private"
        patch_vary_headers(response, ["Authorization", "Cookie", "Accept-Language"])
        return response

    wrapped.csrf_exempt = True  # type: ignore[attr-defined]  # entrance.Session checks it
    return wrapped


def _too_long(request: HttpRequest) -> bool:
    """Whether more is announced than is taken, so that none of it need be read."""
    most: int = settings.UPLOAD_MAX_BYTES + FORM_ROOM
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0) > most
    except ValueError:
        return False


def nothing_here(request: HttpRequest, path: str = "") -> HttpResponseBase:
    """The answer under an address that there is not: the same as for what may not be seen."""
    return problems.not_found()


api = Api(
    title="casebundle",
    version="1",
    urls_namespace="api",
    docs_url=None,
    description=(
        "Serve, paginate, read, search, annotate and present evidence. Ids are opaque strings; times are ISO 8601 in "
        "UTC, dates YYYY-MM-DD. A list is `{items, next}` and takes `?cursor=` and `?limit=`. What goes wrong is "
        "`application/problem+json`; what may not be seen is a 404 like what does not exist. A token has a scope: "
        "`read` reads what its owner may read and changes nothing; `serve` uploads, serves, names and replaces "
        "documents of its owner's side, sees their state and receipts, and nothing else; `full` does what its owner "
        "may. Other calls are 403. A token makes and revokes no tokens and changes no account, and ends after at most "
        "366 days."
    ),
    auth=[Token(), Session()],
    throttle=[PerPerson()],
)
problems.register(api)
for room in (cases, documents, pages, notes, search, hearings, journal):
    api.add_router("", room.router)
