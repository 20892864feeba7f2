"""A section may have the letter of one that its maker does not see."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("bundles", "0006_granted"),
    ]

    operations = [
        migrations.AlterModelOptions("section", options={"ordering": ["position", "letter", "id"]}),
        migrations.RemoveConstraint("section", "section_letter_once"),
    ]
