"""Other processes, on the database of the test."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO
from urllib.parse import quote

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent


def database_url() -> str:
    """The address of the test's database, as another process needs it."""
    where = connection.settings_dict
    user, password, host = (
        quote(str(where[name]), safe="") for name in ("USER", "PASSWORD", "HOST")
    )
    port = f":{where['PORT']}" if where["PORT"] else ""
    return f"postgresql://{user}:{password}@{host}{port}/{where['NAME']}"


def start(
    *command: str, mail_port: int, log: IO[str] | int = subprocess.PIPE, **environment: str
) -> subprocess.Popen[str]:
    """`python COMMAND`, which sends its mail to this port of this machine."""
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env={
            **os.environ,
            "EMBEDDED": "1",
            "DATABASE_URL": database_url(),
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "DEFAULT_FROM_EMAIL": "Peer support <peer-support@trust.example>",
            **environment,
        },
        stdout=log,
        stderr=subprocess.STDOUT,
        text=True,
    )


def redis_server() -> str:
    """The program of the wheel, else the machine's."""
    folders = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    program = shutil.which("redis-server", path=folders)
    assert program, "no redis-server"
    return program


def wait_until(happened: Callable[[], bool], seconds: float = 30) -> None:
    """Look again and again, and give up with an error after so many seconds."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)
