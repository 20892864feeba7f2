"""What two people (or two workers) do at the same moment, on a database that lets both begin."""

from __future__ import annotations

import random
from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from annotations import services as notes
from casebundle.bundles import reading, services
from casebundle.bundles.arrange import step
from casebundle.bundles.labels import Labels
from casebundle.bundles.models import (
    Bundle,
    Document,
    LabelRun,
    NumberingVersion,
    Opened,
    Page,
    PageText,
    Version,
    page_id,
)
from casebundle.cases import invitations, limits, people
from casebundle.cases.access import NotVisible
from casebundle.cases.models import Invitation, Participant, User
from casebundle.courtroom import services as courtroom
from casebundle.evidence import intake, sweep
from casebundle.evidence.process import draw_images, process
from casebundle.journal import locks, record
from casebundle.journal.models import Chain, Entry
from search import indexing
from tests.cast import REFERENCE, Cast, pdf, viewer
from tests.papers import papers

pytestmark = pytest.mark.django_db(transaction=True)


def whole(case: Any) -> None:
    """The journal of a case holds, and its numbers have no gap."""
    assert record.verify(case.pk).holds
    seqs = list(Entry.objects.filter(chain_id=case.pk).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))


def count(case: Any, action: str) -> int:
    return Entry.objects.filter(chain_id=case.pk, action=action).count()


def no_errors(results: list[Any], *but: type[Exception]) -> None:
    wrong = [one for one in results if isinstance(one, Exception) and not isinstance(one, but)]
    assert not wrong, wrong


def test_two_who_serve_into_one_bundle_number_it_one_after_the_other(cast: Cast, at_once: Any) -> None:
    priya, daniel = viewer(cast.priya), viewer(cast.daniel)
    mine = papers(cast.priya, [("J", f"A{n}", 3) for n in range(6)], serve=False)
    theirs = papers(cast.daniel, [("J", f"B{n}", 2) for n in range(6)], serve=False)
    no_errors(
        at_once(
            *(partial(services.serve, priya, [one.pk]) for one in mine),
            *(partial(services.serve, daniel, [one.pk]) for one in theirs),
        )
    )
    whole(cast.case)
    bundle = Bundle.objects.get(case=cast.case, slug="main")
    labels = Labels.of_bundle(bundle)
    every = [labels.label(one.pk, at) for one in [*mine, *theirs] for at in range(3 if one in mine else 2)]
    assert None not in every
    assert sorted(every) == sorted({*every}), "two pages of one label"
    assert {int(one[1:]) for one in every if one} == set(range(1, 31))
    # Each numbering has a version of its own, and says so once.
    numbers = NumberingVersion.objects.filter(bundle=bundle).values_list("number", flat=True)
    assert sorted(numbers) == list(range(1, bundle.numbering_version + 1))
    assert Entry.objects.filter(action="bundle.numbered").count() == bundle.numbering_version
    assert not LabelRun.objects.filter(since__gt=bundle.numbering_version).exists()


def test_what_two_serve_at_once_is_served_once(cast: Cast, at_once: Any) -> None:
    ids = [one.pk for one in papers(cast.priya, [("J", f"A{n}", 1) for n in range(5)], serve=False)]
    no_errors(at_once(*(partial(services.serve, viewer(cast.priya), ids) for _i in range(4))))
    assert count(cast.case, "document.served") == 5
    whole(cast.case)


def test_what_two_withdraw_at_once_is_withdrawn_once(cast: Cast, at_once: Any) -> None:
    (row,) = papers(cast.priya, [("J", "A", 2)])
    rows = [Document.objects.select_related("section__bundle", "current").get(pk=row.pk) for _i in range(4)]
    results = at_once(*(partial(services.withdraw, viewer(cast.priya), one, "twice") for one in rows))
    assert Counter(type(one) for one in results) == {type(None): 1, NotVisible: 3}
    assert count(cast.case, "document.withdrawn") == 1


def test_notes_of_many_at_once_are_all_there(cast: Cast, at_once: Any) -> None:
    (row,) = papers(cast.priya, [("J", "A", 2)])
    page = Page.objects.select_related("version__document").get(version=row.current, index=0)
    who = [viewer(user) for user in (cast.priya, cast.daniel, cast.mari, cast.ruth)]
    no_errors(
        at_once(*(partial(notes.create, who[n % 4], page, kind="note", body=f"Note {n}") for n in range(12)))
    )
    assert count(cast.case, "note.created") == 12
    whole(cast.case)


def test_a_file_that_many_workers_take_is_read_once(cast: Cast, at_once: Any) -> None:
    bundle = Bundle.objects.get(case=cast.case, slug="main")
    document = intake.receive(
        viewer(cast.priya), bundle, "J", "a.pdf", [pdf([f"Page {n}" for n in range(40)])]
    )
    version = document.versions.get()
    no_errors(at_once(*(partial(process, version.pk) for _i in range(6))))
    version.refresh_from_db()
    assert (version.status, version.attempts, version.pages_done) == ("ready", 1, 40)
    assert count(cast.case, "document.ready") == 1
    assert Page.objects.count() == PageText.objects.count() == 40
    # And drawn by one at a time.
    drawn = at_once(*(partial(draw_images, version.pk, 5) for _i in range(4)))
    no_errors(drawn)
    assert drawn.count(True) == 1
    version.refresh_from_db()
    assert version.images_done == 5
    assert version.lease_until is None


def test_who_was_silent_for_too_long_writes_nothing_over_who_took_over(cast: Cast, monkeypatch: Any) -> None:
    bundle = Bundle.objects.get(case=cast.case, slug="main")
    document = intake.receive(
        viewer(cast.priya), bundle, "J", "a.pdf", [pdf([f"Page {n}" for n in range(30)])]
    )
    version = document.versions.get()
    from casebundle.evidence import process as module

    once = module._ready

    def late(held: Version, *more: Any) -> None:
        # Paused here for longer than the lease: another worker does all of it meanwhile.
        monkeypatch.setattr(module, "_ready", once)
        Version.objects.filter(pk=held.pk).update(lease_until=None)
        process(held.pk)
        once(held, *more)

    monkeypatch.setattr(module, "_ready", late)
    process(version.pk)
    version.refresh_from_db()
    assert version.status == "ready"
    assert count(cast.case, "document.ready") == 1
    whole(cast.case)


def test_a_clock_that_goes_wrong_on_one_machine_takes_nothing_from_another(
    cast: Cast, monkeypatch: Any
) -> None:
    """Leases are given and judged by the clock of the database."""
    from django.utils import timezone

    from casebundle.evidence import process as module

    bundle = Bundle.objects.get(case=cast.case, slug="main")
    version = intake.receive(viewer(cast.priya), bundle, "J", "a.pdf", [pdf(["One"])]).versions.get()
    held = module._take(module.due(), version.pk)
    assert held is not None
    real = timezone.now
    for hours in (-5, 5):
        monkeypatch.setattr(
            timezone, "now", lambda hours=hours: real() + hours * (real() - real().replace(minute=0))
        )
        assert not module.due().filter(pk=version.pk).exists()


def test_workers_that_index_take_different_documents(cast: Cast, at_once: Any) -> None:
    rows = papers(cast.priya, [("J", f"A{n}", 400) for n in range(40)])
    found = at_once(*(indexing._take for _i in range(3)))
    no_errors(found)
    taken = [one.pk for batch in found for one in batch]
    assert len(taken) == len(set(taken))
    assert {one.pk for one in rows} >= set(taken)
    assert [len(batch) for batch in found] == [10, 10, 10], "the others found something to do too"
    assert not indexing.due_documents().filter(locks.free("index_lease"), pk__in=taken).exists()


def test_two_sweeps_at_once_are_one(cast: Cast, at_once: Any) -> None:
    from django_tasks_db.models import DBTaskResult

    bundle = Bundle.objects.get(case=cast.case, slug="main")
    for n in range(5):
        intake.receive(viewer(cast.priya), bundle, "J", f"{n}.pdf", [pdf([f"Page {n}"])])
    DBTaskResult.objects.all().delete()
    no_errors(at_once(*(sweep.sweep for _i in range(6))))
    sweep.sweep()
    tasks = Counter(
        row["args"][0]
        for row in DBTaskResult.objects.filter(task_path__endswith="process_version").values_list(
            "args_kwargs", flat=True
        )
    )
    assert len(tasks) == 5
    assert set(tasks.values()) == {1}


def test_a_link_opened_in_two_windows_gives_one_password(cast: Cast, at_once: Any) -> None:
    invited = people.invite(viewer(cast.tom), "new@chambers.example", "observer", ["court"])
    secret = people.new_invitation(invited)
    found = [people.invitation_of(secret) for _i in range(4)]
    results = at_once(
        *(partial(people.accept, one, f"Name {n}", f"a long password {n}") for n, one in enumerate(found))
    )
    assert Counter(type(one) for one in results) == {User: 1, people.LinkOver: 3}
    winner = next(n for n, one in enumerate(results) if isinstance(one, User))
    user = User.objects.get(email="new@chambers.example")
    assert user.check_password(f"a long password {winner}")
    assert user.name == f"Name {winner}"
    assert count(cast.case, "participant.joined") == 1
    assert people.invitation_of(secret) is None


def test_somebody_invited_into_two_cases_at_once_is_one_person(cast: Cast, at_once: Any) -> None:
    here, there = viewer(cast.tom), viewer(cast.tom, "T20267002")
    both = [
        partial(people.invite, who, "New@chambers.example", "observer", ["court"]) for who in (here, there)
    ]
    no_errors(at_once(*both))
    assert User.objects.filter(email__iexact="new@chambers.example").count() == 1
    assert Participant.objects.filter(user__email="new@chambers.example").count() == 2
    assert Invitation.objects.filter(participant__user__email="new@chambers.example").count() == 2


def test_somebody_invited_twice_at_once_is_in_once(cast: Cast, at_once: Any) -> None:
    tom = viewer(cast.tom)
    results = at_once(
        *(partial(people.invite, tom, "new@chambers.example", "observer", ["court"]) for _i in range(3))
    )
    assert sum(isinstance(one, Participant) for one in results) == 1
    assert count(cast.case, "participant.invited") == 1


def test_a_reference_is_given_once_however_it_is_written(cast: Cast, at_once: Any) -> None:
    results = at_once(
        *(
            partial(services.create_case, cast.tom, reference, "R v New", "Leeds")
            for reference in ("T2026new", "T2026NEW", "t2026new")
        )
    )
    assert Counter(type(one) for one in results)[services.Conflict] == 2
    no_errors(results, services.Conflict)


def test_one_hearing_at_a_time(cast: Cast, at_once: Any) -> None:
    ruth, tom = viewer(cast.ruth), viewer(cast.tom)
    results = at_once(*(partial(courtroom.open_hearing, who, "Trial") for who in (ruth, tom, ruth, tom)))
    assert Counter(type(one) for one in results)[services.Conflict] == 3
    whole(cast.case)


def test_the_same_upload_sent_twice_is_one_document(cast: Cast, at_once: Any) -> None:
    bundle = Bundle.objects.get(case=cast.case, slug="main")
    data = pdf(["The same"])
    results = at_once(
        *(
            partial(intake.receive, viewer(cast.priya), bundle, "J", "a.pdf", [data], idempotency_key="k")
            for _i in range(5)
        )
    )
    no_errors(results)
    assert len({one.pk for one in results}) == 1
    assert count(cast.case, "document.received") == 1
    # Others beside it get places of their own.
    no_errors(
        at_once(
            *(
                partial(intake.receive, viewer(cast.priya), bundle, "J", f"{n}.pdf", [pdf([str(n)])])
                for n in range(5)
            )
        )
    )
    places = list(Document.objects.values_list("position", flat=True))
    assert len(places) == len(set(places)) == 6


def test_opened_in_two_windows_is_opened_once(cast: Cast, at_once: Any) -> None:
    (row,) = papers(cast.priya, [("J", "A", 2)])
    version = Version.objects.select_related("document__section").get(pk=row.current_id)
    results = at_once(*(partial(reading.opened, viewer(cast.daniel), version) for _i in range(5)))
    assert Counter(results) == {True: 1, False: 4}
    assert Opened.objects.count() == count(cast.case, "document.opened") == 1


def test_everybody_who_tries_at_once_is_counted(settings: Any, at_once: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "secret": (5, 600)}
    results = at_once(*(partial(limits.count, limits.SECRET, "somewhere") for _i in range(16)))
    assert Counter(type(one) for one in results) == {type(None): 5, limits.TooMany: 11}


def test_a_court_at_work_never_waits_for_itself(cast: Cast, at_once: Any) -> None:
    """Everything at once for a while: nobody is told that somebody else was in the way (a deadlock)."""
    priya, daniel, ruth, tom = (viewer(cast[name]) for name in ("priya", "daniel", "ruth", "tom"))
    rows = papers(cast.priya, [("J", f"A{n}", 2) for n in range(8)])
    waiting = papers(cast.priya, [("J", f"S{n}", 1) for n in range(8)], serve=False)
    hearing = courtroom.open_hearing(ruth, "Trial")
    courtroom.give_floor(ruth, hearing, priya.participant)
    pages = list(Page.objects.select_related("version__document").filter(index=0, version__document__in=rows))
    invited = people.invite(tom, "new@chambers.example", "observer", ["court"])

    def served() -> None:
        for one in waiting:
            services.serve(priya, [one.pk])

    def moved(seed: int) -> None:
        chance = random.Random(seed)
        for _i in range(8):
            row = Document.objects.select_related("section__bundle", "current").get(pk=chance.choice(rows).pk)
            step(priya, row, chance.choice(["up", "down"]))

    def noted(who: Any, seed: int) -> None:
        chance = random.Random(seed)
        for n in range(8):
            note = notes.create(who, chance.choice(pages), kind="note", body=f"{seed} {n}", choice="case")
            notes.edit(who, note, body="changed")
            if n % 3 == 0:
                notes.delete(who, note)

    def turned() -> None:
        for page in pages * 2:
            courtroom.turn_to(priya, hearing.pk, page.pk)

    def given() -> None:
        for _i in range(6):
            courtroom.give_floor(ruth, hearing, priya.participant)
            courtroom.new_screen(tom, hearing, "Jury")

    def opened() -> None:
        for one in rows:
            reading.opened(daniel, Version.objects.select_related("document__section").get(document=one))

    def managed() -> None:
        for _i in range(6):
            invitations.resend(tom, invited)
            people.change(tom, invited, "observer", ["court"])
            services.set_profile(
                tom,
                Bundle.objects.get(case=cast.case, slug="main"),
                random.choice(["continuous", "per-section"]),
            )

    def uploaded() -> None:
        bundle = Bundle.objects.get(case=cast.case, slug="main")
        for n in range(4):
            document = intake.receive(priya, bundle, "J", f"u{n}.pdf", [pdf([f"u{n}"])], serve=True)
            process(document.versions.get().pk)

    results = at_once(
        served, partial(moved, 1), partial(moved, 2), partial(noted, priya, 1), partial(noted, daniel, 2),
        turned, given, opened, managed, uploaded, uploaded,
    )  # fmt: skip
    no_errors(results)
    whole(cast.case)
    bundle = Bundle.objects.get(case=cast.case, slug="main")
    labels = Labels.of_bundle(bundle)
    every = [
        labels.label(document.pk, index)
        for document in Document.objects.served().select_related("current")
        for index in range(document.current.pages)
    ]
    assert None not in every
    assert len(every) == len(set(every))


def test_the_chain_is_held_before_anything_else(cast: Cast) -> None:
    """Who writes an entry holds the case first: otherwise two could wait for each other."""
    tom, priya, ruth = viewer(cast.tom), viewer(cast.priya), viewer(cast.ruth)
    (row,) = papers(cast.priya, [("J", "A", 2)])
    row = Document.objects.select_related("section__bundle", "current").get(pk=row.pk)
    page = Page.objects.select_related("version__document").get(pk=page_id(row.current_id, 0))
    hearing = courtroom.open_hearing(ruth, "Trial")
    bundle = row.section.bundle
    (other,) = papers(cast.priya, [("J", "B", 1)], serve=False)
    acts = {
        "serve": lambda: services.serve(priya, [other.pk]),
        "change": lambda: services.change_document(priya, row, {"title": "C", "position": 1}),
        "step": lambda: step(priya, row, "up"),
        "freeze": lambda: services.freeze(tom, bundle),
        "section": lambda: services.add_section(tom, bundle, "ZZ", "Extra", None),
        "defendant": lambda: services.add_defendant(tom, "Ann New"),
        "note": lambda: notes.create(priya, page, kind="note", body="n"),
        "floor": lambda: courtroom.give_floor(ruth, hearing, priya.participant),
        "turn": lambda: courtroom.turn_to(priya, hearing.pk, page.pk),
        "screen": lambda: courtroom.new_screen(tom, hearing, "Jury"),
        "opened": lambda: reading.opened(viewer(cast.daniel), page.version),
        "invite": lambda: people.invite(tom, "x@y.example", "observer", ["court"]),
        "upload": lambda: intake.receive(priya, bundle, "J", "a.pdf", [pdf(["One"])], serve=True),
        "read": lambda: process(Version.objects.get(name="a.pdf").pk),
        "close": lambda: courtroom.close(ruth, hearing),
        "withdraw": lambda: services.withdraw(priya, row, "done"),
    }
    for name, act in acts.items():
        with CaptureQueriesContext(connection) as told:
            act()
        held = free = True
        for sql in (one["sql"] for one in told.captured_queries):
            if sql in ("BEGIN", "COMMIT", "ROLLBACK"):
                held, free = False, True
            elif "journal_chain" in sql and "FOR UPDATE" in sql:
                assert free, f"{name}: the case is held too late, after something else: {sql}"
                held = True
            elif not held and _locks(sql):
                free = False


def _locks(sql: str) -> bool:
    asks = "FOR UPDATE" in sql and "SKIP LOCKED" not in sql
    return asks or sql.startswith(("UPDATE", "DELETE", "INSERT"))


def test_who_waits_for_too_long_is_told(cast: Cast, settings: Any, at_once: Any) -> None:
    """Somebody who holds a case up for longer than a wait may last: the others get an answer, and it goes on after."""
    import threading

    from casebundle.cases import mending

    holding, done = threading.Event(), threading.Event()

    def holder() -> None:
        with transaction.atomic():
            record.hold(cast.case.pk)
            holding.set()
            assert done.wait(60)

    def other() -> None:
        assert holding.wait(30)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '200ms'")
            invitations.see_as(viewer(cast.tom), viewer(cast.priya).participant)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '10s'")
            done.set()

    _held, told = at_once(holder, other)
    assert isinstance(told, OperationalError)
    found = mending.trouble(told)
    assert found is not None
    assert found.code == "busy"
    invitations.see_as(viewer(cast.tom), viewer(cast.priya).participant)
    assert Chain.objects.get(pk=cast.case.pk).seq == Entry.objects.filter(chain_id=cast.case.pk).count()
    assert cast.case.reference == REFERENCE
