"""When to try again, who settled it, and which moves a reminder may make.

A reminder that was sent or is no longer needed stays so; one is sent only after `sending` was
kept; and only from there can it become uncertain. The database says so to everybody.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from peersupport.accounts.wall import one_organisation

MOVES = """
CREATE FUNCTION reminders_keep_to_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (CASE OLD.state
        WHEN 'due' THEN NEW.state IN ('claimed', 'cancelled')
        WHEN 'retry' THEN NEW.state IN ('claimed', 'cancelled')
        WHEN 'claimed' THEN NEW.state IN ('due', 'sending', 'retry', 'failed', 'cancelled')
        WHEN 'sending' THEN NEW.state IN ('sent', 'retry', 'failed', 'uncertain')
        WHEN 'uncertain' THEN NEW.state IN ('sent', 'retry', 'failed', 'due')
        WHEN 'failed' THEN NEW.state = 'due'
        ELSE false
    END) THEN
        RAISE EXCEPTION 'A reminder cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reminder_keeps_to_its_moves';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER reminder_keeps_to_its_moves
    BEFORE UPDATE ON reminders_reminder
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION reminders_keep_to_moves();
"""

NO_MOVES = """
DROP TRIGGER reminder_keeps_to_its_moves ON reminders_reminder;
DROP FUNCTION reminders_keep_to_moves();
"""


class Migration(migrations.Migration):
    dependencies = [("reminders", "0002_wall")]

    operations = [
        migrations.AddField(
            model_name="reminder",
            name="try_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="reminder",
            name="settled_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="reminder",
            name="reply",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("paused", "paused"),
                    ("left", "no longer with the programme"),
                    ("reassigned", "has another supervisor now"),
                    ("rearranged", "rearranged"),
                    ("called_off", "called off"),
                    ("done", "already done"),
                    ("replaced", "a newer one took its place"),
                    ("expired", "too late to be of use"),
                    ("unreachable", "The mail server could not be reached."),
                    ("put_off", "The mail server asked to try again later."),
                    ("refused", "The mail server refused it."),
                    ("unwritable", "The message could not be written."),
                    (
                        "no_answer",
                        "The mail server stopped answering after it had the whole message.",
                    ),
                    ("cut_off", "The sender was cut off while it was sending."),
                ],
                max_length=20,
            ),
        ),
        migrations.RemoveIndex(model_name="reminder", name="reminders_owed"),
        migrations.AddIndex(
            model_name="reminder",
            index=models.Index(
                condition=models.Q(("state__in", ["due", "retry"])),
                fields=["try_at"],
                name="reminders_owed",
            ),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("settled_by", None), ("settled_at__isnull", False), _connector="OR"
                ),
                name="reminder_settled_by_someone_at_some_time",
                violation_error_message="Enter when the reminder was settled",
            ),
        ),
        one_organisation("reminders_reminder", "settled_by_id", "accounts_user"),
        migrations.RunSQL(MOVES, NO_MOVES),
    ]
