"""A new version is started machine by machine: what its migrations do, the code before it survives.

Rules for a migration after those of the first version: columns are added so that rows can be written without them
(null, or with a default that the database knows), nothing is renamed, nothing is removed or made stricter in the
version in which the code stops using it. What must be removed is removed a version later, by a migration that says
so: `unused_since = "0.3"`.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

# The last migrations of the first version, by app.
FIRST = {
    "annotations": "0002_initial",
    "bundles": "0002_initial",
    "cases": "0002_tally",
    "courtroom": "0001_initial",
    "journal": "0001_initial",
}
OURS = {
    config.label
    for config in apps.get_app_configs()
    if config.name.split(".")[0] in ("casebundle", "search", "annotations")
}


def looser(before: models.Field[Any, Any], after: models.Field[Any, Any]) -> bool:
    """Whether everything that the old field takes, the new one takes too, in the same column."""
    if before.get_internal_type() != after.get_internal_type() or before.column != after.column:
        return False
    if before.null and not after.null:
        return False
    if after.unique and not before.unique:
        return False
    old, new = getattr(before, "max_length", None), getattr(after, "max_length", None)
    return new is None or (old is not None and new >= old)


def problems(migration: migrations.Migration, state: ProjectState) -> list[str]:
    """What in this migration the code before it would not survive. `state` is that before it, and is changed."""
    found = []
    gone = getattr(migration, "unused_since", "")
    for operation in migration.operations:
        said = f"{migration.app_label}.{migration.name}: {operation.describe()}"
        if isinstance(operation, migrations.AddField):
            field = operation.field
            if not (field.null or field.has_db_default() or field.many_to_many):
                found.append(f"{said}: the old code writes rows without it (give it null or db_default)")
        elif isinstance(operation, migrations.AlterField):
            before = state.apps.get_model(migration.app_label, operation.model_name)._meta.get_field(
                operation.name
            )
            after = operation.field.clone()
            after.set_attributes_from_name(operation.name)
            if not looser(before, after):
                found.append(f"{said}: it takes less than before, or is another column")
        elif isinstance(
            operation, (migrations.RenameField, migrations.RenameModel, migrations.AlterModelTable)
        ):
            found.append(f"{said}: the old code asks for the old name")
        elif isinstance(operation, (migrations.RemoveField, migrations.DeleteModel)):
            if not gone:
                found.append(f"{said}: the old code still asks for it (a version later, with unused_since)")
        elif isinstance(operation, (migrations.AddConstraint, migrations.AlterUniqueTogether)):
            found.append(f"{said}: the old code may write what it forbids")
        elif isinstance(operation, (migrations.RunSQL, migrations.SeparateDatabaseAndState)):
            found.append(f"{said}: nobody can see what the old code makes of it")
        operation.state_forwards(migration.app_label, state)
    return found


def later() -> list[tuple[migrations.Migration, ProjectState]]:
    """The migrations after the first version, each with the state before it."""
    loader = MigrationLoader(None)
    found = []
    for app in sorted(OURS & {key[0] for key in loader.graph.nodes}):
        for key in loader.graph.forwards_plan(loader.graph.leaf_nodes(app)[0]):
            if key[0] != app or (app in FIRST and key[1] <= FIRST[app]):
                continue
            found.append((loader.get_migration(*key), loader.project_state(key, at_end=False)))
    return found


def test_the_code_before_survives_every_migration() -> None:
    assert {migration.app_label for migration, _state in later()} >= {"bundles", "cases"}
    assert [said for migration, state in later() for said in problems(migration, state)] == []


STATE_OPERATIONS = [
    migrations.CreateModel(
        "Thing",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("name", models.CharField(max_length=10)),
            ("note", models.CharField(max_length=10, null=True)),
        ],
    )
]


@pytest.mark.parametrize(
    ("operation", "survives"),
    [
        (migrations.AddField("thing", "more", models.TextField(null=True)), True),
        (migrations.AddField("thing", "more", models.TextField(default="", db_default="")), True),
        (migrations.AddField("thing", "more", models.TextField(default="")), False),
        (migrations.AlterField("thing", "name", models.CharField(max_length=20)), True),
        (migrations.AlterField("thing", "name", models.CharField(max_length=20, null=True)), True),
        (migrations.AlterField("thing", "name", models.CharField(max_length=5)), False),
        (migrations.AlterField("thing", "name", models.TextField()), False),
        (migrations.AlterField("thing", "name", models.CharField(max_length=10, unique=True)), False),
        (migrations.AlterField("thing", "note", models.CharField(max_length=10)), False),
        (migrations.AlterField("thing", "name", models.CharField(max_length=10, db_column="n")), False),
        (migrations.RenameField("thing", "name", "title"), False),
        (migrations.RenameModel("Thing", "Other"), False),
        (migrations.RemoveField("thing", "note"), False),
        (migrations.DeleteModel("Thing"), False),
        (migrations.AddIndex("thing", models.Index(fields=["name"], name="by_name")), True),
        (
            migrations.AddConstraint("thing", models.UniqueConstraint(fields=["name"], name="once")),
            False,
        ),
        (migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))]), True),
    ],
    ids=lambda value: value.describe() if isinstance(value, migrations.operations.base.Operation) else "",
)
def test_the_rule_itself(operation: Any, survives: bool) -> None:
    state = ProjectState()
    for one in STATE_OPERATIONS:
        one.state_forwards("made_up", state)
    migration = migrations.Migration("0002_made_up", "made_up")
    migration.operations = [operation]
    assert (problems(migration, state.clone()) == []) is survives
    # A version later, what nobody uses may go.
    migration.unused_since = "0.2"  # type: ignore[attr-defined]
    removes = isinstance(operation, (migrations.RemoveField, migrations.DeleteModel))
    assert (problems(migration, state.clone()) == []) is (survives or removes)


@pytest.mark.django_db
def test_the_code_before_writes_and_reads_in_the_database_of_now() -> None:
    """The models as the first version had them, on the tables as they are now."""
    loader = MigrationLoader(connection)
    leaves = list(FIRST.items())
    old = loader.project_state(
        [*leaves, *(key for key in loader.graph.leaf_nodes() if key[0] not in OURS)]
    ).apps
    made = {}

    def make(app: str, model: str, /, **values: Any) -> Any:
        made[app, model] = old.get_model(app, model).objects.create(**values)
        return made[app, model]

    user = make("cases", "User", email="old@court.example", name="Old", password="!")
    case = make("cases", "Case", reference="OLD1", title="R v Old", court="Leeds")
    make("cases", "Party", case=case, slug="old", name="Old", kind="defendant")
    person = make("cases", "Participant", case=case, user=user, role="clerk")
    bundle = make("bundles", "Bundle", case=case, title="Main")
    section = make("bundles", "Section", bundle=bundle, letter="J", title="J")
    document = make(
        "bundles",
        "Document",
        case=case,
        section=section,
        title="Old",
        party="old",
        uploaded_by=person,
        audience="|old|",
    )
    version = make(
        "bundles", "Version", document=document, name="old.pdf", sha256="0" * 64, size=1, uploaded_by=person
    )
    page = make("bundles", "Page", id=f"{version.pk.hex}-1", version=version, index=0, width=1, height=1)
    make(
        "annotations",
        "Note",
        case=case,
        page=page,
        author=person,
        kind="note",
        body="Old",
        audience="|old|",
        choice="private",
        salt="s",
    )
    make("courtroom", "Hearing", case=case, title="Trial")
    chain = make("journal", "Chain", id=case.pk)
    make(
        "journal",
        "Entry",
        chain=chain,
        seq=1,
        at=case.created_at,
        action="x",
        audience="|old|",
        salt="",
        digest="",
        previous="",
        hash="",
    )
    for (app, name), thing in made.items():
        thing.refresh_from_db()
        thing.save()
        # And the code of now reads what the code before wrote.
        assert apps.get_model(app, name).objects.get(pk=thing.pk).pk == thing.pk
