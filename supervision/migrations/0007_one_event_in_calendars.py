"""One event in calendars, however often a session is moved."""

import django.contrib.postgres.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("supervision", "0006_rearranged_from"),
    ]

    operations = [
        migrations.AddField(
            model_name="session",
            name="calendar_sequence",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="session",
            name="calendar_uid",
            field=models.UUIDField(
                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False
            ),
        ),
    ]
