"""The form for files: where they go and who will see them, chosen before they are sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from casebundle.bundles.models import Bundle
from casebundle.bundles.services import section_keys
from casebundle.cases.access import Viewer
from casebundle.journal.audience import EVERYBODY

from .rows import Rows, keys, sections, slugs_of, usual_section

SOME = "some"


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """Several files. An empty one is taken: its row says that it is empty, and the others go on."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        found = [file for file in data or [] if file] if isinstance(data, list) else []
        if not found and self.required:
            raise forms.ValidationError(_("Choose one or more PDF files."))
        return found


class UploadForm(forms.Form):
    """`section` is "bundle/section" (services.section_keys); `seen` is everybody or some, `parties` which."""

    mark_optional = False

    section = forms.ChoiceField(
        label=gettext_lazy("Section"),
        error_messages={
            "required": gettext_lazy("Choose a section."),
            "invalid_choice": gettext_lazy("Choose a section."),
        },
    )
    seen = forms.ChoiceField(
        label=gettext_lazy("Who will see them once they are served?"),
        widget=forms.RadioSelect,
        choices=[
            (EVERYBODY, pgettext_lazy("audience", "Everybody in the case")),
            (SOME, gettext_lazy("Only some parties")),
        ],
        initial=EVERYBODY,
        required=False,
    )
    parties = forms.MultipleChoiceField(
        label=gettext_lazy("Which parties?"),
        help_text=gettext_lazy("Your own side and the court always see them."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    files = FilesField(label=gettext_lazy("Choose PDF files"), required=False)

    def __init__(
        self,
        viewer: Viewer,
        data: Any = None,
        files: MultiValueDict[str, UploadedFile] | None = None,
        *,
        files_needed: bool = True,
    ) -> None:
        super().__init__(data, files)
        self.viewer = viewer
        self.bundles = sections(viewer)
        self.fields["section"].choices = self._sections()
        self.fields["parties"].choices = Rows(viewer).others()
        self.fields["files"].required = files_needed
        usual = usual_section(viewer)
        if usual is not None:
            self.initial["section"] = f"{usual.bundle.slug}/{keys(viewer)[usual.pk]}"

    def _sections(self) -> Sequence[tuple[str, Any]]:
        found: list[tuple[str, Any]] = [("", _("Choose a section"))]
        for bundle, rows in self.bundles.items():
            called = section_keys(rows)
            choices = [(f"{bundle.slug}/{called[row.pk]}", str(row)) for row in rows]
            found += choices if len(self.bundles) == 1 else [(bundle.shown, choices)]
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("seen") == SOME and not data.get("parties"):
            self.add_error("parties", _("Choose at least one party."))
        return data

    def seen_value(self) -> str:
        """The choice as rows have it: "everybody", or slugs with commas."""
        if self.cleaned_data.get("seen") != SOME:
            return EVERYBODY
        return ",".join(self.cleaned_data["parties"])

    def visible_to(self) -> list[str] | None:
        return slugs_of(self.viewer, self.seen_value())

    def place(self) -> tuple[Bundle, str]:
        slug, _slash, letter = self.cleaned_data["section"].rpartition("/")
        return next(bundle for bundle in self.bundles if bundle.slug == slug), letter
