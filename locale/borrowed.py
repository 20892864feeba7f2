"""Texts of Django and allauth that reach a person here and have no Welsh of their own.

`make messages` puts them into our catalogue, which comes before theirs. tests/test_messages.py holds that each
is still theirs, word for word: a new version that says it otherwise would be English again.
"""

from django.utils.translation import gettext_noop, ngettext_lazy

# allauth: sign in, passwords
gettext_noop("Email")
gettext_noop("Email address")
gettext_noop("Password")
gettext_noop("Password (again)")
gettext_noop("Current Password")
gettext_noop("New Password")
gettext_noop("New Password (again)")
gettext_noop("Forgot your password?")
gettext_noop("You must type the same password each time.")
gettext_noop("Please type your current password.")
gettext_noop("Incorrect password.")
gettext_noop("This account is currently inactive.")
gettext_noop("The email address and/or password you specified are not correct.")
gettext_noop("The email address is not assigned to any user account.")
gettext_noop("Too many failed login attempts. Try again later.")
gettext_noop("The password reset token was invalid.")
gettext_noop("Be patient, you are sending too many requests.")

# Django: passwords
ngettext_lazy(
    "This password is too short. It must contain at least %d character.",
    "This password is too short. It must contain at least %d characters.",
    "n",
)
gettext_noop("The password is too similar to the %(verbose_name)s.")
gettext_noop("This password is too common.")
gettext_noop("This password is entirely numeric.")
ngettext_lazy(
    "Your password must contain at least %(min_length)d character.",
    "Your password must contain at least %(min_length)d characters.",
    "n",
)
gettext_noop("Your password can’t be too similar to your other personal information.")
gettext_noop("Your password can’t be a commonly used password.")
gettext_noop("Your password can’t be entirely numeric.")

# Django: forms
gettext_noop("Enter a valid UUID.")
gettext_noop("“%(pk)s” is not a valid value.")
gettext_noop("File extension “%(extension)s” is not allowed. Allowed extensions are: %(allowed_extensions)s.")
gettext_noop("Null characters are not allowed.")
gettext_noop(
    "%(datetime)s couldn’t be interpreted in time zone %(current_timezone)s; "
    "it may be ambiguous or it may not exist."
)
