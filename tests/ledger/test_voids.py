"""Undoing a posting."""

from decimal import Decimal

import pytest

from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory, UserFactory
from tests.ledger.proofs import (
    SATURDAY,
    UNKNOWN,
    apply,
    assert_locks_first,
    balances_of,
    charge,
    earn,
    hold_deposit,
    lines,
    pay,
    pay_out,
    writes,
)
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def void(posting, **facts):
    given = {"reason": "Entered in error", "actor": None, "effective_on": SATURDAY, **facts}
    return ledger.void_posting(posting_id=posting.pk, **given)


def find(kind, **facts):
    return LedgerPosting.objects.get(kind=kind, **facts)


class TestVoidPosting:
    def test_writes_the_opposite(self):
        lease, supervisor = LeaseFactory.create(), UserFactory.create()
        driver = lease.primary_driver
        fine = charge(driver, "PVB-1", "115.00", lease_id=lease.pk, vehicle_id=lease.vehicle_id)
        with writes(postings=1):
            [opposite] = void(fine, actor=supervisor, reason="  Not his cab ")
        opposite.refresh_from_db()
        assert (opposite.kind, opposite.entry_type, str(opposite.amount)) == ("VOID", "CREDIT", "115.00")
        repeated = ["category", "reference_id", "driver", "lease", "vehicle"]
        assert [getattr(opposite, name) for name in repeated] == [getattr(fine, name) for name in repeated]
        assert (opposite.reverses, opposite.balance_id, opposite.due_on) == (fine, fine.pk, None)
        assert (opposite.reason, opposite.effective_on, opposite.posted_by) == ("Not his cab", SATURDAY, supervisor)
        assert balances_of(driver) == {"PVB-1": ("0.00", "VOIDED")}
        assert_books_clean()

    def test_a_movements_money_returns_to_what_funded_it(self):
        driver = DriverFactory.create()
        charge(driver)
        pay(driver, "60.00", {"MISC-1": "60.00"})
        earn(driver)
        apply()
        paid = {"PAY-000001": ("0.00", "SETTLED"), "CURB-1": ("60.00", "OPEN"), "MISC-1": ("0.00", "SETTLED")}
        assert balances_of(driver) == paid
        with writes(postings=1):
            void(find("ALLOCATION"))
        assert balances_of(driver) == paid | {"PAY-000001": ("60.00", "OPEN"), "MISC-1": ("60.00", "OPEN")}
        with writes(postings=1):
            void(find("APPLICATION"))
        assert balances_of(driver) == {
            "PAY-000001": ("60.00", "OPEN"),
            "CURB-1": ("100.00", "OPEN"),
            "MISC-1": ("100.00", "OPEN"),
        }
        assert_books_clean()

    def test_an_obligations_movements_are_undone_first_and_newest_first(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "100.00")
        pay(driver, "30.00", {"PVB-1": "30.00"})
        earn(driver, "CURB-1", "50.00")
        apply()
        ledger.write_off_obligation(posting_id=fine.pk, reason="Hardship", actor=None, effective_on=SATURDAY)
        with writes(postings=4):
            opposites = void(fine)
        assert lines(opposites) == [
            ("VOID", "PVB-1", "20.00"),
            ("VOID", "PVB-1", "50.00"),
            ("VOID", "PVB-1", "30.00"),
            ("VOID", "PVB-1", "100.00"),
        ]
        assert [opposite.reverses.kind for opposite in opposites] == [
            "WRITE_OFF",
            "APPLICATION",
            "ALLOCATION",
            "OBLIGATION",
        ]
        assert balances_of(driver) == {
            "PVB-1": ("0.00", "VOIDED"),
            "PAY-000001": ("30.00", "OPEN"),
            "CURB-1": ("50.00", "OPEN"),
        }
        assert_books_clean()

    def test_what_was_undone_before_is_skipped(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "100.00")
        pay(driver, "30.00", {"PVB-1": "30.00"})
        void(find("ALLOCATION"))
        with writes(postings=1):
            void(fine)
        assert balances_of(driver) == {"PVB-1": ("0.00", "VOIDED"), "PAY-000001": ("30.00", "OPEN")}
        assert_books_clean()

    def test_a_write_off_undone_is_owed_again(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "100.00")
        write_off = ledger.write_off_obligation(
            posting_id=fine.pk, amount=Decimal(40), reason="Hardship", actor=None, effective_on=SATURDAY
        )
        void(write_off)
        assert balances_of(driver) == {"PVB-1": ("100.00", "OPEN")}
        with writes(postings=1):
            ledger.write_off_obligation(
                posting_id=fine.pk, reason="Hardship after all", actor=None, effective_on=SATURDAY
            )
        assert_books_clean()

    def test_an_unused_credit_is_gone(self):
        driver = DriverFactory.create()
        with writes(postings=2, balances=1, accounts=1):
            void(earn(driver))
        assert balances_of(driver) == {"CURB-1": ("0.00", "VOIDED")}
        assert_books_clean()

    def test_a_payout_undone_is_held_again(self):
        driver = DriverFactory.create()
        earn(driver)
        pay_out(driver, "100.00")
        void(find("PAYOUT"))
        assert balances_of(driver) == {"CURB-1": ("100.00", "OPEN")}
        assert_books_clean()

    def test_what_was_done_after_is_never_replayed(self):
        """The first charge took all the money; voiding it does not make the second one paid."""
        driver = DriverFactory.create()
        first = charge(driver, "PVB-1", "100.00")
        charge(driver, "PVB-2", "100.00")
        earn(driver)
        apply()
        void(first)
        assert balances_of(driver) == {
            "PVB-1": ("0.00", "VOIDED"),
            "PVB-2": ("100.00", "OPEN"),
            "CURB-1": ("100.00", "OPEN"),
        }
        assert_books_clean()

    @pytest.mark.parametrize("kind", ["OBLIGATION", "ALLOCATION", "APPLICATION", "WRITE_OFF", "PAYOUT", "CREDIT_MEMO"])
    def test_a_second_void_is_refused(self, kind):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "100.00")
        pay(driver, "30.00", {"PVB-1": "30.00"})
        earn(driver, "CURB-1", "50.00")
        apply()
        ledger.write_off_obligation(posting_id=fine.pk, reason="Hardship", actor=None, effective_on=SATURDAY)
        for number in (1, 2):
            ledger.credit_driver(
                driver_id=driver.pk,
                category="PVB",
                amount=Decimal(9),
                reference_id=f"PVB-9{number}-REFUND",
                reason="Refund",
                effective_on=SATURDAY,
            )
        pay_out(driver, "9.00")
        posting = LedgerPosting.objects.filter(kind=kind).order_by("pk").last()
        void(posting)
        with refused(ledger.AlreadyVoided, code="already_voided"):
            void(posting)
        assert_books_clean()

    def test_a_void_of_a_void_is_refused(self):
        [opposite] = void(charge(DriverFactory.create()))
        with refused(ledger.VoidOfVoid, code="void_of_void"):
            void(opposite)

    def test_refuses_an_unknown_posting_and_no_reason(self):
        fine = charge(DriverFactory.create())
        with refused(ledger.PostingNotFound, code="posting_not_found"):
            ledger.void_posting(posting_id=UNKNOWN, reason="Mistake", actor=None, effective_on=SATURDAY)
        for reason in ("", " \n\t"):
            with refused(ledger.ReasonRequired, code="reason_required", field="reason"):
                void(fine, reason=reason)

    def test_locks_the_driver_first(self):
        driver = DriverFactory.create()
        fine = charge(driver)
        assert_locks_first(lambda: void(fine))


class TestHeldCreditInUse:
    @pytest.fixture
    def driver(self):
        """Earnings of 100.00 that paid 60.00 on one fine and 30.00 on another."""
        driver = DriverFactory.create()
        charge(driver, "PVB-1", "60.00")
        charge(driver, "PVB-2", "30.00")
        earn(driver)
        apply()
        return driver

    def test_is_refused_with_the_list(self, driver):
        with refused(ledger.CreditInUse, code="credit_in_use") as refusal:
            void(find("EARNINGS"))
        second, first = LedgerPosting.objects.filter(kind="APPLICATION").order_by("-pk")
        assert refusal.value.facts == {
            "uses": [
                {"posting_id": second.pk, "kind": "APPLICATION", "reference_id": "PVB-2", "amount": "30.00"},
                {"posting_id": first.pk, "kind": "APPLICATION", "reference_id": "PVB-1", "amount": "60.00"},
            ]
        }
        assert "$30.00 on PVB-2, $60.00 on PVB-1" in str(refusal.value)

    def test_the_sentence_names_five_uses_and_counts_the_rest(self):
        driver = DriverFactory.create()
        for number in range(1, 9):
            charge(driver, f"PVB-{number}", "10.00")
        earn(driver)
        apply()
        with refused(ledger.CreditInUse) as refusal:
            void(find("EARNINGS"))
        assert "$10.00 on PVB-4 and 3 more" in str(refusal.value)
        assert len(refusal.value.facts["uses"]) == 8

    def test_a_cascade_undoes_the_uses_first(self, driver):
        with writes(postings=3):
            opposites = void(find("EARNINGS"), cascade=True)
        assert lines(opposites) == [
            ("VOID", "PVB-2", "30.00"),
            ("VOID", "PVB-1", "60.00"),
            ("VOID", "CURB-1", "100.00"),
        ]
        assert balances_of(driver) == {
            "PVB-1": ("60.00", "OPEN"),
            "PVB-2": ("30.00", "OPEN"),
            "CURB-1": ("0.00", "VOIDED"),
        }
        assert_books_clean()

    def test_a_cascade_undoes_what_a_deposit_paid(self):
        lease = LeaseFactory.create()
        driver = lease.primary_driver
        deposit = hold_deposit(driver, lease.pk)
        charge(driver)
        ledger.apply_deposit(posting_id=deposit.pk, as_of=SATURDAY, reason="Lease ended", actor=None)
        with refused(ledger.CreditInUse):
            void(deposit)
        void(deposit, cascade=True)
        assert balances_of(driver) == {"DEPOSIT-000001": ("0.00", "VOIDED"), "MISC-1": ("100.00", "OPEN")}
        assert_books_clean()

    def test_paid_out_money_is_refused_even_with_cascade(self, driver):
        payout = pay_out(driver, "10.00")
        for cascade in (False, True):
            with refused(ledger.CreditPaidOut, code="credit_paid_out") as refusal:
                void(find("EARNINGS"), cascade=cascade)
            assert refusal.value.facts == {"payouts": [payout.pk]}
            assert "$10.00 of CURB-1" in str(refusal.value)

    def test_once_the_payout_is_undone_it_can_be_voided(self, driver):
        payout = pay_out(driver, "10.00")
        ledger.void_payout(payout_id=payout.pk, reason="Never fetched", actor=None, effective_on=SATURDAY)
        void(find("EARNINGS"), cascade=True)
        assert balances_of(driver)["CURB-1"] == ("0.00", "VOIDED")
        assert_books_clean()


class TestPreviewVoid:
    def test_says_what_would_happen_and_writes_nothing(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "100.00")
        pay(driver, "30.00", {"PVB-1": "30.00"})
        ledger.write_off_obligation(
            posting_id=fine.pk, amount=Decimal(20), reason="Hardship", actor=None, effective_on=SATURDAY
        )
        with writes():
            preview = ledger.preview_void(posting_id=fine.pk, effective_on=SATURDAY)
        assert preview.steps == [
            "Write-off of $20.00 on PVB-1 is undone.",
            "$30.00 paid on PVB-1 is undone; the money returns to PAY-000001.",
            "Charge PVB-1 of $100.00 is voided.",
        ]
        changes = [(c.reference_id, c.is_obligation, str(c.before), str(c.after)) for c in preview.changes]
        assert changes == [("PVB-1", True, "50.00", "0.00"), ("PAY-000001", False, "0.00", "30.00")]
        assert preview.net_position_change == Decimal("-80.00")

    def test_its_figures_come_true(self):
        driver = DriverFactory.create()
        charge(driver, "PVB-1", "60.00")
        earn(driver)
        apply()
        earnings = find("EARNINGS")
        preview = ledger.preview_void(posting_id=earnings.pk, cascade=True, effective_on=SATURDAY)
        void(earnings, cascade=True)
        after = {change.reference_id: str(change.after) for change in preview.changes}
        assert after == {reference: remaining for reference, (remaining, _) in balances_of(driver).items()}
        assert preview.net_position_change == Decimal("100.00")

    def test_refuses_what_the_void_would(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "60.00")
        earn(driver)
        apply()
        with refused(ledger.CreditInUse):
            ledger.preview_void(posting_id=find("EARNINGS").pk, effective_on=SATURDAY)
        with refused(ledger.PostingNotFound):
            ledger.preview_void(posting_id=UNKNOWN, effective_on=SATURDAY)
        [*_, opposite] = void(fine)
        with refused(ledger.AlreadyVoided):
            ledger.preview_void(posting_id=fine.pk, effective_on=SATURDAY)
        with refused(ledger.VoidOfVoid):
            ledger.preview_void(posting_id=opposite.pk, effective_on=SATURDAY)
