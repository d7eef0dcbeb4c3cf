"""`manage.py send_reminders --drain`, for which every hour of every day is a good one.

Tests have to pass on a Sunday too.
"""

import os

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peersupport.settings")
    django.setup()
    from django.core.management import call_command

    from peersupport.reminders import kinds

    for kind in kinds.every():
        type(kind).waits_for_office_hours = False
    call_command("send_reminders", "--drain")
