"""Every setting, read from the environment, which peersupport.environment checks first."""

import os
import secrets
import warnings
from pathlib import Path
from typing import Any

import dj_database_url
import dj_email_url
from celery.exceptions import SecurityWarning
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from peersupport import environment

BASE_DIR = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("DATA", BASE_DIR / "var")).resolve()

# Set by peersupport.embedded: one machine, loopback only, demo people. Never set it in production.
EMBEDDED = os.environ.get("EMBEDDED") == "1"

# A token for metrics that nobody knows keeps them to ourselves, until an operator sets one.
_defaults = {"UNCERTAIN_POLICY": "hold", "METRICS_TOKEN": secrets.token_urlsafe(60)}
if EMBEDDED:
    _defaults |= {
        "SECRET_KEY": "embedded, for this machine only, known to everyone who reads this file",
        "EMAIL_URL": f"file://{DATA}/mail",
        "DEFAULT_FROM_EMAIL": "Peer support <peer-support@localhost>",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "SITE_URL": f"http://127.0.0.1:{os.environ.get('PORT', '8000')}",
    }
_env = environment.required(_defaults)

SECRET_KEY = _env["SECRET_KEY"]
DEBUG = False
ALLOWED_HOSTS = [host.strip() for host in _env["ALLOWED_HOSTS"].split(",")]
SITE_URL = _env["SITE_URL"].rstrip("/")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "csp",
    "peersupport.accounts",
    "peersupport.reminders",
    "cohorts",
    "supervision",
    "checkins",
    "peersupport",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "peersupport.accounts.middleware.KeptForms",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "peersupport.accounts.middleware.SignInRequired",
    "peersupport.accounts.middleware.OwnForms",
    "peersupport.accounts.middleware.OrganisationTimeZone",
    "peersupport.accounts.middleware.NoStore",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "peersupport.urls"
WSGI_APPLICATION = "peersupport.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["peersupport.accounts.templatetags.whose"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "peersupport.navigation.navigation",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["nhsuk"]
CRISPY_TEMPLATE_PACK = "nhsuk"
CRISPY_FAIL_SILENTLY = False

# The database holds everything that matters; connections are kept and checked before each use.
DATABASES: dict[str, Any] = {
    "default": {
        **dj_database_url.parse(_env["DATABASE_URL"], conn_max_age=60, conn_health_checks=True),
        "ATOMIC_REQUESTS": False,
    }
}
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Redis carries ticks, never facts: an empty Redis loses nothing.
REDIS_URL = _env["REDIS_URL"]
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_timeout": 5}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 30 * 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
if EMBEDDED:
    # Root is often the only person in a container, and the worker's messages come from nobody else.
    warnings.filterwarnings("ignore", category=SecurityWarning)
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # By interval, never by clock time: an hour that comes twice or not at all changes nothing.
    "tick": {
        "task": "peersupport.reminders.tasks.tick",
        "schedule": 120,
        "options": {"expires": 110},
    },
    "roster": {
        "task": "cohorts.tasks.work_on_roster_imports",
        "schedule": 3,
        "options": {"expires": 3},
    },
}

# "submission" is this library's word for SMTP with STARTTLS.
_email = dj_email_url.parse(_env["EMAIL_URL"].replace("smtp+tls://", "submission://", 1))
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_HOST = _email["EMAIL_HOST"] or ""
EMAIL_PORT = _email["EMAIL_PORT"]
EMAIL_HOST_USER = _email["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = _email["EMAIL_USE_TLS"]
EMAIL_USE_SSL = _email["EMAIL_USE_SSL"]
EMAIL_FILE_PATH = f"/{_email['EMAIL_FILE_PATH'].lstrip('/')}"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _env["DEFAULT_FROM_EMAIL"]

# What becomes of an e-mail that may have arrived: held for a person, or sent again as it was.
UNCERTAIN_POLICY = _env["UNCERTAIN_POLICY"]

# What Prometheus shows to be given the figures at /metrics.
METRICS_TOKEN = _env["METRICS_TOKEN"]

# People and sign-in.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"peersupport.accounts.passwords.{name}", "OPTIONS": options}
    for name, options in (
        ("NotLikeThemself", {"user_attributes": ("email", "given_name", "family_name")}),
        ("LongEnough", {"min_length": 12}),
        ("NotCommon", {}),
        ("NotOnlyNumbers", {}),
    )
]
# auth.W004: e-mail is unique, by a constraint on its lower case.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "peersupport.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "peersupport.accounts.sign_in.LoginForm",
    "reset_password": "peersupport.accounts.sign_in.ResetPasswordForm",
    "reset_password_from_key": "peersupport.accounts.sign_in.ResetPasswordKeyForm",
    "change_password": "peersupport.accounts.sign_in.ChangePasswordForm",
}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False

# Rate limits are counted in the database's cache table, so that every web process shares them.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "rate_limits"}
}

# What the next page has to tell somebody waits in a cookie that is gone once it is said: nothing
# of it is kept here, and it costs no statement.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# A form about very many people is answered with a sentence, and not as if it were an attack.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "peersupport.views.csrf_failure"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if not EMBEDDED:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrf"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]

TIME_ZONE = "Europe/London"  # an organisation's default; each has its own, see accounts.middleware
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("nhsuk", BASE_DIR / "node_modules" / "nhsuk-frontend" / "dist" / "nhsuk"),
]
STATICFILES_FINDERS = ["peersupport.static_files.Finder"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "peersupport.static_files.StaticFiles"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
FILE_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# One line an event, to standard error. Nothing a person typed is ever logged: of what the database
# says about a row it refuses, the formatter leaves the row out.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "peersupport.logs.Formatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
