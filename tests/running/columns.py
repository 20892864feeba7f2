"""Databases and buckets of one test's own on the real servers, and commands run against them."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.bucket import server

ROOT = Path(__file__).resolve().parents[2]
URLS = (
    *("DATABASE_URL", "STORAGE_URL", "OPENSEARCH_URL", "REDIS_URL", "CLAMD_URL"),
    *("SECRET_KEY", "SIGNING_KEY", "DJANGO_SETTINGS_MODULE", "PYTEST_XDIST_WORKER"),
)


@contextmanager
def database() -> Iterator[str]:
    """DATABASE_URL of an empty database."""
    parts = urlsplit(server("postgres", "DATABASE_URL"))
    name = f"test_{uuid.uuid4().hex[:16]}"
    admin = urlunsplit(("postgresql", *parts[1:]))
    with psycopg.connect(admin, autocommit=True) as line:
        line.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(("postgres", parts.netloc, f"/{name}", "", ""))
        finally:
            line.execute(f"DROP DATABASE {name} WITH (FORCE)")


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in URLS}
    return {**kept, "CASEBUNDLE_DATA": str(folder), "LOG_LEVEL": "ERROR", "PYTHONPATH": str(ROOT), **more}


def keys(folder: Path | None = None) -> dict[str, str]:
    """The secrets of a data folder, as whoever moves it gives them; new ones without a folder."""
    if folder is None:
        return {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "SIGNING_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        }
    return {f"{name}_FILE": str(folder / "secrets" / name.lower()) for name in ("SECRET_KEY", "SIGNING_KEY")}


def run(env: dict[str, str], *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """A script or `manage.py …`."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def manage(env: dict[str, str], *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return run(env, "manage.py", *arguments, check=check)


def lived_in(folder: Path, papers: int = 4) -> Path:
    folder.mkdir(mode=0o700)
    run(environment(folder), str(ROOT / "tests" / "running" / "lived_in.py"), str(papers))
    return folder


def state_of(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Every file below a folder: size, time, bytes."""
    return {
        str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
