"""Let a person close what was not sent, or may have arrived, when nobody needs it any more."""

from django.db import migrations, models

MOVES = """
CREATE OR REPLACE FUNCTION reminders_keep_to_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (CASE OLD.state
        WHEN 'due' THEN NEW.state IN ('claimed', 'cancelled')
        WHEN 'retry' THEN NEW.state IN ('claimed', 'cancelled')
        WHEN 'claimed' THEN NEW.state IN ('due', 'sending', 'retry', 'failed', 'cancelled')
        WHEN 'sending' THEN NEW.state IN ('sent', 'retry', 'failed', 'uncertain')
        WHEN 'uncertain' THEN NEW.state IN ('sent', 'retry', 'failed', 'due'{cancelled})
        WHEN 'failed' THEN NEW.state IN ('due'{cancelled})
        ELSE false
    END) THEN
        RAISE EXCEPTION 'A reminder cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reminder_keeps_to_its_moves';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("reminders", "0004_send_again")]

    operations = [
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
                    ("not_needed", "no longer needed"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunSQL(
            MOVES.replace("{cancelled}", ", 'cancelled'"), MOVES.replace("{cancelled}", "")
        ),
    ]
