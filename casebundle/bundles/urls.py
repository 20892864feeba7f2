"""Addresses of the bundles room: the index of a bundle and the reader.

They begin with `cases/<reference>/`, as those of other rooms do; words that name other things of a case are no slugs.
"""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from . import reader, views


class SlugConverter(StringConverter):
    """The slug of a bundle."""

    regex = (
        r"(?!(?:people|serve|notes|search|journal|hearings|bundles|documents|opened|exports)(?:/|$))"
        r"[-a-zA-Z0-9_]+"
    )


register_converter(SlugConverter, "bundle_slug")

app_name = "bundles"

urlpatterns = [
    path("cases/<slug:reference>/opened", reader.opened, name="opened"),
    path(
        "cases/<slug:reference>/documents/<uuid:document>/pages.json",
        reader.preview_pages,
        name="preview_pages",
    ),
    path("cases/<slug:reference>/documents/<uuid:document>/<int:number>", reader.preview, name="preview"),
    path("documents/<uuid:pk>/edit/", views.edit, name="edit"),
    path("documents/<uuid:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("cases/<slug:reference>/people/defendants/", views.add_defendant, name="add-defendant"),
    path("cases/<slug:reference>/people/<uuid:pk>/see/", views.see_as, name="see-as"),
    path("cases/<slug:reference>/bundles/<slug:slug>/move/", views.move, name="move"),
    path("cases/<slug:reference>/bundles/<slug:slug>/numbers/", views.numbers, name="numbers"),
    path("cases/<slug:reference>/bundles/<slug:slug>/freeze/", views.freeze, name="freeze"),
    path("cases/<slug:reference>/bundles/<slug:slug>/sections/", views.sections, name="sections"),
    path("cases/<slug:reference>/bundles/<slug:slug>/sections/new/", views.new_section, name="new-section"),
    path("cases/<slug:reference>/bundles/<slug:slug>/sections/<uuid:pk>/", views.restrict, name="restrict"),
    path("cases/<slug:reference>/<bundle_slug:slug>/", views.index, name="index"),
    path("cases/<slug:reference>/<bundle_slug:slug>/read", reader.read, name="read"),
    path("cases/<slug:reference>/<bundle_slug:slug>/pages.json", reader.pages, name="pages"),
    path("cases/<slug:reference>/<bundle_slug:slug>/go", reader.go, name="go"),
    path("cases/<slug:reference>/<bundle_slug:slug>/<str:label>", reader.page, name="page"),
]
