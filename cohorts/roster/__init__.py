"""The roster: read from a spreadsheet, compared with the programme, and written.

`read()` turns a file's bytes into a Table; `plan()` compares it with the database; looping over the
plan is the dry run, and `apply()` writes the very same decisions, a chunk of rows at a time.
"""

from cohorts.roster.planning import Decision, Outcome, Plan, plan
from cohorts.roster.reading import LARGEST_FILE, Unreadable, glance, read
from cohorts.roster.values import tidy
from cohorts.roster.writing import apply

__all__ = [
    "LARGEST_FILE",
    "Decision",
    "Outcome",
    "Plan",
    "Unreadable",
    "apply",
    "glance",
    "plan",
    "read",
    "tidy",
]
