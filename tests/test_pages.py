"""Every page for people, as each of the cast, in both languages: what has to hold of each of them."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils.translation import trans_real

from casebundle.bundles.titles import TITLES
from casebundle.cases.bidi import RIGHT_TO_LEFT
from tests.cases import test_permission_table as table

pytestmark = pytest.mark.django_db

# The case with one of everything, as there.
world = table.world

C = table.C
# What is asked of the permission table, and the same screens with something else on them.
PAGES = [
    *dict.fromkeys(
        address
        for method, address, _sent, _expected in table.ROWS
        if method == "GET" and not address.startswith(f"{table.API}/")
    ),
    f"{table.API}/docs",
    "/search/",
    "/search/?q=zebra",
    f"{C}/search/",
    f"{C}/search/?q=zebra&from=yesterday",
    f"{C}/main/?show=new",
    f"{C}/main/?show=unread",
    f"{C}/main/zz9",
    f"{C}/journal/?all=1",
    f"{C}/journal/?kind=document",
    f"{C}/notes/?text=nothing-like-it",
    "/documents/{staged}/edit/",
    "/hearings/{listed}/",
    "/no/such/page/",
    "/accounts/login/",
    "/accounts/logout/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/change/",
    "/accounts/password/reset/key/1-wrong/",
]
# Put into a page that is there already.
PARTS = ("/hearings/{hearing}/live/",)
LANGUAGES = {"en-gb": "en-GB", "cy": "cy"}
# Text that runs from right to left, and what keeps it apart inside a sentence.
ISOLATED = re.compile("\u2068[^\u2069]*\u2069")
# A language is called by its own name.
THEIR_OWN = {"English"}


class Reading(HTMLParser):
    """What is looked for in a page while it is read."""

    VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
    SPOKEN = ("aria-label", "title", "placeholder", "alt")

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.counts: dict[str, int] = {}
        self.lang: str | None = None
        self.title = ""
        self.ids: set[str] = set()
        self.asked: list[tuple[str, str]] = []  # what ids are referred to, and by what
        self.texts: list[str] = []
        self.loose: list[str] = []  # what runs from right to left and is not kept apart from its sentence
        self.open: list[tuple[str, bool]] = []  # tag, and whether its text is in another language by intent
        self.apart: list[bool] = []  # of each open tag, whether it takes its direction from its own text
        self.feed(html)
        self.close()
        self.problems += [f"{by} leads to no {one!r}" for by, one in self.asked if one not in self.ids]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.counts[tag] = self.counts.get(tag, 0) + 1
        if len(has) < len(attrs):
            self.problems.append(f"<{tag}> has an attribute twice")
        if tag == "html":
            self.lang = has.get("lang")
        if tag == "style":
            self.problems.append("<style>")
        if tag == "script" and "src" not in has and has.get("type") != "application/json":
            self.problems.append("<script> with its text in the page")
        for name, value in has.items():
            if name == "style" or name.startswith("on"):
                self.problems.append(f"<{tag} {name}={value[:60]!r}>")
            if value.strip().lower().startswith("javascript:"):
                self.problems.append(f"<{tag} {name}={value[:60]!r}>")
        source = has.get("src") or (has.get("href", "") if tag == "link" else "")
        if source and not re.match(r"/(?!/)|data:image/", source):
            self.problems.append(f"<{tag}> takes {source!r} from somewhere else")
        if tag == "form" and not re.match(r"/(?!/)|$", has.get("action", "")):
            self.problems.append(f"<form> sends to {has['action']!r}")
        if tag == "img" and "alt" not in has:
            self.problems.append("<img> without alt")
        if "id" in has:
            if has["id"] in self.ids:
                self.problems.append(f"id {has['id']!r} twice")
            self.ids.add(has["id"])
        for name in self.SPOKEN:
            if RIGHT_TO_LEFT.search(ISOLATED.sub("", has.get(name, ""))):
                self.loose.append(f"{name}={has[name]}")
        for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
            self.asked += [(f"<{tag} {name}>", one) for one in has.get(name, "").split()]
        foreign = any(over for _tag, over in self.open) or (
            tag != "html" and has.get("lang", self.lang) != self.lang
        )
        if not foreign:
            self.texts += [has[name] for name in self.SPOKEN if has.get(name)]
        if tag not in self.VOID:
            # What people wrote stands in <bdi>, what was found in their pages in <mark>.
            self.open.append((tag, foreign or tag in ("bdi", "mark")))
            self.apart.append(tag in ("bdi", "script") or has.get("dir") == "auto")

    def handle_endtag(self, tag: str) -> None:
        while self.open:
            self.apart.pop()
            if self.open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        tag, foreign = self.open[-1] if self.open else ("", False)
        if RIGHT_TO_LEFT.search(ISOLATED.sub("", data)) and not any(self.apart):
            self.loose.append(" ".join(data.split()))
        if tag == "title" and len(self.open) < 4:  # (html, head, title: not that of a picture)
            self.title += data
        if tag not in ("script", "style") and not foreign and data.strip():
            self.texts.append(data)


@cache
def translated() -> tuple[frozenset[str], re.Pattern[str]]:
    """English texts that have another Welsh one: all of them; and the longer ones, to be looked for anywhere."""
    catalogue = trans_real.translation("cy")._catalog  # type: ignore[attr-defined]
    texts: set[str] = set()
    for key, welsh in catalogue.items():
        if isinstance(key, str) and key and "%" not in key:
            english = " ".join(key.rpartition("\x04")[2].split())
            if " ".join(str(welsh).split()) != english:
                texts.add(english)
    # Texts that are Welsh somewhere else: of "%", of a plural, or the same word in both.
    welsh_too = {" ".join(str(welsh).split()) for _key, welsh in catalogue.items() if isinstance(welsh, str)}
    texts -= welsh_too
    # Words that people use for titles of their own too: “Indictment”.
    texts -= TITLES
    long = sorted((text for text in texts if text.count(" ") > 0 and len(text) > 7), key=len, reverse=True)
    return frozenset(texts), re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, long)) + r")(?!\w)")


def left_in_english(texts: list[str]) -> list[str]:
    whole, inside = translated()
    found = []
    for text in texts:
        flat = " ".join(text.split())
        if flat in THEIR_OWN:
            continue
        if flat in whole:
            found.append(flat)
        else:
            found += [one for one in inside.findall(flat) if one not in THEIR_OWN]
    return found


def problems_of(response: Any, language: str, part: bool = False) -> list[str]:
    found: list[str] = []
    policy = response.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy and "default-src 'self'" not in policy:
        found.append(f"no content security policy of its own: {policy!r}")
    if "unsafe" in policy:
        found.append(f"the content security policy says unsafe: {policy!r}")
    if response.get("X-Content-Type-Options") != "nosniff":
        found.append("no nosniff")
    html = response.content.decode()
    page = Reading(html)
    found += page.problems
    if language == "cy":
        found += [f"in English: {text!r}" for text in left_in_english(page.texts)]
    if part:
        if "html" in page.counts:
            found.append("a whole page where a part was asked for")
        return found
    if not html.lstrip().lower().startswith("<!doctype html>"):
        found.append("no doctype")
    if page.lang != LANGUAGES[language]:
        found.append(f"lang is {page.lang!r}")
    if page.counts.get("h1", 0) != 1:
        found.append(f"{page.counts.get('h1', 0)} h1")
    if page.counts.get("main", 0) != 1:
        found.append(f"{page.counts.get('main', 0)} main")
    if not page.title.strip() or page.title.strip().startswith(("–", "-", "None")):
        found.append(f"title {page.title!r}")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", table.WHO)
def test_every_page_is_sound(world: SimpleNamespace, who: str | None, language: str) -> None:
    found: list[str] = []
    seen = 0
    for address in PAGES:
        client = Client()
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        if who:
            client.force_login(world.cast[who], backend="allauth.account.auth_backends.AuthenticationBackend")
        path = table.filled(address, world.names)
        with transaction.atomic():
            response = client.get(path)
            transaction.set_rollback(True)
        if not response.get("Content-Type", "").startswith("text/html") or response.status_code in {301, 302}:
            continue
        seen += 1
        wrong = problems_of(response, language, part=address in PARTS and response.status_code == 200)
        found += [f"{path} ({response.status_code}): {one}" for one in dict.fromkeys(wrong)]
    assert seen > 10
    assert not found, f"{len(found)} of {seen} pages:\n" + "\n".join(found)


def test_names_from_right_to_left_stay_apart(world: SimpleNamespace) -> None:
    """Names of people, parties, cases, documents, hearings and screens in Hebrew and Arabic, on every page."""
    from annotations.models import Note
    from casebundle.bundles.models import Bundle, Document, Section, Version
    from casebundle.cases.models import ApiToken, Case, Party, User
    from casebundle.courtroom.models import Hearing, Screen
    from casebundle.journal.models import Entry

    hebrew, arabic = "דניאל אוקפור (KC)", "إفادة (1)"
    found: list[str] = []
    met = 0
    with transaction.atomic():
        User.objects.update(name=hebrew)
        Party.objects.filter(kind="defendant").update(name=f"{arabic} 2")
        Case.objects.update(title=f"R v {arabic}", court=f"{hebrew} 3")
        Bundle.objects.update(title=f"{arabic} 4")
        Section.objects.update(title=f"{hebrew} 5")
        Document.objects.update(title=f"{arabic} 6", exhibit=f"{arabic} 7")
        Version.objects.update(name=f"{arabic} 8.pdf")
        Hearing.objects.update(title=f"{hebrew} 9")
        Screen.objects.update(name=f"{arabic} 10")
        ApiToken.objects.update(name=f"{arabic} 11")
        Note.objects.update(body=f"{hebrew} 12", tags=[arabic])
        told = {"name": hebrew, "title": arabic, "section": hebrew, "bundle": arabic}
        for entry in Entry.objects.all():
            data = {
                key: told[key] if key in told and isinstance(value, str) else value
                for key, value in entry.data.items()
            }
            actor = {**entry.actor, "name": hebrew} if entry.actor else {}
            Entry.objects.filter(pk=entry.pk).update(actor=actor, data=data)
        for who in ("priya", "daniel", "tom"):
            client = Client()
            client.force_login(world.cast[who], backend="allauth.account.auth_backends.AuthenticationBackend")
            for address in PAGES:
                with transaction.atomic():
                    response = client.get(table.filled(address, world.names))
                    transaction.set_rollback(True)
                if not response.get("Content-Type", "").startswith("text/html"):
                    continue
                html = response.content.decode()
                met += len(RIGHT_TO_LEFT.findall(html)) > 0
                found += [f"{address}: {one}" for one in Reading(html).loose]
        transaction.set_rollback(True)
    assert met > 100
    assert not found, f"{len(found)}:\n" + "\n".join(dict.fromkeys(found))


def test_what_would_be_found() -> None:
    """The reading itself: what is wrong is found, what is right is not."""
    bad = Reading(
        '<html lang="en-GB"><head><title>T</title><style>a{}</style><script>x()</script>'
        '<script type="application/json" id="d">{}</script><script src="https://x.example/x.js"></script></head>'
        '<body onload="x()"><p style="color:red" id="d"><a href="javascript:x()">a</a>'
        '<img src="/i.png"><label for="gone">L</label></body></html>'
    )
    assert len(bad.problems) == 9, bad.problems
    good = Reading(
        '<!DOCTYPE html><html lang="cy"><head><title>Nodiadau</title></head><body><main><h1>Nodiadau</h1>'
        '<button lang="en">Sign out</button><bdi>My cases</bdi><svg><title>x</title></svg></main></body></html>'
    )
    assert good.problems == []
    assert (good.title, good.lang) == ("Nodiadau", "cy")
    assert left_in_english(good.texts) == []
    assert left_in_english(["Allgofnodi", "  Sign\n out ", "of My cases and"]) == ["Sign out", "My cases"]
