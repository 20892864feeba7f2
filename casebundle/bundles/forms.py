"""Forms about a bundle: a document's name and place, sections and who they are for, page numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from casebundle.cases.access import Viewer
from casebundle.cases.fields import DayField
from casebundle.cases.models import Party
from casebundle.cases.words import short_names, side
from casebundle.journal.audience import COURT, EVERYBODY, JUDGE, PUBLIC, split

from .models import Bundle, Document, Section
from .numbering import CONTINUOUS, PER_SECTION
from .services import section_keys

SOME = "some"


def sides(parties: Sequence[Party], *, without: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Parties as those who may see something, to choose from: ("bates", "Bates’s defence")."""
    short = short_names(parties)
    found = [(p.slug, side(p, short.get(p.slug))) for p in parties if p.slug not in without]
    return [(slug, text[:1].upper() + text[1:]) for slug, text in found]


class DocumentForm(forms.Form):
    """What its server may change of a document; of a document of others, a clerk may change the section alone."""

    title = forms.CharField(label=_("Title"), max_length=300)
    date = DayField(
        label=_("Date"),
        required=False,
        help_text=_("The date that the document bears, not that of service. For example, 14 March 2026."),
    )
    exhibit = forms.CharField(
        label=_("Exhibit reference"),
        required=False,
        max_length=40,
        help_text=_("Like JS/1."),
        widget=forms.TextInput({"class": "govuk-input--width-10", "autocomplete": "off"}),
    )
    section = forms.ChoiceField(label=_("Section"))
    audience = forms.ChoiceField(label=_("Who may see it?"), widget=forms.RadioSelect)
    parties = forms.MultipleChoiceField(
        label=_("Which of the other parties?"),
        required=False,
        help_text=_("Your own side and the court always see it. Choose none for these two alone."),
        widget=forms.CheckboxSelectMultiple,
    )
    earlier = forms.BooleanField(
        label=_("Let those who see this document see its earlier versions too"), required=False
    )

    def __init__(self, viewer: Viewer, document: Document, own: bool, *args: Any, **kwargs: Any) -> None:
        chosen = split(document.visible_to)
        sections = list(Section.objects.visible_to(viewer).filter(bundle=document.section.bundle_id))
        keys = section_keys(sections)
        self.section = keys.get(document.section_id, "")
        first = {
            "title": document.title,
            "date": document.date,
            "exhibit": document.exhibit,
            "section": self.section,
            "audience": EVERYBODY if EVERYBODY in chosen else SOME,
            "parties": sorted(chosen),
            "earlier": document.shows_earlier,
        }
        super().__init__(*args, initial=first, **kwargs)
        self.document = document
        parties = list(viewer.case.parties.all())
        self.fields["section"].choices = [(keys[row.pk], str(row)) for row in sections]
        self.fields["audience"].choices = [
            (EVERYBODY, _("Everybody who may see its section")),
            (SOME, _("Only some of them")),
        ]
        self.fields["parties"].choices = sides(parties, without=(document.party, COURT))
        if not own:
            for name in ("title", "date", "exhibit", "audience", "parties", "earlier"):
                del self.fields[name]
        elif document.current is None or document.current.number == 1:
            del self.fields["earlier"]

    def changes(self) -> dict[str, Any]:
        """What was changed, as services.change_document takes it."""
        data, document = self.cleaned_data, self.document
        found: dict[str, Any] = {}
        for name in ("title", "date", "exhibit"):
            if name in data and data[name] != getattr(document, name):
                found[name] = data[name]
        if data["section"] != self.section:
            found["section"] = data["section"]
        if "earlier" in data and data["earlier"] != document.shows_earlier:
            found["earlier_versions"] = data["earlier"]
        if "audience" in data:
            # The server's own party and the court are added by the service, so naming one of them is naming none:
            # who changed nothing else must not give the court what it did not have.
            added = {document.party, COURT}
            before = split(document.visible_to)
            if data["audience"] == EVERYBODY:
                if EVERYBODY not in before:
                    found["visible_to"] = None
            elif EVERYBODY in before or set(data["parties"]) - added != before - added:
                found["visible_to"] = [*data["parties"], document.party]
        return found


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is it withdrawn?"),
        max_length=300,
        help_text=_("Everybody who could see the document can read this in the journal."),
        widget=forms.Textarea({"rows": 3, "maxlength": 300}),
    )


class ProfileForm(forms.Form):
    profile = forms.ChoiceField(label=_("How are the pages numbered?"), widget=forms.RadioSelect)

    def __init__(self, bundle: Bundle, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"profile": bundle.profile}, **kwargs)
        self.fields["profile"].choices = [
            (PER_SECTION.slug, _("Each section from 1, after its letter: A1, A2, B1")),
            (CONTINUOUS.slug, _("One count through the whole bundle: 1, 2, 3")),
        ]


class ForForm(forms.Form):
    """Who a section is for."""

    audience = forms.ChoiceField(label=_("Who is it for?"), widget=forms.RadioSelect)
    parties = forms.MultipleChoiceField(
        label=_("Which parties?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    sure = forms.BooleanField(
        label=_("The court’s staff will not see this section any more, and I cannot undo that"),
        required=False,
    )
    mark_optional = False

    def __init__(self, viewer: Viewer, *args: Any, stored: str = PUBLIC, **kwargs: Any) -> None:
        tokens = split(stored)
        which = EVERYBODY if EVERYBODY in tokens else JUDGE if tokens == {JUDGE} else SOME
        first = {"audience": which, "parties": sorted(tokens - {JUDGE}) if which == SOME else []}
        super().__init__(*args, initial=first, **kwargs)
        self.fields["audience"].choices = [
            (EVERYBODY, _("Everybody in the case")),
            (SOME, _("Some parties only")),
            (JUDGE, _("The judge only")),
        ]
        self.fields["parties"].choices = sides(list(viewer.case.parties.all()))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        which = data.get("audience")
        if which == SOME and not data.get("parties") and "parties" not in self.errors:
            self.add_error("parties", _("Choose at least one party."))
        blind = which == JUDGE or (which == SOME and COURT not in (data.get("parties") or ()))
        if which and "parties" not in self.errors and blind and not data.get("sure"):
            self.add_error(
                "sure",
                _now(
                    "You leave out the court, so you would not see the section yourself. Say that you mean it."
                ),
            )
        return data

    @property
    def tokens(self) -> list[str] | None:
        """As services.restrict_section takes them."""
        which = self.cleaned_data["audience"]
        if which == EVERYBODY:
            return None
        return [JUDGE] if which == JUDGE else list(self.cleaned_data["parties"])

    @property
    def asks_sure(self) -> bool:
        """Whether the page shows the question; not before it is needed."""
        return "sure" in self.errors


class SectionForm(ForForm):
    letter = forms.CharField(
        label=_("Letter"),
        max_length=8,
        help_text=_("One to eight capital letters or digits, like J or UND1. Page numbers begin with it."),
        widget=forms.TextInput(
            {"class": "govuk-input--width-5", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    title = forms.CharField(
        label=_("Title"), max_length=120, widget=forms.TextInput({"class": "govuk-!-width-two-thirds"})
    )
    field_order = ["letter", "title", "audience", "parties", "sure"]
