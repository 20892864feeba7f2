"""The virus scan, by a real clamd: what is infected goes no further, and what cannot be scanned waits or says so."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse

from casebundle.bundles.models import Bundle, Document, Version
from casebundle.bundles.services import serve
from casebundle.cases import people
from casebundle.evidence import intake, scan
from casebundle.evidence.process import MAX_ATTEMPTS, process
from casebundle.journal.models import Entry
from scripts import services
from tests.cast import Cast, pdf, viewer

# The harmless string that every scanner knows, put together here so that no file of ours holds it.
EICAR = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*").encode()
LIMIT = 3 * 1024 * 1024


class Clamd:
    """A scanner of our own, which can be ended and started again, and takes no more than LIMIT bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, services.free_port()
        (folder / "data").mkdir()
        (folder / "data" / "test.ndb").write_text(f"Eicar-Test-Signature:0:*:{EICAR.hex()}\n")
        (folder / "clamd.conf").write_text(
            f"TCPSocket {self.port}\nTCPAddr 127.0.0.1\nLocalSocket {folder}/sock\nForeground yes\n"
            f"DatabaseDirectory {folder}/data\nTemporaryDirectory {folder}/data\nStreamMaxLength {LIMIT}\n"
        )
        self.url, self.unix = f"tcp://127.0.0.1:{self.port}", f"unix:{folder}/sock"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        try:
            program = services.program("clamd", "clamav-daemon")
        except services.CannotStart as error:
            pytest.skip(f"needs clamd: {error}")
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [program, "-c", str(self.folder / "clamd.conf")], stdout=log, stderr=log
            )
        for _n in range(300):
            if services.listens(self.port):
                return
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.1)

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clamd]:
    made = Clamd(tmp_path_factory.mktemp("clamd"))
    made.start()
    yield made
    made.end()


@pytest.fixture(params=["tcp", "unix"])
def scanner(clamd: Clamd, settings: Any, request: pytest.FixtureRequest) -> Clamd:
    settings.CLAMD_URL = clamd.url if request.param == "tcp" else clamd.unix
    return clamd


@pytest.fixture
def used(clamd: Clamd, settings: Any) -> Clamd:
    settings.CLAMD_URL = clamd.url
    return clamd


def attached(data: bytes) -> bytes:
    """A PDF with a file attached inside, not packed: clamd 1.4 does not see the filter of a stream where there is a
    dictionary inside its dictionary, as there usually is."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(["Something is attached."]))) as whole:
        whole.attachments["readme.txt"] = data
        whole.save(out, stream_decode_level=pikepdf.StreamDecodeLevel.generalized, compress_streams=False)
    return out.getvalue()


def raw_inside(data: bytes) -> bytes:
    """A PDF with the bytes as they are, beside its pages."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(["Something is inside."]))) as whole:
        whole.Root.Odd = whole.make_stream(data)
        whole.save(out, compress_streams=False)
    return out.getvalue()


def packed_inside(data: bytes) -> bytes:
    """The same, compressed as every stream of a PDF is."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(["Something is inside."]))) as whole:
        stream = whole.make_stream(zlib.compress(data))
        stream.Filter = pikepdf.Name.FlateDecode
        whole.Root.Odd = stream
        whole.save(out)
    assert data not in out.getvalue()
    return out.getvalue()


# --- the client ---------------------------------------------------------------------------------
def test_the_scanner_answers(scanner: Clamd) -> None:
    assert scan.version().startswith("ClamAV")


@pytest.mark.parametrize("size", [0, 1, scan.CHUNK, 2 * scan.CHUNK + 5])
def test_what_is_clean_is_clean(scanner: Clamd, tmp_path: Path, size: int) -> None:
    path = tmp_path / "clean"
    path.write_bytes(os.urandom(size))
    scan.scan(path)


@pytest.mark.parametrize("at", [0, scan.CHUNK - 20, 2 * scan.CHUNK])
def test_what_is_infected_is_named(scanner: Clamd, tmp_path: Path, at: int) -> None:
    path = tmp_path / "infected"
    path.write_bytes(b"\n" * at + EICAR)
    with pytest.raises(scan.Infected) as found:
        scan.scan(path)
    assert "Eicar" in found.value.name


@pytest.mark.parametrize("size", [LIMIT + 1, 8 * LIMIT])
def test_what_is_too_long_is_said(scanner: Clamd, tmp_path: Path, size: int) -> None:
    path = tmp_path / "long"
    path.write_bytes(os.urandom(size))
    with pytest.raises(scan.TooLong):
        scan.scan(path)


@pytest.mark.parametrize(
    "said", [b"", b"stream: Can't allocate memory ERROR\0", b"UNKNOWN COMMAND\0", b"\0", b"x" * 9000]
)
def test_what_is_no_answer_says_nothing_about_the_file(said: bytes, settings: Any, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        settings.CLAMD_URL = f"tcp://127.0.0.1:{door.getsockname()[1]}"

        def answer() -> None:
            line = door.accept()[0]
            with line:
                while b"\0\0\0\0" not in line.recv(65536):
                    pass
                line.sendall(said)

        thread = threading.Thread(target=answer)
        thread.start()
        path = tmp_path / "clean"
        path.write_bytes(b"clean")
        with pytest.raises(scan.Away):
            scan.scan(path)
        thread.join()


# --- on the way in ------------------------------------------------------------------------------
def receive(cast: Cast, name: str, data: bytes, *, serve_it: bool = True) -> Document:
    main = Bundle.objects.get(case=cast.case, slug="main")
    return intake.receive(viewer(cast.priya), main, "H", name, [data], serve=serve_it)


def done(document: Document) -> Version:
    Version.objects.filter(document=document).update(lease_until=None)
    for version in document.versions.unfinished():
        process(version.pk)
    return document.versions.order_by("-number")[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("make", [lambda data: data, attached, raw_inside, packed_inside])
def test_what_is_infected_goes_no_further(used: Clamd, cast: Cast, client: Client, make: Any) -> None:
    document = receive(cast, "letter.pdf", make(EICAR))
    version = done(document)
    assert (version.status, version.reason_code) == ("refused", "infected")
    document.refresh_from_db()
    assert document.state == Document.State.STAGED
    entry = Entry.objects.get(chain_id=cast.case.pk, action="document.refused")
    assert entry.data["reason"] == "infected"
    with pytest.raises(Exception, match=r"(?i)letter"):
        serve(viewer(cast.priya), [document.pk])
    document.refresh_from_db()
    assert document.state == Document.State.STAGED
    for who, status in {"priya": 403, "ruth": 404, "daniel": 404}.items():
        token = {"authorization": f"Bearer {people.new_token(cast[who], 'test')[1]}"}
        answer = client.get(f"/api/v1/documents/{document.pk}/original", headers=token)
        assert answer.status_code == status
        assert EICAR not in b"".join(answer) if answer.streaming else EICAR not in answer.content
    said = client.get(
        f"/api/v1/documents/{document.pk}",
        headers={"authorization": f"Bearer {people.new_token(cast.priya, 'again')[1]}"},
    ).json()
    assert (said["status"], said["reason_code"]) == ("refused", "infected")
    assert "virus" in said["reason"]


@pytest.mark.django_db(transaction=True)
def test_what_is_clean_is_said_to_be_scanned(used: Clamd, cast: Cast, client: Client) -> None:
    document = receive(cast, "clean.pdf", pdf(["Nothing in it."]))
    version = done(document)
    assert version.status == "ready"
    assert "not_scanned" not in {each["code"] for each in version.warnings}
    token = {"authorization": f"Bearer {people.new_token(cast.priya, 'test')[1]}"}
    assert client.get(f"/api/v1/documents/{document.pk}/receipt", headers=token).json()["scanned"] is True
    client.force_login(cast.priya)
    page = client.get(reverse("evidence:receipt", args=[document.pk]))
    assert b"scanned for viruses and none was found" in page.content


@pytest.mark.django_db(transaction=True)
def test_what_is_too_long_for_the_scanner_says_so_on_its_receipt(
    used: Clamd, cast: Cast, client: Client
) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(["Long."]))) as whole:
        whole.Root.Odd = whole.make_stream(os.urandom(LIMIT + 1))
        whole.save(out)
    document = receive(cast, "long.pdf", out.getvalue())
    version = done(document)
    assert version.status == "ready"
    assert {"code": "too_long_to_scan"} in version.warnings
    token = {"authorization": f"Bearer {people.new_token(cast.priya, 'test')[1]}"}
    assert client.get(f"/api/v1/documents/{document.pk}/receipt", headers=token).json()["scanned"] is False


@pytest.mark.django_db(transaction=True)
def test_while_the_scanner_is_away_files_wait_and_say_so(used: Clamd, cast: Cast, client: Client) -> None:
    used.end()
    try:
        document = receive(cast, "waits.pdf", pdf(["It waits."]))
        for _time in range(MAX_ATTEMPTS + 2):
            version = done(document)
        assert (version.status, version.reason_code, version.attempts) == ("scanning", "scan_waits", 0)
        assert version.lease_until is not None, "it is asked for again and again without a pause"
        assert not version.pages
        client.force_login(cast.priya)
        page = client.get(f"/cases/{cast.case.reference}/serve/").content
        assert b"It waits for the virus scan" in page
    finally:
        used.start()
    version = done(document)
    assert (version.status, version.reason_code) == ("ready", "")
    document.refresh_from_db()
    assert document.state == Document.State.SERVED
