"""Addresses of the search screen: over all my cases, and within one."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "search"

urlpatterns = [
    path("search/", views.everywhere, name="search"),
    path("cases/<slug:reference>/search/", views.in_case, name="search"),
]
