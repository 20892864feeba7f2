"""Passwords that are guessed first are refused on every road; another one is told, and ends what was opened with it."""

from __future__ import annotations

import re
import secrets
from io import StringIO
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, identify_hasher
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from casebundle.cases import access, people
from casebundle.cases.models import User
from casebundle.demo import loader
from tests.cast import viewer

pytestmark = pytest.mark.django_db
GOOD, OTHER = "kettle violin marsh", "orchid lamp harbour"

GUESSED = [
    "Welcome12345", "Welcome2026!", "W3lc0me12345!", "ｗｅｌｃｏｍｅ１２３４５", "Password123456", "P@ssw0rd123456",
    "passwordpassword", "Password Password", "Summer2026!!", "S.u.m.m.e.r.2026", "Winter2025-26", "Autumn-2026-1",
    "Leeds2026Court", "CrownCourt2026", "Cr0wnC0urt!!!!", "CourtClerk123", "Manchester2026!", "Birmingham123",
    "qwertyuiop12", "1qaz2wsx3edc", "zaq12wsxcde3", "1q2w3e4r5t6y7u", "asdfghjkl;123", "LondonLondon12", "abcabcabcabc",
    "aaaaaaaaaaaa", "abcdefghijkl", "123456789012", "letmeinletmein", "Changeme12345", "casebundle2026",
    "Casebundle123!", "T20267001T20267001", "PriyaShah2026!", "Shah-Priya-1990", "priyashahcps1!", "Bates2026Doyle",
    "Croeso12345!", "Caerdydd2026!", "Haf2026!!!!!", "Cymru2026!!!!", "Llys-y-Goron-26", "November2026", "Monday20261!",
    "Rumpole2026!!", "Rumpole of the Bailey", "Angharad2026!", "Myfanwy12345!", "Arglwydd12345", "Themis2026!!!",
    "Mabinogion12!", "Ynysybwl2026!", "correct horse battery staple", "correcthorsebatterystaple",
    "C0rrect-H0rse-Battery-Staple-1", "Blodeuwedd2026", "Llanelli-2026", "Angharad Myfanwy 1", "Moriarty12345",
    "To be or not to be!", "hippo!pizzarocket1",
]  # fmt: skip
FINE = [
    "kettle violin marsh", "three random words", "other random words", "coffee tiger bridge", "tegell-ffidil-cors",
    "correct-horse-battery", "Xk29vQpl88Tz", "a1b2-c3d4-e5f6-0718", "glas ci melin afon", "a good long password",
    "umbrella granite fox", "pencil rhubarb window", "teapot mirror sandal", "lorri pensil cwmwl",
]  # fmt: skip


@pytest.mark.parametrize("password", GUESSED)
def test_what_everybody_uses_is_refused(cast: Any, password: str) -> None:
    with pytest.raises(ValidationError) as error:
        validate_password(password, cast.priya)
    assert "three words" in " ".join(error.value.messages)


@pytest.mark.parametrize("password", FINE)
def test_what_nobody_guesses_is_taken(cast: Any, password: str) -> None:
    validate_password(password, cast.priya)


def test_what_the_demo_makes_is_taken(cast: Any, tmp_path: Any, settings: Any) -> None:
    settings.DATA_DIR = tmp_path
    validate_password(loader.password(), cast.priya)
    for _n in range(100):
        validate_password("-".join(secrets.token_hex(2) for _i in range(4)), cast.priya)


def test_a_long_password_takes_no_longer(cast: Any) -> None:
    """What is read has an end, and so has what is asked of zxcvbn."""
    validate_password("orchid lamp harbour " * 500, cast.priya)


# --- every road ---------------------------------------------------------------------------------
def _signed_in(user: Any) -> Client:
    user.set_password(GOOD)
    user.save()
    client = Client()
    assert client.post("/accounts/login/", {"login": user.email, "password": GOOD}).status_code == 302
    return client


def _change(cast: Any, new: str) -> str:
    sent = {"oldpassword": GOOD, "password1": new, "password2": new}
    return str(_signed_in(cast.priya).post("/accounts/password/change/", sent).content.decode())


def _reset(cast: Any, new: str) -> str:
    cast.priya.set_password(GOOD)
    cast.priya.save()
    client = Client()
    client.post("/accounts/password/reset/", {"email": cast.priya.email})
    link = re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)
    assert link is not None
    form = client.get(link[1], follow=True).redirect_chain[-1][0]
    return str(client.post(form, {"password1": new, "password2": new}).content.decode())


def _accept(cast: Any, new: str) -> str:
    guest = people.invite(viewer(cast.tom), "guest@x.example", "observer", ["court"])
    link = f"/invitations/{people.new_invitation(guest)}/"
    return str(Client().post(link, {"name": "Guest", "password": new, "again": new}).content.decode())


def _person(cast: Any, new: str) -> str:
    with patch("sys.stdin", StringIO(f"{new}\n")):
        try:
            call_command("person", "new@x.example", "New Person")
        except CommandError as error:
            return str(error)
    return ""


@pytest.mark.parametrize("road", [_change, _reset, _accept, _person])
@pytest.mark.parametrize("password", ["Welcome12345", "Summer2026!!"])
def test_on_every_road(cast: Any, road: Any, password: str) -> None:
    assert "This password is easy to guess" in road(cast, password)
    assert not any(user.check_password(password) for user in User.objects.all())


# --- told, and what ends ------------------------------------------------------------------------
def test_another_password_ends_tokens_unless_they_are_kept(cast: Any) -> None:
    client = _signed_in(cast.priya)
    _token, secret = people.new_token(cast.priya, "Case system")
    page = client.get("/accounts/password/change/").content.decode()
    assert "Case system" in page
    assert re.search(r'value="end"[^>]*checked', page)
    sent = {"oldpassword": GOOD, "password1": OTHER, "password2": OTHER, "tokens": "keep"}
    assert client.post("/accounts/password/change/", sent).status_code == 302
    assert access.user_of_token(secret) == cast.priya
    again = {"oldpassword": OTHER, "password1": GOOD, "password2": GOOD}
    assert client.post("/accounts/password/change/", again).status_code == 302
    assert access.user_of_token(secret) is None


def test_a_password_by_mail_ends_every_token(cast: Any) -> None:
    _token, secret = people.new_token(cast.priya, "Case system")
    _reset(cast, OTHER)
    assert User.objects.get(pk=cast.priya.pk).check_password(OTHER)
    assert access.user_of_token(secret) is None


def test_another_password_is_told_whatever_the_road(
    cast: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client = _signed_in(cast.mari)
    sent = {"oldpassword": GOOD, "password1": OTHER, "password2": OTHER}
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/password/change/", sent)
    assert [message.to for message in mail.outbox] == [[cast.mari.email]]
    # In her language alone.
    assert "Os nad chi" in mail.outbox[0].body
    assert "If this was not you" not in mail.outbox[0].body
    # Whoever sets it from a shell, too.
    user = User.objects.get(pk=cast.mari.pk)
    user.set_password(GOOD)
    with django_capture_on_commit_callbacks(execute=True):
        user.save()
    assert len(mail.outbox) == 2


def test_the_first_password_is_no_other_one(cast: Any, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        user = User.objects.create_user("n@x.example", GOOD, name="New")
        user.save()
        cast.sam.set_password(GOOD)
        cast.sam.save()
    assert not mail.outbox


def test_another_address_is_told_to_the_old_one_and_the_new(
    cast: Any, django_capture_on_commit_callbacks: Any
) -> None:
    user = User.objects.get(pk=cast.priya.pk)
    user.email = "priya@elsewhere.example"
    with django_capture_on_commit_callbacks(execute=True):
        user.save()
    assert [message.to for message in mail.outbox] == [
        ["priya.shah@cps.example"],
        ["priya@elsewhere.example"],
    ]
    assert "priya.shah@cps.example" in mail.outbox[1].body


# --- how they are kept --------------------------------------------------------------------------
def test_they_are_kept_with_argon2_and_old_ones_are_upgraded(cast: Any, settings: Any) -> None:
    from casebundle import settings as real

    settings.PASSWORD_HASHERS = real.PASSWORD_HASHERS
    cast.priya.set_password(GOOD)
    assert identify_hasher(cast.priya.password).algorithm == "argon2"
    old = PBKDF2PasswordHasher().encode(GOOD, "saltsaltsaltsaltsaltsa")
    User.objects.filter(pk=cast.priya.pk).update(password=old)
    _token, secret = people.new_token(cast.priya, "t")
    answer = Client().post("/accounts/login/", {"login": cast.priya.email, "password": GOOD})
    assert answer.status_code == 302
    assert User.objects.get(pk=cast.priya.pk).password.startswith("argon2$argon2id$")
    # The password is the same one: nothing ends, and nobody is told.
    assert access.user_of_token(secret) == cast.priya
    assert not mail.outbox
