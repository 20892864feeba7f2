"""OpenTelemetry, against a real receiver: its bytes are taken over HTTP and decoded by the protocol's own classes."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from casebundle.watching import traces
from tests.courtroom.stage import ROOT
from tests.running.test_logs import SECRET, Logged, flow_in

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Receiver:
    """A collector of traces."""

    def __init__(self) -> None:
        self.got: list[ExportTraceServiceRequest] = []
        self.raw = b""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    data = gzip.decompress(data)
                receiver.raw += data
                receiver.got.append(ExportTraceServiceRequest.FromString(data))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def spans(self) -> list[tuple[str, dict[str, Any], Any]]:
        """(name, attributes, the span) of each."""
        found = []
        for request in self.got:
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        values = {
                            one.key: one.value.string_value or one.value.int_value for one in span.attributes
                        }
                        found.append((span.name, values, span))
        return found


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Receiver, dict[str, Any]]]:
    receiver = Receiver()
    more = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
        "OTEL_BSP_SCHEDULE_DELAY": "200",
        "OTEL_SERVICE_NAME": "bundle-of-a-test",
        "TRUST_PROXY": "1",
    }
    with Logged(tmp_path_factory.mktemp("traces"), more) as house:
        house.ask("GET", "/api/v1/me", who="priya", traceparent=PARENT, **{"X-Request-ID": "of-the-proxy-1"})
        seen = flow_in(house)
        seen["named"] = house.ask("GET", "/api/v1/me", **{"X-Request-ID": f"{SECRET} with spaces"})[2]
        for _i in range(100):
            names = {name for name, _values, _span in receiver.spans()}
            if {"process_version", "draw_version"} <= names:
                break
            time.sleep(0.1)
    yield receiver, seen
    receiver.server.shutdown()
    receiver.server.server_close()


def test_requests_and_tasks_are_spans_with_ids_and_without_content(
    traced: tuple[Receiver, dict[str, Any]],
) -> None:
    receiver, seen = traced
    spans = receiver.spans()
    assert {"process_version", "draw_version", "GET search:search"} <= {name for name, _v, _s in spans}
    assert SECRET.encode() not in receiver.raw.lower()
    for secret in [*seen["tokens"], *seen["sessions"], "Okafor", "court.example"]:
        assert secret.encode() not in receiver.raw
    allowed = {
        *("http.request.method", "http.route", "http.response.status_code", "error.type"),
        *("casebundle.request", "casebundle.task", "casebundle.case", "casebundle.document"),
    }
    assert {key for _name, values, _span in spans for key in values} <= allowed
    assert not any(span.events for _name, _values, span in spans)
    read = [values for name, values, _span in spans if name == "process_version"]
    assert seen["document"] in {values.get("casebundle.document") for values in read}
    resource = receiver.got[0].resource_spans[0].resource
    assert {"bundle-of-a-test"} <= {one.value.string_value for one in resource.attributes}


def test_a_trusted_proxy_says_what_a_request_is_part_of(traced: tuple[Receiver, dict[str, Any]]) -> None:
    receiver, seen = traced
    of_it = [
        span
        for _name, values, span in receiver.spans()
        if values.get("casebundle.request") == "of-the-proxy-1"
    ]
    assert [span.trace_id.hex() for span in of_it] == [PARENT.split("-")[1]]
    assert of_it[0].parent_span_id.hex() == PARENT.split("-")[2]
    # Not every name is taken, even from there.
    assert SECRET not in seen["named"]["X-Request-ID"]


@pytest.mark.parametrize(
    ("env", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://x:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_the_usual_variables_switch_it_on(env: dict[str, str], wanted: bool) -> None:
    assert traces.wanted(env) is wanted


def test_nothing_of_it_is_loaded_where_it_is_off(tmp_path: Path) -> None:
    code = (
        "import sys, casebundle.asgi; print(sorted(m for m in sys.modules if m.startswith('opentelemetry')))"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**env, "CASEBUNDLE_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "[]", done.stderr
