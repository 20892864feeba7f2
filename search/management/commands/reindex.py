"""Makes the search index anew or good again, by hand: the worker does the latter by itself."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search import indexing
from search.engine import IndexBusy, SearchError
from search.engines import engine
from search.rebuilding import rebuild


class Command(BaseCommand):
    help = (
        "Makes a new search index beside the old one and goes over to it when it holds everything; everybody searches "
        "the old one until then. Nothing else is touched; reading, notes and hearings go on meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--mend",
            action="store_true",
            help="only look at every byte, make it again where it is damaged, and index what is not in it",
        )

    def handle(self, *, mend: bool, **options: Any) -> None:
        try:
            documents = indexing.mend() if mend else rebuild()
            self.stdout.write(
                f"The search index is whole: {engine().count()} pages, {documents} documents indexed just now."
            )
        except IndexBusy:
            raise CommandError("The worker is indexing at this moment. Try again in a moment.") from None
        except SearchError as error:
            raise CommandError(f"{error}. Mend that and try again: ./manage.py reindex") from None
