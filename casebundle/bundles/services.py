"""Making cases with their bundles, and everything that changes a document's place, name or audience."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case as Choice
from django.db.models import CharField, F, Max, PositiveIntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext as _

from casebundle.cases import people
from casebundle.cases.access import NotAllowed, NotVisible, Viewer, may_create_cases, must_see, viewer_of
from casebundle.cases.models import Case, Party, Role, User
from casebundle.cases.who import Names
from casebundle.journal import audience, record
from casebundle.journal.audience import COURT, EVERYBODY, JUDGE, PUBLIC
from casebundle.journal.locks import exclusively
from casebundle.journal.portions import PORTION, portions

from .courts import court_template, court_templates
from .labels import Labels, renumber
from .models import Bundle, Document, DocumentQuerySet, LabelRun, Section, Version
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
    """A new section at the end of a bundle, for everybody or for some (`tokens`).

    Its letter is new among the sections that `viewer` sees: one that they do not see may have it too.
    """
    viewer.require("manage")
    must_see(viewer, bundle)
    letter = letter.strip().upper()
    if not LETTER.fullmatch(letter) or len(letter) > 8:
        raise ValidationError({"letter": _("Enter one to eight capital letters or digits, like J or UND1.")})
    if not 1 <= len(title.strip()) <= 120:
        raise ValidationError({"title": _("Enter a title.")})
    if Section.objects.visible_to(viewer).filter(bundle=bundle, letter=letter).exists():
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
    """Say who a section is for. Its documents follow at once, but come to nobody to whom their own side did not give
    them."""
    viewer.require("manage")
    must_see(viewer, section)
    section.refresh_from_db()
    before = section.audience
    section.audience = checked_tokens(viewer.case, tokens)
    section.save(update_fields=["audience"])
    documents = list(section.documents.all())
    for document in documents:
        document.section = section  # as it is now, and not read again for each
    _settle_audiences(documents, own=lambda document: may_edit(viewer, document))
    record.append(
        viewer.case_id,
        "section.restricted",
        actor=viewer.card,
        audience=audience.join([*audience.split(section.audience), COURT]),
        data={
            "section": section.letter,
            "audience": sorted(audience.split(section.audience)),
            "gained": gained_by(viewer.case, before, section.audience),
        },
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
    return own_audience(document) if document.state == Document.State.STAGED else _once_served(document)


def _once_served(document: Document) -> str:
    """Who a document is for once it is served, as its section and its server's choice stand."""
    return audience.meet(document.section.audience, document.visible_to)


def own_audience(document: Document) -> str:
    """Those of its own side who may see a document before others do: who uploaded it, and who sees its section.

    Where nobody of that side sees the section any more, it is the whole side: they give it another one.
    """
    side = audience.join([document.party])
    seen = audience.split(audience.meet(document.section.audience, side))
    return audience.join([audience.person(document.uploaded_by_id), *seen]) if seen else side


def settle_audience(document: Document, *, own: bool) -> None:
    """Work out who a document is for, after an act of its `own` side or of somebody else, and store it.

    Only its own side gives it to more people. What somebody else does to it or to its section keeps it for those whom
    its side gave it to, at most.
    """
    _settle(document, own)
    if not document._state.adding:
        document.save(update_fields=["audience", "granted", "visible_to"])


def _settle(document: Document, own: bool) -> None:
    if own:
        document.granted = _once_served(document)
    else:
        if document.granted is None and document.state != Document.State.STAGED:
            document.granted = document.audience
        if document.granted is not None and audience.beyond(document.granted, _once_served(document)):
            document.visible_to = audience.meet(document.visible_to, document.granted)
    document.audience = audience_of(document)


def _settle_audiences(documents: Collection[Document], *, own: Callable[[Document], bool]) -> None:
    """`settle_audience` for many, in as many statements as they have audiences."""
    groups: dict[tuple[str, str | None, str], list[UUID]] = {}
    for document in documents:
        _settle(document, own(document))
        groups.setdefault((document.audience, document.granted, document.visible_to), []).append(document.pk)
    for (found, granted, visible_to), pks in groups.items():
        for some in portions(pks):
            Document.objects.filter(pk__in=some).update(
                audience=found, granted=granted, visible_to=visible_to
            )


def gained_by(case: Case, before: str, after: str) -> list[str]:
    """The parties (or `judge`) that something is for besides, where its audience goes from one to the other."""
    tokens = audience.beyond(before, after)
    if EVERYBODY in tokens:
        return [
            slug for slug in case.parties.values_list("slug", flat=True) if slug not in audience.split(before)
        ]
    return sorted(tokens)


def gained_by_changes(viewer: Viewer, document: Document, changes: dict[str, Any]) -> list[str]:
    """The parties that would see a served document besides, were `change_document` called with these changes."""
    if document.state != Document.State.SERVED:
        return []
    section = _section_asked(viewer, document, changes.get("section"))
    chosen = document.visible_to
    if "visible_to" in changes:
        chosen = visible_to_choice(viewer, document.party, changes["visible_to"])
    return gained_by(viewer.case, document.audience, audience.meet(section.audience, chosen))


def gained_by_section(viewer: Viewer, section: Section, tokens: Collection[str] | None) -> list[str]:
    """The parties that would see a section besides, were it for these (`tokens` as restrict_section takes them)."""
    return gained_by(viewer.case, section.audience, checked_tokens(viewer.case, tokens))


def documents_gained_by_section(viewer: Viewer, section: Section, tokens: Collection[str] | None) -> int:
    """How many served documents of it, of those that `viewer` sees, would be for more people then."""
    wanted = checked_tokens(viewer.case, tokens)
    served = Document.objects.visible_to(viewer).served().filter(section=section)
    count = 0
    for document in served.only("party", "state", "audience", "visible_to", "granted", "section"):
        document.section = section  # not read again for each
        given = document.visible_to
        if not may_edit(viewer, document):
            given = audience.meet(given, document.granted or document.audience)
        count += bool(audience.beyond(document.audience, audience.meet(wanted, given)))
    return count


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


def may_have_original(viewer: Viewer, document: Document) -> bool:
    """Originals are for those whose party served them, and for the court."""
    return viewer.acts_for(document.party) or viewer.acts_for(COURT)


def originals(viewer: Viewer, document: Document) -> QuerySet[Version]:
    """The versions whose originals `viewer` may have, of those that they may see."""
    must_see(viewer, document)
    if not may_have_original(viewer, document):
        raise NotAllowed(
            _("The original is for those who served it and for the court. Read the PDF instead.")
        )
    return Version.objects.visible_to(viewer).filter(document=document).order_by("number")


def _changed(ids: Collection[UUID]) -> None:
    for tell in on_change:
        tell(ids)


@record.changes
def change_document(viewer: Viewer, document: Document, changes: dict[str, Any]) -> Document:
    """Change title, date, exhibit, section (letter), position (from 0 within the section), visible_to (slugs) or
    earlier_versions (whether those who see the document see those too).

    Raises ValidationError by field, NotAllowed, or Conflict where numbers are frozen.
    """
    Bundle.objects.select_for_update().get(pk=document.section.bundle_id)
    must_see(viewer, document)
    document.refresh_from_db()
    own = may_edit(viewer, document)
    moves = {key for key in ("section", "position") if changes.get(key) is not None}
    if not own and not (viewer.may("number") and set(changes) <= {"section", "position"}):
        raise NotAllowed(_("Only those who served a document can change it."))
    audience_before, granted_before = document.audience, document.granted
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
    if changes.get("earlier_versions") is not None:
        fields["earlier_versions"] = document.shows_earlier = bool(changes["earlier_versions"])
    document.guessed = ",".join(
        field for field in document.guessed.split(",") if field and field not in fields
    )
    document.save()
    if moves:
        fields |= _moved(viewer, document, changes.get("section"), changes.get("position"))
    if "section" in fields or "visible_to" in fields:
        settle_audience(document, own=own)
    if own and granted_before is not None and "visible_to" in fields and "section" not in fields:
        # While its section is restricted, those to whom it was given before stay given it.
        kept = audience.split(audience.meet(granted_before, document.visible_to))
        document.granted = audience.join([*audience.split(document.granted or ""), *kept])
        document.save(update_fields=["granted"])
    gained = gained_by(viewer.case, audience_before, document.audience)
    if not own:
        _refuse_other_sight(viewer, document, gained)
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
                "gained": gained,
            },
        )
        if moves and document.state == Document.State.SERVED:
            renumber(document.section.bundle, viewer)
        _changed([document.pk])
    return document


def _refuse_other_sight(viewer: Viewer, document: Document, gained: Collection[str]) -> None:
    """Refuse what somebody does with a document of others, where more people would see it, or its own side not."""
    names = Names(viewer.case)
    words = {"title": document.title, "side": names.party(document.party), "who": names.several(gained)}
    if gained:
        raise NotAllowed(
            _("“%(title)s” would be seen by %(who)s there, and only %(side)s can decide that.") % words
        )
    if not audience.reaches(document.audience, [document.party, EVERYBODY]):
        raise NotAllowed(
            _("“%(title)s” was served by %(side)s, who would not see it there any more.") % words
        )


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
    """The section that `viewer` may see and calls so (`section_keys`); ValidationError where there is none."""
    asked = clean(letter)
    rows = Section.objects.visible_to(viewer).filter(bundle=bundle)
    section = rows.filter(letter=asked.upper()).first() or rows.filter(pk=as_uuid(asked)).first()
    if section is None:
        raise ValidationError({"section": _("Choose a section of this bundle.")})
    return section


def _section_asked(viewer: Viewer, document: Document, letter: str | None) -> Section:
    """The section that is meant for a document by this letter (or id); its own one where it has that letter."""
    if letter is None or clean(letter).upper() == document.section.letter:
        return document.section
    return section_by_letter(viewer, document.section.bundle, letter)


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def section_keys(sections: Iterable[Section]) -> dict[UUID, str]:
    """What each of a reader's sections of one bundle, in order, is called in a form: its letter, or its id where one
    before it has that letter (which is so where its maker did not see that one)."""
    found: dict[UUID, str] = {}
    taken: set[str] = set()
    for section in sections:
        found[section.pk] = str(section.pk) if section.letter in taken else section.letter
        taken.add(section.letter)
    return found


def _moved(viewer: Viewer, document: Document, letter: str | None, place: int | None) -> dict[str, Any]:
    """Move a document to the section of that letter, to a place in it; what its journal entry says of that."""
    section = _section_asked(viewer, document, letter)
    stays = section.pk == document.section_id
    if stays and place in (None, place_of(viewer, document)):
        return {}
    if LabelRun.objects.current().filter(document=document, frozen=True).exists():
        raise Conflict(
            _("The page numbers of “%(title)s” are frozen, so it stays where it is.")
            % {"title": document.title}
        )
    _move(viewer, document, section, place)
    # Not the number of its place: that counts documents which are not for everybody who reads the entry.
    return {"section": section.letter, "position": True} if stays else {"section": section.letter}


def _move(viewer: Viewer, document: Document, section: Section, place: int | None) -> None:
    """Put a document at a place (from 0) of a section, among the others there that `viewer` sees.

    It goes right before the one that they see at that place; where they see none, or no place is given, to the end.
    """
    others = in_section(section).exclude(pk=document.pk)
    seen = (
        []
        if place is None
        else list(others.visible_to(viewer).values_list("pk", flat=True)[place : place + 1])
    )
    waiting = Q(position__gte=Document.UNPLACED)
    if document.position >= Document.UNPLACED and not others.exclude(waiting).filter(pk__in=seen).exists():
        # It is placed when it is served: until then among those that its side staged.
        rows, first = others.filter(waiting, party=document.party), Document.UNPLACED
    else:
        rows, first = others.exclude(waiting), 0
    held = list(rows.values_list("pk", "position"))
    at = next((n for n, (pk, _stored) in enumerate(held) if pk in seen), len(held))
    # The gaps are closed, so that the document fits in where it belongs.
    shifts: dict[int, list[UUID]] = {}
    for n, (pk, stored) in enumerate(held):
        wanted = first + (n if n < at else n + 1)
        if wanted != stored:
            shifts.setdefault(wanted - stored, []).append(pk)
    for by, pks in shifts.items():
        for some in portions(pks):
            Document.objects.filter(pk__in=some).update(position=F("position") + by)
    bump_order([pk for pks in shifts.values() for pk in pks])
    document.section, document.position = section, first + at
    document.save(update_fields=["section", "position"])


def in_section(section: Section | UUID) -> DocumentQuerySet:
    """The documents of a section in their order, those that wait to be placed after all others."""
    return Document.objects.filter(section=section).order_by("position", "created_at", "pk")


def place_of(viewer: Viewer, document: Document) -> int:
    """The place of a document in its section, from 0, among those there that `viewer` sees, as `change_document` is
    given it. What is stored only sorts: it counts what is hidden too."""
    same = Q(position=document.position)
    earlier = Q(position__lt=document.position) | same & Q(created_at__lt=document.created_at)
    earlier |= same & Q(created_at=document.created_at, pk__lt=document.pk)
    return in_section(document.section_id).visible_to(viewer).filter(earlier).count()


def places_of(viewer: Viewer, documents: Collection[Document]) -> dict[UUID, int]:
    """`place_of` for many, by the document's id, in a statement for each of their sections."""
    if len(documents) == 1:
        return {document.pk: place_of(viewer, document) for document in documents}
    return {
        pk: place
        for section in {document.section_id for document in documents}
        for place, pk in enumerate(in_section(section).visible_to(viewer).values_list("pk", flat=True))
    }


def next_position(section: Section) -> int:
    """The position after the last document of a section that has its place."""
    placed = Document.objects.filter(section=section, position__lt=Document.UNPLACED)
    return (placed.aggregate(last=Max("position"))["last"] or 0) + 1


def next_unplaced(section: Section, party: str) -> int:
    """The position after the last document that this party staged for a section and that waits to be placed."""
    staged = Document.objects.filter(section=section, party=party, position__gte=Document.UNPLACED)
    last = staged.aggregate(last=Max("position"))["last"]
    return Document.UNPLACED if last is None else last + 1


def _place(documents: Collection[Document]) -> None:
    """Give each of these that waits for it a place at the end of its section, in the order in which they wait."""
    waiting = [document for document in documents if document.position >= Document.UNPLACED]
    ends: dict[UUID, int] = {}
    for document in sorted(waiting, key=lambda document: (document.position, document.pk)):
        if document.section_id not in ends:
            ends[document.section_id] = next_position(document.section)
        document.position = ends[document.section_id]
        ends[document.section_id] += 1
    Document.objects.bulk_update(waiting, ["position"], batch_size=PORTION)


@record.changes
def set_profile(viewer: Viewer, bundle: Bundle, profile: str) -> Bundle:
    """Number a bundle by another profile; frozen labels stay."""
    viewer.require("number")
    must_see(viewer, bundle)
    if profile not in PROFILES:
        raise ValidationError({"profile": _("Choose a profile: %(names)s.") % {"names": ", ".join(PROFILES)}})
    Bundle.objects.filter(pk=bundle.pk).update(profile=profile)
    return renumber(bundle, viewer)


@record.changes
def freeze(viewer: Viewer, bundle: Bundle) -> Bundle:
    """Keep the numbers that stand, for ever; what comes later takes insert numbers or goes on at the end."""
    viewer.require("number")
    must_see(viewer, bundle)
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
    _place(fresh)
    for some in portions([row.pk for row in fresh]):
        Document.objects.filter(pk__in=some).update(
            state=Document.State.SERVED, served_at=now, served_by=viewer.participant
        )
    _settle_audiences(fresh, own=lambda document: True)
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
    must_see(viewer, document)
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


@record.changes
def withdraw_staged(viewer: Viewer, document: Document) -> None:
    """Take what one's own side has staged off its list. NotVisible where it was served, or is another side's."""
    require_staged(viewer, document)
    withdraw(viewer, document, _("Removed before it was served."))


def require_staged(viewer: Viewer, document: Document) -> None:
    """Raise NotVisible unless it is on the list of what this side has staged."""
    must_see(viewer, document)
    document.refresh_from_db(fields=["state"])
    if document.state != Document.State.STAGED or not viewer.acts_for(document.party):
        raise NotVisible


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
    held = Q(index_wanted=F("index_held"))
    for some in portions(ids):
        Document.objects.filter(pk__in=some, index_wanted__gt=0).update(
            index_wanted=F("index_wanted") + 1,
            index_held=Choice(
                When(held, then=F("index_held") + 1),
                default=F("index_held"),
                output_field=PositiveIntegerField(),
            ),
            index_version=Choice(
                When(held & ~Q(index_version__endswith=MOVED), then=Concat("index_version", Value(MOVED))),
                default=F("index_version"),
                output_field=CharField(),
            ),
        )
