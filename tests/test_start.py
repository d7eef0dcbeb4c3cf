"""`make run` before anything has started."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from peersupport.port import what_is_wrong
from peersupport.settings import BASE_DIR


@pytest.fixture
def taken() -> Iterator[int]:
    """A port at which somebody else listens; nobody does at the next one."""
    for port in range(18000, 19000, 2):
        if not what_is_wrong(str(port)) and not what_is_wrong(str(port + 1)):
            break
    with socket.create_server(("127.0.0.1", port)):
        yield port


def test_a_port_in_use_is_said_before_anything_starts(taken: int, tmp_path: Path) -> None:
    away = {"MAKEFLAGS", "MAKELEVEL", "SITE_URL", "DATABASE_URL", "REDIS_URL", "EMBEDDED"}
    environment = {name: value for name, value in os.environ.items() if name not in away}

    run = subprocess.run(
        ["make", "run", f"PORT={taken}", f"DATA={tmp_path}/var"],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr.splitlines()[0] == f"Port {taken} is in use: make run PORT={taken + 1}"
    assert not (tmp_path / "var").exists()


def test_a_port_is_free_as_soon_as_its_server_has_stopped() -> None:
    """A closed connection still waits there, which keeps nobody from listening."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()

    assert what_is_wrong(str(port)) == ""


@pytest.mark.parametrize("port", ["", "0", "65536", "web", "-1", "8000 "])
def test_what_is_no_port_is_said(port: str) -> None:
    assert what_is_wrong(port) == "PORT must be a number from 1 to 65535, like make run PORT=8001"


@pytest.mark.skipif(os.geteuid() != 0, reason="Celery warns root")
@pytest.mark.parametrize(("embedded", "warned"), [("1", False), ("", True)])
def test_only_an_operator_is_warned_of_a_worker_that_is_root(embedded: str, warned: bool) -> None:
    program = """
from celery.platforms import check_privileges
from peersupport import celery_app
check_privileges(celery_app.conf.accept_content)
"""
    environment = {
        "SECRET_KEY": "x" * 60,
        "EMAIL_URL": "smtp+tls://user:password@mail.example:587",
        "DEFAULT_FROM_EMAIL": "peer-support@trust.example",
        "ALLOWED_HOSTS": "peer-support.trust.example",
        "SITE_URL": "https://peer-support.trust.example",
        "EMBEDDED": embedded,
    }

    checked = subprocess.run(
        [sys.executable, "-c", program],
        cwd=BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ("superuser" in checked.stderr) is warned
    assert bool(checked.stderr) is warned
