"""How often somebody may try. What is counted is kept in the database: it holds in every process, and after a restart.

Who fails too often is told when to come again (429, Retry-After). Two rules keep a court from being locked out: a
session that is open is never touched by what others do, and a browser in which an account was signed in before is
counted for itself (`KNOWN`), so that somebody who guesses from elsewhere locks out nobody but strangers.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.db import connection
from django.db.models import F
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .models import Tally

if TYPE_CHECKING:
    from .models import User


class TooMany(Exception):
    """Too often (429). `wait` is how many seconds from now it may be tried again."""

    def __init__(self, wait: float) -> None:
        self.wait = max(1, round(wait))
        super().__init__(later(self.wait))


def whole_minutes(wait: int) -> int:
    """So many seconds as minutes after which it works for sure."""
    return max(1, -(-wait // 60))


def later(wait: int) -> str:
    """When to try again, for a person."""
    minutes = whole_minutes(wait)
    if minutes <= 1:
        return _("That is too often. Try again in a minute.")
    return ngettext(
        "That is too often. Try again in %(n)s minute.",
        "That is too often. Try again in %(n)s minutes.",
        minutes,
    ) % {"n": minutes}


@dataclass(frozen=True)
class Limit:
    """So many times in so many seconds, from the first of them; the numbers are settings.LIMITS[name]."""

    name: str

    @property
    def most(self) -> int:
        return int(settings.LIMITS[self.name][0])

    @property
    def seconds(self) -> int:
        return int(settings.LIMITS[self.name][1])

    def key(self, subject: object) -> str:
        """Only a hash is stored: neither addresses nor what was typed as an e-mail address can be read from it."""
        return f"{self.name}:{hashlib.sha256(str(subject).encode('utf-8', 'replace')).hexdigest()[:40]}"


# Wrong passwords: of an account from one address, from all addresses, from an address for all accounts, and of an
# account in a browser that it was signed in by before.
HERE, ACCOUNT, ADDRESS, KNOWN = (Limit(f"sign-in-{what}") for what in ("here", "account", "address", "known"))
# Links to a new password: for an account, and from an address.
RESET, RESET_ADDRESS = Limit("reset"), Limit("reset-address")
# Secrets that are none, from one address: invitations, links to a new password; API tokens; codes of screens.
SECRET, TOKEN, SCREEN = Limit("secret"), Limit("token"), Limit("screen")
# What people do, each for themselves.
UPLOAD, NOTE, SEARCH = Limit("upload"), Limit("note"), Limit("search")


def _now() -> int:
    return int(time.time())


def check(limit: Limit, subject: object) -> None:
    """Raise TooMany where the limit is reached. Counts nothing."""
    row = Tally.objects.filter(key=limit.key(subject)).values_list("count", "until").first()
    now = _now()
    # A clock that was set back must not lock anybody out for longer than the limit says.
    if row and row[0] >= limit.most and now < row[1] <= now + limit.seconds:
        raise TooMany(row[1] - now)


def count(limit: Limit, subject: object) -> None:
    """Count one more; raise TooMany (and count nothing) where the limit is reached already."""
    check(limit, subject)
    now, table = _now(), Tally._meta.db_table
    over = f"{table}.until <= %(now)s OR {table}.until > %(end)s"
    # One statement, so that those who try at the same time are counted each.
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (key, count, until) VALUES (%(key)s, 1, %(end)s) "  # noqa: S608  (our own names)
            f"ON CONFLICT (key) DO UPDATE SET count = CASE WHEN {over} THEN 1 ELSE {table}.count + 1 END, "
            f"until = CASE WHEN {over} THEN %(end)s ELSE {table}.until END RETURNING count, until",
            {"key": limit.key(subject), "now": now, "end": now + limit.seconds},
        )
        counted, until = cursor.fetchone()
    if counted == 1:
        # Seldom, and the table stays small: what is over is of no use.
        Tally.objects.filter(until__lt=now - 86400).delete()
    if counted > limit.most:
        raise TooMany(until - now)


def give_back(limit: Limit, subject: object) -> None:
    """That try was a good one: it does not count."""
    Tally.objects.filter(key=limit.key(subject), count__gt=0).update(count=F("count") - 1)


def forget(limit: Limit, subject: object) -> None:
    """Start again: the account has proved itself in another way."""
    Tally.objects.filter(key=limit.key(subject)).delete()


def often(limit: Limit, subject: object) -> None:
    """As `count`, for what happens too often to write down each time: kept in the cache.

    In each server process by itself, unless there is a Redis (REDIS_URL) or another cache that they share (CACHE_URL).
    """
    seconds, now = limit.seconds, time.time()
    key = f"{limit.key(subject)}:{int(now // seconds)}"
    if cache.add(key, 1, seconds * 2):
        return
    try:
        counted = cache.incr(key)
    except ValueError:  # it ran out in this moment
        return
    if counted > limit.most:
        raise TooMany(seconds - now % seconds)


def address(request: HttpRequest) -> str:
    """Where a request comes from."""
    return address_of(request.META.get("REMOTE_ADDR") or "", request.headers.get("X-Forwarded-For", ""))


def address_of(remote: str, forwarded: str) -> str:
    """Where a connection comes from. Behind a proxy (TRUST_PROXY) that is what the proxy says, else the other end."""
    from allauth.core.internal.ratelimit import truncate_ip

    told = remote
    if settings.TRUST_PROXY:
        # The last one is what our proxy wrote; those before it are what the other side said of itself.
        told = forwarded.rpartition(",")[2].strip() or told
    # All addresses of one network of the new kind are one: a household has millions.
    return truncate_ip(told)


# --- browsers that were signed in before --------------------------------------------------------
DEVICE_COOKIE = "known"
DEVICE_AGE = 365 * 86400
MOST_ACCOUNTS = 5
_signer = signing.TimestampSigner(salt="casebundle.known-browser")


def _accounts(request: HttpRequest) -> list[str]:
    """The accounts (hashed) that were signed in in this browser, by its signed cookie."""
    try:
        told = _signer.unsign(request.COOKIES.get(DEVICE_COOKIE, ""), max_age=DEVICE_AGE)
    except signing.BadSignature:
        return []
    return told.split(".")[1:]


def _account(email: str) -> str:
    return hashlib.sha256(email.strip().lower().encode("utf-8", "replace")).hexdigest()[:24]


def device(request: HttpRequest, email: str) -> str:
    """What this browser is called where `email` was signed in in it before; "" elsewhere."""
    if _account(email) not in _accounts(request):
        return ""
    return _signer.unsign(request.COOKIES[DEVICE_COOKIE]).split(".")[0]


def remember(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    """Mark this browser as one in which `user` has signed in."""
    held, mine = _accounts(request), _account(user.email)
    if mine in held:
        return
    name = secrets.token_hex(8)
    held = [mine, *(one for one in held if one != mine)][:MOST_ACCOUNTS]
    response.set_cookie(
        DEVICE_COOKIE,
        _signer.sign(".".join([name, *held])),
        max_age=DEVICE_AGE,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
