"""The product as `make run` starts it, in a folder of its own, and somebody who calls it over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.services import without_servers  # noqa: E402

REFERENCE = "T20267001"
TICKS = os.sysconf("SC_CLK_TCK")


def papers() -> list[Path]:
    """The documents of the demo case, some 1,200 pages: drawn once, and kept in var/bench."""
    folder = ROOT / "var" / "bench" / "papers"
    if not (folder / "case.json").exists():
        from casebundle.demo.generate import generate

        print("  (drawing the papers of the demo case, once …)", flush=True)
        generate(folder)
    return sorted(folder.glob("*.pdf"))


def joined(out: Path, pages: int, last: str) -> Path:
    """A PDF of `pages` pages at `out`: papers of the demo case one after another, and a last page with these words."""
    import io

    import pikepdf
    from reportlab.pdfgen.canvas import Canvas

    data = io.BytesIO()
    canvas = Canvas(data, pagesize=(595, 842))
    canvas.drawString(72, 770, last)
    canvas.showPage()
    canvas.save()
    with pikepdf.new() as whole:
        for path in papers():
            with pikepdf.open(path) as part:
                whole.pages.extend(part.pages[: pages - 1 - len(whole.pages)])
            if len(whole.pages) >= pages - 1:
                break
        with pikepdf.open(io.BytesIO(data.getvalue())) as end:
            whole.pages.extend(end.pages)
        whole.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out


def prepare() -> dict[str, str]:
    """Runs in a process of its own, over an empty data folder: a case with two parties; tokens by name."""
    import django

    django.setup()
    from django.core.management import call_command

    from casebundle.bundles import services
    from casebundle.cases import people
    from casebundle.cases.models import User

    call_command("migrate", verbosity=0)
    tom = User.objects.create_user("tom@court.example", name="Tom Price", is_court_staff=True)
    case = services.create_case(
        tom, REFERENCE, "R v Bates and Doyle", "Crown Court at Leeds", parties=[("bates", "Marcus Bates")]
    ).case
    made = {"tom": tom}
    for key, name, role, party in [
        ("priya", "Priya Shah", "prosecution", "prosecution"),
        ("daniel", "Daniel Okafor", "defence", "bates"),
    ]:
        made[key] = User.objects.create_user(f"{key}@court.example", name=name)
        people.join(case, made[key], role, [party])
    return {key: people.new_token(user, "bench")[1] for key, user in made.items()}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Failed(RuntimeError):
    """The product did not answer as it should."""


class Caller:
    """One person with one connection that is kept open."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self.line: http.client.HTTPConnection | None = None
        self.used = 0.0

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """Status and body."""
        # The server closes what has been idle for five seconds.
        if self.line is None or time.monotonic() - self.used > 3:
            self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            self.line.connect()
            # Head and body go in two pieces; the second must not wait for the first to be acknowledged.
            self.line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.line.request(
            method, f"/api/v1{path}", body, {"Authorization": f"Bearer {self.token}", **headers}
        )
        answer = self.line.getresponse()
        status, data = answer.status, answer.read()
        self.used = time.monotonic()
        return status, data

    def get(self, path: str) -> Any:
        return self._json(*self.ask("GET", path))

    def post(self, path: str, body: Any) -> Any:
        return self._json(
            *self.ask("POST", path, json.dumps(body).encode(), **{"Content-Type": "application/json"})
        )

    def upload(self, path: Path, section: str, serve: bool) -> dict[str, Any]:
        """The document as the API answers it."""
        border = uuid.uuid4().hex
        parts = b""
        for name, value in (("section", section), ("serve", "true" if serve else "false")):
            parts += (
                f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            )
        parts += (
            f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n'
            "Content-Type: application/pdf\r\n\r\n"
        ).encode()
        parts += path.read_bytes() + f"\r\n--{border}--\r\n".encode()
        found: dict[str, Any] = self._json(
            *self.ask(
                "POST",
                f"/cases/{REFERENCE}/documents",
                parts,
                **{"Content-Type": f"multipart/form-data; boundary={border}"},
            )
        )
        return found

    @staticmethod
    def _json(status: int, data: bytes) -> Any:
        if status >= 300:
            raise Failed(f"{status}: {data[:500]!r}")
        return json.loads(data)


def until(what: Callable[[], Any], seconds: float = 120, pause: float = 0.02) -> Any:
    """Call `what` until it says something; what it says."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(pause)
    raise Failed(f"nothing after {seconds} s")


class Product:
    """Worker and server of their own: `manage.py up --no-demo`."""

    def __init__(
        self, folder: Path, tokens: dict[str, str] | None = None, servers: dict[str, str] | None = None
    ) -> None:
        """folder: of its data, made where it is not there. tokens: of an earlier one over the same folder.
        servers: the addresses of real servers by their variables (bench/_servers.py)."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.env = {
            **without_servers(),
            "CASEBUNDLE_DATA": str(folder),
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "casebundle.settings",
            "PYTHONPATH": str(ROOT),
            "API_PER_MINUTE": "1000000",
            "SEARCHES_PER_MINUTE": "1000000",
            "UPLOADS_PER_MINUTE": "1000000",
            "LOG_LEVEL": "ERROR",
        }
        self.env |= servers or {}
        self.tokens: dict[str, str] = tokens or json.loads(
            self.run("import json; from bench._product import prepare; print(json.dumps(prepare()))")
        )
        self.up: subprocess.Popen[bytes] | None = None

    def run(self, code: str) -> str:
        """Run `code` in a process of its own over this data folder; the last line that it prints."""
        done = subprocess.run(
            [sys.executable, "-c", code], check=False, env=self.env, cwd=ROOT, capture_output=True, text=True
        )
        if done.returncode:
            raise Failed(done.stderr[-4000:])
        return done.stdout.splitlines()[-1] if done.stdout else ""

    def __enter__(self) -> Self:
        self.up = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "up", "--no-demo"],
            env=self.env,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )

        def answers() -> bool:
            if self.up is None or self.up.poll() is not None:
                raise Failed("the product did not start")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                return False
            return True

        until(answers, 60, 0.1)
        return self

    def __exit__(self, *_why: object) -> None:
        if self.up is not None:
            self.up.send_signal(signal.SIGTERM)
            try:
                self.up.wait(30)
            except subprocess.TimeoutExpired:
                self.up.kill()
                self.up.wait()

    def caller(self, who: str = "priya") -> Caller:
        return Caller(self.port, self.tokens[who])

    def cpu(self) -> dict[str, float]:
        """Processor seconds so far of "worker", "server", and each one's reader of PDFs ("worker pdf", …)."""
        assert self.up is not None
        found: dict[str, float] = {}
        for pid, command in processes(self.up.pid).items():
            name = (
                "worker" if b"worker" in command.split(b"\0") else "server" if b"uvicorn" in command else ""
            )
            if name:
                found[name] = found.get(name, 0) + own_cpu(pid) + reaped_cpu(pid)
                found[f"{name} pdf"] = found.get(f"{name} pdf", 0) + below(pid)
        return found


def processes(parent: int) -> dict[int, bytes]:
    """The children of `parent` that are alive: process id -> command line, parts ended by NUL."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if _stat(int(folder.name))[1] == parent:
                    found[int(folder.name)] = (folder / "cmdline").read_bytes()
            except (OSError, ValueError):
                continue
    return found


def _stat(pid: int) -> tuple[float, int, float]:
    """(own processor seconds, parent, those of its children that have ended)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (
        (int(fields[11]) + int(fields[12])) / TICKS,
        int(fields[1]),
        (int(fields[13]) + int(fields[14])) / TICKS,
    )


def own_cpu(pid: int) -> float:
    return _stat(pid)[0]


def reaped_cpu(pid: int) -> float:
    return _stat(pid)[2]


def descendants(parent: int) -> list[int]:
    """Process ids of all that `parent` started, and of what those started: of what opens files, the one that makes the
    others and each of them."""
    return [one for child in processes(parent) for one in (child, *descendants(child))]


def below(parent: int) -> float:
    """Processor seconds of the descendants of `parent`, of those too that have ended."""
    return sum(own_cpu(pid) + reaped_cpu(pid) for pid in descendants(parent))


def bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.exists() else 0
