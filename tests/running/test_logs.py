"""What is in the logs: ids of requests, cases and documents; and nothing of what people wrote, named or looked for."""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import re
import signal
import subprocess
import sys
import time
import urllib.parse
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.db import DataError, IntegrityError, OperationalError
from django.test import RequestFactory

from casebundle.cases import mending
from casebundle.pdf.sandbox import Refused
from casebundle.watching import logs
from casebundle.watching.trail import Trail, about, begin
from search.engine import SearchError
from tests.cast import pdf
from tests.courtroom.crowd import Door, Line
from tests.courtroom.stage import REFERENCE, ROOT, Stage

# In every place where somebody can write something: no two are the same, so that the log says which one got out.
SECRET = "xylophone"


class Logged(Stage):
    """Server and worker that write all that they have to say, down to the last detail, as JSON."""

    def __init__(self, folder: Path, more: dict[str, str] | None = None) -> None:
        super().__init__(folder / "data")
        self.log = folder / "log"
        self.env |= {"LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG", **(more or {})}
        self.worker: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Logged:
        with self.log.open("wb") as out:
            manage = [sys.executable, str(ROOT / "manage.py")]
            self.server = subprocess.Popen(
                [*manage, "serve"], env=self.env, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT
            )
            self.worker = subprocess.Popen(
                [*manage, "worker", "--sweep", "0.5"],
                env=self.env,
                cwd=ROOT,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        for _i in range(300):
            with contextlib.suppress(OSError):
                if self.ask("GET", "/readyz")[0] == 200:
                    return self
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def __exit__(self, *_why: object) -> None:
        for process in (self.worker, self.server):
            assert process is not None
            process.send_signal(signal.SIGTERM)
        for process in (self.worker, self.server):
            assert process is not None
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def ask(
        self, method: str, path: str, body: bytes | None = None, who: str = "", **headers: str
    ) -> tuple[int, bytes, Any]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(line):
            if who:
                headers["Authorization"] = f"Bearer {self.people[who].token}"
            line.request(method, path, body, headers)
            answer = line.getresponse()
            return answer.status, answer.read(), answer.headers

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


def marked(place: str) -> str:
    return f"{SECRET}{place}"


def multipart(fields: dict[str, str], name: str, data: bytes) -> tuple[bytes, str]:
    border = uuid.uuid4().hex
    parts = b"".join(
        f'--{border}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    )
    head = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    parts += f"{head}Content-Type: application/pdf\r\n\r\n".encode() + data + f"\r\n--{border}--\r\n".encode()
    return parts, f"multipart/form-data; boundary={border}"


def flow_in(house: Logged) -> dict[str, Any]:
    """A day of work, every word of it marked."""
    seen: dict[str, Any] = {}
    api = "/api/v1"

    def post(path: str, data: Any, who: str = "priya") -> tuple[int, bytes]:
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        status, said, _headers = house.ask("POST", path, body, who, **{"Content-Type": "application/json"})
        return status, said

    fields = {"section": "H", "serve": "true", "title": marked("title"), "exhibit": "JS/77"}
    data, kind = multipart(fields, f"{marked('file')}.pdf", pdf([f"Words of {marked('page')}."]))
    status, said, _h = house.ask(
        "POST", f"{api}/cases/{REFERENCE}/documents", data, "priya", **{"Content-Type": kind}
    )
    assert status == 202, said
    seen["document"] = json.loads(said)["id"]
    # Files that cannot be read say why, and not what they are.
    for broken in (b"%PDF-1.7 " + marked("broken").encode() * 50, marked("nopdf").encode() * 50):
        data, kind = multipart({"section": "H"}, f"{marked('badfile')}.pdf", broken)
        house.ask("POST", f"{api}/cases/{REFERENCE}/documents", data, "priya", **{"Content-Type": kind})
    for _i in range(300):
        _s, said, _h = house.ask("GET", f"{api}/documents/{seen['document']}", who="priya")
        if json.loads(said)["status"] == "ready":
            break
        time.sleep(0.1)
    found = json.loads(said)
    assert found["status"] == "ready", found
    page = house.pages[0]
    note = {"kind": "note", "body": marked("note"), "audience": "case", "tags": [marked("tag")]}
    status, said = post(f"{api}/pages/{page}/notes", note)
    assert status == 201, said
    seen["note"] = json.loads(said)["id"]
    post(f"{api}/notes/{seen['note']}/replies", {"body": marked("reply")})
    post(
        f"{api}/cases/{REFERENCE}/participants",
        {"email": f"{marked('mail')}@x.example", "role": "observer", "party": "court"},
        "tom",
    )
    for query in (marked("query"), f'"{marked("phrase")}" OR', f"{marked('cut')}~9 -("):
        asked = urllib.parse.quote(query)
        house.ask("GET", f"{api}/search?q={asked}&case={REFERENCE}", who="daniel")
        house.ask("GET", f"/search/?q={asked}", Cookie=f"sessionid={house.people['daniel'].session}")
        house.ask("GET", f"/search/?q={asked}")
    # What goes wrong is what is logged most.
    house.ask("GET", f"/{marked('path')}/")
    house.ask("GET", f"/cases/{marked('reference')}/", Cookie=f"sessionid={house.people['daniel'].session}")
    house.ask("GET", f"/cases/{REFERENCE}/main/{marked('label')}", Cookie=f"sessionid={marked('session')}")
    house.ask("GET", f"/invitations/{marked('invitation')}/")
    house.ask("GET", f"/screen/{marked('code')}")
    house.ask("GET", f"{api}/me", Authorization=f"Bearer {marked('token')}")
    house.ask("GET", "/", Host=f"{marked('host')}.example")
    house.ask("POST", "/accounts/login/", f"login={marked('login')}".encode(), Cookie="csrftoken=x")
    post(f"{api}/cases", {"reference": marked("newcase"), "title": marked("casetitle")}, "tom")
    post(f"{api}/pages/{page}/notes", b'{"' + marked("json").encode())
    post(f"{api}/pages/{page}/notes", {marked("field"): 1})
    # Of a proxy that is trusted, its names are taken.
    given = "of-a-proxy" if house.env.get("TRUST_PROXY") else marked("requestid")
    seen["given"] = house.ask("GET", f"{api}/me", who="priya", **{"X-Request-ID": given})[2]
    path = f"/ws/cases/{REFERENCE}/"
    for token, after in ((house.people["priya"].token, None), (marked("badtoken"), None)):
        line = Line(Door(house.port, path, token=token, after=after)).enter()
        if token == house.people["priya"].token:
            line.until(b'"state"')
            line.send({"type": marked("frame"), "text": marked("frametext")})
            line.until(b'"refused"')
        else:
            line.wait_closed()
        line.abort()
    screen = Line(Door(house.port, f"/ws/screen/{marked('sockcode')}/")).enter()
    screen.abort()
    seen["tokens"] = [person.token for person in house.people.values()]
    seen["sessions"] = [person.session for person in house.people.values()]
    seen["screen"] = house.screen
    time.sleep(1)
    return seen


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> tuple[Logged, dict[str, Any]]:
    """That day, over a server and a worker."""
    with Logged(tmp_path_factory.mktemp("logs")) as house:
        return house, flow_in(house)


def test_nothing_that_anybody_wrote_is_in_the_logs(flow: tuple[Logged, dict[str, Any]]) -> None:
    house, seen = flow
    text = house.log.read_text()
    assert not sorted(set(re.findall(rf"{SECRET}\w*", text, re.IGNORECASE)))
    for name in ("Priya", "Okafor", "Bates", "court.example", "sessionid", "Red Lion"):
        assert name not in text, name
    for secret in [*seen["tokens"], *seen["sessions"], seen["screen"]]:
        assert secret not in text


def test_every_line_is_json_and_every_request_is_there(flow: tuple[Logged, dict[str, Any]]) -> None:
    house, seen = flow
    lines = house.lines()
    assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)
    requests = [line for line in lines if line["logger"] == "casebundle.requests" and "status" in line]
    assert all(re.fullmatch(r"[0-9a-f]{32}", line["request"]) for line in requests)
    assert len({line["request"] for line in requests}) == len(requests)
    routes = {line["route"] for line in requests}
    assert {"search:search", "none", "account_login"} <= routes
    # Nobody tells us what a request is called, where no proxy of ours stands before us.
    assert re.fullmatch(r"[0-9a-f]{32}", seen["given"]["X-Request-ID"])
    # Whose case, which document: ids, where somebody was let in.
    notes = [line for line in requests if line["route"].endswith("create_note") or "note" in line["route"]]
    assert notes
    assert {line.get("case") for line in requests if line["status"] == 201} != {None}
    about_it = [line for line in requests if line.get("document") == seen["document"]]
    assert about_it


def test_the_worker_says_what_it_did_and_to_which_document(flow: tuple[Logged, dict[str, Any]]) -> None:
    house, seen = flow
    done = [line for line in house.lines() if line["logger"] == "casebundle.tasks"]
    read = [line for line in done if line["route"] == "process_version"]
    assert seen["document"] in {line.get("document") for line in read}
    assert all(re.fullmatch(r"[0-9a-f]{32}", line["task"]) and "ms" in line for line in done)
    assert {"process_version", "draw_version", "index_documents"} <= {line["route"] for line in done}


# --- what is made of one record -----------------------------------------------------------------
def record(
    name: str, message: Any, *args: Any, error: BaseException | None = None, **more: Any
) -> logging.LogRecord:
    info = None
    if error is not None:
        try:
            raise error
        except BaseException as raised:
            info = (type(raised), raised, raised.__traceback__)
    made = logging.LogRecord(name, logging.ERROR, "f.py", 1, message, args, info)
    made.__dict__.update(more)
    return made


@pytest.mark.parametrize(
    "error",
    [
        ValueError(f"could not convert {SECRET}"),
        IntegrityError(f"Key (title)=({SECRET}) already exists."),
        DataError(f"value too long: {SECRET}"),
        OperationalError(f"could not serialize DETAIL: Key (title)=({SECRET})"),
        FileNotFoundError(2, "No such file", f"/tmp/{SECRET}.pdf"),
        KeyError(SECRET),
        UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET),
    ],
)
@pytest.mark.parametrize("shape", [logs.Json(), logs.Plain()])
def test_what_an_exception_says_may_be_content(error: BaseException, shape: logging.Formatter) -> None:
    for made in (
        record("casebundle.x", "it failed", error=error),
        record("casebundle.x", "it failed: %s", error),
        record("django.request", "Internal Server Error: %s", f"/{SECRET}", error=error),
    ):
        if made.name == "django.request":
            made.request = type("R", (), {"path": f"/{SECRET}"})()
        said = shape.format(made)
        assert SECRET not in said
        assert type(error).__name__ in said


def test_what_it_came_from_may_be_content_too() -> None:
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as inner:
            raise RuntimeError(SECRET) from inner
    except RuntimeError as error:
        made = record("casebundle.x", "it failed", error=error)
    said = json.loads(logs.Json().format(made))
    assert said["error"] == ["RuntimeError", "ValueError"]
    assert "test_logs" in said["at"][-1]
    assert SECRET not in json.dumps(said)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OperationalError("connection refused"), "OperationalError: connection refused"),
        (SearchError("the index is damaged"), "SearchError: the index is damaged"),
        (OSError(28, "No space left on device"), "OSError: [Errno 28] No space left on device"),
        (
            ConnectionRefusedError(111, "Connection refused"),
            "ConnectionRefusedError: [Errno 111] Connection refused",
        ),
    ],
)
def test_what_is_of_machines_is_said(error: BaseException, said: str) -> None:
    assert logs.said(error) == said


@pytest.mark.parametrize(
    ("name", "message", "args", "said"),
    [
        ("casebundle.evidence", "version %s took %s s", ("abc", 3), "version abc took 3 s"),
        # Of libraries the sentence is told, and numbers; what they put into it could be anything.
        ("pypdf.generic", "wrong pointing object %s %d", (SECRET, 7), "wrong pointing object … 7"),
        ("pypdf.generic", f"found {SECRET}", (), "something that is not shown here"),
        (
            "django.security.DisallowedHost",
            f"Invalid HTTP_HOST header: '{SECRET}'",
            (),
            "something that is not shown here",
        ),
        ("casebundlefake", "%s", (SECRET,), "…"),
        ("uvicorn.error", "Exception in ASGI application\n", (), "Exception in ASGI application\n"),
        ("urllib3", "%(what)s", ({"what": SECRET},), "…"),
        ("urllib3", "%d", (SECRET,), "%d"),
    ],
)
def test_only_our_own_sentences_are_whole(name: str, message: str, args: Any, said: str) -> None:
    assert logs.sentence(record(name, message, *args)) == said


def test_a_line_stays_a_line_and_says_what_it_is_about() -> None:
    with begin(Trail("a" * 32, "http")):
        about(route="desk:case", case="c-1", document="d-1")
        said = logs.Json().format(record("casebundle.x", "two\nlines"))
    assert "\n" not in said
    found = json.loads(said)
    assert (found["request"], found["route"], found["case"], found["document"]) == (
        "a" * 32,
        "desk:case",
        "c-1",
        "d-1",
    )


def test_what_a_refused_file_says_is_a_code() -> None:
    assert SECRET not in logs.said(Refused("broken", f"{SECRET} is broken"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "kind"), [("/cases/", "text/html"), ("/api/v1/me", "application/problem+json")]
)
def test_who_meets_a_fault_is_told_by_what_the_logs_know_it(path: str, kind: str) -> None:
    request = RequestFactory().get(path, headers={"Accept": kind})
    with begin(Trail("f" * 32, "http")):
        for error in (ValueError(SECRET), OperationalError(SECRET)):
            try:
                raise error
            except Exception:
                answer = mending.server_error(request)
            assert answer.status_code == (500 if isinstance(error, ValueError) else 503)
            assert answer["Content-Type"].startswith(kind)
            text = answer.content.decode()
            assert "f" * 32 in text
            assert SECRET not in text
    # Outside of a server there is no such id, and nothing is said of one.
    try:
        raise ValueError
    except ValueError:
        assert "Reference" not in mending.server_error(request).content.decode()
