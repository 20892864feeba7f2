"""What must be there before a server or worker of this version starts: migrations, and the bucket."""

from __future__ import annotations

import time
from typing import Any

from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from casebundle.watching.logs import said


class Command(BaseCommand):
    help = "Bring the database to this version, and make the bucket where there is none."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wait", type=float, default=60, help="seconds to wait for the servers (60)")

    def handle(self, *, wait: float, **options: Any) -> None:
        end = time.monotonic() + wait
        for what, make in (("database", migrate), ("files", bucket)):
            while True:
                try:
                    self.stdout.write(f"{what}: {make()}")
                    break
                except (OperationalError, OSError) as error:
                    if time.monotonic() > end:
                        raise CommandError(f"{what}: {said(error)}") from None
                    time.sleep(1)


def migrate() -> str:
    call_command("migrate", interactive=False, verbosity=0)
    return "of this version"


def bucket() -> str:
    """Make it with versions, and with object lock where the server can: locks cannot be had later."""
    client = getattr(default_storage, "client", None)
    if client is None:
        return "a folder"
    from botocore.exceptions import BotoCoreError, ClientError

    name = default_storage.bucket_name
    try:
        try:
            client.head_bucket(Bucket=name)
            return "the bucket is there"
        except ClientError as error:
            if error.response["ResponseMetadata"].get("HTTPStatusCode") != 404:
                raise
        where = {}
        if (region := client.meta.region_name) and region != "us-east-1":
            where = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        try:
            client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True, **where)
        except ClientError as error:
            code = error.response["Error"].get("Code", "")
            if code not in ("NotImplemented", "InvalidRequest", "MethodNotAllowed"):
                raise
            client.create_bucket(Bucket=name, **where)
            client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    except (BotoCoreError, ClientError) as error:
        raise OSError(5, f"the bucket could not be made: {error}") from error
    return "the bucket was made"
