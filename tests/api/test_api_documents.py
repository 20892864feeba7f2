"""Evidence through the API: taken in, refused, served, changed, given out."""

from __future__ import annotations

import hashlib

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from casebundle.bundles.models import Document
from casebundle.journal.models import Entry
from tests.cast import OTHER, REFERENCE, pdf, read

UPLOAD = f"/cases/{REFERENCE}/documents"
NOBODY = "00000000-0000-4000-8000-000000000000"


def row(answer, document):
    return next(
        (r for s in answer.data.get("sections", []) for r in s["documents"] if r["id"] == str(document.pk)),
        None,
    )


def in_bundle(caller, document):
    return row(caller.get(f"/cases/{REFERENCE}/bundles/main"), document)


def test_what_is_uploaded_is_read_served_and_numbered(by):
    data = pdf(["Hello there", ""])
    answer = by("priya").upload(data, "h", title="A statement", date="2026-03-14", exhibit="JS/1")
    assert answer.status_code == 202
    took = answer.data
    assert (took["status"], took["sha256"], took["size"]) == (
        "received",
        hashlib.sha256(data).hexdigest(),
        len(data),
    )
    assert (took["served"], took["first"], took["state"]) == (None, None, "staged")
    # Until it is ready it is its own side's alone, whatever it will be.
    assert by("daniel").get(f"/documents/{took['id']}").status_code == 404
    document = read(Document.objects.get(pk=took["id"]))
    for name in ("priya", "daniel", "mari", "ruth", "tom"):
        shown = by(name).get(f"/documents/{took['id']}").data
        assert (shown["first"], shown["last"], shown["pages"], shown["pages_done"]) == ("H1", "H2", 2, 2)
        assert (shown["title"], shown["date"], shown["exhibit"]) == ("A statement", "2026-03-14", "JS/1")
        assert (shown["status"], shown["reason"], shown["media_type"]) == ("ready", None, "application/pdf")
        assert shown["served"].endswith("Z")
        scanned = set() if settings.CLAMD_URL else {"not_scanned"}
        assert {each["code"] for each in shown["warnings"]} == {*scanned, "blank_page"}
        listed = in_bundle(by(name), document)
        assert (listed["first"], listed["last"], listed["status"]) == ("H1", "H2", "ready")
    assert by("sam").get(f"/documents/{took['id']}").status_code == 404


def test_staged_evidence_is_its_own_sides_until_it_is_served(by, staged):
    one, two = staged("H", "one"), staged("H", "two")
    assert in_bundle(by("priya"), one)["served"] is None
    for name in ("daniel", "mari", "ruth", "tom"):
        assert in_bundle(by(name), one) is None
        assert by(name).get(f"/documents/{one.pk}").status_code == 404
    serve = f"/cases/{REFERENCE}/serve"
    # All or none, and nobody can tell one that is not there from one that is not theirs.
    for ids in ([str(one.pk), NOBODY], [str(one.pk), "nonsense"]):
        assert by("priya").post(serve, {"documents": ids}).status_code == 404
    assert by("daniel").post(serve, {"documents": [str(one.pk)]}).status_code == 404
    assert by("ruth").post(serve, {"documents": [str(one.pk)]}).status_code == 404
    assert by("sam").post(serve, {"documents": [str(one.pk)]}).status_code == 404
    assert by("priya").post(serve, {"documents": []}).status_code == 422
    assert in_bundle(by("daniel"), one) is None
    answer = by("priya").post(serve, {"documents": [str(two.pk), str(one.pk)]})
    assert [(r["id"], r["first"]) for r in answer.data["documents"]] == [
        (str(d.pk), d_first) for d, d_first in zip(*served_order(answer, one, two), strict=True)
    ]
    assert in_bundle(by("daniel"), one)["first"] == "H1"
    assert by("priya").post(serve, {"documents": [str(one.pk)]}).status_code == 200


def served_order(answer, one, two):
    """They keep their places in the section, in whatever order they were named."""
    by_id = {str(one.pk): (one, "H1"), str(two.pk): (two, "H2")}
    found = [by_id[each["id"]] for each in answer.data["documents"]]
    return [document for document, _label in found], [label for _document, label in found]


def test_the_same_key_and_bytes_are_the_same_document(by):
    first = by("priya").upload(pdf(["a"]), key="k-1")
    again = by("priya").upload(pdf(["a"]), key="k-1", title="Another title")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.data["id"] == again.data["id"]
    other = by("priya").upload(pdf(["b"]), key="k-1")
    assert other.status_code == 409
    assert by("priya").upload(pdf(["b"]), key="k-2").data["id"] != first.data["id"]
    # Somebody else's key is their own.
    assert by("daniel").upload(pdf(["b"]), "PD1", key="k-1").status_code == 202
    assert by("priya").upload(pdf(["c"]), key="k" * 201).status_code == 422
    assert Document.objects.count() == 3


def test_who_may_upload(by):
    for name, expected in {
        "priya": 202,
        "daniel": 202,
        "mari": 202,
        "ruth": 202,
        "tom": 202,
        "sam": 404,
    }.items():
        assert by(name).upload(pdf([name])).status_code == expected, name
    assert by("priya").upload(pdf(), "H", path=f"/cases/{OTHER}/documents").status_code == 404


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"section": "ZZ"}, "section"),
        ({"section": "PD1"}, "section"),  # not the prosecution's to know of
        ({"bundle": "other"}, "bundle"),
        ({"date": "14/03/2026"}, "date"),
        ({"visible_to": "smith"}, "visible_to"),
        ({"visible_to": ""}, "visible_to"),
        ({"visible-to": "bates"}, "visible-to"),  # a misspelt restriction must not serve on everybody
        ({"serve": "perhaps"}, "serve"),
        ({"exhibit": "x" * 41}, "exhibit"),
        ({"title": "a\x00b"}, "title"),
    ],
)
def test_a_form_that_is_not_right_names_the_field(by, form, field):
    answer = by("priya").upload(pdf(), path=UPLOAD, **{"section": "H", **form})
    assert (answer.status_code, list(answer.data["errors"])) == (422, [field])
    assert not Document.objects.exists()


def test_a_form_without_a_file_or_a_section(by):
    assert by("priya").post(UPLOAD, {"section": "H"}).data["errors"].keys() == {"section", "file"}
    assert by("priya").upload(pdf(), "A\x00", path=UPLOAD).data["errors"].keys() == {"section"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"just some text",
        b"PK\x03\x04" + b"\x00" * 26 + b"word/document.xml",
        b"\xff\xd8\xff\xe0" + b"\x00" * 100,
        b"<!DOCTYPE html><html></html>",
        b"MZ" + b"\x00" * 100,
    ],
)
def test_what_is_plainly_no_pdf_is_refused_at_once(by, data):
    answer = by("priya").upload(data, name="statement.pdf")
    assert (answer.status_code, list(answer.data["errors"])) == (415, ["file"])
    assert not Document.objects.exists()


def test_what_turns_out_to_be_broken_ends_as_refused_with_its_reason(by):
    answer = by("priya").upload(b"%PDF-1.7\n" + b"garbage " * 50, name="broken.pdf")
    assert answer.status_code == 202
    read(Document.objects.get(pk=answer.data["id"]))
    shown = by("priya").get(f"/documents/{answer.data['id']}").data
    assert shown["status"] == "refused"
    assert "damaged" in shown["reason"]
    assert shown["served"] is None
    assert by("ruth").get(f"/documents/{answer.data['id']}").status_code == 404
    assert by("priya").get(f"/documents/{answer.data['id']}/pdf").status_code == 409


def test_too_much_is_refused_before_it_is_read(by, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    assert by("priya").upload(pdf() + b"%" * 2000).status_code == 413
    settings.UPLOAD_MAX_BYTES = -(1024**2)  # less than any form
    assert by("priya").upload(pdf()).status_code == 413
    assert not Document.objects.exists()


def test_a_large_file_goes_through_the_disk(by, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100
    data = pdf(["large"])
    answer = by("priya").upload(data)
    assert answer.data["sha256"] == hashlib.sha256(data).hexdigest()
    assert by("priya").upload(b"not a pdf " * 50).status_code == 415


@pytest.mark.parametrize("visible_to", ["bates", ["bates"], '["bates"]', "bates, court"])
def test_visible_to_keeps_a_document_from_the_others(by, visible_to):
    answer = by("priya").upload(pdf(["for Bates"]), visible_to=visible_to)
    document = read(Document.objects.get(pk=answer.data["id"]))
    assert answer.data["visible_to"] == ["bates", "court", "prosecution"]
    for name, expected in {
        "priya": 200,
        "daniel": 200,
        "ruth": 200,
        "tom": 200,
        "mari": 404,
        "sam": 404,
    }.items():
        assert by(name).get(f"/documents/{document.pk}").status_code == expected, name
        assert (in_bundle(by(name), document) is not None) is (expected == 200), name
        assert by(name).get(f"/cases/{REFERENCE}/pages/H1").status_code == expected, name
        assert by(name).get(f"/pages/{document.current.pk.hex}-1").status_code == expected, name


def test_the_original_is_for_those_who_served_it_and_the_court(by, served):
    document = served("H", "the words")
    data = pdf(["the words"])
    path = f"/documents/{document.pk}/original"
    for name, expected in {
        "priya": 200,
        "ruth": 200,
        "tom": 200,
        "daniel": 403,
        "mari": 403,
        "sam": 404,
    }.items():
        answer = by(name).get(path)
        assert answer.status_code == expected, name
        if expected == 200:
            assert b"".join(answer) == data
            assert answer["Content-Disposition"] == 'attachment; filename="document.pdf"'
        assert by(name).get(f"/documents/{document.pk}/pdf").status_code == (404 if name == "sam" else 200)
    own = served("PD1", "private", by=by_user(document, "bates"))
    assert by("daniel").get(f"/documents/{own.pk}/original").status_code == 200
    for name in ("priya", "mari", "ruth", "tom"):
        assert by(name).get(f"/documents/{own.pk}/original").status_code == 404


def by_user(document, party):
    return document.case.participants.get(parties__slug=party).user


def test_files_come_in_parts(by, served):
    document = served("H", "the words")
    path = f"/documents/{document.pk}/pdf"
    whole = by("mari").get(path)
    data = b"".join(whole)
    assert (whole["Content-Type"], whole["Accept-Ranges"]) == ("application/pdf", "bytes")
    assert whole["Content-Disposition"].startswith("inline")
    assert int(whole["Content-Length"]) == len(data)
    assert "private" in whole["Cache-Control"]
    part = by("mari").get(path, headers={"Range": "bytes=5-14"})
    assert (part.status_code, b"".join(part)) == (206, data[5:15])
    assert part["Content-Range"] == f"bytes 5-14/{len(data)}"
    last = by("mari").get(path, headers={"Range": "bytes=-10"})
    assert b"".join(last) == data[-10:]
    assert (
        by("mari").client.get("/api/v1" + path, headers={"Range": f"bytes={len(data)}-"}).status_code == 416
    )
    assert by("mari").get(path, headers={"If-None-Match": whole["ETag"]}).status_code == 304
    head = by("mari").call("HEAD", path)
    assert (head.status_code, head["Content-Length"], head.content) == (200, str(len(data)), b"")


def test_a_document_is_renamed_and_moved_by_its_own_side(by, served):
    document = served("H", "one")
    path = f"/documents/{document.pk}"
    for name, expected in {"daniel": 403, "mari": 403, "ruth": 403, "tom": 403, "sam": 404}.items():
        assert by(name).patch(path, {"title": "Mine"}).status_code == expected, name
    answer = by("priya").patch(
        path, {"title": "New", "date": "2026-01-02", "exhibit": "AB/2", "section": "J"}
    )
    assert answer.status_code == 200
    shown = answer.data
    assert (shown["title"], shown["date"], shown["exhibit"]) == ("New", "2026-01-02", "AB/2")
    assert (shown["section"], shown["first"]) == ("J", "J1")
    # Order is the court's too.
    assert by("tom").patch(path, {"section": "H"}).data["first"] == "H1"
    assert by("priya").patch(path, {"date": None}).data["date"] is None
    assert by("priya").patch(path, {}).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": " "}, "title"),
        ({"date": "tomorrow"}, "date"),
        ({"section": "ZZ"}, "section"),
        ({"position": -1}, "position"),
        ({"position": "first"}, "position"),
        ({"visible_to": []}, "visible_to"),
        ({"visible_to": "bates"}, "visible_to"),
        ({"visble_to": ["bates"]}, "visble_to"),
        ({"title": "\ud800"}, "title"),
    ],
)
def test_a_change_that_is_not_right_names_the_field(by, staged, body, field):
    answer = by("priya").patch(f"/documents/{staged('H').pk}", body)
    assert (answer.status_code, list(answer.data["errors"])) == (422, [field])


def test_a_document_is_restricted_and_opened_again(by, served):
    document = served("H", "one")
    path = f"/documents/{document.pk}"
    assert by("priya").patch(path, {"visible_to": ["bates"]}).data["visible_to"] == [
        "bates",
        "court",
        "prosecution",
    ]
    assert by("mari").get(path).status_code == 404
    assert by("daniel").get(path).data["visible_to"] is None
    assert by("priya").patch(path, {"visible_to": None}).data["visible_to"] is None
    assert by("mari").get(path).status_code == 200


def test_frozen_numbers_do_not_move(by, served):
    document = served("H", "one")
    by("tom").post(f"/cases/{REFERENCE}/bundles/main/freeze")
    answer = by("priya").patch(f"/documents/{document.pk}", {"section": "J"})
    assert answer.status_code == 409


def test_a_replacement_keeps_the_labels_and_the_old_version(by, served):
    document = served("H", "old one", "old two")
    path = f"/documents/{document.pk}"
    for name, expected in {"daniel": 403, "ruth": 403, "tom": 403, "sam": 404}.items():
        assert by(name).upload(pdf(["new"]), path=f"{path}/replace").status_code == expected, name
    assert by("priya").upload(b"no pdf", path=f"{path}/replace").status_code == 415
    new = pdf(["new one", "new two", "new three"])
    answer = by("priya").upload(new, path=f"{path}/replace", name="again.pdf")
    assert answer.status_code == 202
    assert (answer.data["status"], answer.data["version"], answer.data["first"]) == ("received", 2, "H1")
    # Nobody else learns of it before it is there.
    assert by("ruth").get(path).data["status"] == "ready"
    assert by("ruth").get(path).data["sha256"] == hashlib.sha256(pdf(["old one", "old two"])).hexdigest()
    assert [v["number"] for v in by("ruth").get(path).data["versions"]] == [1]
    assert in_bundle(by("ruth"), document)["status"] == "ready"
    assert in_bundle(by("priya"), document)["status"] == "received"
    assert by("ruth").get(f"{path}/original?version=2").status_code == 404
    assert by("priya").upload(new, path=f"{path}/replace").status_code == 409
    read(document)
    shown = by("daniel").get(path).data
    assert (shown["first"], shown["last"], shown["version"], shown["versions"]) == ("H1", "H3", 2, [])
    # The old version is its own side's alone.
    old = by("priya").get(f"{path}/original?version=1")
    assert b"".join(old) == pdf(["old one", "old two"])
    for name, expected in {"daniel": 403, "ruth": 404, "tom": 404, "sam": 404}.items():
        assert by(name).get(f"{path}/original?version=1").status_code == expected, name
    assert [v["number"] for v in by("priya").get(path).data["versions"]] == [1, 2]
    assert [v["number"] for v in by("ruth").get(path).data["versions"]] == [2]
    assert b"".join(by("ruth").get(f"{path}/original")) == new
    assert by("ruth").get(f"{path}/original?version=3").status_code == 404


def test_a_document_is_withdrawn_with_a_reason(by, served):
    document = served("H", "one")
    path = f"/documents/{document.pk}"
    for name, expected in {"daniel": 403, "ruth": 403, "tom": 403, "sam": 404}.items():
        assert by(name).post(f"{path}/withdraw", {"reason": "No"}).status_code == expected, name
    assert list(by("priya").post(f"{path}/withdraw", {"reason": " "}).data["errors"]) == ["reason"]
    answer = by("priya").post(f"{path}/withdraw", {"reason": "Served by mistake"})
    assert (answer.status_code, answer.data["state"], answer.data["reason"]) == (
        200,
        "withdrawn",
        "Served by mistake",
    )
    for name in ("priya", "daniel", "ruth"):
        assert by(name).get(path).status_code == 404
        assert in_bundle(by(name), document) is None


def test_the_receipt_says_what_was_served_on_whom_and_where_the_journal_has_it(by, staged):
    data = pdf(["one", "two"])
    document = staged("H", "one", "two", visible_to=["bates"], title="Statement", exhibit="JS/1")
    path = f"/documents/{document.pk}/receipt"
    assert by("priya").get(path).status_code == 409
    by("priya").post(f"/cases/{REFERENCE}/serve", {"documents": [str(document.pk)]})
    for name, expected in {"priya": 200, "daniel": 200, "ruth": 200, "mari": 404, "sam": 404}.items():
        assert by(name).get(path).status_code == expected, name
    receipt = by("daniel").get(path).data
    entry = Entry.objects.get(seq=receipt["entry"]["seq"], chain_id=document.case_id)
    assert (entry.action, entry.hash) == ("document.served", receipt["entry"]["hash"])
    assert (receipt["sha256"], receipt["size"], receipt["pages"]) == (
        hashlib.sha256(data).hexdigest(),
        len(data),
        2,
    )
    assert (receipt["title"], receipt["exhibit"], receipt["section"]) == ("Statement", "JS/1", "H")
    assert (receipt["by"]["name"], receipt["party"], receipt["on"]) == (
        "Priya Shah",
        "prosecution",
        ["bates", "court"],
    )
    assert receipt["served_as"] == {"first": "H1", "last": "H2"}
    assert (receipt["first"], receipt["last"], receipt["scanned"]) == ("H1", "H2", bool(settings.CLAMD_URL))
    assert receipt["served"].endswith("Z")


def test_the_pages_of_a_document_are_paged(by, served):
    document = served("H", "one", "two", "three")
    path = f"/documents/{document.pk}/pages"
    first = by("mari").get(f"{path}?limit=2").data
    assert [(p["label"], p["position"]) for p in first["items"]] == [("H1", 1), ("H2", 2)]
    rest = by("mari").get(path, data={"limit": 2, "cursor": first["next"]}).data
    assert ([p["label"] for p in rest["items"]], rest["next"]) == (["H3"], None)
    assert by("mari").get(path, data={"cursor": "x"}).status_code == 422
    assert by("sam").get(path).status_code == 404


def test_nothing_of_an_upload_is_left_in_the_temporary_folder(by):
    by("priya").upload(pdf())
    by("priya").upload(b"no pdf")
    assert [path.name for path in settings.FILE_UPLOAD_TEMP_DIR.iterdir() if path.is_file()] == []


def test_two_files_at_once_are_not_taken_for_one(by):
    files = [SimpleUploadedFile("a.pdf", pdf(["a"])), SimpleUploadedFile("b.pdf", pdf(["b"]))]
    answer = by("priya").client.post("/api/v1" + UPLOAD, {"section": "H", "file": files})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["file"])
