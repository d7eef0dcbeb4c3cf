"""The help lines that come with the service."""

from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

REVIEW_ON = date(2027, 5, 1)
ANY_TIME = "Any time, day or night"

# nation, name, what, phone, text, web, hours
LINES = [
    ("", "Emergency services", "When a life is at risk now", "999", "", "", ANY_TIME),
    (
        "ENG",
        "NHS 111, mental health option",
        "Urgent help with your mental health: call and choose option 2",
        "111",
        "",
        "https://111.nhs.uk/",
        ANY_TIME,
    ),
    (
        "WLS",
        "NHS 111 Wales, mental health option",
        "Urgent help with your mental health: call and press 2",
        "111",
        "",
        "https://111.wales.nhs.uk/",
        ANY_TIME,
    ),
    (
        "SCT",
        "NHS 24, mental health option",
        "Urgent help with your mental health: call and choose mental health",
        "111",
        "",
        "https://www.nhs24.scot/",
        ANY_TIME,
    ),
    (
        "NIR",
        "Lifeline",
        "Free to call, for anyone in distress or despair",
        "0808 808 8000",
        "",
        "https://www.lifelinehelpline.info/",
        ANY_TIME,
    ),
    (
        "",
        "Samaritans",
        "Someone to listen, whatever it is about; free to call",
        "116 123",
        "",
        "https://www.samaritans.org/",
        ANY_TIME,
    ),
    (
        "",
        "Shout",
        "For when you would rather text than talk; free on most mobile networks",
        "",
        "SHOUT to 85258",
        "https://giveusashout.org/",
        ANY_TIME,
    ),
]


def add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("checkins", "HelpLine").objects.bulk_create(
        apps.get_model("checkins", "HelpLine")(
            nation=nation,
            name=name,
            what=what,
            phone=phone,
            text=text,
            web=web,
            hours=hours,
            position=position,
            review_on=REVIEW_ON,
        )
        for position, (nation, name, what, phone, text, web, hours) in enumerate(LINES, start=1)
    )


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("checkins", "HelpLine").objects.filter(organisation=None).delete()


class Migration(migrations.Migration):
    dependencies = [("checkins", "0003_withdrawing_and_own_help_lines")]

    operations = [migrations.RunPython(add, remove)]
