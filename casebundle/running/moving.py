"""From the data folder of one machine to servers: database, files, search; and the proof that nothing is missing.

The folder is only read. What is on the servers already is looked at and not sent again, so that a move which was cut
short is repeated. The database goes over in one transaction: nobody ever meets half of it.
"""

from __future__ import annotations

import datetime
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, connections, models, transaction

from casebundle.bundles import files
from casebundle.bundles.files import WholeFiles
from casebundle.bundles.models import Document, Version
from casebundle.cases.models import Case, User
from casebundle.journal import record
from casebundle.journal.models import Chain, Entry
from casebundle.journal.portions import portions

SOURCE = "source"
PORTION = 500  # rows held at a time
AT_ONCE = 8  # files
KINDS = ("originals", "reading", "images")
# Made anew where it is wanted (nudges, counts of tries, who is here now), by `migrate`, or used by nobody.
LEFT = {
    *(
        "django_tasks_database_dbtaskresult",
        "watching_sign",
        "cases_tally",
        "courtroom_web",
        "courtroom_here",
    ),
    *("django_content_type", "auth_permission", "auth_group", "auth_group_permissions"),
    *("cases_user_groups", "cases_user_user_permissions"),
}
# What the search index of one place holds is not what that of another does.
OWN = {"bundles_document": {"index_held", "index_version"}}

Say = Callable[[str], None]


class Stopped(Exception):
    """The message says what is in the way and what to do about it, for the person at the keyboard."""


# --- the folder ---------------------------------------------------------------------------------
@contextmanager
def at_rest(folder: Path) -> Iterator[None]:
    """Inside, nobody starts a server or worker on that data folder; Stopped where one is running."""
    with ExitStack() as held:
        for name in ("up.lock", "worker.lock"):
            path = folder / name
            if not path.exists():
                continue
            lock = held.enter_context(path.open("r"))
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Stopped(
                    f"casebundle is running with {folder}: end it first (Ctrl-C), then try again."
                ) from None
        yield


def check_secrets(folder: Path) -> None:
    """Stopped where ours are not those of the folder: nothing that was signed with them would be good any more."""
    for name in ("SECRET_KEY", "SIGNING_KEY"):
        kept = folder / "secrets" / name.lower()
        if kept.exists() and kept.read_text().strip() != getattr(settings, name):
            raise Stopped(
                f"{name} here is not that of {folder}, so what was signed there could not be checked any more. Carry "
                f"it over: put what is in {kept} into {name}, or {name}_FILE={kept}."
            )


@contextmanager
def opened(folder: Path) -> Iterator[None]:
    """Inside, the database alias "source" is a copy of the folder's database; the folder itself is only read."""
    there = folder / "casebundle.sqlite3"
    if not there.exists():
        raise Stopped(f"There is no database in {folder}: is it the data folder (CASEBUNDLE_DATA)?")
    with tempfile.TemporaryDirectory(prefix="casebundle-move-") as place:
        copy = Path(place) / there.name
        for ending in ("", "-wal"):
            if Path(f"{there}{ending}").exists():
                shutil.copyfile(f"{there}{ending}", f"{copy}{ending}")
        one = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(copy), "OPTIONS": {"timeout": 30}}
        connections.settings[SOURCE] = connections.configure_settings({"default": dict(one), SOURCE: one})[
            SOURCE
        ]
        try:
            # One of an earlier version becomes one of this version: the copy does.
            call_command("migrate", database=SOURCE, interactive=False, verbosity=0)
            yield
        finally:
            connections[SOURCE].close()
            del connections[SOURCE]
            del connections.settings[SOURCE]


# --- database -----------------------------------------------------------------------------------
def tables() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in LEFT
    ]


def _columns(model: type[models.Model]) -> list[str]:
    own = OWN.get(model._meta.db_table, set())
    return [field.attname for field in model._meta.concrete_fields if field.attname not in own]


def _plain(value: Any) -> Any:
    """A value as both databases give it."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC)
    return value


def _values(row: models.Model, columns: list[str]) -> list[Any]:
    return [_plain(getattr(row, name)) for name in columns]


def _portions(model: type[models.Model], alias: str) -> Iterator[list[models.Model]]:
    rows = model._base_manager.using(alias).order_by("pk").iterator(chunk_size=PORTION)
    batch: list[models.Model] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= PORTION:
            yield batch
            batch = []
    if batch:
        yield batch


def check_unused() -> None:
    """Stopped where the servers have something that the folder has not: they have been in use."""
    theirs = {chain.pk: chain for chain in Chain.objects.using(SOURCE)}
    for chain in Chain.objects.all():
        ours = theirs.get(chain.pk)
        entry = (
            Entry.objects.using(SOURCE)
            .filter(chain_id=chain.pk, seq=chain.seq)
            .values_list("hash", flat=True)
        )
        if ours is None or (chain.seq and chain.hash not in entry):
            raise Stopped(
                "The servers hold entries that this folder does not have: they have been used since, or by others. "
                "Nothing was changed. Move to an empty database."
            )
    known = set(User.objects.using(SOURCE).values_list("email", flat=True))
    for email in User.objects.values_list("email", flat=True).iterator():
        if email not in known:
            raise Stopped(
                "The servers have people that this folder does not have. Nothing was changed. Move to an empty "
                "database."
            )


def copy_rows(say: Say) -> dict[str, int]:
    """Make the default database what the source is, in one transaction; rows written, by table."""
    written: dict[str, int] = {}
    with transaction.atomic():
        for model in reversed(tables()):
            _remove_others(model)
        for model in tables():
            written[model._meta.db_table] = count = _copy_table(model)
            if count:
                say(f"  {model._meta.db_table}: {count} rows")
        with connection.cursor() as cursor:
            for line in connection.ops.sequence_reset_sql(no_style(), tables()):
                cursor.execute(line)
    return written


def _remove_others(model: type[models.Model]) -> None:
    """Rows that the source has not (any more): sessions that ended, drafts that were thrown away."""
    pks = model._base_manager.order_by("pk").values_list("pk", flat=True)
    gone: list[Any] = []
    batch: list[Any] = []

    def look() -> None:
        there = set(
            model._base_manager.using(SOURCE).filter(pk__in=batch).order_by().values_list("pk", flat=True)
        )
        gone.extend(pk for pk in batch if pk not in there)
        batch.clear()

    for pk in pks.iterator(chunk_size=PORTION):
        batch.append(pk)
        if len(batch) >= PORTION:
            look()
    look()
    for some in portions(gone):
        rows = model._base_manager.filter(pk__in=some)
        rows._raw_delete(rows.db)


def _copy_table(model: type[models.Model]) -> int:
    columns, count = _columns(model), 0
    fields = [
        field.name
        for field in model._meta.concrete_fields
        if not field.primary_key and field.attname in columns
    ]
    for batch in _portions(model, SOURCE):
        there = model._base_manager.in_bulk([row.pk for row in batch])
        new = [row for row in batch if row.pk not in there]
        changed = [
            row
            for row in batch
            if row.pk in there and _values(row, columns) != _values(there[row.pk], columns)
        ]
        for row in (*new, *changed):
            row._state.db = connection.alias
        if model is Document:
            for row in new:
                row.index_held, row.index_version = 0, ""  # type: ignore[attr-defined]
        model._base_manager.bulk_create(new, batch_size=PORTION)
        if changed:
            model._base_manager.bulk_update(changed, fields, batch_size=100)
        count += len(new) + len(changed)
    return count


def digest(model: type[models.Model], alias: str) -> tuple[int, str]:
    """How many rows a table has, and a digest of all their values, in whatever order they come."""
    columns, count, total = _columns(model), 0, 0
    for batch in _portions(model, alias):
        for row in batch:
            said = json.dumps(
                [value.hex() if isinstance(value, bytes) else value for value in _values(row, columns)],
                default=str, sort_keys=True,
            )  # fmt: skip
            total += int.from_bytes(hashlib.sha256(said.encode()).digest(), "big")
            count += 1
    return count, f"{total % 2**256:064x}"


# --- files --------------------------------------------------------------------------------------
def copy_files(folder: Path, say: Say) -> tuple[int, int]:
    """Put every file that a version names where the files of this installation are: (those sent, those there already).

    Raises Stopped where one is missing or is not what its name says.
    """
    source = WholeFiles(location=folder / "files")
    try:
        if Path(default_storage.path("")).resolve() == Path(source.path("")).resolve():
            say("Files stay where they are: STORAGE_URL is not set.")
            return 0, 0
    except NotImplementedError:
        pass
    sent, there, wrong = 0, 0, []
    told = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for kind in KINDS:
            for letters in (f"{n:02x}" for n in range(256)):
                named = _named(kind, letters)
                known = dict(files.kept().files(f"{kind}/{letters}")) if named else {}
                wanted = [
                    (name, size)
                    for name, size in source.files(f"{kind}/{letters}")
                    if name.split("/")[2] in named
                ]
                had = {name.split("/")[2] for name, _size in wanted}
                if kind != "images":
                    wrong += [f"{kind}/{letters}/{sha256} is missing" for sha256 in sorted(named - had)]
                names, sizes = [name for name, _size in wanted], [size for _name, size in wanted]
                for said in pool.map(partial(_copy_file, source, known), names, sizes):
                    sent += said == "sent"
                    there += said == "there"
                    if said not in ("sent", "there"):
                        wrong.append(said)
                if time.monotonic() - told > 5:
                    told = time.monotonic()
                    say(f"  {kind}: {sent + there} files …")
    if wrong:
        raise Stopped(
            f"{len(wrong)} files of {folder} cannot be moved: {'; '.join(wrong[:5])}. "
            "Put them back from the last copy and try again."
        )
    return sent, there


def _named(kind: str, letters: str) -> set[str]:
    """SHA-256 of what versions name."""
    rows = Version.objects.using(SOURCE)
    found: set[str] = set()
    if kind != "reading":
        found |= set(rows.filter(sha256__startswith=letters).values_list("sha256", flat=True))
    if kind != "originals":
        copies = rows.filter(reading_sha256__startswith=letters)
        found |= set(copies.values_list("reading_sha256", flat=True))
    return found


def _copy_file(source: WholeFiles, known: dict[str, int], name: str, size: int) -> str:
    """ "sent", "there", or what is wrong."""
    hashed = "" if name.startswith("images/") else name.rpartition("/")[2]
    if known.get(name) == size and (not hashed or proven(name)):
        return "there"
    with open(source.path(name), "rb") as data:  # noqa: PTH123
        if hashed and hashlib.file_digest(data, "sha256").hexdigest() != hashed:
            return f"{name} is not what its name says"
        data.seek(0)
        default_storage.save(name, File(data))
    if hashed and not proven(name):
        return f"{name} did not arrive as it was sent"
    return "sent"


def proven(name: str) -> bool:
    """Whether what is kept under that name has the SHA-256 that it is named by: as the server has computed it, else
    read back."""
    wanted = name.rpartition("/")[2]
    ask = getattr(default_storage, "sha256", None)
    try:
        said = ask(name) if ask else None
        if said is None:
            with default_storage.open(name) as data:
                said = file_sha256(data)
    except FileNotFoundError:
        return False
    return bool(said == wanted)


def file_sha256(data: IO[bytes] | File[bytes]) -> str:
    found = hashlib.sha256()
    while chunk := data.read(files.CHUNK):
        found.update(chunk)
    return found.hexdigest()


# --- all of it ----------------------------------------------------------------------------------
def move(folder: Path, say: Say) -> None:
    """Raises Stopped; then it can be repeated once what is in the way is away."""
    elsewhere = connection.vendor != "sqlite" or Path(settings.DATABASES["default"]["NAME"]) != (
        folder / "casebundle.sqlite3"
    )
    with at_rest(folder):
        check_secrets(folder)
        with opened(folder):
            if elsewhere:
                call_command("migrate", interactive=False, verbosity=0)
                check_unused()
            # Files first: a row never names what is not there.
            sent, there = copy_files(folder, say)
            say(f"Files: {sent} sent, {there} were there already; each has the SHA-256 that it is named by.")
            if elsewhere:
                copy_rows(say)
                _prove_rows(say)
            else:
                say("The database stays where it is: DATABASE_URL is not set.")
            _prove_chains(say)
    if settings.OPENSEARCH_URL:
        call_command("reindex", stdout=_Saying(say))
    else:
        say("The search index is made by the worker when it starts.")


class _Saying:
    def __init__(self, say: Say) -> None:
        self.say = say

    def write(self, text: str) -> None:
        if text.strip():
            self.say(text.strip())


def _prove_rows(say: Say) -> None:
    rows = 0
    for model in tables():
        ours, theirs = digest(model, "default"), digest(model, SOURCE)
        if ours != theirs:
            raise Stopped(
                f"{model._meta.db_table} has {ours[0]} rows here and {theirs[0]} in the folder, or they differ. Is "
                "somebody using the servers already? Try again."
            )
        rows += ours[0]
    say(f"Database: {rows} rows in {len(tables())} tables, the same in both.")


def _prove_chains(say: Say) -> None:
    entries = 0
    heads = dict(Chain.objects.using(SOURCE).values_list("id", "hash"))
    cases = list(Case.objects.order_by("reference"))
    for case in cases:
        verdict = record.verify(case.pk)
        if not verdict.holds:
            raise Stopped(
                f"The journal of {case.reference} does NOT hold at entry {verdict.broken_at}: {verdict.why}."
            )
        if heads.get(case.pk, verdict.head) != verdict.head:
            raise Stopped(f"The journal of {case.reference} does not end as it does in the folder.")
        entries += verdict.entries
    say(f"Journal: {entries} entries in {len(cases)} cases; every chain holds and ends as in the folder.")


def say_where() -> str:
    """Where things go, for the person at the keyboard."""
    found = connection.settings_dict
    where = f"{connection.vendor} {found.get('HOST') or ''}{':' if found.get('PORT') else ''}{found.get('PORT') or ''}"
    parts = [f"database {found['NAME']} ({where.strip()})"]
    parts.append(f"files in {getattr(default_storage, 'where', None) or os.fspath(default_storage.path(''))}")
    if settings.OPENSEARCH_URL:
        parts.append("search in OpenSearch")
    return ", ".join(parts)
