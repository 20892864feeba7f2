"""What is compiled once finds what the queryset finds, every time."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casebundle.cases import access
from casebundle.cases.models import Participant
from casebundle.journal.prepared import Prepared, a_number, an_id
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_objects_come_as_the_queryset_gives_them(cast: Cast) -> None:
    rows = Participant.objects.select_related("user", "case").order_by("pk")
    prepared = Prepared(rows.filter(case=an_id("case"), user=a_number("user")), "case", "user")
    for user in (cast.priya, cast.mari, cast.priya):
        mine = prepared.things(case=cast.case.pk, user=user.pk)
        assert mine == list(rows.filter(case=cast.case, user=user))
        with CaptureQueriesContext(connection) as asked:
            assert mine[0].user == user
            assert mine[0].case == cast.case
        assert not asked.captured_queries
    assert prepared.things(case=cast.other_case.pk, user=cast.priya.pk) == []
    with pytest.raises(TypeError):
        prepared.things(case=cast.case.pk)


def test_a_viewers_parties_are_their_own_however_they_are_asked_for(cast: Cast) -> None:
    participant = access.viewer_in(cast.daniel, reference=cast.case.reference).participant
    assert participant is not None
    assert [party.slug for party in participant.parties.all()] == ["bates"]
    assert list(participant.parties.values_list("slug", flat=True)) == ["bates"]
    assert not participant.parties.filter(slug="doyle").exists()


@pytest.mark.parametrize("reference", ["t20267001", "T2026700_", "T2026700%", "T20267001\\", "", "%"])
def test_a_reference_is_found_in_either_case_and_is_no_pattern(cast: Cast, reference: str) -> None:
    if reference == "t20267001":
        assert access.viewer_in(cast.daniel, reference=reference).case == cast.case
    else:
        with pytest.raises(access.NotVisible):
            access.viewer_in(cast.daniel, reference=reference)
