"""Every address that is read, and a case of any size to read it in: for test_size.py and bench/size.py."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations import services as notes
from annotations.models import Note
from casebundle.bundles import services
from casebundle.bundles.labels import Labels
from casebundle.bundles.models import Bundle, Document, Page, page_id
from casebundle.cases import people
from casebundle.cases.access import viewer_in
from casebundle.cases.models import User
from casebundle.courtroom import services as court
from casebundle.courtroom.models import Hearing
from casebundle.demo import large
from casebundle.demo.cast import ADLER, LLWYD, OKAFOR, PRICE, SHAH

C = "/cases/{case}"
API = "/api/v1"
AC = f"{API}/cases/{{case}}"
WHO = {"prosecution": SHAH, "defence": OKAFOR, "clerk": PRICE}

# Addresses with `{name}`s of `names_of`; each is asked for by everybody in WHO, and is for one of them at least.
ROWS = [
    # --- the API ---
    f"{API}/",
    f"{API}/docs",
    f"{API}/openapi.json",
    f"{API}/nothing-here",
    f"{API}/me",
    f"{API}/cases",
    AC,
    f"{AC}/participants",
    f"{AC}/bundles/main",
    f"{AC}/pages/{{label}}",
    f"{AC}/journal",
    f"{AC}/journal?limit=500",
    f"{AC}/journal?after={{late}}",
    f"{AC}/hearings",
    f"{API}/documents/{{document}}",
    f"{API}/documents/{{document}}/pages",
    f"{API}/documents/{{document}}/pages?limit=500",
    f"{API}/documents/{{document}}/original",
    f"{API}/documents/{{document}}/pdf",
    f"{API}/documents/{{document}}/receipt",
    f"{API}/pages/{{page}}",
    f"{API}/pages/{{page}}/image?width=200",
    f"{API}/pages/{{page}}/text",
    f"{API}/pages/{{page}}/notes",
    f"{API}/notes/{{note}}",
    f"{API}/search?q=officer",
    f"{API}/search?q=officer&case={{case}}&limit=100",
    f"{API}/hearings/{{hearing}}",
    # --- my cases, case, people, account ---
    "/",
    "/?q=bates",
    "/new-case/",
    f"{C}/",
    f"{C}/people/",
    f"{C}/people/invite/",
    f"{C}/people/{{person}}/",
    f"{C}/people/{{person}}/name/",
    f"{C}/people/{{person}}/remove/",
    f"{C}/people/defendants/",
    "/invitations/{secret}/",
    "/account/",
    # --- the bundle ---
    f"{C}/main/",
    f"{C}/main/?page=2",
    f"{C}/main/?q=Hobbs",
    f"{C}/main/?show=new",
    f"{C}/main/?show=unread",
    f"{C}/main/?arrange=1",
    "/documents/{document}/edit/",
    "/documents/{document}/withdraw/",
    f"{C}/bundles/main/numbers/",
    f"{C}/bundles/main/freeze/",
    f"{C}/bundles/main/sections/",
    f"{C}/bundles/main/sections/new/",
    f"{C}/bundles/main/sections/{{section}}/",
    # --- the reader ---
    f"{C}/main/read",
    f"{C}/main/pages.json",
    f"{C}/main/go?to={{label}}",
    f"{C}/main/{{label}}",
    f"{C}/main/{{far}}",
    f"{C}/main/ZZ9",
    f"{C}/documents/{{staged}}/1",
    f"{C}/documents/{{staged}}/pages.json",
    # --- serving ---
    f"{C}/serve/",
    f"{C}/serve/states",
    f"{C}/serve/states?after={{late}}",
    f"{C}/serve/check",
    f"{C}/serve/receipt/{{first}}-{{last}}/",
    "/documents/{document}/receipt/",
    # --- notes, search, journal ---
    f"{C}/notes/",
    f"{C}/notes/?text=van",
    f"{C}/notes/?tag=credit",
    f"{C}/notes/?offset=200",
    f"{C}/notes.json?pages={{page}}",
    "/search/?q=officer",
    f"{C}/search/?q=officer",
    f"{C}/journal/",
    f"{C}/journal/?all=1",
    f"{C}/journal/?kind=documents",
    f"{C}/journal/?person={{person}}",
    f"{C}/journal/?before={{late}}",
    # --- court ---
    f"{C}/hearings/",
    "/hearings/{hearing}/",
    "/hearings/{hearing}/live/",
    "/screen/",
    "/screen/{code}",
    "/screen/{code}/page/{page}",
    # --- language ---
    "/jsi18n/",
    "/i18n/setlang/",
    # --- probes ---
    "/healthz",
    "/readyz",
    "/metrics",
]


def build(reference: str, documents: int, pages: int, more: int, **also: int) -> dict[str, str]:
    """A case with so many documents and pages, `more` of everything else, and a sitting court; `names_of` it."""
    large.make(reference, documents, pages, **also)
    clerk, judge, shah = (_viewer(who, reference) for who in (PRICE, ADLER, SHAH))
    bundle = Bundle.objects.get(case=clerk.case, slug="main")
    for n in range(more):
        people.join(clerk.case, _guest(n), "observer", ["court"])
        services.add_section(clerk, bundle, f"Z{n}", f"More {n}", None)
        if n % 4 == 0:
            services.add_defendant(clerk, f"Ann Hall{n}")
        for email in WHO.values():
            people.new_token(User.objects.get(email=email), f"{reference} {n}")
    hearing = court.open_hearing(clerk, "Trial, day 1")
    assert shah.participant is not None
    hearing = court.give_floor(judge, hearing, shah.participant)
    page = Page.objects.select_related("version__document__section__bundle").get(
        pk=_page(clerk.case.pk, "A", 0)
    )
    court.turn(shah, hearing, page)
    for n in range(more):
        court.new_screen(clerk, hearing, f"Screen {n}")
        court.open_hearing(judge, f"Listed {n}", hearing.created_at.replace(year=hearing.created_at.year + 1))
    note = notes.create(shah, page, kind="note", body="Look", choice="case")
    for n in range(more):
        notes.reply(_viewer(LLWYD, reference), note, f"Yes {n}")
        notes.create(shah, page, kind="note", body=f"And {n}", choice="case")
    return names_of(reference)


def _viewer(email: str, reference: str) -> Any:
    return viewer_in(User.objects.get(email=email), reference=reference)


def _guest(n: int) -> User:
    email = f"guest{n}@x.example"
    return User.objects.filter(email=email).first() or User.objects.create_user(email, name=f"Guest {n}")


def _page(case: Any, letter: str, index: int) -> str:
    rows = Document.objects.filter(case=case, section__letter=letter).served()
    version = rows.in_order().values_list("current_id", flat=True).first()
    assert version is not None
    return page_id(version, index)


def names_of(reference: str) -> dict[str, str]:
    """What the addresses of ROWS name in that case."""
    clerk = _viewer(PRICE, reference)
    case = clerk.case
    # The longest that is for everybody.
    rows = Document.objects.filter(
        case=case, section__letter__in=("A", "H"), visible_to="|everybody|"
    ).served()
    document = rows.order_by("-current__pages", "position").select_related("current", "section").first()
    last = rows.filter(section__letter="H").in_order().select_related("current").last()
    staged = Document.objects.filter(case=case, state="staged").first()
    assert document is not None
    assert last is not None
    assert last.current is not None
    assert staged is not None
    labels = Labels([document, last])
    served = Document.objects.filter(case=case, served_by=document.served_by, served_at=document.served_at)
    entries = sorted(served.values_list("served_entry", flat=True))
    hearing = Hearing.objects.open().get(case=case)
    email = f"new.{reference.lower()}@x.example"
    invited = case.participants.filter(user__email=email).first()
    invited = invited or people.invite(clerk, email, "observer", ["court"])
    page = _page(case.pk, "A", 0)
    note = Note.objects.filter(page=page, kind="note", parent=None, case=case).order_by("created_at").first()
    assert note is not None
    found = {
        "case": reference,
        "document": document.pk,
        "label": labels.label(document.pk, 0),
        "far": labels.label(last.pk, last.current.pages - 1),
        "page": page,
        "section": document.section_id,
        "staged": staged.pk,
        "note": note.pk,
        "person": _viewer(LLWYD, reference).participant_id,
        "hearing": hearing.pk,
        "code": court.new_screen(clerk, hearing, "Jury").code,
        "secret": people.new_invitation(invited),
        "late": hearing.seq - 60,
        "first": entries[0],
        "last": entries[-1],
    }
    return {name: str(value) for name, value in found.items()}


def filled(address: str, names: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: names[match[1]], address)


def reader(email: str) -> Client:
    """A browser in which that person is signed in."""
    client = Client(HTTP_HOST="localhost")
    client.force_login(
        User.objects.get(email=email), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return client


def content(response: Any) -> int:
    """How many bytes an answer has; a stream is read to its end."""
    if response.streaming:
        return sum(len(part) for part in io.BytesIO(b"".join(response.streaming_content)))
    return len(response.content)


def counted(client: Client, path: str) -> tuple[int, list[str]]:
    """The status of an answer, and the statements that it took, the second time it is asked for."""
    content(client.get(path))
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
        content(response)
    return response.status_code, [query["sql"] for query in queries]


def walk(names: dict[str, str]) -> Iterator[tuple[str, str, int, list[str]]]:
    """(address, who, status, statements) of every row."""
    for who, email in WHO.items():
        client = reader(email)
        for address in ROWS:
            yield address, who, *counted(client, filled(address, names))
