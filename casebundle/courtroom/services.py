"""The hearing: who sits, who has the floor, what everybody is turned to."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from casebundle.bundles.labels import Labels
from casebundle.bundles.models import Page
from casebundle.bundles.services import Conflict
from casebundle.cases.access import NotAllowed, Viewer, screen_viewer, viewer_of
from casebundle.cases.models import Case, Participant
from casebundle.journal import record

from .models import Hearing, Screen

# No 0, O, 1, I, L: a code is read out in court. 31^8 codes.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@transaction.atomic
def open_hearing(viewer: Viewer, title: str, starts: Any = None) -> Hearing:
    """A hearing. One that starts later is listed; one with no time, or a past one, is opened at once."""
    viewer.require("preside")
    title = (title or "").strip()
    if not 1 <= len(title) <= 200:
        raise ValidationError({"title": _("Enter a title, like Trial, day 1.")})
    hearing = Hearing.objects.create(case=viewer.case, title=title, starts=starts)
    if starts is None or starts <= timezone.now():
        return begin(viewer, hearing)
    entry = record.append(
        viewer.case_id,
        "hearing.listed",
        actor=viewer.card,
        data={"hearing": str(hearing.pk), "title": title, "starts": starts.isoformat()},
    )
    Hearing.objects.filter(pk=hearing.pk).update(seq=entry.seq)
    return hearing


def _locked(hearing: Hearing) -> Hearing:
    return Hearing.objects.select_for_update().get(pk=hearing.pk)


def _said(viewer: Viewer, hearing: Hearing, action: str, data: dict[str, Any], **where: Any) -> Hearing:
    entry = record.append(
        viewer.case_id, action, actor=viewer.card, data={"hearing": str(hearing.pk), **data}, **where
    )
    hearing.seq = entry.seq
    hearing.save()
    return hearing


@transaction.atomic
def begin(viewer: Viewer, hearing: Hearing) -> Hearing:
    """Open a listed hearing."""
    viewer.require("preside")
    hearing = _locked(hearing)
    if hearing.opened_at is not None:
        raise Conflict(_("That hearing was opened already."))
    if Hearing.objects.open().filter(case_id=viewer.case_id).exists():
        raise Conflict(_("Another hearing is open in this case. Close it first."))
    hearing.opened_at = timezone.now()
    return _said(viewer, hearing, "hearing.opened", {"title": hearing.title})


@transaction.atomic
def close(viewer: Viewer, hearing: Hearing) -> Hearing:
    """End a hearing: nobody presents, and its evidence screens go dark for good."""
    viewer.require("preside")
    hearing = _locked(hearing)
    if not hearing.is_open:
        raise Conflict(_("That hearing is not open."))
    now = timezone.now()
    hearing.closed_at, hearing.presenter, hearing.page, hearing.view = now, None, None, None
    hearing.screens.filter(ended_at=None).update(ended_at=now)
    return _said(viewer, hearing, "hearing.closed", {"title": hearing.title})


def _open(hearing: Hearing) -> Hearing:
    hearing = _locked(hearing)
    if not hearing.is_open:
        raise Conflict(_("That hearing is not open."))
    return hearing


@transaction.atomic
def give_floor(viewer: Viewer, hearing: Hearing, participant: Participant | None) -> Hearing:
    """Give the floor to somebody of the case who may present, or (None) take it back."""
    viewer.require("preside")
    hearing = _open(hearing)
    if participant is not None:
        if participant.case_id != hearing.case_id or not viewer_of(participant).may("present"):
            raise ValidationError(
                {"participant": _("The floor can be given to prosecution, defence or court.")}
            )
    hearing.presenter = participant
    card = participant.card() if participant else None
    return _said(viewer, hearing, "floor.given" if participant else "floor.taken", {"to": card})


@transaction.atomic
def turn(viewer: Viewer, hearing: Hearing, page: Page, view: dict[str, float] | None = None) -> Hearing:
    """Turn everybody to a page. Only who has the floor may; who may not see the page is not told of it."""
    hearing = _open(hearing)
    if viewer.participant is None or hearing.presenter_id != viewer.participant.pk:
        raise NotAllowed(_("You do not have the floor. The judge or the clerk gives it."))
    document = page.version.document
    if document.state != document.State.SERVED:
        raise ValidationError({"page": _("Only served pages can be presented.")})
    hearing.page, hearing.view = page, checked_view(view)
    label = Labels([document.pk]).label(document.pk, page.index)
    return _said(
        viewer,
        hearing,
        "page.turned",
        {
            "page": page.pk,
            "label": label,
            "title": document.title,
            "bundle": document.section.bundle.slug,
            "view": hearing.view,
        },
        audience=document.audience,
        document=document.pk,
    )


def checked_view(view: Any) -> dict[str, float] | None:
    """A region {x, y, w, h} in fractions of the page, or None for the whole of it."""
    if view is None:
        return None
    try:
        found = {key: round(float(view[key]), 4) for key in ("x", "y", "w", "h")}
    except (TypeError, ValueError, KeyError):
        found = {}
    if not found or not (
        0 <= found["x"] <= 1 and 0 <= found["y"] <= 1 and 0 < found["w"] <= 1 and 0 < found["h"] <= 1
    ):
        raise ValidationError({"view": _("The view is {x, y, w, h} in fractions of the page.")})
    return found


def current(case: Case) -> Hearing | None:
    """The open hearing of a case."""
    return Hearing.objects.open().filter(case=case).select_related("presenter__user", "case").first()


def state(viewer: Viewer, hearing: Hearing | None) -> dict[str, Any]:
    """What stands now, for this viewer, as the socket's `state` frame has it (without who is present)."""
    frame: dict[str, Any] = {
        "type": "state",
        "seq": hearing.seq if hearing else 0,
        "hearing": None,
        "presenter": None,
        "page": None,
        "label": None,
        "view": None,
        "present": [],
    }
    if hearing is None:
        return frame
    frame["hearing"] = str(hearing.pk)
    frame["title"] = hearing.title
    frame["open"] = hearing.is_open
    if hearing.presenter_id:
        presenter = (
            Participant.objects.select_related("user")
            .prefetch_related("parties")
            .get(pk=hearing.presenter_id)
        )
        frame["presenter"] = presenter.card()
    page = (
        Page.objects.visible_to(viewer)
        .select_related("version__document__section__bundle")
        .filter(pk=hearing.page_id)
        .first()
        if hearing.page_id
        else None
    )
    # Somebody who may not see the page is told that something is shown, which they can see in the room, and no more.
    frame["hidden"] = hearing.page_id is not None and page is None
    if page is not None:
        document = page.version.document
        frame |= {
            "page": page.pk,
            "label": Labels([document.pk]).label(document.pk, page.index),
            "bundle": document.section.bundle.slug,
            "view": hearing.view,
            "width": page.width,
            "height": page.height,
        }
    return frame


@transaction.atomic
def new_screen(viewer: Viewer, hearing: Hearing, name: str) -> Screen:
    """An evidence screen for a hearing, with a code that is hard to guess and easy to read out."""
    viewer.require("screens")
    hearing = _locked(hearing)
    if hearing.closed_at is not None:
        raise Conflict(_("That hearing is closed."))
    name = (name or "").strip()
    if not 1 <= len(name) <= 80:
        raise ValidationError({"name": _("Enter a name, like Jury screen.")})
    code = "".join(secrets.choice(ALPHABET) for _i in range(8))
    screen = Screen.objects.create(code=code, hearing=hearing, name=name)
    # The code itself is a key: the journal says which screen, not how to open it.
    record.append(
        viewer.case_id, "screen.made", actor=viewer.card, data={"hearing": str(hearing.pk), "name": name}
    )
    return screen


@transaction.atomic
def end_screen(viewer: Viewer, screen: Screen) -> None:
    """Make a screen dark for good, at once."""
    viewer.require("screens")
    screen.ended_at = timezone.now()
    screen.save(update_fields=["ended_at"])
    record.append(
        viewer.case_id,
        "screen.ended",
        actor=viewer.card,
        data={"hearing": str(screen.hearing_id), "name": screen.name},
    )


def screen_by_code(code: str) -> tuple[Viewer, Screen] | None:
    """The screen of that code, while it and its hearing are there, and what it may show."""
    screen = (
        Screen.objects.select_related("hearing__case")
        .filter(code=str(code).upper()[:16], ended_at=None, hearing__closed_at=None)
        .first()
    )
    return (screen_viewer(screen.hearing.case), screen) if screen else None
