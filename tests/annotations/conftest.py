from __future__ import annotations

from typing import Any

import pytest

from tests.papers import paper

TEXT = """I saw the van by the yard.
The van was white. I saw
the van drive to Bates and son."""


def laid_out(text: str) -> list[list[Any]]:
    """Words as a page has them: each row a line, each letter 1 % of the page wide."""
    found: list[list[Any]] = []
    for at, row in enumerate(text.split("\n")):
        x, y = 0.1, 0.1 + at * 0.03
        for word in row.split():
            end = x + 0.01 * len(word)
            found.append([round(x, 5), round(y, 5), round(end, 5), round(y + 0.02, 5), word])
            x = end + 0.01
    return found


@pytest.fixture
def statement(cast: Any) -> Any:
    """Three served pages for everybody, the first with words."""
    from casebundle.bundles.models import PageText

    document = paper(cast.priya, "H", "Statement", pages=3)
    PageText.pack(page_of(document).pk, TEXT, laid_out(TEXT)).save()
    return document


@pytest.fixture
def sheet(statement: Any) -> Any:
    """The first page of the statement."""
    return page_of(statement)


def page_of(document: Any, index: int = 0) -> Any:
    from casebundle.bundles.models import Page

    rows = Page.objects.select_related("version__document__section__bundle")
    return rows.get(version=document.current, index=index)


# Who sees a note of Daniel's (he defends Bates), by audience and chosen parties: themselves always.
AUDIENCES: list[tuple[str, list[str] | None, set[str]]] = [
    ("private", None, {"daniel"}),
    ("party", None, {"daniel"}),
    ("parties", ["prosecution"], {"daniel", "priya"}),
    ("parties", ["bates", "doyle"], {"daniel", "mari"}),
    ("parties", ["court"], {"daniel", "ruth", "tom"}),
    ("parties", ["judge"], {"daniel", "ruth"}),
    ("case", None, {"priya", "daniel", "mari", "ruth", "tom"}),
]
IN_CASE = ("priya", "daniel", "mari", "ruth", "tom")
