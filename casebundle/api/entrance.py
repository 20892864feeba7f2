"""Who is calling and what about: found before anything else of a call is looked at.

The thing that an address names is opened here, through access.py, so that whoever may not see it is told nothing but
that: not which fields it takes, not what it would refuse.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.throttling import BaseThrottle

from annotations.models import Note
from casebundle.bundles.models import Bundle, Document, Page
from casebundle.cases import access, limits
from casebundle.cases.access import NotVisible, Viewer
from casebundle.cases.models import Participant, User
from casebundle.courtroom.models import Hearing, Screen

# What changes nothing.
SAFE = ("GET", "HEAD", "OPTIONS")


class Asked(HttpRequest):
    """A request that has come in: `viewer` where it is about a case, `thing` where it is about something in it."""

    auth: User
    viewer: Viewer
    thing: Any


def documents() -> QuerySet[Document]:
    """Documents with all that an answer about one needs."""
    rows = Document.objects.select_related("case", "section__bundle", "current", "served_by__user")
    return rows.prefetch_related("served_by__parties")


def pages() -> QuerySet[Page]:
    return Page.objects.select_related("version__document__section__bundle", "version__document__current")


# What a name in an address stands for: rows that say who may see them, and the path from one to its case.
THINGS: dict[str, tuple[Callable[[], QuerySet[Any]], str]] = {
    "document_id": (documents, "case"),
    "page_id": (pages, "version__document__case"),
    "note_id": (
        lambda: Note.objects.select_related("page__version__document", "parent"),
        "case",
    ),
    "hearing_id": (lambda: Hearing.objects.select_related("case"), "case"),
    "code": (lambda: Screen.objects.select_related("hearing__case"), "hearing__case"),
}


def enter(request: HttpRequest, user: User) -> User:
    """Open what the address names for `user`; NotVisible where it is not for them, NotAllowed where the token by which
    they came is not for such a call."""
    request.user = user
    serving = getattr(request, "serving", False)
    access.admit(user, changes=request.method not in SAFE, serving=serving)
    named = request.resolver_match.kwargs if request.resolver_match else {}
    if any("\x00" in str(value) for value in named.values()):
        raise NotVisible
    if "reference" in named:
        viewer = access.viewer_in(user, reference=named["reference"])
        request.viewer = viewer  # type: ignore[attr-defined]
        if "slug" in named:
            bundle = Bundle.objects.visible_to(viewer).filter(slug=named["slug"]).first()
            if bundle is None:
                raise NotVisible
            request.thing = bundle  # type: ignore[attr-defined]
        elif "participant_id" in named:
            people = Participant.objects.select_related("user", "case").prefetch_related("parties")
            request.thing = access.pick(viewer, people, named["participant_id"])  # type: ignore[attr-defined]
    for name, (rows, case) in THINGS.items():
        if name in named:
            request.viewer, request.thing = access.fetch(user, rows(), named[name], case)  # type: ignore[attr-defined]
    return user


class Token(HttpBearer):
    """`Authorization: Bearer TOKEN`."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        user = access.user_of_token(token.strip())
        if user is None:
            # A good one is never refused: it is too long to be guessed, and others may sit behind the same address.
            limits.count(limits.TOKEN, limits.address(request))
            return None
        return enter(request, user)


class Session(APIKeyCookie):
    """The cookie of somebody who has signed in; what changes something needs the X-CSRFToken header too."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> User | None:
        # A token that is not good is not made good by a cookie.
        if "Authorization" in request.headers or not request.user.is_authenticated:
            return None
        found: User | None = super().__call__(request)
        return found

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        return enter(request, request.user) if request.user.is_authenticated else None


class PerPerson(BaseThrottle):
    """So many calls a minute for each person (API_PER_MINUTE), counted in the cache."""

    def allow_request(self, request: HttpRequest) -> bool:
        key = f"api:{request.auth.pk}:{int(time.time() // 60)}"  # type: ignore[attr-defined]
        if cache.add(key, 1, 120):
            return True
        try:
            count: int = cache.incr(key)
        except ValueError:  # it ran out in this moment
            return True
        most: int = settings.API_PER_MINUTE
        return count <= most

    def wait(self) -> float:
        """Seconds to the next minute."""
        return 60 - time.time() % 60
