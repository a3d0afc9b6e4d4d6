"""The books: each kind's accounts by hand, and the trial balance of a week."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from ledger import selectors
from ledger import services as ledger
from ledger.books import Account, list_book_entries
from ledger.categories import OBLIGATION_CATEGORIES, Category, Kind, PaymentMethod
from ledger.models import LedgerBalance, LedgerPosting
from ledger.selectors import AccountTotal
from tests.factories import DriverFactory, LeaseFactory
from tests.ledger.hostile import SATURDAY, Week
from tests.ledger.proofs import THURSDAY

CENTS = Decimal("0.01")


def entries() -> dict[tuple[str, str, str], tuple[Account, Account]]:
    return {(entry.kind, entry.category, entry.method): (entry.debit, entry.credit) for entry in list_book_entries()}


class TestListBookEntries:
    @pytest.mark.parametrize(
        ("kind", "category", "method", "debit", "credit"),
        [
            ("OBLIGATION", "LEASE", "", Account.RECEIVABLE, Account.LEASE_INCOME),
            ("OBLIGATION", "REPAIR", "", Account.RECEIVABLE, Account.REPAIR_INCOME),
            ("OBLIGATION", "MISC", "", Account.RECEIVABLE, Account.MISC_INCOME),
            ("OBLIGATION", "TAXES", "", Account.RECEIVABLE, Account.TAXES_PAYABLE),
            ("OBLIGATION", "EZPASS", "", Account.RECEIVABLE, Account.TOLLS_PAYABLE),
            ("OBLIGATION", "PVB", "", Account.RECEIVABLE, Account.PVB_PAYABLE),
            ("OBLIGATION", "TLC", "", Account.RECEIVABLE, Account.TLC_PAYABLE),
            ("OBLIGATION", "LOAN", "", Account.RECEIVABLE, Account.LOANS),
            ("OBLIGATION", "RECOVERY", "", Account.RECEIVABLE, Account.RECOVERIES),
            ("PAYMENT", "PAYMENT", "CASH", Account.CASH, Account.DRIVER_CREDIT),
            ("PAYMENT", "PAYMENT", "CHECK", Account.CHECKS, Account.DRIVER_CREDIT),
            ("PAYMENT", "PAYMENT", "ACH", Account.BANK, Account.DRIVER_CREDIT),
            ("DEPOSIT", "DEPOSIT", "CASH", Account.CASH, Account.DEPOSITS_HELD),
            ("EARNINGS", "EARNINGS", "", Account.CURB_CLEARING, Account.DRIVER_CREDIT),
            ("CREDIT_MEMO", "TAXES", "", Account.TAXES_PAYABLE, Account.DRIVER_CREDIT),
            ("CREDIT_MEMO", "EZPASS", "", Account.TOLLS_PAYABLE, Account.DRIVER_CREDIT),
            ("CREDIT_MEMO", "PVB", "", Account.PVB_PAYABLE, Account.DRIVER_CREDIT),
            ("CREDIT_MEMO", "TLC", "", Account.TLC_PAYABLE, Account.DRIVER_CREDIT),
            ("CREDIT_MEMO", "LEASE", "", Account.LEASE_INCOME, Account.DRIVER_CREDIT),
            ("CREDIT_MEMO", "REPAIR", "", Account.REPAIR_INCOME, Account.DRIVER_CREDIT),
            ("CREDIT_MEMO", "MISC", "", Account.MISC_INCOME, Account.DRIVER_CREDIT),
            ("CREDIT_MEMO", "LOAN", "", Account.INTEREST_INCOME, Account.DRIVER_CREDIT),
            ("DEPOSIT", "DEPOSIT", "", Account.OPENING_BALANCES, Account.DEPOSITS_HELD),
            ("DEPOSIT", "DEPOSIT", "CHECK", Account.CHECKS, Account.DEPOSITS_HELD),
            ("DEPOSIT", "DEPOSIT", "ACH", Account.BANK, Account.DEPOSITS_HELD),
            ("PAYOUT", "EARNINGS", "ACH", Account.DRIVER_CREDIT, Account.BANK),
            ("PAYOUT", "DEPOSIT", "CASH", Account.DEPOSITS_HELD, Account.CASH),
            ("PAYOUT", "DEPOSIT", "CHECK", Account.DEPOSITS_HELD, Account.BANK),
            ("ALLOCATION", "PAYMENT", "", Account.DRIVER_CREDIT, Account.RECEIVABLE),
            ("APPLICATION", "EARNINGS", "", Account.DRIVER_CREDIT, Account.RECEIVABLE),
            ("APPLICATION", "DEPOSIT", "", Account.DEPOSITS_HELD, Account.RECEIVABLE),
            ("PAYOUT", "EARNINGS", "CASH", Account.DRIVER_CREDIT, Account.CASH),
            ("PAYOUT", "EARNINGS", "CHECK", Account.DRIVER_CREDIT, Account.BANK),
            ("PAYOUT", "DEPOSIT", "ACH", Account.DEPOSITS_HELD, Account.BANK),
            ("WRITE_OFF", "REPAIR", "", Account.BAD_DEBT, Account.RECEIVABLE),
        ],
    )
    def test_books_each_kind(self, kind, category, method, debit, credit):
        assert entries()[kind, category, method] == (debit, credit)

    def test_has_one_entry_for_everything_but_voids(self):
        listed = list_book_entries()
        assert len(entries()) == len(listed)
        assert {entry.kind for entry in listed} == set(Kind) - {Kind.VOID}
        assert all((Kind.OBLIGATION, category, "") in entries() for category in OBLIGATION_CATEGORIES)
        assert (Kind.CREDIT_MEMO, "RECOVERY", "") not in entries()
        assert all((Kind.WRITE_OFF, category, "") in entries() for category in OBLIGATION_CATEGORIES)
        assert all((Kind.PAYOUT, category, method) in entries() for category in Category for method in PaymentMethod)


@pytest.mark.django_db
class TestListTrialBalance:
    def test_tells_a_week_to_the_cent(self):
        Week()
        totals = {total.account: total for total in selectors.list_trial_balance()}

        def balance(account: Account) -> Decimal:
            return totals[account].balance

        # Charged 500.00 + 120.00 + 61.50 + 50.00 + 15.00 = 746.50; paid 636.50 and 100.00, of which 100.00 undone;
        # forgiven 10.00.
        assert totals[Account.RECEIVABLE] == AccountTotal(Account.RECEIVABLE, Decimal("846.50"), Decimal("746.50"))
        assert balance(Account.LEASE_INCOME) == Decimal("-500.00")
        # 120.00 passed on, 9.11 of it refunded.
        assert balance(Account.TOLLS_PAYABLE) == Decimal("-110.89")
        assert balance(Account.TAXES_PAYABLE) == Decimal("-61.50")
        assert balance(Account.REPAIR_INCOME) == Decimal("-50.00")
        assert balance(Account.MISC_INCOME) == Decimal("-15.00")
        assert balance(Account.BAD_DEBT) == Decimal("10.00")
        # 400.00 over the counter, 25.00 of the deposit given back.
        assert balance(Account.CASH) == Decimal("375.00")
        assert balance(Account.BANK) == Decimal("-100.00")
        assert balance(Account.CURB_CLEARING) == Decimal("913.25")
        assert balance(Account.DEPOSITS_HELD) == Decimal("-235.00")
        assert balance(Account.DRIVER_CREDIT) == Decimal("-325.86")
        assert sum(total.balance for total in totals.values()) == 0
        for account in Account:
            expected = [totals[account]] if account in totals else []
            assert selectors.list_trial_balance(accounts=[account]) == expected, account

    def test_control_accounts_equal_the_balances(self):
        Week()
        totals = {total.account: total.balance for total in selectors.list_trial_balance()}
        open_ = LedgerBalance.objects.open()
        assert totals[Account.RECEIVABLE] == sum(balance.remaining for balance in open_.obligations())
        held = open_.held_credits()
        assert -totals[Account.DRIVER_CREDIT] == sum(balance.remaining for balance in held.without_deposits())
        assert -totals[Account.DEPOSITS_HELD] == sum(balance.remaining for balance in held.filter(category="DEPOSIT"))

    def test_books_a_void_as_the_swap(self):
        lease = LeaseFactory.create()
        payment = ledger.apply_interim_payment(
            payment_amount=Decimal("100.00"),
            deposit=Decimal("40.00"),
            lease_id=lease.pk,
            allocations={},
            driver_id=lease.primary_driver_id,
            payment_method="CHECK",
            instrument_number="1001",
            effective_on=THURSDAY,
        )
        ledger.void_payment(payment_id=payment.pk, reason="Wrong driver", actor=None, effective_on=THURSDAY)
        assert selectors.list_trial_balance() == [
            AccountTotal(Account.CHECKS, Decimal("100.00"), Decimal("100.00")),
            AccountTotal(Account.DRIVER_CREDIT, Decimal("60.00"), Decimal("60.00")),
            AccountTotal(Account.DEPOSITS_HELD, Decimal("40.00"), Decimal("40.00")),
        ]

    def test_counts_only_the_days_asked_for(self):
        driver_id = DriverFactory.create().pk

        def earn(amount: str, effective_on: date) -> LedgerPosting:
            return ledger.post_earnings(
                driver_id=driver_id,
                amount=Decimal(amount),
                reference_id=f"CURB-{effective_on}",
                effective_on=effective_on,
            )

        for number, days in enumerate((-1, 0, 6, 7)):
            earn(str(10**number), SATURDAY + timedelta(days=days))
        from_on, to_on = SATURDAY, SATURDAY + timedelta(days=6)

        def debited(*dates: date | None) -> Decimal:
            return {total.account: total.debit for total in selectors.list_trial_balance(*dates)}[Account.CURB_CLEARING]

        assert debited(from_on, to_on) == Decimal("110.00")
        assert debited(None, to_on) == Decimal("111.00")
        assert debited(from_on) == Decimal("1110.00")

    def test_is_empty_without_postings(self):
        assert selectors.list_trial_balance() == []
