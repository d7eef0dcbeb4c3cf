"""What operators start: each line of the Procfile, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from peersupport.settings import BASE_DIR

LINES = (BASE_DIR / "Procfile").read_text().splitlines()
PROCFILE = {name: command for name, _, command in (line.partition(": ") for line in LINES)}


@pytest.mark.parametrize("name", PROCFILE)
def test_without_secrets_nothing_goes_on_and_one_sentence_says_why(
    name: str, tmp_path: Path
) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    ended = subprocess.run(
        ["sh", "-c", PROCFILE[name]],
        env={"PATH": path, "PORT": "0", "DATA": str(tmp_path)},
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    [sentence] = (ended.stdout + ended.stderr).splitlines()
    assert ended.returncode == 1
    assert sentence.startswith("Peer support cannot start: set SECRET_KEY, ")


def test_what_web_loads_before_it_forks_opens_no_connection() -> None:
    """Two workers on one connection would read each other's answers."""
    program = """
import peersupport.wsgi
from django.db import connection
print(connection.connection)
"""

    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=BASE_DIR, capture_output=True, text=True, check=True
    )

    assert loaded.stdout == "None\n"
