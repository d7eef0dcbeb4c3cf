"""The crispy pack draws what NHS.UK frontend draws: same elements, classes, wiring and words."""

from typing import Any

import pytest
from bs4 import BeautifulSoup, NavigableString, Tag
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from crispy_forms.templatetags.crispy_forms_filters import as_crispy_form
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template.loader import render_to_string
from jinja2 import ChainableUndefined, Environment, PackageLoader

NHSUK = Environment(
    loader=PackageLoader("nhsuk_frontend_jinja"), undefined=ChainableUndefined, autoescape=True
)
CHOICES = [("held", "Held"), ("not_held", "Not held")]
HINT = "For example: on Fridays"
ERROR = "Enter what you agreed"


class HintedRadios(forms.RadioSelect):
    """Radios with a line below the first."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        return {**option, "hint": "Even if cut short"} if option["index"] == "0" else option


def nhsuk(component: str, macro: str, params: dict[str, Any]) -> str:
    """What NHS.UK frontend's own macro draws."""
    file = f"nhsuk/components/{component}/macro.jinja"
    source = f'{{% from "{file}" import {macro} %}}{{{{ {macro}(params) }}}}'
    return NHSUK.from_string(source).render(params=params)


def tree(html: str) -> list[Any]:
    """Elements with attributes and words; classes in any order, spaces between left out."""
    return _nodes(BeautifulSoup(html, "html.parser", multi_valued_attributes=None))


def _nodes(tag: Tag) -> list[Any]:
    parts: list[Any] = []
    for child in tag.children:
        if isinstance(child, Tag):
            parts.append((child.name, _attributes(child), _nodes(child)))
        elif isinstance(child, NavigableString) and child.strip():
            parts.append(" ".join(child.split()))
    return parts


def _attributes(tag: Tag) -> dict[str, Any]:
    in_any_order = ("class", "aria-describedby")
    return {
        name: sorted(str(value).split()) if name in in_any_order else value
        for name, value in tag.attrs.items()
    }


def drawn(field: forms.Field, *, error: bool) -> str:
    """The field as crispy draws it in a form of its own, named `agreed`."""

    class Form(forms.Form):
        use_required_attribute = False
        agreed = field

    form = Form({} if error else None)
    form.fields["agreed"].error_messages["required"] = ERROR
    return str(as_crispy_form(form))


def expected(*, hint: bool, error: bool, group: bool = False, **params: Any) -> dict[str, Any]:
    """The macro's parameters for the same field."""
    heading = {"text": "What did you agree?", "size": "s"}
    named = {"idPrefix": "id_agreed", "fieldset": {"legend": heading}}
    single = {"id": "id_agreed", "label": heading}
    return {
        "name": "agreed",
        **(named if group else single),
        **({"hint": {"text": HINT, "id": "id_agreed_helptext"}} if hint else {}),
        **({"errorMessage": {"text": ERROR, "id": "id_agreed_error"}} if error else {}),
        **params,
    }


def items(kind: str = "") -> list[dict[str, Any]]:
    return [
        {"value": value, "text": text, **({"id": f"id_agreed_{number}"} if kind else {})}
        for number, (value, text) in enumerate(CHOICES)
    ]


SINGLE: dict[str, tuple[forms.Field, str, str, dict[str, Any]]] = {
    "text": (forms.CharField(), "input", "input", {}),
    "short text": (
        forms.CharField(widget=forms.TextInput(attrs={"class": "nhsuk-input--width-10"})),
        "input",
        "input",
        {"width": "10"},
    ),
    "e-mail": (
        forms.EmailField(),
        "input",
        "input",
        {"type": "email", "attributes": {"maxlength": "320"}},
    ),
    "number": (forms.IntegerField(), "input", "input", {"type": "number"}),
    "date": (forms.DateField(), "input", "input", {}),
    "search": (
        forms.CharField(widget=forms.TextInput(attrs={"type": "search"})),
        "input",
        "input",
        {"type": "search"},
    ),
    "password": (
        forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})),
        "password-input",
        "passwordInput",
        {"autocomplete": "new-password"},
    ),
    "text area": (
        forms.CharField(widget=forms.Textarea(attrs={"rows": 4})),
        "textarea",
        "textarea",
        {"rows": "4"},
    ),
    "select": (forms.ChoiceField(choices=CHOICES), "select", "select", {"items": items()}),
    "file": (forms.FileField(), "file-upload", "fileUpload", {}),
}
GROUPS: dict[str, tuple[forms.Field, str, dict[str, Any]]] = {
    "radios": (forms.ChoiceField(choices=CHOICES, widget=forms.RadioSelect), "radios", {}),
    "radios in a row": (
        forms.ChoiceField(
            choices=CHOICES, widget=forms.RadioSelect(attrs={"class": "nhsuk-radios--inline"})
        ),
        "radios",
        {"inline": True},
    ),
    "ticks": (
        forms.MultipleChoiceField(choices=CHOICES, widget=forms.CheckboxSelectMultiple),
        "checkboxes",
        {},
    ),
    "small ticks": (
        forms.MultipleChoiceField(
            choices=CHOICES,
            widget=forms.CheckboxSelectMultiple(attrs={"class": "nhsuk-checkboxes--small"}),
        ),
        "checkboxes",
        {"small": True},
    ),
}
states = pytest.mark.parametrize(
    ("hint", "error"),
    [(False, False), (True, False), (False, True), (True, True)],
    ids=["plain", "hint", "error", "hint and error"],
)


@states
@pytest.mark.parametrize("control", SINGLE)
def test_a_single_control_is_drawn_as_nhs_uk_draws_it(
    control: str, hint: bool, error: bool
) -> None:
    field, component, macro, params = SINGLE[control]
    field.label, field.help_text = "What did you agree?", HINT if hint else ""

    ours = drawn(field, error=error)

    theirs = nhsuk(component, macro, expected(hint=hint, error=error, **params))
    assert tree(ours) == tree(theirs)


@states
@pytest.mark.parametrize("control", GROUPS)
def test_a_group_of_choices_is_drawn_as_nhs_uk_draws_it(
    control: str, hint: bool, error: bool
) -> None:
    field, macro, params = GROUPS[control]
    field.label, field.help_text = "What did you agree?", HINT if hint else ""

    ours = drawn(field, error=error)

    params = expected(hint=hint, error=error, group=True, items=items(macro), **params)
    assert tree(ours) == tree(nhsuk(macro, macro, params))


def test_a_choice_carries_its_own_hint() -> None:
    field = forms.ChoiceField(
        label="What did you agree?", choices=CHOICES, widget=HintedRadios, initial="held"
    )

    ours = drawn(field, error=False)

    hinted = items("radios")
    hinted[0] |= {
        "checked": True,
        "hint": {"text": "Even if cut short", "id": "id_agreed_0_hint"},
    }
    theirs = nhsuk("radios", "radios", expected(hint=False, error=False, group=True, items=hinted))
    assert tree(ours) == tree(theirs)


@pytest.mark.parametrize("error", [False, True])
def test_one_tick_has_its_words_as_label_and_its_hint_below(error: bool) -> None:
    field = forms.BooleanField(
        label="Move Ruth", help_text=HINT, widget=forms.CheckboxInput(attrs={"value": "yes"})
    )

    ours = drawn(field, error=error)

    hint = {"text": HINT, "id": "id_agreed_helptext"}
    item = {"id": "id_agreed", "value": "yes", "text": "Move Ruth", "hint": hint}
    params = expected(hint=False, error=error, group=True, items=[item], fieldset=None)
    assert tree(ours) == tree(nhsuk("checkboxes", "checkboxes", params))


def test_what_was_typed_stays_and_is_escaped() -> None:
    class Form(forms.Form):
        use_required_attribute = False
        agreed = forms.CharField(label="What did you agree?", max_length=3)

    form = Form({"agreed": '<b>"&'})

    ours = str(render_crispy_form(form, FormHelper(form)))

    box = BeautifulSoup(ours, "html.parser").find("input", id="id_agreed")
    assert isinstance(box, Tag)
    assert box["value"] == '<b>"&'


@pytest.mark.parametrize("data", [None, {"agreed": "12"}], ids=["at first", "as posted"])
def test_a_list_shows_what_is_chosen_where_its_values_are_numbers(
    data: dict[str, str] | None,
) -> None:
    class Form(forms.Form):
        agreed = forms.TypedChoiceField(
            choices=[(2, "Two"), (12, "Twelve")], coerce=int, initial=12
        )

    form = Form(data)

    ours = str(render_crispy_form(form, FormHelper(form)))

    chosen = BeautifulSoup(ours, "html.parser").select("option[selected]")
    assert [option["value"] for option in chosen] == ["12"]


def test_the_error_summary_leads_to_the_first_control_of_each_field() -> None:
    class Form(forms.Form):
        on = forms.DateField(error_messages={"required": "Enter the date"})
        outcome = forms.ChoiceField(
            choices=CHOICES,
            widget=forms.RadioSelect,
            error_messages={"required": "Choose whether it was held"},
        )
        mode = forms.ChoiceField(choices=CHOICES, error_messages={"required": "Choose how"})

        def clean(self) -> None:
            raise forms.ValidationError("The two do not go together")

    ours = render_to_string("components/error_summary.html", {"form": Form({})})

    lines = [
        {"text": "The two do not go together"},
        {"text": "Enter the date", "href": "#id_on"},
        {"text": "Choose whether it was held", "href": "#id_outcome_0"},
        {"text": "Choose how", "href": "#id_mode"},
    ]
    params = {"titleText": "There is a problem", "errorList": lines, "classes": "app-narrow"}
    assert tree(ours) == tree(nhsuk("error-summary", "errorSummary", params))


@pytest.mark.parametrize(
    ("css_class", "variant"), [(None, None), ("nhsuk-button--secondary", "secondary")]
)
def test_a_button_is_drawn_as_nhs_uk_draws_it(css_class: str | None, variant: str | None) -> None:
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.add_input(Submit("save", "Save session", css_class=css_class))

    ours = str(render_crispy_form(forms.Form(), helper))

    params = {
        "text": "Save session",
        "id": "submit-id-save",
        "name": "save",
        "value": "Save session",
        "preventDoubleClick": True,
        **({"variant": variant} if variant else {}),
    }
    button = BeautifulSoup(ours, "html.parser").find("button")
    assert tree(str(button)) == tree(nhsuk("button", "button", params))


def test_a_scale_is_eleven_radios_whose_ends_are_words() -> None:
    scale = forms.RadioSelect(attrs={"scale": True, "data-low": "None", "data-high": "Plenty"})
    field = forms.TypedChoiceField(
        label="How much energy?", choices=[(n, n) for n in range(11)], widget=scale, initial=6
    )

    page = BeautifulSoup(drawn(field, error=False), "html.parser")

    radios = page.select("fieldset > .app-scale input[type=radio]")
    labels = [page.select_one(f"label[for={radio['id']}]") for radio in radios]
    assert [radio["value"] for radio in radios] == [str(n) for n in range(11)]
    assert [radio["value"] for radio in radios if radio.has_attr("checked")] == ["6"]
    assert [label.text for label in labels if label] == [
        "0, None",
        *map(str, range(1, 10)),
        "10, Plenty",
    ]
    assert {name for radio in radios for name in radio.attrs} == {
        "class",
        "name",
        "type",
        "value",
        "id",
        "checked",
    }
