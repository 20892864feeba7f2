"""Files in a bucket, on a real S3 server: the same law as in a folder."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from botocore.exceptions import ClientError
from django.core.checks import run_checks
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import AsyncRequestFactory, Client, RequestFactory, override_settings

from casebundle.bundles import drawing, files, s3
from casebundle.bundles.models import Page
from casebundle.cases import people
from casebundle.evidence import sweep
from tests import bucket as buckets
from tests.bucket import Bucket
from tests.cast import Cast, pdf, viewer

LARGE = 2 * s3.PART + 12345


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    made = buckets.make()
    yield made
    buckets.remove(made)


@pytest.fixture(scope="module")
def locked() -> Iterator[Bucket]:
    made = buckets.make(locks=True)
    yield made
    buckets.remove(made)


@pytest.fixture
def storage(bucket: Bucket, settings: Any, tmp_path: Path) -> Iterator[Any]:
    settings.DATA_DIR = tmp_path
    with bucket.used() as found:
        yield found


def named(data: bytes, kind: str = "originals") -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    return f"{kind}/{sha256[:2]}/{sha256}"


def uploads(bucket: Bucket) -> list[str]:
    return [
        one["UploadId"] for one in bucket.client.list_multipart_uploads(Bucket=bucket.name).get("Uploads", ())
    ]


@pytest.mark.parametrize("size", [0, 1, s3.PART - 1, s3.PART, LARGE])
def test_what_is_kept_comes_back_whole_and_in_parts(storage: Any, size: int) -> None:
    data = os.urandom(size)
    key = named(data)
    with pytest.raises(FileNotFoundError):
        storage.size(key)
    assert storage.save(key, ContentFile(data)) == key
    assert storage.exists(key)
    assert files.holds(key, size)
    with storage.open(key) as kept:
        assert kept.size == size
        assert kept.read() == data
        for at in {0, size // 3, max(0, size - 7)}:
            kept.seek(at)
            assert kept.read(11) == data[at : at + 11]
    if size:
        assert storage.flow(key, size // 2, 5).read() == data[size // 2 : size // 2 + 5]
    storage.delete(key)
    assert not storage.exists(key)
    storage.delete(key)
    with pytest.raises(FileNotFoundError):
        storage.open(key)


@pytest.mark.parametrize("size", [100, LARGE])
def test_what_is_not_what_its_name_says_is_not_kept(bucket: Bucket, storage: Any, size: int) -> None:
    key = named(os.urandom(10))
    with pytest.raises(OSError):
        storage.save(key, ContentFile(os.urandom(size)))
    assert not storage.exists(key)
    assert not uploads(bucket), "parts of it were left"


@pytest.mark.parametrize("size", [100, LARGE])
def test_what_is_there_is_not_written_again(locked: Bucket, settings: Any, size: int) -> None:
    data = os.urandom(size)
    key = named(data)
    with locked.used() as storage:
        for _time in range(2):
            storage.save(key, ContentFile(data))
        assert len(locked.versions(key)) == 1
        assert not uploads(locked)
        # Where it was deleted (of which a mark is left), it can be kept again.
        storage.delete(key)
        assert not storage.exists(key)
        storage.save(key, ContentFile(data))
        assert storage.exists(key)


def test_the_server_takes_the_checksum_itself(storage: Any) -> None:
    data = b"said by both"
    key = storage.save(named(data), ContentFile(data))
    assert storage.sha256(key) == hashlib.sha256(data).hexdigest()


def test_an_original_is_locked_where_the_bucket_can(locked: Bucket, bucket: Bucket, settings: Any) -> None:
    settings.STORAGE_RETENTION_DAYS, settings.STORAGE_RETENTION_MODE = 1, "GOVERNANCE"
    for size in (100, LARGE):
        data = os.urandom(size)
        with locked.used() as storage:
            key = storage.save(named(data), ContentFile(data))
            picture = storage.save("images/aa/bb/1/200/0", ContentFile(b"picture"))
        (version,) = locked.versions(key)
        with pytest.raises(ClientError, match=r"AccessDenied|locked|WORM"):
            locked.client.delete_object(Bucket=locked.name, Key=key, VersionId=version)
        assert "ObjectLockMode" not in locked.client.head_object(Bucket=locked.name, Key=picture)
    with bucket.used() as storage:  # one that cannot: kept all the same
        assert storage.exists(storage.save(named(b"no lock"), ContentFile(b"no lock")))


# --- what the bucket can do ---------------------------------------------------------------------
def said() -> set[str | None]:
    return {message.id for message in run_checks(tags=["files"], include_deployment_checks=True)}


def test_what_the_bucket_cannot_do_is_said(locked: Bucket, bucket: Bucket) -> None:
    assert said() == set()  # a folder
    with bucket.used():
        assert said() == {"casebundle.W001", "casebundle.W002", "casebundle.W003"}
        with override_settings(STORAGE_RETENTION_DAYS=7):
            assert "casebundle.W004" in said()
    with locked.used():
        assert said() == {"casebundle.W003", "casebundle.W005"}
        with override_settings(STORAGE_RETENTION_DAYS=7):
            assert said() == {"casebundle.W003"}
    with bucket.used(bucket_name="no-such-bucket-here"):
        assert said() == {"casebundle.E001"}
    with bucket.used(endpoint_url="http://127.0.0.1:1"):
        assert said() == {"casebundle.E001"}


# --- taken in, read, drawn ----------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_evidence_in_a_bucket_is_read_and_drawn_without_fetching_it_each_time(
    storage: Any, bucket: Bucket, served: Any
) -> None:
    document = served("H", *[f"page {n}" for n in range(3)])
    version = document.current
    assert bucket.keys()[files.original_key(version.sha256)] == version.size
    key = files.reading_key(version.reading)
    fetched: list[str] = []
    storage.client.meta.events.register(
        "before-send.s3.GetObject", lambda request, **_more: fetched.append(urlsplit(request.url).path)
    )
    for page in Page.objects.filter(version=version).select_related("version"):
        for _time in range(2):
            assert drawing.page_image(page, 800).startswith(b"\xff\xd8")
    assert len([path for path in fetched if key in path]) <= 1, "it is fetched once"
    assert f"images/{version.reading[:2]}/{version.reading}/1/800/2" in set(bucket.keys())


def test_copies_here_keep_within_their_limit(storage: Any, settings: Any) -> None:
    settings.STORAGE_CACHE_BYTES = 3000
    keys = []
    for _n in range(5):
        data = os.urandom(1000)
        keys.append(storage.save(named(data), ContentFile(data)))
    with files.on_disk(keys[0]) as used:
        for key in keys[1:]:
            with files.on_disk(key) as path:
                assert hashlib.sha256(path.read_bytes()).hexdigest() == key.rpartition("/")[2]
        assert used.exists(), "it was thrown away while it was read"
    left = [path for path in files.cache_folder().iterdir() if path.suffix != ".turn"]
    assert len(left) == 3
    assert sum(path.stat().st_size for path in left) <= 3000


def test_a_file_that_was_changed_where_it_is_kept_is_not_read(storage: Any, bucket: Bucket) -> None:
    key = named(b"as it came")
    bucket.client.put_object(Bucket=bucket.name, Key=key, Body=b"as it is now")
    with pytest.raises(OSError, match="not what its name says"), files.on_disk(key):
        pass


# --- given out ----------------------------------------------------------------------------------
def send(request: Any, key: str, size: int) -> Any:
    return files.send(
        request, key, size=size, etag="abc", name="Wŷl.pdf", media_type="application/pdf", attachment=True
    )


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [("", 200, slice(None)), ("bytes=5-9", 206, slice(5, 10)), ("bytes=-7", 206, slice(-7, None))],
)
async def test_a_small_one_flows_through_us(storage: Any, asked: str, status: int, part: slice) -> None:
    data = os.urandom(1_500_000)
    key = storage.save(named(data), ContentFile(data))
    response = send(
        AsyncRequestFactory().get("/", headers={"range": asked} if asked else None), key, len(data)
    )
    assert response.status_code == status
    assert response["Content-Security-Policy"].startswith("sandbox")
    assert b"".join([chunk async for chunk in response]) == data[part]


@pytest.mark.django_db
def test_a_large_one_is_fetched_from_the_bucket_itself(storage: Any, settings: Any) -> None:
    settings.STORAGE_PRESIGN_ABOVE = 1000
    data = b"<script>" + os.urandom(2000)
    key = storage.save(named(data), ContentFile(data))
    response = send(RequestFactory().get("/"), key, len(data))
    assert response.status_code == 302
    assert "no-store" in response["Cache-Control"]
    asked = parse_qs(urlsplit(response["Location"]).query)
    assert asked["X-Amz-Expires"] == ["60"]
    got = httpx.get(response["Location"], headers={"Range": "bytes=8-"})
    assert got.status_code == 206
    assert got.content == data[8:]
    assert got.headers["Content-Type"] == "application/pdf"
    assert got.headers["Content-Disposition"].startswith("attachment")
    # Nothing else can be had with it.
    for other in (
        response["Location"].replace(key[-8:], "0" * 8),
        response["Location"].replace("pdf", "html"),
    ):
        assert httpx.get(other).status_code == 403
    # Who looks whether they have it already is not sent away; what is shown and not saved is never elsewhere.
    assert (
        send(RequestFactory().get("/", headers={"if-none-match": '"abc"'}), key, len(data)).status_code == 304
    )
    assert send(RequestFactory().head("/"), key, len(data)).status_code == 200
    shown = files.send(
        RequestFactory().get("/"), key, size=len(data), etag="abc", name="x.pdf", media_type="application/pdf",
        attachment=False,
    )  # fmt: skip
    assert shown.status_code == 200
    shown.close()


def test_browsers_are_not_sent_where_they_cannot_go(bucket: Bucket, settings: Any) -> None:
    def address(**more: Any) -> str | None:
        storage = s3.WholeObjects(**bucket.options(**more))
        found: str | None = storage.address("originals/aa/x", shown="x.pdf", media_type="application/pdf")
        return found

    assert address()
    assert address(endpoint_url="http://s3:9000") is None
    found = address(endpoint_url="http://s3:9000", public="https://files.court.example")
    assert found is not None
    assert found.startswith("https://files.court.example/")
    settings.HTTPS = True
    assert address() is None
    assert address(endpoint_url="https://s3.court.example")


@pytest.mark.django_db(transaction=True)
def test_only_who_may_have_the_original_hears_where_it_is(
    storage: Any, settings: Any, cast: Cast, served: Any, client: Client
) -> None:
    settings.STORAGE_PRESIGN_ABOVE = 100
    document = served("H", "for Bates alone", visible_to=["bates"])
    path = f"/api/v1/documents/{document.pk}/original"
    expected = {"priya": 302, "daniel": 403, "mari": 404, "ruth": 302, "tom": 302, "sam": 404}
    for who, status in expected.items():
        token = people.new_token(cast[who], "test")[1]
        answer = client.get(path, headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == status, who
        assert ("Location" in answer.headers) is (status == 302)
        if status == 302:
            assert (
                hashlib.sha256(httpx.get(answer["Location"]).content).hexdigest() == document.current.sha256
            )
    assert client.get(path).status_code == 401


# --- away ---------------------------------------------------------------------------------------
@pytest.fixture
def shaky(bucket: Bucket, settings: Any, tmp_path: Path) -> Iterator[Any]:
    settings.DATA_DIR = tmp_path
    with buckets.through_a_proxy(bucket) as (through, proxy), through.used():
        yield proxy
        proxy.mend()


@pytest.mark.django_db(transaction=True)
def test_a_bucket_that_is_away_is_said_and_comes_back(
    shaky: Any, cast: Cast, served: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "REST", 0.1)
    document = served("H", "there before")
    page = Page.objects.select_related("version").get(version=document.current)
    drawing.page_image(page, 200)
    token = {"authorization": f"Bearer {people.new_token(cast.priya, 'test')[1]}"}
    path = f"/api/v1/documents/{document.pk}/original"
    upload = f"/api/v1/cases/{cast.case.reference}/documents"

    def send_one() -> Any:
        return client.post(
            upload, {"section": "H", "file": ContentFile(pdf(["while away"]), "away.pdf")}, headers=token
        )

    shaky.cut()
    for answer in (client.get(path, headers=token), send_one()):
        assert answer.status_code == 503
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["Retry-After"]
    # What is here already can be read on: the copy from which it was drawn.
    assert drawing.page_image(page, 1240).startswith(b"\xff\xd8")
    shaky.mend()
    time.sleep(0.2)
    assert client.get(path, headers=token).status_code == 200
    assert send_one().status_code == 202


@pytest.mark.django_db(transaction=True)
def test_the_worker_waits_for_the_bucket(shaky: Any, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from casebundle.bundles.models import Bundle, Version
    from casebundle.evidence import intake
    from casebundle.evidence.process import MAX_ATTEMPTS, process

    monkeypatch.setattr(s3, "REST", 0.0)
    main = Bundle.objects.get(case=cast.case, slug="main")
    document = intake.receive(viewer(cast.priya), main, "H", "one.pdf", [pdf(["waits"])])
    version = document.versions.get()
    shaky.cut()
    for _time in range(MAX_ATTEMPTS + 1):
        Version.objects.filter(pk=version.pk).update(lease_until=None)
        process(version.pk)
    version.refresh_from_db()
    assert (version.status, version.attempts) == ("received", 0), "an outage was counted against the file"
    shaky.mend()
    Version.objects.filter(pk=version.pk).update(lease_until=None)
    process(version.pk)
    version.refresh_from_db()
    assert version.status == "ready"


def test_a_download_that_breaks_is_taken_up_again(shaky: Any) -> None:
    data = os.urandom(6_000_000)
    key = default_storage.save(named(data), ContentFile(data))
    # Each connection gives four million bytes and ends.
    shaky.toxic("limit_data", bytes=4_000_000)
    with default_storage.open(key) as kept:
        assert kept.read() == data
    shaky.calm("limit_data")
    shaky.toxic("limit_data", bytes=1_000_000)
    with pytest.raises(OSError, match="breaks off"), default_storage.open(key) as kept:
        kept.read()
    shaky.calm("limit_data")


# --- swept --------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_what_belongs_to_nothing_is_swept_and_nothing_else(storage: Any, bucket: Bucket, served: Any) -> None:
    document = served("H", "kept")
    original = files.original_key(document.current.sha256)
    page = Page.objects.select_related("version").get(version=document.current)
    drawing.page_image(page, 200)
    orphan = storage.save(named(b"nobody's"), ContentFile(b"nobody's"))
    picture = storage.save(f"images/0f/{'0f' * 32}/1/200/0", ContentFile(b"x"))
    begun = bucket.client.create_multipart_upload(Bucket=bucket.name, Key="originals/aa/broken")["UploadId"]
    assert sweep.tidy_files() == 0, "they are young"
    assert {orphan, picture} <= set(bucket.keys())
    assert begun in uploads(bucket)
    assert sweep.tidy_files(age=-5) >= 3
    left = set(bucket.keys())
    assert original in left
    assert files.reading_key(document.current.reading_sha256) in left
    assert files.image_key(document.current.reading, 0, 200) in left
    assert orphan not in left
    assert picture not in left
    assert not uploads(bucket)
