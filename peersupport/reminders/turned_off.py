"""Which kinds of e-mail a person does not want."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.core import signing
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from peersupport.accounts.models import Organisation, User
from peersupport.reminders import kinds, wordings

_SALT = "peersupport.reminders.turned_off"


class TurnedOff(models.Model):
    """One kind of e-mail that one person has turned off."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="turned_off")
    kind = models.CharField(max_length=40)
    turned_off_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="turned_off_once", fields=["person", "kind"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.person}"


@dataclass(frozen=True)
class Choice:
    """One kind as its recipient reads it. `stays_on` says why it cannot be turned off."""

    name: str
    subject: str
    why: str
    stays_on: str
    is_on: bool


def choices(person: User) -> list[Choice]:
    """Every kind that `person` may get in their roles."""
    off = set(person.turned_off.values_list("kind", flat=True))
    subjects = wordings.subjects(person.organisation_id)
    return [
        Choice(
            name=kind.name,
            subject=subjects[kind.name],
            why=str(kind.why),
            stays_on=str(kind.stays_on),
            is_on=kind.name not in off,
        )
        for kind in kinds.every()
        if kind.roles & person.roles
    ]


@transaction.atomic
def choose(person: User, wanted: Collection[str]) -> None:
    """Leave on only those of the kinds that `person` may get which are `wanted`."""
    offered = [choice.name for choice in choices(person) if not choice.stays_on]
    person.turned_off.filter(kind__in=set(offered) & set(wanted)).delete()
    turn_off(person, [name for name in offered if name not in wanted])


def turn_off(person: User, names: Iterable[str]) -> None:
    """Send `person` none of these kinds, but for what cannot be turned off."""
    TurnedOff.objects.bulk_create(
        [
            TurnedOff(organisation_id=person.organisation_id, person=person, kind=name)
            for name in names
            if not kinds.named(name).stays_on
        ],
        ignore_conflicts=True,
    )


def of(people: Iterable[int]) -> set[tuple[int, str]]:
    """What these people have turned off, as pairs of a person's id and a kind."""
    rows = TurnedOff.objects.filter(person__in=set(people))
    return set(rows.values_list("person", "kind"))


def stop_link(person: User, names: Iterable[str]) -> str:
    """The address that turns these kinds off for `person`; nothing where none can be.

    It is signed and needs no sign-in, as mail programs ask (RFC 8058), and it does nothing else.
    """
    stoppable = sorted({name for name in names if not kinds.named(name).stays_on})
    if not stoppable:
        return ""
    token = signing.dumps([person.pk, stoppable], salt=_SALT)
    return kinds.link_to(reverse("e-mails-stop", args=[token]))


def read_stop_link(token: str) -> tuple[User, list[str]] | None:
    """Who does not want which kinds; None for a token that is not ours."""
    try:
        pk, names = signing.loads(token, salt=_SALT)
        return User.objects.get(pk=pk), [name for name in names if kinds.is_known(name)]
    except (signing.BadSignature, User.DoesNotExist):
        return None
