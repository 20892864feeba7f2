"""Asking clamd whether a file holds a virus (CLAMD_URL: tcp://host:3310 or unix:/path): its INSTREAM command."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

CHUNK = 256 * 1024
CONNECT = 3.0  # seconds
# Of silence, in which nothing is taken from us and nothing is said: it has hung.
SILENCE = 600.0
PAUSE = 10.0  # seconds after which `waiting` is called again


class Infected(Exception):
    """`name`: what the scanner calls it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class TooLong(Exception):
    """The file is longer than the scanner takes (its StreamMaxLength)."""


class Away(Exception):
    """The scanner does not answer, or answers that it cannot: nothing is known about the file."""


def wanted() -> bool:
    """Whether a scanner is set up."""
    return bool(settings.CLAMD_URL)


def _connect() -> socket.socket:
    parts = urlsplit(settings.CLAMD_URL)
    try:
        if parts.scheme == "unix":
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.settimeout(CONNECT)
            line.connect(parts.path)
        else:
            line = socket.create_connection((parts.hostname or "", parts.port or 3310), CONNECT)
    except OSError as error:
        raise Away(f"the virus scanner at {settings.CLAMD_URL} does not answer: {error}") from error
    return line


def version() -> str:
    """What the scanner says about itself and its signatures. Raises Away."""
    with _connect() as line:
        try:
            line.sendall(b"zVERSION\0")
            said = _answer(line, None)
        except OSError as error:
            raise Away(f"the virus scanner at {settings.CLAMD_URL} does not answer: {error}") from error
    if not said:
        raise Away(f"the virus scanner at {settings.CLAMD_URL} does not answer")
    return said


def scan(path: Path, waiting: Callable[[], object] | None = None) -> None:
    """Have the file at `path` scanned; `waiting` is called every ten seconds or so until that is done.

    Returns where nothing was found. Raises Infected, TooLong, Away.
    """
    with _connect() as line, path.open("rb") as data:
        line.settimeout(PAUSE)
        ended: OSError | None = None
        told = time.monotonic()
        try:
            line.sendall(b"zINSTREAM\0")
            while chunk := data.read(CHUNK):
                _send(line, struct.pack("!L", len(chunk)) + chunk, waiting)
                if waiting is not None and time.monotonic() - told > PAUSE:
                    waiting()
                    told = time.monotonic()
            _send(line, struct.pack("!L", 0), waiting)
        except OSError as error:
            # It ends the line where a file is too long; what it said before that is still to be read.
            ended = error
        try:
            said = _answer(line, waiting)
        except OSError as error:
            raise Away(f"the virus scanner broke off: {ended or error}") from error
    _judge(said, ended)


def _judge(said: str, ended: OSError | None) -> None:
    if said.endswith(" FOUND"):
        raise Infected(said.removeprefix("stream: ").removesuffix(" FOUND"))
    if "size limit exceeded" in said:
        raise TooLong
    if said != "stream: OK":
        raise Away(f"the virus scanner says {said!r}" if said else f"the virus scanner broke off: {ended}")


def _send(line: socket.socket, data: bytes, waiting: Callable[[], object] | None) -> None:
    """All of it, however slowly it is taken."""
    left = memoryview(data)
    since = time.monotonic()
    while left:
        try:
            left = left[line.send(left) :]
            since = time.monotonic()
        except TimeoutError:
            if time.monotonic() - since > SILENCE:
                raise
            if waiting is not None:
                waiting()


def _answer(line: socket.socket, waiting: Callable[[], object] | None) -> str:
    said = b""
    since = time.monotonic()
    while b"\0" not in said and len(said) < 4096:
        try:
            part = line.recv(4096)
        except TimeoutError:
            if waiting is None or time.monotonic() - since > SILENCE:
                raise
            waiting()
            continue
        except ConnectionError:
            with suppress(OSError):
                line.close()
            break
        if not part:
            break
        said += part
    return said.partition(b"\0")[0].decode("utf-8", "replace").strip()
