"""Who may do what: a row for every route, a column for each of the cast. A route without a row fails.

The columns: Priya (prosecution), Daniel (defends Bates), Mari (defends Doyle), Ruth (judge), Tom (clerk), Sam (in no
part of this case), and nobody (not signed in). `in` is sent to sign in; what may not be seen is 404 and not 403.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from ninja.operation import PathView

from annotations import services as notes
from casebundle.bundles.models import Bundle, Page, PageText, Section, page_id
from casebundle.cases import people
from casebundle.cases.models import Participant
from casebundle.courtroom import services as court
from tests.cast import OTHER, REFERENCE, Cast, just_signed_in, pdf, read, viewer

# Each test runs inside the module's own transaction and undoes what it did.
pytestmark = pytest.mark.django_db

WHO = ["priya", "daniel", "mari", "ruth", "tom", "sam", None]
C = f"/cases/{REFERENCE}"
API = "/api/v1"
AC = f"{API}/cases/{REFERENCE}"
JSON = "application/json"


def a_file() -> dict[str, Any]:
    return {"file": SimpleUploadedFile("s.pdf", pdf(["New."]), "application/pdf")}


def upload() -> dict[str, Any]:
    return {**a_file(), "section": "A"}


def from_the_page() -> dict[str, Any]:
    return {**a_file(), "section": "main/A", "seen": "everybody"}


NOTE = {"kind": "note", "body": "Seen", "audience": "private"}


# (method, address, what is sent, what comes back for priya daniel mari ruth tom sam nobody)
ROWS: list[tuple[str, str, Any, str]] = [
    # --- the API: cases ---
    ("GET", f"{API}/", None, "404 404 404 404 404 404 404"),
    ("GET", f"{API}/docs", None, "200 200 200 200 200 200 200"),
    ("GET", f"{API}/openapi.json", None, "200 200 200 200 200 200 200"),
    ("GET", f"{API}/nothing-here", None, "404 404 404 404 404 404 404"),
    ("GET", f"{API}/me", None, "200 200 200 200 200 200 401"),
    ("GET", f"{API}/cases", None, "200 200 200 200 200 200 401"),
    (
        "POST",
        f"{API}/cases",
        {"reference": "T9", "title": "R v Y", "court": "Leeds", "template": "crown"},
        "403 403 403 403 422 403 401",
    ),
    (
        "POST",
        f"{API}/cases",
        {"reference": "T20260009", "title": "R v Y", "court": "Leeds", "template": "crown"},
        "403 403 403 403 201 403 401",
    ),
    ("GET", AC, None, "200 200 200 200 200 404 401"),
    ("GET", f"{API}/cases/{OTHER}", None, "404 404 404 404 200 200 401"),
    ("GET", f"{API}/cases/T00000000", None, "404 404 404 404 404 404 401"),
    ("POST", f"{AC}/parties", {"name": "Ann Hall"}, "403 403 403 403 201 404 401"),
    ("GET", f"{AC}/participants", None, "200 200 200 200 200 404 401"),
    (
        "POST",
        f"{AC}/participants",
        {"email": "new@x.example", "role": "observer", "party": "court"},
        "403 403 403 403 201 404 401",
    ),
    (
        "PATCH",
        f"{AC}/participants/{{p_mari}}",
        {"role": "observer", "party": "doyle"},
        "403 403 403 403 200 404 401",
    ),
    (
        "PATCH",
        f"{AC}/participants/{{p_mari}}",
        {"role": "defence", "party": "bates"},
        "403 403 403 403 422 404 401",
    ),
    ("PATCH", f"{AC}/participants/{{p_mari}}", {"role": "judge"}, "403 403 403 403 422 404 401"),
    ("PATCH", f"{AC}/participants/{{p_tom}}", {"role": "judge"}, "403 403 403 403 403 404 401"),
    ("PATCH", f"{AC}/participants/{{p_tom}}", {"role": "clerk"}, "403 403 403 403 403 404 401"),
    ("PATCH", f"{AC}/participants/{{p_ruth}}", {"role": "judge"}, "403 403 403 403 200 404 401"),
    ("DELETE", f"{AC}/participants/{{p_tom}}", None, "403 403 403 403 422 404 401"),
    ("DELETE", f"{AC}/participants/{{p_mari}}", None, "403 403 403 403 204 404 401"),
    ("DELETE", f"{AC}/participants/{{p_sam}}", None, "404 404 404 404 404 404 401"),
    # --- bundles ---
    ("GET", f"{AC}/bundles/main", None, "200 200 200 200 200 404 401"),
    ("PATCH", f"{AC}/bundles/main", {"profile": "continuous"}, "200 403 403 200 200 404 401"),
    ("POST", f"{AC}/bundles/main/freeze", {}, "200 403 403 200 200 404 401"),
    ("POST", f"{AC}/bundles/main/sections", {"letter": "Z", "title": "More"}, "403 403 403 403 201 404 401"),
    ("POST", f"{AC}/bundles/main/sections", {"letter": "A", "title": "More"}, "403 403 403 403 409 404 401"),
    # Hidden from the clerk: as if there were none.
    (
        "POST",
        f"{AC}/bundles/main/sections",
        {"letter": "UND2", "title": "More"},
        "403 403 403 403 201 404 401",
    ),
    ("PATCH", f"{AC}/bundles/main/sections/A", {"visible_to": ["court"]}, "403 403 403 403 200 404 401"),
    ("GET", f"{AC}/pages/{{l_open}}", None, "200 200 200 200 200 404 401"),
    ("GET", f"{AC}/pages/{{l_bates}}", None, "200 200 404 200 200 404 401"),
    ("GET", f"{AC}/pages/{{l_und2}}", None, "200 200 200 404 404 404 401"),
    ("GET", f"{AC}/pages/{{l_private}}", None, "404 200 404 404 404 404 401"),
    # --- evidence ---
    ("POST", f"{AC}/documents", upload, "202 202 202 202 202 404 401"),
    ("POST", f"{AC}/serve", {"documents": ["{staged}"]}, "200 404 404 404 404 404 401"),
    ("GET", f"{API}/documents/{{open}}", None, "200 200 200 200 200 404 401"),
    ("GET", f"{API}/documents/{{bates}}", None, "200 200 404 200 200 404 401"),
    ("GET", f"{API}/documents/{{und2}}", None, "200 200 200 404 404 404 401"),
    ("GET", f"{API}/documents/{{private}}", None, "404 200 404 404 404 404 401"),
    ("GET", f"{API}/documents/{{staged}}", None, "200 404 404 404 404 404 401"),
    ("GET", f"{API}/documents/00000000-0000-0000-0000-000000000000", None, "404 404 404 404 404 404 401"),
    ("GET", f"{API}/documents/{{open}}/pages", None, "200 200 200 200 200 404 401"),
    ("GET", f"{API}/documents/{{bates}}/pages", None, "200 200 404 200 200 404 401"),
    ("GET", f"{API}/documents/{{open}}/original", None, "200 403 403 200 200 404 401"),
    ("GET", f"{API}/documents/{{bates}}/original", None, "200 403 404 200 200 404 401"),
    ("GET", f"{API}/documents/{{open}}/pdf", None, "200 200 200 200 200 404 401"),
    ("GET", f"{API}/documents/{{bates}}/pdf", None, "200 200 404 200 200 404 401"),
    ("PATCH", f"{API}/documents/{{open}}", {"title": "Other"}, "200 403 403 403 403 404 401"),
    ("PATCH", f"{API}/documents/{{bates}}", {"title": "Other"}, "200 403 404 403 403 404 401"),
    ("PATCH", f"{API}/documents/{{open}}", {"position": 0}, "200 403 403 200 200 404 401"),
    ("POST", f"{API}/documents/{{open}}/replace", a_file, "202 403 403 403 403 404 401"),
    ("POST", f"{API}/documents/{{open}}/withdraw", {"reason": "In error"}, "200 403 403 403 403 404 401"),
    ("GET", f"{API}/documents/{{open}}/receipt", None, "200 200 200 200 200 404 401"),
    ("GET", f"{API}/documents/{{bates}}/receipt", None, "200 200 404 200 200 404 401"),
    # --- pages ---
    ("GET", f"{API}/pages/{{pg_open}}", None, "200 200 200 200 200 404 401"),
    ("GET", f"{API}/pages/{{pg_open}}/image?width=200", None, "200 200 200 200 200 404 401"),
    ("GET", f"{API}/pages/{{pg_bates}}/image?width=200", None, "200 200 404 200 200 404 401"),
    ("GET", f"{API}/pages/{{pg_und2}}/image?width=200", None, "200 200 200 404 404 404 401"),
    ("GET", f"{API}/pages/{{pg_staged}}/image?width=200", None, "200 404 404 404 404 404 401"),
    ("GET", f"{API}/pages/{{pg_private}}/image?width=200", None, "404 200 404 404 404 404 401"),
    ("GET", f"{API}/pages/{{pg_open}}/text", None, "200 200 200 200 200 404 401"),
    ("GET", f"{API}/pages/{{pg_bates}}/text", None, "200 200 404 200 200 404 401"),
    ("GET", f"{API}/pages/{{pg_private}}/text", None, "404 200 404 404 404 404 401"),
    # of a version that was replaced, and of one that is not read yet: their own side's alone
    ("GET", f"{API}/pages/{{pg_old}}", None, "200 404 404 404 404 404 401"),
    ("GET", f"{API}/pages/{{pg_old}}/image?width=200", None, "200 404 404 404 404 404 401"),
    ("GET", f"{API}/pages/{{pg_old}}/text", None, "200 404 404 404 404 404 401"),
    ("GET", f"{API}/pages/{{pg_old}}/notes", None, "200 404 404 404 404 404 401"),
    ("POST", f"{API}/pages/{{pg_old}}/notes", NOTE, "409 404 404 404 404 404 401"),
    ("GET", f"{API}/pages/{{pg_new}}/image?width=200", None, "200 200 200 200 200 404 401"),
    ("GET", f"{API}/pages/{{pg_coming}}/image?width=200", None, "200 404 404 404 404 404 401"),
    ("GET", f"{API}/pages/{{pg_coming}}/text", None, "200 404 404 404 404 404 401"),
    ("GET", f"{API}/documents/{{replaced}}/original", None, "200 403 403 200 200 404 401"),
    ("GET", f"{API}/documents/{{replaced}}/original?version=1", None, "200 403 403 404 404 404 401"),
    ("GET", f"{API}/documents/{{replaced}}/original?version=3", None, "200 403 403 404 404 404 401"),
    ("GET", f"{API}/documents/{{replaced}}/pdf", None, "200 200 200 200 200 404 401"),
    # --- notes ---
    ("GET", f"{API}/pages/{{pg_open}}/notes", None, "200 200 200 200 200 404 401"),
    ("POST", f"{API}/pages/{{pg_open}}/notes", NOTE, "201 201 201 201 201 404 401"),
    ("POST", f"{API}/pages/{{pg_bates}}/notes", NOTE, "201 201 404 201 201 404 401"),
    ("GET", f"{API}/notes/{{n_case}}", None, "200 200 200 200 200 404 401"),
    ("GET", f"{API}/notes/{{n_party}}", None, "404 200 404 404 404 404 401"),
    ("GET", f"{API}/notes/{{n_private}}", None, "404 200 404 404 404 404 401"),
    ("GET", f"{API}/notes/{{n_doyle}}", None, "404 200 200 404 404 404 401"),
    ("GET", f"{API}/notes/{{n_hidden}}", None, "200 200 404 200 200 404 401"),
    ("PATCH", f"{API}/notes/{{n_case}}", {"body": "Changed"}, "403 200 403 403 403 404 401"),
    ("PATCH", f"{API}/notes/{{n_private}}", {"body": "Changed"}, "404 200 404 404 404 404 401"),
    ("DELETE", f"{API}/notes/{{n_case}}", None, "403 204 403 403 403 404 401"),
    ("DELETE", f"{API}/notes/{{n_private}}", None, "404 204 404 404 404 404 401"),
    ("POST", f"{API}/notes/{{n_case}}/replies", {"body": "Yes"}, "201 201 201 201 201 404 401"),
    ("POST", f"{API}/notes/{{n_party}}/replies", {"body": "Yes"}, "404 201 404 404 404 404 401"),
    # --- search, journal ---
    ("GET", f"{API}/search?q=van", None, "200 200 200 200 200 200 401"),
    ("GET", f"{API}/search?q=van&case={REFERENCE}", None, "200 200 200 200 200 404 401"),
    ("GET", f"{AC}/journal", None, "200 200 200 200 200 404 401"),
    # --- hearings ---
    ("GET", f"{AC}/hearings", None, "200 200 200 200 200 404 401"),
    (
        "POST",
        f"{AC}/hearings",
        {"title": "PTPH", "starts": "2030-01-01T10:00:00Z"},
        "403 403 403 201 201 404 401",
    ),
    ("GET", f"{API}/hearings/{{hearing}}", None, "200 200 200 200 200 404 401"),
    ("POST", f"{API}/hearings/{{listed}}/open", {}, "403 403 403 409 409 404 401"),
    (
        "POST",
        f"{API}/hearings/{{hearing}}/floor",
        {"participant": "{p_daniel}"},
        "403 403 403 200 200 404 401",
    ),
    ("POST", f"{API}/hearings/{{hearing}}/close", {}, "403 403 403 200 200 404 401"),
    ("POST", f"{API}/hearings/{{hearing}}/screens", {"name": "Gallery"}, "403 403 403 403 201 404 401"),
    ("DELETE", f"{API}/screens/{{code}}", None, "404 404 404 404 204 404 401"),
    # --- pages for people: my cases, case, people, account ---
    ("GET", "/", None, "200 200 200 200 200 200 in"),
    ("GET", "/new-case/", None, "403 403 403 403 200 403 in"),
    ("GET", f"{C}/", None, "200 200 200 200 200 404 in"),
    ("GET", f"{C}/people/", None, "200 200 200 200 200 404 in"),
    ("GET", f"{C}/people/invite/", None, "403 403 403 403 200 404 in"),
    ("GET", f"{C}/people/{{p_mari}}/", None, "403 403 403 403 200 404 in"),
    ("GET", f"{C}/people/{{p_mari}}/name/", None, "403 403 403 403 200 404 in"),
    ("GET", f"{C}/people/{{p_sam}}/name/", None, "404 404 404 404 404 404 in"),
    ("POST", f"{C}/people/{{p_mari}}/remove/", {}, "403 403 403 403 302 404 in"),
    ("POST", f"{C}/people/{{p_mari}}/resend/", {}, "403 403 403 403 302 404 in"),
    ("GET", f"{C}/people/defendants/", None, "403 403 403 403 200 404 in"),
    ("POST", f"{C}/people/{{p_mari}}/see/", {}, "403 403 403 403 302 404 in"),
    ("POST", f"{C}/people/{{p_sam}}/see/", {}, "404 404 404 404 404 404 in"),
    ("GET", "/invitations/wrong/", None, "410 410 410 410 410 410 410"),
    ("GET", "/invitations/{secret}/", None, "200 200 200 200 200 200 200"),
    ("GET", "/account/", None, "200 200 200 200 200 200 in"),
    ("POST", "/account/tokens/", {"name": ""}, "200 200 200 200 200 200 in"),
    ("POST", "/account/tokens/{token}/revoke/", {}, "404 302 404 404 404 404 in"),
    # Who has no password cannot give it again; of the cast nobody has one.
    ("POST", "/account/sessions/end/", {}, "302 302 302 302 302 302 in"),
    # --- the bundle ---
    ("GET", f"{C}/main/", None, "200 200 200 200 200 404 in"),
    ("GET", f"{C}/nothing/", None, "404 404 404 404 404 404 in"),
    ("GET", "/documents/{open}/edit/", None, "200 403 403 200 200 404 in"),
    ("GET", "/documents/{bates}/edit/", None, "200 403 404 200 200 404 in"),
    ("GET", "/documents/{open}/withdraw/", None, "200 403 403 403 403 404 in"),
    (
        "POST",
        f"{C}/bundles/main/move/",
        {"document": "{open}", "section": "{s_open}", "before": ""},
        "302 403 403 302 302 404 in",
    ),
    ("GET", f"{C}/bundles/main/numbers/", None, "200 403 403 200 200 404 in"),
    ("POST", f"{C}/bundles/main/freeze/", {}, "302 403 403 302 302 404 in"),
    ("GET", f"{C}/bundles/main/sections/", None, "403 403 403 403 200 404 in"),
    ("GET", f"{C}/bundles/main/sections/new/", None, "403 403 403 403 200 404 in"),
    ("GET", f"{C}/bundles/main/sections/{{s_open}}/", None, "403 403 403 403 200 404 in"),
    ("GET", f"{C}/bundles/main/sections/{{s_und2}}/", None, "403 403 403 404 404 404 in"),
    # --- the reader ---
    ("GET", f"{C}/main/read", None, "200 200 200 200 200 404 in"),
    ("GET", f"{C}/main/pages.json", None, "200 200 200 200 200 404 in"),
    ("GET", f"{C}/main/go?to={{l_open}}", None, "302 302 302 302 302 404 in"),
    ("GET", f"{C}/main/go?to={{l_bates}}", None, "302 302 404 302 302 404 in"),
    ("GET", f"{C}/main/{{l_open}}", None, "200 200 200 200 200 404 in"),
    ("GET", f"{C}/main/{{l_bates}}", None, "200 200 404 200 200 404 in"),
    ("GET", f"{C}/main/{{l_und2}}", None, "200 200 200 404 404 404 in"),
    ("GET", f"{C}/main/{{l_private}}", None, "404 200 404 404 404 404 in"),
    ("POST", f"{C}/opened", {"page": "{pg_open}"}, "204 204 204 204 204 404 in"),
    ("POST", f"{C}/opened", {"page": "{pg_bates}"}, "204 204 404 204 204 404 in"),
    ("GET", f"{C}/documents/{{staged}}/1", None, "200 404 404 404 404 404 in"),
    ("GET", f"{C}/documents/{{staged}}/pages.json", None, "200 404 404 404 404 404 in"),
    # --- serving ---
    ("GET", f"{C}/serve/", None, "200 200 200 200 200 404 in"),
    ("POST", f"{C}/serve/upload", from_the_page, "202 202 202 202 202 404 401"),
    ("GET", f"{C}/serve/states", None, "200 200 200 200 200 404 401"),
    ("POST", f"{C}/serve/rows", {}, "302 302 302 302 302 404 in"),
    ("POST", f"{C}/serve/all", {"section": "main/A", "audience": "everybody"}, "302 302 302 302 302 404 in"),
    ("POST", f"{C}/serve/{{staged}}", {"title": "Other"}, "200 404 404 404 404 404 401"),
    ("POST", f"{C}/serve/{{staged}}/remove", {}, "302 404 404 404 404 404 in"),
    ("GET", f"{C}/serve/check", None, "200 302 302 302 302 404 in"),
    ("POST", f"{C}/serve/now", {"documents": "{staged}"}, "409 302 302 302 302 404 in"),
    ("GET", f"{C}/serve/receipt/{{served_seq}}-{{served_seq}}/", None, "200 200 200 200 200 404 in"),
    ("GET", f"{C}/serve/receipt/{{bates_seq}}-{{bates_seq}}/", None, "200 200 404 200 200 404 in"),
    ("GET", "/documents/{open}/receipt/", None, "200 200 200 200 200 404 in"),
    ("GET", "/documents/{bates}/receipt/", None, "200 200 404 200 200 404 in"),
    # --- notes, search, journal ---
    ("GET", f"{C}/notes.json?pages={{pg_open}}", None, "200 200 200 200 200 404 401"),
    ("GET", f"{C}/notes/", None, "200 200 200 200 200 404 in"),
    ("GET", "/search/?q=van", None, "200 200 200 200 200 200 in"),
    ("GET", f"{C}/search/?q=van", None, "200 200 200 200 200 404 in"),
    ("POST", f"{C}/journal/check", {}, "302 302 302 302 302 404 in"),
    ("GET", f"{C}/journal/", None, "200 200 200 200 200 404 in"),
    # --- court ---
    ("GET", f"{C}/hearings/", None, "200 200 200 200 200 404 in"),
    ("POST", f"{C}/hearings/", {"title": "PTPH", "starts": "2030-01-01T10:00"}, "403 403 403 302 302 404 in"),
    ("GET", "/hearings/{hearing}/", None, "200 200 200 200 200 404 in"),
    ("GET", "/hearings/{hearing}/live/", None, "200 200 200 200 200 404 in"),
    ("POST", "/hearings/{listed}/begin/", {}, "403 403 403 302 302 404 in"),
    ("POST", "/hearings/{hearing}/close/", {}, "403 403 403 302 302 404 in"),
    ("POST", "/hearings/{hearing}/floor/", {"participant": "{p_daniel}"}, "403 403 403 302 302 404 in"),
    ("POST", "/hearings/{hearing}/screens/", {"name": "Gallery"}, "403 403 403 403 302 404 in"),
    ("POST", "/screens/{code}/end/", {}, "404 404 404 404 302 404 in"),
    # --- evidence screens: whoever has the code, signed in or not, and the one page that is presented ---
    ("GET", "/screen/", None, "200 200 200 200 200 200 200"),
    ("GET", "/screen/{code}", None, "200 200 200 200 200 200 200"),
    ("GET", "/screen/WRONGCDE", None, "404 404 404 404 404 404 404"),
    ("GET", "/screen/{code}/page/{pg_open}", None, "200 200 200 200 200 200 200"),
    ("GET", "/screen/{code}/page/{pg_open2}", None, "404 404 404 404 404 404 404"),
    ("GET", "/screen/{code}/page/{pg_bates}", None, "404 404 404 404 404 404 404"),
    # --- an invitation to an account: whoever is not that account is told so, and accepts nothing ---
    ("GET", "/invitations/{account_secret}/", None, "200 200 200 200 200 200 200"),
    ("POST", "/invitations/{account_secret}/", {}, "403 403 403 403 403 302 403"),
    # --- signing in: about nobody's case. What else allauth has is nowhere ---
    ("GET", "/accounts/login/", None, "302 302 302 302 302 302 200"),
    ("GET", "/accounts/logout/", None, "200 200 200 200 200 200 in"),
    ("GET", "/accounts/inactive/", None, "200 200 200 200 200 200 200"),
    ("GET", "/accounts/signup/", None, "200 200 200 200 200 200 200"),
    ("POST", "/accounts/signup/", {"email": "x@y.example"}, "405 405 405 405 405 405 405"),
    ("GET", "/accounts/reauthenticate/", None, "403 403 403 403 403 200 in"),
    ("GET", "/accounts/password/change/", None, "302 302 302 302 302 200 in"),
    ("GET", "/accounts/password/set/", None, "302 302 302 302 302 302 302"),
    ("GET", "/accounts/password/reset/", None, "200 200 200 200 200 200 200"),
    ("GET", "/accounts/password/reset/done/", None, "200 200 200 200 200 200 200"),
    ("GET", "/accounts/password/reset/key/1-wrong/", None, "200 200 200 200 200 200 200"),
    ("GET", "/accounts/password/reset/key/done/", None, "200 200 200 200 200 200 200"),
    ("GET", "/accounts/email/", None, "404 404 404 404 404 404 404"),
    ("POST", "/accounts/email/", {"action_add": "", "email": "x@y.example"}, "404 404 404 404 404 404 404"),
    ("GET", "/accounts/confirm-email/", None, "404 404 404 404 404 404 404"),
    ("GET", "/accounts/confirm-email/key/", None, "404 404 404 404 404 404 404"),
    ("GET", "/accounts/login/code/confirm/", None, "404 404 404 404 404 404 404"),
    ("GET", "/accounts/3rdparty/", None, "404 404 404 404 404 404 404"),
    # --- language ---
    ("POST", "/i18n/setlang/", {"language": "cy"}, "302 302 302 302 302 302 302"),
    ("GET", "/jsi18n/", None, "200 200 200 200 200 200 200"),
    # --- probes: of processes, about no case; the counters are for who has a token that is no person's ---
    ("GET", "/healthz", None, "200 200 200 200 200 200 200"),
    ("GET", "/readyz", None, "200 200 200 200 200 200 200"),
    ("GET", "/metrics", None, "404 404 404 404 404 404 404"),
]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[SimpleNamespace]:
    """The case with one of everything, made once; every test undoes what it did."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield _build()
        transaction.set_rollback(True)


def _replaced(everybody: Cast, document: Any) -> tuple[Any, dict[str, Any]]:
    """The document with its second version, which people read, and a third that is still being read; their pages."""
    from casebundle.evidence import intake

    who = viewer(everybody.priya)
    old = document.current.page_set.get(index=0)
    intake.replace(who, document, "again.pdf", [pdf(["The new van."])])
    document = read(document)
    coming = intake.replace(who, document, "third.pdf", [pdf(["The next van."])])
    page = Page.objects.create(id=page_id(coming.pk, 0), version=coming, index=0, width=595, height=842)
    PageText.pack(page.pk, "The next van.", []).save(force_insert=True)
    return document, {"old": old, "new": document.current.page_set.get(index=0), "coming": page}


def _build() -> SimpleNamespace:
    from tests.cast import cast as cast_fixture

    everybody: Cast = cast_fixture.__wrapped__(None)  # type: ignore[attr-defined]
    bundle = Bundle.objects.get(case=everybody.case, slug="main")

    def take(who: Any, section: str, *texts: str, serve: bool = True, **more: Any) -> Any:
        from casebundle.evidence import intake

        return read(intake.receive(viewer(who), bundle, section, "d.pdf", [pdf(texts)], serve=serve, **more))

    docs = {
        "open": take(everybody.priya, "A", "The red van.", "A second page of the van."),
        "bates": take(everybody.priya, "J", "The blue van.", visible_to=["bates"]),
        "und2": take(everybody.priya, "UND2", "The green van."),
        "staged": take(everybody.priya, "J", "The grey van.", serve=False),
        "private": take(everybody.daniel, "PD1", "The white van, for us alone."),
    }
    pages = {name: document.current.page_set.get(index=0) for name, document in docs.items()}
    docs["replaced"], more_pages = _replaced(
        everybody, take(everybody.priya, "A", "The old van.", "Its plate.")
    )
    pages |= more_pages
    clerk, judge, daniel = viewer(everybody.tom), viewer(everybody.ruth), viewer(everybody.daniel)
    part = {p.user.email.split(".")[0]: p for p in Participant.objects.filter(case=everybody.case)}
    sam = Participant.objects.get(user=everybody.sam, case=everybody.other_case)
    hearing = court.open_hearing(judge, "Trial, day 1")
    hearing = court.give_floor(judge, hearing, part["priya"])
    hearing = court.turn(viewer(everybody.priya), hearing, pages["open"])
    import datetime

    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=30)
    listed = court.open_hearing(judge, "Sentence", later)
    screen = court.new_screen(clerk, hearing, "Jury")
    invited = people.invite(clerk, "guest@x.example", "observer", ["court"])
    # Somebody who has an account, and a case, of their own.
    everybody.sam.set_password("three random words")
    everybody.sam.save()
    account = people.invite(clerk, everybody.sam.email, "observer", ["court"])
    token, _secret = people.new_token(everybody.daniel, "t")

    def note(choice: str, page: str = "open", **more: Any) -> Any:
        return notes.create(daniel, pages[page], kind="note", body="Look", choice=choice, **more)

    from casebundle.bundles.labels import Labels

    labels = Labels(list(docs.values()))
    names = {
        **{name: document.pk for name, document in docs.items()},
        **{f"l_{name}": labels.label(document.pk, 0) for name, document in docs.items()},
        **{f"pg_{name}": page.pk for name, page in pages.items()},
        **{f"p_{name}": participant.pk for name, participant in part.items()},
        "pg_open2": page_id(docs["open"].current_id, 1),
        "p_sam": sam.pk,
        "n_case": note("case").pk,
        "n_party": note("party").pk,
        "n_private": note("private").pk,
        "n_doyle": note("parties", parties=["doyle"]).pk,
        "n_hidden": note("case", "bates").pk,
        "hearing": hearing.pk,
        "listed": listed.pk,
        "code": screen.code,
        "secret": people.new_invitation(invited),
        "account_secret": people.new_invitation(account),
        "p_invited": account.pk,
        "token": token.pk,
        "s_open": docs["open"].section_id,
        "s_und2": Section.objects.get(bundle=bundle, letter="UND2").pk,
        "served_seq": docs["open"].served_entry,
        "bates_seq": docs["bates"].served_entry,
    }
    return SimpleNamespace(cast=everybody, names={name: str(value) for name, value in names.items()})


def filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda match: names[match[1]], value)
    if isinstance(value, dict):
        return {key: filled(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, names) for one in value]
    return value


def ask(world: SimpleNamespace, who: str | None, method: str, address: str, data: Any) -> Any:
    client = Client(raise_request_exception=True)
    if who:
        if address.startswith(API):
            just_signed_in(client, world.cast[who])
        else:
            client.force_login(world.cast[who], backend="allauth.account.auth_backends.AuthenticationBackend")
    path, sent = filled(address, world.names), data() if callable(data) else filled(data, world.names)
    if method == "GET":
        return client.get(path)
    if callable(data) or not path.startswith(API):
        return client.post(path, sent or {})
    body = None if sent is None else json.dumps(sent)
    return client.generic(method, path, body or "", content_type=JSON)


@pytest.mark.parametrize(
    ("row", "who"),
    [
        pytest.param(row, who, id=f"{row[0]} {row[1]} {who or 'nobody'} {at}")
        for at, row in enumerate(ROWS)
        for who in WHO
    ],
)
def test_each_of_the_cast_gets_what_the_table_says(world: SimpleNamespace, row: Any, who: str | None) -> None:
    method, address, data, expected = row
    wanted = dict(zip(WHO, expected.split(), strict=True))[who]
    with transaction.atomic():
        response = ask(world, who, method, address, data)
        got = str(response.status_code)
        if got == "302" and "/accounts/login/" in response["Location"]:
            got = "in"
        transaction.set_rollback(True)
    assert got == wanted, response.content[:400] if hasattr(response, "content") else ""


def test_what_may_not_be_seen_is_the_same_as_what_is_not_there(world: SimpleNamespace) -> None:
    """Byte for byte, headers and all, over the API and over pages."""
    nothing = "00000000-0000-0000-0000-000000000000"
    pairs = [
        (f"{API}/documents/{{bates}}", f"{API}/documents/{nothing}"),
        (f"{API}/pages/{{pg_bates}}/text", f"{API}/pages/nothing-1/text"),
        (f"{API}/notes/{{n_private}}", f"{API}/notes/{nothing}"),
        (f"{AC}/pages/{{l_private}}", f"{AC}/pages/ZZ99"),
        ("/documents/{bates}/receipt/", f"/documents/{nothing}/receipt/"),
    ]
    for hidden, missing in pairs:
        addresses = [filled(address, world.names) for address in (hidden, missing)]
        answers = [ask(world, "mari", "GET", address, None) for address in addresses]
        assert [answer.status_code for answer in answers] == [404, 404]
        contents = [
            # What was asked for is all that may stand there, and the form's own token.
            re.sub(
                rb"csrf\w*[^>]*value=\"[^\"]*\"|X-CSRFToken[^}]*",
                b"",
                answer.content.replace(address.encode(), b""),
            )
            for answer, address in zip(answers, addresses, strict=True)
        ]
        assert contents[0] == contents[1], hidden
        headers = [{k: v for k, v in answer.headers.items() if k != "Content-Length"} for answer in answers]
        assert headers[0] == headers[1], hidden


def _routes(patterns: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            # As a match says it: without the ^ of a regular expression.
            yield route.replace("^", ""), pattern.callback


def _methods(callback: Any) -> set[str]:
    """The methods of an API route; of a page, any one row will do."""
    view = getattr(callback, "__self__", None)
    if isinstance(view, PathView):
        return set(itertools.chain.from_iterable(operation.methods for operation in view.operations))
    return {"*"}


def test_every_route_has_a_row(world: SimpleNamespace) -> None:
    covered: set[tuple[str, str]] = set()
    for method, address, _data, _expected in ROWS:
        try:
            route = resolve(filled(address, world.names).partition("?")[0]).route
        except Resolver404:
            continue  # a row that says that there is nothing
        covered |= {(route, method), (route, "*")}
    missing = [
        f"{method} /{route}"
        for route, callback in _routes(get_resolver().url_patterns)
        for method in _methods(callback)
        if (route, method) not in covered
    ]
    assert not missing, "routes without a row in the permission table:\n" + "\n".join(sorted(missing))
