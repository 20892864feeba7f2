"""Two installations of one story, told to the same second: one with what somebody may not see, one without it.

The story is a list of acts. Each says of itself who may know of it, in the words of the design and by nothing in
access.py. Times and ids follow from the act alone, so what one installation answers to somebody is, to the byte, what
the other one answers, unless something that they may not see has a part in it.
"""

from __future__ import annotations

import datetime
import hashlib
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from annotations import services as notes
from annotations.models import Note
from casebundle.bundles import arrange, services
from casebundle.bundles.labels import Labels
from casebundle.bundles.models import Bundle, Document, Page, Section, page_id
from casebundle.bundles.reading import opened
from casebundle.cases import people
from casebundle.cases.models import Participant
from casebundle.courtroom import services as court
from casebundle.evidence import intake
from tests.cast import OTHER, REFERENCE, pdf, read, viewer

CASE = ("priya", "daniel", "mari", "ruth", "tom")
EVERYBODY = frozenset({*CASE, "sam", None})
ALL = frozenset(CASE)
# Who each audience reaches, of the cast.
OF = {
    "prosecution": frozenset({"priya"}),
    "bates": frozenset({"daniel"}),
    "doyle": frozenset({"mari"}),
    "court": frozenset({"ruth", "tom"}),
    "judge": frozenset({"ruth"}),
}
SIDE = {"priya": "prosecution", "daniel": "bates", "mari": "doyle", "ruth": "court", "tom": "court"}
# The sections of the case: whom each is for. A document that is restricted within an open section is the last there,
# or has a section of its own: gaps in labels are admitted, so the story has none.
SECTIONS: dict[str, frozenset[str]] = {
    "A": ALL,
    "J": ALL,
    "UND2": OF["prosecution"] | OF["doyle"] | OF["bates"],
    "PD1": OF["bates"],
    "PD2": OF["doyle"],
    "RB": OF["bates"] | OF["prosecution"],
    "RD": OF["doyle"] | OF["court"],
    "RJ": OF["judge"],
}
BEGIN = datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.UTC)


def reach(*tokens: str) -> frozenset[str]:
    return frozenset().union(*(OF[token] for token in tokens)) if tokens else frozenset()


class Clock:
    """The time of every act, whatever was done before it."""

    now = BEGIN


class _Datetime(datetime.datetime):
    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return Clock.now


@contextmanager
def told(moment: datetime.datetime, name: str) -> Iterator[None]:
    """All that is made here has this time, and ids and secrets that follow from this name."""
    chance = random.Random(hashlib.sha256(name.encode()).digest())
    Clock.now = moment
    with ExitStack() as stack:
        for target in ("os.urandom", "random._urandom"):
            stack.enter_context(patch(target, chance.randbytes))
        # What is called for a column's default is the function itself; this is where it looks the time up.
        stack.enter_context(patch("django.utils.timezone.datetime", _Datetime))
        yield


@dataclass
class World:
    """One installation: the cast, what was made (by name), and what addresses are made of."""

    cast: Any
    things: dict[str, Any] = field(default_factory=dict)

    def who(self, name: str, reference: str = REFERENCE) -> Any:
        return viewer(self.cast[name], reference)

    @property
    def bundle(self) -> Bundle:
        return Bundle.objects.get(case=self.cast.case, slug="main")

    def document(self, name: str) -> Document:
        rows = Document.objects.select_related("section__bundle", "current", "case")
        return rows.get(pk=self.things[name].pk)

    def page(self, name: str, index: int = 0) -> Page:
        document = self.document(name)
        assert document.current is not None
        return document.current.page_set.get(index=index)


@dataclass(frozen=True)
class Act:
    """`known_to`: those of the cast who may learn that it was done. `serves`: it leaves a document of the case."""

    name: str
    known_to: frozenset[Any]
    do: Callable[[World], Any]
    serves: bool = False


def papers(n: int) -> list[str]:
    """The words of a document: some that all have, one of its own."""
    return [f"The van was seen on Calder Lane. word{n} and page {at}." for at in range(1 + n % 2)]


def serve(
    name: str,
    by: str,
    section: str,
    texts: list[str],
    *,
    chosen: list[str] | None = None,
    state: str = "served",
    reference: str = REFERENCE,
    twin: bytes | None = None,
) -> Act:
    """A file by somebody into a section: staged, served (on some alone), or served and withdrawn."""
    known = SECTIONS.get(section, ALL) & (ALL if chosen is None else reach(*chosen, SIDE[by], "court"))
    if state == "staged":
        # Of its side who uploaded it and who sees its section.
        known = frozenset({by}) | OF[SIDE[by]] & SECTIONS.get(section, ALL)
    if reference == OTHER:
        known = frozenset({"tom", "sam"})

    def do(world: World) -> Any:
        who = world.who(by, reference)
        bundle = Bundle.objects.get(case=who.case, slug="main")
        data = twin or pdf(texts)
        taken = intake.receive(
            who, bundle, section, f"{name}.pdf", [data], title=f"Paper {name}", visible_to=chosen
        )
        document = read(taken)
        if state != "staged":
            services.serve(who, [document.pk])
        if state == "withdrawn":
            services.withdraw(who, Document.objects.get(pk=document.pk), "Served in error")
        return read(Document.objects.get(pk=document.pk))

    return Act(name, known, do, serves=state == "served" and reference == REFERENCE)


def note(name: str, by: str, on: Act, choice: str, parties: list[str] | None = None) -> Act:
    aim = {"private": frozenset({by}), "party": OF[SIDE[by]], "case": ALL}.get(choice) or reach(
        *parties or ()
    )

    def do(world: World) -> Any:
        return notes.create(
            world.who(by),
            world.page(on.name),
            kind="note",
            body=f"Note {name}",
            choice=choice,
            parties=parties,
        )

    return Act(name, on.known_to & (aim | {by}), do)


def answer(name: str, by: str, to: Act) -> Act:
    def do(world: World) -> Any:
        return notes.reply(world.who(by), Note.objects.get(pk=world.things[to.name].pk), f"Answer {name}")

    return Act(name, to.known_to, do)


def base() -> list[Act]:
    """What there is to ask for by the routes of the permission table, under the names that its rows have."""
    hearing_known = EVERYBODY

    def sections(letter: str) -> Callable[[World], Any]:
        tokens = {"RB": ["bates", "prosecution"], "RD": ["doyle", "court"], "RJ": ["judge"]}[letter]
        return lambda world: services.add_section(
            world.who("tom"), world.bundle, letter, f"Part {letter}", tokens
        )

    # Who made a section knows of it, also where it is not for them.
    acts = [Act(f"section {x}", SECTIONS[x] | OF["court"], sections(x)) for x in ("RB", "RD", "RJ")]
    first = serve("open", "priya", "A", ["The red van.", "A second page of the van."])
    acts += [
        Act(first.name, EVERYBODY, first.do),
        _open_section("YB"),
        serve("bates", "priya", "YB", ["The blue van."], chosen=["bates"]),
        serve("und2", "priya", "UND2", ["The green van."]),
        serve("staged", "priya", "J", ["The grey van."], state="staged"),
        serve("private", "daniel", "PD1", ["The white van, for us alone."]),
        Act("replaced", ALL, serve("replaced", "priya", "A", ["The old van.", "Its plate."]).do),
        # What comes in place of it is seen once it is read; what is being read is its own side's.
        Act("new", ALL, lambda world: _put_in_place(world, "replaced", "The new van.")),
        Act("coming", OF["prosecution"], lambda world: _upload_in_place(world, "replaced", "The next van.")),
        Act("hearing", hearing_known, lambda world: court.open_hearing(world.who("ruth"), "Trial, day 1")),
        Act("floor", hearing_known, _floor),
        Act("turn", hearing_known, _turn),
        Act("listed", hearing_known, _listed),
        Act("screen", hearing_known, lambda w: court.new_screen(w.who("tom"), w.things["floor"], "Gallery")),
        Act(
            "guest",
            EVERYBODY,
            lambda w: people.invite(w.who("tom"), "guest@x.example", "observer", ["court"]),
        ),
        Act("account", EVERYBODY, _invite_account),
        Act("account_secret", EVERYBODY, lambda world: people.new_invitation(world.things["account"])),
        Act("secret", EVERYBODY, lambda world: people.new_invitation(world.things["guest"])),
        Act("token", frozenset({"daniel"}), lambda world: people.new_token(world.cast.daniel, "t")[0]),
    ]
    found = {act.name: act for act in acts}
    return [
        *acts,
        note("n_case", "daniel", found["open"], "case"),
        note("n_party", "daniel", found["open"], "party"),
        note("n_private", "daniel", found["open"], "private"),
        note("n_doyle", "daniel", found["open"], "parties", ["doyle"]),
        note("n_hidden", "daniel", found["bates"], "case"),
    ]


def _upload_in_place(world: World, name: str, text: str) -> Any:
    return intake.replace(world.who("priya"), world.document(name), "again.pdf", [pdf([text])])


def _put_in_place(world: World, name: str, text: str) -> Any:
    version = _upload_in_place(world, name, text)
    read(world.document(name))
    return version


def _invite_account(world: World) -> Any:
    """Somebody who has an account, and a case, of their own."""
    sam = world.cast.sam
    sam.set_password("three random words")
    sam.save()
    return people.invite(world.who("tom"), sam.email, "observer", ["court"])


def _floor(world: World) -> Any:
    return court.give_floor(world.who("ruth"), world.things["hearing"], world.who("priya").participant)


def _turn(world: World) -> Any:
    return court.turn(world.who("priya"), world.things["floor"], world.page("open"))


def _listed(world: World) -> Any:
    return court.open_hearing(world.who("ruth"), "Sentence", BEGIN + datetime.timedelta(days=300))


def chance_acts(seed: int, many: int) -> list[Act]:
    """Acts at random, of every kind that somebody may not see."""
    chance = random.Random(seed)
    acts: list[Act] = []
    twin = pdf(["The same file, twice."])
    for n in range(many):
        name = f"x{n}"
        kind = chance.choice(
            ["serve", "serve", "serve", "stage", "withdraw", "note", "note", "reply", "widen", "move", "open",
             "other", "section", "replace", "twin", "token"]
        )  # fmt: skip
        by = chance.choice(CASE)
        places = [letter for letter, known in SECTIONS.items() if by in known]
        section = chance.choice(places)
        chosen = None
        if kind in ("serve", "stage", "withdraw", "twin") and chance.random() < 0.3:
            section, chosen = f"Y{n}", chance.sample(["prosecution", "bates", "doyle"], chance.randint(1, 2))
            acts.append(_open_section(section))
        texts = papers(n)
        served = [act for act in acts if act.serves]
        if kind in ("serve", "stage", "withdraw"):
            state = {"serve": "served", "stage": "staged", "withdraw": "withdrawn"}[kind]
            acts.append(serve(name, by, section, texts, chosen=chosen, state=state))
        elif kind == "twin":
            acts.append(serve(name, by, section, texts, chosen=chosen, twin=twin))
        elif kind == "other":
            acts.append(serve(name, "tom", "A", texts, reference=OTHER))
        elif kind == "section":
            letter = f"Q{n}"
            tokens = chance.choice([["judge"], ["bates", "doyle"], ["prosecution", "judge"], ["doyle"]])
            acts.append(_section(name, letter, tokens))
        elif kind == "token":
            acts.append(_token(name, by))
        elif served:
            on = chance.choice(served)
            mine = sorted(who for who in on.known_to if who in ALL)
            if not mine:
                continue
            who = chance.choice(mine)
            if kind in ("note", "reply", "widen"):
                choice = chance.choice(["private", "party", "parties", "case"])
                parties = (
                    chance.sample(["prosecution", "bates", "doyle", "judge"], 2)
                    if choice == "parties"
                    else None
                )
                one = note(name, who, on, choice, parties)
                acts.append(one)
                if kind == "reply" and one.known_to:
                    acts.append(answer(f"{name}a", chance.choice(sorted(one.known_to)), one))
                if kind == "widen":
                    acts.append(_narrow(f"{name}w", who, one))
            elif kind == "open":
                acts.append(_opened(name, who, on))
            elif kind == "move":
                acts.append(_move(name, on))
            elif kind == "replace":
                acts.append(_replace(name, on))
    return acts


def last() -> list[Act]:
    """What is restricted within a section that everybody sees, after all that they see in it."""
    return [
        serve("last a", "priya", "A", ["Word1 for Bates, the van."], chosen=["bates"]),
        serve("last j", "mari", "J", ["Word1 for the prosecution, the van."], chosen=["prosecution"]),
    ]


def story(seed: int, many: int) -> list[Act]:
    return [*base(), *chance_acts(seed, many), *last()]


def _open_section(letter: str) -> Act:
    return Act(
        f"section {letter}",
        ALL,
        lambda w: services.add_section(w.who("tom"), w.bundle, letter, f"Part {letter}", None),
    )


def _section(name: str, letter: str, tokens: list[str]) -> Act:
    known = reach(*tokens) | OF["court"]
    return Act(
        name, known, lambda w: services.add_section(w.who("tom"), w.bundle, letter, f"Part {letter}", tokens)
    )


def _token(name: str, by: str) -> Act:
    return Act(name, frozenset({by}), lambda world: people.new_token(world.cast[by], name)[0])


def _narrow(name: str, who: str, on: Act) -> Act:
    """A note is for its author alone from now on: those who could see it know that it is gone."""

    def do(world: World) -> Any:
        return notes.edit(
            world.who(who), Note.objects.select_related("page__version__document").get(pk=world.things[on.name].pk),
            choice="private",
        )  # fmt: skip

    return Act(name, on.known_to, do)


def _opened(name: str, who: str, on: Act) -> Act:
    """What somebody reads is theirs alone."""

    def do(world: World) -> Any:
        document = world.document(on.name)
        if Document.objects.visible_to(world.who(who)).served().filter(pk=document.pk).exists():
            opened(world.who(who), document.current)

    return Act(name, frozenset({who}), do)


def _move(name: str, on: Act) -> Act:
    """Its own side puts it first in its section, where that moves nobody else's labels."""

    def do(world: World) -> Any:
        document = world.document(on.name)
        who = next(one for one in CASE if SIDE[one] == document.party)
        if document.section.letter in ("A", "J") or document.state != "served":
            return None
        return arrange.step(world.who(who), document, "up")

    return Act(name, on.known_to, do)


def _replace(name: str, on: Act) -> Act:
    def do(world: World) -> Any:
        document = world.document(on.name)
        who = next(one for one in CASE if SIDE[one] == document.party)
        if document.state == "withdrawn":
            return None
        intake.replace(world.who(who), document, f"{name}.pdf", [pdf([f"Put right. word{name}."])])
        return read(document)

    return Act(name, on.known_to, do)


def play(acts: list[Act], viewer_name: str | None, whole: bool) -> World:
    """The story with all of it, or with what `viewer_name` may know of."""
    from tests.cast import cast as cast_fixture

    with told(BEGIN - datetime.timedelta(days=1), "cast"):
        world = World(cast_fixture.__wrapped__(None))  # type: ignore[attr-defined]
    for at, act in enumerate(acts):
        if whole or viewer_name in act.known_to:
            with told(BEGIN + datetime.timedelta(minutes=at), act.name):
                world.things[act.name] = act.do(world)
    return world


def names_of(world: World) -> dict[str, str]:
    """What the placeholders of the permission table stand for; what was not made has no name here."""
    things = world.things
    part = {p.user.email.split(".")[0]: p for p in Participant.objects.filter(case=world.cast.case)}
    found: dict[str, Any] = {f"p_{name}": participant.pk for name, participant in part.items()}
    found["p_sam"] = Participant.objects.get(user=world.cast.sam, case=world.cast.other_case).pk
    for name in ("open", "bates", "und2", "staged", "private", "replaced"):
        if name in things:
            document = world.document(name)
            assert document.current_id is not None
            found[name] = document.pk
            found[f"pg_{name}"] = page_id(document.current_id, 0)
            found[f"l_{name}"] = Labels([document]).label(document.pk, 0)
            found[f"s_{name}"] = document.section_id
            if name == "replaced":
                for number, called in ((1, "pg_old"), (2, "pg_new"), (3, "pg_coming")):
                    version = document.versions.filter(number=number).first()
                    if version is not None:
                        found[called] = page_id(version.pk, 0)
            if document.served_entry:
                found[f"{'served' if name == 'open' else name}_seq"] = document.served_entry
            if name == "open":
                found["pg_open2"] = page_id(document.current_id, 1)
    for name in ("n_case", "n_party", "n_private", "n_doyle", "n_hidden", "hearing", "listed", "token"):
        if name in things:
            found[name] = things[name].pk
    found["code"], found["secret"] = things["screen"].code, things["secret"]
    found["account_secret"] = things["account_secret"]
    found["s_und2"] = Section.objects.get(bundle=world.bundle, letter="UND2").pk
    return {name: str(value) for name, value in found.items()}
