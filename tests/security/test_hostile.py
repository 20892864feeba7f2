"""Hostile texts in every field there is: forms as pages have them, the API as its document has it, every column.

Nothing of them becomes markup, a header, a cookie or an error of ours; whatever field comes to be is tried as well.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.test import Client

from casebundle.api.main import api
from casebundle.bundles.models import PageText
from casebundle.journal.models import Entry
from tests.cases import test_permission_table as table
from tests.cast import pdf
from tests.security import hostile
from tests.security.hostile import FEW, MARK, SOME, TAG, TEXTS

pytestmark = pytest.mark.django_db

world = table.world
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
C, API = table.C, table.API


def client_of(world: SimpleNamespace, who: str | None) -> Client:
    client = Client(raise_request_exception=False)
    if who:
        client.force_login(world.cast[who], backend=BACKEND)
    return client


# --- forms, as pages have them ------------------------------------------------------------------
class Forms(HTMLParser):
    """The forms of a page: (method, action, {field: (kind, value)})."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str, dict[str, tuple[str, str]]]] = []
        self.select = ""
        self.area = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((has.get("method", "get").lower(), has.get("action", ""), {}))
        if not self.found:
            return
        fields = self.found[-1][2]
        name = has.get("name", "")
        if tag == "input" and name:
            kind = has.get("type", "text")
            if kind not in ("radio", "checkbox") or "checked" in has or name not in fields:
                fields[name] = (kind, has.get("value", ""))
        elif tag == "button" and name:
            fields.setdefault(name, ("hidden", has.get("value", "")))
        elif tag == "textarea" and name:
            fields[name], self.area = ("textarea", ""), name
        elif tag == "select" and name:
            fields[name], self.select = ("select", ""), name
        elif (
            tag == "option"
            and self.select
            and (has.get("value") and (not fields[self.select][1] or "selected" in has))
        ):
            fields[self.select] = ("select", has["value"])

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[-1][2][self.area] = ("textarea", data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        if tag == "textarea":
            self.area = ""


PAGES = [
    *(address for method, address, _d, _e in table.ROWS if method == "GET" and not address.startswith(API)),
    "/search/", f"{C}/search/", f"{C}/journal/?all=1", "/hearings/{listed}/", "/documents/{staged}/edit/",
    "/accounts/login/", "/accounts/password/reset/", "/accounts/password/change/", f"{C}/main/?arrange",
]  # fmt: skip
FILLED = {
    "name": "A Name", "title": "A title", "email": "someone@x.example", "login": "someone@x.example",
    "password": "three random words", "again": "three random words", "password1": "three random words",
    "password2": "three random words", "oldpassword": "x", "letter": "Z", "reason": "In error", "court": "Leeds",
    "reference": "T20269999", "body": "A note", "starts": "2030-01-01T10:00",
}  # fmt: skip


def forms_of(world: SimpleNamespace) -> list[tuple[str | None, str, str, dict[str, tuple[str, str]]]]:
    """(who, method, address, fields) of every form on every page, each once."""
    found: dict[Any, Any] = {}
    for who in ("tom", "priya", None):
        client = client_of(world, who)
        for page in PAGES:
            path = table.filled(page, world.names)
            with transaction.atomic():
                response = client.get(path)
                transaction.set_rollback(True)
            if not response.get("Content-Type", "").startswith("text/html") or response.status_code != 200:
                continue
            for method, action, fields in Forms(response.content.decode()).found:
                address = (action or path).partition("?" if method == "get" else "#")[0]
                key = (method, re.sub(r"[0-9a-f-]{32,}", "ID", address), tuple(sorted(fields)))
                found.setdefault(key, (who, method, address, fields))
    return list(found.values())


def test_forms_take_whatever_is_typed(world: SimpleNamespace) -> None:
    forms = forms_of(world)
    wrong, sent, names = [], 0, set()
    for who, method, address, fields in forms:
        client = client_of(world, who)
        given = {name: value or FILLED.get(name, "") for name, (_kind, value) in fields.items()}
        for name, (kind, _value) in fields.items():
            if name == "csrfmiddlewaretoken" or kind == "file":
                continue
            names.add(name)
            free = kind in ("text", "search", "email", "textarea", "password", "tel", "url")
            for text in SOME if free else FEW:
                value = TEXTS[text]
                # A browser cannot send half a character; what is not one arrives as a mark of replacement.
                data = {**given, name: value.encode("utf-8", "replace").decode()}
                with transaction.atomic():
                    response = getattr(client, method)(address, data, follow=method == "post" and free)
                    transaction.set_rollback(True)
                sent += 1
                wrong += [f"{method} {address} {name} {text}: {one}" for one in hostile.made(response)]
                # A browser is in nobody's hands for ever: signing out and the like begin anew.
                if who and address.startswith("/accounts/"):
                    client = client_of(world, who)
    assert {"title", "name", "q", "email", "reason", "login", "letter", "text"} <= names
    assert sent > 400
    assert not wrong, f"{len(wrong)} of {sent}:\n" + "\n".join(wrong[:40])


# --- the API, as its document has it ------------------------------------------------------------
GOOD: dict[str, Any] = {
    "reference": "T20268888", "title": "R v Z", "court": "Leeds", "template": "crown", "defendants": ["Ann Hall"],
    "email": "x@x.example", "role": "observer", "party": "court", "name": "Ann Hall", "profile": "continuous",
    "letter": "Z", "visible_to": ["court"], "documents": ["{staged}"], "date": "2026-03-14", "exhibit": "JS/1",
    "section": "A", "position": 0, "reason": "In error", "kind": "note", "body": "Look",
    "quads": [[0.1, 0.1, 0.2, 0.2]], "quote": "red van", "audience": "parties", "parties": ["bates"], "tags": ["van"],
    "starts": "2030-01-01T10:00:00Z",
    "participant": "{p_daniel}", "earlier_versions": True, "exact": "red", "prefix": "", "suffix": "",
}  # fmt: skip


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    schema = api.get_openapi_schema()
    while "$ref" in node:
        node = schema["components"]["schemas"][node["$ref"].rsplit("/", 1)[-1]]
    return node


def takes_text(node: dict[str, Any]) -> list[Any]:
    """How a text can be put where this stands: as it is, or in a list; [] where it is no text."""
    node = resolved(node)
    ways: list[Any] = []
    for one in map(resolved, node.get("anyOf", [node])):
        if one.get("type") == "string":
            ways.append(lambda text: text)
        elif one.get("type") == "array" and takes_text(one.get("items", {})):
            ways.append(lambda text: [text])
        elif one.get("type") == "object":
            ways += [lambda text, key=key: {"exact": "red", key: text} for key in one.get("properties", {})]
    return ways


def calls() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, call)
        for path, found in api.get_openapi_schema()["paths"].items()
        for method, call in found.items()
    ]


def address_of(path: str, names: dict[str, str]) -> str:
    kind = {
        "documents": "open",
        "pages": "pg_open",
        "notes": "n_case",
        "hearings": "hearing",
        "participants": "p_mari",
    }
    found = re.sub(r"/(\w+)/\{id\}", lambda m: f"/{m[1]}/{names[kind[m[1]]]}", path)
    for name, value in {
        "reference": table.REFERENCE, "slug": "main", "letter": "A", "label": names["l_open"], "code": names["code"],
    }.items():  # fmt: skip
        found = found.replace(f"{{{name}}}", value)
    return found


def test_the_api_takes_whatever_is_sent(world: SimpleNamespace) -> None:
    names = world.names
    wrong, sent, fields = [], 0, set()

    def tell(what: str, response: Any) -> None:
        nonlocal sent, wrong
        sent += 1
        wrong += [f"{what}: {one}" for one in hostile.made(response)]

    for method, path, call in calls():
        # Tom may do the most; what only its server may do is Priya's.
        who = "priya" if re.search(r"/(documents|notes|serve|replace|withdraw)", path) else "tom"
        client, address = client_of(world, who), address_of(path, names)
        content = call.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            shape = resolved(content["application/json"]["schema"])
            good = {name: table.filled(GOOD[name], names) for name in shape["properties"] if name in GOOD}
            missing = set(shape["properties"]) - set(GOOD)
            assert not missing, f"say in GOOD what a good value is for {missing} of {path}"
            for name, node in shape["properties"].items():
                for way in takes_text(node):
                    fields.add(name)
                    for text in SOME:
                        value = TEXTS[text]
                        body = json.dumps({**good, name: way(value)})
                        with transaction.atomic():
                            response = client.generic(method.upper(), address, body, "application/json")
                            transaction.set_rollback(True)
                        tell(f"{method} {path} {name} {text}", response)
        elif content:
            (shape,) = (resolved(one["schema"]) for one in content.values())
            for name in shape["properties"]:
                fields.add(name)
                for text in SOME:
                    value = TEXTS[text]
                    given = {"section": "A"} if "section" in shape["properties"] else {}
                    name_of_file = value if name == "file" else "a.pdf"
                    given |= {} if name == "file" else {name: value}
                    body, kind = hostile.multipart(name_of_file, pdf(["x"]), **given)
                    with transaction.atomic():
                        response = client.generic("POST", address, body, kind)
                        transaction.set_rollback(True)
                    tell(f"{method} {path} {name} {text}", response)
        for parameter in call["parameters"]:
            name, place = parameter["name"], parameter["in"]
            for text in SOME if place == "query" else FEW:
                value = TEXTS[text].encode("utf-8", "replace").decode()
                headers = {}
                if place == "query":
                    asked = f"{address}?{name}={quoted(value)}"
                elif place == "path":
                    asked = (
                        re.sub(r"\{\w+\}", quoted(value[:3000]), path) if f"{{{name}}}" in path else address
                    )
                else:
                    asked, headers = address, {name: value.replace("\r", "").replace("\n", "")}
                with transaction.atomic():
                    body = "{}" if method in ("post", "patch") else ""
                    response = client.generic(
                        method.upper(), asked, body, "application/json", headers=headers
                    )
                    transaction.set_rollback(True)
                tell(f"{method} {path} {place} {name} {text}", response)
    assert {"title", "body", "tags", "quote", "email", "exhibit", "file", "reason"} <= fields
    assert sent > 600
    assert not wrong, f"{len(wrong)} of {sent}:\n" + "\n".join(wrong[:40])


def test_every_text_that_the_api_keeps_has_an_end(world: SimpleNamespace) -> None:
    """No field takes twenty thousand characters, no list ten thousand entries, no call more than its body may be."""
    kept, large, tried = [], [], 0
    for method, path, call in calls():
        content = call.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            continue
        client = client_of(world, "priya" if "/documents" in path or "/serve" in path else "tom")
        shape = resolved(content["application/json"]["schema"])
        good = {name: table.filled(GOOD[name], world.names) for name in shape["properties"] if name in GOOD}
        address = address_of(path, world.names)

        def send(body: dict[str, Any], *, by: Any = client, to: str = address, how: str = method) -> int:
            with transaction.atomic():
                response = by.generic(how.upper(), to, json.dumps(body), "application/json")
                transaction.set_rollback(True)
            return int(response.status_code)

        for name, node in shape["properties"].items():
            for way in takes_text(node):
                tried += 1
                if send({**good, name: way("x" * 20_001)}) < 300:
                    kept.append(f"{method} {path} {name}")
                if (
                    isinstance(way("x"), list)
                    and send({**good, name: [f"x{n}" for n in range(10_000)]}) < 300
                ):
                    kept.append(f"{method} {path} {name}: a long list")
            if "quads" in name and send({**good, name: [[0.1, 0.1, 0.2, 0.2]] * 20_000}) < 300:
                kept.append(f"{method} {path} {name}: a long list")
        if send({**good, "more": "x" * 5_500_000}) != 413:
            large.append(f"{method} {path}")
    assert tried > 30
    assert not kept
    assert not large


def quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


def test_addresses_of_any_shape_are_answered(world: SimpleNamespace) -> None:
    """Hostile texts where pages have ids, labels, codes, filters, cookies and headers."""
    client, wrong = client_of(world, "tom"), []
    places = [
        "/cases/{}/", "/cases/{}/main/", f"{C}/{{}}/", f"{C}/main/{{}}", f"{C}/main/go?to={{}}", f"{C}/main/?q={{}}",
        f"{C}/main/?page={{}}", f"{C}/main/?at={{}}", f"{C}/main/?as={{}}", f"{C}/main/?show={{}}",
        f"{C}/notes/?text={{}}", f"{C}/notes/?tag={{}}", f"{C}/notes/?author={{}}", f"{C}/notes/?offset={{}}",
        f"{C}/notes.json?pages={{}}", f"{C}/journal/?day={{}}", f"{C}/journal/?person={{}}", f"{C}/journal/?kind={{}}",
        f"{C}/journal/?before={{}}", "/search/?q={}", "/search/?q=van&section={}", "/search/?q=van&party={}",
        "/search/?q=van&from={}", "/search/?q=van&offset={}", f"{C}/serve/states?after={{}}", "/screen/?code={}",
        "/screen/{}", "/screen/{}/page/{}", "/invitations/{}/", "/accounts/password/reset/key/{}/", "/?q={}", "/{}",
        "/hearings/{}/", "/documents/{}/receipt/", f"{C}/serve/receipt/{{}}-{{}}/", f"{C}/documents/{{}}/1",
        "/jsi18n/?x={}",
    ]  # fmt: skip
    for place in places:
        for text in SOME:
            value = TEXTS[text]
            asked = place.replace("{}", quoted(value[:3000].encode("utf-8", "replace").decode()))
            wrong += [f"{place} {text}: {one}" for one in hostile.made(client.get(asked))]
    for text in SOME:
        value = TEXTS[text]
        for header in (
            "User-Agent",
            "Accept-Language",
            "Referer",
            "X-Forwarded-For",
            "If-None-Match",
            "Range",
            "Accept",
        ):
            plain = (
                value.encode("utf-8", "replace")
                .decode("latin-1")[:4000]
                .replace("\r", " ")
                .replace("\n", " ")
            )
            page = "/account/" if header in ("User-Agent", "Referer") else f"{C}/main/pages.json"
            page = f"{API}/documents/{world.names['open']}/pdf" if header == "Range" else page
            answer = client.get(page, headers={header: plain})
            wrong += [f"{header} {page} {text}: {one}" for one in hostile.made(answer)]
        for cookie in (
            settings.SESSION_COOKIE_NAME,
            settings.LANGUAGE_COOKIE_NAME,
            "known",
            "messages",
            "csrftoken",
        ):
            other = client_of(world, None)
            other.cookies[cookie] = re.sub(r"[^\x21-\x7e]", "_", value)[:3000]
            wrong += [f"cookie {cookie} {text}: {one}" for one in hostile.made(other.get("/accounts/login/"))]
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:40])


def test_bytes_that_are_no_text_are_answered(world: SimpleNamespace) -> None:
    client, wrong = client_of(world, "tom"), []
    bodies = [
        b"\xff\xfe\x00",
        b"title=%ff%fe%00&name=%c0%af",
        b"a" * 100_000,
        b"=&=&=",
        b"%",
        b"\x00",
        b"[" * 50_000,
    ]
    kinds = [
        "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-7", "application/json",
        "multipart/form-data; boundary=x", "multipart/form-data", "text/plain; charset=nothing", "", "\u00e9/\u00e9",
    ]  # fmt: skip
    for address in (
        f"{C}/people/invite/",
        f"{API}/cases",
        f"{C}/serve/upload",
        "/accounts/login/",
        "/i18n/setlang/",
    ):
        for kind in kinds:
            for body in bodies:
                with transaction.atomic():
                    response = client.generic("POST", address, body, kind)
                    transaction.set_rollback(True)
                wrong += [f"{address} {kind} {body[:20]!r}: {one}" for one in hostile.made(response)]
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:40])


# --- what is stored, shown --------------------------------------------------------------------------
# Columns that are no free text: what they hold is made by us or chosen from what we offer, and pages are found by it.
NOT_FREE = {
    "cases.Case.reference", "cases.Case.template", "cases.Party.slug", "cases.Party.kind", "cases.User.language",
    "cases.User.password", "cases.User.email", "cases.Participant.role", "cases.Participant.acted_for",
    "cases.Invitation.secret_hash", "cases.Invitation.email",
    "cases.ApiToken.secret_hash", "cases.Tally.key", "bundles.Bundle.slug", "bundles.Bundle.profile",
    "bundles.Section.letter", "bundles.Section.audience", "bundles.Document.guessed", "bundles.Document.state",
    "bundles.Document.party", "bundles.Document.visible_to", "bundles.Document.audience",
    "bundles.Document.idempotency_key", "bundles.Document.index_version", "bundles.Version.sha256",
    "bundles.Version.media_type", "bundles.Version.status", "bundles.Version.reason_code",
    "bundles.Version.reading_sha256", "bundles.Page.id", "bundles.LabelRun.letter", "bundles.LabelRun.prefix",
    "journal.Chain.hash", "journal.Entry.action", "journal.Entry.actor_key", "journal.Entry.audience",
    "journal.Entry.salt", "journal.Entry.digest", "journal.Entry.previous", "journal.Entry.hash",
    "annotations.Note.kind", "annotations.Note.choice", "annotations.Note.audience", "annotations.Note.salt",
    "courtroom.Screen.code",
}  # fmt: skip
# In JSON columns: names of what people wrote.
FREE_KEYS = {
    "title",
    "name",
    "exhibit",
    "reason",
    "exact",
    "prefix",
    "suffix",
    "screen",
    "hearing_title",
    "court",
}


def spoilt(value: Any, key: str = "") -> Any:
    """JSON in which everything that people wrote is hostile."""
    if isinstance(value, dict):
        return {one: spoilt(part, one) for one, part in value.items()}
    if isinstance(value, list):
        return [spoilt(part, key) for part in value]
    return TAG if isinstance(value, str) and key in FREE_KEYS | {"tags"} else value


def plant() -> list[str]:
    """A hostile text in every column that holds text; the columns."""
    planted = []
    for config in apps.get_app_configs():
        if not config.name.startswith(("casebundle.", "search", "annotations")):
            continue
        for model in config.get_models():
            for column in model._meta.concrete_fields:
                name = f"{config.label}.{model.__name__}.{column.name}"
                text = isinstance(column, models.CharField | models.TextField) and not isinstance(
                    column, models.UUIDField
                )
                if text and name not in NOT_FREE:
                    model._default_manager.update(**{column.name: TAG[: column.max_length or 200]})
                    planted.append(name)
                elif isinstance(column, models.JSONField):
                    for row in model._default_manager.all():
                        setattr(row, column.name, spoilt(getattr(row, column.name), column.name))
                        models.Model.save(row, update_fields=[column.name])
                    planted.append(name)
    for layer in PageText.objects.all():
        words = [[0.1, 0.1, 0.4, 0.12, TAG], [0.1, 0.2, 0.4, 0.22, "van"]]
        PageText.objects.filter(pk=layer.pk).update(
            packed=PageText.pack(layer.pk, f"{TAG} van {TAG}", words).packed
        )
    return planted


@pytest.mark.parametrize("who", ["tom", "priya", "mari", None])
def test_what_is_stored_is_shown_as_text(world: SimpleNamespace, who: str | None) -> None:
    wrong, seen, shown = [], 0, 0
    addresses = [address for method, address, _d, _e in table.ROWS if method == "GET"]
    addresses += [*PAGES, f"{C}/journal/?all=1", f"{API}/search?q=van"]
    with transaction.atomic():
        planted = plant()
        client = client_of(world, who)
        for address in dict.fromkeys(addresses):
            response = client.get(table.filled(address, world.names))
            seen += 1
            wrong += [f"{address} ({response.status_code}): {one}" for one in hostile.made(response)]
            shown += not response.streaming and f"&lt;{MARK}".encode() in response.content
        transaction.set_rollback(True)
    assert {"cases.Case.title", "cases.User.name", "bundles.Document.title", "annotations.Note.body"} <= set(
        planted
    )
    assert not wrong, f"{len(wrong)} of {seen}:\n" + "\n".join(wrong[:40])
    # It is there, as text: otherwise nothing was tried.
    assert shown > (20 if who else 1)


def test_the_journal_keeps_what_was_written(world: SimpleNamespace) -> None:
    """The record says what was typed, whole; only what shows it makes it harmless."""
    with transaction.atomic():
        client = client_of(world, "priya")
        address = f"{API}/documents/{world.names['open']}"
        assert client.patch(address, json.dumps({"title": TAG}), "application/json").status_code == 200
        entry = Entry.objects.filter(action="document.changed").latest("seq")
        assert entry.data["title"] == TAG
        transaction.set_rollback(True)
