"""No form leaves a date to the browser: what is half filled in there arrives as nothing at all."""

from pathlib import Path

import pytest
from django.conf import settings

BOXES = ('type="date"', "type='date'", '"type": "date"', "DateInput(", 'type="month"')


@pytest.mark.parametrize(
    "folder", ["cohorts", "supervision", "checkins", "peersupport", "templates"]
)
def test_no_box_is_the_browsers_own(folder: str) -> None:
    root = Path(settings.BASE_DIR, folder)
    files = [*root.rglob("*.py"), *root.rglob("*.html")]

    found = [str(file) for file in files if any(box in file.read_text() for box in BOXES)]

    assert len(files) > 10
    assert found == []
