"""Makes an API token: prints it and nothing else, so that a script can keep it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from casebundle.cases import access, people
from casebundle.cases.access import NotVisible
from casebundle.cases.addresses import stored_address
from casebundle.cases.models import Scope, User


class Command(BaseCommand):
    help = (
        "Prints a new API token of somebody who can sign in. It is shown this once; they are told by e-mail."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="whose token it is")
        parser.add_argument("--name", default="Made on the command line", help="what it is for")
        parser.add_argument("--case", metavar="REFERENCE", help="good for this case alone")
        parser.add_argument(
            "--scope",
            choices=Scope.values,
            default=str(Scope.FULL),
            help="read: change nothing; serve: upload, serve and replace, and read nothing else; full: what they may",
        )
        parser.add_argument(
            "--days",
            type=int,
            help=f"good for so many days (left out: {settings.TOKEN_DAYS}; at most {settings.TOKEN_DAYS_MOST})",
        )

    def handle(
        self, *, email: str, name: str, case: str | None, scope: str, days: int | None, **options: Any
    ) -> None:
        user = User.objects.filter(email=stored_address(email), is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody here has the e-mail address {email}.")
        participant = None
        if case is not None:
            try:
                participant = access.viewer_in(user, reference=case).participant
            except NotVisible:
                raise CommandError(f"{email} is in no case {case}.") from None
        try:
            _token, secret = people.new_token(user, name, participant, days, scope)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(secret)
