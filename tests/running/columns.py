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

from scripts import services
from tests.bucket import server
from tests.courtroom import real
from tests.search import opensearch_server

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


@contextmanager
def index() -> Iterator[dict[str, str]]:
    """A name of one's own on the OpenSearch server; nothing where there is none, which scripts/test.py says."""
    try:
        found = real.address("opensearch")
    except services.CannotStart:
        yield {}
        return
    name = f"test-{uuid.uuid4().hex[:16]}"
    try:
        yield found | {"OPENSEARCH_INDEX": name}
    finally:
        opensearch_server.sweep(name)


FIND = (
    "import os, sys; os.environ['DJANGO_SETTINGS_MODULE']='casebundle.settings'; import django; django.setup()\n"
    "from casebundle.cases import access\nfrom casebundle.cases.models import User\nfrom search import service\n"
    "mari = User.objects.get(email__startswith='mari')\n"
    "viewers = [access.viewer_in(mari, reference='T20267001')]\n"
    "found = service.find(viewers, sys.argv[1], count=service.behind)\n"
    "print(found.total, len(found.hits), found.behind)"
)


def found(env: dict[str, str], words: str) -> tuple[int, ...]:
    """What counsel finds: pages in all, those shown at first, documents that may be missing."""
    return tuple(map(int, run(env, "-c", FIND, words).stdout.split()))


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
