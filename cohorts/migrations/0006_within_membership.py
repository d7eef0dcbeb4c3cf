"""Keep supervision inside the membership it belongs to: nobody keeps sight of one who has left.

Looked at when the transaction ends, as an action may end the one before the other.
"""

from django.db import migrations

WITHIN = """
CREATE FUNCTION cohorts_keep_within_membership() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE looked_at bigint;
BEGIN
    IF TG_TABLE_NAME = 'cohorts_membership' THEN
        looked_at := NEW.id;
    ELSE
        looked_at := NEW.membership_id;
    END IF;
    PERFORM 1 FROM cohorts_supervisorassignment assignment
        JOIN cohorts_membership membership ON membership.id = assignment.membership_id
        WHERE membership.id = looked_at
            AND assignment.ends_on IS DISTINCT FROM assignment.starts_on
            AND (
                assignment.starts_on < membership.joined_on
                OR coalesce(assignment.ends_on, 'infinity')
                    > coalesce(membership.left_on, 'infinity')
            );
    IF FOUND THEN
        RAISE EXCEPTION 'Supervision begins and ends within the time in the cohort'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_within_its_membership';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER assignment_within_its_membership
    AFTER INSERT OR UPDATE OF starts_on, ends_on, membership_id ON cohorts_supervisorassignment
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION cohorts_keep_within_membership();
CREATE CONSTRAINT TRIGGER membership_around_its_assignments
    AFTER UPDATE OF joined_on, left_on ON cohorts_membership
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION cohorts_keep_within_membership();
"""

NO_MATTER = """
DROP TRIGGER membership_around_its_assignments ON cohorts_membership;
DROP TRIGGER assignment_within_its_membership ON cohorts_supervisorassignment;
DROP FUNCTION cohorts_keep_within_membership();
"""


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0005_ends_to_come")]

    operations = [migrations.RunSQL(WITHIN, NO_MATTER)]
