"""The service's own settings, with the peers beside it."""

import os

os.environ.setdefault("EMBEDDED", "1")  # loopback only, with people who do not exist

from peersupport.settings import *  # noqa: F403
from peersupport.settings import BASE_DIR, INSTALLED_APPS, TEMPLATES

INSTALLED_APPS = ["django.contrib.admin", "post_office", "mailer", *INSTALLED_APPS]
MAILER_USE_FILE_LOCK = False  # the database's locks are enough, and nothing is left in a folder
TEMPLATES = [
    {**TEMPLATES[0], "DIRS": [BASE_DIR / "templates", BASE_DIR / "bench" / "templates"]},
]
ROOT_URLCONF = "bench.urls"
ALLOWED_HOSTS = ["testserver"]
# Without `collectstatic`; it is the same for every page.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"nothing": {"class": "logging.NullHandler"}},
    "root": {"level": "ERROR"},
    # It brings a handler of its own where it finds none.
    "loggers": {"post_office": {"level": "ERROR", "handlers": ["nothing"], "propagate": False}},
}
