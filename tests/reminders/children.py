"""Other processes, on the database of the test."""

import os
import subprocess
import sys
from pathlib import Path
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


def start(*command: str, mail_port: int, **environment: str) -> subprocess.Popen[str]:
    """`python -m COMMAND`, which sends its mail to this port of this machine."""
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
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
