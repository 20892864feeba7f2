"""From the data folder of one machine to the servers that the environment names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from casebundle.running import moving


class Command(BaseCommand):
    help = (
        "Copies database and files of a data folder to DATABASE_URL and STORAGE_URL, makes the index of "
        "OPENSEARCH_URL, and proves that all of it is there. The folder is left as it is. Can be repeated."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from", dest="folder", help="the data folder to move from (default: CASEBUNDLE_DATA)"
        )

    def handle(self, *, folder: str | None, **options: Any) -> None:
        here = settings.EMBEDDED and not hasattr(default_storage, "abilities") and not settings.OPENSEARCH_URL
        if here and not folder:
            raise CommandError(
                "Say where to: set DATABASE_URL, STORAGE_URL or OPENSEARCH_URL (docs/operations.md)."
            )
        source = Path(folder or settings.DATA_DIR).resolve()
        self.stdout.write(f"From {source} to: {moving.say_where()}")
        try:
            moving.move(source, self._say)
        except moving.Stopped as why:
            raise CommandError(str(why)) from None
        except (DatabaseError, OSError) as error:
            mends = getattr(error, "mends", "")
            raise CommandError(
                f"It broke off: {error}. {mends} Run it again: it goes on where it was."
            ) from None
        self.stdout.write(
            "Moved. Start server and worker with the same environment; keep the folder as a copy."
        )

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
