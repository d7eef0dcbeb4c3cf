"""E-mails about supervision, a module for each occasion; all are registered here."""

from supervision.reminders import coming, due, passed, weekly

__all__ = ["coming", "due", "passed", "weekly"]
