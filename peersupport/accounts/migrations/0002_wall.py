"""Keep every row in one organisation; make the table in which rate limits are counted."""

from django.apps.registry import Apps
from django.core.management import call_command
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from peersupport.accounts.wall import one_organisation


def create_rate_limits(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        one_organisation("accounts_rolegrant", "person_id", "accounts_user"),
        one_organisation("accounts_rolegrant", "granted_by_id", "accounts_user"),
        one_organisation("accounts_rolegrant", "ended_by_id", "accounts_user"),
        one_organisation("accounts_invitation", "invited_by_id", "accounts_user"),
        one_organisation("accounts_recordread", "reader_id", "accounts_user"),
        one_organisation("accounts_recordread", "subject_id", "accounts_user"),
        migrations.RunPython(create_rate_limits, migrations.RunPython.noop),
    ]
