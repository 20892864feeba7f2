"""The test files of four PDF libraries and Debian's longest manuals, by the law of scripts/odd_law.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from casebundle.bundles import drawing
from casebundle.pdf import Refused, Sandbox
from scripts import odd_files
from scripts.odd_compare import UNLIKE, compare
from scripts.odd_law import MIB, Trial, worker_memory

FILES = [path for sdist in odd_files.SDISTS for path in odd_files.files(sdist)]
# What must be refused: each has a password that we are not told, or is no PDF in spite of its name.
REFUSED = {
    "ocrmypdf-17.13.0/tests/resources/invalid.pdf": "broken",
    "pikepdf-10.17.0/tests/resources/fuzz/378014596.pdf": "broken",
    "pikepdf-10.17.0/tests/resources/graph-encrypted.pdf": "encrypted",
    "pikepdf-10.17.0/tests/resources/newline-buffer-test.pdf": "no_pages",
    "pypdf-7.1.0/resources/crazyones-encrypted-256.pdf": "encrypted",
    "pypdf-7.1.0/resources/encrypted-file.pdf": "encrypted",
    "pypdf-7.1.0/resources/encryption/r2-user-password.pdf": "encrypted",
    "pypdf-7.1.0/resources/encryption/r3-user-password.pdf": "encrypted",
    "pypdf-7.1.0/resources/encryption/r4-aes-user-password.pdf": "encrypted",
    "pypdf-7.1.0/resources/encryption/r4-user-password.pdf": "encrypted",
    "pypdf-7.1.0/resources/encryption/r6-both-passwords.pdf": "encrypted",
    "pypdf-7.1.0/resources/encryption/r6-cleartext-metadata.pdf": "encrypted",
    "pypdf-7.1.0/resources/libreoffice-writer-password.pdf": "encrypted",
    "pypdfium2-5.15.2/tests/resources/encrypted.pdf": "encrypted",
}
# A password on the owner's side alone, and an empty one: nobody is asked for it.
REPAIRED = [f"pypdf-7.1.0/resources/encryption/r{n}-user-password.pdf" for n in (5, 6)]


def here(label: str) -> Path:
    return odd_files.cache() / "odd-files" / label


@pytest.mark.parametrize("sdist", odd_files.SDISTS, ids=lambda sdist: sdist.name)
def test_all_of_them_are_here(sdist: odd_files.Sdist) -> None:
    found = len(odd_files.files(sdist))
    if not found:
        pytest.skip("not fetched: make test-setup brings them")
    assert found == sdist.files


@pytest.mark.django_db
@pytest.mark.parametrize("path", FILES, ids=odd_files.label)
def test_it_ends_ready_or_refused(trial: Trial, usual_limits: Sandbox, path: Path) -> None:
    outcome = trial.take(path)
    assert outcome.problems == []
    assert outcome.kind == REFUSED.get(odd_files.label(path), "ready")
    assert outcome.seconds < usual_limits.limits.seconds
    assert usual_limits.peak_memory < 512 * MIB
    assert worker_memory() < 1024 * MIB


@pytest.mark.django_db
@pytest.mark.parametrize("label", REPAIRED)
def test_what_opens_without_a_password_is_opened(trial: Trial, label: str) -> None:
    if not here(label).exists():
        pytest.skip("not fetched: make test-setup brings them")
    outcome = trial.take(here(label))
    assert (outcome.kind, outcome.problems) == ("ready", [])
    assert "unlocked" in outcome.warnings
    assert "repaired" not in outcome.warnings, "there was no damage"


@pytest.mark.django_db
def test_what_one_library_alone_opens_says_so(trial: Trial) -> None:
    path = here("pikepdf-10.17.0/fuzzing/corpus/small.pdf")
    if not path.exists():
        pytest.skip("not fetched: make test-setup brings them")
    assert "pages_unsure" in trial.take(path).warnings


@pytest.mark.needs("pdftoppm", "pdftotext")
@pytest.mark.parametrize("path", FILES[::3], ids=odd_files.label)
def test_the_first_page_looks_and_reads_as_in_poppler(tmp_path: Path, path: Path) -> None:
    if odd_files.label(path) in REFUSED or odd_files.label(path) in UNLIKE:
        return
    box = drawing.sandbox()
    source = tmp_path / "copy.pdf"
    try:
        found = box.prepare(path, source)
    except Refused as refused:
        pytest.fail(refused.detail)
    source = source if found.repaired else path
    like = compare(box, source, next(box.read(source, 0, 0)))
    assert isinstance(like, str) or like.alike, like


@pytest.mark.parametrize("manual", odd_files.MANUALS, ids=lambda manual: manual.package)
def test_long_manuals_are_read_to_the_end(manual: odd_files.Manual) -> None:
    path = odd_files.manual(manual)
    if not path.exists():
        pytest.skip(f"not fetched: {manual.package} of Debian, make test-setup brings it")
    with Sandbox() as box:
        found = box.inspect(path)
        assert len(found.pages) >= manual.pages
        assert found.warnings == []
        count = words = 0
        for page in box.read(path):
            assert (page.index, page.cut) == (count, False)
            count, words = count + 1, words + len(page.words)
        assert count == len(found.pages)
        assert words > 100 * count
        assert box.peak_memory < 512 * MIB
        assert box.started < 8
