"""Makes .env for docker-compose.yml: secrets of this installation alone. What is in it already is left as it is."""

from __future__ import annotations

import base64
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# In addresses too, so without signs that mean something there.
SECRETS: dict[str, Callable[[], str]] = {
    "DATABASE_PASSWORD": lambda: secrets.token_urlsafe(32),
    "REDIS_PASSWORD": lambda: secrets.token_urlsafe(32),
    "S3_SECRET": lambda: secrets.token_urlsafe(32),
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "SIGNING_KEY": lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
}


def make(path: Path) -> list[str]:
    """Add what is missing to the file; the names of it."""
    held = path.read_text(encoding="utf-8") if path.exists() else ""
    names = {line.partition("=")[0].strip() for line in held.splitlines()}
    missing = [name for name in SECRETS if name not in names]
    if missing:
        if held and not held.endswith("\n"):
            held += "\n"
        part = path.with_name(f"{path.name}.part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(held + "".join(f"{name}={SECRETS[name]()}\n" for name in missing))
        part.chmod(0o600)
        part.replace(path)
    return missing


def main() -> int:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".env"
    made = make(path)
    print(f"{path}: " + (f"made {', '.join(made)}" if made else "everything was there"))
    if "SIGNING_KEY" in made:
        print("Keep a copy of it somewhere safe: without SIGNING_KEY nobody can prove old checkpoints.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
