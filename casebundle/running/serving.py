"""How the server is started: the same flags from `make run`, `manage.py serve` and a container."""

from __future__ import annotations

import sys
from pathlib import Path

# uvicorn's own loggers give what they say to ours (watching/logs.py).
LOGS = Path(__file__).with_name("uvicorn.json")


# Seconds that requests have to finish in after SIGTERM: under somebody's Ctrl-C, and on a server (after DRAIN_SECONDS).
AT_ONCE, IN_PEACE = 3, 30


def command(host: str, port: int, finish: int = AT_ONCE) -> list[str]:
    """The server's command line; it wants the project's folder as its working directory."""
    return [
        *[sys.executable, "-m", "uvicorn", "casebundle.asgi:application"],
        *["--host", host, "--port", str(port), "--ws", "websockets-sansio"],
        # Frames are small and go to hundreds: to compress each of them again for each costs more than it saves.
        *["--ws-per-message-deflate", "false", "--ws-max-size", str(2**20)],
        # Who vanished without a word is seen to be gone within 20 seconds.
        *["--ws-ping-interval", "10", "--ws-ping-timeout", "10"],
        *["--log-config", str(LOGS), "--log-level", "warning", "--no-access-log"],
        *["--timeout-graceful-shutdown", str(finish)],
        # Nobody tells us who they are by a header (TRUST_PROXY is read in cases/limits.py), nor we what we are.
        *["--no-proxy-headers", "--no-server-header"],
    ]
