"""Files in an S3 bucket by the law of files.WholeFiles: there as a whole or not at all, never changed, and what is
there already is not written again.

Everything that fails is an OSError here, as it would be on a disk: who meets it need not know where files are.
`STORAGE_URL` names the bucket (settings.py); what it can do beyond the least is asked once (`abilities`).
"""

from __future__ import annotations

import base64
import datetime
import errno
import hashlib
import io
import logging
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any, cast
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)
from django.conf import settings
from django.core.files import File
from django.utils import timezone
from django.utils.http import content_disposition_header
from storages.backends.s3 import S3Storage
from urllib3.exceptions import HTTPError

log = logging.getLogger(__name__)

MIB = 1024 * 1024
# Up to this (bytes) in one request; above it in parts of that size, so many at once: 8 × 4 MiB are held, whatever
# the size of the file, and 10,000 parts are 80 GB.
PART = 8 * MIB
AT_ONCE = 4
# Seconds. Who waits at a screen hears after a few that it is being mended, and not after minutes.
CONNECT, READ, TRIES = 3, 15, 3
# How long (seconds) nobody asks again after a server that did not answer: else everybody waits for it by themselves.
REST = 2.0
PRESIGNED = 60  # seconds for which such an address is good
RESUMES = 3  # times that a download takes up where its line broke
# Kept for ever and named by the SHA-256 of their bytes.
NAMED = re.compile(r"(?:^|/)(originals|reading)/[0-9a-f]{2}/([0-9a-f]{64})$")

NOT_THERE = {"NoSuchKey", "404", "NotFound"}
NO_ROOM = {"InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "507", "EntityTooLarge"}
NOT_ALLOWED = {
    *("AccessDenied", "403", "Forbidden", "InvalidAccessKeyId", "SignatureDoesNotMatch", "NoSuchBucket"),
    *("XAdminUserNotFound", "ExpiredToken", "InvalidToken", "AllAccessDisabled", "AccountProblem"),
}
CANNOT = {"NotImplemented", "MethodNotAllowed", "501", "405"}


class StorageError(OSError):
    """The bucket did not do it. `errno` says how it is met (EIO: away, ENOSPC: full, EACCES: not allowed);
    `mends` is what whoever runs this can do about it."""

    def __init__(self, number: int, text: str, mends: str) -> None:
        super().__init__(number, text)
        self.mends = mends


@dataclass(frozen=True)
class Abilities:
    """What a bucket can do beyond the least. `encrypted`: by itself, whatever is asked of it."""

    versions: bool
    locks: bool
    encrypted: bool

    def missing(self) -> Iterator[tuple[str, str]]:
        """(what it cannot do, what follows from that) as sentences without an end."""
        if not self.versions:
            yield "keeps no versions", "what is deleted or written over by whoever has its key is gone"
        if not self.locks:
            yield "has no object lock", "originals can be deleted by whoever has its key"
        if not self.encrypted:
            yield "does not say that it encrypts", "see that its disks are encrypted"


class WholeObjects(S3Storage):  # type: ignore[misc]
    """A bucket where a file is there as a whole or not at all.

    One client for the process: it is safe for threads and keeps its connections, and making one takes long.
    """

    def __init__(self, **options: Any) -> None:
        # `public`: the address under which browsers reach the same bucket, where that is another one.
        self.public = options.pop("public", "") or ""
        options.setdefault("client_config", self._config(options.get("endpoint_url")))
        super().__init__(**options)
        self._making = threading.Lock()
        self._made: dict[str, Any] = {}
        self._able: Abilities | None = None
        self._rest_until = 0.0
        self._told_sse = False

    @staticmethod
    def _config(endpoint: str | None) -> Config:
        return Config(
            connect_timeout=CONNECT,
            read_timeout=READ,
            retries={"mode": "standard", "total_max_attempts": TRIES},
            max_pool_connections=64,
            # Ours are given where they are wanted; not every server takes those that newer clients add.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            signature_version="s3v4",
            # The bytes are held by the checksum that goes with them, which is signed: once is enough.
            s3={"addressing_style": "path" if endpoint else "auto", "payload_signing_enabled": False},
            tcp_keepalive=True,
        )

    # --- the connection -------------------------------------------------------------------------
    def _client(self, endpoint: str | None) -> Any:
        with self._making:
            if (endpoint or "") not in self._made:
                made = boto3.Session(
                    aws_access_key_id=self.access_key,
                    aws_secret_access_key=self.secret_key,
                    aws_session_token=self.security_token,
                ).client(
                    "s3",
                    region_name=self.region_name,
                    endpoint_url=endpoint,
                    config=self.client_config,
                    verify=self.verify,
                )
                self._made[endpoint or ""] = made
            return self._made[endpoint or ""]

    @property
    def client(self) -> Any:
        return self._client(self.endpoint_url)

    def __getstate__(self) -> dict[str, Any]:
        raise TypeError("a storage stays in its process")

    @property
    def where(self) -> str:
        """For the log and for people who run it."""
        return f"the bucket {self.bucket_name}" + (f" on {self.endpoint_url}" if self.endpoint_url else "")

    def key(self, name: str) -> str:
        return str(self._normalize_name(name))

    @contextmanager
    def asking(self, *, rest: bool = True) -> Iterator[None]:
        """Around every call: what it raises becomes an OSError. A server that did not answer is left in peace."""
        if rest and time.monotonic() < self._rest_until:
            raise StorageError(errno.EIO, f"{self.where} does not answer", "It did not answer a moment ago.")
        try:
            yield
        except ClientError as error:
            raise self._meant(error) from error
        except (BotoCoreError, HTTPError) as error:
            if isinstance(error, (EndpointConnectionError, ConnectTimeoutError)):
                self._rest_until = time.monotonic() + REST
            if isinstance(error, (ConnectionError, HTTPClientError, HTTPError)):
                mends = f"See that {self.where} is up and can be reached; everything goes on by itself."
            else:
                mends = "STORAGE_URL, AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is wrong or missing."
            raise StorageError(errno.EIO, f"{self.where} does not answer: {error}", mends) from error

    def _meant(self, error: ClientError) -> OSError:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = str(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
        if code in NOT_THERE:
            return FileNotFoundError(errno.ENOENT, str(error))
        said = f"{self.where} refused: {error}"
        if code in NO_ROOM or status == "507":
            return StorageError(
                errno.ENOSPC, said, f"Give {self.where} more room; everything goes on by itself."
            )
        if code in NOT_ALLOWED:
            return StorageError(
                errno.EACCES,
                said,
                f"See that {self.where} is there and that our key may read and write in it.",
            )
        if code == "BadDigest":
            return StorageError(
                errno.EIO, said, "The bytes were changed on their way: memory, disk or network."
            )
        return StorageError(errno.EIO, said, f"See what is the matter with {self.where}.")

    # --- what it can do -------------------------------------------------------------------------
    def abilities(self) -> Abilities:
        """Asked once. Raises OSError where nobody answers, or the bucket is not ours."""
        if self._able is None:
            bucket = {"Bucket": self.bucket_name}
            with self.asking():
                try:
                    self.client.head_bucket(**bucket)
                except ClientError as error:
                    raise StorageError(
                        errno.EACCES,
                        f"{self.where} is not there, or our key may not use it: {error}",
                        "Make the bucket, or give the right STORAGE_URL and key.",
                    ) from error
                self._able = Abilities(
                    versions=self._says(self.client.get_bucket_versioning, "Status") == "Enabled",
                    locks=bool(
                        self._says(self.client.get_object_lock_configuration, "ObjectLockConfiguration")
                    ),
                    encrypted=bool(
                        self._says(self.client.get_bucket_encryption, "ServerSideEncryptionConfiguration")
                    ),
                )
        return self._able

    def _says(self, ask: Callable[..., Any], name: str) -> Any:
        try:
            return ask(Bucket=self.bucket_name).get(name)
        except ClientError as error:
            code = str(error.response["Error"].get("Code", ""))
            status = error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
            # Not there, not to be had, or not for us to know: then it is not counted upon.
            if status < 500 or code in CANNOT:
                return None
            raise

    def reachable(self) -> float:
        """Seconds that the bucket takes to answer. Raises OSError."""
        began = time.monotonic()
        with self.asking(rest=False):
            self.client.head_bucket(Bucket=self.bucket_name)
        return time.monotonic() - began

    # --- reading --------------------------------------------------------------------------------
    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode != "rb":
            raise ValueError("Files are written as a whole: save().")
        return File(cast(IO[bytes], self.flow(name)), name)

    def flow(self, name: str, start: int = 0, count: int | None = None) -> Flow:
        """The bytes from `start`, as they are read. Raises FileNotFoundError, StorageError: at once."""
        return Flow(self, self.key(name), start, count)

    def _head(self, name: str) -> Any:
        with self.asking():
            return self.client.head_object(
                Bucket=self.bucket_name, Key=self.key(name), ChecksumMode="ENABLED"
            )

    def exists(self, name: str) -> bool:
        try:
            self._head(name)
        except FileNotFoundError:
            return False
        return True

    def size(self, name: str) -> int:
        return int(self._head(name)["ContentLength"])

    def sha256(self, name: str) -> str | None:
        """The SHA-256 that the server itself has taken over the whole file, in hex; None where it has none (of a file
        that came in parts it has one for each part)."""
        said = str(self._head(name).get("ChecksumSHA256", ""))
        return base64.b64decode(said).hex() if said and "-" not in said else None

    def get_modified_time(self, name: str) -> datetime.datetime:
        found: datetime.datetime = self._head(name)["LastModified"]
        return found

    # --- writing --------------------------------------------------------------------------------
    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: File[bytes]) -> str:
        key = self.key(name)
        content.seek(0)
        named = NAMED.search(key)
        first = content.read(PART)
        if len(first) < PART:
            self._whole(key, first, named[2] if named else None)
        else:
            self._in_parts(key, first, content, named[2] if named else None)
        return name

    def _more(self, key: str) -> dict[str, Any]:
        """What every file is written with."""
        more: dict[str, Any] = {"ContentType": "application/octet-stream"}
        if settings.STORAGE_SSE:
            more["ServerSideEncryption"] = settings.STORAGE_SSE
            if settings.STORAGE_SSE_KEY:
                more["SSEKMSKeyId"] = settings.STORAGE_SSE_KEY
        named = NAMED.search(key)
        days, held = settings.STORAGE_RETENTION_DAYS, settings.STORAGE_LEGAL_HOLD
        if named and named[1] == "originals" and (days or held) and self.abilities().locks:
            if days:
                more["ObjectLockMode"] = settings.STORAGE_RETENTION_MODE
                more["ObjectLockRetainUntilDate"] = timezone.now() + datetime.timedelta(days=days)
            if held:
                more["ObjectLockLegalHoldStatus"] = "ON"
        return more

    def _whole(self, key: str, data: bytes, sha256: str | None) -> None:
        """The server takes the checksum again: what is named by its hash is nothing else, or is not there."""
        digest = bytes.fromhex(sha256) if sha256 else hashlib.sha256(data).digest()
        request = {
            "Bucket": self.bucket_name, "Key": key, "Body": data,
            "ChecksumSHA256": base64.b64encode(digest).decode(), **self._more(key),
        }  # fmt: skip
        with self.asking():
            answer = self._once(
                lambda **only: self.client.put_object(**request, **only), key, len(data), bool(sha256)
            )
        self._was_encrypted(answer)

    def _once(self, write: Callable[..., Any], key: str, size: int, named: bool) -> Any:
        """Write it where it is not there yet; nothing where it is."""
        if not named:
            return write()
        try:
            return write(IfNoneMatch="*")
        except ClientError as error:
            code = str(error.response["Error"].get("Code", ""))
            if code in ("PreconditionFailed", "412", "ConditionalRequestConflict"):
                with suppress(FileNotFoundError):
                    head = self._head_now(key)
                    if head == size:
                        return None
                # Deleted, of which some servers keep a mark that counts as being there.
                return write()
            if code in CANNOT:
                return write()
            raise

    def _head_now(self, key: str) -> int:
        try:
            return int(self.client.head_object(Bucket=self.bucket_name, Key=key)["ContentLength"])
        except ClientError as error:
            raise self._meant(error) from error

    def _was_encrypted(self, answer: Any) -> None:
        if not settings.STORAGE_SSE or self._told_sse or answer is None:
            return
        if not answer.get("ServerSideEncryption"):
            self._told_sse = True
            log.warning("STORAGE_SSE is set, and %s did not say that it encrypted a file", self.where)

    def _in_parts(self, key: str, first: bytes, content: File[bytes], sha256: str | None) -> None:
        whole, size = hashlib.sha256(), 0
        bucket = {"Bucket": self.bucket_name, "Key": key}
        with self.asking():
            begun = self.client.create_multipart_upload(
                **bucket, ChecksumAlgorithm="SHA256", **self._more(key)
            )
            upload = {**bucket, "UploadId": begun["UploadId"]}
            self._was_encrypted(begun)

            def send(number: int, data: bytes) -> dict[str, Any]:
                check = base64.b64encode(hashlib.sha256(data).digest()).decode()
                answer = self.client.upload_part(**upload, PartNumber=number, Body=data, ChecksumSHA256=check)
                return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": check}

            try:
                with ThreadPoolExecutor(AT_ONCE, "sends parts") as pool:
                    parts: list[dict[str, Any]] = []
                    going: deque[Future[dict[str, Any]]] = deque()
                    data, number = first, 1
                    try:
                        while data:
                            going.append(pool.submit(send, number, data))
                            whole.update(data)
                            size += len(data)
                            if len(going) >= AT_ONCE:
                                parts.append(going.popleft().result())
                            data, number = content.read(PART), number + 1
                        parts += [one.result() for one in going]
                    except BaseException:
                        for one in going:
                            one.cancel()
                        raise
                if sha256 and whole.hexdigest() != sha256:
                    raise StorageError(
                        errno.EIO,
                        f"the bytes of {key} are not what their name says",
                        "The file was changed before it was kept: memory or disk.",
                    )
                done = self._once(
                    lambda **only: self.client.complete_multipart_upload(
                        **upload, MultipartUpload={"Parts": parts}, **only
                    ),
                    key,
                    size,
                    bool(sha256),
                )
            except BaseException:
                # What is left all the same is swept (abandoned).
                with suppress(Exception):
                    self.client.abort_multipart_upload(**upload)
                raise
            if done is None:  # it was there already: the parts are of no use
                with suppress(ClientError):
                    self.client.abort_multipart_upload(**upload)

    def delete(self, name: str) -> None:
        with self.asking(), suppress(FileNotFoundError):
            self.client.delete_object(Bucket=self.bucket_name, Key=self.key(name))

    # --- for large files ------------------------------------------------------------------------
    def address(self, name: str, *, shown: str, media_type: str) -> str | None:
        """Where a browser may fetch the file for the next minute, as an attachment of that name and type; None where
        browsers cannot reach the bucket."""
        endpoint = self.public or self.endpoint_url
        if endpoint and not self.public:
            host = urlsplit(endpoint)
            # A name without a dot is one among servers; plain HTTP under a page of HTTPS is fetched by no browser.
            if "." not in (host.hostname or "") and host.hostname != "localhost":
                return None
            if settings.HTTPS and host.scheme != "https":
                return None
        return str(
            self._client(endpoint).generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self.bucket_name,
                    "Key": self.key(name),
                    "ResponseContentDisposition": content_disposition_header(True, shown) or "attachment",
                    "ResponseContentType": media_type,
                    "ResponseCacheControl": "private, no-store",
                },
                ExpiresIn=PRESIGNED,
            )
        )

    # --- what is kept (sweep.py) ----------------------------------------------------------------
    def _list(self, prefix: str, *, folders: bool) -> Iterator[Any]:
        with self.asking():
            more = {"Delimiter": "/"} if folders else {}
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket_name, Prefix=self.key(prefix) + "/", **more
            )
            yield from pages

    def shelves(self, kind: str) -> list[str]:
        """The first two letters of what is kept of that kind."""
        found = [
            one["Prefix"].rstrip("/").rpartition("/")[2]
            for page in self._list(kind, folders=True)
            for one in page.get("CommonPrefixes", ())
        ]
        return sorted(found)

    def shelf(self, kind: str, letters: str) -> dict[str, float]:
        """SHA-256 -> when it was last written to (seconds since 1970), of what is kept of that kind."""
        found: dict[str, float] = {}
        for page in self._list(f"{kind}/{letters}", folders=False):
            for one in page.get("Contents", ()):
                name = one["Key"].removeprefix(self.key(f"{kind}/{letters}") + "/").partition("/")[0]
                found[name] = max(found.get(name, 0.0), one["LastModified"].timestamp())
        return found

    def files(self, kind: str) -> Iterator[tuple[str, int]]:
        """(name, bytes) of everything that is kept of that kind."""
        for page in self._list(kind, folders=False):
            for one in page.get("Contents", ()):
                yield one["Key"].removeprefix(self.key(kind)[: -len(kind)]), one["Size"]

    def throw_away(self, kind: str, sha256: str) -> None:
        """All that is kept of that kind under that hash. An original leaves its versions where the bucket has them;
        what can be made again leaves nothing."""
        prefix = self.key(f"{kind}/{sha256[:2]}/{sha256}")
        bucket = {"Bucket": self.bucket_name}
        with self.asking():
            if kind == "originals":
                self.client.delete_object(**bucket, Key=prefix)
                return
            for page in self.client.get_paginator("list_object_versions").paginate(**bucket, Prefix=prefix):
                for one in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
                    version = {} if one["VersionId"] in ("null", "") else {"VersionId": one["VersionId"]}
                    self.client.delete_object(**bucket, Key=one["Key"], **version)

    def abandoned(self, age: float) -> int:
        """End the uploads in parts that were begun more than `age` seconds ago and never ended; their number."""
        count = 0
        with self.asking():
            pages = self.client.get_paginator("list_multipart_uploads").paginate(
                Bucket=self.bucket_name, Prefix=self.location
            )
            for page in pages:
                for one in page.get("Uploads", ()):
                    if time.time() - one["Initiated"].timestamp() > age:
                        self.client.abort_multipart_upload(
                            Bucket=self.bucket_name, Key=one["Key"], UploadId=one["UploadId"]
                        )
                        count += 1
        return count


class Flow(io.RawIOBase):
    """A file as it is fetched: what is not read is not fetched, and where the line breaks it is taken up again.

    That is right because what has a name here never changes.
    """

    def __init__(self, storage: WholeObjects, key: str, start: int = 0, count: int | None = None) -> None:
        self.storage, self._key = storage, key
        self._at, self._end = start, None if count is None else start + count
        self._body: Any = None
        self._resumed = 0
        self._size: int | None = None
        if count != 0:
            self._fetch()

    def _fetch(self) -> None:
        self._drop()
        last = "" if self._end is None else str(self._end - 1)
        asked = {"Range": f"bytes={self._at}-{last}"} if self._at or last else {}
        with self.storage.asking(rest=not self._resumed):
            try:
                answer = self.storage.client.get_object(
                    Bucket=self.storage.bucket_name, Key=self._key, **asked
                )
            except ClientError as error:
                if error.response["Error"].get("Code") != "InvalidRange":
                    raise
                answer = {"Body": io.BytesIO(), "ContentLength": 0}  # after its end
        self._body = answer["Body"]
        self._size = self._at + answer["ContentLength"] if self._end is None else self._size

    @property
    def size(self) -> int:
        if self._size is None:
            self._size = self.storage._head_now(self._key)
        return self._size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        wanted = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at}.get(whence, 0)
        if whence == io.SEEK_END:
            wanted = self.size + offset
        if wanted != self._at:
            self._at = wanted
            self._drop()
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(MIB), b""))
        if self._end is not None:
            size = min(size, self._end - self._at)
        while size > 0:
            try:
                if self._body is None:
                    self._fetch()
                data: bytes = self._body.read(size)
            except FileNotFoundError:
                raise
            except (
                HTTPClientError,
                ResponseStreamingError,
                IncompleteReadError,
                HTTPError,
                OSError,
            ) as error:
                if self._resumed >= RESUMES:
                    raise StorageError(
                        errno.EIO, f"{self._key} breaks off: {error}", f"See that {self.storage.where} is up."
                    ) from error
                self._resumed += 1
                self._drop()
                time.sleep(0.05 * 4**self._resumed)
                continue
            self._at += len(data)
            return data
        return b""

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None

    def close(self) -> None:
        self._drop()
        super().close()
