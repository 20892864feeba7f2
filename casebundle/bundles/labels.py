"""The labels of a bundle as they stand, as they were, and how they change. What a label is: numbering.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F

from casebundle.cases.access import NotVisible, Viewer
from casebundle.journal import record
from casebundle.journal.audience import query
from casebundle.journal.portions import portions
from casebundle.journal.prepared import Prepared, a_number, an_id

from . import numbering
from .models import Bundle, Document, LabelRun, LabelRunQuerySet, NumberingVersion, Page, Section
from .numbering import PROFILES, Label, Placed, Run, SectionIn


def _path(prefix: str) -> numbering.Path:
    return tuple(int(part) for part in prefix.split(".")) if prefix else ()


def _run(row: LabelRun) -> Run:
    key = str(row.document_id)
    return Run(key, row.first_index, row.count, row.letter, _path(row.prefix), row.start, row.frozen)


def _prefix(run: Run) -> str:
    return ".".join(map(str, run.prefix))


class Labels:
    """The labels that stand now for some documents, read at once."""

    def __init__(self, documents: Iterable[Document | UUID]) -> None:
        ids = [d.pk if isinstance(d, Document) else d for d in documents]
        self.runs: dict[str, list[Run]] = defaultdict(list)
        for some in portions(ids):
            self._take(LabelRun.objects.filter(document_id__in=some))

    @classmethod
    def of_bundle(cls, bundle: Bundle) -> Labels:
        """Those of a whole bundle, in one query."""
        labels = cls([])
        labels._take(LabelRun.objects.filter(bundle=bundle))
        return labels

    def _take(self, rows: LabelRunQuerySet) -> None:
        # As plain values: a bundle has thousands of runs, and most pages of the product ask for all of them.
        for document, first, count, letter, prefix, start, frozen in (
            rows.current()
            .order_by("first_index")
            .values_list("document_id", "first_index", "count", "letter", "prefix", "start", "frozen")
        ):
            key = str(document)
            self.runs[key].append(Run(key, first, count, letter, _path(prefix), start, frozen))

    @classmethod
    def as_planned(cls, runs: Iterable[Run]) -> Labels:
        """Those that would stand, from `planned`."""
        labels = cls([])
        for run in runs:
            labels.runs[run.document].append(run)
        return labels

    def label(self, document_id: UUID | str, index: int) -> str | None:
        """The label of page `index` (from 0) of a document, or None where it has none yet."""
        found = numbering.label_of(self.runs.get(str(document_id), ()), index)
        return str(found) if found else None

    def span(self, document: Document) -> tuple[str | None, str | None]:
        """The first and last label of the pages that a document has now."""
        return self.ends(document.pk, document.current.pages if document.current else 0)

    def ends(self, document_id: UUID | str, pages: int) -> tuple[str | None, str | None]:
        """The same of a document that has this number of pages."""
        if not pages or str(document_id) not in self.runs:
            return None, None
        return self.label(document_id, 0), self.label(document_id, pages - 1)


def numbering_versions(viewer: Viewer, bundles: Iterable[Bundle]) -> dict[UUID, int]:
    """The numbering version of each bundle, by its id, as `viewer` is told it: how often a label changed that they
    could see. It rises with each such change and with nothing else."""
    ids = [bundle.pk for bundle in bundles]
    rows = NumberingVersion.objects.visible_to(viewer).filter(bundle__in=ids).order_by()
    counted = dict(rows.values_list("bundle_id").annotate(Count("number", distinct=True)))
    return {pk: counted.get(pk, 0) for pk in ids}


def numbering_version(viewer: Viewer, bundle: Bundle) -> int:
    """The numbering version of one bundle as `viewer` is told it."""
    return numbering_versions(viewer, [bundle])[bundle.pk]


@cache
def _run_now() -> Prepared:
    rows = LabelRun.objects.current().filter(
        document_id=an_id("document"), first_index__lte=a_number("index")
    )
    fields = ("first_index", "count", "letter", "prefix", "start", "frozen")
    return Prepared(rows.order_by("-first_index").values_list(*fields)[:1], "document", "index")


def label_now(document_id: UUID, index: int) -> str | None:
    """The label of one page (from 0) of a document, as `Labels` has it, where a whole court waits for it."""
    found = _run_now().first(document=document_id, index=index)
    if found is None:
        return None
    first, count, letter, prefix, start, frozen = found
    run = Run(str(document_id), first, count, letter, _path(prefix), start, frozen)
    label = numbering.label_of([run], index)
    return str(label) if label else None


def planned(
    bundle: Bundle, serving: Collection[UUID] = (), held: Mapping[str, list[LabelRun]] | None = None
) -> list[Run]:
    """The runs that numbering gives now, were the staged documents `serving` served too. Nothing is written.

    `held` are the current rows by document, where they were read already.
    """
    held = _held(bundle) if held is None else held
    also = set(serving)
    frozen = {key: tuple(_run(row) for row in rows if row.frozen) for key, rows in held.items()}
    placed: dict[UUID, list[Placed]] = defaultdict(list)
    documents = (
        Document.objects.filter(section__bundle=bundle)
        .in_order()
        .values_list("pk", "section_id", "state", "current__pages")
    )
    for pk, section_id, state, pages in documents:
        if state == Document.State.STAGED and pk not in also:
            continue
        count = (pages or 0) if state != Document.State.WITHDRAWN else 0
        placed[section_id].append(Placed(str(pk), count, frozen.get(str(pk), ())))
    sections = [
        SectionIn(section.letter, tuple(placed[section.pk]))
        for section in Section.objects.filter(bundle=bundle)
    ]
    return numbering.number(sections, PROFILES[bundle.profile])


def _held(bundle: Bundle) -> dict[str, list[LabelRun]]:
    held: dict[str, list[LabelRun]] = defaultdict(list)
    for row in LabelRun.objects.current().filter(bundle=bundle):
        held[str(row.document_id)].append(row)
    return held


@transaction.atomic
def renumber(bundle: Bundle, viewer: Viewer | None = None, *, freeze: bool = False) -> Bundle:
    """Give every page of what is served its label; with `freeze`, the labels that stand are kept for ever.

    The work grows with the number of documents, and only what changed is written. Returns the bundle as it is now.
    """
    record.hold(bundle.case_id)
    bundle = Bundle.objects.select_for_update().get(pk=bundle.pk)
    held = _held(bundle)
    runs = planned(bundle, held=held)
    if freeze:
        runs = numbering.freeze(runs)

    old = {(_run(row)): row for rows in held.values() for row in rows}
    new = [run for run in runs if run not in old]
    stand = set(runs)
    gone = [row for run, row in old.items() if run not in stand]
    if not new and not gone:
        return bundle
    bundle.numbering_version += 1
    bundle.save(update_fields=["numbering_version"])
    for some in portions(row.pk for row in gone):
        LabelRun.objects.filter(pk__in=some).update(until=bundle.numbering_version)
    LabelRun.objects.bulk_create(
        [
            LabelRun(
                bundle=bundle,
                document_id=UUID(run.document),
                since=bundle.numbering_version,
                first_index=run.first_index,
                count=run.count,
                letter=run.letter,
                prefix=_prefix(run),
                start=run.start,
                frozen=run.frozen,
            )
            for run in new
        ],
        batch_size=500,
    )
    changed = {run.document for run in new} | {str(row.document_id) for row in gone}
    audiences = _audiences(changed)
    NumberingVersion.objects.bulk_create(
        NumberingVersion(bundle=bundle, number=bundle.numbering_version, audience=audience)
        for audience in audiences
    )
    # An entry for each audience: one for all of them together would tell a reader, who may check it whole, for whom
    # else something was numbered.
    data = {"bundle": bundle.slug, "profile": bundle.profile}
    actor = viewer.card if viewer else None
    record.append_all(
        bundle.case_id,
        [
            record.Draft("bundle.frozen" if freeze else "bundle.numbered", actor, audience, data=data)
            for audience in audiences
        ],
    )
    return bundle


def _audiences(documents: set[str]) -> list[str]:
    """The audiences that these documents have, each once."""
    found = set[str]()
    for some in portions(sorted(documents)):
        found |= set(
            Document.objects.filter(pk__in=some).order_by().values_list("audience", flat=True).distinct()
        )
    return sorted(found)


@dataclass(frozen=True)
class Found:
    """What an asked label names: the page, its label as it stands now, and what was asked."""

    page: Page
    label: str
    asked: str


def resolve(viewer: Viewer, bundle: Bundle, asked: str) -> Found:
    """The page that a label names now, or else named last; NotVisible where there is none for this reader.

    Only the labels of documents that `viewer` may see are looked at, so that a label of a hidden page is answered as
    one that never was: in the same words, by the same statements.
    """
    theirs = LabelRun.objects.filter(bundle=bundle).filter(
        query(viewer.audiences, "document__audience"), document__state=Document.State.SERVED
    )
    # Also letters that no section has any more: an old citation resolves for ever.
    sections = Section.objects.visible_to(viewer).filter(bundle=bundle)
    letters = {"", *sections.values_list("letter", flat=True)}
    letters |= set(theirs.order_by().values_list("letter", flat=True).distinct())
    label = Label.parse(asked, letters)
    if label is None:
        raise NotVisible
    runs = theirs.filter(
        letter=label.letter,
        prefix=".".join(map(str, label.path[:-1])),
        start__lte=label.path[-1],
        start__gt=label.path[-1] - F("count"),
    )
    # What stands now comes first, then the latest that stood.
    for row in [
        *runs.filter(until=None).order_by("-start")[:1],
        *runs.exclude(until=None).order_by("-until"),
    ]:
        page = page_at(viewer, row.document_id, row.first_index + label.path[-1] - row.start)
        if page is not None:
            now = Labels([row.document_id]).label(row.document_id, page.index)
            return Found(page, now or str(label), str(label))
    raise NotVisible


def page_at(viewer: Viewer, document_id: UUID, index: int) -> Page | None:
    """The page at a place of a document; of a replacement that is shorter, its last page."""
    pages = Page.objects.visible_to(viewer).filter(
        version__document_id=document_id, version__document__current_id=F("version_id")
    )
    return (
        pages.filter(index__lte=index).select_related("version__document__section").order_by("-index").first()
    )
