"""Let a fixed end change nothing before its day: due dates, places and months in the role."""

from django.db import migrations, models
from django.db.models import F, Q

# The most people who are in a cohort on any one day from today on. It only rises on a first day.
PLACES = """
CREATE FUNCTION cohorts_most_members(cohort bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    WITH days AS (
        SELECT (now() AT TIME ZONE organisation.time_zone)::date AS today
        FROM cohorts_cohort JOIN accounts_organisation organisation
            ON organisation.id = cohorts_cohort.organisation_id
        WHERE cohorts_cohort.id = cohort
    ), tried AS (
        SELECT today AS day FROM days
        UNION
        SELECT joined_on FROM cohorts_membership, days
        WHERE cohort_id = cohort AND joined_on > today
    )
    SELECT coalesce(max(there.members), 0) FROM tried CROSS JOIN LATERAL (
        SELECT count(*) AS members FROM cohorts_membership
        WHERE cohort_id = cohort AND joined_on <= tried.day
            AND (left_on IS NULL OR left_on > tried.day)
    ) there
$$;

CREATE OR REPLACE FUNCTION cohorts_keep_places() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE full_cohort text;
BEGIN
    PERFORM 1 FROM cohorts_cohort
        WHERE id IN (SELECT cohort_id FROM changed) ORDER BY id FOR UPDATE;
    SELECT cohort.name INTO full_cohort FROM cohorts_cohort cohort
        WHERE cohort.id IN (SELECT cohort_id FROM changed)
            AND cohorts_most_members(cohort.id) > cohort.capacity LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% has no place left', full_cohort
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cohort_has_a_place_for_each_member';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION cohorts_keep_capacity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.capacity < cohorts_most_members(NEW.id) THEN
        RAISE EXCEPTION '% has more members than that', NEW.name
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cohort_has_a_place_for_each_member';
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0004_roster_import")]

    operations = [
        migrations.AddField(
            "membership", "took_up_role_on", models.DateField(editable=False, null=True)
        ),
        migrations.AddConstraint(
            "membership",
            models.CheckConstraint(
                name="membership_took_up_role_before_joining",
                condition=Q(took_up_role_on=None) | Q(took_up_role_on__lt=F("joined_on")),
                violation_error_message="Nobody takes up the role after joining",
            ),
        ),
        migrations.RemoveConstraint(
            "supervisorassignment", "assignment_falls_due_until_its_end_is_fixed"
        ),
        migrations.AddConstraint(
            "supervisorassignment",
            models.CheckConstraint(
                name="assignment_falls_due_until_it_ends",
                condition=Q(ends_on=None, next_due_on__isnull=False)
                | Q(ends_on__isnull=False, next_due_on=None)
                | Q(ends_on__isnull=False, next_due_on__isnull=False, next_due_on__lt=F("ends_on")),
                violation_error_message="Work out when the next session is due",
            ),
        ),
        migrations.RemoveIndex("supervisorassignment", "supervisor_next_due"),
        migrations.RemoveIndex("supervisorassignment", "organisation_next_due"),
        migrations.AddIndex(
            "supervisorassignment",
            models.Index(
                fields=["supervisor", "next_due_on"],
                condition=Q(next_due_on__isnull=False),
                name="supervisor_next_due",
            ),
        ),
        migrations.AddIndex(
            "supervisorassignment",
            models.Index(
                fields=["organisation", "next_due_on"],
                condition=Q(next_due_on__isnull=False),
                name="organisation_next_due",
            ),
        ),
        migrations.RunSQL(PLACES, migrations.RunSQL.noop),
    ]
