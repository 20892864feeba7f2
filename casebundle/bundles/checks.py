"""What `manage.py check --deploy` says about files: what the bucket cannot do, and whether they are opened safely."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Warned
from django.core.files.storage import default_storage

from casebundle.pdf import confinement


@register("files", deploy=True)
def bucket(**_options: Any) -> list[CheckMessage]:
    """Nothing where files are in a folder."""
    abilities = getattr(default_storage, "abilities", None)
    if abilities is None:
        return []
    where: str = default_storage.where  # type: ignore[attr-defined]
    try:
        able = abilities()
    except OSError as error:
        hint = getattr(error, "mends", "")
        return [Error(f"Files cannot be kept: {error.strerror}.", hint=hint, id="casebundle.E001")]
    ids = {"keeps no versions": "W001", "has no object lock": "W002", "does not say that it encrypts": "W003"}
    found: list[CheckMessage] = [
        Warned(
            f"{where[0].upper()}{where[1:]} {what}: {so}.",
            hint="docs/operations.md says what a bucket of originals should do.",
            id=f"casebundle.{ids[what]}",
        )
        for what, so in able.missing()
    ]
    if not able.locks and (settings.STORAGE_RETENTION_DAYS or settings.STORAGE_LEGAL_HOLD):
        found.append(
            Warned(
                "STORAGE_RETENTION_DAYS or STORAGE_LEGAL_HOLD is set, and the bucket has no object lock: originals are "
                "kept without.",
                hint="Object lock is chosen when a bucket is made.",
                id="casebundle.W004",
            )
        )
    elif able.locks and not settings.STORAGE_RETENTION_DAYS and not settings.STORAGE_LEGAL_HOLD:
        found.append(
            Warned(
                "The bucket has object lock, and STORAGE_RETENTION_DAYS is not set: originals are locked only as far "
                "as the bucket does so by itself.",
                id="casebundle.W005",
            )
        )
    return found


@register("files", deploy=True)
def confined(**_options: Any) -> list[CheckMessage]:
    """Whether the processes that open uploaded files can be confined here."""
    found = confinement.trial()
    if confinement.demanded() == "external":
        return [
            Warned(
                "CONFINEMENT is external: files are opened whether or not this kernel confines what opens them "
                f"({found.level}).",
                hint="Right only where all of it runs in a sandbox of another kind, like gVisor (docs/security.md).",
                id="casebundle.W006",
            )
        ]
    if found.whole:
        return []
    return [
        Error(
            "No uploaded file is opened here, for what opens it cannot be confined.",
            hint=" ".join(found.missing),
            id="casebundle.E002",
        )
    ]
