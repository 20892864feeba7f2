"""A bundle: lettered sections of documents, a document's versions, a version's pages, and the labels.

Processing state is on the version (what is being made readable), service is on the document (who may see it).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casebundle.cases.models import Case, Participant
from casebundle.journal import audience
from casebundle.journal.audience import PUBLIC

from . import layers, titles
from .numbering import PER_SECTION, PROFILES

if TYPE_CHECKING:
    from casebundle.cases.access import Viewer


class BundleQuerySet(models.QuerySet["Bundle"]):
    def visible_to(self, viewer: Viewer) -> BundleQuerySet:
        """Everybody in a case sees its bundles; what is in them is decided by section and document."""
        return self.filter(case_id=viewer.case_id)


class Bundle(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="bundles")
    slug = models.SlugField(max_length=40, default="main")
    title = models.CharField(_("title"), max_length=120)
    profile = models.CharField(
        _("page numbers"),
        max_length=20,
        default=PER_SECTION.slug,
        choices=[(slug, slug) for slug in PROFILES],
    )
    # The number of the last NumberingVersion, and what a reader is shown is another one: see there.
    numbering_version = models.PositiveIntegerField(default=0)
    position = models.PositiveSmallIntegerField(default=0)

    objects = BundleQuerySet.as_manager()

    class Meta:
        ordering = ["position", "slug"]
        constraints = [models.UniqueConstraint(fields=["case", "slug"], name="bundle_once")]

    def __str__(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        """The title in the language of the page."""
        return titles.shown(self.title)


class NumberingVersionQuerySet(models.QuerySet["NumberingVersion"]):
    def visible_to(self, viewer: Viewer) -> NumberingVersionQuerySet:
        """The versions in which a label changed that this viewer could see."""
        return self.filter(bundle__case_id=viewer.case_id).filter(audience.query(viewer.audiences))


class NumberingVersion(models.Model):
    """A change of the labels of a bundle, and an audience that could see a page whose label changed.

    `number` counts every change and names the versions of LabelRun. It is shown to nobody, since it tells of changes
    that were not for them: each reader is given the count of those that they could see (labels.numbering_versions).
    """

    bundle = models.ForeignKey(Bundle, on_delete=models.CASCADE, related_name="numbering_versions")
    number = models.PositiveIntegerField()
    audience = models.CharField(max_length=400)

    objects = NumberingVersionQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["bundle", "number", "audience"], name="numbering_version_once")
        ]


class SectionQuerySet(models.QuerySet["Section"]):
    def visible_to(self, viewer: Viewer) -> SectionQuerySet:
        """A restricted section is simply not there for those it is not for."""
        return self.filter(bundle__case_id=viewer.case_id).filter(audience.query(viewer.audiences))


class Section(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    bundle = models.ForeignKey(Bundle, on_delete=models.CASCADE, related_name="sections")
    # Not unique in the bundle: who adds a section must not learn the letters of those that are hidden from them. Pages
    # of sections with the same letter are numbered on as of one, so a label still names one page (numbering.number).
    letter = models.CharField(_("letter"), max_length=8)
    title = models.CharField(_("title"), max_length=120)
    position = models.PositiveIntegerField(default=0)
    audience = models.CharField(max_length=400, default=PUBLIC)

    objects = SectionQuerySet.as_manager()

    class Meta:
        ordering = ["position", "letter", "id"]

    def __str__(self) -> str:
        return f"{self.letter} {self.shown}"

    @property
    def shown(self) -> str:
        """The title in the language of the page."""
        return titles.shown(self.title)


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, viewer: Viewer) -> DocumentQuerySet:
        """What is staged is its uploader's party's; what is served is its audience's; what is withdrawn, nobody's."""
        found = (
            self.filter(case_id=viewer.case_id)
            .exclude(state=Document.State.WITHDRAWN)
            .filter(audience.query(viewer.audiences))
        )
        return found.filter(party__in=viewer.parties) if viewer.own_documents_alone else found

    def served(self) -> DocumentQuerySet:
        return self.filter(state=Document.State.SERVED)

    def in_order(self) -> DocumentQuerySet:
        return self.order_by("section__position", "section__letter", "position", "id")


class Document(models.Model):
    """A document in its place in a bundle (an exhibit, where it has an exhibit reference)."""

    # A staged document that nobody has put between others stands after all of its section, at UNPLACED plus its place
    # among those that its side staged. It is given a place in the section when it is served: until then nothing of
    # the section may move, count or begin elsewhere because of it.
    UNPLACED = 1_000_000_000

    class State(models.TextChoices):
        STAGED = "staged", pgettext_lazy("state of a document", "Staged")
        SERVED = "served", pgettext_lazy("state of a document", "Served")
        WITHDRAWN = "withdrawn", pgettext_lazy("state of a document", "Withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="documents")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="documents")
    position = models.PositiveIntegerField(default=0)
    title = models.CharField(_("title"), max_length=300)
    date = models.DateField(_("date"), null=True, blank=True)
    exhibit = models.CharField(_("exhibit"), max_length=40, blank=True)
    # Which of "title,date,exhibit" were guessed and not typed: these may be guessed again from the text.
    guessed = models.CharField(max_length=40, blank=True)

    state = models.CharField(max_length=10, choices=State.choices, default=State.STAGED)
    party = models.CharField(max_length=40)  # the slug of the party that serves it
    uploaded_by = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="uploaded")
    created_at = models.DateTimeField(default=timezone.now)
    served_by = models.ForeignKey(Participant, on_delete=models.PROTECT, null=True, related_name="served")
    served_at = models.DateTimeField(null=True)
    # Serve as soon as it is ready, by the person who uploaded it.
    serve_when_ready = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    served_entry = models.PositiveBigIntegerField(null=True)  # seq of its journal entry

    # What its server chose, and what follows from that, the state and the section (services.settle_audience).
    visible_to = models.CharField(max_length=400, default=PUBLIC)
    audience = models.CharField(max_length=400)
    # The audience that its own side gave it last: an act of anybody else takes it no further. None is what stands.
    granted = models.CharField(max_length=400, null=True)
    # Whether those who see the document see the versions before the one that is read, too: its own side says so.
    shows_earlier = models.BooleanField(default=False, db_default=False)

    # The version people read; the newest one may still be in the making.
    current = models.ForeignKey("Version", on_delete=models.SET_NULL, null=True, related_name="+")

    # A safely repeated upload: the same key by the same person is the same document.
    idempotency_key = models.CharField(max_length=200, null=True)

    # Raised with every change that the search index must learn of; held says what it has, and in which index.
    index_wanted = models.PositiveIntegerField(default=0)
    index_held = models.PositiveIntegerField(default=0)
    index_version = models.CharField(max_length=80, blank=True)
    # Until when a worker has it in hand for the index.
    index_lease = models.DateTimeField(null=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["position", "created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "uploaded_by", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="document_once_per_key",
            )
        ]
        indexes = [
            models.Index(fields=["section", "position"], name="document_in_order"),
            models.Index(fields=["case", "state"], name="document_by_state"),
            # What the search index lacks (search/indexing.py): few of very many, asked every few seconds.
            models.Index(models.F("index_wanted") - models.F("index_held"), name="document_changed"),
            models.Index(
                fields=["index_version"], condition=models.Q(index_wanted__gt=0), name="document_indexed"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class VersionQuerySet(models.QuerySet["Version"]):
    def visible_to(self, viewer: Viewer) -> VersionQuerySet:
        """Of documents that `viewer` may see: the version that people read, and to its own side its others."""
        documents = Document.objects.visible_to(viewer)
        return self.filter(document__in=documents.order_by().values("pk")).filter(viewer.reads_version(""))

    def unfinished(self) -> VersionQuerySet:
        """Versions that are neither ready nor refused."""
        return self.exclude(status__in=[Version.Status.READY, Version.Status.REFUSED])


class Version(models.Model):
    """One file of a document. Its original is stored once under its SHA-256 and never changed."""

    class Status(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("state of a file", "Received")
        SCANNING = "scanning", pgettext_lazy("state of a file", "Scanning")
        CONVERTING = "converting", pgettext_lazy("state of a file", "Converting")
        READING = "reading", pgettext_lazy("state of a file", "Reading")
        READY = "ready", pgettext_lazy("state of a file", "Ready")
        REFUSED = "refused", pgettext_lazy("state of a file", "Refused")

    class Copy(models.IntegerChoices):
        """How far it is with the reading copy (pdf/reading_copy.py)."""

        NONE = 0  # it was read before there were any
        COPIED = 1  # there is one; the words are still those of the original
        WHOLE = 2  # there is one, and everything was made from it
        IMPOSSIBLE = 3

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=300)  # the file's name as it came, made safe to show
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100, default="application/pdf")
    created_at = models.DateTimeField(default=timezone.now)
    uploaded_by = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RECEIVED)
    reason_code = models.CharField(max_length=30, blank=True)
    warnings = models.JSONField(default=list)  # codes, see evidence/words.py
    pages = models.PositiveIntegerField(default=0)
    pages_done = models.PositiveIntegerField(default=0)
    images_done = models.PositiveIntegerField(default=0)
    # SHA-256 of the file that is read and shown, where that is not the original: the reading copy, or where there is
    # none, a repaired one.
    reading_sha256 = models.CharField(max_length=64, blank=True)
    copy = models.PositiveSmallIntegerField(choices=Copy.choices, default=Copy.NONE, db_default=Copy.NONE)
    # Page sizes in points as displayed, run-length: [[count, width, height], …]
    sizes = models.JSONField(default=list)

    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    # Names the lease: who lost it to another worker writes nothing more.
    taken_by = models.CharField(max_length=32, blank=True, default="", db_default="")
    ready_at = models.DateTimeField(null=True)
    # It ran out of the small budget: it goes on with a longer one, behind everything that is quick.
    put_back = models.BooleanField(default=False, db_default=False)

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="version_once")]
        indexes = [
            models.Index(fields=["status", "lease_until"], name="version_due"),
            # What waits: few of very many, asked every few seconds.
            models.Index(
                fields=["created_at"],
                condition=~models.Q(status__in=["ready", "refused"]),
                name="version_unfinished",
            ),
            models.Index(
                fields=["ready_at"],
                condition=models.Q(status="ready", images_done__lt=models.F("pages")),
                name="version_undrawn",
            ),
            models.Index(
                fields=["ready_at"],
                condition=models.Q(status="ready", copy__lt=2),
                name="version_uncopied",
            ),
        ]

    @property
    def reading(self) -> str:
        """SHA-256 of the file that pages are made from."""
        return self.reading_sha256 or self.sha256

    @property
    def finished(self) -> bool:
        return self.status in (self.Status.READY, self.Status.REFUSED)


def page_id(version_id: uuid.UUID, index: int) -> str:
    """A page's id: its version's id and its number in it from 1, so that a list of pages need not be sent."""
    return f"{version_id.hex}-{index + 1}"


class PageQuerySet(models.QuerySet["Page"]):
    def visible_to(self, viewer: Viewer) -> PageQuerySet:
        """The pages of what `viewer` may see: of the version that people read, and for its own side of its others."""
        return (
            self.filter(version__document__case_id=viewer.case_id)
            .exclude(version__document__state=Document.State.WITHDRAWN)
            .filter(audience.query(viewer.audiences, "version__document__audience"))
            .filter(viewer.reads_version("version__"))
        )

    def now(self, page: Page) -> Page | None:
        """The page in its place in the version that people read, of a shorter one the last; None if it has no page."""
        current = page.version.document.current_id
        if page.version_id == current:
            return page
        return self.filter(version_id=current, index__lte=page.index).order_by("-index").first()


class Page(models.Model):
    """One page of one version; its id is for ever, its label belongs to a numbering version."""

    id = models.CharField(primary_key=True, max_length=40)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="page_set")
    index = models.PositiveIntegerField()  # from 0
    width = models.FloatField()  # points, as displayed
    height = models.FloatField()
    blank = models.BooleanField(default=False)

    objects = PageQuerySet.as_manager()

    class Meta:
        ordering = ["version", "index"]
        constraints = [models.UniqueConstraint(fields=["version", "index"], name="page_once")]


class PageText(models.Model):
    """The words of a page and where they stand: derived, and can be deleted and made again."""

    page = models.OneToOneField(Page, on_delete=models.CASCADE, primary_key=True, related_name="layer")
    packed = models.BinaryField()

    @classmethod
    def pack(cls, page: str, text: str, words: list[Any]) -> PageText:
        """`words` as [x0, y0, x1, y1, word] in fractions of the page as displayed, origin top left."""
        return cls(page_id=page, packed=layers.pack(text, words))

    def layer(self) -> dict[str, Any]:
        """{"text": str, "words": [[x0, y0, x1, y1, word], …]}"""
        return layers.layer(self.packed)

    def text(self) -> str:
        """The words alone, which is quicker."""
        return layers.text(self.packed)

    def boxes(self) -> Sequence[list[float]]:
        """[x0, y0, x1, y1] of each word of the text."""
        return layers.boxes(self.packed)


class LabelRunQuerySet(models.QuerySet["LabelRun"]):
    def current(self) -> LabelRunQuerySet:
        return self.filter(until=None)


class LabelRun(models.Model):
    """A progression of labels over pages of one document, and in which numbering versions it stood.

    Place `first_index` + i of the document is labelled letter, prefix, start + i. A label is kept by the place, so
    that a replaced document keeps its labels; a run is never changed but closed (`until`), so that an old citation
    resolves for ever.
    """

    bundle = models.ForeignKey(Bundle, on_delete=models.CASCADE, related_name="runs")
    # Deleting a document would set its labels free: documents are withdrawn.
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="runs")
    since = models.PositiveIntegerField()  # numbering version
    until = models.PositiveIntegerField(null=True)
    first_index = models.PositiveIntegerField()
    count = models.PositiveIntegerField()
    letter = models.CharField(max_length=8, blank=True)
    prefix = models.CharField(max_length=500, blank=True)  # "12.1"
    start = models.PositiveIntegerField()
    frozen = models.BooleanField(default=False)

    objects = LabelRunQuerySet.as_manager()

    class Meta:
        ordering = ["document", "first_index"]
        indexes = [
            models.Index(fields=["bundle", "letter", "prefix", "start"], name="run_by_label"),
            models.Index(fields=["bundle", "until"], name="run_current"),
        ]


class Opened(models.Model):
    """Who has opened which version of a document: what is left is 'unread'."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="opened")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="opened")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["participant", "version"], name="opened_once")]


class FailureQuerySet(models.QuerySet["Failure"]):
    def remembered(self, program: str) -> FailureQuerySet:
        """What stands against trying again with that program: its time is not over."""
        return self.filter(program=program, until__gt=timezone.now())


class Failure(models.Model):
    """What could not be made of a file within its budget, so that nobody tries it again at each request.

    Named by what was asked: which work, of which bytes (SHA-256 of the file that pages are made from), which page and
    width (0 where there is none), and by which program. It ends, and a better program, or a longer budget, does not
    know it. What is the machine's fault is never written here.
    """

    class Work(models.TextChoices):
        PICTURE = "picture"
        WORDS = "words"  # of one page
        FILE = "file"  # opening it at all, or too many of its pages

    work = models.CharField(max_length=10, choices=Work.choices)
    sha256 = models.CharField(max_length=64)
    index = models.PositiveIntegerField(default=0)
    width = models.PositiveIntegerField(default=0)
    program = models.CharField(max_length=60)
    reason = models.CharField(max_length=30)  # a code of casebundle.pdf.sandbox.Refused
    # The small budget ran out, and it waits for the longer one.
    waits = models.BooleanField(default=False)
    lease_until = models.DateTimeField(null=True)
    source = models.CharField(max_length=100)  # where that file is kept
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()

    objects = FailureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sha256", "work", "index", "width", "program"], name="failure_once"
            )
        ]
        indexes = [
            models.Index(fields=["at"], condition=models.Q(waits=True), name="failure_waits"),
            models.Index(fields=["until"], name="failure_ends"),
        ]


class Share(models.Model):
    """When the files of one party in one case last had their turn with a worker: who waits longest is next."""

    work = models.CharField(max_length=10)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    party = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["work", "case", "party"], name="share_once")]
