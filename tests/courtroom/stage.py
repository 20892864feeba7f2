"""A server of its own, as `make run` starts it, with a data folder of its own: it can be killed and started again.

with Stage(folder, followers=5) as stage:
    stage.url, stage.people["priya"].token, stage.pages, stage.hearing
"""

from __future__ import annotations

import base64
import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from casebundle.running import serving
from scripts.services import without_servers

ROOT = Path(__file__).resolve().parent.parent.parent
REFERENCE, OTHER = "T20267001", "T20267002"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Person:
    id: str
    token: str
    session: str  # the key of one


def prepare(followers: int) -> dict[str, Any]:
    """Runs in a process of the stage's own: the cast, a served document, an open hearing with the floor given."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    from casebundle.bundles import services as bundles
    from casebundle.bundles.models import Bundle, Page
    from casebundle.cases import people
    from casebundle.cases.access import viewer_in
    from casebundle.cases.models import User
    from casebundle.courtroom import services
    from casebundle.evidence import intake
    from casebundle.evidence.process import process
    from tests.cast import pdf
    from tests.courtroom.session import signed_in

    call_command("migrate", verbosity=0)
    made: dict[str, Any] = {}

    def person(key: str, name: str, **more: Any) -> Any:
        user = User.objects.create_user(f"{key}@court.example", name=name, **more)
        made[key] = user
        return user

    tom = person("tom", "Tom Price", is_court_staff=True)
    case = bundles.create_case(
        tom,
        REFERENCE,
        "R v Bates and Doyle",
        "Crown Court at Leeds",
        parties=[("bates", "Marcus Bates"), ("doyle", "Kieran Doyle")],
    ).case
    for key, name, role, party in [
        ("priya", "Priya Shah", "prosecution", "prosecution"),
        ("daniel", "Daniel Okafor", "defence", "bates"),
        ("mari", "Mari Llwyd", "defence", "doyle"),
        ("ruth", "HHJ Ruth Adler", "judge", "court"),
    ]:
        people.join(case, person(key, name), role, [party])
    with transaction.atomic():
        for i in range(followers):
            people.join(case, person(f"observer{i}", f"Observer {i}"), "observer", ["court"])
    priya = viewer_in(made["priya"], reference=REFERENCE)

    def served(who: Any, at: Any, section: str, pages: int, **more: Any) -> list[str]:
        """A document that is read and served; its pages."""
        texts = [f"Page {i} of {section}." for i in range(pages)]
        bundle = Bundle.objects.get(case=at)
        document = intake.receive(who, bundle, section, "shown.pdf", [pdf(texts)], serve=True, **more)
        for version in document.versions.all():
            process(version.pk)
        return [page.pk for page in Page.objects.filter(version__document=document).order_by("index")]

    pages = served(priya, case, "H", 20)
    # Not for Bates: for Doyle, who serves it and the court.
    shut = served(priya, case, "J", 2, visible_to=["doyle"])
    # Another case, in which nobody but Tom is who is in the first.
    other = bundles.create_case(
        tom, OTHER, "R v Hale", "Crown Court at Leeds", parties=[("hale", "Rosa Hale")]
    ).case
    people.join(other, person("sam", "Sam Weir"), "defence", ["hale"])
    sam = viewer_in(made["sam"], reference=OTHER)
    elsewhere = served(sam, other, "H", 2)
    sitting = services.open_hearing(viewer_in(tom, reference=OTHER), "Trial, day 1")
    services.give_floor(viewer_in(tom, reference=OTHER), sitting, sam.participant)
    ruth = viewer_in(made["ruth"], reference=REFERENCE)
    hearing = services.open_hearing(ruth, "Trial, day 1")
    services.give_floor(ruth, hearing, priya.participant)
    screen = services.new_screen(viewer_in(tom, reference=REFERENCE), hearing, "Jury screen")
    with transaction.atomic():
        found = {
            key: {
                "id": str(viewer_in(user, reference=OTHER if key == "sam" else REFERENCE).participant_id),
                "token": people.new_token(user, "stage")[1],
                "session": signed_in(user),
            }
            for key, user in made.items()
        }
    return {
        "people": found,
        "pages": pages,
        "shut": shut,
        "elsewhere": elsewhere,
        "hearing": str(hearing.pk),
        "other_hearing": str(sitting.pk),
        "screen": screen.code,
    }


# An installation on real servers is given its secrets.
SECRETS = {"SECRET_KEY": "of a stage " * 5, "SIGNING_KEY": base64.b64encode(b"s" * 32).decode()}


class Web:
    """One server process of a stage."""

    def __init__(self, env: dict[str, str], log: Path | None = None) -> None:
        self.log = log  # what it writes; left out: where we write
        self.port = free_port()
        self.url = f"127.0.0.1:{self.port}"
        self.env = {**env, "PORT": str(self.port)}
        self.server: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """The server as `manage.py up` starts it, or on real servers `manage.py serve`."""
        finish = serving.IN_PEACE if "DATABASE_URL" in self.env else serving.AT_ONCE
        return serving.command("127.0.0.1", self.port, finish)

    def start(self) -> None:
        with contextlib.ExitStack() as files:
            out = files.enter_context(self.log.open("ab")) if self.log else None
            self.server = subprocess.Popen(self.command(), env=self.env, cwd=ROOT, stdout=out, stderr=out)
        for _i in range(300):
            assert self.server.poll() is None, "the server ended"
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server does not answer")

    def kill(self) -> None:
        if self.server is not None:
            self.server.send_signal(signal.SIGKILL)
            self.server.wait()
            self.server = None

    def drain(self) -> None:
        """SIGTERM; returns at once."""
        assert self.server is not None
        self.server.send_signal(signal.SIGTERM)


class Stage(Web):
    """`servers`: the addresses of real servers by their variables; without any, everything is embedded."""

    def __init__(self, folder: Path, followers: int = 0, servers: dict[str, str] | None = None) -> None:
        env = {
            **without_servers(),
            "CASEBUNDLE_DATA": str(folder),
            "DJANGO_SETTINGS_MODULE": "casebundle.settings",
            "PYTHONPATH": str(ROOT),
            # People of flesh and blood write less.
            "NOTES_PER_MINUTE": "100000",
            # Nobody reads here what each of hundreds does.
            "LOG_LEVEL": "WARNING",
        }
        if servers:
            env |= {**SECRETS, **servers}
        super().__init__(env)
        # Other processes of the same installation.
        self.more: list[Web] = []
        code = (
            f"import json; from tests.courtroom.stage import prepare; print(json.dumps(prepare({followers})))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], check=False, env=self.env, cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-4000:]
        found = json.loads(done.stdout.splitlines()[-1])
        self.people = {key: Person(**one) for key, one in found["people"].items()}
        self.pages, self.hearing, self.screen = found["pages"], found["hearing"], found["screen"]
        self.shut, self.elsewhere = found["shut"], found["elsewhere"]
        self.other_hearing = found["other_hearing"]

    def another(self) -> Web:
        """One more server process, beside this one."""
        made = Web(self.env)
        self.more.append(made)
        made.start()
        return made

    def run(self, code: str) -> float:
        """Do something in a process beside the server; when it was done, by the clock that all processes share."""
        code = f"import django; django.setup(); {code}; import time; print(time.monotonic())"
        done = subprocess.run(
            [sys.executable, "-c", code], check=False, env=self.env, cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return float(done.stdout.splitlines()[-1])

    def call(self, who: str, method: str, path: str, body: Any = None, at: Web | None = None) -> Any:
        """A call of the API (of that process, where it is given); its JSON."""
        request = urllib.request.Request(
            f"http://{(at or self).url}/api/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.people[who].token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            data = answer.read()
            return json.loads(data) if data else None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_why: object) -> None:
        for one in (*self.more, self):
            one.kill()
