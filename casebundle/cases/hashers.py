"""How passwords are kept."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id with somewhat more than what OWASP asks for at least: Django's own 100 MiB for each who signs in would
    be 5 GiB for a court that signs in at ten."""

    time_cost = 2
    memory_cost = 32 * 1024  # KiB
    parallelism = 1
