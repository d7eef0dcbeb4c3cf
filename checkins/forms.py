"""Forms for a check-in, a request to talk, and a help line."""

from collections.abc import Iterator, Sequence
from typing import Any

from dateutil.relativedelta import relativedelta
from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkins.models import HelpLine
from checkins.scoring import Instrument
from checkins.sharing import in_a_row
from cohorts.fields import DayField
from peersupport.accounts.models import Organisation, User

JUST_FOR_ME = "me"
AS_NOW = "as-now"


class ExplainedRadios(forms.RadioSelect):
    """Radio buttons, each with a line below it where there is something to explain."""

    explanations: dict[str, str]

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["hint"] = self.explanations.get(str(value))
        return option


def scale(instrument: Instrument, key: str) -> forms.TypedChoiceField:
    """One question as a row of squares. It can be left out."""
    question = instrument.question(key)
    return forms.TypedChoiceField(
        label=question.words,
        choices=[(value, str(value)) for value in instrument.response.values],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect(
            attrs={"scale": True, "data-low": question.low, "data-high": question.high}
        ),
        error_messages={
            "invalid_choice": _("Choose a number, %(numbers)s")
            % {"numbers": instrument.possible_answers}
        },
    )


class CheckInForm(forms.Form):
    """The questions of one instrument, and who may read these answers.

    `readers` can read them already, where they are changed: nobody loses them without a word.
    """

    def __init__(
        self,
        data: Any = None,
        *,
        instrument: Instrument,
        supervisors: Sequence[User],
        readers: Sequence[User],
        talk_to: User | None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial={"for_whom": JUST_FOR_ME, **(initial or {})})
        self.instrument = instrument
        for item in instrument.items:
            self.fields[item.key] = scale(instrument, item.key)
        self.readers = list(readers)
        self.people = {f"share-{person.pk}": person for person in supervisors}
        self.talk_to = talk_to
        self.fields["for_whom"] = self._for_whom()
        if self.readers:
            self.initial["for_whom"] = self._as_it_is()

    def _as_it_is(self) -> str:
        return AS_NOW if len(self.readers) > 1 else f"share-{self.readers[0].pk}"

    def _for_whom(self) -> forms.ChoiceField:
        widget = ExplainedRadios()
        choices: list[tuple[str, str]] = []
        widget.explanations = {}
        for value, label, explanation in self._ways():
            choices.append((value, label))
            widget.explanations[value] = explanation
        return forms.ChoiceField(
            label=_("Who is this for?"),
            choices=choices,
            widget=widget,
            error_messages={
                "required": _("Choose who this is for"),
                "invalid_choice": _("Choose who this is for: whom you can ask has changed"),
            },
        )

    def _ways(self) -> Iterator[tuple[str, str, str]]:
        """Each choice: its value, its label, and the line below it."""
        yield JUST_FOR_ME, gettext("Just for me"), self._ends_for(self.readers)
        take_back = gettext("You can take it back at any time")
        if len(self.readers) > 1:
            names = {"names": in_a_row(self.readers)}
            yield AS_NOW, gettext("Share this one with %(names)s, as now") % names, take_back
        for value, person in self.people.items():
            others = [reader for reader in self.readers if reader != person]
            label = gettext("Share this one with %(name)s")
            if others:
                label = gettext("Share this one with %(name)s only")
            yield value, label % {"name": person.name}, self._ends_for(others) or take_back
        if self.talk_to is not None:
            said = gettext("%(name)s is told that you would like to talk, not your answers") % {
                "name": self.talk_to.first_name if self.people else self.talk_to.name
            }
            sentences = [said, self._ends_for(self.readers)]
            yield (
                f"talk-{self.talk_to.pk}",
                gettext("I'd like to talk"),
                ". ".join(filter(None, sentences)),
            )

    @staticmethod
    def _ends_for(readers: Sequence[User]) -> str:
        """Who loses what they can read now; nothing where nobody does."""
        if not readers:
            return ""
        return gettext("%(names)s can no longer read it") % {"names": in_a_row(readers)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        keys = [item.key for item in self.instrument.items]
        if not self.answers and not any(key in self.errors for key in keys):
            self.add_error(keys[0], _("Answer at least one question"))
        return cleaned

    @property
    def answers(self) -> dict[str, int]:
        """What was answered, by item; skipped questions are left out."""
        return {
            item.key: answer
            for item in self.instrument.items
            if (answer := self.cleaned_data.get(item.key)) is not None
        }

    @property
    def shared_with(self) -> list[User]:
        chosen: str = self.cleaned_data["for_whom"]
        if chosen == AS_NOW:
            return self.readers
        return [self.people[chosen]] if chosen in self.people else []

    @property
    def wants_to_talk_to(self) -> User | None:
        chosen: str = self.cleaned_data["for_whom"]
        return self.talk_to if chosen.startswith("talk-") else None


class TalkRequestForm(forms.Form):
    """Asks the person whom the page named, and nobody else."""

    asked = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, talk_to: User) -> None:
        super().__init__(data, initial={"asked": talk_to.pk})
        self.talk_to = talk_to

    def clean_asked(self) -> int:
        asked: int = self.cleaned_data["asked"]
        if asked != self.talk_to.pk:
            raise forms.ValidationError(
                _("Somebody else is asked now. Read who it is, then press the button again")
            )
        return asked


class HelpLineForm(forms.ModelForm):
    """One help line of an organisation's own."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.all(), disabled=True, widget=forms.HiddenInput
    )
    web = forms.URLField(
        label=_("Which web page do people open? (optional)"),
        help_text=_("For example, https://www.samaritans.org/"),
        required=False,
        assume_scheme="https",
        error_messages={"invalid": _("Enter a web address that begins with https://")},
    )

    class Meta:
        model = HelpLine
        fields = (
            "organisation",
            "name",
            "what",
            "phone",
            "text",
            "web",
            "hours",
            "position",
            "review_on",
        )
        labels = {
            "name": _("What is it called?"),
            "what": _("What is it for?"),
            "phone": _("Which number do people call? (optional)"),
            "text": _("What do people text, and to which number? (optional)"),
            "hours": _("When does somebody answer?"),
            "position": _("Where does it stand in the list?"),
            "review_on": _("By when will you check that this is still right?"),
        }
        help_texts = {
            "text": _("For example, SHOUT to 85258"),
            "hours": _("For example, Monday to Friday, 09:00 to 17:00"),
            "position": _("1 stands first"),
        }
        widgets = {
            "phone": forms.TextInput(attrs={"class": "nhsuk-input--width-20"}),
            "position": forms.NumberInput(attrs={"class": "nhsuk-input--width-3"}),
        }
        field_classes = {"review_on": DayField}
        error_messages = {
            "name": {"required": _("Enter what it is called")},
            "what": {"required": _("Enter what it is for")},
            "hours": {"required": _("Enter when somebody answers")},
            "position": {
                "required": _("Enter where it stands in the list"),
                "invalid": _("Enter a whole number"),
                "min_value": _("Enter 0 or more"),
                "max_value": _("Enter a smaller number"),
            },
            "review_on": {
                "required": _("Enter the date by which you will check this"),
            },
        }

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        next_year = timezone.localdate() + relativedelta(years=1)
        kwargs["initial"] = {"organisation": organisation, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.initial.setdefault("review_on", next_year)
            self.initial["position"] = organisation.help_lines.count() + 1

    def clean(self) -> dict[str, Any]:
        """The rule of help_line_can_be_reached, beside the first field that would keep it."""
        cleaned = super().clean() or {}
        ways = ("phone", "text", "web")
        if not any(cleaned.get(way) or way in self.errors for way in ways):
            self.add_error("phone", _("Enter a phone number, a text number or a web address"))
        return cleaned
