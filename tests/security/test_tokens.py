"""Tokens: how they are made, what they end with, what a serve-only one sees, and that none leads to another."""

from __future__ import annotations

import datetime
import json
import re
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from casebundle.cases import access, people
from casebundle.cases.models import ApiToken, Scope
from tests.cast import REFERENCE, just_signed_in, pdf

pytestmark = pytest.mark.django_db


def caller(user: Any, scope: str) -> Client:
    secret = people.new_token(user, "t", scope=scope)[1]
    return Client(headers={"Authorization": f"Bearer {secret}"}, raise_request_exception=False)


def test_a_serve_only_token_knows_its_own_sides_documents_alone(cast: Any, served: Any, staged: Any) -> None:
    mine, theirs = served("H", "The red van."), served("PD1", "Ours.", by=cast.daniel)
    shared = served("K", "The defence’s own.", by=cast.daniel)
    client = caller(cast.priya, "serve")
    assert client.get(f"/api/v1/documents/{mine.pk}").status_code == 200
    assert client.get(f"/api/v1/documents/{mine.pk}/receipt").status_code == 200
    full = caller(cast.priya, "full")
    assert full.get(f"/api/v1/documents/{shared.pk}").status_code == 200
    for other in (shared, theirs):
        assert client.get(f"/api/v1/documents/{other.pk}").status_code == 404
        assert client.patch(f"/api/v1/documents/{other.pk}", "{}", "application/json").status_code == 404
        assert client.get(f"/api/v1/documents/{other.pk}/pages").status_code == 404
    path = f"/api/v1/cases/{REFERENCE}/documents"
    file = SimpleUploadedFile("s.pdf", pdf(["New."]), "application/pdf")
    answer = client.post(path, {"file": file, "section": "H", "serve": "false"})
    assert answer.status_code == 202
    waiting = staged("H", "Later.")
    sent = json.dumps({"documents": [str(waiting.pk)]})
    assert client.post(f"/api/v1/cases/{REFERENCE}/serve", sent, "application/json").status_code == 200


# --- ends, and how they are made ----------------------------------------------------------------
def test_every_token_has_an_end(cast: Any, settings: Any) -> None:
    token, _secret = people.new_token(cast.priya, "t")
    assert datetime.timedelta(days=89) < token.expires_at - timezone.now() < datetime.timedelta(days=91)
    for days in (0, -1, 367, 36_500):
        with pytest.raises(Exception, match="1 to 366 days"):
            people.new_token(cast.priya, "t", days=days)
    # What the version before wrote without one opens nothing.
    _token, secret = people.new_token(cast.priya, "t")
    ApiToken.objects.update(expires_at=None)
    assert access.user_of_token(secret) is None


def test_the_command_prints_the_token_alone(cast: Any) -> None:
    out = StringIO()
    call_command("token", cast.priya.email, "--scope", "serve", "--days", "7", stdout=out)
    secret = out.getvalue().strip()
    assert re.fullmatch(r"cb_[\w-]+", secret)
    user = access.user_of_token(secret)
    assert user is not None
    assert user.token.scope == "serve"
    assert user.token.expires_at - timezone.now() < datetime.timedelta(days=7)
    with pytest.raises(CommandError, match="1 to 366 days"):
        call_command("token", cast.priya.email, "--days", "400")


def test_the_list_says_scope_end_and_last_use(cast: Any) -> None:
    client = just_signed_in(Client(), cast.priya)
    client.post("/account/tokens/", {"name": "Case system", "scope": "serve", "days": "30"})
    page = client.get("/account/").content.decode()
    for said in ("Case system", "Serve only", "never used", "works until"):
        assert said in page
    ApiToken.objects.update(expires_at=timezone.now(), used_at=timezone.now())
    page = client.get("/account/").content.decode()
    assert "ran out on" in page
    assert "last used on" in page


def test_no_token_makes_tokens_or_changes_an_account(cast: Any) -> None:
    for scope in Scope:
        client = caller(cast.tom, scope)
        held = ApiToken.objects.count()
        for address in (
            "/account/",
            "/account/tokens/",
            "/accounts/password/change/",
            "/account/sessions/end/",
        ):
            answer = client.post(address, {"name": "x", "language": "cy"})
            assert answer.status_code == 302
            assert "/accounts/login/" in answer["Location"]
        assert ApiToken.objects.count() == held
        for path in ("/me", "/tokens", "/account"):
            for method in ("POST", "PATCH", "PUT", "DELETE"):
                assert client.generic(method, f"/api/v1{path}", "{}", "application/json").status_code in (
                    404,
                    405,
                )


def test_a_new_token_is_told_by_mail(cast: Any, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        people.new_token(cast.mari, "Case\r\nBcc: x@x.example", scope="read")
    assert [message.to for message in mail.outbox] == [[cast.mari.email]]
    assert "Os nad chi" in mail.outbox[0].body


def test_me_says_what_the_token_is(cast: Any) -> None:
    said = caller(cast.priya, "serve").get("/api/v1/me").json()["token"]
    assert (said["name"], said["scope"]) == ("t", "serve")
    assert just_signed_in(Client(), cast.priya).get("/api/v1/me").json()["token"] is None
