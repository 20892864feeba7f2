"""The journal's screen: a sentence for every action that the code writes, for those it is for, at any length."""

from __future__ import annotations

import ast
import datetime
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations import services as notes
from casebundle.bundles import services
from casebundle.bundles.models import Page, page_id
from casebundle.bundles.reading import opened
from casebundle.courtroom import services as court
from casebundle.desk.journal_views import PORTION, Filters, portion
from casebundle.desk.sentences import KINDS, SENTENCES, Links, sentence_of
from casebundle.journal import record
from casebundle.journal.audience import join
from casebundle.journal.models import Chain, Entry
from tests.cast import REFERENCE, Cast, viewer

ROOT = Path(__file__).resolve().parents[2]
URL = f"/cases/{REFERENCE}/journal/"
ACTION = re.compile(r"[a-z]+\.[a-z_]+")
# What writes entries: record.append itself, and the helpers of rooms that pass an action on to it.
WRITERS = {"append", "_said", "_journal", "_gone_for_others", "Draft"}


def signed_in(user: Any) -> Client:
    client = Client()
    # Pages are read in words here, and Mari reads hers in Welsh.
    client.cookies["django_language"] = "en-gb"
    client.force_login(user)
    return client


def written() -> dict[str, str]:
    """Every action that the code writes, with where."""
    found: dict[str, str] = {}
    for folder in ("casebundle", "annotations", "search"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text()
            if "record" not in text or "import" not in text:
                continue
            for node in ast.walk(ast.parse(text)):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name not in WRITERS:
                    continue
                for part in ast.walk(node):
                    if (
                        isinstance(part, ast.Constant)
                        and isinstance(part.value, str)
                        and ACTION.fullmatch(part.value)
                    ):
                        found[part.value] = f"{path.relative_to(ROOT)}:{part.lineno}"
                    elif isinstance(part, ast.Name) and part.id.isupper() and name == "append":
                        value = re.search(rf'^{part.id} = "([a-z]+\.[a-z_]+)"$', text, re.M)
                        if value:
                            found[value[1]] = f"{path.relative_to(ROOT)}:{part.lineno}"
    return found


def test_the_reader_of_the_code_finds_what_is_written() -> None:
    found = written()
    for action in (
        "document.served",
        "bundle.frozen",
        "bundle.numbered",
        "note.hidden",
        "floor.taken",
        "journal.checked",
    ):
        assert action in found
    assert len(found) > 25


def test_every_action_that_is_written_has_a_sentence() -> None:
    missing = {action: where for action, where in written().items() if action not in SENTENCES}
    assert not missing, f"say in desk/sentences.py what these mean: {missing}"


def test_every_sentence_belongs_to_a_filter_and_to_an_action() -> None:
    assert {sentence.kind for sentence in SENTENCES.values()} == set(KINDS)
    assert not set(SENTENCES) - set(written())


def texts(user: Any, query: str = "") -> list[str]:
    page = signed_in(user).get(URL + query)
    assert page.status_code == 200
    return [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", str(row["sentence"])))
        for row in page.context["rows"]
        if "entry" in row
    ]


@pytest.fixture
def story(cast: Cast, served: Any, staged: Any) -> Any:
    """Something of everything, through the rooms' own functions."""
    priya, daniel, tom = viewer(cast.priya), viewer(cast.daniel), viewer(cast.tom)
    document = served("J", "the red van", "two", title="Photographs")
    served("H", "only for Bates", title="Letter", visible_to=["bates"])
    page = Page.objects.get(pk=page_id(document.current_id, 0))
    opened(daniel, document.current)
    note = notes.create(daniel, page, kind="highlight", quote="red van", choice="case")
    notes.reply(priya, note, "Seen.")
    notes.edit(daniel, note, choice="private")
    notes.delete(daniel, note)
    hearing = court.open_hearing(tom, "Trial, day 1")
    court.give_floor(tom, hearing, priya.participant)
    court.turn(priya, hearing, page)
    court.give_floor(tom, hearing, None)
    screen = court.new_screen(tom, hearing, "Jury")
    court.end_screen(tom, screen)
    court.close(tom, hearing)
    court.open_hearing(tom, "Sentence", timezone.now() + datetime.timedelta(days=3))
    services.change_document(priya, document, {"title": "Photographs of the van", "date": "2026-03-14"})
    services.freeze(priya, document.section.bundle)
    services.add_defendant(tom, "Ann Field")
    section = services.add_section(tom, document.section.bundle, "X", "Extra", None)
    services.restrict_section(tom, section, ["bates"])
    wrong = staged("J", title="Wrong one")
    services.withdraw(priya, wrong, "wrong file")
    return document


def test_everybody_reads_their_own_journal_in_sentences(cast: Cast, story: Any) -> None:
    all_of = {name: "\n".join(texts(cast[name])) for name in ("priya", "daniel", "mari", "ruth", "tom")}
    for name, said in all_of.items():
        assert (
            "Priya Shah served “Photographs” as J1 to J2 on Bates’s defence, Doyle’s defence and the court. Receipt"
            in said
        )
        assert "Tom Price gave the floor to Priya Shah." in said
        assert "Priya Shah turned everybody to J1, “Photographs”." in said
        assert "Priya Shah froze the page numbers of the bundle “Main bundle”" in said
        assert "Tom Price listed Sentence for" in said
        assert "%(" not in said
        assert ("“Letter”" in said) == (name != "mari")
    assert "Daniel Okafor opened “Photographs”." in all_of["daniel"]
    assert "opened “Photographs”" not in all_of["priya"]
    assert "A note on J1 is not for you any more." in all_of["priya"]
    assert "Priya Shah changed the title and the date of “Photographs of the van”." in all_of["ruth"]
    assert "withdrew “Wrong one”: wrong file" in all_of["priya"]
    assert "Wrong one" not in all_of["daniel"]
    assert signed_in(cast.sam).get(URL).status_code == 404
    assert Client().get(URL).status_code == 302


def test_labels_and_things_are_links(cast: Cast, story: Any) -> None:
    page = signed_in(cast.daniel).get(URL).content.decode()
    assert f'href="/cases/{REFERENCE}/main/J1"' in page
    assert f'href="/cases/{REFERENCE}/main/J2"' in page
    assert f'href="/documents/{story.pk}/receipt/"' in page
    assert 'href="/hearings/' in page
    assert f"{URL}?person={viewer(cast.priya).participant_id}" in page


def test_what_people_typed_is_text(cast: Cast, served: Any) -> None:
    served("J", "x", title="<script>alert(1)</script>%(actor)s %s")
    page = signed_in(cast.priya).get(URL).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;%(actor)s %s" in page


def test_filters(cast: Cast, story: Any) -> None:
    assert all("note" in said or "highlighted" in said for said in texts(cast.daniel, "?kind=notes"))
    tom = viewer(cast.tom).participant_id
    assert all(said.startswith("Tom Price") for said in texts(cast.daniel, f"?person={tom}"))
    both = texts(cast.daniel, f"?person={tom}&kind=hearings")
    assert both
    assert all("Tom Price" in said for said in both)
    assert texts(cast.daniel, "?day=14/3/2020") == []
    today = timezone.localdate()
    assert texts(cast.daniel, f"?day={today.day}/{today.month}/{today.year}") == texts(cast.daniel)
    page = signed_in(cast.daniel).get(f"{URL}?day=31/2/2026").content.decode()
    assert "Enter a real date" in page
    assert 'value="31/2/2026"' in page
    for odd in ("?person=x", "?kind=nonsense", "?before=-1", "?before=" + "9" * 40, "?day=%00"):
        assert signed_in(cast.daniel).get(URL + odd).status_code == 200


def test_what_is_not_for_me_is_a_number_and_only_if_asked(cast: Cast, story: Any) -> None:
    client = signed_in(cast.mari)
    assert "not for you." not in client.get(URL).content.decode().replace("is not for you any more", "")
    page = client.get(f"{URL}?all=1").content.decode()
    assert "not for you." in page
    assert "Letter" not in page
    # Together they are the whole chain, each number once.
    rows, url = [], f"{URL}?all=1"
    while url:
        found = client.get(url).context
        rows += found["rows"]
        url = URL + found["older"] if found["older"] else ""
    numbers: list[int] = []
    for row in rows:
        numbers += [row["entry"].seq] if "entry" in row else range(row["hidden"][1], row["hidden"][0] - 1, -1)
    assert numbers == list(range(Chain.objects.get(pk=cast.case.pk).seq, 0, -1))


def test_the_chain_is_checked_and_that_is_written(cast: Cast, story: Any) -> None:
    client = signed_in(cast.daniel)
    page = client.post(f"{URL}check", follow=True).content.decode()
    assert "The chain holds." in page
    assert "Daniel Okafor</a> checked the journal: all entries up to" in page
    assert signed_in(cast.sam).post(f"{URL}check").status_code == 404
    Entry.objects.filter(chain_id=cast.case.pk, seq=3).update(data={"changed": True})
    page = client.post(f"{URL}check", follow=True).content.decode()
    assert "The chain does not hold at entry 3" in page


def test_a_part_of_the_chain_can_be_checked(cast: Cast, story: Any) -> None:
    assert record.verify(cast.case.pk, 5).holds
    Entry.objects.filter(chain_id=cast.case.pk, seq=3).update(data={"changed": True})
    assert record.verify(cast.case.pk, 5).holds
    assert record.verify(cast.case.pk).broken_at == 3
    Entry.objects.filter(chain_id=cast.case.pk, seq=8).update(data={"changed": True})
    assert record.verify(cast.case.pk, 5).broken_at == 8


def fill(cast: Cast, count: int, audience: str, action: str = "document.opened") -> None:
    """Many entries straight into the table: the screen reads them, nobody verifies these."""
    chain = Chain.objects.get(pk=cast.case.pk)
    now = timezone.now()
    rows = [
        Entry(
            chain=chain, seq=chain.seq + n, at=now, action=action, actor={}, audience=audience, data={"title": "x"},
            salt="", digest="", previous="", hash="",
        )
        for n in range(1, count + 1)
    ]  # fmt: skip
    Entry.objects.bulk_create(rows, batch_size=5000)
    Chain.objects.filter(pk=chain.pk).update(seq=chain.seq + count)


def test_it_opens_at_once_where_nearly_all_is_for_others(cast: Cast, story: Any) -> None:
    fill(cast, 20_000, join(["person:somebody-else"]))
    client = signed_in(cast.mari)
    client.get(URL)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(URL)
    assert page.context["older"]
    fill(cast, 20_000, join(["person:somebody-else"]))
    with CaptureQueriesContext(connection) as of_more:
        client.get(URL)
    assert len(of_more) <= len(asked)
    # By kind it is found at once: the index knows where.
    assert texts(cast.mari, "?kind=hearings")


def test_paging_gives_each_entry_once(cast: Cast, story: Any) -> None:
    fill(cast, 120, "|everybody|", "document.ready")
    who = viewer(cast.daniel)
    mine = list(Entry.objects.visible_to(who).order_by("-seq").values_list("seq", flat=True))
    for filters in (
        Filters(),
        Filters(kind="documents"),
        Filters(person=str(viewer(cast.tom).participant_id)),
    ):
        seen: list[int] = []
        before: int | None = Chain.objects.get(pk=cast.case.pk).seq + 1
        while before:
            found = portion(who, filters, before, 1)
            assert len(found.entries) <= PORTION
            seen += [entry.seq for entry in found.entries]
            before = found.older
        assert len(seen) == len(set(seen))
        assert seen == sorted(seen, reverse=True)
        if not filters.narrow:
            assert seen == mine


def test_as_many_questions_for_a_full_page_as_for_a_few_entries(cast: Cast, served: Any) -> None:
    client = signed_in(cast.daniel)

    def queries() -> int:
        client.get(URL)
        with CaptureQueriesContext(connection) as seen:
            client.get(URL)
        return len(seen)

    for n in range(2):
        served("J", str(n))
    few = queries()
    for n in range(12):
        served("H", str(n))
    assert queries() == few


def test_an_action_of_a_later_release_says_its_name(cast: Cast) -> None:
    with transaction.atomic():
        entry = record.append(cast.case.pk, "robot.arrived", actor={"id": "x", "name": "R"})
    who = viewer(cast.priya)
    assert "robot.arrived" in sentence_of(entry, Links(who, [entry]))
