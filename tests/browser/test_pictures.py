"""The pictures of the README, taken from the demo: PICTURES=1 make test ARGS="-k picture"."""

import os

import pytest
from django.conf import settings
from playwright.sync_api import ViewportSize

from peersupport.accounts.models import User
from peersupport.demo.build import DEMO, build
from tests.browser.conftest import SignIn
from tests.browser.visitor import WIDE

FOLDER = settings.BASE_DIR / "docs" / "pictures"
LARGEST = 200_000  # bytes

pytestmark = pytest.mark.skipif(
    "PICTURES" not in os.environ, reason="Pictures are taken only when PICTURES is set"
)


@pytest.fixture
def viewport() -> ViewportSize:
    return WIDE


def test_the_picture_of_a_caseload_is_taken(sign_in: SignIn) -> None:
    build(DEMO)
    anwen = sign_in(User.objects.get(email="supervisor@demo.example"))
    FOLDER.mkdir(exist_ok=True)

    anwen.opens("/supervision/")
    picture = anwen.page.screenshot(path=FOLDER / "caseload.png", scale="css")

    assert len(picture) < LARGEST
