"""What a token of each scope may be used for, tried on every call that there is: a new one is refused by default."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from casebundle.api.main import api
from casebundle.cases import people
from casebundle.cases.models import Scope
from casebundle.journal.models import Entry
from tests.cases import test_permission_table as table

# The calls that a serve-only token may make. What is added here is a decision, and no accident.
FOR_SERVING = {
    ("GET", "/me"),
    ("POST", "/cases/{reference}/documents"),
    ("POST", "/cases/{reference}/serve"),
    ("GET", "/documents/{document_id}"),
    ("GET", "/documents/{document_id}/pages"),
    ("PATCH", "/documents/{document_id}"),
    ("POST", "/documents/{document_id}/replace"),
    ("GET", "/documents/{document_id}/receipt"),
}
world = table.world


def caller(user: Any, scope: str) -> Client:
    secret = people.new_token(user, "t", scope=scope)[1]
    return Client(headers={"Authorization": f"Bearer {secret}"}, raise_request_exception=False)


def calls() -> list[tuple[str, str, Any]]:
    """Every call of the API in the permission table."""
    return [
        (method, address, data)
        for method, address, data, _expected in table.ROWS
        if address.startswith(table.API) and address not in PUBLIC
    ]


PUBLIC = {f"{table.API}/", f"{table.API}/docs", f"{table.API}/openapi.json", f"{table.API}/nothing-here"}


def send(client: Client, world: Any, method: str, address: str, data: Any) -> Any:
    path = table.filled(address, world.names)
    sent = data() if callable(data) else table.filled(data, world.names)
    if callable(data):
        return client.post(path, sent)
    return client.generic(method, path, json.dumps(sent) if sent is not None else "", table.JSON)


def detail(answer: Any) -> str:
    return str(answer.json()["detail"]) if answer.status_code >= 400 else ""


def tried(world: Any, scope: str, may: Any) -> None:
    from django.db import transaction

    seen = 0
    for who in ("priya", "daniel", "ruth", "tom"):
        for method, address, data in calls():
            with transaction.atomic():
                before = Entry.objects.count()
                answer = send(caller(world.cast[who], scope), world, method, address, data)
                wrote = Entry.objects.count() != before
                transaction.set_rollback(True)
            if not may(method, address):
                assert answer.status_code == 403, (who, method, address, answer.status_code)
                assert answer.headers["Content-Type"] == "application/problem+json"
                assert f"“{scope}”" in answer.json()["detail"], answer.json()
                assert not wrote, (who, method, address)
                seen += 1
            else:
                assert f"“{scope}”" not in detail(answer), (who, method, address)
    assert seen > 50


@pytest.mark.django_db
def test_a_read_only_token_changes_nothing(world: Any) -> None:
    tried(world, "read", lambda method, address: method == "GET")


@pytest.mark.django_db
def test_a_serve_only_token_serves_and_no_more(world: Any) -> None:
    shapes = [
        (method, re.compile("/api/v1" + re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))))
        for method, path in FOR_SERVING
    ]

    def may(method: str, address: str) -> bool:
        path = table.filled(address, world.names).partition("?")[0]
        return any(method == one and shape.fullmatch(path) for one, shape in shapes)

    tried(world, "serve", may)


def test_what_is_for_serving_is_decided_here() -> None:
    assert api.for_serving() == FOR_SERVING


def test_the_documents_say_which_scopes_a_call_takes() -> None:
    schema = api.get_openapi_schema()["paths"]
    assert schema["/api/v1/search"]["get"]["x-token-scopes"] == ["read", "full"]
    assert schema["/api/v1/notes/{id}"]["delete"]["x-token-scopes"] == ["full"]
    assert schema["/api/v1/documents/{id}"]["get"]["x-token-scopes"] == ["read", "serve", "full"]
    assert schema["/api/v1/cases/{reference}/serve"]["post"]["x-token-scopes"] == ["serve", "full"]
    for path, found in schema.items():
        for method, call in found.items():
            assert "Scopes of a token:" in call["description"], (path, method)


def test_a_viewer_from_a_token_does_what_its_scope_says() -> None:
    from casebundle.cases.access import ACTS, SCREEN, Viewer

    for scope in Scope:
        for act, roles in ACTS.items():
            for role in [*roles, SCREEN]:
                may = Viewer(None, role, (), scope=scope).may(act)  # type: ignore[arg-type]
                wide = scope == Scope.FULL or (scope == Scope.SERVE and act == "serve")
                assert may is (wide and role in roles), (scope, act, role)
