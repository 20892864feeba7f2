"""Takes away from a process whatever it does not need, before it opens what strangers have sent.

For every parser and program that opens an uploaded file. It knows nothing of files' kinds, nor of this project: the
system's own calls by ctypes, no privilege needed. There are two walls, each enough for most of what can be tried:

- seccomp: a list of the system calls that are answered at all (`PARSER`). Whatever is not on it fails with EPERM: to
  open, look at or change anything by its name, sockets, other programs, other processes, signals, and all the parts of
  the kernel that a parser has no business with. A call in the manner of another machine (32-bit, x32) ends the process.
- Landlock: the kernel's own list of which files may be reached (none, unless they are named), no TCP, no signals and no
  abstract sockets out of the process. Where the kernel has none, bubblewrap (`bubblewrap()`), an empty file system and
  network of its own, is the second wall.

Around both: no privileges, no new ones, no process may be traced or looked into, and limits.

`confine()` does it to the process that calls it, once and for ever, and says what stands (`Walls`). `trial()` says what
this machine can give, by trying it in a process of its own. `demand()` sets what is asked for before a file is opened.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import platform
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

# --- what is asked for --------------------------------------------------------------------------
Demand = Literal["required", "best-effort", "external"]
DEMANDS: tuple[Demand, ...] = ("required", "best-effort", "external")
_demand: Demand = "required"


class NotConfined(PermissionError):
    """No file was opened, because what opens it cannot be confined here. It is the machine's fault: the file waits."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(errno.EPERM, f"no file is opened without confinement: {' '.join(missing)}")


def demand(asked: Demand) -> None:
    """Set what this process asks for: required (both walls, or no file is opened), best-effort (as much as the kernel
    gives), external (the same, and somebody has confined this whole machine in another way). Until it is set it is
    required."""
    global _demand
    if asked not in DEMANDS:
        raise ValueError(f"Confinement is one of {', '.join(DEMANDS)}, not {asked!r}.")
    _demand = asked


def demanded() -> Demand:
    return _demand


@dataclass(frozen=True)
class Walls:
    """What stands around a process. landlock: the version of the kernel's interface, 0 where there is none.
    missing: for each wall that does not stand a sentence that says why, for who runs the machine."""

    seccomp: bool = False
    landlock: int = 0
    bubblewrap: bool = False
    missing: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return self.seccomp and (self.landlock > 0 or self.bubblewrap)

    @property
    def level(self) -> str:
        """none, partial or full."""
        if self.whole:
            return "full"
        return "partial" if self.seccomp or self.landlock or self.bubblewrap else "none"

    def check(self) -> None:
        """Raises NotConfined where more is asked for than stands."""
        if _demand == "required" and not self.whole:
            raise NotConfined(self.missing or ("It is not known why.",))

    @classmethod
    def of(cls, said: dict[str, Any]) -> Walls:
        """From what `asdict` made of it on the other side of a pipe."""
        return cls(
            bool(said.get("seccomp")),
            int(said.get("landlock", 0)),
            bool(said.get("bubblewrap")),
            tuple(str(one) for one in said.get("missing", ())),
        )


# --- the kernel's own names ---------------------------------------------------------------------
_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
PROT_EXEC = 4
NOBODY = 65534
NO_ROOM = (
    errno.ENOSPC,
    errno.EDQUOT,
)  # what can go wrong with what is open already and is not the file's fault

# Name -> number on x86_64 and on aarch64; None where a machine has no such call.
CALLS: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "poll": (7, None),
    "ppoll": (271, 73),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "readv": (19, 65),
    "writev": (20, 66),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "getpid": (39, 172),
    "exit": (60, 93),
    "fcntl": (72, 25),
    "ftruncate": (77, 46),  # of what is open for writing: the copy
    "gettimeofday": (96, 169),
    "getrlimit": (97, 163),
    "getrusage": (98, 165),
    "setrlimit": (160, 164),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "time": (201, None),
    "futex": (202, 98),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "exit_group": (231, 94),
    "tgkill": (234, 131),
    "prlimit64": (302, 261),
    "getrandom": (318, 278),
    "membarrier": (324, 283),
}
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446  # the same everywhere
SECCOMP = {"x86_64": 317, "aarch64": 277}
CAPSET = {"x86_64": 126, "aarch64": 91}
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32 = 0x40000000

MACHINE = platform.machine()


def _failed(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{what}: {os.strerror(number)}")


# --- seccomp ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Condition:
    """Of one argument of a call (0 to 5): it is `value`, or with `clear`, none of the bits of `value` are set."""

    argument: int
    value: int
    clear: bool = False


@dataclass(frozen=True)
class Allowed:
    """A system call that is answered, where all conditions hold."""

    name: str
    conditions: tuple[Condition, ...] = ()


def parser_calls() -> tuple[Allowed, ...]:
    """What a library needs that reads from what is open already and writes to what is open already: memory, time, its
    own limits and its own end. Nothing has a name, nothing new can be opened, nothing is made that can be run."""
    no_new_code = (Condition(2, PROT_EXEC, clear=True),)
    special: dict[str, tuple[Condition, ...]] = {
        "mmap": no_new_code,
        "mprotect": no_new_code,
        "fcntl": (Condition(1, 1030),),  # F_DUPFD_CLOEXEC: what maps a file takes a number of its own for it
        "prlimit64": (Condition(0, 0),),  # of itself
        # What abort() does. Any other signal would look as if somebody else had sent it.
        "tgkill": (Condition(0, os.getpid()), Condition(2, signal.SIGABRT)),
    }
    return tuple(Allowed(name, special.get(name, ())) for name in CALLS)


_LD, _JEQ, _JGE, _JSET, _RET = 0x20, 0x15, 0x35, 0x45, 0x06  # absolute word; jumps by a constant; the verdict
_ALLOW, _KILL, _EPERM = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16  # places in struct seccomp_data


@cache
def assemble(allowed: tuple[Allowed, ...], machine: str = MACHINE) -> bytes:
    """The filter as a classic BPF program: other machines' calls end the process, allowed ones go on, others fail."""
    column = ("x86_64", "aarch64").index(machine)
    program: list[tuple[int, int, int, int]] = [
        (_LD, 0, 0, _ARCH),
        (_JEQ, 1, 0, AUDIT_ARCH[machine]),
        (_RET, 0, 0, _KILL),
        (_LD, 0, 0, _NUMBER),
        (_JGE, 0, 1, X32),
        (_RET, 0, 0, _KILL),
    ]
    for call in allowed:
        number = CALLS[call.name][column]
        if number is None:
            continue
        tests: list[
            tuple[int, int, int]
        ] = []  # code, place, value: on to the next where it holds, else EPERM
        for condition in call.conditions:
            place = _ARGUMENTS + 8 * condition.argument
            tests.append((_JSET if condition.clear else _JEQ, place, condition.value & 0xFFFFFFFF))
            if not condition.clear:
                tests.append((_JEQ, place + 4, condition.value >> 32))
        program.append((_JEQ, 0, 2 * len(tests) + (2 if tests else 1), number))
        for index, (code, place, value) in enumerate(tests):
            refuse = 2 * (len(tests) - 1 - index) + 1
            program.append((_LD, 0, 0, place))
            program.append((code, *((refuse, 0) if code == _JSET else (0, refuse)), value))
        program.append((_RET, 0, 0, _ALLOW))
        if tests:
            program.append((_RET, 0, 0, _EPERM))
    program.append((_RET, 0, 0, _EPERM))
    return b"".join(struct.pack("=HBBI", *line) for line in program)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_char_p))


def filter_calls(allowed: tuple[Allowed, ...]) -> None:
    """From now on this thread can make these system calls only. Raises OSError where the kernel has no filters."""
    allow_no_new_privileges()
    if MACHINE not in AUDIT_ARCH:
        raise OSError(errno.ENOSYS, f"the numbers of system calls on {MACHINE} are not known here")
    lines = assemble(allowed)
    program = _Program(len(lines) // 8, lines)
    if _libc.syscall(SECCOMP[MACHINE], 1, 0, ctypes.byref(program)) != 0:  # SECCOMP_SET_MODE_FILTER
        raise _failed("seccomp")


# --- Landlock -----------------------------------------------------------------------------------
_READ = (1 << 2) | (1 << 3)  # a file's contents, a folder's names
_EXECUTE = 1 << 0
_OF_FILES = _EXECUTE | (1 << 1) | (1 << 2) | (1 << 14) | (1 << 15)  # rights that make sense for a file
_ALL = ((1, (1 << 13) - 1), (2, 1 << 13), (3, 1 << 14), (5, 1 << 15))  # first version -> rights it knows


def landlock_version() -> int:
    """Which version of Landlock this kernel has; 0: none, or it may not be used."""
    return max(0, _libc.syscall(LANDLOCK_CREATE_RULESET, None, 0, 1))


def restrict_files(
    read: Iterable[str | os.PathLike[str]] = (),
    write: Iterable[str | os.PathLike[str]] = (),
    execute: Iterable[str | os.PathLike[str]] = (),
) -> int:
    """From now on this thread reaches only what is named (folders with all that is in them): to read, to read and
    write, to read and run. No TCP (version 4), no signals and abstract sockets to others (version 6).

    Gives the version. Raises OSError where the kernel has no Landlock."""
    allow_no_new_privileges()
    version = landlock_version()
    if not version:
        raise OSError(errno.ENOSYS, "this kernel has no Landlock")
    rights = 0
    for since, known in _ALL:
        if version >= since:
            rights |= known
    asked = [rights]
    if version >= 4:
        asked.append(0b11)  # TCP: to bind, to connect
    if version >= 6:
        asked.append(0b11)  # abstract sockets, signals
    rules = struct.pack(f"={len(asked)}Q", *asked)
    ruleset = _libc.syscall(LANDLOCK_CREATE_RULESET, rules, len(rules), 0)
    if ruleset < 0:
        raise _failed("Landlock")
    try:
        for paths, right in ((read, _READ), (write, rights & ~_EXECUTE), (execute, _READ | _EXECUTE)):
            for path in paths:
                _allow(ruleset, path, right & rights)
        if _libc.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) != 0:
            raise _failed("Landlock")
    finally:
        os.close(ruleset)
    return version


def _allow(ruleset: int, path: str | os.PathLike[str], rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not Path(path).is_dir():
            rights &= _OF_FILES
        rule = struct.pack("=Qi", rights, place)
        if _libc.syscall(LANDLOCK_ADD_RULE, ruleset, 1, rule, 0) != 0:
            raise _failed(f"Landlock, {path}")
    finally:
        os.close(place)


# --- privileges ---------------------------------------------------------------------------------
def allow_no_new_privileges() -> None:
    """No program that this process runs gives it more than it has; the kernel asks for that before a wall."""
    _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def drop_privileges() -> None:
    """No capability is left, none can be had again, and who was root is nobody. Nobody may look into this process."""
    allow_no_new_privileges()
    if os.getuid() == 0:
        # In a container whose root is nobody's equal there may be no such user; then it is without capabilities only.
        with suppress(OSError):
            os.setgroups([])
        with suppress(OSError):
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
    if MACHINE in CAPSET:
        header = struct.pack("=Ii", 0x20080522, 0)  # the third version, this thread
        _libc.syscall(CAPSET[MACHINE], header, bytes(24))
    _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def end_with_parent() -> None:
    """The kernel ends this process when the thread that made it ends. A later change of user undoes that."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


# --- all of it ----------------------------------------------------------------------------------
def confine(allowed: tuple[Allowed, ...] | None = None, *, inside_bubblewrap: bool = False) -> Walls:
    """Put up what can be put up around this process, which has one thread and has loaded all that it will need. For
    good; it ends with its parent. What cannot be put up is said in the Walls, and whether that will do is not decided
    here."""
    missing: list[str] = []
    version = 0
    drop_privileges()
    end_with_parent()
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_NPROC):
        resource.setrlimit(limit, (0, 0))
    try:
        version = restrict_files()
    except OSError as error:
        if not inside_bubblewrap:
            missing.append(
                f"Landlock: {error.strerror}. Use Linux 5.13 or later with it switched on (lsm=landlock,…), a "
                "container runtime that allows it, or install bubblewrap."
            )
    try:
        filter_calls(parser_calls() if allowed is None else allowed)
    except OSError as error:
        missing.append(
            f"seccomp: {error.strerror}. Use a kernel with CONFIG_SECCOMP_FILTER on x86_64 or aarch64, and a container "
            "runtime that allows it."
        )
        return Walls(False, version, inside_bubblewrap, tuple(missing))
    return Walls(True, version, inside_bubblewrap, tuple(missing))


# --- bubblewrap ---------------------------------------------------------------------------------
def bubblewrap(read: Iterable[str | os.PathLike[str]]) -> list[str]:
    """What to write before a command so that it runs in a file system of its own, which holds only `read` and system
    libraries, and without network; nothing where Landlock does the same, or bubblewrap is not there or cannot."""
    program = shutil.which("bwrap")
    if landlock_version() or program is None:
        return []
    line = [
        program,
        "--unshare-user-try",
        "--unshare-net",
        "--unshare-ipc",
        "--die-with-parent",
        "--clearenv",
    ]
    for path in ("/usr", "/lib", "/lib64", "/bin", *map(str, read)):
        line += ["--ro-bind-try", path, path]
    line += ["--dev", "/dev", "--chdir", "/"]
    return line if _works(tuple(line)) else []


@cache
def _works(line: tuple[str, ...]) -> bool:
    try:
        done = subprocess.run([*line, "/bin/true"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


# --- what this machine can give -----------------------------------------------------------------
_found: Walls | None = None


def trial() -> Walls:
    """What can be put up here, tried in a process of its own and found to hold. Takes a tenth of a second once; it is
    tried again as long as something is missing."""
    global _found
    if _found is None or not _found.whole:
        _found = _trial()
    return _found


def _trial() -> Walls:
    me = Path(__file__).resolve()
    python = [Path(sys.prefix), Path(sys.base_prefix)]
    line = bubblewrap([me.parent, *python])
    try:
        done = subprocess.run(
            [*line, sys.executable, "-I", "-S", str(me), *(["bubblewrap"] if line else [])],
            capture_output=True,
            env={},
            timeout=30,
            check=True,
        )
        return Walls.of(json.loads(done.stdout))
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        return Walls(missing=(f"The trial of it did not end well: {error}.",))


def _try(inside_bubblewrap: bool) -> Walls:
    walls = confine(inside_bubblewrap=inside_bubblewrap)
    if not walls.seccomp:
        return walls
    for attempt in (lambda: Path("/").stat(), lambda: os.open("/", os.O_RDONLY), socket.socket, os.fork):
        with suppress(OSError):
            attempt()
            return Walls(False, 0, False, ("seccomp: it was put up and does not hold.",))
    return walls


if __name__ == "__main__":
    print(json.dumps(asdict(_try("bubblewrap" in sys.argv[1:]))), flush=True)  # noqa: T201
