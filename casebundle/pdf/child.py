"""The processes that open untrusted PDFs. Started by `sandbox.Sandbox`, never imported by it.

`main` is the fork server: it loads all that reading needs, never opens a file that somebody sent, and on request forks
a child, which inherits two pipes and one open file and nothing else. The child confines itself (`confinement.py`), says
hello, then reads requests (4-byte length, JSON) and answers with frames (4-byte header length, 4-byte body length,
JSON header, raw body), the last of kind "done", "refused" or "failed". See `reading.py` for the work. It cannot reach
the fork server: it has no descriptor of it, and no call to signal or look into it.
"""

from __future__ import annotations

import errno
import fcntl
import gc
import json
import math
import os
import resource
import signal
import socket
import struct
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from casebundle.pdf import confinement

REQUESTS, ANSWERS, FILE, OUT = 3, 4, 5, 6  # the descriptors of a child; OUT only where it is to write a copy
MESSAGE = 64 * 1024  # bytes of one message to the fork server, at most


# --- the fork server ----------------------------------------------------------------------------
def main(control: int) -> None:
    """Serve the process at the other end of the socket `control` until it closes it or ends."""
    confinement.end_with_parent()
    os.environ.clear()  # it was given none, and Python has made some
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is for the parent
    line = socket.socket(fileno=control)
    start = json.loads(line.recv(MESSAGE))
    from casebundle.pdf import reading

    start["fonts"] = reading.load()
    # What is loaded now is shared with every child; the collector would make each copy it.
    gc.collect()
    gc.freeze()
    line.send(json.dumps({"kind": "hello"}).encode())
    while True:
        message, passed, _flags, _sender = socket.recv_fds(line, MESSAGE, 4)
        if not message:
            return
        request = json.loads(message)
        try:
            answer = ended(request["pid"]) if request["op"] == "ended" else fork(start, passed)
        except OSError as error:
            answer = {"errno": error.errno or 0}
        for number in passed:
            os.close(number)
        line.send(json.dumps(answer).encode())


def ended(pid: int) -> dict[str, Any]:
    """Exit status of a child and the bytes that it held at most; nothing while it lives."""
    found, status, usage = os.wait4(pid, os.WNOHANG)
    return {"status": status, "peak": usage.ru_maxrss * 1024} if found else {}


def fork(start: dict[str, Any], passed: Sequence[int]) -> dict[str, Any]:
    """Make a child that has the descriptors `passed` and no other."""
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            confinement.end_with_parent()
            if os.getppid() == parent:  # else it died before the line above
                serve(start, passed)
            status = 0
        finally:
            os._exit(status)
    # In both processes, since nobody knows which of them comes first.
    os.setpgid(pid, pid)
    return {"pid": pid}


# --- a child ------------------------------------------------------------------------------------
def serve(start: dict[str, Any], passed: Sequence[int]) -> None:
    """Confine this process to the one file, then answer what is asked about it until nobody asks any more."""
    from casebundle.pdf import reading

    limits = start["limits"]
    os.setpgid(0, 0)
    keep_only(passed)
    size = limit(limits, start["fonts"])
    walls = confinement.confine(inside_bubblewrap=start["bubblewrap"])
    send({"kind": "hello", "walls": asdict(walls)})
    reader = reading.Reader(
        limits, allow_processor_time, FILE, size, OUT if len(passed) > OUT - REQUESTS else None
    )
    while (request := receive()) is not None:
        allow_processor_time(limits["seconds"])
        try:
            for header, body in reader.answer(request):
                send(header, body)
            send({"kind": "done", "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024})
        except reading.Refuse as reason:
            send({"kind": "refused", **reason.frame()})
        except MemoryError:
            reader.forget()
            send({"kind": "refused", "code": "memory"})
        except OSError as error:
            reader.forget()
            if error.errno in confinement.NO_ROOM:
                send({"kind": "failed", "errno": error.errno})
            elif error.errno == errno.ENOMEM:
                send({"kind": "refused", "code": "memory"})
            else:  # something wanted more than the file, and was not given it
                send({"kind": "refused", "code": "broken", "why": repr(error)[:500]})
        except Exception as error:  # an odd file finds what nobody thought of: it is refused, and logged
            reader.forget()
            send({"kind": "refused", "code": "broken", "why": repr(error)[:500]})


def keep_only(passed: Sequence[int]) -> None:
    """Leave open only what was passed, as REQUESTS, ANSWERS, FILE and perhaps OUT."""
    # By way of high numbers: one that was passed may stand where another is to be.
    high = [fcntl.fcntl(number, fcntl.F_DUPFD, 32) for number in passed]
    for place, number in enumerate(high, REQUESTS):
        os.dup2(number, place)
    # Not even the null device: what a library prints goes nowhere, and must not end up among the answers.
    os.closerange(0, REQUESTS)
    os.closerange(REQUESTS + len(passed), 4096)


def limit(limits: dict[str, Any], fonts: int) -> int:
    """Set what this process may use for its file; the file's size in bytes. `fonts`: bytes that are mapped."""
    seconds = math.ceil(limits["total_seconds"]) + 60  # for all that is asked; for each thing it is less
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    size = os.fstat(FILE).st_size
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write past the limit is an OSError, not a death
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    # What was hidden in a small file must not fill the disk.
    most = 2 * size + limits["repair_bytes"]
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    # The file itself is mapped, and need not be in memory; nor need the fonts.
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"] + size + fonts,) * 2)
    return size


def allow_processor_time(seconds: float) -> None:
    """Gives the next piece of work its own processor time; past it the kernel ends this process (SIGXCPU)."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = math.ceil(usage.ru_utime + usage.ru_stime + seconds) + 1
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (min(used, most), most))


def receive() -> dict[str, Any] | None:
    def take(size: int) -> bytes | None:
        data = b""
        while len(data) < size:
            more = os.read(REQUESTS, size - len(data))
            if not more:
                return None
            data += more
        return data

    length = take(4)
    body = take(struct.unpack(">I", length)[0]) if length else None
    return json.loads(body) if body else None


def send(header: dict[str, Any], body: bytes = b"") -> None:
    encoded = json.dumps(header).encode()
    data = memoryview(struct.pack(">II", len(encoded), len(body)) + encoded + body)
    while data:
        data = data[os.write(ANSWERS, data) :]
