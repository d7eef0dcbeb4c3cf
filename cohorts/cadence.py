"""How often supervision is due."""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta


@dataclass(frozen=True)
class Cadence:
    """Days between sessions, by months in the role.

    The default comes from the dip in new peer workers' wellbeing about month 4: closer together
    in the first six months, then further apart.
    """

    first_months: int
    days_at_first: int
    days_after: int

    def days(self, *, in_role_since: date, counted_from: date) -> int:
        """How many days may pass after `counted_from`, by how long one is in the role then."""
        settled_on = in_role_since + relativedelta(months=self.first_months)
        return self.days_at_first if counted_from < settled_on else self.days_after

    def next_due_on(self, *, in_role_since: date, counted_from: date) -> date:
        """The day by which the next session is due, after one (or a start) on `counted_from`."""
        return counted_from + timedelta(
            days=self.days(in_role_since=in_role_since, counted_from=counted_from)
        )
