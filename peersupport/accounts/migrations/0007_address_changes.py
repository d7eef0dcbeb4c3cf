"""Addresses that people sign in with instead of others, once they confirm them."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from peersupport.accounts.wall import one_organisation


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_talk_hours"),
    ]

    operations = [
        migrations.CreateModel(
            name="AddressChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("old_email", models.EmailField(max_length=254)),
                ("email", models.EmailField(max_length=254)),
                (
                    "asked_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("expires_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("replaced_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "confirmed_by",
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="address_changes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("confirmed_at", None), ("replaced_at", None)),
                        fields=("person",),
                        name="address_change_one_waiting_a_person",
                        violation_error_message="Another address waits to be confirmed already",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("email", models.F("old_email")), _negated=True),
                        name="address_change_to_another_address",
                        violation_error_message="Enter another address than the one there is now",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_at", None), ("confirmed_by", None)),
                            models.Q(
                                ("confirmed_at__isnull", False), ("confirmed_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="address_change_confirmed_by_someone_at_some_time",
                        violation_error_message="Enter who confirmed the address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_at", None), ("replaced_at", None), _connector="OR"
                        ),
                        name="address_change_confirmed_or_replaced",
                        violation_error_message="A confirmed address stays confirmed",
                    ),
                ],
            },
        ),
        one_organisation("accounts_addresschange", "person_id", "accounts_user"),
        one_organisation("accounts_addresschange", "asked_by_id", "accounts_user"),
        one_organisation("accounts_addresschange", "confirmed_by_id", "accounts_user"),
    ]
