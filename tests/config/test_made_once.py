"""What a module's tests begin with is made once, and no test sees what another did to it."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from leases.models import Driver
from tests.factories import DriverFactory
from tests.made_once import MadeOnce, commits


@pytest.fixture(scope="module")
def driver(made_once: MadeOnce) -> Driver:
    return made_once(lambda: DriverFactory.create(last_name="Made"))


@pytest.mark.django_db
@pytest.mark.parametrize("turn", range(2))
def test_each_test_is_undone_to_what_was_made(driver: Driver, turn: int) -> None:
    assert [(found.pk, found.last_name) for found in Driver.objects.all()] == [(driver.pk, "Made")]

    Driver.objects.update(last_name="Changed")
    DriverFactory.create()


@pytest.fixture(scope="class")
def another(made_once_a_class: MadeOnce) -> Driver:
    return made_once_a_class(lambda: DriverFactory.create(last_name="Another"))


@pytest.mark.django_db
class TestAClass:
    @pytest.mark.parametrize("turn", range(2))
    def test_has_rows_of_its_own(self, driver: Driver, another: Driver, turn: int) -> None:
        assert {found.pk for found in Driver.objects.all()} == {driver.pk, another.pk}

        Driver.objects.update(last_name="Changed")


@pytest.mark.django_db
def test_what_a_class_began_with_is_gone_after_it(driver: Driver) -> None:
    assert [(found.pk, found.last_name) for found in Driver.objects.all()] == [(driver.pk, "Made")]


@pytest.mark.parametrize(
    ("marker", "fixtures", "does"),
    [
        (pytest.mark.django_db, ["db"], False),
        (pytest.mark.django_db(transaction=True), [], True),
        (None, ["transactional_db"], True),
        (None, ["live_server"], True),
        (None, [], False),
    ],
)
def test_a_module_with_a_test_that_commits_is_told_by_it(marker: Any, fixtures: list[str], does: bool) -> None:
    item = SimpleNamespace(fixturenames=fixtures, get_closest_marker=lambda name: marker and marker.mark)
    assert commits(cast(pytest.Item, item)) is does
