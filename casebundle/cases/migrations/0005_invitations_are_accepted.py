"""Who is in a case has accepted: those who are in one now count so, unless they have never had a password.

Addresses that somebody gave an account beside its own, where nobody proved that they are theirs, are gone.
"""

from typing import Any

from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Now


def accept(apps: Any, schema_editor: Any) -> None:
    Participant = apps.get_model("cases", "Participant")
    Invitation = apps.get_model("cases", "Invitation")
    open_ones = Invitation.objects.filter(accepted_at=None)
    # As UserManager leaves an account that nobody has come in by yet.
    invited = Participant.objects.filter(user__password__startswith="!", pk__in=open_ones.values("participant"))  # noqa: S106  (no password)
    for participant in Participant.objects.prefetch_related("parties").iterator(chunk_size=500):
        slugs = sorted(party.slug for party in participant.parties.all())
        participant.acted_for = "|" + "".join(f"{slug}|" for slug in slugs)
        participant.accepted_at = participant.joined_at
        participant.save(update_fields=["acted_for", "accepted_at"])
    invited.update(accepted_at=None, acted_for="|")
    for invitation in Invitation.objects.select_related("participant__user").iterator(chunk_size=500):
        invitation.email = invitation.participant.user.email
        invitation.save(update_fields=["email"])


def forget_other_addresses(apps: Any, schema_editor: Any) -> None:
    EmailAddress = apps.get_model("account", "EmailAddress")
    EmailAddress.objects.exclude(Q(email__iexact=F("user__email"))).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("cases", "0004_token_scopes_and_ends"),
    ]

    operations = [
        migrations.AddField("participant", "accepted_at", models.DateTimeField(db_default=Now(), default=None, null=True)),
        migrations.AddField("participant", "acted_for", models.CharField(db_default="|", default="|", max_length=400)),
        migrations.AddField("invitation", "email", models.EmailField(max_length=254, null=True)),
        migrations.RunPython(accept, migrations.RunPython.noop),
        migrations.RunPython(forget_other_addresses, migrations.RunPython.noop),
    ]
