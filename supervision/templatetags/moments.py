"""Days and times of sessions as people say them: the year only when it is not this one."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format

from cohorts.templatetags.days import on_day

register = template.Library()
register.filter(on_day)


@register.filter
def at_time(moment: datetime | None) -> str:
    """Tuesday 1 December, 10:00, where the organisation is; nothing for None."""
    if moment is None:
        return ""
    there = timezone.localtime(moment)
    return f"{on_day(there.date())}, {date_format(there, 'H:i')}"
