"""Court templates: the sections a new case starts with, as data files (court_templates/*.yaml)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "court_templates"


@cache
def court_template(slug: str) -> dict[str, Any]:
    """{"title", "court", "profile", "bundles": [{"slug", "title", "sections": [{"letter", "title", "audience"?}]}]}

    Raises KeyError for a template that is not there.
    """
    if slug not in court_templates():
        raise KeyError(slug)
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{slug}.yaml").read_text(encoding="utf-8"))
    return found


@cache
def court_templates() -> tuple[str, ...]:
    """The slugs of the templates there are."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))
