"""What people and programs are told when a part fails, and what is kept of their words."""

from __future__ import annotations

import datetime
import errno
import json
import os
import time
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, OperationalError
from django.test import Client
from django.utils import timezone

from casebundle.bundles import files
from casebundle.bundles.models import Bundle, Version
from casebundle.cases import mending
from casebundle.evidence import intake, sweep
from casebundle.evidence.process import LEASE, due
from tests.cast import REFERENCE, Cast, pdf, viewer

FULL = OperationalError("database or disk is full")


@pytest.mark.parametrize(
    ("exc", "code"),
    [
        (OSError(errno.ENOSPC, "x"), "full"),
        (OSError(errno.EDQUOT, "x"), "full"),
        (OSError(errno.EROFS, "x"), "locked"),
        (PermissionError(errno.EACCES, "x"), "locked"),
        (OSError(errno.EIO, "x"), "away"),
        (OSError(errno.EMFILE, "x"), "busy"),
        (FULL, "full"),
        (OperationalError("attempt to write a readonly database"), "locked"),
        (OperationalError("unable to open database file"), "locked"),
        (OperationalError("database is locked"), "busy"),
        (OperationalError("could not connect to server"), "away"),
        # Mistakes of ours, and what is nobody's outage.
        (OperationalError("no such column: x"), None),
        (IntegrityError("UNIQUE constraint failed"), None),
        (ConnectionResetError(errno.ECONNRESET, "x"), None),
        (FileNotFoundError(errno.ENOENT, "x"), None),
        (ValueError("x"), None),
    ],
)
def test_what_is_an_outage_and_what_is_not(exc: Exception, code: str | None) -> None:
    found = mending.trouble(exc)
    assert (found.code if found else None) == code


def test_an_outage_under_another_error_is_seen() -> None:
    try:
        try:
            raise OSError(errno.ENOSPC, "x")
        except OSError as error:
            raise RuntimeError("could not be kept") from error
    except RuntimeError as error:
        found = mending.trouble(error)
    assert found is not None
    assert found.code == "full"


@pytest.fixture
def browser(cast: Cast) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(cast.priya)
    return client


def failing(exc: Exception) -> Any:
    """Every look at somebody's part in a case fails."""
    return mock.patch("casebundle.cases.access._part_in", side_effect=exc)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("exc", "english", "welsh"),
    [
        (FULL, "no room left on the disk", "Nid oes lle ar ôl"),
        (OSError(errno.EROFS, "x"), "may not write to its own files", "Ni chaiff casebundle ysgrifennu"),
        (OperationalError("server closed the connection"), "casebundle is being mended", "yn cael ei drwsio"),
        (OperationalError("database is locked"), "very busy", "yn brysur iawn"),
    ],
)
def test_the_page_says_it_in_both_languages(
    browser: Client, exc: Exception, english: str, welsh: str
) -> None:
    with failing(exc):
        answer = browser.get(f"/cases/{REFERENCE}/", headers={"Accept": "text/html"})
    html = answer.content.decode()
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert english in html
    assert welsh in html
    assert f'href="/cases/{REFERENCE}/"' in html


@pytest.mark.django_db
def test_programs_get_a_problem(browser: Client) -> None:
    with failing(FULL):
        ours = browser.get(f"/cases/{REFERENCE}/serve/states", headers={"Accept": "application/json"})
        api = browser.get(f"/api/v1/cases/{REFERENCE}")
    for answer in (ours, api):
        assert answer.status_code == 503
        assert answer["Content-Type"].startswith("application/problem+json")
        assert int(answer["Retry-After"]) > 0
        said = json.loads(answer.content)
        assert said["status"] == 503
        assert "no room" in said["detail"]


@pytest.mark.django_db
def test_what_was_typed_comes_back_escaped_and_passwords_do_not(browser: Client) -> None:
    typed = 'An hour of work "quoted" <script>alert(1)</script>'
    with failing(FULL):
        answer = browser.post(f"/cases/{REFERENCE}/serve/", {"body": typed}, headers={"Accept": "text/html"})
        html = answer.content.decode()
        assert answer.status_code == 503
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
        assert "<script>" not in html
        assert html.count('method="post"') == 2  # in both languages
        secret = {"body": typed, "new_password1": "correct horse"}
        html = browser.post(f"/cases/{REFERENCE}/serve/", secret).content.decode()
    assert "correct horse" not in html
    assert 'method="post"' not in html


def test_where_the_session_itself_cannot_be_read(db: None) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "a" * 32
    where = "django.contrib.sessions.backends.db.SessionStore._get_session_from_db"
    with mock.patch(where, side_effect=OperationalError("disk I/O error")):
        answer = client.get("/", headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert "casebundle is being mended" in answer.content.decode()


@pytest.mark.django_db
def test_a_mistake_of_ours_is_not_called_an_outage(browser: Client) -> None:
    with failing(OperationalError("no such column: x")):
        assert browser.get(f"/cases/{REFERENCE}/").status_code == 500


async def test_a_body_that_finds_no_room_is_answered_after_it_was_sent() -> None:
    async def inner(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        raise OSError(errno.ENOSPC, "x")

    events = [{"type": "http.request", "body": b"x", "more_body": n < 2} for n in range(3)]
    sent: list[dict[str, Any]] = []

    async def receive() -> Any:
        return events.pop(0)

    async def send(event: Any) -> None:
        sent.append(event)

    scope = {
        "type": "http",
        "path": "/api/v1/cases/X/documents",
        "headers": [(b"accept", b"application/json")],
    }
    await mending.Mended(inner)(scope, receive, send)
    assert events == []
    assert sent[0]["status"] == 503
    assert dict(sent[0]["headers"])[b"retry-after"]
    assert json.loads(sent[1]["body"])["status"] == 503


def receive(user: Any, section: str, name: str, data: bytes) -> Any:
    who = viewer(user)
    return intake.receive(who, Bundle.objects.get(case=who.case, slug="main"), section, name, [data])


# --- files ------------------------------------------------------------------------------------
def test_a_file_is_there_as_a_whole_or_not_at_all(data_folder: Path) -> None:
    class Broken(ContentFile):  # type: ignore[type-arg]
        def chunks(self, chunk_size: int | None = None) -> Any:
            yield b"half"
            raise OSError(errno.ENOSPC, "x")

    with pytest.raises(OSError, match="x"):
        default_storage.save("images/ab/abc", Broken(b"whole"))
    assert not default_storage.exists("images/ab/abc")
    assert not list((data_folder / "tmp").glob("draft-*"))


def test_half_an_original_is_none(data_folder: Path, tmp_path: Path) -> None:
    key = files.original_key("ab" * 32)
    whole = tmp_path / "whole"
    whole.write_bytes(b"all of it")
    half = data_folder / "files" / key
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_bytes(b"all")
    files.keep(whole, key)
    assert half.read_bytes() == b"all of it"
    half.unlink()


@pytest.mark.django_db(transaction=True)
def test_what_belongs_to_nothing_is_swept_and_nothing_else(cast: Cast, data_folder: Path) -> None:
    document = receive(cast.priya, "J", "kept.pdf", pdf(["kept"]))
    kept = data_folder / "files" / files.original_key(document.versions.get().sha256)
    orphan = data_folder / "files" / files.original_key("0f" * 32)
    picture = data_folder / "files" / "images" / "0f" / ("0f" * 32) / "1" / "200" / "0"
    young = data_folder / "files" / files.original_key("0e" * 32)
    temporary = data_folder / "tmp" / "incoming-x"
    for path in (orphan, picture, young, temporary):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    old = time.time() - 2 * sweep.SAFE_AGE
    for path in (kept, orphan, picture.parents[2], temporary):
        os.utime(path, (old, old))
    sweep.tidy_files()
    assert kept.exists()
    assert young.exists()
    assert not orphan.exists()
    assert not picture.exists()
    assert not temporary.exists()
    # Nothing old is left to those who come after.
    young.unlink()
    kept.unlink()


@pytest.mark.django_db(transaction=True)
def test_bytes_that_were_swept_a_moment_ago_are_kept_again(cast: Cast, data_folder: Path) -> None:
    data = pdf(["sent twice"])
    keep = files.keep
    gone: list[str] = []

    def swept(path: Path, key: str) -> None:
        keep(path, key)
        if not gone:  # between the file and its row
            gone.append(key)
            (data_folder / "files" / key).unlink()

    with mock.patch("casebundle.bundles.files.keep", side_effect=swept):
        document = receive(cast.priya, "J", "twice.pdf", data)
    assert gone
    assert (data_folder / "files" / files.original_key(document.versions.get().sha256)).read_bytes() == data


@pytest.mark.django_db
def test_a_lease_of_before_the_clock_was_set_back_holds_nobody_up(cast: Cast) -> None:
    version = receive(cast.priya, "J", "leased.pdf", pdf(["leased"])).versions.get()
    for ahead, free in ((LEASE, False), (datetime.timedelta(days=1), True), (-LEASE, True)):
        Version.objects.filter(pk=version.pk).update(lease_until=timezone.now() + ahead)
        assert due().filter(pk=version.pk).exists() is free
