"""Fill an organisation, or many, with as many people as you like."""

import io
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from peersupport.accounts.models import Organisation
from peersupport.scale.rows import TABLES, ZONE, Programme, Table
from peersupport.scale.shape import Size

INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY(%(tables)s::regclass[])
    AND NOT EXISTS (
        SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x')
    )
"""
RULES = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = ANY(%(tables)s::regclass[]) AND contype IN ('x', 'f')
ORDER BY contype DESC, conname
"""


class Lines(io.TextIOBase):
    """Rows, as the file that COPY reads from. Counts them as they go by."""

    def __init__(self, rows: Iterator[str]) -> None:
        self.rows = rows
        self.number = 0

    def read(self, size: int | None = -1) -> str:
        """About `size` characters in whole rows: COPY asks until nothing is left."""
        read: list[str] = []
        length = 0
        for row in self.rows:
            read.append(row)
            length += len(row)
            if size is not None and 0 <= size <= length:
                break
        self.number += len(read)
        return "".join(read)


def number(value: str) -> int:
    """A whole number that is not negative, as typed at a prompt."""
    if not value.isdecimal():
        raise ArgumentTypeError(f"{value} is not a whole number")
    return int(value)


class Command(BaseCommand):
    """Everything in one transaction; the database has checked every rule at its end.

    But for those of triggers: that its rows keep those too is tested.
    """

    help = "Fill the database with a large made-up programme, for measuring."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisations", type=number, default=1)
        parser.add_argument("--psws", type=number, required=True, help="in all organisations")
        parser.add_argument("--sessions-each", type=number, default=24)
        parser.add_argument("--check-ins-each", type=number, default=10)

    def handle(self, *args: Any, **options: Any) -> None:
        size = Size(
            options["organisations"],
            options["psws"],
            options["sessions_each"],
            options["check_ins_each"],
        )
        slugs = [f"scale-{at + 1}" for at in range(size.organisations)]
        if not 1 <= size.organisations <= size.psws:
            raise CommandError("Ask for at least one organisation, and one PSW in each.")
        if there := Organisation.objects.filter(slug__in=slugs).first():
            raise CommandError(
                f"There is an organisation {there.slug} already: use an empty database."
            )
        self.started = monotonic()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL TIME ZONE %s", [ZONE])
            with self._rules_set_aside(cursor):
                self._copy(cursor, size, slugs)
        self._say(f"{size.psws:,} PSWs are there")

    def _copy(self, cursor: CursorWrapper, size: Size, slugs: list[str]) -> None:
        first = {table.name: self._first_free(cursor, table) for table in TABLES}
        programme = Programme(size, slugs, today=timezone.localdate(), first=first)
        for table in TABLES:
            lines = Lines(table.rows(programme))
            cursor.copy_expert(f"COPY {table.name} ({table.columns}) FROM STDIN", lines, 1 << 20)
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%(table)s, 'id'), max(id)) "
                f"FROM {table.name}",
                {"table": table.name},
            )
            self._say(f"{lines.number:,} rows in {table.name}")

    @staticmethod
    def _first_free(cursor: CursorWrapper, table: Table) -> int:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table.name])
        (first,) = cursor.fetchone()
        return int(first)

    @contextmanager
    def _rules_set_aside(self, cursor: CursorWrapper) -> Iterator[None]:
        """Without indexes and rules between rows while the block runs.

        Checked for all rows at once, when they are put back, they cost a tenth of the time.
        """
        tables = {"tables": [table.name for table in TABLES]}
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for table in TABLES:  # they look up each row by the indexes that are not there
            cursor.execute(f"ALTER TABLE {table.name} DISABLE TRIGGER USER")
        cursor.execute(INDEXES, tables)
        indexes = cursor.fetchall()
        cursor.execute(RULES, tables)
        rules = cursor.fetchall()
        for table, name, _rule in rules:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _index in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _name, index in indexes:
            cursor.execute(index)
        cursor.execute("ANALYZE " + ", ".join(table.name for table in TABLES))
        self._say(f"{len(indexes)} indexes")
        for table, name, rule in rules:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table.name} ENABLE TRIGGER USER")
        self._say(f"{len(rules)} rules, every row checked")

    def _say(self, words: str) -> None:
        self.stdout.write(f"{monotonic() - self.started:8.1f} s  {words}")
        self.stdout.flush()
