"""Both columns in one run: nothing beside it, and real servers, with places of our own on them."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from typing import Any

from scripts import services
from tests import bucket
from tests.courtroom import real
from tests.courtroom.stage import SECRETS
from tests.search import opensearch_server

WANTED = {"redis": "REDIS_URL", "opensearch": "OPENSEARCH_URL"}


@contextlib.contextmanager
def servers() -> Iterator[dict[str, str]]:
    """What an installation on real servers is told: those that the environment names, else those of `make services`.

    Raises services.CannotStart.
    """
    with contextlib.ExitStack() as stack:
        env = {**SECRETS, "DATABASE_URL": stack.enter_context(real.database())}
        for name, variable in WANTED.items():
            env[variable] = os.environ.get(variable) or services.start(name)[variable]
        prefix = env["OPENSEARCH_INDEX"] = f"bench-{secrets.token_hex(4)}"
        os.environ.setdefault("OPENSEARCH_URL", env["OPENSEARCH_URL"])
        stack.callback(opensearch_server.sweep, prefix)
        if not os.environ.get("S3_URL"):
            os.environ["S3_URL"] = services.start("s3")["S3_URL"]
        own = bucket.make()
        stack.callback(bucket.remove, own)
        yield env | own.env()


def columns(table: Any = None) -> Iterator[tuple[str, dict[str, str]]]:
    """("embedded", {}), and then ("real servers", …) where they are."""
    yield "embedded", {}
    try:
        with servers() as env:
            yield "PostgreSQL, S3, OpenSearch, Redis", env
    except services.CannotStart as why:
        print(f"  (not on real servers: {why})", flush=True)
