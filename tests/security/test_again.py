"""What lasts asks for the password again, where it was not given in the last ten minutes, and then goes on."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.test import Client

from casebundle.cases.models import ApiToken, Participant, User
from tests.cast import REFERENCE, viewer

pytestmark = pytest.mark.django_db
GOOD = "kettle violin marsh"
AGAIN = "/accounts/reauthenticate/"


def signed_in(user: Any) -> Client:
    user.set_password(GOOD)
    user.save()
    client = Client()
    assert client.post("/accounts/login/", {"login": user.email, "password": GOOD}).status_code == 302
    return client


def later(client: Client, minutes: int = 11) -> Client:
    """The same browser some minutes later."""
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] = time.time() - minutes * 60
    session.save()
    return client


def acts(cast: Any) -> dict[str, tuple[Any, str, dict[str, Any]]]:
    """Everything that lasts: who does it, where, and what is sent."""
    people = f"/cases/{REFERENCE}/people/"
    judge = {"name": "HHJ Ann Miles", "email": "ann@x.example", "role": "judge"}
    return {
        "a token": (cast.priya, "/account/tokens/", {"name": "Case system", "scope": "read", "days": "30"}),
        "a judge": (cast.tom, f"{people}invite/", judge),
        "a clerk": (cast.tom, f"{people}{viewer(cast.ruth).participant_id}/", {"role": "clerk"}),
        "a name": (
            cast.tom,
            f"{people}{viewer(cast.daniel).participant_id}/name/",
            {"name": "HHJ Dan Okafor"},
        ),
        "a title": (
            cast.tom,
            f"{people}invite/",
            {"name": "HHJ Bo Miles", "email": "bo@x.example", "role": "observer", "sits_with": "court"},
        ),
    }


def done(what: str, cast: Any) -> bool:
    return {
        "a token": ApiToken.objects.filter(name="Case system").exists(),
        "a judge": User.objects.filter(name="HHJ Ann Miles").exists(),
        "a clerk": Participant.objects.filter(user=cast.ruth, role="clerk").exists(),
        "a name": User.objects.filter(name="HHJ Dan Okafor").exists(),
        "a title": User.objects.filter(name="HHJ Bo Miles").exists(),
    }[what]


ACTS = ["a token", "a judge", "a clerk", "a name", "a title"]


@pytest.mark.parametrize("what", ACTS)
def test_at_once_nothing_is_asked(cast: Any, what: str) -> None:
    user, path, sent = acts(cast)[what]
    assert signed_in(user).post(path, sent).status_code in (200, 302)
    assert done(what, cast)


@pytest.mark.parametrize("what", ACTS)
def test_later_the_password_is_asked_and_what_was_typed_is_kept(cast: Any, what: str) -> None:
    user, path, sent = acts(cast)[what]
    client = later(signed_in(user))
    answer = client.post(path, sent)
    assert answer.status_code == 302
    assert answer["Location"].startswith(AGAIN)
    assert not done(what, cast)
    asked = client.get(answer["Location"])
    assert "ten minutes ago" in asked.content.decode()
    wrong = client.post(answer["Location"], {"password": "not it at all", "next": path})
    assert wrong.status_code == 200
    assert not done(what, cast)
    right = client.post(answer["Location"], {"password": GOOD, "next": path})
    assert right.status_code in (200, 302)
    assert done(what, cast)
    if what == "a token":
        assert "Copy it now" in right.content.decode()


def test_what_is_wrong_is_said_before_the_password_is_asked(cast: Any) -> None:
    answer = later(signed_in(cast.priya)).post("/account/tokens/", {"name": ""})
    assert "Fill in “What is it for?”" in answer.content.decode()


def test_a_call_by_session_makes_no_judge_later(cast: Any) -> None:
    client = signed_in(cast.tom)
    path, kind = f"/api/v1/cases/{REFERENCE}/participants", "application/json"
    later(client)
    answer = client.post(path, '{"email": "ann@x.example", "role": "judge", "name": "HHJ Ann Miles"}', kind)
    assert answer.status_code == 403
    assert AGAIN in answer.json()["detail"]
    answer = client.post(path, '{"email": "bo@x.example", "role": "observer", "party": "court"}', kind)
    assert answer.status_code == 201


def test_a_call_by_session_gives_no_name_and_no_title_later(cast: Any) -> None:
    client = signed_in(cast.tom)
    path, kind = f"/api/v1/cases/{REFERENCE}/participants", "application/json"
    one = f"{path}/{viewer(cast.daniel).participant_id}"
    titled = {"email": "ann@x.example", "role": "observer", "party": "court", "name": "Her Hon. Ann Miles"}
    for name in ("Dan Okafor", "HHJ Dan Okafor"):
        assert client.patch(one, json.dumps({"name": name}), kind).status_code == 200
    later(client)
    for answer in (
        client.patch(one, '{"name": "Daniel B Okafor"}', kind),
        client.post(path, json.dumps(titled), kind),
    ):
        assert answer.status_code == 403
        assert AGAIN in answer.json()["detail"]
    assert User.objects.get(pk=cast.daniel.pk).name == "HHJ Dan Okafor"
    assert not User.objects.filter(email="ann@x.example").exists()
    assert client.post(path, json.dumps({**titled, "name": "Ann Miles"}), kind).status_code == 201


def test_guesses_count_as_those_at_the_door_do(cast: Any, settings: Any) -> None:
    client = later(signed_in(cast.priya))
    answers = [client.post(AGAIN, {"password": "not it at all"}) for _n in range(12)]
    assert answers[-1].status_code == 429
    assert client.post(AGAIN, {"password": GOOD}).status_code == 429


def test_who_accepts_an_invitation_has_just_chosen_a_password(cast: Any) -> None:
    from casebundle.cases import people

    guest = people.invite(viewer(cast.tom), "guest@x.example", "observer", ["court"])
    client = Client()
    link = f"/invitations/{people.new_invitation(guest)}/"
    client.post(link, {"name": "Guest", "password": GOOD, "again": GOOD})
    assert client.post("/account/tokens/", {"name": "Case system"}).status_code == 200
    assert ApiToken.objects.filter(name="Case system").exists()
