"""Draws the page that a court is turned to, and those beside it, before screens and readers ask for them.

A thread of the server does it, in the court's own lane: a whole court never waits behind somebody's heavy page.
"""

from __future__ import annotations

import logging
import threading
from uuid import UUID

from django.db import close_old_connections
from django.db.models import Exists, OuterRef

from casebundle.bundles import drawing
from casebundle.cases import mending
from casebundle.journal.models import Entry

from .models import Hearing

log = logging.getLogger(__name__)


def presented() -> Exists:
    """Of each page of a query: whether a court that sits is turned to it."""
    return Exists(Hearing.objects.open().filter(page=OuterRef("pk")))


class Ahead:
    """The last page that each court was turned to and that is still to be drawn."""

    def __init__(self) -> None:
        self.turned = threading.Condition()
        self.pages: dict[UUID, str] = {}
        self.thread: threading.Thread | None = None

    def start(self) -> None:
        """Draw ahead in this process from now on."""
        if self.thread is None:
            self.thread = threading.Thread(target=self._run, name="draws ahead", daemon=True)
            self.thread.start()

    def heard(self, entry: Entry) -> None:
        """On commit of every entry."""
        if self.thread is None or entry.action != "page.turned":
            return
        with self.turned:
            # Of a court that was turned on, the page before is not waited for any more.
            self.pages[entry.chain_id] = entry.data["page"]
            self.turned.notify()

    def idle(self) -> bool:
        return not self.pages

    def _run(self) -> None:
        while True:
            with self.turned:
                while not self.pages:
                    self.turned.wait()
                # The court that waits longest.
                page = self.pages.pop(next(iter(self.pages)))
            close_old_connections()
            try:
                drawing.draw_for_court(page, self.idle)
            except Exception as error:
                # Whoever asks for the picture is told what is the matter.
                found = mending.trouble(error)
                if found is None:
                    log.exception("a page that is presented could not be drawn ahead")
                else:
                    mending.note(found, error)
            close_old_connections()


ahead = Ahead()
