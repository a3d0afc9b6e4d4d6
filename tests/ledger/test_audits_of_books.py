"""The audits of the books and of transfers: each made to speak by a hostile owner of the database."""

from copy import deepcopy
from decimal import Decimal

import pytest

from ledger import services as ledger
from ledger.models import LedgerBalance, LedgerPosting, SlipCheck, Transfer
from tests.ledger.hostile import SATURDAY, Week, findings_of, guards_off, run_sql, tamper
from tests.ledger.proofs import THURSDAY, pay
from tests.made_once import MadeOnce

pytestmark = pytest.mark.django_db


@pytest.fixture
def week(made: Week) -> Week:
    return deepcopy(made)


@pytest.fixture(scope="module")
def made(made_once: MadeOnce) -> Week:
    return made_once(Week)


@pytest.fixture
def check(week):
    """A check of 600.00, taken to the bank on a slip with 40.00 of other checks."""
    payment = pay(week.lease.primary_driver, "600.00", payment_method="CHECK", instrument_number="555")
    ledger.record_bank_deposit(
        payment_ids=[payment.pk],
        other_checks=Decimal("40.00"),
        reference_id="DEP-1",
        effective_on=THURSDAY,
        actor=None,
    )
    return payment


@pytest.fixture
def recovery(week):
    charged = week.charge("RECOVERY", "50.00", "CURB-2026-03-07-L9")
    ledger.record_negative_weeks(reference_ids=[charged.reference_id], actor=None)
    return charged


class TestBooks:
    audit_name = "ledger.books"

    def test_names_postings_that_no_account_takes(self, week):
        run_sql("ALTER TABLE ledger_payments DROP CONSTRAINT interimpayment_method_known")
        total = sum(LedgerPosting.objects.values_list("amount", flat=True))
        tamper("ledger_payments", "UPDATE ledger_payments SET method = 'WIRE' WHERE id = %s", week.payment.pk)
        assert findings_of(self.audit_name)[0] == (
            f"Postings and transfers sum to {total}, and only {total - Decimal('400.00')} of it is booked."
        )


class TestControlAccounts:
    audit_name = "ledger.control_accounts"

    def test_names_an_account_that_differs_from_its_balances(self, week):
        owed = sum(balance.remaining for balance in LedgerBalance.objects.open().obligations())
        tamper(
            "ledger_balances",
            "UPDATE ledger_balances SET remaining = remaining - 1 WHERE posting_id = %s",
            week.tolls.pk,
        )
        assert findings_of(self.audit_name) == [
            f"Drivers' receivable stands at {owed} in the books and at {owed - 1} in the balances."
        ]

    def test_names_each_day_on_which_it_differs(self, week):
        """Of a credit that is turned into a charge, the books still tell a credit."""
        tamper("ledger_postings", "UPDATE ledger_postings SET entry_type = 'DEBIT' WHERE id = %s", week.memo.pk)
        assert [sentence.split(" stands at ")[0] for sentence in findings_of(self.audit_name)] == [
            "At the end of Mar 7, 2026, account 1100",
            "At the end of Mar 7, 2026, account 2010",
        ]


class TestRecoveries:
    audit_name = "ledger.recoveries"

    def test_names_what_nothing_explains(self, week, recovery):
        assert findings_of(self.audit_name) == []
        week.charge("RECOVERY", "7.00", "RECOVERY-1")
        assert findings_of(self.audit_name) == []  # nothing tells where it is missing: that is the explanation
        tamper("ledger_transfers", "UPDATE ledger_transfers SET amount = 49 WHERE posting_id = %s", recovery.pk)
        assert findings_of(self.audit_name) == [
            "Recoveries stand at -8.00; recoveries without a transfer, and corrections, explain -7.00."
        ]


class TestTransfers:
    audit_name = "ledger.transfers"

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ("amount = 0", "is of no amount"),
            ("debit = '1100'", "moves a control account"),
            ("debit = '6030'", "moves accounts that its kind does not"),
        ],
    )
    def test_names_a_transfer_that_can_not_be(self, check, change, says):
        run_sql("ALTER TABLE ledger_transfers DROP CONSTRAINT ledger_transfers_amount_positive")
        run_sql("ALTER TABLE ledger_transfers DROP CONSTRAINT ledger_transfers_no_control")
        run_sql("ALTER TABLE ledger_transfers DROP CONSTRAINT ledger_transfers_accounts")
        slip = Transfer.objects.get()
        tamper("ledger_transfers", f"UPDATE ledger_transfers SET {change} WHERE id = %s", slip.pk)
        (finding,) = findings_of(self.audit_name)
        assert finding.startswith(f"Transfer {slip.pk} (BANK_DEPOSIT of ")
        assert finding.endswith(f"{says}.")

    def test_names_a_reversal_that_is_no_swap(self, check):
        reversal = ledger.reverse_transfer(
            transfer_id=Transfer.objects.get().pk, reason="Wrong day", effective_on=THURSDAY, actor=None
        )
        tamper("ledger_transfers", "UPDATE ledger_transfers SET amount = 1 WHERE id = %s", reversal.pk)
        assert findings_of(self.audit_name)[0].endswith(f"is not the swap of {reversal.reverses_id}.")


class TestMirrors:
    audit_name = "ledger.mirrors"

    def test_names_a_recovery_that_nothing_mirrors(self, week):
        charged = week.charge("RECOVERY", "50.00", "CURB-2026-03-07-L9")
        assert findings_of(self.audit_name) == [
            f"Posting {charged.pk} (CURB-2026-03-07-L9 of 50.00) is mirrored by 0 transfers."
        ]

    def test_names_one_mirrored_by_another_amount(self, recovery):
        tamper("ledger_transfers", "UPDATE ledger_transfers SET amount = 49 WHERE posting_id = %s", recovery.pk)
        assert findings_of(self.audit_name) == [
            f"Posting {recovery.pk} (CURB-2026-03-07-L9 of 50.00) is mirrored by a transfer of 49.00."
        ]

    def test_names_one_that_is_voided_while_its_mirror_stands(self, recovery):
        with guards_off("ledger_transfers"), guards_off("ledger_postings"):
            run_sql(
                f"""
                INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, balance_id,
                    reverses_id, effective_on, reason)
                SELECT 'VOID', 'CREDIT', category, amount, reference_id, driver_id, id, id, effective_on, 'x'
                FROM ledger_postings WHERE id = {recovery.pk}
                """
            )
        assert "is voided, and a transfer that mirrors it stands" in findings_of(self.audit_name)[0]

    def test_names_a_banked_check_that_is_voided_and_did_not_come_back(self, check):
        ledger.void_payment(payment_id=check.pk, reason="Returned", actor=None, effective_on=THURSDAY)
        assert findings_of(self.audit_name) == []
        tamper("ledger_transfers", "UPDATE ledger_transfers SET amount = 599 WHERE kind = 'RETURNED_ITEM'")
        assert findings_of(self.audit_name) == [
            f"Payment {check.number}: 600.00 of its check is voided, and 599.00 of it came back from the bank."
        ]


class TestSlips:
    audit_name = "ledger.slips"

    def test_names_a_slip_that_names_too_much(self, check):
        slip = Transfer.objects.get()
        tamper("ledger_transfers", "UPDATE ledger_transfers SET amount = 599 WHERE id = %s", slip.pk)
        assert findings_of(self.audit_name) == [f"Transfer {slip.pk} of 599.00 is a slip of checks of 600.00."]

    def test_names_a_check_on_two(self, check):
        other = ledger.record_bank_deposit(
            other_checks=Decimal("600.00"), reference_id="DEP-2", effective_on=SATURDAY, actor=None
        )
        with guards_off("ledger_slip_checks"):
            SlipCheck.objects.create(transfer=other[0], payment=check)
        assert findings_of(self.audit_name) == [f"Payment {check.number} is on 2 slips."]
