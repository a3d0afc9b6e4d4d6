"""References lead to the pages of their records, and nowhere else."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from core import sources
from core.sources import SourcePage, find_source, register_source


def find_barrel(reference_id: str) -> SourcePage | None:
    number = reference_id.removeprefix("BARREL-")
    return SourcePage(f"Barrel {number}", f"/barrels/{number}/", "cellar.view_barrel") if number.isdigit() else None


@pytest.fixture(autouse=True)
def cellar(monkeypatch: pytest.MonkeyPatch) -> None:
    """An app that answers for BARREL- references."""
    monkeypatch.setattr(sources, "_FINDERS", {})
    register_source("BARREL", find_barrel)


class TestFindSource:
    def test_asks_the_owner_of_the_prefix(self) -> None:
        assert find_source("BARREL-7") == SourcePage("Barrel 7", "/barrels/7/", "cellar.view_barrel")

    @pytest.mark.parametrize("reference_id", ["", "BARREL", "BARREL-", "BARRELS-7", "CASK-7", "-BARREL-7", "barrel-7"])
    def test_knows_nothing_else(self, reference_id: str) -> None:
        assert find_source(reference_id) is None


class TestRegisterSource:
    def test_takes_the_same_owner_again(self) -> None:
        register_source("BARREL", find_barrel)
        assert find_source("BARREL-7") is not None

    def test_refuses_a_second_owner(self) -> None:
        with pytest.raises(ImproperlyConfigured, match="BARREL- have two owners"):
            register_source("BARREL", lambda reference_id: None)
