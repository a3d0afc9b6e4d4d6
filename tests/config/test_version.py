"""One version, in one place; the changelog tells of it, and what an upgrade to it asks for."""

import re
import tomllib
from pathlib import Path

from django.conf import settings

from config import __version__

PROJECT = Path(__file__).resolve().parents[2]
CHANGELOG = (PROJECT / "CHANGELOG.md").read_text()
#: Each part's name, and its text.
PARTS = re.findall(r"^## (.+)\n((?:(?!^## ).*\n)*)", CHANGELOG, re.MULTILINE)
ASKS = ("no migrations", "safe under running code", "stop everything first")


def test_it_is_a_number_that_can_be_compared():
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev0)?", __version__)
    assert __version__ == settings.VERSION


def test_nothing_else_has_one():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]

    assert ("version" in project, project["dynamic"]) == (False, ["version"])


def test_the_changelog_begins_with_it():
    newest = PARTS[0][0]

    if __version__.endswith(".dev0"):
        assert newest == "Unreleased"
    else:
        assert re.fullmatch(rf"{re.escape(__version__)} – \d{{4}}-\d\d-\d\d", newest)


def test_each_part_says_first_what_an_upgrade_to_it_asks_for():
    for name, text in PARTS:
        first = text.strip().split("\n")[0]
        assert first.startswith(tuple(f"**Upgrade**: {asked}" for asked in ASKS)), name
