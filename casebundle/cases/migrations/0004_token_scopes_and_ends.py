"""Every API token has an end and a scope. One that had no end works for as long as a new one would from now on."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import migrations, models
from django.utils import timezone


def end(apps: Any, schema_editor: Any) -> None:
    apps.get_model("cases", "ApiToken").objects.filter(expires_at=None).update(
        expires_at=timezone.now() + datetime.timedelta(days=90)
    )


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0003_any_case'),
    ]

    operations = [
        migrations.AddField(
            model_name='apitoken',
            name='scope',
            field=models.CharField(choices=[('read', 'Read only'), ('serve', 'Serve only'), ('full', 'Everything that I may do')], db_default='full', default='full', max_length=8),
        ),
        migrations.RunPython(end, migrations.RunPython.noop),
    ]
