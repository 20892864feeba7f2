"""The server alone, as `make run` starts it: for a container, or whatever keeps processes running."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from casebundle.running.serving import IN_PEACE, command


class Command(BaseCommand):
    help = (
        "Serve, until it is ended. Database and workers are started by themselves; ./manage.py migrate first."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("LISTEN", "127.0.0.1"), help="address (LISTEN)")
        parser.add_argument("--port", type=int, default=settings.PORT, help="port (PORT)")

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        line = command(host, port, IN_PEACE)
        os.chdir(settings.BASE_DIR)
        # In our place: whoever ends us ends the server itself.
        os.execv(line[0], line)  # noqa: S606
