from django.urls import path

from . import views

app_name = "running"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.counters, name="metrics"),
]
