"""Texts that people should never have sent, and what is looked for in an answer that shows them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

# An element or attribute of that name in a page is one that a text has made.
MARK = "zz7"
SHORT = f'"><{MARK}>'
TAG = f"'\"><{MARK} on{MARK}=1>"
EVERYTHING = (
    f"</script></style></textarea></title></option>--><{MARK} on{MARK}=1 {TAG}" + "{{ zz7 }}{% zz7 %}&"
)

# In the order in which they are sent; the last one stays where only one can.
TEXTS: dict[str, str] = {
    "a line break into a header": f"zz\r\nX-Zz7: 1\r\nSet-Cookie: {MARK}=1\r\n\r\n<{MARK}>",
    "a null": f"zz\x00{SHORT}",
    "half a character": "zz\ud800zz",
    "text that is turned round": f"\u202egnp.{MARK}\u2066 \u200f{SHORT}",
    "a formula": f"=cmd|'/C calc'!A0 {SHORT}",
    "another folder": f"../../../../etc/passwd\\..\\{MARK}",
    "very long": f"{SHORT}" + "x" * 20_000,
    "beyond the plane": "\U0001f469\u200d\u2696\ufe0f" * 8 + "e\u0301" * 20 + "\ufeff\u2028",
    "right to left": "\u05e9\u05dd \u05d0\u05e8\u05d5\u05da \u0627\u0633\u0645",
    "a pattern": "%s%n%(x)s {0.__class__} ${x} #{x} \\1 \\x00 %00%0d%0aX-Zz7: 1",
    "a command": f"$(touch /tmp/{MARK}) `{MARK}`; rm -rf / | '{MARK}' && \"",
    "an address": f"javascript:{MARK}()//",
    "nothing": " \t\u00a0\u200b",
    "markup": EVERYTHING,
    "short markup": TAG,
}
# Where there is little time: each of another kind.
SOME = (
    "a line break into a header", "a null", "half a character", "very long", "text that is turned round",
    "beyond the plane", "an address", "markup",
)  # fmt: skip
FEW = ("very long", "markup")


def multipart(filename: str, data: bytes, **fields: str) -> tuple[bytes, str]:
    """A form with a file, written by hand: a program sends the name that it likes. (body, content type)"""
    name = filename.replace("\\", "\\\\").replace('"', '\\"').encode("utf-8", "replace")
    parts = [
        b'Content-Disposition: form-data; name="%s"\r\n\r\n%s'
        % (key.encode(), value.encode("utf-8", "replace"))
        for key, value in fields.items()
    ]
    parts.append(
        b'Content-Disposition: form-data; name="file"; filename="%s"\r\nContent-Type: application/pdf\r\n\r\n%s'
        % (name, data)
    )
    return b"".join(
        b"--x\r\n%s\r\n" % part for part in parts
    ) + b"--x--\r\n", "multipart/form-data; boundary=x"


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.made: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if MARK in tag:
            self.made.append(f"<{tag}>")
        for name, value in attrs:
            if MARK in name:
                self.made.append(f"<{tag} {name}>")
            address = name in ("href", "src", "action", "formaction", "data", "xlink:href")
            if address and re.match(
                r"[\x00-\x20]*(?:javascript|vbscript|data:(?!image/))", value or "", re.I
            ):
                self.made.append(f"<{tag} {name}={value!r}>")

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.made.append("a comment")


def made(response: Any) -> list[str]:
    """What a hostile text has made of an answer: nothing, where all is well."""
    found: list[str] = []
    if response.status_code >= 500:
        found.append(f"status {response.status_code}")
    for name, value in response.headers.items():
        if (
            MARK in name.lower()
            or re.search(r"[\r\n\x00]", value)
            or ("zz7" in value.lower() and name == "Set-Cookie")
        ):
            found.append(f"header {name}: {value!r}")
    found += [f"cookie {name}" for name in response.cookies if MARK in name]
    body = b"".join(response.streaming_content) if response.streaming else response.content
    kind = response.headers.get("Content-Type", "")
    if kind.startswith(("text/html", "application/xhtml", "image/svg", "text/xml", "application/xml")):
        page = _Reading()
        page.feed(body.decode("utf-8", "replace"))
        page.close()
        found += page.made
    elif body and not kind.startswith(
        ("application/json", "application/problem+json", "image/", "application/pdf", "text/javascript")
    ):
        found.append(f"the type {kind!r}")
    return found
