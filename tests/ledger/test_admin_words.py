"""Pages say what things are beside their reference, in words that a driver knows."""

import re

import pytest
from django.utils import timezone

from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.factories import DriverFactory, LeaseFactory, LeaseInstallmentFactory
from tests.ledger.admin_pages import browse, look, url_of
from tests.ledger.proofs import SATURDAY, apply, charge, count_statements, earn, pay, pay_out

pytestmark = pytest.mark.django_db

RENT = "Rent Nov 15–21, 4 of 7 days"
CARDS = "Card trips Nov 15–21, 47 trips"


@pytest.fixture
def week() -> LedgerPosting:
    """A driver's rent of 80.00, of which 20.00 are paid over the counter and 50.00 by card money; 10.00 of it left."""
    driver = DriverFactory.create()
    rent = charge(driver, "LEASE-1", "80.00", description=RENT)
    earn(driver, "CURB-1", "50.00", description=CARDS)
    apply()
    pay(driver, "20.00", {"LEASE-1": "20.00"})
    return rent


def content_of(name: str, *args: object, role: str = "Supervisor") -> str:
    page = browse(role).get(url_of(name, *args))
    assert page.status_code == 200
    return str(page.content.decode())


class TestPages:
    @pytest.mark.parametrize("name", ["ledger_ledgerposting_changelist", "ledger_ledgerbalance_changelist"])
    def test_lists(self, week, name):
        content = content_of(name)
        assert RENT in content
        assert CARDS in content
        assert "LEASE-1" in content

    def test_a_posting_and_a_balance(self, week):
        assert RENT in content_of("ledger_ledgerposting_change", week.pk)
        content = content_of("ledger_ledgerbalance_change", week.pk)
        assert RENT in content
        assert CARDS in content
        paid = LedgerPosting.objects.get(kind="APPLICATION")
        assert f"Paid from card trips Nov 15–21, 47 trips: {RENT}" in content_of("ledger_ledgerposting_change", paid.pk)

    def test_a_driver_s_account(self, week):
        earn(week.driver, "CURB-2", "30.00", description="Card trips Nov 22–28, 9 trips")
        content = content_of("ledger_driver_account", week.driver_id)
        assert RENT in content
        assert "Card trips Nov 22–28, 9 trips" in content

    def test_what_can_be_paid_charged_or_coming(self):
        lease = LeaseFactory.create()
        coming = LeaseInstallmentFactory.create(lease=lease, due_on=timezone.localdate())
        charge(lease.primary_driver, "LEASE-1", "80.00", description=RENT)
        content = content_of("ledger_driver_payment", lease.primary_driver_id, role="Cashier")
        assert RENT in content
        assert "Rent " in content.replace(RENT, "")
        assert coming.reference_id in content

    def test_a_receipt_and_its_payment(self, week):
        payment = LedgerPosting.objects.get(kind="PAYMENT").payment
        assert payment is not None
        receipt = content_of("ledger_interimpayment_receipt", payment.pk)
        assert RENT in re.sub('<span class="nowrap">(.*?)</span>', r"\1", receipt)
        assert RENT in content_of("ledger_interimpayment_change", payment.pk)

    def test_a_payout(self):
        driver = DriverFactory.create()
        earn(driver, "CURB-1", "50.00", description=CARDS)
        assert CARDS in content_of("ledger_payout_change", pay_out(driver, "50.00").pk)

    def test_the_preview_of_a_void_and_what_stands_in_its_way(self, week):
        page = look(
            browse("Supervisor"), url_of("ledger_ledgerposting_void", week.pk), reason="Wrong week"
        ).content.decode()
        assert RENT in page
        assert CARDS in page
        card = LedgerPosting.objects.get(kind="EARNINGS")
        assert RENT in content_of("ledger_ledgerposting_void", card.pk)

    def test_a_write_off(self, week):
        assert RENT in content_of("ledger_ledgerposting_write_off", week.pk)

    def test_a_correction_says_so(self, week):
        ledger.replace_obligation(
            posting_id=week.pk, amount=week.amount / 2, reason="Reduced", actor=None, effective_on=SATURDAY
        )
        content = content_of("ledger_ledgerbalance_changelist")
        assert f"{RENT}, corrected from 80.00 to 40.00" in content


def test_the_payment_page_asks_as_often_for_many_lines_as_for_few():
    client = browse("Cashier")

    def count(lines: int) -> int:
        driver = DriverFactory.create()
        for number in range(lines):
            charge(driver, f"MISC-{driver.pk}{number}", "10.00", description="Lost key")
        return count_statements(lambda: client.get(url_of("ledger_driver_payment", driver.pk)))

    assert count(2) == count(20)
