"""Every page number of a bundle is decided here, and nowhere else.

Pure: sections, documents, a profile and the frozen numbers go in, a label for every page comes
out. Nothing is read, written or remembered. Numbers are handled in runs (a stretch of one
document whose last number counts up by one), so the cost is per document, never per page.

What holds for ``number``, whatever is served, inserted, moved, frozen, replaced or withdrawn:

* total: every page has a label;
* unique: no two places share one, reserved places included;
* frozen labels never change and are never given to another place;
* in order: going through the bundle, labels of one letter only rise (see ``Label.sort_key``:
  12, 12.0.1, 12.1, 12.2, 13), unless frozen places were themselves put in another order. Then
  the frozen labels stand where they are, and only totality and uniqueness can be promised;
* while nothing is frozen the numbers are 1, 2, 3 … without a gap, per section or through the
  bundle;
* idempotent: numbering what was numbered and frozen gives the same runs again.

A *place* is (document, index of the page in it). Places outlive pages: when a document is
replaced by a shorter one, or withdrawn, its frozen places stay reserved.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, TypeAlias

Path: TypeAlias = tuple[int, ...]
"""Numbers of a label from the outermost inwards: (12, 1) is 12.1."""

LETTER: Final = re.compile(r"[A-Z][A-Z0-9]*")
"""What a section letter may be (``fullmatch``): B, UND1. Capitals only, so that a citation typed in
any case names one section."""


def _stem(letter: str, prefix: Path) -> str:
    # UND1 page 5 must not read as section UND page 15.
    hyphen = "-" if letter[-1:].isdigit() else ""
    return letter + hyphen + "".join(f"{number}." for number in prefix)


@dataclass(frozen=True, slots=True)
class Label:
    """The number of one page: ``Label("B", (12, 1))`` prints as B12.1.

    ``letter`` is empty in continuous numbering ("12"). A letter that ends in a digit is printed
    with a hyphen (UND1-5). ``path`` is never empty and never ends in 0; a 0 inside it comes from a
    page put before another insert (12.0.1 stands between 12 and 12.1).
    """

    letter: str
    path: Path

    def __str__(self) -> str:
        return f"{_stem(self.letter, self.path[:-1])}{self.path[-1]}"

    @property
    def sort_key(self) -> tuple[str, int, Path]:
        """Natural order: A2 before A10 before B1, UND2 before UND10, 12 before 12.1 before 13.

        Sections need not stand in the order of their letters, so across letters this is the order
        of a list of labels, not the order of a bundle.
        """
        stem = self.letter.rstrip("0123456789")
        return stem, int(self.letter[len(stem) :] or 0), self.path

    @classmethod
    def parse(cls, text: str, letters: Collection[str]) -> "Label | None":
        """The label that somebody typed, or None if it is not one.

        ``letters`` are those in use in the case; "" among them allows bare numbers. Forgives case,
        spaces, leading zeros, brackets round it, a full stop after it, and "p.", "page",
        "tud." or "tudalen" before it: "p. b 012" is B12. The exact form always wins, so
        ``Label.parse(str(label), letters) == label`` for every label whose letter is in use.
        Whether such a page exists is for ``locate`` to say.
        """
        if len(text) > _LONGEST:
            return None
        asked = text.strip(_AROUND).upper()
        cited = _PAGE_WORD.sub("", asked)
        if cited == asked:
            cited = ""
        for candidate, joins in (
            (asked, _EXACT),
            # "p. 12" is page 12 where bare numbers are in use, else page 12 of section P.
            (cited, _LOOSE),
            (asked, _LOOSE),
            (_PAGE_LETTER.sub("", asked), _LOOSE),
            (cited or asked, _LOOSEST),
        ):
            read = []
            for letter in set(letters):
                if candidate.startswith(letter):
                    join = joins[letter[-1].isdigit()] if letter else ""
                    found = re.fullmatch(join + _NUMBERS, candidate[len(letter) :])
                    if found:
                        read.append((letter, tuple(int(part) for part in found["path"].split("."))))
            if read:
                letter, path = read[0]
                # U115 where U1 and U11 are in use: no page is better than the wrong one.
                return cls(letter, path) if len(read) == 1 and path[-1] else None
        return None


# Deep enough for any label that people make, short enough that nobody can make parsing slow.
_LONGEST: Final = 500
_NUMBERS: Final = r"(?P<path>[0-9]{1,9}(?:\.[0-9]{1,9})*)"
_AROUND: Final = " \t\r\n\u00a0.,;:()[]{}\"'\u2018\u2019\u201c\u201d"
_PAGE_WORD: Final = re.compile(r"^(?:PAGES?(?![A-Z])|PP?\.|TUDALEN(?![A-Z])|TUD\.|TT?\.)\s*")
_PAGE_LETTER: Final = re.compile(r"^(?:PP?\s*|TT?\s+|TUD\s*)(?=[A-Z0-9])")
# What may stand between letter and number, where the letter ends in (a letter, a digit). After a
# digit a full stop is the last thing to try: UND1.5 is section UND if there is one.
_EXACT: Final = ("", "-")
_LOOSE: Final = (r"\s*[-./\u2010-\u2015]?\s*", r"(?:\s+|\s*[-/\u2010-\u2015]\s*)")
_LOOSEST: Final = (_LOOSE[0], _LOOSE[0])


@dataclass(frozen=True, slots=True)
class Run:
    """Labels of consecutive pages of one document.

    Page ``i`` (from 0) of ``document`` with ``first_index <= i < first_index + count`` is labelled
    ``letter`` + ``prefix`` + ``(start + i - first_index,)``. ``count`` and ``start`` are at least 1.
    """

    document: str
    first_index: int
    count: int
    letter: str
    prefix: Path
    start: int
    frozen: bool

    @property
    def end_index(self) -> int:
        """Index after the last page of the run."""
        return self.first_index + self.count

    @property
    def first(self) -> Label:
        """Label of the first page of the run."""
        return Label(self.letter, (*self.prefix, self.start))

    @property
    def last(self) -> Label:
        """Label of the last page of the run."""
        return Label(self.letter, (*self.prefix, self.start + self.count - 1))

    @property
    def stem(self) -> str:
        """What every label of the run begins with, before the number that counts: "B", "B12.",
        "UND1-", "". (The prefix of a PDF page label; ``start`` is its first number.)"""
        return _stem(self.letter, self.prefix)

    def label(self, index: int) -> Label:
        """Label of page ``index`` of the document; IndexError if the run does not hold it."""
        if not self.first_index <= index < self.end_index:
            raise IndexError(f"page {index} of document {self.document} is not in this run")
        return Label(self.letter, (*self.prefix, self.start + index - self.first_index))


@dataclass(frozen=True, slots=True)
class Placed:
    """A document in its place.

    ``pages`` is how many pages it has now (0: not ready yet, or withdrawn). ``runs`` are its frozen
    runs; they may cover more places than it has pages, which then stay reserved. Runs that are not
    frozen are not binding and are ignored.
    """

    id: str
    pages: int
    runs: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionIn:
    """A section with its documents in order. Sections that share a letter count on as one.

    Raises ValueError if ``letter`` is neither empty nor a ``LETTER``.
    """

    letter: str
    documents: tuple[Placed, ...]

    def __post_init__(self) -> None:
        if self.letter and not LETTER.fullmatch(self.letter):
            raise ValueError(
                f"A section letter is capital letters A to Z and digits, beginning with a letter; "
                f"{self.letter!r} is not."
            )


@dataclass(frozen=True, slots=True)
class Profile:
    """How a bundle is numbered. ``scope`` gives, for the letter of a section, the letter that its
    pages are numbered under; pages with the same one are counted together."""

    slug: str
    scope: Callable[[str], str]


PER_SECTION: Final = Profile("per-section", scope=lambda letter: letter)
"""Each section starts at 1 after its letter: A1, A2, B1 (F2, C1)."""

CONTINUOUS: Final = Profile("continuous", scope=lambda letter: "")
"""One count through the bundle: 1, 2, 3 (G2, F3)."""

PROFILES: Final[Mapping[str, Profile]] = MappingProxyType({p.slug: p for p in (PER_SECTION, CONTINUOUS)})
"""Profiles by slug."""


def number(sections: Sequence[SectionIn], profile: Profile) -> list[Run]:
    """Runs for every place of the bundle, in order of the bundle.

    Frozen labels are kept. Neighbouring runs of one document are joined where they make one
    progression and are both frozen or both not. Pages that are not frozen are numbered thus, where
    "before" and "after" are the nearest frozen places of the same letter in the scope:

    * nothing frozen after them: they are paginated on from the highest number of the letter, B13,
      B14 (G10);
    * the numbers after the one before them are free and enough: those;
    * else they take insert numbers after the one before them: B12.1, B12.2 (C2); before the first
      page B0.1, B0.2; between 12 and 12.1 it is 12.0.1.

    A replacement with more pages than its frozen runs has its further pages numbered in the same
    way, after its last frozen place.

    A frozen label keeps its letter when its document moves to another section or the bundle changes
    profile. Such places are passed over by the count of the section they stand in: after A1 to A10
    were frozen and the profile became continuous, the first page not frozen is 1. Labels then rise
    within each letter only.

    Raises ValueError for input that cannot be numbered: a document twice, a negative number of
    pages, frozen runs that are malformed, overlap in their document or share a label.
    """
    frozen_by_letter: dict[str, list[Run]] = {}
    out: list[Run] = []
    scopes: dict[str, _Scope] = {}
    seen: set[str] = set()

    for section in sections:
        letter = profile.scope(section.letter)
        scope = scopes.get(letter)
        if scope is None:
            scope = scopes[letter] = _Scope(letter)
        for document in section.documents:
            if document.id in seen:
                raise ValueError(f"Document {document.id} is in the bundle twice.")
            if document.pages < 0:
                raise ValueError(f"Document {document.id} cannot have {document.pages} pages.")
            seen.add(document.id)
            index = 0
            for run in _frozen_runs(document):
                if run.first_index > index:
                    # Never frozen, between frozen places; only pages that exist need a number.
                    missing = min(run.first_index, document.pages) - index
                    if missing > 0:
                        scope.add(len(out), document.id, index, missing)
                        out.append(_SLOT)
                out.append(run)
                frozen_by_letter.setdefault(run.letter, []).append(run)
                if run.letter == letter:
                    scope.pass_frozen(run)
                index = run.end_index
            if document.pages > index:
                scope.add(len(out), document.id, index, document.pages - index)
                out.append(_SLOT)

    reserved = {letter: _Reserved(runs) for letter, runs in frozen_by_letter.items()}
    for letter, scope in scopes.items():
        scope.fill(out, reserved.get(letter) or _Reserved(()))
    return _joined(out)


def freeze(runs: Iterable[Run]) -> list[Run]:
    """The same labels, frozen; neighbouring runs of one progression of one document joined.

    Freezing some documents and not others is allowed: pass their runs only.
    """
    return _joined([run if run.frozen else replace(run, frozen=True) for run in runs])


def label_of(runs_of_document: Iterable[Run], index: int) -> Label | None:
    """Label of page ``index`` (from 0), given the runs of its one document; None if none holds it.

    A reserved place has its label too: compare with the document's pages where that matters.
    """
    for run in runs_of_document:
        if run.first_index <= index < run.end_index:
            return run.label(index)
    return None


def locate(runs: Iterable[Run], label: Label) -> tuple[str, int] | None:
    """The place (document, index) that ``label`` names, or None.

    An old citation of a page that a replacement no longer has gives its reserved place: the index
    is then not below the document's number of pages.
    """
    prefix, last = label.path[:-1], label.path[-1]
    for run in runs:
        if run.letter == label.letter and run.prefix == prefix and run.start <= last < run.start + run.count:
            return run.document, run.first_index + last - run.start
    return None


_SLOT: Final = Run("", 0, 1, "", (), 1, False)
_BEGINNING: Final[Path] = (0,)


def _frozen_runs(document: Placed) -> Sequence[Run]:
    """Frozen runs of a document by index; ValueError if they cannot be true."""
    if not document.runs:
        return ()
    runs = sorted((run for run in document.runs if run.frozen), key=lambda run: run.first_index)
    end = 0
    for run in runs:
        if run.document != document.id:
            raise ValueError(f"Document {document.id} was given a run of document {run.document}.")
        if run.count < 1 or run.start < 1 or run.first_index < 0 or (run.prefix and min(run.prefix) < 0):
            raise ValueError(f"A frozen run of document {document.id} is malformed: {run}.")
        if run.first_index < end:
            raise ValueError(f"Frozen runs of document {document.id} overlap at page {run.first_index}.")
        end = run.end_index
    return runs


def _joined(runs: Sequence[Run]) -> list[Run]:
    out: list[Run] = []
    for run in runs:
        if out:
            last = out[-1]
            if (
                last.document == run.document
                and last.frozen == run.frozen
                and last.first_index + last.count == run.first_index
                and last.start + last.count == run.start
                and last.prefix == run.prefix
                and last.letter == run.letter
            ):
                out[-1] = replace(last, count=last.count + run.count)
                continue
        out.append(run)
    return out


def _between(before: Path, after: Path, count: int) -> tuple[Path, int]:
    """(prefix, start) of ``count`` labels that lie between ``before`` and ``after``.

    Needs ``before < after`` and no 0 at the end of ``after``. Siblings that end below ``after`` are
    between the two. So is anything longer that begins with ``before``, unless ``after`` begins with
    it too: then each 0 steps below one more number of ``after``. That ends, because ``after`` is
    ``before``, some zeros and then a number above 0; below that number all of
    ``before`` + zeros + (1…count) is smaller.
    """
    if (*before[:-1], before[-1] + count) < after:
        return before[:-1], before[-1] + 1
    prefix = before
    while not (*prefix, count) < after:
        prefix = (*prefix, 0)
    return prefix, 1


class _Reserved:
    """The frozen labels of one letter, wherever in the bundle they stand."""

    def __init__(self, runs: Sequence[Run]) -> None:
        spans = sorted((run.prefix, run.start, run.start + run.count, run.document) for run in runs)
        self._spans: dict[Path, tuple[list[int], list[int]]] = {}  # prefix: (starts, ends)
        for prefix, start, end, document in spans:
            starts, ends = self._spans.setdefault(prefix, ([], []))
            if ends and start < ends[-1]:
                label = Label(runs[0].letter, (*prefix, start))
                raise ValueError(f"{label} is frozen twice, the second time for document {document}.")
            starts.append(start)
            ends.append(end)
        self._firsts = sorted((*prefix, start) for prefix, start, _, _ in spans)
        # Highest number of the outermost level: B12.3 counts as 12. Everything above is free.
        self.highest = max((prefix[0] if prefix else end - 1 for prefix, _, end, _ in spans), default=0)
        self.last = max(((*prefix, end - 1) for prefix, _, end, _ in spans), default=_BEGINNING)

    def after(self, path: Path) -> Path:
        """The next reserved label after ``path``, which is not the last of them.

        It begins a run, or it is in a run at whose number ``path`` has just been, or is below.
        """
        found: list[Path] = []
        at = bisect_right(self._firsts, path)
        if at < len(self._firsts):
            found.append(self._firsts[at])
        for depth, here in enumerate(path):
            span = self._spans.get(path[:depth])
            if span:
                starts, ends = span
                at = bisect_right(starts, here + 1) - 1
                if at >= 0 and here + 1 < ends[at]:
                    found.append((*path[:depth], here + 1))
        return min(found)


class _Scope:
    """The pages to be numbered under one letter, in groups: a group is all that stand between two
    frozen places of that letter, and is numbered as one."""

    def __init__(self, letter: str) -> None:
        self.letter = letter
        self.before = _BEGINNING
        self.group: list[tuple[int, str, int, int]] = []  # (slot, document, first index, count)
        self.groups: list[tuple[Path, list[tuple[int, str, int, int]]]] = []

    def add(self, slot: int, document: str, index: int, count: int) -> None:
        self.group.append((slot, document, index, count))

    def pass_frozen(self, run: Run) -> None:
        if self.group:
            self.groups.append((self.before, self.group))
            self.group = []
        self.before = (*run.prefix, run.start + run.count - 1)

    def fill(self, out: list[Run], reserved: _Reserved) -> None:
        """Put the runs into their slots.

        Each group has another frozen label before it, and is kept below the next reserved one, so
        no two groups meet. Only what lies above the last reserved label can be wanted by two (when
        frozen places were put in another order), so that is counted on through both.
        """
        free = reserved.highest + 1
        for before, group in self.groups:
            if before == reserved.last:
                free = self._put(out, group, (), free)
            else:
                count = sum(entry[3] for entry in group)
                self._put(out, group, *_between(before, reserved.after(before), count))
        self._put(out, self.group, (), free)

    def _put(
        self,
        out: list[Run],
        group: list[tuple[int, str, int, int]],
        prefix: Path,
        start: int,
    ) -> int:
        for slot, document, index, count in group:
            out[slot] = Run(document, index, count, self.letter, prefix, start, False)
            start += count
        return start
