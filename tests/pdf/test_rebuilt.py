"""A file that was cut short: its list of pages is lost, its pages are not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest

from casebundle.pdf import Refused, Sandbox
from tests.pdf.corpus import text_pdf

PAGES = 60


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox() as shared:
        yield shared


def packed(**options: object) -> bytes:
    """As most writers do now: pages in object streams, the list of them at the end."""
    out = io.BytesIO()
    with pikepdf.new() as whole:
        for number in range(1, PAGES + 1):
            with pikepdf.open(io.BytesIO(text_pdf([f"Page {number} of the statement"]))) as one:
                one.pages[0].Rotate = 90 if number % 2 else 0
                whole.pages.extend(one.pages)
        whole.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, **options)
    return out.getvalue()


@pytest.mark.parametrize("share", [0.99, 0.9])
def test_the_pages_that_are_there_are_shown_in_their_order(
    box: Sandbox, tmp_path: Path, share: float
) -> None:
    data = packed()
    path, out = tmp_path / "cut.pdf", tmp_path / "copy.pdf"
    path.write_bytes(data[: int(len(data) * share)])
    before = path.read_bytes()
    with pytest.raises(pikepdf.PdfError):
        pikepdf.open(path)
    found = box.prepare(path, out)
    assert found.repaired
    assert "rebuilt" in found.warnings
    pages = list(box.read(out))
    assert len(pages) == len(found.pages) == PAGES
    for number, page in enumerate(pages, 1):
        # A page whose contents were cut off is blank; what is there is in its place.
        assert page.text in (f"Page {number} of the statement", "")
        assert (page.width > page.height) == bool(number % 2)
    assert sum(bool(page.text) for page in pages) >= PAGES * share - 1
    assert path.read_bytes() == before


def test_what_was_encrypted_is_not_put_together(box: Sandbox, tmp_path: Path) -> None:
    path, out = tmp_path / "cut.pdf", tmp_path / "copy.pdf"
    path.write_bytes(packed(encryption=pikepdf.Encryption(user="secret", owner="secret")))
    with pytest.raises(Refused) as refused:
        box.prepare(path, out)
    assert refused.value.code == "encrypted"
    path.write_bytes(path.read_bytes() + b"%PDF-1.7\n/Encrypt 1 0 obj <</Type/Page>> endobj"[:-3])
    with pytest.raises(Refused):
        box.prepare(path, out)
    assert not out.exists()


@pytest.mark.parametrize(
    "lie",
    [
        b"/N 9999999 /First 10",
        b"/N 2 /First 99999999",
        b"/N 1 /First 4 /Filter/FlateDecode",
        b"/N 0 /First 0",
    ],
)
def test_a_list_that_lies_is_refused(box: Sandbox, tmp_path: Path, lie: bytes) -> None:
    path, out = tmp_path / "lies.pdf", tmp_path / "copy.pdf"
    body = b"7 0 8 5 <</Type/Page>> <</Type/Pages>>"
    path.write_bytes(b"%PDF-1.7\n5 0 obj\n<</Type/ObjStm " + lie + b">>stream\n" + body + b"\nendstream")
    with pytest.raises(Refused) as refused:
        box.prepare(path, out)
    assert refused.value.code in ("broken", "no_pages")
    assert not out.exists()
