"""Nobody goes by the name of somebody else, or by a title that the court did not give, whatever the road."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import translation

from casebundle.cases import names, people
from casebundle.cases.models import Participant, User
from casebundle.desk.sentences import Links, sentence_of
from casebundle.journal.models import Entry
from tests.api.calling import Caller
from tests.cast import OTHER, REFERENCE, just_signed_in, viewer
from tests.security.hostile import TEXTS

pytestmark = pytest.mark.django_db
GOOD = "kettle violin marsh"

# What a reader takes for HHJ Ruth Adler.
LIKE_RUTH = [
    "Ruth Adler", "RUTH  ADLER", "ruth adler", "Rúth Ádler", "RuthAdler", "Ruth-Adler", "Adler, Ruth",
    "Ruth Adler KC", "Ruth Ad1er", "Ruth AdIer", "Ruth Acller", "Ruth Adler.", "(Ruth Adler)",
    "Ruth\u200b Adler", "\u202eRuth Adler", "Ruth \u2066Adler", "𝐑𝐮𝐭𝐡 𝐀𝐝𝐥𝐞𝐫", "Ｒｕｔｈ Ａｄｌｅｒ",
    "Ⓡuth Adler", "Ruth Ađler", "Mrs Ruth Adler", "Dame Ruth Adler", "R\u034futh Adler",
    "Ruth\u3164Adler", "Ruth Ad|er", "Ruth Ad!er", "Ruth Adl℮r", "Ruth Adl3r", "Ruth Adier", "Rvth Adler", "Adler Ruth",
    "ADLER RUTH KC", "Ruth Adler Esq", "Ruth Adler CBE DL", "Ruth Adler (Leeds)", "Ruth Adler [Leeds]",
    "Ruth Adler, Leeds", "Ruth Adler – Leeds", "Ruth Adler II", "Ruth Adler Ⅱ",
    "Ruth Adler Jr", "Adler, Ruth (2)",
]  # fmt: skip
MIXED = ["Ruth Аdler", "Rutһ Miles", "Rυth Miles", "Jоhn Miles", "Ρaul Miles"]
TITLES = [
    "HHJ Ann Miles", "hhj ann miles", "H.H.J. Ann Miles", "H H J Ann Miles", "HHJAnn Miles",
    "ННЈ Miles", "𝐇𝐇𝐉 Ann Miles", "HH Ann Miles", "His Honour Judge Miles", "Her Honour Ann Miles",
    "Judge Miles", "Miles, Judge", "Ann Miles (Judge)", "JUDGE MILES", "Ju\u200bdge Miles",
    "Recorder Miles", "Recorder of Leeds", "Mr Justice Miles", "Mrs Justice Miles", "Ms Justice Miles",
    "Lord Justice Miles", "Lady Justice Miles", "The Hon. Mrs Justice Miles", "Miles J", "Miles LJ",
    "Ann Miles, J.", "District Judge Miles", "DJ Miles", "DJ(MC) Miles", "Miles DJ (MC)",
    "Master Miles", "Tribunal Judge Miles", "Employment Judge Miles", "Ann Miles JP",
    "Magistrate Miles", "Clerk Miles", "Ann Miles (Clerk)", "Court clerk",
    "Ei Anrhydedd y Barnwr Miles", "Barnwr Miles", "Y Barnwr Rhanbarth Miles", "Cofiadur Miles",
    "Y Cofiadur Miles", "Ynad Miles", "Clerc y Llys", "Mr Ustus Miles",
    "EAB Miles", "Ei Hanrhydedd Miles", "His Hon Miles", "Her Hon. Miles", "HerHonour Miles", "Mr Just. Miles",
    "Rec. Miles", "Dep. Dist. J. Miles", "Dep. Dist. J. X", "Lord Chief Miles", "Presiding Miles", "Registrar Miles",
    "HJH Miles", "CJ Miles", "Circuit J. Miles", "Circuit J. X", "Jud9e Miles", "Judqe Miles", "Ju dge Miles",
    "Justlce Miles", "Rec order Miles", "Cou rt Miles",
]  # fmt: skip
ALL_RIGHT = [
    "J Smith", "J.P. Morgan", "JP Morgan", "Ruth J Adamson", "Ruth H. H. Jackson", "Victoria Justice",
    "Ann Master", "Gethin ap Rhys", "Siân Ŵyn", "Zoë O’Brien-Smith", "Łukasz Żak", "Νίκος Παπάς",
    "Иван Петров", "李雷", "山田ひろ", "ليلى الحداد KC", "Dr Chloe Marnie", "Sir Ken Miles KC",
    "D'Arcy Barnes", "Hugh Jones",
    "Hon Miles", "Hon Sui Ming", "Just Fontaine", "Ann Just", "Li Wei", "Jack Ma", "Vi Nguyen", "Courtney Miles",
    "Judith Miles", "Justin Miles", "Colin Chief", "Iris Gill", "Quentin Vaughan", "Ruth Adams", "Adler Hughes",
    "Ruth Miles 2",
]  # fmt: skip


# --- every road by which a name comes -----------------------------------------------------------
def _account(cast: Any, name: str) -> str:
    client = just_signed_in(Client(), cast.daniel)
    return str(client.post("/account/", {"name": name, "language": "en-gb"}).content.decode())


def _acceptance(cast: Any, name: str) -> str:
    guest = people.invite(viewer(cast.tom), "guest@x.example", "observer", ["court"])
    link = f"/invitations/{people.new_invitation(guest)}/"
    return str(Client().post(link, {"name": name, "password": GOOD, "again": GOOD}).content.decode())


def _command(cast: Any, name: str) -> str:
    from io import StringIO
    from unittest.mock import patch

    with patch("sys.stdin", StringIO(f"{GOOD}\n")):
        try:
            call_command("person", "new@x.example", name)
        except CommandError as error:
            return str(error)
    return ""


def _invited(cast: Any, name: str) -> str:
    client = just_signed_in(Client(), cast.tom)
    data = {"name": name, "email": "new@x.example", "role": "defence", "defendants": ["bates"]}
    return str(client.post(f"/cases/{REFERENCE}/people/invite/", data).content.decode())


def _api(cast: Any, name: str) -> str:
    body = {"name": name, "email": "new@x.example", "role": "defence", "party": "bates"}
    return str(Caller(cast.tom).post(f"/cases/{REFERENCE}/participants", body).content.decode())


def _api_changed(cast: Any, name: str) -> str:
    path = f"/cases/{REFERENCE}/participants/{viewer(cast.daniel).participant_id}"
    return str(Caller(cast.tom).patch(path, {"name": name}).content.decode())


def _people(cast: Any, name: str) -> str:
    client = just_signed_in(Client(), cast.tom)
    path = f"/cases/{REFERENCE}/people/{viewer(cast.daniel).participant_id}/name/"
    return str(client.post(path, {"name": name}).content.decode())


OWN = [_account, _acceptance, _command]
COURT = [_invited, _api, _api_changed, _people]


def called() -> set[str]:
    return set(User.objects.values_list("name", flat=True))


@pytest.mark.parametrize("road", [road for road in (*OWN, *COURT) if road is not _command])
def test_nobody_is_called_like_somebody_in_a_case_they_share(cast: Any, road: Any) -> None:
    before = called()
    said = road(cast, "Ruth A\u0501ler")
    assert "Write each word of the name in one alphabet" in said
    said = road(cast, "Ruth Ad1er") if road is not _acceptance else _acceptance_again(cast, "Ruth Ad1er")
    if road is _acceptance:
        # Whoever holds a link is in no case yet.
        assert "could be taken for this one" in said
        assert "HHJ Ruth Adler" not in said
    else:
        assert "could be taken for one another" in said
    assert called() - before <= {"Guest"}


def _acceptance_again(cast: Any, name: str) -> str:
    link = f"/invitations/{people.new_invitation(Participant.objects.get(user__email='guest@x.example'))}/"
    return str(Client().post(link, {"name": name, "password": GOOD, "again": GOOD}).content.decode())


@pytest.mark.parametrize("road", OWN)
def test_no_title_is_taken(cast: Any, road: Any) -> None:
    before = called()
    assert "Titles of judges and of the court are given by the court" in road(cast, "HHJ Ann Miles")
    assert called() - before <= {"Guest"}


@pytest.mark.parametrize("road", COURT)
def test_the_court_gives_a_title(cast: Any, road: Any) -> None:
    road(cast, "HHJ Ann Miles")
    assert "HHJ Ann Miles" in called()


@pytest.mark.parametrize("road", [*OWN, *COURT])
def test_no_road_keeps_what_is_not_seen(cast: Any, road: Any) -> None:
    road(cast, "Ann\u202e Mi\u200bles\u2066\x07")
    assert "Ann Miles" in called()
    assert all(c.isprintable() for name in called() for c in name)


# --- the rules ----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", LIKE_RUTH)
def test_what_is_taken_for_a_judge_is_refused(cast: Any, name: str) -> None:
    with pytest.raises(ValidationError, match="could be taken for one another"):
        names.rename(cast.daniel, name)
    assert User.objects.get(pk=cast.daniel.pk).name == "Daniel Okafor"


@pytest.mark.parametrize("name", MIXED)
def test_one_word_is_in_one_alphabet(cast: Any, name: str) -> None:
    with pytest.raises(ValidationError, match="one alphabet"):
        names.rename(cast.daniel, name)


@pytest.mark.parametrize("who", ["daniel", "tom"])
@pytest.mark.parametrize("name", TITLES)
def test_a_title_is_the_courts_to_give(cast: Any, name: str, who: str) -> None:
    clerks = {kind for _title, kind, _where in names.titles_in(names.clean(name))} == {"staff"}
    if who == "tom" and clerks:
        assert names.rename(cast.tom, name)
        return
    with pytest.raises(ValidationError, match="given by the court"):
        names.rename(cast[who], name)


@pytest.mark.parametrize("name", ALL_RIGHT)
def test_people_keep_their_names(cast: Any, name: str) -> None:
    assert names.rename(cast.daniel, name)
    assert User.objects.get(pk=cast.daniel.pk).name == name


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_hostile_name_is_cleaned_or_refused(cast: Any, name: str) -> None:
    try:
        names.rename(cast.daniel, TEXTS[name])
    except ValidationError:
        return
    kept = User.objects.get(pk=cast.daniel.pk).name
    assert kept.isprintable()
    assert 0 < len(kept) <= 120


def test_a_title_that_was_given_is_kept(cast: Any) -> None:
    assert names.rename(cast.ruth, "HHJ Ruth B Adler")
    with pytest.raises(ValidationError):
        names.rename(cast.ruth, "Mrs Justice Adler")
    # Somebody whose name is Judge is no judge by turning it round.
    names.rename(cast.daniel, "Daniel Judge", viewer(cast.tom))
    with pytest.raises(ValidationError):
        names.rename(cast.daniel, "Judge Daniel")


def test_strangers_may_have_one_name_until_they_meet(cast: Any) -> None:
    names.rename(cast.sam, "Ruth Adler")
    with pytest.raises(ValidationError, match="could be taken for one another"):
        people.invite(viewer(cast.tom), cast.sam.email, "defence", ["bates"])
    assert not Participant.objects.filter(case=cast.case, user=cast.sam).exists()


def test_a_clerk_gives_nobody_a_name_who_is_not_theirs(cast: Any) -> None:
    path = f"/cases/{REFERENCE}/participants/{Participant.objects.get(user=cast.sam).pk}"
    assert Caller(cast.tom).patch(path, {"name": "Sam W"}).status_code == 404
    mine = f"/cases/{REFERENCE}/participants/{viewer(cast.daniel).participant_id}"
    for who in ("priya", "daniel", "ruth"):
        assert Caller(cast[who]).patch(mine, {"name": "Dan"}).status_code == 403
    # Nor themselves a judge's title.
    own = f"/cases/{REFERENCE}/participants/{viewer(cast.tom).participant_id}"
    assert Caller(cast.tom).patch(own, {"name": "HHJ Tom Price"}).status_code == 422


# --- while somebody is invited, and when they come in ------------------------------------------
def _post(link: str, name: str, client: Client | None = None) -> Any:
    return (client or Client()).post(link, {"name": name, "password": GOOD, "again": GOOD})


def _link(part: Participant) -> str:
    return f"/invitations/{people.new_invitation(part)}/"


def test_somebody_who_is_invited_has_their_name_already(cast: Any) -> None:
    one = people.invite(viewer(cast.tom), "one@x.example", "observer", ["court"], "Ann Miles")
    with pytest.raises(ValidationError, match="could be taken for one another"):
        people.invite(viewer(cast.tom), "two@x.example", "defence", ["bates"], "Ann Mi1es")
    with pytest.raises(ValidationError, match="could be taken for one another"):
        names.rename(cast.daniel, "Miles Ann")
    two = people.invite(viewer(cast.tom), "two@x.example", "defence", ["bates"], "Bo Miles")
    answer = _post(_link(two), "Ann Miles")
    assert "could be taken for this one" in answer.content.decode()
    two.refresh_from_db()
    assert two.pending
    assert not two.user.has_usable_password()
    assert _post(_link(one), "Ann Miles").status_code == 302


def test_who_has_an_account_does_not_come_in_by_a_name_taken_since(cast: Any) -> None:
    part = people.invite(viewer(cast.tom), cast.sam.email, "defence", ["bates"])
    cast.sam.set_password(GOOD)
    cast.sam.save()
    # Not while they are invited, and whose name it is they are not told.
    with pytest.raises(ValidationError, match="could be taken for this one"):
        names.rename(cast.sam, "Ruth Adler")
    # However it came about, it is asked again at the door.
    User.objects.filter(pk=cast.sam.pk).update(name="Ruth Adler")
    client, link = just_signed_in(Client(), cast.sam), _link(part)
    answer = client.post(link)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "could be taken for that of somebody else in this case" in page
    assert "ask the clerk" in page
    assert "HHJ" not in page
    part.refresh_from_db()
    assert part.pending
    names.rename(cast.sam, "Ruth Weir")
    assert client.post(link).status_code == 302


def test_who_comes_in_is_asked_by_the_name_that_was_written_for_them(cast: Any) -> None:
    part = people.invite(viewer(cast.tom), "two@x.example", "defence", ["bates"], "Bo Miles")
    User.objects.filter(pk=cast.daniel.pk).update(name="Bo Miles")
    assert "could be taken for this one" in _post(_link(part), "Bo Miles").content.decode()


def test_another_name_at_the_acceptance_is_in_the_journal(cast: Any) -> None:
    part = people.invite(viewer(cast.tom), "one@x.example", "defence", ["bates"], "Ann Miles")
    other = people.invite(viewer(cast.tom), "two@x.example", "defence", ["bates"], "Bo Miles")
    assert _post(_link(part), "Anna Miles").status_code == 302
    assert _post(_link(other), "Bo Miles").status_code == 302
    entry = Entry.objects.get(action="participant.renamed")
    assert (entry.chain_id, entry.data["was"], entry.data["name"]) == (
        cast.case.pk,
        "Ann Miles",
        "Anna Miles",
    )
    assert entry.actor["id"] == str(part.pk)
    assert not mail.outbox


# --- whom the court names -----------------------------------------------------------------------
def test_an_invitation_alone_lets_nobody_rename_an_account(cast: Any) -> None:
    part = people.invite(viewer(cast.tom), cast.sam.email, "defence", ["bates"], "Somebody Else")
    assert User.objects.get(pk=cast.sam.pk).name == "Sam Weir"
    answer = Caller(cast.tom).patch(f"/cases/{REFERENCE}/participants/{part.pk}", {"name": "Sam Fool"})
    assert answer.status_code == 422
    assert "names people who are in its case" in answer.data["errors"]["name"][0]
    client = just_signed_in(Client(), cast.tom)
    page = client.post(f"/cases/{REFERENCE}/people/{part.pk}/name/", {"name": "Sam Fool"}).content.decode()
    assert "names people who are in its case" in page
    assert User.objects.get(pk=cast.sam.pk).name == "Sam Weir"
    # Nor one that two courts have invited, or that has a password by now.
    new = people.invite(viewer(cast.tom), "new@x.example", "defence", ["bates"], "New Miles")
    assert names.rename(new.user, "Newton Miles", viewer(cast.tom))
    people.invite(viewer(cast.tom, OTHER), "new@x.example", "defence", ["field"])
    with pytest.raises(ValidationError, match="names people who are in its case"):
        names.rename(new.user, "Newt Miles", viewer(cast.tom))
    late = people.invite(viewer(cast.tom), "late@x.example", "defence", ["bates"], "Late Miles")
    late.user.set_password(GOOD)
    late.user.save()
    with pytest.raises(ValidationError, match="names people who are in its case"):
        names.rename(late.user, "Later Miles", viewer(cast.tom))


def test_a_clerk_learns_no_name_of_another_case(cast: Any) -> None:
    people.join(cast.other_case, cast.daniel, "defence", ["field"])
    with pytest.raises(ValidationError, match="could be taken for this one") as error:
        names.rename(cast.daniel, "Sam Weir", viewer(cast.tom))
    assert "Sam Weir" not in str(error.value)
    with pytest.raises(ValidationError, match=r"called .*Priya Shah"):
        names.rename(cast.daniel, "Priya Shah", viewer(cast.tom))


def test_a_new_account_is_named_by_the_invitation_that_is_sent_anew(cast: Any) -> None:
    part = people.invite(viewer(cast.tom), "new@x.example", "defence", ["bates"], "Nwe Miles")
    people.remove(viewer(cast.tom), part)
    people.invite(viewer(cast.tom), "new@x.example", "defence", ["bates"], "New Miles")
    assert User.objects.get(email="new@x.example").name == "New Miles"


# --- told ---------------------------------------------------------------------------------------
def test_a_changed_name_is_in_the_journal_of_each_case_and_told_by_mail(
    cast: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        names.rename(cast.tom, "Thomas Price")
    entries = Entry.objects.filter(action="participant.renamed")
    assert {entry.chain_id for entry in entries} == {cast.case.pk, cast.other_case.pk}
    for entry in entries:
        assert (entry.data["was"], entry.data["name"]) == ("Tom Price", "Thomas Price")
    for who in (cast.priya, cast.mari):
        seen = Entry.objects.visible_to(viewer(who)).get(action="participant.renamed")
        said = sentence_of(seen, Links(viewer(who), [seen]))
        assert "Tom Price" in said
        assert "Thomas Price" in said
        with translation.override("cy"):
            assert "enw" in sentence_of(seen, Links(viewer(who), [seen]))
    assert [message.to for message in mail.outbox] == [[cast.tom.email]]
    text = mail.outbox[0].body
    # His language is not known: both.
    assert "If this was not you" in text
    assert "Os nad chi" in text
    assert "“Tom Price”" in text
    assert not names.rename(cast.tom, "Thomas  Price")


def test_people_shows_what_tells_two_apart(cast: Any) -> None:
    for who in ("priya", "mari", "ruth"):
        page = just_signed_in(Client(), cast[who]).get(f"/cases/{REFERENCE}/people/").content.decode()
        assert "chambers.example" in page
        assert "daniel.okafor@" not in page
    page = just_signed_in(Client(), cast.tom).get(f"/cases/{REFERENCE}/people/").content.decode()
    assert "daniel.okafor@chambers.example" in page
    answer = Caller(cast.priya).get(f"/cases/{REFERENCE}/participants")
    assert {row["name"]: row["organisation"] for row in answer.data["items"]}[
        "Daniel Okafor"
    ] == "chambers.example"
    # A domain with letters that look like others is shown as what it is.
    assert User(email="a@cрs.example").organisation == "xn--cs-lmc.example"
    assert json.dumps(answer.data).count("@") == 0
