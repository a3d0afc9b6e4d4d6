"""Audits of postings and balances name what somebody changed behind the guards."""

from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest

from ledger import services as ledger
from ledger.models import LedgerBalance, LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory, UserFactory
from tests.ledger.hostile import SATURDAY, Week, findings_of, run_sql, tamper
from tests.ledger.proofs import THURSDAY
from tests.made_once import MadeOnce

pytestmark = pytest.mark.django_db


@pytest.fixture
def week(made: Week) -> Week:
    return deepcopy(made)


@pytest.fixture(scope="module")
def made(made_once: MadeOnce) -> Week:
    return made_once(Week)


class TestProjection:
    audit_name = "ledger.projection"

    @pytest.mark.parametrize(
        ("column", "value", "sentence"),
        [
            ("remaining", Decimal("300.00"), "remaining is 300.00 and should be 313.25"),
            ("original_amount", Decimal("999.00"), "original_amount is 999.00 and should be 913.25"),
            ("category", "PAYMENT", "category is PAYMENT and should be EARNINGS"),
            ("reference_id", "CURB-2", "reference_id is CURB-2 and should be CURB-1"),
            ("effective_on", date(2026, 3, 6), "effective_on is Mar 6, 2026 and should be Mar 7, 2026"),
            ("due_on", date(2026, 3, 6), "due_on is Mar 6, 2026 and should be None"),
            ("lease_id", None, "lease_id is None and should be {lease}"),
        ],
    )
    def test_names_a_changed_column(self, week, column, value, sentence):
        remaining = LedgerBalance.objects.get(pk=week.earnings.pk).remaining
        sentence = sentence.format(lease=week.lease.pk).replace("313.25", str(remaining))
        tamper(
            "ledger_balances",
            f"UPDATE ledger_balances SET {column} = %s WHERE posting_id = %s",
            value,
            week.earnings.pk,
        )
        (finding,) = findings_of(self.audit_name)
        assert finding.startswith(f"Balance {week.earnings.pk} (CURB-1): {sentence}")

    def test_names_a_changed_status(self, week):
        tamper(
            "ledger_balances",
            "UPDATE ledger_balances SET status = 'VOIDED' WHERE posting_id = %s AND status = 'SETTLED'",
            week.taxes.pk,
        )
        assert findings_of(self.audit_name) == [
            f"Balance {week.taxes.pk} (TAXES-1): status is VOIDED and should be SETTLED."
        ]

    def test_names_a_balance_that_is_gone(self, week):
        tamper("ledger_balances", "DELETE FROM ledger_balances WHERE posting_id = %s", week.taxes.pk)
        assert findings_of(self.audit_name) == [f"Posting {week.taxes.pk} opened a balance, and there is none."]

    def test_names_a_balance_that_nothing_opened(self, week):
        tamper(
            "ledger_balances",
            """
            INSERT INTO ledger_balances (posting_id, entry_type, category, reference_id, driver_id, effective_on,
                original_amount, remaining, status)
            VALUES (999999, 'CREDIT', 'EARNINGS', 'CURB-9', %s, '2026-03-07', 50, 50, 'OPEN')
            """,
            week.driver_id,
        )
        assert findings_of(self.audit_name) == ["Balance 999999 (CURB-9, 50.00) was opened by no posting."]


class TestHistory:
    audit_name = "ledger.history"

    def test_names_a_posting_that_took_more_than_there_was(self, week):
        tamper("ledger_postings", "UPDATE ledger_postings SET amount = 45.00 WHERE id = %s", week.write_off.pk)
        assert findings_of(self.audit_name) == [
            f"Posting {LedgerPosting.objects.get(kind='APPLICATION', balance_id=week.repair.pk).pk} left -35.00 on "
            f"balance {week.repair.pk}, which was opened with 50.00."
        ]


class TestShapes:
    audit_name = "ledger.shapes"

    @pytest.mark.parametrize(
        ("kind", "change"),
        [
            ("OBLIGATION", "due_on = NULL"),
            ("OBLIGATION", "category = 'DEPOSIT'"),
            ("EARNINGS", "entry_type = 'DEBIT'"),
            ("EARNINGS", "payment_id = (SELECT min(id) FROM ledger_payments)"),
            ("PAYMENT", "payment_id = NULL"),
            ("DEPOSIT", "lease_id = NULL"),
            ("CREDIT_MEMO", "reason = ''"),
            ("ALLOCATION", "funding_id = NULL"),
            ("APPLICATION", "payment_id = (SELECT min(id) FROM ledger_payments)"),
            ("PAYOUT", "funding_id = balance_id"),
            ("WRITE_OFF", "reason = ''"),
            ("VOID", "reverses_id = NULL"),
            ("VOID", "due_on = '2026-03-07'"),
            ("EARNINGS", "amount = 'NaN'"),
            ("EARNINGS", "amount = 0"),
            ("WRITE_OFF", "description = 'Rent'"),
            ("OBLIGATION", "income = 1.00"),
            ("OBLIGATION", "category = 'LOAN', income = amount + 0.01"),
        ],
    )
    def test_names_a_posting_out_of_shape(self, week, kind, change):
        posting = LedgerPosting.objects.filter(kind=kind).latest("id")
        tamper("ledger_postings", f"UPDATE ledger_postings SET {change} WHERE id = %s", posting.pk)
        (finding,) = findings_of(self.audit_name)
        assert finding.startswith(f"Posting {posting.pk} of ")
        assert finding.endswith(f"does not have the shape of kind {kind}.")


class TestMovements:
    audit_name = "ledger.movements"

    def check(self, week, posting: LedgerPosting, change: str, fault: str) -> None:
        tamper("ledger_postings", f"UPDATE ledger_postings SET {change} WHERE id = %s", posting.pk)
        assert [found for found in findings_of(self.audit_name) if found.startswith(f"Posting {posting.pk} ")] == [
            found for found in findings_of(self.audit_name) if found.endswith(f"{fault}.")
        ]
        assert any(found.endswith(f"{fault}.") for found in findings_of(self.audit_name))

    def test_names_a_movement_of_another_driver(self, week):
        other = DriverFactory.create().pk
        self.check(week, week.write_off, f"driver_id = {other}", "does not repeat its balance's driver, category, reference, lease and vehicle")  # noqa: E501  # fmt: skip

    def test_names_a_movement_of_nothing(self, week):
        self.check(week, week.write_off, "balance_id = 999999", "moves a balance that no posting opened")

    def test_names_a_funding_of_nothing(self, week):
        self.check(week, week.allocation, "funding_id = 999999", "is funded by a balance that no posting opened")

    def test_names_a_debt_paid_by_a_debt(self, week):
        self.check(week, week.allocation, f"funding_id = {week.taxes.pk}", "is funded by a debt")

    def test_names_an_allocation_of_other_money(self, week):
        self.check(week, week.allocation, f"funding_id = {week.earnings.pk}", "is not funded by its own payment")

    def test_names_a_deposit_that_pays_what_another_lease_owes(self, week):
        other = LeaseFactory.create().pk
        for column in ("id", "balance_id"):
            tamper(
                "ledger_postings",
                f"UPDATE ledger_postings SET lease_id = %s WHERE {column} = %s",
                other,
                week.cleaning.pk,
            )
        (finding,) = findings_of(self.audit_name)
        assert finding.endswith(f"pays what is owed on lease {other} from a deposit of lease {week.former_lease.pk}.")

    def test_names_money_of_another_driver(self, week):
        stranger = ledger.post_earnings(
            driver_id=DriverFactory.create().pk, amount=Decimal("500.00"), reference_id="CURB-2", effective_on=SATURDAY
        )
        self.check(week, week.allocation, f"funding_id = {stranger.pk}", "is funded by another driver")

    def test_names_a_payment_of_what_is_held(self, week):
        memo = week.memo
        tamper(
            "ledger_postings",
            "UPDATE ledger_postings SET balance_id = %s, category = %s, reference_id = %s WHERE id = %s",
            memo.pk,
            memo.category,
            memo.reference_id,
            week.write_off.pk,
        )
        (finding,) = findings_of(self.audit_name)
        assert finding == (
            f"Posting {week.write_off.pk} (WRITE_OFF of 10.00 on balance {memo.pk}, funded by nothing) pays what is "
            "not owed."
        )

    def test_names_a_payout_of_what_is_owed(self, week):
        line = LedgerPosting.objects.filter(kind="PAYOUT").latest("id")
        tamper(
            "ledger_postings",
            "UPDATE ledger_postings SET balance_id = %s, category = %s, reference_id = %s, lease_id = NULL "
            "WHERE id = %s",
            week.taxes.pk,
            week.taxes.category,
            week.taxes.reference_id,
            line.pk,
        )
        (finding,) = findings_of(self.audit_name)
        assert finding.endswith("pays out what is not held.")


class TestReversals:
    audit_name = "ledger.reversals"

    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            ("amount = 99.00", "it amounts to 100.00"),
            ("income = 1.00", "interest of it is 0.00"),
            ("entry_type = 'CREDIT'", "it is entered on the same side"),
            ("balance_id = {taxes}", "it moved another balance"),
            ("funding_id = {earnings}", "its driver, category, reference, funding, payment or payout is another"),
            ("reverses_id = 999999", "there is no such posting"),
            ("reverses_id = id", "it came later"),
        ],
    )
    def test_names_a_void_that_is_no_mirror(self, week, change, fault):
        change = change.format(taxes=week.taxes.pk, earnings=week.earnings.pk)
        run_sql("ALTER TABLE ledger_postings DROP CONSTRAINT IF EXISTS ledger_postings_reverses_exists")
        tamper("ledger_postings", f"UPDATE ledger_postings SET {change} WHERE id = %s", week.void.pk)
        (finding,) = findings_of(self.audit_name)
        assert finding.startswith(f"Void {week.void.pk} of ")
        assert finding.endswith(f": {fault}.")

    def test_names_a_second_void_and_a_void_of_a_void(self, week):
        run_sql("DROP INDEX ledger_postings_reversed_once")
        copy = """
            INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, lease_id,
                vehicle_id, balance_id, funding_id, reverses_id, payment_id, effective_on, reason)
            SELECT kind, entry_type, category, amount, reference_id, driver_id, lease_id, vehicle_id, balance_id,
                funding_id, {reverses}, payment_id, effective_on, reason FROM ledger_postings WHERE id = %s
        """
        tamper("ledger_postings", copy.format(reverses="reverses_id"), week.void.pk)
        assert [finding.split(": ")[1] for finding in findings_of(self.audit_name)] == [
            "it is voided more than once.",
            "it is voided more than once.",
        ]
        tamper("ledger_postings", copy.format(reverses="id"), week.void.pk)
        assert findings_of(self.audit_name)[-1].endswith("it is a void.")


class TestNames:
    audit_name = "ledger.names"

    @pytest.mark.parametrize(
        ("column", "name"),
        [
            ("driver_id", "driver"),
            ("lease_id", "lease"),
            ("vehicle_id", "vehicle"),
            ("posted_by_id", "posted by"),
            ("payment_id", "payment"),
            ("payout_id", "payout"),
        ],
    )
    def test_names_a_key_to_nothing(self, week, column, name):
        for constraint in ("shape", "payment_exists", "payout_exists", "posted_by"):
            run_sql(f"ALTER TABLE ledger_postings DROP CONSTRAINT IF EXISTS ledger_postings_{constraint}")
        tamper("ledger_postings", f"UPDATE ledger_postings SET {column} = 999999 WHERE id = %s", week.taxes.pk)
        assert findings_of(self.audit_name) == [f"Posting {week.taxes.pk} names {name} 999999, which does not exist."]


class TestReferences:
    audit_name = "ledger.references"

    def test_names_a_reference_borne_twice(self, week):
        tamper("ledger_postings", "UPDATE ledger_postings SET reference_id = 'TAXES-1' WHERE id = %s", week.tolls.pk)
        assert findings_of(self.audit_name) == [
            f"TAXES-1 is borne by 2 live balances: {week.tolls.pk}, {week.taxes.pk}."
        ]

    def test_allows_a_voided_charge_that_is_posted_anew(self, week):
        ledger.replace_obligation(
            posting_id=week.tolls.pk, amount=Decimal("110.00"), reason="Corrected", actor=None, effective_on=THURSDAY
        )
        assert LedgerPosting.objects.filter(kind="OBLIGATION", reference_id="EZPASS-1").count() == 2
        assert_books_clean()


class TestSources:
    audit_name = "ledger.sources"

    def test_names_a_charge_that_nobody_made(self, week):
        posting = week.charge("MISC", "5.00", "NOTE-1")
        week.charge("MISC", "5.00", "MISC-99")
        assert findings_of(self.audit_name) == [
            f"Posting {posting.pk} (OBLIGATION of 5.00) was made by nobody, and no module answers for NOTE-1."
        ]

    def test_is_content_with_an_author(self, week):
        ledger.create_obligation(
            category="MISC",
            amount=Decimal("5.00"),
            reference_id="NOTE-1",
            driver_id=week.driver_id,
            effective_on=SATURDAY,
            actor=UserFactory.create(),
        )
        assert findings_of(self.audit_name) == []


class TestRecovered:
    audit_name = "ledger.recovered"

    def test_names_a_recovery_of_nothing_and_one_of_too_much(self, week):
        nothing = week.charge("RECOVERY", "5.00", "MISC-98")
        named = "UPDATE ledger_postings SET reference_id = 'WINBACK-MEMO-9' WHERE id = %s"
        tamper("ledger_postings", named, nothing.pk)
        more = ledger.win_back(posting_id=week.memo.pk, reason="Mistake", effective_on=SATURDAY, actor=None)
        tamper("ledger_postings", "UPDATE ledger_postings SET amount = 9.12 WHERE id = %s", more.pk)
        assert findings_of(self.audit_name) == [
            f"Posting {nothing.pk} (WINBACK-MEMO-9 of 5.00) recovers what was never given.",
            f"Posting {more.pk} (WINBACK-EZPASS-0-REFUND of 9.12) recovers what was 9.11.",
        ]
