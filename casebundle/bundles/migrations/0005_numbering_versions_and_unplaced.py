"""Whom each numbering version was for, as the journal has it; and what is staged waits for its place."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F

UNPLACED = 1_000_000_000
NUMBERED = ["bundle.numbered", "bundle.frozen"]


def fill(apps: Any, schema_editor: Any) -> None:
    Bundle = apps.get_model("bundles", "Bundle")
    NumberingVersion = apps.get_model("bundles", "NumberingVersion")
    Entry = apps.get_model("journal", "Entry")
    for bundle in Bundle.objects.iterator(chunk_size=500):
        entries = Entry.objects.filter(chain_id=bundle.case_id, action__in=NUMBERED).order_by("seq")
        NumberingVersion.objects.bulk_create(
            (
                NumberingVersion(bundle=bundle, number=data["numbering_version"], audience=audience)
                for audience, data in entries.values_list("audience", "data").iterator(chunk_size=2000)
                if data.get("bundle") == bundle.slug and "numbering_version" in data
            ),
            batch_size=500,
            ignore_conflicts=True,
        )
    staged = apps.get_model("bundles", "Document").objects.filter(state="staged", position__lt=UNPLACED)
    staged.update(position=F("position") + UNPLACED)


class Migration(migrations.Migration):
    dependencies = [("bundles", "0004_what_waits"), ("journal", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="NumberingVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("audience", models.CharField(max_length=400)),
                (
                    "bundle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="numbering_versions",
                        to="bundles.bundle",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("bundle", "number", "audience"), name="numbering_version_once"
                    )
                ],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
