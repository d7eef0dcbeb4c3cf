"""Leave: days on which somebody is away, and the one rule by which due dates move past them."""

import datetime

import django.contrib.postgres.constraints
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import cohorts.ranges
from peersupport.accounts.wall import one_organisation

# Leaves that overlap or adjoin, of one or of the other, are one time away.
AFTER_LEAVE = """
CREATE FUNCTION cohorts_after_leave(day date, one bigint, other bigint) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        (
            SELECT upper(away) FROM unnest((
                SELECT range_agg(daterange(starts_on, ends_on, '[]')) FROM cohorts_leave
                WHERE person_id IN (one, other) AND ends_on >= day
            )) away
            WHERE away @> day
        ),
        day
    )
$$;
"""

# How many of the days from the first to the last somebody is away.
DAYS_AWAY = """
CREATE FUNCTION cohorts_days_away(person bigint, first date, last date) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(sum(least(ends_on, last) - greatest(starts_on, first) + 1), 0)::integer
    FROM cohorts_leave
    WHERE person_id = person AND ends_on >= first AND starts_on <= last
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_talk_hours"),
        ("cohorts", "0007_names_and_numbers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Leave",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                (
                    "entered_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leaves",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person", "ends_on"], name="leave_of_person")],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (cohorts.ranges.Only("person"), "&&"),
                            (cohorts.ranges.DaysThrough("starts_on", "ends_on"), "&&"),
                        ],
                        name="leave_no_two_at_once_for_a_person",
                        violation_error_code="overlap",
                        violation_error_message="There is leave on some of these days already",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="leave_ends_on_or_after_it_starts",
                        violation_error_message="The last day must not be before the first day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "ends_on__lt",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("starts_on"),
                                    "+",
                                    models.Value(datetime.timedelta(days=366)),
                                ),
                            )
                        ),
                        name="leave_of_a_year_at_most",
                        violation_error_message="Enter a year at most, and the rest as more leave",
                    ),
                ],
            },
        ),
        one_organisation("cohorts_leave", "person_id", "accounts_user"),
        one_organisation("cohorts_leave", "entered_by_id", "accounts_user"),
        migrations.RunSQL(AFTER_LEAVE, "DROP FUNCTION cohorts_after_leave(date, bigint, bigint)"),
        migrations.RunSQL(DAYS_AWAY, "DROP FUNCTION cohorts_days_away(bigint, date, date)"),
    ]
