"""Addresses of the evidence room: uploading, serving, receipts."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "evidence"

urlpatterns = [
    path("cases/<slug:reference>/serve/", views.serve, name="serve"),
    path("cases/<slug:reference>/serve/upload", views.upload, name="upload"),
    path("cases/<slug:reference>/serve/states", views.states, name="states"),
    path("cases/<slug:reference>/serve/rows", views.save_rows, name="rows"),
    path("cases/<slug:reference>/serve/all", views.change_all, name="all"),
    path("cases/<slug:reference>/serve/<uuid:pk>", views.change, name="change"),
    path("cases/<slug:reference>/serve/<uuid:pk>/remove", views.remove, name="remove"),
    path("cases/<slug:reference>/serve/check", views.check, name="check"),
    path("cases/<slug:reference>/serve/now", views.serve_now, name="now"),
    path("cases/<slug:reference>/serve/receipt/<int:first>-<int:last>/", views.receipts, name="receipts"),
    path("documents/<uuid:pk>/receipt/", views.receipt, name="receipt"),
]
