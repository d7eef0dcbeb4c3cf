"""What e-mails say in an organisation that words them itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peersupport.accounts.models import Organisation, User
from peersupport.reminders import kinds
from peersupport.reminders.kinds import Kind, placeholders

SUBJECT_LENGTH = 78
WORDS_LENGTH = 600
# A subject of two lines is how somebody adds headers to a message.
ONE_LINE = r"\A[^\u0001-\u001f\u007f-\u009f\u2028\u2029]+\Z"
_ON_ONE_LINE = _("Write the subject on one line")


class ChangedMeanwhile(Exception):
    """Somebody else has changed it since it was read."""


class WordingQuerySet(models.QuerySet["Wording"]):
    """Questions about what organisations say in words of their own."""

    def manageable_by(self, user: User) -> Self:
        """Those of the organisation, for a head."""
        return self.filter(organisation_id=user.organisation_id) if user.is_head else self.none()

    def current(self) -> Self:
        """Those that are sent."""
        return self.filter(ended_at=None)


class Wording(models.Model):
    """What one kind of e-mail says in one organisation. Ended, never deleted or changed.

    Each saving is a row of its own, so that who wrote what stays known, and so that a page can say
    which one it has shown.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    subject = models.CharField(
        max_length=SUBJECT_LENGTH, validators=[RegexValidator(ONE_LINE, _ON_ONE_LINE)]
    )
    words = models.CharField(max_length=WORDS_LENGTH)
    written_at = models.DateTimeField(default=timezone.now, editable=False)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = WordingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="wording_one_at_a_time",
                fields=["organisation", "kind"],
                condition=Q(ended_at=None),
                violation_error_message=_("This e-mail has a wording of yours already"),
            ),
            models.CheckConstraint(
                name="wording_subject_on_one_line",
                condition=Q(subject__regex=ONE_LINE),
                violation_error_message=_ON_ONE_LINE,
            ),
            models.CheckConstraint(
                name="wording_says_something",
                condition=~Q(words=""),
                violation_error_message=_("Enter what the e-mail says"),
            ),
            models.CheckConstraint(
                name="wording_ended_by_someone_at_some_time",
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                violation_error_message=_("Enter who ended the wording"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in {self.organisation}"

    def still_fits(self, kind: Kind) -> bool:
        """Whether it names what is filled in today: what the kind needs may change later."""
        named = placeholders(self.words)
        return kind.may_be_worded and named == placeholders(str(kind.words))

    def end(self, *, by: User) -> bool:
        """Say from now on what the service says itself; False when it was over already."""
        current = Wording.objects.current().filter(pk=self.pk)
        return bool(current.update(ended_at=timezone.now(), ended_by=by))


def of(organisations: Iterable[int]) -> dict[tuple[int, str], Wording]:
    """What is sent in words of these organisations, by organisation and kind; one query.

    Where a wording fits its kind no longer, what the service says itself is sent.
    """
    rows = Wording.objects.current().filter(organisation__in=set(organisations))
    return {
        (row.organisation_id, row.kind): row
        for row in rows
        if kinds.is_known(row.kind) and row.still_fits(kinds.named(row.kind))
    }


def subjects(organisation: int) -> dict[str, str]:
    """Under which subject each kind is sent in this organisation."""
    own = of([organisation])
    return {
        kind.name: str(own.get((organisation, kind.name), kind).subject) for kind in kinds.every()
    }


@dataclass(frozen=True)
class Draft:
    """What somebody has written, and on top of which wording: None for the service's own."""

    kind: Kind
    subject: str
    words: str
    shown: int | None


@transaction.atomic
def write(draft: Draft, *, by: User) -> None:
    """Say this from now on. What the service says anyway is no wording of its own.

    Raises ChangedMeanwhile when something else is said by now than was shown, and not this. Locks
    the organisation, so that of two heads at once one comes after the other.
    """
    kind = draft.kind
    Organisation.objects.select_for_update(no_key=True).get(pk=by.organisation_id)
    current = Wording.objects.manageable_by(by).current().filter(kind=kind.name).first()
    if _says(current, kind) == (draft.subject, draft.words):
        return
    if draft.shown != (current.pk if current else None):
        raise ChangedMeanwhile
    if current:
        current.end(by=by)
    if _says(None, kind) != (draft.subject, draft.words):
        Wording.objects.create(
            organisation_id=by.organisation_id,
            kind=kind.name,
            subject=draft.subject,
            words=draft.words,
            written_by=by,
        )


def _says(wording: Wording | None, kind: Kind) -> tuple[str, str]:
    """The subject and words of the wording, or else of the service."""
    said = wording or kind
    return str(said.subject), str(said.words)
