"""An information governance auditor, who sees that reminders go out and to whom, and no words."""

from django.utils import timezone

from peersupport.reminders.models import Reminder
from tests.browser.conftest import Riverside, SignIn


def test_an_auditor_reads_the_delivery_log(sign_in: SignIn, riverside: Riverside) -> None:
    owed(riverside, "sent")
    owed(riverside, "uncertain")
    sinead = sign_in(riverside.auditor)

    sinead.opens("/")
    sinead.follows("The delivery log")

    sinead.sees("1 sent in the last seven days.", "Sent")
    sinead.opens("/who-sees-what/")
    sinead.opens("/me/")
    sinead.sees("Nobody but you")


def test_without_scripts_an_auditor_reads_the_log(
    sign_in_without_scripts: SignIn, riverside: Riverside
) -> None:
    owed(riverside, "sent")
    sinead = sign_in_without_scripts(riverside.auditor)

    sinead.opens("/")
    sinead.follows("The delivery log")

    sinead.sees("1 sent in the last seven days.")


def owed(riverside: Riverside, state: str) -> None:
    """A reminder to Blessing that came as far as `state`."""
    now = timezone.now()
    Reminder.objects.create(
        organisation=riverside.organisation,
        recipient=riverside.blessing,
        kind="checkin_invitation",
        key=f"check-in:{state}",
        state=state,
        due_at=now,
        try_at=now,
        settled_at=now,
    )
