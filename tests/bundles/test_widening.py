"""Only its own side gives a document to more people, whatever the road; and who gains sight is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from casebundle.bundles import arrange, services
from casebundle.bundles.models import Bundle, Document, Section
from casebundle.cases.access import NotAllowed
from casebundle.journal.models import Entry
from tests.cast import REFERENCE, viewer
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
