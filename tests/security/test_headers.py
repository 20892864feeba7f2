"""What other sites and the browser may do with an answer: said on every answer of every address."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import transaction
from django.test import Client

from tests.cases import test_permission_table as table

pytestmark = pytest.mark.django_db

world = table.world
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"

MORE = [
    ("GET", "/no/such/page/", None, ""),
    ("GET", "/accounts/login/", None, ""),
    ("GET", "/accounts/logout/", None, ""),
    ("GET", "/accounts/signup/", None, ""),
    ("GET", "/accounts/password/reset/", None, ""),
    ("GET", "/accounts/password/change/", None, ""),
    ("GET", "/accounts/password/reset/key/1-wrong/", None, ""),
    ("POST", "/accounts/login/", {"login": "x@x.example", "password": "wrong"}, ""),
    ("PUT", f"{table.C}/", None, ""),
    ("OPTIONS", f"{table.API}/cases", None, ""),
    ("TRACE", "/", None, ""),
]
# A page that is shown to its reader alone and can be asked for again, or a picture that never changes.
KEPT = {"private, no-cache", "private, max-age=31536000, immutable"}
NOTHING = {"'none'", "'self'", "data:", "blob:"}


def read(response: Any) -> bytes:
    """The body. (To close an answer that is given in pieces would close the connection of the test.)"""
    return b"".join(response.streaming_content) if response.streaming else response.content


def policy_of(response: Any) -> dict[str, set[str]]:
    text = response["Content-Security-Policy"]
    assert "," not in text, "two policies"
    parts = [part.split() for part in text.split(";") if part.strip()]
    return {part[0]: set(part[1:]) for part in parts}


def problems_of(response: Any) -> list[str]:
    found = []
    policy = policy_of(response)
    if policy.get("default-src") != {"'none'"} or policy.get("frame-ancestors") != {"'none'"}:
        found.append(f"policy {policy}")
    if policy.get("sandbox"):
        found.append("a sandbox with holes")
    found += [
        f"{name} {policy[name]}"
        for name in ("script-src", "style-src")
        if not policy.get(name, set()) <= {"'self'"}
    ]
    outside = {one for values in policy.values() for one in values} - NOTHING
    if outside or "unsafe" in response["Content-Security-Policy"]:
        found.append(f"allows {outside}")
    if "sandbox" not in policy and policy.get("base-uri") != {"'none'"}:
        found.append("no base-uri")
    features = dict(part.strip().split("=", 1) for part in response["Permissions-Policy"].split(","))
    if any(features.get(name) != "()" for name in ("camera", "microphone", "geolocation", "payment", "usb")):
        found.append("Permissions-Policy")
    if set(features.values()) - {"()", "(self)"}:
        found.append("Permissions-Policy allows others")
    for name, wanted in {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
    }.items():
        if response.get(name) != wanted:
            found.append(f"{name}: {response.get(name)}")
    cache = response.get("Cache-Control", "")
    stored = not ("no-store" in cache and "private" in cache)
    if stored and (cache not in KEPT or response.status_code >= 400):
        found.append(f"Cache-Control: {cache!r}")
    kind = response.get("Content-Type", "")
    if "max-age=31536000" in cache and not (kind.startswith("image/") or response.status_code == 304):
        found.append(f"kept for a year: {kind}")
    for cookie in response.cookies.values():
        if not cookie["samesite"] or (not cookie["httponly"] and cookie.key not in OPEN_COOKIES):
            found.append(f"cookie {cookie.OutputString()}")
        if cookie["domain"]:
            found.append(f"cookie for a whole domain: {cookie.key}")
    if any(response.has_header(name) for name in ("Server", "X-Powered-By", "Access-Control-Allow-Origin")):
        found.append("a header that tells or allows too much")
    return found


# Scripts of the page read the token that they send; the language is no secret.
OPEN_COOKIES = {settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME}


@pytest.mark.parametrize("who", ["tom", "priya", "sam", None])
def test_every_answer_says_what_may_be_done_with_it(world: SimpleNamespace, who: str | None) -> None:
    found: list[str] = []
    seen: set[int] = set()
    for method, address, data, _expected in [*table.ROWS, *MORE]:
        with transaction.atomic():
            if (method, address, data, _expected) in MORE and data is None and method != "GET":
                client = Client()
                if who:
                    client.force_login(world.cast[who], backend=BACKEND)
                response = client.generic(method, table.filled(address, world.names))
            else:
                response = table.ask(world, who, method, address, data)
            transaction.set_rollback(True)
        seen.add(response.status_code)
        found += [f"{method} {address} ({response.status_code}): {one}" for one in problems_of(response)]
        read(response)
    assert {200, 404} <= seen
    assert not found, f"{len(found)} times:\n" + "\n".join(found[:40])


def test_what_was_uploaded_never_runs_as_a_page(world: SimpleNamespace) -> None:
    client = Client()
    client.force_login(world.cast.priya, backend=BACKEND)
    for address, kinds in (
        (f"{table.API}/documents/{world.names['open']}/original", {"application/pdf"}),
        (f"{table.API}/documents/{world.names['open']}/pdf", {"application/pdf"}),
        (f"{table.API}/pages/{world.names['pg_open']}/image?width=200", {"image/jpeg", "image/webp"}),
        (f"/screen/{world.names['code']}/page/{world.names['pg_open']}", {"image/jpeg", "image/webp"}),
    ):
        for headers in ({}, {"Accept": "text/html"}, {"Range": "bytes=0-9"}):
            response = client.get(address, headers=headers)
            assert response["Content-Type"] in kinds, address
            assert response["X-Content-Type-Options"] == "nosniff"
            policy = policy_of(response)
            assert policy["default-src"] == {"'none'"}
            if address.endswith(("original", "pdf")):
                assert "sandbox" in policy
            if address.endswith("original"):
                assert response["Content-Disposition"].startswith("attachment")
            read(response)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("bytes=0-0", 206),
        ("bytes=-1", 206),
        ("bytes=5-2", 416),
        ("bytes=999999999-", 416),
        (f"bytes={'9' * 5000}-", 200),
        (f"bytes=-{'9' * 5000}", 200),
        ("bytes=0-1,3-4", 200),
        ("bytes=a-b", 200),
        ("lines=0-1", 200),
        ("bytes=\u0665-", 200),
    ],
)
def test_a_range_of_any_shape_is_answered(world: SimpleNamespace, asked: str, status: int) -> None:
    client = Client()
    client.force_login(world.cast.priya, backend=BACKEND)
    response = client.get(f"{table.API}/documents/{world.names['open']}/pdf", headers={"Range": asked})
    assert response.status_code == status
    read(response)


def test_static_files_are_for_our_own_pages() -> None:
    from whitenoise.middleware import WhiteNoiseMiddleware

    assert WhiteNoiseMiddleware(lambda request: None).allow_all_origins is False
    assert finders.find("base/base.js")


def test_our_scripts_make_no_html_from_text() -> None:
    """What came from a document is put on the page as text: no script of ours builds markup from strings."""
    wrong = re.compile(
        r"(?:inner|outer)HTML\s*\+?=(?!=)|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|setHTMLUnsafe"
    )
    found = [
        f"{path.relative_to(settings.BASE_DIR)}: {match[0]}"
        for path in sorted((settings.BASE_DIR / "static").rglob("*.js"))
        if "build" not in path.relative_to(settings.BASE_DIR / "static").parts
        for match in wrong.finditer(path.read_text())
    ]
    assert not found


# --- forms of other sites -----------------------------------------------------------------------
def test_every_form_needs_its_token(world: SimpleNamespace) -> None:
    """Whatever a page of ours takes is taken from a page of ours alone."""
    open_, seen = [], 0
    for method, address, data, _expected in [
        *table.ROWS,
        ("POST", "/accounts/login/", {"login": "x@x.example", "password": "x"}, ""),
        ("POST", "/accounts/logout/", {}, ""),
        ("POST", "/accounts/password/change/", {"oldpassword": "x"}, ""),
        ("POST", "/accounts/password/reset/", {"email": "x@x.example"}, ""),
        ("POST", f"{table.C}/people/invite/", {"email": "x@x.example"}, ""),
    ]:
        if method == "GET":
            continue
        client = Client(enforce_csrf_checks=True)
        client.force_login(world.cast.tom, backend=BACKEND)
        sent = data() if callable(data) else table.filled(data, world.names) or {}
        path = table.filled(address, world.names)
        with transaction.atomic():
            if path.startswith(table.API) and not callable(data):
                response = client.generic(method, path, "{}", content_type="application/json")
            else:
                response = client.post(path, sent)
            transaction.set_rollback(True)
        seen += 1
        if response.status_code not in (403, 404):
            open_.append(f"{method} {address}: {response.status_code}")
    assert seen > 40
    assert not open_


def test_looking_changes_nothing(world: SimpleNamespace) -> None:
    """A GET may note a visit, and where one reads; it makes, changes and deletes nothing else."""
    from django.apps import apps
    from django.db import connection

    free = {"cases_participant", "bundles_opened", "django_session", "cases_tally", "cases_apitoken"}
    tables = sorted({model._meta.db_table for model in apps.get_models()} - free)

    def state() -> dict[str, Any]:
        with connection.cursor() as cursor:
            found = {}
            for name in tables:
                newest = "rowid" if connection.vendor == "sqlite" else "CAST(CAST(xmin AS TEXT) AS BIGINT)"
                cursor.execute(f"SELECT COUNT(*), MAX({newest}) FROM {name}")
                found[name] = cursor.fetchone()
            return found

    client = Client()
    client.force_login(world.cast.tom, backend=BACKEND)
    before = state()
    for method, address, _data, _expected in table.ROWS:
        if method == "GET":
            read(client.get(table.filled(address, world.names)))
            assert state() == before, address
