"""Does what the Dockerfile says, without Docker: on a bare Debian 12, as root, in a clone of the project.

    python3 scripts/try_dockerfile.py           (it installs packages and writes to /app: a machine to throw away)

Every stage gets an /app of its own, in which nothing is that its COPY lines do not bring. Then web and worker are run
as the image runs them: as its user, with nothing to write to but /tmp and the data folder, and are asked whether they
are well by their own HEALTHCHECK. Standard library only.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APP = Path("/app")
KEPT = Path("/stages")  # the /app of stages that are done


@dataclass
class Stage:
    """FROM to FROM: (instruction, what follows it) in order."""

    name: str
    base: str
    lines: list[tuple[str, str]] = field(default_factory=list)


def read(path: Path) -> dict[str, Stage]:
    """The stages of a Dockerfile, by name."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text(encoding="utf-8"), flags=re.M)
    stages: dict[str, Stage] = {}
    now: Stage | None = None
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        word, _space, rest = line.strip().partition(" ")
        if word == "FROM":
            base, _as, name = rest.split()
            now = stages[name] = Stage(name, base)
        elif word:
            assert now is not None, line
            now.lines.append((word, rest.strip()))
    return stages


def ignored() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def context(target: Path) -> None:
    """What `COPY . .` brings: all but what .dockerignore names."""
    names = ignored()
    tops = {name for name in names if "/" not in name}
    for path in ROOT.iterdir():
        if path.name in tops:
            continue
        if path.is_dir():
            shutil.copytree(
                path, target / path.name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", "*.mo")
            )
        else:
            shutil.copy2(path, target / path.name)
    for name in names:
        if "/" in name and "*" not in name:
            shutil.rmtree(target / name, ignore_errors=True)


class Image:
    """What the steps of a stage leave: an environment, a user, a command."""

    def __init__(self) -> None:
        self.env: dict[str, str] = {"PATH": os.environ["PATH"], "HOME": "/root", "LANG": "C.UTF-8"}
        self.user = ""
        self.command: list[str] = []
        self.health: list[str] = []
        self.written: list[str] = []

    def do(self, stages: dict[str, Stage], name: str, done: set[str]) -> None:
        stage = stages[name]
        if stage.base in stages:
            self.do(stages, stage.base, done)
        elif APP.exists():
            shutil.rmtree(APP)
        for word, rest in stage.lines:
            self.step(word, rest, skip_run=(name in done))
        done.add(name)

    def step(self, word: str, rest: str, *, skip_run: bool) -> None:
        if word == "ENV":
            for part in shlex.split(rest):
                key, _is, value = part.partition("=")
                self.env[key] = value.replace("$PATH", self.env["PATH"])
        elif word == "WORKDIR":
            Path(rest).mkdir(parents=True, exist_ok=True)
            assert Path(rest) == APP, rest
        elif word == "USER":
            self.user = rest
        elif word == "VOLUME":
            self.written.append(rest)
        elif word == "CMD":
            self.command = json.loads(rest)
        elif word == "HEALTHCHECK":
            self.health = json.loads(rest.partition("CMD ")[2])
        elif word == "COPY":
            self.copy(shlex.split(rest))
        elif word == "RUN":
            if not skip_run:
                print(f"  RUN {rest[:110]}", flush=True)
                # Proxies and certificates of the machine, as an engine gives them to a build.
                subprocess.run(
                    ["/bin/sh", "-ec", rest],
                    cwd=APP if APP.exists() else "/",
                    env={**os.environ, **self.env},
                    check=True,
                )
        else:
            assert word == "EXPOSE", word

    @staticmethod
    def copy(words: list[str]) -> None:
        source = ROOT
        if words[0].startswith("--from="):
            source = KEPT / words.pop(0).removeprefix("--from=")
            words = [word.removeprefix("/app/") for word in words[:-1]] + words[-1:]
        *names, target = words
        if names == ["."]:
            context(APP)
            return
        for name in names:
            path, into = (
                source / name,
                APP / (target if not target.endswith("/") else f"{target}{Path(name).name}"),
            )
            if path.is_dir():
                shutil.copytree(path, into, symlinks=True, dirs_exist_ok=True)
            else:
                shutil.copy2(path, into)

    # --- running it -----------------------------------------------------------------------------
    def run(self, command: list[str], more: dict[str, str]) -> list[str]:
        """The command line that runs `command` as a container would: its user, nothing to write to but its places."""
        env = [f"{key}={value}" for key, value in {**self.env, "HOME": "/tmp", **more}.items()]
        user, group = self.user.split(":")
        inner = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--no-new-privs"]
        inner += ["env", "-i", *env, *command]
        # The data folder is a volume, /tmp is memory.
        mounts = "mount --bind / /mnt && "
        mounts += "".join(f"mount --bind {place} /mnt{place} && " for place in self.written)
        mounts += "mount -o remount,bind,ro /mnt && mount -t tmpfs -o mode=1777 tmpfs /mnt/tmp && "
        mounts += "mount --rbind /dev /mnt/dev && mount -t proc proc /mnt/proc"
        line = " ".join(shlex.quote(part) for part in inner)
        inside = f"cd /app && exec {line}"
        # In a folder that is no mount of its own there is nothing to make private: it is already.
        alone = "mount --make-rprivate / 2>/dev/null || true"
        unshare = ["unshare", "--mount", "--propagation", "unchanged"]
        return [*unshare, "sh", "-ec", f"{alone}; {mounts}; exec chroot /mnt sh -c {shlex.quote(inside)}"]


def check(what: str, holds: bool, said: str = "") -> bool:
    print(f"{'ok    ' if holds else 'BROKEN'} {what}{': ' + said if said and not holds else ''}", flush=True)
    return holds


def until_well(image: Image, process: subprocess.Popen[bytes], seconds: float = 90) -> str:
    """Ask as the engine does; "" where it is well."""
    end = time.monotonic() + seconds
    said = ""
    while time.monotonic() < end:
        if process.poll() is not None:
            return f"it ended ({process.returncode})"
        done = subprocess.run(image.run(image.health, {}), capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return ""
        said = (done.stderr or done.stdout)[-300:]
        time.sleep(1)
    return said


def main() -> int:
    if os.geteuid() or APP.exists():
        print("This is for a bare Debian that is thrown away afterwards: as root, without /app.")
        return 2
    stages, done, held = read(ROOT / "Dockerfile"), set[str](), True
    print("build", flush=True)
    Image().do(stages, "build", done)
    KEPT.mkdir()
    APP.rename(KEPT / "build")
    images: dict[str, Image] = {}
    for target in ("web", "worker"):
        print(target, flush=True)
        images[target] = Image()
        images[target].do(stages, target, done)
    web, worker = images["web"], images["worker"]
    held &= check("nobody runs as root", web.user == worker.user == "10001:10001")
    for name, program in (("OCR", ["tesseract", "--list-langs"]), ("Office", ["soffice", "--version"])):
        said = subprocess.run(worker.run(program, {}), capture_output=True, text=True, check=False)
        text = said.stdout + said.stderr
        held &= check(
            f"the worker has {name}", said.returncode == 0 and ("cym" in text or "LibreOffice" in text), text
        )
    secret = subprocess.run(
        ["grep", "-rlE", "secret_key|signing_key", str(APP), "--include=secret*"],
        capture_output=True,
        check=False,
    )
    held &= check("no secret is in it", not secret.stdout, secret.stdout.decode())
    for path in ("tests", "node_modules", ".git", "docs"):
        held &= check(f"no {path} in it", not (APP / path).exists())
    prepared = subprocess.run(
        web.run(["python", "manage.py", "prepare"], {}), capture_output=True, text=True, check=False
    )
    held &= check("manage.py prepare", prepared.returncode == 0, prepared.stderr[-500:])
    port = {"PORT": os.environ.get("TRY_PORT", "8000"), "LISTEN": "127.0.0.1"}
    for image in images.values():
        image.env |= port
    running = {name: subprocess.Popen(image.run(image.command, {})) for name, image in images.items()}
    try:
        for name, image in images.items():
            said_of = until_well(image, running[name])
            held &= check(f"{name} is well by its HEALTHCHECK", not said_of, said_of)
        for path in ("/readyz", "/accounts/login/"):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port['PORT']}{path}", timeout=20) as answer:
                    text = answer.read().decode()
                held &= check(f"GET {path}", answer.status == 200)
                styles = re.search(r'href="(/static/build/casebundle[^"]+)"', text)
                if styles:
                    with urllib.request.urlopen(
                        f"http://127.0.0.1:{port['PORT']}{styles[1]}", timeout=20
                    ) as css:
                        held &= check("its style sheet", css.status == 200 and len(css.read()) > 50_000)
                elif path == "/readyz":
                    print(f"       {text}")
            except urllib.error.URLError as error:
                held &= check(f"GET {path}", False, str(error))
        wrote = subprocess.run(web.run(["touch", "/app/x"], {}), capture_output=True, check=False).returncode
        held &= check("nothing can be written to /app", wrote != 0)
    finally:
        for name, process in running.items():
            process.send_signal(signal.SIGTERM)
            try:
                held &= check(
                    f"{name} ends when it is told to",
                    process.wait(30) in (0, -15, 143),
                    str(process.returncode),
                )
            except subprocess.TimeoutExpired:
                process.kill()
                held &= check(f"{name} ends when it is told to", False)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
