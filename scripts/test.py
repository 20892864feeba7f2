"""All tests, in two runs: `python scripts/test.py [what pytest takes]`.

The browser stories have a run of their own: Playwright keeps an event loop running in the main thread, which
asynchronous tests in the same process cannot live with. With arguments it is one plain pytest run of those.
Tests have a data folder of their own, which is removed after them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="casebundle-test-") as data:
        env = {**os.environ, "CASEBUNDLE_DATA": data}

        def pytest(*arguments: str) -> int:
            return subprocess.call([sys.executable, "-m", "pytest", "--quiet", *arguments], cwd=ROOT, env=env)

        if len(sys.argv) > 1:
            return pytest(*sys.argv[1:])
        codes = [pytest("-n", "2", "--dist", "loadfile", "--ignore=tests/journeys", "tests")]
        if any((ROOT / "tests" / "journeys").glob("**/test_*.py")):
            codes.append(pytest("tests/journeys"))
    # A run in which nothing was collected has proved nothing, so it fails like any other.
    return max(codes)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
