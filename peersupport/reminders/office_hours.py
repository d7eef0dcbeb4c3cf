"""When a reminder may arrive: 08:00 to 18:00 on working days, where the recipient works."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from peersupport.accounts.models import Organisation

OPENS = time(8)
CLOSES = time(18)
DAY = timedelta(days=1)


@cache
def _bank_holidays(nation: str) -> holidays.HolidayBase:
    """Bank holidays of one nation of the United Kingdom, for every year asked for."""
    return holidays.country_holidays("GB", subdiv=nation)


@dataclass(frozen=True)
class OfficeHours:
    """The hours that all organisations of one time zone and one nation keep."""

    time_zone: str
    nation: str

    @classmethod
    def of(cls, organisation: Organisation) -> "OfficeHours":
        return cls(organisation.time_zone, organisation.nation)

    @classmethod
    def all_kept(cls) -> "list[OfficeHours]":
        """Every pair of zone and nation that some organisation keeps: one query, few rows."""
        pairs = Organisation.objects.values_list("time_zone", "nation").distinct()
        return [cls(*pair) for pair in pairs]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def today(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < 5 and day not in _bank_holidays(self.nation)

    def is_open(self, now: datetime) -> bool:
        local = now.astimezone(self.zone)
        return OPENS <= local.time() < CLOSES and self.is_working_day(local.date())

    def opened_at(self, now: datetime) -> datetime:
        """08:00 of the local day that `now` falls in."""
        return self._at(self.today(now), OPENS)

    def next_open(self, now: datetime) -> datetime:
        """The first instant from `now` on at which a reminder may arrive."""
        if self.is_open(now):
            return now
        local = now.astimezone(self.zone)
        day = local.date() if local.time() < OPENS else local.date() + DAY
        while not self.is_working_day(day):
            day += DAY
        return self._at(day, OPENS)

    def working_days_after(self, day: date, number: int) -> date:
        """The working day that comes `number` working days after `day`."""
        while number:
            day += DAY
            number -= self.is_working_day(day)
        return day

    def midnight_after(self, day: date) -> datetime:
        """The instant at which the local `day` is over."""
        return self.midnight_before(day + DAY)

    def midnight_before(self, day: date) -> datetime:
        """The instant at which the local `day` begins."""
        return self._at(day, time())

    def closes_at(self, day: date) -> datetime:
        """18:00 of the local `day`."""
        return self._at(day, CLOSES)

    def _at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, tzinfo=self.zone)
