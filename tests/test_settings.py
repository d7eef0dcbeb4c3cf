"""Settings come from the environment, and say what is missing."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from peersupport.environment import what_is_wrong

PRODUCTION = {
    "SECRET_KEY": "x" * 60,
    "DATABASE_URL": "postgres://user:password@db.example/peersupport",
    "REDIS_URL": "redis://redis.example/0",
    "EMAIL_URL": "smtp+tls://user:p%40ss@mail.example:587",
    "DEFAULT_FROM_EMAIL": "peer-support@trust.example",
    "ALLOWED_HOSTS": "peer-support.trust.example",
    "SITE_URL": "https://peer-support.trust.example/",
}
WHOLE = {**PRODUCTION, "UNCERTAIN_POLICY": "hold", "METRICS_TOKEN": "x" * 60}
EXAMPLES = {
    "SECRET_KEY": "at least 32 characters",
    "DATABASE_URL": "postgresql://user:password@db.example:5432/peersupport",
    "REDIS_URL": "redis://redis.example:6379/0",
    "EMAIL_URL": "smtp+tls://user:password@mail.example:587",
    "DEFAULT_FROM_EMAIL": "peer-support@trust.example",
    "ALLOWED_HOSTS": "peer-support.trust.example",
    "SITE_URL": "https://peer-support.trust.example",
    "UNCERTAIN_POLICY": "hold, or resend",
    "METRICS_TOKEN": "at least 32 characters",
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


MALFORMED = [
    ("SECRET_KEY", "x" * 31),
    ("DATABASE_URL", "nonsense"),
    ("DATABASE_URL", "mysql://user:password@db.example/peersupport"),
    ("DATABASE_URL", "postgres://user:password@db.example:port/peersupport"),
    ("DATABASE_URL", "postgres://user:p#ss@db.example/peersupport"),
    ("DATABASE_URL", "postgres://user:password@[db.example/peersupport"),
    ("DATABASE_URL", "postgres://user:password@db.example"),
    ("REDIS_URL", "nonsense"),
    ("REDIS_URL", "redis:///0"),
    ("REDIS_URL", "redis://redis.example:99999/0"),
    ("REDIS_URL", "redis://redis.example/first"),
    ("REDIS_URL", "unix://"),
    ("EMAIL_URL", "nonsense"),
    ("EMAIL_URL", "ftp://mail.example"),
    ("EMAIL_URL", "smtp+tls://"),
    ("EMAIL_URL", "smtp://mail.example:none"),
    ("EMAIL_URL", "file://mail"),
    ("DEFAULT_FROM_EMAIL", "peer-support"),
    ("DEFAULT_FROM_EMAIL", "Peer support <peer-support@>"),
    ("ALLOWED_HOSTS", "peer-support.trust.example,,"),
    ("ALLOWED_HOSTS", "https://peer-support.trust.example"),
    ("SITE_URL", "peer-support.trust.example"),
    ("SITE_URL", "https://"),
    ("SITE_URL", "https://trust.example/peer-support/"),
    ("UNCERTAIN_POLICY", "maybe"),
    ("METRICS_TOKEN", "short"),
]


@pytest.mark.parametrize(("name", "value"), MALFORMED)
def test_a_setting_that_cannot_be_right_gets_one_sentence_with_an_example(
    name: str, value: str
) -> None:
    [sentence] = what_is_wrong({**WHOLE, name: value})

    assert sentence.startswith(f"{name} must ")
    assert EXAMPLES[name] in sentence


def test_what_cannot_be_right_stops_the_start_with_a_line_for_each() -> None:
    started = _settings({**PRODUCTION, "EMAIL_URL": "nonsense", "SITE_URL": "nonsense"})

    assert started.returncode == 1
    assert [line.split(" must ")[0] for line in started.stderr.splitlines()] == [
        "Peer support cannot start: EMAIL_URL",
        "Peer support cannot start: SITE_URL",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "x" * 32),
        ("DATABASE_URL", "postgresql://user@%2Ftmp%2Fsockets:5432/peersupport"),
        ("DATABASE_URL", "postgres:///peersupport"),
        ("REDIS_URL", "redis://:password@[::1]:6379"),
        ("REDIS_URL", "unix:///tmp/redis.sock"),
        ("EMAIL_URL", "smtp://127.0.0.1:1025/"),
        ("EMAIL_URL", "submission://user:password@mail.example"),
        ("EMAIL_URL", "file:///var/mail"),
        ("DEFAULT_FROM_EMAIL", "Peer support <peer-support@trust.example>"),
        ("ALLOWED_HOSTS", "localhost, 127.0.0.1,[::1]"),
        ("SITE_URL", "http://127.0.0.1:8000"),
    ],
)
def test_a_setting_may_be_written_in_other_ways(name: str, value: str) -> None:
    assert what_is_wrong({**WHOLE, name: value}) == []


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
