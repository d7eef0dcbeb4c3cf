"""Days as people say them: the year only when it is not this one."""

from datetime import date

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

register = template.Library()


@register.filter
def in_words(day: date | None) -> str:
    """1 December, or 1 December 2027 when that is another year than today's; nothing for None."""
    if day is None:
        return ""
    this_year = day.year == timezone.localdate().year
    return date_format(day, "j F" if this_year else "j F Y")


@register.filter
def since(day: date) -> str:
    """since 1 December; of a day to come: from 1 December."""
    words = {"day": in_words(day)}
    if day > timezone.localdate():
        return gettext("from %(day)s") % words
    return gettext("since %(day)s") % words


@register.filter
def on_day(day: date | None) -> str:
    """Tuesday 1 December, or Friday 1 January 2027; nothing for None."""
    if day is None:
        return ""
    this_year = day.year == timezone.localdate().year
    return date_format(day, "l j F" if this_year else "l j F Y")
