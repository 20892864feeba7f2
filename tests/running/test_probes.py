"""/healthz, /readyz, /metrics, and `manage.py health`: what each says, to whom, and when a part is away."""

from __future__ import annotations

import json
import socket
import threading
import time
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from casebundle.journal import draining
from casebundle.pdf import confinement
from casebundle.running import checks
from casebundle.watching import signs
from casebundle.watching.models import Sign

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def looks_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known from a test before."""
    monkeypatch.setattr(checks.looks, "_at", -checks.HOLDS)
    monkeypatch.setattr(checks.looks, "_open", {})


def with_checks(monkeypatch: pytest.MonkeyPatch, *parts: checks.Check) -> None:
    monkeypatch.setattr(checks.looks, "checks", parts)


def readyz(**more: Any) -> tuple[int, dict[str, Any]]:
    answer = Client().get("/readyz", **more)
    return answer.status_code, answer.json()


def away() -> None:
    raise OSError(111, "Connection refused")


def test_alive_touches_nothing(django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with_checks(monkeypatch, checks.Check("database", True, away))
    with django_assert_num_queries(0):
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_every_part_has_a_state_and_a_time_and_nothing_else(settings: Any) -> None:
    status, said = readyz()
    assert status == 200
    assert list(said) == ["status", "checks"]
    assert list(said["checks"]) == [
        "database",
        "files",
        "search",
        "live",
        "scanner",
        "worker",
        "confinement",
        "disk",
    ]
    for found in said["checks"].values():
        assert set(found) == {"state", "ms", "needed"}
        assert found["state"] in {"ok", "off", "away", "slow", "full", "locked", "behind", "missing"}
    assert said["checks"]["database"]["state"] == "ok"
    # Neither where things are nor what they are called.
    assert str(settings.DATA_DIR) not in json.dumps(said)


@pytest.mark.parametrize(
    ("host", "secure"),
    [("10.244.3.17:8000", False), ("[fd00::1]:8000", False), ("", False), ("x" * 300, False)],
)
def test_a_probe_is_answered_whatever_name_it_asks_for(settings: Any, host: str, secure: bool) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["bundle.court.example"], True
    for path in ("/healthz", "/readyz"):
        assert Client().get(path, headers={"Host": host}).status_code == 200
    # Everything else asks for a name of ours, and for https.
    assert Client().get("/", headers={"Host": host}).status_code in (301, 400)


def test_only_looking_is_allowed() -> None:
    for path in ("/healthz", "/readyz"):
        assert Client().post(path).status_code == 405
        assert Client().head(path).status_code == 200


def test_without_what_is_needed_it_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    with_checks(monkeypatch, checks.Check("database", True, away), checks.Check("files", False, lambda: None))
    status, said = readyz()
    assert (status, said["status"]) == (503, "away")
    assert said["checks"]["database"]["state"] == "away"
    assert said["checks"]["files"]["state"] == "ok"


def test_without_what_can_be_done_without_it_is_degraded(monkeypatch: pytest.MonkeyPatch) -> None:
    with_checks(
        monkeypatch, checks.Check("database", True, lambda: None), checks.Check("search", False, away)
    )
    status, said = readyz()
    assert (status, said["status"], said["checks"]["search"]["state"]) == (200, "degraded", "away")


def test_who_is_about_to_end_takes_nothing_new(monkeypatch: pytest.MonkeyPatch) -> None:
    with_checks(monkeypatch, checks.Check("database", True, lambda: None))
    assert readyz() == (200, {"status": "ready", "checks": readyz()[1]["checks"]})
    monkeypatch.setattr(draining, "_began", threading.Event())
    draining.begin()
    assert (readyz()[0], readyz()[1]["status"]) == (503, "draining")
    assert Client().get("/healthz").status_code == 200


def test_a_database_of_an_older_version_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_schema_known", threading.Event())
    monkeypatch.setattr(checks, "older", lambda: True)
    status, said = readyz()
    assert (status, said["checks"]["database"]["state"]) == (503, "behind")


def test_a_part_that_hangs_is_slow_and_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, free = [], threading.Event()

    def hangs() -> None:
        asked.append(1)
        free.wait(60)

    monkeypatch.setattr(checks, "WAIT", 0.05)
    monkeypatch.setattr(checks, "HOLDS", 0.0)
    with_checks(monkeypatch, checks.Check("files", False, hangs), checks.Check("disk", False, lambda: None))
    try:
        for _i in range(5):
            status, said = readyz()
            assert (status, said["status"]) == (200, "degraded")
            assert said["checks"]["files"]["state"] == "slow"
            assert said["checks"]["disk"]["state"] == "ok"
        assert len(asked) == 1
    finally:
        free.set()
    # Once it has answered it is asked again.
    for _i in range(100):
        if readyz()[1]["status"] == "ready":
            break
        time.sleep(0.05)
    assert len(asked) == 2


def test_many_probes_take_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    with_checks(monkeypatch, checks.Check("database", True, lambda: asked.append(1)))
    monkeypatch.setattr(checks, "HOLDS", 60.0)
    monkeypatch.setattr(checks.looks, "_at", -1e9)
    threads = [threading.Thread(target=checks.looks.now) for _i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked) == 1


def test_a_look_leaves_no_connection_open() -> None:
    checks.looks.now()
    for look in checks.looks._open.values():
        look.thread.join()
        assert not look.thread.is_alive()
    assert len(list(connections.all(initialized_only=True))) <= 1


# --- parts, against the real thing --------------------------------------------------------------
class Stranger:
    """Somebody who listens on a port and says one thing."""

    def __init__(self, answer: bytes) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.answer = answer
        self.asked: list[bytes] = []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        while True:
            try:
                line, _address = self.socket.accept()
            except OSError:
                return
            with line:
                self.asked.append(line.recv(64))
                line.sendall(self.answer)


def test_what_is_no_scanner_is_not_taken_for_one(settings: Any) -> None:
    """The real scanner is asked in the tests of scanning; here somebody else listens on its port."""
    listening = Stranger(b"HTTP/1.1 400 Bad Request\r\n")
    check = checks.Check("scanner", False, checks.scanner)
    settings.CLAMD_URL = f"tcp://127.0.0.1:{listening.port}"
    assert checks.look_at(check).state == "away"
    listening.socket.close()
    assert checks.look_at(check).state == "away"
    settings.CLAMD_URL = ""
    assert checks.look_at(check).state == "off"


@pytest.mark.parametrize("asked", confinement.DEMANDS)
def test_a_machine_that_cannot_confine_says_so(
    monkeypatch: pytest.MonkeyPatch, asked: confinement.Demand
) -> None:
    check = checks.Check("confinement", False, checks.walls)
    monkeypatch.setattr(confinement, "_demand", asked)
    assert checks.look_at(check).state == "ok"
    missing = confinement.Walls(True, missing=("Landlock: not here.",))
    monkeypatch.setattr(confinement, "trial", lambda: missing)
    found = checks.look_at(check)
    with_checks(monkeypatch, check)
    status, said = readyz()
    if asked == "external":
        assert (found.state, status, said["status"]) == ("ok", 200, "ready")
        return
    # In service all the same: what was drawn before is still there to be read.
    assert (found.state, status, said["status"]) == ("missing", 200, "degraded")
    assert "Landlock" in found.detail
    assert "Landlock" not in json.dumps(said)
    assert ("no uploaded file is opened" in found.detail) == (asked == "required")
    monkeypatch.setattr(checks, "CHECKS", (check,))
    told = StringIO()
    with pytest.raises(CommandError):
        call_command("health", stdout=told)
    assert f"WRONG  confinement: {found.detail}" in told.getvalue()


def test_health_says_who_confines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "_demand", "external")
    monkeypatch.setattr(checks, "CHECKS", ())
    told = StringIO()
    call_command("health", stdout=told)
    assert "note   confinement: CONFINEMENT=external" in told.getvalue()


def test_a_worker_is_known_by_its_signs(settings: Any) -> None:
    settings.EMBEDDED = False
    check = checks.Check("worker", False, checks.worker)
    assert checks.look_at(check).state == "away"
    from django.utils import timezone

    signs.give("one", "worker", timezone.now())
    assert checks.look_at(check).state == "ok"
    import datetime

    Sign.objects.update(seen=timezone.now() - datetime.timedelta(seconds=signs.GONE + 1))
    found = checks.look_at(check)
    assert (found.state, signs.count("worker")) == ("away", 0)
    assert "61 s ago" in found.detail
    Sign.objects.update(seen=timezone.now() - datetime.timedelta(seconds=signs.FORGOTTEN + 1))
    signs.forget()
    assert not Sign.objects.exists()


# --- manage.py health ---------------------------------------------------------------------------
def test_the_command_says_what_the_probe_says(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise checks.Wrong("full", "only 3 MB are free where /srv is: free some room")

    monkeypatch.setattr(checks, "CHECKS", (checks.Check("disk", False, full), *checks.CHECKS[:1]))
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("health", stdout=said)
    # With the detail that strangers are not told.
    assert "WRONG  disk: only 3 MB are free where /srv is: free some room" in said.getvalue()
    assert "ok     database (" in said.getvalue()


# --- counters -----------------------------------------------------------------------------------
def counters(text: str) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def test_the_counters_are_for_who_has_the_token(settings: Any) -> None:
    assert Client().get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "t" * 40
    assert Client().get("/metrics").status_code == 401
    for wrong in ("", "x", "Bearer", f"Bearer {'t' * 39}", f"Basic {'t' * 40}", f"Bearer {'ŵ' * 40}"):
        answer = Client().get("/metrics", headers={"Authorization": wrong.encode().decode("latin-1")})
        assert answer.status_code == 401
        assert b"casebundle" not in answer.content
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {'t' * 40}"})
    assert answer.status_code == 200
    found = counters(answer.content.decode())
    assert found["casebundle_dependency_up"][(("part", "database"),)] == 1
    assert {"casebundle_queue_age_seconds", "casebundle_index_lag_documents", "casebundle_documents"} <= set(
        found
    )
