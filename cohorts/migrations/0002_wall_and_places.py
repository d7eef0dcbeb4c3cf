"""Keep every row in one organisation, and every cohort within its places.

The places are counted under a lock on the cohort, once a statement, so that neither two heads at
once nor a bulk write can take a place that is not there.
"""

from django.db import migrations

from peersupport.accounts.wall import one_organisation, same

PLACES = """
CREATE FUNCTION cohorts_keep_places() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE full_cohort text;
BEGIN
    PERFORM 1 FROM cohorts_cohort
        WHERE id IN (SELECT cohort_id FROM changed) ORDER BY id FOR UPDATE;
    SELECT cohort.name INTO full_cohort
        FROM cohorts_cohort cohort
        JOIN cohorts_membership membership
            ON membership.cohort_id = cohort.id AND membership.left_on IS NULL
        WHERE cohort.id IN (SELECT cohort_id FROM changed)
        GROUP BY cohort.id HAVING count(*) > cohort.capacity LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% has no place left', full_cohort
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cohort_has_a_place_for_each_member';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER cohort_has_a_place_for_each_new_member
    AFTER INSERT ON cohorts_membership REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION cohorts_keep_places();
CREATE TRIGGER cohort_has_a_place_for_each_changed_member
    AFTER UPDATE ON cohorts_membership REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION cohorts_keep_places();

CREATE FUNCTION cohorts_keep_capacity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.capacity < (
        SELECT count(*) FROM cohorts_membership WHERE cohort_id = NEW.id AND left_on IS NULL
    ) THEN
        RAISE EXCEPTION '% has more members than that', NEW.name
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cohort_has_a_place_for_each_member';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER cohort_keeps_a_place_for_each_member
    AFTER UPDATE OF capacity ON cohorts_cohort
    FOR EACH ROW EXECUTE FUNCTION cohorts_keep_capacity();
"""

NO_PLACES = """
DROP TRIGGER cohort_keeps_a_place_for_each_member ON cohorts_cohort;
DROP FUNCTION cohorts_keep_capacity();
DROP TRIGGER cohort_has_a_place_for_each_changed_member ON cohorts_membership;
DROP TRIGGER cohort_has_a_place_for_each_new_member ON cohorts_membership;
DROP FUNCTION cohorts_keep_places();
"""


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0001_initial"), ("accounts", "0002_wall")]

    operations = [
        one_organisation("cohorts_rosterentry", "person_id", "accounts_user"),
        one_organisation("cohorts_membership", "cohort_id", "cohorts_cohort"),
        one_organisation("cohorts_membership", "worker_id", "accounts_user"),
        one_organisation("cohorts_membership", "placed_by_id", "accounts_user"),
        same(
            "cohorts_supervisorassignment",
            ("membership_id", "worker_id", "organisation_id"),
            "cohorts_membership",
            ("id", "worker_id", "organisation_id"),
        ),
        one_organisation("cohorts_supervisorassignment", "supervisor_id", "accounts_user"),
        one_organisation("cohorts_supervisorassignment", "assigned_by_id", "accounts_user"),
        migrations.RunSQL(PLACES, NO_PLACES),
    ]
