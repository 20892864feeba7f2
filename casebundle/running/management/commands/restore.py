"""Puts a back-up in the place of what is here, and proves that it is whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from casebundle.running import copies


class Command(BaseCommand):
    help = "Puts a back-up here: checks it, puts files and database back, and proves every file and every journal."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", help="the folder of the back-up")
        parser.add_argument(
            "--over", action="store_true", help="also where there are cases or people already"
        )

    def handle(self, *, folder: str, over: bool, **options: Any) -> None:
        try:
            copies.restore(Path(folder), self.stdout.write, over=over)
        except copies.Stopped as why:
            raise CommandError(str(why)) from None
        except (DatabaseError, OSError) as error:
            raise CommandError(f"It broke off: {error}. Run it again.") from None
