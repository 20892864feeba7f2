"""Addresses of the journal's screen. It stands on the desk: its sentences name things of every room."""

from __future__ import annotations

from django.urls import path

from . import journal_views

app_name = "journal"

urlpatterns = [
    path("cases/<slug:reference>/journal/", journal_views.journal, name="journal"),
    path("cases/<slug:reference>/journal/check", journal_views.check, name="check"),
]
