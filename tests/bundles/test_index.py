"""The index of a bundle: who sees which rows, arranging, changing, withdrawing, numbers and sections."""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casebundle.bundles import services
from casebundle.bundles.labels import Labels
from casebundle.bundles.models import Bundle, Document, Opened, Section
from casebundle.cases.models import Participant
from casebundle.journal.models import Entry
from tests.cast import REFERENCE, viewer
from tests.papers import paper, papers

pytestmark = pytest.mark.django_db
INDEX = f"/cases/{REFERENCE}/main/"
ADMIN = f"/cases/{REFERENCE}/bundles/main/"
PEOPLE = ("priya", "daniel", "mari", "ruth", "tom")


def rows(client, user, query=""):
    """[(labels, title)] as the page of that user lists them."""
    client.force_login(user)
    page = client.get(INDEX + query).content.decode()
    found = []
    for row in re.findall(r'<tr id="d-.*?</tr>', page, re.DOTALL):
        labels = re.findall(r'cb-label" href="[^"]*">([^<]*)<', row)
        title = re.search(r'cb-index__title">(?:<a[^>]*>)?([^<]*)<', row)[1]
        found.append(("–".join(labels), title))
    return found


@pytest.fixture(autouse=True)
def english(client):
    """Pages are read in words here, and Mari reads hers in Welsh."""
    client.cookies["django_language"] = "en-gb"


@pytest.fixture
def bundle(cast):
    return Bundle.objects.get(case=cast.case)


def order(cast, letter="J", user=None):
    return [title for labels, title in shown(user or cast.ruth) if labels.startswith(letter)]


def shown(user):
    from casebundle.bundles.index import index_of

    who = viewer(user)
    index = index_of(who, Bundle.objects.get(case=who.case, slug="main"))
    return [("–".join(filter(None, (row.first, row.last))), row.title) for p in index.parts for row in p.rows]


# --- what is there ------------------------------------------------------------------------------
def test_one_signs_in_first_and_strangers_find_nothing(client, cast):
    assert client.get(INDEX).status_code == 302
    client.force_login(cast.sam)
    assert client.get(INDEX).status_code == 404
    client.force_login(cast.priya)
    assert client.get(f"/cases/{REFERENCE}/nothing/").status_code == 404


def test_rows_stand_in_order_with_labels_that_lead_into_the_reader(client, cast):
    papers(cast.priya, [("J", "Plan", 3), ("A", "Indictment", 1), ("J", "Photographs", 2)])
    assert rows(client, cast.daniel) == [("A1", "Indictment"), ("J1–J3", "Plan"), ("J4–J5", "Photographs")]
    page = client.get(INDEX).content.decode()
    for label in ("A1", "J1", "J3", "J4", "J5"):
        assert f'href="{INDEX}{label}"' in page


def test_a_restricted_document_leaves_a_gap_and_no_word(client, cast):
    papers(cast.priya, [("J", "Before", 2)])
    paper(cast.priya, "J", "Only Bates", pages=3, visible_to=["bates"])
    papers(cast.priya, [("J", "After", 1)])
    everything = [("J1–J2", "Before"), ("J3–J5", "Only Bates"), ("J6", "After")]
    for name in ("priya", "daniel", "ruth", "tom"):
        assert rows(client, cast[name]) == everything, name
    assert rows(client, cast.mari) == [everything[0], everything[2]]
    page = client.get(INDEX).content.decode()
    assert "2 documents, 3 pages" in " ".join(page.split())
    assert "Only Bates" not in page
    client.force_login(cast.daniel)
    assert "For Bates’s defence, the prosecution and the court" in client.get(INDEX).content.decode()


def test_a_restricted_section_is_not_there_for_others(client, cast):
    paper(cast.daniel, "PD1", "Conference note")
    for name, seen in (("daniel", True), ("priya", False), ("mari", False), ("ruth", False), ("tom", False)):
        client.force_login(cast[name])
        page = client.get(INDEX).content.decode()
        assert ("Conference note" in page) is seen, name
        assert ("PD1" in page) is seen, name
        assert ("CACD2" in page) is (name == "ruth"), name
        assert ("UND2" in page) is (name in {"priya", "daniel", "mari"}), name


def test_what_is_staged_is_counted_for_its_own_side_and_shown_to_nobody(client, cast):
    papers(cast.priya, [("J", "Draft", 1), ("J", "Draft two", 1)], serve=False)
    for name in PEOPLE:
        assert rows(client, cast[name]) == []
        page = client.get(INDEX).content.decode()
        assert ("Not served yet: 2 documents." in page) is (name == "priya"), name
        assert "Draft" not in page


def test_an_empty_index_says_who_puts_documents_there(client, cast):
    client.force_login(cast.ruth)
    page = client.get(INDEX).content.decode()
    assert "What the prosecution and the defence serve will stand here" in page
    assert "Sections with nothing in them yet" in page
    client.force_login(cast.priya)
    assert "What you serve will stand here" in client.get(INDEX).content.decode()


def test_new_and_unread_are_said_in_words(client, cast):
    old, _new = papers(cast.priya, [("J", "Old", 1), ("J", "Fresh", 1)])
    Document.objects.filter(pk=old.pk).update(served_at=timezone.now() - datetime.timedelta(days=9))
    Participant.objects.filter(user=cast.daniel).update(
        visited_at=timezone.now() - datetime.timedelta(days=2)
    )
    me = viewer(cast.daniel).participant
    Opened.objects.create(participant=me, document=old, version=old.current)
    assert len(rows(client, cast.daniel)) == 2
    page = client.get(INDEX).content.decode()
    assert page.count(">New</strong>") == 1
    assert page.count(">Not read yet</span>") == 1
    assert rows(client, cast.daniel, "?show=new") == [("J2", "Fresh")]
    assert rows(client, cast.daniel, "?show=unread") == [("J2", "Fresh")]
    # What one served oneself is neither.
    assert rows(client, cast.priya, "?show=unread") == []
    assert "You have read everything" in client.get(f"{INDEX}?show=unread").content.decode()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("phot", ["Photographs"]),
        ("JS/2", ["Photographs"]),
        ("j1", ["Plan"]),
        ("llŷn", ["Llyn map"]),
        ("priya", 3),
        ("zz", []),
    ],
)
def test_the_filter_works_without_scripts(client, cast, asked, found):
    paper(cast.priya, "J", "Plan")
    paper(cast.priya, "J", "Photographs", exhibit="JS/2")
    paper(cast.priya, "H", "Llyn map")
    titles = [title for _labels, title in rows(client, cast.ruth, f"?q={asked}")]
    assert titles == found or len(titles) == found


def test_titles_are_escaped(client, cast):
    paper(cast.priya, "J", '<img src=x onerror="x">')
    client.force_login(cast.ruth)
    assert "<img src=x" not in client.get(INDEX).content.decode()
    client.force_login(cast.tom)
    assert "<img src=x" not in client.get(f"{INDEX}?arrange=1").content.decode()


def queries(client, path):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("path", [INDEX, f"{INDEX}?arrange=1", f"{INDEX}?q=plan", f"/cases/{REFERENCE}/"])
def test_a_long_index_takes_as_many_queries_as_a_short_one(client, cast, path):
    papers(cast.priya, [("J", "Plan", 2), ("H", "Statement", 1)])
    paper(cast.daniel, "D", "Plan of defence")
    Participant.objects.filter(user=cast.priya).update(visited_at=timezone.now() - datetime.timedelta(days=2))
    client.force_login(cast.priya)
    client.get(path)
    short = queries(client, path)
    papers(cast.priya, [(letter, f"Plan {n}", 2) for n in range(60) for letter in "JHK"])
    papers(cast.daniel, [("D", f"Plan {n}", 2) for n in range(20)])
    assert queries(client, path) == short


def test_a_long_index_is_shown_in_pages(client, cast, served, monkeypatch):
    """Nothing is lost between them, sections say where they begin, and a document is found on its page."""
    from casebundle.bundles import index as made

    documents = [served("A" if n < 3 else "H", f"Text {n}", title=f"Paper {n}") for n in range(8)]
    monkeypatch.setattr(made, "PORTION", 3)
    client.force_login(cast.ruth)

    def titles(path):
        return re.findall(r"Paper \d(?=</a>)", client.get(f"/cases/T20267001/main/{path}").content.decode())

    assert (
        titles("")
        == titles("?page=1")
        == titles("?page=0")
        == titles("?page=x")
        == ["Paper 0", "Paper 1", "Paper 2"]
    )
    assert titles("?page=2") == ["Paper 3", "Paper 4", "Paper 5"]
    assert titles("?page=3") == titles("?page=99") == ["Paper 6", "Paper 7"]
    assert titles(f"?at={documents[4].pk}") == titles("?page=2")
    assert titles("?at=nothing") == titles("?page=1")
    assert titles("?q=paper&page=2") == titles("?page=2")
    assert titles("?q=7") == ["Paper 7"]
    whole = client.get("/cases/T20267001/main/").content.decode()
    assert "On this page: documents 1 to 3 of 8." in whole
    assert 'href="?page=2#s-H"' in whole
    assert 'rel="next"' in whole
    assert 'rel="prev"' not in whole
    # What is on the page alone is not all that there is to filter.
    assert "data-index-filter" not in whole
    arranging = client.get("/cases/T20267001/main/?arrange=1&page=2").content.decode()
    assert f'data-after="{documents[6].pk}"' in arranging
    assert "data-before" not in arranging
    assert "data-before" in client.get("/cases/T20267001/main/?arrange=1&page=3").content.decode()
    # A step over the edge of a page turns to where the document is then.
    answer = step(client, documents[5], "down", follow=True)
    assert re.findall(r"Paper \d(?=</a>)", answer.content.decode()) == ["Paper 5", "Paper 7"]


# --- arranging ----------------------------------------------------------------------------------
@pytest.fixture
def three(cast):
    """First, Second and Third in J, with something between them that neither Mari nor an observer of hers sees."""
    first = paper(cast.priya, "J", "First", pages=2)
    hidden = paper(cast.priya, "J", "Hidden", visible_to=["bates"])
    second, third = papers(cast.priya, [("J", "Second", 3), ("J", "Third", 1)])
    return first, hidden, second, third


def step(client, document, way, **more):
    return client.post(f"{ADMIN}move/", {"step": f"{document.pk}:{way}"}, **more)


def test_moving_without_scripts(client, cast, three):
    client.force_login(cast.priya)
    answer = step(client, three[3], "up", follow=True)
    assert order(cast) == ["First", "Hidden", "Third", "Second"]
    assert answer.redirect_chain[0][0] == f"{INDEX}?arrange=1&at={three[3].pk}#d-{three[3].pk}"
    assert "“Third” is now 3 of 4 in section J, page J4." in answer.content.decode()
    step(client, three[3], "down")
    step(client, three[3], "down")
    assert order(cast) == ["First", "Hidden", "Second", "Third"]


def test_the_first_moves_down_and_its_labels_follow(client, cast, three):
    client.force_login(cast.priya)
    step(client, three[0], "down")
    assert shown(cast.daniel) == [
        ("J1–J1", "Hidden"),
        ("J2–J3", "First"),
        ("J4–J6", "Second"),
        ("J7–J7", "Third"),
    ]


def test_the_first_and_the_last_stay_where_they_are(client, cast, three):
    client.force_login(cast.priya)
    before = Entry.objects.count()
    step(client, three[0], "up")
    step(client, three[3], "down")
    step(client, three[3], "sideways")
    assert order(cast) == ["First", "Hidden", "Second", "Third"]
    assert Entry.objects.count() == before


def test_moving_with_scripts_answers_all_labels(client, cast, three):
    client.force_login(cast.tom)
    answer = step(client, three[2], "up", headers={"Accept": "application/json"})
    assert answer.json()["said"] == "“Second” is now 2 of 4 in section J, pages J3 to J5."
    assert answer.json()["labels"] == {
        str(three[0].pk): ["J1", "J2"],
        str(three[2].pk): ["J3", "J5"],
        str(three[1].pk): ["J6", "J6"],
        str(three[3].pk): ["J7", "J7"],
    }


def test_who_does_not_see_a_document_moves_past_it(client, cast):
    paper(cast.mari, "Q", "Mine one")
    paper(cast.priya, "Q", "Hidden", visible_to=["bates"])
    mine = paper(cast.mari, "Q", "Mine two")
    client.force_login(cast.mari)
    answer = step(client, mine, "up", headers={"Accept": "application/json"})
    assert answer.json()["said"].startswith("“Mine two” is now 1 of 2 in section Q")
    assert len(answer.json()["labels"]) == 2
    assert order(cast, "Q") == ["Mine two", "Mine one", "Hidden"]


def test_dropping_into_another_section(client, cast, three):
    client.force_login(cast.priya)
    section = Section.objects.get(bundle__case=cast.case, letter="K")
    client.post(f"{ADMIN}move/", {"document": str(three[0].pk), "section": str(section.pk), "before": ""})
    assert order(cast, "K") == ["First"]
    client.post(
        f"{ADMIN}move/",
        {"document": str(three[3].pk), "section": str(section.pk), "before": str(three[0].pk)},
    )
    assert order(cast, "K") == ["Third", "First"]
    assert order(cast) == ["Hidden", "Second"]


def test_only_those_who_may_arrange(client, cast, three):
    for name, expected in (("daniel", 403), ("mari", 403), ("sam", 404)):
        client.force_login(cast[name])
        assert step(client, three[0], "down").status_code == expected, name
    client.force_login(cast.mari)
    assert step(client, three[1], "down").status_code == 404
    assert order(cast) == ["First", "Hidden", "Second", "Third"]
    for name in ("tom", "ruth", "priya"):
        client.force_login(cast[name])
        assert step(client, three[0], "down").status_code == 302, name


def test_a_document_or_section_of_another_case_is_not_found(client, cast, three):
    other = paper(cast.sam, "D", "Theirs", reference="T20267002")
    section = Section.objects.get(bundle=other.section.bundle, letter="J")
    client.force_login(cast.tom)
    move = f"{ADMIN}move/"
    assert step(client, other, "up").status_code == 404
    assert client.post(move, {"document": str(three[0].pk), "section": str(section.pk)}).status_code == 404
    k = Section.objects.get(bundle__case=cast.case, letter="K")
    asked = {"document": str(three[0].pk), "section": str(k.pk), "before": str(other.pk)}
    assert client.post(move, asked).status_code == 404
    for nonsense in ({}, {"step": "x:up"}, {"step": f"{three[0].pk}:"}):
        assert client.post(move, nonsense).status_code == 404


def test_what_is_frozen_stays_and_says_why(client, cast, three, bundle):
    services.freeze(viewer(cast.tom), bundle)
    late = paper(cast.priya, "J", "Late")
    client.force_login(cast.priya)
    answer = step(client, three[0], "down", headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert "frozen" in answer.json()["refused"]
    page = client.get(f"{INDEX}?arrange=1").content.decode()
    assert page.count(">Frozen</span>") == 4
    assert f"{late.pk}:up" in page
    assert f"{three[0].pk}:up" not in page
    # What is not frozen goes in between, with insert numbers.
    step(client, late, "up")
    assert [labels for labels, title in shown(cast.ruth) if title == "Late"] == ["J6.1–J6.1"]


# --- changing and withdrawing -------------------------------------------------------------------
def change(client, document, **fields):
    data = {"title": document.title, "date": "", "exhibit": "", "section": "J", "audience": "everybody"}
    return client.post(f"/documents/{document.pk}/edit/", {**data, **fields})


def test_its_server_changes_a_document(client, cast):
    document = paper(cast.priya, "J", "Plan")
    client.force_login(cast.priya)
    answer = change(
        client, document, title="Plan of the car park", date="2026-03-14", exhibit="JS/3", section="K"
    )
    assert answer.url == f"{INDEX}?at={document.pk}#d-{document.pk}"
    document.refresh_from_db()
    assert (document.title, document.date, document.exhibit) == (
        "Plan of the car park",
        datetime.date(2026, 3, 14),
        "JS/3",
    )
    assert shown(cast.daniel) == [("K1–K1", "Plan of the car park")]


def test_restricting_a_served_document_holds_at_once(client, cast):
    document = paper(cast.priya, "J", "Plan")
    client.force_login(cast.priya)
    change(client, document, audience="some", parties=["bates"])
    assert [title for _labels, title in shown(cast.daniel)] == ["Plan"]
    assert [title for _labels, title in shown(cast.ruth)] == ["Plan"]
    assert shown(cast.mari) == []
    change(client, document, audience="some")
    assert shown(cast.daniel) == []
    assert [title for _labels, title in shown(cast.tom)] == ["Plan"]
    change(client, document)
    # Who would see it besides is named first.
    assert shown(cast.mari) == []
    change(client, document, gained="bates,doyle")
    assert [title for _labels, title in shown(cast.mari)] == ["Plan"]


def test_saving_without_a_change_writes_nothing(client, cast):
    document = paper(cast.priya, "J", "Plan", visible_to=["bates"])
    client.force_login(cast.priya)
    before = Entry.objects.count()
    change(client, document, audience="some", parties=["bates"])
    assert Entry.objects.count() == before


def test_a_clerk_may_put_it_into_another_section_and_no_more(client, cast):
    document = paper(cast.daniel, "D", "Defence statement")
    client.force_login(cast.tom)
    page = client.get(f"/documents/{document.pk}/edit/").content.decode()
    assert 'name="title"' not in page
    change(client, document, title="Hacked", section="C", audience="some")
    document.refresh_from_db()
    assert (document.title, document.section.letter, document.visible_to) == (
        "Defence statement",
        "C",
        "|everybody|",
    )


def test_others_may_not_change_or_withdraw(client, cast):
    document = paper(cast.priya, "J", "Plan", visible_to=["bates"])
    for name, expected in (("daniel", 403), ("mari", 404), ("sam", 404)):
        client.force_login(cast[name])
        for what in ("edit", "withdraw"):
            assert client.get(f"/documents/{document.pk}/{what}/").status_code == expected, (name, what)
            assert client.post(f"/documents/{document.pk}/{what}/", {"reason": "x"}).status_code == expected
    client.force_login(cast.tom)
    assert client.post(f"/documents/{document.pk}/withdraw/", {"reason": "x"}).status_code == 403
    document.refresh_from_db()
    assert document.state == "served"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": ""}, "Fill in “Title”."),
        ({"title": "x" * 301}, "300"),
        ({"date": "14th of March"}, "Enter a real date"),
        ({"exhibit": "x" * 41}, "40"),
        ({"section": "ZZ"}, "ZZ"),
        ({"section": "PD1"}, "PD1"),
        ({"audience": "some", "parties": ["nobody"]}, "nobody"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(client, cast, wrong, said):
    document = paper(cast.priya, "J", "Plan")
    client.force_login(cast.priya)
    answer = change(client, document, **{"title": "A better title", **wrong})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "There is a problem" in page
    assert said in page
    assert wrong.get("title", "A better title") in page
    document.refresh_from_db()
    assert document.title == "Plan"


def test_a_frozen_document_keeps_its_section(client, cast, bundle):
    document = paper(cast.priya, "J", "Plan")
    services.freeze(viewer(cast.tom), bundle)
    client.force_login(cast.priya)
    assert "Its page numbers are frozen" in client.get(f"/documents/{document.pk}/edit/").content.decode()
    page = change(client, document, title="Plan", section="K").content.decode()
    assert "frozen, so it stays where it is" in page
    assert change(client, document, title="Renamed").status_code == 302


def test_withdrawing_asks_why(client, cast):
    document = paper(cast.priya, "J", "Plan", pages=2)
    client.force_login(cast.priya)
    path = f"/documents/{document.pk}/withdraw/"
    assert "Withdraw “Plan”?" in client.get(path).content.decode()
    assert "Fill in “Why is it withdrawn?”" in client.post(path, {"reason": " "}).content.decode()
    assert client.post(path, {"reason": "x" * 301}).status_code == 200
    assert client.post(path, {"reason": "Served by mistake"}).url == INDEX
    assert shown(cast.daniel) == []
    assert client.get(path).status_code == 404
    assert Entry.objects.get(action="document.withdrawn").data["reason"] == "Served by mistake"


# --- numbers ------------------------------------------------------------------------------------
def test_numbering_and_freezing_are_for_those_who_number(client, cast):
    for name, expected in (
        ("priya", 200),
        ("tom", 200),
        ("ruth", 200),
        ("daniel", 403),
        ("mari", 403),
        ("sam", 404),
    ):
        client.force_login(cast[name])
        for page in ("numbers", "freeze"):
            assert client.get(f"{ADMIN}{page}/").status_code == expected, name
        if expected != 200:
            assert client.post(f"{ADMIN}freeze/").status_code == expected
            assert client.post(f"{ADMIN}numbers/", {"profile": "continuous"}).status_code == expected


def test_another_profile_numbers_it_again(client, cast):
    papers(cast.priya, [("A", "Indictment", 2), ("J", "Plan", 1)])
    client.force_login(cast.priya)
    assert client.post(f"{ADMIN}numbers/", {"profile": "roman"}).status_code == 200
    assert client.post(f"{ADMIN}numbers/", {"profile": "continuous"}).status_code == 302
    assert shown(cast.daniel) == [("1–2", "Indictment"), ("3–3", "Plan")]


def test_freezing_explains_itself_first(client, cast):
    document = paper(cast.priya, "J", "Plan")
    client.force_login(cast.tom)
    assert "1 document gets the number it has now for ever." in client.get(f"{ADMIN}freeze/").content.decode()
    assert not any(run.frozen for run in Labels([document]).runs[str(document.pk)])
    client.post(f"{ADMIN}freeze/")
    assert all(run.frozen for run in Labels([document]).runs[str(document.pk)])
    assert "All numbers that you see are frozen." in client.get(f"{ADMIN}numbers/").content.decode()
    assert "All page numbers are frozen." in client.get(INDEX).content.decode()


# --- sections -----------------------------------------------------------------------------------
def test_sections_are_the_clerks(client, cast):
    section = Section.objects.get(bundle__case=cast.case, letter="J")
    paths = [f"{ADMIN}sections/", f"{ADMIN}sections/new/", f"{ADMIN}sections/{section.pk}/"]
    for name, expected in (("priya", 403), ("daniel", 403), ("ruth", 403), ("sam", 404), ("tom", 200)):
        client.force_login(cast[name])
        assert [client.get(path).status_code for path in paths] == [expected] * 3, name


def test_restricting_a_section_takes_its_documents_along(client, cast):
    paper(cast.priya, "J", "Plan")
    section = Section.objects.get(bundle__case=cast.case, letter="J")
    client.force_login(cast.tom)
    path = f"{ADMIN}sections/{section.pk}/"
    answer = client.post(
        path, {"audience": "some", "parties": ["prosecution", "bates", "court"]}, follow=True
    )
    assert "Section J: For Bates’s defence, the prosecution and the court." in answer.content.decode()
    assert shown(cast.mari) == []
    assert [title for _labels, title in shown(cast.daniel)] == ["Plan"]
    client.post(path, {"audience": "everybody"})
    # Who would see it besides is named first.
    assert shown(cast.mari) == []
    client.post(path, {"audience": "everybody", "gained": "doyle"})
    assert [title for _labels, title in shown(cast.mari)] == ["Plan"]


def test_leaving_out_the_court_must_be_meant(client, cast):
    section = Section.objects.get(bundle__case=cast.case, letter="J")
    client.force_login(cast.tom)
    path = f"{ADMIN}sections/{section.pk}/"
    for fields in ({"audience": "judge"}, {"audience": "some", "parties": ["bates"]}):
        answer = client.post(path, fields)
        assert "Say that you mean it." in answer.content.decode()
        section.refresh_from_db()
        assert section.audience == "|everybody|"
    assert "Choose at least one party." in client.post(path, {"audience": "some"}).content.decode()
    assert client.post(path, {"audience": "judge", "sure": "on"}).status_code == 302
    section.refresh_from_db()
    assert section.audience == "|judge|"
    assert client.get(path).status_code == 404


def test_adding_a_section(client, cast):
    client.force_login(cast.tom)
    path = f"{ADMIN}sections/new/"
    assert (
        "There is a section J already."
        in client.post(path, {"letter": "j", "title": "X", "audience": "everybody"}).content.decode()
    )
    assert (
        "capital letters"
        in client.post(path, {"letter": "1", "title": "X", "audience": "everybody"}).content.decode()
    )
    assert client.post(path, {"letter": "x1", "title": "Extra", "audience": "everybody"}).status_code == 302
    assert Section.objects.get(bundle__case=cast.case, letter="X1").title == "Extra"
