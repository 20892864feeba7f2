"""An audience: who a thing is for, as a set of tokens that can be stored, searched and compared.

A token is `everybody`, the slug of a party (`prosecution`, `bates`, `court`), `judge` (a part of `court`) or
`person:ID` of one participant. A reader holds tokens of their own; a thing is theirs when the two sets meet.
Stored sorted between bars (`|bates|court|`), so that one token is one substring, in SQL as elsewhere.
Who holds which tokens is decided in cases/access.py alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

EVERYBODY = "everybody"
COURT = "court"
JUDGE = "judge"
# What a token is a part of, beside `everybody`, of which all are.
PART_OF = {JUDGE: COURT}
RESERVED = frozenset({EVERYBODY, JUDGE, "person", "private", "party", "parties", "case"})


def person(participant_id: object) -> str:
    """The token of one participant."""
    return f"person:{participant_id}"


def join(tokens: Iterable[str]) -> str:
    """The stored form of `tokens`; `everybody` swallows the rest, no token at all is nobody (`|`)."""
    found = set(tokens)
    if EVERYBODY in found:
        found = {EVERYBODY}
    found = {token for token in found if PART_OF.get(token) not in found}
    return "|" + "".join(f"{token}|" for token in sorted(found))


def split(stored: str) -> frozenset[str]:
    """The tokens of a stored audience."""
    return frozenset(token for token in stored.split("|") if token)


def meet(first: str, second: str) -> str:
    """The audience of what is for `first` and for `second` at once.

    A person's token is kept when the other side has it or is everybody: parties are not looked up here, so give
    a private thing no party audience to meet.
    """
    a, b = split(first), split(second)
    if EVERYBODY in a:
        return join(b)
    if EVERYBODY in b:
        return join(a)
    both = a & b
    return join(both | {t for t in a if PART_OF.get(t) in b} | {t for t in b if PART_OF.get(t) in a})


def beyond(first: str, second: str) -> frozenset[str]:
    """The tokens of `second` that `first` does not reach: whom something is for besides, where it goes from the first
    audience to the second."""
    a = split(first)
    if EVERYBODY in a:
        return frozenset()
    return frozenset(token for token in split(second) if token not in a and PART_OF.get(token) not in a)


def reaches(stored: str, held: Iterable[str]) -> bool:
    """Whether an audience reaches somebody who holds these tokens."""
    return any(f"|{token}|" in stored for token in held)


def query(held: Iterable[str], field: str = "audience") -> Q:
    """The same question to the database, over a column that holds a stored audience; no token, no row."""
    found = Q(pk__in=[])
    for token in held:
        found |= Q(**{f"{field}__contains": f"|{token}|"})
    return found


PUBLIC = join([EVERYBODY])
