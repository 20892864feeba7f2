"""Known vulnerabilities in what we depend on: pip-audit over requirements/*.txt, npm audit over package-lock.json.

Both ask a service of others. A vulnerability that it names fails; that it does not answer does not, here or in CI: a
change must not wait for somebody else's server, and what was locked yesterday is no worse than yesterday. But it is
said, in capitals, with the number of packages that nobody looked at, so that silence is never taken for health.
AUDITS=required makes it a failure (for a release).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts import needs  # noqa: E402

REQUIREMENTS = ("base", "dev", "node")
SECONDS = 120

OK, BAD, NOT_RUN = "ok", "FAILED", "NOT RUN"


def pip() -> tuple[str, str]:
    """(ok, FAILED or NOT RUN, what there is to say) about Python packages."""
    files = [f"-rrequirements/{name}.txt" for name in REQUIREMENTS]
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--disable-pip",
        "--require-hashes",
        "--progress-spinner=off",
    ]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "found.json"
        # No cache: an answer from yesterday is not an answer.
        command += ["--format=json", f"--output={out}", f"--cache-dir={folder}/cache", *files]
        try:
            done = subprocess.run(
                command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS
            )
        except subprocess.TimeoutExpired:
            return NOT_RUN, f"no answer within {SECONDS} s"
        try:
            found = json.loads(out.read_text())
        except (OSError, ValueError):
            return NOT_RUN, _last(done.stderr)
    return judged_pip(found)


def judged_pip(found: dict[str, list[dict[str, object]]]) -> tuple[str, str]:
    """What pip-audit's JSON comes to. It calls itself content also where it could look at nothing."""
    rows = found.get("dependencies", [])
    bad = [
        f"{row['name']} {row.get('version')}: {one['id']}, mended in {', '.join(one.get('fix_versions') or ['?'])}"
        for row in rows
        for one in row.get("vulns") or []  # type: ignore[attr-defined]
    ]
    if bad:
        return BAD, "\n".join(bad)
    skipped = [str(row["name"]) for row in rows if row.get("skip_reason")]
    if not rows or skipped:
        return NOT_RUN, f"{len(skipped)} of {len(rows)} packages could not be looked up"
    return OK, f"{len(rows)} packages"


def npm() -> tuple[str, str]:
    """The same about what comes from npm."""
    node = Path(needs.node())
    beside = node.with_name("npm")
    program = str(beside) if beside.exists() else "npm"
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    try:
        done = subprocess.run(
            [program, "audit", "--json", "--package-lock-only", "--fetch-retries=1", "--fetch-timeout=30000"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
            env={**os.environ, "PATH": path},
        )
        found = json.loads(done.stdout or "null")
    except subprocess.TimeoutExpired:
        return NOT_RUN, f"no answer within {SECONDS} s"
    except (OSError, ValueError) as error:
        return NOT_RUN, str(error)
    return judged_npm(found)


def judged_npm(found: object) -> tuple[str, str]:
    """What npm's JSON comes to."""
    if not isinstance(found, dict) or "vulnerabilities" not in found:
        said = found.get("message") or found.get("error") if isinstance(found, dict) else None
        return NOT_RUN, _last(str(said or "npm said nothing"))
    bad = [
        f"{name} ({about.get('severity')}): {about.get('range')}"
        for name, about in found["vulnerabilities"].items()
    ]
    if bad:
        return BAD, "\n".join(sorted(bad))
    total = found.get("metadata", {}).get("dependencies", {}).get("total", 0)
    return (OK, f"{total} packages") if total else (NOT_RUN, "no package was looked at")


def _last(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"


CHECKS = {"known vulnerabilities, Python": pip, "known vulnerabilities, npm": npm}


def failing(state: str) -> bool:
    return state == BAD or (state == NOT_RUN and os.environ.get("AUDITS") == "required")


def main() -> int:
    code = 0
    for name, check in CHECKS.items():
        state, said = check()
        print(f"{state:7} {name}: {said}", flush=True)
        code |= failing(state)
    return code


if __name__ == "__main__":
    sys.exit(main())
