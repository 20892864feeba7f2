"""The search screen. Without scripts it is a form that asks and a page that answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from casebundle.bundles.models import Document, Section
from casebundle.bundles.titles import shown
from casebundle.cases import limits
from casebundle.cases.access import Viewer, viewer_in, viewers_of
from casebundle.cases.dates import read_day
from casebundle.cases.who import Names

from . import service
from .engine import SearchError
from .service import Found, Hit

# Hits on one page of results.
PORTION = 30
# Nobody reads further, and an index gets slower the further it is asked.
DEEPEST = 3000


@dataclass
class Asked:
    """What the address asks for. `errors` are by field, in the user's words."""

    q: str = ""
    section: str = ""
    party: str = ""
    date_from: str = ""
    date_to: str = ""
    offset: int = 0
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, request: HttpRequest) -> Asked:
        get = request.GET
        offset = get.get("offset", "")
        return cls(
            q=get.get("q", "").replace("\x00", " ").strip()[:2000],
            section=get.get("section", "")[:20],
            party=get.get("party", "")[:60],
            date_from=get.get("from", "").strip()[:40],
            date_to=get.get("to", "").strip()[:40],
            offset=min(int(offset), DEEPEST) if offset.isdecimal() and len(offset) < 8 else 0,
        )

    def address(self, **changes: Any) -> str:
        """The query string of this search with `changes`, without what is empty."""
        words = {
            "q": self.q, "section": self.section, "party": self.party,
            "from": self.date_from, "to": self.date_to, "offset": self.offset, **changes,
        }  # fmt: skip
        return "?" + urlencode({key: value for key, value in words.items() if value})

    def filters(self) -> dict[str, Any]:
        """What service.find is told; a date that is none is said beside its field and left out."""
        found: dict[str, Any] = {"section": self.section or None, "party": self.party or None}
        for name, typed in (("date_from", self.date_from), ("date_to", self.date_to)):
            try:
                day = read_day(typed)
            except ValidationError as error:
                self.errors[name] = " ".join(error.messages)
                continue
            found[name] = day.isoformat() if day else None
        return found


@dataclass
class Group:
    """The hits of one document, in the order of their first."""

    document: Document
    pages: int
    hits: list[dict[str, Any]] = field(default_factory=list)


@login_required
@require_safe
def everywhere(request: HttpRequest) -> HttpResponse:
    """Search over every case that one is part of."""
    return _screen(request, viewers_of(request.user), None)


@login_required
@require_safe
def in_case(request: HttpRequest, reference: str) -> HttpResponse:
    """Search within one case."""
    viewer = viewer_in(request.user, reference=reference)
    return _screen(request, [viewer], viewer)


def _screen(request: HttpRequest, viewers: Sequence[Viewer], viewer: Viewer | None) -> HttpResponse:
    asked = Asked.of(request)
    filters = asked.filters()
    home = reverse("search:search", args=[viewer.case.reference] if viewer else [])
    context: dict[str, Any] = {"viewer": viewer, "asked": asked, "home": home, "groups": [], "broken": False}
    status = 200
    if asked.q:
        limits.often(limits.SEARCH, request.user.pk)
        try:
            found = service.find(
                viewers, asked.q, **filters, limit=PORTION, offset=asked.offset, count=service.behind
            )
            context |= _answer(viewers, viewer, asked, filters, found)
        except SearchError:
            context["broken"], status = True, 503
    if getattr(request, "htmx", False):
        # A part of a page that is not put in would leave old answers beside a new question.
        response = render(request, "search/_answer.html", context)
        response["HX-Replace-Url"] = home + (asked.address() if asked.q else "")
    else:
        template = "search/case.html" if viewer else "search/everywhere.html"
        response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _answer(
    viewers: Sequence[Viewer], viewer: Viewer | None, asked: Asked, filters: dict[str, Any], found: Found
) -> dict[str, Any]:
    facets = dict(found.facets)
    # What is chosen says how many it finds; the others how many they would find in its place.
    for name in ("section", "party"):
        if filters.get(name):
            others = service.find(viewers, asked.q, **{**filters, name: None}, limit=0)
            facets[name] = others.facets.get(name, {})
    end = asked.offset + len(found.hits)
    more = found.next_offset is not None and found.next_offset <= DEEPEST
    return {
        "found": found,
        "documents": len(found.facets.get("document", {})),
        "groups": _groups(found, asked.q),
        "sections": _sections(viewer, facets.get("section", {}), asked.section),
        "parties": _parties(viewers, facets.get("party", {}), asked.party),
        "first": asked.offset + 1,
        "last": end,
        "previous": asked.address(offset=max(0, asked.offset - PORTION)) if asked.offset else "",
        "next": asked.address(offset=found.next_offset) if more else "",
        "behind": found.behind,
        "misspelt": _misspelt(asked) if not found.total else "",
    }


def _groups(found: Found, q: str) -> list[Group]:
    groups: dict[Any, Group] = {}
    counts = found.facets.get("document", {})
    for hit in found.hits:
        group = groups.get(hit.document.pk)
        if group is None:
            group = Group(hit.document, counts.get(str(hit.document.pk), 0))
            groups[hit.document.pk] = group
        group.hits.append({"hit": hit, "href": _href(hit, q)})
    return list(groups.values())


def _href(hit: Hit, q: str) -> str:
    """The reader at that page, with the search active."""
    if not hit.label:
        return ""
    document = hit.document
    where = [document.case.reference, document.section.bundle.slug, hit.label]
    return f"{reverse('bundles:page', args=where)}?{urlencode({'q': q})}"


def _sections(viewer: Viewer | None, counts: dict[str, int], chosen: str) -> list[dict[str, Any]]:
    """{"value", "text", "count", "chosen"} of the sections with hits, in the order of the bundle."""
    titles: dict[str, str] = {}
    if viewer is not None:
        for letter, title in Section.objects.visible_to(viewer).values_list("letter", "title"):
            titles.setdefault(letter, shown(title))
    letters = dict.fromkeys([*titles, *sorted(counts)])
    wanted = [letter for letter in letters if counts.get(letter) or letter == chosen]
    if chosen and chosen not in wanted:
        wanted.append(chosen)
    return [
        {
            "value": letter,
            "text": f"{letter} {titles.get(letter, '')}".strip(),
            "count": counts.get(letter, 0),
            "chosen": letter == chosen,
        }
        for letter in wanted
    ]


def _parties(viewers: Sequence[Viewer], counts: dict[str, int], chosen: str) -> list[dict[str, Any]]:
    wanted = sorted(slug for slug in {*counts, chosen} if slug)
    names: dict[str, str] = {}
    for viewer in viewers:
        if not set(wanted) - set(names):
            break
        known = Names(viewer.case)
        names.update({slug: known.party(slug) for slug in wanted if slug in known.parties})
    return [
        {
            "value": slug,
            "text": names.get(slug, slug),
            "count": counts.get(slug, 0),
            "chosen": slug == chosen,
        }
        for slug in wanted
    ]


def _misspelt(asked: Asked) -> str:
    """The same search for words spelt about so, where it is made of plain words."""
    words = asked.q.split()
    if not words or not all(word.isalpha() and len(word) > 3 and word != "OR" for word in words):
        return ""
    return asked.address(q=" ".join(f"{word}~" for word in words), offset=0)
