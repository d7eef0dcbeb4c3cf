"""Keep every row in one organisation."""

from django.db import migrations

from peersupport.accounts.wall import one_organisation


class Migration(migrations.Migration):
    dependencies = [("reminders", "0001_initial"), ("accounts", "0002_wall")]

    operations = [one_organisation("reminders_reminder", "recipient_id", "accounts_user")]
