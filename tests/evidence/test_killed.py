"""Server and worker are killed (SIGKILL) while evidence comes in: what was acknowledged is there, nothing hangs,
and every page is there once.

Real processes on a data folder of their own, started as `make run` starts them.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cast import pdf

ROOT = Path(__file__).resolve().parents[2]
FILES = 20
PAGES = 200
KILLS = 4


@dataclass
class House:
    """A data folder with the processes on it."""

    folder: Path
    port: int
    session: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        env = {
            **os.environ,
            "CASEBUNDLE_DATA": str(self.folder),
            "PORT": str(self.port),
            "LOG_LEVEL": "ERROR",
        }
        env.pop("DJANGO_SETTINGS_MODULE", None)
        out = (self.folder / "out.log").open("ab")
        process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=env, stdout=out, stderr=out)
        self.processes.append(process)
        return process

    def server(self) -> subprocess.Popen[bytes]:
        process = self.start("-m", "uvicorn", "casebundle.asgi:application", "--port", str(self.port))
        for _n in range(300):
            try:
                with socket.create_connection(("127.0.0.1", self.port), 0.2):
                    return process
            except OSError:
                time.sleep(0.1)
        raise AssertionError((self.folder / "out.log").read_text())

    def upload(self, name: str, data: bytes) -> str | None:
        """The id of the document, once the server has acknowledged it; None where no answer came."""
        try:
            answer = httpx.post(
                f"http://127.0.0.1:{self.port}/cases/T20267001/serve/upload",
                data={"section": "main/J", "seen": "everybody"},
                files={"file": (name, data, "application/pdf")},
                headers={"Idempotency-Key": f"key of {name}", "X-CSRFToken": "c" * 32},
                cookies={"sessionid": self.session, "csrftoken": "c" * 32},
                timeout=20,
            )
        except httpx.HTTPError:
            return None
        assert answer.status_code == 202, answer.text[:500]
        return str(answer.json()["row"]["id"])

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(f"file:{self.folder}/casebundle.sqlite3?mode=ro", uri=True, timeout=30) as base:
            return base.execute(sql).fetchall()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = House(tmp_path_factory.mktemp("killed"), port)
    env = {**os.environ, "CASEBUNDLE_DATA": str(made.folder), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("killed_setup.py"))],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    made.session = done.stdout.strip()
    yield made
    for process in made.processes:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.mark.slow
def test_killed_anywhere_nothing_is_lost_and_nothing_hangs(house: House) -> None:
    chance = random.Random(20267001)
    texts = {f"{n:02}.pdf": [f"File {n}, page {k}: a red van." for k in range(PAGES)] for n in range(FILES)}
    files = {name: pdf(pages) for name, pages in texts.items()}

    # The server dies while files come in, three at a time.
    server = house.server()
    acknowledged: dict[str, str] = {}

    def send(name: str) -> None:
        found = house.upload(name, files[name])
        if found is not None:
            acknowledged[name] = found
        if len(acknowledged) >= 8 and server.poll() is None:
            server.send_signal(signal.SIGKILL)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(send, files))
    server.wait(10)
    assert 8 <= len(acknowledged) < FILES
    kept = dict(house.rows("select document_id, sha256 from bundles_version"))
    for name, document in acknowledged.items():
        digest = sha256(files[name]).hexdigest()
        assert kept[document.replace("-", "")] == digest
        stored = house.folder / "files" / "originals" / digest[:2] / digest
        assert stored.read_bytes() == files[name]

    # The page sends everything again that it has no answer for; some of what it has an answer for too.
    server = house.server()
    for name, data in files.items():
        again = house.upload(name, data)
        assert again is not None
        assert acknowledged.setdefault(name, again) == again
    server.kill()
    server.wait(10)
    assert house.rows("select count(*) from bundles_document") == [(FILES,)]

    # The worker dies again and again in the middle of its work.
    cut = 0
    for _n in range(KILLS):
        before = house.rows("select coalesce(sum(pages_done), 0) from bundles_version")[0][0]
        worker = house.start("manage.py", "worker")
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if house.rows("select coalesce(sum(pages_done), 0) from bundles_version")[0][0] > before:
                break
            time.sleep(0.02)
        else:
            pytest.fail(f"the worker did nothing: {(house.folder / 'out.log').read_text()[-2000:]}")
        time.sleep(chance.uniform(0, 0.15))
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
        cut += house.rows("select count(*) from bundles_version where status = 'reading'")[0][0]
    unfinished = house.rows("select count(*) from bundles_version where status not in ('ready', 'refused')")
    assert unfinished[0][0] > 0, "it was killed too late to show anything"
    assert cut, "it was never killed in the middle of a file"

    # The next one finishes what they left.
    worker = house.start("manage.py", "worker")
    until = time.monotonic() + 40
    while time.monotonic() < until:
        states = Counter(state for (state,) in house.rows("select status from bundles_version"))
        if states == {"ready": FILES}:
            break
        time.sleep(0.2)
    worker.kill()
    worker.wait(10)
    assert states == {"ready": FILES}
    assert set(house.rows("select pages, pages_done from bundles_version")) == {(PAGES, PAGES)}
    pages = house.rows(
        'select version_id, count(*), count(distinct "index"), max("index") from bundles_page group by 1'
    )
    assert [row[1:] for row in pages] == [(PAGES, PAGES, PAGES - 1)] * FILES
    assert house.rows("select count(*) from bundles_pagetext") == [(FILES * PAGES,)]
    # Each was taken in once and became ready once, and the chain of entries holds.
    actions = Counter(action for (action,) in house.rows("select action from journal_entry"))
    assert (actions["document.received"], actions["document.ready"]) == (FILES, FILES)
    seqs = [seq for (seq,) in house.rows("select seq from journal_entry order by seq")]
    assert seqs == list(range(1, len(seqs) + 1))
    taken = house.rows("select data from journal_entry where action = 'document.received'")
    assert {json.loads(data)["name"] for (data,) in taken} == set(files)
