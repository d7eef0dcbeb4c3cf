"""Ranges for constraints that refuse overlaps.

The embedded PostgreSQL has no btree_gist, so that "the same worker" is written as "overlapping
ranges of one worker".
"""

from django.contrib.postgres.fields import (
    BigIntegerRangeField,
    DateRangeField,
    DateTimeRangeField,
    IntegerRangeField,
)
from django.db.models import Func, Value
from django.db.models.functions import Greatest


class Only(Func):
    """The range that holds just this id: overlapping means equal."""

    function = "INT8RANGE"
    output_field = BigIntegerRangeField()

    def __init__(self, field: str) -> None:
        super().__init__(field, field, Value("[]"))


class OnlyWord(Func):
    """The range that holds just this word's hash: overlapping means equal."""

    function = "INT4RANGE"
    output_field = IntegerRangeField()

    def __init__(self, field: str) -> None:
        hashed = Func(field, function="HASHTEXT")
        super().__init__(hashed, hashed, Value("[]"))


class Days(Func):
    """From a first day up to, but without, a last; open-ended when there is no last."""

    function = "DATERANGE"
    output_field = DateRangeField()

    def __init__(self, first: str, last: str) -> None:
        super().__init__(first, last, Value("[)"))


class DaysThrough(Func):
    """From a first day to a last one, both among them.

    A last day before the first makes no range: that is for another constraint to refuse.
    """

    function = "DATERANGE"
    output_field = DateRangeField()

    def __init__(self, first: str, last: str) -> None:
        super().__init__(first, Greatest(first, last), Value("[]"))


class Instants(Func):
    """From one instant up to, but without, another."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()

    def __init__(self, start: str, end: str) -> None:
        super().__init__(start, end, Value("[)"))
