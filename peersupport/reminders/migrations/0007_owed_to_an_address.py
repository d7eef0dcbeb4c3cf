"""Owe an invitation's e-mail to the address it names: whoever is invited is nobody here yet."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from peersupport.accounts.wall import one_organisation

TO_THE_ADDRESS = """
UPDATE reminders_reminder
SET recipient_id = NULL, invitation_id = (about ->> 'invitation')::bigint
WHERE kind = 'invitation';
-- Look now: a table of which something is still to be looked at cannot be altered any more.
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_invitation_in_organisation"),
        ("reminders", "0006_no_secret_in_a_key"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="reminder",
            name="invitation",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reminders",
                to="accounts.invitation",
            ),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="recipient",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reminders",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("invitation", None), ("recipient__isnull", False)),
                    models.Q(("invitation__isnull", False), ("recipient", None)),
                    _connector="OR",
                ),
                name="reminder_to_a_person_or_an_address_invited",
                violation_error_message="Enter to whom the reminder is owed",
            ),
        ),
        one_organisation("reminders_reminder", "invitation_id", "accounts_invitation"),
        migrations.RunSQL(TO_THE_ADDRESS, migrations.RunSQL.noop),
    ]
