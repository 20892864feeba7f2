"""People: who is in the case, inviting, changing, removing, and seeing as somebody sees."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from casebundle.cases import people
from casebundle.cases.models import Invitation, Participant, User
from casebundle.journal.models import Entry
from tests.cast import REFERENCE, just_signed_in, viewer
from tests.papers import paper

pytestmark = pytest.mark.django_db
PAGE = f"/cases/{REFERENCE}/people/"


def part(user, reference=REFERENCE):
    return Participant.objects.get(user=user, case__reference=reference)


def test_everybody_sees_who_is_there_and_only_the_clerk_can_change_it(client, cast):
    for name in ("priya", "daniel", "mari", "ruth"):
        client.force_login(cast[name])
        page = client.get(PAGE).content.decode()
        assert "HHJ Ruth Adler" in page
        assert "Invite somebody" not in page
        assert "ruth.adler@judiciary.example" not in page
    client.force_login(cast.tom)
    page = client.get(PAGE).content.decode()
    assert "Invite somebody" in page
    assert "ruth.adler@judiciary.example" in page


def test_who_is_not_in_the_case_finds_nothing(client, cast):
    client.force_login(cast.sam)
    assert client.get(PAGE).status_code == 404


def managed(pk):
    return [
        ("get", f"{PAGE}invite/"),
        ("post", f"{PAGE}invite/"),
        ("get", f"{PAGE}{pk}/"),
        ("post", f"{PAGE}{pk}/"),
        ("get", f"{PAGE}{pk}/remove/"),
        ("post", f"{PAGE}{pk}/remove/"),
        ("post", f"{PAGE}{pk}/resend/"),
        ("post", f"{PAGE}{pk}/see/"),
        ("get", f"{PAGE}defendants/"),
        ("post", f"{PAGE}defendants/"),
    ]


def test_nobody_but_the_clerk_manages(client, cast):
    before = Entry.objects.count()
    for name, expected in (("priya", 403), ("daniel", 403), ("mari", 403), ("ruth", 403), ("sam", 404)):
        client.force_login(cast[name])
        for method, path in managed(part(cast.daniel).pk):
            assert getattr(client, method)(path).status_code == expected, (name, method, path)
    assert Entry.objects.count() == before


def test_a_person_of_another_case_is_not_found(client, cast):
    client.force_login(cast.tom)
    stranger = Participant.objects.get(user=cast.sam)
    for method, path in managed(stranger.pk)[2:8]:
        assert getattr(client, method)(path).status_code == 404, path


# --- inviting -----------------------------------------------------------------------------------
def invite(client, **fields):
    data = {"name": "Jo Grant", "email": "jo@chambers.example", "role": "defence", "defendants": ["bates"]}
    return client.post(f"{PAGE}invite/", {**data, **fields})


def test_inviting_sends_a_link(client, cast, mailoutbox, django_capture_on_commit_callbacks):
    client.force_login(cast.tom)
    with django_capture_on_commit_callbacks(execute=True):
        answer = invite(client)
    assert answer.status_code == 302
    assert mailoutbox[0].to == ["jo@chambers.example"]
    assert re.search(r"/invitations/[\w-]{40,}/", mailoutbox[0].body)
    jo = User.objects.get(email="jo@chambers.example")
    assert part(jo).slugs() == ["bates"]
    page = client.get(PAGE).content.decode()
    assert "Jo Grant is invited" in page
    assert "The link works until" in page


def test_the_defence_can_act_for_several(client, cast):
    client.force_login(cast.tom)
    invite(client, defendants=["bates", "doyle"])
    assert part(User.objects.get(email="jo@chambers.example")).slugs() == ["bates", "doyle"]


@pytest.mark.parametrize(
    ("role", "more", "slugs"),
    [
        ("prosecution", {}, ["prosecution"]),
        ("judge", {}, ["court"]),
        ("clerk", {}, ["court"]),
        ("observer", {"sits_with": "doyle"}, ["doyle"]),
    ],
)
def test_other_roles_have_their_party_by_themselves(client, cast, role, more, slugs):
    just_signed_in(client, cast.tom)
    assert invite(client, role=role, **more).status_code == 302
    found = part(User.objects.get(email="jo@chambers.example"))
    assert (found.role, found.slugs()) == (role, slugs)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Fill in “Name”."),
        ({"email": "nobody"}, "Enter an e-mail address"),
        ({"email": "priya.shah@cps.example"}, "They are in this case already."),
        ({"role": ""}, "Choose “Role”."),
        ({"role": "king"}, "king"),
        ({"defendants": []}, "Choose at least one defendant."),
        ({"defendants": ["prosecution"]}, "prosecution"),
        ({"role": "observer"}, "Choose the party whose papers they may see."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(client, cast, mailoutbox, wrong, said):
    client.force_login(cast.tom)
    before = Participant.objects.count()
    answer = invite(client, **wrong)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert said in page
    assert wrong.get("email", "jo@chambers.example") in page
    assert Participant.objects.count() == before
    assert mailoutbox == []


def test_sending_again_ends_the_link_before(client, cast, mailoutbox, django_capture_on_commit_callbacks):
    jo = people.invite(viewer(cast.tom), "jo@x.example", "defence", ["bates"])
    old = people.new_invitation(jo)
    client.force_login(cast.tom)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{PAGE}{jo.pk}/resend/")
    assert people.invitation_of(old) is None
    link = re.search(r"/invitations/([\w-]+)/", mailoutbox[-1].body)
    assert people.invitation_of(link[1])


def test_nothing_is_sent_again_to_who_is_in_the_case(client, cast, mailoutbox):
    client.force_login(cast.tom)
    client.post(f"{PAGE}{part(cast.daniel).pk}/resend/")
    assert mailoutbox == []
    assert not Invitation.objects.filter(participant__user=cast.daniel).exists()
    assert "Daniel Okafor is in the case already." in client.get(PAGE).content.decode()


# --- changing and removing ----------------------------------------------------------------------
def test_changing_a_part_holds_at_once(client, cast):
    paper(cast.priya, "J", "The grey van", visible_to=["bates"])
    both = User.objects.create_user("both@x.example", name="Both")
    people.join(cast.case, both, "defence", ["bates", "doyle"])
    assert viewer(both).parties == ("bates", "doyle")
    client.force_login(cast.tom)
    client.post(f"{PAGE}{part(both).pk}/", {"role": "defence", "defendants": ["doyle"]})
    assert viewer(both).parties == ("doyle",)
    client.force_login(both)
    assert "The grey van" not in client.get(f"/cases/{REFERENCE}/main/").content.decode()


def test_a_clerk_cannot_lock_themselves_out(client, cast):
    client.force_login(cast.tom)
    me = part(cast.tom)
    client.post(f"{PAGE}{me.pk}/", {"role": "observer", "sits_with": "bates"})
    client.post(f"{PAGE}{me.pk}/remove/")
    assert viewer(cast.tom).role == "clerk"
    page = client.get(PAGE).content.decode()
    assert "You cannot change your own part." in page
    assert "You cannot remove yourself" in page


def test_removing_asks_first_and_holds_at_once(client, cast):
    client.force_login(cast.tom)
    path = f"{PAGE}{part(cast.daniel).pk}/remove/"
    assert "Remove Daniel Okafor from this case?" in client.get(path).content.decode()
    assert part(cast.daniel).removed_at is None
    client.post(path)
    client.force_login(cast.daniel)
    assert client.get(PAGE).status_code == 404
    assert client.get(f"/cases/{REFERENCE}/main/").status_code == 404


def test_a_defendant_is_added_with_their_private_section(client, cast):
    client.force_login(cast.tom)
    assert client.post(f"{PAGE}defendants/", {"name": ""}).status_code == 200
    client.post(f"{PAGE}defendants/", {"name": "Carol Quinn"})
    assert cast.case.parties.filter(slug="quinn").exists()
    assert "Carol Quinn" in client.get(PAGE).content.decode()


# --- see as -------------------------------------------------------------------------------------
def see_as(client, cast, who):
    client.force_login(cast.tom)
    return client.post(f"{PAGE}{part(who).pk}/see/", follow=True)


def test_seeing_as_somebody_shows_what_both_may_see(client, cast):
    paper(cast.priya, "J", "For all")
    paper(cast.priya, "J", "For Bates", visible_to=["bates"])
    paper(cast.daniel, "PD1", "Private of Bates")
    page = see_as(client, cast, cast.daniel).content.decode()
    assert "You see this as Daniel Okafor sees it." in page
    assert "For all" in page
    assert "For Bates" in page
    assert "Private of Bates" not in page
    page = see_as(client, cast, cast.mari).content.decode()
    assert "For all" in page
    assert "For Bates" not in page


def test_seeing_as_the_judge_shows_no_more_than_the_clerk_sees(client, cast):
    page = see_as(client, cast, cast.ruth).content.decode()
    assert "CACD2" not in page


def test_seeing_as_is_in_the_courts_part_of_the_journal(client, cast):
    see_as(client, cast, cast.daniel)
    entry = Entry.objects.get(action="case.seen_as")
    assert (entry.actor["name"], entry.data["participant"]["name"]) == ("Tom Price", "Daniel Okafor")
    for user, seen in ((cast.tom, True), (cast.ruth, True), (cast.daniel, False), (cast.priya, False)):
        assert Entry.objects.visible_to(viewer(user)).filter(pk=entry.pk).exists() is seen


def test_seeing_as_cannot_be_begun_by_its_address(client, cast):
    client.force_login(cast.tom)
    index = f"/cases/{REFERENCE}/main/"
    assert client.get(index, {"as": str(part(cast.daniel).pk)}).url == PAGE
    assert client.get(index, {"as": "nonsense"}).status_code == 404
    assert not Entry.objects.filter(action="case.seen_as").exists()
    see_as(client, cast, cast.daniel)
    # Begun for one person, it does not hold for another.
    assert client.get(index, {"as": str(part(cast.mari).pk)}).status_code == 302
    client.force_login(cast.priya)
    assert client.get(index, {"as": str(part(cast.daniel).pk)}).status_code == 403


def test_seeing_as_somebody_who_was_removed_is_over(client, cast):
    see_as(client, cast, cast.daniel)
    pk = part(cast.daniel).pk
    Participant.objects.filter(pk=pk).update(removed_at=timezone.now())
    assert client.get(f"/cases/{REFERENCE}/main/", {"as": str(pk)}).status_code == 404
