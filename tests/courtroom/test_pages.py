"""The pages of a hearing: who may do what on them, and what they say."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from casebundle.bundles.models import Page, page_id
from casebundle.courtroom import services
from casebundle.courtroom.models import Hearing
from tests.cast import REFERENCE, Cast, viewer
from tests.papers import paper

LIST = f"/cases/{REFERENCE}/hearings/"
EVERYBODY = ("priya", "daniel", "mari", "ruth", "tom")
PRESIDE = ("ruth", "tom")


@pytest.fixture
def hearing(cast: Cast) -> Hearing:
    return services.open_hearing(viewer(cast.ruth), "Trial, day 1")


def by(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def acts(hearing: Hearing, cast: Cast) -> list[tuple[str, dict[str, str]]]:
    return [
        (LIST, {"title": "Mine"}),
        (f"/hearings/{hearing.pk}/floor/", {"participant": str(viewer(cast.daniel).participant_id)}),
        (f"/hearings/{hearing.pk}/close/", {}),
    ]


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_in_the_case_sees_its_hearings(cast: Cast, hearing: Hearing, who: str):
    client = by(cast[who])
    assert "Trial, day 1" in client.get(LIST).content.decode()
    for path in (f"/hearings/{hearing.pk}/", f"/hearings/{hearing.pk}/live/"):
        page = client.get(path).content.decode()
        assert "Daniel Okafor" in page
        assert ("Give the floor" in page) is (who in PRESIDE)
        assert ('name="name"' in page) is (who == "tom")


def test_nobody_else_sees_them(cast: Cast, hearing: Hearing):
    client = by(cast.sam)
    for path in (LIST, f"/hearings/{hearing.pk}/", f"/hearings/{hearing.pk}/live/"):
        assert client.get(path).status_code == 404
        assert Client().get(path).status_code == 302
    for path, data in acts(hearing, cast):
        assert client.post(path, data).status_code == 404
        assert Client().post(path, data).status_code == 302
    assert Hearing.objects.count() == 1


@pytest.mark.parametrize("who", ["priya", "daniel", "mari"])
def test_who_does_not_preside_can_change_nothing(cast: Cast, hearing: Hearing, who: str):
    client = by(cast[who])
    for path, data in acts(hearing, cast):
        answer = client.post(path, data, headers={"Accept": "application/json"})
        assert answer.status_code in (403, 409), path
        client.post(path, data)
    hearing.refresh_from_db()
    assert (hearing.presenter_id, hearing.closed_at, Hearing.objects.count()) == (None, None, 1)


def test_a_hearing_is_opened_at_once_or_listed_and_one_at_a_time(cast: Cast):
    tom = by(cast.tom)
    assert tom.post(LIST, {"title": ""}).status_code == 422
    at = timezone.localtime(timezone.now() + datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    tom.post(LIST, {"title": "Trial, day 7", "starts": at})
    listed = Hearing.objects.get()
    assert not listed.is_open
    tom.post(f"/hearings/{listed.pk}/begin/")
    listed.refresh_from_db()
    assert listed.is_open
    page = tom.get(LIST).content.decode()
    assert 'value="Trial, day 8"' in page
    answer = tom.post(LIST, {"title": "Another"})
    assert answer.status_code == 422
    assert "Another hearing is open" in answer.content.decode()
    assert 'value="Another"' in answer.content.decode()
    assert Hearing.objects.count() == 1
    tom.post(f"/hearings/{listed.pk}/close/")
    tom.post(LIST, {"title": "Another"})
    assert Hearing.objects.open().get().title == "Another"


@pytest.mark.parametrize("who", PRESIDE)
def test_the_floor_in_one_press(cast: Cast, hearing: Hearing, who: str):
    client, path = by(cast[who]), f"/hearings/{hearing.pk}/floor/"
    quiet = {"Accept": "application/json"}
    to = str(viewer(cast.daniel).participant_id)
    assert client.post(path, {"participant": to}, headers=quiet).status_code == 204
    hearing.refresh_from_db()
    assert str(hearing.presenter_id) == to
    assert "Has the floor" in client.get(f"/hearings/{hearing.pk}/").content.decode()
    assert client.post(path, {"participant": ""}).status_code == 302
    hearing.refresh_from_db()
    assert hearing.presenter_id is None
    wrong = client.post(path, {"participant": str(hearing.pk)}, headers=quiet)
    assert wrong.status_code == 409
    assert wrong.json()["detail"]
    services.close(viewer(cast.ruth), hearing)
    assert client.post(path, {"participant": to}, headers=quiet).status_code == 409


def test_what_was_shown_is_shown_to_those_it_was_for(cast: Cast, hearing: Hearing):
    shut = paper(cast.priya, "J", "Doyle's medical report", visible_to=["doyle"])
    ruth, priya = viewer(cast.ruth), viewer(cast.priya)
    services.give_floor(ruth, hearing, priya.participant)
    page = Page.objects.select_related("version__document__section__bundle").get(
        pk=page_id(shut.current_id, 0)
    )
    services.turn(priya, hearing, page)
    told = "A page is being shown that is not for you."
    for who in EVERYBODY:
        said = (
            by(cast[who])
            .get(f"/hearings/{hearing.pk}/live/", headers={"Accept-Language": "en"})
            .content.decode()
        )
        assert ("medical" in said) is (who != "daniel"), who
        assert (page.pk in said) is False
    assert told in by(cast.daniel).get(f"/hearings/{hearing.pk}/").content.decode()
