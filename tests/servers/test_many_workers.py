"""Two server processes and several workers, each with a folder of its own as on machines of their own."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests import bucket
from tests.cast import pdf
from tests.courtroom import real
from tests.courtroom.stage import ROOT, Stage, Web
from tests.search import opensearch_server

FILES, PAGES, LONG = 30, 4, 400
CASE = "T20267001"


class House:
    """The installation: `web` and `other` serve, workers come and go."""

    def __init__(self, folder: Path, servers: dict[str, str], apart: bool) -> None:
        self.folder, self.apart = folder, apart
        servers["LEASE_SECONDS"] = "5"
        self.web: Stage = Stage(folder / "web", servers=servers)
        self.other = Web(self.web.env | {"CASEBUNDLE_DATA": str(self.place("other"))})
        self.line = psycopg.connect(servers["DATABASE_URL"], autocommit=True)
        self.workers: list[subprocess.Popen[bytes]] = []

    def place(self, name: str) -> Path:
        """The data folder of a process: its own, where files and index are elsewhere."""
        path = self.folder / (name if self.apart else "web")
        path.mkdir(exist_ok=True)
        return path

    def worker(self) -> subprocess.Popen[bytes]:
        env = self.web.env | {"CASEBUNDLE_DATA": str(self.place(f"worker{len(self.workers)}"))}
        command = [sys.executable, "manage.py", "worker", "--sweep", "1"]
        self.workers.append(
            subprocess.Popen(command, cwd=ROOT, env=env, stderr=(self.folder / "workers.log").open("ab"))
        )
        return self.workers[-1]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.line.execute(sql).fetchall()  # type: ignore[arg-type]

    def one(self, sql: str) -> Any:
        return self.rows(sql)[0][0]

    def upload(self, name: str, data: bytes) -> str:
        answer = httpx.post(
            f"http://{self.web.url}/api/v1/cases/{CASE}/documents",
            data={"section": "J", "serve": "true", "title": name},
            files={"file": (f"{name}.pdf", data, "application/pdf")},
            headers={"Authorization": f"Bearer {self.web.people['priya'].token}"},
            timeout=60,
        )
        assert answer.status_code in (201, 202), answer.text[:500]
        return str(answer.json()["id"])

    def ask(self, web: Web, path: str) -> httpx.Response:
        token = self.web.people["priya"].token
        url = f"http://{web.url}/api/v1{path}"
        return httpx.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=60)

    def close(self) -> None:
        self.line.close()
        for process in self.workers:
            if process.poll() is None:
                process.kill()
            process.wait()
        self.web.kill()
        self.other.kill()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with contextlib.ExitStack() as stack:
        servers = {"DATABASE_URL": stack.enter_context(real.database())}
        for name in ("REDIS_URL", "CLAMD_URL"):
            if os.environ.get(name):
                servers[name] = os.environ[name]
        if os.environ.get("STORAGE_URL"):
            own = bucket.make()
            stack.callback(bucket.remove, own)
            servers |= own.env()
        if os.environ.get("OPENSEARCH_URL"):
            prefix = f"many-{secrets.token_hex(4)}"
            stack.callback(opensearch_server.sweep, prefix)
            servers |= {"OPENSEARCH_URL": os.environ["OPENSEARCH_URL"], "OPENSEARCH_INDEX": prefix}
        apart = {"STORAGE_URL", "OPENSEARCH_URL"} <= set(servers)
        made = House(tmp_path_factory.mktemp("many"), servers, apart)
        stack.callback(made.close)
        made.web.start()
        made.other.start()
        yield made


def until(act: Callable[[], Any], what: Callable[[], Any], seconds: float = 180) -> Any:
    end = time.monotonic() + seconds
    while not (found := act()):
        assert time.monotonic() < end, what()
        time.sleep(0.1)
    return found


@pytest.mark.slow
def test_several_workers_share_the_work_and_do_nothing_twice(house: House) -> None:
    before = house.one("select count(*) from bundles_version")
    first = house.worker()
    long = house.upload("Long", pdf([f"Long, page {n}: a red van." for n in range(LONG)]))
    # A worker that has it in hand is killed in the midst of it.
    reading = f"select pages_done from bundles_version where document_id = '{long}' and status = 'reading'"
    until(lambda: [row for row in house.rows(reading) if row[0] > 0], lambda: "it is never read")
    first.kill()
    first.wait()
    done = house.one(f"select pages_done from bundles_version where document_id = '{long}'")
    assert 0 < done < LONG, "it was not in the midst of it"

    ids = {}
    with ThreadPoolExecutor(4) as pool:
        names = [f"File {n}" for n in range(FILES)]
        texts = [
            [f"{name}, page {page}: unique{n}x{page}" for page in range(PAGES)]
            for n, name in enumerate(names)
        ]
        ids = dict(zip(names, pool.map(house.upload, names, map(pdf, texts)), strict=True))
    for _i in range(3):
        house.worker()
    states = "select status, count(*) from bundles_version group by status"
    until(
        lambda: house.rows("select count(*) from bundles_version where status <> 'ready'") == [(0,)],
        lambda: house.rows(states),
    )
    assert house.one("select count(*) from bundles_version") == before + FILES + 1

    # Each is read once: attempts, entries, pages.
    mine = ", ".join(f"'{pk}'" for pk in [*ids.values(), long])
    versions = house.rows(
        f"select document_id::text, attempts, pages, pages_done from bundles_version where document_id in ({mine})"
    )
    for pk, attempts, pages, pages_done in versions:
        assert pages == pages_done == (LONG if pk == long else PAGES)
        # Of the long one the count begins again with every page that is further than the one before.
        assert pk == long or attempts == 1
    for action in ("document.received", "document.ready", "document.served"):
        said = Counter(
            pk
            for (pk,) in house.rows(
                f"select document::text from journal_entry where action = '{action}' and document in ({mine})"
            )
        )
        assert said == dict.fromkeys([*ids.values(), long], 1), action
    written = house.rows(
        "select v.document_id::text, count(*), count(distinct p.index), count(t.page_id) from bundles_version v "
        "join bundles_page p on p.version_id = v.id left join bundles_pagetext t on t.page_id = p.id "
        f"where v.document_id in ({mine}) group by 1"
    )
    assert {(n, different, words) for _pk, n, different, words in written} == {
        (PAGES, PAGES, PAGES), (LONG, LONG, LONG),
    }  # fmt: skip
    labels = house.rows(
        "select bundle_id, letter, prefix, start, count from bundles_labelrun where until is null"
    )
    taken = [(*stem, start + n) for *stem, start, count in labels for n in range(count)]
    assert len(taken) == len(set(taken))
    # And shared: more than one worker did some of it.
    who = house.rows(
        "select worker_ids->>-1, count(*) from django_tasks_database_dbtaskresult "
        "where task_path like '%process_version' and status = 'SUCCESSFUL' group by 1"
    )
    assert len(who) >= 2, who

    # What came in through one is read through the other, picture, words and file.
    for name in ("File 0", f"File {FILES - 1}"):
        found = house.ask(house.other, f"/documents/{ids[name]}").json()
        assert (found["status"], found["served"] is not None) == ("ready", True)
        pages = house.ask(house.other, f"/documents/{ids[name]}/pages").json()["items"]
        assert len(pages) == PAGES
        assert name in house.ask(house.other, f"/pages/{pages[0]['id']}/text").json()["text"]
        picture = house.ask(house.other, f"/pages/{pages[1]['id']}/image?width=800")
        assert picture.status_code == 200
        assert picture.headers["content-type"].startswith("image/")
    # And found, once the index has it.
    for n in (0, FILES - 1):
        until(
            lambda n=n: house.ask(house.other, f"/search?q=unique{n}x1").json()["total"] == 1,
            lambda n=n: house.ask(house.other, f"/search?q=unique{n}x1").text[:300],
        )
    done = house.web.run(
        "from casebundle.journal.record import verify; from casebundle.cases.models import Case; "
        f"assert verify(Case.objects.get(reference='{CASE}').pk).holds"
    )
    assert done
    assert all(worker.poll() is None for worker in house.workers[1:]), "a worker ended"
