"""What is owed: written down once, in the transaction of the fact that causes it."""

from datetime import datetime

from django.utils import timezone

from peersupport.accounts.models import User
from peersupport.reminders.models import Reminder


def owe(
    *,
    kind: str,
    key: str,
    recipient: User,
    about: dict[str, int] | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Write down that `recipient` is owed an e-mail of this kind, now or at `due_at`.

    `key` says what is owed in business terms: owing it again changes nothing. `about` holds ids
    only. Nothing is sent and no broker is called here: the next tick finds the row, if the
    transaction is kept.
    """
    now = timezone.now()
    due_at = due_at or now
    Reminder.objects.bulk_create(
        [
            Reminder(
                organisation_id=recipient.organisation_id,
                recipient=recipient,
                kind=kind,
                key=key,
                about=about or {},
                planned_at=now,
                due_at=due_at,
                try_at=due_at,
                expires_at=expires_at,
            )
        ],
        ignore_conflicts=True,
    )
