"""What every house of these tests begins with is made once."""

from __future__ import annotations

import pytest

from scripts.abuse_house import SEED


@pytest.fixture(scope="session", autouse=True)
def seed(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SEED, str(tmp_path_factory.mktemp("seed")))
        yield
