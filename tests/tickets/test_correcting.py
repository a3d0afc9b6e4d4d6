"""A ticket's amount set right: what was paid stays on it, and only the excess is free again."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import ReasonRequired
from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import UserFactory
from tests.locks import assert_locks_first
from tests.tickets.files import (
    HOW,
    PVB_HEAD,
    TODAY,
    bring_in,
    bring_in_tolls,
    count_postings,
    held,
    leased_cab,
    owed,
    pay,
    plated_cab,
    text,
    ticket_of,
    toll,
    violation,
    waits,
)
from tests.tickets.refusals import nothing_written
from tickets import services

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    return leased_cab()


@pytest.fixture
def charged(lease):
    bring_in_tolls(toll(1, amount="$-100.00"))
    return ticket_of(1)


def correct(ticket, amount, reason="Hearing"):
    return services.correct_ticket(ticket_id=ticket.pk, amount=Decimal(amount), reason=reason, **HOW)


class TestCharged:
    @pytest.mark.parametrize(
        ("paid", "amount", "remains", "free"),
        [
            ("60.00", "75.00", "15.00", None),
            ("60.00", "50.00", None, "10.00"),
            ("60.00", "60.00", None, None),
            ("60.00", "130.00", "70.00", None),
        ],
        ids=["less than charged", "less than paid", "just what was paid", "more"],
    )
    def test_what_was_paid_stays_on_it(self, lease, charged, paid, amount, remains, free):
        driver = lease.primary_driver
        pay(driver, paid)
        correct(charged, amount)
        assert owed(driver) == ({"EZPASS-1": Decimal(remains)} if remains else {})
        assert list(held(driver).values()) == ([Decimal(free)] if free else [])
        assert_books_clean()

    def test_the_charge_keeps_its_reference_and_its_due_day(self, lease, charged):
        first = LedgerPosting.objects.get()
        correct(charged, "75.00")
        again = LedgerPosting.objects.latest("pk")
        assert (again.reference_id, again.due_on, again.amount) == (first.reference_id, first.due_on, Decimal("75.00"))

    def test_the_history_has_both_amounts_and_who_and_why(self, charged):
        clerk = UserFactory.create()
        services.correct_ticket(
            ticket_id=charged.pk, amount=Decimal("75.00"), reason=" Reduced by\n the judge ", today=TODAY, actor=clerk
        )
        changes = charged.history.order_by("history_id").values_list("amount", "history_user", "history_change_reason")
        assert list(changes) == [
            (Decimal("100.00"), None, "Imported from file.csv"),
            (Decimal("75.00"), clerk.pk, "Reduced by the judge"),
        ]

    def test_twice_to_different_amounts(self, lease, charged):
        correct(charged, "75.00")
        correct(charged, "80.00")
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("80.00")}
        assert_books_clean()


class TestNotCharged:
    def test_in_review_only_the_amount_changes(self):
        bring_in_tolls(toll(1, amount="$-100.00"))
        ticket = correct(ticket_of(1), "75.00")
        assert (ticket.amount, waits(1), count_postings()) == (Decimal("75.00"), "VEHICLE", 0)

    def test_what_is_disputed_stays_disputed(self, charged):
        services.dispute_ticket(ticket_id=charged.pk, reason="Not ours", **HOW)
        before = count_postings()
        ticket = correct(charged, "75.00")
        assert (ticket.state, ticket.amount, count_postings()) == ("DISPUTED", Decimal("75.00"), before)

    @pytest.mark.parametrize(
        ("make_cab", "waits_for"),
        [(leased_cab, "DRIVER"), (plated_cab, "LEASE"), (lambda: None, "VEHICLE")],
        ids=["a driver is known", "nobody leased it", "a strangers cab"],
    )
    def test_where_nothing_was_due_a_person_says_of_whom(self, make_cab, waits_for):
        make_cab()
        bring_in(text(PVB_HEAD, [violation(7001, fine="0.00")]), "pvb")
        ticket = correct(ticket_of(7001), "50.00")
        assert (ticket.amount, ticket.lease, count_postings()) == (Decimal("50.00"), None, 0)
        assert waits(7001) == waits_for

    def test_and_can_be_assigned_then(self):
        lease = leased_cab()
        bring_in(text(PVB_HEAD, [violation(7001, fine="0.00")]), "pvb")
        correct(ticket_of(7001), "50.00")
        services.assign_ticket(
            ticket_id=ticket_of(7001).pk, driver_id=lease.primary_driver_id, lease_id=lease.pk, **HOW
        )
        assert owed(lease.primary_driver) == {"PVB-7001": Decimal("50.00")}
        assert_books_clean()


class TestRefusals:
    @pytest.mark.parametrize("amount", ["100.00", "0.00", "-1", "75.001", "10000000000.00"])
    def test_an_amount_that_is_none(self, charged, amount):
        with nothing_written(ledger.AmountInvalid, code="invalid_amount", field="amount"):
            correct(charged, amount)

    @pytest.mark.parametrize("reason", ["", "\n"])
    def test_without_saying_why(self, charged, reason):
        with nothing_written(ReasonRequired, field="reason"):
            correct(charged, "75.00", reason)

    def test_no_such_ticket(self):
        with nothing_written(services.TicketNotFound, code="ticket_not_found"):
            services.correct_ticket(ticket_id=999_999, amount=Decimal("1.00"), reason="x", **HOW)

    def test_a_refund(self, charged):
        bring_in_tolls(toll(2, amount="$100.00"))
        with nothing_written(services.NotChargeable, code="not_chargeable"):
            correct(ticket_of(2), "50.00")

    def test_one_that_is_dismissed(self, charged):
        services.dismiss_ticket(ticket_id=charged.pk, reason="Won", **HOW)
        with nothing_written(services.TicketDismissed, code="ticket_dismissed"):
            correct(charged, "75.00")

    def test_one_that_was_voided_in_the_ledger(self, charged):
        ledger.void_posting(posting_id=LedgerPosting.objects.get().pk, reason="x", actor=None, effective_on=TODAY)
        with nothing_written(services.NotCharged, code="not_charged"):
            correct(charged, "75.00")

    def test_a_toll_whose_refund_has_credited(self, charged):
        bring_in_tolls(toll(2, amount="$100.00"))
        with nothing_written(services.TollRefunded, code="toll_refunded"):
            correct(charged, "75.00")


def test_locks_the_account_and_the_ticket_before_it_writes(charged):
    assert_locks_first(lambda: correct(charged, "75.00"), ["ledger_accounts", "tickets_tickets"])


def test_takes_effect_on_the_day_it_is_told(charged):
    later = date(2026, 11, 25)
    services.correct_ticket(ticket_id=charged.pk, amount=Decimal("75.00"), reason="x", today=later, actor=None)
    assert set(LedgerPosting.objects.order_by("pk")[1:].values_list("effective_on", flat=True)) == {later}
