"""Visits and words."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from casebundle.cases import visits
from casebundle.cases.models import Participant
from casebundle.cases.words import for_whom, listed
from tests.cast import viewer

pytestmark = pytest.mark.django_db


def ago(minutes):
    return timezone.now() - datetime.timedelta(minutes=minutes)


def set_visits(user, now, before):
    Participant.objects.filter(user=user).update(visited_at=now, last_visit_at=before)
    return viewer(user)


def test_the_first_visit_has_none_before_it(cast):
    me = viewer(cast.daniel)
    visits.visited(me)
    assert me.participant.visited_at is not None
    assert me.participant.last_visit_at is None


def test_coming_back_after_half_an_hour_is_a_new_visit(cast):
    at = ago(31)
    me = set_visits(cast.daniel, at, ago(9999))
    assert visits.since(me.participant) == at
    visits.visited(me)
    assert me.participant.last_visit_at == at
    assert viewer(cast.daniel).participant.last_visit_at == at


def test_turning_pages_is_one_visit(cast):
    before = ago(9999)
    me = set_visits(cast.daniel, ago(20), before)
    visits.visited(me)
    me = viewer(cast.daniel)
    assert me.participant.last_visit_at == before
    assert me.participant.visited_at > ago(1)


def test_two_windows_at_once_are_one_visit(cast):
    at = ago(60)
    first = set_visits(cast.daniel, at, ago(9999))
    second = viewer(cast.daniel)
    visits.visited(first)
    visits.visited(second)
    assert second.participant.last_visit_at == at


def test_a_second_look_within_a_minute_writes_nothing(cast, django_assert_num_queries):
    me = set_visits(cast.daniel, timezone.now(), ago(99))
    with django_assert_num_queries(0):
        visits.visited(me)


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("|everybody|", ""),
        ("|judge|", "For the judge only"),
        ("|bates|court|prosecution|", "For Bates’s defence, the prosecution and the court"),
        ("|bates|doyle|", "For Bates’s defence and Doyle’s defence"),
        ("|court|", "For the court"),
        ("|judge|prosecution|", "For the prosecution and the judge"),
        ("|", "For nobody"),
    ],
)
def test_an_audience_in_words(cast, stored, said):
    assert for_whom(list(cast.case.parties.all()), stored) == said


def test_two_of_one_name_are_told_apart(cast):
    cast.case.parties.filter(slug="doyle").update(name="Ann Bates")
    assert for_whom(list(cast.case.parties.all()), "|bates|") == "For Marcus Bates’s defence"


def test_lists_in_words():
    assert [listed(["a", "b", "c"][:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
