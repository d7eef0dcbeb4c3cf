"""What the staff roster says about people."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from peersupport.accounts.models import Organisation, User


class Day(models.TextChoices):
    """A day of the week on which a person is usually at work."""

    MONDAY = "Mon", _("Monday")
    TUESDAY = "Tue", _("Tuesday")
    WEDNESDAY = "Wed", _("Wednesday")
    THURSDAY = "Thu", _("Thursday")
    FRIDAY = "Fri", _("Friday")
    SATURDAY = "Sat", _("Saturday")
    SUNDAY = "Sun", _("Sunday")


class RosterEntry(models.Model):
    """What the organisation's staff roster says about one person."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="roster")
    person = models.OneToOneField(User, on_delete=models.PROTECT, related_name="roster_entry")
    employee_number = models.CharField(max_length=32)
    staff_group = models.CharField(max_length=100, blank=True)
    band = models.CharField(max_length=20, blank=True)
    site = models.CharField(max_length=100, blank=True)
    team = models.CharField(max_length=100, blank=True)
    line_manager_email = models.EmailField(_("line manager's e-mail address"), blank=True)
    availability = ArrayField(
        models.CharField(max_length=3, choices=Day.choices), blank=True, default=list
    )
    started_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "roster entries"
        constraints = [
            models.UniqueConstraint(
                name="roster_employee_number_once_in_an_organisation",
                fields=["organisation", "employee_number"],
                violation_error_message=_("Another person has this employee number"),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "site", "team"])]

    def __str__(self) -> str:
        return f"{self.employee_number} {self.person}"
