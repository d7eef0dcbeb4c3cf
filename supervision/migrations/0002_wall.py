"""Keep every row in one organisation."""

from django.db import migrations

from peersupport.accounts.wall import one_organisation


class Migration(migrations.Migration):
    dependencies = [("supervision", "0001_initial"), ("accounts", "0002_wall")]

    operations = [
        one_organisation("supervision_session", "supervisor_id", "accounts_user"),
        one_organisation("supervision_session", "booked_by_id", "accounts_user"),
        one_organisation("supervision_session", "logged_by_id", "accounts_user"),
        one_organisation("supervision_session", "cancelled_by_id", "accounts_user"),
        one_organisation("supervision_attendance", "session_id", "supervision_session"),
        one_organisation("supervision_attendance", "worker_id", "accounts_user"),
        one_organisation("supervision_agreedaction", "session_id", "supervision_session"),
        one_organisation("supervision_agreedaction", "owner_id", "accounts_user"),
        one_organisation("supervision_agreedaction", "done_by_id", "accounts_user"),
    ]
