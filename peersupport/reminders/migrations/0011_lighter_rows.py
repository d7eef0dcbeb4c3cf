"""Keep fewer indexes for each of a million new rows, and compare keys byte by byte.

That what goes with another reminder goes to the same person was a key of two columns, which took an
index of its own in each row. It says so still, where there is something to say.
"""

from django.conf import settings
from django.db import migrations, models

from peersupport.accounts.wall import one_organisation

SAME_PERSON = """
CREATE FUNCTION reminders_keep_bundles_together() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM reminders_reminder first
        WHERE first.id = NEW.bundled_with_id AND first.organisation_id = NEW.organisation_id
            AND first.recipient_id = NEW.recipient_id
    ) THEN
        RAISE EXCEPTION 'A message goes to one person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reminder_bundled_to_the_same_person';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER reminder_bundled_to_the_same_person
    BEFORE INSERT OR UPDATE OF bundled_with_id, organisation_id, recipient_id ON reminders_reminder
    FOR EACH ROW WHEN (NEW.bundled_with_id IS NOT NULL)
    EXECUTE FUNCTION reminders_keep_bundles_together();
"""

NO_MATTER = """
DROP TRIGGER reminder_bundled_to_the_same_person ON reminders_reminder;
DROP FUNCTION reminders_keep_bundles_together();
"""

NO_WALL = """
ALTER TABLE reminders_reminder DROP CONSTRAINT reminders_reminder_bundled_with_same_organisation
"""
WALL = one_organisation("reminders_reminder", "bundled_with_id", "reminders_reminder").sql


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_talk_hours"),
        ("reminders", "0010_wordings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(NO_WALL, WALL),
        migrations.RemoveConstraint(model_name="reminder", name="reminder_in_organisation"),
        migrations.AlterField(
            model_name="reminder",
            name="key",
            field=models.CharField(db_collation="C", max_length=200),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(fields=("key",), name="reminder_owed_once"),
        ),
        migrations.RunSQL(SAME_PERSON, NO_MATTER),
    ]
