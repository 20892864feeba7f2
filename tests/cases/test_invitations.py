"""The link in an invitation: who holds it chooses a password, once, and learns the title of the case and no more."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from casebundle.cases import people
from casebundle.cases.models import Invitation, Participant, User
from tests.cast import REFERENCE, viewer

pytestmark = pytest.mark.django_db
GOOD = "three random words"


@pytest.fixture
def jo(cast):
    return people.invite(viewer(cast.tom), "jo@chambers.example", "defence", ["bates"], "Jo Grant")


@pytest.fixture
def link(jo):
    return f"/invitations/{people.new_invitation(jo)}/"


def test_the_link_tells_the_title_and_nothing_else_of_the_case(client, cast, link):
    page = client.get(link).content.decode()
    assert "R v Bates and Doyle" in page
    for secret in (REFERENCE, "Leeds", "Priya", "Tom Price", "Marcus Bates"):
        assert secret not in page, secret
    assert client.get(link).headers["Cache-Control"].startswith("max-age=0")


def test_accepting_signs_in_and_goes_to_the_case(client, cast, link):
    answer = client.post(link, {"name": "Joanna Grant", "password": GOOD, "again": GOOD}, follow=True)
    assert answer.redirect_chain[-1][0] == f"/cases/{REFERENCE}/"
    assert answer.status_code == 200
    jo = User.objects.get(email="jo@chambers.example")
    assert (jo.name, jo.check_password(GOOD)) == ("Joanna Grant", True)


def test_the_link_works_once(client, cast, link):
    client.post(link, {"name": "Jo", "password": GOOD, "again": GOOD})
    client.logout()
    for answer in (
        client.get(link),
        client.post(link, {"name": "X", "password": "other words here", "again": "other words here"}),
    ):
        assert answer.status_code == 410
        assert "This invitation does not work any more" in answer.content.decode()
        assert "R v Bates" not in answer.content.decode()
    assert User.objects.get(email="jo@chambers.example").check_password(GOOD)


def test_a_link_that_ran_out_never_was_or_is_of_somebody_removed(client, cast, jo, link):
    assert client.get("/invitations/never-was/").status_code == 410
    Invitation.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    assert client.get(link).status_code == 410
    Invitation.objects.update(expires_at=timezone.now() + datetime.timedelta(days=1))
    assert client.get(link).status_code == 200
    User.objects.filter(pk=jo.user_id).update(is_active=False)
    assert client.get(link).status_code == 410
    User.objects.filter(pk=jo.user_id).update(is_active=True)
    Participant.objects.filter(pk=jo.pk).update(removed_at=timezone.now())
    assert client.get(link).status_code == 410


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "Fill in “Your name”."),
        ({"password": "", "again": ""}, "Fill in “Choose a password”."),
        ({"password": "short", "again": "short"}, "This password is too short"),
        ({"password": "jo@chambers.example", "again": "jo@chambers.example"}, "too similar"),
        ({"again": "something else entirely"}, "The two passwords are not the same."),
    ],
)
def test_what_is_wrong_is_said_and_the_link_stays_good(client, cast, jo, link, wrong, said):
    data = {"name": "Joanna", "password": GOOD, "again": GOOD, **wrong}
    answer = client.post(link, data)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert said in page
    # Passwords are never written back.
    assert GOOD not in page
    assert not User.objects.get(pk=jo.user_id).has_usable_password()
    assert client.get(link).status_code == 200


def test_who_is_signed_in_as_somebody_else_is_told(client, cast, link):
    client.force_login(cast.priya)
    assert "You are signed in as Priya Shah now." in client.get(link).content.decode()
    client.post(link, {"name": "Jo", "password": GOOD, "again": GOOD})
    assert client.get("/account/").context["user"].email == "jo@chambers.example"
