"""Documents that are ready at once, for tests about lists: no file is read, and there may be hundreds."""

from __future__ import annotations

import datetime
import secrets
from typing import Any

from tests.cast import REFERENCE, viewer


def paper(
    user: Any,
    section: str,
    title: str,
    *,
    pages: int = 1,
    reference: str = REFERENCE,
    bundle: str = "main",
    serve: bool = True,
    visible_to: list[str] | None = None,
    date: datetime.date | None = None,
    exhibit: str = "",
) -> Any:
    """A document of `user`'s party in the section of that letter, served unless `serve` is False."""
    return papers(
        user, [(section, title, pages)], reference=reference, bundle=bundle, serve=serve, visible_to=visible_to,
        date=date, exhibit=exhibit,
    )[0]  # fmt: skip


def papers(
    user: Any,
    rows: list[tuple[str, str, int]],
    *,
    reference: str = REFERENCE,
    bundle: str = "main",
    serve: bool = True,
    visible_to: list[str] | None = None,
    date: datetime.date | None = None,
    exhibit: str = "",
) -> list[Any]:
    """Documents (section, title, pages), served together."""
    from casebundle.bundles import services
    from casebundle.bundles.models import Document, Page, Section, Version, page_id
    from casebundle.journal.audience import join

    who = viewer(user, reference)
    found = {row.letter: row for row in Section.objects.filter(bundle__case=who.case, bundle__slug=bundle)}
    position = {letter: services.next_position(row) for letter, row in found.items()}
    made, pages_made = [], []
    for letter, title, pages in rows:
        document = Document.objects.create(
            case=who.case,
            section=found[letter],
            position=position[letter],
            title=title,
            date=date,
            exhibit=exhibit,
            party=who.party,
            uploaded_by=who.participant,
            visible_to=services.visible_to_choice(who, who.party, visible_to),
            audience=join([who.party]),
        )
        position[letter] += 1
        version = Version.objects.create(
            document=document,
            name=f"{title}.pdf",
            sha256=secrets.token_hex(32),
            size=1000,
            uploaded_by=who.participant,
            status=Version.Status.READY,
            pages=pages,
        )
        Document.objects.filter(pk=document.pk).update(current=version)
        pages_made += [
            Page(id=page_id(version.pk, n), version=version, index=n, width=595, height=842)
            for n in range(pages)
        ]
        made.append(document)
    Page.objects.bulk_create(pages_made)
    if serve:
        services.serve(who, [document.pk for document in made])
    fresh = Document.objects.select_related("section__bundle", "current", "case").in_bulk(
        [d.pk for d in made]
    )
    return [fresh[document.pk] for document in made]
