"""The e-mails of the last three weeks, and two of which nobody knows what to make."""

from datetime import datetime, time, timedelta

from django.db import connection
from django.db.models import F

from peersupport.accounts.models import Organisation
from peersupport.reminders import claims, outbox
from peersupport.reminders.models import Reminder, ReminderQuerySet
from peersupport.reminders.office_hours import DAY, OfficeHours

State, Reason = Reminder.State, Reminder.Reason
THREE_WEEKS = 21


def send_for_three_weeks(organisation: Organisation, *, now: datetime, spare: set[int]) -> None:
    """Let what was owed on each morning have been sent then, until yesterday.

    One went out at the second try, one was refused, and one may have arrived: none of these to the
    people whose ids are in `spare`.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # six months are new to it: without, each plan takes a minute
    hours = OfficeHours.of(organisation)
    today = hours.today(now)
    for days in range(THREE_WEEKS, 0, -1):
        day = today - days * DAY
        if hours.is_working_day(day):
            outbox.plan(hours.next_open(datetime.combine(day, time(), hours.zone)))
    earlier = Reminder.objects.filter(planned_at__lt=hours.midnight_after(today - DAY))
    earlier.filter(state=State.DUE).exclude(organisation=organisation).delete()
    _send(earlier.filter(organisation=organisation), spare)


def _send(rows: ReminderQuerySet, spare: set[int]) -> None:
    """Take each through its states: the last of them have troubles of their own."""
    rows.update(
        state=State.CLAIMED, claimed_at=F("due_at"), claimed_until=F("due_at") + claims.LEASE
    )
    rows.update(state=State.SENDING, sending_at=F("due_at"), attempts=1)
    others = rows.exclude(recipient__in=spare).order_by("-due_at", "-pk")
    second_try, refused, cut_off = others.values_list("pk", flat=True)[:3]
    settled = {"claimed_until": None, "settled_at": F("due_at") + timedelta(seconds=40)}
    rows.filter(pk=refused).update(
        state=State.FAILED, reason=Reason.REFUSED, reply="550 5.1.1 no such mailbox", **settled
    )
    rows.filter(pk=cut_off).update(
        state=State.UNCERTAIN, reason=Reason.NO_ANSWER, reply="TimeoutError", **settled
    )
    rows.filter(pk=second_try).update(attempts=2)
    rows.filter(state=State.SENDING).update(state=State.SENT, **settled)
