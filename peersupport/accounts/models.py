"""Organisations, the people in them, and what each person may do."""

from datetime import datetime, timedelta
from typing import ClassVar, Self
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from peersupport.accounts.addresses import AddressChange
from peersupport.accounts.reads import RecordRead

__all__ = [
    "INVITATION_LASTS",
    "AddressChange",
    "Invitation",
    "Nation",
    "Organisation",
    "RecordRead",
    "Role",
    "RoleGrant",
    "User",
    "real_time_zone",
]

INVITATION_LASTS = timedelta(days=7)


def real_time_zone(value: str) -> None:
    """Refuse a time zone that the system does not know."""
    if value not in available_timezones():
        raise ValidationError(_("Enter a time zone such as Europe/London"))


class Nation(models.TextChoices):
    """Whose bank holidays an organisation keeps."""

    ENGLAND = "ENG", _("England")
    NORTHERN_IRELAND = "NIR", _("Northern Ireland")
    SCOTLAND = "SCT", _("Scotland")
    WALES = "WLS", _("Wales")


class Organisation(models.Model):
    """One NHS trust or similar: the wall that nothing crosses."""

    class LineManagerRule(models.TextChoices):
        """What happens when a PSW is given their own line manager as supervisor."""

        REFUSE = "refuse", _("Refuse it")
        WARN = "warn", _("Warn, and let the head decide")

    name = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)
    time_zone = models.CharField(
        max_length=64, default="Europe/London", validators=[real_time_zone]
    )
    nation = models.CharField(max_length=3, choices=Nation.choices, default=Nation.ENGLAND)
    line_manager_rule = models.CharField(
        max_length=10, choices=LineManagerRule.choices, default=LineManagerRule.REFUSE
    )
    talk_hours = models.PositiveSmallIntegerField(default=48, db_default=48)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="organisation_passes_a_wish_to_talk_on_within_a_fortnight",
                condition=Q(talk_hours__range=(1, 336)),
                violation_error_message=_("Enter a number of hours from 1 to 336"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone."""
        return ZoneInfo(self.time_zone)


class Role(models.TextChoices):
    """What a person may be granted."""

    HEAD = "head", _("Head of wellbeing")
    SUPERVISOR = "supervisor", _("Supervisor")
    PSW = "psw", _("Peer support worker")
    IG_AUDITOR = "ig_auditor", _("Information governance auditor")


class UserQuerySet(models.QuerySet["User"]):
    """Questions the service asks about people, in the service's own words."""

    def holding(self, role: Role) -> Self:
        """Active people who hold `role` now."""
        return self.filter(
            pk__in=RoleGrant.objects.current().filter(role=role).values("person"), is_active=True
        )

    def able_to_sign_in(self) -> Self:
        """Active people who have chosen a password."""
        return self.filter(is_active=True).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)


class UserManager(BaseUserManager["User"]):
    """Makes people; finds them by e-mail whatever its capitals."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def holding(self, role: Role) -> UserQuerySet:
        return self.get_queryset().holding(role)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(
        self, email: str, *, organisation: Organisation, password: str | None = None, **names: str
    ) -> "User":
        """Make a person. Without a password they cannot sign in until they accept an invitation."""
        user = self.model(email=email.strip().lower(), organisation=organisation, **names)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person, who signs in with an e-mail address and belongs to one organisation."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="people")
    email = models.EmailField(_("e-mail address"))
    given_name = models.CharField(max_length=150)
    family_name = models.CharField(max_length=150)
    known_as = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique_whatever_its_capitals",
                violation_error_message=_("This e-mail address is already in use"),
            ),
            # What other tables point at, so that the database keeps each row in one organisation.
            models.UniqueConstraint(fields=["id", "organisation"], name="user_in_organisation"),
        ]
        indexes = [
            models.Index(fields=["organisation", "family_name", "given_name", "id"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def first_name(self) -> str:
        """What to call this person: the name they are known as, else the given name."""
        return self.known_as or self.given_name

    @property
    def name(self) -> str:
        """The whole name as colleagues say it."""
        return f"{self.first_name} {self.family_name}".strip()

    def get_full_name(self) -> str:
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What ends sessions when it changes: the password as in Django, and the address."""
        salt = "peersupport.accounts.models.User.session"
        said = f"{self.password} {self.email}"
        return salted_hmac(salt, said, secret=secret, algorithm="sha256").hexdigest()

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles held now; one query for each request."""
        return frozenset(self.role_grants.current().values_list("role", flat=True))

    @property
    def is_taken_up(self) -> bool:
        """Whether its owner has chosen a password, or has signed in in some other way."""
        return self.has_usable_password() or self.last_login is not None

    @property
    def is_head(self) -> bool:
        return Role.HEAD in self.roles

    @property
    def is_supervisor(self) -> bool:
        return Role.SUPERVISOR in self.roles

    @property
    def is_psw(self) -> bool:
        return Role.PSW in self.roles

    @property
    def is_ig_auditor(self) -> bool:
        return Role.IG_AUDITOR in self.roles


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    """Questions about who holds which role."""

    def current(self) -> Self:
        return self.filter(ended_at=None)


class RoleGrant(models.Model):
    """One role given to one person. Ended, never deleted.

    Without `granted_by` it was given from the command line by whoever operates the service.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=20, choices=Role.choices)
    granted_at = models.DateTimeField(default=timezone.now, editable=False)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="role_held_once_at_a_time",
                fields=["person", "role"],
                condition=Q(ended_at=None),
                violation_error_message=_("This person already has this role"),
            ),
            models.CheckConstraint(
                name="role_ended_after_it_was_granted",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("granted_at")),
                violation_error_message=_("A role must not end before it was granted"),
            ),
            models.CheckConstraint(
                name="role_ended_by_someone_at_some_time",
                condition=Q(ended_by=None) | Q(ended_at__isnull=False),
                violation_error_message=_("Enter when the role ended"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} – {self.role_label}"

    @property
    def role_label(self) -> str:
        """In words; get_role_display would turn every choice into words to find this one."""
        return str(Role(self.role).label)


def _signer() -> Signer:
    return Signer(salt="accounts.invitation", sep=".")


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Questions about invitations."""

    def visible_to(self, user: User) -> Self:
        """Those of the organisation, for a head."""
        return self.filter(organisation_id=user.organisation_id) if user.is_head else self.none()

    def waiting(self) -> Self:
        """Neither accepted nor withdrawn, though the link may be too old."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def open(self, now: datetime | None = None) -> Self:
        """Those whose link works."""
        return self.waiting().filter(expires_at__gt=now or timezone.now())

    def of_link(self, key: str) -> Self:
        """The one whose newest link this is; none where we never made it."""
        try:
            pk, generation = _signer().unsign(key).split("-")
        except BadSignature:
            return self.none()
        return self.filter(pk=pk, generation=generation)


class Invitation(models.Model):
    """A link, good once and for seven days, with which a person sets a password and signs in.

    It names an e-mail address rather than a person, who is made when they accept: until then an
    address that belongs to another organisation looks the same to the one who invites.
    `generation` counts its links, of which the newest works.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="invitations"
    )
    email = models.EmailField(_("e-mail address"))
    given_name = models.CharField(max_length=150)
    family_name = models.CharField(max_length=150)
    role = models.CharField(max_length=20, choices=Role.choices)
    generation = models.PositiveIntegerField(default=1, editable=False)
    invited_at = models.DateTimeField(default=timezone.now, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawn_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "organisation",
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="invitation_one_waiting_per_address",
                violation_error_message=_("This address has already been invited"),
            ),
            models.CheckConstraint(
                name="invitation_withdrawn_by_someone_at_some_time",
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                violation_error_message=_("Enter who withdrew the invitation"),
            ),
            models.CheckConstraint(
                name="invitation_accepted_or_withdrawn",
                condition=Q(accepted_at=None) | Q(withdrawn_at=None),
                violation_error_message=_("An accepted invitation cannot be withdrawn"),
            ),
            # For the e-mail that it owes, as with people.
            models.UniqueConstraint(
                fields=["id", "organisation"], name="invitation_in_organisation"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def is_waiting(self) -> bool:
        return self.accepted_at is None and self.withdrawn_at is None

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def key(self) -> str:
        """What the newest link ends in. It opens the door, so it is signed and never stored."""
        return _signer().sign(f"{self.pk}-{self.generation}")

    @property
    def belongs_elsewhere(self) -> bool:
        """Whether the address signs in with another organisation: for its owner only to know."""
        others = User.objects.exclude(organisation=self.organisation_id)
        return others.filter(email__iexact=self.email).exists()

    def withdraw(self, *, by: User) -> bool:
        """Let nobody in by it any more; False when it waits no longer."""
        waiting = Invitation.objects.waiting().filter(pk=self.pk)
        return bool(waiting.update(withdrawn_at=timezone.now(), withdrawn_by=by))

    def renew(self, *, by: User | None, **facts: str) -> None:
        """Give the invitation a new link and seven more days; the old link stops working.

        `facts` are the names and the role where they are said anew. Without `by` it is the person
        invited who asks, and it stays whose invitation it was.
        """
        now = timezone.now()
        for field, value in facts.items():
            setattr(self, field, value)
        self.generation = F("generation") + 1
        if by is not None:
            self.invited_at, self.invited_by = now, by
        self.expires_at = now + INVITATION_LASTS
        self.save(update_fields=["generation", "invited_at", "invited_by", "expires_at", *facts])
        self.refresh_from_db(fields=["generation"])
