"""Makes a large case, as large as one likes."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from casebundle.bundles.services import Conflict
from casebundle.cases.models import Case
from casebundle.demo import large, loader
from casebundle.journal.models import Chain
from search.indexing import due_documents, index_due


class Command(BaseCommand):
    help = (
        "Make a case with as many documents and pages as one likes, served, with labels and a journal that verifies. "
        "The people of the demo case are in it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--documents", type=int, default=100, help="how many are served (%(default)s)")
        parser.add_argument(
            "--pages", type=int, default=1000, help="how many pages they have in all (%(default)s)"
        )
        parser.add_argument("--reference", help="of the case; L and the number of pages where left out")
        parser.add_argument("--staged", type=int, default=0, help="further documents, ready and not served")
        parser.add_argument("--notes", type=int, default=0, help="notes on its pages")
        parser.add_argument("--hearings", type=int, default=0, help="past hearings")
        parser.add_argument("--journal", type=int, default=0, help="entries in its journal, at least")
        parser.add_argument(
            "--index",
            action="store_true",
            help="put it into the search index now (else a worker does, when it runs)",
        )
        parser.add_argument(
            "--seed", type=int, default=7, help="another number makes other words (%(default)s)"
        )

    def handle(
        self,
        *,
        documents: int,
        pages: int,
        reference: str | None,
        staged: int,
        notes: int,
        hearings: int,
        journal: int,
        index: bool,
        seed: int,
        **options: Any,
    ) -> None:
        if min(staged, notes, hearings, journal) < 0:
            raise CommandError("Give numbers from 0.")
        reference = reference or f"L{pages}"
        try:
            made = large.make(
                reference,
                documents,
                pages,
                staged=staged,
                notes_wanted=notes,
                hearings=hearings,
                journal=journal,
                seed=seed,
                progress=self.stdout.write,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except Conflict as error:
            raise CommandError(f"{error} Choose another one with --reference.") from None
        except large.CannotMake as error:
            raise CommandError(str(error)) from None
        took = made.took
        rate = pages / (took["originals"] + took["documents"])
        self.stdout.write(
            f"Case {reference}: {pages:,} pages in {documents:,} documents, served: "
            f"{took['originals'] + took['documents']:.1f} s, {rate:,.0f} pages a second."
        )
        case = Case.objects.get(reference=reference)
        entries = Chain.objects.get(pk=case.pk).seq
        for what, count in (
            ("staged", staged),
            ("notes", notes),
            ("hearings", hearings),
            ("journal", entries),
        ):
            if count and took[what] > 0.01:
                self.stdout.write(f"  {what}: {count:,}, {took[what]:.1f} s")
        if index:
            waiting = due_documents().count()
            self.stdout.write(f"Indexing {waiting:,} documents …")
            self.stdout.write(f"  {index_due():,} documents are in the search index.")
        self.stdout.write(f"The people of the demo case can open it; their password is {loader.password()}")
