"""Remember who asked to send an e-mail again."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from peersupport.accounts.wall import one_organisation


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_wall"),
        ("reminders", "0003_moves"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="reminder",
            name="sent_again_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="reminder",
            name="sent_again_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sent_again_at", None), ("sent_again_by", None)),
                    models.Q(("sent_again_at__isnull", False), ("sent_again_by__isnull", False)),
                    _connector="OR",
                ),
                name="reminder_sent_again_by_someone_at_some_time",
                violation_error_message="Enter who asked to send it again",
            ),
        ),
        one_organisation("reminders_reminder", "sent_again_by_id", "accounts_user"),
    ]
