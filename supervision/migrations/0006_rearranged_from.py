"""Say which session took the place of one that was moved; keep notes short."""

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

from peersupport.accounts.wall import one_organisation


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_withdrawn_invitations"),
        ("supervision", "0005_say_what_a_session_was_for"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="session",
            name="rearranged_from",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rearranged_to",
                to="supervision.session",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.LessThanOrEqual(
                    django.db.models.functions.text.Length("shared_note"), 2000
                ),
                name="session_note_of_2000_characters_at_most",
                violation_error_message="Use 2,000 characters or fewer",
            ),
        ),
        one_organisation("supervision_session", "rearranged_from_id", "supervision_session"),
    ]
