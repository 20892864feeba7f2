"""The parts of a page, for every room: `{% load ui %}`.

{% error_summary form %}                            the box at the top, a link to each field
{{ form }}                                          the same box and all fields (forms_renderer.py)
{% tag "served" "green" %}                          a state in words
{% sub_navigation items label %}                    items: [{"text", "href", "current"}]
{% summary_list rows %}                             rows: [{"key", "value", "href"?, "action"?}]
{% pagination previous next %}                      two addresses, either may be empty (cursors, no numbers)
{% empty title text %}                              what will be here and who puts it there
{% table_box label %}<table ...>{% end_table_box %} scrolls in itself on a narrow screen
{% button_form url text kind="secondary" confirm=question name=value %}   one button that posts
{{ name|bidi }}                                     a name that may be written from right to left
{{ LANGUAGE_CODE|language_tag }}                    "en-gb" as HTML wants it: "en-GB"
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from casebundle.cases.bidi import isolate

register = template.Library()

COLOURS = frozenset({"grey", "green", "teal", "blue", "purple", "magenta", "red", "orange", "yellow"})


@register.filter
def language_tag(code: str) -> str:
    """A Django language code as a BCP 47 tag: language small, region in capitals."""
    language, _, region = code.partition("-")
    return f"{language.lower()}-{region.upper()}" if region else language.lower()


@register.filter
def bidi(text: Any) -> str:
    """A name or title that may be written from right to left, kept apart from the sentence that it is in."""
    return text if isinstance(text, SafeString) else isolate(text)


@register.inclusion_tag("components/navigation_item.html", takes_context=True)
def nav_item(context: template.Context, url_name: str, text: str) -> dict[str, Any]:
    """An item of the main navigation, marked on its page and those under it; nothing without its URL."""
    try:
        href = reverse(url_name)
    except NoReverseMatch:
        return {}
    path = context["request"].path if "request" in context else ""
    current = "page" if path == href else "true" if href != "/" and path.startswith(href) else ""
    return {"href": href, "text": text, "current": current}


@register.simple_tag
def tag(text: str, colour: str = "") -> SafeString:
    """A state in words; `colour` is one of GOV.UK's, and only ever decoration."""
    if colour and colour not in COLOURS:
        raise template.TemplateSyntaxError(f"There is no tag of the colour {colour!r}.")
    # Blue is what a tag is anyway.
    kind = f" govuk-tag--{colour}" if colour not in {"", "blue"} else ""
    return format_html('<strong class="govuk-tag{}">{}</strong>', kind, text)


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: Any) -> dict[str, Any]:
    return {"form": form}


@register.inclusion_tag("components/sub_navigation.html")
def sub_navigation(items: Iterable[Mapping[str, Any]], label: str = "") -> dict[str, Any]:
    return {"items": items, "label": label}


@register.inclusion_tag("components/summary_list.html")
def summary_list(rows: Iterable[Mapping[str, Any]], classes: str = "") -> dict[str, Any]:
    return {"rows": rows, "classes": classes}


@register.inclusion_tag("components/pagination.html")
def pagination(previous: str = "", next: str = "") -> dict[str, Any]:  # noqa: A002  (what templates call it)
    return {"previous": previous, "next": next}


@register.inclusion_tag("components/empty.html")
def empty(title: str, text: str = "") -> dict[str, Any]:
    return {"title": title, "text": text}


@register.simple_block_tag(end_name="end_table_box")
def table_box(content: str, label: str) -> SafeString:
    return format_html(
        '<div class="cb-table-box" role="region" aria-label="{}" tabindex="0">{}</div>', label, content
    )


@register.simple_tag(takes_context=True)
def button_form(
    context: template.Context, url: str, text: str, kind: str = "", confirm: str = "", **fields: Any
) -> SafeString:
    """A form of one button. `kind`: "" (main), secondary, warning or link; `fields` are sent with it."""
    return SafeString(
        render_to_string(
            "components/button_form.html",
            {"url": url, "text": text, "kind": kind, "confirm": confirm, "fields": fields},
            request=context.get("request"),
        )
    )
