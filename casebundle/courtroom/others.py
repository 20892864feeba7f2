"""Who is connected to the same cases through other server processes.

Each process writes down who is connected to it (`Here`) and says every other second that it lives (`Web`): one that
dies is seen to be gone a few seconds later, and takes those who were connected to it along. Through Redis the others
hear of a change at once; without it they find it by looking. How many are at the page that is presented goes through
Redis alone where there is one: it changes with every turn, and nobody misses it afterwards.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from casebundle.journal.hub import EVERYWHERE, group, hub, offload
from casebundle.journal.layer import the_layer

from .court import Court
from .models import Here, Web
from .presence import Elsewhere, Said

log = logging.getLogger(__name__)

# Seconds: a process says so often that it lives, is gone when it has not for so long, and its row is then removed.
ALIVE, GONE, SWEPT = 2.0, 7.0, 60.0
# How often (seconds) a process writes down what changed, and looks what others have written.
WRITES, LOOKS = 0.5, 1.0
# What was heard directly stands for so long (seconds) without having been found written down.
HEARD = 5.0
# Who sees the page is said again for so long (seconds) after it changed: longer than Redis may take what is said and
# lose it without anybody noticing (hub.UNHEARD).
REPEATED = 6.0


@dataclass
class _Mine:
    """What this process last said of a case, and the version in which people or screens were others than before."""

    version: int
    said: Said
    since: int
    changed: float  # by the loop's clock


class Others:
    """What this process says to the others of who is connected to it, and what it knows of them."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._mine: dict[str, _Mine] = {}
        self._changed: set[str] = set()  # cases that are not written down as they are
        self._version = 0
        self._wrote = False

    # --- what we say ----------------------------------------------------------------------------
    def tell(self, case: str) -> None:
        """Who is connected to this case here, or at the presented page, may have changed."""
        if not settings.SEVERAL_WEBS:
            return
        court = court_here(case)
        said = court.presence.said(court.page) if court else {}
        before = self._mine.get(case)
        if said == (before.said if before else {}):
            return
        self._version += 1
        whole = before is None or any(
            said.get(part) != before.said.get(part) for part in ("people", "screens")
        )
        since = before.since if before and not whole else self._version
        mine = _Mine(self._version, said, since, _now())
        if said:
            self._mine[case] = mine
        else:
            self._mine.pop(case, None)
        layer = the_layer()
        if layer is not None:
            layer.say(group(case), self._frame(case, mine, whole=whole))
        if whole or not hub.reaches:
            self._changed.add(case)

    def _frame(self, case: str, mine: _Mine, *, whole: bool = True) -> dict[str, Any]:
        frame = {"hub": hub.id, "case": case, "version": mine.version}
        if whole:
            return {**frame, "type": "here", "said": mine.said}
        # With every turn others have the page before them: five hundred names need not be said again for that.
        said = {name: mine.said[name] for name in ("page", "at")}
        return {**frame, "type": "at", "since": mine.since, **said}

    def say_again(self) -> None:
        """Redis can be reached again: nobody knows what it lost."""
        layer = the_layer()
        if layer is not None:
            for case, mine in self._mine.items():
                layer.say(group(case), self._frame(case, mine))

    def _repeat(self) -> None:
        """Say again who sees the page: it may have been lost, or have come before what it builds on."""
        layer, now = the_layer(), _now()
        for case, mine in self._mine.items():
            if layer is not None and now - mine.changed < REPEATED:
                layer.say(group(case), self._frame(case, mine, whole=False))

    async def leave(self) -> None:
        """This process is about to end: who was connected to it is not any more."""
        layer = the_layer()
        if layer is not None and hub.id:
            layer.say(EVERYWHERE, {"type": "left", "hub": hub.id})
        if self._wrote:
            try:
                async with asyncio.timeout(3):
                    await _forget(hub.id)
            except Exception as error:
                # Then the others notice it in a few seconds.
                log.info("it could not be written down that this process ends: %s", error)

    # --- what we hear ---------------------------------------------------------------------------
    def heard(self, what: dict[str, Any]) -> None:
        """The hub's `told`."""
        kind, other = what.get("type"), what.get("hub")
        court = court_here(str(what.get("case")))
        if kind == "here" and other and court is not None:
            court.elsewhere(other, Elsewhere.of(what["version"], what["said"], _now()))
        elif kind == "at" and other and court is not None:
            known = court.presence.others.get(other)
            # Where it was not heard who came or left, that is found written down, by `_look`; then this comes again.
            if known is not None and what["since"] <= known.version < what["version"]:
                court.elsewhere(other, known.at_page(what["version"], what["page"], what["at"], _now()))
        elif kind == "left" and other:
            for each in courts():
                each.elsewhere(other, None)

    # --- what is written down -------------------------------------------------------------------
    async def run(self) -> None:
        """For as long as the hub runs."""
        if not settings.SEVERAL_WEBS:
            return
        self._begin()
        lived = looked = swept = repeated = 0.0
        failed = False
        while True:
            await asyncio.sleep(WRITES)
            now = _now()
            if now - repeated >= ALIVE:
                repeated = now
                self._repeat()
            try:
                if now - lived >= ALIVE:
                    if not await _live(hub.id):
                        self._changed |= set(self._mine)
                    self._wrote, lived = True, now
                if self._changed:
                    await self._write()
                if now - looked >= LOOKS:
                    looked = now
                    await self._look()
                if now - swept >= SWEPT:
                    swept = now
                    await _sweep()
                failed = False
            except Exception:
                # The database is away: it is tried again, and what is known stands meanwhile.
                if not failed:
                    log.warning("who is connected could not be written down", exc_info=True)
                failed = True

    async def _write(self) -> None:
        changed, self._changed = self._changed, set()
        try:
            rows = [(case, mine) for case in changed if (mine := self._mine.get(case)) is not None]
            gone = [case for case in changed if case not in self._mine]
            await _write(hub.id, [(case, mine.version, mine.said) for case, mine in rows], gone)
        except BaseException:
            self._changed |= changed
            raise

    async def _look(self) -> None:
        there = {court.feed.case: court for court in courts()}
        if not there:
            return
        found = await _versions(hub.id, list(there))
        now = _now()
        wanted = []
        for key, (web, case, version) in found.items():
            known = there[case].presence.others.get(web)
            if known is None or known.version < version:
                wanted.append(key)
        news = await _said(wanted) if wanted else []
        for web, case, version, said in news:
            known = there[case].presence.others.get(web)
            if known is None or known.version < version:
                there[case].elsewhere(web, Elsewhere.of(version, said, now))
        written = {(web, case) for web, case, _version in found.values()}
        for case, court in there.items():
            for web, known in list(court.presence.others.items()):
                if (web, case) not in written and now - known.heard > HEARD:
                    court.elsewhere(web, None)


def _now() -> float:
    return asyncio.get_running_loop().time()


def court_here(case: str) -> Court | None:
    """The court of a case in this process."""
    feed = hub.feeds.get(case)
    return feed.kept if feed is not None else None


def courts() -> list[Court]:
    """The courts of this process."""
    return [feed.kept for feed in hub.feeds.values() if feed.kept is not None]


@offload
def _live(web: str) -> bool:
    """Say that this process lives; False where that was not known before."""
    pk = UUID(web)
    if Web.objects.filter(pk=pk).update(at=Now()):
        return True
    Web.objects.create(pk=pk, at=Now())
    return False


@offload
def _forget(web: str) -> None:
    with transaction.atomic():
        Here.objects.filter(web_id=UUID(web)).delete()
        Web.objects.filter(pk=UUID(web)).delete()


@offload
def _sweep() -> None:
    """Forget those that died some time ago."""
    dead = list(Web.objects.filter(at__lt=Now() - timedelta(seconds=SWEPT)).values_list("pk", flat=True))
    if dead:
        Here.objects.filter(web_id__in=dead).delete()
        Web.objects.filter(pk__in=dead, at__lt=Now() - timedelta(seconds=SWEPT)).delete()


@offload
def _write(web: str, rows: list[tuple[str, int, Said]], gone: list[str]) -> None:
    pk = UUID(web)
    with transaction.atomic():
        Here.objects.bulk_create(
            [Here(web_id=pk, case_id=UUID(case), version=version, said=said) for case, version, said in rows],
            update_conflicts=True,
            unique_fields=["web", "case_id"],
            update_fields=["version", "said"],
        )
        if gone:
            Here.objects.filter(web_id=pk, case_id__in=[UUID(case) for case in gone]).delete()


def _living() -> Any:
    return Here.objects.filter(web__at__gt=Now() - timedelta(seconds=GONE))


@offload
def _versions(me: str, cases: list[str]) -> dict[int, tuple[str, str, int]]:
    """By row: process, case and version, of what others that live have written of these cases."""
    rows = _living().filter(case_id__in=cases).exclude(web_id=UUID(me))
    return {
        pk: (web.hex, str(case), version)
        for pk, web, case, version in rows.values_list("pk", "web_id", "case_id", "version")
    }


@offload
def _said(rows: Iterable[int]) -> list[tuple[str, str, int, Said]]:
    found = Here.objects.filter(pk__in=rows).values_list("web_id", "case_id", "version", "said")
    return [(web.hex, str(case), version, said) for web, case, version, said in found]


def said_elsewhere(case_id: UUID | str) -> list[Said]:
    """What other processes that live have written of who is connected to a case: asked of the database."""
    if not settings.SEVERAL_WEBS:
        return []
    rows = _living().filter(case_id=case_id)
    if hub.id:
        rows = rows.exclude(web_id=UUID(hub.id))
    return list(rows.values_list("said", flat=True))


others = Others()
