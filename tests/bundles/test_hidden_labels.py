"""Places, labels and numbers are the same with and without what a reader may not see, and asked in the same way."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from casebundle.bundles import arrange, services
from casebundle.bundles.labels import Labels, numbering_version, resolve
from casebundle.bundles.models import Bundle, Document, Section
from casebundle.cases.access import NotVisible
from casebundle.evidence import intake
from casebundle.evidence.planning import plan
from casebundle.evidence.process import process
from casebundle.evidence.rows import positions
from casebundle.journal.models import Entry
from tests.cast import REFERENCE, pdf, viewer
from tests.papers import paper

pytestmark = pytest.mark.django_db
API = f"/api/v1/cases/{REFERENCE}"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def bundle(cast: Any) -> Bundle:
    """R is the prosecution's and Bates's; what Mari may not see of J is restricted."""
    bundle = Bundle.objects.get(case=cast.case, slug="main")
    services.add_section(viewer(cast.tom), bundle, "R", "For some", ["prosecution", "bates"])
    paper(cast.priya, "J", "For all", pages=3)
    paper(cast.priya, "J", "Hidden", pages=3, visible_to=["bates"])
    paper(cast.priya, "R", "Hidden section", pages=3)
    return bundle


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def statements(client: Client, address: str) -> list[str]:
    """What the database is asked, without the values."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 404
    return [re.sub(r"'[^']*'|\b\d+\b", "?", one["sql"]) for one in asked.captured_queries]


@pytest.mark.parametrize(
    "address", [f"{API}/pages/%s", f"/cases/{REFERENCE}/main/%s", f"/cases/{REFERENCE}/main/go?to=%s"]
)
def test_a_hidden_label_is_asked_for_as_one_that_never_was(cast: Any, bundle: Bundle, address: str) -> None:
    mari = client_of(cast.mari)
    missing = statements(mari, address % "J99")
    assert missing
    # J4 is a page of a restricted document.
    assert statements(mari, address % "J4") == missing
    # R2 is in a section that she does not see, Q2 in one that there is not.
    assert statements(mari, address % "R2") == statements(mari, address % "QQ2")


def test_a_label_that_names_a_hidden_page_by_now_names_what_it_did_for_those_who_do_not_see_it(
    cast: Any, bundle: Bundle
) -> None:
    """As if the hidden one were not there."""
    moved = paper(cast.priya, "A", "Was first")
    mari = viewer(cast.mari)
    assert resolve(mari, bundle, "A1").page.version.document_id == moved.pk
    hidden = paper(cast.priya, "A", "Comes first", visible_to=["bates"])
    services.change_document(viewer(cast.priya), hidden, {"position": 0})
    found = resolve(mari, bundle, "A1")
    assert (found.page.version.document_id, found.label) == (moved.pk, "A2")
    assert resolve(viewer(cast.daniel), bundle, "A1").page.version.document_id == hidden.pk


def test_the_numbering_version_counts_what_its_reader_could_see(cast: Any, bundle: Bundle) -> None:
    mari, daniel = viewer(cast.mari), viewer(cast.daniel)
    before = numbering_version(mari, bundle), numbering_version(daniel, bundle)
    etag = client_of(cast.mari).get(f"/cases/{REFERENCE}/main/pages.json")["ETag"]
    paper(cast.priya, "R", "Another")
    assert numbering_version(mari, bundle) == before[0]
    assert numbering_version(daniel, bundle) == before[1] + 1
    assert client_of(cast.mari).get(f"/cases/{REFERENCE}/main/pages.json")["ETag"] == etag
    for user, counted in ((cast.mari, before[0]), (cast.daniel, before[1] + 1)):
        answer = client_of(user).get(API).json()
        assert answer["numbering_version"] == counted
        assert [one["numbering_version"] for one in answer["bundles"]] == [counted]
        assert client_of(user).get(f"{API}/bundles/main").json()["numbering_version"] == counted


def test_served_together_the_journal_tells_nobody_who_else_was_served(cast: Any, bundle: Bundle) -> None:
    rows = [
        paper(cast.priya, "J", title, serve=False, visible_to=to)
        for title, to in (("One", ["doyle"]), ("Two", ["bates"]))
    ]
    services.serve(viewer(cast.priya), [row.pk for row in rows])
    theirs = Entry.objects.visible_to(viewer(cast.mari)).filter(action="bundle.numbered")
    assert not [entry for entry in theirs if "bates" in entry.audience]


def test_freezing_what_is_hidden_tells_nobody(cast: Any, bundle: Bundle) -> None:
    services.freeze(viewer(cast.tom), bundle)
    before = list(Entry.objects.visible_to(viewer(cast.mari)).values_list("action", flat=True))
    version = numbering_version(viewer(cast.mari), bundle)
    paper(cast.priya, "R", "Not frozen yet")
    services.freeze(viewer(cast.tom), bundle)
    assert list(Entry.objects.visible_to(viewer(cast.mari)).values_list("action", flat=True)) == before
    assert numbering_version(viewer(cast.mari), bundle) == version


def test_what_is_staged_moves_and_counts_nothing(cast: Any, bundle: Bundle) -> None:
    mari, priya = client_of(cast.mari), viewer(cast.priya)
    shown = Document.objects.get(title="For all")
    own = paper(cast.mari, "J", "Mine")

    def seen() -> Any:
        rows = [mari.get(f"/api/v1/documents/{row.pk}").json()["position"] for row in (shown, own)]
        return positions(viewer(cast.mari)), rows, mari.get(f"{API}/bundles/main").json()

    before = seen()
    for _n in range(3):
        upload(cast.priya)
    assert seen() == before
    assert [row.position for row in Document.objects.filter(state="staged")] == [
        Document.UNPLACED, Document.UNPLACED + 1, Document.UNPLACED + 2,
    ]  # fmt: skip
    assert positions(priya)["main/J"] == 3


def upload(user: Any) -> Document:
    """A file as the page sends it, read at once."""
    bundle = Bundle.objects.get(case__reference=REFERENCE, slug="main")
    document = intake.receive(viewer(user), bundle, "J", "s.pdf", [pdf(["One."])])
    assert document.current_id is not None
    process(document.current_id)
    return Document.objects.select_related("section__bundle", "current").get(pk=document.pk)


def test_what_waits_is_placed_at_the_end_when_it_is_served(cast: Any, bundle: Bundle) -> None:
    """Whoever staged first: nobody's number moves by what somebody else serves."""
    early, late = upload(cast.priya), upload(cast.mari)
    services.serve(viewer(cast.mari), [late.pk])
    first = Labels([late]).label(late.pk, 0)
    made = plan(viewer(cast.priya))
    assert made.moved == 0
    services.serve(viewer(cast.priya), [early.pk])
    assert Labels([late]).label(late.pk, 0) == first
    assert made.rows[0]["first"] == Labels([early]).label(early.pk, 0)


def test_what_is_placed_between_others_before_it_is_served_goes_there(cast: Any, bundle: Bundle) -> None:
    paper(cast.priya, "A", "First")
    paper(cast.priya, "A", "Second")
    between = upload(cast.priya)
    services.change_document(viewer(cast.priya), between, {"section": "A"})
    services.change_document(viewer(cast.priya), Document.objects.get(pk=between.pk), {"position": 1})
    services.serve(viewer(cast.priya), [between.pk])
    order = Document.objects.filter(section__letter="A").order_by("position").values_list("title", flat=True)
    assert next(iter(order)) == "First"
    assert list(order)[2] == "Second"


def test_the_check_page_counts_what_moves_among_what_is_seen(cast: Any, bundle: Bundle) -> None:
    """A document that Mari puts first moves the hidden ones too, of which she is told nothing."""
    own = paper(cast.mari, "J", "Mine", serve=False)
    section = Section.objects.get(bundle=bundle, letter="J")
    arrange.put(viewer(cast.mari), own, section, before=Document.objects.get(title="For all"))
    assert plan(viewer(cast.mari)).moved == 1
    assert plan(viewer(cast.mari)).digest == plan(viewer(cast.mari)).digest


def test_a_place_counts_what_its_reader_sees(cast: Any, bundle: Bundle) -> None:
    last = paper(cast.priya, "J", "Last")
    for user, place in ((cast.mari, 1), (cast.daniel, 2)):
        assert client_of(user).get(f"/api/v1/documents/{last.pk}").json()["position"] == place
    # And is taken so: Mari's second place is where she sees it.
    own = paper(cast.mari, "J", "Mine")
    services.change_document(viewer(cast.mari), own, {"position": 1})
    seen = Document.objects.visible_to(viewer(cast.mari)).filter(section=own.section).in_order()
    assert [row.title for row in seen] == ["For all", "Mine", "Last"]
    entry = Entry.objects.filter(action="document.changed").latest("seq")
    assert entry.data["changes"]["position"] is True


def test_a_section_counts_the_documents_that_the_clerk_sees(cast: Any, bundle: Bundle) -> None:
    services.add_section(viewer(cast.tom), bundle, "MX", "Mixed", None)

    def cells() -> list[bytes]:
        page = client_of(cast.tom).get(f"/cases/{REFERENCE}/bundles/main/sections/").content
        return re.findall(rb"<td.*?</td>", page, re.DOTALL)

    before = cells()
    document = paper(cast.priya, "MX", "For some")
    assert cells() != before
    Document.objects.filter(pk=document.pk).update(audience="|prosecution|")
    assert cells() == before


def test_a_label_of_a_section_that_is_hidden_is_not_one(cast: Any, bundle: Bundle) -> None:
    with pytest.raises(NotVisible):
        resolve(viewer(cast.mari), bundle, "R1")
    assert resolve(viewer(cast.daniel), bundle, "R1").label == "R1"
