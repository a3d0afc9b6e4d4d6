"""What every story ends with, besides the audits that it runs itself."""

from collections.abc import Iterator

import pytest

from tests.books import assert_never_below_zero


@pytest.fixture(autouse=True)
def look_at_every_day(request: pytest.FixtureRequest) -> Iterator[None]:
    """When the story is told, no balance was below zero at the end of any of its days."""
    yield
    if request.node.get_closest_marker("django_db") is not None:
        assert_never_below_zero()
