"""Files as answers: flowing, in parts, and never as a whole in memory."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import AsyncRequestFactory, RequestFactory

from casebundle.bundles import files
from casebundle.bundles.files import CHUNK

DATA = bytes(range(256)) * ((2 * CHUNK) // 256) + b"the end"


@pytest.fixture
def key() -> Any:
    name = default_storage.save("sending/one.pdf", ContentFile(DATA))
    yield name
    default_storage.delete(name)


def send(request: Any, key: str) -> Any:
    return files.send(
        request,
        key,
        size=len(DATA),
        etag="abc",
        name="One.pdf",
        media_type="application/pdf",
        attachment=True,
    )


RANGES = [
    ("", 200, DATA, None),
    ("bytes=0-9", 206, DATA[:10], f"bytes 0-9/{len(DATA)}"),
    (f"bytes={CHUNK - 3}-{CHUNK + 2}", 206, DATA[CHUNK - 3 : CHUNK + 3], None),
    ("bytes=-7", 206, b"the end", f"bytes {len(DATA) - 7}-{len(DATA) - 1}/{len(DATA)}"),
    (f"bytes={len(DATA)}-", 416, b"", f"bytes */{len(DATA)}"),
]


@pytest.mark.parametrize(("asked", "status", "body", "said"), RANGES)
async def test_over_the_server_it_flows(key: str, asked: str, status: int, body: bytes, said: str | None):
    response = send(AsyncRequestFactory().get("/", headers={"range": asked} if asked else None), key)
    assert response.status_code == status
    if status != 416:
        assert response.is_async, "a plain iterator is taken into memory whole before the first byte is sent"
        chunks = [chunk async for chunk in response]
        assert b"".join(chunks) == body
        assert max(map(len, chunks)) <= CHUNK
        assert response["Content-Length"] == str(len(body))
    if said:
        assert response["Content-Range"] == said


# The end of an answer looks after the database's connections, where there are any.
@pytest.mark.django_db
@pytest.mark.parametrize(("asked", "status", "body", "said"), RANGES)
def test_without_a_loop_it_does_too(key: str, asked: str, status: int, body: bytes, said: str | None):
    response = send(RequestFactory().get("/", headers={"range": asked} if asked else None), key)
    assert response.status_code == status
    if status != 416:
        assert b"".join(response) == body
    response.close()
