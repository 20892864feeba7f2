"""Makes the search index good again, by hand: the worker does the same by itself."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.engine import IndexBusy, SearchError
from search.engines import engine
from search.indexing import mend


class Command(BaseCommand):
    help = (
        "Looks at every byte of the search index, makes it again where it is damaged or missing, and indexes what is "
        "not in it. Nothing else is touched; reading, notes and hearings go on meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--afresh", action="store_true", help="throw the index away and make it again")

    def handle(self, *, afresh: bool, **options: Any) -> None:
        try:
            if afresh:
                engine().reset()
            documents = mend()
            self.stdout.write(
                f"The search index is whole: {engine().count()} pages, {documents} documents indexed just now."
            )
        except IndexBusy:
            raise CommandError("The worker is indexing at this moment, and goes on by itself.") from None
        except SearchError as error:
            raise CommandError(f"{error}. Mend that and try again: ./manage.py reindex") from None
