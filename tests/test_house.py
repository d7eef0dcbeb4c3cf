"""Rules that hold for every model, so that a new one keeps them from its first day."""

import pytest
from django.apps import apps
from django.db import connection, models

OURS = [
    model
    for model in apps.get_models()
    if model.__module__.split(".")[0] in ("peersupport", "cohorts", "supervision", "checkins")
    and not model._meta.proxy
]


def _fields(suffix: str) -> list[models.Field]:  # type: ignore[type-arg]
    return [
        field
        for model in OURS
        for field in model._meta.get_fields()
        if isinstance(field, models.Field) and field.name.endswith(suffix)
    ]


def test_days_end_in_on_and_instants_in_at() -> None:
    assert [f for f in _fields("_on") if type(f) is not models.DateField] == []
    assert [f for f in _fields("_at") if type(f) is not models.DateTimeField] == []
    undone = ["cohorts.SupervisorAssignment.ends_on_before", "cohorts.Membership.left_on_before"]
    others = [
        field
        for model in OURS
        for field in model._meta.get_fields()
        if isinstance(field, models.DateField) and not field.name.endswith(("_on", "_at", "_until"))
    ]
    assert [str(field) for field in others] == ["accounts.User.last_login", *undone]


def test_whoever_did_something_did_it_at_some_time() -> None:
    alone = [
        str(field)
        for field in _fields("_by")
        if not any(
            other.name == field.name.removesuffix("_by") + "_at"
            for other in field.model._meta.get_fields()
        )
    ]

    assert alone == []


def test_nothing_is_deleted_along_with_something_else() -> None:
    cascading = [
        str(field)
        for model in OURS
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and field.remote_field.on_delete is not models.PROTECT
    ]

    assert cascading == ["cohorts.RosterImportRow.roster_import", "checkins.Share.check_in"]


@pytest.mark.django_db
def test_every_reference_stays_inside_one_organisation() -> None:
    """Each foreign key between rows of an organisation is doubled by one that says which."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, array_agg(attname::text) FROM pg_constraint "
            "JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey) "
            "WHERE contype = 'f' GROUP BY pg_constraint.oid, conrelid HAVING count(*) > 1"
        )
        held = {(table, column) for table, columns in cursor.fetchall() for column in columns}

    loose = [
        str(field)
        for model in OURS
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and field.name not in ("organisation", "bundled_with")  # that one says the person
        and hasattr(field.related_model, "organisation")
        and (model._meta.db_table, field.column) not in held
    ]

    assert loose == []
