"""Only its own side gives a document to more people, whatever the road; and who gains sight is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from casebundle.bundles import arrange, services
from casebundle.bundles.models import Bundle, Document, Section
from casebundle.cases import people
from casebundle.cases.access import NotAllowed, NotVisible
from casebundle.cases.models import User
from casebundle.evidence import intake
from casebundle.evidence.process import process
from casebundle.journal.models import Entry
from tests.cast import REFERENCE, pdf, viewer
from tests.papers import papers

pytestmark = pytest.mark.django_db
API = "/api/v1"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
CAST = ["priya", "daniel", "mari", "ruth", "tom"]


@pytest.fixture
def bundle(cast: Any) -> Bundle:
    """A case in which section R is Bates's, the prosecution's and the court's, X the prosecution's, O everybody's."""
    bundle = Bundle.objects.get(case=cast.case, slug="main")
    for letter, tokens in (
        ("R", ["bates", "prosecution", "court"]),
        ("X", ["prosecution", "court"]),
        ("O", None),
    ):
        services.add_section(viewer(cast.tom), bundle, letter, f"Part {letter}", tokens)
    return bundle


def section(bundle: Bundle, letter: str) -> Section:
    return Section.objects.get(bundle=bundle, letter=letter)


def paper(user: Any, letter: str, title: str = "A paper", **more: Any) -> Document:
    return papers(user, [(letter, title, 1)], **more)[0]


def sight(cast: Any) -> dict[str, set[str]]:
    """The served documents that each of the cast sees, by title."""
    rows = Document.objects.served()
    return {name: set(rows.visible_to(viewer(cast[name])).values_list("title", flat=True)) for name in CAST}


def client_of(cast: Any, name: str) -> Client:
    client = Client()
    client.force_login(cast[name], backend=BACKEND)
    client.cookies["django_language"] = "en-gb"
    return client


Road = Callable[[Any, str, Bundle, Document], Any]


def by_api(cast: Any, name: str, bundle: Bundle, document: Document) -> Any:
    return client_of(cast, name).patch(
        f"{API}/documents/{document.pk}", json.dumps({"section": "O"}), "application/json"
    )


def by_form(cast: Any, name: str, bundle: Bundle, document: Document) -> Any:
    return client_of(cast, name).post(f"/documents/{document.pk}/edit/", {"section": "O"})


def by_dragging(cast: Any, name: str, bundle: Bundle, document: Document) -> Any:
    row = {"document": str(document.pk), "section": str(section(bundle, "O").pk), "before": ""}
    return client_of(cast, name).post(f"/cases/{REFERENCE}/bundles/main/move/", row)


def by_arranging(cast: Any, name: str, bundle: Bundle, document: Document) -> Any:
    return arrange.put(viewer(cast[name]), document, section(bundle, "O"))


def by_lifting(cast: Any, name: str, bundle: Bundle, document: Document) -> Any:
    services.restrict_section(viewer(cast.tom), document.section, None)


def by_adding_a_party(cast: Any, name: str, bundle: Bundle, document: Document) -> Any:
    tokens = ["bates", "doyle", "prosecution", "court"]
    services.restrict_section(viewer(cast.tom), document.section, tokens)


def by_lifting_over_the_api(cast: Any, name: str, bundle: Bundle, document: Document) -> Any:
    address = f"{API}/cases/{REFERENCE}/bundles/main/sections/R"
    answer = client_of(cast, "tom").patch(address, json.dumps({"visible_to": None}), "application/json")
    assert answer.status_code == 200


def by_choosing_for_them(cast: Any, name: str, bundle: Bundle, document: Document) -> Any:
    answer = client_of(cast, name).patch(
        f"{API}/documents/{document.pk}", json.dumps({"visible_to": None}), "application/json"
    )
    assert answer.status_code == 403


ROADS: list[Road] = [
    by_api, by_form, by_dragging, by_arranging, by_lifting, by_adding_a_party, by_lifting_over_the_api,
    by_choosing_for_them,
]  # fmt: skip


# What is withdrawn is there for nobody, but its journal is.
LIFTED = [by_lifting, by_adding_a_party, by_lifting_over_the_api]


@pytest.mark.parametrize(
    ("road", "state"), [*((road, "served") for road in ROADS), *((road, "withdrawn") for road in LIFTED)]
)
@pytest.mark.parametrize("name", ["priya", "ruth", "tom"])
def test_nobody_else_gives_a_document_to_more_people(
    cast: Any, bundle: Bundle, road: Road, name: str, state: str
) -> None:
    document = paper(cast.daniel, "R")
    if state == "withdrawn":
        services.withdraw(viewer(cast.daniel), document, "In error")
    before, entries = sight(cast), seen_entries(cast, "mari")
    road(cast, name, bundle, document)
    assert sight(cast) == before
    document.refresh_from_db()
    assert not viewer(cast.mari).sees(document.audience)
    # Nor what was ever written about it.
    assert not [entry for entry in seen_entries(cast, "mari") - entries if entry[1] == document.pk]


def seen_entries(cast: Any, name: str) -> set[Any]:
    return set(Entry.objects.visible_to(viewer(cast[name])).values_list("seq", "document"))


@pytest.mark.parametrize("road", [by_api, by_form, by_dragging])
def test_a_restriction_is_not_gone_round_and_that_is_said_in_words(
    cast: Any, bundle: Bundle, road: Road
) -> None:
    services.add_section(viewer(cast.tom), bundle, "W", "Was open", None)
    document = paper(cast.daniel, "W", "Alibi")
    services.restrict_section(viewer(cast.tom), document.section, ["bates", "prosecution", "court"])
    before = sight(cast)
    answer = road(cast, "priya", bundle, document)
    assert answer.status_code == 403
    assert sight(cast) == before
    said = answer.content.decode()
    assert "Alibi" in said
    assert "Doyle" in said
    assert "Bates" in said


def test_others_keep_or_narrow_it(cast: Any, bundle: Bundle) -> None:
    document = paper(cast.daniel, "O", "Alibi")
    services.change_document(viewer(cast.priya), document, {"section": "R"})
    assert {name for name, seen in sight(cast).items() if "Alibi" in seen} == {
        "priya",
        "daniel",
        "ruth",
        "tom",
    }
    narrowed = sight(cast)
    with pytest.raises(NotAllowed):
        services.change_document(viewer(cast.priya), Document.objects.get(pk=document.pk), {"section": "O"})
    assert narrowed["mari"] == set()


def test_others_do_not_take_it_from_its_own_side(cast: Any, bundle: Bundle) -> None:
    document = paper(cast.daniel, "O", "Alibi")
    with pytest.raises(NotAllowed):
        services.change_document(viewer(cast.priya), document, {"section": "X"})
    assert "Alibi" in sight(cast)["daniel"]


def test_a_restriction_that_is_lifted_gives_back_what_was_given(cast: Any, bundle: Bundle) -> None:
    open_one, kept = (
        paper(cast.daniel, "O", "For all"),
        paper(cast.daniel, "O", "For some", visible_to=["prosecution"]),
    )
    before = sight(cast)
    services.restrict_section(viewer(cast.tom), section(bundle, "O"), ["prosecution", "bates", "court"])
    assert sight(cast)["mari"] == set()
    services.restrict_section(viewer(cast.tom), section(bundle, "O"), None)
    assert sight(cast) == before
    assert open_one.title in before["mari"]
    assert kept.title not in before["mari"]


@pytest.mark.parametrize("changes", [{"section": "O"}, {"section": "O", "visible_to": None}])
def test_its_own_side_gives_it_to_whom_it_wants_and_the_journal_names_them(
    cast: Any, bundle: Bundle, changes: dict[str, Any]
) -> None:
    document = paper(cast.daniel, "R", "Alibi")
    assert services.gained_by_changes(viewer(cast.daniel), document, changes) == ["doyle"]
    services.change_document(viewer(cast.daniel), document, changes)
    assert "Alibi" in sight(cast)["mari"]
    entry = Entry.objects.filter(action="document.changed").latest("seq")
    assert entry.data["gained"] == ["doyle"]
    page = client_of(cast, "mari").get(f"/cases/{REFERENCE}/journal/").content.decode()
    assert "It can now be seen by Doyle’s defence too." in page


def test_after_a_lifted_restriction_its_own_side_can_give_it(cast: Any, bundle: Bundle) -> None:
    document = paper(cast.daniel, "R", "Alibi")
    services.restrict_section(viewer(cast.tom), section(bundle, "R"), None)
    document = Document.objects.get(pk=document.pk)
    # Their page says how it is: for some, and not for everybody.
    page = client_of(cast, "daniel").get(f"/documents/{document.pk}/edit/").content.decode()
    assert 'value="some" checked' in page
    services.change_document(viewer(cast.daniel), document, {"visible_to": None})
    assert "Alibi" in sight(cast)["mari"]


def test_the_page_names_who_would_see_it_before_it_is_saved(cast: Any, bundle: Bundle) -> None:
    document, daniel = paper(cast.daniel, "R", "Alibi"), client_of(cast, "daniel")
    sent = {"title": "Alibi", "date": "", "exhibit": "", "section": "O", "audience": "everybody"}
    asked = daniel.post(f"/documents/{document.pk}/edit/", sent)
    assert asked.status_code == 200
    assert "Save and show it to Doyle’s defence" in asked.content.decode()
    assert "Alibi" not in sight(cast)["mari"]
    assert daniel.post(f"/documents/{document.pk}/edit/", {**sent, "gained": "doyle"}).status_code == 302
    assert "Alibi" in sight(cast)["mari"]


def test_dragging_ones_own_document_to_more_people_is_sent_to_its_page(cast: Any, bundle: Bundle) -> None:
    document = paper(cast.priya, "R", "Schedule")
    answer = by_dragging(cast, "priya", bundle, document)
    assert answer.status_code == 302
    assert "Schedule" not in sight(cast)["mari"]


def test_the_clerk_is_told_who_would_see_a_section(cast: Any, bundle: Bundle) -> None:
    paper(cast.daniel, "R", "Alibi")
    tom, row = client_of(cast, "tom"), section(bundle, "R")
    address = f"/cases/{REFERENCE}/bundles/main/sections/{row.pk}/"
    restricted_later = paper(cast.priya, "R", "For all of the section")
    asked = tom.post(address, {"audience": "everybody"})
    # Nothing in it was ever for Doyle: she would see an empty section.
    assert "Documents in it that they will see: 0." in asked.content.decode()
    Document.objects.filter(pk=restricted_later.pk).update(granted="|everybody|")
    asked = tom.post(address, {"audience": "everybody"})
    assert "Documents in it that they will see: 1." in asked.content.decode()
    assert asked.status_code == 200
    assert "Save and show it to Doyle’s defence" in asked.content.decode()
    assert tom.post(address, {"audience": "everybody", "gained": "doyle"}).status_code == 302
    assert Entry.objects.filter(action="section.restricted").latest("seq").data["gained"] == ["doyle"]
    assert "Alibi" not in sight(cast)["mari"]


def test_a_change_of_the_title_gives_it_to_nobody(cast: Any, bundle: Bundle) -> None:
    """What was for its own side alone, in a section that the court did not see, is still that afterwards."""
    document = paper(cast.daniel, "R", "Alibi")
    services.restrict_section(viewer(cast.tom), section(bundle, "R"), None)
    before = sight(cast)
    sent = {"title": "Alibi notice", "date": "", "exhibit": "", "section": "R", "audience": "some"}
    sent["parties"] = ["prosecution"]  # type: ignore[assignment]
    assert client_of(cast, "daniel").post(f"/documents/{document.pk}/edit/", sent).status_code == 302
    assert {name: len(seen) for name, seen in sight(cast).items()} == {n: len(s) for n, s in before.items()}


# --- what is not served yet -------------------------------------------------------------------------
def stage(user: Any, letter: str, *, serve: bool = False, text: str = "Words.") -> Document:
    """A file as it is uploaded, and not read yet."""
    bundle = Bundle.objects.get(case__reference=REFERENCE, slug="main")
    return intake.receive(viewer(user), bundle, letter, "paper.pdf", [pdf([text])], serve=serve)


def read_now(document: Document) -> Document:
    assert document.current_id is not None
    process(document.current_id)
    return Document.objects.select_related("section__bundle", "current").get(pk=document.pk)


@pytest.mark.parametrize("serve_by", ["itself", "its side"])
def test_a_section_that_is_widened_meanwhile_serves_nothing_on_more_people(
    cast: Any, bundle: Bundle, serve_by: str
) -> None:
    document = stage(cast.daniel, "R", serve=serve_by == "itself")
    services.restrict_section(viewer(cast.tom), document.section, None)
    document = read_now(document)
    if serve_by == "its side":
        services.serve(viewer(cast.daniel), [document.pk])
    document.refresh_from_db()
    assert document.state == "served"
    assert not viewer(cast.mari).sees(document.audience)
    assert viewer(cast.priya).sees(document.audience)


def test_what_the_judge_stages_for_the_judge_is_not_the_clerks(cast: Any, bundle: Bundle) -> None:
    services.add_section(viewer(cast.tom), bundle, "JJ", "The judge", ["judge"])
    document = read_now(stage(cast.ruth, "JJ", text="Draft."))
    tom, ruth = client_of(cast, "tom"), client_of(cast, "ruth")
    for address in (f"{API}/documents/{document.pk}", f"{API}/documents/{document.pk}/original"):
        assert ruth.get(address).status_code == 200
        assert tom.get(address).status_code == 404
    with pytest.raises(NotVisible):
        services.serve(viewer(cast.tom), [document.pk])
    assert document.title not in tom.get(f"/cases/{REFERENCE}/serve/").content.decode()
    told = Entry.objects.visible_to(viewer(cast.tom)).filter(document=document.pk)
    assert not told.exists()
    # Nor does another file of the court with the same bytes tell of it.
    other = read_now(stage(cast.tom, "A", text="Draft."))
    assert other.current is not None
    assert "duplicate" not in [found["code"] for found in other.current.warnings]


def test_who_acts_for_two_puts_it_in_for_the_one_whose_section_it_is(cast: Any, bundle: Bundle) -> None:
    both = User.objects.create_user("both@x.example", "not a password", name="Both Sides")
    people.join(cast.case, both, "defence", ["bates", "doyle"])
    document = read_now(stage(both, "PD2"))
    assert document.party == "doyle"
    assert client_of(cast, "daniel").get(f"{API}/documents/{document.pk}").status_code == 404
    assert client_of(cast, "mari").get(f"{API}/documents/{document.pk}").status_code == 200


def test_a_staged_document_whose_section_is_for_others_by_now_waits_with_its_side(
    cast: Any, bundle: Bundle
) -> None:
    document = read_now(stage(cast.daniel, "R"))
    services.restrict_section(viewer(cast.tom), document.section, ["doyle", "court"])
    document = Document.objects.get(pk=document.pk)
    assert viewer(cast.daniel).sees(document.audience)
    assert not viewer(cast.mari).sees(document.audience)


def test_a_duplicate_is_told_to_its_own_side_alone(cast: Any, bundle: Bundle) -> None:
    hidden, shown = read_now(stage(cast.priya, "R")), read_now(stage(cast.priya, "A"))
    services.serve(viewer(cast.priya), [hidden.pk, shown.pk])
    codes = {
        name: [w["code"] for w in client_of(cast, name).get(f"{API}/documents/{shown.pk}").json()["warnings"]]
        for name in ("priya", "mari")
    }
    assert "duplicate" in codes["priya"]
    assert "duplicate" not in codes["mari"]


def test_files_that_are_served_as_they_are_read_come_in_the_order_in_which_they_were_sent(
    cast: Any, bundle: Bundle
) -> None:
    sent = [stage(cast.priya, "O", serve=True, text=f"File {n}.") for n in range(4)]
    for at in (3, 1, 0, 2):
        read_now(sent[at])
    rows = Document.objects.served().filter(section__letter="O").in_order()
    assert [row.pk for row in rows] == [document.pk for document in sent]


def test_its_own_choice_during_a_restriction_takes_nothing_from_whom_it_was_given(
    cast: Any, bundle: Bundle
) -> None:
    document = paper(cast.daniel, "O", "Alibi")
    services.restrict_section(viewer(cast.tom), section(bundle, "O"), ["bates", "court"])
    services.change_document(viewer(cast.daniel), Document.objects.get(pk=document.pk), {"visible_to": None})
    assert "Alibi" not in sight(cast)["mari"]
    services.restrict_section(viewer(cast.tom), section(bundle, "O"), None)
    assert "Alibi" in sight(cast)["mari"]
    # Moved into a section of its own side, it is that side's.
    services.change_document(viewer(cast.daniel), Document.objects.get(pk=document.pk), {"section": "R"})
    services.restrict_section(viewer(cast.tom), section(bundle, "R"), None)
    assert "Alibi" not in sight(cast)["mari"]


def test_sections_that_share_a_letter_are_not_taken_for_one_another(cast: Any, bundle: Bundle) -> None:
    """Daniel sees his private PD1 and an open one that the clerk, who does not see his, called so too."""
    mine = Document.objects.get(pk=paper(cast.daniel, "PD1", "Notes").pk)
    services.add_section(viewer(cast.tom), bundle, "PD1", "Open", None)
    open_one = Section.objects.get(bundle=bundle, letter="PD1", title="Open")
    client, move = client_of(cast, "daniel"), f"/cases/{REFERENCE}/bundles/main/move/"
    client.post(move, {"document": str(mine.pk), "section": str(open_one.pk), "before": ""})
    assert "Notes" not in sight(cast)["mari"]
    services.change_document(viewer(cast.daniel), mine, {"section": str(open_one.pk)})
    assert "Notes" in sight(cast)["mari"]
    # Sent back as it was read, it stays where it is.
    services.change_document(viewer(cast.daniel), Document.objects.get(pk=mine.pk), {"section": "PD1"})
    assert "Notes" in sight(cast)["mari"]
