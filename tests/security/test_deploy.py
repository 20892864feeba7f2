"""Production: nothing is made up, nothing is left open, and what is missing is said in one sentence."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEY = base64.b64encode(secrets.token_bytes(32)).decode()


def manage(tmp_path: Path, *arguments: str, **env: str | None) -> subprocess.CompletedProcess[str]:
    """manage.py in an environment as in docs/security.md, with changes; None leaves one out."""
    wanted = {
        "DATABASE_URL": "postgres://casebundle:secret@127.0.0.1:1/casebundle",
        "CASEBUNDLE_DATA": str(tmp_path / "data"),
        "SECRET_KEY": secrets.token_urlsafe(60),
        "SIGNING_KEY": KEY,
        "PUBLIC_URL": "https://bundle.court.example",
        **env,
    }
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, *(("manage.py",) if arguments[0] != "-c" else ()), *arguments],
        cwd=ROOT,
        env=kept | {name: value for name, value in wanted.items() if value is not None},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_is_clean(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "DEBUG")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues (0 silenced)" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY (or SECRET_KEY_FILE) must be set"),
        ({"SECRET_KEY": ""}, "SECRET_KEY (or SECRET_KEY_FILE) must be set"),
        ({"SIGNING_KEY": None}, "SIGNING_KEY (or SIGNING_KEY_FILE) must be set"),
        ({"SIGNING_KEY": "short"}, "SIGNING_KEY must be 32 bytes as base64"),
        ({"PUBLIC_URL": "bundle.court.example"}, "PUBLIC_URL must be an address"),
    ],
)
def test_what_is_missing_is_said(tmp_path: Path, env: dict[str, str | None], said: str) -> None:
    done = manage(tmp_path, "check", **env)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    # And nothing was made up in its place.
    assert not (tmp_path / "data" / "secrets").exists()


# A machine whose kernel gives no Landlock and has no bubblewrap, in a process that has not looked yet.
CANNOT = (
    "from casebundle.pdf import confinement as c; c._trial = lambda: c.Walls(True, missing=('Landlock: not here.',));"
    "import sys; from django.core.management import execute_from_command_line as run; run(['manage.py', *sys.argv[1:]])"
)


def test_without_confinement_production_says_so(tmp_path: Path) -> None:
    done = manage(tmp_path, "-c", CANNOT, "check", "--deploy", DJANGO_SETTINGS_MODULE="casebundle.settings")
    assert done.returncode != 0
    assert "casebundle.E002" in done.stderr
    assert "No uploaded file is opened here" in done.stderr
    assert "Landlock: not here." in done.stderr


def test_who_confines_in_another_way_is_reminded_of_it(tmp_path: Path) -> None:
    done = manage(
        tmp_path,
        *("-c", CANNOT, "check", "--deploy", "--fail-level", "ERROR"),
        DJANGO_SETTINGS_MODULE="casebundle.settings",
        CONFINEMENT="external",
    )
    assert done.returncode == 0, done.stderr
    assert "casebundle.W006" in done.stderr


@pytest.mark.parametrize("asked", ["best-effort", "off", "none"])
def test_production_is_never_without_confinement(tmp_path: Path, asked: str) -> None:
    done = manage(tmp_path, "check", CONFINEMENT=asked)
    assert done.returncode != 0
    assert "CONFINEMENT must be required or external" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_confinement_is_asked_for(tmp_path: Path) -> None:
    asked = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'casebundle.settings'; import django; django.setup();"
        "from casebundle.pdf import confinement; print(confinement.demanded())"
    )
    assert manage(tmp_path, "-c", asked).stdout.strip() == "required"
    assert manage(tmp_path, "-c", asked, CONFINEMENT="external").stdout.strip() == "external"
    laptop: dict[str, str | None] = dict.fromkeys(["DATABASE_URL", "SECRET_KEY", "SIGNING_KEY", "PUBLIC_URL"])
    assert manage(tmp_path, "-c", asked, **laptop).stdout.strip() == "best-effort"


def test_a_weak_secret_and_plain_http_are_found(tmp_path: Path) -> None:
    done = manage(
        tmp_path,
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        SECRET_KEY="aaaaaaaaaa",
        PUBLIC_URL="http://bundle.court.example",
    )
    assert done.returncode != 0
    for code in ("security.W004", "security.W009", "security.W012", "security.W016"):
        assert code in done.stderr, code


def test_a_secret_can_be_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(secrets.token_urlsafe(60))
    asked = "from casebundle import settings; print(settings.SECRET_KEY)"
    done = manage(tmp_path, "-c", asked, SECRET_KEY=None, SECRET_KEY_FILE=str(file))
    assert done.stdout.strip() == file.read_text(), done.stderr


def test_in_production_only_our_own_name_is_answered(tmp_path: Path) -> None:
    asked = "from casebundle import settings as s; print(s.ALLOWED_HOSTS, s.DEBUG, s.CSRF_TRUSTED_ORIGINS)"
    done = manage(tmp_path, "-c", asked)
    assert "['bundle.court.example'] False ['https://bundle.court.example']" in done.stdout


def test_secrets_of_a_laptop_are_for_its_owner_alone(tmp_path: Path) -> None:
    nothing: dict[str, str | None] = dict.fromkeys(
        ["DATABASE_URL", "SECRET_KEY", "SIGNING_KEY", "PUBLIC_URL"]
    )
    done = manage(tmp_path, "-c", "import casebundle.settings", **nothing)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    folder = tmp_path / "data" / "secrets"
    assert folder.stat().st_mode & 0o077 == 0
    assert {file.name for file in folder.iterdir()} == {"secret_key", "signing_key"}
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder.iterdir())
