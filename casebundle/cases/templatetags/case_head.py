"""`{% case_head %}`: the top of every page of a case. Pages extend cases/case_base.html and name their tab."""

from __future__ import annotations

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from casebundle.cases.head import head_of

register = template.Library()


@register.simple_block_tag(takes_context=True, end_name="end_case_head")
def case_head(context: template.Context, content: str) -> SafeString:
    """The head for the `viewer` of the page; what stands between the tags is the name of the tab."""
    viewer = context["viewer"]
    head = {**head_of(viewer, content.strip()), "seen_as": context.get("seen_as"), "viewer": viewer}
    return SafeString(render_to_string("cases/_head.html", head, request=context.get("request")))
