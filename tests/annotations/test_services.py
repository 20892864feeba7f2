"""Making, changing and deleting notes: who sees them, who may, and where they stand."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from annotations import services
from annotations.models import Note
from casebundle.bundles import services as bundles
from casebundle.cases import people
from casebundle.cases.access import NotAllowed, NotVisible, Viewer, viewer_of
from casebundle.cases.models import Participant, User
from casebundle.journal.models import Entry
from tests.annotations.conftest import AUDIENCES, IN_CASE, page_of
from tests.cast import OTHER, viewer
from tests.papers import paper

WHERE = [[0.1, 0.1, 0.5, 0.2]]


def seen(user: Any, reference: str | None = None) -> set[str]:
    """The bodies of all notes that a user sees."""
    who = viewer(user, reference) if reference else viewer(user)
    return set(Note.objects.visible_to(who).values_list("body", flat=True))


def write(user: Any, sheet: Any, body: str = "A note.", **more: Any) -> Note:
    return services.create(viewer(user), sheet, **{"kind": "note", "body": body, **more})


@pytest.mark.parametrize(("choice", "parties", "readers"), AUDIENCES)
def test_each_audience_is_seen_by_exactly_those_it_names(cast, sheet, choice, parties, readers):
    note = write(cast.daniel, sheet, choice=choice, parties=parties)
    services.reply(viewer(cast.daniel), note, "An answer.")
    for name in IN_CASE:
        expected = {"A note.", "An answer."} if name in readers else set()
        assert seen(cast[name]) == expected, name
        assert bool(services.on_page(viewer(cast[name]), sheet)) == (name in readers), name
    assert seen(cast.sam, OTHER) == set()


@pytest.mark.parametrize(("choice", "parties", "readers"), AUDIENCES)
def test_the_journal_tells_of_a_note_exactly_those_who_see_it(cast, sheet, choice, parties, readers):
    note = write(cast.daniel, sheet, choice=choice, parties=parties)
    services.reply(viewer(cast.daniel), note, "An answer.")
    services.edit(viewer(cast.daniel), note, body="Changed.")
    services.delete(viewer(cast.daniel), note)
    for name in IN_CASE:
        entries = Entry.objects.visible_to(viewer(cast[name])).filter(action__startswith="note.")
        told = sorted(entries.values_list("action", flat=True))
        wanted = ["note.changed", "note.created", "note.deleted", "note.replied"] if name in readers else []
        assert told == wanted, name


def test_somebody_of_the_same_party_sees_what_is_for_the_party(cast, sheet):
    junior = User.objects.create_user("junior@chambers.example", name="Ann Junior")
    people.join(cast.case, junior, "defence", ["bates"])
    write(cast.daniel, sheet, "For us.", choice="party")
    write(cast.daniel, sheet, "For me.", choice="private")
    assert seen(junior) == {"For us."}


def test_who_leaves_the_case_sees_nothing_any_more(cast, sheet):
    write(cast.daniel, sheet, choice="case")
    participant = Participant.objects.get(case=cast.case, user=cast.mari)
    people.remove(viewer(cast.tom), participant)
    with pytest.raises(NotVisible):
        viewer(cast.mari)


@pytest.mark.parametrize("name", [name for name in IN_CASE if name != "daniel"])
def test_only_the_author_changes_or_deletes_a_note(cast, sheet, name):
    note = write(cast.daniel, sheet, choice="case")
    answer = services.reply(viewer(cast.daniel), note, "Mine too.")
    for one in (note, answer):
        with pytest.raises(NotAllowed):
            services.edit(viewer(cast[name]), one, body="Theirs.")
        with pytest.raises(NotAllowed):
            services.delete(viewer(cast[name]), one)
    note.refresh_from_db()
    assert (note.body, note.deleted_at, note.edited_at) == ("A note.", None, None)


def test_an_observer_reads_and_does_not_write(cast, sheet):
    watcher = User.objects.create_user("watcher@example.org", name="Wyn Watcher")
    people.join(cast.case, watcher, "observer", ["court"])
    note = write(cast.daniel, sheet, choice="case")
    assert seen(watcher) == {"A note."}
    with pytest.raises(NotAllowed):
        write(watcher, sheet)
    with pytest.raises(NotAllowed):
        services.reply(viewer(watcher), note, "I think…")


def test_a_deleted_note_is_gone_with_its_replies(cast, sheet):
    note = write(cast.daniel, sheet, choice="case")
    services.reply(viewer(cast.priya), note, "An answer.")
    services.delete(viewer(cast.daniel), note)
    for name in IN_CASE:
        assert seen(cast[name]) == set()


def test_a_reply_is_deleted_alone(cast, sheet):
    note = write(cast.daniel, sheet, choice="case")
    answer = services.reply(viewer(cast.priya), note, "An answer.")
    services.delete(viewer(cast.priya), answer)
    assert seen(cast.mari) == {"A note."}


# --- changing who sees it -----------------------------------------------------------------------------


def test_widening_shows_a_note_and_its_replies(cast, sheet):
    note = write(cast.daniel, sheet)
    services.reply(viewer(cast.daniel), note, "An answer.")
    assert seen(cast.priya) == set()
    services.edit(viewer(cast.daniel), note, choice="case")
    assert seen(cast.priya) == {"A note.", "An answer."}


WIDER = [
    ("party", None, "case", None),
    ("party", None, "parties", ["bates", "prosecution"]),
    ("parties", ["prosecution"], "case", None),
    ("parties", ["prosecution", "bates"], "parties", ["prosecution", "bates", "doyle"]),
    ("parties", ["judge", "bates"], "parties", ["court", "bates"]),
]


@pytest.mark.parametrize(("choice", "parties", "wider", "others"), WIDER)
def test_who_widens_a_note_takes_nobody_elses_reply_along(cast, sheet, choice, parties, wider, others):
    junior = User.objects.create_user("junior@example.org", name="Jo Junior")
    people.join(cast.case, junior, "defence", ["bates"])
    everybody = [*(cast[name] for name in IN_CASE), junior]
    note = write(cast.daniel, sheet, "Asked.", choice=choice, parties=parties)
    replies = {}
    for one in everybody:
        if "Asked." in seen(one) and one != cast.daniel:
            replies[one] = services.reply(viewer(one), note, f"{one.name} says.")
    services.reply(viewer(cast.daniel), note, "My own.")
    before = {one: {text for text in seen(one) if text.endswith("says.")} for one in everybody}
    services.edit(viewer(cast.daniel), note, choice=wider, parties=others)
    gained = [one for one in everybody if "Asked." in seen(one) and one not in replies and one != cast.daniel]
    assert gained
    assert replies
    for one in everybody:
        # Words that somebody wrote for some are for these still, and for nobody else.
        assert {text for text in seen(one) if text.endswith("says.")} == before[one]
    assert all("My own." in seen(one) for one in gained)
    # Narrowed and widened again, they have come no further.
    services.edit(viewer(cast.daniel), note, choice="private")
    services.edit(viewer(cast.daniel), note, choice="case")
    for one in everybody:
        assert {text for text in seen(one) if text.endswith("says.")} <= before[one]


def test_the_author_of_a_reply_gives_it_to_those_who_see_the_note_now(cast, sheet):
    junior = User.objects.create_user("junior@example.org", name="Jo Junior")
    people.join(cast.case, junior, "defence", ["bates"])
    note = write(cast.daniel, sheet, choice="party")
    answer = services.reply(viewer(junior), note, "For our side.")
    services.edit(viewer(cast.daniel), note, choice="case")
    (root,) = services.on_page(viewer(junior), sheet)
    shown = services.note_json(viewer(junior), root)
    assert [reply["narrower"] for reply in shown["replies"]] == [True]
    with pytest.raises(NotAllowed):
        services.edit(viewer(cast.daniel), answer, choice="case")
    with pytest.raises(ValidationError):
        services.edit(viewer(junior), answer, choice="private")
    assert seen(cast.mari) == {"A note."}
    services.edit(viewer(junior), answer, choice="case")
    assert seen(cast.mari) == {"A note.", "For our side."}
    (root,) = services.on_page(viewer(cast.mari), sheet)
    shown = services.note_json(viewer(cast.mari), root)
    assert [reply["narrower"] for reply in shown["replies"]] == [False]


def test_narrowing_hides_a_note_and_tells_those_who_saw_it_no_more_than_that(cast, sheet):
    note = write(cast.daniel, sheet, choice="case")
    services.edit(viewer(cast.daniel), note, choice="private", body="Now for me.")
    for name in ("priya", "mari", "ruth", "tom"):
        assert seen(cast[name]) == set()
        entries = (
            Entry.objects.visible_to(viewer(cast[name])).filter(action__startswith="note.").order_by("seq")
        )
        assert [entry.action for entry in entries] == ["note.created", "note.hidden"]
        assert entries[1].data == {"note": str(note.pk), "page": sheet.pk}
        assert entries[1].actor == {}
    assert seen(cast.daniel) == {"Now for me."}


def test_widening_tells_nobody_that_something_was_hidden(cast, sheet):
    note = write(cast.daniel, sheet)
    services.edit(viewer(cast.daniel), note, choice="case")
    assert not Entry.objects.filter(action="note.hidden").exists()


def test_a_change_of_words_alone_keeps_the_audience(cast, sheet):
    note = write(cast.daniel, sheet, choice="parties", parties=["prosecution"])
    before = note.audience
    services.edit(viewer(cast.daniel), note, body="Other words.", tags=["one"])
    note.refresh_from_db()
    assert (note.audience, note.body, note.tags) == (before, "Other words.", ["one"])
    assert note.edited_at is not None


def test_who_replied_and_does_not_see_the_note_any_more_cannot_write_into_it(cast, sheet):
    note = write(cast.daniel, sheet, choice="case")
    answer = services.reply(viewer(cast.priya), note, "An answer.")
    services.edit(viewer(cast.daniel), note, choice="private")
    # Her own words stay hers; what they answered is not hers any more.
    assert seen(cast.priya) == {"An answer."}
    assert services.on_page(viewer(cast.priya), sheet) == []
    answer.refresh_from_db()
    with pytest.raises(NotVisible):
        services.reply(viewer(cast.priya), answer, "And another thing.")
    with pytest.raises(NotVisible):
        services.reply(viewer(cast.priya), note, "And another thing.")


def test_a_reply_to_a_reply_answers_the_note(cast, sheet):
    note = write(cast.daniel, sheet, choice="case")
    answer = services.reply(viewer(cast.priya), note, "One.")
    second = services.reply(viewer(cast.mari), answer, "Two.")
    assert second.parent_id == note.pk
    (root,) = services.on_page(viewer(cast.ruth), sheet)
    assert [reply.body for reply in root.answers] == ["One.", "Two."]  # type: ignore[attr-defined]


def test_a_reply_has_no_audience_of_its_own(cast, sheet):
    note = write(cast.daniel, sheet, choice="party")
    answer = services.reply(viewer(cast.daniel), note, "An answer.")
    with pytest.raises(ValidationError) as wrong:
        services.edit(viewer(cast.daniel), answer, choice="case")
    assert "audience" in wrong.value.message_dict


# --- the document's own audience ----------------------------------------------------------------------


def restrict(cast: Any, document: Any, *slugs: str) -> None:
    bundles.change_document(viewer(cast.priya), document, {"visible_to": list(slugs)})


def test_a_note_hides_with_its_document(cast, statement, sheet):
    write(cast.mari, sheet, "For all.", choice="case")
    write(cast.mari, sheet, "For me.", choice="private")
    restrict(cast, statement, "bates")
    assert seen(cast.mari) == set()
    assert seen(cast.daniel) == {"For all."}
    restrict(cast, statement, "doyle")
    assert seen(cast.mari) == {"For all.", "For me."}
    assert seen(cast.daniel) == set()


def test_entries_of_a_note_on_a_restricted_page_are_for_those_who_see_the_page(cast):
    document = paper(cast.priya, "H", "For Bates alone", visible_to=["bates"])
    sheet = page_of(document)
    note = write(cast.priya, sheet, choice="case")
    services.edit(viewer(cast.priya), note, choice="private")
    services.edit(viewer(cast.priya), note, choice="parties", parties=["doyle", "bates"])
    entries = Entry.objects.filter(action__startswith="note.")
    assert entries.count() == 4
    for entry in entries:
        # As the socket decides, which asks for nothing but the entry's own audience.
        assert not viewer(cast.mari).sees(entry.audience), entry.action
    told = [entry.action for entry in entries.order_by("seq") if viewer(cast.daniel).sees(entry.audience)]
    assert told == ["note.created", "note.hidden", "note.changed"]


def test_an_author_who_may_not_see_the_page_any_more_hears_nothing_of_its_notes(cast):
    document = paper(cast.priya, "H", "For all")
    sheet = page_of(document)
    note = write(cast.mari, sheet, choice="case")
    restrict(cast, document, "bates")
    sheet = page_of(document)
    note = Note.objects.select_related("page__version__document").get(pk=note.pk)
    services.reply(viewer(cast.daniel), note, "She cannot read this.")
    entry = Entry.objects.get(action="note.replied")
    assert not viewer(cast.mari).sees(entry.audience)
    assert viewer(cast.daniel).sees(entry.audience)


def test_a_note_goes_with_a_withdrawn_document(cast, statement, sheet):
    write(cast.daniel, sheet, choice="case")
    bundles.withdraw(viewer(cast.priya), statement, "Served by mistake.")
    for name in IN_CASE:
        assert seen(cast[name]) == set()


def test_a_note_stays_on_its_page_when_labels_change(cast, statement, sheet):
    note = write(cast.daniel, sheet, quote="The van was white.")
    (before,) = services.on_page(viewer(cast.daniel), sheet)
    assert services.labels_of([before])[sheet.pk] == "H1"
    earlier = paper(cast.priya, "H", "Comes first", pages=2)
    bundles.change_document(viewer(cast.priya), earlier, {"position": 0})
    (after,) = services.on_page(viewer(cast.daniel), sheet)
    assert after.pk == note.pk
    assert services.labels_of([after])[sheet.pk] == "H3"
    assert after.quads == note.quads
    assert after.quote["exact"] == "The van was white."


# --- where it stands, and what is refused -------------------------------------------------------------


def test_words_give_their_boxes_and_boxes_their_words(cast, sheet):
    by_words = write(cast.daniel, sheet, kind="highlight", body="", quote="The van was white.")
    by_boxes = write(cast.daniel, sheet, kind="highlight", body="", quads=by_words.quads)
    assert by_boxes.quote == by_words.quote
    assert by_words.quote["exact"] == "The van was white."
    assert by_words.top == by_words.quads[0][1]


def test_repeated_words_are_told_apart_by_what_stands_around(cast, sheet):
    tops = [
        write(cast.daniel, sheet, quote={"exact": "the van", "prefix": prefix, "suffix": suffix}).top
        for prefix, suffix in [("I saw ", " by"), ("yard. ", " was"), ("I saw ", " drive")]
    ]
    assert tops == sorted(tops)
    assert len(set(tops)) == 3


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"kind": "highlight", "body": ""}, "quads"),
        ({"kind": "area", "body": ""}, "quads"),
        ({"kind": "area", "quads": [[0.2, 0.2, 0.2, 0.2]]}, "quads"),
        ({"kind": "area", "quads": [[0, 0, 1.5, 1]]}, "quads"),
        ({"kind": "highlight", "quads": [["x", 0, 1, 1]]}, "quads"),
        ({"kind": "highlight", "quote": "words that are not there"}, "quote"),
        ({"quote": "x" * 5001}, "quote"),
        ({"kind": "reply"}, "kind"),
        ({"kind": "stamp"}, "kind"),
        ({"body": ""}, "body"),
        ({"body": "   \n"}, "body"),
        ({"body": "x" * 10_001}, "body"),
        ({"choice": "all"}, "audience"),
        ({"choice": "parties"}, "parties"),
        ({"choice": "parties", "parties": []}, "parties"),
        ({"choice": "parties", "parties": ["nobody"]}, "parties"),
        ({"choice": "parties", "parties": ["everybody"]}, "parties"),
        ({"choice": "parties", "parties": ["person:1"]}, "parties"),
        ({"tags": ["x" * 41]}, "tags"),
        ({"tags": [str(n) for n in range(21)]}, "tags"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(cast, sheet, more, field):
    with pytest.raises(ValidationError) as wrong:
        write(cast.daniel, sheet, **more)
    assert set(wrong.value.message_dict) == {field}
    assert not Note.objects.exists()
    assert not Entry.objects.filter(action__startswith="note.").exists()


def test_tags_are_kept_once_each_without_spaces_around(cast, sheet):
    assert write(cast.daniel, sheet, tags=[" time ", "time", "", "cross"]).tags == ["time", "cross"]


def test_the_journal_holds_no_words_of_a_note(cast, sheet):
    note = write(
        cast.daniel, sheet, "Our weak point.", quote="The van was white.", choice="case", tags=["tactics"]
    )
    services.reply(viewer(cast.priya), note, "Hardly weak.")
    services.edit(viewer(cast.daniel), note, body="Our strong point.")
    for entry in Entry.objects.filter(action__startswith="note."):
        text = str(entry.frame())
        assert "point" not in text
        assert "weak" not in text
        assert "van" not in text
        assert "tactics" not in text
        assert note.salt not in text


# --- as JSON ------------------------------------------------------------------------------------------


def test_json_says_what_is_mine_and_who_sees_it(cast, sheet):
    write(cast.daniel, sheet, "Ours.", choice="party")
    write(cast.daniel, sheet, "Shared.", choice="parties", parties=["prosecution", "bates"])

    def as_json(user: Any) -> dict[str, dict[str, Any]]:
        who: Viewer = viewer(user)
        return {note.body: services.note_json(who, note) for note in services.on_page(who, sheet)}

    mine, hers = as_json(cast.daniel), as_json(cast.priya)
    assert mine["Ours."]["parties"] == ["bates"]
    assert mine["Shared."]["parties"] == ["bates", "prosecution"]
    assert mine["Shared."]["mine"] is True
    assert hers["Shared."]["mine"] is False
    assert hers["Shared."]["author"]["name"] == "Daniel Okafor"
    assert set(hers) == {"Shared."}


def test_many_pages_cost_as_many_queries_as_one(cast, django_assert_num_queries):
    document = paper(cast.priya, "H", "Six pages", pages=6)
    for index in range(6):
        sheet = page_of(document, index)
        note = write(cast.daniel, sheet, choice="case")
        services.reply(viewer(cast.priya), note, "An answer.")
    who = viewer(cast.mari)
    pages = [page_of(document, index).pk for index in range(6)]
    for asked in (pages[:1], pages):
        with django_assert_num_queries(3):
            found = services.on_pages(who, asked)
            labels = services.labels_of(found)
            texts = [services.note_json(who, note, labels[note.page_id]) for note in found]
        assert [len(text["replies"]) for text in texts] == [1] * len(asked)


def test_somebody_removed_keeps_their_name_on_their_notes(cast, sheet):
    write(cast.mari, sheet, choice="case")
    participant = Participant.objects.get(case=cast.case, user=cast.mari)
    people.remove(viewer(cast.tom), participant)
    (note,) = services.on_page(viewer(cast.ruth), sheet)
    assert services.note_json(viewer(cast.ruth), note)["author"]["name"] == "Mari Llwyd"
    with pytest.raises(NotVisible):
        viewer_of(Participant.objects.get(pk=participant.pk))
