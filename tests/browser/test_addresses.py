"""E-mail addresses in narrow columns."""

import pytest

from tests.browser.conftest import Riverside, SignIn

LONG = "blessing.adeyemi@community.peersupport.riversidehospitals.trust.example"

BROKEN_WORDS = """() => {
    const broken = [];
    for (const address of document.querySelectorAll(":has(> wbr)")) {
        for (const part of [...address.childNodes].filter(node => node.nodeType === 3)) {
            const range = document.createRange();
            range.selectNodeContents(part);
            const lines = new Set([...range.getClientRects()].map(each => Math.round(each.top)));
            if (lines.size > 1) broken.push(part.data);
        }
    }
    return broken;
}"""


@pytest.mark.parametrize(
    ("page", "shown"),
    [("/cohorts/people/", LONG), ("/cohorts/roster/import/", "leila.pugh@trust.example")],
)
def test_a_long_address_breaks_only_after_an_at_or_a_dot(
    riverside: Riverside, sign_in: SignIn, page: str, shown: str
) -> None:
    riverside.blessing.email = LONG
    riverside.blessing.save(update_fields=["email"])
    joanna = sign_in(riverside.head)

    joanna.opens(page)

    assert shown in joanna.page.locator(":has(> wbr)").all_inner_texts()
    assert joanna.page.evaluate(BROKEN_WORDS) == []
