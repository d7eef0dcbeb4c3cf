"""Count an invitation's links, which are signed from now on and no longer stored.

Links of before stop working. Whoever holds one asks for a new one on the page that says so.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_wall")]

    operations = [
        migrations.RemoveField(model_name="invitation", name="key"),
        migrations.AddField(
            model_name="invitation",
            name="generation",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
    ]
