"""Who may be given which part in a case: by another person of the court, and never across to another side."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import ValidationError

from casebundle.cases import people
from casebundle.cases.access import NotAllowed, NotVisible, would_be
from casebundle.cases.models import Participant, Role, User
from casebundle.journal.models import Entry
from tests.cast import REFERENCE, just_signed_in, viewer

pytestmark = pytest.mark.django_db
PEOPLE = f"/cases/{REFERENCE}/people/"
API = f"/api/v1/cases/{REFERENCE}/participants"


def part(user):
    return Participant.objects.get(user=user, case__reference=REFERENCE)


@pytest.fixture
def second(cast):
    """Another clerk, who is no court staff."""
    user = User.objects.create_user("second@court.example", name="Second Clerk")
    people.join(cast.case, user, "clerk", ["court"])
    return user


@pytest.mark.parametrize("role", Role.values)
def test_nobody_changes_their_own_part_on_any_road(client, cast, second, role):
    just_signed_in(client, cast.tom)
    me = part(cast.tom)
    body = {"role": role, "party": {"prosecution": "prosecution", "defence": "bates"}.get(role, "court")}
    before = Entry.objects.count()
    answer = client.patch(f"{API}/{me.pk}", json.dumps(body), "application/json")
    assert answer.status_code == 403
    assert "You cannot change your own part." in answer.json()["detail"]
    client.post(f"{PEOPLE}{me.pk}/", {"role": role, "sits_with": "court", "defendants": ["bates"]})
    with pytest.raises(NotAllowed):
        people.change(viewer(cast.tom), me, role, [body["party"]])
    assert client.delete(f"{API}/{me.pk}").status_code == 422
    assert viewer(cast.tom).role == "clerk"
    assert Entry.objects.count() == before
    # Nor by inviting oneself once more.
    answer = client.post(API, {"email": cast.tom.email, **body}, "application/json")
    assert answer.status_code == 422
    assert viewer(cast.tom).role == "clerk"


@pytest.mark.parametrize("who", ["priya", "daniel", "mari"])
@pytest.mark.parametrize("role", ["judge", "clerk"])
def test_a_partys_person_never_becomes_the_courts(client, cast, who, role):
    """Not by a change, not when invited again after they were removed, however often."""
    just_signed_in(client, cast.tom)
    them = part(cast[who])
    patch = json.dumps({"role": role})
    assert client.patch(f"{API}/{them.pk}", patch, "application/json").status_code == 422
    people.remove(viewer(cast.tom), them)
    answer = client.post(API, {"email": cast[who].email, "role": role}, "application/json")
    assert answer.status_code == 422
    assert "so they cannot become its judge or clerk" in answer.json()["errors"]["role"][0]
    # Nor by way of a part beside the court, which reads what the court stages.
    body = json.dumps({"email": cast[who].email, "role": "observer", "party": "court"})
    answer = client.post(API, body, "application/json")
    assert answer.status_code == 422
    assert "nor sit with the court as an observer" in answer.json()["errors"]["role"][0]
    with pytest.raises(ValidationError):
        people.invite(viewer(cast.tom), cast[who].email, role, [])
    with pytest.raises(NotVisible):
        viewer(cast[who])


def test_an_observer_with_a_party_never_becomes_the_courts(cast):
    nia = User.objects.create_user("nia@x.example", name="Nia", is_court_staff=True)
    people.join(cast.case, nia, "observer", ["doyle"])
    for role, party in (("judge", []), ("clerk", []), ("observer", ["court"])):
        with pytest.raises(ValidationError, match="The court’s own must come from outside it"):
            people.change(viewer(cast.tom), part(nia), role, party)
    people.change(viewer(cast.tom), part(nia), "defence", ["doyle"])
    assert viewer(nia).role == "defence"


@pytest.mark.parametrize(
    ("who", "role", "party"),
    [
        ("mari", "defence", ["bates"]),
        ("mari", "defence", ["bates", "doyle"]),
        ("mari", "prosecution", ["prosecution"]),
        ("mari", "observer", ["bates"]),
        ("priya", "defence", ["bates"]),
        ("ruth", "prosecution", ["prosecution"]),
        ("ruth", "observer", ["doyle"]),
    ],
)
def test_nobody_is_moved_to_another_side(client, cast, who, role, party):
    just_signed_in(client, cast.tom)
    them = part(cast[who])
    before = (viewer(cast[who]).role, viewer(cast[who]).parties)
    body = json.dumps({"role": role, "party": party})
    answer = client.patch(f"{API}/{them.pk}", body, "application/json")
    assert answer.status_code == 422
    assert "invite them again" in answer.json()["errors"]["role"][0]
    assert (viewer(cast[who]).role, viewer(cast[who]).parties) == before
    assert not Entry.objects.filter(action="participant.changed").exists()


def test_to_another_side_leads_a_new_invitation_that_everybody_can_read(cast):
    people.remove(viewer(cast.tom), part(cast.daniel))
    again = people.invite(viewer(cast.tom), cast.daniel.email, "defence", ["doyle"])
    with pytest.raises(NotVisible):
        viewer(cast.daniel)
    assert would_be(again).parties == ("doyle",)
    said = Entry.objects.filter(action__in=["participant.removed", "participant.invited"]).order_by("seq")
    assert [(row.action, row.data["participant"]["party"]) for row in said] == [
        ("participant.removed", "bates"),
        ("participant.invited", "doyle"),
    ]
    assert all(Entry.objects.visible_to(viewer(cast.priya)).filter(pk=row.pk).exists() for row in said)


def test_a_clerk_becomes_the_judge_by_another_clerk_and_as_court_staff_alone(cast, second):
    with pytest.raises(ValidationError, match="Only court staff"):
        people.change(viewer(cast.tom), part(second), "judge", [])
    User.objects.filter(pk=second.pk).update(is_court_staff=True)
    people.change(viewer(cast.tom), part(second), "judge", [])
    assert viewer(second).role == "judge"
    entry = Entry.objects.get(action="participant.changed")
    assert (entry.actor["name"], entry.data["participant"]["name"]) == ("Tom Price", "Second Clerk")
    # A judge gives nobody a part.
    with pytest.raises(NotAllowed):
        people.change(viewer(second), part(cast.tom), "observer", ["court"])


def test_a_clerk_invites_the_judge(client, cast):
    just_signed_in(client, cast.tom)
    answer = client.post(API, {"email": "hhj@judiciary.example", "role": "judge"}, "application/json")
    assert (answer.status_code, answer.json()["role"]) == (201, "judge")


def test_the_last_clerk_stays(cast, second):
    """Also where two clerks take each other out, each with what they knew before."""
    tom, other = viewer(cast.tom), viewer(second)
    people.remove(tom, part(second))
    with pytest.raises(NotAllowed):
        people.remove(other, part(cast.tom))
    with pytest.raises(NotAllowed):
        people.change(other, part(cast.tom), "observer", ["court"])
    with pytest.raises(NotAllowed):
        people.invite(other, "x@y.example", "clerk", [])
    assert viewer(cast.tom).role == "clerk"


def test_a_clerk_who_was_only_invited_or_was_shut_out_is_none_to_count_on(cast, second, monkeypatch):
    from casebundle.cases import access

    people.invite(viewer(cast.tom), "third@court.example", "clerk", [])
    User.objects.filter(pk=second.pk).update(is_active=False)
    # Were the judge to manage one day.
    monkeypatch.setitem(access.ACTS, "manage", frozenset({"clerk", "judge"}))
    for act in (
        lambda: people.remove(viewer(cast.ruth), part(cast.tom)),
        lambda: people.change(viewer(cast.ruth), part(cast.tom), "observer", ["court"]),
    ):
        with pytest.raises(ValidationError, match="only clerk"):
            act()


def test_an_open_socket_of_somebody_without_a_part_does_nothing(cast, second):
    """The Viewer of a socket is as old as the socket."""
    from casebundle.courtroom import services as court

    old = viewer(second)
    people.change(viewer(cast.tom), part(second), "observer", ["court"])
    hearing = court.open_hearing(viewer(cast.ruth), "Trial")
    for act in (
        lambda: court.open_hearing(old, "Another"),
        lambda: court.close(old, hearing),
        lambda: court.give_floor(old, hearing, part(cast.daniel)),
        lambda: court.new_screen(old, hearing, "Jury"),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_token_for_another_persons_part_is_not_made(cast):
    with pytest.raises(NotVisible):
        people.new_token(cast.daniel, "t", part(cast.priya))
    with pytest.raises(NotVisible):
        people.revoke_token(cast.daniel, people.new_token(cast.priya, "t")[0].pk)
