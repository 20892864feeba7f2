"""Opens untrusted PDFs in confined child processes, each of which sees one file in its life.

A PDF that comes in is hostile until shown otherwise, and the libraries that open it are written in C++. So no PDF is
ever opened in a web or worker process. A `Sandbox` has a fork server (`child.py`), which has loaded those libraries and
never opens a file of anybody's. For each file it forks a child, which inherits that file, open for reading, and two
pipes, and confines itself (`confinement.py`): it can reach nothing else. It has limits on memory, processor time,
output and wall-clock time. When a file crashes, hangs or swells its child, that file is `Refused` with a reason; the
next file has a new child in any case.

What comes back is data (numbers and text in a fixed layout, checked here), never pickled objects.
"""

from __future__ import annotations

import json
import logging
import math
import os
import resource
import select
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cache, partial
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NoReturn, Self, TypeVar

from casebundle.pdf import confinement, magic
from casebundle.pdf.confinement import NotConfined, Walls

log = logging.getLogger(__name__)

Word = tuple[float, float, float, float, str]
Answer = TypeVar("Answer")
StrPath = str | os.PathLike[str]

MIB = 1024 * 1024
SCALE = 100_000  # word boxes travel as whole hundred-thousandths of the page: exact, short, easily checked

FRAMES = 256  # in one answer, at most

SENTENCES = {
    "empty": "is empty: it holds no data at all. Send the file again.",
    "not_pdf": "is not a PDF{what}. Save it as a PDF and upload that.",
    "encrypted": "is protected by a password: save a copy without the password and upload that.",
    "encryption_unknown": "is protected in a way that cannot be opened here: "
    "print it to a new PDF without protection and upload that.",
    "broken": "is damaged and cannot be opened, nor repaired. Open it in the program that made it, "
    "save it again as a PDF and upload that.",
    "broken_page": "is damaged: page {page} cannot be read. Open it in the program that made it, "
    "save it again as a PDF and upload that.",
    "no_pages": "has no pages. Check that it is the right file and save it again as a PDF.",
    "too_many_pages": "has {pages} pages and at most {limit} can be taken. "
    "Split it into smaller files and upload those.",
    "too_large": "is too large ({size}); the most that can be taken is {limit}. "
    "Split it into smaller files and upload those.",
    "timeout": "took too long to read and was stopped. Print it to a new PDF and upload that.",
    "memory": "needs too much memory to read and was stopped. Print it to a new PDF and upload that.",
    "uncopied": "cannot be copied so that it shows the same pages. Print it to a new PDF and upload that.",
}

CODES = SENTENCES.keys() - {"encryption_unknown", "broken_page"}


class Refused(Exception):
    """A file that cannot be taken, for a reason of its own.

    `code` is one of not_pdf, empty, encrypted, broken, no_pages, too_many_pages, too_large, timeout, memory; uncopied
    of `rebuild` alone.
    `detail` is a plain English sentence that follows the file's name ("x.pdf " + detail) and says what to do.
    For a translation: `key` names the sentence in SENTENCES (the code, or finer: encryption_unknown,
    broken_page) and `values` fill it. `judged`: the reader has come to this by reading and is well; otherwise it was
    ended, or made no sense.
    """

    judged = False

    def __init__(
        self, code: str, detail: str, key: str | None = None, values: dict[str, object] | None = None
    ) -> None:
        super().__init__(code, detail, key, values)
        self.code = code
        self.detail = detail
        self.key = key or code
        self.values = values or {}

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class Interrupted(RuntimeError):
    """The child was ended from outside (kill -9, the machine short of memory): nothing is known against the
    file. Try again later; the next call starts a new child.

    `heavy`: it held much memory at the time. Whoever sees that again and again has found the reason.
    """

    def __init__(self, message: str, heavy: bool = False) -> None:
        super().__init__(message)
        self.heavy = heavy


@dataclass(frozen=True)
class Limits:
    """How far a file may go. Seconds are wall clock (and, in the child, processor time)."""

    seconds: float = 60  # for opening, or for one page
    draw_seconds: float = 30  # for one image: somebody may be waiting for it
    # For reading a whole document: so much, and so much more a page, up to so much.
    first_seconds: float = 120
    page_seconds: float = 2
    total_seconds: float = 3600
    memory: int = 1024 * MIB  # address space of the child beside the file itself, bytes
    pages: int = 10_000
    file_bytes: int = 2048 * MIB
    repair_bytes: int = 64 * MIB  # a repaired copy has at most twice the file's size and so much more
    characters: int = 500_000  # of one page; the rest is cut (PageText.cut)
    pixels: int = 40_000_000  # of one image
    side: int = 16_000  # longest side of an image, px (WebP stops at 16,383)

    def whole(self, pages: int) -> float:
        """Seconds for something that is done with all pages of a document."""
        return min(self.first_seconds + self.page_seconds * pages, self.total_seconds)


@dataclass(frozen=True, slots=True)
class PageSize:
    """Points as displayed (CropBox and /Rotate applied); rotation is the page's own: 0, 90, 180 or 270.
    UserUnit is not applied (pdfium ignores it): a page of many metres is shown in its own units."""

    width: float
    height: float
    rotation: int


@dataclass(frozen=True)
class Inspection:
    """What can be said of a PDF without reading its pages.

    `warnings` are codes: was_encrypted, javascript, launch, attachments, form, xfa, signed, dynamic_pages,
    damaged (its list of contents had to be found out anew), pages_unsure (a second library counts its pages
    otherwise, or cannot open it), rebuilt (its list of pages was lost: these are the ones that could be found),
    unlocked (encrypted for most readers, and a copy could be made without a password).
    """

    pages: list[PageSize]
    title: str | None = None
    warnings: list[str] = field(default_factory=list)
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class PageText:
    """One page's text. `width` and `height` are points as displayed.

    `words` are (x0, y0, x1, y1, word): fractions 0..1 of the page as displayed, origin top left, in the order
    of `text`; `text.split()` is exactly the words. What lies outside the visible page is left out.
    A word broken by a hyphen at the end of a line is two words, "wit-" and "ness", with "-\\n" in `text`.
    `blank`: nothing at all on the page. `images_only`: marks but no text, so it awaits OCR. `pictures`: the
    share 0..1 of the page that images cover, worked out only where there are few words (a stamped scan).
    `cut`: the page had more characters than `Limits.characters` and the rest was left out.
    """

    index: int
    width: float
    height: float
    text: str
    words: list[Word]
    blank: bool
    images_only: bool
    pictures: float = 0.0
    cut: bool = False


def refused(code: str, key: str | None = None, **values: object) -> Refused:
    return Refused(code, SENTENCES[key or code].format(**values), key, values)


def peak_of(process: int | str) -> int:
    """Bytes of memory that a process has held at most; 0 where that cannot be told."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024
    except (OSError, IndexError, ValueError):
        return 0


def held_by(process: int) -> int:
    """Bytes of memory that a process holds now, without files that are mapped; 0 where that cannot be told."""
    try:
        _size, resident, shared, *_ = Path(f"/proc/{process}/statm").read_text().split()
        return (int(resident) - int(shared)) * resource.getpagesize()
    except (OSError, ValueError):
        return 0


def human_size(size: int) -> str:
    return f"{size / (1024 * MIB):.1f} GB" if size >= 1024 * MIB else f"{math.ceil(size / MIB)} MB"


# The kernel kills the fork server when the THREAD that started it ends (PR_SET_PDEATHSIG counts threads, not
# processes), and request threads come and go. So one thread, as long-lived as the process, starts them all.
@cache
def _spawner(_process: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="pdf-sandbox")


def _spawn(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
    # By process id: a fork has no threads but its own first one.
    return _spawner(os.getpid()).submit(lambda: subprocess.Popen(command, **options)).result()


ROOT = Path(__file__).resolve().parents[2]
# Arguments: where this package is, and the number of the socket.
START = "import sys; sys.path.insert(0, sys.argv[1]); from casebundle.pdf import child; child.main(int(sys.argv[2]))"


class _Gone(Exception):
    """The fork server has ended, and its children with it."""


class _ForkServer:
    """The process that makes the children. Used by any thread of the process that made it."""

    STARTING = 60.0  # seconds until it is there: the machine's time, not the file's
    ENDING = 10.0  # seconds that the kernel may take to end a child that was killed

    def __init__(self, limits: Limits) -> None:
        self.owner = os.getpid()
        self.lock = threading.Lock()
        self.gone = False
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        python = [Path(sys.prefix), Path(sys.base_prefix)]
        inside = confinement.bubblewrap([ROOT / "casebundle", *python])
        with theirs:
            self.process = _spawn(
                [
                    *inside,
                    sys.executable,
                    *["-P", "-s", "-B", "-X", "utf8", "-c", START, str(ROOT), str(theirs.fileno())],
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                process_group=0,
                cwd="/",
                env={},  # what it has, its children have
            )
        self.control.settimeout(self.STARTING)
        try:
            self._ask({"limits": asdict(limits), "bubblewrap": bool(inside)})
        except _Gone as never:
            self.close()
            raise RuntimeError("The PDF reader did not start; see its error output.") from never

    def _ask(self, request: dict[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
        with self.lock:
            try:
                socket.send_fds(self.control, [json.dumps(request).encode()], list(descriptors))
                answer = self.control.recv(MIB)
            except OSError:
                answer = b""
        if not answer:
            self.gone = True
            raise _Gone
        found: dict[str, Any] = json.loads(answer)
        if "errno" in found:  # the machine's fault: no more processes, no more memory
            raise OSError(found["errno"], os.strerror(found["errno"]))
        return found

    def fork(self, descriptors: Sequence[int]) -> int:
        """The process id of a new child, which has these descriptors. It leads a group of its own. Raises _Gone."""
        return int(self._ask({"op": "fork"}, descriptors)["pid"])

    def ended(self, pid: int, seconds: float) -> tuple[int, int] | None:
        """Exit status and peak resident bytes of a child; None where it is still alive after so many seconds. Until
        this has told it, the child's number is not given to another process."""
        deadline, pause = time.monotonic() + seconds, 0.0005
        while True:
            try:
                found = self._ask({"op": "ended", "pid": pid})
            except (_Gone, ChildProcessError):
                return signal.SIGKILL, 0  # the kernel has ended it with the fork server
            if found:
                return int(found["status"]), int(found["peak"])
            if time.monotonic() > deadline:
                return None
            time.sleep(pause)
            pause = min(2 * pause, 0.02)

    @property
    def alive(self) -> bool:
        return self.owner == os.getpid() and not self.gone and self.process.poll() is None

    def close(self) -> None:
        self.control.close()
        if self.owner == os.getpid():  # after a fork it is the parent's child, not ours
            self.process.kill()
            self.process.wait()


Frame = tuple[dict[str, Any], bytes]


def _said(header: dict[str, Any]) -> Refused:
    """The refusal in the child's answer: our sentence, its numbers, no text of its own."""
    code = str(header.get("code"))
    key = str(header.get("key") or code)
    values = header.get("values") or {}
    try:
        return refused(code if code in CODES else "broken", key, **{k: int(v) for k, v in values.items()})
    except (KeyError, ValueError, TypeError, AttributeError):
        return refused("broken")


def _ready(pipe: int, event: int, deadline: float) -> bool:
    """Whether it could be read or written before the deadline. Not by select: a server with a thousand sockets has
    numbers that it does not take."""
    poll = select.poll()
    poll.register(pipe, event)
    return bool(poll.poll(max(0.0, deadline - time.monotonic()) * 1000))


class _Child:
    """One child process and the conversation with it. Used by one thread at a time."""

    MAX_HEADER = 8 * MIB
    MAX_BODY = 96 * MIB
    MAX_ANSWER = 160 * MIB  # all bodies of one answer: what a child may make this process hold
    HEAVY = 0.5  # share of the memory allowed
    STARTING = 60.0  # seconds until it is there: the machine's time, not the file's
    DYING = 2.0  # seconds that a child may take to end after it has closed its pipes
    # pdfium and the allocator keep what a big file made them take: past this a new child is the cheaper one.
    TIRED = 320 * MIB

    def __init__(self, server: _ForkServer, limits: Limits, key: object, descriptors: Sequence[int]) -> None:
        """`key`: of the file. `descriptors`: the file, open, and where it is to write a copy that one too. Raises
        NotConfined, _Gone."""
        self.server, self.limits, self.key = server, limits, key
        self.writes = len(descriptors) > 1
        self.owner = os.getpid()
        self.buffer = bytearray()
        self.tired = self.ended = False
        self.peak = 0  # bytes, largest resident size seen
        requests, self.stdin = os.pipe2(os.O_CLOEXEC)
        self.stdout, answers = os.pipe2(os.O_CLOEXEC)
        try:
            self.pid = server.fork([requests, answers, *descriptors])
        except BaseException:
            self._close_pipes()
            raise
        finally:
            os.close(requests)
            os.close(answers)
        os.set_blocking(self.stdin, False)
        try:
            hello, _ = self._frame(time.monotonic() + self.STARTING)
            if hello.get("kind") != "hello":
                self._end("broken")
            self.walls = Walls.of(hello["walls"])
            self.walls.check()
        except Refused as never:
            raise RuntimeError("The PDF reader did not start.") from never
        except NotConfined:
            self.kill()
            raise

    def ask(self, request: dict[str, Any], seconds: float) -> Iterator[Frame]:
        """Frames of the answer up to and without "done". `seconds` is allowed between frames."""
        asked = json.dumps(request).encode()
        self._send(struct.pack(">I", len(asked)) + asked, time.monotonic() + seconds)
        total = 0
        while True:
            header, body = self._frame(time.monotonic() + seconds)
            kind = header.get("kind")
            if kind == "done":
                self.peak = max(self.peak, int(header.get("peak", 0)))
                self.tired = held_by(self.pid) > self.TIRED
                return
            if kind == "failed":  # the machine's fault: no room for the copy, said by number only
                number = int(header.get("errno", 0))
                if not self.writes or number not in confinement.NO_ROOM:
                    self._end("broken")  # it would be tried for ever
                raise OSError(number, os.strerror(number))
            if kind == "refused":
                if header.get("why"):
                    log.warning("pdf child could not go on: %.500s", header["why"])
                self.tired = header.get("code") == "memory"
                refusal = _said(header)
                refusal.judged = not self.tired and "why" not in header
                raise refusal
            total += len(body)
            if total > self.MAX_ANSWER:
                self._end("broken")
            yield header, body

    def _send(self, data: bytes, deadline: float) -> None:
        while data:
            if not _ready(self.stdin, select.POLLOUT, deadline):
                self._end("timeout")
            try:
                data = data[os.write(self.stdin, data) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                self._end(None)

    def _take(self, size: int, deadline: float) -> bytes:
        while len(self.buffer) < size:
            if not _ready(self.stdout, select.POLLIN, deadline):
                self._end("timeout")
            more = os.read(self.stdout, MIB)
            if not more:
                self._end(None)
            self.buffer += more
        taken = bytes(self.buffer[:size])
        del self.buffer[:size]
        return taken

    def _frame(self, deadline: float) -> Frame:
        header_size, body_size = struct.unpack(">II", self._take(8, deadline))
        if header_size > self.MAX_HEADER or body_size > self.MAX_BODY:
            self._end("broken")
        header = json.loads(self._take(header_size, deadline))
        if not isinstance(header, dict):
            raise TypeError("A header is an object.")
        return header, self._take(body_size, deadline)

    def _end(self, code: str | None) -> NoReturn:
        """The conversation is over: kill what is left and say why (`code` None: it died by itself)."""
        self.peak = max(self.peak, peak_of(self.pid))
        if code:
            self.kill()
            raise refused(code)
        found = self.server.ended(self.pid, self.DYING)
        if found is None:  # it has only closed its pipes
            self.kill()
            raise refused("broken")
        self.ended = True
        self._close_pipes()
        status, peak = found
        self.peak = max(self.peak, peak)
        number = os.waitstatus_to_exitcode(status)
        log.warning("pdf child ended with %s, peak %d MiB", number, self.peak // MIB)
        if number == -signal.SIGXCPU:
            raise refused("timeout")
        heavy = self.peak > self.limits.memory * self.HEAVY
        if heavy and number != -signal.SIGKILL:
            raise refused("memory")
        # It cannot send itself any of these (confinement.py): somebody else did.
        if number in (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP):
            raise Interrupted("The reading of this file was cut short from outside. Try again.", heavy)
        raise refused("broken")

    def _close_pipes(self) -> None:
        for pipe in (self.stdin, self.stdout):
            if pipe >= 0:
                os.close(pipe)
        self.stdin = self.stdout = -1

    @property
    def usable(self) -> bool:
        """Whether it can be asked again: it is ours, alive, not worn out, and has said nothing without being asked."""
        return (
            not (self.ended or self.tired or self.buffer)
            and self.owner == os.getpid()
            and not _ready(self.stdout, select.POLLIN, 0)
        )

    def signal(self, number: int) -> None:
        """Send a signal to its whole group."""
        if self.owner == os.getpid() and not self.ended and self.server.alive:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def kill(self) -> None:
        self._close_pipes()
        if self.owner != os.getpid() or self.ended:
            return  # after a fork it is the parent's, not ours
        self.signal(signal.SIGKILL)
        found = self.server.ended(self.pid, self.server.ENDING)
        self.ended = True
        if found:
            self.peak = max(self.peak, found[1])


class Sandbox:
    """Reads PDFs, `processes` at once, each file in a confined child of its own, started when it is first asked about.
    The last ones are kept while the same files are asked about again; a child never sees a second file.

    Thread-safe: calls beyond the number of processes wait for a free one. A context manager; `close()` ends
    the children. They also end by themselves when this process ends, however it ends. Paths may be str or
    Path. Every call raises Refused (the file's fault), Interrupted (nobody's: try again), NotConfined (this machine
    cannot confine a child, and `confinement.demand` asks for it) or another OSError (the file cannot be read by this
    user at all).
    """

    def __init__(self, limits: Limits | None = None, processes: int = 1) -> None:
        self.limits = limits or Limits()
        self.processes = processes
        self._free = threading.BoundedSemaphore(processes)
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self._server: _ForkServer | None = None
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._closed = False
        self.started = 0  # children so far
        self.peak_memory = 0  # bytes resident, the most any child has been seen to use

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pids(self) -> list[int]:
        """Process ids of the children alive now."""
        with self._lock:
            return [child.pid for child in (*self._idle, *self._busy) if not child.ended]

    def close(self) -> None:
        """Ends the children; a call in progress in another thread fails with Interrupted."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            busy = list(self._busy)
        for child in busy:
            child.signal(signal.SIGKILL)
        for child in idle:
            child.kill()
        with self._starting:
            if self._server is not None:
                self._server.close()

    def _fork_server(self) -> _ForkServer:
        """Ours, started where there is none, or where it belongs to the process that we were forked from."""
        with self._starting:
            if self._closed:
                raise RuntimeError("This sandbox is closed.")
            if self._server is None or not self._server.alive:
                if self._server is not None:
                    self._server.close()
                self._server = _ForkServer(self.limits)
            return self._server

    def _new_child(self, key: object, descriptors: Sequence[int]) -> _Child:
        for _attempt in range(2):
            try:
                return _Child(self._fork_server(), self.limits, key, descriptors)
            except _Gone:  # it was killed since it was last looked at
                continue
        raise Interrupted("What starts the reader was ended from outside. Try again.")

    def _kept(self, key: object) -> tuple[_Child | None, list[_Child]]:
        """The idle child that has this file, and those that are to end, since there is no more room for them."""
        with self._lock:
            if self._closed:
                raise RuntimeError("This sandbox is closed.")
            found = next((child for child in self._idle if child.key == key and child.usable), None)
            if found:
                self._idle.remove(found)
                return found, []
            useless = [child for child in self._idle if child.key == key or not child.usable]
            rest = [child for child in self._idle if child not in useless]
            room = self.processes - len(self._busy) - 1
            useless += rest[: max(0, len(rest) - room)]
            self._idle = [child for child in self._idle if child not in useless]
        for child in useless:
            child.signal(signal.SIGKILL)
        return None, useless

    @contextmanager
    def _child(self, path: StrPath, out: StrPath | None = None) -> Iterator[_Child]:
        """The child that has this file, and no other. With `out` it is a new one, which may write there, and is not
        asked anything else."""
        with self._free:
            descriptors = [os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)]
            try:
                at = os.fstat(descriptors[0])
                if not stat.S_ISREG(at.st_mode):
                    raise OSError(f"{path} is not a file.")
                key = (at.st_dev, at.st_ino, at.st_size, at.st_mtime_ns)
                child, ending = (None, []) if out else self._kept(key)
                if child is None:
                    if out:
                        descriptors.append(
                            os.open(out, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
                        )
                    try:
                        child = self._new_child(key, descriptors)
                    except BaseException:
                        for one in ending:
                            one.kill()
                        raise
                    self.started += 1
            finally:
                for number in descriptors:
                    os.close(number)
            with self._lock:
                self._busy.add(child)
            finished = False
            try:
                # Somebody waits for the new one, and nobody for the end of the others.
                yield child
                finished = True
            except (Refused, OSError):
                finished = not child.ended  # it answered: the conversation is at rest
                raise
            finally:
                with self._lock:
                    self._busy.discard(child)
                    self.peak_memory = max(self.peak_memory, child.peak)
                    keep = finished and not out and child.usable and not self._closed
                    if keep:
                        self._idle.append(child)
                        # Two that began at once have each made room for one.
                        surplus = max(0, len(self._idle) + len(self._busy) - self.processes)
                        ending += self._idle[:surplus]
                        del self._idle[:surplus]
                for one in ending if keep else [*ending, child]:
                    one.kill()

    def _ask(
        self,
        path: StrPath,
        op: str,
        parse: Callable[[dict[str, Any], bytes], Answer],
        seconds: float | None = None,
        *,
        out: StrPath | None = None,
        **request: Any,
    ) -> list[Answer]:
        """What `parse` makes of each frame of the answer, while the child works on the next one. `out`: the file, made
        anew, that this child alone may write to.

        The child may have been taken over by the file it read. An answer that makes no sense is the file's
        fault, not an error of ours, and that child is not asked again.
        """
        request |= {"op": op}
        try:
            with self._child(path, out) as child:
                frames = child.ask(request, seconds or self.limits.seconds)
                answers = [parse(*frame) for frame in islice(frames, FRAMES + 1)]
                if len(answers) > FRAMES:
                    raise ValueError("More frames than any answer has.")
                return answers
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            log.warning("pdf child answered nonsense: %r", error)
            raise refused("broken") from error

    def _check(self, path: StrPath) -> None:
        """What can be told from the outside, before any parser sees the file."""
        size = Path(path).stat().st_size
        if size == 0:
            raise refused("empty")
        if size > self.limits.file_bytes:
            raise refused("too_large", size=human_size(size), limit=human_size(self.limits.file_bytes))
        what = magic.not_a_pdf(path)
        if what is not None:
            raise refused("not_pdf", what=f": it looks like {what}" if what else "")

    def warm(self) -> None:
        """Starts what starts the children, so that the first file need not wait for it, and says in the log where they
        will not be confined. Raises NotConfined where they must be."""
        walls = confinement.trial()
        if not walls.whole:
            log.error(
                "what opens uploaded files is not fully confined (%s): %s",
                walls.level,
                " ".join(walls.missing),
            )
        walls.check()
        self._fork_server()

    def inspect(self, path: StrPath) -> Inspection:
        """Opens `path` as it is and checks it. Raises Refused, also where only a repair would open it."""
        self._check(path)
        found = self._ask(path, "inspect", partial(_inspection, self.limits.pages))
        if len(found) != 1:
            raise refused("broken")
        return found[0]

    def prepare(self, path: StrPath, out_path: StrPath) -> Inspection:
        """As `inspect`, and where only a repair makes the file open, writes the repaired copy at `out_path`
        and returns its Inspection with `repaired=True`. Otherwise nothing is left at `out_path`.

        The copy is written by a child of its own and then looked at by another one, as if a stranger had sent it.
        """
        try:
            return self.inspect(path)
        except Refused as reason:
            if not reason.judged or reason.code not in ("broken", "no_pages", "encrypted"):
                raise
            try:
                return self._repair(path, out_path, reason)
            except BaseException:
                with suppress(OSError):
                    Path(out_path).unlink()
                raise

    def rebuild(self, path: StrPath, out_path: StrPath, seconds: float, known: Collection[int] = ()) -> None:
        """Writes at `out_path` the reading copy of a file (reading_copy.py), in so many seconds at most. Raises Refused
        where there can be none that shows the same pages; then nothing is left at `out_path`. Pages (from 0) that are
        `known` to be too much to read are not compared."""
        self._check(path)
        try:
            if (
                len(
                    self._ask(
                        path,
                        "rebuild",
                        lambda _header, _body: None,
                        seconds,
                        out=out_path,
                        known=sorted(known),
                    )
                )
                != 1
            ):
                raise refused("uncopied")
        except BaseException:
            with suppress(OSError):
                Path(out_path).unlink()
            raise

    def _repair(self, path: StrPath, out: StrPath, reason: Refused) -> Inspection:
        try:
            [done] = self._ask(path, "repair", _warnings, out=out) or [None]
        except Refused as worse:
            raise reason if worse.code == reason.code else worse from None
        if done is None:
            raise refused("broken")
        found = self.inspect(out)
        return replace(found, repaired=True, warnings=[*found.warnings, *done])

    def read(self, path: StrPath, first: int = 0, last: int | None = None) -> Iterator[PageText]:
        """Pages `first` to `last` (0-based, `last` included; None: to the end), one after another.

        Pages come in batches of about a megabyte and the child is free between batches, so a slow consumer
        holds nobody up and may stop at any page or use this sandbox meanwhile.
        """
        self._check(path)
        started = time.monotonic()
        allowed = self.limits.first_seconds
        index = max(0, first)
        count = index + 1
        while index < count and (last is None or index <= last):
            if time.monotonic() - started > allowed:
                raise refused("timeout")
            answers = self._ask(path, "read", _numbered_page, first=index, last=last)
            batch = [page for _, page in answers]
            if [page.index for page in batch] != list(range(index, index + len(batch))):
                raise refused("broken")
            count = min(answers[0][0], self.limits.pages) if answers else 0
            allowed = self.limits.whole(count)
            index += len(batch)
            yield from batch

    def render(
        self,
        path: StrPath,
        index: int,
        width: int,
        format: Literal["jpeg", "webp"] = "jpeg",  # noqa: A002 - the plain word for it
        quality: int = 80,
    ) -> bytes:
        """Page `index` (0-based) as displayed, `width` px wide, on white, annotations and form fields drawn.

        The image is made smaller than asked (same shape) where it would have more than `Limits.pixels` pixels
        or a side longer than `Limits.side`: a page 1 by 14,400 points comes out narrower than `width`.
        JPEG is the quick one (on demand), WebP the small one (in the background).
        Raises IndexError for a page that is not there.
        """
        return self.pictures(path, index, [width], format, quality)[0]

    def pictures(
        self,
        path: StrPath,
        index: int,
        widths: Sequence[int],
        format: Literal["jpeg", "webp"] = "jpeg",  # noqa: A002
        quality: int = 80,
    ) -> list[bytes]:
        """As `render`, in several widths: the page is opened once for all of them."""
        if format not in ("jpeg", "webp"):
            raise ValueError(f"An image is made as jpeg or webp, not {format!r}.")
        if not widths or min(widths) < 1 or not 1 <= quality <= 100:
            raise ValueError("An image is at least 1 px wide, its quality 1 to 100.")
        self._check(path)
        seconds = min(self.limits.seconds, self.limits.draw_seconds)
        found = self._ask(
            path,
            "render",
            _image,
            seconds,
            index=index,
            widths=list(widths),
            format=format,
            quality=quality,
        )
        images = [image for image in found if image is not None]
        if found == [None]:
            raise IndexError(f"There is no page {index + 1}.")
        if len(images) != len(widths) or len(found) != len(widths):
            raise refused("broken")
        return images


def _image(header: dict[str, Any], body: bytes) -> bytes | None:
    if header.get("missing"):
        return None
    if not body.startswith((b"\xff\xd8\xff", b"RIFF")):
        raise ValueError("An image is a JPEG or WebP file.")
    return body


def _inspection(most: int, header: dict[str, Any], body: bytes) -> Inspection:
    sizes = array("f")
    sizes.frombytes(body)
    if not sizes or len(sizes) % 3 or len(sizes) // 3 > most:
        raise ValueError("Three numbers a page.")
    if not math.isfinite(sum(sizes)) or min(sizes) < 0:
        raise ValueError("A page has a size.")
    triples = zip(sizes[0::3], sizes[1::3], sizes[2::3], strict=True)
    return Inspection(
        pages=[PageSize(round(w, 3), round(h, 3), int(r) % 360) for w, h, r in triples],
        title=str(header["title"])[:1000] if header.get("title") else None,
        warnings=_warnings(header, b""),
    )


def _warnings(header: dict[str, Any], _body: bytes) -> list[str]:
    return [str(code)[:40] for code in header["warnings"]][:20]


def _numbered_page(header: dict[str, Any], body: bytes) -> tuple[int, PageText]:
    """How many pages the document has, and the page."""
    return int(header["count"]), _page_text(header, body)


def _page_text(header: dict[str, Any], body: bytes) -> PageText:
    """Checks what the child said: it read an untrusted file and may no longer be itself."""
    count = int(header["words"])
    boxes = array("I")
    boxes.frombytes(body[: count * 16])
    text = body[count * 16 :].decode("utf-8", "ignore")
    words = text.split()
    width, height = float(header["width"]), float(header["height"])
    if len(boxes) != count * 4 or len(words) != count or (count and max(boxes) > SCALE):
        raise ValueError("Words and boxes do not agree.")
    if not (math.isfinite(width) and math.isfinite(height)):
        raise ValueError("A page has a size.")
    edges = [v / SCALE for v in boxes]
    return PageText(
        index=int(header["index"]),
        width=width,
        height=height,
        text=text,
        words=list(zip(edges[0::4], edges[1::4], edges[2::4], edges[3::4], words, strict=True)),
        blank=bool(header["blank"]),
        images_only=bool(header["images_only"]),
        pictures=min(1.0, max(0.0, float(header["pictures"]))),
        cut=bool(header["cut"]),
    )
