"""However large a case is, a page of it takes as many queries. Times are measured by bench/size.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, resolve

from casebundle.bundles import services
from casebundle.bundles.labels import Labels
from casebundle.bundles.models import Document
from casebundle.cases.access import viewer_in
from casebundle.cases.models import User
from casebundle.demo import large
from casebundle.demo.cast import PRICE, SHAH
from casebundle.journal import record
from search.indexing import index_due
from tests import size_table as table
from tests.cases import test_permission_table as permissions

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def worlds(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, str]]:
    """The names of what is in a small case."""
    with django_db_blocker.unblock(), transaction.atomic():
        small = table.build("SMALL1", 25, 30, 2, staged=2, notes_wanted=80, hearings=2, journal=400)
        index_due()
        yield small
        transaction.set_rollback(True)


def test_every_page_takes_as_many_queries_in_a_large_case_as_in_a_small_one(worlds: dict[str, str]) -> None:
    before = {(address, who): (status, sql) for address, who, status, sql in table.walk(worlds)}
    # Twelve more cases for everybody, and the one that is looked at has of everything much more.
    for n in range(12):
        services.create_case(User.objects.get(email=PRICE), f"MORE{n}", f"R v More {n}", "Leeds")
    grown_up = table.build("LARGE1", 75, 500, 16, staged=30, notes_wanted=300, hearings=20, journal=1000)
    index_due()
    grown, seen = [], set()
    for address, who, status, sql in table.walk(grown_up):
        held, small = before[address, who]
        assert (status, who, address) == (held, who, address)
        if status < 400:
            seen.add(address)
        if len(sql) > len(small):
            more = [
                one[:300] for one in sql if sql.count(one) > 1 or not any(one[:60] == s[:60] for s in small)
            ]
            grown.append(
                f"{address} ({who}): {len(small)} queries, then {len(sql)}\n    " + "\n    ".join(more[:6])
            )
    assert not grown, "pages that take more queries in a larger case:\n" + "\n".join(grown)
    wrong = {f"{table.API}/", f"{table.API}/nothing-here", f"{table.C}/main/ZZ9", "/metrics"}
    assert set(table.ROWS) - seen == wrong, "rows that answer nobody"


def test_serving_and_moving_take_as_many_statements_for_many_documents_as_for_few(
    worlds: dict[str, str],
) -> None:
    """The write lock is held meanwhile: a thousand documents must not cost thousands of statements."""
    viewer = viewer_in(User.objects.get(email=SHAH), reference=worlds["case"])
    serving, moving = [], []
    for count in (2, 40):
        staged = large.stage(viewer, count, 1)
        assert len(staged) == count
        with CaptureQueriesContext(connection) as queries:
            services.serve(viewer, staged)
        serving.append(len(queries))
        row = Document.objects.select_related("section__bundle", "current").get(pk=staged[-1])
        with CaptureQueriesContext(connection) as queries:
            services.change_document(viewer, row, {"position": 0})
        moving.append(len(queries))
        labels = Labels.of_bundle(row.section.bundle)
        assert labels.label(row.pk, 0) == "J1"
    # Entries are written in portions: a database takes so many values in one statement.
    assert serving[1] <= serving[0] + 3
    assert moving[1] <= moving[0] + 2
    assert record.verify(viewer.case_id).holds


def test_every_address_that_is_read_has_a_row(worlds: dict[str, str]) -> None:
    covered = {resolve(table.filled(address, worlds).partition("?")[0]).route for address in table.ROWS}
    missing = []
    for route, callback in permissions._routes(get_resolver().url_patterns):
        if route.startswith("accounts/") or route in covered:
            continue
        methods = permissions._methods(callback)
        if methods != {"*"} and "GET" not in methods:
            continue
        missing.append(route)
    # Those of pages that only take POST answer 405 to everybody.
    client = table.reader(PRICE)
    reads = []
    for route in missing:
        path = "/" + route
        for part, value in (
            ("<slug:reference>", worlds["case"]),
            ("<str:reference>", worlds["case"]),
            ("<slug:slug>", "main"),
            ("<str:code>", worlds["code"]),
        ):
            path = path.replace(part, value)
        path = path.replace("<uuid:pk>", "00000000-0000-0000-0000-000000000000").replace("$", "")
        if client.get(path).status_code != 405:
            reads.append(f"/{route}")
    assert not reads, "addresses without a row in tests/size_table.py:\n" + "\n".join(sorted(reads))
