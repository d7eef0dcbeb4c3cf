"""What organisations word themselves; each wording and who wrote it stays."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from peersupport.accounts.wall import one_organisation


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_talk_hours"),
        ("reminders", "0009_choices_and_heartbeats"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Wording",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                (
                    "subject",
                    models.CharField(
                        max_length=78,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[^\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]+\\Z",
                                "Write the subject on one line",
                            )
                        ],
                    ),
                ),
                ("words", models.CharField(max_length=600)),
                (
                    "written_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("organisation", "kind"),
                        name="wording_one_at_a_time",
                        violation_error_message="This e-mail has a wording of yours already",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "subject__regex",
                                "\\A[^\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]+\\Z",
                            )
                        ),
                        name="wording_subject_on_one_line",
                        violation_error_message="Write the subject on one line",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), _negated=True),
                        name="wording_says_something",
                        violation_error_message="Enter what the e-mail says",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("ended_by", None)),
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="wording_ended_by_someone_at_some_time",
                        violation_error_message="Enter who ended the wording",
                    ),
                ],
            },
        ),
        one_organisation("reminders_wording", "written_by_id", "accounts_user"),
        one_organisation("reminders_wording", "ended_by_id", "accounts_user"),
    ]
