"""A walk at random over people, things and routes, beside a model of the rules that is written here.

The model is made of the words of the design, and of nothing in access.py. The case is in four sides: prosecution, each
defendant, and the court, whose judge may have something to himself. What is staged is its uploader's side's; what is
served is for the sides that may see its section and that its server chose (the server's own and the court always);
what is withdrawn is nobody's. A version that was replaced is its server's side's alone. A note is its author's and of
the sides it was written for, on a page that they see.
Everything else is not there: the same bytes as for what never was.

WALK_SEEDS and WALK_STEPS make it longer: `make walk`.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from annotations import services as notes
from casebundle.bundles import files, services
from casebundle.bundles.labels import Labels
from casebundle.bundles.models import Bundle, Document, Page, PageText, Section, Version, page_id
from casebundle.cases import people
from casebundle.cases.models import User
from casebundle.courtroom import services as court
from search.indexing import index_due
from tests.cast import OTHER, REFERENCE, pdf, viewer

pytestmark = pytest.mark.django_db

SEEDS = range(int(os.environ.get("WALK_SEEDS", "1")))
STEPS = int(os.environ.get("WALK_STEPS", "450"))
C, API = f"/cases/{REFERENCE}", "/api/v1"
AC = f"{API}/cases/{REFERENCE}"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"

# --- the model ----------------------------------------------------------------------------------
# The atoms that sides are made of. "court" is the judge and the court's staff.
ATOMS = {
    "prosecution": {"prosecution"},
    "bates": {"bates"},
    "doyle": {"doyle"},
    "court": {"judge", "staff"},
    "judge": {"judge"},
}
ALL = frozenset().union(*ATOMS.values())


def of(*sides: str) -> frozenset[str]:
    return frozenset().union(*(ATOMS[side] for side in sides)) if sides else frozenset()


@dataclass(frozen=True)
class Somebody:
    """`atoms`: what they belong to; none for a stranger. `sides`: whom they act for. `acts`: not an observer."""

    name: str
    atoms: frozenset[str] = frozenset()
    sides: tuple[str, ...] = ()
    role: str = ""

    @property
    def inside(self) -> bool:
        return bool(self.atoms)

    @property
    def acts(self) -> bool:
        return self.role not in ("", "observer")


PEOPLE = [
    Somebody("priya", of("prosecution"), ("prosecution",), "prosecution"),
    Somebody("daniel", of("bates"), ("bates",), "defence"),
    Somebody("mari", of("doyle"), ("doyle",), "defence"),
    Somebody("ruth", of("court"), ("court",), "judge"),  # the judge's own and the court's
    Somebody("tom", frozenset({"staff"}), ("court",), "clerk"),
    Somebody("nia", of("doyle"), ("doyle",), "observer"),
    Somebody("both", of("bates", "doyle"), ("bates", "doyle"), "defence"),
    Somebody("kit", of("doyle"), ("doyle",), "defence"),  # was for Bates, was removed, came back for Doyle
    Somebody("hannah"),  # was for the prosecution, and was removed
    Somebody("sam"),  # in another case
    Somebody("nobody"),
]
BY_NAME = {one.name: one for one in PEOPLE}


@dataclass
class Part:
    """A section and the atoms it is for; its title is a word that is nowhere else."""

    letter: str
    atoms: frozenset[str]
    word: str
    row: Any = None
    was_open: bool = False


@dataclass
class Paper:
    section: Part
    side: str  # that serves it
    state: str
    chosen: frozenset[str]
    word: str  # in its title
    text: str  # in its pages
    row: Any = None
    pages: list[Any] = field(default_factory=list)
    label: str | None = None
    uploader: str = ""
    # The words and pages of the version before, where there is one.
    was: str = ""
    before: list[Any] = field(default_factory=list)

    def before_seen_by(self, who: Somebody) -> bool:
        return self.side in who.sides and self.seen_by(who)

    @property
    def reaches(self) -> frozenset[str]:
        """The atoms it is for, were it served."""
        return self.section.atoms & self.chosen

    def seen_by(self, who: Somebody) -> bool:
        if self.state == "staged":
            # Of its side those who see its section (and who uploaded it); the whole side where nobody of it does.
            theirs = ATOMS[self.side] & self.section.atoms
            mine = who.name == self.uploader
            return self.side in who.sides and (mine or not theirs or bool(who.atoms & theirs))
        return self.state == "served" and bool(who.atoms & self.reaches)

    def told_of(self, who: Somebody) -> bool:
        """Whether its title may stand somewhere for them: also in the journal, after it was withdrawn."""
        return bool(who.atoms & self.reaches) if self.state == "withdrawn" else self.seen_by(who)


@dataclass
class Remark:
    paper: Paper
    author: Somebody
    atoms: frozenset[str]
    word: str
    alive: bool = True
    row: Any = None

    def seen_by(self, who: Somebody) -> bool:
        mine = who.name == self.author.name
        return (
            self.alive and who.inside and self.paper.seen_by(who) and (mine or bool(who.atoms & self.atoms))
        )


@dataclass
class World:
    sections: list[Part]
    papers: list[Paper]
    remarks: list[Remark]
    clients: dict[str, Client]
    hearing: Any
    screen: Any
    presented: Paper
    participants: dict[str, Any]
    removed: Any


def word() -> str:
    """A word that is nowhere else: eleven letters."""
    return "q" + "".join(secrets.choice("bcdfghjklmnprstvz") for _n in range(10))


# --- the case, as the product makes it ----------------------------------------------------------
def _document(chance: random.Random, who: Any, paper: Paper, sha256: str, pages: int) -> None:
    from casebundle.journal.audience import join

    visible_to = None
    if paper.chosen != ALL:
        tokens = [side for side in ("prosecution", "bates", "doyle") if ATOMS[side] <= paper.chosen]
        visible_to = services.visible_to_choice(who, paper.side, tokens or [paper.side])
    row = Document.objects.create(
        case=who.case, section=paper.section.row, position=services.next_position(paper.section.row),
        title=f"Statement {paper.word}", party=paper.side, uploaded_by=who.participant,
        visible_to=visible_to or services.visible_to_choice(who, paper.side, None), audience=join([paper.side]),
    )  # fmt: skip
    if chance.random() < 0.5:
        paper.was = word()
        paper.before = _version(who, row, paper, 1, sha256, pages, paper.was)
    paper.pages = _version(who, row, paper, 2, sha256, pages, paper.text)
    paper.row = row


def _version(who: Any, row: Any, paper: Paper, number: int, sha256: str, pages: int, said: str) -> list[Any]:
    """A version of a document that people read from now on; its pages."""
    services.settle_audience(row, own=True)
    version = Version.objects.create(
        document=row, number=number, name=f"{paper.word}.pdf", sha256=sha256, size=1, uploaded_by=who.participant,
        status=Version.Status.READY, pages=pages, sizes=[[pages, 595, 842]],
    )  # fmt: skip
    Document.objects.filter(pk=row.pk).update(current=version)
    made, text = [], f"common {said}"
    for n in range(pages):
        page = Page.objects.create(id=page_id(version.pk, n), version=version, index=n, width=595, height=842)
        PageText.pack(page.pk, text, [(0.1, 0.1, 0.2, 0.12, one) for one in text.split()]).save(
            force_insert=True
        )
        made.append(page)
    return made


def build(seed: int, cast: Any) -> World:
    chance = random.Random(seed)
    case, clerk = cast.case, viewer(cast.tom)
    users = {name: cast[name] for name in ("priya", "daniel", "mari", "ruth", "tom", "sam")}
    for name, role, sides in (
        ("nia", "observer", ["doyle"]),
        ("both", "defence", ["bates", "doyle"]),
        ("kit", "defence", ["bates"]),
        ("hannah", "prosecution", ["prosecution"]),
    ):
        users[name] = User.objects.create_user(f"{name}@x.example", "not a password", name=name.title())
        people.join(case, users[name], role, sides)
    kit, hannah = (viewer(users[name]).participant for name in ("kit", "hannah"))
    clients = {name: Client() for name in (*users, "nobody")}
    for name, user in users.items():
        clients[name].force_login(user, backend=BACKEND)

    bundle = Bundle.objects.get(case=case, slug="main")
    plans: list[tuple[str, list[str] | None]] = [
        ("R1", None), ("R2", ["bates", "court"]), ("R3", ["prosecution", "court"]), ("R4", ["judge"]),
        ("R5", ["doyle"]), ("R6", ["prosecution", "bates"]), ("R7", None),
    ]  # fmt: skip
    sections = []
    for letter, sides in plans:
        part = Part(letter, of(*sides) if sides else ALL, word())
        part.was_open = sides is None
        part.row = services.add_section(clerk, bundle, letter, f"Part {part.word}", sides)
        sections.append(part)

    pages = chance.randint(1, 2)
    # A file of its own for each world, under the name of its bytes.
    data = pdf(["One."] * pages) + f"% {secrets.token_hex(16)}\n".encode()
    sha256 = hashlib.sha256(data).hexdigest()
    default_storage.save(files.original_key(sha256), ContentFile(data))
    size = default_storage.size(files.original_key(sha256))
    # R1 so that there is something for everybody; the rest at random. A party puts in where it sees the section.
    papers = []
    for n in range(16):
        part = sections[0] if n < 4 else chance.choice(sections)
        server = chance.choice([p for p in PEOPLE if p.acts and p.atoms & part.atoms and p.name != "both"])
        side = server.sides[0]
        chosen = ALL
        if chance.random() < 0.5:
            others = chance.sample(["prosecution", "bates", "doyle"], chance.randint(0, 2))
            chosen = of(side, "court", *others)
        state = "served" if n < 2 else chance.choice(["staged", "served", "served", "served", "withdrawn"])
        paper = Paper(part, side, state, chosen, word(), word())
        if n == 0:
            paper.chosen = ALL
        name = "kit" if server.name == "kit" and side == "bates" else server.name
        who = viewer(users[name if name != "kit" else {"bates": "daniel", "doyle": "mari"}[side]])
        paper.uploader = name if name != "kit" else {"bates": "daniel", "doyle": "mari"}[side]
        _document(chance, who, paper, sha256, pages)
        Version.objects.filter(document=paper.row).update(size=size)
        if state != "staged":
            services.serve(who, [paper.row.pk])
        papers.append(paper)
        if state == "withdrawn":
            services.withdraw(who, Document.objects.get(pk=paper.row.pk), "In error")
    hearing = court.open_hearing(viewer(cast.ruth), "Trial, day 1")
    screen = court.new_screen(clerk, hearing, "Jury")
    hearing = court.give_floor(viewer(cast.ruth), hearing, viewer(cast.priya).participant)
    presented = chance.choice([p for p in papers if p.seen_by(BY_NAME["priya"]) and p.state == "served"])
    court.turn(viewer(cast.priya), hearing, Page.objects.get(pk=presented.pages[0].pk))

    remarks = []
    for _n in range(24):
        author = chance.choice([p for p in PEOPLE if p.acts and p.name != "kit"])
        seen = [paper for paper in papers if paper.seen_by(author)]
        paper, choice = chance.choice(seen), chance.choice(["private", "party", "parties", "case"])
        named = chance.sample(["prosecution", "bates", "doyle", "court", "judge"], chance.randint(1, 3))
        atoms = {
            "private": frozenset(), "party": of(*author.sides), "parties": of(*named), "case": ALL,
        }[choice]  # fmt: skip
        remark = Remark(paper, author, atoms, word())
        writer = viewer(users[author.name])
        remark.row = notes.create(
            writer, Page.objects.get(pk=chance.choice(paper.pages).pk), kind="note", body=f"Mind {remark.word}",
            choice=choice, parties=named if choice == "parties" else None,
        )  # fmt: skip
        if chance.random() < 0.3:
            # For its author alone from now on.
            notes.edit(writer, remark.row, choice="private")
            remark.atoms = frozenset()
        elif chance.random() < 0.15:
            notes.delete(writer, remark.row)
            remark.alive = False
        remarks.append(remark)

    # A section that was open is narrowed, with what is in it; somebody goes; somebody changes sides.
    services.restrict_section(clerk, Section.objects.get(pk=sections[6].row.pk), ["prosecution", "court"])
    sections[6].atoms = of("prosecution", "court")
    people.remove(clerk, hannah)
    people.remove(clerk, kit)
    people.join(case, users["kit"], "defence", ["doyle"])
    labels = Labels([paper.row for paper in papers])
    for paper in papers:
        paper.row = Document.objects.get(pk=paper.row.pk)
        paper.label = labels.label(paper.row.pk, 0) if paper.state == "served" else None
    index_due()
    return World(
        sections, papers, remarks, clients, hearing, screen, presented,
        {name: viewer(users[name]).participant for name in users if name not in ("hannah", "sam")}, hannah,
    )  # fmt: skip


# --- what the model says of an address ----------------------------------------------------------
def in_or(who: Somebody, answer: int | str) -> int | str:
    """Who is not signed in is sent to sign in, from a page."""
    return "in" if who.name == "nobody" else answer


def api(who: Somebody, answer: int) -> int:
    return 401 if who.name == "nobody" else answer


def paper_routes(paper: Paper, who: Somebody) -> list[tuple[str, Any, str]]:
    """(address, what comes, the same address of something that never was)."""
    pk, page, seen = str(paper.row.pk), paper.pages[-1].pk, paper.seen_by(who)
    never, no_page = str(uuid.uuid4()), page_id(uuid.uuid4(), len(paper.pages) - 1)
    own = paper.side in who.sides
    ok = 200 if seen else 404
    changes = who.acts and own
    orders = who.role in ("prosecution", "judge", "clerk")
    served = paper.state == "served"
    found: list[tuple[str, Any, str]] = [
        (f"{API}/documents/{pk}", api(who, ok), f"{API}/documents/{never}"),
        (f"{API}/documents/{pk}/pages", api(who, ok), f"{API}/documents/{never}/pages"),
        (
            f"{API}/documents/{pk}/original",
            api(who, ok if not seen or own or "court" in who.sides else 403),
            f"{API}/documents/{never}/original",
        ),
        (f"{API}/documents/{pk}/pdf", api(who, ok), f"{API}/documents/{never}/pdf"),
        (f"{API}/documents/{pk}/receipt", api(who, (200 if served else 409) if seen else 404),
         f"{API}/documents/{never}/receipt"),
        (f"{API}/pages/{page}", api(who, ok), f"{API}/pages/{no_page}"),
        (f"{API}/pages/{page}/image?width=200", api(who, ok), f"{API}/pages/{no_page}/image?width=200"),
        (f"{API}/pages/{page}/text", api(who, ok), f"{API}/pages/{no_page}/text"),
        (f"{API}/pages/{page}/notes", api(who, ok), f"{API}/pages/{no_page}/notes"),
        (f"{C}/documents/{pk}/1", in_or(who, ok), f"{C}/documents/{never}/1"),
        (f"{C}/documents/{pk}/pages.json", in_or(who, ok), f"{C}/documents/{never}/pages.json"),
        (
            f"/screen/{{code}}/page/{page}",
            200 if shown_on_screen(paper, page) else 404,
            f"/screen/{{code}}/page/{no_page}",
        ),
    ]  # fmt: skip
    if paper.before:
        old = 200 if paper.before_seen_by(who) else 404
        gone = paper.before[-1].pk
        found += [
            (f"{API}/pages/{gone}", api(who, old), f"{API}/pages/{no_page}"),
            (f"{API}/pages/{gone}/image?width=200", api(who, old), f"{API}/pages/{no_page}/image?width=200"),
            (f"{API}/pages/{gone}/text", api(who, old), f"{API}/pages/{no_page}/text"),
            (f"{API}/pages/{gone}/notes", api(who, old), f"{API}/pages/{no_page}/notes"),
            (f"/screen/{{code}}/page/{gone}", 404, f"/screen/{{code}}/page/{no_page}"),
            (
                f"{API}/documents/{pk}/original?version=1",
                api(who, old if own or not seen or "court" in who.sides else 403),
                f"{API}/documents/{never}/original?version=1",
            ),
        ]
    if served:
        edits = (200 if changes or orders else 403) if seen else 404
        found.append((f"/documents/{pk}/edit/", in_or(who, edits), f"/documents/{never}/edit/"))
        withdraws = (200 if changes else 403) if seen else 404
        found.append((f"/documents/{pk}/withdraw/", in_or(who, withdraws), f"/documents/{never}/withdraw/"))
        found.append((f"/documents/{pk}/receipt/", in_or(who, ok), f"/documents/{never}/receipt/"))
    if paper.label:
        found += [
            (f"{AC}/pages/{paper.label}", api(who, ok), f"{AC}/pages/ZZ99"),
            (f"{C}/main/{paper.label}", in_or(who, ok), f"{C}/main/ZZ99"),
            (f"{C}/main/go?to={paper.label}", in_or(who, 302 if seen else 404), f"{C}/main/go?to=ZZ99"),
        ]
    return found


PRESENTED: list[Paper] = []


def shown_on_screen(paper: Paper, page: str) -> bool:
    """A screen is in open court: it shows the one page that is presented, if it is for everybody."""
    return (
        paper is PRESENTED[0]
        and page == paper.pages[0].pk
        and paper.state == "served"
        and paper.reaches == ALL
    )


def remark_routes(remark: Remark, who: Somebody) -> list[tuple[str, Any, str]]:
    never = uuid.uuid4()
    return [
        (
            f"{API}/notes/{remark.row.pk}",
            api(who, 200 if remark.seen_by(who) else 404),
            f"{API}/notes/{never}",
        )
    ]


def other_routes(world: World, who: Somebody) -> list[tuple[str, Any, str]]:
    never, ok = uuid.uuid4(), 200 if who.inside else 404
    manages = (200 if who.role == "clerk" else 403) if who.inside else 404
    found: list[tuple[str, Any, str]] = [
        (f"/hearings/{world.hearing.pk}/", in_or(who, ok), f"/hearings/{never}/"),
        (f"{API}/hearings/{world.hearing.pk}", api(who, ok), f"{API}/hearings/{never}"),
        (AC, api(who, ok), f"{API}/cases/T20260000"),
        (f"{C}/", in_or(who, ok), "/cases/T20260000/"),
        (f"{C}/people/{world.participants['mari'].pk}/", in_or(who, manages), f"{C}/people/{never}/"),
        (
            f"{C}/people/{world.participants['mari'].pk}/name/",
            in_or(who, manages),
            f"{C}/people/{never}/name/",
        ),
        # Who was removed is not there for anybody.
        (f"{C}/people/{world.removed.pk}/", in_or(who, 404), f"{C}/people/{never}/"),
        (
            f"{API}/cases/{OTHER}",
            api(who, 200 if who.name in ("sam", "tom") else 404),
            f"{API}/cases/T20260000",
        ),
    ]
    for part in world.sections:
        sees = bool(who.atoms & part.atoms)
        answer = (404 if not sees and who.inside and who.role == "clerk" else manages) if who.inside else 404
        if who.inside and who.role != "clerk":
            answer = 403 if sees else 404
        found.append(
            (
                f"{C}/bundles/main/sections/{part.row.pk}/",
                in_or(who, answer),
                f"{C}/bundles/main/sections/{never}/",
            )
        )
    return found


# --- asking ---------------------------------------------------------------------------------------
TOKEN = re.compile(
    rb"csrf\w*[^>]*value=\"[^\"]*\"|X-CSRFToken[^}]*|&quot;csrf&quot;: &quot;\w+|\"csrf\": ?\"\w+"
)


def bare(response: Any, address: str) -> tuple[int, dict[str, str], bytes]:
    """An answer without what the asker sent themselves and the form's own token."""
    asked = address.partition("?")
    body = TOKEN.sub(b"", response.content)
    # The label that was asked for, too; "A1" may stand anywhere, so that address is taken out first.
    last = re.split(r"[/=]", address.rstrip("/"))[-1]
    parts = {address, asked[0], last, *re.findall(r"[0-9a-f-]{32,}(?:-\d+)?|T\d{8}", address)}
    for part in sorted(parts, key=len, reverse=True):
        body = body.replace(part.encode(), b"@")
    headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
    return response.status_code, headers, body


def answer_of(response: Any) -> int | str:
    if response.status_code == 302 and response["Location"].startswith("/accounts/login/"):
        return "in"
    return int(response.status_code)


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.parametrize("seed", SEEDS)
def test_everybody_gets_what_the_model_says_and_nothing_else(cast: Any, seed: int) -> None:
    world = build(seed, cast)
    PRESENTED[:] = [world.presented]
    chance = random.Random(f"walk {seed}")
    routes = [
        (who, *route)
        for who in PEOPLE
        for route in [
            *other_routes(world, who),
            *(route for paper in world.papers for route in paper_routes(paper, who)),
            *(route for remark in world.remarks for route in remark_routes(remark, who)),
        ]
    ]
    chance.shuffle(routes)
    wrong, hidden = [], 0
    for who, *pair, expected in [(who, asked, never, wanted) for who, asked, wanted, never in routes[:STEPS]]:
        address, never = (one.replace("{code}", world.screen.code) for one in pair)
        client = world.clients[who.name]
        response = client.get(address)
        body = body_of(response)
        if answer_of(response) != expected:
            wrong.append(f"{who.name} {address}: {answer_of(response)}, not {expected}")
        wrong += [f"{who.name} {address}: reads {one}" for one in leaks(world, who, body)]
        if expected == 404:
            hidden += 1
            other = client.get(never)
            if bare(response, address) != bare(other, never):
                wrong.append(f"{who.name} {address}: not the same 404 as {never}")
    assert not wrong, f"{len(wrong)} differences:\n" + "\n".join(wrong[:40])
    assert hidden > STEPS // 6


def leaks(world: World, who: Somebody, body: bytes) -> list[str]:
    """The words in an answer that are in nothing this person may be told of."""
    text = body.decode("utf-8", "replace")
    found = []
    for paper in world.papers:
        if not paper.told_of(who) and paper.word in text:
            found.append(f"the title of {paper.row.pk} ({paper.state}, {paper.section.letter})")
        if not paper.seen_by(who) and paper.text in text:
            found.append(f"the words of {paper.row.pk} ({paper.state}, {paper.section.letter})")
        if paper.was and not paper.before_seen_by(who) and paper.was in text:
            found.append(f"the words that {paper.row.pk} had before")
    found += [f"note {one.row.pk}" for one in world.remarks if not one.seen_by(who) and one.word in text]
    found += [f"section {one.letter}" for one in world.sections if not told_of(one, who) and one.word in text]
    return found


def told_of(part: Part, who: Somebody) -> bool:
    """Whether a section's title may stand somewhere for them: that it was made stays in the journal, for those who
    saw it then and for the court, which made it."""
    return bool(who.atoms & part.atoms) or "court" in who.sides or (who.inside and part.was_open)


# Screens and lists where many things stand together.
LISTS = [
    "/", f"{C}/", f"{C}/main/", f"{C}/main/?show=new", f"{C}/main/?arrange", f"{C}/main/read", f"{C}/main/pages.json",
    f"{C}/notes/", f"{C}/journal/", f"{C}/journal/?all=1", f"{C}/hearings/", f"{C}/people/", f"{C}/serve/",
    f"{C}/search/?q=common", "/search/?q=common", f"{C}/main/?q=statement", f"{C}/serve/check",
    f"{AC}/bundles/main", f"{AC}/journal?limit=500", f"{API}/search?q=common&limit=500", f"{AC}/participants", AC,
    f"{API}/cases", f"{C}/bundles/main/sections/", f"{C}/bundles/main/numbers/",
]  # fmt: skip


# About nobody's case in particular.
OPEN = ("/", "/search/?q=common", f"{API}/cases", f"{API}/search?q=common&limit=500")


@pytest.mark.parametrize("seed", SEEDS)
def test_lists_have_everything_that_is_theirs_and_nothing_else(cast: Any, seed: int) -> None:
    world = build(seed + 1000, cast)
    hearing = f"/hearings/{world.hearing.pk}/"
    pages = ",".join(page.pk for paper in world.papers for page in [*paper.pages, *paper.before])
    wrong = []
    for who in PEOPLE:
        client = world.clients[who.name]
        answers: dict[str, str] = {}
        for address in [*LISTS, hearing, f"{hearing}live/", f"{C}/notes.json?pages={pages}"]:
            response = client.get(address)
            answers[address] = body_of(response).decode("utf-8", "replace")
            wrong += [
                f"{who.name} {address}: reads {one}" for one in leaks(world, who, answers[address].encode())
            ]
            shut = not who.inside and address not in OPEN
            if shut and answer_of(response) not in (404, 401, "in"):
                wrong.append(f"{who.name} {address}: {answer_of(response)}")
        if not who.inside:
            continue
        served = [paper for paper in world.papers if paper.state == "served" and paper.seen_by(who)]
        staged = [paper for paper in world.papers if paper.state == "staged" and paper.seen_by(who)]
        # Into a section that is for others by now: it stands in none of theirs, and waits to be given another.
        placed = [paper for paper in staged if who.atoms & paper.section.atoms]
        for address, expected in (
            (f"{C}/main/", served),
            (f"{AC}/bundles/main", [*served, *placed]),
            (f"{C}/serve/", staged if who.acts else []),
            (f"{API}/search?q=common&limit=500", served),
            (f"{C}/search/?q=common", served),
        ):
            missing = [paper.row.pk for paper in expected if paper.word not in answers[address]]
            if missing:
                wrong.append(f"{who.name} {address}: lacks {missing}")
        for address in (f"{C}/notes/", f"{C}/notes.json?pages={pages}"):
            lacks = [
                one.row.pk for one in world.remarks if one.seen_by(who) and one.word not in answers[address]
            ]
            if lacks:
                wrong.append(f"{who.name} {address}: lacks notes {lacks}")
        total = client.get(f"{API}/search?q=common&limit=500").json()["total"]
        pages_seen = sum(len(paper.pages) for paper in served)
        if total != pages_seen:
            wrong.append(f"{who.name}: search counts {total} pages of {pages_seen}")
        lacks_section = [
            p.letter
            for p in world.sections
            if who.atoms & p.atoms and p.word not in answers[f"{AC}/bundles/main"]
        ]
        if lacks_section:
            wrong.append(f"{who.name}: lacks sections {lacks_section}")
    assert not wrong, f"{len(wrong)} differences:\n" + "\n".join(wrong[:40])


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT"])
def test_what_is_hidden_can_be_changed_by_nobody(cast: Any, method: str) -> None:
    """Whatever is sent to it, and by whomever: what they do not see is not there."""
    world = build(7, cast)
    wrong = []
    chance = random.Random(method)
    asked = []
    for who in PEOPLE:
        if who.name == "nobody":
            continue
        for paper in world.papers:
            if not paper.seen_by(who):
                pk, page = paper.row.pk, paper.pages[0].pk
                asked += [
                    (who, f"{API}/documents/{pk}", {"title": "mine"}, {"PATCH"}),
                    (who, f"{API}/documents/{pk}/withdraw", {"reason": "x"}, {"POST"}),
                    (who, f"{API}/pages/{page}/notes", {"kind": "note", "body": "x"}, {"POST"}),
                ]
        for remark in world.remarks:
            if not remark.seen_by(who):
                asked += [
                    (who, f"{API}/notes/{remark.row.pk}", {"body": "mine"}, {"PATCH", "DELETE"}),
                    (who, f"{API}/notes/{remark.row.pk}/replies", {"body": "x"}, {"POST"}),
                ]
    chance.shuffle(asked)
    for who, address, body, methods in asked[:60]:
        response = world.clients[who.name].generic(method, address, json.dumps(body), "application/json")
        wanted = 404 if method in methods else 405
        if response.status_code not in (wanted, 404):
            wrong.append(f"{who.name} {method} {address}: {response.status_code}")
    for paper in world.papers:
        assert Document.objects.get(pk=paper.row.pk).title == paper.row.title
    assert not wrong, "\n".join(wrong)
