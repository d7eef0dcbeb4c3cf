"""`python -m tests.faults.owe NUMBER`: owe so many reminders in the database of DATABASE_URL."""

import os
import sys

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peersupport.settings")
    django.setup()
    from tests.faults import ledger

    ledger.owe(int(sys.argv[1]))
