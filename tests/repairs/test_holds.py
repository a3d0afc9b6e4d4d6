"""Holding, resuming and voiding a repair invoice: what it writes, what is refused, what is locked."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import ReasonRequired, ValueInvalid
from ledger import services as ledger
from ledger.installments.services import NothingToHold, PlanStartInvalid
from ledger.models import LedgerBalance, LedgerPosting
from repairs import services
from tests.books import assert_books_clean
from tests.factories import LeaseFactory, UserFactory
from tests.locks import assert_locks_first
from tests.repairs.office import (
    LOCKS,
    NEXT_MONDAY,
    NEXT_SUNDAY,
    SATURDAY,
    books,
    enter,
    hold,
    plan_of,
    post_due,
    resume,
    void,
)
from tests.threads import list_winners, run_together


@pytest.mark.django_db
class TestHoldAndResume:
    def test_holds_what_is_not_charged_yet(self) -> None:
        office, invoice = UserFactory.create(), enter(LeaseFactory.create())
        post_due(SATURDAY)
        hold(invoice, "The driver disputes it", actor=office)
        invoice.refresh_from_db()
        assert (invoice.status, invoice.reason) == ("ON_HOLD", "The driver disputes it")
        assert [row[4] for row in plan_of(invoice)] == [False, True, True]
        assert invoice.history.first().history_user == office
        post_due(date(2026, 12, 31))
        assert books() == [(f"REPAIR-{invoice.pk}-1", "200.00", "OPEN")]
        assert_books_clean()

    def test_resumes_in_its_week_and_moves_what_follows(self) -> None:
        invoice = enter(LeaseFactory.create())
        post_due(SATURDAY)
        hold(invoice)
        resume(invoice, date(2026, 12, 13), date(2026, 12, 16))
        assert plan_of(invoice) == [
            (f"REPAIR-{invoice.pk}-1", "2026-11-21", "200.00", True, False),
            (f"REPAIR-{invoice.pk}-2", "2026-12-19", "200.00", False, False),
            (f"REPAIR-{invoice.pk}-3", "2026-12-26", "100.50", False, False),
        ]
        invoice.refresh_from_db()
        assert (invoice.status, invoice.reason) == ("ACTIVE", "")
        post_due(date(2026, 12, 19))
        assert [row[0] for row in books()] == [f"REPAIR-{invoice.pk}-1", f"REPAIR-{invoice.pk}-2"]
        assert_books_clean()

    def test_resumed_in_time_changes_no_date(self) -> None:
        invoice = enter(LeaseFactory.create(), starts_on=NEXT_SUNDAY)
        before = plan_of(invoice)
        hold(invoice)
        resume(invoice)
        assert plan_of(invoice) == before

    def test_twice_is_refused(self) -> None:
        invoice = enter(LeaseFactory.create())
        with pytest.raises(services.InvoiceNotOnHold):
            resume(invoice)
        hold(invoice)
        with pytest.raises(services.InvoiceNotActive):
            hold(invoice)
        with pytest.raises(PlanStartInvalid):
            resume(invoice, date(2026, 12, 6))
        invoice.refresh_from_db()
        assert (invoice.status, invoice.reason, invoice.history.count()) == ("ON_HOLD", "Dispute", 2)

    def test_a_hold_needs_a_reason_and_something_to_hold(self) -> None:
        invoice = enter(LeaseFactory.create(), posts_at_once=True)
        with pytest.raises(ReasonRequired):
            hold(invoice, " ")
        with pytest.raises(NothingToHold):
            hold(invoice)
        with pytest.raises(services.InvoiceNotFound):
            services.hold_invoice(invoice_id=10**9, reason="Dispute", actor=None)
        invoice.refresh_from_db()
        assert (invoice.status, invoice.history.count()) == ("ACTIVE", 1)

    def test_lock_the_account_then_the_invoice(self) -> None:
        invoice = enter(LeaseFactory.create())
        assert_locks_first(lambda: hold(invoice), LOCKS)
        assert_locks_first(lambda: resume(invoice, NEXT_SUNDAY), LOCKS)
        assert_locks_first(lambda: void(invoice), LOCKS)


@pytest.mark.django_db
class TestVoidInvoice:
    def test_undoes_what_is_charged_and_drops_the_rest(self) -> None:
        lease, supervisor = LeaseFactory.create(), UserFactory.create()
        invoice = enter(lease)
        post_due(SATURDAY)
        ledger.apply_interim_payment(
            payment_amount=Decimal(150),
            allocations={f"REPAIR-{invoice.pk}-1": Decimal(150)},
            driver_id=lease.primary_driver_id,
            payment_method="CASH",
            effective_on=SATURDAY,
        )
        void(invoice, "Another cab's", actor=supervisor)
        assert books()[0] == (f"REPAIR-{invoice.pk}-1", "0.00", "VOIDED")
        assert books()[1][1:] == ("150.00", "OPEN")
        invoice.refresh_from_db()
        assert (invoice.status, invoice.reason) == ("VOIDED", "Another cab's")
        assert [row[3:] for row in plan_of(invoice)] == [(True, False), (False, True), (False, True)]
        assert {p.posted_by for p in LedgerPosting.objects.filter(kind="VOID")} == {supervisor}
        post_due(date(2026, 12, 31))
        assert len(books()) == 2
        assert_books_clean()

    def test_one_that_is_on_hold_and_one_whose_charge_was_voided_alone(self) -> None:
        invoice = enter(LeaseFactory.create())
        post_due(SATURDAY)
        ledger.void_posting(
            posting_id=LedgerPosting.objects.get().pk, reason="Alone", effective_on=NEXT_MONDAY, actor=None
        )
        hold(invoice)
        void(invoice)
        assert LedgerPosting.objects.count() == 2
        assert_books_clean()

    def test_twice_is_refused(self) -> None:
        invoice = enter(LeaseFactory.create(), posts_at_once=True)
        void(invoice)
        written = (LedgerPosting.objects.count(), invoice.history.count())
        with pytest.raises(services.InvoiceAlreadyVoided):
            void(invoice)
        with pytest.raises(services.InvoiceNotActive):
            hold(invoice)
        with pytest.raises(services.InvoiceNotOnHold):
            resume(invoice)
        assert (LedgerPosting.objects.count(), invoice.history.count()) == written == (6, 2)

    def test_needs_a_reason(self) -> None:
        invoice = enter(LeaseFactory.create())
        with pytest.raises(ReasonRequired):
            void(invoice, "")
        with pytest.raises(ValueInvalid):
            void(invoice, "x" * 501)
        invoice.refresh_from_db()
        assert invoice.status == "ACTIVE"


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_a_void_and_the_posting_of_what_is_due_leave_nothing_owed(self) -> None:
        invoice = enter(LeaseFactory.create())
        later = date(2026, 12, 31)
        outcomes = run_together(lambda: void(invoice, on=later), lambda: post_due(later))
        assert len(list_winners(outcomes)) == 2
        assert not LedgerBalance.objects.exclude(status="VOIDED").exists()
        assert_books_clean()
