"""Notes through the API: who sees them, who may change them."""

from __future__ import annotations

import pytest


@pytest.fixture
def sheet(served):
    return f"/pages/{served('H', 'Marcus Bates went to Roundhay').current.pk.hex}-1"


def write(caller, sheet, **more):
    answer = caller.post(
        f"{sheet}/notes", {"kind": "highlight", "quote": "Bates went", "body": "See B12", **more}
    )
    assert answer.status_code == 201, answer.data
    return answer.data


def seen_by(by, sheet):
    return {
        name
        for name in ("priya", "daniel", "mari", "ruth", "tom")
        if by(name).get(f"{sheet}/notes").data["items"]
    }


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        ({"audience": "private"}, {"daniel"}),
        ({}, {"daniel"}),
        ({"audience": "party"}, {"daniel"}),
        ({"audience": "parties", "parties": ["doyle"]}, {"daniel", "mari"}),
        ({"audience": "case"}, {"priya", "daniel", "mari", "ruth", "tom"}),
    ],
)
def test_a_note_is_seen_by_whom_its_author_chose(by, sheet, audience, expected):
    note = write(by("daniel"), sheet, tags=["alibi"], **audience)
    assert seen_by(by, sheet) == expected
    assert by("sam").get(f"{sheet}/notes").status_code == 404
    for name in ("priya", "daniel", "mari", "ruth", "tom", "sam"):
        assert by(name).get(f"/notes/{note['id']}").status_code == (200 if name in expected else 404)
    assert (note["quote"]["exact"], note["label"], note["tags"]) == ("Bates went", "H1", ["alibi"])
    assert (note["author"]["name"], note["mine"]) == ("Daniel Okafor", True)
    assert len(note["quads"]) == 1


def test_a_note_is_changed_and_deleted_by_its_author_alone(by, sheet):
    note = write(by("daniel"), sheet, audience="case")
    path = f"/notes/{note['id']}"
    for name, expected in {"priya": 403, "mari": 403, "ruth": 403, "tom": 403, "sam": 404}.items():
        assert by(name).patch(path, {"body": "Mine"}).status_code == expected
        assert by(name).delete(path).status_code == expected
    changed = by("daniel").patch(path, {"body": "Other words", "tags": ["a"]}).data
    assert (changed["body"], changed["tags"], changed["audience"]) == ("Other words", ["a"], "case")
    assert changed["edited"]
    by("daniel").patch(path, {"audience": "parties", "parties": ["bates", "doyle"]})
    assert seen_by(by, sheet) == {"daniel", "mari"}
    # For those who do not see it any more it is not there, not forbidden.
    assert by("priya").patch(path, {"body": "Mine"}).status_code == 404
    assert by("daniel").delete(path).status_code == 204
    assert seen_by(by, sheet) == set()
    assert by("daniel").get(path).status_code == 404


def test_a_note_is_answered_by_those_who_see_it(by, sheet):
    note = write(by("daniel"), sheet, audience="parties", parties=["doyle"])
    path = f"/notes/{note['id']}/replies"
    assert by("priya").post(path, {"body": "I see you"}).status_code == 404
    answer = by("mari").post(path, {"body": "Cytunaf"})
    assert (answer.status_code, answer.data["kind"], answer.data["body"]) == (201, "reply", "Cytunaf")
    assert by("mari").post(path, {"body": " "}).status_code == 422
    shown = by("daniel").get(f"{sheet}/notes").data["items"]
    assert [reply["author"]["name"] for reply in shown[0]["replies"]] == ["Mari Llwyd"]
    assert by("daniel").get(f"/notes/{note['id']}").data["replies"] == shown[0]["replies"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "scribble"}, "kind"),
        ({"kind": "highlight"}, "quads"),
        ({"kind": "highlight", "quote": "not on this page"}, "quote"),
        ({"kind": "area", "quads": [[0, 0, 2, 1]]}, "quads"),
        ({"kind": "area", "quads": [[0, 0, 1]]}, "quads.0"),
        ({"kind": "note"}, "body"),
        ({"kind": "note", "body": "x" * 10_001}, "body"),
        ({"kind": "note", "body": "x", "audience": "world"}, "audience"),
        ({"kind": "note", "body": "x", "audience": "parties"}, "parties"),
        ({"kind": "note", "body": "x", "audience": "parties", "parties": ["smith"]}, "parties"),
        ({"body": "x"}, "kind"),
    ],
)
def test_a_note_that_is_not_right_names_the_field(by, sheet, body, field):
    answer = by("priya").post(f"{sheet}/notes", body)
    assert (answer.status_code, list(answer.data["errors"])) == (422, [field])


def test_a_box_that_is_no_number_is_invalid(by, sheet):
    answer = by("priya").client.post(
        f"/api/v1{sheet}/notes",
        '{"kind": "area", "quads": [[NaN, 0, 1, Infinity]]}',
        content_type="application/json",
    )
    assert answer.status_code == 422


def test_notes_come_from_top_to_bottom_in_parts(by, sheet):
    for top in (0.5, 0.1, 0.3):
        by("priya").post(
            f"{sheet}/notes", {"kind": "area", "quads": [[0.1, top, 0.2, top + 0.1]], "body": str(top)}
        )
    first = by("priya").get(f"{sheet}/notes?limit=2").data
    rest = by("priya").get(f"{sheet}/notes", data={"limit": 2, "cursor": first["next"]}).data
    assert [note["body"] for note in first["items"] + rest["items"]] == ["0.1", "0.3", "0.5"]
    assert rest["next"] is None
