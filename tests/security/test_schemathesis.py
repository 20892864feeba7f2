"""The API as its own OpenAPI document says it: made-up calls by each of the cast, every answer as documented.

`make schemathesis` makes many more (EXAMPLES for each call and person). Ids are often those of things that exist, and
fields often have a value that means something, so that calls do not all end at the door.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from casebundle.api.main import api as the_api
from casebundle.cases import people
from tests.cases import test_permission_table as table
from tests.cast import OTHER, REFERENCE, pdf, viewer

pytestmark = pytest.mark.django_db

world = table.world

EXAMPLES = int(os.environ.get("EXAMPLES", "1"))
LAWS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "allow_header_conformance",
]
# Values that mean something, by the name of a field.
SENSIBLE: dict[str, list[Any]] = {
    "reference": ["T20265555", REFERENCE],
    "template": ["crown", "family"],
    "email": ["new.person@x.example", "mari.llwyd@siambrau.example"],
    "role": ["defence", "judge", "observer", "clerk"],
    "party": ["bates", "court", ["bates", "doyle"], None],
    "profile": ["continuous", "per-section"],
    "letter": ["Z", "A"],
    "visible_to": [None, ["bates"], ["court", "doyle"]],
    "section": ["A", "J", "UND2"],
    "bundle": ["main"],
    "date": ["2026-03-14", None],
    "exhibit": ["JS/1"],
    "title": ["Statement of A N Other"],
    "position": [0, 1],
    "serve": [True, False],
    "kind": ["note", "highlight", "area"],
    "audience": ["private", "party", "case", "parties"],
    "parties": [["bates"], None],
    "quads": [[[0.1, 0.1, 0.4, 0.2]], None],
    "quote": ["red van", None],
    "tags": [["van"]],
    "body": ["Look here"],
    "starts": ["2030-01-01T10:00:00Z", None],
    "reason": ["In error"],
    "name": ["Jury"],
    "defendants": [["Ann Hall"]],
    "q": ["van", '"red van" OR grey*'],
    "case": [REFERENCE, None],
    "limit": [1, 500],
    "width": [200],
    "after": [0, 3],
    "from": ["2026-01-01"],
    "to": ["2027-01-01"],
    "version": [1],
    "cursor": [None],
}
IDS = {
    "/documents/": ["open", "bates", "und2", "staged", "private"],
    "/pages/": ["pg_open", "pg_bates", "pg_open2"],
    "/notes/": ["n_case", "n_party", "n_private", "n_hidden"],
    "/hearings/": ["hearing", "listed"],
    "/participants/": ["p_mari", "p_daniel", "p_sam", "p_tom"],
}


@pytest.fixture
def api() -> Iterator[Any]:
    # As Django's own test client does: a request must not close the connection that the test's transaction is on.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def secrets(world: SimpleNamespace) -> dict[str | None, str]:
    return {name: people.new_token(world.cast[name], "tried")[1] for name in table.WHO if name}


def known_ids(path: str, names: dict[str, str]) -> dict[str, list[str]]:
    """For each name in an address, what it may be filled with."""
    ids = next((found for part, found in IDS.items() if f"{part}{{id}}" in path), [])
    return {
        "reference": [REFERENCE, REFERENCE.lower(), OTHER],
        "slug": ["main"],
        "letter": ["A", "J"],
        "label": [names["l_open"], names["l_bates"]],
        "code": [names["code"]],
        "id": [names[one] for one in ids],
    }


def sense(draw: Any, given_: Any, world: SimpleNamespace) -> Any:
    """What was made up, with values that mean something in some of its fields."""
    if not isinstance(given_, dict):
        return given_
    values = {
        **SENSIBLE,
        "documents": [[world.names["staged"]], [world.names["open"]]],
        "participant": [world.names["p_daniel"], None],
    }
    return {
        key: draw(st.sampled_from(values[key])) if key in values and draw(st.booleans()) else value
        for key, value in given_.items()
    }


def conform(document: dict[str, Any], operation: Any, response: Any) -> None:
    """The body is as the document says. (Schemathesis takes tuples, as OpenAPI 3.1 has them, for a mistake.)"""
    told = document["paths"][operation.path][operation.method]["responses"][str(response.status_code)]
    media = response.headers.get("content-type", [""])[0].partition(";")[0]
    schema = told.get("content", {}).get(media, {}).get("schema")
    if schema is None or schema.get("format") == "binary":
        assert media not in ("application/json", "application/problem+json") or not response.content
        return
    whole = {**schema, "components": document["components"]}
    jsonschema_rs.validate(whole, json.loads(response.content))


def said(case: Any, who: str | None, response: Any, error: BaseException) -> str:
    return (
        f"{who or 'nobody'}: {case.method} {case.formatted_path} query={case.query!r} body={str(case.body)[:300]!r} "
        f"-> {response.status_code} {response.content[:300]!r}\n{error}"
    )


@pytest.mark.parametrize("who", table.WHO)
def test_the_api_answers_as_it_says(
    api: Any, world: SimpleNamespace, secrets: dict[str | None, str], who: str | None
) -> None:
    checks = CHECKS.get_by_names(LAWS)
    headers = {"Authorization": f"Bearer {secrets[who]}"} if who else {}
    found: dict[str, str] = {}
    answers: dict[int, int] = {}
    good_file = pdf(["One made-up page."])
    document = json.loads(json.dumps(the_api.get_openapi_schema()))

    def tried(operation: Any, mode: GenerationMode) -> None:
        ids = known_ids(operation.path, world.names)

        @settings(
            max_examples=EXAMPLES,
            phases=[Phase.generate],
            # The same calls in every `make test`; others each time where many are made.
            derandomize=EXAMPLES == 1,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
        )
        @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
        def once(case: Any, data: Any) -> None:
            for name in list(case.path_parameters or {}):
                if ids.get(name) and data.draw(st.integers(0, 3)):
                    case.path_parameters[name] = data.draw(st.sampled_from(ids[name]))
            if mode is GenerationMode.POSITIVE:
                case.body = sense(data.draw, case.body, world)
                case.query = sense(data.draw, case.query, world)
                if isinstance(case.body, dict) and "file" in case.body and data.draw(st.booleans()):
                    case.body["file"] = good_file
            with transaction.atomic():
                response = case.call(headers=headers)
                transaction.set_rollback(True)
            answers[response.status_code] = answers.get(response.status_code, 0) + 1
            try:
                case.validate_response(response, checks=checks)
                conform(document, operation, response)
            except (Exception, BaseExceptionGroup) as error:
                found.setdefault(
                    f"{case.method} {case.path} {response.status_code}", said(case, who, response, error)
                )

        once()

    for operation in api.get_all_operations():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            tried(operation.ok(), mode)
    print(f"{who or 'nobody'}: {sum(answers.values())} calls, {dict(sorted(answers.items()))}")
    assert sum(answers.values()) >= 44
    assert not found, f"{len(found)} kinds of answers that the document does not have:\n" + "\n\n".join(
        found.values()
    )
    if who not in (None, "sam"):
        assert any(code < 300 for code in answers), answers
        assert viewer(world.cast[who]).case.reference == REFERENCE
