"""A session as a calendar file, which calendars put in, move and take out by themselves.

RFC 5545 and 5546: one UID however often a session is moved, a SEQUENCE that grows, and a METHOD.
Nobody is named in it but whoever it is sent to.
"""

from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress

from peersupport.reminders.kinds import Attachment, link_to
from supervision.models import Session


def asks(session: Session, address: str) -> Attachment:
    """Put the session into the calendar of `address`, or move it there."""
    return _file(session, address, "REQUEST", session.calendar_sequence)


def takes_out(session: Session, address: str) -> Attachment:
    """Take the session out of the calendar of `address`."""
    return _file(session, address, "CANCEL", session.calendar_sequence + 1)


def _file(session: Session, address: str, method: str, sequence: int) -> Attachment:
    event = Event()
    event.add("uid", f"{session.calendar_uid}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", sequence)
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("summary", _("Supervision session"))
    event.add("dtstamp", timezone.now())
    event.add("dtstart", session.starts_at)
    event.add("dtend", session.ends_at)
    event.add("url", link_to(session.get_absolute_url()))
    event.add("organizer", vCalAddress(f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"))
    event.add("attendee", vCalAddress(f"mailto:{address}"), parameters={"RSVP": "FALSE"})
    calendar = Calendar()
    calendar.add("prodid", "-//Peer support//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    return Attachment("session.ics", calendar.to_ical().decode(), f"text/calendar; method={method}")
