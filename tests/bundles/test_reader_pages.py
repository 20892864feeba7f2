"""The reader's server side: pages by label, the list of pages, what was opened."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from casebundle.bundles import reading, services
from casebundle.bundles.labels import Labels, renumber
from casebundle.bundles.models import Bundle, Document, Opened, Section
from casebundle.journal.models import Entry
from tests.cast import REFERENCE, pdf, read, viewer

pytestmark = pytest.mark.django_db

BASE = f"/cases/{REFERENCE}/main"


@pytest.fixture
def bundle(cast):
    return Bundle.objects.get(case=cast.case, slug="main")


def config(response) -> dict:
    """What the page tells its scripts."""
    html = response.content.decode()
    start = html.index('<script id="reader-config" type="application/json">')
    return json.loads(html[html.index(">", start) + 1 : html.index("</script>", start)])


def listed(client: Client, base: str = BASE) -> dict:
    response = client.get(f"{base}/pages.json")
    assert response.status_code == 200
    return response.json()


def labels(manifest: dict) -> list[str]:
    """Every label of a manifest, as the scripts make them."""
    return [
        f"{stem}{start + n}"
        for document in manifest["documents"]
        for first, count, stem, start in document["runs"]
        for n in range(count)
    ]


# --- a page by its label ----------------------------------------------------------------------------
def test_a_page_is_opened_by_its_label(client, cast, served):
    served("B", "one", "two", "three", title="Statement of John Smith")
    client.force_login(cast.daniel)
    response = client.get(f"{BASE}/B2")
    assert response.status_code == 200
    found = config(response)
    assert found["label"] == found["asked"] == "B2"
    assert found["page"].endswith("-2")
    assert b"<title>B2 \xe2\x80\x93 Statement of John Smith \xe2\x80\x93 T20267001" in response.content


@pytest.mark.parametrize("asked", ["b2", "B 2", "b02", "p. B2", "(B2)"])
def test_a_label_may_be_written_in_any_way(client, cast, served, asked):
    served("B", "one", "two")
    client.force_login(cast.daniel)
    assert config(client.get(f"{BASE}/{asked}"))["label"] == "B2"


def test_an_old_label_leads_to_the_page_that_had_it(client, cast, served, bundle):
    first = served("B", "one", "two")
    served("B", "three")
    # The first document moves to the end: what was B1 is B2 now.
    Document.objects.filter(pk=first.pk).update(position=99)
    renumber(bundle)
    Document.objects.filter(pk=first.pk).update(section=Section.objects.get(bundle=bundle, letter="C"))
    renumber(bundle)
    client.force_login(cast.daniel)
    found = config(client.get(f"{BASE}/B2"))
    assert (found["asked"], found["label"]) == ("B2", "C1")


@pytest.mark.parametrize("label", ["B99", "ZZ1", "nonsense", "%00", "B" * 300])
def test_an_unknown_label_offers_the_contents(client, cast, served, label):
    served("B", "one")
    client.force_login(cast.daniel)
    response = client.get(f"{BASE}/{label}")
    assert response.status_code == 404
    assert b'name="to"' in response.content
    assert f"{BASE}/".encode() in response.content


def test_what_is_hidden_looks_as_if_it_never_was(client, cast, served):
    served("J", "for Bates alone", visible_to=["bates"])
    served("J", "for everybody")
    client.force_login(cast.mari)
    hidden, missing = client.get(f"{BASE}/J1"), client.get(f"{BASE}/J9")
    assert hidden.status_code == missing.status_code == 404
    # The token against forged forms is another in every answer.
    said = [re.sub(rb"[A-Za-z0-9]{64}", b"", answer.content) for answer in (hidden, missing)]
    assert said[0].replace(b"J1", b"J9") == said[1]
    assert client.get(f"{BASE}/J2").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/B1",
        "/read",
        "/pages.json",
        "/go?to=B1",
        "/../documents/{document}/1",
        "/../documents/{document}/pages.json",
    ],
)
@pytest.mark.parametrize(("who", "status"), [(None, 302), ("sam", 404), ("daniel", 200)])
def test_who_may_read(client, cast, served, path, who, status):
    document = served("B", "one")
    if who:
        client.force_login(cast[who])
    path = path.format(document=document.pk)
    address = f"/cases/{REFERENCE}{path[3:]}" if path.startswith("/..") else BASE + path
    response = client.get(address)
    if who == "daniel" and "go?" in path:
        status = 302
    assert response.status_code == status
    if who is None:
        assert response["Location"].startswith("/accounts/login/")


def test_read_goes_on_at_the_document_opened_last(client, cast, served):
    served("A", "indictment")
    second = served("B", "statement")
    client.force_login(cast.daniel)
    assert config(client.get(f"{BASE}/read"))["label"] == "A1"
    reading.opened(viewer(cast.daniel), second.current)
    found = config(client.get(f"{BASE}/read"))
    assert found["label"] == "B1"
    assert found["resume"] is True


def test_an_empty_bundle_says_so(client, cast):
    client.force_login(cast.daniel)
    response = client.get(f"{BASE}/read")
    assert response.status_code == 200
    assert b"There is nothing to read here yet" in response.content


# --- going to what was typed --------------------------------------------------------------------------
def test_go_redirects_people_and_answers_scripts(client, cast, served):
    served("B", "one", "two")
    client.force_login(cast.daniel)
    response = client.get(f"{BASE}/go", {"to": " b 2 "})
    assert (response.status_code, response["Location"]) == (302, f"{BASE}/B2")
    answer = client.get(f"{BASE}/go", {"to": "b2"}, headers={"accept": "application/json"})
    assert answer.json()["label"] == "B2"
    assert "Accept" in answer["Vary"]
    assert client.get(f"{BASE}/go", {"to": "B9"}, headers={"accept": "application/json"}).status_code == 404
    assert client.get(f"{BASE}/go").status_code == 404


# --- the list of pages ------------------------------------------------------------------------------
def test_the_list_of_pages_gives_every_label_in_order(client, cast, served):
    served("B", "b1", "b2", title="Statement", exhibit="JS/1", date="2026-03-14")
    served("A", "a1")
    client.force_login(cast.daniel)
    found = listed(client)
    assert labels(found) == ["A1", "B1", "B2"]
    statement = found["documents"][1]
    assert (statement["title"], statement["exhibit"], statement["date"]) == (
        "Statement",
        "JS/1",
        "2026-03-14",
    )
    assert (statement["section"], statement["pages"]) == ("B", 2)
    assert sum(count for count, _w, _h in statement["sizes"]) == 2
    document = Document.objects.get(pk=statement["id"])
    assert statement["version"] == document.current_id.hex


def test_nobody_is_told_of_what_is_not_for_them(client, cast, served, staged):
    served("J", "for Bates alone", visible_to=["bates"], title="Secret ledger")
    served("J", "for everybody")
    staged("J", "not yet served", title="Draft")
    client.force_login(cast.mari)
    found = listed(client)
    # The gap stays, and nothing says what is in it.
    assert labels(found) == ["J2"]
    assert "Secret" not in json.dumps(found)
    client.force_login(cast.daniel)
    assert labels(listed(client)) == ["J1", "J2"]
    # What is staged is in nobody's bundle, not even its uploader's.
    client.force_login(cast.priya)
    assert "Draft" not in json.dumps(listed(client))


def test_a_restricted_section_is_not_in_the_list(client, cast):
    client.force_login(cast.mari)
    own = {section["letter"] for section in listed(client)["sections"]}
    client.force_login(cast.daniel)
    other = {section["letter"] for section in listed(client)["sections"]}
    assert "PD2" in own - other
    assert "PD1" in other - own


def test_a_withdrawn_document_leaves_the_list_and_its_labels(client, cast, served):
    first = served("B", "one", "two")
    served("B", "three")
    services.freeze(viewer(cast.ruth), first.section.bundle)
    services.withdraw(viewer(cast.priya), first, "Served in error")
    client.force_login(cast.daniel)
    assert labels(listed(client)) == ["B3"]
    assert client.get(f"{BASE}/B1").status_code == 404


def test_a_shorter_replacement_gives_labels_to_its_own_pages_only(client, cast, served):
    from casebundle.evidence import intake

    document = served("B", "one", "two", "three")
    services.freeze(viewer(cast.ruth), document.section.bundle)
    intake.replace(viewer(cast.priya), document, "shorter.pdf", [pdf(["only one"])])
    read(document)
    client.force_login(cast.daniel)
    assert labels(listed(client)) == ["B1"]


def test_the_list_is_kept_until_something_in_it_is_another(client, cast, served):
    served("B", "one")
    client.force_login(cast.daniel)
    first = client.get(f"{BASE}/pages.json")
    assert first["Cache-Control"] == "private, no-cache"
    etag = first["ETag"]
    for held in (etag, f"W/{etag}", f'"other", {etag}'):
        assert client.get(f"{BASE}/pages.json", headers={"if-none-match": held}).status_code == 304
    served("B", "two")
    again = client.get(f"{BASE}/pages.json", headers={"if-none-match": etag})
    assert again.status_code == 200
    assert again["ETag"] != etag


def test_the_list_is_sent_compressed(client, cast, served):
    for n in range(4):
        served("B", "one", title=f"Statement {n}")
    client.force_login(cast.daniel)
    response = client.get(f"{BASE}/pages.json", headers={"accept-encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    etag = response["ETag"]
    assert client.get(f"{BASE}/pages.json", headers={"if-none-match": etag}).status_code == 304


def test_the_list_takes_the_same_number_of_queries_however_long(
    client, cast, served, django_assert_max_num_queries, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    served("B", "one")
    client.force_login(cast.daniel)
    with CaptureQueriesContext(
        connection,
    ) as few:
        listed(client)
    for n in range(5):
        served("J", "one", "two", title=f"Exhibit {n}")
    with django_assert_num_queries(len(few)):
        listed(client)


# --- unread and new -----------------------------------------------------------------------------------
def test_a_document_is_unread_until_it_was_opened(client, cast, served):
    document = served("B", "one", "two")
    client.force_login(cast.daniel)
    assert listed(client)["documents"][0]["unread"] is True
    page = f"{document.current_id.hex}-2"
    for _ in range(2):
        response = client.post(f"/cases/{REFERENCE}/opened", {"page": page})
        assert response.status_code == 204
    assert listed(client)["documents"][0]["unread"] is False
    assert Opened.objects.filter(document=document).count() == 1
    [entry] = Entry.objects.filter(action="document.opened")
    daniel = viewer(cast.daniel).participant
    assert entry.audience == f"|person:{daniel.pk}|"
    assert entry.data["first"] == "B1"
    assert entry.document == document.pk


def test_what_somebody_served_is_not_unread_to_them(client, cast, served):
    served("B", "one")
    client.force_login(cast.priya)
    assert listed(client)["documents"][0]["unread"] is False


def test_a_replaced_document_is_unread_again(client, cast, served):
    from casebundle.evidence import intake

    document = served("B", "one")
    assert reading.opened(viewer(cast.daniel), document.current) is True
    intake.replace(viewer(cast.priya), document, "new.pdf", [pdf(["another"])])
    read(document)
    client.force_login(cast.daniel)
    assert listed(client)["documents"][0]["unread"] is True


@pytest.mark.parametrize("who", ["mari", "sam"])
def test_nobody_opens_what_is_not_for_them(client, cast, served, who):
    document = served("J", "for Bates alone", visible_to=["bates"])
    client.force_login(cast[who])
    for page in (f"{document.current_id.hex}-1", "nonsense", ""):
        assert client.post(f"/cases/{REFERENCE}/opened", {"page": page}).status_code == 404
    assert not Opened.objects.exists()


def test_opening_needs_the_form_token(cast, served):
    document = served("B", "one")
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.daniel)
    response = client.post(f"/cases/{REFERENCE}/opened", {"page": f"{document.current_id.hex}-1"})
    assert response.status_code == 403


# --- what is staged -----------------------------------------------------------------------------------
def test_a_staged_document_is_read_by_its_party_alone(client, cast, staged):
    document = staged("B", "one", "two", title="Draft")
    address = f"/cases/{REFERENCE}/documents/{document.pk}"
    client.force_login(cast.priya)
    response = client.get(f"{address}/2")
    assert response.status_code == 200
    found = config(response)
    assert (found["label"], found["preview"]) == ("–", True)
    [row] = client.get(f"{address}/pages.json").json()["documents"]
    assert (row["pages"], row["runs"]) == (2, [])
    for wrong in (f"{address}/0", f"{address}/3"):
        assert client.get(wrong).status_code == 404
    for other in ("daniel", "ruth", "tom", "sam"):
        client.force_login(cast[other])
        assert client.get(f"{address}/1").status_code == 404
        assert client.get(f"{address}/pages.json").status_code == 404
    # Looking at one's own draft is not reading evidence.
    client.force_login(cast.priya)
    client.post(f"/cases/{REFERENCE}/opened", {"page": f"{document.current_id.hex}-1"})
    assert not Opened.objects.exists()


def test_the_page_has_no_script_or_style_of_its_own(client, cast, served):
    served("B", "one")
    client.force_login(cast.daniel)
    html = client.get(f"{BASE}/B1").content.decode()
    assert " style=" not in html
    assert "<style" not in html
    for part in html.split("<script")[1:]:
        tag, _, body = part.partition(">")
        assert "src=" in tag or "application/json" in tag, tag
        assert "src=" not in tag or not body.partition("</script>")[0].strip()


def test_the_labels_of_reader_and_service_agree(cast, served, bundle):
    """The scripts count labels from runs; that must give what labels.py gives, insert numbers and all."""
    first = served("B", "one", "two")
    services.freeze(viewer(cast.ruth), bundle)
    served("B", "three", "four")
    late = served("B", "inserted", "inserted too")
    Document.objects.filter(pk=late.pk).update(position=first.position)
    Document.objects.filter(pk=first.pk).update(position=0)
    renumber(bundle)
    found = reading.manifest(viewer(cast.daniel), bundle)
    every = Labels.of_bundle(bundle)
    expected = [every.label(row["id"], index) for row in found["documents"] for index in range(row["pages"])]
    assert labels(found) == expected
    assert len(set(expected)) == 6
