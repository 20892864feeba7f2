"""`migrate`, by one at a time: several machines may start a new version at the same moment."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, connections

from casebundle.journal.locks import waiting_for
from casebundle.journal.postgres import without_limits


class Command(migrate.Command):
    """Django's own, under a lock of the database; who comes second finds it done."""

    def handle(self, *args: Any, **options: Any) -> Any:
        connection = connections[options.get("database") or DEFAULT_DB_ALIAS]
        with waiting_for(connection, "migrate"), without_limits(connection):
            return super().handle(*args, **options)
