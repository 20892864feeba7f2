"""Says what is wrong with an installation, and what mends it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from casebundle.bundles import files
from casebundle.bundles.models import Version
from casebundle.cases.models import Case
from casebundle.evidence import scan
from casebundle.evidence.process import due
from casebundle.evidence.sweep import KEPT, unclaimed
from casebundle.journal import record
from casebundle.pdf import confinement
from casebundle.running import checks
from casebundle.watching.logs import said
from search.engine import IndexDamaged, SearchError
from search.engines import engine
from search.indexing import due_documents

Wrong = Iterator[str]


class Command(BaseCommand):
    help = "Looks at folder, disk, database, originals, search index, journal and worker; fails where one is wrong."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--deep", action="store_true", help="read every original and every journal entry again"
        )

    def handle(self, *, deep: bool, **options: Any) -> None:
        wrong = 0
        # First what /readyz says, by the same functions; then what takes longer.
        for check in checks.CHECKS:
            seen = checks.look_at(check)
            state = "not used here" if seen.state == "off" else f"{seen.ms} ms"
            if seen.name == "worker" and not seen.well and not _waiting():
                self.stdout.write("ok     worker (none is running, and no file waits for one)")
            elif seen.well:
                self.stdout.write(f"ok     {seen.name} ({state})")
            else:
                self.stdout.write(f"WRONG  {seen.name}: {seen.detail or seen.state}")
                wrong += 1
        looks: list[tuple[str, Callable[[], Wrong]]] = [
            ("data folder", folder),
            ("schema", schema),
            (f"search index{search_engine()}", search),
            ("originals", lambda: originals(deep)),
        ]
        if deep:
            looks.append(("journal", journal))
        for name, look in looks:
            try:
                found = list(look())
            except DatabaseError as error:
                found = [f"the database does not answer: {said(error)}"]
            except OSError as error:
                found = [str(error)]
            for line in found:
                self.stdout.write(f"WRONG  {name}: {line}")
            if not found:
                self.stdout.write(f"ok     {name}")
            wrong += len(found)
        for line in notes():
            self.stdout.write(f"note   {line}")
        if wrong:
            raise CommandError(f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong.")


def folder() -> Wrong:
    for path in (settings.DATA_DIR, settings.FILE_UPLOAD_TEMP_DIR):
        try:
            with tempfile.NamedTemporaryFile(dir=path, prefix=files.DRAFT) as probe:
                probe.write(b".")
        except OSError as error:
            yield f"{path} cannot be written to ({error.strerror}): give this user the right, or mount it read-write"


def newer() -> list[str]:
    """Migrations that the database has and this code has not: a newer version was here."""
    loader = MigrationExecutor(connection).loader
    ours = {app for app, _name in loader.disk_migrations}
    return sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in ours and (app, name) not in loader.disk_migrations and not _squashed(loader, app, name)
    )


def _squashed(loader: Any, app: str, name: str) -> bool:
    return any((app, name) in migration.replaces for migration in loader.disk_migrations.values())


def schema() -> Wrong:
    unknown = newer()
    if unknown:
        yield f"it was made by a newer version of casebundle ({unknown[-1]}): run that version"
        return
    if checks.older():
        yield "it is of an older version: ./manage.py migrate"
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(1)")
            (state,) = cursor.fetchone()
        if state != "ok":
            yield f"it is damaged ({state}): put back the last copy of {settings.DATA_DIR}"


def search_engine() -> str:
    """Which one it is, in parentheses; nothing where it cannot say."""
    try:
        return f" ({engine().about()})"
    except SearchError:
        return ""


def search() -> Wrong:
    try:
        engine().check(deep=True)
        behind = due_documents().count()
    except IndexDamaged as error:
        yield f"{error}: ./manage.py reindex (the worker does it by itself)"
        return
    except SearchError as error:
        yield str(error)
        return
    if behind:
        yield f"{behind} documents are not in it yet: ./manage.py reindex --mend (the worker does it by itself)"


def _waiting() -> bool:
    try:
        return bool(due().exists())
    except DatabaseError:
        return True


def notes() -> Iterator[str]:
    """What is not wrong, and better known."""
    able = getattr(default_storage, "abilities", None)
    if able is not None:
        try:
            for what, so in able().missing():
                yield f"files: the bucket {what}: {so}"
        except OSError:
            return
    if confinement.demanded() == "external":
        yield (
            "confinement: CONFINEMENT=external says that what opens uploaded files is confined in another way; of this "
            f"machine's own it is {confinement.trial().level}"
        )
    if not scan.wanted():
        yield "virus scan: no scanner is set up (CLAMD_URL), and every receipt says so"


def originals(deep: bool) -> Wrong:
    import hashlib

    # By the first two letters: a bucket tells a thousand names in one answer, and memory stays flat.
    for letters in (f"{n:02x}" for n in range(256)):
        rows = dict(Version.objects.filter(sha256__startswith=letters).values_list("sha256", "size"))
        there = dict(files.kept().files(f"originals/{letters}")) if rows else {}
        for sha256, size in sorted(rows.items()):
            key = files.original_key(sha256)
            if there.get(key) != size:
                yield f"{key} is missing or not whole: put it back from the last copy"
            elif deep:
                with default_storage.open(key) as data:
                    if hashlib.file_digest(data, "sha256").hexdigest() != sha256:  # type: ignore[arg-type]
                        yield f"{key} was changed: put it back from the last copy"
    # A day old, and the worker's sweep has not taken it: nothing is wrong with what people see.
    count = sum(1 for kind in KEPT for _one in unclaimed(kind, 2 * 24 * 3600))
    if count:
        yield f"{count} files belong to nothing and were not swept away: is a worker running?"


def journal() -> Wrong:
    for case in Case.objects.order_by("reference"):
        verdict = record.verify(case.pk)
        if not verdict.holds:
            yield f"that of {case.reference} does not hold at entry {verdict.broken_at}: {verdict.why}"
