"""What a file does that has taken over its child: tried for real, in the place where the parser runs.

Run as a program, by any user: `python -m tests.pdf.hostile`. It sets up what a server has (secrets in its environment,
memory and data folder, a database, open ports), makes a child by the Sandbox's own way, has it try everything in
`ATTEMPTS`, and prints as JSON what was got. With `--unconfined` the walls are left out and what is in `HARMLESS` is
tried, so that it is seen that those attempts find something where nothing stops them. Never as root.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from casebundle.pdf import Limits, Refused, Sandbox, confinement, sandbox
from tests.pdf.corpus import text_pdf

SECRET = "the-secret-of-the-server"
# Loaded before the walls go up, as if the parser itself had needed them: an attacker has what the process has.
PREPARE = """
import ctypes, encodings.idna, gc, mmap, os, resource, select, signal, socket, struct, subprocess, sys, _thread
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def call(number, *arguments):
    found = libc.syscall(number, *arguments)
    if found == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return found
# A page that may be run, with what asks the kernel in the manner of 32-bit programs (mov eax, 20; int 0x80; ret).
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")
int80 = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
def mapping():
    \"\"\"Of /proc/self/maps: something that another process of ours has too.\"\"\"
    return ctypes.addressof(ctypes.c_char.from_buffer(page))
def answer(self, request):
    found = {}
    for name, code in request["attempts"].items():
        names = dict(globals(), t=request["targets"])
        try:
            exec("def attempt():\\n" + "".join(f"    {line}\\n" for line in code.splitlines()), names)
            found[name] = ["got", repr(names["attempt"]())[:200]]
        except OSError as error:
            found[name] = ["refused", error.errno]
        except (MemoryError, RuntimeError, ValueError) as error:  # what Python makes of some of the kernel's refusals
            found[name] = ["refused", repr(error)]
        except BaseException as error:
            found[name] = ["failed", repr(error)]
    yield {"kind": "found", "found": found}, b""
reading.Reader.answer = answer
"""
UNCONFINED = """
from casebundle.pdf import confinement
confinement.confine = lambda *_, **__: confinement.Walls(True, 7)
child.limit = lambda *_: 0
"""

X86 = os.uname().machine == "x86_64"
NUMBERS = {  # on x86_64, on aarch64
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "kcmp": (312, 272),
    "io_uring_setup": (425, 425),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "mount": (165, 40),
    "fsopen": (430, 430),
    "open_tree": (428, 428),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "clone3": (435, 435),
    "execveat": (322, 281),
    "openat2": (437, 437),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "statx": (332, 291),
    "faccessat2": (439, 439),
    "personality": (135, 92),
    "prctl": (157, 167),
    "seccomp": (317, 277),
    "landlock_create_ruleset": (444, 444),
    "syslog": (103, 116),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "timer_create": (222, 107),
    "sched_setaffinity": (203, 122),
    "setpriority": (141, 140),
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "prlimit64": (302, 261),
    "getdents64": (217, 61),
    "ioctl": (16, 29),
    "mknodat": (259, 33),
    "setuid": (105, 146),
    "getuid": (102, 174),
    "vmsplice": (278, 75),
    "pkey_mprotect": (329, 288),
}
N = {name: numbers[0 if X86 else 1] for name, numbers in NUMBERS.items()}


def _read(path: str) -> str:
    return f"return os.read(os.open({path}, os.O_RDONLY), 4096) or None"


# Name -> the body of a function: it returns what it got, or fails. `t` has what the server set up.
ATTEMPTS: dict[str, str] = {
    # files
    "a secret in the data folder": _read("t['secret']"),
    "the folder's names": "return os.listdir(t['folder'])",
    "whether a file is there": "return os.stat(t['secret'])",
    "whether a file may be read": f"return call({N['faccessat2']}, -100, t['secret'].encode(), 4, 0)",
    "a file's times, by statx": f"return call({N['statx']}, -100, t['secret'].encode(), 0, 0x7ff, ctypes.create_string_buffer(256))",
    "a file by openat2": f"return call({N['openat2']}, -100, t['secret'].encode(), bytes(24), 24)",
    "the database": _read("t['database']"),
    "to write into the database": "return os.open(t['database'], os.O_RDWR)",
    "to make a file": "return os.open(t['folder'] + '/new', os.O_CREAT | os.O_WRONLY)",
    "to make a folder": "os.mkdir(t['folder'] + '/newer'); return 'made'",
    "to delete a file": "os.unlink(t['victim']); return 'gone'",
    "to rename a file": "os.rename(t['victim'], t['victim'] + '2'); return 'renamed'",
    "to link a file": "os.link(t['secret'], t['folder'] + '/linked'); return 'linked'",
    "to link by a symbol": "os.symlink(t['secret'], t['folder'] + '/symbol'); return 'linked'",
    "to change rights": "os.chmod(t['secret'], 0o666); return 'changed'",
    "to change times": "os.utime(t['secret']); return 'changed'",
    "to cut a file": "os.truncate(t['victim'], 1); return 'cut'",
    "/etc/passwd": _read("'/etc/passwd'"),
    "the machine's name": _read("'/proc/sys/kernel/hostname'"),
    "the program itself": _read("t['program']"),
    "a device": _read("'/dev/urandom'"),
    "the terminal": "return os.open('/dev/tty', os.O_RDWR)",
    "the null device": "return os.open('/dev/null', os.O_RDWR)",
    "where it is": "return os.getcwd()",
    "to be elsewhere": "os.chdir('/tmp'); return 'there'",
    "to write into its own file": "return os.write(5, b'x')",
    "to cut its own file": "os.ftruncate(5, 1); return 'cut'",
    "to change its own file's rights": "os.fchmod(5, 0o666); return 'changed'",
    "to open its own file again, to write": "return os.open('/proc/self/fd/5', os.O_RDWR)",
    "to map its own file, to write": "return mmap.mmap(5, 10, access=mmap.ACCESS_WRITE)",
    "the names in an open folder": f"return call({N['getdents64']}, 5, ctypes.create_string_buffer(999), 999)",
    # what it has inherited
    "more descriptors": (
        "found = []\nfor number in (*range(3), *range(6, 4096)):\n    try:\n        found.append((number, os.fstat(number)))\n"
        "    except OSError:\n        pass\nif not found:\n    raise OSError(9, 'none')\nreturn found"
    ),
    "its environment": (
        "found = dict(os.environ)\nif not found:\n    raise OSError(2, 'none')\nreturn found"
    ),
    "its environment, by /proc": _read("'/proc/self/environ'"),
    "its memory's places": _read("'/proc/self/maps'"),
    "its memory, by /proc": "return os.open('/proc/self/mem', os.O_RDWR)",
    # other processes
    "the server's environment": _read("f\"/proc/{t['server']}/environ\""),
    "the server's memory": "return os.open(f\"/proc/{t['server']}/mem\", os.O_RDONLY)",
    "the server's files": "return os.listdir(f\"/proc/{t['server']}/fd\")",
    "which processes there are": "return os.listdir('/proc')",
    "to read the server's memory": (
        "buffer = ctypes.create_string_buffer(8)\n"
        "ours = struct.pack('QQ', ctypes.addressof(buffer), 8)\ntheirs = struct.pack('QQ', t['address'], 8)\n"
        f"return call({N['process_vm_readv']}, t['server'], ours, 1, theirs, 1, 0), buffer.raw"
    ),
    "to write the server's memory": (
        "buffer = ctypes.create_string_buffer(b'overwrite')\n"
        "ours = struct.pack('QQ', ctypes.addressof(buffer), 8)\ntheirs = struct.pack('QQ', t['address'], 8)\n"
        f"return call({N['process_vm_writev']}, t['server'], ours, 1, theirs, 1, 0)"
    ),
    "to trace the server": f"return call({N['ptrace']}, 0x4206, t['server'], 0, 0)",
    "to trace its own parent": f"return call({N['ptrace']}, 0x4206, os.getppid(), 0, 0)",
    "to be traced": f"return call({N['ptrace']}, 0, 0, 0, 0)",
    "to compare with the server": f"return call({N['kcmp']}, os.getpid(), t['server'], 1, 0, 0)",
    "a handle of the server": f"return call({N['pidfd_open']}, t['server'], 0)",
    "to signal the server": "os.kill(t['server'], 0); return 'could'",
    "to signal its own parent": "os.kill(os.getppid(), 0); return 'could'",
    "to signal everybody": "os.kill(-1, 0); return 'could'",
    "to signal its group": "os.kill(0, 0); return 'could'",
    "to signal by thread": f"return call({N['tkill']}, t['server'], 0)",
    "to signal with a word": f"return call({N['rt_sigqueueinfo']}, t['server'], 0, bytes(128))",
    "to end itself as if from outside": f"return call({N['kill']}, os.getpid(), 0)",
    "to limit the server": f"return call({N['prlimit64']}, t['server'], 7, 0, ctypes.create_string_buffer(16))",
    "to slow the server down": f"return call({N['setpriority']}, 0, t['server'], 1)",
    "to bind the server to a core": f"return call({N['sched_setaffinity']}, t['server'], 8, struct.pack('Q', 1))",
    # programs and processes
    "a program": "return subprocess.run(['/bin/true'])",
    "a program, by exec": "pid = os.fork()\nif pid == 0:\n    os.execv('/bin/true', ['true'])\nreturn os.waitpid(pid, 0)",
    "a program in memory": f"return call({N['memfd_create']}, b'x', 0)",
    "a program by its descriptor": f"call({N['execveat']}, 5, b'', 0, 0, 0x1000); return 'ran'",
    "a second process": "pid = os.fork()\nif pid == 0:\n    os._exit(0)\nreturn os.waitpid(pid, 0)",
    "a second process, by clone3": (
        f"found = call({N['clone3']}, struct.pack('QQQQQQQQ', 0, 0, 0, 0, 17, 0, 0, 0), 64)\n"
        "if found == 0:\n    os._exit(0)\nreturn found"
    ),
    "a thread": "return _thread.start_new_thread(int, ())",
    "another session": "pid = os.getpid(); return os.setsid() or 'set'",
    "memory that can be run": "return mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)",
    "to make memory runnable": (
        "here = mmap.mmap(-1, 4096)\n"
        "if libc.mprotect(ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(here))), 4096, 5):\n"
        "    raise OSError(ctypes.get_errno(), 'mprotect')\nreturn 'done'"
    ),
    # the network
    "the server's port": "line = socket.create_connection(('127.0.0.1', t['tcp']), 2); line.send(b'hello'); return 'connected'",
    "a datagram": "return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', t['udp']))",
    "the sixth version": "return socket.socket(socket.AF_INET6)",
    "a raw socket": "return socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
    "a packet socket": "return socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "a netlink socket": "return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
    "a kernel crypto socket": "return socket.socket(38, socket.SOCK_SEQPACKET)",
    "a virtual machine socket": "return socket.socket(40, socket.SOCK_STREAM)",
    "a unix socket": "line = socket.socket(socket.AF_UNIX); line.connect(t['unix']); return 'connected'",
    "an abstract socket": "line = socket.socket(socket.AF_UNIX); line.connect('\\0' + t['abstract']); return 'connected'",
    "a pair of sockets": "return socket.socketpair()",
    "a port of its own": "line = socket.socket(); line.bind(('127.0.0.1', 0)); return line.getsockname()",
    "more pipes": "return os.pipe()",
    # the kernel
    "io_uring": f"return call({N['io_uring_setup']}, 1, bytes(120))",
    "userfaultfd": f"return call({N['userfaultfd']}, 1)",
    "secret memory": f"return call({N['memfd_secret']}, 0)",
    "keys": f"return call({N['keyctl']}, 0, -3, 1)",
    "a new key": f"return call({N['add_key']}, b'user', b'x', b'y', 1, -2)",
    "a key by name": f"return call({N['request_key']}, b'user', b'x', 0, -2)",
    "to mount": f"return call({N['mount']}, b'none', t['folder'].encode(), b'tmpfs', 0, 0)",
    "to open a file system": f"return call({N['fsopen']}, b'tmpfs', 0)",
    "a tree of files": f"return call({N['open_tree']}, -100, b'/', 1)",
    "a name space": f"return call({N['unshare']}, 0x10000000)",
    "a network of its own": f"return call({N['unshare']}, 0x40000000)",
    "another's name space": f"return call({N['setns']}, 5, 0)",
    "bpf": f"return call({N['bpf']}, 0, struct.pack('IIII', 2, 4, 4, 1) + bytes(100), 116)",
    "perf": f"return call({N['perf_event_open']}, struct.pack('IIQ', 1, 112, 0) + bytes(96), 0, -1, -1, 0)",
    "the kernel's messages": f"return call({N['syslog']}, 10, 0, 0)",
    "a file by its handle": f"return call({N['open_by_handle_at']}, 5, bytes(8), 0)",
    "the handle of a file": f"return call({N['name_to_handle_at']}, -100, b'/', struct.pack('II', 128, 0) + bytes(128), bytes(8), 0)",
    "shared memory": f"return call({N['shmget']}, 0, 4096, 0o1600)",
    "messages": f"return call({N['msgget']}, 0, 0o1600)",
    "semaphores": f"return call({N['semget']}, 0, 1, 0o1600)",
    "a message queue": f"return call({N['mq_open']}, b'x', 0o102, 0o600, 0)",
    "to watch files": f"return call({N['inotify_init1']}, 0)",
    "to watch all files": f"return call({N['fanotify_init']}, 0, 0)",
    "another personality": f"return call({N['personality']}, 0x0400000)",
    "to undo what was set": f"return call({N['prctl']}, 4, 1, 0, 0, 0)",
    "a filter of its own": f"return call({N['seccomp']}, 2, 0, struct.pack('I', 0x7fff0000))",
    "walls of its own": f"return call({N['landlock_create_ruleset']}, 0, 0, 1)",
    "a timer": f"return call({N['timer_create']}, 1, 0, bytes(8))",
    "who it is": f"return call({N['getuid']}) or 'root'",
    "to be somebody else": f"return call({N['setuid']}, 1) or 'somebody'",
    "to control a device": f"return call({N['ioctl']}, 3, 0x541B, ctypes.create_string_buffer(8)) or 'could'",
    "to make a device": f"return call({N['mknodat']}, -100, (t['folder'] + '/node').encode(), 0o010600, 0) or 'made'",
    "to move pages into a pipe": f"return call({N['vmsplice']}, 4, struct.pack('QQ', mapping(), 0), 1, 0) or 'could'",
    "memory runnable by a key": f"return call({N['pkey_mprotect']}, ctypes.c_void_p(mapping()), 4096, 7, -1) or 'could'",
    "more processor time": "resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096)); return 'more'",
    "more memory": "resource.setrlimit(resource.RLIMIT_AS, (1 << 40, 1 << 40)); return 'more'",
    "memory past the limit": "return len(mmap.mmap(-1, 1 << 34))",
}
ONLY_X86 = {
    "a descriptor table of segments": "return call(154, 0, ctypes.create_string_buffer(16), 16) or 'read'",
    "a second process, by vfork": "found = call(58)\nif found == 0:\n    os._exit(0)\nreturn found",
    "a second process, by its old call": "found = call(57)\nif found == 0:\n    os._exit(0)\nreturn found",
}
if X86:
    ATTEMPTS |= ONLY_X86
# What an ordinary user's process may do, and what leaves nothing behind outside the folder: tried without walls too.
HARMLESS = (
    "a secret in the data folder",
    "the folder's names",
    "whether a file is there",
    "whether a file may be read",
    "a file's times, by statx",
    "the database",
    "to write into the database",
    "to make a file",
    "to make a folder",
    "to delete a file",
    "to change rights",
    "/etc/passwd",
    "the program itself",
    "a device",
    "where it is",
    "its memory's places",
    "the server's environment",
    "the server's memory",
    "the server's files",
    "which processes there are",
    "to read the server's memory",
    "to trace the server",
    "a handle of the server",
    "to signal the server",
    "to signal its own parent",
    "a program",
    "a program, by exec",
    "a program in memory",
    "a second process",
    "a thread",
    "memory that can be run",
    "to make memory runnable",
    "the server's port",
    "a datagram",
    "a netlink socket",
    "a unix socket",
    "an abstract socket",
    "a pair of sockets",
    "a port of its own",
    "more pipes",
    "who it is",
)
# The kernel ends the process for these; whatever they would have got, nobody hears of it.
DEADLY = {
    "x32": "return call(0x40000000 + 39)",
    "x32, to open": "return call(0x40000000 + 2, b'/etc/passwd', 0)",
    "int 0x80": "return int80()",
}


class Server:
    """What an attacker would like to reach: set up as a server has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secret, self.victim = folder / "secret_key", folder / "original"
        self.secret.write_text(SECRET)
        self.secret.chmod(0o600)
        self.victim.write_text("evidence")
        self.database = folder / "casebundle.sqlite3"
        with sqlite3.connect(self.database) as rows:
            rows.execute("CREATE TABLE journal (entry TEXT)")
        self.memory = bytearray(SECRET.encode())
        self.heard: list[str] = []
        self.lines = []
        for name, family, kind, place in (
            ("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            ("udp", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            ("unix", socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "socket")),
            ("abstract", socket.AF_UNIX, socket.SOCK_STREAM, f"\0casebundle-{os.getpid()}"),
        ):
            line = socket.socket(family, kind)
            line.bind(place)
            if kind == socket.SOCK_STREAM:
                line.listen()
            self.lines.append(line)
            threading.Thread(target=self.listen, args=(name, line), daemon=True).start()

    def listen(self, name: str, line: socket.socket) -> None:
        if line.type == socket.SOCK_DGRAM:
            line.recv(10)
        else:
            line.accept()
        self.heard.append(name)

    def targets(self) -> dict[str, Any]:
        import ctypes

        return {
            "folder": str(self.folder),
            "secret": str(self.secret),
            "victim": str(self.victim),
            "database": str(self.database),
            "program": sys.executable,
            "server": os.getpid(),
            "address": ctypes.addressof(ctypes.c_char.from_buffer(self.memory)),
            "tcp": self.lines[0].getsockname()[1],
            "udp": self.lines[1].getsockname()[1],
            "unix": str(self.folder / "socket"),
            "abstract": f"casebundle-{os.getpid()}",
        }

    def untouched(self) -> bool:
        return (
            sorted(path.name for path in self.folder.iterdir())
            == ["casebundle.sqlite3", "file.pdf", "original", "secret_key", "socket"]
            and self.victim.read_text() == "evidence"
            and self.secret.stat().st_mode & 0o777 == 0o600
            and self.memory == SECRET.encode()
            and not self.heard
        )


def start_with(code: str) -> str:
    """What starts a fork server whose children do something else; for `sandbox.START`."""
    first, main = sandbox.START.rsplit("; ", 1)
    return f"{first}\nfrom casebundle.pdf import reading\n{code}\n{main}"


def tried(box: Sandbox, path: Path, attempts: dict[str, str], targets: dict[str, Any]) -> dict[str, Any]:
    [found] = box._ask(path, "hostile", lambda header, _: header["found"], attempts=attempts, targets=targets)
    return found


def main() -> None:
    confined = "--unconfined" not in sys.argv
    if not confined and os.getuid() == 0:
        sys.exit("What runs without walls does not run as root.")
    with tempfile.TemporaryDirectory() as name:
        server = Server(Path(name))
        path = Path(name) / "file.pdf"
        path.write_bytes(text_pdf(["A file"]))
        sandbox.START = start_with(PREPARE + ("" if confined else UNCONFINED))
        with Sandbox(Limits(seconds=30)) as box:
            found = {}
            if confined:
                found = tried(box, path, ATTEMPTS, server.targets())
            else:
                # Each in a child of its own: what one has done must not stand in another's way.
                for attempt in HARMLESS:
                    for child in box._kept(None)[1]:
                        child.kill()
                    try:
                        found |= tried(box, path, {attempt: ATTEMPTS[attempt]}, server.targets())
                    except Refused as refused:
                        found[attempt] = ["died", str(refused)]
            died = {}
            for attempt, code in DEADLY.items() if X86 and confined else ():
                try:
                    died[attempt] = tried(box, path, {attempt: code}, {})[attempt]
                except Refused as refused:
                    died[attempt] = ["died", refused.code]
        print(
            json.dumps(
                {
                    "uid": os.getuid(),
                    "walls": confinement.trial().level,
                    "found": found,
                    "deadly": died,
                    "untouched": server.untouched(),
                }
            )
        )


if __name__ == "__main__":
    main()
