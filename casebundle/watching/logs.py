"""Logs that say what happened to which request, case and document, and never what is in them.

`Plain` for people at a terminal, `Json` for programs: one object a line. Both leave out what could be content. What
an exception says is shown where its kind only ever speaks of machines; else its kind alone, and where it was raised.
What a library says is shown without the texts that it puts into its sentences.
"""

from __future__ import annotations

import datetime
import json
import logging
from types import TracebackType
from typing import Any

from .trail import now

# Whose sentences are our own, and hold ids and numbers (tests/running/test_logs.py looks at what comes of them).
OURS = ("casebundle", "search", "annotations", "django_tasks", "django_tasks_db")
# Whose sentences without arguments are constant.
PLAIN_SPOKEN = ("uvicorn", "django.request", "psycopg", "channels_redis", "redis")
# Kinds of exceptions that speak of machines alone, by the name of any of their classes.
OF_MACHINES = {
    *("OperationalError", "InterfaceError", "SearchError", "PoolTimeout", "PoolClosed", "CommandError"),
    *("ImproperlyConfigured", "ConnectionError", "TimeoutError", "Interrupted"),
    *("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "TransportError"),
}
# How much of a traceback is told: the places nearest to where it was raised.
PLACES = 15
MOST = 2000  # characters of one sentence


def said(error: BaseException) -> str:
    """What an exception may say in a log: its kind, and its words where those are of machines."""
    kind = type(error).__name__
    if isinstance(error, OSError) and error.errno is not None:
        # Not the name of the file: somebody may have named it.
        return f"{kind}: [Errno {error.errno}] {error.strerror}"
    if kind == "Refused":
        return f"{kind}: {getattr(error, 'code', '')}"
    if any(base.__name__ in OF_MACHINES for base in type(error).__mro__):
        text = str(error)
        # What a database adds about a row is the row.
        text = text.split("DETAIL:", maxsplit=1)[0].split("\nLINE ", maxsplit=1)[0]
        return f"{kind}: {' '.join(text.split())[:500]}" if text else kind
    return kind


def causes(error: BaseException | None) -> list[str]:
    """What was raised, and what that came from."""
    found: list[str] = []
    while error is not None and len(found) < 5:
        found.append(said(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def places(trace: TracebackType | None) -> list[str]:
    """Where it was raised: module, line and function, the innermost last."""
    found: list[str] = []
    while trace is not None:
        frame = trace.tb_frame
        module = frame.f_globals.get("__name__", "?")
        found.append(f"{module}:{trace.tb_lineno} {frame.f_code.co_name}")
        trace = trace.tb_next
    return found[-PLACES:]


def _within(name: str, loggers: tuple[str, ...]) -> bool:
    return (
        name.partition(".")[0] in loggers
        or name in loggers
        or name.startswith(tuple(f"{n}." for n in loggers))
    )


def sentence(record: logging.LogRecord) -> str:
    """What a record says, without what could be content."""
    ours = _within(record.name, OURS)
    args: Any = record.args
    if not args:
        if ours or _within(record.name, PLAIN_SPOKEN):
            return str(record.msg)[:MOST] if isinstance(record.msg, str) else _shown(record.msg, ours)
        # Put together before it was given to us: nobody knows of what.
        return "something that is not shown here"
    path = getattr(getattr(record, "request", None), "path", None)

    def one(value: Any) -> Any:
        if isinstance(value, str) and path is not None and value == path:
            trail = now()
            return (trail.route if trail else "") or "an address"
        # Django's own handler says a reason and an address.
        if record.name == "django.request" and isinstance(value, str) and "/" not in value:
            return value
        return _shown(value, ours)

    try:
        if isinstance(args, dict):
            return (str(record.msg) % {name: one(value) for name, value in args.items()})[:MOST]
        return (str(record.msg) % tuple(one(value) for value in args))[:MOST]
    except (TypeError, ValueError, KeyError):
        return str(record.msg)[:MOST]


class _Hidden:
    """What a library wanted to say, of which nobody knows what it is."""

    def __str__(self) -> str:
        return "…"

    __repr__ = __str__


def _shown(value: Any, ours: bool) -> Any:
    if isinstance(value, BaseException):
        return said(value)
    if ours or isinstance(value, (int, float)) or value is None:
        return value
    return _Hidden()


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """All that is told of a record, by name."""
    at = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
    found: dict[str, Any] = {
        "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": sentence(record),
    }
    trail = now()
    if trail is not None:
        found[trail.kind if trail.kind == "task" else "request"] = trail.id
        for name in ("route", "case", "document"):
            if value := getattr(trail, name):
                found[name] = value
    found |= getattr(record, "told", {})
    if record.exc_info and record.exc_info[1] is not None:
        found["error"], found["at"] = causes(record.exc_info[1]), places(record.exc_info[2])
    return found


class Json(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and request or task, route, case, document, error, at."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(fields(record), ensure_ascii=False, separators=(",", ":"), default=str)


class Plain(logging.Formatter):
    """A line for people: time, level, logger, sentence; where something was raised, what and where."""

    def format(self, record: logging.LogRecord) -> str:
        found = fields(record)
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {found['message']}"
        if found.get("request"):
            line += f" [{found['request'][:8]}]"
        if "error" in found:
            line += f" ({' <- '.join(found['error'])})" + "".join(f"\n    {place}" for place in found["at"])
        return line
