"""Adding a section tells nothing of those that its maker does not see; and a label names one page all the same."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from casebundle.bundles import arrange, services
from casebundle.bundles.labels import Labels, resolve
from casebundle.bundles.models import Bundle, Document, Section
from casebundle.cases import people
from casebundle.cases.models import User
from tests.cast import REFERENCE, viewer
from tests.papers import paper

pytestmark = pytest.mark.django_db
API = f"/api/v1/cases/{REFERENCE}/bundles/main/sections"
# All that a clerk does not see of a new case, one that another clerk hid, and as many that never were.
HIDDEN = ["PD1", "PD2", "UND2", "CACD2", "ZA", "ZB"]
NEVER = ["PD8", "PD9", "UND8", "CACD8", "YA", "YB"]


@pytest.fixture
def bundle(cast):
    found = Bundle.objects.get(case=cast.case, slug="main")
    services.add_section(viewer(cast.tom), found, "ZA", "For the judge", ["judge"])
    services.add_section(viewer(cast.tom), found, "ZB", "For Bates", ["bates"])
    return found


@pytest.fixture
def clerk(client, cast):
    """A clerk who came later."""
    user = User.objects.create_user("late@court.example", name="Late Clerk")
    people.join(cast.case, user, "clerk", ["court"])
    client.force_login(user)
    return user


def shape(answer, letter):
    return (
        answer.status_code,
        {key: value for key, value in answer.json().items() if key != "id"} | {"letter": "?"},
        answer.json()["letter"] == letter,
    )


@pytest.mark.parametrize(("hidden", "never"), zip(HIDDEN, NEVER, strict=True))
def test_a_hidden_letter_is_answered_as_one_that_never_was(client, cast, bundle, clerk, hidden, never):
    assert not Section.objects.visible_to(viewer(clerk)).filter(letter=hidden).exists()
    first, second = (
        client.post(API, {"letter": letter, "title": "More"}, "application/json")
        for letter in (hidden, never)
    )
    assert shape(first, hidden) == shape(second, never)
    assert first.status_code == 201
    # And once it is theirs, it is there for both.
    for letter in (hidden, never):
        again = client.post(API, {"letter": letter, "title": "More"}, "application/json")
        assert again.status_code == 409
    # What the clerk reads of it afterwards, too.
    listed = client.get(f"/api/v1/cases/{REFERENCE}/bundles/main").json()["sections"]
    assert [row["letter"] for row in listed[-2:]] == [hidden, never]
    page = client.get(f"/cases/{REFERENCE}/bundles/main/sections/").content.decode()
    assert page.count(f">{hidden}<") == page.count(f">{never}<") == 1


@pytest.mark.parametrize(("hidden", "never"), zip(HIDDEN, NEVER, strict=True))
def test_the_page_answers_alike(client, cast, bundle, clerk, hidden, never):
    path = f"/cases/{REFERENCE}/bundles/main/sections/new/"
    codes = [
        client.post(path, {"letter": letter, "title": "More", "audience": "everybody"}).status_code
        for letter in (hidden, never)
    ]
    assert codes == [302, 302]


def test_a_visible_letter_is_taken(client, cast, bundle, clerk):
    answer = client.post(API, {"letter": "A", "title": "More"}, "application/json")
    assert answer.status_code == 409


def test_labels_of_both_name_one_page_each_and_citations_stay(cast, bundle, clerk):
    old = paper(cast.priya, "UND2", "Hidden from the court", pages=3)
    assert Labels([old]).label(old.pk, 0) == "UND2-1"
    added = services.add_section(viewer(clerk), bundle, "UND2", "More", None)
    new = paper(cast.tom, "UND2", "For everybody", pages=2)
    assert new.section_id == added.pk
    labels = Labels([old, new])
    assert [labels.label(old.pk, n) for n in range(3)] == ["UND2-1", "UND2-2", "UND2-3"]
    assert [labels.label(new.pk, n) for n in range(2)] == ["UND2-4", "UND2-5"]
    for who in (cast.priya, cast.mari):
        assert resolve(viewer(who), bundle, "UND2-1").page.version.document_id == old.pk
        assert resolve(viewer(who), bundle, "UND2-4").page.version.document_id == new.pk
    assert resolve(viewer(clerk), bundle, "UND2-4").page.version.document_id == new.pk


def test_who_sees_both_can_put_a_document_into_either(client, cast, bundle, clerk):
    added = services.add_section(viewer(clerk), bundle, "UND2", "More", None)
    older = Section.objects.filter(bundle=bundle, letter="UND2").order_by("position").first()
    assert services.section_by_letter(viewer(cast.priya), bundle, "und2") == older
    assert services.section_by_letter(viewer(cast.priya), bundle, str(added.pk)) == added
    assert services.section_by_letter(viewer(clerk), bundle, "UND2") == added
    with pytest.raises(ValidationError):
        services.section_by_letter(viewer(clerk), bundle, str(older.pk))
    row = paper(cast.priya, "UND2", "Unused")
    client.force_login(cast.priya)
    edit = f"/documents/{row.pk}/edit/"
    page = client.get(edit).content.decode()
    assert f'value="{added.pk}"' in page
    assert page.count('value="UND2"') == 1
    client.post(edit, {"title": "Unused", "section": str(added.pk), "audience": "everybody"})
    row.refresh_from_db()
    assert row.section_id == added.pk
    # Saved once more as the page has it, it stays.
    client.post(edit, {"title": "Unused, again", "section": str(added.pk), "audience": "everybody"})
    row.refresh_from_db()
    assert (row.section_id, row.title) == (added.pk, "Unused, again")
    row = Document.objects.select_related("section__bundle", "current").get(pk=row.pk)
    row = arrange.put(viewer(cast.priya), row, older)
    assert row.section_id == older.pk
    # Each has a place of its own on the page, and in the list of what is staged.
    index = client.get(f"/cases/{REFERENCE}/main/?arrange=1").content.decode()
    assert index.count('id="s-UND2"') == 1
    waiting = paper(cast.priya, "UND2", "Waiting", serve=False)
    Document.objects.filter(pk=waiting.pk).update(section=added)
    rows = client.get(f"/cases/{REFERENCE}/serve/").content.decode()
    assert f'value="main/{added.pk}"' in rows
    client.post(f"/cases/{REFERENCE}/serve/{waiting.pk}", {"section": str(older.pk)})
    client.post(f"/cases/{REFERENCE}/serve/{waiting.pk}", {"section": "UND2"})
    waiting.refresh_from_db()
    assert waiting.section_id == older.pk
    manifest = client.get(f"/cases/{REFERENCE}/main/pages.json").json()
    assert [one["letter"] for one in manifest["sections"]].count("UND2") == 1
