"""A back-up of this installation, while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from casebundle.running import copies


class Command(BaseCommand):
    help = "Puts database and files into a folder, with the SHA-256 of everything. People go on working meanwhile."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", help="new, empty, or of an earlier back-up: what it has is not copied again"
        )
        parser.add_argument(
            "--listing",
            action="store_true",
            help="do not copy files, list and check them: for a bucket that is copied by its own means",
        )

    def handle(self, *, folder: str, listing: bool, **options: Any) -> None:
        try:
            copies.back_up(Path(folder), self.stdout.write, listing=listing)
        except copies.Stopped as why:
            raise CommandError(str(why)) from None
        except (DatabaseError, OSError) as error:
            raise CommandError(f"It broke off, and there is no back-up: {error}") from None
