"""Back-up and restore. The database first, then the files that it names: those never change, so both are of one moment
whatever goes on meanwhile. A restore proves itself: every file by its SHA-256, every journal by its chain.

A back-up is a folder:

    manifest.json       what, when, of which kind, the heads of all journals; written last: without it, it is none
    database.sqlite3    or database.dump (pg_dump, custom format)
    files.sha256        a line a file, as `sha256sum --check` reads it
    files/…             originals and reading copies (not with --listing)
    secrets/            of an embedded installation; servers get theirs from elsewhere
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction

from casebundle.bundles import files
from casebundle.bundles.models import Version
from casebundle.cases.models import Case, User
from casebundle.journal import record

from .moving import AT_ONCE, Say, Stopped, at_rest, proven

MANIFEST, LIST = "manifest.json", "files.sha256"
NAMED = """
    SELECT DISTINCT sha256, 0 FROM bundles_version
    UNION SELECT DISTINCT reading_sha256, 1 FROM bundles_version WHERE reading_sha256 <> ''
    ORDER BY 2, 1
"""
HEADS = """
    SELECT cases_case.reference, journal_chain.seq, journal_chain.hash
    FROM cases_case JOIN journal_chain ON journal_chain.id = cases_case.id ORDER BY 1
"""


# --- programs of PostgreSQL ---------------------------------------------------------------------
def program(name: str) -> str:
    """The path of pg_dump or pg_restore, the newest there is."""
    places = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True
    )
    for place in places:
        if (place / name).exists():
            return str(place / name)
    found = shutil.which(name)
    if not found:
        raise Stopped(
            f"{name} is missing here: apt-get install -y --no-install-recommends postgresql-client (as new as the "
            "server), or run this where it is."
        )
    return found


def _reach() -> dict[str, str]:
    """How those programs reach the database: by the environment, so that no password is seen among processes."""
    one = connection.settings_dict
    options = one.get("OPTIONS") or {}
    wanted = {
        "PGDATABASE": one["NAME"], "PGHOST": one.get("HOST"), "PGPORT": one.get("PORT"), "PGUSER": one.get("USER"),
        "PGPASSWORD": one.get("PASSWORD"), "PGSSLMODE": options.get("sslmode"),
        "PGSSLROOTCERT": options.get("sslrootcert"), "PGSERVICE": options.get("service"),
    }  # fmt: skip
    return {**os.environ, **{name: str(value) for name, value in wanted.items() if value}}


def _run(*command: str) -> None:
    done = subprocess.run(command, env=_reach(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise Stopped(f"{Path(command[0]).name} failed: {done.stderr.strip()[-500:]}")


# --- back-up ------------------------------------------------------------------------------------
def back_up(place: Path, say: Say, *, listing: bool = False) -> None:
    """Put a back-up into the folder `place`: new, empty, or an earlier back-up, whose files are not copied again."""
    _prepare(place)
    names: list[str] = []
    if connection.vendor == "sqlite":
        database, heads = _sqlite(place, names)
    else:
        database, heads = _postgres(place, names)
    say(f"Database: {database} ({(place / database).stat().st_size:,} bytes)")
    count, size = _files(place, names, listing, say)
    if settings.EMBEDDED and (settings.DATA_DIR / "secrets").is_dir():
        shutil.copytree(settings.DATA_DIR / "secrets", place / "secrets", dirs_exist_ok=True)
        (place / "secrets").chmod(0o700)
        say("Secrets: in the back-up, so keep it as they are kept.")
    else:
        say("Secrets: NOT in the back-up: SECRET_KEY and SIGNING_KEY are kept where they come from.")
    manifest = {
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "kind": connection.vendor,
        "database": {"name": database, "sha256": _sha256(place / database)},
        "files": {"count": count, "bytes": size, "listed": listing, "sha256": _sha256(place / LIST)},
        "journals": {reference: {"entries": seq, "head": head} for reference, seq, head in heads},
    }
    _write(place / MANIFEST, json.dumps(manifest, indent=1))
    say(f"Back-up of {len(manifest['journals'])} cases and {count} files: {place / MANIFEST}")  # type: ignore[arg-type]


def _prepare(place: Path) -> None:
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    there = {path.name for path in place.iterdir()}
    if there - {MANIFEST, LIST, "files", "secrets", "database.sqlite3", "database.dump", f"{LIST}.part"}:
        raise Stopped(f"{place} holds something else: choose an empty folder, or that of an earlier back-up.")
    if place.resolve() == settings.DATA_DIR or settings.DATA_DIR in place.resolve().parents:
        raise Stopped(f"{place} is inside the data folder: what takes the one takes the other.")
    # From here on it is none until it is whole again.
    (place / MANIFEST).unlink(missing_ok=True)
    for name in ("database.sqlite3", "database.dump"):
        (place / name).unlink(missing_ok=True)


def _sqlite(place: Path, names: list[str]) -> tuple[str, list[Any]]:
    """By SQLite's own online back-up: whoever writes meanwhile is not held up."""
    copy = place / "database.sqlite3"
    with (
        closing(sqlite3.connect(settings.DATABASES["default"]["NAME"], timeout=60)) as source,
        closing(sqlite3.connect(copy)) as out,
    ):
        source.backup(out, pages=2000)
        out.execute("PRAGMA journal_mode=DELETE")
        said = out.execute("PRAGMA quick_check(1)").fetchone()[0]
        if said != "ok":
            raise Stopped(f"The database is damaged ({said}): ./manage.py health says more.")
        names += _keys(out.execute(NAMED))
        heads = out.execute(HEADS).fetchall()
    copy.chmod(0o600)
    return copy.name, heads


def _postgres(place: Path, names: list[str]) -> tuple[str, list[Any]]:
    """By pg_dump, of the very moment in which the names are asked for."""
    copy = place / "database.dump"
    dump = program("pg_dump")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # pg_dump is what takes long, and this waits for it.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        cursor.execute(NAMED)
        names += _keys(cursor.fetchall())
        cursor.execute(HEADS)
        heads = cursor.fetchall()
        _run(dump, "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={copy}")
    copy.chmod(0o600)
    return copy.name, heads


def _keys(rows: Iterable[Any]) -> list[str]:
    return [files.reading_key(sha256) if copy else files.original_key(sha256) for sha256, copy in rows]


def _files(place: Path, names: list[str], listing: bool, say: Say) -> tuple[int, int]:
    """Each file once, its SHA-256 taken on the way; with `listing` it is only looked at where it is kept."""
    (place / "files").mkdir(exist_ok=True)
    copied, size, wrong = 0, 0, []
    with ThreadPoolExecutor(AT_ONCE) as pool, (place / f"{LIST}.part").open("w") as lines:
        work = partial(_look_at if listing else _copy, place)
        for name, found in zip(names, pool.map(work, names), strict=True):
            if isinstance(found, str):
                wrong.append(found)
                continue
            copied += found[1]
            size += found[0]
            lines.write(f"{name.rpartition('/')[2]}  files/{name}\n")
        lines.flush()
        os.fsync(lines.fileno())
    if wrong:
        raise Stopped(
            f"{len(wrong)} files cannot be backed up: {'; '.join(wrong[:5])}. ./manage.py health --deep"
        )
    (place / f"{LIST}.part").replace(place / LIST)
    say(
        f"Files: {len(names)} listed where they are kept, each with its SHA-256"
        if listing
        else f"Files: {copied} copied, {len(names) - copied} were in it already"
    )
    return len(names), size


def _look_at(_place: Path, name: str) -> tuple[int, bool] | str:
    return (
        (default_storage.size(name), False)
        if proven(name)
        else f"{name} is missing or not what its name says"
    )


def _copy(place: Path, name: str) -> tuple[int, bool] | str:
    path, wanted = place / "files" / name, name.rpartition("/")[2]
    if path.exists() and _sha256(path) == wanted:
        return path.stat().st_size, False
    try:
        data = default_storage.open(name)
    except FileNotFoundError:
        return f"{name} is missing"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    found = hashlib.sha256()
    with data, part.open("wb") as out:
        while chunk := data.read(files.CHUNK):
            found.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if found.hexdigest() != wanted:
        part.unlink()
        return f"{name} is not what its name says"
    part.replace(path)
    return path.stat().st_size, True


def _sha256(path: Path) -> str:
    with path.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _write(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    with part.open("w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)


# --- restore ------------------------------------------------------------------------------------
def restore(place: Path, say: Say, *, over: bool = False) -> None:
    """Put a back-up in the place of what is here, and prove that it is whole. Raises Stopped.

    Nothing is changed before the back-up itself was read from end to end.
    """
    manifest = _manifest(place)
    names = _listed(place, manifest)
    say(f"The back-up of {manifest['made']} is whole: {len(names)} files, {len(manifest['journals'])} cases.")
    with _nobody_here():
        _free(over)
        _put_files(place, names, manifest["files"]["listed"], say)
        if connection.vendor == "sqlite":
            _put_sqlite(place / manifest["database"]["name"], over, say)
        else:
            _put_postgres(place / manifest["database"]["name"])
        if settings.EMBEDDED and (place / "secrets").is_dir():
            shutil.copytree(place / "secrets", settings.DATA_DIR / "secrets", dirs_exist_ok=True)
        call_command("migrate", interactive=False, verbosity=0)
        # Pictures are not in a back-up: they are drawn again.
        Version.objects.update(images_done=0, lease_until=None)
        _prove(names, manifest, say)
        call_command("reindex", verbosity=0)
    say("Restored.")


def _manifest(place: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((place / MANIFEST).read_text())
    except FileNotFoundError:
        raise Stopped(f"There is no whole back-up in {place}: {MANIFEST} is not there.") from None
    if found["kind"] != connection.vendor:
        raise Stopped(
            f"This is a back-up of {found['kind']}, and the database here is {connection.vendor}. Restore it into its "
            "own kind; from SQLite to servers goes ./manage.py move-to-servers."
        )
    for name, wanted in (
        (found["database"]["name"], found["database"]["sha256"]),
        (LIST, found["files"]["sha256"]),
    ):
        if not (place / name).exists() or _sha256(place / name) != wanted:
            raise Stopped(f"{name} of the back-up is missing or was changed: take another one.")
    return found


def _listed(place: Path, manifest: dict[str, Any]) -> list[str]:
    """The names of all files, of which each was read and has its SHA-256."""
    names = [line.partition("  files/")[2] for line in (place / LIST).read_text().splitlines()]
    if manifest["files"]["listed"]:
        look, where = proven, "where files are kept"
    else:
        look, where = partial(_holds, place), "in the back-up"
    with ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = [name for name, well in zip(names, pool.map(look, names), strict=True) if not well]
    if wrong:
        raise Stopped(f"{len(wrong)} files are missing or were changed {where}: {', '.join(wrong[:5])}.")
    return names


def _holds(place: Path, name: str) -> bool:
    path = place / "files" / name
    return path.exists() and _sha256(path) == name.rpartition("/")[2]


@contextmanager
def _nobody_here() -> Iterator[None]:
    with at_rest(settings.DATA_DIR):
        if connection.vendor == "postgresql" and (others := _others()):
            raise Stopped(f"{others} others are connected to the database: end servers and workers first.")
        yield


def _others() -> int:
    """How many are connected to the database beside us."""
    _let_go()
    reach = _reach()
    names = {
        "PGDATABASE": "dbname",
        "PGHOST": "host",
        "PGPORT": "port",
        "PGUSER": "user",
        "PGPASSWORD": "password",
    }
    names |= {"PGSSLMODE": "sslmode", "PGSSLROOTCERT": "sslrootcert", "PGSERVICE": "service"}
    with psycopg.connect(**{ours: reach[name] for name, ours in names.items() if name in reach}) as line:  # type: ignore[arg-type]
        # Who has just gone is still seen for a moment.
        for _time in range(20):
            (others,) = line.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            ).fetchone() or (0,)
            if not others:
                return 0
            line.rollback()  # what it saw once it would go on to see
            time.sleep(0.1)
    return int(others)


def _let_go() -> None:
    """Our own connections, those that are kept for the next included."""
    connections.close_all()
    close = getattr(connection, "close_pool", None)
    if close is not None and connection.settings_dict.get("OPTIONS", {}).get("pool"):
        close()


def _free(over: bool) -> None:
    """Stopped where there is something already that would be lost."""
    if over:
        return
    try:
        used = Case.objects.exists() or User.objects.exists()
    except DatabaseError:  # there are no tables yet
        used = False
    if used:
        raise Stopped(
            "There are cases or people here already, and a restore takes their place. Back them up, and say --over if "
            "that is meant."
        )


def _put_files(place: Path, names: list[str], listed: bool, say: Say) -> None:
    """They never change, so what is here already is right where it has its hash."""
    if listed:
        say("Files: all are where they are kept.")
        return
    with ThreadPoolExecutor(AT_ONCE) as pool:
        put = sum(pool.map(partial(_put_file, place), names))
    say(f"Files: {put} put back, {len(names) - put} were here")


def _put_file(place: Path, name: str) -> bool:
    path = place / "files" / name
    if files.holds(name, path.stat().st_size) and proven(name):
        return False
    if default_storage.exists(name):
        default_storage.delete(name)
    with path.open("rb") as data:
        default_storage.save(name, File(data))
    return True


def _put_sqlite(copy: Path, over: bool, say: Say) -> None:
    name = Path(settings.DATABASES["default"]["NAME"])
    connections.close_all()
    part = name.with_name(f"{name.name}.part")
    shutil.copyfile(copy, part)
    part.chmod(0o600)
    with part.open("rb") as data:
        os.fsync(data.fileno())
    if name.exists():
        with closing(sqlite3.connect(name)) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = name.with_name(f"{name.name}.before-{datetime.datetime.now(datetime.UTC):%Y%m%dT%H%M%S}")
        if over:
            name.rename(before)
            say(f"The database that was here is kept as {before}.")
        for ending in ("-wal", "-shm"):
            Path(f"{name}{ending}").unlink(missing_ok=True)
    part.replace(name)


def _put_postgres(copy: Path) -> None:
    """In one transaction: it is the old one or the new one."""
    database = str(connection.settings_dict["NAME"])
    _let_go()
    _run(
        program("pg_restore"), "--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error",
        f"--dbname={database}", str(copy),
    )  # fmt: skip


def _prove(names: list[str], manifest: dict[str, Any], say: Say) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = [name for name, well in zip(names, pool.map(proven, names), strict=True) if not well]
    if wrong:
        raise Stopped(f"{len(wrong)} files did not come back as they were: {', '.join(wrong[:5])}.")
    entries = 0
    for case in Case.objects.order_by("reference"):
        verdict = record.verify(case.pk)
        wanted = manifest["journals"].get(case.reference)
        if not verdict.holds:
            raise Stopped(
                f"The journal of {case.reference} does NOT hold at entry {verdict.broken_at}: {verdict.why}."
            )
        if wanted is None or (verdict.entries, verdict.head) != (wanted["entries"], wanted["head"]):
            raise Stopped(f"The journal of {case.reference} does not end as in the back-up.")
        entries += verdict.entries
    if Case.objects.count() != len(manifest["journals"]):
        raise Stopped("There are not as many cases as in the back-up.")
    say(
        f"Proof: {len(names)} files have the SHA-256 that they are named by; {len(manifest['journals'])} journals with "
        f"{entries} entries hold and end as in the back-up."
    )
