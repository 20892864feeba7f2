"""Account: details, API tokens, and where one is signed in."""

from __future__ import annotations

import datetime
import re

import pytest
from django.test import Client
from django.utils import timezone

from casebundle.cases.access import user_of_token, viewers_of
from casebundle.cases.models import ApiToken
from tests.cast import just_signed_in, viewer

pytestmark = pytest.mark.django_db


def secret_in(answer):
    return re.search(r'id="token"[^>]*>(cb_[\w-]+)<', answer.content.decode())[1]


def test_one_must_be_signed_in(client, cast):
    for method, path in (
        ("get", "/account/"),
        ("post", "/account/tokens/"),
        ("post", "/account/sessions/end/"),
    ):
        assert getattr(client, method)(path).status_code == 302, path


def test_name_and_language_are_kept(client, cast):
    client.force_login(cast.priya)
    answer = client.post("/account/", {"name": "Priya K Shah", "language": "cy"})
    assert answer.cookies["django_language"].value == "cy"
    cast.priya.refresh_from_db()
    assert (cast.priya.name, cast.priya.language) == ("Priya K Shah", "cy")


def test_the_language_of_the_account_holds_on_every_device(client, cast):
    client.force_login(cast.mari)
    assert client.get("/account/").headers["Content-Language"] == "cy"
    # The switch on the page goes first.
    client.cookies["django_language"] = "en-gb"
    assert client.get("/account/").headers["Content-Language"] == "en-gb"
    client.logout()
    client.cookies.clear()
    client.force_login(cast.priya)
    assert client.get("/account/").headers["Content-Language"] == "en-gb"


def test_a_wrong_name_or_language_is_refused(client, cast):
    client.force_login(cast.priya)
    page = client.post("/account/", {"name": " ", "language": "cy"}).content.decode()
    assert "Fill in “Your name”." in page
    assert client.post("/account/", {"name": "Priya", "language": "xx"}).status_code == 200
    cast.priya.refresh_from_db()
    assert (cast.priya.name, cast.priya.language) == ("Priya Shah", "")


# --- tokens -------------------------------------------------------------------------------------
def test_a_token_is_shown_once(client, cast):
    just_signed_in(client, cast.priya)
    answer = client.post("/account/tokens/", {"name": "Case system"})
    assert "no-store" in answer.headers["Cache-Control"]
    secret = secret_in(answer)
    assert user_of_token(secret) == cast.priya
    page = client.get("/account/").content.decode()
    assert "Case system" in page
    assert secret not in page
    assert secret not in str(list(ApiToken.objects.values()))


def test_a_token_can_be_for_one_case_and_for_some_days(client, cast):
    just_signed_in(client, cast.tom)
    mine = viewer(cast.tom).participant
    secret = secret_in(client.post("/account/tokens/", {"name": "x", "case": str(mine.pk), "days": "30"}))
    assert [each.case.reference for each in viewers_of(user_of_token(secret))] == [mine.case.reference]
    token = ApiToken.objects.get()
    assert datetime.timedelta(days=29) < token.expires_at - timezone.now() < datetime.timedelta(days=31)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Fill in “What is it for?”"),
        ({"days": "0"}, "Enter at least 1 day."),
        ({"days": "soon"}, "Enter a whole number of days"),
        ({"days": "99999"}, "Enter at most 366 days."),
        ({"case": "00000000-0000-0000-0000-000000000000"}, "00000000"),
    ],
)
def test_what_is_wrong_is_said(client, cast, wrong, said):
    just_signed_in(client, cast.priya)
    answer = client.post("/account/tokens/", {"name": "Mine", **wrong})
    assert said in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_a_token_for_a_case_of_others_is_refused(client, cast):
    just_signed_in(client, cast.priya)
    other = viewer(cast.daniel).participant
    client.post("/account/tokens/", {"name": "x", "case": str(other.pk)})
    assert not ApiToken.objects.exists()


def test_one_revokes_ones_own_tokens_alone(client, cast):
    just_signed_in(client, cast.priya)
    secret = secret_in(client.post("/account/tokens/", {"name": "Mine"}))
    path = f"/account/tokens/{ApiToken.objects.get().pk}/revoke/"
    just_signed_in(client, cast.daniel)
    assert client.post(path).status_code == 404
    assert user_of_token(secret)
    just_signed_in(client, cast.priya)
    assert client.get(path).status_code == 405
    client.post(path)
    assert user_of_token(secret) is None
    assert "Revoked" in client.get("/account/").content.decode()


# --- sessions -----------------------------------------------------------------------------------
def signed_in(user, agent):
    client = Client(headers={"User-Agent": agent})
    client.post("/accounts/login/", {"login": user.email, "password": "a good long password"})
    return client


def test_where_one_is_signed_in_is_shown_and_can_be_ended(cast):
    cast.priya.set_password("a good long password")
    cast.priya.save()
    here = signed_in(cast.priya, "Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/130 Safari/537")
    there = signed_in(cast.priya, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604")
    page = here.get("/account/").content.decode()
    assert "Chrome on Windows" in page
    assert "Safari on iPhone" in page
    assert page.count("This one") == 1
    here.post("/account/sessions/end/")
    assert there.get("/account/").status_code == 302
    page = here.get("/account/").content.decode()
    assert "Safari on iPhone" not in page
    assert "Sign out everywhere else" not in page


def test_sessions_of_others_stay(cast):
    for user in (cast.priya, cast.daniel):
        user.set_password("a good long password")
        user.save()
    priya, daniel = signed_in(cast.priya, "a"), signed_in(cast.daniel, "b")
    priya.post("/account/sessions/end/")
    assert daniel.get("/account/").status_code == 200
