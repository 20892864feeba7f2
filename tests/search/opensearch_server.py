"""The OpenSearch server that tests use: the one of OPENSEARCH_URL, else one that is started for them."""

from __future__ import annotations

import json
import secrets
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from search.opensearch import OpenSearchEngine
from tests.bucket import server


@cache
def url() -> str:
    """Its address; the test is left out, and says why, where there is none."""
    return server("opensearch", "OPENSEARCH_URL")


class Line:
    """The way to the server by toxiproxy, which can be cut and made bad."""

    def __init__(self) -> None:
        self.proxies = server("toxiproxy", "TOXIPROXY_URL")
        self.name = f"opensearch-{secrets.token_hex(4)}"
        there = urlsplit(url())
        made = self._call(
            "POST",
            "/proxies",
            {"name": self.name, "listen": "127.0.0.1:0", "upstream": f"{there.hostname}:{there.port}"},
        )
        self.url = f"http://{made['listen']}"

    def _call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        request = urllib.request.Request(
            self.proxies + path, method=method, data=None if body is None else json.dumps(body).encode()
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else {}

    def cut(self) -> None:
        self._call("POST", f"/proxies/{self.name}", {"enabled": False})

    def whole(self) -> None:
        """As it was in the beginning."""
        for toxic in self._call("GET", f"/proxies/{self.name}")["toxics"]:
            self._call("DELETE", f"/proxies/{self.name}/toxics/{toxic['name']}")
        self._call("POST", f"/proxies/{self.name}", {"enabled": True})

    def silent(self) -> None:
        """Nothing that the server says arrives any more."""
        self._call("POST", f"/proxies/{self.name}/toxics", {"type": "timeout", "attributes": {"timeout": 0}})

    def slow(self, milliseconds: int) -> None:
        """What the server says arrives so much later."""
        toxic = {"type": "latency", "attributes": {"latency": milliseconds}}
        self._call("POST", f"/proxies/{self.name}/toxics", toxic)

    def end(self) -> None:
        self._call("DELETE", f"/proxies/{self.name}")


@contextmanager
def a_line() -> Iterator[Line]:
    line = Line()
    try:
        yield line
    finally:
        line.end()


@contextmanager
def an_engine(**more: object) -> Iterator[OpenSearchEngine]:
    """An engine with indexes of its own, which are deleted in the end. more: for OpenSearchEngine."""
    name = f"test-{secrets.token_hex(4)}"
    engine = OpenSearchEngine(**{"url": url(), "index": name, **more})  # type: ignore[arg-type]
    try:
        yield engine
    finally:
        engine.close()
        sweep(name)


def sweep(name: str) -> None:
    """Delete every index whose name begins so."""
    engine = OpenSearchEngine(url(), index=name)
    for index in engine._ask("GET", f"/{name}-*", params={"filter_path": "*.aliases"}):
        engine._delete(index)
    engine.close()
