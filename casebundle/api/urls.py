from django.urls import path, re_path

from .docs import docs
from .main import answered, api, nothing_here

urlpatterns = [
    path("docs", docs, name="api-docs"),
    path("", api.urls),
    re_path(r"^[\s\S]*$", answered(nothing_here)),
]
