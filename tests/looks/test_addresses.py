"""Where an e-mail address may go on in the next line."""

from cohorts.templatetags.addresses import breakable


def test_an_address_may_break_after_an_at_or_a_dot_and_nowhere_else() -> None:
    assert breakable("nia.lloyd@trust.example") == "nia.<wbr>lloyd@<wbr>trust.<wbr>example"


def test_an_address_is_escaped() -> None:
    assert breakable("<b>@x") == "&lt;b&gt;@<wbr>x"


def test_no_address_is_nothing() -> None:
    assert breakable("") == ""
