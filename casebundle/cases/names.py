"""What people are called: written cleanly, like nobody else in a case they share, with a title from the court alone.

Two names are alike where a reader could take one for the other: case, accents, spaces, punctuation, titles and
characters that look like others (Unicode's own list, UTS #39) make no difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from confusable_homoglyphs import categories
from confusable_homoglyphs.confusables import confusables_data
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from casebundle.journal import record

from . import letters
from .bidi import isolate
from .models import Participant, User

if TYPE_CHECKING:
    from .access import Viewer

LONGEST = 120

# Who gives a title: nobody (people name themselves), a member of the court's staff for themselves, or the court.
Giver = Literal["", "staff", "court"]

# Drawn as nothing, though Unicode counts them as letters, marks or symbols.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# As many marks as stand over or under one letter in any language that names are written in.
_MARKS = re.compile(r"((?:[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]){3})"
                    r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")  # fmt: skip


def clean(text: object, longest: int | None = None) -> str:
    """What somebody typed as one line: no controls, no invisible characters, none that turn text round."""
    found = unicodedata.normalize("NFC", str(text))
    found = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Zs") else c
        for c in found
        if unicodedata.category(c) not in ("Cf", "Cs", "Cn", "Co")
    )
    found = " ".join(_MARKS.sub(r"\1", _BLANK.sub("", found)).split())
    return found if longest is None else found[:longest].strip()


# --- what looks like what -----------------------------------------------------------------------
@cache
def _looks_like() -> dict[int, str]:
    """For each character, the one that stands for all that look like it: an ASCII letter where there is one."""
    leader: dict[str, str] = {}

    def find(one: str) -> str:
        while leader.setdefault(one, one) != one:
            one = leader[one] = leader[leader[one]]
        return one

    for one, others in confusables_data.items():
        for other in others:
            # Right-to-left characters stand between marks in that list.
            leader[find(one.strip("\u200e"))] = find(other["c"].strip("\u200e"))
    alike: dict[str, list[str]] = defaultdict(list)
    for one in list(leader):
        alike[find(one)].append(one)
    found: dict[int, str] = {}
    for group in alike.values():
        # Of 1, I, l and | it is the l, of 0 and O the O: what letters they are is what counts in a name.
        # An ø is in it as an o with a stroke through it: as an o.
        plain = [
            *group,
            *("".join(c for c in one if not unicodedata.combining(c)) for one in group if len(one) == 2),
        ]
        stands = min(
            plain,
            key=lambda c: (not (c.isascii() and c.isalpha()), not c.isascii(), len(c), -ord(c[:1] or "~")),
        )
        found |= {ord(one): stands for one in group if len(one) == 1}
    return found


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    seen = "".join(c for c in apart if not unicodedata.category(c).startswith("M")).translate(_looks_like())
    # Letters that are read as another when they stand together.
    return seen.casefold().replace("rn", "m").replace("vv", "w").replace("cl", "d")


def _readings(text: str) -> tuple[str, str]:
    """A text as it looks, read twice: a capital I looks like an l, and its small letter does not."""
    return _folded(text), _folded(unicodedata.normalize("NFKD", text).casefold())


def _words(text: str) -> list[str]:
    """The words of a folded text; single letters that follow each other ("H. H. J.") are one word."""
    found: list[str] = []
    single = False
    # "HHJRuth" is an HHJ too, and so is "H.H.J. X".
    text = re.sub(r"\b(?:hhj|judge)(?=[^\W_])|\bh\W+h\W+j\b", r" \g<0>  ", text)
    for word in re.findall(r"[^\W_]+|  ", text):
        if not word.strip():
            single = False
            continue
        if len(word) == 1 and single:
            found[-1] += word
        else:
            found.append(word)
        single = len(word) == 1
    return found


# --- titles -------------------------------------------------------------------------------------
_ANYWHERE = (
    "HHJ", "HHJJ", "Judge", "Judges", "Recorder", "Magistrate", "Magistrates", "Coroner", "Judiciary", "LCJ", "LJJ",
    "DDJ", "DJMC", "DDJMC", "Honour", "Honor", "Chief Justice", "Lord Justice", "Lady Justice", "Mr Justice",
    "Mister Justice", "Mrs Justice", "Ms Justice", "Miss Justice", "Mx Justice", "Sir Justice", "Dame Justice",
    "Honourable Justice", "Hon Justice", "District J", "Master of the Rolls", "Justice of the Peace",
    "Barnwr", "Farnwr", "Mharnwr", "Barnwyr", "Farnwyr", "Anrhydedd", "Anrhydeddus", "Cofiadur", "Gofiadur",
    "Chofiadur", "Ynad", "Ynadon", "Crwner", "Ustus", "Meistr y Rholiau", "Barnwriaeth",
)  # fmt: skip
_FIRST = ("Justice", "Master", "DJ", "LJ", "HH", "Meistr", "Sheriff", "DJ MC")
_LAST = ("J", "JJ", "LJ", "JP", "YH", "DJ", "DJ MC", "MR")
_STAFF = (
    "Clerk", "Clerks", "Court", "Courts", "Tribunal", "Usher", "HMCTS", "Legal Adviser", "Legal Advisor",
    "Listing Officer", "Clerc", "Glerc", "Chlerc", "Llys", "Tywysydd", "Ustusaid", "Gllem", "GLlTEF", "Tribiwnlys",
    "Cynghorydd Cyfreithiol",
)  # fmt: skip
# What is no part of who somebody is.
_PLAIN = (
    "Mr", "Mrs", "Ms", "Miss", "Mx", "Dr", "Prof", "Professor", "Sir", "Dame", "Lord", "Lady", "Hon", "Honourable",
    "Rt", "Right", "The", "His", "Her", "Their", "Ei", "Y", "Yr", "Mister", "District", "Deputy", "Employment",
    "Circuit", "High", "KC", "QC", "CB", "KCB", "DBE", "KBE", "OBE", "MBE", "CBE", "Rhanbarth", "Arglwydd",
    "Arglwyddes", "Bon",
)  # fmt: skip


@cache
def _titles(kind: str) -> tuple[frozenset[tuple[str, ...]], ...]:
    """The titles of one kind as words, for both readings."""
    said = {"anywhere": _ANYWHERE, "first": _FIRST, "last": _LAST, "staff": _STAFF, "plain": _PLAIN}[kind]
    both = [frozenset(tuple(_folded(title.casefold()).split()) for title in said)]
    both.insert(0, both[0] | frozenset(tuple(_folded(title).split()) for title in said))
    return tuple(both)


def _of_kind(words: list[str], kind: str, reading: int) -> list[tuple[int, int]]:
    """Where titles of that kind stand: (from, to) in `words`."""
    titles = _titles(kind)[reading]
    spans = [
        (at, at + size)
        for size in (3, 2, 1)
        for at in range(len(words) - size + 1)
        if tuple(words[at : at + size]) in titles
    ]
    if kind == "first":
        # "The Master", "Sir Master": what comes before it is no name.
        plain = _titles("plain")[reading]
        start = next((at for at, word in enumerate(words) if (word,) not in plain), len(words))
        return [span for span in spans if span[0] in (0, start)]
    if kind == "last":
        return [span for span in spans if span[1] == len(words) and span[0] > 0]
    return spans


@lru_cache(maxsize=20_000)
def titles_in(name: str) -> frozenset[tuple[str, str, str]]:
    """The titles in a name that the court gives: (the words, the kind, where they stand: first, last or within)."""
    found: set[tuple[str, str, str]] = set()
    # "Ruth Adler, J" and "(J)" are read as "Ruth Adler J".
    for reading, text in enumerate(_readings(name)):
        words = _words(text)
        for kind in ("anywhere", "first", "last", "staff"):
            for start, end in _of_kind(words, kind, reading):
                where = "first" if start == 0 else "last" if end == len(words) else "within"
                found.add((" ".join(words[start:end]), "staff" if kind == "staff" else "judge", where))
    return frozenset(found)


# --- names that are alike -----------------------------------------------------------------------
@lru_cache(maxsize=20_000)
def keys(name: str) -> frozenset[str]:
    """What stands for a name where it is compared: two that share one are alike."""
    # "Adler, Ruth" is Ruth Adler.
    last, comma, first = name.partition(",")
    orders = [name, f"{first} {last}"] if comma else [name]
    # Marks between the letters may be dropped before or after what they look like is read: "Adl|er", "Ruth · Adler".
    plain = "".join(c if c.isalnum() or unicodedata.category(c).startswith("M") else " " for c in name)
    found = set()
    for text in (*orders, plain):
        for reading, seen in enumerate(_readings(text)):
            words = _words(seen)
            drop: set[int] = set()
            for kind in ("anywhere", "first", "last", "staff", "plain"):
                for start, end in _of_kind(words, kind, reading):
                    drop |= set(range(start, end))
            kept = [word for at, word in enumerate(words) if at not in drop]
            # "Clerk 1" and "Judge 1" are two: a number alone is nobody's name.
            named = set("".join(kept)) - set("lo0123456789")
            found.add("".join(kept if named else words))
    return frozenset(found - {""})


def _alone_in(name: str, user_pk: int | None, cases: Iterable[UUID], *, who: bool = True) -> None:
    """Raise ValidationError where somebody else in one of these cases has a name like this one; `who`: it says whose
    (whoever holds a link is not in the case yet, and learns nothing of it)."""
    mine = keys(name)
    others = Participant.objects.active().filter(case__in=list(cases)).exclude(user=user_pk)
    for one in others.order_by().values_list("user__name", flat=True).distinct().iterator():
        if mine & keys(one):
            if not who:
                raise ValidationError(
                    {
                        "name": _(
                            "Somebody else’s name could be taken for this one. Add what tells them apart, like a "
                            "middle name or the chambers or office."
                        )
                    }
                )
            raise ValidationError(
                {
                    "name": _(
                        "Somebody in the case is called %(name)s, and these two names could be taken for one "
                        "another. Add what tells them apart, like a middle name or the chambers or office."
                    )
                    % {"name": isolate(one)}
                }
            )


def alone_in(case_id: UUID, user: User) -> None:
    """The same for somebody who comes into a case: its clerk can give one of the two another name in People."""
    _alone_in(user.name, user.pk, [case_id])


# --- what somebody may be called ----------------------------------------------------------------
# Scripts that are written together in one word.
_TOGETHER = [
    {"HAN", "HIRAGANA", "KATAKANA"},
    {"HAN", "HANGUL"},
    {"HAN", "BOPOMOFO"},
]


def _mixed(name: str) -> bool:
    for word in re.split(r"[\s\-‐-―]+", unicodedata.normalize("NFKC", name)):
        scripts = {categories.alias(c) for c in word} - {"COMMON", "INHERITED"}
        if len(scripts) > 1 and not any(scripts <= some for some in _TOGETHER):
            return True
    return False


def checked(name: object, *, was: str = "", giver: Giver = "") -> str:
    """`name` as it is kept; ValidationError at `name` in the user's words where nobody may be called that, or where
    `giver` cannot give its title. Titles that are in `was`, the name so far, the court gave before."""
    found = clean(name)
    if not found or not any(c.isalnum() for c in found):
        raise ValidationError({"name": _("Enter a name.")})
    if len(found) > LONGEST:
        raise ValidationError({"name": _("Enter a name of up to 120 characters.")})
    if _mixed(found):
        raise ValidationError(
            {
                "name": _(
                    "Write each word of the name in one alphabet. Letters of several look like another name."
                )
            }
        )
    if giver == "court":
        return found
    for title, kind, _where in sorted(titles_in(found) - titles_in(was)):
        if kind == "judge" or giver != "staff":
            raise ValidationError(
                {
                    "name": _(
                        "Titles of judges and of the court are given by the court (“%(title)s”). Leave it out, "
                        "or ask the clerk of your case to write your name so."
                    )
                    % {"title": _as_typed(found, title)}
                }
            )
    return found


def _as_typed(name: str, title: str) -> str:
    """The words of `name` in which `title` was found."""
    size = len(title.split())
    typed = name.split()
    for at in range(len(typed) - size + 1):
        part = " ".join(typed[at : at + size])
        if any(" ".join(_words(text)) == title for text in _readings(part)):
            return isolate(part.strip(" ,.()"))
    return isolate(name)


def hold_cases_of(user_pk: int) -> list[UUID]:
    """Be the only one who changes the cases of this person (their ids): always in this order, so that nobody waits for
    somebody who waits for them."""
    rows = Participant.objects.active().filter(user=user_pk).values_list("case_id", flat=True)
    held = sorted(rows, key=str)
    for case_id in held:
        record.hold(case_id)
    return held


@transaction.atomic
def rename(user: User, name: object, by: Viewer | None = None, *, tell: bool = True) -> bool:
    """Call `user` something else, in all their cases: by themselves, or by the court (a Viewer who manages a case that
    they are in), which alone gives titles. Written in the journal of each case, for everybody there, and told by mail
    (unless not `tell`: who comes in by an invitation has no other name yet that they know of).

    False where it is their name already. Raises ValidationError at `name`, NotAllowed.
    """
    if by is not None:
        by.require("manage")
    held = hold_cases_of(user.pk)
    person = User.objects.select_for_update().get(pk=user.pk)
    own = by is None or by.user_id == person.pk
    giver: Giver = "court" if not own else "staff" if person.is_court_staff else ""
    before = person.name
    after = checked(name, was=before, giver=giver)
    if after == before:
        return False
    _alone_in(after, person.pk, held, who=tell)
    person.name = user.name = after
    person.save(update_fields=["name"])
    rows = Participant.objects.active().filter(user=user.pk).select_related("case", "user")
    for part in rows.prefetch_related("parties").order_by("case_id"):
        card = part.card()
        actor = card if own else by.card if by is not None and by.case_id == part.case_id else None
        record.append(
            part.case_id,
            "participant.renamed",
            actor=actor,
            data={"participant": card, "was": before, "name": after},
        )
    if tell:
        letters.name_changed(person, before)
    return True
