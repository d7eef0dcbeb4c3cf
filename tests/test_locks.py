"""What is installed: little to run the service, everything to work on it, at the same versions."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PIN = re.compile(r"^([a-z0-9-]+)==([^ ;]+)", re.MULTILINE)
PIN_WITH_HASH = re.compile(r"^([a-z0-9-]+)==([^ ;]+).*\\\n    --hash=sha256:", re.MULTILINE)


def _read(lock: str) -> str:
    return (ROOT / lock).read_text()


def _names(lock: str) -> set[str]:
    return {name for name, _version in PIN.findall(_read(lock))}


def _named_under(*extras: str) -> set[str]:
    """The packages that pyproject.toml names under these extras."""
    optional = tomllib.loads(_read("pyproject.toml"))["project"]["optional-dependencies"]
    lines = [line.lower() for extra in extras for line in optional[extra]]
    return {re.split("[^a-z0-9-]", line)[0] for line in lines}


def test_running_installs_no_tool_of_tests_or_checks() -> None:
    assert _names("requirements.lock") & _named_under("test", "dev") == set()
    assert _named_under("embedded") <= _names("requirements.lock")


def test_tests_use_the_versions_that_run() -> None:
    to_run, to_work = (
        set(PIN.findall(_read(lock))) for lock in ("requirements.lock", "requirements-dev.lock")
    )

    assert to_run - to_work == set()
    assert _named_under("test", "dev") - _names("requirements-dev.lock") == set()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_has_a_hash_for_each_package_and_no_address(lock: str) -> None:
    words = _read(lock)

    assert PIN_WITH_HASH.findall(words) == PIN.findall(words)
    assert "://" not in words
