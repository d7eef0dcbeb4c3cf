"""What people turn off, and when the tick and the sender beat last."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from peersupport.accounts.wall import one_organisation


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_withdrawn_invitations"),
        ("reminders", "0008_one_message_a_day"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("tick", "a tick planned what is owed"),
                            ("sender", "a sender looked for what is due"),
                        ],
                        max_length=10,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("beat_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="TurnedOff",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("turned_off_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.AlterField(
            model_name="reminder",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("paused", "paused"),
                    ("left", "no longer with the programme"),
                    ("reassigned", "has another supervisor now"),
                    ("rearranged", "rearranged"),
                    ("turned_off", "turned off by whoever would get it"),
                    ("called_off", "called off"),
                    ("done", "already done"),
                    ("replaced", "a newer one took its place"),
                    ("expired", "too late to be of use"),
                    ("unreachable", "The mail server could not be reached."),
                    ("put_off", "The mail server asked to try again later."),
                    ("refused", "The mail server refused it."),
                    ("unwritable", "The message could not be written."),
                    (
                        "no_answer",
                        "The mail server stopped answering after it had the whole message.",
                    ),
                    ("cut_off", "The sender was cut off while it was sending."),
                    ("not_needed", "no longer needed"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="reminder",
            index=models.Index(
                condition=models.Q(("state__in", ["failed", "uncertain"])),
                fields=["state"],
                name="reminders_undecided",
            ),
        ),
        migrations.AddIndex(
            model_name="reminder",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["settled_at"], name="reminders_by_settling"
            ),
        ),
        migrations.AddField(
            model_name="turnedoff",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organisation",
            ),
        ),
        migrations.AddField(
            model_name="turnedoff",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="turned_off",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="turnedoff",
            constraint=models.UniqueConstraint(fields=("person", "kind"), name="turned_off_once"),
        ),
        one_organisation("reminders_turnedoff", "person_id", "accounts_user"),
    ]
