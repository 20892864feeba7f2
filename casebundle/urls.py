"""All addresses, room by room."""

from django.urls import include, path
from django.views.i18n import JavaScriptCatalog

# What the middleware cannot answer: see cases/mending.py.
handler500 = "casebundle.cases.mending.server_error"

# What cannot be read, and what is more than is read; where a limit of allauth is reached, as where one of ours is.
handler400 = "casebundle.cases.errors.bad_request"
handler429 = "casebundle.cases.errors.too_many"

urlpatterns = [
    path("", include("casebundle.running.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("jsi18n/", JavaScriptCatalog.as_view(), name="javascript-catalog"),
    path("accounts/", include("casebundle.cases.account_urls")),
    path("api/v1/", include("casebundle.api.urls")),
    path("", include("casebundle.courtroom.urls")),
    path("", include("casebundle.evidence.urls")),
    path("", include("search.urls")),
    path("", include("casebundle.desk.urls")),
    path("", include("casebundle.desk.journal_urls")),
    path("", include("annotations.urls")),
    # Last of those under cases/: a bundle's slug could be any word.
    path("", include("casebundle.bundles.urls")),
]
