"""Refunds of tolls: credited once, to whom the toll was charged, or left to a person."""

from decimal import Decimal

import pytest

from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory
from tests.locks import assert_locks_first
from tests.tickets.files import (
    EZPASS_HEAD,
    HOW,
    TODAY,
    bring_in_tolls,
    count_postings,
    held,
    leased_cab,
    owed,
    stage,
    text,
    ticket_of,
    toll,
    waits,
)
from tickets import services
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def test_credits_whom_its_toll_was_charged_to():
    lease = leased_cab()
    # Statements come newest first too: the refund may stand above its toll.
    bring_in_tolls(toll(2, amount="$9.11"), toll(1), toll(3, amount="$5.00"))

    assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("9.11")}
    assert held(lease.primary_driver) == {"EZPASS-2-REFUND": Decimal("9.11")}
    refund = ticket_of(2)
    assert (refund.state, refund.refund_of, refund.driver) == ("CREDITED", ticket_of(1), lease.primary_driver)
    assert (refund.lease, refund.vehicle, refund.amount) == (lease, lease.vehicle, Decimal("-9.11"))
    assert waits(3) == "REFUND"
    assert_books_clean()


def test_the_credit_says_of_what_and_on_which_day():
    leased_cab()
    bring_in_tolls(toll(1))
    bring_in_tolls(toll(2, amount="$9.11"))
    credit = LedgerPosting.objects.get(reference_id="EZPASS-2-REFUND")
    assert (credit.category, credit.entry_type, credit.amount) == ("EZPASS", "CREDIT", Decimal("9.11"))
    assert (credit.effective_on, credit.reason) == (TODAY, f"Refund of toll {ticket_of(1).pk}")


def test_a_toll_is_refunded_once():
    lease = leased_cab()
    bring_in_tolls(toll(1), toll(2, amount="$9.11"), toll(3, amount="$9.11"))
    bring_in_tolls(toll(4, amount="$9.11"))

    assert held(lease.primary_driver) == {"EZPASS-2-REFUND": Decimal("9.11")}
    assert set(Ticket.objects.waiting().values_list("number", flat=True)) == {"3", "4"}


def test_two_equal_tolls_take_two_refunds_oldest_first():
    lease = leased_cab()
    bring_in_tolls(toll(1), toll(2))
    bring_in_tolls(toll(3, amount="$9.11"), toll(4, amount="$9.11"))
    assert [ticket_of(number).refund_of for number in (3, 4)] == [ticket_of(1), ticket_of(2)]
    assert held(lease.primary_driver) == {"EZPASS-3-REFUND": Decimal("9.11"), "EZPASS-4-REFUND": Decimal("9.11")}
    assert_books_clean()


@pytest.mark.parametrize(
    "refund",
    [
        toll(2, amount="$9.10"),
        toll(2, at="10:00:01 AM", amount="$9.11"),
        toll(2, on="11/15/2026", amount="$9.11"),
        toll(2, "NJ T100001C", amount="$9.11"),
        toll(2, " 99900000111", amount="$9.11"),
    ],
    ids=["amount", "second", "day", "state", "tag"],
)
def test_what_differs_from_its_toll_waits(refund):
    lease = leased_cab(tag="99900000111")
    bring_in_tolls(toll(1), refund)
    assert waits(2) == "REFUND"
    assert held(lease.primary_driver) == {}


def test_of_equal_tolls_of_two_drivers_a_person_decides():
    lease, other = leased_cab(), DriverFactory.create()
    bring_in_tolls(toll(1), toll(2))
    services.assign_ticket(ticket_id=ticket_of(2).pk, driver_id=other.pk, reason="They drove", **HOW)
    bring_in_tolls(toll(3, amount="$9.11"))
    assert waits(3) == "REFUND"
    assert (held(lease.primary_driver), held(other)) == ({}, {})


def test_follows_a_toll_that_was_charged_to_another_meanwhile():
    lease, other = leased_cab(), DriverFactory.create()
    bring_in_tolls(toll(1))
    services.assign_ticket(ticket_id=ticket_of(1).pk, driver_id=other.pk, reason="They drove", **HOW)
    bring_in_tolls(toll(2, amount="$9.11"))
    assert held(lease.primary_driver) == {}
    assert held(other) == {"EZPASS-2-REFUND": Decimal("9.11")}
    assert_books_clean()


@pytest.mark.parametrize("act", [services.dispute_ticket, services.dismiss_ticket])
def test_a_toll_that_is_not_charged_is_not_refunded(act):
    leased_cab()
    bring_in_tolls(toll(1))
    act(ticket_id=ticket_of(1).pk, reason="Not ours", **HOW)
    before = count_postings()
    bring_in_tolls(toll(2, amount="$9.11"))
    assert waits(2) == "REFUND"
    assert count_postings() == before


def test_a_toll_in_review_is_not_refunded():
    bring_in_tolls(toll(1), toll(2, amount="$9.11"))
    assert (waits(1), waits(2), count_postings()) == ("VEHICLE", "REFUND", 0)


def test_once_its_refund_is_dismissed_a_toll_may_be_refunded_again():
    lease = leased_cab()
    bring_in_tolls(toll(1), toll(2, amount="$9.11"))
    services.dismiss_ticket(ticket_id=ticket_of(2).pk, reason="Bank error", **HOW)
    bring_in_tolls(toll(3, amount="$9.11"))
    assert held(lease.primary_driver) == {"EZPASS-3-REFUND": Decimal("9.11")}
    assert ticket_of(3).refund_of == ticket_of(1)
    assert_books_clean()


def test_of_the_congestion_zone_it_follows_its_toll():
    lease = leased_cab()
    bring_in_tolls(toll(1, agency="CBDTP", amount="$-9.00"))
    services.assign_ticket(ticket_id=ticket_of(1).pk, driver_id=lease.primary_driver_id, lease_id=lease.pk, **HOW)
    bring_in_tolls(toll(2, agency="CBDTP", amount="$9.00"))
    assert (ticket_of(2).state, ticket_of(2).waits_for) == ("CREDITED", "")
    assert held(lease.primary_driver) == {"EZPASS-2-REFUND": Decimal("9.00")}


def test_locks_the_accounts_of_the_tolls_before_it_writes():
    leased_cab()
    bring_in_tolls(toll(1))
    staged = stage(text(EZPASS_HEAD, [toll(2, amount="$9.11")])).file
    services.start_import(import_id=staged.pk, today=TODAY)
    assert_locks_first(
        lambda: services.import_next_lot(import_id=staged.pk, refunds=True), ["ledger_accounts", "tickets_imports"]
    )
    assert ticket_of(2).state == "CREDITED"
