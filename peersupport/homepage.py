"""What each role finds at home."""

from dataclasses import dataclass
from typing import Any

from peersupport.accounts.models import User


@dataclass(frozen=True)
class Part:
    """One role's part of the home page: its template and what that shows."""

    template: str
    facts: dict[str, Any]


def parts(user: User) -> list[Part]:
    """The parts for every role `user` holds, the one they lead with first."""
    return []
