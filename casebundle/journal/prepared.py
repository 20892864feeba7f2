"""Queries that a whole court waits for: Django puts their SQL together once, not each time.

To build a statement takes Django ten times as long as SQLite takes to answer it. A `Prepared` keeps what was built from
a queryset, whatever made that (`visible_to` above all), and is asked again with other values.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators


@contextmanager
def together() -> Iterator[None]:
    """What is asked for inside by `later` travels to the database together, where that is a server: several statements
    wait for it once, and are done there in their order. Nothing that is told a number of rows belongs in here.
    """
    connection.ensure_connection()
    pipeline = getattr(connection.connection, "pipeline", None)
    if pipeline is None:
        yield
        return
    with connection.wrap_database_errors, pipeline():
        yield


def _mark(name: str) -> bytes:
    return hashlib.sha256(f"comes later: {name}".encode()).digest()


def an_id(name: str) -> UUID:
    """Stands in a queryset's filters for an id that comes later, by that name."""
    return UUID(bytes=_mark(name)[:16])


def a_text(name: str) -> str:
    """The same for a text."""
    return _mark(name).hex()


def a_number(name: str) -> int:
    """The same for a number."""
    return int.from_bytes(_mark(name)[:4]) >> 1


class Prepared:
    """A queryset, compiled. `an_id`, `a_text` and `a_number` stand in it for the values `names`.

    For querysets whose shape does not depend on those values: none of them may be None. Of `values_list` come tuples
    (`first`), of models with what they `select_related` come objects (`things`).
    """

    def __init__(self, rows: QuerySet[Any, Any], *names: str) -> None:
        compiler = rows.query.get_compiler(connection=connection)
        self.sql, params = compiler.as_sql()
        self._params = list(params)
        self._later: list[tuple[int, str, bool]] = []  # (where, whose value, as text)
        for name in names:
            key = an_id(name)
            for at, value in enumerate(self._params):
                # A database without a type for ids has them as text without dashes.
                if value in (key, key.hex, a_text(name), a_number(name)):
                    self._later.append((at, name, value == key.hex))
        if {name for _at, name, _text in self._later} != set(names):
            raise ValueError(f"not all of {names} are in the filters: {self.sql}")
        self._names = set(names)
        self._converters = [
            (at, convert, expression)
            for at, (converters, expression) in compiler.get_converters(
                [expression for expression, _sql, _alias in compiler.select]
            ).items()
            for convert in converters
        ]
        self._model: tuple[type[Model], slice, list[str], list[Any]] | None = None
        if compiler.klass_info:
            own = compiler.klass_info["select_fields"]
            columns = slice(own[0], own[-1] + 1)
            self._model = (
                compiler.klass_info["model"],
                columns,
                [expression.target.attname for expression, _sql, _alias in compiler.select[columns]],
                # (From Django 6.1 on it takes one argument more, which is what its stubs know.)
                get_related_populators(compiler.klass_info, compiler.select, connection.alias),  # type: ignore[call-arg]
            )

    def _params_for(self, values: dict[str, Any]) -> list[Any]:
        if set(values) != self._names:
            raise TypeError(f"{self._names} are asked for, {set(values)} given")
        params = list(self._params)
        for at, name, as_text in self._later:
            value = values[name]
            if isinstance(value, str) and "\x00" in value:
                raise ValueError(f"{name} has a NUL in it")
            params[at] = value.hex if as_text else value
        return params

    def _rows(self, values: dict[str, Any], most: int | None = None) -> list[tuple[Any, ...]]:
        params = self._params_for(values)
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            rows: list[tuple[Any, ...]] = cursor.fetchall() if most is None else cursor.fetchmany(most)
        return self._converted(rows)

    def _converted(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        if not self._converters:
            return rows
        found = []
        for row in map(list, rows):
            for at, convert, expression in self._converters:
                row[at] = convert(row[at], expression, connection)
            found.append(tuple(row))
        return found

    def first(self, **values: Any) -> tuple[Any, ...] | None:
        """The first row for these values, or None. ValueError where the database does not take one of them."""
        return next(iter(self._rows(values, 1)), None)

    def later(self, **values: Any) -> Callable[[], tuple[Any, ...] | None]:
        """Ask now, and take what `first` would give when the returned function is called: see `together`."""
        params = self._params_for(values)
        cursor = connection.cursor()
        cursor.execute(self.sql, params)

        def take() -> tuple[Any, ...] | None:
            with cursor:
                return next(iter(self._converted(cursor.fetchmany(1))), None)

        return take

    def things(self, **values: Any) -> list[Any]:
        """The objects for these values, as the queryset would give them."""
        if self._model is None:
            raise TypeError("a values_list has rows (first), and no objects")
        model, columns, names, populators = self._model
        found = []
        for row in self._rows(values):
            thing = model.from_db(connection.alias, names, row[columns])
            for populator in populators:
                populator.populate(row, thing)
            found.append(thing)
        return found
