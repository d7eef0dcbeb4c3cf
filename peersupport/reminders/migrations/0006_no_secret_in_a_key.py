"""Take the secret of invitation links out of what says that one is owed."""

from django.db import migrations

NUMBERED = """
UPDATE reminders_reminder reminder
SET key = 'invitation:' || invitation.id || ':' || CASE
    WHEN reminder.key = 'invitation:' || invitation.id || ':' || invitation.key THEN '1'
    ELSE 'earlier-' || reminder.id
END
FROM accounts_invitation invitation
WHERE reminder.kind = 'invitation' AND (reminder.about ->> 'invitation')::bigint = invitation.id
"""


class Migration(migrations.Migration):
    dependencies = [("reminders", "0005_no_longer_needed"), ("accounts", "0002_wall")]

    # While the secrets are still there to compare.
    run_before = [("accounts", "0003_signed_links")]

    operations = [migrations.RunSQL(NUMBERED, migrations.RunSQL.noop)]
