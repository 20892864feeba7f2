"""My cases: one row a case, what is new and unread in it, as many queries for many cases as for few."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casebundle.bundles import services
from casebundle.bundles.models import Opened
from casebundle.bundles.news import tallies
from casebundle.cases import people
from casebundle.cases.access import viewers_of
from casebundle.cases.models import Participant
from casebundle.courtroom import services as courtroom
from tests.cast import OTHER, REFERENCE, viewer
from tests.papers import paper

pytestmark = pytest.mark.django_db


def here_before(user, days=3, reference=REFERENCE):
    """`user` was in the case that many days ago."""
    at = timezone.now() - datetime.timedelta(days=days)
    Participant.objects.filter(user=user, case__reference=reference).update(visited_at=at)


def tally(user, reference=REFERENCE):
    viewers = viewers_of(user)
    case_id = next(v.case_id for v in viewers if v.case.reference == reference)
    return tallies(viewers)[case_id]


def test_a_stranger_sees_the_sign_in_page(client, cast):
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/")


def test_each_person_sees_their_own_cases_alone(client, cast):
    client.force_login(cast.priya)
    page = client.get("/").content.decode()
    assert "R v Bates and Doyle" in page
    assert REFERENCE in page
    assert OTHER not in page
    client.force_login(cast.sam)
    page = client.get("/").content.decode()
    assert OTHER in page
    assert REFERENCE not in page


def test_only_court_staff_are_offered_a_new_case(client, cast):
    for name, offered in (("tom", True), ("priya", False), ("ruth", False), ("sam", False)):
        client.force_login(cast[name])
        assert ("/new-case/" in client.get("/").content.decode()) is offered, name


def test_nobody_elses_papers_are_counted(cast):
    paper(cast.priya, "J", "For all", pages=3)
    paper(cast.priya, "J", "For Bates", pages=5, visible_to=["bates"])
    paper(cast.daniel, "PD1", "Private", pages=7)
    paper(cast.priya, "J", "Staged", pages=11, serve=False)
    for user in (cast.daniel, cast.mari, cast.ruth, cast.priya):
        here_before(user)
    assert (tally(cast.daniel).pages, tally(cast.daniel).new_pages) == (15, 8)
    assert (tally(cast.mari).pages, tally(cast.mari).new_pages) == (3, 3)
    assert (tally(cast.ruth).pages, tally(cast.ruth).unread) == (8, 2)
    # One's own are neither new nor unread.
    assert (tally(cast.priya).pages, tally(cast.priya).new_pages, tally(cast.priya).unread) == (8, 0, 0)
    assert tally(cast.tom, OTHER).documents == 0


def test_new_is_what_came_since_the_last_visit(cast):
    old = paper(cast.priya, "J", "Old", pages=2)
    type(old).objects.filter(pk=old.pk).update(served_at=timezone.now() - datetime.timedelta(days=9))
    paper(cast.priya, "J", "Fresh", pages=4)
    here_before(cast.daniel)
    assert tally(cast.daniel).new_pages == 4
    assert tally(cast.daniel).unread == 2


def test_opening_the_case_does_not_take_the_news_away(client, cast):
    here_before(cast.daniel)
    paper(cast.priya, "J", "Fresh", pages=4)
    client.force_login(cast.daniel)
    client.get(f"/cases/{REFERENCE}/")
    assert tally(cast.daniel).new_pages == 4


def test_what_was_opened_is_read(cast):
    document = paper(cast.priya, "J", "Read")
    paper(cast.priya, "J", "Not read")
    me = viewer(cast.daniel).participant
    Opened.objects.create(participant=me, document=document, version=document.current)
    assert tally(cast.daniel).unread == 1
    assert tally(cast.mari).unread == 2


def test_the_row_says_it_in_words(client, cast):
    here_before(cast.daniel)
    paper(cast.priya, "J", "One", pages=1)
    client.force_login(cast.daniel)
    page = " ".join(client.get("/").content.decode().split())
    assert "<strong>1 page</strong>" in page
    assert "1 document<" in page
    client.force_login(cast.ruth)
    assert "You have not been here yet" in client.get("/").content.decode()


def test_the_next_hearing_is_shown_and_what_sits_comes_first(client, cast):
    tom = viewer(cast.tom)
    courtroom.open_hearing(tom, "Later", timezone.now() + datetime.timedelta(days=9))
    courtroom.open_hearing(tom, "Sooner", timezone.now() + datetime.timedelta(days=2))
    client.force_login(cast.tom)
    page = client.get("/").content.decode()
    assert "Sooner" in page
    assert "Later" not in page
    assert page.index(REFERENCE) < page.index(OTHER)
    courtroom.open_hearing(viewer(cast.tom, OTHER), "Now")
    page = client.get("/").content.decode()
    assert "Sitting now" in page
    assert page.index(OTHER) < page.index(REFERENCE)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("bates", True),
        ("DOYLE leeds", True),
        ("t20267001", True),
        ("batés", True),
        ("field", False),
        ("%", False),
    ],
)
def test_the_filter_works_without_scripts(client, cast, asked, found):
    client.force_login(cast.priya)
    page = client.get("/", {"q": asked}).content.decode()
    assert (f'href="/cases/{REFERENCE}/"' in page) is found
    assert "1 of 1 shown" in page or "0 of 1 shown" in page


def test_an_empty_list_says_who_puts_cases_there(client, cast):
    Participant.objects.filter(user=cast.sam).delete()
    client.force_login(cast.sam)
    assert "You are in no case yet" in client.get("/").content.decode()


def test_what_is_asked_is_escaped(client, cast):
    client.force_login(cast.priya)
    assert "<script>x" not in client.get("/", {"q": "<script>x"}).content.decode()


def queries(client, path="/"):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_many_cases_take_as_many_queries_as_few(client, cast):
    paper(cast.priya, "J", "Fresh", pages=4)
    client.force_login(cast.priya)
    few = queries(client)
    for n in range(12):
        case = services.create_case(cast.tom, f"T2027{n:04}", f"R v {n}", "Leeds", parties=[("", "A B")]).case
        people.join(case, cast.priya, "prosecution", ["prosecution"])
        paper(cast.priya, "J", "More", pages=2, reference=case.reference)
        courtroom.open_hearing(
            viewer(cast.tom, case.reference), "PTPH", timezone.now() + datetime.timedelta(days=n)
        )
    assert queries(client) == few
