"""The chain of a case's journal: nothing can be changed, taken out, added or cut off without being found."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from casebundle.journal import record
from casebundle.journal.audience import EVERYBODY, PUBLIC, join, meet, person, reaches, split
from casebundle.journal.models import Chain, Entry

pytestmark = pytest.mark.django_db

CASE = uuid.uuid4()
SOMEBODY = {"id": "7f1d", "name": "Priya Shah", "role": "prosecution", "party": "prosecution"}
COLUMNS = {field.column: field for field in Entry._meta.concrete_fields if field.column != "id"}


@pytest.fixture
def chain() -> list[Entry]:
    with transaction.atomic():
        return [
            record.append(
                CASE,
                "document.served",
                actor=SOMEBODY,
                audience=join(["bates", "court"]),
                document=uuid.uuid4(),
                data={"title": f"Statement {n} – Siân Llŷr", "pages": n, "ratio": 0.1},
            )
            for n in range(5)
        ]


def changed(value: str, at: int) -> str:
    return value[:at] + ("1" if value[at] != "1" else "2") + value[at + 1 :]


def test_a_chain_holds_and_says_where_its_head_is(chain):
    verdict = record.verify(CASE)
    assert verdict.holds
    assert (verdict.entries, verdict.head) == (5, chain[-1].hash)
    assert [entry.seq for entry in chain] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("column", sorted(COLUMNS))
def test_changing_any_byte_of_an_entry_is_found(chain, column):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT CAST({column} AS TEXT) FROM journal_entry WHERE seq = 3")
        stored = cursor.fetchone()[0]
        # Whoever changes the file itself is not held back by the checks of the database.
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        assert stored
        kind = Entry._meta.get_field(column.removesuffix("_id")).db_type(connection)
        typed = "%s" if connection.vendor == "sqlite" else f"CAST(%s AS {kind})"
        for at in range(len(stored)):
            with transaction.atomic():
                try:
                    with transaction.atomic():
                        cursor.execute(
                            f"UPDATE journal_entry SET {column} = {typed} WHERE seq = 3",
                            [changed(stored, at)],
                        )
                        cursor.execute(f"SELECT CAST({column} AS TEXT) FROM journal_entry WHERE seq = 3")
                        if cursor.fetchone()[0] == stored:
                            continue  # another way to write the same value: nothing was changed
                except IntegrityError:
                    # Two entries of one number, or of no case: the database does not even take it.
                    assert column in ("seq", "chain_id")
                    continue
                except DataError:
                    # No time, no id, no JSON: a database with types has no place for it.
                    assert connection.vendor != "sqlite"
                    continue
                holds = record.verify(CASE).holds
                transaction.set_rollback(True)
            assert not holds, f"byte {at} of {column} was changed and nobody noticed"
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
    assert record.verify(CASE).holds


def test_an_entry_taken_out_is_found(chain):
    Entry.objects.filter(seq=2).delete()
    assert record.verify(CASE).broken_at == 2


def test_entries_cut_off_the_end_are_found(chain):
    Entry.objects.filter(seq__gte=4).delete()
    verdict = record.verify(CASE)
    assert not verdict.holds
    assert "cut off" in verdict.why


def test_an_entry_rewritten_with_a_fitting_digest_is_found(chain):
    entry = Entry.objects.get(seq=3)
    entry.data = {"title": "Another statement"}
    entry.digest = record.digest_of(entry.content())
    entry.hash = record.link(entry.previous, entry.digest)
    entry.save()
    assert record.verify(CASE).broken_at == 4


def test_two_entries_that_change_places_are_found(chain):
    Entry.objects.filter(seq=2).update(seq=99)
    Entry.objects.filter(seq=3).update(seq=2)
    Entry.objects.filter(seq=99).update(seq=3)
    assert record.verify(CASE).broken_at == 2


def test_no_journal_is_a_chain_that_holds():
    assert record.verify(uuid.uuid4()).holds


def test_an_entry_is_written_with_its_change_or_not_at_all(chain):
    def change_that_fails() -> None:
        with transaction.atomic():
            record.append(CASE, "note.created")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_that_fails()
    assert record.verify(CASE).entries == 5
    assert Chain.objects.get(pk=CASE).seq == 5


@pytest.mark.django_db(transaction=True)
def test_no_entry_without_a_transaction():
    with pytest.raises(RuntimeError):
        record.append(CASE, "note.created")


def test_the_salt_keeps_a_hidden_entry_from_being_guessed(chain):
    with transaction.atomic():
        twice = [record.append(CASE, "note.created", data={"n": 1}) for _i in range(2)]
    assert twice[0].salt != twice[1].salt
    content = twice[0].content() | {"salt": ""}
    assert record.digest_of(content) != twice[0].digest


def test_times_are_kept_to_the_microsecond(chain):
    assert Entry.objects.get(seq=1).at == chain[0].at
    assert chain[0].at.tzinfo is datetime.UTC


def test_audiences():
    assert join(["court", "bates", "bates"]) == "|bates|court|"
    assert join(["bates", EVERYBODY]) == PUBLIC
    assert join(["court", "judge"]) == "|court|"
    assert join([]) == "|"
    assert split("|bates|court|") == {"bates", "court"}
    assert meet(PUBLIC, "|bates|") == "|bates|"
    assert meet("|bates|court|", "|doyle|court|") == "|court|"
    assert meet("|judge|", "|bates|court|") == "|judge|"
    assert meet("|bates|", "|doyle|") == "|"
    assert reaches("|bates|court|", ["court"])
    assert not reaches("|bates|", ["bat", "everybody", person("bates")])
    assert not reaches("|", [EVERYBODY])
