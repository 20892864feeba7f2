"""Loads the demo case through the same functions that people use: uploaded, read, served, noted, presented."""

from __future__ import annotations

import datetime
import secrets
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from annotations import services as notes
from annotations.models import Note
from casebundle.bundles.models import Bundle, Document, Page, Section, Version, page_id
from casebundle.bundles.services import serve
from casebundle.cases import people
from casebundle.cases.access import Viewer, viewer_in
from casebundle.cases.models import Case, Participant, User
from casebundle.courtroom import services as court
from casebundle.evidence import intake
from casebundle.evidence.process import process
from casebundle.journal import record
from casebundle.journal.audience import PUBLIC, join

from .generate import generate
from .manifest import DocumentRow, Manifest, PersonRow

Progress = Callable[[str], None]
# The hearing of the demo case was held this many days ago; what was served later is new since then.
HEARING_DAYS_AGO = 6
LANGUAGES = {"en": "en-gb", "cy": "cy"}


def password() -> str:
    """The password of everybody in the demo case: made once for a data folder, and kept in it."""
    kept = settings.DATA_DIR / "secrets" / "demo_password"
    if not kept.exists():
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept.write_text("-".join(secrets.token_hex(2) for _i in range(4)))
        kept.chmod(0o600)
    return kept.read_text().strip()


@contextmanager
def at(moment: datetime.datetime) -> Iterator[None]:
    """Inside, it is `moment`: the demo case has a past, and its journal is in order of time."""
    with mock.patch("django.utils.timezone.now", return_value=moment):
        yield


def loaded(reference: str) -> bool:
    """Whether the demo case is there as a whole; what was cut short is finished by `load`."""
    return _stamp(reference).exists() and Case.objects.filter(reference=reference).exists()


def _stamp(reference: str) -> Path:
    return settings.DATA_DIR / "demo" / reference


def load(progress: Progress = lambda _text: None) -> Manifest:
    """Make and load the demo case and the other case. Does nothing where they are there."""
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        progress("Drawing the demo case …")
        manifest = generate(Path(folder))
        for case in [manifest.other_case, manifest]:
            if case is not None and not loaded(case.reference):
                _load_case(case, Path(folder), progress)
        return manifest


def _load_case(manifest: Manifest, folder: Path, progress: Progress) -> None:
    now = timezone.now()
    oldest = max((row.served_days_ago for row in manifest.documents), default=1)
    case = Case.objects.filter(reference=manifest.reference).first()
    if case is None:
        with at(now - datetime.timedelta(days=oldest + 3)), transaction.atomic():
            case = _set_up(manifest)
    bundle = Bundle.objects.get(case=case, slug="main")
    viewers = {
        p.user.email: viewer_in(p.user, case_id=case.pk) for p in case.participants.select_related("user")
    }
    documents = _documents(manifest, bundle, folder, list(viewers.values()), now, progress)
    if manifest.hearing is not None and not case.hearings.exists():
        _hearing(manifest, documents, viewers, now)
    if not Note.objects.filter(case=case).exists():
        _notes(manifest, documents, viewers, now)
    # Last of all: now it is whole.
    _stamp(case.reference).parent.mkdir(exist_ok=True)
    _stamp(case.reference).touch()


def _user(row: PersonRow) -> User:
    user = User.objects.filter(email=row.email).first()
    return user or User.objects.create_user(
        row.email,
        password(),
        name=row.name,
        language=LANGUAGES[row.language] if row.language != "en" else "",
        is_court_staff=row.role == "clerk",
    )


def _set_up(manifest: Manifest) -> Case:
    case = Case.objects.create(reference=manifest.reference, title=manifest.title, court=manifest.court)
    for party in manifest.parties:
        people.add_party(case, party.name, party.kind, party.slug)
    joined = [people.join(case, _user(row), row.role, row.parties) for row in manifest.people]
    clerk = next((p for p in joined if p.role == "clerk"), joined[0])
    record.append(
        case.pk, "case.created", actor=clerk.card(), data={"reference": case.reference, "title": case.title}
    )
    for participant in joined:
        if participant != clerk:
            record.append(
                case.pk, "participant.invited", actor=clerk.card(), data={"participant": participant.card()}
            )
    bundle = Bundle.objects.create(case=case, slug="main", title="Main bundle")
    for position, row in enumerate(manifest.sections, 1):
        tokens = None if row.audience == "everybody" else row.audience
        Section.objects.create(
            bundle=bundle,
            letter=row.letter,
            title=row.title,
            position=position,
            audience=join(tokens) if tokens else PUBLIC,
        )
    return case


def _documents(
    manifest: Manifest,
    bundle: Bundle,
    folder: Path,
    viewers: list[Viewer],
    now: datetime.datetime,
    progress: Progress,
) -> dict[str, UUID]:
    """Every document by its file's name, uploaded and served on its day by its party."""
    seen_by = {
        viewer.participant_id: set(Section.objects.visible_to(viewer).values_list("letter", flat=True))
        for viewer in viewers
    }
    # The clerk before the judge: she puts in only what is for judges alone.
    order = sorted(viewers, key=lambda viewer: viewer.role)
    loads: dict[tuple[int, str, int], list[DocumentRow]] = defaultdict(list)
    for row in manifest.documents:
        who = next(
            at
            for at, v in enumerate(order)
            if v.party == row.served_by and row.section in seen_by[v.participant_id]
        )
        loads[-row.served_days_ago, row.served_by, who].append(row)
    # A start that was stopped may have been reading one: nobody else is at work yet.
    Version.objects.unfinished().filter(document__case_id=bundle.case_id).update(lease_until=None)
    found: dict[str, UUID] = {}
    done = 0
    for (days, _party, who), rows in sorted(loads.items()):
        viewer = order[who]
        moment = (now + datetime.timedelta(days=days)).replace(hour=15, minute=10, second=0, microsecond=0)
        moment = min(moment, now)
        staged = []
        for row in rows:
            with at(moment), (folder / row.file).open("rb") as data:
                document = intake.receive(
                    viewer,
                    bundle,
                    row.section,
                    row.file,
                    iter(lambda data=data: data.read(1 << 20), b""),
                    title=row.title,
                    date=row.date,
                    exhibit=row.exhibit or "",
                    visible_to=row.visible_to,
                    idempotency_key=f"demo:{row.file}",
                )
                version = document.versions.get()
                process(version.pk)
            version.refresh_from_db()
            if version.status != "ready":
                raise RuntimeError(
                    f"{row.file} of the demo case is {version.status} ({version.reason_code})."
                )
            found[row.file] = document.pk
            staged.append(document.pk)
            done += 1
            if done % 10 == 0:
                progress(f"Reading the demo case: {done} of {len(manifest.documents)} documents …")
        with at(moment + datetime.timedelta(minutes=2)):
            serve(viewer, staged)
    return found


def _page(document: UUID, index: int) -> Page:
    current = Document.objects.get(pk=document).current_id
    assert current is not None
    return Page.objects.select_related("version__document__section").get(pk=page_id(current, index))


def _hearing(
    manifest: Manifest, documents: dict[str, UUID], viewers: dict[str, Viewer], now: datetime.datetime
) -> None:
    assert manifest.hearing is not None
    row = manifest.hearing
    start = (now - datetime.timedelta(days=HEARING_DAYS_AGO)).replace(
        hour=10, minute=30, second=0, microsecond=0
    )
    clerk = next(viewer for viewer in viewers.values() if viewer.role == "clerk")
    judge = next(viewer for viewer in viewers.values() if viewer.role == "judge")
    with at(start):
        hearing = court.open_hearing(clerk, row.title)
    holder = ""
    moment = start
    for turn in sorted(row.turns, key=lambda turn: turn.minutes):
        moment = start + datetime.timedelta(minutes=turn.minutes)
        presenter = viewers[turn.presenter]
        if holder != turn.presenter:
            with at(moment - datetime.timedelta(seconds=20)):
                assert presenter.participant is not None
                court.give_floor(judge, hearing, Participant.objects.get(pk=presenter.participant.pk))
            holder = turn.presenter
        with at(moment):
            court.turn(presenter, hearing, _page(documents[turn.document], turn.page))
    with at(moment + datetime.timedelta(minutes=11)):
        court.close(clerk, hearing)


def _notes(
    manifest: Manifest, documents: dict[str, UUID], viewers: dict[str, Viewer], now: datetime.datetime
) -> None:
    choices = {"everybody": Note.Choice.CASE}
    moment = (now - datetime.timedelta(days=HEARING_DAYS_AGO - 2)).replace(hour=16, minute=5, second=20)
    for row in manifest.highlights:
        moment += datetime.timedelta(minutes=7)
        with at(moment):
            note = notes.create(
                viewers[row.by],
                _page(documents[row.document], row.page),
                kind=row.kind,
                body=row.body,
                quote=row.quote,
                choice=choices.get(row.audience, row.audience),
                parties=row.parties,
            )
        _written(note, moment)
        for answer in row.replies:
            moment += datetime.timedelta(minutes=4)
            with at(moment):
                reply = notes.reply(viewers[answer.by], note, answer.body)
            _written(reply, moment)


def _written(note: Note, moment: datetime.datetime) -> None:
    """The time of a note is set where its row is made, past our clock."""
    Note.objects.filter(pk=note.pk).update(created_at=moment)
