"""Answers say what things are, in words that a driver knows; by as many statements however many rows."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leases.models import Driver
from ledger import services as ledger
from tests.factories import DriverFactory
from tests.ledger.api.client import BALANCES, EVERYTHING, POSTINGS, client_with, pay, void
from tests.ledger.proofs import SATURDAY, THURSDAY, apply, charge, earn

pytestmark = pytest.mark.django_db

RENT = "Rent Nov 15–21"
CARDS = "Card trips Nov 15–21, 47 trips"


def fill(driver: Driver, many: int) -> None:
    """Charge, earn and apply; correct one charge and void another."""
    first = many * 100
    for number in range(first, first + many):
        charge(driver, f"LEASE-{number}", "10.00", due_on=SATURDAY, description=RENT)
    earn(driver, f"CURB-{first}", "15.00", description=CARDS)
    apply()
    wrong = charge(driver, f"PVB-{first}", "115.00", description="No standing, Nov 3")
    ledger.replace_obligation(
        posting_id=wrong.pk, amount=Decimal("65.00"), reason="Reduced", actor=None, effective_on=THURSDAY
    )


class TestLists:
    def test_tell_what_each_is(self):
        driver, client = DriverFactory.create(), client_with(*EVERYTHING)
        fill(driver, 1)
        balances = client.get(BALANCES, {"driver": driver.pk}).json()["results"]
        assert {row["reference_id"]: row["description"] for row in reversed(balances)} == {
            "LEASE-100": RENT,
            "CURB-100": CARDS,
            "PVB-100": "No standing, Nov 3, corrected from 115.00 to 65.00",
        }
        postings = client.get(POSTINGS, {"driver": driver.pk}).json()["results"]
        told = [row["description"] for row in reversed(postings)]
        assert told[:5] == [
            RENT,
            CARDS,
            f"Paid from card trips Nov 15–21, 47 trips: {RENT}",
            "No standing, Nov 3",
            "Taken back: No standing, Nov 3 (Reduced)",
        ]
        assert told[5] == "No standing, Nov 3, corrected from 115.00 to 65.00"
        assert {row["income"] for row in postings} == {"0.00"}

    @pytest.mark.parametrize("url", [BALANCES, POSTINGS])
    def test_take_as_many_statements_for_many_rows_as_for_few(self, url):
        driver, client = DriverFactory.create(), client_with(*EVERYTHING)

        def count() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url, {"driver": driver.pk}).status_code == 200
            return len(captured)

        count()  # the token notes its first use
        fill(driver, 1)
        few = count()
        fill(driver, 12)
        assert count() == few


class TestWritten:
    def test_a_payment_tells_its_postings(self):
        driver, client = DriverFactory.create(), client_with(*EVERYTHING)
        charge(driver, "LEASE-1", "10.00", description=RENT)
        body = {
            "driver_id": driver.pk,
            "payment_amount": "25.00",
            "payment_method": "CHECK",
            "instrument_number": "555",
            "allocations": [{"reference_id": "LEASE-1", "amount": "10.00"}],
        }
        answer = pay(client, body).json()
        receipt = answer["receipt"].removeprefix("PAY-")
        credit, allocation = (row["description"] for row in answer["postings"])
        assert credit.startswith("Your check 555 of ")
        assert credit.endswith(f", receipt {receipt}")
        assert allocation == f"Paid by you: {RENT}"

    def test_a_void_tells_what_it_takes_back(self):
        driver, client = DriverFactory.create(), client_with(*EVERYTHING)
        fine = charge(driver, "PVB-1", "10.00", description="No standing, Nov 3")
        answer = void(client, fine.pk, {"reason": "dismissed by the City"}).json()
        assert [row["description"] for row in answer["postings"]] == [
            "Taken back: No standing, Nov 3 (dismissed by the City)"
        ]
