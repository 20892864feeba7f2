"""How much is taken in: by request, by field, by name; and from whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from casebundle.cases import people
from tests.cast import REFERENCE, pdf, viewer

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
UPLOAD = f"/api/v1/cases/{REFERENCE}/documents"


# --- before Django is asked -----------------------------------------------------------------------
class Inner:
    """In Django's place: takes in everything, and says how much."""

    def __init__(self) -> None:
        self.came: int | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.came = 0
        while True:
            event = await receive()
            if event["type"] == "http.disconnect":
                return
            self.came += len(event.get("body", b""))
            if not event.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def sent(
    path: str, size: int, headers: dict[str, str] | None = None, announced: bool = True, method: str = "POST"
) -> Any:
    """(status, bytes that reached Django, the answer) of a POST with so many bytes."""
    from casebundle.cases.bodies import Bodies

    inner = Inner()

    async def body() -> AsyncIterator[bytes]:
        left = size
        while left > 0:
            yield b"x" * min(left, 65536)
            left -= 65536

    more = {"Content-Length": str(size)} if announced else {}
    transport = httpx.ASGITransport(app=Bodies(inner))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        answer = await client.request(method, path, content=body(), headers={**(headers or {}), **more})
    return answer.status_code, inner.came, answer


@pytest.fixture
def little(settings: Any) -> Any:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100_000
    settings.UPLOAD_MAX_BYTES = 8_000_000
    return settings


async def test_what_is_announced_as_too_large_is_not_taken_in(little: Any) -> None:
    for path in ("/accounts/login/", "/api/v1/cases", f"/cases/{REFERENCE}/serve/rows", "/no/such/page"):
        status, came, _answer = await sent(path, 1_300_000)
        assert (status, came) == (413, None), path
        assert (await sent(path, 1_000_000))[0] == 200
    assert (await sent(UPLOAD, 9_100_000))[:2] == (413, None)


async def test_what_is_not_announced_is_cut_off(little: Any) -> None:
    status, came, answer = await sent("/accounts/login/", 50_000_000, announced=False)
    assert status == 413
    assert came < 1_300_000
    assert answer.json()["detail"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_no_method_is_a_way_round(little: Any, method: str) -> None:
    for path in ("/", UPLOAD):
        assert (await sent(path, 3_000_000, method=method))[:2] == (413, None)
        status, came, _answer = await sent(path, 50_000_000, announced=False, method=method)
        assert status == 413
        assert came < 1_300_000


async def test_evidence_is_taken_from_people_who_are_signed_in(little: Any) -> None:
    for announced in (True, False):
        status, came, answer = await sent(UPLOAD, 5_000_000, announced=announced)
        assert (status, came) == (401, None)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["WWW-Authenticate"]
    for headers in ({"Authorization": "Basic xyz"}, {"Cookie": "other=1"}):
        assert (await sent(f"/cases/{REFERENCE}/serve/upload", 5_000_000, headers))[0] == 401


@pytest.mark.django_db(transaction=True)
async def test_with_a_session_or_a_token_it_is_taken(little: Any, cast: Any) -> None:
    @sync_to_async
    def keys() -> tuple[str, str]:
        client = Client()
        client.force_login(cast.priya, backend=BACKEND)
        return client.cookies["sessionid"].value, people.new_token(cast.priya, "t")[1]

    session, token = await keys()
    for headers in ({"Cookie": f"sessionid={session}"}, {"Authorization": f"Bearer {token}"}):
        assert (await sent(UPLOAD, 5_000_000, headers))[:2] == (200, 5_000_000)
        assert (await sent(UPLOAD, 5_000_000, headers, announced=False))[:2] == (200, 5_000_000)
        status, came, _answer = await sent(UPLOAD, 20_000_000, headers, announced=False)
        assert status == 413
        assert came < 9_200_000
    for headers in ({"Cookie": f"sessionid={session[:-1]}x"}, {"Authorization": f"Bearer {token}x"}):
        assert (await sent(UPLOAD, 5_000_000, headers))[0] == 401


async def test_the_refusal_is_in_the_language_and_shape_of_the_asker(little: Any) -> None:
    page = (await sent("/accounts/login/", 2_000_000, {"Accept": "text/html"}))[2]
    assert page.headers["Content-Type"].startswith("text/html")
    assert "That is too large" in page.text
    assert "Mae hynny’n rhy fawr" in page.text
    english = (await sent("/api/v1/cases", 2_000_000))[2].json()["detail"]
    welsh = (await sent("/api/v1/cases", 2_000_000, {"Accept-Language": "cy"}))[2].json()["detail"]
    assert english != welsh
    for answer in (page, (await sent(UPLOAD, 2_000_000))[2]):
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer.headers["Cache-Control"]


async def test_lengths_that_are_none_are_no_way_in(little: Any) -> None:
    for told in ("-1", "x", "9" * 40, "1e3", ""):
        status, came, _answer = await sent(
            "/accounts/login/", 3_000_000, {"Content-Length": told}, announced=False
        )
        assert status == 413
        assert came is None or came < 1_300_000


# --- within ---------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_form_has_so_many_fields_and_files(cast: Any, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 50
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 5
    client = Client()
    client.force_login(cast.priya, backend=BACKEND)
    fields = {f"title-{n}": "x" for n in range(60)}
    files = {"files": [SimpleUploadedFile(f"{n}.pdf", pdf(), "application/pdf") for n in range(8)]}
    for address, sent_ in (("/account/", fields), (f"/cases/{REFERENCE}/serve/", files)):
        answer = client.post(address, sent_)
        assert answer.status_code == 413, address
        assert "That is too large" in answer.content.decode()
    answer = client.post("/account/", fields, headers={"Accept": "application/json"})
    assert (answer.status_code, list(answer.json())) == (413, ["detail"])
    # What cannot be read at all.
    answer = client.get("/account/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "We could not understand that request" in answer.content.decode()
    answer = client.post(UPLOAD, {**fields, "section": "A"})
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_names_of_files_are_kept_short_and_plain(cast: Any) -> None:
    from casebundle.bundles.models import Version

    client = Client()
    client.force_login(cast.priya, backend=BACKEND)
    names = {
        "a" * 255 + ".pdf": ".pdf",
        "C:\\Users\\me\\Statement.pdf": "Statement.pdf",
        "../../etc/passwd": "passwd",
        "...pdf": "pdf",
        "\u202efdp.exe": "fdp.exe",
        "two  spaces\t.pdf": "two spaces.pdf",
        "Ŵŷ Gwŷr.pdf": "Ŵŷ Gwŷr.pdf",
    }
    for name, ending in names.items():
        # Written by hand: a program sends what it likes.
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        body = (
            b'--x\r\nContent-Disposition: form-data; name="section"\r\n\r\nA\r\n'
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="' + quoted.encode() + b'"\r\n'
            b"Content-Type: application/pdf\r\n\r\n" + pdf([name[:20]]) + b"\r\n--x--\r\n"
        )
        answer = client.generic("POST", UPLOAD, body, "multipart/form-data; boundary=x")
        assert answer.status_code == 202, (name, answer.content)
        kept = Version.objects.get(document=answer.json()["id"]).name
        assert kept.endswith(ending), (name, kept)
        assert 1 <= len(kept) <= 200
    assert viewer(cast.priya).party == "prosecution"
