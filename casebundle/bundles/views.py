"""The index of a bundle, and the pages that change it. The reader is in reader.py."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casebundle.cases import invitations
from casebundle.cases.access import NotAllowed, NotVisible, Viewer, fetch, pick, viewer_in
from casebundle.cases.forms import DefendantForm, put_errors
from casebundle.cases.models import Participant, Role
from casebundle.cases.visits import visited
from casebundle.cases.who import Names
from casebundle.cases.words import for_whom, who
from casebundle.journal.audience import PUBLIC

from . import arrange as arranging
from . import services
from .forms import DocumentForm, ForForm, ProfileForm, SectionForm, WithdrawForm
from .index import NEW, UNREAD, index_of
from .labels import Labels
from .models import Bundle, Document, LabelRun, Section
from .numbering import PER_SECTION

form_view = require_http_methods(["GET", "HEAD", "POST"])
SEEN_AS = "seen_as"


def _bundle(viewer: Viewer, slug: str) -> Bundle:
    bundle = Bundle.objects.visible_to(viewer).filter(slug=slug).first()
    if bundle is None:
        raise NotVisible
    return bundle


def _messages_of(error: Exception) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


# --- the index ----------------------------------------------------------------------------------
@login_required
@require_safe
def index(request: HttpRequest, reference: str, slug: str) -> HttpResponse:
    """Sections with their documents. `?q=` and `?show=new|unread` filter, `?arrange=1` shows the buttons that move,
    `?as=` shows it as somebody else sees it; `?page=` turns to a page of a long one, `?at=` to that of a document."""
    viewer = viewer_in(request.user, reference=reference)
    bundle = _bundle(viewer, slug)
    eye, other = _eye(request, viewer)
    if eye is None:
        return redirect("cases:people", reference)
    visited(viewer)
    me = eye.participant
    since = me.last_visit_at if me else None
    asked = request.GET.get("q", "").strip()
    show = request.GET.get("show", "")
    show = show if show in (NEW, UNREAD) else ""
    may_arrange = eye is viewer and (viewer.may("serve") or viewer.may("number"))
    arrange = may_arrange and "arrange" in request.GET
    page = request.GET.get("page", "")
    found = index_of(
        eye,
        bundle,
        within=viewer,
        since=since,
        q="" if arrange else asked,
        show="" if arrange else show,
        page=int(page) if page.isdecimal() and len(page) < 7 else 1,
        at=request.GET.get("at", ""),
    )
    # What every page of this very list has in its address.
    words: dict[str, str | int] = {"as": str(other.pk) if other else "", "arrange": "1" if arrange else ""}
    words |= {} if arrange else {"q": asked, "show": show}

    def turned(to: int) -> str:
        return "?" + urlencode({key: value for key, value in {**words, "page": to}.items() if value})

    staged = 0
    if eye is viewer and viewer.may("serve"):
        staged = (
            Document.objects.visible_to(viewer)
            .filter(state=Document.State.STAGED, section__bundle=bundle, party__in=viewer.parties)
            .count()
        )
    return render(
        request,
        "bundles/index.html",
        {
            "viewer": viewer,
            "bundle": bundle,
            "bundles": list(Bundle.objects.visible_to(viewer)),
            "index": found,
            "base": reverse("bundles:index", args=[reference, slug]),
            "jumps": [
                (
                    part.section,
                    f"{turned(part.page) if part.page != found.page else ''}#s-{part.key}",
                )
                for part in found.found
            ],
            "previous": turned(found.page - 1) if found.page > 1 else "",
            "next": turned(found.page + 1) if found.page < found.of else "",
            "asked": asked,
            "show": show,
            "since": since,
            "staged": staged,
            "may_arrange": may_arrange,
            "arrange": arrange,
            "may_number": eye is viewer and viewer.may("number"),
            "may_manage": eye is viewer and viewer.may("manage"),
            "may_serve": eye is viewer and viewer.may("serve"),
            # The court puts in a document now and then; the parties come here to serve.
            "serves": eye is viewer and viewer.role in (Role.PROSECUTION, Role.DEFENCE),
            "seen_as": {"name": other, "end": reverse("cases:people", args=[reference])} if other else None,
            "as_query": f"&{urlencode({'as': str(other.pk)})}" if other else "",
            "as_pk": other.pk if other else "",
        },
    )


def _eye(request: HttpRequest, viewer: Viewer) -> tuple[Viewer | None, Participant | None]:
    """With whose eyes the index is looked at: one's own, or (?as=) what both see; None if that was not begun."""
    asked = request.GET.get("as")
    if not asked:
        return viewer, None
    participant = pick(
        viewer,
        Participant.objects.visible_to(viewer).select_related("case", "user").prefetch_related("parties"),
        asked,
    )
    eye = invitations.eyes_of(viewer, participant)
    # Only what was begun with the button is in the journal.
    if request.session.get(SEEN_AS) != str(participant.pk):
        return None, None
    return eye, participant


@login_required
@require_POST
def see_as(request: HttpRequest, reference: str, pk: UUID) -> HttpResponse:
    """Begin to see the bundle as somebody sees it; the journal says so."""
    viewer = viewer_in(request.user, reference=reference)
    rows = Participant.objects.visible_to(viewer).select_related("case", "user").prefetch_related("parties")
    participant = pick(viewer, rows, pk)
    bundle = Bundle.objects.visible_to(viewer).first()
    if bundle is None:
        raise NotVisible
    invitations.see_as(viewer, participant)
    request.session[SEEN_AS] = str(participant.pk)
    address = reverse("bundles:index", args=[reference, bundle.slug])
    return redirect(f"{address}?{urlencode({'as': str(participant.pk)})}")


# --- arranging ----------------------------------------------------------------------------------
@login_required
@require_POST
def move(request: HttpRequest, reference: str, slug: str) -> HttpResponse:
    """Move a document: `step` is `<id>:up` or `<id>:down`; or `document` with `section` (id) and `before` (id or "").

    Scripts (Accept: application/json) get {"said", "labels": {id: [first, last]}} or {"refused"} (409, 422).
    """
    viewer = viewer_in(request.user, reference=reference)
    bundle = _bundle(viewer, slug)
    asked, _colon, way = request.POST.get("step", "").partition(":")
    scripted = "application/json" in request.headers.get("Accept", "")
    documents = (
        Document.objects.visible_to(viewer)
        .served()
        .filter(section__bundle=bundle)
        .select_related("section__bundle", "current")
    )
    document = pick(viewer, documents, asked or request.POST.get("document"))
    try:
        if way:
            document = arranging.step(viewer, document, way)
        else:
            section = pick(
                viewer, Section.objects.visible_to(viewer).filter(bundle=bundle), request.POST.get("section")
            )
            before = request.POST.get("before")
            _ask_first(viewer, document, section)
            document = arranging.put(
                viewer, document, section, before=pick(viewer, documents, before) if before else None
            )
    except (services.Conflict, ValidationError, NotAllowed) as error:
        said = str(error) if isinstance(error, NotAllowed) else _messages_of(error)
        if scripted:
            status = {services.Conflict: 409, NotAllowed: 403}.get(type(error), 422)
            return JsonResponse({"refused": said}, status=status)
        if isinstance(error, NotAllowed):
            raise
        messages.error(request, said)
    else:
        said = _place(viewer, document)
        if scripted:
            return JsonResponse({"said": said, "labels": _spans(viewer, bundle)})
        messages.success(request, said)
    address = reverse("bundles:index", args=[reference, slug])
    return redirect(f"{address}?arrange=1&at={document.pk}#d-{document.pk}")


def _ask_first(viewer: Viewer, document: Document, section: Section) -> None:
    """Refuse to drag a document to where more people see it: its own page names them before it is done."""
    gained = services.gained_by_changes(viewer, document, {"section": str(section.pk)})
    if services.may_edit(viewer, document) and gained:
        raise ValidationError(
            _(
                "In section %(letter)s “%(title)s” would be seen by %(who)s too. To move it there, open “Change” "
                "beside the document and choose the section."
            )
            % {
                "letter": section.letter,
                "title": document.title,
                "who": Names(viewer.case).several(gained),
            }
        )


def _place(viewer: Viewer, document: Document) -> str:
    """Where a document is now, for those who cannot see it jump."""
    order = arranging.visible_order(viewer, document.section)
    at = next(n for n, row in enumerate(order, 1) if row.pk == document.pk)
    first, last = Labels([document]).span(document)
    where = {
        "title": document.title,
        "at": at,
        "of": len(order),
        "letter": document.section.letter,
        "first": first,
        "last": last,
    }
    if first == last:
        return _("“%(title)s” is now %(at)s of %(of)s in section %(letter)s, page %(first)s.") % where
    return (
        _("“%(title)s” is now %(at)s of %(of)s in section %(letter)s, pages %(first)s to %(last)s.") % where
    )


def _spans(viewer: Viewer, bundle: Bundle) -> dict[str, list[str | None]]:
    rows = Document.objects.visible_to(viewer).served().filter(section__bundle=bundle)
    labels = Labels.of_bundle(bundle)
    return {
        str(pk): list(labels.ends(pk, pages or 0)) for pk, pages in rows.values_list("pk", "current__pages")
    }


# --- one document -------------------------------------------------------------------------------
def _document(request: HttpRequest, pk: UUID) -> tuple[Viewer, Document]:
    return fetch(
        request.user,
        Document.objects.select_related("section__bundle", "current", "served_by__user"),
        pk,
    )


def _about(viewer: Viewer, document: Document) -> dict[str, Any]:
    first, last = Labels([document]).span(document)
    return {
        "viewer": viewer,
        "document": document,
        "bundle": document.section.bundle,
        "first": first,
        "last": last,
        "back": reverse("bundles:index", args=[viewer.case.reference, document.section.bundle.slug])
        + f"?at={document.pk}#d-{document.pk}",
    }


@login_required
@form_view
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Title, date, exhibit, section and audience of a document, for those who served it."""
    viewer, document = _document(request, pk)
    own = services.may_edit(viewer, document)
    if not own and not viewer.may("number"):
        raise NotAllowed(_("Only those who served a document can change it."))
    form = DocumentForm(viewer, document, own, request.POST or None)
    frozen = LabelRun.objects.current().filter(document=document, frozen=True).exists()
    about = _about(viewer, document)
    asks = None
    if request.method == "POST" and form.is_valid():
        changes = form.changes()
        try:
            asks = (
                _asks(request, viewer, services.gained_by_changes(viewer, document, changes)) if own else None
            )
            if changes and not asks:
                services.change_document(viewer, document, changes)
        except ValidationError as error:
            put_errors(form, error, {"visible_to": "parties"})
        except services.Conflict as error:
            form.add_error("section", str(error))
        else:
            if changes and not asks:
                messages.success(request, _("“%(title)s” is changed.") % {"title": document.title})
            if not asks:
                return redirect(_about(viewer, document)["back"])
    context = {**about, "form": form, "own": own, "frozen": frozen, "asks": asks}
    return render(request, "bundles/index_edit.html", context)


def _asks(request: HttpRequest, viewer: Viewer, gained: list[str]) -> dict[str, Any] | None:
    """Whom a form names before it is saved, because they see more by it; None where that was said already.

    {"gained": what the form sends to say that its reader was told, "who": in words}
    """
    sent = ",".join(gained)
    if not gained or request.POST.get("gained") == sent:
        return None
    return {"gained": sent, "who": Names(viewer.case).several(gained)}


@login_required
@form_view
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks why, then takes a document out of the bundle."""
    viewer, document = _document(request, pk)
    if not services.may_edit(viewer, document):
        raise NotAllowed(_("Only those who served a document can withdraw it."))
    form = WithdrawForm(request.POST or None)
    about = _about(viewer, document)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw(viewer, document, form.cleaned_data["reason"])
        except ValidationError as error:
            put_errors(form, error)
        else:
            messages.success(request, _("“%(title)s” is withdrawn.") % {"title": document.title})
            return redirect("bundles:index", viewer.case.reference, document.section.bundle.slug)
    return render(request, "bundles/index_withdraw.html", {**about, "form": form})


# --- numbers ------------------------------------------------------------------------------------
def _numbers(viewer: Viewer, bundle: Bundle) -> dict[str, Any]:
    """How far the numbers of what is served are frozen, in documents that `viewer` sees."""
    served = Document.objects.visible_to(viewer).served().filter(section__bundle=bundle)
    loose = LabelRun.objects.current().filter(bundle=bundle, frozen=False)
    total = served.count()
    moving = served.filter(pk__in=loose.values("document_id")).count()
    return {"viewer": viewer, "bundle": bundle, "total": total, "moving": moving, "kept": total - moving}


@login_required
@form_view
def numbers(request: HttpRequest, reference: str, slug: str) -> HttpResponse:
    """How the pages of a bundle are numbered."""
    viewer = viewer_in(request.user, reference=reference)
    bundle = _bundle(viewer, slug)
    viewer.require("number")
    form = ProfileForm(bundle, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_profile(viewer, bundle, form.cleaned_data["profile"])
        except ValidationError as error:
            put_errors(form, error)
        else:
            messages.success(request, _("The pages are numbered that way now."))
            return redirect("bundles:index", reference, slug)
    context = {**_numbers(viewer, bundle), "form": form, "per_section": bundle.profile == PER_SECTION.slug}
    return render(request, "bundles/index_numbers.html", context)


@login_required
@form_view
def freeze(request: HttpRequest, reference: str, slug: str) -> HttpResponse:
    """Explains what freezing is, then freezes the numbers that stand."""
    viewer = viewer_in(request.user, reference=reference)
    bundle = _bundle(viewer, slug)
    viewer.require("number")
    if request.method == "POST":
        services.freeze(viewer, bundle)
        messages.success(request, _("The page numbers are frozen."))
        return redirect("bundles:index", reference, slug)
    return render(request, "bundles/index_freeze.html", _numbers(viewer, bundle))


# --- sections -----------------------------------------------------------------------------------
@login_required
@require_safe
def sections(request: HttpRequest, reference: str, slug: str) -> HttpResponse:
    """The sections and whom they are for; the clerk adds and restricts."""
    viewer = viewer_in(request.user, reference=reference)
    bundle = _bundle(viewer, slug)
    viewer.require("manage")
    parties = list(viewer.case.parties.all())
    served = Document.objects.visible_to(viewer).served().filter(section__bundle=bundle)
    held = dict(served.order_by().values_list("section").annotate(Count("pk")))
    rows = [
        {"section": section, "who": who(parties, section.audience), "documents": held.get(section.pk, 0)}
        for section in Section.objects.visible_to(viewer).filter(bundle=bundle).order_by("position", "letter")
    ]
    return render(request, "bundles/index_sections.html", {"viewer": viewer, "bundle": bundle, "rows": rows})


@login_required
@form_view
def new_section(request: HttpRequest, reference: str, slug: str) -> HttpResponse:
    viewer = viewer_in(request.user, reference=reference)
    bundle = _bundle(viewer, slug)
    viewer.require("manage")
    form = SectionForm(viewer, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            section = services.add_section(viewer, bundle, data["letter"], data["title"], form.tokens)
        except ValidationError as error:
            put_errors(form, error, {"visible_to": "parties"})
        except services.Conflict as error:
            form.add_error("letter", str(error))
        else:
            messages.success(request, _("Section %(section)s is added.") % {"section": section})
            return redirect("bundles:sections", reference, slug)
    return render(
        request,
        "bundles/index_section.html",
        {"viewer": viewer, "bundle": bundle, "form": form, "section": None},
    )


@login_required
@form_view
def restrict(request: HttpRequest, reference: str, slug: str, pk: UUID) -> HttpResponse:
    """Say whom a section is for."""
    viewer = viewer_in(request.user, reference=reference)
    bundle = _bundle(viewer, slug)
    section = pick(viewer, Section.objects.visible_to(viewer).filter(bundle=bundle), pk)
    viewer.require("manage")
    form = ForForm(viewer, request.POST or None, stored=section.audience)
    asks = None
    if request.method == "POST" and form.is_valid():
        try:
            asks = _asks(request, viewer, services.gained_by_section(viewer, section, form.tokens))
            if asks:
                asks["documents"] = services.documents_gained_by_section(viewer, section, form.tokens)
            else:
                services.restrict_section(viewer, section, form.tokens)
        except ValidationError as error:
            put_errors(form, error, {"visible_to": "parties"})
        else:
            if not asks:
                parties = list(viewer.case.parties.all())
                said = (
                    for_whom(parties, section.audience) if section.audience != PUBLIC else _("For everybody")
                )
                messages.success(
                    request, _("Section %(section)s: %(said)s.") % {"section": section.letter, "said": said}
                )
                return redirect("bundles:sections", reference, slug)
    return render(
        request,
        "bundles/index_section.html",
        {"viewer": viewer, "bundle": bundle, "form": form, "section": section, "asks": asks},
    )


@login_required
@form_view
def add_defendant(request: HttpRequest, reference: str) -> HttpResponse:
    """A further defendant, with the sections that the court's template gives each."""
    viewer = viewer_in(request.user, reference=reference)
    viewer.require("manage")
    form = DefendantForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            party = services.add_defendant(viewer, form.cleaned_data["name"])
        except ValidationError as error:
            put_errors(form, error)
        else:
            messages.success(request, _("%(name)s is in the case.") % {"name": party.name})
            return redirect("cases:people", reference)
    return render(request, "cases/defendant.html", {"viewer": viewer, "form": form})
