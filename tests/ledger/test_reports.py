"""The ledger's reports, with figures from a calculator."""

from datetime import date
from decimal import Decimal

import pytest

from ledger import selectors
from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.factories import DriverFactory, LeaseFactory, UserFactory
from tests.ledger.proofs import NEXT_SATURDAY, SATURDAY, THURSDAY, WEDNESDAY, charge, earn, hold_deposit, pay, pay_out
from tests.reports import lines, read

pytestmark = pytest.mark.django_db

SUNDAY = date(2026, 11, 22)
MONTH = {"from_on": "2026-11-01", "to_on": "2026-11-30"}


def void(posting: LedgerPosting, on: date = THURSDAY) -> None:
    ledger.void_posting(posting_id=posting.pk, reason="Keyed twice", actor=None, cascade=True, effective_on=on)


class TestAging:
    def test_buckets_by_days_past_due(self):
        """On Nov 22, what was due 0, 7, 8, 30, 31, 90 and 91 days ago, and what is not due yet."""
        lease = LeaseFactory.create(primary_driver=DriverFactory.create(first_name="Anil", last_name="Jeudy"))
        driver = lease.primary_driver
        for number, due_on in enumerate(
            [date(2026, 11, 22), date(2026, 11, 15), date(2026, 11, 14), date(2026, 10, 23), date(2026, 10, 22),
             date(2026, 8, 24), date(2026, 8, 23), NEXT_SATURDAY], start=1
        ):  # fmt: skip
            charge(driver, f"LEASE-{number}", f"{number}.10", due_on=due_on, lease_id=lease.pk, effective_on=WEDNESDAY)
        charge(driver, "MISC-9", "9.00", due_on=WEDNESDAY)
        pay(driver, "1.00")
        void(pay(driver, "2.00", effective_on=THURSDAY).postings.get(kind="PAYMENT"))
        columns = ("driver", "category", "not_due", "week", "month", "quarter", "older", "together", "last_payment")
        assert lines("aging", *columns, today=SUNDAY) == [
            ("Jeudy, Anil", "Lease", "8.10", "3.20", "7.20", "11.20", "7.10", "36.80", "Nov 18, 2026"),
            ("Jeudy, Anil", "Miscellaneous", "–", "9.00", "–", "–", "–", "9.00", "Nov 18, 2026"),
            ("", "", "8.10", "12.20", "7.20", "11.20", "7.10", "45.80", ""),
        ]
        assert read("aging", today=SUNDAY, who="anil JEU").count == 2
        assert read("aging", today=SUNDAY, who="anil nobody").count == 0


class TestPosition:
    def test_a_past_day_is_what_the_books_of_that_day_say(self):
        """On Wednesday 300 owed (200 later), 50 + 80 held; on Thursday 30 paid out, and the 50 used for the rent."""
        lease = LeaseFactory.create()
        driver = lease.primary_driver
        charge(driver, "MISC-1", "100.00")
        charge(driver, "LEASE-1", "200.00", due_on=SATURDAY)
        pay(driver, "50.00")
        earn(driver, "CURB-1", "80.00")
        hold_deposit(driver, lease.pk, "400.00")
        ledger.apply_interim_payment(
            driver_id=driver.pk, payment_amount=Decimal(70), allocations={"LEASE-1": Decimal(70)},
            payment_method="CASH", effective_on=THURSDAY,
        )  # fmt: skip
        void(LedgerPosting.objects.get(reference_id="MISC-1", kind="OBLIGATION"))
        pay_out(driver, "30.00")
        columns = ("owed_due", "owed_later", "held", "net", "deposit")
        wednesday = ("100.00", "200.00", "130.00", "170.00", "400.00")
        thursday = ("–", "130.00", "100.00", "30.00", "400.00")
        assert lines("position", *columns, today=SUNDAY, as_of=WEDNESDAY)[0] == wednesday
        assert lines("position", *columns, today=SUNDAY, as_of=THURSDAY)[0] == thursday
        # By today's balances, and by the postings as of the same day, the figures are the same.
        assert lines("position", *columns, today=THURSDAY, as_of=THURSDAY)[0] == thursday
        for as_of in (WEDNESDAY, THURSDAY):
            books = {total.account.value: total.balance for total in selectors.list_trial_balance(to_on=as_of)}
            sums = read("position", today=SUNDAY, as_of=as_of).sums
            assert read("aging", today=SUNDAY, as_of=as_of).sums["together"] == books["1100"]
            assert (books["1100"], books["2010"], books["2020"]) == (
                sums["owed_due"] + sums["owed_later"], -sums["held"], -sums["deposit"]
            )  # fmt: skip


class TestCounter:
    def test_collections_receipts_and_payouts(self):
        """Cash 100 + 40, the 40 voided a day later; a check of 300 (200 deposit); 25 and 10 paid out, the 10 voided."""
        cashier = UserFactory.create(username="rosa")
        lease = LeaseFactory.create(primary_driver=DriverFactory.create(first_name="Anil", last_name="Jeudy"))
        driver = lease.primary_driver
        charge(driver, "MISC-1", "60.00")
        pay(driver, "100.00", {"MISC-1": "60.00"}, actor=cashier)
        twice = pay(driver, "40.00", actor=cashier)
        pay(
            driver, "300.00", deposit=Decimal(200), lease_id=lease.pk, payment_method="CHECK", instrument_number="555",
            actor=cashier,
        )  # fmt: skip
        ledger.void_payment(payment_id=twice.pk, reason="Keyed twice", actor=cashier, effective_on=THURSDAY)
        pay_out(driver, "25.00", actor=cashier)
        undone = pay_out(driver, "10.00", actor=cashier)
        void(undone.postings.get(kind="PAYOUT"))

        assert lines(
            "collections", "day", "cashier", "method", "received", "voided", "paid_out", "net", today=SUNDAY, **MONTH
        ) == [
            ("Nov 18, 2026", "rosa", "Cash", "140.00", "–", "–", "140.00"),
            ("Nov 18, 2026", "rosa", "Check", "300.00", "–", "–", "300.00"),
            ("Nov 19, 2026", "rosa", "Cash", "–", "40.00", "25.00", "−65.00"),
            ("", "", "", "440.00", "40.00", "25.00", "375.00"),
        ]
        assert lines(
            "receipts", "receipt", "driver", "instrument_number", "amount", "voided", "deposit", "allocated",
            "on_account", "voided_by", "why", today=SUNDAY, **MONTH,
        ) == [
            ("PAY-000001", "Jeudy, Anil", "", "100.00", "–", "–", "60.00", "40.00", "", ""),
            ("PAY-000002", "Jeudy, Anil", "", "40.00", "40.00", "–", "–", "–", "rosa", "Keyed twice"),
            ("PAY-000003", "Jeudy, Anil", "555", "300.00", "–", "200.00", "–", "100.00", "", ""),
            ("", "", "", "440.00", "40.00", "200.00", "60.00", "140.00", "", ""),
        ]  # fmt: skip
        assert lines("payouts", "voucher", "amount", "voided", "stands", today=SUNDAY, **MONTH) == [
            ("OUT-000001", "25.00", "–", "25.00"),
            ("OUT-000002", "10.00", "10.00", "–"),
            ("", "35.00", "10.00", "25.00"),
        ]
        assert read("receipts", today=SUNDAY, **MONTH, method="CHECK").count == 1

    def test_a_check_that_came_back_after_it_was_paid_out(self):
        """100 by check, all of it paid out in cash, then returned: nothing of it stands, by check −100."""
        driver = DriverFactory.create()
        payment = pay(driver, "100.00", payment_method="CHECK", instrument_number="600")
        pay_out(driver, "100.00")
        ledger.void_payment(
            payment_id=payment.pk, reason="Came back", actor=None, returned_item=True, was_at_bank=False,
            effective_on=SATURDAY,
        )  # fmt: skip
        assert lines(
            "collections", "day", "method", "received", "voided", "paid_out", "net", today=SUNDAY, **MONTH
        ) == [
            ("Nov 18, 2026", "Check", "100.00", "–", "–", "100.00"),
            ("Nov 19, 2026", "Cash", "–", "–", "100.00", "−100.00"),
            ("Nov 21, 2026", "Check", "–", "100.00", "–", "−100.00"),
            ("", "", "100.00", "100.00", "100.00", "-100.00"),
        ]
        why = "Check 600 of Nov 18 came back: 100.00 of it had been paid out to you"
        assert lines("receipts", "amount", "voided", "on_account", "voided_by", "why", today=SUNDAY, **MONTH) == [
            (
                "100.00",
                "100.00",
                "–",
                "the system",
                why,
            ),
            ("100.00", "100.00", "0.00", "", ""),
        ]


class TestBooks:
    def test_trial_balance_account_and_journal(self):
        """A toll of 30 paid in cash by 50: cash 50, credit 20 left, tolls payable 30; and a fee of the bank of 2."""
        driver = DriverFactory.create(first_name="Anil", last_name="Jeudy")
        charge(driver, "EZPASS-1", "30.00", description="E-ZPass Nov 18, RFK Bridge")
        pay(driver, "50.00", {"EZPASS-1": "30.00"}, effective_on=THURSDAY)
        ledger.record_transfer(
            kind="BANK_FEE", debit="6030", credit="1030", amount=Decimal("2.00"), reference_id="FEE-1",
            effective_on=THURSDAY, actor=None,
        )  # fmt: skip
        assert lines("trial-balance", "code", "debit", "credit", "balance", today=SUNDAY) == [
            ("1010", "50.00", "–", "50.00"),
            ("1030", "–", "2.00", "−2.00"),
            ("1100", "30.00", "30.00", "–"),
            ("2010", "30.00", "50.00", "−20.00"),
            ("2120", "–", "30.00", "−30.00"),
            ("6030", "2.00", "–", "2.00"),
            ("", "112.00", "112.00", "0.00"),
        ]
        columns = ("effective_on", "other", "debit_amount", "credit_amount", "balance")
        assert lines("account", *columns, today=SUNDAY, account="1100", from_on=THURSDAY, to_on=SUNDAY) == [
            ("Nov 19, 2026", "2010 Drivers' credit", "–", "30.00", "–"),
            ("", "", "0.00", "30.00", ""),
        ]
        assert read("account", today=SUNDAY, account="2010", **MONTH).rows[-1]["balance"] == Decimal("-20.00")
        journal = lines("journal", "effective_on", "account", "debit_amount", "credit_amount", today=SUNDAY, **MONTH)
        assert journal[:2] == [
            ("Nov 18, 2026", "1100 Drivers' receivable", "30.00", "–"),
            ("Nov 18, 2026", "2120 E-ZPass tolls payable", "–", "30.00"),
        ]
        assert (len(journal), journal[-1]) == (9, ("", "", "112.00", "112.00"))
        ledger.take_journal_batch(actor=None)
        assert {row["batch"] for row in read("journal", today=SUNDAY, **MONTH).rows} == {1}


class TestReasons:
    def test_who_and_why(self):
        """12 forgiven of 100, a memo of 5, and a payment of 40 voided in a later week, 30 of which had paid."""
        sam = UserFactory.create(username="sam")
        driver = DriverFactory.create()
        charged = charge(driver, "MISC-1", "100.00", description="Lost key")
        ledger.write_off_obligation(
            posting_id=charged.pk, amount=Decimal(12), reason="Agreed", actor=sam, effective_on=THURSDAY
        )
        ledger.credit_driver(
            driver_id=driver.pk, category="MISC", amount=Decimal(5), reference_id="MEMO-1", reason="Charged twice",
            effective_on=SATURDAY, actor=sam,
        )  # fmt: skip
        payment = pay(driver, "40.00", {"MISC-1": "30.00"})
        ledger.void_payment(payment_id=payment.pk, reason="Keyed twice", actor=None, effective_on=SUNDAY)
        columns = ("effective_on", "what", "words", "amount", "reason", "by_whom", "of_day")
        rows = lines("undone-and-forgiven", *columns, today=SUNDAY, **MONTH)
        assert [row[:2] + row[3:] for row in rows] == [
            ("Nov 19, 2026", "Written off", "12.00", "Agreed", "sam", "Nov 15–21"),
            ("Nov 21, 2026", "Credit memo", "5.00", "Charged twice", "sam", "Nov 15–21"),
            ("Nov 22, 2026", "Use undone", "30.00", "Keyed twice", "the system", "Nov 15–21"),
            ("Nov 22, 2026", "Voided", "40.00", "Keyed twice", "the system", "Nov 15–21"),
            ("", "", "87.00", "", "", ""),
        ]
        assert rows[0][2] == "Lost key"
        assert read("undone-and-forgiven", today=SUNDAY, what="VOID", **MONTH).sums["amount"] == Decimal("40.00")
