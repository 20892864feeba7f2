"""Run in a process of its own (test_killed.py): a case in a fresh data folder, and a way in for its prosecutor."""

from __future__ import annotations

import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "casebundle.settings"
django.setup()

from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402

from casebundle.bundles import services  # noqa: E402
from casebundle.cases import people  # noqa: E402
from casebundle.cases.models import User  # noqa: E402

call_command("migrate", verbosity=0)
tom = User.objects.create_user("tom.price@court.example", name="Tom Price", is_court_staff=True)
priya = User.objects.create_user("priya.shah@cps.example", name="Priya Shah")
case = services.create_case(tom, "T20267001", "R v Bates", "Leeds", parties=[("bates", "Marcus Bates")]).case
people.join(case, priya, "prosecution", ["prosecution"])
session = SessionStore()
session["_auth_user_id"] = str(priya.pk)
session["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
session["_auth_user_hash"] = priya.get_session_auth_hash()
session.create()
sys.stdout.write(str(session.session_key))
