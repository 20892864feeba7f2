"""Run in a process of its own: a data folder that was in use. Papers read and served, a repaired one, a large one, a
refused one, notes, a hearing with turns, a session; the environment says where."""

from __future__ import annotations

import io
import os
import random
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "casebundle.settings"
django.setup()

import pikepdf  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402

from annotations import services as notes  # noqa: E402
from casebundle.bundles import services  # noqa: E402
from casebundle.bundles.models import Bundle, Page  # noqa: E402
from casebundle.cases import access, people  # noqa: E402
from casebundle.cases.models import User  # noqa: E402
from casebundle.courtroom import services as court  # noqa: E402
from casebundle.evidence import intake, process  # noqa: E402
from tests.cast import pdf  # noqa: E402

REFERENCE = "T20267001"
LARGE = 10 * 1024 * 1024

call_command("migrate", verbosity=0)
tom = User.objects.create_user("tom.price@court.example", name="Tom Price", is_court_staff=True)
priya = User.objects.create_user("priya.shah@cps.example", name="Priya Shah")
mari = User.objects.create_user("mari.llwyd@siambrau.example", name="Mari Llwyd", language="cy")
case = services.create_case(tom, REFERENCE, "R v Bates", "Leeds", parties=[("bates", "Marcus Bates")]).case
people.join(case, priya, "prosecution", ["prosecution"])
people.join(case, mari, "defence", ["bates"])
main = Bundle.objects.get(case=case, slug="main")


def viewer(user: User) -> access.Viewer:
    return access.viewer_in(user, reference=REFERENCE)


def take(name: str, data: bytes, section: str = "H", *, serve: bool = True) -> Page:
    document = intake.receive(viewer(priya), main, section, name, [data], serve=serve)
    version = document.versions.get()
    process.process(version.pk)
    process.draw_images(version.pk)
    return Page.objects.filter(version=version).order_by("index").first()  # type: ignore[return-value]


small = int(sys.argv[1]) if len(sys.argv) > 1 else 12
pages = [
    take(f"paper {n}.pdf", pdf([f"Paper {n}, page {p}. Wŷl a chŵyn." for p in range(4)]))
    for n in range(small)
]
large = io.BytesIO()
with pikepdf.open(io.BytesIO(pdf(["A long one."]))) as whole:
    whole.Root.Odd = whole.make_stream(random.Random(1).randbytes(LARGE))
    whole.save(large)
take("large.pdf", large.getvalue())
take("cut short.pdf", pdf([f"page {n}" for n in range(30)])[:-400])
take("no.pdf", b"this is no PDF", serve=False)
intake.receive(viewer(priya), main, "J", "staged.pdf", [pdf(["Not read yet."])])
for page in pages:
    note = notes.create(viewer(priya), page, kind="highlight", body="Sylwer: ŵ", quote="Paper", choice="case")
    notes.reply(viewer(mari), note, "Seen.")
hearing = court.open_hearing(viewer(tom), "Trial")
court.give_floor(viewer(tom), hearing, viewer(priya).participant)
for page in pages:
    court.turn(viewer(priya), hearing, page)
people.new_token(priya, "a program")
session = SessionStore()
session["_auth_user_id"] = str(priya.pk)
session.create()
