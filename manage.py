#!/usr/bin/env python
"""Django's entry point."""

import os
import sys

from django.core.management import execute_from_command_line

from peersupport import logs

if __name__ == "__main__":
    sys.excepthook = logs.write_uncaught
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peersupport.settings")
    execute_from_command_line(sys.argv)
