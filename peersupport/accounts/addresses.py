"""Which address a person signs in with, and since when: changes of it, and who asked for them."""

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from peersupport.accounts.models import User

ADDRESS_LINK_LASTS = timedelta(days=7)


def _signer() -> Signer:
    return Signer(salt="accounts.address_change", sep=".")


class AddressChangeQuerySet(models.QuerySet["AddressChange"]):
    """Questions about changes of an address."""

    def waiting(self) -> Self:
        """Not confirmed, and no other asked for since; the link may be too old."""
        return self.filter(confirmed_at=None, replaced_at=None)

    def open_for(self, person: "User") -> Self:
        """Those whose link works, for whoever opens it."""
        return self.waiting().filter(person=person, expires_at__gt=timezone.now())

    def of_link(self, key: str) -> Self:
        """The one whose link this is; none where we never made it."""
        try:
            return self.filter(pk=_signer().unsign(key))
        except BadSignature:
            return self.none()


class AddressChange(models.Model):
    """One address instead of another, for one person. Kept for good.

    It is asked for by the person or by a head. Whoever reads the mail of an address can have the
    password of its account sent there, so it holds only once the person themself has confirmed it,
    signed in, by the link that went to the new address. Where nobody has taken up the account yet a
    head confirms it at once.
    """

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    person = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, related_name="address_changes"
    )
    old_email = models.EmailField()
    email = models.EmailField()
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    replaced_at = models.DateTimeField(null=True)

    objects = AddressChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="address_change_one_waiting_a_person",
                fields=["person"],
                condition=Q(confirmed_at=None, replaced_at=None),
                violation_error_message=_("Another address waits to be confirmed already"),
            ),
            models.CheckConstraint(
                name="address_change_to_another_address",
                condition=~Q(email=F("old_email")),
                violation_error_message=_("Enter another address than the one there is now"),
            ),
            models.CheckConstraint(
                name="address_change_confirmed_by_someone_at_some_time",
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                violation_error_message=_("Enter who confirmed the address"),
            ),
            models.CheckConstraint(
                name="address_change_confirmed_or_replaced",
                condition=Q(confirmed_at=None) | Q(replaced_at=None),
                violation_error_message=_("A confirmed address stays confirmed"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_email} → {self.email}"

    @property
    def key(self) -> str:
        """What the link ends in; it is signed and never stored."""
        return _signer().sign(str(self.pk))

    @property
    def by_themself(self) -> bool:
        """Whether the person asked for it, with their password."""
        return self.asked_by_id == self.person_id

    @property
    def works(self) -> bool:
        """Whether its link can be used."""
        over = self.confirmed_at or self.replaced_at
        return over is None and self.expires_at > timezone.now()
