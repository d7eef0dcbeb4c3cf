"""Days and times of sessions as people say them: the year only when it is not this one."""

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format

register = template.Library()


@register.filter
def on_day(day: date | None) -> str:
    """Tuesday 1 December, or Friday 1 January 2027; nothing for None."""
    if day is None:
        return ""
    this_year = day.year == timezone.localdate().year
    return date_format(day, "l j F" if this_year else "l j F Y")


@register.filter
def at_time(moment: datetime | None) -> str:
    """Tuesday 1 December, 10:00, where the organisation is; nothing for None."""
    if moment is None:
        return ""
    there = timezone.localtime(moment)
    return f"{on_day(there.date())}, {date_format(there, 'H:i')}"
