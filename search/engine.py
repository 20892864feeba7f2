"""What a search engine for pages must do, whatever it is built on.

The code above (indexing, views, API) knows only this module; `search.embedded` keeps the promise with an
index folder on disk, `search.opensearch` with a server. `tests/search/contract.py` is the promise as tests, and
every engine must pass it unchanged.

A hit is one page. Pages are found by the words of their text alone, so that every hit can show marks; the
title and the exhibit reference of the document only move its pages up the order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

FACETS: tuple[str, ...] = ("section", "party", "document")
MAX_LIMIT = 1000
MAX_OFFSET = 100_000
MAX_FACET = 1000
"""Values told per facet, the most frequent ones: only documents can be more."""


class SearchError(Exception):
    """Search cannot answer now. The text says why, in words fit for a log or a status page."""


class IndexBusy(SearchError):
    """Another process is writing the index and did not finish within the time allowed. Try again later."""


class IndexDamaged(SearchError):
    """The index is missing or cannot be read. Call `reset()` and index every page again."""


@dataclass(frozen=True, slots=True)
class PageDoc:
    """One page as it is indexed.

    page, document, case: ids, unique within the installation. section: the letter of the section. party: slug
    of the party that served it. date: ISO "YYYY-MM-DD" of the document, or None. audience: tokens
    "<case>/<token>" (for example "t20261/bates") of which a reader needs at least one. position: order of the
    page within the case, used where scores are equal. text: the words of the page in reading order. change: rises
    with every change of the document; where several processes write, what is older never takes the place of what
    is newer.
    """

    page: str
    document: str
    case: str
    section: str = ""
    party: str = ""
    date: str | None = None
    audience: tuple[str, ...] = ()
    position: int = 0
    title: str = ""
    exhibit: str = ""
    text: str = ""
    change: int = 0


@dataclass(frozen=True, slots=True)
class Filters:
    """What a page must be to count at all; applied inside the query, before totals and facets.

    audiences: the reader's tokens "<case>/<token>"; a page passes when it has any of them. EMPTY FINDS
    NOTHING. case, section, party: None for any, else one value or several of which any will do (an empty
    sequence lets nothing through). date_from, date_to: ISO dates, both inclusive; either one shuts out pages
    without a date. exclude_documents: ids of documents to leave out.
    """

    audiences: tuple[str, ...] = ()
    case: str | Sequence[str] | None = None
    section: str | Sequence[str] | None = None
    party: str | Sequence[str] | None = None
    date_from: str | None = None
    date_to: str | None = None
    exclude_documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One page found. score: its points (search.ranking), or 1 where the query says nothing of order."""

    page: str
    document: str
    score: float


@dataclass(frozen=True, slots=True)
class Results:
    """What a search found.

    total: number of pages that match and pass the filters. hits: the ones asked for, best first. facets: for
    each name in FACETS, value -> number of pages, over all `total` pages, the most frequent first and of the same
    number the first by name; pages with an empty value are left out. Of more than 1,000 values the first are told.
    """

    total: int = 0
    hits: tuple[Hit, ...] = ()
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: {name: {} for name in FACETS})


@runtime_checkable
class Engine(Protocol):
    """A search engine for pages. Safe to use from several threads."""

    @property
    def version(self) -> str:
        """Names this index and the way it was made. It changes when the analysis changes and when the index
        is started afresh: a page indexed under another version has to be indexed again."""
        ...

    def index(self, pages: Iterable[PageDoc]) -> None:
        """Add pages, each in place of an earlier one with the same id. Found after `commit()`.

        Raises IndexBusy, IndexDamaged, SearchError; ValueError for a date that is not ISO."""
        ...

    def delete_documents(self, ids: Iterable[str], change: int | None = None) -> None:
        """Take all pages of these documents out. Unknown ids are no error. Takes effect after `commit()`.

        change: leave pages of a later change of their document where they are; None takes all."""
        ...

    def commit(self) -> None:
        """Make all that was indexed and deleted since the last commit durable and visible, all or nothing.

        Readers in every process see it within a second."""
        ...

    def search(self, query: str, filters: Filters, limit: int = 20, offset: int = 0) -> Results:
        """Pages that match `query` (language: see `search.query`) and pass `filters`, best first.

        Pages that do not pass change nothing of the answer: neither what is found, nor numbers, nor the order.
        Any text is a query; none is an error. An empty query, one with nothing but exclusions, and filters
        without audiences find nothing. limit: 0 to MAX_LIMIT hits. Raises ValueError for a negative or too
        large limit or offset and for dates that are not ISO; IndexDamaged, SearchError."""
        ...

    def count(self) -> int:
        """Number of pages in the index as committed."""
        ...

    def check(self, *, deep: bool = False) -> None:
        """Raises IndexDamaged (or SearchError, saying why) where the index cannot be searched now.

        deep: every byte is looked at, which takes a second for a few hundred MB."""
        ...

    def holds(self) -> dict[str, int] | None:
        """The number of pages of each document that has any; None where `check(deep=True)` has seen that nothing of
        what was committed is missing."""
        ...

    def reset(self) -> None:
        """Throw the whole index away and start an empty one under a new `version`."""
        ...

    def beside(self) -> Beside:
        """A new, empty index beside this one, which goes on as it is until the new one takes over."""
        ...

    def about(self) -> str:
        """What this is and how large, in one line for whoever runs it. Raises SearchError."""
        ...

    def close(self) -> None:
        """Let go of files and locks. What was not committed is dropped. The engine may be used again."""
        ...


class Beside(Protocol):
    """An index in the making: written like an engine, found by nobody until it takes over."""

    @property
    def version(self) -> str: ...

    def index(self, pages: Iterable[PageDoc]) -> None: ...

    def delete_documents(self, ids: Iterable[str], change: int | None = None) -> None: ...

    def commit(self) -> None: ...

    def take_over(self, last: Callable[[], None]) -> None:
        """Make it the index that everybody searches, at one stroke.

        last: brings it up to date once more, at a moment from which what is written reaches it too. Raises
        IndexBusy, SearchError."""
        ...

    def close(self) -> None:
        """Throw away what it took over from; itself, where it did not take over. Never raises."""
        ...
