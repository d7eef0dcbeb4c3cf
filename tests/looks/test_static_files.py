"""Stylesheets as they are served."""

from pathlib import Path

from django.core.management import call_command
from pytest_django import Settings

FONT = "@font-face{font-family:Far;src:url(https://far.example/a.woff)}"


def test_a_stylesheet_keeps_all_but_its_fonts(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "page.css").write_text(f"{FONT}a{{color:red}}{FONT}p{{margin:0}}")
    settings.STATICFILES_DIRS = [tmp_path / "ours"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "served"

    call_command("collectstatic", interactive=False, verbosity=0)

    served = (tmp_path / "served").glob("page.*.css")
    assert [sheet.read_text() for sheet in served] == ["a{color:red}p{margin:0}"]
