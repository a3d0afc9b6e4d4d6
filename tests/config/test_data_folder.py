"""What is said of a server's data folder."""

from pathlib import Path

import pytest

from config.data_folder import check_data_folder


@pytest.fixture(autouse=True)
def server(settings, tmp_path: Path) -> Path:
    settings.LOCAL = False
    settings.DATA_DIR = folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder


def list_ids() -> list[str | None]:
    return [found.id for found in check_data_folder()]


def test_a_closed_folder_of_its_own_is_well():
    assert list_ids() == []


def test_one_in_the_checkout_is_told(settings):
    settings.DATA_DIR = settings.BASE_DIR / "nobody-made-it"
    assert list_ids() == ["config.W001"]


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o777])
def test_one_that_others_can_read_is_told(server, mode):
    server.chmod(mode)
    assert list_ids() == ["config.W002"]


def test_on_ones_own_machine_nothing_is_said(settings, server):
    settings.LOCAL = True
    server.chmod(0o777)
    assert list_ids() == []
