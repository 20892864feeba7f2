"""Translations without GNU gettext: `python scripts/messages.py update|check|compile`.

update   bring locale/cy/LC_MESSAGES/django.po (Python, templates) and djangojs.po (static/**/*.js) up to
         date with the code, keeping what is translated
check    say what is missing, empty, or disagrees with the English; 1 if anything does
compile  every .po to its .mo (Babel only, so that set-up can do it without what only tests need)
"""

from __future__ import annotations

import datetime
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
LANGUAGES = ("cy",)

PYTHON = ("casebundle", "search", "annotations")
TEMPLATES = ("templates",)
SCRIPTS = ("static",)
#: What comes from Django and allauth, reaches a person, and has no Welsh of its own.
BORROWED = LOCALE / "borrowed.py"
NOT_OURS = {"migrations", "tests", "build", "node_modules", "__pycache__"}

_ONE = ("gettext", "gettext_lazy", "gettext_noop", "_")
_MANY = ("ngettext", "ngettext_lazy")
_CONTEXT = ("pgettext", "pgettext_lazy")
_MANY_CONTEXT = ("npgettext", "npgettext_lazy")
KEYWORDS = {
    **dict.fromkeys(_ONE),
    **dict.fromkeys(_MANY, (1, 2)),
    **dict.fromkeys(_CONTEXT, ((1, "c"), 2)),
    **dict.fromkeys(_MANY_CONTEXT, ((1, "c"), 2, 3)),
}
COMMENTS = ["Translators:"]
#: Texts inside `${...}` too.
JAVASCRIPT = {"parse_template_string": True, "encoding": "utf-8"}

Found = tuple[str, object, list[str], str | None]


def files(folders: tuple[str, ...], *endings: str) -> Iterator[Path]:
    """Files of these endings, in a fixed order, without what is made or not ours."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in endings and not NOT_OURS.intersection(path.relative_to(ROOT).parts):
                yield path


def from_template(source: str, origin: str) -> Iterator[tuple[int, object, list[str], str | None]]:
    """Messages of a Django template: Django turns it into calls of gettext, Babel reads those."""
    import django
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
        django.setup()
    # Only the calls count; what surrounds them is blanked-out text, whose indentation is not Python's.
    calls = "\n".join(line.strip() for line in templatize(source, origin=origin).splitlines())
    yield from extract("python", io.BytesIO(calls.encode()), KEYWORDS, COMMENTS, {"encoding": "utf-8"})


def _messages(domain: str) -> Iterator[Found]:
    if domain == "djangojs":
        for path in files(SCRIPTS, ".js"):
            with path.open("rb") as file:
                for _line, message, comments, context in extract(
                    "javascript", file, KEYWORDS, COMMENTS, JAVASCRIPT
                ):
                    yield str(path.relative_to(ROOT)), message, comments, context
        return
    for path in [*files(PYTHON, ".py"), *([BORROWED] if BORROWED.exists() else [])]:
        with path.open("rb") as file:
            for _line, message, comments, context in extract("python", file, KEYWORDS, COMMENTS):
                yield str(path.relative_to(ROOT)), message, comments, context
    for path in files((*TEMPLATES, *PYTHON), ".html", ".txt"):
        name = str(path.relative_to(ROOT))
        for _line, message, comments, context in from_template(path.read_text(encoding="utf-8"), name):
            yield name, message, comments, context


def collect(domain: str) -> Catalog:
    """Every message of the domain ("django" or "djangojs"), with the files that have it; no line numbers, so
    that a catalogue changes only when a text does."""
    catalog = Catalog(charset="utf-8", fuzzy=False)
    for name, message, comments, context in _messages(domain):
        if message and message != ("", ""):
            catalog.add(
                message,
                locations=[(name, 0)],
                auto_comments=comments,
                context=context,
            )
    return catalog


def po_path(language: str, domain: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


def load(language: str, domain: str) -> Catalog:
    """The catalogue as committed; an empty one where there is none yet."""
    path = po_path(language, domain)
    if not path.exists():
        return Catalog(locale=language, domain=domain, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=domain)


def merged(language: str, domain: str) -> Catalog:
    """What is in the code now, with the translations there are. What the code no longer has is dropped."""
    old = load(language, domain)
    new = Catalog(
        locale=language,
        domain=domain,
        charset="utf-8",
        fuzzy=False,
        project="casebundle",
        version="0.1.0",
        msgid_bugs_address="",
        header_comment="# casebundle in Welsh. Brought up to date by `make messages`.",
        # A date would change with every run.
        creation_date=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
        revision_date=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
        last_translator="casebundle contributors",
        language_team="Cymraeg",
    )
    for message in collect(domain):
        if not message.id:
            continue
        before = old.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
        string = before.string if before is not None and _same_shape(before, message) else None
        flags = set(message.flags) | ({"fuzzy"} if before is not None and before.fuzzy else set())
        new.add(
            message.id,
            string,
            locations=message.locations,
            flags=flags,
            auto_comments=message.auto_comments,
            user_comments=before.user_comments if before is not None else (),
            context=message.context,
        )
    return new


def _same_shape(before: Message, now: Message) -> bool:
    return isinstance(before.id, str) == isinstance(now.id, str)


def text(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, catalog, width=110, include_lineno=False, sort_by_file=True, ignore_obsolete=True)
    # Neither says anything, and one changes with every new Babel.
    return re.sub(rb'"(Generated-By|Report-Msgid-Bugs-To):.*\n', b"", out.getvalue())


def update() -> int:
    for language in LANGUAGES:
        for domain in ("django", "djangojs"):
            path, new = po_path(language, domain), text(merged(language, domain))
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() or path.read_bytes() != new:
                path.write_bytes(new)
            catalog = load(language, domain)
            empty = sum(1 for message in catalog if message.id and not translated(message))
            print(f"{path.relative_to(ROOT)}: {len(catalog)} texts, {empty} to translate")
    return 0


def translated(message: Message) -> bool:
    strings = [message.string] if isinstance(message.string, str) else list(message.string)
    return not message.fuzzy and bool(strings) and all(string and string.strip() for string in strings)


_PLACES = re.compile(r"%\(\w+\)[a-zA-Z]|%[sdif]|\{\w*\}|</?[a-z][^>]*>")


def problems(language: str, domain: str) -> list[str]:
    """What is wrong with a catalogue, a line each."""
    found = []
    path = po_path(language, domain)
    where = path.relative_to(ROOT)
    if text(merged(language, domain)) != (path.read_bytes() if path.exists() else b""):
        found.append(f"{where}: not up to date with the code; run make messages")
    for message in load(language, domain):
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else list(message.string)
        if not translated(message):
            found.append(f"{where}: no Welsh for {ids[0]!r}")
            continue
        # A plural form may write its number out ("dwy ddogfen"), but may not ask for what is not given.
        wanted = sorted(_PLACES.findall(ids[-1]))
        for string in strings:
            given = sorted(_PLACES.findall(string))
            if given != wanted and not (len(ids) > 1 and set(given) < set(wanted)):
                found.append(f"{where}: {ids[0]!r} has {wanted}, the Welsh has {given}")
            if (ids[0][:1].isspace(), ids[0][-1:].isspace()) != (string[:1].isspace(), string[-1:].isspace()):
                found.append(
                    f"{where}: {ids[0]!r} begins or ends with space where the Welsh does not, or the reverse"
                )
    return found


def check() -> int:
    found = [
        line
        for language in LANGUAGES
        for domain in ("django", "djangojs")
        for line in problems(language, domain)
    ]
    print("\n".join(found) or "The Welsh is whole.")
    return 1 if found else 0


def compile_all() -> int:
    """Every .po under locale/ to the .mo beside it, put in place in one go."""
    for path in sorted(LOCALE.rglob("*.po")):
        with path.open("rb") as file:
            catalog = read_po(file, locale=path.parent.parent.name)
        part = path.with_suffix(".mo.part")
        with part.open("wb") as out:
            write_mo(out, catalog)
        part.replace(path.with_suffix(".mo"))
    return 0


ACTS = {"update": update, "check": check, "compile": compile_all}

if __name__ == "__main__":
    act = ACTS.get(sys.argv[1] if len(sys.argv) == 2 else "")
    if act is None:
        print("Say what to do: scripts/messages.py " + "|".join(ACTS))
        sys.exit(2)
    sys.exit(act())
