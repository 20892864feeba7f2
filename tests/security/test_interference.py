"""What somebody may not see changes nothing that they can see: answers of two installations, beside each other.

The test knows no details: it asks by every row of the permission table, as everybody, and compares. What is admitted
to differ, and stands in docs/security.md: gaps in labels, and that the numbers of the journal count hidden entries.

INTERFERENCE_SEEDS and INTERFERENCE_ACTS make it larger: `make interference`.
"""

from __future__ import annotations

import datetime
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings

from casebundle.journal.models import Entry
from search.engines import engine
from tests.cases.test_permission_table import API, JSON, ROWS, filled
from tests.cast import REFERENCE
from tests.security import interference
from tests.security.interference import BEGIN, World, told

SEEDS = range(int(os.environ.get("INTERFERENCE_SEEDS", "1")))
ACTS = int(os.environ.get("INTERFERENCE_ACTS", "25"))
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
VIEWERS = ["priya", "daniel", "mari", "ruth", "tom", "sam", None]
C, AC = f"/cases/{REFERENCE}", f"{API}/cases/{REFERENCE}"
# Beside the permission table: lists in full, and searches whose order and counts would tell.
MORE: list[tuple[str, str, Any]] = [
    ("GET", f"{API}/search?q={words}&limit=500", None)
    for words in (
        "van", "the", "word1 OR word2 OR van", "wor*", "word3~", '"calder lane"', '"van lane"~9', "-van", "seen -red",
        "put right", "same file", "pager~", "p*", "word1", "word9 OR calder", "red OR green OR white OR blue",
    )
] + [
    ("GET", f"{C}/search/?q=van", None),
    ("GET", f"{AC}/journal?limit=500", None),
    ("GET", f"{C}/journal/?kind=documents", None),
    ("GET", f"{C}/journal/?kind=notes", None),
    ("GET", f"{API}/cases?limit=500", None),
    ("GET", f"{AC}/participants?limit=500", None),
    ("POST", f"{AC}/bundles/main/sections", {"letter": "NEW", "title": "Mine"}),
]  # fmt: skip
# Answers about this machine at this moment, and about no case.
LEFT_OUT = ("/readyz", "/healthz", "/metrics")


@contextmanager
def installation(acts: Any, who: str | None, whole: bool, tmp_path: Any) -> Iterator[World]:
    """One of the two, undone afterwards; its search index is its own."""
    folder = tmp_path / f"{who}-{whole}"
    prefix = f"test-{os.urandom(4).hex()}"
    with override_settings(SEARCH_DIR=folder, OPENSEARCH_INDEX=prefix), transaction.atomic():
        engine.cache_clear()
        yield interference.play(acts, who, whole)
        engine().close()
        transaction.set_rollback(True)
    engine.cache_clear()


def answers(
    world: World, who: str | None, names: dict[str, str]
) -> dict[str, tuple[int, dict[str, str], str]]:
    """(status, headers, text) of each address, by its place in the list and its text."""
    found = {}
    rows = [
        (method, address, data)
        for method, address, data, _expected in ROWS
        if not address.startswith(LEFT_OUT)
    ]
    chained = chained_hashes()
    for at, (method, address, data) in enumerate([*rows, *MORE]):
        with told(BEGIN + datetime.timedelta(days=5, minutes=at), f"{who} {at}"), transaction.atomic():
            response = ask(
                world,
                who,
                method,
                filled(address, names),
                data() if callable(data) else filled(data, names),
                data,
            )
            found[f"{at} {method} {address}"] = plain(response, chained)
            transaction.set_rollback(True)
    return found


def ask(world: World, who: str | None, method: str, path: str, sent: Any, data: Any) -> Any:
    client = Client(raise_request_exception=True)
    client.cookies["django_language"] = "en-gb"
    if who:
        client.force_login(world.cast[who], backend=BACKEND)
    if method == "GET":
        return client.get(path)
    if callable(data) or not path.startswith(API):
        return client.post(path, sent or {})
    return client.generic(method, path, "" if sent is None else json.dumps(sent), content_type=JSON)


# The journal's numbers count what is hidden. Not about what is seen: tokens of forms, how long a search took, until
# when a page may be kept.
ADMITTED = [
    (re.compile(r'("(?:seq|after|entry|served_entry)": ?)\d+'), r"\1N"),
    (re.compile(r"(/serve/receipt/)\d+-\d+"), r"\1N"),
    (re.compile(r"\b(entry|of|to|above|below)( |=)\d+\b"), r"\1\2N"),
    (re.compile(r"\b\d+( entr(?:y|ies)\b)"), r"N\1"),
    (re.compile(r'(data-label="Entry">|id="entry-|#entry-|\?before=)\d+'), r"\1N"),
    (re.compile(r'<li class="cb-journal__entry cb-journal__entry--hidden">[^<]*</li>\s*'), ""),
    (re.compile(r"\s+"), " "),
    (re.compile(r'("X-CSRFToken": "|name="csrfmiddlewaretoken" value="|"csrf": ")\w+'), r"\1N"),
    (re.compile(r'("took_ms": ?)[\d.]+'), r"\1N"),
    (re.compile(r"\bin \d+ ms\b"), "in N ms"),
]
# A continuous count goes through what is hidden: gaps are admitted.
GAPS = (re.compile(r'("(?:first|last)": ")\d+"'), r'\1N"')


def chained_hashes() -> frozenset[str]:
    """What follows from the place of an entry in its chain."""
    rows = Entry.objects.values_list("hash", "digest", "previous")
    return frozenset(value for row in rows for value in row)


def plain(response: Any, chained: frozenset[str]) -> tuple[int, dict[str, str], str]:
    """An answer without what is admitted to differ."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.hex()
    if response.headers.get("Content-Type", "").startswith("application/json"):
        text = journal_alone(text)
    headers = {
        key: value for key, value in response.headers.items() if key not in ("Content-Length", "Expires")
    }
    text = re.sub(r"\b[0-9a-f]{64}\b", lambda found: "H" if found[0] in chained else found[0], text)
    for pattern, instead in (*ADMITTED, GAPS):
        text = pattern.sub(instead, text)
        headers = {key: pattern.sub(instead, value) for key, value in headers.items()}
    return response.status_code, headers, text


def journal_alone(text: str) -> str:
    """The entries of the journal that are more than hashes, and of these what does not come from their place in it."""
    data = json.loads(text)
    items = data.get("items") if isinstance(data, dict) else None
    if not items or "previous" not in items[0]:
        return text
    kept = ("action", "actor", "at", "audience", "document", "data", "salt")
    return json.dumps([{key: one[key] for key in kept} for one in items if one.get("action")])


@pytest.mark.django_db
@pytest.mark.parametrize("who", VIEWERS)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_somebody_may_not_see_changes_nothing_that_they_can_see(
    seed: int, who: str | None, tmp_path: Any
) -> None:
    acts = interference.story(seed, ACTS)
    with installation(acts, who, True, tmp_path) as world:
        names = interference.names_of(world)
        whole = answers(world, who, names)
    with installation(acts, who, False, tmp_path) as world:
        # What is not there is asked for by the name that it has in the other one.
        fewer = answers(world, who, {**names, **interference.names_of(world)})
    wrong = [
        f"{address}: {difference(whole[address], fewer[address])}"
        for address in fewer
        if fewer[address] != whole[address]
    ]
    assert not wrong, f"{len(wrong)} differences for {who}:\n" + "\n".join(wrong[:40])


def difference(one: Any, other: Any) -> str:
    """Where two answers part."""
    if one[0] != other[0]:
        return f"{one[0]} with what is hidden, {other[0]} without: {one[2][-300:]} | {other[2][-300:]}"
    if one[1] != other[1]:
        return str(
            {
                key: (one[1].get(key), other[1].get(key))
                for key in {*one[1], *other[1]}
                if one[1].get(key) != other[1].get(key)
            }
        )
    at = next(
        (n for n, (a, b) in enumerate(zip(one[2], other[2], strict=False)) if a != b),
        min(len(one[2]), len(other[2])),
    )
    return f"…{one[2][max(0, at - 60) : at + 120]!r} | {other[2][max(0, at - 60) : at + 120]!r}"
