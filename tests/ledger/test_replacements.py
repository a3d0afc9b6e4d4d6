"""A charge corrected: voided and posted anew, and what had paid it pays the new one first."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

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
    lines,
    pay,
    writes,
)
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def replace(posting, amount, **facts):
    given = {"reason": "The fine was reduced", "actor": None, "effective_on": SATURDAY, **facts}
    return ledger.replace_obligation(posting_id=posting.pk, amount=Decimal(amount), **given)


def forgive(posting, amount=None):
    return ledger.write_off_obligation(
        posting_id=posting.pk,
        amount=None if amount is None else Decimal(amount),
        reason="Hardship",
        actor=None,
        effective_on=SATURDAY,
    )


def written_after(posting):
    return lines(LedgerPosting.objects.filter(pk__gt=posting.pk))


class TestReplaceObligation:
    def test_keeps_all_but_the_amount(self):
        lease, supervisor = LeaseFactory.create(), UserFactory.create()
        driver = lease.primary_driver
        fine = charge(driver, "PVB-1", "115.00", lease_id=lease.pk, vehicle_id=lease.vehicle_id, due_on=SATURDAY)
        with writes(postings=2, balances=1):
            replacement = replace(fine, "65.00", actor=supervisor)
        replacement.refresh_from_db()
        kept = ["kind", "entry_type", "category", "reference_id", "driver", "lease", "vehicle", "due_on"]
        assert [getattr(replacement, name) for name in kept] == [getattr(fine, name) for name in kept]
        assert (str(replacement.amount), replacement.effective_on) == ("65.00", SATURDAY)
        assert replacement.posted_by == supervisor
        void = fine.reversals.get()
        assert (void.reason, void.effective_on, void.posted_by) == ("The fine was reduced", SATURDAY, supervisor)
        fine.opened.refresh_from_db()
        assert fine.opened.status == "VOIDED"
        assert balances_of(driver) == {"PVB-1": ("65.00", "OPEN")}
        assert_books_clean()

    def test_a_smaller_charge_frees_only_the_excess(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "115.00")
        earnings = earn(driver, "CURB-1", "100.00")
        apply()
        assert balances_of(driver) == {"PVB-1": ("15.00", "OPEN"), "CURB-1": ("0.00", "SETTLED")}
        with writes(postings=4, balances=1):
            replacement = replace(fine, "65.00")
        assert balances_of(driver) == {"CURB-1": ("35.00", "OPEN"), "PVB-1": ("0.00", "SETTLED")}
        moved = LedgerPosting.objects.get(kind="APPLICATION", balance=replacement.pk)
        assert (str(moved.amount), moved.funding_id, moved.effective_on) == ("65.00", earnings.pk, SATURDAY)
        assert_books_clean()

    def test_a_greater_charge_keeps_what_was_paid(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "65.00")
        earn(driver, "CURB-1", "100.00")
        apply()
        replace(fine, "115.00")
        # The 35.00 that were free stay free: the waterfall decides what they pay.
        assert balances_of(driver) == {"CURB-1": ("35.00", "OPEN"), "PVB-1": ("50.00", "OPEN")}
        assert_books_clean()

    def test_what_paid_first_pays_first(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "100.00")
        payment = pay(driver, "30.00", {"PVB-1": "30.00"})
        earn(driver, "CURB-1", "70.00")
        apply()
        with writes(postings=6, balances=1):
            replace(fine, "45.00")
        assert written_after(fine)[-6:] == [
            ("VOID", "PVB-1", "70.00"),
            ("VOID", "PVB-1", "30.00"),
            ("VOID", "PVB-1", "100.00"),
            ("OBLIGATION", "PVB-1", "45.00"),
            ("ALLOCATION", "PVB-1", "30.00"),
            ("APPLICATION", "PVB-1", "15.00"),
        ]
        assert balances_of(driver) == {
            "PAY-000001": ("0.00", "SETTLED"),
            "CURB-1": ("55.00", "OPEN"),
            "PVB-1": ("0.00", "SETTLED"),
        }
        # What the payer named is still part of their payment.
        ledger.void_payment(payment_id=payment.pk, reason="Counterfeit", actor=None, effective_on=SATURDAY)
        assert balances_of(driver)["PVB-1"] == ("30.00", "OPEN")
        assert_books_clean()

    def test_money_moves_even_where_something_else_would_come_first(self):
        """The fine was paid; a toll, higher in the waterfall, came later. The fine's money stays with the fine."""
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "100.00")
        earn(driver, "CURB-1", "100.00")
        apply()
        charge(driver, "EZPASS-1", "30.00")
        replace(fine, "80.00")
        assert balances_of(driver) == {
            "CURB-1": ("20.00", "OPEN"),
            "EZPASS-1": ("30.00", "OPEN"),
            "PVB-1": ("0.00", "SETTLED"),
        }
        assert_books_clean()

    def test_a_replacement_can_be_replaced(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "100.00")
        pay(driver, "100.00", {"PVB-1": "100.00"})
        again = replace(replace(fine, "80.00"), "90.00")
        assert balances_of(driver) == {"PAY-000001": ("20.00", "OPEN"), "PVB-1": ("10.00", "OPEN")}
        assert again.opened.original_amount == Decimal("90.00")
        assert_books_clean()

    def test_a_replay_is_refused(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "115.00")
        replace(fine, "65.00")
        with refused(ledger.AlreadyVoided, code="already_voided"):
            replace(fine, "65.00")

    def test_refuses_the_same_amount(self):
        fine = charge(DriverFactory.create(), "PVB-1", "115.00")
        with refused(ledger.AmountInvalid, field="amount"):
            replace(fine, "115")

    def test_refuses_what_is_no_charge(self):
        driver = DriverFactory.create()
        earnings = earn(driver)
        charge(driver)
        apply()
        application = LedgerPosting.objects.get(kind="APPLICATION")
        for other in (earnings, application):
            with refused(ledger.ValueInvalid, field="posting_id"):
                replace(other, "1.00")

    def test_refuses_a_void(self):
        fine = charge(DriverFactory.create(), "PVB-1")
        [void] = ledger.void_posting(posting_id=fine.pk, reason="Mistake", actor=None, effective_on=SATURDAY)
        with refused(ledger.ValueInvalid):
            replace(void, "1.00")

    def test_refuses_an_unknown_posting_and_no_reason(self):
        fine = charge(DriverFactory.create(), "PVB-1")
        with refused(ledger.PostingNotFound):
            ledger.replace_obligation(
                posting_id=UNKNOWN, amount=Decimal(1), reason="Mistake", actor=None, effective_on=SATURDAY
            )
        with refused(ledger.ReasonRequired, field="reason"):
            replace(fine, "1.00", reason=" \n")

    def test_locks_the_driver_first(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1")
        earn(driver)
        apply()
        assert_locks_first(lambda: replace(fine, "65.00"))


class TestWriteOffUnderACorrection:
    """Payments take the corrected amount first; the write-off is kept up to what they leave."""

    @pytest.mark.parametrize(
        ("charged", "paid", "forgiven", "corrected", "free", "still_forgiven", "owed"),
        [
            ("500.00", "300.00", "200.00", "250.00", "50.00", [], "0.00"),
            ("115.00", None, "115.00", "65.00", "0.00", ["65.00"], "0.00"),
            ("500.00", "400.00", "100.00", "414.29", "0.00", ["14.29"], "0.00"),
            ("500.00", None, "100.00", "285.71", "0.00", ["100.00"], "185.71"),
            ("115.00", None, "115.00", "150.00", "0.00", ["115.00"], "35.00"),
        ],
    )
    def test_is_kept_up_to_what_payments_leave(self, charged, paid, forgiven, corrected, free, still_forgiven, owed):
        driver = DriverFactory.create()
        rent = charge(driver, "LEASE-1", charged)
        if paid:
            pay(driver, paid, {"LEASE-1": paid})
        forgive(rent, forgiven)
        replace(rent, corrected)
        balances = balances_of(driver)
        assert balances["LEASE-1"] == (owed, "SETTLED" if owed == "0.00" else "OPEN")
        assert balances.get("PAY-000001", ("0.00",))[0] == free
        kept = LedgerPosting.objects.filter(kind="WRITE_OFF", reversals=None)
        assert [(str(row.amount), row.reason) for row in kept] == [(part, "Hardship") for part in still_forgiven]
        assert_books_clean()

    def test_two_write_offs_the_older_is_kept_first(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "100.00")
        forgive(fine, "30.00")
        ledger.write_off_obligation(
            posting_id=fine.pk, amount=Decimal(20), reason="Agreed", actor=None, effective_on=SATURDAY
        )
        replace(fine, "40.00")
        kept = LedgerPosting.objects.filter(kind="WRITE_OFF", reversals=None).order_by("pk")
        assert [(str(row.amount), row.reason) for row in kept] == [("30.00", "Hardship"), ("10.00", "Agreed")]
        assert_books_clean()

    def test_a_preview_says_so(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "500.00")
        pay(driver, "400.00", {"PVB-1": "400.00"})
        forgive(fine, "100.00")
        preview = ledger.preview_money(driver_id=driver.pk, act=lambda: replace(fine, "414.29"), today=SATURDAY)
        assert preview.steps == [
            "Write-off of $100.00 on PVB-1 is undone.",
            "$400.00 paid on PVB-1 is undone; the money returns to PAY-000001.",
            "Charge PVB-1 of $500.00 is voided.",
            "PVB-1 of $414.29 is charged.",
            "$400.00 of PAY-000001 pays PVB-1.",
            "$14.29 of PVB-1 is written off.",
        ]


class TestDueDay:
    def test_what_a_correction_adds_to_a_settled_charge_is_due_that_saturday(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "65.00")
        pay(driver, "65.00", {"PVB-1": "65.00"})
        # Due on Wednesday the 18th, corrected on Thursday the 26th: the 50.00 more are due on Saturday the 28th.
        replacement = replace(fine, "115.00", effective_on=date(2026, 11, 26))
        assert replacement.due_on == date(2026, 11, 28)
        # Now something of it is open, so another correction keeps that day.
        assert replace(replacement, "120.00", effective_on=date(2026, 12, 3)).due_on == date(2026, 11, 28)
        assert_books_clean()

    def test_a_forgiven_charge_is_settled_too(self):
        fine = charge(DriverFactory.create(), "PVB-1", "115.00")
        forgive(fine, "115.00")
        assert replace(fine, "150.00").due_on == SATURDAY

    def test_an_open_charge_keeps_its_day_and_a_smaller_one_too(self):
        driver = DriverFactory.create()
        fine, toll = charge(driver, "PVB-1", "65.00"), charge(driver, "EZPASS-1", "65.00")
        pay(driver, "129.99", {"PVB-1": "64.99", "EZPASS-1": "65.00"})
        assert replace(fine, "115.00").due_on == fine.due_on
        assert replace(toll, "60.00").due_on == toll.due_on

    def test_never_earlier_than_the_charge(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "65.00", due_on=date(2026, 12, 19))
        pay(driver, "65.00", {"PVB-1": "65.00"})
        assert replace(fine, "115.00").due_on == date(2026, 12, 19)


class TestReduceToPaid:
    """A charge that is taken back keeps what was paid of it, for a memo; nobody is credited with what nobody paid."""

    def reduce(self, *postings, **facts):
        given = {"reason": "Refunded", "actor": None, "effective_on": SATURDAY, **facts}
        return ledger.reduce_to_paid(posting_ids=[posting.pk for posting in postings], **given)

    def test_paid_in_full_in_part_not_at_all_and_forgiven(self):
        driver, other = DriverFactory.create(), DriverFactory.create()
        tolls = [charge(driver, f"EZPASS-{number}", "14.06") for number in range(1, 5)]
        tolls.append(charge(other, "EZPASS-5", "14.06"))
        pay(driver, "24.06", {"EZPASS-1": "14.06", "EZPASS-2": "10.00"})
        for toll in (tolls[1], tolls[3]):
            forgive(toll)
        supervisor = UserFactory.create()
        paid = self.reduce(*tolls, actor=supervisor)
        assert [str(paid[toll.pk]) for toll in tolls] == ["14.06", "10.00", "0.00", "0.00", "0.00"]
        assert balances_of(driver) == {
            "PAY-000001": ("0.00", "SETTLED"),
            "EZPASS-1": ("0.00", "SETTLED"),
            "EZPASS-2": ("0.00", "SETTLED"),
            "EZPASS-3": ("0.00", "VOIDED"),
            "EZPASS-4": ("0.00", "VOIDED"),
        }
        assert balances_of(other) == {"EZPASS-5": ("0.00", "VOIDED")}
        assert not LedgerPosting.objects.filter(kind="WRITE_OFF", reversals=None).exists()
        assert {void.posted_by for void in LedgerPosting.objects.filter(kind="VOID")} == {supervisor}
        assert_books_clean()

    def test_a_replay_is_refused(self):
        toll = charge(DriverFactory.create(), "EZPASS-1")
        self.reduce(toll)
        with refused(ledger.AlreadyVoided):
            self.reduce(toll)

    def test_refuses_what_is_no_charge_and_writes_nothing(self):
        driver = DriverFactory.create()
        toll, earnings = charge(driver, "EZPASS-1"), earn(driver)
        with refused(ledger.ValueInvalid, field="posting_id"):
            self.reduce(toll, earnings)
        with refused(ledger.ReasonRequired, field="reason"):
            self.reduce(toll, reason=" ")
        with refused(ledger.PostingNotFound):
            ledger.reduce_to_paid(posting_ids=[toll.pk, UNKNOWN], reason="Refunded", actor=None, effective_on=SATURDAY)

    def test_locks_the_driver_first(self):
        toll = charge(DriverFactory.create(), "EZPASS-1")
        assert_locks_first(lambda: self.reduce(toll))

    def test_takes_as_many_statements_for_many_as_for_few(self):
        def count(tolls):
            with CaptureQueriesContext(connection) as captured:
                self.reduce(*tolls)
            return len(captured)

        driver = DriverFactory.create()
        few = [charge(driver, f"EZPASS-{number}") for number in range(2)]
        many = [charge(driver, f"EZPASS-1{number}") for number in range(10)]
        pay(driver, "100.00", {few[0].reference_id: "50.00", many[0].reference_id: "50.00"})
        assert count(few) == count(many)
