"""Let an invitation be withdrawn before it is accepted."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from peersupport.accounts.wall import one_organisation


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_invitation_in_organisation"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="invitation",
            name="invitation_one_waiting_per_address",
        ),
        migrations.AddField(
            model_name="invitation",
            name="withdrawn_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="invitation",
            name="withdrawn_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("email"),
                models.F("organisation"),
                condition=models.Q(("accepted_at", None), ("withdrawn_at", None)),
                name="invitation_one_waiting_per_address",
                violation_error_message="This address has already been invited",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at", None), ("withdrawn_by", None)),
                    models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                    _connector="OR",
                ),
                name="invitation_withdrawn_by_someone_at_some_time",
                violation_error_message="Enter who withdrew the invitation",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("accepted_at", None), ("withdrawn_at", None), _connector="OR"),
                name="invitation_accepted_or_withdrawn",
                violation_error_message="An accepted invitation cannot be withdrawn",
            ),
        ),
        one_organisation("accounts_invitation", "withdrawn_by_id", "accounts_user"),
    ]
