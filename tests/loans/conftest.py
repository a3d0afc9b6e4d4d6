"""A driver, and a loan to them in its third week."""

from datetime import date

import pytest

from leases.models import Driver
from loans.models import DriverLoan
from tests.factories import DriverFactory
from tests.loans.office import lend, post_due


@pytest.fixture
def driver() -> Driver:
    return DriverFactory.create()


@pytest.fixture
def loan(driver: Driver) -> DriverLoan:
    """1,200.00 at 10 %, lent on a Tuesday, two installments charged."""
    made = lend(driver)
    post_due(date(2026, 11, 28))
    return made
