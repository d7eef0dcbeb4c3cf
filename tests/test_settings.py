"""Settings come from the environment, and say what is missing."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

PRODUCTION = {
    "SECRET_KEY": "x" * 60,
    "DATABASE_URL": "postgres://user:password@db.example/peersupport",
    "REDIS_URL": "redis://redis.example/0",
    "EMAIL_URL": "smtp+tls://user:p%40ss@mail.example:587",
    "DEFAULT_FROM_EMAIL": "peer-support@trust.example",
    "ALLOWED_HOSTS": "peer-support.trust.example",
    "SITE_URL": "https://peer-support.trust.example/",
}


def _settings(environment: dict[str, str], *names: str) -> subprocess.CompletedProcess[str]:
    """Read settings in a process of its own, which has nothing else in its environment."""
    shown = ", ".join(f"settings.{name}" for name in names) or "'started'"
    return subprocess.run(
        [sys.executable, "-c", f"from peersupport import settings; print({shown})"],
        env={"PATH": os.environ["PATH"], **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("name", PRODUCTION)
def test_production_refuses_to_start_without_a_secret_and_says_which(name: str) -> None:
    without = {key: value for key, value in PRODUCTION.items() if key != name}

    started = _settings(without)

    assert started.returncode == 1
    assert f"set {name} in the environment" in started.stderr
    assert "Traceback" not in started.stderr


def test_production_is_strict_and_reads_mail_with_starttls() -> None:
    started = _settings(
        PRODUCTION,
        "SESSION_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "EMAIL_USE_TLS",
        "EMAIL_PORT",
        "EMAIL_HOST_PASSWORD",
        "SITE_URL",
        "DEBUG",
    )

    assert started.stdout.split() == [
        "True",
        "True",
        "True",
        "587",
        "p@ss",
        "https://peer-support.trust.example",
        "False",
    ]


def test_embedded_needs_nothing_but_its_servers() -> None:
    servers = {name: PRODUCTION[name] for name in ("DATABASE_URL", "REDIS_URL")}

    assert _settings({**servers, "EMBEDDED": "1"}).stdout == "started\n"


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("unix:///tmp/redis.sock", "redis+socket:///tmp/redis.sock"),
        ("redis://redis.example/0", "redis://redis.example/0"),
        ("rediss://redis.example/0", "rediss://redis.example/0"),
    ],
)
def test_celery_reads_the_same_redis(url: str, broker: str) -> None:
    started = _settings({**PRODUCTION, "REDIS_URL": url}, "CELERY_BROKER_URL")

    assert started.stdout == f"{broker}\n"
