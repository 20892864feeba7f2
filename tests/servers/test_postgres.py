"""PostgreSQL that falls silent, ends a statement, or is gone for a moment: nobody waits for ever."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, transaction
from django.db.utils import OperationalError as DjangoError
from environ import FileAwareEnv

from casebundle.cases import mending
from casebundle.cases.models import Case
from casebundle.journal.postgres import Bounded, database, without_limits
from tests.bucket import Proxy


def test_a_server_that_says_nothing_is_given_up() -> None:
    place = urlsplit(os.environ["DATABASE_URL"])
    proxy = Proxy(f"{place.hostname}:{place.port}")
    host, _colon, port = proxy.listen.rpartition(":")
    try:

        class Impatient(Bounded):
            patience = 1.0

        line = Impatient.connect(
            host=host,
            port=port,
            user=place.username,
            dbname="postgres",
            password=place.password,
            autocommit=True,
        )
        assert line.execute("select 1").fetchone() == (1,)
        # From here on nothing comes through, and nobody says so.
        proxy.toxic("timeout", timeout=0)
        with pytest.raises(psycopg.OperationalError, match="does not answer") as silent:
            line.execute("select 2")
        assert line.closed
        found = mending.trouble(DjangoError(str(silent.value)))
        assert found is not None
        assert found.code == "away"
    finally:
        proxy.close()


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_takes_too_long_is_ended_and_said() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("30s",)
        cursor.execute("SET statement_timeout = '100ms'")
    try:
        with pytest.raises(OperationalError) as ended, connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(20)")
        found = mending.trouble(ended.value)
        assert found is not None
        assert found.code == "busy"
        # A migration may.
        with without_limits(connection), connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.3)")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '30s'")


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_ended_is_replaced_by_the_pool() -> None:
    assert settings.DATABASES["default"]["OPTIONS"]["pool"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (mine,) = cursor.fetchone()
    place = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(place.geturl(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [mine])
    with pytest.raises(OperationalError) as gone:
        Case.objects.count()
    found = mending.trouble(gone.value)
    assert found is not None
    assert found.code == "away"
    connection.close_if_unusable_or_obsolete()
    with transaction.atomic():
        assert Case.objects.count() == 0


@pytest.mark.parametrize("url", ["mysql://user@host/name", "postgres://user@host:5432", "sqlite:///a"])
def test_what_is_no_postgresql_is_said(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(ImproperlyConfigured, match="postgres://user:password@host:5432/name"):
        database(FileAwareEnv())
