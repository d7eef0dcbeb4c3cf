"""The wall between organisations, as foreign keys of the database."""

from django.db.migrations import RunSQL


def one_organisation(table: str, column: str, parent: str) -> RunSQL:
    """Let `column` of `table` point only at rows of `parent` in the row's own organisation."""
    return same(table, (column, "organisation_id"), parent, ("id", "organisation_id"))


def same(
    table: str, columns: tuple[str, ...], parent: str, parent_columns: tuple[str, ...]
) -> RunSQL:
    """Make `columns` of `table` together point at `parent_columns` of one row of `parent`."""
    name = f"{table}_{columns[0].removesuffix('_id')}_same_organisation"
    return RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({', '.join(columns)}) "
        f"REFERENCES {parent} ({', '.join(parent_columns)}) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )
