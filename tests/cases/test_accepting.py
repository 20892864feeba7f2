"""An invitation is accepted by the link that was mailed, as the account whose address it was mailed to.

Until then the case does not exist for whoever was invited: not in a list, a search, a page, the API, a token or a
socket. So an address that somebody took, or a clerk's own, opens nothing.
"""

from __future__ import annotations

import datetime
import re

import pytest
from django.test import Client
from django.utils import timezone

from casebundle.cases import access, invitations, people
from casebundle.cases.models import Case, Invitation, Participant, User
from casebundle.courtroom import services as court
from casebundle.journal.models import Entry
from tests.cast import OTHER, REFERENCE, just_signed_in, viewer
from tests.papers import paper

pytestmark = pytest.mark.django_db
GOOD = "three random words"
CASE = f"/cases/{REFERENCE}/"
PEOPLE = f"{CASE}people/"
API = "/api/v1"


@pytest.fixture
def sam(cast):
    """Who has an account and another case."""
    cast.sam.set_password(GOOD)
    cast.sam.save()
    return cast.sam


@pytest.fixture
def invite(cast, mailoutbox, django_capture_on_commit_callbacks):
    """invite("sam.weir@…", …) -> (participant, the path of the link as it stands in the e-mail)."""

    def do(email, role="defence", parties=("bates",), by=None):
        with django_capture_on_commit_callbacks(execute=True):
            made = people.invite(by or viewer(cast.tom), email, role, list(parties))
        return made, link_in(mailoutbox[-1])

    return do


def link_in(mail):
    return re.search(r"(/invitations/[\w-]{40,}/)", mail.body)[1]


def signed_in(user):
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def actions(case):
    return list(Entry.objects.filter(chain_id=case.pk).order_by("seq").values_list("action", flat=True))


def bare(answer):
    """Without what was asked for, and the token of forms."""
    return re.sub(r'csrf\w*[^>]*value="[^"]*"|X-CSRFToken[^}]*|T\d{8}', "", answer.content.decode())


def sees_nothing(user):
    """No road leads `user` into the case, and none tells that there is one."""
    client = signed_in(user)
    never, there = (bare(client.get(f"/cases/{one}/")) for one in ("T20269999", REFERENCE))
    assert there == never
    for path in (CASE, f"{CASE}main/", PEOPLE, f"{CASE}journal/", f"{CASE}hearings/", f"{CASE}search/?q=van"):
        answer = client.get(path)
        assert answer.status_code == 404, path
    assert REFERENCE not in client.get("/").content.decode()
    assert REFERENCE not in client.get("/search/?q=van").content.decode()
    assert REFERENCE not in client.get("/account/").content.decode()
    _token, secret = people.new_token(user, "t")
    for path in (f"/cases/{REFERENCE}", f"/cases/{REFERENCE}/journal", f"/cases/{REFERENCE}/bundles/main"):
        assert client.get(f"{API}{path}", headers={"Authorization": f"Bearer {secret}"}).status_code == 404
    for path in ("/me", "/cases", "/search?q=van"):
        answer = client.get(f"{API}{path}", headers={"Authorization": f"Bearer {secret}"})
        assert REFERENCE not in answer.content.decode()
    with pytest.raises(access.NotVisible):
        viewer(user)
    assert access.viewers_at([user], REFERENCE) == [None]
    assert not Case.objects.visible_to_user(user).filter(reference=REFERENCE).exists()


def test_who_has_an_account_is_in_after_accepting_and_not_before(cast, sam, invite):
    paper(cast.priya, "A", "The van")
    before, link = invite(sam.email)
    assert before.pending
    sees_nothing(sam)
    client = signed_in(sam)
    page = client.get(link).content.decode()
    assert "R v Bates and Doyle" in page
    assert "Accept and go to the case" in page
    # Looking at it is not accepting.
    sees_nothing(sam)
    answer = client.post(link)
    assert (answer.status_code, answer.url) == (302, CASE)
    assert client.get(CASE).status_code == 200
    assert viewer(sam).parties == ("bates",)
    assert actions(cast.case)[-1] == "participant.joined"
    joined = Entry.objects.get(action="participant.joined")
    assert joined.actor["id"] == str(before.pk)
    # Used once.
    assert client.get(link).status_code == client.post(link).status_code == 410
    assert actions(cast.case).count("participant.joined") == 1


def test_who_is_not_signed_in_is_asked_to(cast, sam, invite):
    _made, link = invite(sam.email)
    client = Client()
    page = client.get(link).content.decode()
    assert "Sign in as" in page
    assert sam.email in page
    assert f"/accounts/login/?next={link}" in page
    assert client.post(link).status_code == 403
    sees_nothing(sam)
    answer = client.post("/accounts/login/", {"login": sam.email, "password": GOOD, "next": link})
    assert answer.url == link
    assert client.post(link).url == CASE


def test_another_account_cannot_accept_and_is_told_whose_it_is(cast, sam, invite):
    made, link = invite(sam.email)
    client = signed_in(cast.daniel)
    for answer in (client.get(link), client.post(link)):
        page = answer.content.decode()
        assert "This invitation is for" in page
        assert sam.email in page
        assert "Sign out" in page
        assert "Accept and go" not in page
    assert client.post(link).status_code == 403
    with pytest.raises(access.NotAllowed):
        people.accept_as(cast.daniel, Invitation.objects.get(participant=made, accepted_at=None))
    sees_nothing(sam)
    answer = client.post("/accounts/logout/", {"next": link})
    assert answer.url == link
    assert "Sign in as" in client.get(link).content.decode()


def test_a_link_ends_by_time_by_another_by_removal_and_by_a_new_invitation(cast, sam, invite, mailoutbox):
    made, first = invite(sam.email)
    client = signed_in(sam)
    tom = signed_in(cast.tom)
    tom.post(f"{PEOPLE}{made.pk}/resend/")
    second = f"/invitations/{people.new_invitation(made)}/"
    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200
    Invitation.objects.filter(accepted_at=None).update(expires_at=timezone.now())
    assert client.post(second).status_code == 410
    third = f"/invitations/{people.new_invitation(made)}/"
    people.remove(viewer(cast.tom), made)
    assert client.post(third).status_code == 410
    again, fourth = invite(sam.email, "observer", ["court"])
    assert again.pk == made.pk
    for old in (first, second, third):
        assert client.post(old).status_code == 410
    sees_nothing(sam)
    assert client.post(fourth).status_code == 302
    assert viewer(sam).role == "observer"


def test_a_link_is_for_the_address_that_it_was_mailed_to(cast, sam, invite):
    """Whoever has got another address since is not whom the clerk meant."""
    _made, link = invite(sam.email)
    User.objects.filter(pk=sam.pk).update(email="other@x.example")
    assert signed_in(sam).post(link).status_code == 410


def test_who_came_in_and_was_removed_is_in_again_only_by_the_new_link(cast, invite):
    cast.daniel.set_password(GOOD)
    cast.daniel.save()
    people.remove(viewer(cast.tom), viewer(cast.daniel).participant)
    sees_nothing(cast.daniel)
    _made, link = invite(cast.daniel.email)
    sees_nothing(cast.daniel)
    assert signed_in(cast.daniel).post(link).status_code == 302
    assert viewer(cast.daniel).parties == ("bates",)


def test_somebody_new_in_two_cases_accepts_each_by_its_own_link(cast, invite):
    address = "jo@chambers.example"
    here, link = invite(address)
    there, other = invite(address, "defence", ["field"], by=viewer(cast.tom, OTHER))
    assert here.user_id == there.user_id
    client = Client()
    client.post(link, {"name": "Jo Grant", "password": GOOD, "again": GOOD})
    jo = User.objects.get(email=address)
    assert viewer(jo).role == "defence"
    with pytest.raises(access.NotVisible):
        viewer(jo, OTHER)
    # The password is theirs now: the other link changes none, and is accepted by signing in.
    client.logout()
    thief = {"name": "X", "password": "other random words", "again": "other random words"}
    assert client.post(other, thief).status_code == 403
    assert User.objects.get(pk=jo.pk).check_password(GOOD)
    client.post("/accounts/login/", {"login": address, "password": GOOD})
    assert client.post(other).status_code == 302
    assert viewer(jo, OTHER).role == "defence"


def test_a_password_chosen_by_mail_opens_no_case(cast, invite, mailoutbox):
    """Whoever can read the post of a new account may sign in; into the case they come by its link."""
    made, link = invite("jo@chambers.example")
    client = Client()
    client.post("/accounts/password/reset/", {"email": "jo@chambers.example"})
    path = re.search(r"/accounts/password/reset/key/\S+", mailoutbox[-1].body)
    if path:
        to = client.get(path[0]).url
        client.post(to, {"password1": GOOD, "password2": GOOD})
    made.user.refresh_from_db()
    sees_nothing(made.user)
    if path:
        assert signed_in(made.user).post(link).status_code == 302


def test_others_see_that_somebody_is_invited_and_has_not_accepted(cast, sam, invite, client):
    _made, link = invite(sam.email)
    for name in ("priya", "tom"):
        client.force_login(cast[name])
        page = client.get(PEOPLE).content.decode()
        assert "Sam Weir" in page
        assert "Invited" in page
        listed = client.get(f"{API}/cases/{REFERENCE}/participants").json()["items"]
        assert {row["name"]: row["accepted"] for row in listed}["Sam Weir"] is False
        assert all(row["accepted"] for row in listed if row["name"] != "Sam Weir")
    signed_in(sam).post(link)
    assert "Invited" not in client.get(PEOPLE).content.decode()
    listed = client.get(f"{API}/cases/{REFERENCE}/participants").json()["items"]
    assert all(row["accepted"] for row in listed)


def test_who_is_only_invited_has_no_part_in_a_hearing(cast, sam, invite, client):
    made, _link = invite(sam.email)
    hearing = court.open_hearing(viewer(cast.ruth), "Trial")
    client.force_login(cast.ruth)
    assert "Sam Weir" not in client.get(f"/hearings/{hearing.pk}/").content.decode()
    answer = client.post(
        f"{API}/hearings/{hearing.pk}/floor", {"participant": str(made.pk)}, "application/json"
    )
    assert answer.status_code in (403, 422)
    assert court.current(cast.case).presenter_id is None


def test_the_api_says_that_they_are_invited_and_lets_nobody_accept(cast, sam, mailoutbox, client):
    just_signed_in(client, cast.tom)
    body = {"email": "Sam.Weir@solicitors.example", "role": "judge"}
    answer = client.post(f"{API}/cases/{REFERENCE}/participants", body, "application/json")
    assert answer.status_code == 201
    assert (answer.json()["invited"], answer.json()["accepted"]) == (True, False)
    made = Participant.objects.get(user=sam, case=cast.case)
    assert made.role == "judge"
    _token, secret = people.new_token(sam, "t")
    link = f"/invitations/{people.new_invitation(made)}/"
    token = {"Authorization": f"Bearer {secret}"}
    assert Client().post(link, headers=token).status_code == 403
    sees_nothing(sam)


def test_the_letter_is_in_the_readers_language(cast, sam, invite, mailoutbox):
    User.objects.filter(pk=sam.pk).update(language="cy")
    invite(sam.email)
    body = mailoutbox[-1].body
    assert "Accept the invitation" not in body
    assert body.count("/invitations/") == 1
    assert mailoutbox[-1].to == [sam.email]


def test_a_clerk_looks_as_somebody_who_is_only_invited(cast, sam, invite, client):
    """To see whether they would see the right things; and nothing that the clerk does not see."""
    paper(cast.daniel, "PD1", "Private of Bates")
    paper(cast.priya, "A", "The van")
    made, _link = invite(sam.email)
    client.force_login(cast.tom)
    page = client.post(f"{PEOPLE}{made.pk}/see/", follow=True).content.decode()
    assert "The van" in page
    assert "Private of Bates" not in page
    with pytest.raises(access.NotAllowed):
        invitations.eyes_of(viewer(cast.priya), made)


def test_expiry_is_days_from_the_settings(cast, sam, invite, settings):
    settings.INVITATION_DAYS = 3
    made, _link = invite(sam.email)
    left = made.invitations.get(accepted_at=None).expires_at - timezone.now()
    assert datetime.timedelta(days=2, hours=23) < left <= datetime.timedelta(days=3)


def test_those_of_an_installation_before_count_as_in_but_for_who_never_had_a_password(cast, sam):
    """What the migration makes of the rows of the version before: all of them accepted, as its database says."""
    import importlib

    from allauth.account.models import EmailAddress
    from django.apps import apps

    migration = importlib.import_module("casebundle.cases.migrations.0005_invitations_are_accepted")
    new = people.invite(viewer(cast.tom), "new@x.example", "observer", ["court"])
    for row in (cast.priya, cast.daniel, cast.mari, cast.ruth, cast.tom):
        row.set_password(GOOD)
        row.save()
    removed = Participant.objects.get(user=cast.mari, case=cast.case)
    people.remove(viewer(cast.tom), removed)
    EmailAddress.objects.create(user=cast.daniel, email="taken@x.example")
    EmailAddress.objects.create(user=cast.priya, email=cast.priya.email, primary=True)
    Participant.objects.update(accepted_at=timezone.now(), acted_for="|")
    Invitation.objects.update(email=None)
    migration.accept(apps, None)
    migration.forget_other_addresses(apps, None)
    for name, side in (("priya", "|prosecution|"), ("daniel", "|bates|"), ("ruth", "|court|")):
        assert viewer(cast[name]).participant.acted_for == side
    assert viewer(sam, OTHER).role == "defence"
    new.refresh_from_db()
    assert new.pending
    assert new.invitations.get().email == "new@x.example"
    removed.refresh_from_db()
    assert (removed.pending, removed.acted_for) == (False, "|doyle|")
    with pytest.raises(access.NotVisible):
        viewer(cast.mari)
    assert list(EmailAddress.objects.values_list("email", flat=True)) == [cast.priya.email]
