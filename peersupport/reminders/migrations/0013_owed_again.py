"""Owe again what was not sent because of something that passes: leave, a pause, a choice."""

from django.db import migrations

MOVES = """
CREATE OR REPLACE FUNCTION reminders_keep_to_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (CASE OLD.state
        WHEN 'due' THEN NEW.state IN ('claimed', 'cancelled')
        WHEN 'retry' THEN NEW.state IN ('claimed', 'cancelled')
        WHEN 'claimed' THEN NEW.state IN ('due', 'sending', 'retry', 'failed', 'cancelled')
        WHEN 'sending' THEN NEW.state IN ('sent', 'retry', 'failed', 'uncertain')
        WHEN 'uncertain' THEN NEW.state IN ('sent', 'retry', 'failed', 'due', 'cancelled')
        WHEN 'failed' THEN NEW.state IN ('due', 'cancelled')
        {cancelled}
        ELSE false
    END) THEN
        RAISE EXCEPTION 'A reminder cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reminder_keeps_to_its_moves';
    END IF;
    RETURN NEW;
END $$;
"""
AGAIN = (
    "WHEN 'cancelled' THEN NEW.state = 'due' AND OLD.reason IN ('on_leave', 'paused', 'turned_off')"
)


class Migration(migrations.Migration):
    dependencies = [("reminders", "0012_on_leave")]

    operations = [
        migrations.RunSQL(MOVES.replace("{cancelled}", AGAIN), MOVES.replace("{cancelled}", ""))
    ]
