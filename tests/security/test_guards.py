"""Who may do what is decided by the function that does it, and not by the page, route or socket that calls it.

Two laws. What faces people (whatever imports HTTP, forms, ninja or channels) does not look at somebody's part, but for
what is listed here with its reason: that list may only shrink. And every public function of a room that takes a Viewer
first is either one that only reads, or is called here as each of the cast: whoever may not is refused by it alone.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from casebundle.bundles.services import Conflict
from casebundle.cases.access import NotAllowed, NotVisible
from casebundle.journal.models import Entry
from tests.cast import OTHER, Cast, pdf, read, viewer

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("casebundle", "annotations", "search")

# --- what faces people decides nothing ------------------------------------------------------------
FACES = ("django.http", "django.forms", "django.shortcuts", "django.template", "ninja", "channels")
# These are faces too, though they import nothing of that.
SOCKETS = ("consumers.py", "court.py", "entrance.py", "presence.py", "sockets.py")
# Reading one of these is to ask what somebody's part is.
ASKS = {
    "role", "may", "require", "acts_for", "is_court_staff", "may_edit", "may_edit_of", "may_create_cases",
    "may_have_original", "sees",
}  # fmt: skip
OF_A_VIEWER = {"party", "parties"}
# Writing without a room.
WRITES = {"save", "delete", "create", "bulk_create", "get_or_create", "update_or_create", "append_all"}

PAGE = "the page of a form is not offered to who may not send it; the room refuses the form itself"
OFFERS = "decides what is offered, and no more"
SHOWN = "is shown, and decides nothing"
FIRST = "asked before the file or the form is looked at; the room asks again"
AGAIN = "the password is asked for again, by pages and by the API for a session"
ALLOWED: dict[str, str] = {
    "annotations/templatetags/reader_notes.py: notes_setup may": OFFERS,
    "annotations/templatetags/reader_notes.py: notes_setup parties": SHOWN,
    "annotations/views.py: notes may": OFFERS,
    "casebundle/api/routes/cases.py: change_participant role": "the role that was sent",
    "casebundle/api/routes/cases.py: change_participant require": AGAIN,
    "casebundle/api/routes/cases.py: invite role": "the role that was sent",
    "casebundle/api/routes/cases.py: me may_create_cases": SHOWN,
    "casebundle/api/routes/documents.py: upload require": FIRST,
    "casebundle/api/shapes.py: _document acts_for": "what is said of another document is for its own side",
    "casebundle/api/shapes.py: _document may_edit": "who may not change it is not told whom its server chose",
    "casebundle/api/shapes.py: bundle parties": "a newer version that is being read is its own side's alone",
    "casebundle/api/shapes.py: case_item parties": SHOWN,
    "casebundle/api/shapes.py: case_item party": SHOWN,
    "casebundle/api/shapes.py: case_item role": SHOWN,
    "casebundle/api/shapes.py: document may_have_original": OFFERS,
    "casebundle/api/shapes.py: newer_versions acts_for": "a newer version that is being read is its own side's alone",
    "casebundle/bundles/files.py: keep save": "the bytes of a file that the room has taken in",
    "casebundle/bundles/reader.py: _reader may": OFFERS,
    "casebundle/bundles/reader.py: _reader parties": SHOWN,
    "casebundle/bundles/views.py: _ask_first may_edit": "whom it would show it to is asked of those who may do it",
    "casebundle/bundles/views.py: add_defendant require": PAGE,
    "casebundle/bundles/views.py: edit may": PAGE,
    "casebundle/bundles/views.py: edit may_edit": PAGE,
    "casebundle/bundles/views.py: freeze require": PAGE,
    "casebundle/bundles/views.py: index may": OFFERS,
    "casebundle/bundles/views.py: index may_arrange": OFFERS,
    "casebundle/bundles/views.py: index parties": SHOWN,
    "casebundle/bundles/views.py: index role": OFFERS,
    "casebundle/bundles/views.py: new_section require": PAGE,
    "casebundle/bundles/views.py: numbers require": PAGE,
    "casebundle/bundles/views.py: restrict require": PAGE,
    "casebundle/bundles/views.py: sections require": PAGE,
    "casebundle/bundles/views.py: withdraw may_edit": PAGE,
    "casebundle/cases/account_forms.py: ChangeForm.save save": "one's own password, as allauth saves it",
    "casebundle/cases/forms.py: PartForm.initial_of role": SHOWN,
    "casebundle/cases/limits.py: count delete": "counts of tries are about nobody's case",
    "casebundle/cases/limits.py: forget delete": "counts of tries are about nobody's case",
    "casebundle/cases/limits.py: give_back update": "counts of tries are about nobody's case",
    "casebundle/cases/views.py: _managed require": PAGE,
    "casebundle/cases/views.py: _row parties": SHOWN,
    "casebundle/cases/views.py: account save": "one's own name and language",
    "casebundle/cases/views.py: invite require": PAGE,
    "casebundle/cases/views.py: people_list may": OFFERS,
    "casebundle/courtroom/consumers.py: CaseSocket.catch_up sees": "a frame goes to those that its audience reaches",
    "casebundle/courtroom/consumers.py: ScreenSocket.show sees": "a frame goes to those that its audience reaches",
    "casebundle/courtroom/court.py: Court.heard sees": "a frame goes to those that its audience reaches",
    "casebundle/courtroom/court.py: Court._tell_what_changed sees": "a frame goes to those that its audience reaches",
    "casebundle/courtroom/doors.py: NotGuessed.__call__ may_knock": "how often an address may knock",
    "casebundle/courtroom/views.py: _page_context may": OFFERS,
    "casebundle/courtroom/views.py: _page_context role": OFFERS,
    "casebundle/courtroom/views.py: _part role": SHOWN,
    "casebundle/courtroom/views.py: hearings may": OFFERS,
    "casebundle/courtroom/views.py: hearings require": FIRST,
    "casebundle/courtroom/views.py: new_screen require": FIRST,
    "casebundle/desk/views.py: _actions role": OFFERS,
    "casebundle/desk/views.py: case parties": SHOWN,
    "casebundle/desk/views.py: my_cases may_create_cases": OFFERS,
    "casebundle/desk/views.py: new_case may_create_cases": PAGE,
    "casebundle/evidence/views.py: _receipt_page may": OFFERS,
    "casebundle/evidence/views.py: _server require": PAGE,
}


def faces() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" in path.parts or "demo" in path.parts:
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            names = {
                name
                for node in ast.walk(tree)
                for name in (
                    [f"{node.module}.{alias.name}" for alias in node.names]
                    if isinstance(node, ast.ImportFrom) and node.module and not node.level
                    else [alias.name for alias in node.names]
                    if isinstance(node, ast.Import)
                    else []
                )
            }
            known = path.name in SOCKETS or "api" in path.parts
            if known or any(name == face or name.startswith(f"{face}.") for name in names for face in FACES):
                yield str(path.relative_to(ROOT)), tree


def _asked(node: ast.AST) -> str:
    """What is asked here, or ""."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        return node.id if node.id.startswith("may_") else ""
    if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
        return ""
    if node.attr in ASKS:
        return node.attr
    of = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    return node.attr if node.attr in OF_A_VIEWER and of in ("viewer", "eye", "who", "participant") else ""


def _written(node: ast.AST) -> str:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return ""
    name, of = node.func.attr, node.func.value
    if name in ("append", "append_all", "changes") and getattr(of, "id", "") == "record":
        return f"record.{name}"
    if name == "update" and node.keywords and not node.args:  # of a queryset
        return name
    return name if name in WRITES and (name == "save" or "objects" in ast.unparse(of)) else ""


def _found(tree: ast.Module, of: Callable[[ast.AST], str]) -> set[str]:
    found: set[str] = set()

    def go(node: ast.AST, inside: str) -> None:
        for child in ast.iter_child_nodes(node):
            here = inside
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                here = f"{inside}.{child.name}".lstrip(".")
            what = of(child)
            if what:
                found.add(f"{here} {what}")
            go(child, here)

    go(tree, "")
    return found


def test_what_faces_people_decides_nothing() -> None:
    found = {
        f"{path}: {one}" for path, tree in faces() for of in (_asked, _written) for one in _found(tree, of)
    }
    new, gone = sorted(found - set(ALLOWED)), sorted(set(ALLOWED) - found)
    assert not new, "a guard, or a write, outside its room (move it, or say why not):\n" + "\n".join(new)
    assert not gone, "not there any more; take it off the list:\n" + "\n".join(gone)


ASKED_IN_TEMPLATES = {
    'templates/desk/case.html: viewer.role == "prosecution"': OFFERS,
    'templates/desk/case.html: viewer.role == "defence"': OFFERS,
    'templates/desk/case.html: viewer.role == "clerk"': OFFERS,
    'templates/desk/case.html: person.role == "judge"': SHOWN,
    'templates/desk/case.html: person.role == "clerk"': SHOWN,
    'templates/desk/case.html: person.role == "observer"': SHOWN,
}


def test_templates_decide_nothing() -> None:
    asked = re.compile(r'[\w.]+\.role [!=]= "\w+"|[\w.]+\.(?:may|acts_for|is_court_staff)\b')
    found = {
        f"{path.relative_to(ROOT)}: {one}"
        for path in (ROOT / "templates").rglob("*.html")
        for one in asked.findall(path.read_text(encoding="utf-8"))
    }
    assert found == set(ASKED_IN_TEMPLATES)


# --- the rooms decide, whoever calls them ---------------------------------------------------------
def _public_and_private(name: str) -> tuple[dict[str, ast.FunctionDef], set[str]]:
    """The functions of a module, and the names of those that write, by themselves or by another one of it."""
    tree = ast.parse(Path(importlib.import_module(name).__file__ or "").read_text(encoding="utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    calls = {
        key: {node.id for node in ast.walk(function) if isinstance(node, ast.Name)} & set(functions)
        for key, function in functions.items()
    }
    writing = {
        key
        for key, function in functions.items()
        if any(_written(node) for node in ast.walk(function))
        or any("record.changes" in ast.unparse(one) for one in function.decorator_list)
    }
    while True:
        more = {key for key, called in calls.items() if called & writing} - writing
        if not more:
            return functions, writing
        writing |= more


def writers() -> set[str]:
    """Every public function of a room that takes a Viewer first, and writes."""
    found = set()
    for room in ROOMS:
        for module in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}."):
            if re.search(r"\.(migrations|demo|management|settings|asgi)\b", module.name):
                continue
            functions, writing = _public_and_private(module.name)
            for key in writing:
                arguments = functions[key].args.posonlyargs + functions[key].args.args
                first = ast.unparse(arguments[0].annotation) if arguments and arguments[0].annotation else ""
                if first.strip("\"'") == "Viewer" and not key.startswith("_"):
                    found.add(f"{module.name}.{key}")
    return found


CAST = ("priya", "daniel", "mari", "ruth", "tom", "nia", "stranger")
REFUSALS = (NotAllowed, NotVisible, ValidationError)
SERVERS = "priya daniel mari ruth tom"
S, P, V = "casebundle.bundles.services", "casebundle.cases.people", "casebundle.cases.invitations"
H, E, N = "casebundle.courtroom.services", "casebundle.evidence.intake", "annotations.services"
Call = Callable[[Any], tuple[tuple[Any, ...], dict[str, Any]]]


def args(*given: Any, **named: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return given, named


# (function, with what, who may). The stranger is a clerk of another case: "own" is what they do in that.
CALLS: list[tuple[str, Call, str]] = [
    (f"{S}.add_defendant", lambda w: args("Ann Hall"), "tom own"),
    (f"{S}.add_section", lambda w: args(w.bundle, "Z", "More", None), "tom"),
    (f"{S}.restrict_section", lambda w: args(w.section("A"), ["court"]), "tom"),
    (f"{S}.restrict_section", lambda w: args(w.section("UND2"), ["court"]), ""),
    (f"{S}.restrict_section", lambda w: args(w.section("PD1"), None), ""),
    (f"{S}.change_document", lambda w: args(w.doc("open"), {"title": "Other"}), "priya"),
    (f"{S}.change_document", lambda w: args(w.doc("open"), {"position": 0}), "priya ruth tom"),
    (f"{S}.change_document", lambda w: args(w.doc("private"), {"position": 0}), "daniel"),
    (f"{S}.change_document", lambda w: args(w.doc("staged"), {"position": 0}), "priya"),
    (f"{S}.change_document", lambda w: args(w.doc("und2"), {"position": 0}), "priya"),
    (f"{S}.withdraw", lambda w: args(w.doc("open"), "In error"), "priya"),
    (f"{S}.withdraw", lambda w: args(w.doc("private"), "In error"), "daniel"),
    (f"{S}.withdraw_staged", lambda w: args(w.doc("staged")), "priya"),
    (f"{S}.withdraw_staged", lambda w: args(w.doc("open")), ""),
    (f"{S}.serve", lambda w: args([w.doc("staged").pk]), "priya"),
    (f"{S}.serve", lambda w: args([w.doc("private").pk]), "daniel"),
    (f"{S}.set_profile", lambda w: args(w.bundle, "continuous"), "priya ruth tom"),
    (f"{S}.freeze", lambda w: args(w.bundle), "priya ruth tom"),
    ("casebundle.bundles.arrange.put", lambda w: args(w.doc("open"), w.section("A")), "priya ruth tom"),
    ("casebundle.bundles.arrange.put", lambda w: args(w.doc("open"), w.section("PD1")), ""),
    ("casebundle.bundles.arrange.step", lambda w: args(w.doc("open"), "up"), "priya ruth tom"),
    ("casebundle.bundles.reading.opened", lambda w: args(w.doc("bates").current), "priya daniel ruth tom"),
    ("casebundle.cases.visits.visited", lambda w: args(), f"{SERVERS} nia own"),
    (f"{P}.invite", lambda w: args("new@x.example", "observer", ["court"]), "tom own"),
    (f"{P}.invite", lambda w: args("new@x.example", "judge", []), "tom own"),
    (f"{P}.change", lambda w: args(w.part("mari"), "observer", ["doyle"]), "tom"),
    (f"{P}.change", lambda w: args(w.part("mari"), "defence", ["bates"]), ""),
    (f"{P}.change", lambda w: args(w.part("mari"), "defence", ["bates", "doyle"]), ""),
    (f"{P}.change", lambda w: args(w.part("priya"), "judge", []), ""),
    (f"{P}.change", lambda w: args(w.part("nia"), "clerk", []), ""),
    (f"{P}.change", lambda w: args(w.part("tom"), "judge", []), ""),
    (f"{P}.change", lambda w: args(w.part("tom"), "clerk", []), ""),
    (f"{P}.remove", lambda w: args(w.part("mari")), "tom"),
    (f"{P}.remove", lambda w: args(w.part("tom")), ""),
    (f"{V}.resend", lambda w: args(w.invited), "tom"),
    (f"{V}.resend", lambda w: args(w.part("mari")), ""),
    (f"{V}.see_as", lambda w: args(w.part("mari")), "tom"),
    (f"{H}.open_hearing", lambda w: args("PTPH", w.later), "ruth tom own"),
    (f"{H}.begin", lambda w: args(w.listed), "ruth tom"),
    (f"{H}.close", lambda w: args(w.hearing), "ruth tom"),
    (f"{H}.give_floor", lambda w: args(w.hearing, w.part("daniel")), "ruth tom"),
    (f"{H}.give_floor", lambda w: args(w.hearing, w.part("nia")), ""),
    (f"{H}.give_floor", lambda w: args(w.hearing, w.invited), ""),
    (f"{H}.new_screen", lambda w: args(w.hearing, "Gallery"), "tom"),
    (f"{H}.end_screen", lambda w: args(w.screen), "tom"),
    (f"{H}.turn", lambda w: args(w.hearing, w.page("open")), "priya"),
    (f"{H}.turn_to", lambda w: args(w.hearing.pk, w.page("private").pk), ""),
    (f"{E}.receive", lambda w: args(w.bundle, "A", "n.pdf", [pdf(["N."])]), SERVERS),
    (f"{E}.receive", lambda w: args(w.bundle, "UND2", "n.pdf", [pdf(["N."])]), "priya daniel mari"),
    (f"{E}.receive", lambda w: args(w.bundle, "PD1", "n.pdf", [pdf(["N."])]), "daniel"),
    (f"{E}.replace", lambda w: args(w.doc("open"), "n.pdf", [pdf(["N."])]), "priya"),
    (f"{N}.create", lambda w: args(w.page("open"), kind="note", body="x"), SERVERS),
    (f"{N}.create", lambda w: args(w.page("bates"), kind="note", body="x"), "priya daniel ruth tom"),
    (f"{N}.create", lambda w: args(w.page("private"), kind="note", body="x"), "daniel"),
    (f"{N}.edit", lambda w: args(w.note, body="y"), "daniel"),
    (f"{N}.delete", lambda w: args(w.note), "daniel"),
    (f"{N}.reply", lambda w: args(w.note, "y"), SERVERS),
    (f"{N}.reply", lambda w: args(w.own_note, "y"), "daniel"),
    ("casebundle.desk.checking.check_chain", lambda w: args(), f"{SERVERS} nia own"),
]


def test_every_function_that_writes_is_called() -> None:
    missing, gone = writers() - {name for name, *_rest in CALLS}, {name for name, *_rest in CALLS} - writers()
    assert not missing, "nobody tries these as somebody who may not:\n" + "\n".join(sorted(missing))
    assert not gone, "there are no such functions that write:\n" + "\n".join(sorted(gone))


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[SimpleNamespace]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield _world()
        transaction.set_rollback(True)


def _world() -> SimpleNamespace:
    import datetime

    from annotations import services as notes
    from casebundle.bundles.models import Bundle, Document, Section
    from casebundle.cases import people
    from casebundle.cases.models import Participant, User
    from casebundle.courtroom import services as court
    from casebundle.evidence import intake
    from tests.cast import cast as cast_fixture

    everybody: Cast = cast_fixture.__wrapped__(None)  # type: ignore[attr-defined]
    nia = User.objects.create_user("nia@x.example", name="Nia")
    people.join(everybody.case, nia, "observer", ["doyle"])
    bundle = Bundle.objects.get(case=everybody.case, slug="main")
    priya, daniel = viewer(everybody.priya), viewer(everybody.daniel)

    def take(who: Any, letter: str, **more: Any) -> Any:
        return read(intake.receive(who, bundle, letter, "d.pdf", [pdf([letter])], **more)).pk

    docs = {
        "open": take(priya, "A", serve=True),
        "bates": take(priya, "J", serve=True, visible_to=["bates"]),
        "und2": take(priya, "UND2", serve=True),
        "staged": take(priya, "J"),
        "private": take(daniel, "PD1", serve=True),
    }

    def doc(name: str) -> Any:
        return Document.objects.select_related("section__bundle", "current").get(pk=docs[name])

    def page(name: str) -> Any:
        return doc(name).current.page_set.select_related("version__document").get(index=0)

    def part(name: str) -> Any:
        return Participant.objects.select_related("user", "case").get(
            case=everybody.case, user=nia if name == "nia" else everybody[name]
        )

    judge, clerk = viewer(everybody.ruth), viewer(everybody.tom)
    hearing = court.give_floor(judge, court.open_hearing(judge, "Trial"), part("priya"))
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=30)
    return SimpleNamespace(
        viewers={
            **{name: viewer(everybody[name]) for name in CAST[:5]},
            "nia": viewer(nia),
            "stranger": viewer(everybody.tom, OTHER),
        },
        bundle=bundle, doc=doc, page=page, part=part, hearing=hearing, later=later,
        section=lambda letter: Section.objects.get(bundle=bundle, letter=letter),
        listed=court.open_hearing(judge, "Sentence", later),
        screen=court.new_screen(clerk, hearing, "Jury"),
        invited=people.invite(clerk, "guest@x.example", "observer", ["court"]),
        note=notes.create(daniel, page("open"), kind="note", body="Look", choice="case"),
        own_note=notes.create(daniel, page("open"), kind="note", body="Mine", choice="private"),
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("call", "who"),
    [
        pytest.param(call, who, id=f"{call[0].rpartition('.')[2]} {at} {who}")
        for at, call in enumerate(CALLS)
        for who in CAST
    ],
)
def test_a_room_refuses_by_itself(world: SimpleNamespace, call: tuple[str, Call, str], who: str) -> None:
    name, given, allowed = call
    module, _dot, function = name.rpartition(".")
    act = getattr(importlib.import_module(module), function)
    may = who in allowed.split() or (who == "stranger" and "own" in allowed.split())
    before = Entry.objects.count()
    refused = None
    with transaction.atomic():
        positional, named = given(world)
        try:
            with transaction.atomic():
                act(world.viewers[who], *positional, **named)
        except (*REFUSALS, Conflict) as error:
            refused = error
        written = Entry.objects.count() - before
        transaction.set_rollback(True)
    if may:
        assert not isinstance(refused, REFUSALS), refused
    else:
        assert isinstance(refused, REFUSALS), refused
        assert written == 0
