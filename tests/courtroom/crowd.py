"""Many clients in one process, cheap enough not to be what is measured: raw sockets, one epoll, no task for each.

with Crowd() as crowd:                                   # a process of its own
    crowd.come([Door(host, path, headers), …])           # they all connect, at once
    crowd.mark(b'"page.turned"')                         # from now on: tell when all have had one frame with that
    heard = crowd.heard()                                # (first, last): when, on the clock that all processes share

Times are seconds of CLOCK_MONOTONIC, which is one clock for all processes of a machine. `Line` is one such client, for
use without a process.
"""

from __future__ import annotations

import base64
import contextlib
import json
import multiprocessing
import os
import select
import socket
import struct
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Self

clock = time.monotonic


@dataclass(frozen=True)
class Door:
    """Where one client knocks, and as whom."""

    port: int
    path: str
    token: str = ""
    session: str = ""
    # The hello it says: the last entry it saw, or None for now; `...` (left out) says no hello.
    after: Any = ...


def knock(door: Door) -> bytes:
    """The request that opens the socket."""
    lines = [
        f"GET {door.path} HTTP/1.1",
        f"Host: 127.0.0.1:{door.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
    ]
    if door.token:
        lines.append(f"Sec-WebSocket-Protocol: bearer, {door.token}")
    if door.session:
        lines.append(f"Cookie: sessionid={door.session}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def frame(payload: bytes | str, opcode: int = 1, fin: bool = True) -> bytes:
    """A frame as a client sends it. The mask is zero, which is as good as any where no proxy listens."""
    data = payload.encode() if isinstance(payload, str) else payload
    head = bytes([(0x80 if fin else 0) | opcode])
    if len(data) < 126:
        head += bytes([0x80 | len(data)])
    elif len(data) < 65536:
        head += b"\xfe" + struct.pack("!H", len(data))
    else:
        head += b"\xff" + struct.pack("!Q", len(data))
    return head + b"\0\0\0\0" + data


@dataclass(eq=False)
class Line:
    """One client: what it was told, whole frames only."""

    door: Door
    socket: Any = None
    held: bytes = b""
    open: bool = False
    closed: int | None = None  # the code of the close; 1006 for none, 0 where it was not let in at all
    frames: list[bytes] = field(default_factory=list)

    def connect(self, blocking: bool = False, receive_buffer: int = 0) -> Self:
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if blocking:
            self.socket.settimeout(30)
            self.socket.connect(("127.0.0.1", self.door.port))
        else:
            self.socket.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                self.socket.connect(("127.0.0.1", self.door.port))
        return self

    def fileno(self) -> int:
        return int(self.socket.fileno())

    def knock(self) -> None:
        """Ask to be let in; the hello follows once they are."""
        self.socket.sendall(knock(self.door))

    def take(self, data: bytes) -> list[bytes]:
        """The whole messages that `data` completes. Pings are answered."""
        data = self.held + data if self.held else data
        at = 0
        if not self.open:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self.held = data
                return []
            if not data.startswith(b"HTTP/1.1 101"):
                self.closed = 0
                return []
            self.open, at = True, end + 4
            if self.door.after is not ...:
                self.socket.send(frame(json.dumps({"type": "hello", "after": self.door.after})))
        found = []
        size = len(data)
        while size - at >= 2:
            opcode, length, start = data[at] & 15, data[at + 1], at + 2
            if length == 126:
                if size < at + 4:
                    break
                length, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif length == 127:
                if size < at + 10:
                    break
                length, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            if size < start + length:
                break
            body = data[start : start + length]
            at = start + length
            if opcode == 1:
                found.append(body)
            elif opcode == 8:
                self.closed = int.from_bytes(body[:2], "big") if len(body) >= 2 else 1005
            elif opcode == 9:
                self.socket.send(frame(body, 10))
        self.held = data[at:]
        return found

    def read(self) -> list[bytes]:
        """What there is to read now; [] for nothing. A connection that ended has its `closed`."""
        try:
            data = self.socket.recv(262_144)
        except (BlockingIOError, InterruptedError):
            return []
        except OSError:
            data = b""
        if not data:
            if self.closed is None:
                self.closed = 1006
            return []
        return self.take(data)

    # --- for use without a crowd ----------------------------------------------------------------
    def enter(self, receive_buffer: int = 0) -> Self:
        """Connect, knock, and wait to be let in."""
        self.connect(blocking=True, receive_buffer=receive_buffer)
        self.knock()
        while not self.open and self.closed is None:
            self.frames += self.read()
        self.socket.setblocking(False)
        return self

    def send(self, payload: bytes | str | dict[str, Any], opcode: int = 1) -> None:
        text = json.dumps(payload) if isinstance(payload, dict) else payload
        self.raw(frame(text, opcode))

    def raw(self, data: bytes, timeout: float = 30) -> None:
        self.socket.settimeout(timeout)
        try:
            self.socket.sendall(data)
        finally:
            self.socket.setblocking(False)

    def until(self, what: bytes, timeout: float = 30) -> bytes:
        """The next message that has `what` in it; those before it are kept in `frames`."""
        end = clock() + timeout
        while True:
            while self.frames:
                one = self.frames.pop(0)
                if what in one:
                    return one
            left = end - clock()
            if left <= 0 or self.closed is not None:
                raise TimeoutError(f"no {what!r} came ({self.closed})")
            if select.select([self.socket], [], [], left)[0]:
                self.frames += self.read()

    def wait_closed(self, timeout: float = 30) -> int:
        """Wait until the other side ends the connection; its code."""
        end = clock() + timeout
        while self.closed is None:
            left = end - clock()
            if left <= 0:
                raise TimeoutError("it is still open")
            if select.select([self.socket], [], [], left)[0]:
                self.frames += self.read()
        return self.closed

    def abort(self) -> None:
        """Gone without a word."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class _Process:
    """What runs in the crowd's process."""

    def __init__(self, pipe: Connection) -> None:
        self.pipe = pipe
        self.poll = select.epoll()
        self.poll.register(pipe.fileno(), select.EPOLLIN)
        self.lines: dict[int, Line] = {}
        self.connecting: set[int] = set()
        self.marked = b""
        self.had: dict[int, int] = {}
        self.count, self.first, self.last = 0, 0.0, 0.0
        self.keep = False
        self.until_seq: int | None = None
        self.done: dict[int, float] = {}
        self.started = 0.0
        self.answer_at = False

    def run(self) -> None:
        while True:
            for fd, event in self.poll.poll():
                line = self.lines.get(fd)
                if line is None:
                    if fd == self.pipe.fileno():
                        try:
                            what, said = self.pipe.recv()
                        except EOFError:
                            return
                        getattr(self, what)(*said)
                elif fd in self.connecting:
                    self.connected(fd, line)
                elif event:
                    self.readable(fd, line)

    def come(self, doors: list[Door], keep: bool, until_seq: int | None) -> None:
        """All connect at once. Where `until_seq` is given, each is done with that entry (and tells when)."""
        self.leave()
        self.keep, self.until_seq, self.done = keep, until_seq, {}
        self.started = clock()
        for door in doors:
            line = Line(door).connect()
            fd = line.fileno()
            self.lines[fd] = line
            self.connecting.add(fd)
            self.poll.register(fd, select.EPOLLOUT)

    def connected(self, fd: int, line: Line) -> None:
        if line.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            # The server is not there yet.
            self.poll.unregister(fd)
            line.socket.close()
            del self.lines[fd]
            self.connecting.discard(fd)
            time.sleep(0.002)
            line.connect()
            self.lines[line.fileno()] = line
            self.connecting.add(line.fileno())
            self.poll.register(line.fileno(), select.EPOLLOUT)
            return
        self.connecting.discard(fd)
        line.knock()
        self.poll.modify(fd, select.EPOLLIN)

    def readable(self, fd: int, line: Line) -> None:
        found = line.read()
        now = clock()
        for body in found:
            if self.marked and self.marked in body:
                self.had[fd] = self.had.get(fd, 0) + 1
                if not self.count:
                    self.first = now
                self.count += 1
                self.last = now
                if self.count == len(self.lines):
                    self.pipe.send(("heard", (self.first, self.last, self.cpu())))
            if self.keep:
                line.frames.append(body)
        if fd not in self.done and (found or line.closed is not None):
            if self.until_seq is None:
                here = bool(found)
            else:
                here = any(
                    _seq_of(body) >= self.until_seq for body in found if body[:15] == b'{"type":"entry"'
                )
            if here or line.closed is not None:
                self.done[fd] = now - self.started
                if len(self.done) == len(self.lines):
                    self.pipe.send(("done", sorted(self.done.values())))
        if line.closed is not None:
            self.poll.unregister(fd)

    def cpu(self) -> float:
        return time.process_time()

    def mark(self, what: bytes) -> None:
        self.marked, self.count, self.first, self.last = what, 0, 0.0, 0.0

    def say(self, text: str, every: int) -> None:
        for line in list(self.lines.values())[::every]:
            line.socket.send(frame(text))

    def leave(self) -> None:
        """All connections break, without a word."""
        for fd, line in self.lines.items():
            if line.closed is None:
                self.poll.unregister(fd)
            line.abort()
        self.lines, self.connecting, self.had = {}, set(), {}

    def report(self) -> None:
        self.pipe.send(
            (
                "report",
                [
                    (line.frames, line.closed, self.had.get(fd, 0), line.door)
                    for fd, line in self.lines.items()
                ],
            )
        )


def _seq_of(body: bytes) -> int:
    return int(body[22 : body.index(b",", 22)])


def _run(pipe: Connection) -> None:
    _Process(pipe).run()


class Crowd:
    """Many clients in a process of their own."""

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_run, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        return self

    def __exit__(self, *_why: object) -> None:
        self.pipe.close()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()

    def _do(self, what: str, *said: Any) -> None:
        self.pipe.send((what, said))

    def _answer(self, kind: str, timeout: float) -> Any:
        end = clock() + timeout
        while self.pipe.poll(max(0.0, end - clock())):
            what, value = self.pipe.recv()
            if what == kind:
                return value
        raise TimeoutError(f"the crowd did not tell: {kind}")

    def come(self, doors: list[Door], keep: bool = False, until_seq: int | None = None) -> None:
        self._do("come", doors, keep, until_seq)

    def done(self, timeout: float = 120) -> list[float]:
        """When each was in (or had its last entry), in seconds since they set out, sorted."""
        found: list[float] = self._answer("done", timeout)
        return found

    def mark(self, what: bytes) -> None:
        self._do("mark", what)

    def heard(self, timeout: float = 30) -> tuple[float, float, float]:
        """When the first and the last had the marked frame; the CPU seconds that the crowd has used so far."""
        found: tuple[float, float, float] = self._answer("heard", timeout)
        return found

    def say(self, text: str, every: int = 1) -> None:
        """Every client (or each of so many) sends this."""
        self._do("say", text, every)

    def leave(self) -> None:
        self._do("leave")

    def report(self, timeout: float = 120) -> list[tuple[list[bytes], int | None, int, Door]]:
        """For each client: its frames, its close, how many marked frames it had, its door."""
        self._do("report")
        found: list[tuple[list[bytes], int | None, int, Door]] = self._answer("report", timeout)
        return found
