"""Checks the journal of a case from its first entry to its last."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casebundle.cases.models import Case
from casebundle.journal import record


class Command(BaseCommand):
    help = "Computes every hash in the journal of a case again; fails, and says where, if one does not hold."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", help="the case, like T20267001")

    def handle(self, *, reference: str, **options: Any) -> None:
        case = Case.objects.filter(reference__iexact=reference).first()
        if case is None:
            raise CommandError(f"There is no case {reference}.")
        verdict = record.verify(case.pk)
        if not verdict.holds:
            raise CommandError(
                f"The journal of {case.reference} does NOT hold at entry {verdict.broken_at}: {verdict.why}."
            )
        self.stdout.write(
            f"The journal of {case.reference} holds: {verdict.entries} entries, head {verdict.head}"
        )
