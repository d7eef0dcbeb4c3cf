"""What narrows the lists of people: each filter is a GET form, and nothing in it is required."""

from typing import Any

from django import forms
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from cohorts.models import Cohort, Day, Membership, Person, RosterEntry
from peersupport.accounts.models import Role, RoleGrant, User

ROSTER_FACTS = ("site", "team", "staff_group")
MOST_LISTED = 100  # cohorts: of more, one types a part of the name
NOT_LISTED = _("Choose one from the list")


def known_words(user: User) -> dict[str, list[tuple[str, str]]]:
    """The sites, teams, staff groups and cohorts of the organisation of `user`; one query.

    Of cohorts one more than a list may hold at most.
    """
    roster = RosterEntry.objects.filter(organisation=user.organisation_id).order_by().distinct()
    cohorts = Cohort.objects.filter(organisation=user.organisation_id).order_by("name")
    nothing = Value("")
    named = cohorts.values_list(nothing, nothing, F("name"), Cast("pk", CharField()))
    known = roster.values_list(*ROSTER_FACTS, nothing).union(named[: MOST_LISTED + 1], all=True)
    words: dict[str, set[tuple[str, str]]] = {name: set() for name in (*ROSTER_FACTS, "cohort")}
    for *facts, last, cohort in known:
        if cohort:
            words["cohort"].add((cohort, last))
        else:
            for fact, value in zip(ROSTER_FACTS, (*facts, last), strict=True):
                words[fact].add((value, value))
    return {
        name: sorted(pairs - {("", "")}, key=lambda pair: pair[1]) for name, pairs in words.items()
    }


class Choice(forms.ChoiceField):
    """A select that may be left alone."""

    def __init__(self, label: Any, choices: Any = ()) -> None:
        super().__init__(
            label=label,
            choices=choices,
            required=False,
            error_messages={"invalid_choice": NOT_LISTED},
        )


class RosterFilter(forms.Form):
    """What the roster says. A value that is not listed narrows nothing."""

    site = Choice(_("Site"))
    team = Choice(_("Team"))
    staff_group = Choice(_("Staff group"))

    ANY = {"site": _("Any site"), "team": _("Any team"), "staff_group": _("Any group")}

    def __init__(self, data: Any, *, by: User) -> None:
        super().__init__(data)
        self.by = by
        self.words = known_words(by)
        for fact, anything in self.ANY.items():
            self._offer(fact, [("", anything), *self.words[fact]])

    def _offer(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def _offer_cohorts(self, *others: tuple[str, Any]) -> None:
        """A list of all; where they are too many for one, a box for a part of the name."""
        self.lists_cohorts = len(self.words["cohort"]) <= MOST_LISTED
        if self.lists_cohorts:
            self._offer("cohort", [*others, *self.words["cohort"]])
        else:
            part = forms.CharField(label=_("Part of cohort's name"), required=False, max_length=100)
            self.fields["cohort"] = part

    def _members(self) -> QuerySet[Membership]:
        """Whoever is in the cohort that is asked for, or in one of those with such a name."""
        members, asked = Membership.objects.current(), self.chosen["cohort"]
        if not self.lists_cohorts:
            return members.filter(cohort__name__icontains=asked)
        return members if self._asks("any") else members.filter(cohort=asked)

    def _asks(self, choice: str) -> bool:
        """Whether this is chosen of the list of cohorts, and not typed."""
        return self.lists_cohorts and self.chosen.get("cohort") == choice

    @property
    def chosen(self) -> dict[str, Any]:
        """What is asked for, without what is left alone or makes no sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def people(self) -> QuerySet[Person]:
        people = Person.objects.manageable_by(self.by)
        for fact in ROSTER_FACTS:
            if fact in self.chosen:
                people = people.filter(**{f"roster_entry__{fact}": self.chosen[fact]})
        return people


class PersonFilter(RosterFilter):
    """Finds people by name, and by what they are to the programme."""

    q = forms.CharField(label=_("Name, e-mail or number"), required=False, max_length=100)
    cohort = Choice(_("Cohort"))
    supervisor = Choice(_("Supervisor"), [("", _("Anybody")), ("none", _("None yet"))])
    role = Choice(_("Role"), [("", _("Any role")), *Role.choices])

    field_order = ("q", "cohort", "supervisor", "role", "site", "team", "staff_group")

    def __init__(self, data: Any, *, by: User) -> None:
        super().__init__(data, by=by)
        self._offer_cohorts(("", _("Any cohort")), ("none", _("None yet")))

    @property
    def folded(self) -> list[forms.BoundField]:
        """The fields that are seldom needed."""
        return [self[fact] for fact in ROSTER_FACTS]

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields that stand above the list at once."""
        return [field for field in self if field.name not in ROSTER_FACTS]

    @property
    def unfolded(self) -> bool:
        """Whether one of those folded away narrows the list, or cannot."""
        return any(fact in self.chosen or fact in self.errors for fact in ROSTER_FACTS)

    def people(self) -> QuerySet[Person]:
        people = super().people()
        if self._asks("none"):
            people = people.without_cohort()  # type: ignore[attr-defined]
        elif "cohort" in self.chosen:
            people = people.filter(pk__in=self._members().values("worker"))
        if "supervisor" in self.chosen:
            people = people.without_supervisor()  # type: ignore[attr-defined]
        if "role" in self.chosen:
            holders = RoleGrant.objects.current().filter(role=self.chosen["role"])
            people = people.filter(pk__in=holders.values("person"))
        return people.filter(self._named()).order_by("family_name", "given_name", "pk")

    def _named(self) -> Q:
        """Every word typed stands somewhere in a name, the e-mail address or the number."""
        named = Q()
        for word in self.chosen.get("q", "").split():
            named &= (
                Q(given_name__icontains=word)
                | Q(family_name__icontains=word)
                | Q(known_as__icontains=word)
                | Q(email__icontains=word)
                | Q(roster_entry__employee_number__icontains=word)
            )
        return named


class PlaceFilter(RosterFilter):
    """Finds peer support workers to place: those without a cohort unless asked otherwise."""

    free = Choice(_("Free on"), [("", _("Any day")), *Day.choices])
    cohort = Choice(_("Cohort"))

    def __init__(self, data: Any, *, by: User) -> None:
        super().__init__(data, by=by)
        self._offer_cohorts(("", _("None yet")), ("any", _("Any cohort")))

    @property
    def shows_members(self) -> bool:
        return "cohort" in self.chosen

    def people(self) -> QuerySet[Person]:
        people = super().people()
        if "free" in self.chosen:
            people = people.filter(roster_entry__availability__contains=[self.chosen["free"]])
        if not self.shows_members:
            people = people.without_cohort()  # type: ignore[attr-defined]
        else:
            members = self._members().values("worker")
            people = people.placeable().filter(pk__in=members)  # type: ignore[attr-defined]
        return people.order_by("family_name", "given_name", "pk")
