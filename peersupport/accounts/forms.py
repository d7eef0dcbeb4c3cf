"""Forms for inviting people, for accepting, and about the organisation."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from peersupport.accounts.models import Nation, Organisation, Role, User, real_time_zone


class InvitationForm(forms.Form):
    """Whom to invite, and as what."""

    given_name = forms.CharField(
        label=_("What is their first name?"),
        max_length=150,
        error_messages={"required": _("Enter their first name")},
    )
    family_name = forms.CharField(
        label=_("What is their last name?"),
        max_length=150,
        error_messages={"required": _("Enter their last name")},
    )
    email = forms.EmailField(
        label=_("What is their work e-mail address?"),
        error_messages={
            "required": _("Enter their work e-mail address"),
            "invalid": _("Enter a whole e-mail address, like name@example.nhs.uk"),
        },
    )
    role = forms.ChoiceField(
        label=_("What will they do?"),
        choices=Role.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what they will do"),
            "invalid_choice": _("Choose what they will do"),
        },
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        signed_in = User.objects.filter(
            organisation=self.by.organisation, email=email, last_login__isnull=False
        )
        if signed_in.exists():
            raise forms.ValidationError(_("This person signs in already. Find them under People"))
        return email


class PersonForm(forms.Form):
    """What is asked of one person, or about them."""

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person


class NewPasswordForm(PersonForm):
    """The password a person chooses when they accept."""

    password = forms.CharField(
        label=_("Choose a password"),
        help_text=_("At least 12 characters. Three words that do not belong together work well."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Choose a password")},
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.person)
        return password


class AddressForm(forms.Form):
    """The address to which a new link goes, if it has been invited."""

    email = forms.EmailField(
        label=_("What is your work e-mail address?"),
        error_messages={
            "required": _("Enter your work e-mail address"),
            "invalid": _("Enter a whole e-mail address, like name@example.nhs.uk"),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class NewAddressForm(PersonForm):
    """The address that somebody is to sign in with."""

    email = forms.EmailField(
        label=_("What is the right e-mail address?"),
        error_messages={
            "required": _("Enter the right e-mail address"),
            "invalid": _("Enter a whole e-mail address, like name@example.nhs.uk"),
        },
    )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        if email == self.person.email.lower():
            raise forms.ValidationError(
                _("Enter another address than %(email)s, which there is now"),
                params={"email": self.person.email},
            )
        return email


class PasswordForm(PersonForm):
    """The password that a person has, to show that it is them."""

    password = forms.CharField(
        label=_("Password now"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Enter the password you have now")},
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.person.check_password(password):
            raise forms.ValidationError(_("Enter the password you have now"))
        return password


class MyAddressForm(PasswordForm, NewAddressForm):
    """The address that somebody wants to sign in with themself."""

    field_order = ("email", "password")

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        self.fields["email"].label = _("What is your new work e-mail address?")
        self.fields["email"].error_messages["required"] = _("Enter your new work e-mail address")
        self.fields["email"].widget.attrs["autocomplete"] = "email"


class OrganisationForm(forms.ModelForm):
    """What an organisation is called, when its days are, and what it does about line managers."""

    time_zone = forms.CharField(
        label=_("In which time zone are you?"),
        help_text=_("For example, Europe/London. Days, times and e-mails go by it."),
        validators=[real_time_zone],
        widget=forms.TextInput(attrs={"class": "nhsuk-input--width-20"}),
        error_messages={"required": _("Enter a time zone such as Europe/London")},
    )
    nation = forms.ChoiceField(
        label=_("Whose bank holidays do you keep?"),
        help_text=_("No reminder goes out on them."),
        choices=Nation.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose whose bank holidays you keep"),
            "invalid_choice": _("Choose whose bank holidays you keep"),
        },
    )
    line_manager_rule = forms.ChoiceField(
        label=_("What happens when somebody would be supervised by their own line manager?"),
        choices=Organisation.LineManagerRule.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what happens"),
            "invalid_choice": _("Choose what happens"),
        },
    )

    talk_hours = forms.IntegerField(
        label=_("After how many hours is a wish to talk, without an answer, passed on to heads?"),
        help_text=_("From 1 to 336. Peer support workers read it before they ask."),
        min_value=1,
        max_value=336,
        widget=forms.NumberInput(attrs={"class": "nhsuk-input--width-4"}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            _("Enter a number of hours from 1 to 336"),
        ),
    )

    class Meta:
        model = Organisation
        fields = ("name", "time_zone", "nation", "line_manager_rule", "talk_hours")
        labels = {"name": _("What is your organisation called?")}
        help_texts = {"name": _("It stands at the top of every page and in e-mails.")}
        error_messages = {
            "name": {
                "required": _("Enter the name of your organisation"),
                "max_length": _("Use 200 characters or fewer"),
            },
        }
