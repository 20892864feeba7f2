"""Cases, the people in them, their bundles and labels, through the API."""

from __future__ import annotations

import uuid

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casebundle.bundles.labels import renumber
from casebundle.bundles.models import Bundle, Document, Section, Version
from casebundle.cases.models import Case
from tests.cast import REFERENCE, viewer

MAIN = f"/cases/{REFERENCE}/bundles/main"


def make(section: Section, count: int, pages: int = 2) -> None:
    """Served documents as rows alone: what is asked here is how the answer grows, not how files are read."""
    by = viewer_of_priya(section).participant
    for _n in range(count):
        document = Document.objects.create(
            case=section.bundle.case,
            section=section,
            position=section.documents.count() + 1,
            title=f"Statement {section.documents.count() + 1}",
            state=Document.State.SERVED,
            served_at=timezone.now(),
            served_by=by,
            party="prosecution",
            uploaded_by=by,
            audience="|everybody|",
        )
        document.current = Version.objects.create(
            document=document,
            name="x.pdf",
            sha256=uuid.uuid4().hex * 2,
            size=1,
            uploaded_by=by,
            pages=pages,
            status="ready",
        )
        document.save()


def viewer_of_priya(section: Section):
    user = section.bundle.case.participants.get(role="prosecution").user
    return viewer(user)


def test_a_caller_is_told_who_they_are_and_what_their_cases_are(by):
    me = by("tom").get("/me").data
    assert me["email"] == "tom.price@court.example"
    assert me["court_staff"] is True
    assert {row["reference"] for row in me["cases"]} == {"T20267001", "T20267002"}
    me = by("sam").get("/me").data
    assert (me["court_staff"], [row["reference"] for row in me["cases"]]) == (False, ["T20267002"])


def test_a_list_is_paged_by_a_cursor_that_new_cases_do_not_shift(by):
    for n in range(3):
        answer = by("tom").post(
            "/cases",
            {"reference": f"S2026000{n}", "title": f"R v {n}", "court": "Leeds", "template": "crown"},
        )
        assert answer.status_code == 201, answer.data
    first = by("tom").get("/cases?limit=2").data
    assert [row["reference"] for row in first["items"]] == ["S20260002", "S20260001"]
    # Comes in meanwhile: it is in front of what was given already.
    assert (
        by("tom")
        .post("/cases", {"reference": "S9", "title": "R v 9", "court": "Leeds", "template": "crown"})
        .status_code
        == 422
    )
    by("tom").post("/cases", {"reference": "S99", "title": "R v 9", "court": "Leeds", "template": "crown"})
    second = by("tom").get("/cases", data={"limit": 2, "cursor": first["next"]}).data
    assert second["items"][0]["reference"] == "S20260000"
    third = by("tom").get("/cases", data={"limit": 2, "cursor": second["next"]}).data
    assert len(third["items"]) == 1
    assert third["next"] is None


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=x", "cursor=nonsense", "cursor=WyJhIl0", "cursor=ŵ"]
)
def test_a_limit_or_cursor_that_is_none_is_invalid(by, query):
    answer = by("tom").get(f"/cases?{query}")
    assert answer.status_code == 422
    assert list(answer.data["errors"]) == [query.split("=")[0]]


def test_court_staff_make_a_case_from_a_template_and_are_its_clerk(by):
    answer = by("tom").post(
        "/cases",
        {
            "reference": "T20269999",
            "title": "R v Gwyn and Hale",
            "court": "Crown Court at Leeds",
            "template": "crown",
            "defendants": ["Siân Gwyn", "Tom Hale"],
        },
    )
    assert answer.status_code == 201
    made = answer.data
    assert made["me"]["role"] == "clerk"
    assert [party["slug"] for party in made["parties"]] == ["prosecution", "gwyn", "hale", "court"]
    assert made["bundles"] == [
        {"slug": "main", "title": "Main bundle", "profile": "per-section", "numbering_version": 0}
    ]
    assert by("tom").get("/cases/T20269999").data == made
    assert by("priya").get("/cases/T20269999").status_code == 404


def test_a_case_that_cannot_be_made(by):
    good = {"reference": "T20268888", "title": "R v A", "court": "Leeds", "template": "crown"}
    assert by("priya").post("/cases", good).status_code == 403
    assert by("tom").post("/cases", {**good, "reference": REFERENCE}).status_code == 409
    answer = by("tom").post("/cases", {**good, "reference": "a b", "title": " ", "template": "opera"})
    assert answer.status_code == 422
    assert set(answer.data["errors"]) == {"reference", "title", "template"}
    answer = by("tom").post("/cases", {"reference": "T20268888"})
    assert set(answer.data["errors"]) == {"title", "court"}
    assert by("tom").post("/cases", {**good, "defendents": ["A"]}).data["errors"].keys() == {"defendents"}
    assert not Case.objects.filter(reference="T20268888").exists()


def test_a_case_shows_its_parties_people_and_numbering(by, cast):
    shown = by("daniel").get(f"/cases/{REFERENCE}").data
    assert [party["slug"] for party in shown["parties"]] == ["prosecution", "bates", "doyle", "court"]
    assert {(row["name"], row["role"], row["party"]) for row in shown["participants"]} == {
        ("Priya Shah", "prosecution", "prosecution"),
        ("Daniel Okafor", "defence", "bates"),
        ("Mari Llwyd", "defence", "doyle"),
        ("HHJ Ruth Adler", "judge", "court"),
        ("Tom Price", "clerk", "court"),
    }
    assert shown["numbering_version"] == 0
    assert shown["created"].endswith("Z")
    listed = by("daniel").get(f"/cases/{REFERENCE}/participants").data
    assert listed == {"items": shown["participants"], "next": None}


def test_a_clerk_invites_somebody_and_the_others_may_not(by, django_capture_on_commit_callbacks):
    body = {"email": "New.Person@chambers.example", "role": "defence", "party": "bates"}
    for name in ("priya", "daniel", "mari", "ruth"):
        assert by(name).post(f"/cases/{REFERENCE}/participants", body).status_code == 403
    assert by("sam").post(f"/cases/{REFERENCE}/participants", body).status_code == 404
    clerk = by("tom")
    with django_capture_on_commit_callbacks(execute=True):
        answer = clerk.post(f"/cases/{REFERENCE}/participants", body)
    assert answer.status_code == 201
    assert answer.data["invited"] is True
    assert (answer.data["name"], answer.data["role"], answer.data["party"]) == (
        "New Person",
        "defence",
        "bates",
    )
    assert [message.to for message in mail.outbox] == [["new.person@chambers.example"]]
    again = by("tom").post(f"/cases/{REFERENCE}/participants", body)
    assert (again.status_code, list(again.data["errors"])) == (422, ["email"])
    both = {"email": "both@chambers.example", "role": "defence", "party": ["bates", "doyle"]}
    assert by("tom").post(f"/cases/{REFERENCE}/participants", both).data["parties"] == ["bates", "doyle"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "nobody", "role": "defence", "party": "bates"}, "email"),
        ({"email": "a@b.example", "role": "usher", "party": "court"}, "role"),
        ({"email": "a@b.example", "role": "defence", "party": "smith"}, "party"),
        ({"email": "a@b.example", "role": "judge", "party": "bates"}, "party"),
        ({"email": "a@b.example", "role": "defence", "party": 7}, "party"),
    ],
)
def test_an_invitation_that_makes_no_sense_says_which_field(by, body, field):
    answer = by("tom").post(f"/cases/{REFERENCE}/participants", body)
    assert answer.status_code == 422
    assert [field] == list(answer.data["errors"])


def test_somebody_is_given_another_part_and_taken_out(by, cast):
    mari = next(
        p for p in by("tom").get(f"/cases/{REFERENCE}/participants").data["items"] if p["party"] == "doyle"
    )
    path = f"/cases/{REFERENCE}/participants/{mari['id']}"
    assert by("priya").patch(path, {"role": "observer", "party": "doyle"}).status_code == 403
    refused = by("tom").patch(path, {"role": "defence", "party": "bates"})
    assert refused.status_code == 422
    assert "another side" in refused.data["errors"]["role"][0]
    assert by("tom").patch(path, {"role": "observer", "party": "doyle"}).data["role"] == "observer"
    assert by("priya").delete(path).status_code == 403
    assert by("mari").get(f"/cases/{REFERENCE}").status_code == 200
    assert by("tom").delete(path).status_code == 204
    assert by("mari").get(f"/cases/{REFERENCE}").status_code == 404
    assert by("tom").delete(path).status_code == 404


def test_a_further_defendant_gets_a_private_section(by):
    assert by("priya").post(f"/cases/{REFERENCE}/parties", {"name": "Ann Grey"}).status_code == 403
    answer = by("tom").post(f"/cases/{REFERENCE}/parties", {"name": "Ann Grey"})
    assert (answer.status_code, answer.data) == (
        201,
        {"slug": "grey", "name": "Ann Grey", "kind": "defendant"},
    )
    assert by("tom").post(f"/cases/{REFERENCE}/parties", {"name": " "}).status_code == 422


def letters(answer) -> list[str]:
    return [section["letter"] for section in answer.data["sections"]]


def test_a_bundle_shows_each_the_sections_that_are_for_them(by):
    assert "PD1" in letters(by("daniel").get(MAIN))
    assert "PD2" not in letters(by("daniel").get(MAIN))
    assert "PD2" in letters(by("mari").get(MAIN))
    assert not {"PD1", "PD2", "CACD2"} & set(letters(by("priya").get(MAIN)))
    assert "CACD2" in letters(by("ruth").get(MAIN))
    assert "CACD2" not in letters(by("tom").get(MAIN))
    assert by("tom").get(f"/cases/{REFERENCE}/bundles/other").status_code == 404


def test_the_bundle_costs_as_many_queries_with_many_documents_as_with_few(by, cast):
    section = Section.objects.get(bundle__case=cast.case, letter="H")
    caller, counts = by("daniel"), []
    caller.get(MAIN)
    for more in (2, 40):
        make(section, more)
        renumber(Bundle.objects.get(pk=section.bundle_id))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = caller.get(MAIN)
        counts.append(len(queries))
    rows = next(s for s in answer.data["sections"] if s["letter"] == "H")["documents"]
    assert [(row["first"], row["last"]) for row in rows] == [
        (f"H{2 * n + 1}", f"H{2 * n + 2}") for n in range(42)
    ]
    assert counts[0] == counts[1]


def test_sections_are_added_and_restricted_by_a_clerk(by):
    body = {"letter": "x", "title": "Extra", "visible_to": ["bates"]}
    assert by("ruth").post(f"{MAIN}/sections", body).status_code == 403
    answer = by("tom").post(f"{MAIN}/sections", body)
    assert (answer.status_code, answer.data["letter"], answer.data["visible_to"]) == (201, "X", ["bates"])
    assert "X" in letters(by("daniel").get(MAIN))
    assert "X" not in letters(by("mari").get(MAIN))
    assert by("tom").patch(f"{MAIN}/sections/H", {"visible_to": ["prosecution", "court"]}).status_code == 200
    assert "H" not in letters(by("daniel").get(MAIN))
    assert by("tom").patch(f"{MAIN}/sections/H", {"visible_to": ["smith"]}).status_code == 422
    assert by("tom").patch(f"{MAIN}/sections/ZZ", {"visible_to": None}).status_code == 404


def test_profile_and_freeze_are_for_those_who_number(by, cast):
    make(Section.objects.get(bundle__case=cast.case, letter="H"), 2)
    for name in ("daniel", "mari"):
        assert by(name).patch(MAIN, {"profile": "continuous"}).status_code == 403
        assert by(name).post(f"{MAIN}/freeze").status_code == 403
    answer = by("tom").patch(MAIN, {"profile": "roman"})
    assert (answer.status_code, list(answer.data["errors"])) == (422, ["profile"])
    answer = by("tom").patch(MAIN, {"profile": "continuous"})
    assert (answer.status_code, answer.data["profile"], answer.data["numbering_version"]) == (
        200,
        "continuous",
        1,
    )
    assert [row["last"] for s in answer.data["sections"] for row in s["documents"]] == ["2", "4"]
    answer = by("ruth").post(f"{MAIN}/freeze")
    assert (answer.status_code, answer.data["numbering_version"]) == (200, 2)
    back = by("priya").patch(MAIN, {"profile": "per-section"})
    assert [row["last"] for s in back.data["sections"] for row in s["documents"]] == ["2", "4"]


def test_a_label_names_its_page_now_and_ever(by, served, cast):
    first = served("H", "one", "two")
    second = served("H", "three")
    path = f"/cases/{REFERENCE}/pages"
    found = by("daniel").get(f"{path}/h2").data
    assert found == {
        "id": f"{first.current.pk.hex}-2",
        "label": "H2",
        "asked": "H2",
        "document": str(first.pk),
        "position": 2,
        "width": 595,
        "height": 842,
    }
    by("priya").patch(f"/documents/{second.pk}", {"position": 0})
    assert by("daniel").get(f"{path}/H1").data["document"] == str(second.pk)
    assert by("daniel").get(f"{path}/H3").data["document"] == str(first.pk)
    by("priya").post(f"/documents/{second.pk}/withdraw", {"reason": "Served by mistake"})
    assert by("daniel").get(f"{path}/H99").status_code == 404
    assert by("daniel").get(f"{path}/nonsense").status_code == 404
    assert by("daniel").get(f"{path}/H1?bundle=other").status_code == 404
    assert by("sam").get(f"{path}/H1").status_code == 404
