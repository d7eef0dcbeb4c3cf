"""A peer support programme service. Imports the Celery app: tasks always know their broker."""

from peersupport.celery import app as celery_app

__all__ = ["celery_app"]
