"""E-mails about supervision, a module for each occasion; all are registered here."""

from supervision.reminders import changed, coming, due, passed, weekly

__all__ = ["changed", "coming", "due", "passed", "weekly"]
