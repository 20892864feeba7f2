"""Compose file and Dockerfile say what docs/operations.md promises of them. (Their schemas are held by `make lint`,
their steps by scripts/try_dockerfile.py.)"""

from __future__ import annotations

import base64
import re
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts import compose_secrets, try_dockerfile

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("web", "worker", "prepared")


def test_nothing_starts_without_secrets_of_its_own(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    made = compose_secrets.make(env)
    required = set(re.findall(r"\$\{(\w+):\?", TEXT))
    assert required == set(made) == set(compose_secrets.SECRETS)
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    values = dict(line.split("=", 1) for line in env.read_text().splitlines())
    assert len(set(values.values())) == len(values)
    assert len(base64.b64decode(values["SIGNING_KEY"], validate=True)) == 32
    # Whatever else is asked for has a value that is no secret.
    assert not re.findall(r"\$\{(\w+)\}", TEXT)
    for one in SERVICES.values():
        for name, value in one.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|KEY|AUTH", name):
                assert value.startswith("${") or value == "casebundle", name


def test_secrets_that_are_there_stay(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("PUBLIC_URL=https://bundle.court.example\nSECRET_KEY=kept")
    assert "SECRET_KEY" not in compose_secrets.make(env)
    text = env.read_text()
    assert text.startswith("PUBLIC_URL=https://bundle.court.example\nSECRET_KEY=kept\n")
    assert compose_secrets.make(env) == []
    assert env.read_text() == text


def test_only_web_can_be_reached_and_only_from_this_machine() -> None:
    assert [name for name, one in SERVICES.items() if "ports" in one] == ["web"]
    assert SERVICES["web"]["ports"][0].startswith("${WEB_ADDRESS:-127.0.0.1}:")
    assert COMPOSE["networks"]["inside"]["internal"] is True
    for name in ("postgres", "valkey", "opensearch", "s3"):
        assert SERVICES[name]["networks"] == ["inside"]


def test_everything_says_whether_it_is_well_and_is_waited_for() -> None:
    for name, one in SERVICES.items():
        # Ours say so in the Dockerfile.
        assert name in OURS or one["healthcheck"]["test"], name
    waited = SERVICES["prepared"]["depends_on"]
    assert {one["condition"] for one in waited.values()} == {"service_healthy"}
    for name in ("web", "worker"):
        assert SERVICES[name]["depends_on"]["prepared"]["condition"] == "service_completed_successfully"


def test_what_is_kept_is_in_volumes() -> None:
    used = {volume.split(":")[0] for one in SERVICES.values() for volume in one.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])
    assert {"postgres", "s3", "s3-versions", "opensearch"} <= used


@pytest.mark.parametrize("name", OURS)
def test_ours_can_do_no_more_than_they_must(name: str) -> None:
    one = SERVICES[name]
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]


def test_every_variable_of_ours_is_one_that_is_read() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("casebundle", "search")
        for path in (ROOT / folder).rglob("*.py")
    )
    for name in SERVICES["web"]["environment"]:
        assert f'"{name}"' in code or name.startswith("OTEL_"), name


def test_both_images_run_as_nobody_with_what_they_need() -> None:
    stages = try_dockerfile.read(ROOT / "Dockerfile")
    assert list(stages) == ["build", "runtime", "web", "worker"]
    for target in ("web", "worker"):
        words = stages[target].lines
        assert ("USER", "10001:10001") in words
        assert words[-1][0] == "CMD"
        assert any(word == "HEALTHCHECK" for word, _rest in words)
    packages = next(rest for word, rest in stages["worker"].lines if word == "RUN")
    for package in ("libreoffice-writer-nogui", "tesseract-ocr-cym", "tesseract-ocr-eng", "ghostscript"):
        assert package in packages
    # What is copied is there.
    for _word, rest in [line for line in stages["runtime"].lines if line[0] == "COPY"]:
        for name in rest.split()[1:-1]:
            top = name.removeprefix("/app/")
            assert top in (".venv", "staticfiles") or (ROOT / top).exists(), name
