"""A large original, through the product and beside bare boto3, on one S3 server in one run.

    python bench/files.py [--megabytes 300] [--times 5]

Upload: from the first byte of the request until the API answers (it is then in the bucket and in the database), beside
boto3's `upload_file` of the same file. Download: streamed through the server, and by the address that it gives for the
bucket, beside boto3's `get_object`, read to its end in pieces of a megabyte. And the memory that
the server took at most. The bucket's server is S3_URL, or one that is started here as `make services` does.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import os
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import boto3
import pikepdf
from botocore.config import Config

from bench._product import REFERENCE, Product, processes, until
from bench.table import Table, median
from scripts import services

MIB = 1024 * 1024
clock = time.perf_counter


def large(path: Path, megabytes: int, seed: int) -> Path:
    """A PDF of one page with that many megabytes of noise in it."""
    noise = random.Random(seed)
    with pikepdf.new() as whole:
        whole.add_blank_page()
        # Several streams: one alone would be held as a whole by whoever makes it.
        whole.Root.Noise = pikepdf.Array(
            [
                whole.make_indirect(whole.make_stream(noise.randbytes(10 * MIB)))
                for _n in range(megabytes // 10)
            ]
        )
        whole.save(path)
    return path


def body(path: Path, border: str) -> Iterator[bytes]:
    for name, value in (("section", "H"), ("serve", "false")):
        yield f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    yield (
        f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    ).encode()
    with path.open("rb") as data:
        while chunk := data.read(MIB):
            yield chunk
    yield f"\r\n--{border}--\r\n".encode()


def upload(product: Product, path: Path) -> tuple[float, str]:
    """Seconds until it is acknowledged, and the id."""
    border = uuid.uuid4().hex
    length = sum(map(len, _around(path, border))) + path.stat().st_size
    line = http.client.HTTPConnection("127.0.0.1", product.port, timeout=300)
    start = clock()
    line.request(
        "POST", f"/api/v1/cases/{REFERENCE}/documents", body(path, border),
        {
            "Authorization": f"Bearer {product.tokens['priya']}", "Content-Length": str(length),
            "Content-Type": f"multipart/form-data; boundary={border}",
        },
    )  # fmt: skip
    answer = line.getresponse()
    said = answer.read()
    took = clock() - start
    if answer.status != 202:
        raise RuntimeError(f"{answer.status}: {said[:300]!r}")
    return took, str(json.loads(said)["id"])


def _around(path: Path, border: str) -> list[bytes]:
    """What stands around the bytes of the file."""
    parts = []
    for part in body(path, border):
        if len(part) < 1000:
            parts.append(part)
        else:
            break
    return [*parts, f"\r\n--{border}--\r\n".encode()]


def fetch(url: str, **headers: str) -> tuple[int, dict[str, str], int]:
    """Read to its end in pieces: status, headers, bytes."""
    parts = urlsplit(url)
    line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=300)
    line.request("GET", url[url.index("/", 8) :], headers=headers)
    answer = line.getresponse()
    count = 0
    while chunk := answer.read(MIB):
        count += len(chunk)
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, count


def download(product: Product, document: str) -> tuple[float, float, int]:
    """Seconds, those until the product had given the bucket's address (0 where it sends the bytes itself), and how
    many bytes."""
    given = 0.0
    start = clock()
    status, headers, count = fetch(
        f"http://127.0.0.1:{product.port}/api/v1/documents/{document}/original",
        Authorization=f"Bearer {product.tokens['priya']}",
    )
    if status == 302:
        given = clock() - start
        status, headers, count = fetch(headers["location"])
    if status != 200:
        raise RuntimeError(f"{status}")
    return clock() - start, given, count


def bare_download(client: Any, bucket: str, key: str) -> float:
    client.close()  # a new connection, as everybody has who downloads one file
    start = clock()
    data = client.get_object(Bucket=bucket, Key=key)["Body"]
    while data.read(MIB):
        pass
    return clock() - start


def bare_upload(client: Any, bucket: str, path: Path) -> float:
    start = clock()
    client.upload_file(str(path), bucket, f"bare/{uuid.uuid4().hex}")
    return clock() - start


def peak(product: Product) -> float:
    """The most memory (MB) that the server has held so far."""
    assert product.up is not None
    for pid, command in processes(product.up.pid).items():
        if b"uvicorn" in command:
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM"):
                    return int(line.split()[1]) / 1024
    return float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--times", type=int, default=5)
    arguments = parser.parse_args()
    where = urlsplit(os.environ.get("S3_URL") or services.start("s3")["S3_URL"])
    endpoint, bucket = f"http://{where.hostname}:{where.port}", f"bench-{uuid.uuid4().hex[:12]}"
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="eu-west-2", aws_access_key_id=where.username,
        aws_secret_access_key=where.password,
        config=Config(
            request_checksum_calculation="when_required", response_checksum_validation="when_required",
            s3={"addressing_style": "path"},
        ),
    )  # fmt: skip
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    table = Table(f"an original of {arguments.megabytes} MB in an S3 bucket")
    found: dict[str, list[float]] = {}

    def note(what: str, value: float) -> None:
        found.setdefault(what, []).append(value)

    try:
        with tempfile.TemporaryDirectory(prefix="bench-files-") as name:
            folder = Path(name)
            product = Product(folder / "data")
            product.env |= {
                "STORAGE_URL": f"s3://{bucket}?endpoint={endpoint}&region=eu-west-2",
                "AWS_ACCESS_KEY_ID": where.username or "",
                "AWS_SECRET_ACCESS_KEY": where.password or "",
                "STORAGE_PRESIGN_ABOVE": "0",
            }
            with product:
                document, size = _uploads(product, client, bucket, folder, arguments, note)
                key = _key(folder)
                for turn in range(arguments.times + 1):
                    bare = bare_download(client, bucket, key)
                    took, _given, count = download(product, document)
                    assert count == size, (count, size)
                    if turn:  # the first one pays for starting
                        note("bare get", bare)
                        note("streamed", took)
                most = peak(product)
            product.env["STORAGE_PRESIGN_ABOVE"] = str(16 * MIB)
            with product:
                for turn in range(arguments.times + 1):
                    bare = bare_download(client, bucket, key)
                    took, given, count = download(product, document)
                    assert count == size, (count, size)
                    if turn:
                        note("bare get 2", bare)
                        note("address", took)
                        note("given", given)
                least = peak(product)
    finally:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for one in page.get("Contents", ()):
                client.delete_object(Bucket=bucket, Key=one["Key"])
        client.delete_bucket(Bucket=bucket)

    def row(what: str, measured: str, beside: str) -> None:
        value, other = median(found[measured]), median(found[beside])
        table.row(what, value, "s", beside=other, aim="under 1.5 times bare boto3", met=value < 1.5 * other)

    table.note(f"medians of {arguments.times}; {size / 1e6:.0f} MB; beside: boto3 alone, in turns with it")
    row("download, streamed through the server", "streamed", "bare get")
    row("download, by the bucket's address", "address", "bare get 2")
    table.row("  until the product had given it", median(found["given"]), "s")
    row("upload, until it is acknowledged", "upload", "bare put")
    table.row("most memory of the server, uploads and streams", most, "MB", beside=least)


def _uploads(
    product: Product, client: Any, bucket: str, folder: Path, arguments: Any, note: Any
) -> tuple[str, int]:
    document, size = "", 0
    for turn in range(min(3, arguments.times) + 1):
        path = large(folder / "large.pdf", arguments.megabytes, turn)
        size = path.stat().st_size
        bare = bare_upload(client, bucket, path)
        took, document = upload(product, path)
        if turn:
            note("bare put", bare)
            note("upload", took)
        # What is done with it afterwards is not measured here, and would be beside the next one.
        until(
            lambda document=document: (
                product.caller().get(f"/documents/{document}")["status"] in ("ready", "refused")
            ),
            300,
            0.2,
        )
    return document, size


def _key(folder: Path) -> str:
    with (folder / "large.pdf").open("rb") as data:
        sha256 = hashlib.file_digest(data, "sha256").hexdigest()
    return f"originals/{sha256[:2]}/{sha256}"


if __name__ == "__main__":
    main()
