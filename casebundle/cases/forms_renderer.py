"""Django forms as GOV.UK forms: `{{ form }}` gives the error summary and all fields with label, hint, error.

Set by FORM_RENDERER. A widget's own class is kept beside the GOV.UK one, so a form says only what is special:
`widget=forms.TextInput({"class": "govuk-input--width-10"})`. A form with `mark_optional = False` does not
write "(optional)" after the labels of what may be left empty (for filters and search boxes, where all may).
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import Input
from django.utils.translation import gettext as _

#: The first that fits wins. (To Django a list of checkboxes is one of radio buttons too.)
KINDS: tuple[tuple[type[forms.Widget], str, str], ...] = (
    (forms.CheckboxSelectMultiple, "checkboxes", "govuk-checkboxes__input"),
    (forms.RadioSelect, "radios", "govuk-radios__input"),
    (forms.CheckboxInput, "checkbox", "govuk-checkboxes__input"),
    (forms.Select, "select", "govuk-select"),
    (forms.Textarea, "textarea", "govuk-textarea"),
    (forms.FileInput, "file", "govuk-file-upload"),
    (
        forms.PasswordInput,
        "password",
        "govuk-input govuk-password-input__input govuk-js-password-input-input",
    ),
    (Input, "input", "govuk-input"),
)
#: What is chosen rather than filled in.
CHOSEN = frozenset({"radios", "checkboxes", "checkbox", "select", "file"})


class GovukBoundField(BoundField):
    """A field that knows how GOV.UK draws it."""

    @property
    def kind(self) -> str:
        """Which component: radios, checkboxes, checkbox, select, textarea, file, password, input or other."""
        return next((kind for base, kind, _classes in KINDS if isinstance(self.field.widget, base)), "other")

    @property
    def shows_optional(self) -> bool:
        """Whether the label says that the field may be left empty."""
        mark = getattr(self.form, "mark_optional", True)
        return bool(mark) and not self.field.required and self.kind != "checkbox"

    @property
    def first_id(self) -> str:
        """The id that a link to this field leads to: its input, or the first of its choices."""
        return f"{self.auto_id}_0" if self.kind in {"radios", "checkboxes"} else self.id_for_label

    @property
    def said_errors(self) -> list[str]:
        """The errors as the page says them. Django's "This field is required." does not say which one."""
        said = []
        vague = str(forms.Field.default_error_messages["required"])
        for error in self.errors.as_data():
            for text in error.messages:
                if error.code == "required" and text == vague:
                    ask = _("Choose “%(label)s”.") if self.kind in CHOSEN else _("Fill in “%(label)s”.")
                    # “Why is it withdrawn?” has its own mark at the end.
                    asked = ask % {"label": self.label}
                    said.append(asked.removesuffix(".") if asked.endswith("?”.") else asked)
                else:
                    said.append(text)
        return said

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        built = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        # The server says what is missing, in the page's language and place; a browser's bubble does not.
        built.pop("required", None)
        if "placeholder" in widget.attrs:
            # Goes away as one types and is too pale to read: a hint does the job. False leaves it out.
            built["placeholder"] = False
        found = ((kind, classes) for base, kind, classes in KINDS if isinstance(widget, base))
        kind, classes = next(found, ("", ""))
        if kind in {"input", "textarea"} and not isinstance(widget, forms.EmailInput):
            # A name or title in Arabic or Hebrew is written from the right.
            built.setdefault("dir", "auto")
        if kind:
            choice = kind in {"radios", "checkboxes", "checkbox"}
            error = f"{classes.split()[0]}--error" if self.errors and not choice else ""
            built["class"] = " ".join(filter(None, (classes, widget.attrs.get("class", ""), error)))
        return built


class GovukRenderer(TemplatesSetting):
    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
    bound_field_class = GovukBoundField
