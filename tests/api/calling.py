"""Calling the API as a program does."""

from __future__ import annotations

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from casebundle.cases.people import new_token
from tests.cast import REFERENCE

ROOT = "/api/v1"


class Caller:
    """A program that calls with somebody's token. Its answers have `.data`, the JSON of their body."""

    def __init__(self, user: Any) -> None:
        _token, self.secret = new_token(user, "tests")
        self.client = Client(
            headers={"Authorization": f"Bearer {self.secret}"}, raise_request_exception=False
        )

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        if body is not None:
            more |= {"data": json.dumps(body), "content_type": "application/json"}
        return answered(self.client.generic(method, ROOT + path, **more))

    def get(self, path: str, **more: Any) -> Any:
        return answered(self.client.get(ROOT + path, **more))

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return self.call("POST", path, {} if body is None else body, **more)

    def patch(self, path: str, body: Any) -> Any:
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.call("DELETE", path)

    def upload(
        self, data: bytes, section: str | None = None, *, path: str = "", key: str = "", **form: Any
    ) -> Any:
        """Upload a file, into section H of the case where nothing else is said."""
        fields = {"file": SimpleUploadedFile(form.pop("name", "file.pdf"), data), **form}
        if section or not path:
            fields["section"] = section or "H"
        headers = {"Idempotency-Key": key} if key else {}
        path = path or f"/cases/{REFERENCE}/documents"
        return answered(self.client.post(ROOT + path, fields, headers=headers))


def answered(response: Any) -> Any:
    kind = response.headers.get("Content-Type", "")
    if "json" in kind:
        response.data = response.json()
    if response.status_code >= 400:
        assert kind == "application/problem+json", (response.status_code, kind)
        assert (
            {"type", "title", "status", "detail"}
            <= set(response.data)
            <= {
                "type",
                "title",
                "status",
                "detail",
                "errors",
            }
        )
        assert response.data["status"] == response.status_code
        assert response.data["detail"]
    return response
