"""Let other tables keep what they say of an invitation in its organisation."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_signed_links")]

    operations = [
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                fields=("id", "organisation"), name="invitation_in_organisation"
            ),
        ),
    ]
