"""The readable docs: the OpenAPI document as a page of ours, with no code from elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from . import schemas
from .main import api

# What each problem means, where the docs explain it once for all calls.
PROBLEMS = {
    401: "No token, or one that is not good (any more).",
    403: "It may be seen, but this may not be done with it; or the scope of the token is not for this call.",
    404: "It does not exist, or it is not for the caller: always the same bytes.",
    405: "The address is right, the method is not.",
    409: "It cannot be done as things stand.",
    413: "The file or the body is too large.",
    415: "The file is plainly not of a format that is taken.",
    416: "The file has no such part as “Range” asks for.",
    422: "Something that was sent is not right; “errors” says what, by field.",
    429: "Too many calls in a minute; “Retry-After” says how many seconds to wait.",
    500: "It is our fault, and was written down.",
    503: "A part that is needed does not answer just now; “Retry-After” says when to try again.",
}


# Words, and the anchor that they lead to or "".
Pieces = list[tuple[str, str]]
OPTIONAL: Pieces = [(", optional", "")]
# Said of every call at once.
NOT_LISTED = ("Problem",)


@dataclass
class Field:
    name: str
    kind: Pieces
    text: Pieces


@dataclass
class Call:
    id: str
    method: str
    path: str
    summary: str
    paragraphs: list[Pieces]
    parameters: list[tuple[str, list[Field]]] = field(default_factory=list)
    answers: list[tuple[str, str, Pieces]] = field(default_factory=list)
    problems: list[int] = field(default_factory=list)


@dataclass
class Room:
    name: str
    anchor: str
    calls: list[Call] = field(default_factory=list)


@dataclass
class Thing:
    name: str
    anchor: str
    text: Pieces
    fields: list[Field]


def docs(request: HttpRequest) -> HttpResponse:
    """Every call and every answer, made from the OpenAPI document, so that it cannot say anything else."""
    schema = api.get_openapi_schema()
    things = schema["components"]["schemas"]
    rooms: dict[str, Room] = {}
    for path, calls in schema["paths"].items():
        for method, call in calls.items():
            name = call["tags"][0]
            room = rooms.setdefault(name, Room(name, re.sub(r"\W+", "-", name.lower())))
            room.calls.append(_call(things, method, path, call))
    told = {
        "rooms": rooms.values(),
        "things": [
            Thing(name, _anchor(name), code(thing.get("description", "")), _fields(thing))
            for name, thing in sorted(things.items())
            if not name.startswith("Page_") and name not in NOT_LISTED and not _is_sent(name)
        ],
        "problems": [(status, HTTPStatus(status).phrase, text) for status, text in PROBLEMS.items()],
    }
    return render(request, "api/docs.html", told)


def _is_sent(name: str) -> bool:
    """Whether it is what a call takes: that stands with the call."""
    return issubclass(getattr(schemas, name), schemas.In)


def _call(things: dict[str, Any], method: str, path: str, call: dict[str, Any]) -> Call:
    found = Call(
        id=f"{method}-{re.sub(r'[^a-z0-9]+', '-', path.removeprefix('/api/v1/').lower()).strip('-')}",
        method=method.upper(),
        path=path,
        summary=call["summary"],
        paragraphs=[code(part) for part in call.get("description", "").split("\n\n") if part.strip()],
    )
    by_place: dict[str, list[Field]] = {}
    for parameter in call["parameters"]:
        by_place.setdefault(parameter["in"], []).append(
            Field(
                parameter["name"],
                _kind(parameter["schema"]) + ([] if parameter["required"] else OPTIONAL),
                code(parameter.get("description", "")),
            )
        )
    found.parameters += [
        (place, by_place[place]) for place in ("path", "query", "header") if place in by_place
    ]
    for kind, body in call.get("requestBody", {}).get("content", {}).items():
        shape = body["schema"]
        found.parameters.append(
            (kind, _fields(things[_name(shape)] if "$ref" in shape else shape, sent=True))
        )
    for status, answer in call["responses"].items():
        if int(status) >= 400:
            found.problems.append(int(status))
            continue
        content: dict[str, dict[str, Any]] = answer.get("content", {})
        nothing: dict[str, Any] = {}
        media, shown = next(iter(content.items()), ("", nothing))
        bytes_or_nothing = shown.get("schema", {}).get("format") == "binary" or not shown
        found.answers.append((str(status), media, [] if bytes_or_nothing else _kind(shown["schema"])))
    found.problems.sort()
    return found


def code(text: str) -> Pieces:
    """A text in which `this` is code: pieces, each with "code" or nothing."""
    return [
        (piece, "code" if at % 2 else "")
        for at, piece in enumerate(" ".join(text.split()).split("`"))
        if piece
    ]


def _name(node: dict[str, Any]) -> str:
    return str(node["$ref"]).rsplit("/", 1)[-1]


def _anchor(name: str) -> str:
    return f"data-{name.lower()}"


def _fields(node: dict[str, Any], *, sent: bool = False) -> list[Field]:
    """The fields of an object; of what is sent it is said which may be left out."""
    needed = node.get("required", []) if sent else node.get("properties", {})
    return [
        Field(name, _kind(part) + ([] if name in needed else OPTIONAL), code(part.get("description", "")))
        for name, part in node.get("properties", {}).items()
    ]


def _kind(node: dict[str, Any]) -> Pieces:
    """The type of a value in words, with links to what is said about it elsewhere."""
    if "$ref" in node:
        name = _name(node)
        inside = re.fullmatch(r"Page_(\w+)_", name)
        if inside:
            return [("items: list of ", ""), (inside[1], _anchor(inside[1])), (", next", "")]
        return [(name, "" if _is_sent(name) else _anchor(name))]
    if "anyOf" in node:
        options: Pieces = []
        for each in node["anyOf"]:
            found = _kind(each)
            if not set(found) <= set(options):
                options += [(" or ", ""), *found] if options else found
        return options
    if "enum" in node:
        return [(", ".join(map(str, node["enum"])), "")]
    if "const" in node:
        return [(f"“{node['const']}”", "")]
    kind = node.get("type", "any")
    if kind == "array":
        return [("list of ", ""), *_kind(node.get("items") or {})]
    return [(str(node.get("format") or kind), "")]
