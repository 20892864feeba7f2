"""What people are called: written cleanly, like nobody else in a case they share, with a title from the court alone.

Two names are alike where a reader could take one for the other: case, accents, spaces, punctuation, titles and
characters that look like others (Unicode's own list, UTS #39) make no difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection
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


# Read as one another by people, beside what Unicode's list has; the second list only where a letter follows.
_READ_AS = str.maketrans("ivq", "lug")
_WITHIN = str.maketrans("|!345789@$€£", "lleastbgasel")
_SIGN = re.compile(r"[|!345789@$€£](?=[^\W\d_])")


def _folded(text: str) -> str:
    apart = _SIGN.sub(lambda one: one[0].translate(_WITHIN), unicodedata.normalize("NFKD", text))
    seen = "".join(c for c in apart if not unicodedata.category(c).startswith("M")).translate(_looks_like())
    seen = unicodedata.normalize("NFKC", seen).casefold().replace("vv", "w").translate(_READ_AS)
    # Letters that are read as another when they stand together.
    return seen.replace("rn", "m").replace("cl", "d")


def _readings(text: str) -> tuple[str, str]:
    """A text as it looks, read twice: a capital I looks like an l, and its small letter does not."""
    return _folded(text), _folded(unicodedata.normalize("NFKD", text).casefold())


@cache
def _ends_a_title() -> re.Pattern[str]:
    """A title after which the name begins, though nothing or a single letter follows."""
    before = "|".join(_folded(word) for word in ("dist", "district", "circuit", "dep", "deputy"))
    return re.compile(rf"\b(?:hhj|judge)(?=[^\W_])|\bh\W+h\W+j\b|\b(?:{before})\W+j\b")


def _words(text: str) -> list[str]:
    """The words of a folded text; single letters that follow each other ("H. H. J.") are one word."""
    found: list[str] = []
    single = False
    # "HHJRuth" is an HHJ too, and so is "H.H.J. X".
    text = _ends_a_title().sub(r" \g<0>  ", text)
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
    "Honourable Justice", "Hon Justice", "District J", "Dist J", "Deputy J", "Dep J", "Circuit J", "His Hon", "Her Hon",
    "HisHonour", "HerHonour", "HisHon", "HerHon", "Mr Just", "Mrs Just", "Ms Just", "Miss Just", "Mx Just",
    "Lord Just", "Lady Just", "Dame Just", "Sir Just", "Lord Chief", "Lady Chief", "Presiding", "Registrar",
    "Hanrhydedd", "Cofrestrydd", "Master of the Rolls", "Justice of the Peace",
    "Barnwr", "Farnwr", "Mharnwr", "Barnwyr", "Farnwyr", "Anrhydedd", "Anrhydeddus", "Cofiadur", "Gofiadur",
    "Chofiadur", "Ynad", "Ynadon", "Crwner", "Ustus", "Meistr y Rholiau", "Barnwriaeth",
)  # fmt: skip
_FIRST = ("Justice", "Master", "DJ", "LJ", "HH", "Meistr", "Sheriff", "DJ MC", "CJ", "HJH", "EAB", "Rec")
_LAST = ("J", "JJ", "LJ", "JP", "YH", "DJ", "DJ MC", "MR", "CJ")
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
    "Arglwyddes", "Bon", "Esq", "Esquire", "Dep", "Dist",
)  # fmt: skip
# Nor is what follows a whole name: degrees and honours. A number tells people apart whom nobody takes for one another.
_AFTER = re.compile(
    r"""(?:[\s,.#]+(?:[ivx]+|jn?r|sn?r|junior|senior|[kq]c|esq(?:uire)?|dl|pc|mp|jp|
    [cmlr]vo|[kgd]cvo|[kg]cb|[kdg]be|[cmo]be|cb|cmg|[kg]cmg|ch|om|bem|[kq]pm|bt|bart|td|[rv]d|frsa?|fba|fcilex|
    ll[bmd]|b[ac]l|ba|ma|[bm]sc|[bm]phil|d?phil|phd)[\s.,]*)+$""",
    re.IGNORECASE | re.VERBOSE,
)
_BRACKETS = re.compile(r"\([^()]*\)?|\[[^\[\]]*\]?|\{[^{}]*\}?|<[^<>]*>?")


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
        # "Ju dge": nobody's names make such a word together.
        or (size > 1 and len(whole := "".join(words[at : at + size])) > 4 and (whole,) in titles)
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
    name = unicodedata.normalize("NFKC", name)
    texts = {text for whole in _without_more(name) for text in _orders(whole)}
    found = set()
    for text in texts:
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
            if named:
                # "Adler Ruth" is Ruth Adler.
                found.add("".join(sorted(kept)))
    return frozenset(found - {""})


def _without_more(name: str) -> list[str]:
    """A name, and the same without what only stands beside it ("(Leeds)", ", Leeds", "2", "Esq"), as long as two words
    are left: what it is then is a name still."""
    found = [name]
    for cut in (_BRACKETS, re.compile(r"(?:,|\s[-‐-―/|·]\s).*$"), _AFTER):
        found += [
            less
            for text in list(found)
            if (less := cut.sub(" ", text).strip()) != text and len(_named(less)) > 1
        ]
    return list(dict.fromkeys(found))


def _named(text: str) -> list[str]:
    """The words of a text that are no titles."""
    words = _words(_folded(text))
    drop = {
        at
        for kind in ("anywhere", "first", "last", "staff", "plain")
        for start, end in _of_kind(words, kind, 0)
        for at in range(start, end)
    }
    return [word for at, word in enumerate(words) if at not in drop]


def _orders(name: str) -> list[str]:
    """The ways in which a name is written: "Adler, Ruth" is Ruth Adler."""
    last, comma, first = name.partition(",")
    orders = [name, f"{first} {last}"] if comma else [name]
    # Marks between the letters may be dropped before or after what they look like is read: "Adl|er", "Ruth · Adler".
    plain = "".join(c if c.isalnum() or unicodedata.category(c).startswith("M") else " " for c in name)
    return [*orders, plain]


def _alone_in(name: str, user_pk: int | None, cases: Collection[UUID], told: Collection[UUID]) -> None:
    """Raise ValidationError where somebody else who is in one of these cases, or invited, has a name like this one. It
    says whose in the cases `told`: of any other case, whoever asks learns nothing."""
    mine = keys(name)
    for some, who in (
        ([pk for pk in cases if pk in told], True),
        ([pk for pk in cases if pk not in told], False),
    ):
        others = Participant.objects.filter(case__in=some, removed_at=None).exclude(user=user_pk)
        for one in others.order_by().values_list("user__name", flat=True).distinct().iterator():
            if mine & keys(one):
                raise ValidationError({"name": _taken_by(one) if who else _taken()})


def _taken_by(other: str) -> str:
    return _(
        "Somebody in the case is called %(name)s, and these two names could be taken for one another. Add what tells "
        "them apart, like a middle name."
    ) % {"name": isolate(other)}


def _taken() -> str:
    return _(
        "Somebody else’s name could be taken for this one. Add what tells them apart, like a middle name."
    )


def alone_in(case_id: UUID, user: User, *, who: bool = True) -> None:
    """The same for somebody who comes into a case: its clerk can give one of the two another name in People. `who`: it
    says whose name it is; not to whoever is not in the case yet."""
    _alone_in(user.name, user.pk, [case_id], [case_id] if who else [])


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


def cases_of(user_pk: int) -> list[UUID]:
    """The ids of the cases that this person is in or is invited to."""
    rows = Participant.objects.filter(user=user_pk, removed_at=None).values_list("case_id", flat=True)
    return sorted(rows, key=str)


def hold_cases_of(user_pk: int) -> None:
    """Be the only one who changes the cases of this person: always in this order, so that nobody waits for somebody
    who waits for them."""
    for case_id in cases_of(user_pk):
        record.hold(case_id)


def is_new(user: User, case_id: UUID) -> bool:
    """Whether nobody but the clerk of this case, who invited them, has had to do with that account."""
    elsewhere = Participant.objects.filter(user=user.pk).exclude(case=case_id)
    return not user.has_usable_password() and not elsewhere.exists()


def _check_named_by(by: Viewer, person: User) -> None:
    """Raise ValidationError unless the court in that case may name this person: an invitation alone is not enough."""
    part = Participant.objects.filter(case=by.case_id, user=person.pk, removed_at=None).first()
    if part is None or (part.pending and not is_new(person, by.case_id)):
        raise ValidationError(
            {
                "name": _(
                    "They have an account, and have not accepted your invitation yet. The court names people who are "
                    "in its case."
                )
            }
        )


@transaction.atomic
def rename(user: User, name: object, by: Viewer | None = None, *, tell: bool = True) -> bool:
    """Call `user` something else, in all their cases: by themselves, or by the court (a Viewer who manages a case that
    they are in), which alone gives titles. Written in the journal of each case that they are in or invited to, for
    everybody there, and told by mail (unless not `tell`: who comes in by an invitation has no other name yet that they
    know of).

    False where it is their name already. Raises ValidationError at `name`, NotAllowed.
    """
    if by is not None:
        by.require("manage")
    hold_cases_of(user.pk)
    person = User.objects.select_for_update().get(pk=user.pk)
    own = by is None or by.user_id == person.pk
    if by is not None:
        _check_named_by(by, person)
    giver: Giver = "court" if not own else "staff" if person.is_court_staff else ""
    before = person.name
    after = checked(name, was=before, giver=giver)
    if after == before:
        return False
    rows = Participant.objects.filter(user=user.pk, removed_at=None).select_related("case", "user")
    if by is not None:
        told = {by.case_id}
    else:
        told = {row.case_id for row in rows if not row.pending} if tell else set()
    # Read anew: somebody may have been invited, or have come in, before their account was held.
    _alone_in(after, person.pk, cases_of(person.pk), told)
    person.name = user.name = after
    person.save(update_fields=["name"])
    for part in rows.all().prefetch_related("parties").order_by("case_id"):
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
