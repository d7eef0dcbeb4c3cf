"""E-mail addresses on a page."""

import re

from django import template
from django.template.defaultfilters import stringfilter
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_AFTER = re.compile("(?<=[@.])(?=.)")


@register.filter
@stringfilter
def breakable(address: str) -> SafeString:
    """`address`, which may go on in the next line after an @ or a dot; escaped."""
    return mark_safe(_AFTER.sub("<wbr>", escape(address)))
