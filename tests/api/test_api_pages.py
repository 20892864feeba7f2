"""The picture and the words of a page through the API."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from casebundle.bundles.models import PageText
from tests.cast import pdf, read


@pytest.fixture
def sheet(served):
    return f"/pages/{served('H', 'Marcus Bates went to Roundhay').current.pk.hex}-1"


def test_a_picture_is_as_wide_as_asked_and_kept_by_the_reader_alone(by, sheet):
    for width in (200, 800):
        answer = by("mari").get(f"{sheet}/image?width={width}")
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/jpeg"
        assert Image.open(io.BytesIO(answer.content)).size[0] == width
        assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
        again = by("mari").get(f"{sheet}/image?width={width}", headers={"If-None-Match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again["Cache-Control"] == answer["Cache-Control"]
    other = by("mari").get(f"{sheet}/image?width=200", headers={"If-None-Match": answer["ETag"]})
    assert other.status_code == 200


@pytest.mark.parametrize("width", ["100", "0", "-200", "99999", "wide", ""])
def test_other_widths_are_not_made(by, sheet, width):
    answer = by("priya").get(f"{sheet}/image?width={width}")
    assert (answer.status_code, list(answer.data["errors"])) == (422, ["width"])


def test_the_words_stand_where_they_are_seen(by, sheet):
    answer = by("daniel").get(f"{sheet}/text").data
    assert answer["text"].split() == ["Marcus", "Bates", "went", "to", "Roundhay"]
    assert [word[4] for word in answer["words"]] == answer["text"].split()
    for x0, y0, x1, y1, _word in answer["words"]:
        assert 0 < x0 < x1 < 1
        assert 0 < y0 < y1 < 0.2  # near the top of the page
    assert answer["label"] == "H1"
    PageText.objects.all().delete()
    assert by("daniel").get(f"{sheet}/text").status_code == 409


def test_a_page_says_where_it_is(by, sheet):
    shown = by("ruth").get(sheet).data
    assert (shown["label"], shown["position"], shown["width"], shown["height"]) == ("H1", 1, 595, 842)


def test_a_page_that_was_replaced_is_its_own_sides_and_has_no_label_of_its_own(by, served):
    document = served("H", "the old words")
    old = f"/pages/{document.current.pk.hex}-1"
    by("priya").upload(pdf(["the new words"]), path=f"/documents/{document.pk}/replace")
    document = read(document)
    assert by("priya").get(old).data["label"] is None
    assert by("priya").get(f"{old}/text").data["text"].split()[1] == "old"
    for name in ("daniel", "mari", "ruth", "tom", "sam"):
        for what in ("", "/image?width=200", "/text", "/notes"):
            assert by(name).get(f"{old}{what}").status_code == 404, (name, what)
    assert by("daniel").get(f"/pages/{document.current.pk.hex}-1").data["label"] == "H1"


def test_pages_are_for_those_who_may_see_the_document(by, served):
    restricted = served("H", "for Bates", visible_to=["bates"])
    withdrawn = served("H", "gone")
    by("priya").post(f"/documents/{withdrawn.pk}/withdraw", {"reason": "By mistake"})
    for document, seen in ((restricted, {"priya", "daniel", "ruth", "tom"}), (withdrawn, set())):
        for name in ("priya", "daniel", "mari", "ruth", "tom", "sam"):
            expected = 200 if name in seen else 404
            for what in ("", "/image?width=200", "/text", "/notes"):
                path = f"/pages/{document.current.pk.hex}-1{what}"
                assert by(name).get(path).status_code == expected, (name, path)
