"""Addresses of the notes."""

from __future__ import annotations

from django.urls import path

from . import reader_views, views

app_name = "annotations"

urlpatterns = [
    path("cases/<slug:reference>/notes/", views.notes, name="list"),
    path("cases/<slug:reference>/notes.json", reader_views.of_pages, name="of-pages"),
]
