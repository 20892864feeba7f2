"""All tests, in two runs: `python scripts/test.py [what pytest takes]`.

The browser stories have a run of their own: Playwright keeps an event loop running in the main thread, which
asynchronous tests in the same process cannot live with. With arguments it is one plain pytest run of those.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NO_TESTS = 5


def main() -> int:
    pytest = [sys.executable, "-m", "pytest", "--quiet"]
    given = sys.argv[1:]
    if given:
        return subprocess.call([*pytest, *given], cwd=ROOT)
    codes = [
        subprocess.call(
            [*pytest, "-n", "2", "--dist", "loadfile", "--ignore=tests/journeys", "tests"], cwd=ROOT
        )
    ]
    if any((ROOT / "tests" / "journeys").glob("**/test_*.py")):
        codes.append(subprocess.call([*pytest, "tests/journeys"], cwd=ROOT))
    # A run in which nothing was collected has proved nothing, so it fails like any other.
    return max(codes)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
