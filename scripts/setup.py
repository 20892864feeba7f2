"""Makes a clone ready: `python3 scripts/setup.py run|test|lint`. Called by make; standard library only.

Each step leaves a stamp beside what it made, with a hash of what it was made from. A step whose stamp fits is
not repeated, so the second start costs nothing; a stamp is written last, so a step cut short is done again.
What goes wrong is said in one sentence; the rest is in .setup.log.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Iterable  # noqa: UP035  (older Pythons must get as far as the sentence about them)

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts import needs, odd_files  # noqa: E402

VENV = ROOT / ".venv"
PY = VENV / "bin" / "python"
MODULES = ROOT / "node_modules"
BUILD = ROOT / "static" / "build"
LOG = ROOT / ".setup.log"

PYTHONS = ((3, 11), (3, 12), (3, 13))
NODE = (20, 19)
NPM = (9,)

NO_NETWORK = re.compile(
    r"NewConnectionError|Failed to establish a new connection|[Nn]ame resolution|Name or service not known"
    r"|ConnectTimeout|Read timed out|Could not fetch URL|\bE(?:NOTFOUND|AI_AGAIN|TIMEDOUT|CONNREFUSED|CONNRESET)\b"
    r"|\bENETUNREACH\b|Network is unreachable|Temporary failure resolving|Could not resolve|ProxyError"
    r"|No matching distribution found"
)
NO_ROOM = re.compile(r"No space left on device|\bENOSPC\b|Disk quota exceeded|\bEDQUOT\b")
WRONG_HASH = re.compile(r"DO NOT MATCH THE HASHES|EINTEGRITY")


class Stop(Exception):
    """Set-up cannot go on; the message is the one sentence for the person at the keyboard."""


def say(text: str) -> None:
    print(text, flush=True)


# --- stamps --------------------------------------------------------------------------------


def fingerprint(files: Iterable[Path], *more: str) -> str:
    """SHA-256 over names and contents of files, and over whatever else the result depends on."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    for text in more:
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()


def step(title: str, stamp: Path, value: str, work: Callable[[], None]) -> None:
    """Do `work` unless `stamp` says that it was done for this very `value`."""
    try:
        if stamp.read_text() == value:
            return
        stamp.unlink()
    except FileNotFoundError:
        pass
    print("  " + title + " ...", end="", flush=True)
    started = time.monotonic()
    try:
        work()
        stamp.parent.mkdir(parents=True, exist_ok=True)
        part = stamp.with_name(stamp.name + ".part")
        part.write_text(value)
        part.replace(stamp)
    except BaseException:
        print(flush=True)
        raise
    say(" %.0f s" % (time.monotonic() - started))


def run(what: str, *command: str, **env: str) -> str:
    """Run a program and return its output, which the log keeps; Stop with the reason when it fails."""
    try:
        done = subprocess.run(  # noqa: PLW1510  the exit code is read below
            command,
            cwd=str(ROOT),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1", **env},
        )
    except FileNotFoundError as error:
        raise Stop(f"{what} failed: the program {command[0]} is not there any more. Try again.") from error
    text = done.stdout.decode("utf-8", "replace")
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(command)}\n{text}\n")
    if done.returncode == 0:
        return text
    if done.returncode in {-2, 130}:
        raise KeyboardInterrupt
    if NO_ROOM.search(text):
        raise Stop(no_room())
    if WRONG_HASH.search(text):
        raise Stop(f"{what} failed: a package that came is not the one that was locked. See .setup.log.")
    if NO_NETWORK.search(text):
        raise Stop(
            f"{what} failed: the package registry could not be reached. "
            "Set-up needs the network once; when it is there, run the same command again."
        )
    raise Stop(f"{what} failed; .setup.log says why.")


def no_room() -> str:
    return f"The disk is full: set-up needs about 1 GB in {ROOT}. Make room and run the same command again."


# --- steps --------------------------------------------------------------------------------


def check_python() -> None:
    if sys.version_info[:2] not in PYTHONS:
        raise Stop(
            "casebundle needs Python 3.11 (3.12 and 3.13 will do); this is {}.{}. "
            "If another is installed, name it: make run PYTHON=/path/to/python3.11".format(
                *sys.version_info[:2]
            )
        )
    try:
        # Debian has these in a package of their own.
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Stop(
            "This Python cannot make a virtual environment: install what it lacks with apt-get install "
            "python3-venv and run the same command again."
        ) from None


def make_venv() -> None:
    """A virtual environment of this clone's own: made, or kept if it works and belongs here."""
    stamp = VENV / ".casebundle-home"
    value = f"{ROOT} {sys.version_info[0]}.{sys.version_info[1]}"
    if not stamp.exists() and PY.exists():
        # Made by hand or by another tool: keep it if it is fit for use.
        try:
            asked = [str(PY), "-c", "import pip, sys; print('%d.%d' % sys.version_info[:2])"]
            found = subprocess.check_output(asked, stderr=subprocess.DEVNULL).decode().strip()
        except (OSError, subprocess.CalledProcessError):
            found = ""
        if found == value.rsplit(" ", 1)[1]:
            stamp.write_text(value)

    def work() -> None:
        run("Making .venv", sys.executable, "-m", "venv", "--clear", str(VENV))

    step("virtual environment", stamp, value, work)


def install(name: str, title: str) -> None:
    """requirements/NAME.txt into .venv, every file checked against its locked hash."""
    lock = ROOT / "requirements" / f"{name}.txt"
    pip = [str(PY), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-color"]
    pip += ["--retries", "2", "--timeout", "20", "--no-compile", "--no-deps", "--only-binary=:all:"]
    pip += ["--require-hashes", "-r", str(lock)]

    def work() -> None:
        run("Installing " + title, *pip)

    step(title, VENV / f".casebundle-{name}", fingerprint([lock]), work)


def version(*command: str) -> tuple[int, ...]:
    """What `command` says its version is; () where it does not run."""
    try:
        text = subprocess.check_output(command, stderr=subprocess.DEVNULL, cwd="/").decode()
        return tuple(int(part) for part in re.findall(r"\d+", text)[:3])
    except (OSError, subprocess.CalledProcessError):
        return ()


def node() -> tuple[str, str]:
    """Paths of node and npm: the machine's where new enough, else the wheel's, in .venv."""
    own = VENV / ".casebundle-node"
    if not own.exists():
        found, npm = shutil.which("node"), shutil.which("npm")
        if found and npm and version(found, "--version") >= NODE and version(npm, "--version") >= NPM:
            return found, npm
    install("node", "Node")
    return str(VENV / "bin" / "node"), str(VENV / "bin" / "npm")


def packages() -> None:
    """npm's packages by lock file. No install script is run: none of ours needs one."""
    inputs = [ROOT / "package.json", ROOT / "package-lock.json"]
    stamp = MODULES / ".casebundle-stamp"
    value = fingerprint(inputs)
    if not (stamp.exists() and stamp.read_text() == value):
        node()  # a step of its own, said before this one

    def work() -> None:
        _, npm = node()
        flags = ["--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--no-update-notifier"]
        flags += ["--fetch-retries=1", "--fetch-timeout=30000", "--loglevel=error"]
        # npm is a script that starts `node`: the one that belongs to it must come first.
        path = os.pathsep.join([str(Path(npm).parent), os.environ.get("PATH", "")])
        run("Installing front-end packages", npm, "ci", *flags, PATH=path)

    step("front-end packages", stamp, value, work)


#: Served as they are: (path in node_modules, name in static/build/vendor). Only what a page asks for is
#: copied, so that neither GDS Transport nor a crest is ever served.
SERVED = (
    ("govuk-frontend/dist/govuk/govuk-frontend.min.js", "govuk-frontend.js"),
    ("@ministryofjustice/frontend/moj/moj-frontend.min.js", "moj-frontend.js"),
    ("htmx.org/dist/htmx.min.js", "htmx.js"),
    ("dejavu-fonts-ttf/ttf/DejaVuSans.ttf", "DejaVuSans.ttf"),
)
IMAGE_FOLDERS = ("govuk-frontend/dist/govuk/assets/images", "@ministryofjustice/frontend/moj/assets/images")
SOURCE_MAP = re.compile(rb"\s*//# sourceMappingURL=\S+\s*$")


def styles() -> None:
    """static/scss to static/build/casebundle.css, with the images that it names, and the scripts we serve."""
    inputs = [
        *(ROOT / "static" / "scss").rglob("*.scss"),
        ROOT / "package-lock.json",
        Path(__file__).resolve(),
    ]

    def work() -> None:
        # Made beside and put in place whole: a server that is running never sees half of it.
        part = BUILD.with_name("build.part")
        shutil.rmtree(str(part), ignore_errors=True)
        (part / "vendor").mkdir(parents=True)
        css = part / "casebundle.css"
        found, _ = node()
        sass = [found, str(MODULES / "sass" / "sass.js"), "--load-path=.", "--style=compressed"]
        sass += ["--no-source-map", "--quiet", "static/scss/casebundle.scss", str(css)]
        run("Compiling the style sheet", *sass)
        text = css.read_text(encoding="utf-8")
        for name in sorted(set(re.findall(r"url\([\"']?assets/images/([^)\"']+)", text))):
            source = next((MODULES / f / name for f in IMAGE_FOLDERS if (MODULES / f / name).is_file()), None)
            if source is None or re.search("crest|crown|logotype", name):
                raise Stop(f"The style sheet asks for the image {name}, which is not one we may serve.")
            target = part / "assets" / "images" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(source), str(target))
        for path, name in SERVED:
            data = (MODULES / path).read_bytes()
            if name.endswith(".js"):
                # A map is not served, so a browser must not be sent to look for it; nor are its types ours.
                data = b"// @ts-nocheck\n" + SOURCE_MAP.sub(b"\n", data)
            (part / "vendor" / name).write_bytes(data)
        shutil.rmtree(str(BUILD), ignore_errors=True)
        part.rename(BUILD)

    step("style sheet", BUILD / ".stamp", fingerprint(inputs), work)


def messages() -> None:
    """The Welsh, compiled: locale/**/*.po to *.mo."""
    inputs = sorted((ROOT / "locale").rglob("*.po"))
    if not inputs:
        return
    made = [path.with_suffix(".mo") for path in inputs]
    # The stamp is no witness for a .mo that somebody removed.
    state = " ".join(str(path.exists()) for path in made)
    stamp = VENV / ".casebundle-messages"
    value = fingerprint(inputs, "True" if all(path.exists() for path in made) else state)

    def work() -> None:
        run("Compiling the translations", str(PY), "scripts/messages.py", "compile")

    done = fingerprint(inputs, "True")
    if value == done and stamp.exists() and stamp.read_text() == done:
        return
    step("translations", stamp, done, work)


def collect() -> None:
    """Static files to where the server reads them, under names that carry their hash."""
    files = [path for path in (ROOT / "static").rglob("*") if path.is_file() and "scss" not in path.parts]
    listing = [
        f"{path.relative_to(ROOT)} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in sorted(files)
    ]
    lock = ROOT / "requirements" / "base.txt"
    value = fingerprint([lock, ROOT / "casebundle" / "settings.py"], json.dumps(listing))

    def work() -> None:
        run(
            "Collecting static files",
            str(PY),
            "manage.py",
            "collectstatic",
            "--noinput",
            "--clear",
            "--ignore=scss",
            "--ignore=*.d.ts",
            "--verbosity=0",
        )

    step("static files", ROOT / "staticfiles" / ".stamp", value, work)


def system_packages() -> None:
    """What tests need from the system: installed where we may, else named for the person to install."""
    lacking = needs.missing()
    if not lacking:
        return
    line = needs.apt_line(lacking)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("  " + ", ".join(lacking) + " ...", end="", flush=True)
        started = time.monotonic()
        try:
            run("apt-get update", "apt-get", "update", "-qq")
            run("Installing " + ", ".join(lacking), *line.split(), DEBIAN_FRONTEND="noninteractive")
        finally:
            say(" %.0f s" % (time.monotonic() - started))
        return
    what = "; ".join(f"{name} ({needs.NEEDS[name].for_what})" for name in lacking)
    bar = "=" * 79
    say(
        f"{bar}\nNOT ON THIS MACHINE: {what}.\n"
        f"Tests that need them will not be run. As root, this brings them:\n\n    {line}\n{bar}"
    )


def fetch_odd_files() -> None:
    """PDFs that other people's tests are made of, kept outside the clone (scripts/odd_files.py)."""
    script = str(ROOT / "scripts" / "odd_files.py")
    if odd_files.missing("sdists"):
        print("  odd files ...", end="", flush=True)
        started = time.monotonic()
        try:
            run("Fetching the odd files", str(PY), script, "sdists")
        finally:
            say(" %.0f s" % (time.monotonic() - started))
    if odd_files.missing("manuals"):
        try:
            run("Fetching Debian's manuals", str(PY), script, "manuals")
        except Stop as stop:  # no Debian: those tests name what they lack
            say(f"{stop}\nTests with very long manuals will not be run.")


def servers() -> None:
    """What real servers need and Debian has not, kept outside the clone (scripts/services.py)."""
    script = ROOT / "scripts" / "services.py"

    def work() -> None:
        if subprocess.call([str(PY), "-c", GO_THERE], cwd=str(ROOT)):
            install("go", "Go")
        done = subprocess.run(  # noqa: PLW1510  what it says is said
            [str(PY), str(script), "fetch"], cwd=str(ROOT), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        )
        if done.returncode:
            raise NotThere(done.stdout.decode("utf-8", "replace").strip())

    try:
        step("real servers", VENV / ".casebundle-servers", fingerprint([script]), work)
    except NotThere as why:
        say(f"{why}\nTests that need them will not be run, and CI fails without them.")


class NotThere(Exception):
    """Something that only some tests need could not be brought."""


GO_THERE = "import sys; from scripts import services; sys.exit(services.go_itself() is None)"
GOALS = ("run", "test", "lint")


def set_up(goal: str) -> None:
    check_python()
    make_venv()
    install("base", "Python packages")
    if goal in {"test", "lint"}:
        install("dev", "Python packages for tests")
    packages()
    styles()
    messages()
    if goal != "lint":
        collect()
    if goal == "test":
        system_packages()
        fetch_odd_files()
        servers()


def main() -> int:
    goal = sys.argv[1] if len(sys.argv) > 1 else "run"
    if goal not in GOALS:
        say("Say what for: python3 scripts/setup.py " + "|".join(GOALS))
        return 2
    try:
        LOG.write_text("")
        with LOG.open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("  another set-up is at work in this folder; waiting for it")
                fcntl.flock(lock, fcntl.LOCK_EX)
            set_up(goal)
    except Stop as stop:
        say(str(stop))
        return 1
    except KeyboardInterrupt:
        say("Stopped. The same command goes on from here.")
        return 130
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            say(no_room())
            return 1
        if isinstance(error, PermissionError) and error.filename:
            say(f"This user may not write to {error.filename}. Make the clone one's own, or move it.")
            return 1
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
