"""A server process on real servers, each behind a bad network: what /readyz says of each while it is cut off or slow,
and that it is well again by itself."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from scripts import services
from tests.bucket import Bucket, remove
from tests.courtroom.real import database
from tests.courtroom.stage import ROOT, free_port
from tests.search.opensearch_server import sweep

# Of each: the variable that names it, the server, and what /readyz calls it.
PARTS = {
    "DATABASE_URL": ("postgres", "database"),
    "REDIS_URL": ("redis", "live"),
    "OPENSEARCH_URL": ("opensearch", "search"),
    "S3_URL": ("s3", "files"),
    "CLAMD_URL": ("clamd", "scanner"),
}


def address(variable: str, server: str) -> str:
    found: str = os.environ.get(variable) or services.start(server)[variable]
    return found


class Network:
    """Proxies that can be cut or made slow (toxiproxy)."""

    def __init__(self) -> None:
        self.url = address("TOXIPROXY_URL", "toxiproxy")
        self.mark = secrets.token_hex(4)
        self.made: list[str] = []

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}{path}", data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            said = answer.read()
            return json.loads(said) if said else None

    def before(self, url: str, name: str) -> str:
        """The same address, through a proxy of that name."""
        parts = urlsplit(url)
        name = f"{name}-{self.mark}"
        upstream = f"{parts.hostname}:{parts.port}"
        made = self.ask("POST", "/proxies", {"name": name, "listen": "127.0.0.1:0", "upstream": upstream})
        self.made.append(name)
        user = parts.netloc.rpartition("@")[0]
        netloc = f"{user}@{made['listen']}" if user else made["listen"]
        return parts._replace(netloc=netloc).geturl()

    def cut(self, name: str, enabled: bool = False) -> None:
        self.ask("POST", f"/proxies/{name}-{self.mark}", {"enabled": enabled})

    def slow(self, name: str) -> None:
        toxic = {"name": "slow", "type": "latency", "stream": "downstream", "attributes": {"latency": 60_000}}
        self.ask("POST", f"/proxies/{name}-{self.mark}/toxics", toxic)

    def well(self, name: str) -> None:
        with contextlib.suppress(urllib.error.HTTPError):
            self.ask("DELETE", f"/proxies/{name}-{self.mark}/toxics/slow")
        # What hangs in it hangs no longer.
        self.cut(name)
        self.cut(name, True)

    def close(self) -> None:
        for name in self.made:
            self.ask("DELETE", f"/proxies/{name}")


class Web:
    """A server process, and what it says of itself."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.port, self.metrics = free_port(), free_port()
        more = {
            "CASEBUNDLE_DATA": str(folder),
            "PORT": str(self.port),
            "METRICS_PORT": str(self.metrics),
            "SECRET_KEY": secrets.token_urlsafe(50),
            "SIGNING_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "ALLOWED_HOSTS": "bundle.court.example",
        }
        kept = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
        self.env = {**kept, **env, **more}
        self.log = folder.parent / "log"
        manage = [sys.executable, str(ROOT / "manage.py")]
        done = subprocess.run(
            [*manage, "prepare"], env=self.env, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        assert "the bucket was made" in done.stdout
        again = subprocess.run(
            [*manage, "prepare"], env=self.env, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert "the bucket is there" in again.stdout, again.stderr
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [*manage, "serve"], env=self.env, cwd=ROOT, stdout=out, stderr=out
            )
        for _i in range(300):
            assert self.process.poll() is None, self.log.read_text()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                break
            time.sleep(0.1)

    def ask(self, path: str, port: int = 0) -> tuple[int, bytes]:
        # By its address, which is no name that it answers to.
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port or self.port}{path}", timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def until(self, part: str, states: set[str]) -> tuple[int, dict[str, Any]]:
        """What /readyz says once it has that part in one of these states."""
        end = time.monotonic() + 60
        while True:
            status, data = self.ask("/readyz")
            said = json.loads(data)
            if said["checks"][part]["state"] in states:
                return status, said
            assert time.monotonic() < end, (part, states, said, self.log.read_text()[-2000:])
            time.sleep(0.2)

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Web, Network]]:
    try:
        network = Network()
        for variable, (server, _part) in PARTS.items():
            address(variable, server)
    except services.CannotStart as why:
        pytest.skip(str(why))
    try:
        with database() as own:
            env = {}
            for variable, (server, part) in PARTS.items():
                url = own if variable == "DATABASE_URL" else address(variable, server)
                env[variable] = network.before(url, part)
            s3 = urlsplit(env.pop("S3_URL"))
            endpoint = f"http://{s3.hostname}:{s3.port}"
            bucket = Bucket(f"parts-{network.mark}", endpoint, s3.username or "", s3.password or "")
            env |= bucket.env() | {"OPENSEARCH_INDEX": bucket.name}
            web = Web(tmp_path_factory.mktemp("parts") / "data", env)
            try:
                yield web, network
            finally:
                web.end()
                remove(bucket)
                sweep(bucket.name)
    finally:
        network.close()


def test_all_of_it_is_there(house: tuple[Web, Network]) -> None:
    web, _network = house
    for _server, part in PARTS.values():
        status, said = web.until(part, {"ok"})
    assert status == 200
    # There is no worker, and it says so.
    assert said["checks"]["worker"]["state"] == "away"
    assert said["status"] == "degraded"
    assert b"127.0.0.1" not in web.ask("/readyz")[1]


@pytest.mark.parametrize("part", [part for _server, part in PARTS.values()])
def test_a_part_that_is_cut_off_is_away_and_comes_back(house: tuple[Web, Network], part: str) -> None:
    web, network = house
    network.cut(part)
    try:
        status, said = web.until(part, {"away", "slow"})
        assert status == (503 if part == "database" else 200)
        assert said["status"] == ("away" if part == "database" else "degraded")
        assert web.ask("/healthz")[0] == 200
        # The counters are there most of all when something is not.
        text = web.ask("/metrics", web.metrics)[1].decode()
        assert f'casebundle_dependency_up{{part="{part}"}} 0.0' in text
    finally:
        network.well(part)
    status, said = web.until(part, {"ok"})
    assert status == 200


@pytest.mark.parametrize("part", ["database", "files"])
def test_a_part_that_hangs_is_slow_and_holds_up_nobody(house: tuple[Web, Network], part: str) -> None:
    web, network = house
    network.slow(part)
    try:
        status, said = web.until(part, {"slow"})
        assert status == (503 if part == "database" else 200)
        others = {
            name: one["state"] for name, one in said["checks"].items() if name in ("live", "scanner", "disk")
        }
        assert set(others.values()) == {"ok"}
        assert web.ask("/healthz")[0] == 200
    finally:
        network.well(part)
    assert web.until(part, {"ok"})[0] == 200
