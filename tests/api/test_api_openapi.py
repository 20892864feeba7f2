"""The OpenAPI document and the readable docs say what the API does."""

from __future__ import annotations

import re

import pytest

from tests.api.calling import ROOT


@pytest.fixture
def schema(client):
    answer = client.get(f"{ROOT}/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def test_every_call_says_what_it_answers_and_how_it_refuses(schema):
    assert schema["openapi"].startswith("3.1")
    ids = set()
    for path, calls in schema["paths"].items():
        assert path.startswith(f"{ROOT}/")
        for method, call in calls.items():
            ids.add(call["operationId"])
            assert call["summary"]
            assert call["security"] == [{"Token": []}, {"Session": []}]
            good = {status: answer for status, answer in call["responses"].items() if status < "400"}
            assert good, (method, path)
            for status, answer in good.items():
                assert status in ("204", "304") or answer.get("content"), (method, path, status)
            for status in ("401", "404", "429", "500"):
                content = call["responses"][status]["content"]
                assert content == {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                }
    assert len(ids) == sum(len(calls) for calls in schema["paths"].values())
    assert {"type", "title", "status", "detail", "errors", "request"} == set(
        schema["components"]["schemas"]["Problem"]["properties"]
    )


def test_every_reference_in_it_leads_somewhere(schema):
    import json

    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(schema)))
    assert names <= set(schema["components"]["schemas"])


def test_the_contract_is_in_it(schema):
    """The addresses and names that other programs rely on."""
    for call in """
        get /cases | post /cases | get /cases/{reference} | post /cases/{reference}/participants
        get /cases/{reference}/participants | get /cases/{reference}/bundles/{slug}
        patch /cases/{reference}/bundles/{slug} | post /cases/{reference}/bundles/{slug}/freeze
        get /cases/{reference}/pages/{label} | post /cases/{reference}/documents | post /cases/{reference}/serve
        get /documents/{id} | get /documents/{id}/original | get /documents/{id}/pdf | patch /documents/{id}
        post /documents/{id}/replace | post /documents/{id}/withdraw | get /documents/{id}/receipt
        get /pages/{id}/image | get /pages/{id}/text | get /pages/{id}/notes | post /pages/{id}/notes
        patch /notes/{id} | delete /notes/{id} | post /notes/{id}/replies | get /search
        post /cases/{reference}/hearings | get /hearings/{id} | post /hearings/{id}/floor
        post /hearings/{id}/close | post /hearings/{id}/screens | delete /screens/{code}
        get /cases/{reference}/journal
    """.replace("\n", "|").split("|"):
        if call.strip():
            method, path = call.split()
            assert method in schema["paths"].get(ROOT + path, {}), call
    fields = schema["components"]["schemas"]
    assert {"id", "title", "date", "exhibit", "first", "last", "pages", "status", "served"} <= set(
        fields["BundleDocument"]["properties"]
    )
    assert {
        "id",
        "served",
        "first",
        "last",
        "status",
        "reason",
        "pages",
        "pages_done",
        "warnings",
        "sha256",
        "size",
        "media_type",
    } <= set(fields["Document"]["properties"])
    assert {"id", "label", "asked", "document", "position", "width", "height"} == set(
        fields["NamedPage"]["properties"]
    )
    assert {"page", "label", "document", "snippet", "highlights"} <= set(fields["Hit"]["properties"])


def test_the_docs_can_be_read_and_bring_nothing_from_elsewhere(client, schema):
    answer = client.get(f"{ROOT}/docs")
    assert answer.status_code == 200
    text = answer.content.decode()
    for path in schema["paths"]:
        assert path in text
    for status in (401, 404, 422, 429):
        assert f'id="problem-{status}"' in text
    assert not re.search(r'(?:src|href)="(?:https?:)?//', text)
    assert "<script>" not in text
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)
