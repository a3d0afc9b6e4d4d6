"""A payout's voucher, and its amount in words."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from ledger import services as ledger
from ledger.money import say_dollars
from ledger.selectors import find_payout
from tests.factories import LeaseFactory, UserFactory
from tests.ledger.proofs import THURSDAY, earn, pay_out


class TestSayDollars:
    @pytest.mark.parametrize(
        ("amount", "words"),
        [
            ("0.01", "Zero and 01/100 dollars"),
            ("1.00", "One and 00/100 dollars"),
            ("19.99", "Nineteen and 99/100 dollars"),
            ("40.00", "Forty and 00/100 dollars"),
            ("239.40", "Two hundred thirty-nine and 40/100 dollars"),
            ("1000.05", "One thousand and 05/100 dollars"),
            ("12345.60", "Twelve thousand three hundred forty-five and 60/100 dollars"),
            ("1000001.00", "One million one and 00/100 dollars"),
            (
                "9999999999.99",
                "Nine billion nine hundred ninety-nine million nine hundred ninety-nine thousand nine hundred "
                "ninety-nine and 99/100 dollars",
            ),
        ],
    )
    def test_says_an_amount_as_a_check_does(self, amount: str, words: str) -> None:
        assert say_dollars(Decimal(amount)) == words


@pytest.mark.django_db
class TestVoucher:
    def page(self, payout_id: int, role: str = "Supervisor") -> str:
        client = Client()
        client.force_login(UserFactory.create(groups=[role]))
        return client.get(reverse("admin:ledger_payout_voucher", args=[payout_id])).content.decode()

    def test_says_how_much_how_for_what_and_from_what(self) -> None:
        lease = LeaseFactory.create()
        earn(lease.primary_driver, "CURB-1", "300.00", lease_id=lease.pk, description="Card trips Nov 15–21, 47 trips")
        payout = pay_out(
            lease.primary_driver,
            "239.40",
            method="CHECK",
            instrument_number="1003",
            dtr_number="DTR-000424",
            lease_id=lease.pk,
        )
        page = self.page(payout.pk)
        for words in (
            "OUT-000001",
            "Two hundred thirty-nine and 40/100 dollars",
            "Check 1003",
            "DTR-000424",
            str(lease),
            "Card trips Nov 15–21, 47 trips",
            "Received by: signature",
        ):
            assert words in page
        assert "VOIDED" not in page

    def test_says_that_the_payout_was_voided(self) -> None:
        lease = LeaseFactory.create()
        earn(lease.primary_driver)
        payout = pay_out(lease.primary_driver, "40.00")
        ledger.void_payout(payout_id=payout.pk, reason="Never fetched", actor=None, effective_on=THURSDAY)
        assert "VOIDED" in self.page(payout.pk)
        found = find_payout("OUT-000001")
        assert found is not None
        assert (found.payout, found.stands) == (payout, False)
        assert find_payout("OUT-000002") is None
        assert find_payout("DTR-000001") is None

    def test_of_a_payout_that_is_not_there_is_no_page(self) -> None:
        client = Client()
        client.force_login(UserFactory.create(groups=["Auditor"]))
        assert client.get(reverse("admin:ledger_payout_voucher", args=[2**40])).status_code == 404
