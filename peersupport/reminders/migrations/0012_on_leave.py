"""A reason why an e-mail is not sent: whoever would get it, or whom it is about, is away."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0011_lighter_rows"),
    ]

    operations = [
        migrations.AlterField(
            model_name="reminder",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("paused", "paused"),
                    ("on_leave", "on leave"),
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
    ]
