"""Loads the demo case."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from casebundle.demo import loader


class Command(BaseCommand):
    help = "Make and load the demo case, R v Bates and Doyle, where it is not there."

    def handle(self, **options: Any) -> None:
        manifest = loader.load(self.stdout.write)
        others = manifest.other_case.people if manifest.other_case else []
        self.stdout.write(f"\nSign in with the password {loader.password()}\n")
        for person in [*manifest.people, *others]:
            self.stdout.write(f"  {person.email:34} {person.name}, {person.role}\n")
