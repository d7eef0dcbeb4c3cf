"""What must stand in the environment before anything starts, and the sentence when it does not."""

import os
import sys
from collections.abc import Callable
from email.utils import parseaddr
from urllib.parse import SplitResult, urlsplit


def required(defaults: dict[str, str]) -> dict[str, str]:
    """The settings that nothing can start without, by name; `defaults` fill those not set.

    Exits with one sentence for what is missing, or one for each that cannot be right.
    """
    given = {name: os.environ.get(name, "").strip() for name in _RULES}
    values = {name: value or defaults.get(name, "") for name, value in given.items()}
    if sentences := what_is_wrong(values):
        sys.exit("\n".join(f"Peer support cannot start: {sentence}" for sentence in sentences))
    return values


def what_is_wrong(values: dict[str, str]) -> list[str]:
    """Sentences that name the settings, say what is meant, and never repeat a value."""
    if missing := [name for name, value in values.items() if not value]:
        return [
            f"set {', '.join(missing)} in the environment "
            "(or use `make run`, which brings its own PostgreSQL and Redis)."
        ]
    return [
        f"{name} must {meant}."
        for name, (is_right, meant) in _RULES.items()
        if not is_right(values[name])
    ]


def _address(value: str) -> SplitResult | None:
    """`value` in its parts; None for what is no address, or has a port that cannot be."""
    try:
        parts = urlsplit(value)
        return parts if parts.port is None or parts.port else None
    except ValueError:
        return None


def _is_database(value: str) -> bool:
    url = _address(value)
    return url is not None and url.scheme in ("postgresql", "postgres") and len(url.path) > 1


def _is_redis(value: str) -> bool:
    url = _address(value)
    if url is None:
        return False
    if url.scheme == "unix":
        return len(url.path) > 1
    number = url.path.removeprefix("/") or "0"
    return url.scheme in ("redis", "rediss") and bool(url.hostname) and number.isdecimal()


def _is_email(value: str) -> bool:
    url = _address(value)
    if url is None:
        return False
    if url.scheme == "file":
        return not url.netloc and len(url.path) > 1
    return url.scheme in ("smtp", "smtp+tls", "submission", "submit") and bool(url.hostname)


def _is_sender(value: str) -> bool:
    name, _, domain = parseaddr(value)[1].rpartition("@")
    return bool(name and domain)


def _are_hosts(value: str) -> bool:
    return all(host.strip() and "/" not in host for host in value.split(","))


def _is_site(value: str) -> bool:
    url = _address(value)
    if url is None or url.scheme not in ("https", "http") or not url.hostname:
        return False
    return url.path in ("", "/") and not url.query and not url.fragment


_RULES: dict[str, tuple[Callable[[str], bool], str]] = {
    "SECRET_KEY": (
        lambda value: len(value) >= 32,
        "have at least 32 characters, such as "
        "`python -c 'import secrets; print(secrets.token_urlsafe(60))'` prints",
    ),
    "DATABASE_URL": (
        _is_database,
        "name a PostgreSQL database, like postgresql://user:password@db.example:5432/peersupport",
    ),
    "REDIS_URL": (_is_redis, "name a Redis server, like redis://redis.example:6379/0"),
    "EMAIL_URL": (
        _is_email,
        "name a mail server, like smtp+tls://user:password@mail.example:587, "
        "or a folder, like file:///var/mail/peer-support",
    ),
    "DEFAULT_FROM_EMAIL": (_is_sender, "be an e-mail address, like peer-support@trust.example"),
    "ALLOWED_HOSTS": (
        _are_hosts,
        "be names of hosts with commas between them, like peer-support.trust.example",
    ),
    "SITE_URL": (
        _is_site,
        "be a web address without a path, like https://peer-support.trust.example",
    ),
    "METRICS_TOKEN": (
        lambda value: len(value) >= 32,
        "have at least 32 characters, as a SECRET_KEY has",
    ),
    "UNCERTAIN_POLICY": (
        lambda value: value in ("hold", "resend"),
        "be hold, or resend to send again what may have arrived",
    ),
}
