"""Large cases, to see how the product holds up: real files, pages, words, labels and a journal that verifies.

A few PDFs are written, kept and read as any upload is; every document is a copy of one of them. Rows are inserted in
bulk, and whatever decides something (numbers, audiences, entries) is decided by the functions that serve evidence.
"""

from __future__ import annotations

import datetime
import hashlib
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from annotations import services as notes
from annotations.models import Note
from casebundle.bundles import drawing, files
from casebundle.bundles.labels import Labels
from casebundle.bundles.models import Bundle, Document, Page, PageText, Version, page_id
from casebundle.bundles.services import create_case, serve, settle_audience, visible_to_choice
from casebundle.cases import people
from casebundle.cases.access import Viewer, viewer_in
from casebundle.cases.models import Participant, User
from casebundle.courtroom import services as court
from casebundle.courtroom.models import Hearing
from casebundle.evidence import copying
from casebundle.evidence.process import run_length
from casebundle.journal import audience, record
from casebundle.journal.models import Chain
from casebundle.pdf.sandbox import Limits

from .cast import ADLER, CAST, LLWYD, OKAFOR, PARTIES, PRICE, SHAH
from .loader import LANGUAGES, at, password

LOAD = 100  # documents that are served together
ENTRIES = 5000  # journal entries in one transaction
DAYS = 60  # how long the case has been going
LONGEST = Limits().pages
# How long documents are beside the mean, in tenths: some are a letter, some are a download of a telephone.
SPREAD = (1, 3, 5, 8, 10, 10, 12, 15, 16, 20)
# Where they go: (section, of a hundred documents, who serves them).
PLACES = (
    ("A", 1, SHAH),
    ("B", 2, SHAH),
    ("D", 2, OKAFOR),
    ("H", 35, SHAH),
    ("J", 32, SHAH),
    ("K", 8, SHAH),
    ("M", 4, SHAH),
    ("Q", 2, LLWYD),
    ("T", 1, PRICE),
    ("PD1", 2, OKAFOR),
    ("PD2", 1, LLWYD),
    ("UND1", 2, SHAH),
    ("UND2", 8, SHAH),
)
_words = str.split
SURNAMES = _words(
    "Hobbs Ramsden Feroz Cutler Llyr Pryce Tring Hale Ellis Bird Castle Dunn Evans Ford Gower Huws"
)
GIVEN = _words(
    "Leanne Keith Nadia Paul Siân Rhian Martin Judith Owen Mair Colin Aoife Ruth Ifan Grace Huw Jade"
)
WORDS = _words(
    "the a and of to in was at on for with that he she I we not from then when there had been police officer van "
    "door night copper cable delivery Calder Lane warehouse telephone message statement true knowledge belief "
    "exhibit produce photograph vehicle registration CCTV camera footage bag seized seal custody interview "
    "solicitor caution witness street lamp torch colleague manager invoice account payment transfer bank record "
    "call minute hour Thursday November December morning described tall jacket hat running towards away saw heard"
)

Progress = Callable[[str], None]


class CannotMake(Exception):
    """What was asked for cannot be made. The text is for the person."""


@dataclass
class Original:
    """One real PDF with what was read from it."""

    sha256: str
    reading: str  # SHA-256 of its reading copy
    size: int
    pages: int
    sizes: list[list[float]]
    drawn: list[tuple[float, float, bool]] = field(default_factory=list)  # width, height, blank
    packed: list[bytes] = field(default_factory=list)
    quotes: list[tuple[str, list[list[float]]]] = field(default_factory=list)  # some words and their boxes


@dataclass
class Made:
    """What was made, and how long each part took in seconds."""

    reference: str
    documents: int
    pages: int
    took: dict[str, float] = field(default_factory=dict)


@contextmanager
def _timed(made: Made, what: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    made.took[what] = made.took.get(what, 0) + time.perf_counter() - start


@contextmanager
def _undelivered() -> Iterator[None]:
    """Nobody is connected to this process: servers that run find new entries by themselves."""
    kept = record.after_commit[:]
    record.after_commit.clear()
    try:
        yield
    finally:
        record.after_commit[:] = kept


def lengths(documents: int, pages: int) -> list[int]:
    """How many pages each document has: `documents` numbers from 1 that make up `pages`, of few different values."""
    if documents < 1 or pages < documents:
        raise CannotMake("A document has at least one page: give at least as many pages as documents.")
    if pages > documents * LONGEST:
        raise CannotMake(f"A document has at most {LONGEST:,} pages: give more documents.")
    mean = pages // documents
    found = [min(LONGEST, max(1, mean * tenths // 10)) for tenths in SPREAD] * (documents // len(SPREAD))
    found += [mean] * (documents - len(found))
    # What rounding left over goes to the last ones, and what is too much is taken from them.
    rest, n = pages - sum(found), len(found)
    while rest:
        n -= 1
        change = max(1 - found[n], min(LONGEST - found[n], rest))
        found[n] += change
        rest -= change
    return found


def _write(path: Path, pages: int, seed: int) -> None:
    chance = random.Random(seed)
    canvas = Canvas(str(path), pagesize=A4, invariant=True, pageCompression=1)
    width, height = A4
    for number in range(1, pages + 1):
        canvas.setFont("Helvetica-Bold", 12)
        name = f"{chance.choice(GIVEN)} {chance.choice(SURNAMES)}".encode("latin-1", "ignore").decode(
            "latin-1"
        )
        canvas.drawString(64, height - 70, f"Statement of {name}, reference {seed}/{number}")
        text = canvas.beginText(64, height - 100)
        text.setFont("Times-Roman", 11)
        text.setLeading(17)
        for _line in range(chance.randint(14, 36)):
            text.textLine(" ".join(chance.choices(WORDS, k=13)))
        canvas.drawText(text)
        canvas.setFont("Helvetica", 8)
        canvas.drawRightString(width - 64, 40, f"Page {number} of {pages}")
        canvas.showPage()
    canvas.save()


def _original(folder: Path, pages: int, seed: int) -> Original:
    """Write a PDF, keep it, and read it as the worker does."""
    path = folder / f"{seed}.pdf"
    _write(path, pages, seed)
    with path.open("rb") as data:
        sha256 = hashlib.file_digest(data, "sha256").hexdigest()
    found = drawing.sandbox().prepare(path, folder / "copy.pdf")
    copy, reading = copying.made(path, folder, pages)
    made = Original(sha256, reading, path.stat().st_size, pages, run_length(found))
    for page in drawing.sandbox().read(copy):
        made.drawn.append((page.width, page.height, page.blank))
        made.packed.append(bytes(PageText.pack("", page.text, page.words).packed))
        some = [word for word in page.words if word[1] > 0.15][:5]
        made.quotes.append((" ".join(w[4] for w in some), [[round(e, 5) for e in w[:4]] for w in some]))
    files.keep(path, files.original_key(sha256))
    return made


def make(
    reference: str,
    documents: int,
    pages: int,
    *,
    staged: int = 0,
    notes_wanted: int = 0,
    hearings: int = 0,
    journal: int = 0,
    seed: int = 7,
    progress: Progress = lambda _text: None,
) -> Made:
    """Make a case that the cast can open: `documents` served with `pages` pages in all, and `staged` more that are
    ready; `notes_wanted` notes, `hearings` past hearings, and entries until the journal has `journal` of them.

    Raises CannotMake, ValidationError and Conflict.
    """
    long = lengths(documents, pages)
    made = Made(reference, documents, pages)
    start = timezone.now() - datetime.timedelta(days=DAYS)
    with _undelivered(), _timed(made, "whole"):
        with at(start), transaction.atomic():
            viewers = _set_up(reference)
        with (
            _timed(made, "originals"),
            tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder,
        ):
            wanted = sorted(set(long) | ({long[0]} if staged else set()))
            progress(f"Writing and reading {len(wanted)} PDFs …")
            originals = {
                length: _original(Path(folder), length, seed * 1000 + n) for n, length in enumerate(wanted)
            }
        writer = _Writer(viewers, originals, random.Random(seed), start, progress)
        with _timed(made, "documents"):
            writer.documents(long)
        writer.moment += datetime.timedelta(hours=1)
        with _timed(made, "staged"):
            writer.staged([long[n % len(long)] for n in range(staged)])
        with _timed(made, "notes"):
            writer.notes(notes_wanted)
        with _timed(made, "hearings"):
            writer.hearings(hearings)
        with _timed(made, "journal"):
            writer.journal(journal)
    return made


def _set_up(reference: str) -> dict[str, Viewer]:
    """The case with the demo's cast in it, each with the demo's password; a Viewer of each by e-mail."""
    users: dict[str, User] = {}
    for row in CAST:
        found = User.objects.filter(email=row.email).first()
        users[row.email] = found or User.objects.create_user(
            row.email,
            password(),
            name=row.name,
            language=LANGUAGES[row.language] if row.language != "en" else "",
            is_court_staff=row.role == "clerk",
        )
    defendants = [(party.slug, party.name) for party in PARTIES if party.kind == "defendant"]
    case = create_case(
        users[PRICE],
        reference,
        f"R v Bates and Doyle: {reference}",
        "Crown Court at Leeds",
        parties=defendants,
    ).case
    for row in CAST:
        if row.email != PRICE:
            people.join(case, users[row.email], row.role, row.parties)
    return {email: viewer_in(user, case_id=case.pk) for email, user in users.items()}


class _Writer:
    def __init__(
        self,
        viewers: dict[str, Viewer],
        originals: dict[int, Original],
        chance: random.Random,
        start: datetime.datetime,
        progress: Progress,
    ) -> None:
        self.viewers, self.originals, self.chance, self.progress = viewers, originals, chance, progress
        self.case = viewers[SHAH].case
        self.bundle = Bundle.objects.get(case=self.case, slug="main")
        self.sections = {section.letter: section for section in self.bundle.sections.select_related("bundle")}
        taken = self.bundle.sections.annotate(last=Max("documents__position")).values_list("letter", "last")
        self.positions = Counter({letter: last or 0 for letter, last in taken})
        self.exhibits = 0
        self.moment = start
        # The rest of the time is for notes, hearings and turns: the journal is in order of time.
        self.step = datetime.timedelta(days=DAYS / 2)
        self.served: list[tuple[UUID, Original]] = []  # versions for everybody, for notes and turns
        self.holding: dict[UUID, Document] = {}

    # --- documents ---
    def documents(self, long: list[int]) -> None:
        loads = -(-len(long) // LOAD)
        done = 0
        for n in range(0, len(long), LOAD):
            self.moment += self.step / loads
            self._load(long[n : n + LOAD], n, served=True)
            done += sum(long[n : n + LOAD])
            if n // LOAD % 5 == 0 or n + LOAD >= len(long):
                self.progress(f"{done:,} pages in {min(n + LOAD, len(long)):,} documents …")

    def staged(self, long: list[int]) -> None:
        for n in range(0, len(long), LOAD):
            self._load(long[n : n + LOAD], n, served=False)

    def _load(self, long: list[int], first: int, *, served: bool) -> None:
        places = [(letter, email) for letter, share, email in PLACES for _n in range(share)]
        made: dict[str, list[Document]] = defaultdict(list)
        versions: list[Version] = []
        used: list[tuple[Version, Original]] = []
        for n, length in enumerate(long):
            # 37 goes through all hundred places, and neighbours come to different ones.
            letter, email = places[(first + n) * 37 % len(places)] if served else ("J", SHAH)
            document, version = self._document(letter, email, self.originals[length], first + n)
            made[email].append(document)
            versions.append(version)
            used.append((version, self.originals[length]))
        everything = [document for held in made.values() for document in held]
        with at(self.moment), transaction.atomic():
            held = {document.pk: document.current for document in everything}
            for document in everything:
                document.current = None  # it comes after the document
            Document.objects.bulk_create(everything)
            Version.objects.bulk_create(versions)
            for document in everything:
                document.current = held[document.pk]
            Document.objects.bulk_update(everything, ["current"], batch_size=100)
            self._pages(used)
            for email, documents in made.items():
                self._received(self.viewers[email], documents)
        if not served:
            return
        with at(self.moment + datetime.timedelta(minutes=2)):
            for email, documents in made.items():
                for document in serve(self.viewers[email], [document.pk for document in documents]):
                    if document.audience == audience.PUBLIC:
                        original = next(o for v, o in used if v.pk == document.current_id)
                        assert document.current_id is not None
                        self.served.append((document.current_id, original))
                        self.holding[document.current_id] = document

    def _document(self, letter: str, email: str, original: Original, n: int) -> tuple[Document, Version]:
        viewer, chance = self.viewers[email], self.chance
        party = viewer.party
        assert party is not None
        self.positions[letter] += 1
        person = f"{chance.choice(GIVEN)} {chance.choice(SURNAMES)}"
        exhibit = ""
        if letter == "J":
            self.exhibits += 1
            exhibit = f"{person[0]}{person.split()[1][0]}/{self.exhibits}"
        title = f"{'Exhibit' if exhibit else 'Statement'} of {person}, no. {n + 1}"
        only = ["bates"] if letter == "J" and self.exhibits % 25 == 0 else None
        day = datetime.date(2025, 11, 7) + datetime.timedelta(days=chance.randint(0, 200))
        document = Document(
            case=self.case,
            section=self.sections[letter],
            position=self.positions[letter],
            title=title,
            date=day,
            exhibit=exhibit,
            party=party,
            uploaded_by=viewer.participant,
            created_at=self.moment,
            visible_to=visible_to_choice(viewer, party, only),
        )
        settle_audience(document, own=True)
        document.current = Version(
            document=document,
            name=f"{title}.pdf",
            sha256=original.sha256,
            reading_sha256=original.reading,
            copy=Version.Copy.WHOLE,
            size=original.size,
            created_at=self.moment,
            uploaded_by=viewer.participant,
            status=Version.Status.READY,
            warnings=[{"code": "not_scanned"}],
            pages=original.pages,
            pages_done=original.pages,
            sizes=original.sizes,
            ready_at=self.moment,
        )
        return document, document.current

    def _pages(self, used: list[tuple[Version, Original]]) -> None:
        for version, original in used:
            ids = [page_id(version.pk, index) for index in range(original.pages)]
            Page.objects.bulk_create(
                Page(id=pk, version_id=version.pk, index=index, width=width, height=height, blank=blank)
                for index, (pk, (width, height, blank)) in enumerate(zip(ids, original.drawn, strict=True))
            )
            PageText.objects.bulk_create(
                PageText(page_id=pk, packed=packed) for pk, packed in zip(ids, original.packed, strict=True)
            )

    def _received(self, viewer: Viewer, documents: list[Document]) -> None:
        """What the journal says when files arrive and when they have been read (evidence.intake, evidence.process)."""
        own = audience.join([viewer.party or ""])
        drafts = []
        for document in documents:
            version = document.current
            assert version is not None
            said = {"document": str(document.pk), "title": document.title, "sha256": version.sha256}
            arrived = {**said, "name": version.name, "section": document.section.letter, "size": version.size}
            ready = {**said, "pages": version.pages, "version": version.number}
            drafts.append(record.Draft("document.received", viewer.card, own, document.pk, arrived))
            drafts.append(record.Draft("document.ready", None, own, document.pk, ready))
        record.append_all(self.case.pk, drafts)

    # --- notes and hearings ---
    def notes(self, wanted: int) -> None:
        """Notes on pages that are for everybody, by four people, for everybody, for some and for oneself."""
        if not wanted or not self.served:
            return
        self.moment += datetime.timedelta(days=1)
        labels = Labels({document.pk for document in self.holding.values()})
        choices = [
            *[Note.Choice.PRIVATE] * 4,
            *[Note.Choice.PARTY] * 3,
            *[Note.Choice.CASE] * 2,
            Note.Choice.PARTIES,
        ]
        for n in range(0, wanted, 1000):
            rows, drafts = [], []
            for _i in range(min(1000, wanted - n)):
                viewer = self.viewers[self.chance.choice([SHAH, OKAFOR, LLWYD, ADLER])]
                version, original = self.chance.choice(self.served)
                index = self.chance.randrange(original.pages)
                exact, quads = original.quotes[index]
                choice = self.chance.choice(choices)
                document = self.holding[version]
                page = Page(id=page_id(version, index), version=document.current, index=index)
                rows.append(
                    note := Note(
                        case=self.case,
                        page=page,
                        author=viewer.participant,
                        kind=Note.Kind.HIGHLIGHT,
                        body=" ".join(self.chance.choices(WORDS, k=9)),
                        quote={"exact": exact, "prefix": "", "suffix": ""} if exact else {},
                        quads=quads,
                        top=quads[0][1] if quads else 0,
                        tags=[self.chance.choice(["identification", "cell site", "credit"])],
                        choice=choice,
                        audience=notes.audience_of(viewer, choice, ["court", viewer.party or ""]),
                        created_at=self.moment,
                    )
                )
                drafts.append(notes.draft(viewer, note, "note.created", labels.label(document.pk, index)))
            with at(self.moment), transaction.atomic():
                Note.objects.bulk_create(rows)
                record.append_all(self.case.pk, drafts)
            self.moment += datetime.timedelta(minutes=1)

    def hearings(self, wanted: int) -> None:
        step = datetime.timedelta(days=5) / max(wanted, 1)
        for n in range(wanted):
            self.moment += step
            with at(self.moment):
                hearing = court.open_hearing(self.viewers[PRICE], f"Mention {n + 1}")
            self.moment += step
            with at(self.moment):
                court.close(self.viewers[PRICE], hearing)

    def journal(self, wanted: int) -> None:
        """Turns of a long trial, until there are `wanted` entries."""
        have = Chain.objects.get(pk=self.case.pk).seq
        if wanted <= have or not self.served:
            return
        self.moment += datetime.timedelta(days=1)
        viewer = self.viewers[SHAH]
        assert viewer.participant_id is not None
        participant = Participant.objects.get(pk=viewer.participant_id)
        with at(self.moment):
            hearing = court.open_hearing(self.viewers[PRICE], "Trial")
            hearing = court.give_floor(self.viewers[PRICE], hearing, participant)
        labels = Labels({document.pk for document in self.holding.values()})
        # Closing it is the last entry.
        left = wanted - have - 3
        step = (timezone.now() - self.moment) / (left // ENTRIES + 2)
        card = viewer.card
        while left > 0:
            drafts = []
            for _n in range(min(left, ENTRIES)):
                version, original = self.chance.choice(self.served)
                document, index = self.holding[version], self.chance.randrange(original.pages)
                said = {
                    "hearing": str(hearing.pk),
                    "page": page_id(version, index),
                    "label": labels.label(document.pk, index),
                    "title": document.title,
                    "bundle": self.bundle.slug,
                    "view": None,
                }
                drafts.append(record.Draft("page.turned", card, document.audience, document.pk, said))
            self.moment += step
            with at(self.moment), transaction.atomic():
                record.append_all(self.case.pk, drafts)
            left -= len(drafts)
            if left // ENTRIES % 20 == 0:
                self.progress(f"{wanted - left:,} journal entries …")
        with at(self.moment):
            court.close(self.viewers[PRICE], Hearing.objects.get(pk=hearing.pk))


def stage(viewer: Viewer, documents: int, pages: int = 2) -> list[UUID]:
    """Further documents of `pages` pages that this person's party has ready to serve; their ids."""
    with _undelivered(), tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        original = _original(Path(folder), pages, 1)
        writer = _Writer(
            {SHAH: viewer}, {pages: original}, random.Random(1), timezone.now(), lambda _text: None
        )
        before = set(Document.objects.filter(case=viewer.case, state="staged").values_list("pk", flat=True))
        writer.staged([pages] * documents)
    rows = Document.objects.filter(case=viewer.case, state="staged").order_by("position", "created_at")
    return [pk for pk in rows.values_list("pk", flat=True) if pk not in before]
