"""Every check that reads the code without running it; all are run, and what fails is named at the end."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts import audits, needs  # noqa: E402

BIN = ROOT / ".venv" / "bin"
PY = str(BIN / "python")

CHECKS: dict[str, list[str]] = {
    "ruff": [PY, "-m", "ruff", "check", "--quiet", "--output-format=concise", "."],
    "layout (make format mends it)": [
        PY,
        "-m",
        "ruff",
        "format",
        "--check",
        "--quiet",
        "--output-format=concise",
        ".",
    ],
    "templates": [PY, "-m", "djlint", "--lint", "--quiet", "templates"],
    "floors": [str(BIN / "lint-imports"), "--no-cache", "--no-logo"],
    "types": [PY, "-m", "mypy", "--no-error-summary"],
    "docker-compose.yml": [
        str(BIN / "check-jsonschema"),
        "--builtin-schema",
        "vendor.compose-spec",
        "docker-compose.yml",
    ],
    "Dockerfile": [str(BIN / "hadolint"), "Dockerfile"],
    "types in JavaScript": ["node", "node_modules/typescript/bin/tsc", "--project", "jsconfig.json"],
}


def main() -> int:
    failed = []
    for name, command in CHECKS.items():
        started = time.monotonic()
        line = [needs.node(), *command[1:]] if command[0] == "node" else command
        done = subprocess.run(
            line, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        mark = "ok" if done.returncode == 0 else "FAILED"
        print(f"{mark:7} {name} ({time.monotonic() - started:.1f} s)", flush=True)
        if done.returncode:
            print(done.stdout + done.stderr, flush=True)
            failed.append(name)
    unasked = []
    for name, check in audits.CHECKS.items():
        started = time.monotonic()
        state, said = check()
        print(f"{state:7} {name}: {said} ({time.monotonic() - started:.1f} s)", flush=True)
        if audits.failing(state):
            failed.append(name)
        elif state == audits.NOT_RUN:
            unasked.append(name)
    if unasked:
        print(
            f"NOT CHECKED: {', '.join(unasked)}. The service that knows of them did not answer (scripts/audits.py)."
        )
    if failed:
        print("lint failed: " + ", ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
