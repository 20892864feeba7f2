"""Hearings and evidence screens through the API."""

from __future__ import annotations

import pytest

from tests.cast import OTHER, REFERENCE, viewer

HEARINGS = f"/cases/{REFERENCE}/hearings"


@pytest.fixture
def hearing(by):
    answer = by("tom").post(HEARINGS, {"title": "Trial, day 1"})
    assert answer.status_code == 201, answer.data
    return f"/hearings/{answer.data['id']}"


def test_the_judge_or_the_clerk_opens_a_hearing(by):
    for name, expected in {"priya": 403, "daniel": 403, "mari": 403, "sam": 404, "ruth": 201}.items():
        assert by(name).post(HEARINGS, {"title": "Trial"}).status_code == expected, name
    assert by("tom").post(HEARINGS, {"title": "Another"}).status_code == 409
    assert list(by("tom").post(HEARINGS, {"title": " "}).data["errors"]) == ["title"]
    listed = by("daniel").get(HEARINGS).data["items"]
    assert [(row["title"], row["closed"]) for row in listed] == [("Trial", None)]


def test_a_hearing_that_starts_later_is_listed_and_opened_then(by):
    for starts in ("2099-01-02T10:00:00", "soon", "2099-13-01T00:00:00Z"):
        assert list(by("tom").post(HEARINGS, {"title": "T", "starts": starts}).data["errors"]) == ["starts"]
    answer = by("tom").post(HEARINGS, {"title": "Trial", "starts": "2099-01-02T10:00:00Z"})
    assert (answer.status_code, answer.data["open"]) == (201, False)
    assert answer.data["starts"] == "2099-01-02T10:00:00Z"
    path = f"/hearings/{answer.data['id']}"
    assert by("priya").post(f"{path}/open").status_code == 403
    assert by("ruth").post(f"{path}/open").data["open"] is True
    assert by("ruth").post(f"{path}/open").status_code == 409


def test_everybody_in_the_case_sees_what_stands(by, hearing):
    for name in ("priya", "daniel", "mari", "ruth", "tom"):
        state = by(name).get(hearing).data
        assert (state["type"], state["title"], state["open"]) == ("state", "Trial, day 1", True)
        assert (state["presenter"], state["page"], state["present"]) == (None, None, [])
        assert f"/hearings/{state['hearing']}" == hearing
    assert by("sam").get(hearing).status_code == 404


def test_the_floor_is_given_and_taken_back(by, hearing, cast, served):
    priya = str(viewer(cast.priya).participant.pk)
    stranger = str(viewer(cast.sam, OTHER).participant.pk)
    for name, expected in {"priya": 403, "daniel": 403, "sam": 404}.items():
        assert by(name).post(f"{hearing}/floor", {"participant": priya}).status_code == expected
    # Somebody of another case and nobody at all are the same.
    refused = [by("tom").post(f"{hearing}/floor", {"participant": who}) for who in (stranger, "nobody")]
    assert [answer.status_code for answer in refused] == [422, 422]
    assert refused[0].content == refused[1].content
    assert (
        by("ruth").post(f"{hearing}/floor", {"participant": priya}).data["presenter"]["name"] == "Priya Shah"
    )
    assert by("tom").post(f"{hearing}/floor", {"participant": None}).data["presenter"] is None
    assert by("tom").post(f"{hearing}/floor", {}).status_code == 422


def test_a_page_that_is_presented_is_told_to_those_who_may_see_it(by, hearing, cast, served):
    from casebundle.courtroom import services
    from casebundle.courtroom.models import Hearing

    document = served("H", "for Bates", visible_to=["bates"])
    page = document.current.page_set.get()
    row = Hearing.objects.get(pk=hearing.rsplit("/", 1)[-1])
    by("tom").post(f"{hearing}/floor", {"participant": str(viewer(cast.priya).participant.pk)})
    services.turn(viewer(cast.priya), row, page)
    assert by("daniel").get(hearing).data["page"] == page.pk
    assert by("daniel").get(hearing).data["label"] == "H1"
    hidden = by("mari").get(hearing).data
    assert (hidden["page"], hidden["label"], hidden["view"]) == (None, None, None)


def test_evidence_screens_are_the_clerks(by, hearing, settings):
    for name, expected in {"priya": 403, "daniel": 403, "ruth": 403, "sam": 404}.items():
        assert by(name).post(f"{hearing}/screens", {"name": "Jury"}).status_code == expected
    answer = by("tom").post(f"{hearing}/screens", {"name": "Jury"})
    code = answer.data["code"]
    assert (answer.status_code, answer.data["url"]) == (201, f"{settings.PUBLIC_URL}/screen/{code}")
    for name in ("priya", "ruth", "sam"):
        assert by(name).delete(f"/screens/{code}").status_code == 404
    assert by("tom").delete(f"/screens/{code}").status_code == 204
    assert by("tom").delete(f"/screens/{code}").status_code == 404


def test_a_hearing_is_closed_once(by, hearing):
    assert by("priya").post(f"{hearing}/close").status_code == 403
    closed = by("tom").post(f"{hearing}/close")
    assert (closed.status_code, closed.data["open"]) == (200, False)
    assert by("tom").post(f"{hearing}/close").status_code == 409
    assert by("tom").post(f"{hearing}/screens", {"name": "Jury"}).status_code == 409
    assert by("tom").post(f"{hearing}/floor", {"participant": None}).status_code == 409
