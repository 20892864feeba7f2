"""What is made of the answers of pip-audit and npm audit: a vulnerability fails, silence is called silence."""

from __future__ import annotations

from typing import Any

import pytest

from scripts import audits


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ({"dependencies": [{"name": "a", "version": "1", "vulns": []}]}, "ok"),
        (
            {
                "dependencies": [
                    {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]},
                    {"name": "b", "skip_reason": "not found"},
                ]
            },
            "FAILED",
        ),
        ({"dependencies": [{"name": "a", "skip_reason": "not found"}]}, "NOT RUN"),
        ({"dependencies": []}, "NOT RUN"),
        ({}, "NOT RUN"),
    ],
)
def test_python_packages(found: Any, state: str) -> None:
    assert audits.judged_pip(found)[0] == state


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ({"vulnerabilities": {}, "metadata": {"dependencies": {"total": 9}}}, "ok"),
        ({"vulnerabilities": {"x": {"severity": "high", "range": "<2"}}, "metadata": {}}, "FAILED"),
        ({"vulnerabilities": {}, "metadata": {}}, "NOT RUN"),
        ({"message": "405 Method Not Allowed", "error": {}}, "NOT RUN"),
        (None, "NOT RUN"),
    ],
)
def test_npm_packages(found: Any, state: str) -> None:
    assert audits.judged_npm(found)[0] == state


def test_what_was_not_asked_fails_only_where_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUDITS", raising=False)
    assert audits.failing("FAILED")
    assert not audits.failing("NOT RUN")
    monkeypatch.setenv("AUDITS", "required")
    assert audits.failing("NOT RUN")
