"""The hearing: who sits, who has the floor, what everybody is turned to."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from casebundle.bundles.labels import Labels, label_now
from casebundle.bundles.models import Document, Page
from casebundle.bundles.services import Conflict
from casebundle.cases.access import (
    NotAllowed,
    NotVisible,
    Viewer,
    must_see,
    require_now,
    screen_viewer,
    still_may,
    still_may_later,
    viewer_of,
)
from casebundle.cases.models import Case, Participant
from casebundle.cases.names import clean
from casebundle.journal import record
from casebundle.journal.audience import join
from casebundle.journal.models import Chain, Entry
from casebundle.journal.prepared import Prepared, a_text, an_id, together

from .models import Hearing, Screen

# No 0, O, 1, I, L: a code is read out in court. 31^8 codes.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@record.changes
def open_hearing(viewer: Viewer, title: str, starts: Any = None) -> Hearing:
    """A hearing. One that starts later is listed; one with no time, or a past one, is opened at once."""
    require_now(viewer, "preside")
    title = clean(title or "")
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
    """The hearing as it stands, kept from others until the end of the transaction."""
    found = Hearing.objects.select_for_update().filter(pk=hearing.pk, case_id=hearing.case_id).first()
    if found is None:
        raise NotVisible
    return found


def _said(viewer: Viewer, hearing: Hearing, action: str, data: dict[str, Any], **where: Any) -> Hearing:
    entry = record.append(
        viewer.case_id, action, actor=viewer.card, data={"hearing": str(hearing.pk), **data}, **where
    )
    hearing.seq = entry.seq
    hearing.save()
    return hearing


@record.changes
def begin(viewer: Viewer, hearing: Hearing) -> Hearing:
    """Open a listed hearing."""
    require_now(viewer, "preside")
    must_see(viewer, hearing)
    hearing = _locked(hearing)
    if hearing.opened_at is not None:
        raise Conflict(_("That hearing was opened already."))
    if Hearing.objects.open().filter(case_id=viewer.case_id).exists():
        raise Conflict(_("Another hearing is open in this case. Close it first."))
    hearing.opened_at = timezone.now()
    try:
        with transaction.atomic():
            return _said(viewer, hearing, "hearing.opened", {"title": hearing.title})
    except IntegrityError:
        # Somebody opened another one at the same moment.
        raise Conflict(_("Another hearing is open in this case. Close it first.")) from None


@record.changes
def close(viewer: Viewer, hearing: Hearing) -> Hearing:
    """End a hearing: nobody presents, and its evidence screens go dark for good."""
    require_now(viewer, "preside")
    must_see(viewer, hearing)
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


@record.changes
def give_floor(viewer: Viewer, hearing: Hearing, participant: Participant | None) -> Hearing:
    """Give the floor to somebody of the case who may present, or (None) take it back."""
    require_now(viewer, "preside")
    must_see(viewer, hearing)
    hearing = _open(hearing)
    if participant is not None and not (participant.case_id == hearing.case_id and _may_present(participant)):
        raise ValidationError({"participant": _("The floor can be given to prosecution, defence or court.")})
    hearing.presenter = participant
    card = participant.card() if participant else None
    return _said(viewer, hearing, "floor.given" if participant else "floor.taken", {"to": card})


def _presenter(hearing: Hearing) -> Participant | None:
    """Who has the floor, as they stand in the case now; None where they may not present any more."""
    if hearing.presenter_id is None:
        return None
    rows = Participant.objects.select_related("user", "case").prefetch_related("parties")
    presenter = rows.get(pk=hearing.presenter_id)
    return presenter if _may_present(presenter) else None


def _may_present(participant: Participant) -> bool:
    """Whether they are in the case, in a part that may be given the floor; who is only invited is not."""
    try:
        return viewer_of(participant).may("present")
    except NotVisible:
        return False


def _fit(hearing: Hearing) -> bool:
    return _presenter(hearing) is not None


@transaction.atomic
def lose_floor(case_id: UUID) -> None:
    """Take the floor from somebody who was removed from the case or may not present any more."""
    record.hold(case_id)
    hearing = (
        Hearing.objects.select_for_update().open().filter(case_id=case_id).exclude(presenter=None).first()
    )
    if hearing is None or _fit(hearing):
        return
    hearing.presenter = None
    entry = record.append(case_id, "floor.taken", data={"hearing": str(hearing.pk), "to": None})
    hearing.seq = entry.seq
    hearing.save(update_fields=["presenter", "seq"])


def after_entry(entry: Entry) -> None:
    """On commit of every entry: whoever was removed, or got another role, does not keep the floor."""
    if entry.action in ("participant.removed", "participant.changed"):
        lose_floor(entry.chain_id)


def turn(viewer: Viewer, hearing: Hearing, page: Page, view: dict[str, float] | None = None) -> Hearing:
    """Turn everybody to a page. Only who has the floor may; who may not see the page is not told of it."""
    turn_to(viewer, hearing.pk, page.pk, view)
    hearing.refresh_from_db()
    return hearing


# What a turn asks of a page and of a hearing: a whole court waits for it, so nothing else, and compiled once.
_TURNED = tuple(
    f"version__document__{name}"
    for name in ("id", "state", "title", "audience", "section__bundle__slug", "current_id")
)


@lru_cache(maxsize=256)
def _page_for(viewer: Viewer) -> Prepared:
    rows = Page.objects.visible_to(viewer).filter(pk=a_text("page"))
    return Prepared(
        rows.order_by().values_list("pk", "version_id", "index", "width", "height", *_TURNED)[:1], "page"
    )


@cache
def _hearing_of(locked: bool) -> Prepared:
    rows = Hearing.objects.select_for_update() if locked else Hearing.objects.all()
    rows = rows.filter(pk=an_id("hearing"), case_id=an_id("case")).order_by()
    return Prepared(rows.values_list("opened_at", "closed_at", "presenter_id")[:1], "hearing", "case")


def check_floor(viewer: Viewer, hearing_id: UUID) -> None:
    """Raise NotVisible, Conflict or NotAllowed unless `viewer` has the floor in that hearing, and it is open."""
    found = _hearing_of(locked=False).first(hearing=hearing_id, case=viewer.case_id)
    _has_floor(viewer, found, lambda: still_may(viewer, "present"))


def _has_floor(viewer: Viewer, found: tuple[Any, ...] | None, may: Callable[[], bool]) -> None:
    if found is None:
        raise NotVisible
    opened_at, closed_at, presenter_id = found
    if opened_at is None or closed_at is not None:
        raise Conflict(_("That hearing is not open."))
    if presenter_id is None or presenter_id != viewer.participant_id or not may():
        raise NotAllowed(_("You do not have the floor. The judge or the clerk gives it."))


@transaction.atomic
def turn_to(viewer: Viewer, hearing_id: UUID, page_id: str, view: Any = None) -> Entry:
    """`turn`, by the ids of hearing and page: in as few statements as what must hold allows."""
    with together():
        chain = record.hold(viewer.case_id)
        try:
            asked = _page_for(viewer).later(page=page_id)
        except (ValueError, OverflowError):
            raise NotVisible from None
        hearing = _hearing_of(locked=True).later(hearing=hearing_id, case=viewer.case_id)
        may = still_may_later(viewer, "present")
        page, found, allowed = asked(), hearing(), may()
    if page is None:
        raise NotVisible
    page_id, version, index, width, height, document_id, state, title, audience, slug, current = page
    _has_floor(viewer, found, lambda: allowed)
    if state != Document.State.SERVED:
        raise ValidationError({"page": _("Only served pages can be presented.")})
    if version != current:
        # Its own side may look at it; a court is turned to what everybody reads.
        raise ValidationError({"page": _("That page was replaced. Turn to the one that is there now.")})
    view = checked_view(view)
    entry = record.append(
        viewer.case_id,
        "page.turned",
        actor=viewer.card,
        data={
            "hearing": str(hearing_id),
            "page": page_id,
            "label": label_now(document_id, index),
            "title": title,
            "bundle": slug,
            "view": view,
            "width": width,
            "height": height,
        },
        audience=audience,
        document=document_id,
        chain=chain,
    )
    Hearing.objects.filter(pk=hearing_id).update(page_id=page_id, view=view, seq=entry.seq)
    return entry


def checked_view(view: Any) -> dict[str, float] | None:
    """A region {x, y, w, h} in fractions of the page, or None for the whole of it; what is off the page is cut off."""
    if view is None:
        return None
    try:
        x, y, w, h = (float(view[key]) for key in ("x", "y", "w", "h"))
        right = 0 <= x < 1 and 0 <= y < 1 and 0 < w <= 1 and 0 < h <= 1
    except (TypeError, ValueError, KeyError, OverflowError):
        right = False
    if not right:
        raise ValidationError({"view": _("The view is {x, y, w, h} in fractions of the page.")})
    found = {"x": x, "y": y, "w": min(w, 1 - x), "h": min(h, 1 - y)}
    return {key: round(value, 4) for key, value in found.items()}


def current(case: Case) -> Hearing | None:
    """The open hearing of a case."""
    return Hearing.objects.open().filter(case=case).first()


# The audience of a page that is for nobody now.
NOBODY = join([])
# What a state says of the page that is presented; the entry of a turn says it too, so that nobody has to ask.
_SHOWN = frozenset(("page", "label", "bundle", "view", "width", "height"))


@dataclass(frozen=True)
class Standing:
    """What stands in a court: the same for everybody but for the page, which is for its document's audience."""

    seq: int  # as of this entry of the journal
    hearing: Hearing | None = None
    presenter: dict[str, Any] | None = None
    page_id: str | None = None
    # {page, label, bundle, view, width, height}
    page: dict[str, Any] | None = None
    audience: str = NOBODY

    def frame(self, viewer: Viewer) -> dict[str, Any]:
        """The socket's `state` frame for this viewer, without who is present.

        Somebody who may not see the page is told that something is shown, which they can see in the room, and no more.
        """
        frame: dict[str, Any] = {
            "type": "state",
            "seq": self.seq,
            "hearing": None,
            "presenter": self.presenter,
            "page": None,
            "label": None,
            "view": None,
        }
        if self.hearing is None:
            return frame
        frame |= {"hearing": str(self.hearing.pk), "title": self.hearing.title, "open": self.hearing.is_open}
        seen = self.page is not None and viewer.sees(self.audience)
        frame["hidden"] = self.page is not None and not seen
        if self.page is not None and seen:
            frame |= self.page
        return frame

    def shown_to(self, viewer: Viewer) -> dict[str, Any] | bool:
        """The page that is presented, for those who may see it; for others whether there is one."""
        return self.page if self.page is not None and viewer.sees(self.audience) else self.page is not None

    def turned(self, seq: int, audience: str, data: dict[str, Any]) -> Standing | None:
        """What stands after the next change, where that is the entry `seq` of a `turn`; None where it must be asked."""
        if seq <= self.seq:
            return self  # it was asked a moment ago, and has this turn in it
        if self.hearing is None or not self.hearing.is_open or self.presenter is None:
            return None
        if data.get("hearing") != str(self.hearing.pk) or not data.keys() >= _SHOWN:
            return None
        page = {name: data[name] for name in _SHOWN}
        return replace(self, seq=seq, page_id=page["page"], page=page, audience=audience)


def presented(hearing: Hearing) -> Page | None:
    """The page that is presented in a hearing: where its document was replaced since, the one in its place."""
    if hearing.page_id is None:
        return None
    rows = Page.objects.select_related("version__document__section__bundle")
    page = rows.filter(pk=hearing.page_id).first()
    return rows.now(page) if page is not None else None


def standing(case_id: UUID, hearing: Hearing | None = None) -> Standing:
    """What stands in a hearing; where none is given, in the one that is open now."""
    # The journal first: what stands may be newer than this number, never older.
    head = Chain.objects.filter(pk=case_id).values_list("seq", flat=True).first() or 0
    if hearing is None:
        hearing = Hearing.objects.open().filter(case_id=case_id).first()
    else:
        hearing = Hearing.objects.filter(pk=hearing.pk).first()
    if hearing is None:
        return Standing(head)
    presenter = _presenter(hearing)
    card = presenter.card() if presenter else None
    seq = max(head, hearing.seq)
    page = presented(hearing)
    # What was withdrawn is shown to nobody, and says nothing to anybody.
    if page is None or page.version.document.state != page.version.document.State.SERVED:
        return Standing(seq, hearing, card)
    document = page.version.document
    return Standing(
        seq,
        hearing,
        card,
        page.pk,
        {
            "page": page.pk,
            "label": Labels([document.pk]).label(document.pk, page.index),
            "bundle": document.section.bundle.slug,
            # A part of a page that was replaced is no part of the other one.
            "view": hearing.view if page.pk == hearing.page_id else None,
            "width": page.width,
            "height": page.height,
        },
        document.audience,
    )


def state(viewer: Viewer, hearing: Hearing) -> dict[str, Any]:
    """What stands in a hearing now, for this viewer, as the socket's `state` frame has it, with nobody present yet."""
    return {**standing(viewer.case_id, hearing).frame(viewer), "present": []}


@record.changes
def new_screen(viewer: Viewer, hearing: Hearing, name: str) -> Screen:
    """An evidence screen for a hearing, with a code that is hard to guess and easy to read out."""
    require_now(viewer, "screens")
    must_see(viewer, hearing)
    hearing = _locked(hearing)
    if hearing.closed_at is not None:
        raise Conflict(_("That hearing is closed."))
    name = clean(name or "")
    if not 1 <= len(name) <= 80:
        raise ValidationError({"name": _("Enter a name, like Jury screen.")})
    code = "".join(secrets.choice(ALPHABET) for _i in range(8))
    screen = Screen.objects.create(code=code, hearing=hearing, name=name)
    # The code itself is a key: the journal says which screen, not how to open it.
    record.append(
        viewer.case_id, "screen.made", actor=viewer.card, data={"hearing": str(hearing.pk), "name": name}
    )
    return screen


@record.changes
def end_screen(viewer: Viewer, screen: Screen) -> None:
    """Make a screen dark for good, at once."""
    require_now(viewer, "screens")
    must_see(viewer, screen)
    screen = Screen.objects.select_for_update().get(pk=screen.pk)
    if screen.ended_at is not None:
        return
    screen.ended_at = timezone.now()
    screen.save(update_fields=["ended_at"])
    record.append(
        viewer.case_id,
        "screen.ended",
        actor=viewer.card,
        data={"hearing": str(screen.hearing_id), "name": screen.name},
    )


def screen_by_code(code: str) -> tuple[Viewer, Screen] | None:
    """The screen of that code, while it and its hearing are there, and what it may show.

    A hearing that nobody ever closes leaves no code that works for ever: SCREEN_DAYS after it was made, or after its
    hearing was to start, it opens nothing.
    """
    if "\x00" in str(code):
        return None
    since = timezone.now() - datetime.timedelta(days=settings.SCREEN_DAYS)
    screen = (
        Screen.objects.select_related("hearing__case")
        .filter(code=str(code).upper()[:16], ended_at=None, hearing__closed_at=None)
        .filter(Q(created_at__gt=since) | Q(hearing__starts__gt=since))
        .first()
    )
    return (screen_viewer(screen.hearing.case), screen) if screen else None
