"""Making cases with their bundles, and everything that changes a document's place, name or audience."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case as Choice
from django.db.models import F, Max, Q, QuerySet, Value, When
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext as _

from casebundle.cases import people
from casebundle.cases.access import NotAllowed, NotVisible, Viewer, may_create_cases, viewer_of
from casebundle.cases.models import Case, Party, Role, User
from casebundle.journal import audience, record
from casebundle.journal.audience import COURT, EVERYBODY, JUDGE, PUBLIC
from casebundle.journal.locks import exclusively
from casebundle.journal.portions import PORTION, portions

from .courts import court_template, court_templates
from .labels import Labels, renumber
from .models import Bundle, Document, LabelRun, Section
from .numbering import LETTER, PROFILES

# Called with the ids of documents whose place, name or audience changed, inside the transaction: the rooms above
# (the search index) put themselves here.
on_change: list[Callable[[Collection[UUID]], None]] = []


class Conflict(Exception):
    """It cannot be done as things stand (409). The text is for the person."""


def hidden_from(viewer: Viewer) -> QuerySet[Document]:
    """Ids of the documents of the case that are not for this viewer. What was withdrawn is no secret by that."""
    return (
        Document.objects.filter(case_id=viewer.case_id).exclude(audience.query(viewer.audiences)).values("pk")
    )


# --- cases --------------------------------------------------------------------------------------
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,39}")


@transaction.atomic
def create_case(
    user: User,
    reference: str,
    title: str,
    court: str,
    template: str = "crown",
    parties: list[tuple[str, str]] | None = None,
) -> Viewer:
    """A new case from a court template, with its maker as clerk. `parties` are (slug or "", name) of defendants."""
    if not may_create_cases(user):
        raise NotAllowed(_("Only court staff can make a case."))
    errors: dict[str, str] = {}
    reference, title, court = reference.strip(), title.strip(), court.strip()
    if not REFERENCE.fullmatch(reference):
        errors["reference"] = _("Enter a reference of 3 to 40 letters, numbers and hyphens, like T20267001.")
    if not 1 <= len(title) <= 200:
        errors["title"] = _("Enter a title of up to 200 characters, like R v Smith.")
    if not 1 <= len(court) <= 120:
        errors["court"] = _("Enter the court, like Crown Court at Leeds.")
    if template not in court_templates():
        errors["template"] = _("Choose a court template: %(names)s.") % {
            "names": ", ".join(court_templates())
        }
    if errors:
        raise ValidationError(errors)
    exclusively("case references")
    if Case.objects.filter(reference__iexact=reference).exists():
        raise Conflict(_("There is a case %(reference)s already.") % {"reference": reference})
    case = Case.objects.create(reference=reference, title=title, court=court, template=template)
    people.add_party(case, _("Prosecution"), Party.Kind.PROSECUTION, "prosecution")
    for slug, name in parties or []:
        people.add_party(case, name, Party.Kind.DEFENDANT, slug)
    people.add_party(case, _("Court"), Party.Kind.COURT, COURT)
    clerk = people.join(case, user, Role.CLERK, [COURT])
    viewer = viewer_of(clerk)
    record.append(case.pk, "case.created", actor=viewer.card, data={"reference": reference, "title": title})
    lay_out(case)
    return viewer


def lay_out(case: Case) -> None:
    """The bundles and sections of the case's court template."""
    plan = court_template(case.template)
    defendants = list(case.parties.filter(kind=Party.Kind.DEFENDANT))
    for at, shape in enumerate(plan["bundles"]):
        bundle = Bundle.objects.create(
            case=case, slug=shape["slug"], title=shape["title"], profile=plan["profile"], position=at
        )
        position = 0
        for row in shape["sections"]:
            if row.get("each_defendant"):
                for n, party in enumerate(defendants, 1):
                    position += 1
                    Section.objects.create(
                        bundle=bundle,
                        letter=f"{row['letter']}{n}",
                        title=f"{row['title']}: {party.name}"[:120],
                        position=position,
                        audience=audience.join([party.slug]),
                    )
                continue
            position += 1
            Section.objects.create(
                bundle=bundle,
                letter=row["letter"],
                title=row["title"],
                position=position,
                audience=_of_kinds(case, row.get("audience")),
            )


def _of_kinds(case: Case, tokens: list[str] | None) -> str:
    if tokens is None:
        return PUBLIC
    found: set[str] = set()
    for kind in tokens:
        if kind == "defendants":
            found |= set(case.parties.filter(kind=Party.Kind.DEFENDANT).values_list("slug", flat=True))
        else:
            found.add(kind)
    return audience.join(found)


def add_defendant(viewer: Viewer, name: str) -> Party:
    """A further defendant in a case, with a private section of their own where the template has such."""
    viewer.require("manage")
    if not 1 <= len(name.strip()) <= 120:
        raise ValidationError({"name": _("Enter the defendant's name.")})
    with transaction.atomic():
        record.hold(viewer.case_id)
        party = people.add_party(viewer.case, name.strip())
        plan = court_template(viewer.case.template)
        for shape in plan["bundles"]:
            bundle = Bundle.objects.filter(case=viewer.case, slug=shape["slug"]).first()
            private = next((row for row in shape["sections"] if row.get("each_defendant")), None)
            if bundle is None or private is None:
                continue
            letters = set(bundle.sections.values_list("letter", flat=True))
            n = 1
            while f"{private['letter']}{n}" in letters:
                n += 1
            last = (
                bundle.sections.filter(letter__startswith=private["letter"]).last() or bundle.sections.last()
            )
            Section.objects.create(
                bundle=bundle,
                letter=f"{private['letter']}{n}",
                title=f"{private['title']}: {party.name}"[:120],
                position=last.position if last else 0,
                audience=audience.join([party.slug]),
            )
        record.append(
            viewer.case_id, "party.added", actor=viewer.card, data={"party": party.slug, "name": party.name}
        )
    return party


@record.changes
def add_section(
    viewer: Viewer, bundle: Bundle, letter: str, title: str, tokens: Collection[str] | None
) -> Section:
    """A new section at the end of a bundle, for everybody or for some (`tokens`)."""
    viewer.require("manage")
    letter = letter.strip().upper()
    if not LETTER.fullmatch(letter) or len(letter) > 8:
        raise ValidationError({"letter": _("Enter one to eight capital letters or digits, like J or UND1.")})
    if not 1 <= len(title.strip()) <= 120:
        raise ValidationError({"title": _("Enter a title.")})
    if bundle.sections.filter(letter=letter).exists():
        raise Conflict(_("There is a section %(letter)s already.") % {"letter": letter})
    section = Section.objects.create(
        bundle=bundle,
        letter=letter,
        title=title.strip(),
        position=(bundle.sections.aggregate(last=Max("position"))["last"] or 0) + 1,
        audience=checked_tokens(viewer.case, tokens),
    )
    record.append(
        viewer.case_id,
        "section.added",
        actor=viewer.card,
        audience=audience.join([*audience.split(section.audience), COURT]),
        data={"bundle": bundle.slug, "section": letter, "title": section.title},
    )
    return section


@record.changes
def restrict_section(viewer: Viewer, section: Section, tokens: Collection[str] | None) -> None:
    """Say who a section is for; its documents follow at once."""
    viewer.require("manage")
    section.refresh_from_db()
    section.audience = checked_tokens(viewer.case, tokens)
    section.save(update_fields=["audience"])
    documents = list(section.documents.all())
    for document in documents:
        document.section = section  # as it is now, and not read again for each
    for found, pks in _by_audience(documents):
        Document.objects.filter(pk__in=pks).update(audience=found)
    record.append(
        viewer.case_id,
        "section.restricted",
        actor=viewer.card,
        audience=audience.join([*audience.split(section.audience), COURT]),
        data={"section": section.letter, "audience": sorted(audience.split(section.audience))},
    )
    _changed([document.pk for document in documents])


def checked_tokens(case: Case, tokens: Collection[str] | None) -> str:
    """A stored audience from party slugs (or `judge`); None or `everybody` is everybody."""
    if tokens is None or EVERYBODY in tokens:
        return PUBLIC
    known = set(case.parties.values_list("slug", flat=True)) | {JUDGE}
    unknown = sorted(set(tokens) - known)
    if unknown or not tokens:
        raise ValidationError(
            {
                "visible_to": _("Choose from the parties of this case: %(names)s.")
                % {"names": ", ".join(sorted(known))}
            }
        )
    return audience.join(tokens)


# --- documents ----------------------------------------------------------------------------------
def audience_of(document: Document) -> str:
    """Who a document is for: what follows from its state, its section and its server's choice."""
    if document.state == Document.State.STAGED:
        return audience.join([document.party])
    return audience.meet(document.section.audience, document.visible_to)


def settle_audience(document: Document) -> None:
    """Work out who a document is for and store it."""
    found = audience_of(document)
    if found != document.audience or document._state.adding:
        document.audience = found
        if not document._state.adding:
            document.save(update_fields=["audience"])


def _by_audience(documents: Collection[Document]) -> Iterator[tuple[str, list[UUID]]]:
    """Who each document is for now, set on it; and for each such audience the ids, in portions, to be stored."""
    groups: dict[str, list[UUID]] = {}
    for document in documents:
        document.audience = audience_of(document)
        groups.setdefault(document.audience, []).append(document.pk)
    for found, pks in groups.items():
        for some in portions(pks):
            yield found, some


def visible_to_choice(viewer: Viewer, party: str, slugs: Collection[str] | None) -> str:
    """The stored choice of a server who names the parties that a document is for: they and the court always see it."""
    if slugs is None or EVERYBODY in slugs:
        return PUBLIC
    return audience.join([*audience.split(checked_tokens(viewer.case, slugs)), party, COURT])


def may_edit(viewer: Viewer, document: Document) -> bool:
    """Whether `viewer` may name, order, replace and withdraw this document: its server's side, or (order) a clerk."""
    return may_edit_of(viewer, document.party)


def may_edit_of(viewer: Viewer, party: str) -> bool:
    """The same of any document that `party` serves."""
    return viewer.may("serve") and viewer.acts_for(party)


def _changed(ids: Collection[UUID]) -> None:
    for tell in on_change:
        tell(ids)


@record.changes
def change_document(viewer: Viewer, document: Document, changes: dict[str, Any]) -> Document:
    """Change title, date, exhibit, section (letter), position (from 0 within the section) or visible_to (slugs).

    Raises ValidationError by field, NotAllowed, or Conflict where numbers are frozen.
    """
    Bundle.objects.select_for_update().get(pk=document.section.bundle_id)
    document.refresh_from_db()
    own = may_edit(viewer, document)
    moves = {key for key in ("section", "position") if changes.get(key) is not None}
    if not own and not (viewer.may("number") and set(changes) <= {"section", "position"}):
        raise NotAllowed(_("Only those who served a document can change it."))
    before = place_of(document)
    fields: dict[str, Any] = {}
    if changes.get("title") is not None:
        title = clean(changes["title"])
        if not 1 <= len(title) <= 300:
            raise ValidationError({"title": _("Enter a title of up to 300 characters.")})
        fields["title"] = document.title = title
    if "date" in changes:
        fields["date"] = document.date = checked_date(changes["date"])
    if changes.get("exhibit") is not None:
        exhibit = clean(changes["exhibit"])
        if len(exhibit) > 40:
            raise ValidationError({"exhibit": _("Enter an exhibit reference of up to 40 characters.")})
        fields["exhibit"] = document.exhibit = exhibit
    if "visible_to" in changes:
        document.visible_to = visible_to_choice(viewer, document.party, changes["visible_to"])
        fields["visible_to"] = sorted(audience.split(document.visible_to))
    document.guessed = ",".join(
        field for field in document.guessed.split(",") if field and field not in fields
    )
    document.save()
    if moves:
        _move(viewer, document, changes.get("section"), changes.get("position"))
        fields["section"], fields["position"] = document.section.letter, document.position
    settle_audience(document)
    if fields:
        record.append(
            viewer.case_id,
            "document.changed",
            actor=viewer.card,
            audience=document.audience,
            document=document.pk,
            data={
                "document": str(document.pk),
                "title": document.title,
                "changes": {
                    k: v.isoformat() if isinstance(v, datetime.date) else v for k, v in fields.items()
                },
            },
        )
        if moves and document.state == Document.State.SERVED and before != place_of(document):
            renumber(document.section.bundle, viewer)
        _changed([document.pk])
    return document


def clean(text: Any) -> str:
    """What somebody typed, without space around it and without what no database takes."""
    return str(text).replace("\x00", " ").strip()


def checked_date(value: Any) -> datetime.date | None:
    if value in (None, ""):
        return None
    if isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(str(value))
    except ValueError:
        raise ValidationError({"date": _("Enter a date, like 2026-03-14.")}) from None


def section_by_letter(viewer: Viewer, bundle: Bundle, letter: str) -> Section:
    """The section of that letter that `viewer` may see; ValidationError where there is none."""
    section = Section.objects.visible_to(viewer).filter(bundle=bundle, letter=clean(letter).upper()).first()
    if section is None:
        raise ValidationError({"section": _("Choose a section of this bundle.")})
    return section


def _move(viewer: Viewer, document: Document, letter: str | None, position: int | None) -> None:
    section = section_by_letter(viewer, document.section.bundle, letter) if letter else document.section
    if LabelRun.objects.current().filter(document=document, frozen=True).exists():
        if section.pk == document.section_id and position in (None, place_of(document)[1]):
            return
        raise Conflict(
            _("The page numbers of “%(title)s” are frozen, so it stays where it is.")
            % {"title": document.title}
        )
    if section.pk != document.section_id and position is None:
        position = next_position(section)
    rows = Document.objects.filter(section=section).exclude(pk=document.pk)
    if position is not None:
        held = list(rows.order_by("position", "created_at").values_list("pk", "position"))
        position = max(0, min(int(position), len(held)))
        # Close the gaps first, so that `position` means the same as the place in the list that people see.
        shifts: dict[int, list[UUID]] = {}
        for at, (pk, stored) in enumerate(held):
            wanted = at if at < position else at + 1
            if wanted != stored:
                shifts.setdefault(wanted - stored, []).append(pk)
        for by, pks in shifts.items():
            for some in portions(pks):
                Document.objects.filter(pk__in=some).update(position=F("position") + by)
        bump_order([pk for pks in shifts.values() for pk in pks])
        document.position = position
    document.section = section
    document.save(update_fields=["section", "position"])


def place_of(document: Document) -> tuple[str, int]:
    """The letter of a document's section and its place in it from 0, as `position` is given to change_document.

    What is stored only sorts: it has gaps where documents were moved away.
    """
    earlier = Q(position__lt=document.position) | Q(
        position=document.position, created_at__lt=document.created_at
    )
    rows = Document.objects.filter(section=document.section_id).exclude(pk=document.pk)
    return document.section.letter, rows.filter(earlier).count()


def next_position(section: Section) -> int:
    """The position after the last document of a section."""
    return (Document.objects.filter(section=section).aggregate(last=Max("position"))["last"] or 0) + 1


@record.changes
def set_profile(viewer: Viewer, bundle: Bundle, profile: str) -> Bundle:
    """Number a bundle by another profile; frozen labels stay."""
    viewer.require("number")
    if profile not in PROFILES:
        raise ValidationError({"profile": _("Choose a profile: %(names)s.") % {"names": ", ".join(PROFILES)}})
    Bundle.objects.filter(pk=bundle.pk).update(profile=profile)
    return renumber(bundle, viewer)


@record.changes
def freeze(viewer: Viewer, bundle: Bundle) -> Bundle:
    """Keep the numbers that stand, for ever; what comes later takes insert numbers or goes on at the end."""
    viewer.require("number")
    return renumber(bundle, viewer, freeze=True)


@record.changes
def serve(viewer: Viewer, documents: Collection[UUID], *, system: bool = False) -> list[Document]:
    """Serve staged documents, all or none: place, labels, audience, receipt and journal entry for each.

    Raises ValidationError naming what cannot be served, NotVisible where one is not this party's.
    """
    viewer.require("serve")
    ids = list(dict.fromkeys(documents))
    rows: list[Document] = []
    for some in portions(ids):
        rows += (
            Document.objects.visible_to(viewer)
            .select_for_update(of=("self",))
            .filter(pk__in=some)
            .select_related("section__bundle", "current")
            .defer("current__sizes", "current__warnings")
        )
    if len(rows) != len(ids) or not all(viewer.acts_for(row.party) for row in rows):
        raise NotVisible
    open_sections = set(Section.objects.visible_to(viewer).values_list("pk", flat=True))
    errors = []
    for row in rows:
        if row.state == Document.State.SERVED:
            continue
        if row.current is None or row.current.status != "ready":
            errors.append(_("“%(title)s” is not ready, so it cannot be served yet.") % {"title": row.title})
        elif row.section_id not in open_sections:
            errors.append(_("“%(title)s” is in a section that you may not see.") % {"title": row.title})
    if errors:
        raise ValidationError({"documents": errors})
    order = {pk: at for at, pk in enumerate(ids)}
    fresh = sorted((row for row in rows if row.state != Document.State.SERVED), key=lambda row: order[row.pk])
    # The write lock is held from here: a thousand documents must not cost thousands of statements.
    now = timezone.now()
    for row in fresh:
        row.state, row.served_at, row.served_by = Document.State.SERVED, now, viewer.participant
    for found, pks in _by_audience(fresh):
        Document.objects.filter(pk__in=pks).update(
            state=Document.State.SERVED, served_at=now, served_by=viewer.participant, audience=found
        )
    for bundle in {row.section.bundle_id: row.section.bundle for row in fresh}.values():
        renumber(bundle, viewer)
    labels = Labels(fresh)
    parties = list(viewer.case.parties.all())
    drafts = []
    for row in fresh:
        assert row.current is not None
        first, last = labels.span(row)
        drafts.append(
            record.Draft(
                "document.served",
                actor=viewer.card,
                audience=row.audience,
                document=row.pk,
                data={
                    "document": str(row.pk),
                    "title": row.title,
                    "exhibit": row.exhibit,
                    "section": row.section.letter,
                    "first": first,
                    "last": last,
                    "pages": row.current.pages,
                    "sha256": row.current.sha256,
                    "size": row.current.size,
                    "name": row.current.name,
                    "on": _served_on(parties, row),
                },
            )
        )
    for row, entry in zip(fresh, record.append_all(viewer.case_id, drafts), strict=True):
        row.served_entry = entry.seq
    Document.objects.bulk_update(fresh, ["served_entry"], batch_size=PORTION)
    _changed([row.pk for row in fresh])
    return rows


def _served_on(parties: Collection[Party], document: Document) -> list[str]:
    """The parties that a document was served on (the receipt says so)."""
    reached = audience.split(document.audience)
    return [
        party.slug
        for party in parties
        if party.slug != document.party and (EVERYBODY in reached or party.slug in reached)
    ]


@record.changes
def withdraw(viewer: Viewer, document: Document, reason: str) -> None:
    """Take a document out of the bundle. Its labels are kept for it, its file and its journal entries stay."""
    if not may_edit(viewer, document):
        raise NotAllowed(_("Only those who served a document can withdraw it."))
    reason = clean(reason)
    if not 1 <= len(reason) <= 300:
        raise ValidationError({"reason": _("Say why the document is withdrawn, in up to 300 characters.")})
    _as_it_stands(document)
    first, last = Labels([document]).span(document)
    was_staged = document.state == Document.State.STAGED
    document.state, document.withdrawn_at, document.withdrawn_reason = (
        Document.State.WITHDRAWN,
        timezone.now(),
        reason,
    )
    document.save(update_fields=["state", "withdrawn_at", "withdrawn_reason"])
    record.append(
        viewer.case_id,
        "document.withdrawn",
        actor=viewer.card,
        audience=document.audience,
        document=document.pk,
        data={
            "document": str(document.pk),
            "title": document.title,
            "first": first,
            "last": last,
            "reason": reason,
        },
    )
    if not was_staged:
        renumber(document.section.bundle, viewer)
    _changed([document.pk])


def _as_it_stands(document: Document) -> None:
    """Read again what somebody else may have changed since it was looked up. NotVisible where they withdrew it."""
    document.refresh_from_db(fields=["state", "audience", "current", "section", "title"])
    if document.state == Document.State.WITHDRAWN:
        raise NotVisible


def bump_index(ids: Collection[UUID]) -> None:
    """Mark documents as changed for the search index."""
    for some in portions(ids):
        Document.objects.filter(pk__in=some).update(index_wanted=F("index_wanted") + 1)


MOVED = "~"
"""Ends `index_version` where the index holds a document as it is, but for its place in the case."""


def bump_order(ids: Collection[UUID]) -> None:
    """Mark documents whose place alone has changed, because another was put before them, for the search index.

    They are found meanwhile, so nobody is told that they may be missing: it would tell of a move that they may not see.
    """
    for some in portions(ids):
        held = Document.objects.filter(pk__in=some, index_wanted__gt=0)
        held.exclude(index_wanted=F("index_held")).update(index_wanted=F("index_wanted") + 1)
        held.filter(index_wanted=F("index_held")).update(
            index_wanted=F("index_wanted") + 1,
            index_held=F("index_held") + 1,
            index_version=Choice(
                When(index_version__endswith=MOVED, then=F("index_version")),
                default=Concat("index_version", Value(MOVED)),
            ),
        )
