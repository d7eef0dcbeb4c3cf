"""`python -m bench`: makes a database of SIZE, measures, prints a table, drops the database."""

import argparse
import json
import os
import re
import signal
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import psycopg2

from bench import database

if TYPE_CHECKING:
    from bench.measure import Row

GROUPS = ("lists", "supervision", "import", "mail")
RESULTS = Path(__file__).parent / "results.json"
THOUSANDS = {"": 1, "k": 1_000, "m": 1_000_000}


def main() -> int:
    options = _options()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda got, _frame: sys.exit(128 + got))
    server = os.environ.get("DATABASE_URL")
    if not server:
        print("Set DATABASE_URL to a PostgreSQL server, or use `make bench`.", file=sys.stderr)
        return 2
    try:
        with database.own(server, f"bench_peersupport_{options.size}") as own:
            os.environ.update(DATABASE_URL=own, DJANGO_SETTINGS_MODULE="bench.settings")
            rows = _measure(options)
    except (database.InUse, psycopg2.OperationalError) as error:
        print(error, file=sys.stderr)
        return 1
    options.results.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    print(_table(rows))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--size",
        type=_size,
        default=os.environ.get("SIZE") or "1k",
        help="how many PSWs: 1k, 10k, 100k or 1m (or SIZE in the environment)",
    )
    parser.add_argument(
        "--only",
        choices=GROUPS,
        default=os.environ.get("ONLY") or None,
        help="just this group (or ONLY in the environment)",
    )
    parser.add_argument("--seconds", type=float, default=20, help="for each job; 20 if left out")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the file to write")
    options = parser.parse_args()
    if options.only not in (None, *GROUPS):  # argparse does not check defaults
        parser.error(f"there is no group {options.only}; there are {', '.join(GROUPS)}")
    return options


def _size(words: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]{0,3}[km]?", words):
        raise argparse.ArgumentTypeError(f"{words} is not a size such as 1k, 10k, 100k or 1m")
    return words


def _measure(options: argparse.Namespace) -> "list[Row]":
    import django

    django.setup()
    from bench.groups import imports, kills, lists, mail, supervision
    from bench.measure import compare
    from bench.world import World

    started = monotonic()
    size = options.size
    world = World(size, int(size.rstrip("km")) * THOUSANDS[size.lstrip("0123456789")])
    world.make()
    rows = []
    groups = zip(GROUPS, (lists, supervision, imports, mail), strict=True)
    for name, group in groups:
        if options.only in (None, name):
            for job in group.jobs(world):
                rows += compare(job, options.seconds)
                print(f"{monotonic() - started:8.1f} s  {job.group}: {job.name}", flush=True)
    if options.only in (None, "mail"):
        rows += kills.rows(world)
    return rows


def _table(rows: "Iterable[Row]") -> str:
    """The rows as a table; times in milliseconds where they are short."""
    heads = ("group", "name", "size", "ours", "peer", "peer_name", "ratio", "unit", "rounds", "±")
    cells = [heads, *(_cells(row) for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    return "\n".join(["", lines[0], "-" * len(lines[0]), *lines[1:]])


def _cells(row: "Row") -> tuple[str, ...]:
    ours, peer = (
        f"{value:.4g}" if value < 1000 else f"{value:.0f}" for value in (row.ours, row.peer)
    )
    where = (row.group, row.name, row.size, ours, peer, row.peer_name)
    return (*where, f"{row.ratio:.2f}", row.unit, str(row.rounds), f"{row.spread:.0%}")


if __name__ == "__main__":
    sys.exit(main())
