"""The journal through the API: anybody in the case can check the whole chain, and reads only what is theirs."""

from __future__ import annotations

import hashlib
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from casebundle.journal.models import Entry
from tests.cast import REFERENCE

JOURNAL = f"/cases/{REFERENCE}/journal"
CONTENT = ("chain", "seq", "at", "action", "actor", "audience", "document", "data", "salt")


def holds(items) -> bool:
    """The check as a program would write it that has nothing of ours."""
    previous = "0" * 64
    for seq, entry in enumerate(items, 1):
        if entry["seq"] != seq:
            return False
        if "data" in entry:
            content = {name: entry[name] for name in CONTENT}
            text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            if hashlib.sha256(text.encode()).hexdigest() != entry["digest"]:
                return False
        chained = hashlib.sha256((previous + entry["digest"]).encode()).hexdigest()
        if entry["previous"] != previous or entry["hash"] != chained:
            return False
        previous = entry["hash"]
    return True


@pytest.fixture
def history(served, by):
    document = served("H", "for Bates", visible_to=["bates"], title="Siân’s statement")
    page = f"/pages/{document.current.pk.hex}-1/notes"
    by("daniel").post(page, {"kind": "note", "body": "A weakness"})
    served("J", "for all")
    return document


def test_everybody_checks_the_whole_chain_and_reads_what_is_theirs(by, history):
    total = Entry.objects.filter(chain_id=history.case_id).count()
    for name in ("priya", "daniel", "mari", "ruth", "tom"):
        items = by(name).get(JOURNAL).data["items"]
        assert [entry["seq"] for entry in items] == list(range(1, total + 1))
        assert holds(items)
        hidden = [entry for entry in items if "action" not in entry]
        assert all(set(entry) == {"seq", "digest", "previous", "hash"} for entry in hidden)
        told = json.dumps(items)
        assert (str(history.pk) in told) == (name != "mari")
        assert ("note.created" in told) == (name == "daniel")
        assert "A weakness" not in told
    assert by("sam").get(JOURNAL).status_code == 404


def test_a_change_anywhere_is_found(by, history):
    items = by("daniel").get(JOURNAL).data["items"]
    for entry in items:
        for name in entry:
            changed = json.loads(json.dumps(items))
            changed[entry["seq"] - 1][name] = "x"
            assert not holds(changed), (entry["seq"], name)


def test_entries_after_a_number_and_in_parts(by, history):
    every = by("ruth").get(JOURNAL).data["items"]
    assert by("ruth").get(f"{JOURNAL}?after=3").data["items"] == every[3:]
    assert by("ruth").get(f"{JOURNAL}?after=9999").data == {"items": [], "next": None}
    found, cursor = [], None
    while True:
        part = by("ruth").get(JOURNAL, data={"limit": 2, **({"cursor": cursor} if cursor else {})}).data
        found, cursor = found + part["items"], part["next"]
        if cursor is None:
            break
    assert found == every
    for query in ("after=-1", "after=x", "limit=501", "cursor=x"):
        assert by("ruth").get(f"{JOURNAL}?{query}").status_code == 422


def test_verify_on_the_command_line(history):
    out = io.StringIO()
    call_command("verify", "t20267001", stdout=out)
    assert f"{Entry.objects.filter(chain_id=history.case_id).count()} entries" in out.getvalue()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE journal_entry SET action = 'document.lost' WHERE chain_id = %s AND seq = 5",
            [history.case_id.hex],
        )
        assert cursor.rowcount == 1
    with pytest.raises(CommandError, match="does NOT hold at entry 5"):
        call_command("verify", REFERENCE)
    with pytest.raises(CommandError, match="no case"):
        call_command("verify", "T1")
