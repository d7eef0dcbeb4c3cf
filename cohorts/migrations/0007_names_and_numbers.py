"""A name is the same in capitals; and what a form refuses, the database does."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_withdrawn_invitations"),
        ("cohorts", "0006_within_membership"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="cohort",
            name="cohort_name_once_in_an_organisation",
        ),
        migrations.RemoveConstraint(
            model_name="cohort",
            name="cohort_has_at_least_one_place",
        ),
        migrations.AddConstraint(
            model_name="cohort",
            constraint=models.UniqueConstraint(
                models.F("organisation"),
                django.db.models.functions.text.Lower("name"),
                name="cohort_name_once_in_an_organisation",
                violation_error_message="Another cohort has this name",
            ),
        ),
        migrations.AddConstraint(
            model_name="cohort",
            constraint=models.CheckConstraint(
                condition=models.Q(("capacity__range", (1, 500))),
                name="cohort_has_one_to_500_places",
                violation_error_message="Enter a number of places from 1 to 500",
            ),
        ),
        migrations.AddConstraint(
            model_name="cohort",
            constraint=models.CheckConstraint(
                condition=models.Q(("first_months__lte", 24)),
                name="cohort_is_closer_together_for_two_years_at_most",
                violation_error_message="Enter a number of months from 0 to 24",
            ),
        ),
    ]
