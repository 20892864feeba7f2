"""Cases, the people in them, and how their bundles are numbered."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from ninja import Router, Status

from casebundle.bundles import services
from casebundle.bundles.labels import resolve
from casebundle.bundles.models import Bundle, Section
from casebundle.cases import access, again, names, people
from casebundle.cases.access import NotVisible

from .. import schemas, shapes
from ..entrance import Asked
from ..paging import Cursor, Limit, Page, paged
from ..routing import answers, for_serving

router = Router(tags=["Cases and bundles"])


def _slugs(party: str | list[str] | None) -> list[str]:
    return [party] if isinstance(party, str) else party or []


@router.get("/me", response=answers({200: schemas.Me}), summary="Who is calling, and their cases")
@for_serving
def me(request: Asked) -> Any:
    """The caller's name, language and cases, and their token. A token for one case knows of that one alone."""
    user = request.auth
    token = getattr(user, "token", None)
    return {
        "name": user.name,
        "email": user.email,
        "language": user.language,
        "court_staff": access.may_create_cases(user),
        "cases": [shapes.case_item(viewer) for viewer in access.viewers_of(user)],
        "token": {"name": token.name, "scope": token.scope, "expires": token.expires_at} if token else None,
    }


@router.get("/cases", response=answers({200: Page[schemas.CaseItem]}, 422), summary="The caller's cases")
def list_cases(request: Asked, cursor: Cursor = None, limit: Limit = 100) -> Any:
    """Newest first."""
    rows, after = paged(
        access.viewers_of(request.auth),
        lambda viewer: (-int(viewer.case.created_at.timestamp() * 1_000_000), str(viewer.case_id)),
        cursor,
        limit,
    )
    return {"items": [shapes.case_item(viewer) for viewer in rows], "next": after}


@router.post("/cases", response=answers({201: schemas.Case}, 403, 409, 422), summary="Make a case")
def create_case(request: Asked, what: schemas.NewCase) -> Any:
    """From a court template (crown, family, financial-remedy). Court staff alone; who makes it is its clerk.

    `defendants` are names, each of which becomes a party. 409: the reference is taken.
    """
    viewer = services.create_case(
        request.auth,
        what.reference,
        what.title,
        what.court,
        what.template,
        [("", name.strip()) for name in what.defendants],
    )
    return Status(201, shapes.case(viewer))


@router.get("/cases/{reference}", response=answers({200: schemas.Case}), summary="A case")
def get_case(request: Asked, reference: str) -> Any:
    """Its parties, the people in it, its bundles."""
    return shapes.case(request.viewer)


@router.post(
    "/cases/{reference}/parties", response=answers({201: schemas.Party}, 403, 422), summary="Add a defendant"
)
def add_party(request: Asked, reference: str, what: schemas.NewParty) -> Any:
    """A further defendant, with a private section where the court template has such. A clerk does this."""
    party = services.add_defendant(request.viewer, what.name)
    return Status(201, {"slug": party.slug, "name": party.name, "kind": party.kind})


@router.get(
    "/cases/{reference}/participants",
    response=answers({200: Page[schemas.ParticipantItem]}, 422),
    summary="The people in a case",
)
def list_participants(request: Asked, reference: str, cursor: Cursor = None, limit: Limit = 100) -> Any:
    rows, after = paged(
        shapes.participants(request.viewer),
        lambda row: (int(row.joined_at.timestamp() * 1_000_000), str(row.pk)),
        cursor,
        limit,
    )
    return {"items": [shapes.participant(row) for row in rows], "next": after}


@router.post(
    "/cases/{reference}/participants",
    response=answers({201: schemas.Invited}, 403, 422),
    summary="Invite somebody",
)
def invite(request: Asked, reference: str, what: schemas.NewParticipant) -> Any:
    """They get an e-mail, and are in the case once they have accepted by the link in it: in a browser, signed in with
    that address. Roles: prosecution, defence, judge, clerk, observer. A clerk does this.

    `name` may have a judge's title: the court gives it. With a session, the password must have been given in the last
    ten minutes to make somebody judge or clerk, or to give a title to anybody.
    """
    again.require_for(request, what.role, what.name)
    found = people.invite(request.viewer, what.email, what.role, _slugs(what.party), what.name)
    return Status(201, {**shapes.participant(found), "invited": True})


@router.patch(
    "/cases/{reference}/participants/{participant_id}",
    response=answers({200: schemas.ParticipantItem}, 403, 422),
    summary="Give somebody another role, party or name",
)
def change_participant(
    request: Asked, reference: str, participant_id: str, what: schemas.ChangedParticipant
) -> Any:
    """Nobody's own part, and not to another side: that takes a new invitation. A clerk does this.

    `name` is theirs in all their cases, so that it is given to who has accepted, or to who has no account but by this
    invitation (422). With a session, the password must have been given in the last ten minutes to give a name, or to
    make somebody judge or clerk.
    """
    if what.name is not None:
        again.require(request)
    again.require_for(request, what.role)
    if what.role is None and what.name is None:
        raise ValidationError({"role": _("Give a role, a name, or both.")})
    with transaction.atomic():
        if what.name is not None:
            names.rename(request.thing.user, what.name, request.viewer)
        if what.role is not None:
            people.change(request.viewer, request.thing, what.role, _slugs(what.party))
    changed = next(row for row in shapes.participants(request.viewer) if row.pk == request.thing.pk)
    return shapes.participant(changed)


@router.delete(
    "/cases/{reference}/participants/{participant_id}",
    response=answers({204: None}, 403, 422),
    summary="Take somebody out of a case",
)
def remove_participant(request: Asked, reference: str, participant_id: str) -> Any:
    """At once, on every screen, socket and token of theirs."""
    people.remove(request.viewer, request.thing)
    return Status(204, None)


@router.get(
    "/cases/{reference}/bundles/{slug}", response=answers({200: schemas.Bundle}), summary="A bundle, in order"
)
def get_bundle(request: Asked, reference: str, slug: str) -> Any:
    """Its sections and documents with their labels as they stand now, staged ones for their own side alone."""
    return shapes.bundle(request.viewer, request.thing)


@router.patch(
    "/cases/{reference}/bundles/{slug}",
    response=answers({200: schemas.Bundle}, 403, 422),
    summary="Set the numbering profile",
)
def change_bundle(request: Asked, reference: str, slug: str, what: schemas.ChangedBundle) -> Any:
    """per-section (A1, B12) or continuous (1, 2, 3). Frozen labels stay."""
    return shapes.bundle(request.viewer, services.set_profile(request.viewer, request.thing, what.profile))


@router.post(
    "/cases/{reference}/bundles/{slug}/freeze",
    response=answers({200: schemas.Bundle}, 403),
    summary="Freeze the numbers that stand",
)
def freeze(request: Asked, reference: str, slug: str) -> Any:
    """No page loses the label it has now; what comes later is numbered around them."""
    return shapes.bundle(request.viewer, services.freeze(request.viewer, request.thing))


@router.post(
    "/cases/{reference}/bundles/{slug}/sections",
    response=answers({201: schemas.SectionItem}, 403, 409, 422),
    summary="Add a section",
)
def add_section(request: Asked, reference: str, slug: str, what: schemas.NewSection) -> Any:
    """At the end of the bundle, for everybody or for some. A clerk does this."""
    section = services.add_section(request.viewer, request.thing, what.letter, what.title, what.visible_to)
    return Status(201, _section(section))


@router.patch(
    "/cases/{reference}/bundles/{slug}/sections/{letter}",
    response=answers({200: schemas.SectionItem}, 403, 422),
    summary="Say who a section is for",
)
def restrict_section(
    request: Asked, reference: str, slug: str, letter: str, what: schemas.ChangedSection
) -> Any:
    """Its documents follow at once. A clerk does this."""
    try:
        section = services.section_by_letter(request.viewer, request.thing, letter)
    except ValidationError:
        raise NotVisible from None
    services.restrict_section(request.viewer, section, what.visible_to)
    return _section(section)


def _section(section: Section) -> dict[str, Any]:
    return {
        "id": str(section.pk),
        "letter": section.letter,
        "title": section.title,
        "visible_to": shapes.tokens(section.audience),
    }


@router.get(
    "/cases/{reference}/pages/{label}",
    response=answers({200: schemas.NamedPage}),
    summary="The page that a label names",
)
def page_by_label(request: Asked, reference: str, label: str, bundle: str = "main") -> Any:
    """The page that the label names now, or else named last: then `label` is not `asked`."""
    if "\x00" in bundle:
        raise NotVisible
    found = Bundle.objects.visible_to(request.viewer).filter(slug=bundle).first()
    if found is None:
        raise NotVisible
    named = resolve(request.viewer, found, label)
    return {**shapes.page(named.page, named.label), "asked": named.asked}
