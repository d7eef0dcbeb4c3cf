"""What sessions are about."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Theme(models.TextChoices):
    """What a session was about: a closed list, so that nobody supported can be named in it."""

    WORKLOAD = "workload", _("Workload and time")
    BOUNDARIES = "boundaries", _("Boundaries")
    EMOTIONAL_LOAD = "emotional_load", _("Emotional load")
    DIFFICULT_CONTACT = "difficult_contact", _("A difficult contact")
    TEAM = "team", _("The team")
    TRAINING_NEED = "training_need", _("Training")
    ORGANISATION = "organisation", _("The organisation")
    INCLUSION = "inclusion", _("Inclusion")
    STRENGTH = "strength", _("Strengths and successes")
