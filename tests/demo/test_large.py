"""Large cases are as real as what was served by hand, at any size."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from annotations.models import Note
from casebundle.bundles.labels import Labels
from casebundle.bundles.models import Bundle, Document, Page
from casebundle.cases.access import viewer_in
from casebundle.cases.models import User
from casebundle.demo.large import LONGEST, CannotMake, lengths
from casebundle.journal import record
from casebundle.journal.models import Entry
from search.indexing import due_documents


@pytest.mark.parametrize(
    ("documents", "pages"),
    [
        (1, 1),
        (1, LONGEST),
        (7, 7),
        (10, 100),
        (10, 109),
        (40, 100),
        (99, 1234),
        (1000, 100_000),
        (13, 130_000),
    ],
)
def test_lengths_make_up_what_was_asked_for(documents: int, pages: int) -> None:
    found = lengths(documents, pages)
    assert (len(found), sum(found)) == (documents, pages)
    assert min(found) >= 1
    assert max(found) <= LONGEST
    # Each value is a PDF that has to be written and read.
    assert len(set(found)) <= 13


@pytest.mark.parametrize(("documents", "pages"), [(0, 5), (5, 4), (1, LONGEST + 1), (-1, 3)])
def test_what_cannot_be_made_is_said(documents: int, pages: int) -> None:
    with pytest.raises(CannotMake):
        lengths(documents, pages)


def _make(**options: object) -> str:
    out = StringIO()
    call_command("make_case", stdout=out, **options)
    return out.getvalue()


@pytest.mark.django_db
def test_a_made_case_is_real() -> None:
    said = _make(
        reference="BIG1", documents=30, pages=60, staged=3, notes=30, hearings=2, journal=300, index=True
    )
    assert "Case BIG1: 60 pages in 30 documents" in said
    bundle = Bundle.objects.get(case__reference="BIG1", slug="main")
    served = Document.objects.filter(case=bundle.case).served().select_related("current")
    assert served.count() == 30
    assert Document.objects.filter(case=bundle.case, state="staged", current__status="ready").count() == 3
    assert Page.objects.filter(version__document__in=served).count() == 60
    labels = Labels.of_bundle(bundle)
    each = [labels.label(row.pk, n) for row in served for n in range(row.current.pages if row.current else 0)]
    assert None not in each
    assert len(set(each)) == 60
    # Every receipt says what it was served as, and the chain holds.
    verdict = record.verify(bundle.case_id)
    assert (verdict.holds, verdict.entries) == (True, 300)
    entries = Entry.objects.filter(chain_id=bundle.case_id)
    assert list(entries.order_by("seq").values_list("at", flat=True)) == sorted(
        entries.values_list("at", flat=True)
    )
    for row in served:
        assert row.served_entry is not None
        entry = entries.get(seq=row.served_entry)
        assert (entry.action, entry.document) == ("document.served", row.pk)
    assert Note.objects.filter(case=bundle.case).count() == 30
    # The cast opens it, each what is theirs, and it is found.
    private = served.filter(section__letter="PD1").first()
    assert private is not None
    for email, sees in (("daniel.okafor@chambers.example", True), ("mari.llwyd@siambrau.example", False)):
        user = User.objects.get(email=email)
        rows = Document.objects.visible_to(viewer_in(user, reference="BIG1"))
        assert rows.filter(pk=private.pk).exists() is sees
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        for part in ("", "main/", "main/H1", "notes/", "journal/", "search/?q=officer"):
            response = client.get(f"/cases/BIG1/{part}")
            assert response.status_code == 200, part
        assert "page" in client.get(f"/api/v1/pages/{each_page(served)}/text").json()
    assert not due_documents().filter(case=bundle.case).exists()
    with pytest.raises(CommandError, match="Choose another one with --reference"):
        _make(reference="BIG1", documents=1, pages=1)


def each_page(served: Any) -> str:
    page = Page.objects.filter(version__document__in=served, version__document__section__letter="H").first()
    assert page is not None
    return page.pk


@pytest.mark.django_db
def test_what_makes_no_sense_is_refused_in_words() -> None:
    with pytest.raises(CommandError, match="at least as many pages as documents"):
        _make(documents=10, pages=5)
    with pytest.raises(CommandError, match="Give numbers from 0"):
        _make(documents=1, pages=1, notes=-1)
