"""Remembers the audience that its own side gave a document; where it has none yet, that is the one it has."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bundles", "0005_numbering_versions_and_unplaced")]

    operations = [
        migrations.AddField("document", "granted", models.CharField(max_length=400, null=True)),
    ]
