"""Taking files in: kept under their SHA-256 before anything else is done with them."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from casebundle.bundles import files
from casebundle.bundles.models import Bundle, Document, Section, Version
from casebundle.bundles.services import (
    Conflict,
    checked_date,
    clean,
    may_edit,
    next_position,
    next_unplaced,
    own_audience,
    section_by_letter,
    settle_audience,
    visible_to_choice,
)
from casebundle.cases.access import NotAllowed, Viewer, must_see
from casebundle.journal import audience, record
from casebundle.pdf import guess as guessing

from .tasks import process_version

NAME_LENGTH = 200


def safe_name(name: str) -> str:
    """A file's name as it can be shown: the last part of its path, without controls and marks that turn text round."""
    name = re.split(r"[\\/]", name)[-1]
    name = "".join(
        c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )
    name = " ".join(name.split()).strip(". ")
    if len(name) > NAME_LENGTH:
        stem, dot, ending = name.rpartition(".")
        name = (
            f"{stem[: NAME_LENGTH - len(ending) - 2]}….{ending}"
            if dot and len(ending) < 10
            else name[:NAME_LENGTH]
        )
    return name or "document.pdf"


def receive(
    viewer: Viewer,
    bundle: Bundle,
    section: str,
    name: str,
    chunks: Iterable[bytes] | UploadedFile[Any],
    *,
    title: str | None = None,
    date: Any = None,
    exhibit: str | None = None,
    visible_to: Collection[str] | None = None,
    serve: bool = False,
    idempotency_key: str | None = None,
    position: int | None = None,
) -> Document:
    """Take one file in as a staged document: when this returns it is safe on disk and in the database.

    `position` is its place, from 0, among those that its side has staged for the section (the end, where none is
    given): files that are sent side by side do not arrive in the order in which they were chosen. Raises NotAllowed,
    ValidationError by field, files.TooLarge, or Conflict where the idempotency key came with other bytes. What is
    wrong inside the file is found by the worker and said in the document's state.
    """
    viewer.require("serve")
    if idempotency_key is not None:
        idempotency_key = idempotency_key.replace("\x00", " ")
    if idempotency_key is not None and not 1 <= len(idempotency_key) <= 200:
        raise ValidationError({"idempotency_key": _("The Idempotency-Key has 1 to 200 characters.")})
    place = section_by_letter(viewer, bundle, section)
    # Who acts for several puts it in for the one whose section it is.
    party = next((one for one in viewer.parties if audience.reaches(place.audience, [one])), viewer.party)
    assert party is not None
    choice = visible_to_choice(viewer, party, visible_to)
    day = checked_date(date)
    name = safe_name(name)
    exhibit = clean(exhibit) if exhibit is not None else None
    title = clean(title) if title is not None else None
    if exhibit and len(exhibit) > 40:
        raise ValidationError({"exhibit": _("Enter an exhibit reference of up to 40 characters.")})
    if title and len(title) > 300:
        raise ValidationError({"title": _("Enter a title of up to 300 characters.")})
    with files.incoming(chunks) as (path, sha256, size):
        known = _same_key(viewer, idempotency_key, sha256)
        if known is not None:
            return known
        files.keep(path, files.original_key(sha256))
        return _put(
            viewer, place, party, choice, name, path, sha256, size,
            title=title, day=day, exhibit=exhibit, serve=serve, key=idempotency_key, position=position,
        )  # fmt: skip


def _put(
    viewer: Viewer,
    place: Section,
    party: str,
    choice: str,
    name: str,
    path: Path,
    sha256: str,
    size: int,
    *,
    title: str | None,
    day: datetime.date | None,
    exhibit: str | None,
    serve: bool,
    key: str | None,
    position: int | None,
) -> Document:
    """The rows of a file that is kept already."""
    guessed = guessing.guess("", name, None)
    try:
        with transaction.atomic():
            # The sweep throws away what no row claims, under the same lock: from here on it is claimed.
            files.claim(sha256)
            files.keep(path, files.original_key(sha256))
            record.hold(viewer.case_id)
            document = Document(
                case=viewer.case,
                section=place,
                position=_position(place, party, serve, position),
                title=(title or guessed.title or name)[:300],
                date=day or (guessed.date if title is None else None),
                exhibit=(exhibit if exhibit is not None else guessed.exhibit or "")[:40],
                party=party,
                uploaded_by=viewer.participant,
                visible_to=choice,
                serve_when_ready=serve,
                idempotency_key=key,
            )
            # Marks what the worker may still guess better from the text: only what nobody has typed.
            document.guessed = ",".join(
                field for field, given in [("title", title), ("date", day), ("exhibit", exhibit)] if not given
            )
            settle_audience(document, own=True)
            document.save(force_insert=True)
            version = _add_version(viewer, document, name, sha256, size)
            document.current = version
            document.save(update_fields=["current"])
            record.append(
                viewer.case_id,
                "document.received",
                actor=viewer.card,
                audience=document.audience,
                document=document.pk,
                data={
                    "document": str(document.pk),
                    "title": document.title,
                    "name": name,
                    "section": place.letter,
                    "sha256": sha256,
                    "size": size,
                },
            )
    except IntegrityError:
        # The same key came twice at once; the other one is in.
        known = _same_key(viewer, key, sha256)
        if known is None:
            raise
        return known
    return document


def _position(section: Section, party: str, serve: bool, asked: int | None) -> int:
    """Where a new document stands. What is served as soon as it is read has its place from now on, so that files that
    were sent one after the other come in that order, whichever is read first."""
    if serve:
        return next_position(section)
    return next_unplaced(section, party) if asked is None else Document.UNPLACED + asked


def _same_key(viewer: Viewer, key: str | None, sha256: str) -> Document | None:
    if key is None:
        return None
    known = Document.objects.filter(
        case_id=viewer.case_id, uploaded_by=viewer.participant, idempotency_key=key
    ).first()
    if known is None:
        return None
    first = known.versions.order_by("number").first()
    if first is None or first.sha256 != sha256:
        raise Conflict(_("That Idempotency-Key was used for another file."))
    return known


def _add_version(viewer: Viewer, document: Document, name: str, sha256: str, size: int) -> Version:
    last = document.versions.order_by("-number").first()
    version = Version.objects.create(
        document=document,
        number=(last.number if last else 0) + 1,
        name=name,
        sha256=sha256,
        size=size,
        uploaded_by=viewer.participant,
    )
    transaction.on_commit(lambda: nudge(version))
    return version


def nudge(version: Version) -> None:
    """Tell the worker; that this may be lost does no harm, since the sweep finds what is due."""
    process_version.enqueue(str(version.pk))


def require_replacing(viewer: Viewer, document: Document) -> None:
    """Raise NotAllowed, in words, unless this person may replace the document's file."""
    must_see(viewer, document)
    if not may_edit(viewer, document):
        raise NotAllowed(_("Only those who served a document can replace it."))


def replace(
    viewer: Viewer, document: Document, name: str, chunks: Iterable[bytes] | UploadedFile[Any]
) -> Version:
    """A new version of a document: read in the background, and shown in the old one's place once it is ready."""
    require_replacing(viewer, document)
    name = safe_name(name)
    with files.incoming(chunks) as (path, sha256, size):
        files.keep(path, files.original_key(sha256))
        return _put_version(viewer, document, name, path, sha256, size)


def _put_version(
    viewer: Viewer, document: Document, name: str, path: Path, sha256: str, size: int
) -> Version:
    """The rows of a new version whose file is kept already."""
    with transaction.atomic():
        files.claim(sha256)  # as in `_put`
        files.keep(path, files.original_key(sha256))
        record.hold(viewer.case_id)
        document = Document.objects.select_for_update().get(pk=document.pk)
        if document.versions.unfinished().exists():
            raise Conflict(_("An earlier version is still being read. Try again when it is ready."))
        version = _add_version(viewer, document, name, sha256, size)
        if document.current is None or document.current.status == Version.Status.REFUSED:
            document.current = version
            document.save(update_fields=["current"])
        record.append(
            viewer.case_id,
            "document.replacing",
            actor=viewer.card,
            audience=own_audience(document),
            document=document.pk,
            data={
                "document": str(document.pk),
                "name": name,
                "sha256": sha256,
                "size": size,
                "version": version.number,
            },
        )
    return version
