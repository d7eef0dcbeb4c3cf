"""One message a day a person; and no key or index that a million new rows need not have."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from peersupport.accounts.wall import one_organisation


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_withdrawn_invitations"),
        ("reminders", "0007_owed_to_an_address"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="reminder",
            name="reminders_log",
        ),
        migrations.AddField(
            model_name="reminder",
            name="bundled_with",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bundled",
                to="reminders.reminder",
            ),
        ),
        migrations.AddField(
            model_name="reminder",
            name="told_on",
            field=models.DateField(null=True),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="invitation",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reminders",
                to="accounts.invitation",
            ),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="organisation",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organisation",
            ),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="recipient",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reminders",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="sent_again_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="settled_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="reminder",
            index=models.Index(
                condition=models.Q(("settled_at__isnull", False)),
                fields=["organisation", "-settled_at"],
                name="reminders_log",
            ),
        ),
        migrations.AddIndex(
            model_name="reminder",
            index=models.Index(
                condition=models.Q(("bundled_with__isnull", False)),
                fields=["bundled_with"],
                name="reminders_bundled",
            ),
        ),
        migrations.AddIndex(
            model_name="reminder",
            index=models.Index(
                condition=models.Q(("invitation__isnull", False)),
                fields=["invitation"],
                name="reminders_of_invitation",
            ),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(
                fields=("id", "organisation"), name="reminder_in_organisation"
            ),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("told_on__isnull", False)),
                fields=("recipient", "told_on"),
                name="reminder_one_message_a_person_a_day",
                violation_error_message="This person has had their message of the day",
            ),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.CheckConstraint(
                condition=models.Q(("bundled_with", None), ("told_on", None), _connector="OR"),
                name="reminder_bundled_with_the_one_that_has_the_day",
                violation_error_message="Only one reminder of a message has its day",
            ),
        ),
        one_organisation("reminders_reminder", "bundled_with_id", "reminders_reminder"),
    ]
