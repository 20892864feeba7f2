"""The readable docs: the OpenAPI document as a page of ours, with no code from elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .main import api

# What each problem means, where the docs explain it once for all calls.
PROBLEMS = {
    401: "No token, or one that is not good (any more).",
    403: "It may be seen, but this may not be done with it.",
    404: "It does not exist, or it is not for the caller: always the same bytes.",
    405: "The address is right, the method is not.",
    409: "It cannot be done as things stand.",
    413: "The file or the body is too large.",
    415: "The file is plainly not of a format that is taken.",
    422: "Something that was sent is not right; “errors” says what, by field.",
    429: "Too many calls in a minute; “Retry-After” says how many seconds to wait.",
    500: "It is our fault, and was written down.",
    503: "A part that is needed does not answer just now; “Retry-After” says when to try again.",
}


@dataclass
class Field:
    name: str
    kind: str
    required: bool
    description: str


@dataclass
class Call:
    id: str
    method: str
    path: str
    summary: str
    paragraphs: list[str]
    parameters: list[tuple[str, list[Field]]] = field(default_factory=list)
    answers: list[tuple[str, str, list[Field]]] = field(default_factory=list)
    problems: list[int] = field(default_factory=list)


@dataclass
class Room:
    name: str
    anchor: str
    calls: list[Call] = field(default_factory=list)


def docs(request: HttpRequest) -> HttpResponse:
    """Every call, made from the OpenAPI document, so that it cannot say anything else."""
    schema = api.get_openapi_schema()
    rooms: dict[str, Room] = {}
    for path, calls in schema["paths"].items():
        for method, call in calls.items():
            name = call["tags"][0]
            room = rooms.setdefault(name, Room(name, re.sub(r"\W+", "-", name.lower())))
            room.calls.append(_call(schema, method, path, call))
    explained = [(status, HTTPStatus(status).phrase, text) for status, text in PROBLEMS.items()]
    return render(
        request, "api/docs.html", {"rooms": rooms.values(), "problems": explained, "info": schema["info"]}
    )


def _call(schema: dict[str, Any], method: str, path: str, call: dict[str, Any]) -> Call:
    found = Call(
        id=f"{method}-{re.sub(r'[^a-z0-9]+', '-', path.removeprefix('/api/v1/').lower()).strip('-')}",
        method=method.upper(),
        path=path,
        summary=call["summary"],
        paragraphs=[
            " ".join(part.split()) for part in call.get("description", "").split("\n\n") if part.strip()
        ],
    )
    by_place: dict[str, list[Field]] = {}
    for parameter in call["parameters"]:
        by_place.setdefault(parameter["in"], []).append(
            Field(
                parameter["name"],
                _kind(parameter["schema"]),
                parameter["required"],
                parameter.get("description", ""),
            )
        )
    found.parameters += [
        (place, by_place[place]) for place in ("path", "query", "header") if place in by_place
    ]
    for kind, body in call.get("requestBody", {}).get("content", {}).items():
        found.parameters.append((kind, _fields(schema, body["schema"])))
    for status, answer in call["responses"].items():
        if int(status) >= 400:
            found.problems.append(int(status))
            continue
        kinds = answer.get("content", {})
        kind, shown = next(iter(kinds.items()), ("", {}))
        found.answers.append((str(status), kind, _fields(schema, shown.get("schema", {}))))
    found.problems.sort()
    return found


def _resolved(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        found: dict[str, Any] = schema["components"]["schemas"][node["$ref"].rsplit("/", 1)[-1]]
        return found
    return node


def _fields(schema: dict[str, Any], node: dict[str, Any]) -> list[Field]:
    """The fields of an object; of a list, those of what is in it."""
    node = _resolved(schema, node)
    required = node.get("required", [])
    found = []
    for name, part in node.get("properties", {}).items():
        found.append(Field(name, _kind(part), name in required, part.get("description", "")))
        inside = part.get("items") or {}
        if name in ("items", "hits", "documents", "sections"):
            options = inside.get("anyOf", [inside])
            for option in options[:1]:
                found += [
                    Field(f"{name}[].{each.name}", each.kind, each.required, each.description)
                    for each in _fields(schema, option)
                ]
    return found


def _kind(node: dict[str, Any]) -> str:
    """The type of a value in words."""
    if "$ref" in node:
        return node["$ref"].rsplit("/", 1)[-1]
    if "anyOf" in node:
        return " or ".join(dict.fromkeys(_kind(each) for each in node["anyOf"]))
    if "enum" in node:
        return ", ".join(map(str, node["enum"]))
    if "const" in node:
        return f"“{node['const']}”"
    kind = node.get("type", "any")
    if kind == "array":
        return f"list of {_kind(node.get('items') or {})}"
    return str(node.get("format") or kind)
