"""What was there before the cut-over: deposits without a receipt, and the fleet's own accounts."""

from decimal import Decimal

import pytest

from ledger import services as ledger
from ledger.models import InterimPayment, LedgerPosting, Transfer
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory
from tests.ledger.proofs import THURSDAY, UNKNOWN, WEDNESDAY, assert_locks_first, balances_of, charge, writes
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    return LeaseFactory.create()


def open_deposit(lease, **facts):
    given = {
        "driver_id": lease.primary_driver_id,
        "lease_id": lease.pk,
        "amount": Decimal("400.00"),
        "reference_id": "OPEN-DEPOSIT-D",
        "effective_on": WEDNESDAY,
        "actor": None,
        **facts,
    }
    return ledger.open_deposit(**given)


def open_account(**facts):
    given = {
        "account": "1030",
        "side": "DEBIT",
        "amount": Decimal("10000.00"),
        "reference_id": "OPEN-ACCOUNT-1030",
        "effective_on": WEDNESDAY,
        "actor": None,
        **facts,
    }
    return ledger.open_account(**given)


class TestOpenDeposit:
    def test_is_held_without_a_receipt(self, lease):
        with writes(postings=1, balances=1, accounts=1):
            posting = open_deposit(lease, description="From before Oct 4: lease deposit")
        assert (posting.kind, posting.payment_id, posting.lease_id) == ("DEPOSIT", None, lease.pk)
        assert balances_of(lease.primary_driver) == {"OPEN-DEPOSIT-D": ("400.00", "OPEN")}
        assert not InterimPayment.objects.exists()
        assert_books_clean()

    def test_the_same_again_is_the_first(self, lease):
        first = open_deposit(lease)
        with writes():
            assert open_deposit(lease) == first
        with refused(ledger.ReferenceConflict):
            open_deposit(lease, amount=Decimal("401.00"))
        ledger.void_posting(posting_id=first.pk, reason="Never held", actor=None, effective_on=THURSDAY)
        with refused(ledger.ReferenceVoided):
            open_deposit(lease)
        assert_books_clean()

    def test_refusals(self, lease):
        with refused(ledger.AmountInvalid):
            open_deposit(lease, amount=Decimal(0))
        with refused(ledger.ValueInvalid, field="reference_id"):
            open_deposit(lease, reference_id="DEPOSIT-000001")
        with refused(ledger.DriverNotFound):
            open_deposit(lease, driver_id=UNKNOWN)

    def test_settles_like_any_other(self, lease):
        """Diaz: tolls of 45.60 out of 400.00, 354.40 back by check."""
        deposit = open_deposit(lease)
        charge(lease.primary_driver, "EZPASS-1", "45.60")
        ledger.apply_deposit(posting_id=deposit.pk, as_of=THURSDAY, reason="Lease over")
        ledger.release_deposit(
            posting_ids=[deposit.pk],
            amount=Decimal("354.40"),
            method="CHECK",
            instrument_number="1002",
            effective_on=THURSDAY,
        )
        assert balances_of(lease.primary_driver) == {
            "OPEN-DEPOSIT-D": ("0.00", "SETTLED"),
            "EZPASS-1": ("0.00", "SETTLED"),
        }
        assert_books_clean()

    def test_locks_the_driver_first(self, lease):
        assert_locks_first(lambda: open_deposit(lease))


class TestOpenAccount:
    def test_stands_against_the_opening_balances(self):
        open_account()
        open_account(account="2110", side="CREDIT", amount=Decimal("80.70"), reference_id="OPEN-ACCOUNT-2110")
        rows = Transfer.objects.order_by("pk").values_list("kind", "debit__code", "credit__code", "amount")
        assert list(rows) == [
            ("OPENING", "1030", "3010", Decimal("10000.00")),
            ("OPENING", "3010", "2110", Decimal("80.70")),
        ]
        assert_books_clean()

    def test_the_same_again_is_the_first(self):
        assert open_account() == open_account()
        with refused(ledger.ReferenceConflict):
            open_account(amount=Decimal(1))

    @pytest.mark.parametrize("account", ["1100", "1150", "2010", "2020", "2300", "3010", "9999"])
    def test_refuses_what_opens_row_by_row(self, account):
        with refused(ledger.TransferInvalid, field="account"):
            open_account(account=account)

    def test_refuses_another_side(self):
        with refused(ledger.ValueInvalid, field="side"):
            open_account(side="LEFT")


class TestRecordOpenings:
    @pytest.mark.parametrize(
        ("category", "debt", "credit"),
        [
            ("TAXES", "2110", "2110"),
            ("EZPASS", "2120", "2120"),
            ("PVB", "2130", "2130"),
            ("TLC", "2140", "2140"),
            ("LEASE", "4010", "4010"),
            ("REPAIR", "4020", "4020"),
            ("MISC", "4030", "4030"),
            ("LOAN", "1150", "4040"),
            ("RECOVERY", "2300", None),
        ],
    )
    def test_takes_each_category_to_the_opening_balances(self, category, debt, credit):
        driver = DriverFactory.create()
        charge(driver, "OPEN-DEBT-1", "45.60", category=category)
        if credit:
            ledger.credit_driver(
                driver_id=driver.pk,
                category=category,
                amount=Decimal("50.00"),
                reference_id="OPEN-CREDIT-1",
                reason="Opening balance",
                effective_on=WEDNESDAY,
            )
        names = ["OPEN-DEBT-1", "OPEN-CREDIT-1"]
        for _ in range(2):
            ledger.record_openings(reference_ids=names, actor=None)
        rows = Transfer.objects.order_by("pk").values_list("debit__code", "credit__code", "reference_id")
        expected = [(debt, "3010", "OPEN-DEBT-1")]
        if credit:
            expected.append(("3010", credit, "OPEN-CREDIT-1"))
        assert list(rows) == expected
        assert_books_clean()

    def test_a_voided_debt_takes_its_transfer_along(self):
        posting = charge(DriverFactory.create(), "OPEN-DEBT-1", "45.60", category="EZPASS")
        ledger.record_openings(reference_ids=["OPEN-DEBT-1"], actor=None)
        ledger.void_posting(posting_id=posting.pk, reason="Paid before", actor=None, effective_on=THURSDAY)
        assert Transfer.objects.filter(reverses__isnull=False).count() == 1
        again = ledger.charge_again(posting_id=posting.pk, reason="Not paid", effective_on=THURSDAY, actor=None)
        assert Transfer.objects.get(posting=again).credit_id == "3010"
        assert LedgerPosting.objects.filter(kind="VOID").count() == 1
        assert_books_clean()
