"""Addresses under the name `cases`: those of the cases room and the screens that need rooms above it."""

from django.urls import path

from casebundle.cases.urls import urlpatterns as of_people

from . import views

app_name = "cases"

urlpatterns = [
    path("", views.my_cases, name="list"),
    path("new-case/", views.new_case, name="new"),
    path("cases/<slug:reference>/", views.case, name="case"),
    *of_people,
]
