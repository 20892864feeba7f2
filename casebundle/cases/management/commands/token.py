"""Makes an API token: prints it and nothing else, so that a script can keep it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casebundle.cases import access, people
from casebundle.cases.access import NotVisible
from casebundle.cases.addresses import stored_address
from casebundle.cases.models import User


class Command(BaseCommand):
    help = (
        "Prints a new API token of somebody who can sign in. It is shown this once; it may do what they may."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="whose token it is")
        parser.add_argument("--name", default="Made on the command line", help="what it is for")
        parser.add_argument("--case", metavar="REFERENCE", help="good for this case alone")
        parser.add_argument("--days", type=int, help="good for so many days (left out: until it is revoked)")

    def handle(self, *, email: str, name: str, case: str | None, days: int | None, **options: Any) -> None:
        user = User.objects.filter(email=stored_address(email), is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody here has the e-mail address {email}.")
        if days is not None and not 1 <= days <= 36_500:
            raise CommandError("A token is good for 1 to 36,500 days.")
        participant = None
        if case is not None:
            try:
                participant = access.viewer_in(user, reference=case).participant
            except NotVisible:
                raise CommandError(f"{email} is in no case {case}.") from None
        _token, secret = people.new_token(user, name, participant, days)
        self.stdout.write(secret)
