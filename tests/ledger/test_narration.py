"""A posting in words to its driver: what opened a balance as it was told, a movement by what it moves."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ledger import selectors
from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.factories import DriverFactory, LeaseFactory
from tests.ledger.proofs import (
    SATURDAY,
    THURSDAY,
    apply,
    charge,
    count_statements,
    earn,
    hold_deposit,
    pay,
    pay_out,
)

pytestmark = pytest.mark.django_db

RENT = "Rent Nov 15–21"
CARDS = "Card trips Nov 15–21, 47 trips"


def words_of(**which: object) -> list[str]:
    """What the postings that meet the conditions are, in the order they were written."""
    ids = list(LedgerPosting.objects.filter(**which).order_by("pk").values_list("pk", flat=True))
    told = selectors.list_words(ids)
    return [told[pk] for pk in ids]


def void(posting: LedgerPosting, reason: str = "dismissed by the City") -> None:
    ledger.void_posting(posting_id=posting.pk, reason=reason, actor=None, effective_on=SATURDAY)


class TestOpenings:
    def test_say_what_they_were_told(self):
        driver = DriverFactory.create()
        charge(driver, "LEASE-1", description=RENT)
        earn(driver, description=CARDS)
        pay(driver, "40.00", payment_method="CHECK", instrument_number="555", effective_on=date(2026, 10, 7))
        number = LedgerPosting.objects.get(kind="PAYMENT").reference_id.removeprefix("PAY-")
        assert words_of(balance=None) == [RENT, CARDS, f"Your check 555 of Oct 7, receipt {number}"]

    def test_without_words_are_told_by_their_category(self):
        charge(DriverFactory.create(), "PVB-1")
        assert words_of() == ["Parking and camera violations"]

    def test_a_memo_says_what_it_is_for_and_why(self):
        ledger.credit_driver(
            driver_id=DriverFactory.create().pk,
            category="REPAIR",
            amount=Decimal("9.00"),
            reference_id="MEMO-1",
            reason="Charged twice",
            effective_on=THURSDAY,
        )
        assert words_of() == ["Credit for repairs: charged twice"]

    def test_a_deposit_names_its_receipt(self):
        lease = LeaseFactory.create()
        deposit = hold_deposit(lease.primary_driver, lease.pk, payment_method="ACH", effective_on=date(2026, 10, 26))
        receipt = deposit.reference_id.removeprefix("DEPOSIT-")
        assert words_of() == [f"Lease deposit, bank payment of Oct 26, receipt {receipt}"]

    def test_a_correction_says_from_what_to_what(self):
        driver = DriverFactory.create()
        rent = charge(driver, "LEASE-1", "500.00", description=RENT)
        replaced: dict[str, Any] = {"reason": "Ended", "actor": None, "effective_on": THURSDAY}
        again = ledger.replace_obligation(
            posting_id=rent.pk, amount=Decimal("285.71"), description="Rent Nov 18–21, 4 of 7 days", **replaced
        )
        assert words_of(kind="OBLIGATION") == [
            RENT,
            "Rent Nov 18–21, 4 of 7 days, corrected from 500.00 to 285.71",
        ]
        ledger.replace_obligation(posting_id=again.pk, amount=Decimal("1250.00"), **replaced)
        assert words_of(kind="OBLIGATION")[-1] == ("Rent Nov 18–21, 4 of 7 days, corrected from 285.71 to 1,250.00")

    def test_charged_again_as_it_was_it_is_no_correction(self):
        driver = DriverFactory.create()
        first = charge(driver, "LEASE-1", "500.00", description=RENT)
        void(first)
        charge(driver, "LEASE-1", "500.00", description=RENT, replaces=first.pk)
        assert words_of(kind="OBLIGATION") == [RENT, RENT]


class TestMovements:
    def test_say_what_paid_what(self):
        lease = LeaseFactory.create()
        driver = lease.primary_driver
        charge(driver, "LEASE-1", "300.00", description=RENT)
        earn(driver, "CURB-1", "50.00", description=CARDS)
        apply()
        paid = pay(driver, "20.00", {"LEASE-1": "10.00"})
        deposit = hold_deposit(driver, lease.pk, "40.00")
        apply(date(2026, 11, 28))
        ledger.apply_deposit(posting_id=deposit.pk, as_of=date(2027, 12, 31), reason="Settled")
        rent = LedgerPosting.objects.get(kind="OBLIGATION")
        ledger.write_off_obligation(
            posting_id=rent.pk, amount=Decimal("5.00"), reason="hardship", effective_on=THURSDAY, actor=None
        )
        assert words_of(balance__isnull=False) == [
            f"Paid from card trips Nov 15–21, 47 trips: {RENT}",
            f"Paid by you: {RENT}",
            f"Paid from your cash of Nov 18, receipt {paid.number:06d}: {RENT}",
            f"Paid from your deposit: {RENT}",
            f"Forgiven: {RENT} (hardship)",
        ]

    @pytest.mark.parametrize(
        ("method", "instrument", "dtr_number", "said"),
        [
            ("CHECK", "1003", "DTR-000424", "Paid to you, check 1003, Oct 12, {out}, for DTR-000424"),
            ("ACH", "", "", "Paid to you, bank, Oct 12, {out}"),
            ("CASH", "", "", "Paid to you, cash, Oct 12, {out}"),
        ],
    )
    def test_say_how_it_left(self, method, instrument, dtr_number, said):
        driver = DriverFactory.create()
        earn(driver, "CURB-1", "50.00", description=CARDS, effective_on=date(2026, 10, 10))
        out = pay_out(
            driver,
            "50.00",
            method=method,
            instrument_number=instrument,
            dtr_number=dtr_number,
            effective_on=date(2026, 10, 12),
        )
        assert words_of(kind="PAYOUT") == [said.format(out=out.reference_id)]

    def test_say_what_is_taken_back(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "30.00", description="No standing, Nov 3 6:56 PM")
        earn(driver, "CURB-1", "50.00", description=CARDS)
        apply()
        void(fine)
        assert words_of(kind="VOID") == [
            "Taken back: paid from card trips Nov 15–21, 47 trips: No standing, Nov 3 6:56 PM (dismissed by the City)",
            "Taken back: No standing, Nov 3 6:56 PM (dismissed by the City)",
        ]

    def test_a_returned_check_says_what_had_left(self):
        driver = DriverFactory.create()
        payment = pay(driver, "500.00", payment_method="CHECK", instrument_number="555", effective_on=date(2026, 10, 7))
        pay_out(driver, "100.00", effective_on=date(2026, 10, 12))
        ledger.void_payment(
            payment_id=payment.pk,
            reason="NSF",
            actor=None,
            returned_item=True,
            was_at_bank=True,
            effective_on=date(2026, 10, 14),
        )
        assert words_of(kind="OBLIGATION") == ["Check 555 of Oct 7 came back: 100.00 of it had been paid out to you"]


def test_takes_one_statement_however_many():
    driver = DriverFactory.create()

    def make(many: int) -> list[int]:
        for number in range(many):
            charge(driver, f"MISC-{many}{number}", "10.00", due_on=SATURDAY, description="Lost key")
        earn(driver, f"CURB-{many}", "10.00", description=CARDS)
        apply()
        void(LedgerPosting.objects.filter(kind="APPLICATION", reversals=None).latest("pk"))
        return list(LedgerPosting.objects.values_list("pk", flat=True))

    few, more = make(2), make(12)
    assert len(more) > len(few) + 12
    assert count_statements(lambda: selectors.list_words(few)) == 1
    assert count_statements(lambda: selectors.list_words(more)) == 1
    assert count_statements(lambda: selectors.list_words([])) == 0
