"""Keep every row in one organisation."""

from django.db import migrations

from peersupport.accounts.wall import one_organisation, same


class Migration(migrations.Migration):
    dependencies = [("checkins", "0001_initial"), ("accounts", "0002_wall")]

    operations = [
        one_organisation("checkins_checkin", "worker_id", "accounts_user"),
        same(
            "checkins_share",
            ("check_in_id", "worker_id", "organisation_id"),
            "checkins_checkin",
            ("id", "worker_id", "organisation_id"),
        ),
        one_organisation("checkins_share", "shared_with_id", "accounts_user"),
        one_organisation("checkins_talkrequest", "worker_id", "accounts_user"),
        one_organisation("checkins_talkrequest", "asked_id", "accounts_user"),
    ]
