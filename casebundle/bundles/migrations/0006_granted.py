"""What was served so far was given by its side to those who see it now."""

from typing import Any

from django.db import migrations, models
from django.db.models import F


def fill(apps: Any, schema_editor: Any) -> None:
    apps.get_model("bundles", "Document").objects.exclude(state="staged").update(granted=F("audience"))


class Migration(migrations.Migration):
    dependencies = [("bundles", "0005_numbering_versions_and_unplaced")]

    operations = [
        migrations.AddField("document", "granted", models.CharField(default="|", max_length=400)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
