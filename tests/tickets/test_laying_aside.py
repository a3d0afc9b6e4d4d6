"""A ticket disputed or dismissed: nobody owes it then, and what was paid of it is free again."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import ReasonRequired, ValueInvalid
from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import UserFactory
from tests.locks import assert_locks_first
from tests.tickets.files import (
    HOW,
    PVB_HEAD,
    SATURDAY,
    TODAY,
    bring_in,
    bring_in_tolls,
    count_postings,
    held,
    leased_cab,
    owed,
    pay,
    text,
    ticket_of,
    toll,
    violation,
)
from tests.tickets.refusals import nothing_written
from tickets import services

pytestmark = pytest.mark.django_db

ACTS = [services.dispute_ticket, services.dismiss_ticket]


@pytest.fixture
def lease():
    return leased_cab()


@pytest.fixture
def charged(lease):
    bring_in_tolls(toll(1, amount="$-100.00"))
    return ticket_of(1)


class TestBoth:
    @pytest.mark.parametrize(
        ("act", "state"), [(services.dispute_ticket, "DISPUTED"), (services.dismiss_ticket, "DISMISSED")]
    )
    def test_what_was_paid_is_free_again(self, lease, charged, act, state):
        driver = lease.primary_driver
        pay(driver, "60.00")
        ticket = act(ticket_id=charged.pk, reason="Not my plate", **HOW)
        assert (ticket.state, ticket.waits_for, ticket.driver, ticket.lease) == (state, "", driver, lease)
        assert owed(driver) == {}
        assert list(held(driver).values()) == [Decimal("60.00")]
        assert_books_clean()

    @pytest.mark.parametrize("act", ACTS)
    def test_from_the_queue_no_money_moves(self, act):
        bring_in_tolls(toll(1, "NY ZZZ9999"))
        ticket = act(ticket_id=ticket_of(1).pk, reason="Not ours", **HOW)
        assert (ticket.driver, ticket.waits_for, count_postings()) == (None, "", 0)

    @pytest.mark.parametrize("act", ACTS)
    def test_the_history_says_who_and_why(self, charged, act):
        clerk = UserFactory.create()
        act(ticket_id=charged.pk, reason="Not\nmy plate", today=TODAY, actor=clerk)
        change = charged.history.latest()
        assert (change.history_user, change.history_change_reason) == (clerk, "Not my plate")

    @pytest.mark.parametrize("act", ACTS)
    def test_the_void_is_of_the_day_that_is_told(self, charged, act):
        later = date(2026, 11, 25)
        act(ticket_id=charged.pk, reason="Not mine", today=later, actor=None)
        void = LedgerPosting.objects.get(kind="VOID")
        assert (void.effective_on, void.reason) == (later, "Not mine")

    @pytest.mark.parametrize("act", ACTS)
    def test_voided_in_the_ledger_before_nothing_more_is_posted(self, charged, act):
        ledger.void_posting(posting_id=LedgerPosting.objects.get().pk, reason="x", actor=None, effective_on=TODAY)
        before = count_postings()
        act(ticket_id=charged.pk, reason="Not mine", **HOW)
        assert count_postings() == before
        assert_books_clean()

    @pytest.mark.parametrize("act", ACTS)
    def test_a_reason_of_500_characters_is_kept_whole(self, charged, act):
        act(ticket_id=charged.pk, reason="x" * 500, **HOW)
        assert charged.history.latest().history_change_reason == "x" * 500

    @pytest.mark.parametrize("act", ACTS)
    @pytest.mark.parametrize(
        ("reason", "error"), [("", ReasonRequired), ("\n", ReasonRequired), ("x" * 501, ValueInvalid)]
    )
    def test_refused_without_a_reason_that_can_be_kept(self, charged, act, reason, error):
        with nothing_written(error, field="reason"):
            act(ticket_id=charged.pk, reason=reason, **HOW)

    @pytest.mark.parametrize("act", ACTS)
    def test_refused_where_there_is_no_such_ticket(self, act):
        with nothing_written(services.TicketNotFound, code="ticket_not_found"):
            act(ticket_id=999_999, reason="x", **HOW)

    @pytest.mark.parametrize("act", ACTS)
    def test_refused_while_its_refund_stands(self, charged, act):
        bring_in_tolls(toll(2, amount="$100.00"))
        with nothing_written(services.TollRefunded, code="toll_refunded"):
            act(ticket_id=charged.pk, reason="x", **HOW)

    @pytest.mark.parametrize("act", ACTS)
    def test_locks_the_account_and_the_ticket_before_it_writes(self, charged, act):
        assert_locks_first(lambda: act(ticket_id=charged.pk, reason="x", **HOW), ["ledger_accounts", "tickets_tickets"])


class TestDispute:
    def test_twice(self, charged):
        services.dispute_ticket(ticket_id=charged.pk, reason="Not mine", **HOW)
        with nothing_written(services.TicketDisputed, code="ticket_disputed"):
            services.dispute_ticket(ticket_id=charged.pk, reason="Again", **HOW)

    def test_of_one_that_is_dismissed(self, charged):
        services.dismiss_ticket(ticket_id=charged.pk, reason="Won", **HOW)
        with nothing_written(services.TicketDismissed, code="ticket_dismissed"):
            services.dispute_ticket(ticket_id=charged.pk, reason="x", **HOW)

    def test_of_a_refund(self, charged):
        bring_in_tolls(toll(2, amount="$100.00"))
        with nothing_written(services.NotChargeable, code="not_chargeable"):
            services.dispute_ticket(ticket_id=ticket_of(2).pk, reason="x", **HOW)

    def test_where_nothing_is_due(self):
        bring_in(text(PVB_HEAD, [violation(7001, fine="0.00")]), "pvb")
        with nothing_written(services.NotChargeable, code="not_chargeable"):
            services.dispute_ticket(ticket_id=ticket_of(7001).pk, reason="x", **HOW)


class TestDismiss:
    def test_twice(self, charged):
        services.dismiss_ticket(ticket_id=charged.pk, reason="Won", **HOW)
        with nothing_written(services.TicketDismissed, code="ticket_dismissed"):
            services.dismiss_ticket(ticket_id=charged.pk, reason="Again", **HOW)

    def test_of_one_that_is_disputed(self, lease, charged):
        services.dispute_ticket(ticket_id=charged.pk, reason="Not mine", **HOW)
        before = count_postings()
        ticket = services.dismiss_ticket(ticket_id=charged.pk, reason="Won", **HOW)
        assert (ticket.state, count_postings()) == ("DISMISSED", before)

    def test_where_nothing_is_due(self):
        bring_in(text(PVB_HEAD, [violation(7001, fine="0.00")]), "pvb")
        ticket = services.dismiss_ticket(ticket_id=ticket_of(7001).pk, reason="Paid", **HOW)
        assert (ticket.state, count_postings()) == ("DISMISSED", 0)

    def test_a_refunds_credit_is_taken_back(self, lease, charged):
        bring_in_tolls(toll(2, amount="$100.00"))
        services.dismiss_ticket(ticket_id=ticket_of(2).pk, reason="Bank error", **HOW)
        assert held(lease.primary_driver) == {}
        services.dismiss_ticket(ticket_id=charged.pk, reason="Won", **HOW)
        assert owed(lease.primary_driver) == {}
        assert_books_clean()

    def test_a_refund_that_has_paid_for_something_stays(self, lease, charged):
        pay(lease.primary_driver, "100.00")
        bring_in_tolls(toll(2, amount="$100.00"))
        ledger.create_obligation(
            category="MISC",
            amount=Decimal("100.00"),
            reference_id="MISC-1",
            driver_id=lease.primary_driver_id,
            effective_on=TODAY,
        )
        ledger.apply_weekly_earnings(driver_ids=[lease.primary_driver_id], as_of=SATURDAY)
        assert (owed(lease.primary_driver), held(lease.primary_driver)) == ({}, {})
        with nothing_written(ledger.CreditInUse):
            services.dismiss_ticket(ticket_id=ticket_of(2).pk, reason="Bank error", **HOW)
        assert ticket_of(2).state == "CREDITED"

    def test_and_is_dismissed_once_its_credit_is_voided_with_what_it_paid(self, lease, charged):
        """As the refusal says: on the credit's page, what it paid is undone with it."""
        pay(lease.primary_driver, "100.00")
        bring_in_tolls(toll(2, amount="$100.00"))
        ledger.create_obligation(
            category="MISC",
            amount=Decimal("30.00"),
            reference_id="MISC-1",
            driver_id=lease.primary_driver_id,
            effective_on=TODAY,
        )
        ledger.apply_weekly_earnings(driver_ids=[lease.primary_driver_id], as_of=SATURDAY)
        late = {**HOW, "today": SATURDAY}
        with nothing_written(ledger.CreditInUse) as refusal:
            services.dismiss_ticket(ticket_id=ticket_of(2).pk, reason="Bank error", **late)
        assert refusal.value.message.endswith("Void EZPASS-2-REFUND with them first, on its page in the ledger.")

        credit = LedgerPosting.objects.get(reference_id="EZPASS-2-REFUND", balance=None)
        ledger.void_posting(posting_id=credit.pk, reason="Bank error", cascade=True, effective_on=SATURDAY, actor=None)
        services.dismiss_ticket(ticket_id=ticket_of(2).pk, reason="Bank error", **late)

        assert ticket_of(2).state == "DISMISSED"
        assert (owed(lease.primary_driver), held(lease.primary_driver)) == ({"MISC-1": Decimal("30.00")}, {})
        assert_books_clean()

    def test_a_refund_that_has_left_to_the_driver_is_won_back(self, lease, charged):
        driver = lease.primary_driver
        pay(driver, "100.00")
        bring_in_tolls(toll(2, amount="$100.00"))
        ledger.pay_out(driver_id=driver.pk, amount=Decimal("60.00"), method="CASH", effective_on=TODAY)
        with nothing_written(ledger.CreditPaidOut) as refusal:
            services.dismiss_ticket(ticket_id=ticket_of(2).pk, reason="Bank error", **HOW)
        assert "otherwise a supervisor wins the money back on the credit's page" in refusal.value.message

        credit = LedgerPosting.objects.get(reference_id="EZPASS-2-REFUND", balance=None)
        ledger.win_back(posting_id=credit.pk, reason="Bank error", effective_on=TODAY, actor=None)
        assert owed(driver) == {"WINBACK-EZPASS-2-REFUND": Decimal("60.00")}
        assert_books_clean()
