"""E-mail addresses as names of accounts: one mailbox is written in one way.

Letters beyond plain ones are refused. "ß", a dotless i, a Kelvin sign or a full-width letter look like another letter
or are made one by a database, by a mail server or by Python, and each would be another account for the same reader.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

LONGEST = 254
# The address of no account, under a name that is kept for what is not there (RFC 2606).
NOBODY = "nobody@account.invalid"


def stored_address(text: str) -> str:
    """How an address is stored and compared; "" where it can be that of no account."""
    text = text.strip()
    return text.lower() if text.isascii() and len(text) <= LONGEST else ""


def checked_address(text: str) -> str:
    """The address as it is stored, from what somebody typed. Raises ValidationError at `email`, in words."""
    if not text.isascii():
        raise ValidationError(
            {
                "email": _(
                    "Enter an e-mail address of plain letters, a to z, without accents or other alphabets."
                )
            }
        )
    found = stored_address(text)
    try:
        validate_email(found)
    except ValidationError:
        raise ValidationError({"email": _("Enter an e-mail address, like name@example.com.")}) from None
    return found
