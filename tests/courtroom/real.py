"""Real servers for tests that start server processes of their own: a database of their own on them, gone afterwards."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg

from scripts import services


def address(name: str) -> dict[str, str]:
    """Where that server is: what the environment says, else one that is started here. Raises services.CannotStart."""
    variable = "DATABASE_URL" if name == "postgres" else f"{name.upper()}_URL"
    given = os.environ.get(variable)
    return {variable: given} if given else services.start(name)


@contextlib.contextmanager
def database() -> Iterator[str]:
    """DATABASE_URL of an empty database, dropped in the end."""
    url = address("postgres")["DATABASE_URL"]
    name = f"stage_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as line:
        line.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(url, autocommit=True) as line:
            line.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[arg-type]
