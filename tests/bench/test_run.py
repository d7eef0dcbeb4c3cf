"""The whole benchmark, as `make bench` runs it, on very few people."""

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

ROOT = Path(__file__).parents[2]
MOST_QUERIES = {"people list": 10, "caseload": 10, "overdue page": 10, "log session": 12}


def bench(
    *options: str, environment: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "bench", *options],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def databases() -> set[str]:
    with closing(psycopg2.connect(os.environ["DATABASE_URL"])) as server, server.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'bench_peersupport_%'")
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.faults
def test_each_group_is_measured_and_nothing_is_left_behind(tmp_path: Path) -> None:
    results = tmp_path / "results.json"

    ran = bench("--size", "60", "--seconds", "0", "--results", str(results))

    assert ran.returncode == 0, ran.stderr
    rows = json.loads(results.read_text())
    assert {(row["group"], row["name"]) for row in rows} == {
        ("lists", "people list"),
        ("lists", "caseload"),
        ("supervision", "overdue page"),
        ("supervision", "log session"),
        ("import", "60 people"),
        ("import", "60 people, .xlsx"),
        ("mail", "plan"),
        ("mail", "send"),
        ("mail", "kills: 1"),
        ("mail", "memory"),
    }
    assert {tuple(row) for row in rows} == {
        ("group", "name", "size", "ours", "peer", "peer_name", "ratio", "unit", "rounds", "spread")
    }
    once = {"queries", "twice", "never", "held", "MB", "commits"}
    assert all(row["rounds"] >= 5 for row in rows if row["unit"] not in once)
    assert {row["ours"] for row in rows if row["unit"] in ("twice", "never")} == {0}
    assert [row["ours"] for row in rows if row["unit"] == "commits"] < [2]
    assert "bench_peersupport_60" not in databases()
    queries = {row["name"]: row["ours"] for row in rows if row["unit"] == "queries"}
    assert [name for name, most in MOST_QUERIES.items() if queries[name] > most] == []


def test_a_size_that_is_none_is_refused_with_a_sentence() -> None:
    ran = bench("--size", "many")

    assert ran.returncode == 2
    assert "many is not a size such as 1k, 10k, 100k or 1m" in ran.stderr


def test_a_group_that_is_none_is_refused_also_in_the_environment() -> None:
    ran = bench(environment={"ONLY": "everything"})

    assert ran.returncode == 2
    assert "there is no group everything; there are lists, supervision, import, mail" in ran.stderr


def test_without_a_server_it_says_what_to_do() -> None:
    ran = bench(environment={"DATABASE_URL": ""})

    assert ran.returncode == 2
    assert ran.stderr == "Set DATABASE_URL to a PostgreSQL server, or use `make bench`.\n"
