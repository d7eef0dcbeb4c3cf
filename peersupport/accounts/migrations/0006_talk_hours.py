"""When a wish to talk that nobody answers is passed on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_withdrawn_invitations"),
    ]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="talk_hours",
            field=models.PositiveSmallIntegerField(db_default=48, default=48),
        ),
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.CheckConstraint(
                condition=models.Q(("talk_hours__range", (1, 336))),
                name="organisation_passes_a_wish_to_talk_on_within_a_fortnight",
                violation_error_message="Enter a number of hours from 1 to 336",
            ),
        ),
    ]
