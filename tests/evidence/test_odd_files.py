"""Every odd PDF, through intake and worker: each ends ready or refused with its reason in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from casebundle.bundles.models import Bundle, Page, PageText, Version
from casebundle.evidence import words
from casebundle.evidence.intake import receive
from casebundle.evidence.process import due, process
from tests.cast import Cast, viewer
from tests.pdf.corpus import READY, corpus


@pytest.mark.slow
@pytest.mark.django_db
def test_every_odd_file_ends_ready_or_refused(cast: Cast, tmp_path: Path) -> None:
    who, bundle = viewer(cast.priya), Bundle.objects.get(case=cast.case)
    expected = {}
    for name, path, wanted in corpus(tmp_path):
        with path.open("rb") as data:
            document = receive(who, bundle, "J", f"{name}.pdf", iter(lambda data=data: data.read(65536), b""))
        expected[document.versions.get().pk] = (name, wanted)
    for pk in expected:
        process(pk)
    assert not due().exists()
    wrong = []
    for version in Version.objects.filter(pk__in=expected):
        name, wanted = expected[version.pk]
        found = "ready" if version.status == "ready" else version.reason_code
        allowed = {"ready"} if wanted == READY else {wanted} if isinstance(wanted, str) else set(wanted)
        if found not in allowed:
            wrong.append(f"{name}: {found}, not {sorted(allowed)}")
        if version.status == "ready":
            assert Page.objects.filter(version=version).count() == version.pages == version.pages_done, name
            assert PageText.objects.filter(page__version=version).count() == version.pages, name
            for warning in version.warnings:
                assert warning["code"] in words.WARNINGS, f"{name}: no words for {warning['code']}"
        else:
            assert version.reason_code in words.REASONS, f"{name}: no words for {version.reason_code}"
            assert words.reason(version.reason_code)
    assert not wrong, "\n".join(wrong)
