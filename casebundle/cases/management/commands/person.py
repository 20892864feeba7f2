"""Makes somebody's account from the command line: the first clerk, who then invites everybody else."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from casebundle.cases import names
from casebundle.cases.addresses import checked_address
from casebundle.cases.models import User


class Command(BaseCommand):
    help = "Make an account. The password is asked for, or read from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")
        parser.add_argument("--court-staff", action="store_true", help="may make cases")

    def handle(self, *, email: str, name: str, court_staff: bool, **options: Any) -> None:
        try:
            email = checked_address(email)
        except ValidationError as error:
            raise CommandError(f"{email} is no e-mail address. {' '.join(error.messages)}") from None
        if User.objects.filter(email=email).exists():
            raise CommandError(f"{email} has an account already.")
        try:
            # A title is the court's to give: to its own staff here, to judges in People.
            name = names.checked(name, giver="court" if court_staff else "")
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        made = User(email=email, name=name, is_court_staff=court_staff)
        password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            validate_password(password, made)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        User.objects.create_user(email, password, name=name, is_court_staff=court_staff)
        self.stdout.write(f"{email} can sign in.")
