"""The page of one case, and making one."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from casebundle.bundles.models import Bundle, Section
from casebundle.cases.access import viewer_in
from casebundle.cases.models import Case, Participant
from casebundle.courtroom import services as courtroom
from tests.cast import OTHER, REFERENCE, viewer
from tests.papers import paper

pytestmark = pytest.mark.django_db
PAGE = f"/cases/{REFERENCE}/"


def actions(client, user):
    """The texts of the buttons at the top, the main one first."""
    client.force_login(user)
    return [action["text"] for action in client.get(PAGE).context["actions"]]


def test_who_is_not_in_the_case_finds_nothing(client, cast):
    client.force_login(cast.sam)
    assert client.get(PAGE).status_code == 404
    assert client.get("/cases/T20269999/").status_code == 404


def test_each_role_has_its_main_action(client, cast):
    paper(cast.priya, "J", "Something")
    assert actions(client, cast.priya)[0] == "Serve evidence"
    assert actions(client, cast.daniel)[0] == "Read the bundle"
    assert actions(client, cast.ruth)[0] == "Read the bundle"
    assert actions(client, cast.tom)[0] == "Open hearing"


def test_there_is_nothing_to_read_before_something_is_served(client, cast):
    assert "Read the bundle" not in actions(client, cast.daniel)
    client.force_login(cast.ruth)
    assert "Nothing has been served yet" in client.get(PAGE).content.decode()


def test_a_sitting_court_is_said_on_every_page_of_the_case(client, cast):
    hearing = courtroom.open_hearing(viewer(cast.tom), "Trial, day 1")
    assert actions(client, cast.tom)[0] == "Join the hearing"
    for path in (PAGE, f"{PAGE}main/", f"{PAGE}people/"):
        page = client.get(path).content.decode()
        assert "The court is sitting:" in page
        assert f"/hearings/{hearing.pk}/" in page
    courtroom.close(viewer(cast.tom), hearing)
    assert "The court is sitting:" not in client.get(PAGE).content.decode()


def test_people_stand_under_their_party(client, cast):
    client.force_login(cast.daniel)
    groups = {
        group["party"].slug: [str(p) for p in group["people"]] for group in client.get(PAGE).context["groups"]
    }
    assert groups == {
        "prosecution": ["Priya Shah"],
        "bates": ["Daniel Okafor"],
        "doyle": ["Mari Llwyd"],
        "court": ["Tom Price", "HHJ Ruth Adler"],
    }


def test_the_tabs_mark_where_one_is(client, cast):
    client.force_login(cast.priya)
    for path, text in ((PAGE, "Case"), (f"{PAGE}main/", "Bundle"), (f"{PAGE}people/", "People")):
        page = client.get(path).content.decode()
        marked = page.split('aria-current="page"')[-1]
        assert marked.split(">")[1].split("<")[0] == text


def test_what_is_new_is_named_with_its_labels(client, cast):
    at = timezone.now() - datetime.timedelta(days=2)
    Participant.objects.filter(user=cast.daniel).update(visited_at=at)
    Participant.objects.filter(user=cast.mari).update(visited_at=at)
    paper(cast.priya, "J", "Telephone schedule", pages=3, visible_to=["bates"])
    client.force_login(cast.daniel)
    page = client.get(PAGE).content.decode()
    assert "Telephone schedule" in page
    assert f'href="/cases/{REFERENCE}/main/J1"' in page
    client.force_login(cast.mari)
    page = client.get(PAGE).content.decode()
    assert "Telephone schedule" not in page
    assert "main/J1" not in page


def test_what_waits_to_be_served_is_told_to_its_own_side_alone(client, cast):
    paper(cast.priya, "J", "Draft", serve=False)
    client.force_login(cast.priya)
    assert "1 not served yet" in client.get(PAGE).content.decode()
    for user in (cast.daniel, cast.tom, cast.ruth):
        client.force_login(user)
        assert "not served yet" not in client.get(PAGE).content.decode()


# --- a new case ---------------------------------------------------------------------------------
NEW = {"reference": "T20268001", "title": "R v New", "court": "Crown Court at Hull", "template": "crown"}


def test_only_court_staff_make_cases(client, cast):
    for name in ("priya", "ruth", "sam"):
        client.force_login(cast[name])
        assert client.get("/new-case/").status_code == 403
        assert client.post("/new-case/", NEW).status_code == 403
    assert not Case.objects.filter(reference="T20268001").exists()


def test_a_case_has_the_sections_of_its_court_and_its_defendants(client, cast):
    client.force_login(cast.tom)
    answer = client.post("/new-case/", {**NEW, "defendants": " Ann  Field \n\nBob O'Neil\r\n"})
    assert answer.status_code == 302
    assert answer.url == "/cases/T20268001/people/"
    made = viewer_in(cast.tom, reference="T20268001")
    assert made.role == "clerk"
    names = list(made.case.parties.filter(kind="defendant").values_list("name", flat=True))
    assert names == ["Ann Field", "Bob O'Neil"]
    letters = set(
        Section.objects.filter(bundle=Bundle.objects.get(case=made.case)).values_list("letter", flat=True)
    )
    assert {"A", "J", "PD1", "PD2"} <= letters


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"reference": ""}, "Fill in “Case reference”."),
        ({"reference": "a b"}, "Enter a reference of 3 to 40 letters"),
        ({"reference": OTHER}, f"There is a case {OTHER} already."),
        ({"title": " "}, "Fill in “Title”."),
        ({"template": "moon"}, "moon"),
        ({"defendants": "Ann\nAnn"}, "“Ann” is there twice."),
        ({"defendants": "x" * 121}, "longer than 120 characters"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client, cast, wrong, said):
    client.force_login(cast.tom)
    before = Case.objects.count()
    answer = client.post("/new-case/", {**NEW, "defendants": "Bob", **wrong})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert said in page
    assert "There is a problem" in page
    assert 'value="Crown Court at Hull"' in page
    assert wrong.get("defendants", "Bob")[:3] in page
    assert Case.objects.count() == before
