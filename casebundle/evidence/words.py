"""What is said to people about a file: why it was refused, what was noticed about it, what is being done with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

# Pages named in a sentence; the others are "…".
SHOWN = 8

# Codes of casebundle.pdf.sandbox.Refused, and our own.
REASONS = {
    "not_pdf": _("This is not a PDF. Save or print it as a PDF and upload that."),
    "empty": _("The file is empty. Upload it again from where it was made."),
    "encrypted": _("The file is protected by a password. Save a copy without the password and upload that."),
    "broken": _("The file is damaged and cannot be read. Make the PDF again and upload that."),
    "no_pages": _("The PDF has no pages."),
    "too_many_pages": _("The PDF has more than 10,000 pages. Split it and upload the parts."),
    "too_large": _("The file is too large. Split it and upload the parts."),
    "timeout": _("The file took too long to read. Print it to a new PDF and upload that."),
    "memory": _("The file needs too much memory to read. Print it to a new PDF and upload that."),
    "infected": _(
        "The virus scanner found something in the file. It is not read, served or given to anybody."
    ),
    # Not refused: it goes on by itself.
    "scan_waits": _("It waits for the virus scan: the scanner does not answer. It goes on by itself."),
    "crashed": _("The file could not be read. Print it to a new PDF and upload that."),
}

WARNINGS = {
    "duplicate": _("The same file is in this case already."),
    "blank_page": _("It has a page with nothing on it."),
    "awaiting_ocr": _("It has a page that is a picture: its words cannot be searched yet."),
    "words_unread": _("It has a page whose words take too long to read: they cannot be searched."),
    "repaired": _("The file was damaged and was repaired for reading. The original is kept as it came."),
    "rebuilt": _(
        "The file is damaged and its list of pages is lost. The pages found in it are shown in the order found: "
        "some may be missing, some may have been taken out before. The original is kept as it came."
    ),
    "unlocked": _(
        "The file is encrypted and opens without a password. It was opened for reading, "
        "and the original is kept as it came."
    ),
    "damaged": _("The file is damaged and was read as far as it can be. Check that nothing is missing."),
    "pages_unsure": _(
        "Two programs do not agree on how many pages it has. Check that none is missing and none is extra."
    ),
    "was_encrypted": _("The file is encrypted, with no password to open it."),
    "javascript": _("It has a program inside. Nothing in it is run here."),
    "launch": _("It has a link that starts a program. Nothing in it is run here."),
    "attachments": _("It has files attached inside. They are in the original and are not shown as pages."),
    "form": _("It is a form. What was filled in is shown as it was saved."),
    "xfa": _("It is a form of a kind that may show less here than where it was made. Check its pages."),
    "signed": _("It has a digital signature. The original keeps it."),
    "dynamic_pages": _("It makes its pages when it is opened. Check that none is missing."),
    "too_long_to_scan": _("It was not scanned for viruses: it is larger than the scanner takes."),
    "not_scanned": _("It was not scanned for viruses: no scanner is set up here."),
}

# Of one who says that a file was scanned: with one of these it was not.
UNSCANNED = ("not_scanned", "too_long_to_scan")

STATES = {
    "received": _("received, waiting to be read"),
    "scanning": _("being scanned"),
    "converting": _("being converted"),
    "reading": _("being read"),
    "ready": _("ready"),
    "refused": _("refused"),
}


def reason(code: str) -> str:
    """The sentence for a reason code, in the reader's language; "" for no code."""
    return str(REASONS.get(code, REASONS["crashed"])) if code else ""


def warning(code: str) -> str:
    return str(WARNINGS.get(code, code))


def unscanned(warnings: Iterable[Mapping[str, Any]]) -> str:
    """Why a file was not scanned, as a code of WARNINGS, from what was noticed about it; "" where it was."""
    return next((each["code"] for each in warnings if each["code"] in UNSCANNED), "")


def scanned() -> str:
    """Said on a receipt where a scanner has looked at the file."""
    return gettext("It was scanned for viruses and none was found.")


def warning_on(code: str, pages: list[int]) -> str:
    """The same with the pages (from 1) that it was noticed on."""
    said = ", ".join(map(str, pages[:SHOWN])) + (" …" if len(pages) > SHOWN else "")
    if code == "blank_page":
        return ngettext(
            "Page %(pages)s has nothing on it.", "Pages %(pages)s have nothing on them.", len(pages)
        ) % {"pages": said}
    if code == "awaiting_ocr":
        return ngettext(
            "Page %(pages)s is a picture: its words cannot be searched yet.",
            "Pages %(pages)s are pictures: their words cannot be searched yet.",
            len(pages),
        ) % {"pages": said}
    if code == "words_unread":
        return ngettext(
            "The words of page %(pages)s take too long to read: they cannot be searched.",
            "The words of pages %(pages)s take too long to read: they cannot be searched.",
            len(pages),
        ) % {"pages": said}
    return f"{warning(code)} ({said})"
