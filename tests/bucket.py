"""A bucket of its own on the real S3 server, and a proxy before it that can fail."""

from __future__ import annotations

import json
import os
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from django.test import override_settings

from scripts import services


def server(name: str, variable: str) -> str:
    """The address of a real server: of the environment, else started here. Without it the test is not run."""
    if given := os.environ.get(variable):
        return given
    try:
        return services.start(name)[variable]
    except services.CannotStart as error:
        pytest.skip(f"needs {name}: {error}")


@dataclass(frozen=True)
class Bucket:
    """A bucket, and how it is reached."""

    name: str
    endpoint: str
    key: str
    secret: str

    @property
    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="eu-west-2",
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            config=Config(
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                s3={"addressing_style": "path"},
            ),
        )

    def options(self, **more: Any) -> dict[str, Any]:
        return {
            "bucket_name": self.name,
            "endpoint_url": self.endpoint,
            "region_name": "eu-west-2",
            "access_key": self.key,
            "secret_key": self.secret,
            **more,
        }

    def env(self) -> dict[str, str]:
        return {
            "STORAGE_URL": f"s3://{self.name}?endpoint={self.endpoint}&region=eu-west-2",
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
        }

    def keys(self) -> dict[str, int]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return {one["Key"]: one["Size"] for page in pages for one in page.get("Contents", ())}

    def versions(self, key: str) -> list[str]:
        found = self.client.list_object_versions(Bucket=self.name, Prefix=key).get("Versions", ())
        return [one["VersionId"] for one in found if one["Key"] == key]

    @contextmanager
    def used(self, **more: Any) -> Iterator[Any]:
        """As the default storage."""
        from django.conf import settings
        from django.core.files.storage import default_storage

        bucket = {"BACKEND": "casebundle.bundles.s3.WholeObjects", "OPTIONS": self.options(**more)}
        with override_settings(STORAGES={**settings.STORAGES, "default": bucket}):
            yield default_storage


def make(*, locks: bool = False) -> Bucket:
    parts = urlsplit(server("s3", "S3_URL"))
    bucket = Bucket(
        f"test-{uuid.uuid4().hex[:16]}",
        f"http://{parts.hostname}:{parts.port}",
        parts.username or "",
        parts.password or "",
    )
    bucket.client.create_bucket(
        Bucket=bucket.name,
        ObjectLockEnabledForBucket=locks,
        CreateBucketConfiguration={"LocationConstraint": "eu-west-2"},
    )
    return bucket


def remove(bucket: Bucket) -> None:
    """What a bucket that locks nothing holds, and the bucket."""
    client = bucket.client
    for upload in client.list_multipart_uploads(Bucket=bucket.name).get("Uploads", ()):
        client.abort_multipart_upload(Bucket=bucket.name, Key=upload["Key"], UploadId=upload["UploadId"])
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket.name):
        for one in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
            version = {} if one["VersionId"] == "null" else {"VersionId": one["VersionId"]}
            client.delete_object(
                Bucket=bucket.name, Key=one["Key"], BypassGovernanceRetention=True, **version
            )
    client.delete_bucket(Bucket=bucket.name)


class Proxy:
    """A proxy of toxiproxy before one server."""

    def __init__(self, target: str) -> None:
        self.api = server("toxiproxy", "TOXIPROXY_URL")
        self.name = f"test-{uuid.uuid4().hex[:12]}"
        made = self._ask("POST", "/proxies", {"name": self.name, "listen": "127.0.0.1:0", "upstream": target})
        self.listen: str = made["listen"]

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            self.api + path, json.dumps(body).encode() if body is not None else None, method=method
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            data = answer.read()
        return json.loads(data) if data else None

    def cut(self) -> None:
        self._ask("POST", f"/proxies/{self.name}", {"enabled": False})

    def mend(self) -> None:
        self._ask("POST", f"/proxies/{self.name}", {"enabled": True})

    def toxic(self, kind: str, stream: str = "downstream", toxicity: float = 1.0, **attributes: Any) -> None:
        self._ask(
            "POST",
            f"/proxies/{self.name}/toxics",
            {"type": kind, "name": kind, "stream": stream, "toxicity": toxicity, "attributes": attributes},
        )

    def calm(self, kind: str) -> None:
        self._ask("DELETE", f"/proxies/{self.name}/toxics/{kind}")

    def close(self) -> None:
        self._ask("DELETE", f"/proxies/{self.name}")


@contextmanager
def through_a_proxy(bucket: Bucket) -> Iterator[tuple[Bucket, Proxy]]:
    proxy = Proxy(urlsplit(bucket.endpoint).netloc)
    try:
        yield Bucket(bucket.name, f"http://{proxy.listen}", bucket.key, bucket.secret), proxy
    finally:
        proxy.close()
