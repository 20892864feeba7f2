"""Titles of bundles and sections as they are shown: those of our own court templates in the language of the page.

They are stored as the court has them, and whoever makes a section writes its title as they like; that is left alone.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from casebundle.cases.bidi import isolate

#: Every title in court_templates/*.yaml, and some more.
TITLES = frozenset(
    {
        gettext_noop("Main bundle"),
        gettext_noop("Indictment"),
        gettext_noop("Case summary"),
        gettext_noop("Basis of plea"),
        gettext_noop("Defence statement"),
        gettext_noop("Witness statements"),
        gettext_noop("Exhibits"),
        gettext_noop("Transcripts"),
        gettext_noop("Expert evidence"),
        gettext_noop("Previous convictions"),
        gettext_noop("Applications"),
        gettext_noop("Sentence"),
        gettext_noop("Representation"),
        gettext_noop("Bail"),
        gettext_noop("Private defence"),
        gettext_noop("Schedules of unused material"),
        gettext_noop("Disclosed unused material"),
        gettext_noop("Shared appeal papers"),
        gettext_noop("Appeal papers for judges only"),
        gettext_noop("Preliminary documents"),
        gettext_noop("Applications and orders"),
        gettext_noop("Statements and affidavits"),
        gettext_noop("Care plans"),
        gettext_noop("Experts' reports"),
        gettext_noop("Other documents"),
        gettext_noop("Statements and Forms E"),
        gettext_noop("Valuations"),
        gettext_noop("Correspondence"),
        # Other sections that Crown Court bundles have, the demo case's among them.
        gettext_noop("Case management"),
        gettext_noop("Case summary and opening"),
        gettext_noop("Custody and search records"),
        gettext_noop("Defence statements"),
        gettext_noop("Judges only"),
        gettext_noop("Jury bundle"),
    }
)


def shown(title: str) -> str:
    """`title` in the language of the page, where it is one of ours ("Private defence: Marcus Bates" too)."""
    if title in TITLES:
        return _(title)
    first, mark, rest = title.partition(": ")
    if mark and first in TITLES:
        return f"{_(first)}: {isolate(rest)}"
    return isolate(title)
