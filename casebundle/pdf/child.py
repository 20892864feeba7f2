"""The limited process that opens untrusted PDFs. Started by `sandbox.Sandbox`, never imported by it.

It says hello. Then it reads requests (4-byte length, JSON) from stdin and answers with frames (4-byte header
length, 4-byte body length, JSON header, raw body) on stdout, the last of kind "done" or "refused". See `reading.py`
for the work.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS, CLONE_NEWNET = 1, 38, 0x40000000


def confine(limits: dict[str, Any], parent: int) -> None:
    """Sets what this process may use, before any library that parses is loaded."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the line above
        os._exit(0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.unshare(CLONE_NEWNET)  # no network; works only for root, and elsewhere nothing here uses one
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write past the limit is an OSError, not a death
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is for the parent
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    most = 2 * limits["file_bytes"] + limits["repair_bytes"]
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))  # less for each repair: see reading.py
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"],) * 2)


def allow_processor_time(seconds: float) -> None:
    """Gives the next piece of work its own processor time; past it the kernel ends this process (SIGXCPU)."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = math.ceil(usage.ru_utime + usage.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def memory() -> dict[str, int]:
    """Bytes of memory this process holds now (`rss`) and has held at most (`peak`)."""
    held = dict.fromkeys(("VmRSS", "VmHWM"), 0)
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name in held:
            held[name] = int(value.split()[0]) * 1024
    return {"rss": held["VmRSS"], "peak": held["VmHWM"]}


def receive(stream: int) -> dict[str, Any] | None:
    def take(size: int) -> bytes | None:
        data = b""
        while len(data) < size:
            more = os.read(stream, size - len(data))
            if not more:
                return None
            data += more
        return data

    length = take(4)
    body = take(struct.unpack(">I", length)[0]) if length else None
    return json.loads(body) if body else None


def send(stream: int, header: dict[str, Any], body: bytes = b"") -> None:
    encoded = json.dumps(header).encode()
    data = memoryview(struct.pack(">II", len(encoded), len(body)) + encoded + body)
    while data:
        data = data[os.write(stream, data) :]


def main() -> None:
    limits = json.loads(sys.argv[1])
    parent = int(sys.argv[2])
    # Frames go to a descriptor of their own: what a library prints on stdout must not end up among them.
    requests, answers = os.dup(0), os.dup(1)
    confine(limits, parent)
    from casebundle.pdf import reading

    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    reader = reading.Reader(limits, allow_processor_time)
    send(answers, {"kind": "hello"})
    while (request := receive(requests)) is not None:
        allow_processor_time(limits["seconds"])
        frames: Iterator[tuple[dict[str, Any], bytes]] = reader.answer(request)
        try:
            for header, body in frames:
                send(answers, header, body)
            send(answers, {"kind": "done", **memory()})
        except reading.Refuse as reason:
            send(answers, {"kind": "refused", **reason.frame()})
        except MemoryError:
            reader.forget()
            send(answers, {"kind": "refused", "code": "memory"})
        except OSError as error:
            reader.forget()
            send(answers, {"kind": "failed", "errno": error.errno or 0})
        except Exception as error:  # an odd file finds what nobody thought of: it is refused, and logged
            reader.forget()
            send(answers, {"kind": "refused", "code": "broken", "why": repr(error)[:500]})


if __name__ == "__main__":
    main()
