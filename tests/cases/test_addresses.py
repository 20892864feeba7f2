"""One mailbox is one account: a look-alike of an address is refused, and is nobody's, on every road."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from casebundle.cases import people
from casebundle.cases.models import Participant, User
from tests.cast import REFERENCE, viewer

pytestmark = pytest.mark.django_db
GOOD = "three random words"
ADDRESS = "kit.fish@mail.example"
ALIKE = [
    "\u212ait.fish@mail.example",  # a Kelvin sign, which is small k once it is made small
    "k\u0131t.fish@mail.example",  # i without a dot, which is I once it is made large
    "k\u0130t.fish@mail.example",  # I with a dot
    "kit.f\u0131sh@mail.example",
    "kit.fi\u017fh@mail.example",  # a long s
    "\uff4bit.fish@mail.example",  # full-width
    "kit.fish@ma\u0131l.example",
    "kit.fish@\uff4dail.example",
    "kit.\ufb01sh@mail.example",  # fi as one sign
    "kit.fish\uff20mail.example",
    "kit.fish@mail\u3002example",  # a dot of ideographs
    "kit.fis\u0068\u200b@mail.example",  # a space of no width
    "k\u0456t.fish@mail.example",  # Cyrillic
    "kit.fi\u00dfh@mail.example",
]


@pytest.fixture
def kit():
    return User.objects.create_user(ADDRESS, GOOD, name="Kit Fish")


@pytest.mark.parametrize("alike", ALIKE)
def test_a_look_alike_is_refused(client, cast, kit, alike, mailoutbox):
    client.force_login(cast.tom)
    people_before = User.objects.count()
    body = {"email": alike, "role": "observer", "party": "court"}
    answer = client.post(f"/api/v1/cases/{REFERENCE}/participants", body, "application/json")
    assert answer.status_code == 422
    assert "a to z" in answer.json()["errors"]["email"][0]
    answer = client.post(
        f"/cases/{REFERENCE}/people/invite/",
        {"name": "X", "email": alike, "role": "observer", "sits_with": "court"},
    )
    assert answer.status_code == 200
    with pytest.raises(ValidationError):
        User.objects.create_user(alike, GOOD, name="X")
    with pytest.raises(CommandError):
        call_command("person", alike, "X")
    with pytest.raises(CommandError):
        call_command("token", alike)
    with pytest.raises(User.DoesNotExist):
        User.objects.get_by_natural_key(alike)
    assert User.objects.count() == people_before
    assert not Participant.objects.filter(user=kit).exists()
    if alike.lower().isascii():
        return  # the form has made it small, and plain, before anybody is looked for: it is the address itself
    # Nor is it kit's where somebody signs in, or asks for a link.
    stranger = Client()
    answer = stranger.post("/accounts/login/", {"login": alike, "password": GOOD})
    assert answer.status_code == 200
    assert "_auth_user_id" not in stranger.session
    stranger.post("/accounts/password/reset/", {"email": alike})
    assert not any(ADDRESS in mail.to or "/key/" in mail.body for mail in mailoutbox)


@pytest.mark.parametrize("written", [ADDRESS.upper(), f"  {ADDRESS.title()} "])
def test_large_letters_and_space_are_the_same_address(client, cast, kit, written, mailoutbox):
    made = people.invite(viewer(cast.tom), written, "observer", ["court"])
    assert made.user_id == kit.pk
    assert Client().post("/accounts/login/", {"login": written, "password": GOOD}).status_code == 302
    assert User.objects.get_by_natural_key(written) == kit
    with pytest.raises(CommandError, match="has an account already"):
        call_command("person", written, "X")


# --- signing up, and taking an address ------------------------------------------------------------
@pytest.mark.parametrize("path", ["signup/", "signup/passkey/", "email/", "confirm-email/", "login/code/",
                                  "login/code/confirm/", "phone/change/", "phone/verify/", "3rdparty/",
                                  "social/signup/", "2fa/", "sessions/"])  # fmt: skip
@pytest.mark.parametrize("who", [None, "daniel"])
def test_nobody_signs_up_or_takes_an_address(cast, path, who):
    client = Client()
    if who:
        client.force_login(cast[who])
    before = (User.objects.count(), EmailAddress.objects.count())
    sent = {
        "email": "taken@x.example", "password1": GOOD, "password2": GOOD, "action_add": "", "name": "X",
        "login": "taken@x.example",
    }  # fmt: skip
    answer = client.post(f"/accounts/{path}", sent)
    assert answer.status_code in (404, 405)
    client.post(f"/accounts/{path}", {"email": cast.daniel.email, "action_primary": ""})
    assert (User.objects.count(), EmailAddress.objects.count()) == before


def test_no_way_in_by_other_sites():
    assert not [app for app in settings.INSTALLED_APPS if "socialaccount" in app or "mfa" in app]
    assert settings.AUTHENTICATION_BACKENDS == ["allauth.account.auth_backends.AuthenticationBackend"]
