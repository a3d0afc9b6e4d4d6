"""What the tests of the ledger's API share: a program that may do everything, and a payment that is right."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from ledger import services as ledger
from tests.factories import DriverFactory
from tests.ledger.api.client import EVERYTHING, client_with, count_written


@pytest.fixture
def client() -> APIClient:
    return client_with(*EVERYTHING)


@pytest.fixture
def body() -> dict[str, Any]:
    """A payment of 100 that is right: 40 of it on MISC-1, of which 60 remain."""
    driver = DriverFactory.create()
    ledger.create_obligation(
        category="MISC",
        amount=Decimal("60.00"),
        reference_id="MISC-1",
        driver_id=driver.pk,
        effective_on=timezone.localdate(),
    )
    return {
        "driver_id": driver.pk,
        "payment_amount": "100.00",
        "payment_method": "CASH",
        "allocations": [{"reference_id": "MISC-1", "amount": "40.00"}],
    }


@pytest.fixture
def nothing_written() -> Iterator[None]:
    """Ask for it after what the test prepares: it compares the ledger, the payments and the stored answers."""
    before = count_written()
    yield
    assert count_written() == before
