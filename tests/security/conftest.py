from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def passwords_that_cost_little(settings: Any) -> None:
    """What is tried here is tried hundreds of times; how long a password takes is not the question."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
