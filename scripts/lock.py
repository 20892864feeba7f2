"""Locks what we depend on: requirements/*.in to *.txt with hashes, package.json to package-lock.json."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"


def main() -> int:
    # base first: dev is held to what base says.
    for name in ("base", "node", "go", "dev"):
        out = f"requirements/{name}.txt"
        command = [
            str(BIN / "uv"),
            "pip",
            "compile",
            "--quiet",
            "--generate-hashes",
            "--python-version",
            "3.11",
        ]
        code = subprocess.call([*command, *sys.argv[1:], f"requirements/{name}.in", "-o", out], cwd=ROOT)
        if code:
            print(f"{out} could not be locked.")
            return code
    npm = str(BIN / "npm") if (ROOT / ".venv" / ".casebundle-node").exists() else "npm"
    path = os.pathsep.join([str(Path(npm).parent), os.environ["PATH"]])
    flags = ["--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"]
    return subprocess.call([npm, "install", *flags], cwd=ROOT, env={**os.environ, "PATH": path})


if __name__ == "__main__":
    sys.exit(main())
